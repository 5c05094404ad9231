"""What the library system said of an item, however late, and whether it has been told where the item lies."""

import json

from sqlalchemy import select, update

from drivers.ports import Txn
from drivers.store import journal
from sorter.belt.items import Cause
from sorter.belt.records.lying import Lying, lying
from sorter.belt.records.tables import items, trace_of
from sorter.plan.explain import facts_of
from sorter.plan.facts import Facts
from sorter.plan.records import facts_to_json, token


def answered(txn: Txn, number: int, facts: Facts, *, late: bool) -> None:
    """What the library system said of an item, on its story for good: it may be in a bin already."""
    told = json.dumps(facts_to_json(facts))
    txn.connection.execute(update(items).where(items.c.number == number).values(answer=told))
    journal.append(
        txn,
        "item.answered",
        trace=trace_of(number),
        payload={"number": number, "ok": facts.ok, "alert": token(facts.alert), "late": late},
    )
    if late:
        settle(txn, number)


def settle(txn: Txn, number: int) -> None:
    """What was taken in offline, lies where it was sent, and is checked in with nothing left to do is nobody's matter any more.

    Nor is the same item's way over the belt before or after, which waits for the same check-in.
    """
    offline = (items.c.cause == Cause.OFFLINE.value) & items.c.ended.is_not(None)
    told = select(items.c.item, items.c.answer).where(items.c.number == number, offline)
    row = txn.connection.execute(told).one_or_none()
    facts = facts_of(json.loads(row.answer)) if row is not None and row.answer else None
    if row is None or facts is None or not facts.ok or facts.alert or facts.destination:
        return
    same = (items.c.number == number) | ((items.c.item == row.item) & (items.c.answer == ""))
    txn.connection.execute(update(items).where(same, offline).values(seen=1))


def answer_of(txn: Txn, number: int) -> Facts | None:
    """What the library system said of an item; None while it has not."""
    found = txn.connection.execute(
        select(items.c.answer).where(items.c.number == number)
    ).scalar_one_or_none()
    return facts_of(json.loads(found)) if found else None


def unreported(txn: Txn, most: int = 200) -> tuple[Lying, ...]:
    """Items that have ended and whose bin the library system has not been told, the oldest first: at most so many at once."""
    rows = txn.connection.execute(
        select(items).where(items.c.reported == 0).order_by(items.c.number).limit(most)
    )
    return tuple(map(lying, rows.all()))


def reported(txn: Txn, number: int, told: str) -> None:
    """The library system knows where it lies, or never will."""
    txn.connection.execute(update(items).where(items.c.number == number).values(reported=1))
    journal.append(
        txn, "item.reported", trace=trace_of(number), payload={"number": number, "told": told}
    )
