"""What each capability offers, as Protocols of three to eight methods, and the values they speak in.

No I/O type and no machine's geometry stands here. A new device is a new folder beside these, and nothing
above it changes. All calls are async and run on the core loop; each raises only drivers.errors.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, Protocol, TypeVar

from typing_extensions import override

T = TypeVar("T")


# --- what is personal -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that must appear in no log, error or journal: card, CPR, PIN, name. Its repr is blank.

    `reveal()` is called at the wire and at the sealed store, nowhere else.
    """

    _value: str = field(repr=False)

    def reveal(self) -> str:
        return self._value

    @override
    def __repr__(self) -> str:
        return "Secret(…)"

    @override
    def __str__(self) -> str:
        return "…"

    def __bool__(self) -> bool:
        return bool(self._value)


# --- time and chance --------------------------------------------------------------------------------


class Clock(Protocol):
    """The only source of time. Wall time may jump; monotonic time never goes back."""

    def now(self) -> datetime:
        """Wall time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""
        ...


class Rng(Protocol):
    """The only source of chance."""

    def bytes(self, n: int) -> bytes: ...

    def uniform(self, low: float, high: float) -> float: ...


# --- items: tags on a pad ---------------------------------------------------------------------------


class Capability(StrEnum):
    """What a reader can do beyond the port's core."""

    AFI_FILTER = "afi_filter"
    EAS = "eas"
    SIGNAL = "signal"
    LOCK = "lock"
    RF = "rf"
    PASS_THROUGH = "pass_through"


@dataclass(frozen=True, slots=True)
class Uid:
    """An ISO 15693 identifier: 8 bytes, most significant first (ISO/IEC 15693-3, 4.1)."""

    value: bytes

    def __post_init__(self) -> None:
        if len(self.value) != 8:
            raise ValueError(f"a UID has 8 bytes, not {len(self.value)}")

    @override
    def __str__(self) -> str:
        return self.value.hex()


@dataclass(frozen=True, slots=True)
class ReaderInfo:
    """Who answers at the other end, and what it can do."""

    model: str
    firmware: str
    capabilities: frozenset[Capability]


@dataclass(frozen=True, slots=True)
class Tag:
    """One answer to an inventory."""

    uid: Uid
    dsfid: int | None


@dataclass(frozen=True, slots=True)
class TagInfo:
    """System information of one tag. Sizes are true counts, not the wire's count minus one."""

    uid: Uid
    dsfid: int
    afi: int
    block_size: int
    blocks: int
    ic_ref: int


@dataclass(frozen=True, slots=True)
class Memory:
    """User memory in tag order, from block `first` on; `locked` names absolute block numbers."""

    first: int
    block_size: int
    data: bytes
    locked: frozenset[int]


class ItemReader(Protocol):
    """An antenna that reads and arms library items. One request at a time; calls queue."""

    async def open(self) -> ReaderInfo:
        """Probe, switch the field on, settle the reader's policies. Safe to repeat."""
        ...

    async def close(self) -> None: ...

    async def inventory(self) -> tuple[Tag, ...]:
        """Every tag in the field now. An empty field is an empty tuple, not an error."""
        ...

    async def info(self, uid: Uid) -> TagInfo: ...

    async def read(self, uid: Uid, first: int, count: int) -> Memory:
        """`count` blocks from `first`; split into as many requests as the reader needs."""
        ...

    async def write(self, uid: Uid, first: int, data: bytes) -> None:
        """Write whole blocks and return only when they read back equal. Never repeated blindly."""
        ...

    async def set_security(self, uid: Uid, afi: int) -> None:
        """Write the AFI if it is not right already; return only when it reads back equal.

        Raises:
            DeviceRefused: tag.lost when the tag left, tag.not_written when it reads back wrong,
                tag.locked when the tag says so.
        """
        ...


class TagService(Protocol):
    """What staff and technicians do with a reader; `lock` cannot be undone."""

    async def lock(self, uid: Uid, first: int, count: int) -> None: ...

    async def signal(self, pattern: str) -> None: ...

    async def rf(self, on: bool) -> None: ...


# --- scanner ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scan:
    """One line from a barcode reader. Personal until somebody has classed it."""

    aim: str
    """AIM symbology identifier without the bracket, such as `C0` for Code 128; empty if none was sent."""
    text: Secret


class Scanner(Protocol):
    """A barcode reader that speaks when it has something to say."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def scans(self) -> AsyncIterator[Scan]: ...


# --- receipts ---------------------------------------------------------------------------------------


class PrinterState(StrEnum):
    """What the printer says of itself. Near end is a warning, never a fault."""

    READY = "ready"
    NEAR_END = "near_end"
    PAPER_END = "paper_end"
    COVER_OPEN = "cover_open"
    CUTTER = "cutter"
    ERROR = "error"
    HOT = "hot"
    MUTE = "mute"
    GONE = "gone"

    @property
    def usable(self) -> bool:
        return self in {PrinterState.READY, PrinterState.NEAR_END}


class PrintOutcome(StrEnum):
    """How a job ended, by the printer's own answer after it."""

    PRINTED = "printed"
    PRINTED_NEAR_END = "printed_near_end"
    PAPER_END = "paper_end"
    COVER_OPEN = "cover_open"
    ERROR = "error"
    MUTE = "mute"
    GONE = "gone"
    UNFINISHED = "unfinished"

    @property
    def printed(self) -> bool:
        return self in {PrintOutcome.PRINTED, PrintOutcome.PRINTED_NEAR_END}


