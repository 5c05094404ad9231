"""What staff has open at the machine, and what staff has decided about it. Frozen.

`Staff` lives from the press of *Personale* until they leave; nothing in it is of a borrower. `Service` outlives
them: the journal keeps it, and a restart reads it back.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from config.texts import Text
from drivers.errors import Code
from drivers.ports import Secret, Uid
from drivers.service.cases import Case, CaseState, CaseVerb
from drivers.service.roles import Act, Role, allowed
from kiosk.staff.settings import Override


class Page(StrEnum):
    """Which staff screen stands."""

    CARD = "card"
    PIN = "pin"
    CASES = "cases"
    CASE = "case"
    REASON = "reason"
    """A case is being closed: why?"""
    PAD = "pad"
    """The item of a case is to be laid on the pad."""
    DEVICES = "devices"
    SOUND = "sound"
    SCREEN = "screen"
    CAUSE = "cause"
    """The machine is being closed: why?"""
    UNBLOCK = "unblock"
    """The card that may try again is to be scanned."""
    HELP = "help"


class Tab(StrEnum):
    """Which cases are listed."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


class Cause(StrEnum):
    """Why the machine was taken out of service; texts `staff.cause.*`."""

    CLEANING = "cleaning"
    REPAIR = "repair"
    PAPER = "paper"
    ROOM = "room"
    """The room is used for something else."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Staff:
    """One member of staff at the machine, or somebody who wants to be let in as one."""

    page: Page = Page.CARD
    row: str = ""
    """The row of a visit that is to be approved; then nothing but the sign-in is shown."""
    card: Secret | None = None
    mark: str = ""
    pin: Secret = field(default=Secret(""))
    asking: bool = False
    notice: Text | None = None
    """Why the last try to sign in failed."""
    member: str = ""
    role: Role = Role.VIEWER
    tab: Tab = Tab.OPEN
    cases: tuple[Case, ...] = ()
    """Open and taken ones."""
    closed: tuple[Case, ...] = ()
    """Those of today."""
    titles: tuple[tuple[str, str], ...] = ()
    """By item number."""
    chosen: str = ""
    verb: CaseVerb | None = None
    """What is to be done with the item on the pad."""
    working: bool = False
    tried: frozenset[Uid] = frozenset()
    """The tags that lay on the pad at the last try; others are a new try."""
    said: Text | None = None
    """What came of the last act."""

    @property
    def signed_in(self) -> bool:
        return bool(self.member)

    @property
    def case(self) -> Case | None:
        """The case that is looked at."""
        return next((case for case in self.cases if case.id == self.chosen), None)

    def listed(self) -> tuple[Case, ...]:
        """The cases of the tab."""
        match self.tab:
            case Tab.OPEN:
                return tuple(case for case in self.cases if case.state is CaseState.OPEN)
            case Tab.TAKEN:
                return tuple(case for case in self.cases if case.state is CaseState.TAKEN)
            case Tab.CLOSED:
                return self.closed

    def may(self, act: Act) -> bool:
        """Whether this member may do it."""
        return self.signed_in and allowed(self.role, act)


@dataclass(frozen=True, slots=True)
class Note:
    """How a device is, and its last fault (`at` is when), also after it has come back."""

    role: str
    ready: bool
    code: Code | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """What staff has decided about the machine, and what it must know of it."""

    cause: Cause | None = None
    """Out of service, and why."""
    since: datetime | None = None
    receipts: int = 0
    """Printed since the last roll was put in."""
    notes: tuple[Note, ...] = ()
    sound: Override | None = None
    screen: Override | None = None
    """What staff has set for the rest of the day."""

    def noted(self, role: str, ready: bool, code: Code | None, at: datetime) -> "Service":
        """The same after a device became ready, or not."""
        known = next((note for note in self.notes if note.role == role), Note(role, ready))
        fresh = replace(known, ready=ready)
        if not ready and code is not None:
            fresh = replace(fresh, code=code, at=at)
        others = (note for note in self.notes if note.role != role)
        return replace(self, notes=tuple(sorted((*others, fresh), key=lambda note: note.role)))
