"""The only sources of time and of chance."""

from datetime import datetime
from enum import Enum
from typing import Protocol


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


class Waiting(Enum):
    """Marks a wait without a deadline, so that each is visible at the call."""

    FOREVER = "forever"
