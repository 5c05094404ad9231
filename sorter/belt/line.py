"""Everything the line knows, frozen, and the law that it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from drivers.ports import BeltCommand, BeltInfo, BeltState, Online, Pack
from sorter.belt.items import ItemState, Tracked
from sorter.belt.where import Geometry
from sorter.plan.decide import Decider
from sorter.plan.edition import beyond


class Stop(StrEnum):
    """Why the inlet is shut. Any one shuts it; when the last is gone it opens by itself."""

    LINK = "link"
    """The belt does not answer."""
    BELT = "belt"
    """It is not executing."""
    LIBRARY = "library"
    """The library system is away and the plant does not take items in then."""
    BINS = "bins"
    """No bin is left for what may come."""
    STORE = "store"
    """Nothing can be written down."""
    EVENTS = "events"
    """Events of the belt wait to become durable."""
    QUEUE = "queue"
    """Items wait for the library system."""
    GATE = "gate"
    """What lies at the gate of the public inlet cannot be read."""
    PLAN = "plan"
    """The sort plan names a bin that the belt lacks."""
    OPERATOR = "operator"
    DOUBTED = "doubted"
    """What lies on the belt is not believed: nothing is laid among it."""


class Because(StrEnum):
    """Why the belt is in the state that it is in."""

    NONE = "none"
    """It does what it is there for."""
    BEFORE = "before"
    """It was so when this program began, and nobody wrote down why."""
    OPERATOR = "operator"
    """Somebody pressed it here."""
    MACHINE = "machine"
    """Nothing here asked for it: it was done at the machine."""
    STRANDED = "stranded"
    """An item on it has no bin to go to."""
    NO_BIN = "no_bin"
    """The default bin can take nothing."""
    LIBRARY = "library"
    """The library system is away, and the plant takes nothing in then."""
    HOST = "host"
    """The belt did not hear from this program."""
    HOST_GONE = "host_gone"
    """And not for so long that it stopped."""
    E_STOP = "e_stop"
    GUARD = "guard"
    SAFETY = "safety"
    DRIVE = "drive"
    ENCODER = "encoder"
    JAM = "jam"
    ALARM = "alarm"
    """An alarm of the plant's own, told by its number."""
    CLEARED = "cleared"
    """What had aborted it was put right."""
    EMPTY = "empty"
    """It was run empty."""
    POWER = "power"
    """Its controller has just started."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the belt stands."""

    because: Because = Because.NONE
    zone: int = 0
    """Where; 0 nowhere in particular."""
    alarm: int = 0
    """Number of the alarm, where `because` is ALARM."""


class What(StrEnum):
    """What of the belt is written down for good, beside its items."""

    JAM = "jam"
    RAISED = "raised"
    CLEARED = "cleared"
    STATE = "state"
    STRAY = "stray"
    STRAYS_SEEN = "strays_seen"
    """A person has looked for them."""
    EVENTS_LOST = "events_lost"
    EVENTS_LOST_SEEN = "events_lost_seen"
    """A person has looked on the belt after that."""
    UNBALANCED = "unbalanced"
    RESTARTED = "restarted"
    """The controller began anew."""


@dataclass(frozen=True, slots=True)
class Noted:
    """One thing that happened to the belt."""

    what: What
    zone: int = 0
    number: int = 0
    """Of the alarm; or how many events were lost, or how many strays somebody has looked for."""
    state: Pack | None = None
    reason: Reason = Reason()


@dataclass(frozen=True, slots=True)
class BinUse:
    """One bin as the line uses it."""

    number: int
    count: int = 0
    """Items confirmed in the crate that stands there now."""
    full: bool = False
    present: bool = True
    stands: bool | None = None
    """Whether a crate stands there by all that the belt has told so far: older than `present` while events wait. None until one of them is known."""
    enabled: bool = True
    """False from lifting a crate out until the next one is known, whether it stands there by then or not."""

    untold: bool = False
    """Its crate is known and not there yet: the belt is told when it is, for it may refuse before."""
    early: bool = False
    """Its crate is known, and the belt has still to tell that the one before was lifted out: what it confirms until then fell into that one."""
    unseen: int = 0
    """So many of `count` lay in it before a time in which nobody saw whether it was emptied; a person says whether they do still."""

    @property
    def usable(self) -> bool:
        return self.enabled and self.present and not self.full


@dataclass(frozen=True, slots=True)
class Counts:
    """Items since the line began."""

    inducted: int = 0
    confirmed: int = 0
    missed: int = 0
    lost: int = 0
    removed: int = 0
    strays: int = 0
    """Things that the belt found and had never inducted; they are not items of ours."""


