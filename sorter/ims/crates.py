"""Crates and carts (transport units): docked at a chute, filled, sent, received. One crate a chute, one chute a crate.

A crate's items inherit its state: what lies in a crate that is sent is on its way, without any item being scanned. At
each bin swap two labels are scanned, chute and crate in either order; until both are known the bin takes nothing. What
is refused for a doubt is taken when the same pair is scanned once more: nobody is left standing with a crate in hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from sorter.ims.happened import Happened, What
from sorter.ims.labels import Label, LabelKind

PAIR_WITHIN = timedelta(seconds=60)
"""Two scans further apart than this are two beginnings."""
PUT_BACK_WITHIN = timedelta(hours=1)
"""A crate that stands again where it was closed goes on with what it holds; later it is believed to have been away."""


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
    AGAIN = "again"
    """The same label twice in a row: the other one is still to come."""
    UNKNOWN_LABEL = "unknown_label"
    NOT_A_CRATE = "not_a_crate"
    """An item was scanned where a crate or a chute was asked for."""
    UNKNOWN_CHUTE = "unknown_chute"
    TWO_POINTS = "two_points"
    """Another sorting point of the branch has that chute's label: nobody could tell their crates apart."""
    UNKNOWN_CRATE = "unknown_crate"
    ELSEWHERE = "elsewhere"
    """The crate stands at another chute."""
    FULL_OF_OTHER = "full_of_other"
    """The crate still holds what belongs to another round; the same pair again says that it is empty."""
    NOT_LIFTED = "not_lifted"
    """Nobody has lifted out the crate that stands at that chute; the same pair again says that it is so."""
    SENT = "sent"
    RECEIVED = "received"
    NOTHING_SCANNED = "nothing_scanned"
    """Its items were to be scanned, and none was: nothing is believed missing for that."""
    RECEIVED_ELSEWHERE = "received_elsewhere"
    """It was meant for another branch: it must go on."""
    RECEIVED_TWICE = "received_twice"
    STANDS_AT_CHUTE = "stands_at_chute"
    """It cannot be sent, received or emptied while items fall into it."""
    EMPTIED = "emptied"
    NOT_HERE = "not_here"
    """It is on its way: at no branch where its items could be put up."""
    AT_OTHER_BRANCH = "at_other_branch"
    """It stands at another branch than the one where it was to be sent or emptied."""
    HOLDS_NOTHING = "holds_nothing"
    """It is empty already."""


@dataclass(frozen=True, slots=True)
class Crate:
    """One transport unit."""

    label: str
    state: CrateState = CrateState.EMPTY
    chute: str = ""
    branch: str = ""
    """Where it is; while SENT, where it was."""
    destination: str = ""
    """Branch for which it was filled; empty for this one, or for several."""
    items: tuple[str, ...] = ()
    since: datetime | None = None
    taken_from: str = ""
    """Chute of this branch from which it was taken, while it is closed here."""


@dataclass(frozen=True, slots=True)
class Chute:
    """One chute of a sorting point: a bin of the belt as the people at it know it."""

    label: str
    bin: str
    destination: str = ""
    """Branch that its crates go to; empty where they stay, or go to several."""