@dataclass(frozen=True, slots=True)
class PrinterInfo:
    """Identity as the printer gives it; blank where it does not."""

    maker: str
    model: str
    firmware: str
    serial: str


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line to print. `text` may hold isolates of our own; it wraps at the width of the paper."""

    text: str
    bold: bool = False
    double: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True)
class PaperGap:
    """White between lines, in half lines."""

    halves: int = 2


@dataclass(frozen=True, slots=True)
class PaperQr:
    """A link to scan, centred, with its quiet zone."""

    link: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What a strip of paper says, before anyone decides between letters and dots."""

    language: str
    rows: tuple[PaperLine | PaperGap | PaperQr, ...]
    large: bool = False
    """Large print: capitals of 0.7 degrees at reading distance (EN 301 549, 5.1.4)."""


@dataclass(frozen=True, slots=True)
class PrintJob:
    """Bytes ready for the head, cut into pieces between which the printer may be asked how it is."""

    id: str
    pieces: tuple[bytes, ...]
    rows: int
    """Dot rows the paper advances, for the deadline."""


class ReceiptPrinter(Protocol):
    """A printer that believes its own sensors: a job is printed when it says so after the last byte."""

    async def open(self) -> PrinterInfo: ...

    async def close(self) -> None: ...

    def state(self) -> PrinterState: ...

    def on_change(self, told: Callable[[PrinterState], None]) -> None: ...

    async def serve(self) -> None:
        """Watch the printer while it is open; ends only with DeviceUnavailable or by cancelling."""
        ...

    async def print(self, job: PrintJob) -> PrintOutcome:
        """Send, wait for the printer's word, cancel what is left after a fault. Never raises for paper."""
        ...


class Rasteriser(Protocol):
    """Text in any script to dots, for receipts that a printer's own letters cannot show."""

    def rows(self, markup: str, width: int) -> tuple[bytes, ...]: ...


# --- library system ---------------------------------------------------------------------------------


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
    name: Secret = Secret("")
    email: Secret = Secret("")


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


@dataclass(frozen=True, slots=True)
class Account(Answer):
    """Answer to account: loans, holds and fees of the signed-in borrower."""

    loans: tuple[Loan, ...] = ()
    overdue: frozenset[str] = frozenset()
    holds_ready: tuple[Loan, ...] = ()
    holds_waiting: tuple[Loan, ...] = ()
    fees: tuple[tuple[str, Decimal], ...] = ()
    owed: Decimal | None = None
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
    fee: Decimal | None = None
    currency: str = ""


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

    async def account(self, patron: Patron) -> Account: ...

    async def item(self, item: str) -> Item: ...

    async def borrow(
        self,
        patron: Patron,
        item: str,
        *,
        occurred: datetime,
        fee_ok: bool = False,
        cancel: bool = False,
        sent: Callable[[], None] | None = None,
    ) -> Borrowed: ...

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
        item: str,
        *,
        occurred: datetime,
        sent: Callable[[], None] | None = None,
    ) -> Answer:
        """Withdraw a hold."""
        ...

    async def pay(
        self,
        patron: Patron,
        amount: Decimal,
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

    async def status(self) -> LibraryStatus: ...

    async def end(self, patron: Patron) -> Answer: ...

    def online(self) -> Online: ...

    def on_change(self, told: Callable[[Online], None]) -> None: ...


# --- store ------------------------------------------------------------------------------------------


class Sealer(Protocol):
    """Seals what is personal under a key that does not lie in the database."""

    @property
    def key_id(self) -> str:
        """Names the key without telling it."""
        ...

    def seal(self, clear: bytes, *, place: str, nonce: bytes) -> bytes:
        """Encrypt for `place` ("table:row:column"): the box opens nowhere else."""
        ...

    def unseal(self, box: bytes, *, place: str, nonce: bytes) -> bytes: ...

    def index(self, clear: Secret, *, place: str) -> str:
        """A keyed hash (hex) by which a secret is found again in a column without standing in it."""
        ...


class Txn(Protocol):
    """One open transaction, as a unit of the store sees it. All ids and times of a unit come from here."""

    @property
    def connection(self) -> Any:
        """The SQLAlchemy connection; only drivers/store and records.py know its type."""
        ...

    @property
    def now(self) -> datetime:
        """Wall time of the unit, aware, in UTC."""
        ...

    @property
    def monotonic(self) -> float: ...

    @property
    def boot_id(self) -> str: ...

    @property
    def sealer(self) -> Sealer: ...

    def new_id(self) -> str:
        """A UUID version 7 (RFC 9562, 5.7) from Clock and Rng."""
        ...

    def random(self, n: int) -> bytes: ...


class Store(Protocol):
    """One database, one writer. A unit writes its rows and its journal rows in one transaction.

    A unit is a plain function of the transaction: it may run twice (a neighbour in the same group commit
    failed), so it changes nothing outside the database.
    """

    async def write(self, unit: Callable[[Txn], T]) -> T:
        """Run `unit` in a transaction and return its value once that is durable.

        Raises:
            DeviceUnavailable: store.full, store.broken, store.locked; nothing of the unit stands.
            LocalProtocolError: store.refused when a rule of the tables says no, or a bug.
        """
        ...

    async def read(self, unit: Callable[[Txn], T]) -> T:
        """Run `unit` without the right to write; it sees every write asked for before it."""
        ...

    async def close(self) -> None:
        """Finish what was asked, fold the write-ahead log into the file, let go."""
        ...


class Waiting(Enum):
    """Marks a wait without a deadline, so that each is visible at the call."""

    FOREVER = "forever"
