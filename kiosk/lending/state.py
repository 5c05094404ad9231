"""Everything the lending flow knows, frozen. What is personal stands in `Visit` alone and goes with it."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from config.station import SERVICES, Offline
from drivers.errors import Code
from drivers.notify.address import usable
from drivers.ports import Fee, Online, Patron, PrinterState, Secret, Uid
from drivers.service.view import Cue
from kiosk.lending import backs, helds, lents
from kiosk.lending.backs import Back
from kiosk.lending.helds import Held, HeldState
from kiosk.lending.lents import Lent
from kiosk.lending.pad import Pad
from kiosk.lending.payment import BUSY as PAYMENT_BUSY
from kiosk.lending.payment import Payment
from kiosk.lending.rows import BORROWED, BUSY, UNCOUNTED, UNSETTLED, Reservation, Row, RowState
from kiosk.lending.slips import Failed, Slip
from kiosk.lending.tries import Tries
from kiosk.staff.state import Service, Staff


class Phase(StrEnum):
    """Which screen stands under whatever is laid over it."""

    STARTING = "starting"
    """Devices are being opened."""
    CLOSED = "closed"
    """Out of order: nothing can be borrowed."""
    START = "start"
    CARD = "card"
    """Items first, or Lån pressed: asks for the card."""
    NUMBER = "number"
    """The card's number is typed."""
    PIN = "pin"
    BLOCKED = "blocked"
    """Signed in, but may not borrow."""
    LOOKING = "looking"
    """Items were laid down first: coming back, or going out?"""
    RETURN = "return"
    LOANS = "loans"
    """My loans, to look at and to renew."""
    HOLDS = "holds"
    """My holds, to look at and to cancel."""
    FEES = "fees"
    """What is owed, and how it is paid."""
    PAYING = "paying"
    """A payment at the terminal, and how it ended."""
    BORROW = "borrow"
    FINISHING = "finishing"
    """Finish was pressed; ends by itself when the last row is settled."""
    RECEIPT_FAILED = "receipt_failed"
    """The receipt did not come: the list stays a while."""
    END = "end"
    CLEAR = "clear"
    """Something was left on the pad."""
    STAFF = "staff"
    """A member of staff is here, or wants to be let in."""


SIGNING_IN = frozenset({Phase.CARD, Phase.NUMBER, Phase.PIN})
"""Somebody is here, and nobody knows who."""


class Over(StrEnum):
    """What is laid over the phase."""

    NOTHING = "nothing"
    LANGUAGE = "language"
    HELP = "help"
    STAFF = "staff"
    """Staff was asked for: where they are."""
    IDLE = "idle"
    ASK_SCAN = "ask_scan"
    """A scanned number could be an item or a person: the person says which."""
    APPROVE = "approve"
    """Staff signs in to let a set go with parts missing."""
    ASK_CANCEL = "ask_cancel"
    """Whether a hold shall be cancelled."""


READ_MEANWHILE = frozenset({Over.LANGUAGE, Over.HELP, Over.STAFF})
"""Only read or chosen from: what happens under it is more urgent."""


class ReceiptChoice(StrEnum):
    """How a visit ends."""

    PRINT = "print"
    EMAIL = "email"
    NONE = "none"


class Wish(StrEnum):
    """What a person signs in for."""

    BORROW = "borrow"
    LOANS = "loans"
    HOLDS = "holds"


LISTS = frozenset({Phase.LOANS, Phase.HOLDS, Phase.FEES})
"""Parts of the account, which somebody who has signed in looks at."""


class ReceiptState(StrEnum):
    """What became of the receipt."""

    NONE = "none"
    PRINTING = "printing"
    PRINTED = "printed"
    MAILED = "mailed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Visit:
    """One person at the machine, from the first sign to the last."""

    card: Secret | None = None
    mark: str = ""
    """Keyed hash of the card, for counting tries."""
    pin: Secret = field(default=Secret(""))
    typed: Secret = field(default=Secret(""))
    """As much of a card number as has been typed."""
    by_hand: bool = False
    """The number was typed, not read."""
    doubtful: bool = False
    """An item could have the number of the card, and nobody has said that it is none."""
    asking: bool = False
    """A sign-in is running."""
    slow: bool = False
    notice: str = ""
    """Key of what went wrong with the last card or PIN."""
    patron: Patron | None = None
    loans: frozenset[str] = frozenset()
    """Items on loan to her before this visit."""
    scan: Secret | None = None
    """A scanned number that waits for the person's word."""
    finding: tuple[Secret, ...] = ()
    """Scanned numbers of which the library system is asked whether they are items."""
    said: str = ""
    """Key of what is said of the last scan, for a while."""
    choice: ReceiptChoice | None = None
    wish: Wish = Wish.BORROW
    """What the person came for, as far as she has said."""
    fetching: bool = False
    """The account is being fetched."""
    listed: bool = False
    """Of that account it is known what is owed."""
    may_borrow: bool = True
    fresh: bool = False
    """What is known of the account is what the library system last said."""
    owed: int = 0
    """What the account owes, in hundredths."""
    fees: tuple[Fee, ...] = ()
    payment: Payment | None = None
    """What is being paid, or was just now."""
    paid: int = 0
    """What has been paid in this visit, in hundredths."""
    untold: int = 0
    """What has been paid here, or may have been, and is not in the library system's books yet, in hundredths."""
    asked: str = ""
    """The line that a question is about."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """What the end screen may still show: counts and a date, no title and no name."""

    done: int
    first_due: date | None
    receipt: ReceiptState
    left: frozenset[Uid] = frozenset()
    returned: int | None = None
    """So many came back; None where somebody had signed in instead."""
    renewed: int = 0
    staff: int = 0
    """So many are to be shown to staff."""
    later: bool = False
    """Some of it is registered later."""
    paid: bool = False
    """Something was paid; how much is nobody else's business."""


