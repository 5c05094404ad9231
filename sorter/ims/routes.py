"""How an item gets from a branch to another: straight, or all by one sorting branch; sorted once, or twice.

Primary sort is by branch, at the sorting branch; secondary sort by where it stands, at its own branch or, where the
branch has no plant of its own, at the sorting branch for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Exchange(StrEnum):
    """How branches exchange materials."""

    DIRECT = "direct"
    CENTRAL = "central"


class Sort(StrEnum):
    """How finely an item is sorted at a stop."""

    NONE = "none"
    PRIMARY = "primary"
    SECONDARY = "secondary"


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch. `plant`: it has a sorting plant of its own."""

    name: str
    plant: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of a route and what is done there."""

    branch: str
    sort: Sort


@dataclass(frozen=True, slots=True)
class Network:
    """The branches and how they exchange.

    Raises:
        ValueError: the sorting branch is none of them, or has no plant.
    """

    branches: Mapping[str, Branch]
    exchange: Exchange = Exchange.DIRECT
    central: str = ""

    def __post_init__(self) -> None:
        if self.exchange is Exchange.CENTRAL:
            hub = self.branches.get(self.central)
            if hub is None:
                raise ValueError(f"the sorting branch {self.central!r} is no branch")
            if not hub.plant:
                raise ValueError(f"the sorting branch {self.central!r} has no plant")

    def route(self, here: str, to: str) -> tuple[Stop, ...]:
        """The stops after `here`, the last of which is `to`; nothing when it is there already.

        Raises:
            KeyError: there is no such branch.
        """
        _, last = self.branches[here], self.branches[to]
        if here == to:
            return ()
        at_home = Sort.SECONDARY if last.plant else Sort.NONE
        if self.exchange is Exchange.DIRECT or self.central in {here, to}:
            return (Stop(to, at_home),)
        fine = Sort.PRIMARY if last.plant else Sort.SECONDARY
        return (Stop(self.central, fine), Stop(to, at_home))

    def sort_at(self, here: str, to: str) -> Sort:
        """How finely an item for `to` is sorted here: by where it stands at its own branch, or, where the branch has no
        plant, at the sorting branch for it; else by branch.

        Raises:
            KeyError: there is no such branch.
        """
        own, last = here == to, self.branches[to]
        for_it = self.exchange is Exchange.CENTRAL and here == self.central and not last.plant
        return Sort.SECONDARY if own or for_it else Sort.PRIMARY

    def next_stop(self, here: str, to: str) -> str:
        """The branch whose crate an item goes into; empty when it stays."""
        stops = self.route(here, to)
        return stops[0].branch if stops else ""