@dataclass(frozen=True, slots=True)
class Line:
    """The state of one line."""

    decide: Decider
    """By the edition of the plan that is in use."""
    bins: Mapping[str, BinUse]
    info: BeltInfo | None = None
    geometry: Geometry | None = None
    belt: BeltState | None = None
    link: bool = False
    library: Online = Online.UNKNOWN
    items: Mapping[int, Tracked] = field(default_factory=lambda: MappingProxyType({}))
    """By the belt's id; ended items are not among them."""
    number: int = 0
    """Number of the last item."""
    heard: int = 0
    """Sequence of the last event that was taken in."""
    durable: int = 0
    """Of the last that is in the journal: what the belt is told."""
    behind: bool = True
    """Events wait that are older than what the belt says of itself now: what became of an item may stand in them."""
    owed: frozenset[int] = frozenset()
    """Numbers of items whose destination may not have reached the belt, and that are decided about when nothing waits."""
    counts: Counts = field(default=Counts())
    strays: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    """By the zone of the eye that saw them, how many strays nobody has looked for yet."""
    events_lost: int = 0
    """So many events the belt had to forget before they were taken, since somebody last looked."""
    overran: bool = False
    """It says so still."""
    alarms: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    """By the number of each of the belt's alarms that stands, its zone."""
    latched: frozenset[int] = frozenset()
    """Alarms that stood, and that nobody has acknowledged."""
    reason: Reason = Reason(Because.BEFORE)
    """Why the belt is in its state."""
    wanted: tuple[BeltCommand, bool] | None = None
    """The command under way, and whether a person gave it: what the belt does next is because of it."""
    suspended: bool = False
    """The line itself has suspended the belt, and lets it go on when the library system is back."""
    stops: frozenset[Stop] = frozenset({Stop.LINK, Stop.BELT})
    doubted: bool = False
    """After an emergency stop the belt is not believed until a person says that it is empty, or it has been purged."""
    purged: bool = False
    """What lies on it goes to the default bin; it is believed again when the belt says that nothing is left."""
    unforgotten: bool = False
    """A person has said here that it is empty, and its controller counts items still: the button at it was not pressed."""

    @classmethod
    def by(cls, decide: Decider) -> "Line":
        """A line before anything is known of it."""
        bins = {name: BinUse(bin.number) for name, bin in decide.plan.bins.items()}
        return cls(decide, MappingProxyType(bins))

    @property
    def misfits(self) -> bool:
        """The plan and the belt's bins do not go together: nothing may be taken in by it."""
        return self.info is not None and bool(beyond(self.decide.plan, len(self.info.diverts)))

    @property
    def induct(self) -> bool:
        """Whether items may be taken in."""
        return not self.stops

    @property
    def usable(self) -> frozenset[str]:
        """Bins that can take something."""
        return frozenset(name for name, bin in self.bins.items() if bin.usable)

    @property
    def last_bin(self) -> int:
        """Number of the bin at the end of the line, which the belt takes by itself."""
        return self.bins[self.decide.plan.exception].number

    @property
    def stranded(self) -> bool:
        """An item on the belt has nowhere to go: the belt must hold before it comes to the end."""
        return any(
            item.state is ItemState.DECIDED
            and item.decision is not None
            and item.decision.bin is None
            for item in self.items.values()
        )

    @property
    def asked(self) -> int:
        """Items that wait for the library system."""
        return sum(item.state is ItemState.ASKED for item in self.items.values())

    @property
    def astray(self) -> int:
        """Strays that nobody has looked for yet."""
        return sum(self.strays.values())

    @property
    def conserved(self) -> bool:
        """Nothing vanishes: inducted = confirmed + missed + lost + removed + on the belt."""
        c = self.counts
        return c.inducted == c.confirmed + c.missed + c.lost + c.removed + len(self.items)

    def by_number(self, number: int) -> Tracked | None:
        return next((item for item in self.items.values() if item.number == number), None)

    def wanted_by(self, item: Tracked, otherwise: int) -> int:
        """Number of the first bin of its rule's chain."""
        bin = None if item.decision is None else self.bins.get(item.decision.wanted)
        return otherwise if bin is None else bin.number

    def sent_to(self, item: Tracked) -> frozenset[int]:
        """Numbers of the bins that an item was sent to: its own, and the alternate the belt may choose."""
        decision = item.decision
        if decision is None or decision.bin is None:
            return frozenset()
        names = (decision.bin, *decision.alternates[:1])
        # a bin that an item was sent to may be gone from the plan that the next start read
        return frozenset(bin.number for name, bin in self.bins.items() if name in names)

    def with_item(self, item: Tracked) -> "Line":
        """The same with one item as it is now; an ended one leaves."""
        items = dict(self.items)
        if item.ended:
            items.pop(item.tid, None)
        else:
            items[item.tid] = item
        return replace(self, items=MappingProxyType(items))

    def with_bin(self, name: str, bin: BinUse) -> "Line":
        return replace(self, bins=MappingProxyType({**self.bins, name: bin}))
