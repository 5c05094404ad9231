"""One item's way over the belt, step by step, as the journal has it: when, what, by which rule, and what was looked at.

No borrower in it: the journal holds none, and the facts of a decision are without the library system's words.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from drivers.ports import Txn
from drivers.store import journal
from drivers.store.journal import JournalRow
from sorter.belt import records
from sorter.plan import records as plan_records
from sorter.plan.facts import Facts

BEFORE, AFTER = timedelta(seconds=5), timedelta(minutes=10)
"""How much earlier and later than its stay on the belt its rows may stand: late answers and reports follow it."""

_TOLD = {
    "item.decided": ("bin", "rule"),
    "item.routed": ("bin", "alternate"),
    "item.answered": ("ok", "alert", "late"),
    "item.ended": ("state", "cause", "bin"),
    "item.reported": ("told",),
    "item.slip": ("form", "outcome"),
}


def steps(txn: Txn, number: int) -> list[dict[str, Any]]:
    """The steps of the item of that number, the oldest first; none for a number that there was not."""
    stay = records.stay(txn, number)
    if stay is None:
        return []
    since, ended = stay
    rows = journal.rows_of(
        txn, records.trace_of(number), since - BEFORE, (ended or txn.now) + AFTER
    )
    first = {"at": since.isoformat(), "what": "inducted"}
    return [first, *(_step(txn, row) for row in rows if row.kind in _TOLD)]


def _step(txn: Txn, row: JournalRow) -> dict[str, Any]:
    told = {name: row.payload.get(name) for name in _TOLD[row.kind]}
    facts = plan_records.facts_at(txn, row.seq) if row.kind == "item.decided" else None
    return {
        "at": row.wall.isoformat(),
        "what": row.kind.removeprefix("item."),
        **told,
        **({} if facts is None else {"facts": _given(facts)}),
    }


def _given(facts: Facts) -> Mapping[str, Any]:
    """Facts as they are kept, without those of which nothing is known."""
    told = plan_records.facts_to_json(facts)
    return {name: value for name, value in told.items() if value not in ("", 0)}
