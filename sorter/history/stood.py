"""How long an alarm stands, and since when strays are looked for: values without the store, for whoever shows them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stood:
    """When and where an alarm stood last; it stands where it was not cleared since."""

    raised: datetime
    zone: int = 0
    cleared: datetime | None = None


@dataclass(frozen=True, slots=True)
class Strays:
    """When the first and the last of the strays were seen that nobody has looked for yet, and the zone of the last."""

    first: datetime
    last: datetime
    zone: int