@dataclass(frozen=True, slots=True)
class Devices:
    """What works."""

    pad: bool = False
    scanner: bool = False
    card: bool = False
    """The reader for cards with a chip."""
    printer: PrinterState = PrinterState.GONE
    library: Online = Online.UNKNOWN
    mail: bool | None = None
    """The mail server can be reached; None where this machine sends no e-mail."""
    offline_lends: bool = True
    """Loans may still be written down while the library system is away."""
    away_since: datetime | None = None
    """When contact was lost, while it is."""
    waiting: int = 0
    """What was written down offline and has not been told yet."""
    oldest: datetime | None = None
    """When the first of it was written down."""
    store: bool = True
    """The journal can be written; without it nothing may be done."""
    clock: bool = True
    """Wall time can be believed; due dates and the journal hang on it."""
    terminal: bool = False
    """Fees can be paid by card; its faults close nothing."""
    speaker: bool = False
    """There is a voice to read aloud with; lending needs none."""
    faults: tuple[tuple[str, Code], ...] = ()
    """By role, why it is not ready: for the code on the out-of-order screen."""

    def with_health(self, role: str, ready: bool, code: Code | None) -> "Devices":
        """The same after a role became ready, or not. A role that is none of these changes nothing."""
        if role == "card":
            return replace(self, card=ready)  # its faults close nothing
        if role == "speaker":
            return replace(self, speaker=ready)
        if role == "terminal":
            return replace(self, terminal=ready)
        if role not in {"pad", "scanner", "store", "clock"}:
            return self
        others = tuple(entry for entry in self.faults if entry[0] != role)
        faults = others if ready or code is None else (*others, (role, code))
        return replace(self, **{role: ready}, faults=faults)  # type: ignore[arg-type]

    @property
    def away(self) -> bool:
        """The library system is: what can be done is written down."""
        return self.library is Online.OFFLINE

    def lends(self, rules: Offline) -> bool:
        """Borrowing is possible: the library system is there, or loans may be written down."""
        return not self.away or (rules.lend and self.offline_lends)

    def takes_back(self, rules: Offline) -> bool:
        """Returning is possible."""
        return not self.away or rules.take_back


