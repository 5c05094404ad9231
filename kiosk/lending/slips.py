"""What a receipt will tell of: the items of one visit as they ended, and how the paper shall look. No person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from drivers.ports import Fee, PrintOutcome, Secret
from kiosk.lending.backs import Back
from kiosk.lending.helds import Held
from kiosk.lending.lents import Lent
from kiosk.lending.rows import Row


@dataclass(frozen=True, slots=True)
class Slip:
    """One visit's receipt before it is printed or mailed: a list each for what was done or looked at."""

    language: str
    occurred: datetime
    large: bool = False
    copy: bool = False
    """Asked for again: a part of it may be on paper already."""
    rows: tuple[Row, ...] = ()
    """Borrowed."""
    lents: tuple[Lent, ...] = ()
    """Renewed or refused, and those that were only looked at."""
    backs: tuple[Back, ...] = ()
    """Came back."""
    helds: tuple[Held, ...] = ()
    """Holds that were looked at, and those that were cancelled."""
    fees: tuple[Fee, ...] = ()
    owed: int = 0
    """All that is owed, in hundredths; what the fees are the lines of."""

    paid: int = 0
    """Paid in this visit, in hundredths."""
    untold: int = 0
    """So much of it is not in the library system's books yet."""

    @property
    def size(self) -> int:
        """Items on it."""
        lists = (self.rows, self.lents, self.backs, self.helds, self.fees)
        return sum(map(len, lists)) + bool(self.paid)

    @property
    def tells(self) -> bool:
        """There is something on it."""
        return bool(self.size or self.owed)


@dataclass(frozen=True, slots=True)
class Failed:
    """A receipt that did not come, while its list stands on the screen."""

    slip: Slip
    to: Secret
    """Address of the borrower; empty when nobody is known or she has none."""
    mailed: bool = False
    """It was to be mailed."""


class Paper(Protocol):
    """Prints what a visit came to."""

    async def __call__(self, job_id: str, slip: Slip) -> PrintOutcome: ...


class Mail(Protocol):
    """Keeps what a visit came to as a message that will be sent."""

    async def __call__(self, id: str, slip: Slip, to: Secret, *, visit: str) -> None: ...
