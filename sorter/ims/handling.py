"""A crate in somebody's hands at a branch: received, sent on, emptied; what is said about it and what happens by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from drivers.ports import Txn
from sorter.ims import records
from sorter.ims.crates import CrateState, Said
from sorter.ims.happened import Happened
from sorter.ims.points import next_stop
from sorter.ims.reception import Reception, emptied, received, sent
from sorter.ims.routes import Network
from sorter.ims.story import Shown, crate_shown


class Do(StrEnum):
    """What can be done with a crate."""

    RECEIVE = "receive"
    SEND = "send"
    EMPTY = "empty"


REFUSED = frozenset(
    {
        Said.UNKNOWN_CRATE,
        Said.STANDS_AT_CHUTE,
        Said.RECEIVED_TWICE,
        Said.NOT_HERE,
        Said.AT_OTHER_BRANCH,
        Said.HOLDS_NOTHING,
        Said.NOTHING_SCANNED,
    }
)
"""Answers by which nothing has changed."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What came of it. `shown` is the crate as it was before; None for one that was never seen."""

    said: Said
    branch: str
    shown: Shown | None
    reception: Reception
    happened: tuple[Happened, ...] = ()
    network: Network | None = None
    """How the branches exchange; None where no plant has told."""
    bound: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Branches that items are for, as far as anybody knows."""

    @property
    def by(self) -> str:
        """The branch to which a crate for another one goes from here."""
        to = self.reception.onward
        return next_stop(self.network, self.branch, to) if to else ""

    @property
    def onward(self) -> tuple[tuple[str, str], ...]:
        """Items that were in the crate and are for another branch than this one, and which."""
        told = self.reception
        there = [item for item in (*told.expected, *told.unexpected) if item not in told.missing]
        to = [(item, self.bound.get(item, "")) for item in there]
        return tuple((item, branch) for item, branch in to if branch not in {"", self.branch})


def handle(
    txn: Txn, branch: str, label: str, do: Do, items: tuple[str, ...] | None = None
) -> Handled:
    """Look at a crate and say what becomes of it; nothing is written. `items`: those that were scanned out of it."""
    shown = crate_shown(txn, label)
    crate = None if shown is None else shown.crate
    network = records.network(txn.connection)
    if do is not Do.RECEIVE:
        plain = (sent if do is Do.SEND else emptied)(crate, branch, txn.now)
        bound = _bound(txn, shown, ())
        return Handled(plain.said, branch, shown, plain, plain.happened, network, bound)
    out: tuple[str, ...] = ()
    if crate is not None and crate.state is CrateState.RECEIVED and crate.branch == branch:
        out = records.taken_out(txn.connection, crate.label, branch)
    bound = _bound(txn, shown, (*out, *(items or ())))
    found = received(crate, branch, txn.now, items, bound=bound, out=out)
    return Handled(found.said, branch, shown, found, found.happened, network, bound)


def _bound(txn: Txn, shown: Shown | None, items: tuple[str, ...]) -> dict[str, str]:
    """For which branch each is: what lies in the crate, and these."""
    bound = {} if shown is None else {one.item: one.destination for one in shown.contents}
    for item in items:
        place = records.place_of(txn.connection, item)
        if place is not None:
            bound[item] = place.destination
    return bound


def handled_to_json(done: Handled, label: str) -> dict[str, Any]:
    """For the door and `--json`."""
    reception = done.reception
    return {
        "crate": label if done.shown is None else done.shown.crate.label,
        "said": done.said.value,
        "done": done.said not in REFUSED,
        "branch": done.branch,
        "place": reception.place,
        "for": reception.onward,
        "by": done.by,
        "items": list(reception.expected),
        "missing": list(reception.missing),
        "surplus": list(reception.unexpected),
        "by_hand": reception.by_hand,
        "onward": [
            {
                "item": item,
                "destination": to,
                "by": next_stop(done.network, done.branch, to),
            }
            for item, to in done.onward
        ],
    }
