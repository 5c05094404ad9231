"""Everything the inlet knows, frozen: what lies at its gate, whose things came in, and how its screen is wanted."""

from dataclasses import dataclass, field
from enum import StrEnum

from drivers.ports import Pack, PrinterState, Uid
from drivers.service.view import Cue
from sorter.belt.line import Line, Stop
from sorter.inlet.gate import GateTag, Why


class Way(StrEnum):
    """Whether something can be handed in."""

    OPEN = "open"
    PAUSED = "paused"
    """It goes on by itself."""
    CLOSED = "closed"
    """Until somebody has done something about it."""


PASSING = frozenset({Stop.EVENTS, Stop.QUEUE})
"""Stops that go by themselves."""
GOING_ON = frozenset(
    {
        Pack.STARTING,
        Pack.HOLDING,
        Pack.HELD,
        Pack.UNHOLDING,
        Pack.SUSPENDING,
        Pack.SUSPENDED,
        Pack.UNSUSPENDING,
    }
)
"""States of the belt out of which it soon runs again."""


def way_of(line: Line) -> tuple[Way, str]:
    """Whether the line takes something in, and the first reason why not."""
    if line.induct:
        return Way.OPEN, ""
    told = line.stops - {Stop.BELT} if line.suspended else line.stops  # it waits for another reason
    first = next(stop for stop in Stop if stop in (told or line.stops))
    soon = line.belt is not None and line.belt.state in GOING_ON
    passing = PASSING | {Stop.BELT} if soon else PASSING
    return (Way.PAUSED if line.stops <= passing else Way.CLOSED), first.value


class Gate(StrEnum):
    """What the gate does."""

    EMPTY = "empty"
    READING = "reading"
    """Something lies there and is looked at."""
    OPENING = "opening"
    """It has been told to let it in."""
    GIVING_BACK = "giving_back"
    DONE = "done"
    """The thing has been dealt with; its tags may still answer for a moment."""


class Stand(StrEnum):
    """How far one thing has come."""

    ENTERING = "entering"
    """The gate let it in; the belt has not told of it yet."""
    TAKEN = "taken"
    RETURNED = "returned"
    """The library system has taken it back."""
    LATER = "later"
    """It is registered when the library system is back."""
    STAFF = "staff"
    """Staff looks at it; the borrower is done with it."""


OPEN_STANDS = frozenset({Stand.ENTERING, Stand.TAKEN})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of this visit. `number` is the line's, 0 until the belt tells of it."""

    id: int
    item: str
    number: int = 0
    stand: Stand = Stand.ENTERING
    title: str = ""


class Phase(StrEnum):
    """Where a visit is."""

    REST = "rest"
    VISIT = "visit"
    FINISHING = "finishing"
    """A receipt is wanted, and an answer of the library system is waited for."""
    RECEIPT_FAILED = "receipt_failed"
    END = "end"


class Over(StrEnum):
    """What is laid over it."""

    NOTHING = "nothing"
    REFUSED = "refused"
    HELP = "help"
    LANGUAGE = "language"
    IDLE = "idle"


class Paper(StrEnum):
    """What became of the receipt."""

    NONE = "none"
    PRINTING = "printing"
    PRINTED = "printed"


@dataclass(frozen=True, slots=True)
class Inlet:
    """The state of one inlet. Between two visits nothing of the first is left."""

    language: str
    way: Way = Way.CLOSED
    why_shut: str = Stop.LINK.value
    told_way: Way = Way.CLOSED
    """As the screen says it: a stop of a moment is not worth a word."""
    phase: Phase = Phase.REST
    over: Over = Over.NOTHING
    gate: Gate = Gate.EMPTY
    tags: frozenset[GateTag] = frozenset()
    """What answered at the last look."""
    seen: int = 0
    """Looks in a row at which just these answered."""
    dealt: frozenset[Uid] = frozenset()
    """Tags of the thing that was dealt with, until they are gone."""
    back: Why | None = None
    """Why what lies there was given back; None when nothing of it lies there any more."""
    let_in: str = ""
    """The item that the gate was told to let in last."""
    let_in_tags: frozenset[Uid] = frozenset()
    gone_at: float | None = None
    """Since when it answers at the gate no more."""
    stuck: str = ""
    """The item that the gate was to let in, and that lay there still when it should long have been in."""
    unsure: str = ""
    """The item that the gate was told to let in, when no answer came: it may go in, and may lie there."""
    unowned: bool = True
    """What the belt tells of next may be nobody's here: who put it in has left, or was here before this program began."""
    refused: Why | None = None
    entries: tuple[Entry, ...] = ()
    last_entry: int = 0
    visit: int = 0
    """Rises with each visit, so that what comes late for one is not told to the next."""
    paper: Paper = Paper.NONE
    printer: PrinterState | None = None
    """None where the inlet has no printer."""
    voice: bool = False
    large_text: bool = False
    high_contrast: bool = False
    aloud: bool = False
    idle_left: int = 0
    cue: Cue | None = None
    cue_serial: int = 0
    farewell: int = field(default=0)
    """How many things the last screen thanks for."""
    farewell_waiting: int = 0
    """How many more are taken in when the machine runs again."""

    @property
    def taken(self) -> int:
        """Things that are in."""
        return sum(entry.stand is not Stand.ENTERING for entry in self.entries)

    @property
    def entering(self) -> bool:
        """The belt has not told yet of what was let in last."""
        return any(not entry.number for entry in self.entries)

    @property
    def waiting(self) -> bool:
        """What was let in last waits for the machine, which stands, and is not taken back."""
        return self.entering and self.told_way is not Way.OPEN

    @property
    def lies(self) -> bool:
        """What was let in last answers at the gate still."""
        return self.gone_at is None and bool(self.let_in_tags)

    @property
    def sticks(self) -> bool:
        """It lies in the gate still: somebody must look at that."""
        return bool(self.stuck) and self.gone_at is None

    @property
    def under(self) -> Over:
        """What is seen when whatever is laid over it goes: the question whether somebody is there stands until it is answered."""
        return Over.IDLE if self.idle_left else Over.NOTHING

    @property
    def prints(self) -> bool:
        """A receipt can be had."""
        return self.printer is not None and self.printer.usable

    @property
    def answered(self) -> bool:
        """Nothing of this visit waits for a word."""
        return not any(entry.stand in OPEN_STANDS for entry in self.entries)

    @property
    def patient(self) -> bool:
        """Somebody reads slowly, or listens."""
        return self.large_text or self.aloud
