"""What can happen to the line, and what it asks for. The runner gives ids, makes durable, and carries out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from drivers.ports import (
    BeltCommand,
    BeltCounters,
    BeltInfo,
    BeltState,
    CommandResult,
    Mode,
    Online,
    Uid,
)
from drivers.runtime.flow import Effect, Event, Repeat
from sorter.belt.items import Cause, Tracked
from sorter.belt.line import BinUse, Noted
from sorter.belt.pack import Why
from sorter.plan.edition import Edition
from sorter.plan.facts import Facts

# --- events -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkUp(Event):
    """The belt answers. `taken` and `number` are what the store knows: last durable event, last item's number."""

    info: BeltInfo
    taken: int
    number: int


@dataclass(frozen=True, slots=True)
class LinkDown(Event):
    """The belt does not answer."""


@dataclass(frozen=True, slots=True)
class Heard(Event):
    """One cycle of the belt, which was told that everything up to `taken` is durable: its `pending` counts from there."""

    belt: BeltState
    taken: int


@dataclass(frozen=True, slots=True)
class Counted(Event):
    """What the belt counts, and its own list of alarms."""

    counters: BeltCounters


@dataclass(frozen=True, slots=True)
class Durable(Event):
    """Every belt event up to `sequence` is in the journal: the belt may forget it. Said of another boot it means nothing."""

    sequence: int
    boot: int


@dataclass(frozen=True, slots=True)
class TagRead(Event):
    """A tag answered in the tunnel when the belt stood at `encoder`; `item` is empty where it tells of none."""

    uid: Uid
    item: str
    part: int
    parts: int
    owner: str
    encoder: int
    usage: str = ""
    """What it is for, as `Facts.usage` has it."""


@dataclass(frozen=True, slots=True)
class TagArmed(Event):
    """A tag's security byte read back as in stock, or did not."""

    uid: Uid
    armed: bool


@dataclass(frozen=True, slots=True)
class CheckedIn(Event):
    """What became of a check-in; `facts` are its answer's part of the decision."""

    number: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class Routed(Event):
    """The belt took a destination into its table, or the wire failed."""

    number: int
    ok: bool


@dataclass(frozen=True, slots=True)
class Told(Event):
    """The belt answered a command."""

    command: BeltCommand
    result: CommandResult


@dataclass(frozen=True, slots=True)
class Untold(Event):
    """The wire failed: nobody knows whether the belt has heard a command."""

    command: BeltCommand


@dataclass(frozen=True, slots=True)
class LibraryChanged(Event):
    """How the library system is reached."""

    online: Online


@dataclass(frozen=True, slots=True)
class Wanted(Event):
    """An operator wants the belt to run, or to stand."""

    command: BeltCommand
    arguments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class BinSwapped(Event):
    """The crate at a bin is known: a new one, or the one before, put back."""

    bin: str
    count: int | None = 0
    """Items in it; None leaves the count as it is."""
    early: bool = False
    """The belt has still to tell that the crate before was lifted out."""


@dataclass(frozen=True, slots=True)
class CrateGone(Event):
    """The crate of a bin was scanned elsewhere: what falls there would lie in none."""

    bin: str


@dataclass(frozen=True, slots=True)
class BinLooked(Event):
    """A person has looked into a bin that may have been emptied unseen."""

    bin: str
    emptied: bool


@dataclass(frozen=True, slots=True)
class Emptied(Event):
    """A person at the belt says that nothing lies on it."""


@dataclass(frozen=True, slots=True)
class StraysSeen(Event):
    """A person has looked for what passed an eye and is no item."""

    zones: Mapping[int, int]
    """So many by the zone of the eye that saw them."""


@dataclass(frozen=True, slots=True)
class LossSeen(Event):
    """A person has looked on the belt after events of it were lost."""

    events: int
    """So many."""


@dataclass(frozen=True, slots=True)
class GateReads(Event):
    """The reader at the gate of a public inlet can be used, or not: without it nothing may be let in."""

    ready: bool


