"""Crates in somebody's hands at a branch: received as a whole or by scan, sent, emptied.

A crate that was filled for one branch keeps its items until it is emptied. One that holds items for several goes from branch to
branch: where it is received, the items for that branch leave it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sorter.ims.crates import Crate, CrateState, Said
from sorter.ims.happened import Happened, What


@dataclass(frozen=True, slots=True)
class Reception:
    """What a received crate was found to hold."""

    said: Said
    expected: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Expected, and not scanned; empty where nothing was scanned and the crate is received as a whole."""
    unexpected: tuple[str, ...] = ()
    onward: str = ""
    """Branch that it must go on to."""
    place: str = ""
    """Chute or branch where it is, when that is why it cannot be received, sent or emptied."""
    happened: tuple[Happened, ...] = ()
    by_hand: bool = False
    """Nothing was listed in it: what was scanned out of it was packed by hand."""


NOWHERE: Mapping[str, str] = MappingProxyType({})


def received(
    crate: Crate | None,
    branch: str,
    now: datetime,
    items: tuple[str, ...] | None = None,
    *,
    bound: Mapping[str, str] = NOWHERE,
    out: tuple[str, ...] = (),
) -> Reception:
    """A crate arrives at a branch: as a whole, or with its items scanned and held against what it should hold.

    `bound`: branches that items are for. `out`: items that left it here when it was received as a whole: it may still
    have its items scanned. One that is listed as empty was packed by hand when items are scanned out of it.
    """
    if crate is None:
        return Reception(Said.UNKNOWN_CRATE)
    if crate.state is CrateState.DOCKED:
        return Reception(Said.STANDS_AT_CHUTE, place=f"{crate.branch}, {crate.chute}")
    expected = (*crate.items, *out)
    if items == ():
        return Reception(Said.NOTHING_SCANNED, expected, place=crate.branch)
    here = crate.state is CrateState.RECEIVED and crate.branch == branch
    by_hand = crate.state is CrateState.EMPTY
    if _twice(crate, here=here, scanned=items is not None):
        return Reception(Said.RECEIVED_TWICE, crate.items, place=crate.branch)
    if crate.destination and crate.destination != branch:
        on = Happened(What.ONWARD, now, branch, crate=crate.label, destination=crate.destination)
        return Reception(
            Said.RECEIVED_ELSEWHERE, crate.items, onward=crate.destination, happened=(on,)
        )
    found = expected if items is None else tuple(dict.fromkeys(items))
    missing = tuple(item for item in expected if item not in found)
    unexpected = tuple(item for item in found if item not in expected)
    happened = [] if here else [Happened(What.RECEIVED, now, branch, crate=crate.label)]
    several = not crate.destination and not by_hand
    home = {item for item in found if several and bound.get(item) == branch}
    if items is not None:
        happened += _each(What.FOUND, now, branch, crate, (i for i in found if i not in home))
        happened += _each(What.MISSING, now, branch, crate, missing)
    happened += _each(What.TAKEN_OUT, now, branch, crate, (i for i in found if i in home))
    return Reception(
        Said.RECEIVED, expected, missing, unexpected, happened=tuple(happened), by_hand=by_hand
    )


def _twice(crate: Crate, *, here: bool, scanned: bool) -> bool:
    """Whether it has been received, and there is nothing more to receive of it."""
    if crate.state is CrateState.EMPTY:
        return not scanned
    if crate.state is not CrateState.RECEIVED:
        return False
    if here:
        return not scanned
    return bool(crate.destination) or not crate.items  # else it went on, and nobody said so


def _each(
    what: What, now: datetime, branch: str, crate: Crate, items: Iterable[str]
) -> list[Happened]:
    to = branch if what is What.TAKEN_OUT else ""
    return [
        Happened(what, now, branch, crate=crate.label, item=item, destination=to) for item in items
    ]


def sent(crate: Crate | None, branch: str, now: datetime) -> Reception:
    """A crate leaves the branch."""
    refused = _refused(crate, branch)
    if refused is not None or crate is None:
        return refused or Reception(Said.UNKNOWN_CRATE)
    gone = Happened(What.SENT, now, branch, crate=crate.label, destination=crate.destination)
    return Reception(Said.SENT, crate.items, happened=(gone,))


def emptied(crate: Crate | None, branch: str, now: datetime) -> Reception:
    """What a crate held has been put up at a branch: it is free for another round."""
    refused = _refused(crate, branch)
    if refused is not None or crate is None:
        return refused or Reception(Said.UNKNOWN_CRATE)
    free = Happened(What.EMPTIED, now, branch, crate=crate.label)
    return Reception(Said.EMPTIED, crate.items, happened=(free,))


def _refused(crate: Crate | None, branch: str) -> Reception | None:
    """Why it can be neither sent nor emptied here: it is believed to be elsewhere, or to hold nothing."""
    if crate is None:
        return Reception(Said.UNKNOWN_CRATE)
    said = None
    place = crate.branch
    if crate.state is CrateState.DOCKED:
        said, place = Said.STANDS_AT_CHUTE, f"{crate.branch}, {crate.chute}"
    elif crate.state is CrateState.SENT:
        said, place = Said.NOT_HERE, crate.destination or crate.branch
    elif crate.state is CrateState.EMPTY:
        said = Said.HOLDS_NOTHING
    elif crate.branch != branch:
        said = Said.AT_OTHER_BRANCH
    return None if said is None else Reception(said, crate.items, place=place)
