"""What a receipt will tell of: the items of one visit as they ended, and how the paper shall look. No person."""

from dataclasses import dataclass
from datetime import datetime

from drivers.ports import Secret
from kiosk.lending.backs import Back
from kiosk.lending.lents import Lent
from kiosk.lending.rows import Row


@dataclass(frozen=True, slots=True)
class Slip:
    """One visit's receipt before it is printed or mailed. One of the three lists is filled."""

    language: str
    occurred: datetime
    large: bool = False
    copy: bool = False
    """Asked for again: a part of it may be on paper already."""
    rows: tuple[Row, ...] = ()
    """Borrowed."""
    lents: tuple[Lent, ...] = ()
    """Looked at and renewed."""
    backs: tuple[Back, ...] = ()
    """Came back."""

    @property
    def size(self) -> int:
        """Items on it."""
        return len(self.rows) + len(self.lents) + len(self.backs)


@dataclass(frozen=True, slots=True)
class Failed:
    """A receipt that did not come, while its list stands on the screen."""

    slip: Slip
    to: Secret
    """Address of the borrower; empty when nobody is known or she has none."""
    mailed: bool = False
    """It was to be mailed."""
