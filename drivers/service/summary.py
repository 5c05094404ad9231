"""What a station's database says of it, running or not: last boot, open work, tag debts, cases, the journal."""

from dataclasses import dataclass
from typing import Any

from drivers.ports import Txn
from drivers.service.cases import Case
from drivers.service.records import open_cases
from drivers.store import debts, effects, journal
from drivers.store.debts import Debt
from drivers.store.effects import EffectRow
from drivers.store.journal import Chain, JournalRow


@dataclass(frozen=True, slots=True)
class Summary:
    """Nothing in it is personal."""

    boot: JournalRow | None
    rows: int
    head: str
    """Hash of the last journal row: written down elsewhere, it proves the journal up to here."""
    chain: Chain
    effects: tuple[EffectRow, ...]
    debts: tuple[Debt, ...]
    cases: tuple[Case, ...]


def summary(txn: Txn) -> Summary:
    """Read it all in one transaction; the chain is walked from the last row that was found right."""
    rows, head = journal.head(txn)
    return Summary(
        boot=journal.last(txn, "station.booted"),
        rows=rows,
        head=head,
        chain=journal.verify(txn, journal.verified(txn)),
        effects=effects.open_rows(txn),
        debts=debts.open_debts(txn),
        cases=open_cases(txn),
    )


def summary_to_json(found: Summary) -> dict[str, Any]:
    """A plain object of JSON types, as `status` answers it."""
    boot = found.boot
    return {
        "boot": None if boot is None else {"at": boot.wall.isoformat(), **boot.payload},
        "journal": {
            "rows": found.rows,
            "head": found.head,
            "whole": found.chain.whole,
            "broken_at": found.chain.broken_at,
        },
        "effects": [
            {
                "id": row.id,
                "verb": row.verb,
                "item": row.item,
                "state": row.state.value,
                "attempts": row.attempts,
                "occurred_at": row.occurred_at.isoformat(),
            }
            for row in found.effects
        ],
        "debts": [
            {
                "uid": str(debt.uid),
                "item": debt.item,
                "wanted": f"{debt.wanted:02x}",
                "why": debt.why,
                "since": debt.since.isoformat(),
            }
            for debt in found.debts
        ],
        "cases": [
            {
                "id": case.id,
                "kind": case.kind.value,
                "subject": case.subject,
                "priority": case.priority.value,
                "state": case.state.value,
                "seen": case.seen,
                "opened_at": case.opened_at.isoformat(),
            }
            for case in found.cases
        ],
    }
