"""What a day came to, counted from the items that are kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, bindparam, cast, func, select

from drivers.ports import Txn
from drivers.store.txn import moment
from sorter.belt.items import Cause, ItemState
from sorter.belt.records import items

LONGEST_WAY = timedelta(hours=12)
"""No item lies on a belt for longer, not even over a night."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a day came to so far, of items that have left the belt."""

    hour: int = 0
    """In the last hour."""
    today: int = 0
    exceptions: int = 0
    """Of today's, those that a person had to look at."""
    missed: int = 0
    """Of today's, those that fell into another bin than they were sent to."""
    lost: int = 0


def tally(txn: Txn, midnight: datetime, hour_ago: datetime) -> Tally:
    """Counts since the earlier of two moments (UTC). Items are numbered in the order of time, so only the day's are read."""
    first = _first_since(txn, moment(min(midnight, hour_ago) - LONGEST_WAY))
    since = {"first": first, "midnight": moment(midnight), "hour": moment(hour_ago)}
    return Tally(*map(int, txn.connection.execute(_TALLY, since).one()))


def _tally() -> Select[*tuple[Any, ...]]:
    today, odd = items.c.ended >= bindparam("midnight"), items.c.cause != Cause.NONE.value
    missed, lost = items.c.state == ItemState.MISSED.value, items.c.state == ItemState.LOST.value
    missed &= items.c.cause != Cause.NO_CRATE.value
    counts = [items.c.ended >= bindparam("hour"), today, today & odd, today & missed, today & lost]
    sums = [func.coalesce(func.sum(cast(one, Integer)), 0) for one in counts]
    return select(*sums).where(items.c.number >= bindparam("first"))


_TALLY = _tally()
_NEWEST = select(func.max(items.c.number))
_SINCE = (
    select(items.c.since).where(items.c.number >= bindparam("of")).order_by(items.c.number).limit(1)
)


def _first_since(txn: Txn, wall: str) -> int:
    """Number of the first item that came onto the belt at that moment or later; found by halving."""
    low = 1
    high = int(txn.connection.execute(_NEWEST).scalar() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at = txn.connection.execute(_SINCE, {"of": middle}).scalar()
        low, high = (middle + 1, high) if at is not None and at < wall else (low, middle)
    return low
