"""One line of "my loans", and how its renewal stands."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

TRY_AGAIN = "ils.try_again"
"""Reason of what was lost on its way and refused by nobody: it may be pressed again."""


class LentState(StrEnum):
    """Where a loan stands on the list."""

    LENT = "lent"
    """With the reason why a renewal came to nothing, where nobody has refused it."""
    ASKING = "asking"
    UNKNOWN = "unknown"
    """No answer to the renewal. Being settled by the due dates."""
    RENEWED = "renewed"
    REFUSED = "refused"
    STAFF = "staff"


BUSY = frozenset({LentState.ASKING, LentState.UNKNOWN})
"""An exchange is open."""
ANSWERABLE = BUSY | {LentState.STAFF}
"""An answer may still come, however late."""


@dataclass(frozen=True, slots=True)
class Lent:
    """One loan of the borrower's account."""

    id: str
    item: str
    title: str
    due: date | None
    state: LentState = LentState.LENT
    reason: str = ""
    overdue: bool = False
    """Its day has passed, or the library system counts it among those."""
    opens: date | None = None
    """First day on which it can be renewed, where that is known of one that was too early."""

    @property
    def asked(self) -> bool:
        """A renewal was asked for, whatever came of it."""
        return self.state is not LentState.LENT or bool(self.reason)
