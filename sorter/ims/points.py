"""Sorting points: a plant at a branch with its chutes, and how the branches exchange, as one plant tells all others.

A sorting point tells all of itself at once, so a row that comes late, or twice, does no harm: the newest stands.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sorter.ims.happened import Happened, What
from sorter.ims.routes import Branch, Exchange, Network


@dataclass(frozen=True, slots=True)
class PointChute:
    """A chute of a sorting point. Its label is unique at its branch."""

    label: str
    bin: str
    """Of the sort plan."""
    number: int = 0
    """Of that bin at the belt; 0 where the plan does not name it."""
    destination: str = ""
    crate: str = ""
    """The transport unit that stands there; no part of what a point tells of itself."""


@dataclass(frozen=True, slots=True)
class Point:
    """One sorting point."""

    station: str
    branch: str
    name: str
    chutes: tuple[PointChute, ...] = ()
    since: datetime | None = None


def point_told(point: Point, at: datetime) -> Happened:
    """What a sorting point says of itself."""
    chutes = [
        {name: value for name, value in asdict(chute).items() if name != "crate"}
        for chute in point.chutes
    ]
    why = json.dumps({"name": point.name, "chutes": chutes}, ensure_ascii=False, sort_keys=True)
    return Happened(What.POINT, at, point.branch, why=why)


def point_heard(station: str, one: Happened) -> Point:
    """The same as it is read. Raises ValueError, KeyError, TypeError for what no point would say."""
    told = json.loads(one.why)
    chutes = tuple(PointChute(**chute) for chute in told["chutes"])
    return Point(station, one.branch, str(told["name"]), chutes, one.at)


def network_told(network: Network, branch: str, at: datetime) -> Happened:
    """How the branches exchange, as the plan of the plant at `branch` has it."""
    told = {
        "central": network.central if network.exchange is Exchange.CENTRAL else "",
        "branches": {name: one.plant for name, one in network.branches.items()},
    }
    why = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return Happened(What.NETWORK, at, branch, why=why)


def network_heard(one: Happened) -> tuple[str, Mapping[str, bool]]:
    """The central branch, empty where they exchange directly, and of each branch whether it has a plant."""
    told = json.loads(one.why)
    return str(told["central"]), {str(name): bool(has) for name, has in told["branches"].items()}


def network_of(central: str, plants: Mapping[str, bool]) -> Network | None:
    """The network of branches as they were told of; None where they make none."""
    branches = {name: Branch(name, plant) for name, plant in plants.items()}
    exchange = Exchange.CENTRAL if central else Exchange.DIRECT
    try:
        return Network(branches, exchange, central) if branches else None
    except ValueError:
        return None


def next_stop(network: Network | None, here: str, to: str) -> str:
    """The branch to which something for `to` goes from here; `to` itself where nobody knows better."""
    if network is None or here not in network.branches or to not in network.branches:
        return "" if here == to else to
    return network.next_stop(here, to)
