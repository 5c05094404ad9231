"""Tag debts: security bytes that are owed to tags, durable so that a power cut or a lifted item is made good.

A debt says what the AFI of one tag must become. It is paid when the tag is seen again, at this visit or any
later one. One of an earlier visit is paid only after the library system confirms the loan state: the item
may have come back at another machine, and paying would disarm an item in stock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from drivers.ports import Txn, Uid
from drivers.store import journal, tables
from drivers.store.txn import moment


@dataclass(frozen=True, slots=True)
class Debt:
    """What one tag is owed. `trace` is the visit that made it."""

    uid: Uid
    wanted: int
    """The AFI it must have (ISO/IEC 15693-3)."""
    why: str
    item: str
    effect: str | None
    trace: str
    since: datetime


def open_debt(
    txn: Txn,
    *,
    uid: Uid,
    wanted: int,
    why: str,
    item: str,
    trace: str,
    effect: str | None = None,
) -> Debt:
    """Owe `uid` the AFI `wanted`. An older debt of the same tag is closed: the newer one knows better."""
    close_debt(txn, uid, how="replaced")
    debt = Debt(uid, wanted, why, item, effect, trace, txn.now)
    txn.connection.execute(
        insert(tables.tag_debts),
        {
            "uid": str(uid),
            "wanted": wanted,
            "why": why,
            "item": item,
            "effect": effect,
            "trace": trace,
            "since": moment(txn.now),
        },
    )
    _tell(txn, "debt.opened", debt, why=why)
    return debt


def close_debt(txn: Txn, uid: Uid, *, how: str = "paid") -> bool:
    """The tag reads back as wanted, or is owed nothing any more (`how`). True if there was a debt."""
    return bool(_close(txn, debts_for(txn, (uid,)), how))


def close_for_item(txn: Txn, item: str, *, how: str) -> tuple[Debt, ...]:
    """A newer loan or return of the item makes its debts void. Returns those that were."""
    rows = txn.connection.execute(
        select(tables.tag_debts).where(tables.tag_debts.c.item == item)
    ).all()
    return _close(txn, tuple(map(_debt, rows)), how)


def debts_for(txn: Txn, uids: Iterable[Uid]) -> tuple[Debt, ...]:
    """The debts of the tags that lie here now."""
    rows = txn.connection.execute(
        select(tables.tag_debts).where(tables.tag_debts.c.uid.in_([str(uid) for uid in uids]))
    ).all()
    return tuple(map(_debt, rows))


def open_debts(txn: Txn) -> tuple[Debt, ...]:
    """All debts, the oldest first."""
    rows = txn.connection.execute(
        select(tables.tag_debts).order_by(tables.tag_debts.c.since, tables.tag_debts.c.uid)
    ).all()
    return tuple(map(_debt, rows))


def _close(txn: Txn, debts: tuple[Debt, ...], how: str) -> tuple[Debt, ...]:
    for debt in debts:
        txn.connection.execute(
            delete(tables.tag_debts).where(tables.tag_debts.c.uid == str(debt.uid))
        )
        _tell(txn, "debt.closed", debt, how=how)
    return debts


def _tell(txn: Txn, kind: str, debt: Debt, **more: str) -> None:
    journal.append(
        txn,
        kind,
        entity=str(debt.uid),
        trace=debt.trace,
        payload={
            "uid": str(debt.uid),
            "wanted": debt.wanted,
            "item": debt.item,
            "effect": debt.effect,
            **more,
        },
    )


def _debt(row: Any) -> Debt:
    return Debt(
        uid=Uid(bytes.fromhex(row.uid)),
        wanted=row.wanted,
        why=row.why,
        item=row.item,
        effect=row.effect,
        trace=row.trace,
        since=datetime.fromisoformat(row.since),
    )
