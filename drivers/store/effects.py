"""Open effects: what the station set out to do in the world, durable before the first byte leaves.

::

    INTENT ──> SENT ──> CONFIRMED | REFUSED
      │          └────> UNKNOWN ──> SETTLING ──> CONFIRMED | REFUSED | NEEDS_STAFF
      └──> REFUSED                  │    (nothing ever left the process)
                 SENT <─────────────┘    (done offline, found not done: it is sent once more)

What was done offline (`no_block`) waits in INTENT until it is replayed, in the order in which it was written
down; what was sent and not answered becomes such a row when the borrower was let go with it (`promise`).

One open row per verb and item, but for those done offline, where an item may go out, come back and go out
again; final rows never change. Both are rules of the database (triggers and a partial unique index), so no
bug of ours can break them. Each move writes its journal row with it, and the end of an effect erases its
envelope.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select, text, update

from drivers.errors import Code, LocalProtocolError
from drivers.ports import Secret, Txn
from drivers.store import journal, sealed, tables
from drivers.store.txn import moment

UNDONE = "undone"
"""Answer of an effect that was taken back before it left."""
SEALED_KEPT = timedelta(days=7)
"""Hard end of an envelope, settled or not."""


class EffectState(StrEnum):
    """How far an effect is. The last three are final."""

    INTENT = "intent"
    """Durable; nothing has left the process."""
    SENT = "sent"
    """The request left, or was about to, `attempts` times."""
    UNKNOWN = "unknown"
    """No answer: it may have been done."""
    SETTLING = "settling"
    """Being asked about."""
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    NEEDS_STAFF = "needs_staff"

    @property
    def final(self) -> bool:
        return self in {EffectState.CONFIRMED, EffectState.REFUSED, EffectState.NEEDS_STAFF}


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One effect as it stands. `session` is random and names no borrower."""

    id: str
    verb: str
    item: str
    device: str
    session: str
    trace: str
    occurred_at: datetime
    """Local time with offset, as it happened; a replay tells the library system this and no other."""
    nb_due: date | None
    no_block: bool
    state: EffectState
    attempts: int
    next_try: datetime | None
    answer: str
    transaction: str


def open_effect(
    txn: Txn,
    *,
    verb: str,
    item: str,
    device: str,
    session: str,
    trace: str,
    occurred_at: datetime,
    nb_due: date | None = None,
    no_block: bool = False,
    sealed: Mapping[str, Secret] | None = None,
) -> EffectRow:
    """Write down what is about to be done. Once this is durable it may be done, and not before.

    Args:
        txn: the transaction.
        verb: what is done, such as borrow, give_back, renew.
        item: item number, or the id of whatever the verb is about.
        device: the station.
        session: random id of the visit.
        trace: trace id of the visit or item.
        occurred_at: aware local time at which the borrower did it.
        nb_due: due date promised while offline (SIP2 nb due date).
        no_block: done while offline, to be accepted as it happened (SIP2 no block).
        sealed: what a settling will need and is personal; kept in an envelope until the end.

    Raises:
        LocalProtocolError: store.refused, when the verb is already open for this item, and this is not done
            offline.
    """
    row = EffectRow(
        id=txn.new_id(),
        verb=verb,
        item=item,
        device=device,
        session=session,
        trace=trace,
        occurred_at=occurred_at,
        nb_due=nb_due,
        no_block=no_block,
        state=EffectState.INTENT,
        attempts=0,
        next_try=None,
        answer="",
        transaction="",
    )
    txn.connection.execute(
        insert(tables.effects),
        {
            "id": row.id,
            "verb": verb,
            "item": item,
            "device": device,
            "session": session,
            "trace": trace,
            "occurred_at": occurred_at.isoformat(),
            "nb_due": nb_due.isoformat() if nb_due else None,
            "no_block": int(no_block),
            "state": EffectState.INTENT.value,
            "attempts": 0,
            "next_try": None,
            "answer": "",
            "transaction_id": "",
        },
    )
    if sealed:
        _keep(txn, row.id, sealed)
    journal.append(
        txn,
        "effect.intent",
        entity=row.id,
        trace=trace,
        payload={
            "verb": verb,
            "item": item,
            "session": session,
            "occurred_at": occurred_at.isoformat(),
            "nb_due": nb_due.isoformat() if nb_due else None,
            "no_block": no_block,
        },
    )
    return row


