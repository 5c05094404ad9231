"""One line of "my holds", and how its cancelling stands."""

import re
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from enum import StrEnum

from drivers.ports import Hold, HoldState


class HeldState(StrEnum):
    """Where a hold stands on the list."""

    LISTED = "listed"
    ASKING = "asking"
    UNKNOWN = "unknown"
    """No answer to the cancelling. Being settled by the lists of holds."""
    CANCELLED = "cancelled"
    REFUSED = "refused"
    """The hold stands; it may be asked about again."""
    STAFF = "staff"


BUSY = frozenset({HeldState.ASKING, HeldState.UNKNOWN})
"""An exchange is open."""
ANSWERABLE = BUSY | {HeldState.STAFF}
"""An answer may still come, however late."""
CANCELLABLE = frozenset({HeldState.LISTED, HeldState.REFUSED})


@dataclass(frozen=True, slots=True)
class Held:
    """One hold of the borrower's account."""

    id: str
    hold: Hold
    state: HeldState = HeldState.LISTED
    reason: str = ""

    @property
    def cancellable(self) -> bool:
        return self.state in CANCELLABLE and self.hold.state is not HoldState.EXPIRED


_ORDER = (HoldState.READY, HoldState.WAITING, HoldState.EXPIRED)


def in_order(holds: Iterable[Hold], here: Callable[[Hold], bool]) -> list[Hold]:
    """Ready ones first, those of this branch before others, by pick-up number; then by title."""

    def place(hold: Hold) -> tuple[int, bool, list[tuple[int, int, str]], str]:
        return (_ORDER.index(hold.state), not here(hold), by_number(hold.shelf), hold.title)

    return sorted(holds, key=place)


def is_here(hold: Hold, branches: Container[str]) -> bool:
    """Whether it is collected at the branch that has these names, as far as told."""
    return not hold.branch or hold.branch.casefold() in branches


def by_number(shelf: str) -> list[tuple[int, int, str]]:
    """Orders pick-up numbers as people count, 9 before 10, also in words that name a shelf."""
    parts = re.findall(r"\d+|\D+", shelf.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
