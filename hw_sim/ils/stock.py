"""What a small library has, the rules it lends by, and how each of its operations can end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

AVAILABLE, CHARGED, HOLD_SHELF, IN_TRANSIT = "03", "04", "08", "10"
NOT_LENT = frozenset({"02", "06", "12", "13"})
"""Circulation status of items that cannot be lent: on order, in process, lost, missing."""

SOMEBODY = ""
"""The borrower of a hold who is not one of the scenario's."""


@dataclass(slots=True)
class Item:
    """One item. `location` is where it belongs, `current` where it was last seen."""

    id: str
    title: str
    author: str = ""
    media: str = "001"
    parts: int = 1
    status: str = AVAILABLE
    location: str = ""
    current: str = ""
    owner: str = ""
    call_number: str = ""
    faust: str = ""
    """Number of the title in the Danish catalogue (FBS)."""
    collection: str = ""
    """Where it stands there; for FBS up to three parts: `department%location%sublocation`."""
    sort_bin: str = ""
    properties: str = ""
    loan_days: int = 28
    fee: Decimal = Decimal(0)
    not_for_loan: bool = False
    floats: bool = False
    """It stays at the branch where it is handed in."""
    stay_armed: bool = False
    """The tag keeps its alarm although the item is lent (CI=Y)."""


@dataclass(slots=True)
class Patron:
    """One borrower; `status_flags` are the places of the standard's patron status that are set."""

    card: str = field(repr=False)
    cpr: str = field(default="", repr=False)
    pin: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    born: str = field(default="", repr=False)
    """Birth date, `yyyymmdd` (FBS)."""
    blocked: bool = False
    status_flags: frozenset[int] = frozenset()
    charged_limit: int | None = None
    hold_limit: int | None = None
    fee_limit: Decimal | None = None

    @property
    def flags(self) -> frozenset[int]:
        """Places that are set: a blocked card is denied charge, renewal, recall and hold."""
        return self.status_flags | (frozenset({0, 1, 2, 3}) if self.blocked else frozenset())


@dataclass(slots=True)
class Loan:
    item: str
    card: str = field(repr=False)
    since: datetime
    due: date
    renewals: int = 0


@dataclass(slots=True)
class Hold:
    """A place in the queue. `title` is set when any copy of that title will do."""

    item: str
    card: str = field(repr=False)
    pickup: str = ""
    title: str = ""
    expires: date | None = None
    shelf: str = ""
    """Pick-up number, or the name of a shelf."""

    def wants(self, item: Item) -> bool:
        return self.item == item.id or (bool(self.title) and self.title == item.title)


@dataclass(slots=True)
class Fee:
    id: str
    card: str = field(repr=False)
    amount: Decimal
    item: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """How this library lends."""

    renew_window_days: int | None = None
    """Renewal opens this many days before the due date; None means at once."""
    max_renewals: int | None = None
    repeat_loan: str = "renew"
    """A second checkout by the same borrower: `renew` it, or `refuse` it."""
    cancel_ready: bool = True
    """A hold whose item stands on its shelf may be cancelled by the borrower."""
    return_unlent: str = "refuse"
    """Check-in of an item that is not on loan: `refuse` (with title and routing), or `accept`."""
    location: str = ""
    """The library that check-in happens at when the message names no known place. Empty: no transits."""
    branches: Mapping[str, str] = field(default_factory=dict)
    """Place code on the wire (AP, CP) -> location."""
    bins: Mapping[str, str] = field(default_factory=dict)
    """Location, `hold` or `reject` -> sort bin (CL)."""
    currency: str = "DKK"

    def __post_init__(self) -> None:
        for value, known in (
            (self.repeat_loan, ("renew", "refuse")),
            (self.return_unlent, ("refuse", "accept")),
        ):
            if value not in known:
                raise ValueError(f"{value!r} is none of {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of the audit: what was asked, of which item, how it ended."""

    at: datetime
    message: str
    item: str
    outcome: str
    """`done`, or why not: `item.reserved`, `renewed`, `undone`, `patron.pin`, ..."""
    occurred: datetime | None = None
    no_block: bool = False


@dataclass(frozen=True, slots=True)
class Lent:
    """How a checkout or renewal ended. `reason` is empty when the item is lent."""

    reason: str = ""
    item: Item | None = None
    due: date | None = None
    renewed: bool = False
    fee: Decimal | None = None
    """What it costs, when a fee has to be agreed to first."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How a check-in ended, and where the item goes now."""

    reason: str = ""
    item: Item | None = None
    alert: str = ""
    """Alert type CV: 01 hold here, 02 hold elsewhere, 04 belongs elsewhere, 99 other; empty for none."""
    destination: str = ""
    sort_bin: str = ""
    hold_for: Patron | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """How a hold request ended. `place` counts from 1."""

    reason: str = ""
    item: Item | None = None
    place: int = 0
    ready: bool = False
    pickup: str = ""
    expires: date | None = None