def sent(txn: Txn, id: str, *, due: date | None = None) -> EffectRow:
    """The request is about to leave (once more). Durable before its first byte does.

    `due` is kept for `left`: of a return, until when the loan runs that it will end.
    """
    return _move(txn, id, EffectState.SENT, attempt=True, due=due)


def left(txn: Txn, row: EffectRow) -> tuple[datetime, date | None] | None:
    """When an effect first left, or may have, and the due date that was kept then; None if it has not.

    The journal alone knows. A row that did not leave after all, and was promised, has not.
    """
    first: tuple[datetime, date | None] | None = None
    for line in journal.rows_about(txn, row.id, row.occurred_at):
        match line.kind:
            case "effect.sent" if first is None:
                due = line.payload.get("due")
                first = line.wall, date.fromisoformat(str(due)) if due else None
            case "effect.promised" if line.payload.get("left") is False:
                first = None
            case _:
                pass
    return first


def unknown(txn: Txn, id: str, *, next_try: datetime | None = None) -> EffectRow:
    """No answer came: it may have been done."""
    return _move(txn, id, EffectState.UNKNOWN, next_try=next_try)


def settling(txn: Txn, id: str, *, next_try: datetime | None = None) -> EffectRow:
    """The library system is being asked (once more) what became of it."""
    return _move(txn, id, EffectState.SETTLING, attempt=True, next_try=next_try)


def promise(
    txn: Txn, id: str, *, nb_due: date | None = None, left: bool = True
) -> EffectRow | None:
    """Somebody was let go with what was not answered: from now on it is a row to be replayed.

    Not `left`: nothing of it went out. None when it has ended meanwhile.
    """
    before = effect(txn, id)
    if before.state.final:
        return None
    if before.no_block:
        return before
    txn.connection.execute(
        update(tables.effects).where(tables.effects.c.id == id),
        {"no_block": 1, "nb_due": nb_due.isoformat() if nb_due else None},
    )
    journal.append(
        txn,
        "effect.promised",
        entity=id,
        trace=before.trace,
        payload={
            "verb": before.verb,
            "item": before.item,
            "nb_due": nb_due.isoformat() if nb_due else None,
            "left": left,
        },
    )
    return effect(txn, id)


def finish(
    txn: Txn, id: str, state: EffectState, *, answer: str = "", transaction: str = ""
) -> EffectRow:
    """End an effect and erase its envelope.

    Args:
        txn: the transaction.
        id: the effect.
        state: CONFIRMED, REFUSED or NEEDS_STAFF.
        answer: reason key; never the library system's own words, which may hold a name.
        transaction: its transaction number, if it gave one (SIP2 BK); blanks and what cannot be printed go.

    Raises:
        LocalProtocolError: the state is not final, or store.refused: it does not follow from the present one.
    """
    if not state.final:
        raise LocalProtocolError("store", Code.BUG, f"{state.value} ends no effect")
    row = _move(txn, id, state, answer=answer, transaction=_reference(transaction))
    sealed.erase(txn, _place(id))
    return row


def _reference(transaction: str) -> str:
    """A number of another system as the journal takes it: a strange one must not undo what was done."""
    return re.sub(r"[^!-~]", "", transaction)[:80]


def open_rows(txn: Txn) -> tuple[EffectRow, ...]:
    """Every effect that has not ended, in the order in which they happened."""
    finals = [state.value for state in EffectState if state.final]
    rows = txn.connection.execute(
        select(tables.effects).where(tables.effects.c.state.not_in(finals))
    ).all()
    return tuple(sorted(map(_row, rows), key=lambda row: (row.occurred_at, row.id)))


def queued(txn: Txn) -> tuple[EffectRow, ...]:
    """Every effect that was done offline and has not ended, in the order in which they were written down.

    Not by `occurred_at`: a clock that was set back while offline must not let a return overtake its loan.
    """
    finals = [state.value for state in EffectState if state.final]
    rows = txn.connection.execute(
        select(tables.effects)
        .where(tables.effects.c.no_block == 1, tables.effects.c.state.not_in(finals))
        .order_by(text("rowid"))
    ).all()
    return tuple(map(_row, rows))


