"""What can happen at the staff screens, and what they can ask to be done. Every deed carries who does it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from config.texts import Text
from drivers.ports import Secret, Uid
from drivers.runtime.flow import Effect, Event, Repeat
from drivers.service.cases import Case, CaseVerb, CloseReason
from drivers.service.records import StaffMember
from kiosk.staff.settings import Override, Setting
from kiosk.staff.state import Cause

# --- events -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StaffKnown(Event):
    """The answer to a sign-in: who it is, or nobody and until when waiting is needed."""

    member: StaffMember | None
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CasesKnown(Event):
    """The cases as they stand."""

    cases: tuple[Case, ...]
    closed: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class ItemNamed(Event):
    """What the item of a case is called."""

    item: str
    title: str


@dataclass(frozen=True, slots=True)
class StaffActed(Event):
    """A deed ended: what to say of it, and whether the case that was looked at is done with."""

    said: Text | None
    over: bool = False


@dataclass(frozen=True, slots=True)
class ServiceKnown(Event):
    """What the journal says staff decided: at the start, and after each change."""

    cause: Cause | None
    since: datetime | None
    receipts: int
    sound: Override | None = None
    screen: Override | None = None


@dataclass(frozen=True, slots=True)
class SetApproved(Event):
    """Staff has let this row's set be lent with parts missing."""

    row: str


# --- effects ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskStaff(Effect):
    """Ask whether card and PIN let somebody in."""

    card: Secret
    pin: Secret


@dataclass(frozen=True, slots=True)
class LeaveStaff(Effect):
    """The member is gone: pressed, timed out, or done."""

    member: str
    reason: str


@dataclass(frozen=True, slots=True)
class LoadCases(Effect):
    """Read the cases, and those closed today."""


@dataclass(frozen=True, slots=True)
class NameItem(Effect):
    """Ask what the item of a case is called."""

    item: str


@dataclass(frozen=True, slots=True)
class Deed(Effect):
    """What a member of staff does; written down with who."""

    journaled: ClassVar = True
    member: str


@dataclass(frozen=True, slots=True)
class TakeCase(Deed):
    """Look after a case."""

    case: str


@dataclass(frozen=True, slots=True)
class ReleaseCase(Deed):
    """Put a taken case back."""

    case: str


@dataclass(frozen=True, slots=True)
class EndCase(Deed):
    """Close a case with a reason."""

    case: str
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class TryCase(Deed):
    """Have the machine do something about a case; `uids` lie on the pad."""

    repeat: ClassVar = Repeat.ONCE
    case: Case
    verb: CaseVerb
    uids: tuple[Uid, ...]
    occurred: datetime


@dataclass(frozen=True, slots=True)
class SetService(Deed):
    """Take the machine out of service, or put it back (`cause` None)."""

    cause: Cause | None


@dataclass(frozen=True, slots=True)
class ChangeSetting(Deed):
    """Sound or screen for the rest of the day."""

    setting: Setting
    value: str


@dataclass(frozen=True, slots=True)
class Refill(Deed):
    """A new roll: the counter begins anew, and a test receipt shows that it prints."""


@dataclass(frozen=True, slots=True)
class PrintTest(Deed):
    """Print a test receipt."""

    repeat: ClassVar = Repeat.ONCE


@dataclass(frozen=True, slots=True)
class RestartDevice(Deed):
    """Close a device and open it again."""

    role: str


@dataclass(frozen=True, slots=True)
class Unblock(Deed):
    """Write down that a card's wrong PINs were forgotten; whose card it is stands nowhere."""


@dataclass(frozen=True, slots=True)
class ApproveSet(Deed):
    """Write down that a member lets a set be lent with parts missing; then it is."""

    row: str
    item: str