@dataclass(frozen=True, slots=True)
class StoreTakes(Event):
    """What happens can be written down, or not: then nothing more may be let in."""

    ready: bool


@dataclass(frozen=True, slots=True)
class PlanTaken(Event):
    """From now on another edition of the plan decides. Items that are decided about keep their bins where it has them."""

    edition: Edition
    fresh: Mapping[int, BinUse]
    """By number, what is known of bins that the line does not use yet."""


# --- effects ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keep(Effect):
    """Write down what the belt said, up to `sequence`, and what it made of its items. Answered by `Durable`."""

    journaled: ClassVar[bool] = True
    sequence: int
    items: tuple[Tracked, ...]
    """Items that changed, as they are now."""
    boot: int
    """The boot of the belt whose sequence it is."""
    noted: tuple[Noted, ...] = ()
    """What happened to the belt itself."""
    stands: tuple[tuple[int, bool | None], ...] = ()
    """By the number of each bin of which that has changed, whether a crate stands there by what the belt has told up to `sequence`."""


@dataclass(frozen=True, slots=True)
class KeepPlan(Effect):
    """Write down by which edition of the plan is decided from here on, and its bins."""

    journaled: ClassVar[bool] = True
    edition: Edition
    before: str
    """Fingerprint of the one before."""
    bins: Mapping[str, int]
    """Numbers of its bins by name."""


@dataclass(frozen=True, slots=True)
class Arm(Effect):
    """Write the byte of a tag in the tunnel and read it back. Answered by `TagArmed`."""

    journaled: ClassVar[bool] = True
    uid: Uid


@dataclass(frozen=True, slots=True)
class CheckIn(Effect):
    """Take an item back. Answered by `CheckedIn`, however late."""

    journaled: ClassVar[bool] = True
    repeat: ClassVar[Repeat] = Repeat.ONCE
    number: int
    item: str


@dataclass(frozen=True, slots=True)
class Queue(Effect):
    """Take an item back when the library system is there again."""

    journaled: ClassVar[bool] = True
    number: int
    item: str


@dataclass(frozen=True, slots=True)
class Route(Effect):
    """Tell the belt where an item goes. Answered by `Routed`."""

    journaled: ClassVar[bool] = True
    number: int
    tid: int
    bin: int
    alternate: int


@dataclass(frozen=True, slots=True)
class Tell(Effect):
    """Give the belt a command. Answered by `Told`."""

    journaled: ClassVar[bool] = True
    repeat: ClassVar[Repeat] = Repeat.ONCE
    command: BeltCommand
    arguments: tuple[int, ...] = ()
    asked: bool = False
    """A person asked for it, and hears what became of it."""


@dataclass(frozen=True, slots=True)
class Report(Effect):
    """An item has ended: its whole story, and to the library system the bin that it really lies in."""

    journaled: ClassVar[bool] = True
    item: Tracked


@dataclass(frozen=True, slots=True)
class Slip(Effect):
    """Print a slip for an item that lies in a bin."""

    journaled: ClassVar[bool] = True
    item: Tracked
    kind: str


@dataclass(frozen=True, slots=True)
class Except(Effect):
    """An item that a person must look at: why, for the exception list.

    A thing that is none of the belt's items has number 0, and for its bin the one whose eye, before it or in its chute, saw it.
    """

    item: Tracked
    cause: Cause


@dataclass(frozen=True, slots=True)
class Refuse(Effect):
    """Tell the operator why a command is not given."""

    command: BeltCommand
    why: Why


@dataclass(frozen=True, slots=True)
class GivenBack(Effect):
    """The gate of the inlet has given something back. `why`: 1 it was told to, else the belt's own reason."""

    why: int


PRODUCE = Wanted(BeltCommand.MODE, (Mode.PRODUCTION,))
"""A technician is done: the belt may work again."""
SAID: Mapping[str, Event] = {
    "emptied": Emptied(),
    "production": PRODUCE,
}
"""What a person says with one button, by its id."""
