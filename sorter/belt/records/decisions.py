"""Where each item was sent, as it was decided about last, and how long it was on the belt."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from drivers.ports import Txn
from drivers.store import journal
from drivers.store.tables import journal as journal_rows
from sorter.belt.records.tables import items
from sorter.plan.explain import facts_of
from sorter.plan.facts import Facts
from sorter.plan.records import decisions


@dataclass(frozen=True, slots=True)
class Decided:
    """Where an item was sent, as it was decided about last."""

    number: int
    bin: str | None
    rule: str
    reach: int
    """Bins that it could still go into: bit n for bin n."""
    facts: Facts
    item: str = ""
    at: datetime | None = None
    plan: str = ""
    """Fingerprint of the plan that it was decided by; empty where it is older than they are kept."""


def decided(txn: Txn, since: datetime, until: datetime) -> tuple[Decided, ...]:
    """Every item that was decided about from one moment (UTC) to before another, in order."""
    span = journal.numbers_between(txn, since, until)
    seq = decisions.c.seq
    last = (
        select(func.max(seq)).where(seq >= span.start, seq < span.stop).group_by(decisions.c.number)
    )
    rows = txn.connection.execute(
        select(decisions, items.c.item, journal_rows.c.wall)
        .join(journal_rows, journal_rows.c.seq == seq)
        .outerjoin(items, items.c.number == decisions.c.number)
        .where(seq.in_(last))
        .order_by(seq)
    )
    return tuple(
        Decided(
            row.number,
            row.bin,
            row.rule,
            row.reach,
            facts_of(json.loads(row.facts)),
            row.item or "",
            _when(row.wall),
            row.plan,
        )
        for row in rows
    )


def stay(txn: Txn, number: int) -> tuple[datetime, datetime | None] | None:
    """When an item came onto the belt and when it left it; None for a number that there was not."""
    found = select(items.c.since, items.c.ended).where(items.c.number == number)
    row = txn.connection.execute(found).one_or_none()
    if row is None:
        return None
    return _when(row.since), _when(row.ended) if row.ended else None


def _when(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
