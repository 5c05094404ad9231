"""A sorting belt: what it says of itself, what happens on it, and where each item is to go.

State numbers are PackML's as Beckhoff Tc3_PackML writes them (OPC 30060 numbers the same states otherwise). No
register, mask or bound of a wire stands here: a belt may have any number of bins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol


class Pack(IntEnum):
    """PackML state of the belt."""

    CLEARING = 1
    STOPPED = 2
    STARTING = 3
    IDLE = 4
    SUSPENDED = 5
    EXECUTE = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    UNHOLDING = 12
    SUSPENDING = 13
    UNSUSPENDING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17


class Mode(IntEnum):
    """What the belt may be used for."""

    PRODUCTION = 1
    MAINTENANCE = 2
    MANUAL = 3
    """Jog only, and only with the local key."""


class Sign(StrEnum):
    """What the belt says with a single bit. None of them can be written."""

    SAFETY_CLOSED = "safety_closed"
    E_STOP = "e_stop"
    GUARD_OPEN = "guard_open"
    MOVING = "moving"
    HOST_ALIVE = "host_alive"
    LOCAL_KEY = "local_key"
    WAITING_FOR_HOST = "waiting_for_host"
    """Frozen until its events have been taken; nothing is lost, tracking is by pulses."""
    ALARM = "alarm"
    INLET_OPEN = "inlet_open"


class Happening(IntEnum):
    """Kind of an event on the belt."""

    UNKNOWN = 0
    """Of a later map; it is taken and written down, and decides nothing."""
    INDUCTED = 1
    AT_READER = 2
    LEFT_READER = 3
    LATE = 4
    DIVERT_FIRED = 5
    CONFIRMED = 6
    MISSED = 7
    LOST = 8
    STRAY = 9
    JAM = 10
    GAP_FAULT = 11
    BIN = 12
    STATE = 13
    ALARM = 14
    REFUSED = 15
    HOST = 16
    DEST_REJECTED = 17


class Severity(StrEnum):
    """How soon a person must do something about an alarm."""

    NOW = "now"
    """The belt stands, or sorts wrongly."""
    TODAY = "today"
    """It runs, with less than it could."""


class BeltAlarm(IntEnum):
    """What a belt itself reports as wrong, by its number. A belt may have others of its own."""

    E_STOP = 1
    GUARD = 2
    SAFETY = 3
    """The safety chain is open, and neither an emergency stop nor a guard says so."""
    DRIVE = 4
    JAM = 5
    NO_BIN = 6
    """The default bin can take nothing."""
    HOST = 7
    """Nobody has told the belt for too long that the program lives."""
    DIVERT = 8
    EYE = 9
    ENCODER = 10

    @property
    def severity(self) -> Severity:
        return Severity.TODAY if self is BeltAlarm.EYE else Severity.NOW


class AlarmChange(IntEnum):
    """What an event ALARM tells of the alarm `a`: its `b`."""

    RAISED = 1
    CLEARED = 2


INLET_ZONE, READER_ZONE, BIN_ZONE = 1, 2, 2
"""Zones of a belt: the inlet, the reader, and bin n at n + BIN_ZONE. 0 is no place."""


class BinChange(IntEnum):
    """What an event BIN tells of the bin `a`: its `b`."""

    FULL = 1
    FREE = 2
    OUT = 3
    IN = 4


class BeltCommand(IntEnum):
    """What a belt can be told. There is no e-stop among them, no reset of one, no clearing of a guard."""

    RESET = 1
    START = 2
    STOP = 3
    HOLD = 4
    UNHOLD = 5
    SUSPEND = 6
    UNSUSPEND = 7
    ABORT = 8
    CLEAR = 9
    COMPLETE = 10
    MODE = 20
    ACKNOWLEDGE_ALARM = 21
    ENABLE_BIN = 22
    BIN_DOCKED = 23
    DEFAULT_BIN = 24
    GATE = 25
    PURGE = 26
    DROP_TRACKING = 27


class CommandResult(IntEnum):
    """What the belt answered to a command."""

    OK = 0
    WRONG_STATE = 1
    UNKNOWN = 2
    BAD_ARGUMENT = 3
    NOT_PERMITTED = 4
    SAFETY = 5
    BUSY = 6


@dataclass(frozen=True, slots=True)
class BeltInfo:
    """Who answers, and its geometry. Lengths in mm from the induct eye."""

    map_version: str
    program_version: int
    boot_id: int
    """Another at every restart of the controller: ids of items on the belt are void then."""
    zones: int
    pulses_a_metre: int
    nominal_mm_s: int
    reader_start: int
    reader_end: int
    decision_point: int
    """Last moment at which the first bin can still be chosen."""
    min_gap: int
    max_length: int
    depth: int
    """How many events the belt keeps until they are taken."""
    scan_ms: int
    diverts: tuple[int, ...]
    """Where each bin's divert stands; its length is the number of bins."""


@dataclass(frozen=True, slots=True)
class BeltEvent:
    """One event. `sequence` runs freely through 0 in 16 bits; what `a` and `b` mean hangs on `kind`."""

    sequence: int
    kind: Happening
    zone: int
    """Where: the inlet, the reader, or a bin; 0 nowhere in particular."""
    item: int
    """The belt's own id of an item, 1 to 65535, or 0."""
    a: int
    b: int
    encoder: int
    """Pulses at the edge that made the event."""


@dataclass(frozen=True, slots=True)
class BinState:
    """What the belt senses of one bin."""

    full: bool
    present: bool


@dataclass(frozen=True, slots=True)
class BeltState:
    """What the belt said in one cycle."""

    boot_id: int
    state: Pack
    mode: Mode
    signs: frozenset[Sign]
    alarm: int
    """Number of the first alarm that came and was not acknowledged since, 0 for none."""
    items: int
    mm_s: int
    encoder: int
    bins: tuple[BinState, ...]
    pending: int
    """Events that have not been taken, with those of this cycle."""
    overrun: bool
    """Events were lost for good: more happened than the belt keeps."""
    events: tuple[BeltEvent, ...]


@dataclass(frozen=True, slots=True)
class BeltCounters:
    """Its alarms, and what the belt counts since its start."""

    alarms: frozenset[int]
    """Numbers of the alarms that stand."""
    latched: frozenset[int]
    """And of those that stood, and that nobody has acknowledged."""
    items: int
    late: int
    missed: int
    lost: int
    jams: int
    garbled: int


class SortingBelt(Protocol):
    """A belt that takes items in, tracks them by pulses and puts each where it is told in time.

    All calls are idempotent and may be repeated. Each raises DeviceUnavailable, DeviceTimeout,
    RemoteProtocolError or DeviceRefused; after any of them nothing is known but what the next cycle says.
    """

    async def open(self) -> BeltInfo: ...

    async def close(self) -> None: ...

    async def cycle(self, *, taken: int, induct: bool, degraded: bool) -> BeltState:
        """Say that we live and hear what happened since.

        Args:
            taken: sequence of the last event that is durable here; the belt forgets it and those before it.
            induct: whether items may be taken in.
            degraded: the library system is slow or away.
        """
        ...

    async def send(self, item: int, bin: int, alternate: int = 0) -> None:
        """Where an item goes, and where instead when that is full at the divert; bins count from 1."""
        ...

    async def command(
        self, command: BeltCommand, arguments: Sequence[int] = ()
    ) -> CommandResult: ...

    async def counters(self) -> BeltCounters: ...
