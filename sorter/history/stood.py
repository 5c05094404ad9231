"""How long an alarm stands: a value without the store, for whoever shows it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stood:
    """When and where an alarm stood last; it stands where it was not cleared since."""

    raised: datetime
    zone: int = 0
    cleared: datetime | None = None