@dataclass(frozen=True, slots=True)
class Depot:
    """The crates and chutes of one sorting point, as far as a scan needs them."""

    branch: str
    chutes: Mapping[str, Chute]
    crates: Mapping[str, Crate] = field(default_factory=lambda: MappingProxyType({}))
    half: Label | None = None
    """The first scan of a pair."""
    half_at: datetime | None = None
    doubted: tuple[str, str, Said] | None = None
    """Chute and crate of the pair that was refused for a doubt a moment ago, and the doubt."""
    untouched: frozenset[str] = frozenset()
    """Chutes whose crate is known to stand there as it was docked: nobody has lifted it out."""
    onward: frozenset[str] = frozenset()
    """Chutes whose crates leave the house: nobody empties one beside it."""
    contested: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Labels of chutes that another sorting point of the branch told of first, and that point's name."""
    put_back_within: timedelta = PUT_BACK_WITHIN
    accept_new: bool = True
    """Whether a crate that was never seen is taken for a new one."""

    def at(self, chute: str) -> Crate | None:
        """The crate that stands at a chute."""
        return next(
            (
                c
                for c in self.crates.values()
                if c.state is CrateState.DOCKED and (c.branch, c.chute) == (self.branch, chute)
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class Swap:
    """What a scan came to, and what the words for it name."""

    said: Said
    chute: str = ""
    crate: str = ""
    bin: str = ""
    """The bin that may be used again; empty where nothing was docked."""
    closed: str = ""
    """The crate that was taken away."""
    place: str = ""
    """Chute or branch where the crate is believed to be; of a refused one, where its items go, empty where to several."""
    destination: str = ""
    count: int = 0
    """Items in the crate, as it stands there now; of a refused one, as it is believed to be."""
    happened: tuple[Happened, ...] = ()


def scanned(depot: Depot, label: Label, now: datetime) -> tuple[Depot, Swap]:
    """One scan at the bins: the depot with what is remembered of it, and what it came to.

    Pure: the same pair in either order comes to the same. Crates do not change here; `Swap.happened` changes them.
    """
    depot = _without_old_half(depot, now)
    match label.kind:
        case LabelKind.ITEM:
            return depot, Swap(Said.NOT_A_CRATE)
        case LabelKind.UNKNOWN:
            return depot, Swap(Said.UNKNOWN_LABEL)
        case LabelKind.CHUTE if label.text not in depot.chutes:
            return depot, Swap(Said.UNKNOWN_CHUTE, chute=label.text)
        case LabelKind.CHUTE if label.text in depot.contested:
            place = depot.contested[label.text]
            return depot, Swap(Said.TWO_POINTS, chute=label.text, place=place)
        case LabelKind.CRATE if label.text not in depot.crates and not depot.accept_new:
            return depot, Swap(Said.UNKNOWN_CRATE, crate=label.text)
        case _:
            pass
    half = depot.half
    if half is None or half.kind is label.kind:
        depot = replace(depot, half=label, half_at=now)
        if half == label:
            return depot, _named(Said.AGAIN, label)
        asked = Said.CRATE_NEXT if label.kind is LabelKind.CHUTE else Said.CHUTE_NEXT
        return depot, _named(asked, label)
    pair = {half.kind: half.text, label.kind: label.text}
    chute, crate = pair[LabelKind.CHUTE], pair[LabelKind.CRATE]
    swap = _dock(depot, chute, crate, now)
    doubted = (chute, crate, swap.said) if swap.said in _DOUBTS else None
    at = now if doubted else None
    return replace(depot, half=None, half_at=at, doubted=doubted), swap


_DOUBTS = (Said.NOT_LIFTED, Said.FULL_OF_OTHER)
"""In the order in which they come up: whoever has overruled the last has overruled the first."""


def _named(said: Said, label: Label) -> Swap:
    if label.kind is LabelKind.CHUTE:
        return Swap(said, chute=label.text)
    return Swap(said, crate=label.text)


def _without_old_half(depot: Depot, now: datetime) -> Depot:
    if depot.half_at is not None and not timedelta() <= now - depot.half_at <= PAIR_WITHIN:
        return replace(depot, half=None, half_at=None, doubted=None)
    return depot


def _dock(depot: Depot, chute: str, label: str, now: datetime) -> Swap:
    crate = depot.crates.get(label, Crate(label))
    place = depot.chutes[chute]
    before = depot.at(chute)
    known = Swap(
        Said.DOCKED,
        chute=chute,
        crate=label,
        closed=before.label if before is not None else "",
        destination=crate.destination,
        count=len(crate.items),
    )
    here = crate.branch == depot.branch
    if crate.state is CrateState.DOCKED and here:
        if crate.chute == chute:
            return replace(known, said=Said.ALREADY, bin=place.bin, closed="")
        return replace(known, said=Said.ELSEWHERE, place=crate.chute)
    put_back = (
        crate.state is CrateState.CLOSED
        and here
        and _same_round(depot, place, crate)
        and _just_closed(depot, crate, now)
    )
    overruled = -1
    if depot.doubted is not None and depot.doubted[:2] == (chute, label):
        overruled = _DOUBTS.index(depot.doubted[2])
    if before is not None and chute in depot.untouched and overruled < 0:
        return replace(known, said=Said.NOT_LIFTED, place=before.label)
    several = here and crate.taken_from in depot.onward and not crate.destination
    if _doubtful(crate, here=here, several=several) and not put_back and overruled < 1:
        where = crate.destination or ("" if several else crate.branch)
        return replace(known, said=Said.FULL_OF_OTHER, place=where, destination=where)
    docked = Happened(
        What.DOCKED,
        now,
        depot.branch,
        crate=label,
        chute=chute,
        bin=place.bin,
        destination=place.destination,
        fresh=not put_back,
    )
    closed = (
        [Happened(What.CLOSED, now, depot.branch, crate=before.label, chute=chute, bin=place.bin)]
        if before is not None
        else []
    )
    return replace(
        known,
        bin=place.bin,
        destination=place.destination,
        count=len(crate.items) if put_back else 0,
        happened=(*closed, docked),
    )


def _same_round(depot: Depot, place: Chute, crate: Crate) -> bool:
    """Whether what a closed crate holds goes where this chute's crates go: to one branch, or to several from this very chute."""
    if place.destination or crate.destination:
        return crate.destination == place.destination
    return place.label in depot.onward and crate.taken_from == place.label


def _just_closed(depot: Depot, crate: Crate, now: datetime) -> bool:
    """A closing that seems still to come was before the clock was set back: it counts as just now."""
    return crate.since is None or now - crate.since <= depot.put_back_within


def _doubtful(crate: Crate, *, here: bool, several: bool) -> bool:
    """Whether it must be believed to hold items that have not arrived where they belong.

    One that was sent and stands here again has been emptied there; one that stays in the house is emptied beside it.
    """
    if not crate.items:
        return False
    if crate.state is CrateState.CLOSED:
        return bool(crate.destination) or several or not here
    return crate.state is CrateState.DOCKED
