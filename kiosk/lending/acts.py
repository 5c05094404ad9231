"""What can happen to the lending flow, and what it can ask to be done.

Results carry the row they belong to, never a name on a bus, so that answers cannot cross.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from drivers.errors import Code
from drivers.ports import (
    Account,
    Answer,
    Borrowed,
    Hold,
    Online,
    Patron,
    PrinterState,
    PrintOutcome,
    Returned,
    Scan,
    Secret,
    SignIn,
    Uid,
)
from drivers.runtime.flow import Effect, Event, Now, Repeat
from drivers.service.cases import CaseKind
from drivers.tags import Decoded
from kiosk.lending.slips import Failed, Slip
from kiosk.lending.tries import Tries

ASK_PIN = "ask_pin"
"""A sign-in that was to be offline finds the library system back: the PIN must be asked for after all."""

ASK_WHAT = "ask_what"
"""Nobody can be asked any more whether the number is a card's or an item's: the person must say it."""

# --- events -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pressed(Event):
    """Somebody pressed the action of this id."""

    action: str


@dataclass(frozen=True, slots=True)
class Touched(Event):
    """Somebody is there: a touch beside any action."""


@dataclass(frozen=True, slots=True)
class MinutePassed(Event):
    """The clock has gone on: it may be another hour for the library."""


@dataclass(frozen=True, slots=True)
class AloudAsked(Event):
    """Somebody plugged a headset in, or pressed a key of the keypad: the screen is to be read aloud."""


@dataclass(frozen=True, slots=True)
class Scanned(Event):
    """The barcode reader read a line. `mark` stands for the text where it must be remembered (keyed hash)."""

    scan: Scan
    mark: str


@dataclass(frozen=True, slots=True)
class CardGiven(Event):
    """A card was held to the reader, or its number typed. `mark` as with Scanned."""

    number: Secret
    mark: str


@dataclass(frozen=True, slots=True)
class CardOdd(Event):
    """What is held to the reader is nobody's card: `why` names it, as the screen's words do."""

    why: str


@dataclass(frozen=True, slots=True)
class PadPolled(Event):
    """One inventory of the pad."""

    uids: frozenset[Uid]


@dataclass(frozen=True, slots=True)
class TagRead(Event):
    """A tag's memory was read. `in_debt`: an earlier visit still owes it its security byte."""

    uid: Uid
    decoded: Decoded
    in_debt: bool = False


@dataclass(frozen=True, slots=True)
class TagUnread(Event):
    """A tag could not be read this time."""

    uid: Uid
    code: Code


@dataclass(frozen=True, slots=True)
class TagWritten(Event):
    """The tag's security byte reads back as wanted."""

    row: str
    uid: Uid
    afi: int


@dataclass(frozen=True, slots=True)
class TagNotWritten(Event):
    """The tag's security byte is not known to be as wanted."""

    row: str
    uid: Uid
    afi: int
    code: Code


@dataclass(frozen=True, slots=True)
class DebtPaid(Event):
    """An earlier visit's debt on this tag is settled, or something newer has taken its place."""

    uid: Uid


@dataclass(frozen=True, slots=True)
class DebtWaits(Event):
    """It could not be settled, after so many tries: nobody could be asked, or the tag could not be written."""

    uid: Uid
    tries: int


@dataclass(frozen=True, slots=True)
class SignedIn(Event):
    """The answer to a sign-in."""

    answer: SignIn


@dataclass(frozen=True, slots=True)
class Loaned(Event):
    """The answer to a checkout, or what settling it found. `settled` tells the two apart."""

    row: str
    answer: Borrowed
    settled: bool = False


@dataclass(frozen=True, slots=True)
class TitleKnown(Event):
    """What an item that is not asked for is called."""

    row: str
    title: str


@dataclass(frozen=True, slots=True)
class NumberKnown(Event):
    """Whether the library system has an item of this number; None: nobody can say."""

    number: Secret
    is_item: bool | None


@dataclass(frozen=True, slots=True)
class AccountKnown(Event):
    """The borrower's account, or that it cannot be had.

    `untold`: hundredths that she has paid here, or may have, and that the library system does not know of yet.
    """

    account: Account
    untold: int = 0
    of: Secret | None = None
    """Whose it is: an answer that comes late must not be taken for the next one's."""