def count_offline(
    txn: Txn, verb: str, *, day: date | None = None, session: str | None = None
) -> int:
    """How many effects of this verb were done offline, on a local day or in a visit, but for those undone."""
    rows = tables.effects.c
    wanted = [rows.no_block == 1, rows.verb == verb, rows.answer != UNDONE]
    if day is not None:  # occurred_at is local and begins with its day
        wanted.append(rows.occurred_at.startswith(day.isoformat()))
    if session is not None:
        wanted.append(rows.session == session)
    counted = select(func.count()).select_from(tables.effects).where(*wanted)
    return int(txn.connection.execute(counted).scalar_one())


def effect(txn: Txn, id: str) -> EffectRow:
    """One effect. Raises LocalProtocolError when there is none of this id."""
    row = txn.connection.execute(
        select(tables.effects).where(tables.effects.c.id == id)
    ).one_or_none()
    if row is None:
        raise LocalProtocolError("store", Code.BUG, "no effect of this id")
    return _row(row)


def newest_of(txn: Txn, verb: str, item: str) -> EffectRow | None:
    """The last effect of this verb on this item, whatever became of it."""
    return max(of_item(txn, verb, item), key=lambda row: row.occurred_at, default=None)


def of_item(txn: Txn, verb: str, item: str) -> tuple[EffectRow, ...]:
    """Every effect of this verb on this item, whatever became of it."""
    rows = txn.connection.execute(
        select(tables.effects).where(tables.effects.c.verb == verb, tables.effects.c.item == item)
    ).all()
    return tuple(map(_row, rows))


def of_session(txn: Txn, verb: str, session: str) -> EffectRow | None:
    """The effect of this verb in a session that has but one of it, such as an item's way over a belt."""
    row = txn.connection.execute(
        select(tables.effects).where(
            tables.effects.c.session == session, tables.effects.c.verb == verb
        )
    ).one_or_none()
    return None if row is None else _row(row)


def sealed_of(txn: Txn, id: str) -> dict[str, Secret] | None:
    """What was sealed with an effect; None once it has ended or expired."""
    return sealed.unseal(txn, _place(id))


def _keep(txn: Txn, id: str, values: Mapping[str, Secret]) -> None:
    sealed.seal(txn, _place(id), values, expires_at=txn.now + SEALED_KEPT)


def _place(id: str) -> str:
    return f"effects:{id}:sealed"


def _move(
    txn: Txn,
    id: str,
    state: EffectState,
    *,
    attempt: bool = False,
    next_try: datetime | None = None,
    answer: str = "",
    transaction: str = "",
    due: date | None = None,
) -> EffectRow:
    before = effect(txn, id)
    attempts = before.attempts + attempt
    txn.connection.execute(
        update(tables.effects).where(tables.effects.c.id == id),
        {
            "state": state.value,
            "attempts": attempts,
            "next_try": moment(next_try) if next_try else None,
            "answer": answer,
            "transaction_id": transaction,
        },
    )
    told: dict[str, str | int] = {"verb": before.verb, "item": before.item, "attempt": attempts}
    if due is not None:
        told["due"] = due.isoformat()
    if state.final:
        told |= {"answer": answer, "transaction": transaction}
    journal.append(txn, f"effect.{state.value}", entity=id, trace=before.trace, payload=told)
    return effect(txn, id)


def _row(row: Any) -> EffectRow:
    return EffectRow(
        id=row.id,
        verb=row.verb,
        item=row.item,
        device=row.device,
        session=row.session,
        trace=row.trace,
        occurred_at=datetime.fromisoformat(row.occurred_at),
        nb_due=date.fromisoformat(row.nb_due) if row.nb_due else None,
        no_block=bool(row.no_block),
        state=EffectState(row.state),
        attempts=row.attempts,
        next_try=datetime.fromisoformat(row.next_try) if row.next_try else None,
        answer=row.answer,
        transaction=row.transaction,
    )
