"""Crates and carts (transport units): docked at a chute, filled, sent, received. One crate a chute, one chute a crate.

A crate's items inherit its state: what lies in a crate that is sent is on its way, without any item being scanned. At
each bin swap two labels are scanned, chute and crate in either order; until both are known the bin takes nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from sorter.ims.labels import Label, LabelKind

PAIR_WITHIN = timedelta(seconds=60)
"""Two scans further apart than this are two beginnings."""


class CrateState(StrEnum):
    """Where a crate is in its round; its items are so too.

    ::

        EMPTY -> DOCKED -> CLOSED -> SENT -> RECEIVED -> EMPTY
                    ^---------'  (put back)
    """

    EMPTY = "empty"
    DOCKED = "docked"
    """At a chute: items fall into it."""
    CLOSED = "closed"
    """Taken from its chute, with what it holds."""
    SENT = "sent"
    """On its way to another branch."""
    RECEIVED = "received"
    """At its branch; its items are being put up."""


class Said(StrEnum):
    """What a scan came to; each has its words for the screen at the bins."""

    CRATE_NEXT = "crate_next"
    """The chute is known: scan the crate."""
    CHUTE_NEXT = "chute_next"
    DOCKED = "docked"
    ALREADY = "already"
    """It stands there already: nothing changes."""
    UNKNOWN_LABEL = "unknown_label"
    NOT_A_CRATE = "not_a_crate"
    """An item was scanned where a crate or a chute was asked for."""
    UNKNOWN_CHUTE = "unknown_chute"
    UNKNOWN_CRATE = "unknown_crate"
    ELSEWHERE = "elsewhere"
    """The crate stands at another chute."""
    FULL_OF_OTHER = "full_of_other"
    """The crate still holds what belongs to another round."""
    RECEIVED = "received"
    RECEIVED_ELSEWHERE = "received_elsewhere"
    """It was meant for another branch: it must go on."""
    RECEIVED_TWICE = "received_twice"
    STANDS_AT_CHUTE = "stands_at_chute"
    """It cannot be received while items fall into it."""


@dataclass(frozen=True, slots=True)
class Crate:
    """One transport unit."""

    label: str
    state: CrateState = CrateState.EMPTY
    chute: str = ""
    branch: str = ""
    """Where it is; while SENT, where it was."""
    destination: str = ""
    """Branch for which it was filled; empty for this one."""
    items: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chute:
    """One chute of a sorting point: a bin of the belt as the people at it know it."""

    label: str
    bin: str
    destination: str = ""
    """Branch that its crates go to; empty where they stay."""


@dataclass(frozen=True, slots=True)
class Depot:
    """All crates and chutes of one sorting point."""

    branch: str
    chutes: Mapping[str, Chute]
    crates: Mapping[str, Crate] = field(default_factory=lambda: MappingProxyType({}))
    half: Label | None = None
    """The first scan of a pair."""
    half_at: datetime | None = None
    accept_new: bool = True
    """Whether a crate that was never seen is taken for a new one."""

    def at(self, chute: str) -> Crate | None:
        """The crate that stands at a chute."""
        return next(
            (c for c in self.crates.values() if c.state is CrateState.DOCKED and c.chute == chute),
            None,
        )

    def with_crate(self, crate: Crate) -> "Depot":
        return replace(self, crates=MappingProxyType({**self.crates, crate.label: crate}))

    def holding(self, item: str) -> Crate | None:
        """The crate that an item lies in: "where is it" in one step."""
        return next((c for c in self.crates.values() if item in c.items), None)


@dataclass(frozen=True, slots=True)
class Swap:
    """What a scan came to. `docked` names the bin that may be used again, `closed` the crate that was taken away."""

    said: Said
    docked: str = ""
    closed: str = ""


def scanned(depot: Depot, label: Label, now: datetime) -> tuple[Depot, Swap]:
    """One scan at the bins. Pure: the same pair in either order comes to the same."""
    depot = _without_old_half(depot, now)
    match label.kind:
        case LabelKind.ITEM:
            return depot, Swap(Said.NOT_A_CRATE)
        case LabelKind.UNKNOWN:
            return depot, Swap(Said.UNKNOWN_LABEL)
        case LabelKind.CHUTE if label.text not in depot.chutes:
            return depot, Swap(Said.UNKNOWN_CHUTE)
        case LabelKind.CRATE if label.text not in depot.crates and not depot.accept_new:
            return depot, Swap(Said.UNKNOWN_CRATE)
        case _:
            pass
    if depot.half is None or depot.half.kind is label.kind:
        depot = replace(depot, half=label, half_at=now)
        asked = Said.CRATE_NEXT if label.kind is LabelKind.CHUTE else Said.CHUTE_NEXT
        return depot, Swap(asked)
    pair = {depot.half.kind: depot.half.text, label.kind: label.text}
    depot = replace(depot, half=None, half_at=None)
    return _dock(depot, pair[LabelKind.CHUTE], pair[LabelKind.CRATE], now)


def _without_old_half(depot: Depot, now: datetime) -> Depot:
    if depot.half_at is not None and not timedelta() <= now - depot.half_at <= PAIR_WITHIN:
        return replace(depot, half=None, half_at=None)
    return depot


def _dock(depot: Depot, chute: str, label: str, now: datetime) -> tuple[Depot, Swap]:
    crate = depot.crates.get(label, Crate(label))
    place = depot.chutes[chute]
    if crate.state is CrateState.DOCKED:
        if crate.chute == chute:
            return depot, Swap(Said.ALREADY, docked=place.bin)
        return depot, Swap(Said.ELSEWHERE)
    again = crate.state is CrateState.CLOSED and crate.destination == place.destination
    if crate.items and not again:
        return depot, Swap(Said.FULL_OF_OTHER)
    before = depot.at(chute)
    if before is not None:
        depot = depot.with_crate(replace(before, state=CrateState.CLOSED, chute="", since=now))
    docked = replace(
        crate,
        state=CrateState.DOCKED,
        chute=chute,
        branch=depot.branch,
        destination=place.destination,
        since=now,
    )
    return depot.with_crate(docked), Swap(
        Said.DOCKED, docked=place.bin, closed=before.label if before else ""
    )


def confirmed(depot: Depot, bin: str, item: str) -> Depot:
    """An item lies in a bin: in the crate that stands there, if one does."""
    chute = next((c.label for c in depot.chutes.values() if c.bin == bin), None)
    crate = depot.at(chute) if chute is not None else None
    if crate is None or item in crate.items:
        return depot
    depot = _taken_from_others(depot, (item,), crate.label)
    return depot.with_crate(replace(crate, items=(*crate.items, item)))


def _taken_from_others(depot: Depot, items: Collection[str], label: str) -> Depot:
    """Items that are seen in one crate lie in no other, whatever was believed of them."""
    for crate in tuple(depot.crates.values()):
        left = tuple(item for item in crate.items if item not in items)
        if crate.label != label and left != crate.items:
            depot = depot.with_crate(replace(crate, items=left))
    return depot


def sent(depot: Depot, label: str, now: datetime) -> tuple[Depot, Said]:
    """A crate leaves the house."""
    crate = depot.crates.get(label)
    if crate is None:
        return depot, Said.UNKNOWN_CRATE
    if crate.state is CrateState.DOCKED:
        return depot, Said.STANDS_AT_CHUTE
    return depot.with_crate(replace(crate, state=CrateState.SENT, since=now)), Said.DOCKED


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


def received(
    depot: Depot, label: str, branch: str, now: datetime, items: tuple[str, ...] | None = None
) -> tuple[Depot, Reception]:
    """A crate arrives at a branch: as a whole, or with its items scanned and held against what it should hold."""
    crate = depot.crates.get(label)
    if crate is None:
        return depot, Reception(Said.UNKNOWN_CRATE)
    if crate.state is CrateState.DOCKED:
        return depot, Reception(Said.STANDS_AT_CHUTE)
    if crate.state in {CrateState.RECEIVED, CrateState.EMPTY}:
        return depot, Reception(Said.RECEIVED_TWICE)
    if crate.destination and crate.destination != branch:
        moved = replace(crate, branch=branch, since=now)
        return depot.with_crate(moved), Reception(
            Said.RECEIVED_ELSEWHERE, crate.items, onward=crate.destination
        )
    found = crate.items if items is None else items
    missing = tuple(item for item in crate.items if item not in found)
    unexpected = tuple(dict.fromkeys(item for item in found if item not in crate.items))
    now_here = replace(crate, state=CrateState.RECEIVED, branch=branch, items=found, since=now)
    depot = _taken_from_others(depot, found, label)
    return depot.with_crate(now_here), Reception(Said.RECEIVED, crate.items, missing, unexpected)


def emptied(depot: Depot, label: str, now: datetime) -> Depot:
    """What a received crate held has been put up: it is free for another round."""
    crate = depot.crates.get(label)
    if crate is None or crate.state is not CrateState.RECEIVED:
        return depot
    return depot.with_crate(
        replace(crate, state=CrateState.EMPTY, items=(), destination="", since=now)
    )