@dataclass(frozen=True, slots=True)
class AccountListed(Event):
    """What is owed, before the rest of the account is known."""

    account: Account
    of: Secret


@dataclass(frozen=True, slots=True)
class Renewed(Event):
    """The answer to a renewal, or what settling it found."""

    row: str
    answer: Borrowed


@dataclass(frozen=True, slots=True)
class HoldCancelled(Event):
    """The answer to the cancelling of a hold, or what settling it found."""

    row: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class HoldPlaced(Event):
    """The answer to a hold on an item, or what settling it found."""

    row: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class StatusKnown(Event):
    """Whether an item is on loan; None: nobody can say. `row` is empty for the first item that was laid down.

    Not `ours`: the library system does not know it.
    """

    row: str
    on_loan: bool | None
    ours: bool = True
    title: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True)
class GaveBack(Event):
    """The answer to a check-in, or what settling it found."""

    row: str
    answer: Returned


@dataclass(frozen=True, slots=True)
class Cancelled(Event):
    """The answer to taking a loan back. `done` None means: no answer, being settled."""

    row: str
    done: bool | None


@dataclass(frozen=True, slots=True)
class HoldSlipEnded(Event):
    """The printer's word on the slip of a reserved item."""

    row: str
    printed: bool


@dataclass(frozen=True, slots=True)
class Printed(Event):
    """How the printing ended. What was to be printed comes back when there is no paper to show it."""

    outcome: PrintOutcome
    failed: Failed | None = None


@dataclass(frozen=True, slots=True)
class Mailed(Event):
    """The message is kept and will be sent; or it could not even be kept."""

    failed: Failed | None = None


@dataclass(frozen=True, slots=True)
class MailChanged(Event):
    """The mail server can be reached, or not."""

    up: bool


@dataclass(frozen=True, slots=True)
class DeviceHealth(Event):
    """A role became ready, or not."""

    role: str
    ready: bool
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class PrinterChanged(Event):
    """The printer says how it is."""

    state: PrinterState


@dataclass(frozen=True, slots=True)
class LibraryChanged(Event):
    """The library system came or went."""

    online: Online


@dataclass(frozen=True, slots=True)
class OfflineLends(Event):
    """Whether loans may still be written down: the library system has been away for too long, or not."""

    lends: bool


@dataclass(frozen=True, slots=True)
class Waiting(Event):
    """What was written down offline and has not been told yet, after each change."""

    rows: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Registered(Event):
    """What was written down offline stands in the library system's books now: a loan, or a return."""

    item: str
    lent: bool


@dataclass(frozen=True, slots=True)
class TriesKept(Event):
    """Wrong PINs of an earlier run that still count."""

    tries: tuple[Tries, ...]


AT_THE_SCREEN = (Pressed, Touched, AloudAsked)
"""Somebody touches the screen, or a key."""
ACTIVITY = (*AT_THE_SCREEN, Scanned, CardGiven, CardOdd)
"""Somebody did something: nobody is to be asked whether they are still here."""


# --- effects ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BeginVisit(Effect):
    """A person has begun: give the visit its trace id."""


@dataclass(frozen=True, slots=True)
class EndVisit(Effect):
    """The visit is over. Counts only."""

    done: int
    refused: int
    staff: int
    timed_out: bool
    patron: Patron | None
    returned: int = 0
    renewed: int = 0


@dataclass(frozen=True, slots=True)
class ReadTag(Effect):
    """Read a tag's memory."""

    uid: Uid


@dataclass(frozen=True, slots=True)
class GiveCard(Effect):
    """A number was typed to its end, or is known to be a card's: give it its mark, as a scanned card has."""

    number: Secret


@dataclass(frozen=True, slots=True)
class AskSignIn(Effect):
    """Ask the library system who this is."""

    card: Secret
    pin: Secret
    offline: bool = False
    """Nobody can be asked: the card is believed as it is, or a PIN must be asked for after all."""
    by_hand: bool = False
    """The number was typed: by itself it is not believed."""
    doubtful: bool = False
    """It was scanned, an item could have it, and nobody has said that it is a card's."""


@dataclass(frozen=True, slots=True)
class GoOn(Effect):
    """Let a row go that got no answer, as done and told later: the library system is away."""

    row: str


@dataclass(frozen=True, slots=True)
class AskTitle(Effect):
    """Ask what an item is called that waits for its other parts."""

    row: str
    item: str


