"""The library system, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from drivers.ports.secret import Secret


class Outcome(StrEnum):
    """How a verb ended. UNKNOWN means: it may have been done; ask before doing it again."""

    DONE = "done"
    ALREADY_DONE = "already_done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the library system said to a verb."""

    outcome: Outcome
    reason: str = ""
    """Reason key such as `item.reserved`; empty unless REFUSED. Texts are in config/texts/reasons.toml."""
    text: str = ""
    """The library system's own words, cleaned; never shown in place of a key, may hold a title."""
    code: str = ""
    """What went wrong on the wire, as in drivers.errors.Code; empty unless UNKNOWN or OFFLINE."""

    @property
    def done(self) -> bool:
        return self.outcome in {Outcome.DONE, Outcome.ALREADY_DONE}


@dataclass(frozen=True, slots=True)
class Patron:
    """Who signed in: the two secrets every later verb needs, and what may be shown."""

    card: Secret
    pin: Secret
    name: Secret = field(default=Secret(""))
    email: Secret = field(default=Secret(""))

    @property
    def unchecked(self) -> bool:
        """Nobody has checked this card: the library system was away, and no PIN was asked for."""
        return not self.pin


@dataclass(frozen=True, slots=True)
class SignIn(Answer):
    """Answer to sign_in. `flags` are the standard's patron status places that are set (0 to 13)."""

    patron: Patron | None = None
    flags: frozenset[int] = frozenset()
    language: str = ""
    loans: frozenset[str] = frozenset()
    """Items that she has already, as far as the answer tells: they are not asked for again."""


@dataclass(frozen=True, slots=True)
class Loan:
    """One line of a borrower's account."""

    item: str
    title: str
    due: date | None


class HoldState(StrEnum):
    """How far a hold is."""

    READY = "ready"
    """It stands on the shelf for holds."""
    WAITING = "waiting"
    EXPIRED = "expired"
    """It stood there until its last day, and that is over."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One line of a borrower's holds."""

    item: str
    """Item number; empty where any copy of the record will do."""
    title: str
    state: HoldState
    record: str = ""
    """The title's number in the catalogue, if told."""
    shelf: str = ""
    """Pick-up number, or words that name a shelf."""
    branch: str = ""
    """Where it is collected, in the library system's words or code."""
    until: date | None = None
    """Last day to collect it; while it waits, the last day on which it is wanted."""
    waiting: int | None = None
    """How many wait for the title, if told."""

    @property
    def key(self) -> str:
        """What names the hold to the library system."""
        return self.item or self.record


@dataclass(frozen=True, slots=True)
class Fee:
    """One line of what a borrower owes."""

    title: str
    """What it is for, as far as told; may be empty."""
    amount: int
    """In hundredths of the currency."""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Account(Answer):
    """Answer to account: loans, holds and fees of the signed-in borrower."""

    loans: tuple[Loan, ...] = ()
    overdue: frozenset[str] = frozenset()
    holds: tuple[Hold, ...] = ()
    fees: tuple[Fee, ...] = ()
    owed: int | None = None
    """All that is owed, in hundredths; None when the library system does not say."""
    currency: str = ""


class Circulation(StrEnum):
    """Where the library system says an item is (SIP2 circulation status 01 to 13)."""

    OTHER = "01"
    ON_ORDER = "02"
    AVAILABLE = "03"
    CHARGED = "04"
    CHARGED_NO_RECALL = "05"
    IN_PROCESS = "06"
    RECALLED = "07"
    HOLD_SHELF = "08"
    TO_BE_RESHELVED = "09"
    IN_TRANSIT = "10"
    CLAIMED_RETURNED = "11"
    LOST = "12"
    MISSING = "13"

    @property
    def on_loan(self) -> bool:
        return self in {Circulation.CHARGED, Circulation.CHARGED_NO_RECALL, Circulation.RECALLED}


@dataclass(frozen=True, slots=True)
class Item(Answer):
    """Answer to item."""

    item: str = ""
    title: str = ""
    circulation: Circulation = Circulation.OTHER
    due: date | None = None
    media: str = ""
    permanent_location: str = ""
    current_location: str = ""
    collect_by: date | None = None
    """On the shelf for holds: the last day (SIP2 CM)."""
    waiting: int | None = None
    """How many wait for it (SIP2 CF)."""


@dataclass(frozen=True, slots=True)
class Borrowed(Answer):
    """Answer to borrow and renew."""

    item: str = ""
    title: str = ""
    due: date | None = None
    media: str = ""
    desensitize: bool = True
    """False when the library system says that the tag must stay armed (CI=Y, or desensitize=N)."""
    transaction: str = ""
    fee: int | None = None
    """What it costs, in hundredths of the currency."""
    currency: str = ""
    later: bool = False
    """Only written down so far: the library system is told when it is back."""


HOLD_ALERTS = frozenset({"01", "02", "03"})
"""Alert types (SIP2 CV) that speak of a hold; 04 is on its way home, 98 and 99 want a person."""


