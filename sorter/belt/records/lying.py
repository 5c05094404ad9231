"""Items that lie in a bin: those that a person must look at, the gravest first."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, update

from drivers.ports import Txn
from sorter.belt.items import Cause, ItemState
from sorter.belt.records.tables import items
from sorter.plan.explain import facts_of
from sorter.plan.facts import Facts

MOST_EXCEPTIONS = 50


@dataclass(frozen=True, slots=True)
class Lying:
    """An item that a person must look at, or that lies in a bin of which nobody has been told."""

    number: int
    item: str
    cause: Cause
    state: ItemState
    bin: int
    answer: Facts | None
    """What the library system said, however late; None while it has not."""
    ended: datetime | None = None


_WAITS = (items.c.seen == 0, items.c.cause != Cause.NONE.value, items.c.ended.is_not(None))
_FIRST = (Cause.MISSED, Cause.NO_CRATE, Cause.LOST)
_LAST = (Cause.LATE, Cause.OFFLINE)
_GRAVITY = case(
    {one.value: 0 for one in _FIRST} | {one.value: 2 for one in _LAST},
    value=items.c.cause,
    else_=1,
)
"""What lies where nobody would look, before what lies where the belt said, and comes by the dozen."""


def exceptions(txn: Txn) -> tuple[Lying, ...]:
    """Items that a person has not dealt with yet: the gravest first, then the newest. No more than a panel can show."""
    rows = txn.connection.execute(
        select(items)
        .where(*_WAITS)
        .order_by(_GRAVITY, items.c.number.desc())
        .limit(MOST_EXCEPTIONS)
    )
    return tuple(map(lying, rows.all()))


def waiting(txn: Txn) -> int:
    """How many items a person has not dealt with yet."""
    return int(txn.connection.execute(select(func.count()).where(*_WAITS)).scalar_one())


def see(txn: Txn, number: int) -> None:
    """A person has dealt with it."""
    txn.connection.execute(update(items).where(items.c.number == number).values(seen=1))


def lying(row: Any) -> Lying:
    """Of a row of the items."""
    answer = facts_of(json.loads(row.answer)) if row.answer else None
    ended = datetime.fromisoformat(row.ended) if row.ended else None
    return Lying(
        row.number, row.item, Cause(row.cause), ItemState(row.state), row.bin, answer, ended
    )