@dataclass(frozen=True, slots=True)
class AskNumber(Effect):
    """Ask whether there is an item of a number that a card could have too."""

    number: Secret


@dataclass(frozen=True, slots=True)
class AskStatus(Effect):
    """Ask whether an item is on loan."""

    item: str
    row: str = ""


@dataclass(frozen=True, slots=True)
class AskAccount(Effect):
    """Ask for the borrower's account."""

    patron: Patron


@dataclass(frozen=True, slots=True)
class Renew(Effect):
    """Renew one loan. Never repeated blindly: `due`, the date before, tells later whether it was done."""

    journaled: ClassVar = True
    repeat: ClassVar = Repeat.ONCE
    row: str
    patron: Patron
    item: str
    due: date | None
    occurred: datetime


@dataclass(frozen=True, slots=True)
class CancelHold(Effect):
    """Withdraw a hold. Whether it was done is told later by the lists of holds."""

    journaled: ClassVar = True
    repeat: ClassVar = Repeat.ONCE
    row: str
    patron: Patron
    hold: Hold
    occurred: datetime


@dataclass(frozen=True, slots=True)
class PlaceHold(Effect):
    """Reserve an item, or any copy of it, to be fetched here. Whether it was done is told later by the lists of holds."""

    journaled: ClassVar = True
    repeat: ClassVar = Repeat.ONCE
    row: str
    patron: Patron
    item: str
    occurred: datetime


@dataclass(frozen=True, slots=True)
class GiveBack(Effect):
    """Check an item in. Told again only where that can end no other loan (drivers/library/given_back)."""

    journaled: ClassVar = True
    row: str
    item: str
    occurred: datetime


@dataclass(frozen=True, slots=True)
class Borrow(Effect):
    """Check an item out. Never repeated blindly: what is not answered is settled by asking."""

    journaled: ClassVar = True
    repeat: ClassVar = Repeat.ONCE
    row: str
    patron: Patron
    item: str
    uids: tuple[Uid, ...]
    occurred: datetime
    fee_ok: bool = False
    """The person agreed to what it costs."""


@dataclass(frozen=True, slots=True)
class TakeBack(Effect):
    """Cancel a checkout of this visit."""

    journaled: ClassVar = True
    repeat: ClassVar = Repeat.ONCE
    row: str
    patron: Patron
    item: str
    occurred: datetime


@dataclass(frozen=True, slots=True)
class SetSecurity(Effect):
    """Write a tag's security byte and read it back. The debt is durable before the write."""

    journaled: ClassVar = True
    row: str
    item: str
    uid: Uid
    afi: int


@dataclass(frozen=True, slots=True)
class PayDebt(Effect):
    """Ask whether an earlier visit's debt still holds, and pay it. `tries` that came before."""

    journaled: ClassVar = True
    uid: Uid
    tries: int = 0


@dataclass(frozen=True, slots=True)
class PrintSlip(Effect):
    """Print a receipt. `to` waits beside it for the case that no paper comes."""

    journaled: ClassVar = True
    repeat: ClassVar = Repeat.ONCE
    slip: Slip
    to: Secret


@dataclass(frozen=True, slots=True)
class PrintHoldSlip(Effect):
    """Print the slip that lies in a returned item which somebody has reserved."""

    journaled: ClassVar = True
    repeat: ClassVar = Repeat.ONCE
    row: str
    item: str
    title: str
    away: bool
    """It is collected at another library."""
    destination: str
    """Which, if the library system says so."""
    occurred: datetime


@dataclass(frozen=True, slots=True)
class MailSlip(Effect):
    """Send a receipt by e-mail: kept on disk first, then sent behind the visit until it is taken."""

    journaled: ClassVar = True
    repeat: ClassVar = Repeat.ONCE
    slip: Slip
    to: Secret


@dataclass(frozen=True, slots=True)
class SettleCase(Effect):
    """What a case was about is well again."""

    journaled: ClassVar = True
    kind: CaseKind
    subject: str


@dataclass(frozen=True, slots=True)
class KeepTries(Effect):
    """Write down which wrong PINs count, `at` the moment to which their times belong."""

    tries: tuple[Tries, ...]
    at: Now


@dataclass(frozen=True, slots=True)
class OpenCase(Effect):
    """Leave a matter to staff."""

    journaled: ClassVar = True
    kind: CaseKind
    subject: str
