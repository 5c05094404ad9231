"""A crate in somebody's hands at a branch: received, sent on, emptied; what is said about it and what happens by it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from drivers.ports import Txn
from sorter.ims import records
from sorter.ims.crates import Reception, Said, emptied, received, sent
from sorter.ims.happened import Happened
from sorter.ims.points import next_stop
from sorter.ims.routes import Network
from sorter.ims.story import Shown, crate_shown


class Do(StrEnum):
    """What can be done with a crate."""

    RECEIVE = "receive"
    SEND = "send"
    EMPTY = "empty"


REFUSED = frozenset({Said.UNKNOWN_CRATE, Said.STANDS_AT_CHUTE, Said.RECEIVED_TWICE, Said.NOT_HERE})
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

    @property
    def by(self) -> str:
        """The branch to which a crate for another one goes from here."""
        to = self.reception.onward
        return next_stop(self.network, self.branch, to) if to else ""

    @property
    def onward(self) -> tuple[tuple[str, str], ...]:
        """Items of the crate that are for another branch than this one, and which."""
        if self.shown is None:
            return ()
        return tuple(
            (one.item, one.destination)
            for one in self.shown.contents
            if one.destination not in {"", self.branch}
        )


def handle(
    txn: Txn, branch: str, label: str, do: Do, items: tuple[str, ...] | None = None
) -> Handled:
    """Look at a crate and say what becomes of it; nothing is written. `items`: those that were scanned out of it."""
    shown = crate_shown(txn, label)
    crate = None if shown is None else shown.crate
    if do is Do.RECEIVE:
        reception = received(crate, branch, txn.now, items)
        network = records.network(txn.connection)
        return Handled(reception.said, branch, shown, reception, reception.happened, network)
    said, happened = (sent if do is Do.SEND else emptied)(crate, branch, txn.now)
    plain = Reception(said, () if crate is None else crate.items)
    if said is Said.STANDS_AT_CHUTE and crate is not None:
        plain = replace(plain, place=f"{crate.branch}, {crate.chute}")
    if said is Said.NOT_HERE and crate is not None:
        plain = replace(plain, place=crate.destination or crate.branch)
    return Handled(said, branch, shown, plain, () if happened is None else (happened,))


def handled_to_json(done: Handled, label: str) -> dict[str, Any]:
    """For the door and `--json`."""
    reception = done.reception
    return {
        "crate": label,
        "said": done.said.value,
        "done": done.said not in REFUSED,
        "branch": done.branch,
        "place": reception.place,
        "for": reception.onward,
        "by": done.by,
        "items": list(reception.expected),
        "missing": list(reception.missing),
        "surplus": list(reception.unexpected),
        "onward": [
            {
                "item": item,
                "destination": to,
                "by": next_stop(done.network, done.branch, to),
            }
            for item, to in done.onward
        ],
    }