@dataclass(frozen=True, slots=True)
class Lending:
    """The state of a lending kiosk."""

    phase: Phase = Phase.STARTING
    over: Over = Over.NOTHING
    language: str = "da"
    high_contrast: bool = False
    large_text: bool = False
    aloud: bool = False
    """Read aloud and led by keys, with large text and patience."""
    visit: Visit = field(default=Visit())
    rows: tuple[Row, ...] = ()
    lents: tuple[Lent, ...] = ()
    """The borrower's loans, while she looks at them."""
    helds: tuple[Held, ...] = ()
    """The borrower's holds, while she looks at them."""
    backs: tuple[Back, ...] = ()
    """Items that come back."""
    emptied: bool = False
    """The pad is empty after the last return: the visit ends by itself soon."""
    next_row: int = 1
    """Never begins anew: the late answer of an earlier visit must find no row of this one."""
    asked: frozenset[str] = frozenset()
    """Lines of which the library system is being asked."""
    late: bool = False
    """None of them has been answered for a while."""
    pad: Pad = field(default=Pad())
    reading: frozenset[Uid] = frozenset()
    """Tags whose memory is being read."""
    unread: tuple[tuple[Uid, float], ...] = ()
    """Tags that could not be read yet, and since when (monotonic)."""
    named: tuple[tuple[Uid, str], ...] = ()
    """Tags that cannot be read, each with the item whose barcode was scanned for it."""
    owing: frozenset[Uid] = frozenset()
    """Tags on the pad whose earlier debt is being settled."""
    left_behind: frozenset[Uid] = frozenset()
    """Tags of somebody who has gone: not seen until they have left the pad."""
    inherited: frozenset[Uid] | None = None
    """Those of them that lay there when the machine started, and may owe something; None until the pad was seen."""
    farewell: Farewell | None = None
    failed_receipt: Failed | None = None
    tries: tuple[Tries, ...] = ()
    devices: Devices = field(default=Devices())
    closed_since: datetime | None = None
    begun: float | None = None
    """When the starting machine first had something that works (monotonic)."""
    unsteady: frozenset[str] = frozenset()
    """Devices that have failed and are not trusted yet, whether they answer now or not."""
    offered: frozenset[str] = frozenset(SERVICES)
    """What the machine does at this hour; it does not change while somebody is here."""
    dark: bool = False
    """The screen is off: it is outside its hours, and nobody is here."""
    awake: bool = False
    """Somebody woke it outside its hours, and it will be dark again by itself."""
    staff: Staff | None = None
    service: Service = field(default=Service())
    idle_left: int = 0
    cue: Cue | None = None
    cue_serial: int = 0

    @property
    def prints(self) -> bool:
        """A receipt can be had now."""
        return self.devices.printer.usable and "receipt" in self.offered

    @property
    def patient(self) -> bool:
        """Somebody needs more time."""
        return self.large_text or self.aloud

    @property
    def signed_in(self) -> bool:
        return self.visit.patron is not None

    @property
    def done(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.state is RowState.DONE)

    @property
    def borrowed(self) -> tuple[Row, ...]:
        """Lent in this visit, as far as anybody knows."""
        return tuple(
            row
            for row in self.rows
            if not (row.hers or row.unsure)
            and (row.state in BORROWED or row.state is RowState.STAFF)
        )

    @property
    def counted(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.state not in UNCOUNTED and row.item)

    @property
    def told(self) -> tuple[Row, ...]:
        """What a receipt tells of: nothing that was hers before, nothing given up, and no unread tag alone."""
        rows = tuple(r for r in self.rows if not r.hers and r.state not in UNCOUNTED)
        return rows if any(row.item for row in rows) else ()

    @property
    def address(self) -> Secret:
        """Where the one known borrower gets mail; empty when nobody is signed in or she has no address."""
        patron = self.visit.patron
        return patron.email if patron is not None and usable(patron.email) else Secret("")

    def slip(self, now: datetime) -> Slip | None:
        """The receipt of the visit as it stands; None when there is nothing to tell.

        All that was done stands on it; what was only looked at, if it is what stands on the screen.
        """
        visit = self.visit
        lent_now = {row.item for row in self.borrowed}
        asked_of = self.phase in {Phase.FEES, Phase.PAYING} or bool(visit.paid)
        slip = Slip(
            self.language,
            now,
            self.large_text,
            rows=self.told,
            lents=tuple(
                lent
                for lent in self.lents
                if lent.asked or (self.phase is Phase.LOANS and lent.item not in lent_now)
            ),
            backs=self.backs,
            helds=tuple(
                held
                for held in self.helds
                if self.phase is Phase.HOLDS or held.state is HeldState.CANCELLED
            ),
            fees=visit.fees if asked_of else (),
            owed=visit.owed if asked_of else 0,
            paid=visit.paid,
            untold=visit.untold if visit.paid else 0,
        )
        return slip if slip.tells else None

    @property
    def busy(self) -> bool:
        """An exchange or a tag write is open."""
        return (
            self.visit.asking
            or self.visit.fetching
            or bool(self.visit.finding)
            or any(row.state in BUSY for row in self.rows)
            or any(back.state in backs.BUSY for back in self.backs)
            or self.asking_of_account
            or self.paying
        )

    @property
    def paying(self) -> bool:
        """Money is being taken, or told of: the visit does not end now."""
        payment = self.visit.payment
        return payment is not None and payment.state in PAYMENT_BUSY

    @property
    def account_changed(self) -> bool:
        """A loan was asked to be renewed, or a hold cancelled, in this visit."""
        return any(lent.asked for lent in self.lents) or any(
            held.state is HeldState.CANCELLED for held in self.helds
        )

    @property
    def asking_of_account(self) -> bool:
        """A renewal or the cancelling of a hold is under way."""
        return any(lent.state in lents.BUSY for lent in self.lents) or any(
            held.state in helds.BUSY for held in self.helds
        )

    @property
    def unsettled(self) -> bool:
        return (
            self.borrowing_unsettled
            or self.returning_unsettled
            or self.asking_of_account
            or self.paying
        )

    @property
    def borrowing_unsettled(self) -> bool:
        return any(
            row.state in UNSETTLED or row.reservation is Reservation.ASKING for row in self.rows
        )

    @property
    def returning_unsettled(self) -> bool:
        return any(back.state in backs.UNSETTLED for back in self.backs)

    def row(self, row_id: str) -> Row | None:
        return next((row for row in self.rows if row.id == row_id), None)

    def lent(self, lent_id: str) -> Lent | None:
        return next((lent for lent in self.lents if lent.id == lent_id), None)

    def held(self, held_id: str) -> Held | None:
        return next((held for held in self.helds if held.id == held_id), None)

    def back(self, back_id: str) -> Back | None:
        return next((back for back in self.backs if back.id == back_id), None)

    def back_of(self, uid: Uid) -> Back | None:
        return next((b for b in self.backs if any(part.uid == uid for part in b.tags)), None)

    def row_of(self, uid: Uid) -> Row | None:
        return next((r for r in self.rows if any(part.uid == uid for part in r.tags)), None)