@dataclass(frozen=True, slots=True)
class Returned(Answer):
    """Answer to give_back, with all that a sort plan may want to know."""

    item: str = ""
    title: str = ""
    alert: bool = False
    alert_type: str = ""
    destination: str = ""
    sort_bin: str = ""
    permanent_location: str = ""
    shelf: tuple[str, ...] = ()
    """Where it stands in its library, from the large to the small, if the library system says so."""
    collection: str = ""
    call_number: str = ""
    media: str = ""
    texts: tuple[str, ...] = ()
    resensitize: bool = True
    later: bool = False
    """Only written down so far: the library system is told when it is back."""

    @property
    def held(self) -> bool:
        """Somebody has reserved it: here (CV 01), at another library (02), or through an interlibrary loan (03)."""
        return self.alert_type in HOLD_ALERTS


@dataclass(frozen=True, slots=True)
class RenewedAll(Answer):
    """Answer to renew_all, by item."""

    renewed: tuple[str, ...] = ()
    unrenewed: tuple[str, ...] = ()


class Online(StrEnum):
    """How the library system is reached, with hysteresis."""

    UNKNOWN = "unknown"
    ONLINE = "online"
    DEGRADED = "degraded"
    OFFLINE = "offline"
    REPLAYING = "replaying"


@dataclass(frozen=True, slots=True)
class LibraryStatus(Answer):
    """Answer to status: what the library system says of itself."""

    online: Online = Online.UNKNOWN
    institution: str = ""
    library: str = ""
    offline_ok: bool = False
    supported: frozenset[str] = frozenset()
    """Message ids it supports, such as `11`."""
    clock: datetime | None = None


Listed = Callable[[Account], None] | None
"""Hears of an account's lists before the titles and days of their lines are known."""


class LibrarySystem(Protocol):
    """The library system made whole. Never raises for what the system says or fails to say.

    `sent` is called once the request is about to leave, so that the caller can mark its row; `no_block` is
    only for replay. Repeating borrow, renew, renew_all, hold and pay after UNKNOWN is never safe: ask first.
    """

    @property
    def parallel(self) -> int:
        """How many verbs it answers at once; more wait in line."""
        ...

    async def serve(self) -> None:
        """Keep the line alive and its state true; ends only by cancelling."""
        ...

    async def sign_in(self, card: Secret, pin: Secret) -> SignIn: ...

    async def account(
        self, patron: Patron, *, in_full: bool = True, listed: Listed = None
    ) -> Account:
        """`listed` hears of the lists as soon as they are known; without `in_full` nothing more is asked for."""
        ...

    async def item(self, item: str) -> Item: ...

    async def borrow(
        self,
        patron: Patron,
        item: str,
        *,
        occurred: datetime,
        fee_ok: bool = False,
        cancel: bool = False,
        no_block: bool = False,
        nb_due: date | None = None,
        sent: Callable[[], None] | None = None,
    ) -> Borrowed:
        """Check out. `no_block` registers what happened at `occurred`, with the due date that was promised."""
        ...

    async def give_back(
        self,
        item: str,
        *,
        occurred: datetime,
        cancel: bool = False,
        no_block: bool = False,
        sent: Callable[[], None] | None = None,
    ) -> Returned:
        """Check in; `cancel` undoes a checkout (BI=Y). `occurred` is the moment of return and never changes."""
        ...

    async def renew(
        self,
        patron: Patron,
        item: str,
        *,
        occurred: datetime,
        sent: Callable[[], None] | None = None,
    ) -> Borrowed: ...

    async def renew_all(
        self, patron: Patron, *, occurred: datetime, sent: Callable[[], None] | None = None
    ) -> RenewedAll: ...

    async def hold(
        self,
        patron: Patron,
        item: str,
        *,
        pickup: str,
        occurred: datetime,
        sent: Callable[[], None] | None = None,
    ) -> Answer: ...

    async def cancel(
        self,
        patron: Patron,
        hold: Hold,
        *,
        occurred: datetime,
        sent: Callable[[], None] | None = None,
    ) -> Answer:
        """Withdraw a hold."""
        ...

    async def pay(
        self,
        patron: Patron,
        amount: int,
        *,
        transaction: str,
        occurred: datetime,
        sent: Callable[[], None] | None = None,
    ) -> Answer: ...

    async def block_card(
        self,
        card: Secret,
        *,
        reason: str,
        occurred: datetime,
        sent: Callable[[], None] | None = None,
    ) -> Answer: ...

    async def placed(self, item: str, place: str, field: str = "CH") -> Answer:
        """Tell where an item lies now, such as the bin that a sorter put it in. Safe to repeat.

        `field`: in which field of SIP2 19 the place stands.
        """
        ...

    async def status(self) -> LibraryStatus: ...

    async def end(self, patron: Patron) -> Answer: ...

    def online(self) -> Online: ...

    def on_change(self, told: Callable[[Online], None]) -> None: ...

    async def decided(self, within: float) -> Online:
        """The state once it is not in doubt (DEGRADED) any more, or after so many seconds."""
        ...

    def queued(self, rows: bool) -> None:
        """Say whether rows wait to be replayed; while they do, being reached is called REPLAYING."""
        ...
