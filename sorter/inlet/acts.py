"""What can happen at the inlet, and what it asks for."""

from dataclasses import dataclass

from drivers.ports import PrinterState
from drivers.runtime.flow import Effect, Event
from sorter.inlet.gate import GateTag, Why
from sorter.inlet.state import Entry, Stand, Way

# --- events -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Looked(Event):
    """One look of the gate's reader."""

    tags: frozenset[GateTag]


@dataclass(frozen=True, slots=True)
class Opened(Event):
    """The belt took or refused the word to let something in. None: nobody knows whether it has heard it."""

    ok: bool | None


@dataclass(frozen=True, slots=True)
class GaveBack(Event):
    """The gate has given something back. `asked`: because it was told to."""

    asked: bool


@dataclass(frozen=True, slots=True)
class Entered(Event):
    """The belt took an item in, and the line numbers it."""

    number: int


@dataclass(frozen=True, slots=True)
class Came(Event):
    """What an item of the line came to."""

    number: int
    stand: Stand
    title: str = ""


@dataclass(frozen=True, slots=True)
class WayChanged(Event):
    """Whether the line takes something in, and why not."""

    way: Way
    why: str


@dataclass(frozen=True, slots=True)
class PrinterChanged(Event):
    """What the inlet's printer says."""

    printer: PrinterState


@dataclass(frozen=True, slots=True)
class VoiceChanged(Event):
    """Reading aloud can be had, or not."""

    ready: bool


@dataclass(frozen=True, slots=True)
class Pressed(Event):
    """An action of the screen, by its id."""

    action: str


@dataclass(frozen=True, slots=True)
class Touched(Event):
    """Somebody touched the screen or a key."""


@dataclass(frozen=True, slots=True)
class AloudAsked(Event):
    """A key or a headset asks for reading aloud."""


@dataclass(frozen=True, slots=True)
class Printed(Event):
    """How the receipt of a visit ended."""

    visit: int
    ok: bool


# --- effects ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Open(Effect):
    """Tell the gate to let in what lies there. Answered by `Opened`."""


@dataclass(frozen=True, slots=True)
class GiveBack(Effect):
    """Tell the gate to give back what lies there; `why` is written down and counted, and nothing of the thing."""

    why: Why


@dataclass(frozen=True, slots=True)
class NoteBack(Effect):
    """The gate gave something back by itself: written down and counted."""

    why: Why


@dataclass(frozen=True, slots=True)
class PrintReceipt(Effect):
    """Print what this visit handed in. Answered by `Printed`."""

    visit: int
    entries: tuple[Entry, ...]
    language: str
    large: bool
