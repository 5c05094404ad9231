"""Tables of what every station has (staff, attention cases), and the units that change them.

Each function runs on the store inside one transaction and writes its journal row there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from drivers.errors import Code, LocalProtocolError
from drivers.ports import Secret, Txn
from drivers.service.cases import PRIORITY, Case, CaseKind, CaseState, CloseReason, Priority
from drivers.service.roles import Act, Role, allowed
from drivers.service.statistics import Count, What
from drivers.store import journal
from drivers.store import sealed as envelopes
from drivers.store import tables as store_tables
from drivers.store.txn import moment

metadata = MetaData()

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    Column("role", Text, nullable=False),
    Column("pin_hash", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("locked_until", Text),
    Column("active", Integer, nullable=False),
    Column("since", Text, nullable=False),
    sqlite_strict=True,
)

staff_means = Table(
    "staff_means",
    metadata,
    Column("means", Text, primary_key=True, nullable=False),
    Column("staff", Text, ForeignKey("staff.id"), nullable=False),
    sqlite_strict=True,
)

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("effect", Text, ForeignKey(store_tables.effects.c.id)),
    Column("trace", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("opened_at", Text, nullable=False),
    Column("taken_by", Text, ForeignKey("staff.id")),
    Column("closed_by", Text, ForeignKey("staff.id")),
    Column("closed_at", Text),
    Column("reason", Text, nullable=False),
    Index(
        "cases_one_open",
        "kind",
        "subject",
        unique=True,
        sqlite_where=text("state <> 'closed'"),
    ),
    sqlite_strict=True,
)

counts = Table(
    "counts",
    metadata,
    Column("period", Text, primary_key=True, nullable=False),
    Column("what", Text, primary_key=True, nullable=False),
    Column("kind", Text, primary_key=True, nullable=False),
    Column("n", Integer, nullable=False),
    sqlite_strict=True,
)


# --- staff ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One member of staff by a random id; the machine knows no name."""

    id: str
    role: Role
    active: bool
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Known:
    """What a sign-in needs: the member and the hash that the PIN must match."""

    member: StaffMember
    pin_hash: str


def find_staff(txn: Txn, means: Secret) -> Known | None:
    """Whose card or number this is."""
    row = txn.connection.execute(
        select(staff)
        .join(staff_means, staff_means.c.staff == staff.c.id)
        .where(staff_means.c.means == _means(txn, means))
    ).one_or_none()
    return None if row is None else Known(_member(row), row.pin_hash)


def add_staff(
    txn: Txn, *, id: str, role: Role, means: tuple[Secret, ...], pin_hash: str, by: str
) -> StaffMember:
    """A new member, known by any of `means` (card, number).

    Raises:
        LocalProtocolError: store.refused, when a card or number is another member's already.
    """
    txn.connection.execute(
        insert(staff),
        {
            "id": id,
            "role": role.value,
            "pin_hash": pin_hash,
            "tries": 0,
            "locked_until": None,
            "active": 1,
            "since": moment(txn.now),
        },
    )
    for one in means:
        txn.connection.execute(insert(staff_means), {"means": _means(txn, one), "staff": id})
    journal.append(
        txn,
        "staff.added",
        entity=id,
        payload={"staff": id, "role": role.value, "by": by or None},
    )
    return member(txn, id)


def set_pin(txn: Txn, id: str, pin_hash: str, *, by: str) -> None:
    """A new PIN; it also ends a lock-out."""
    _change(txn, id, pin_hash=pin_hash, tries=0, locked_until=None)
    journal.append(txn, "staff.pin_set", entity=id, payload={"staff": id, "by": by or None})


def close_staff(txn: Txn, id: str, *, by: str) -> None:
    """The member signs in no more; what they did stays in the journal."""
    _change(txn, id, active=0)
    journal.append(txn, "staff.closed", entity=id, payload={"staff": id, "by": by or None})


def count_try(
    txn: Txn, id: str, *, right: bool, most: int, lock_for: timedelta
) -> tuple[StaffMember, str]:
    """Judge one try at the PIN; returns the member and why it was refused ("" when it was not).

    The lock is looked at here again, in the transaction that counts: tries at the same moment do not
    slip through.
    """
    row = txn.connection.execute(select(staff).where(staff.c.id == id)).one()
    known = _member(row)
    tries = row.tries
    reason = ""
    if known.locked_until is not None and known.locked_until > txn.now:
        reason = "locked"
    elif not known.active:
        reason = "closed"
    elif right:
        _change(txn, id, tries=0, locked_until=None)
    else:
        reason = "wrong"
        tries = 1 if known.locked_until is not None else tries + 1
        until = moment(txn.now + lock_for) if tries >= most else None
        _change(txn, id, tries=tries, locked_until=until)
    if reason:
        payload: dict[str, str | int | None] = {"staff": id, "reason": reason, "tries": tries}
        journal.append(txn, "staff.refused", entity=id, payload=payload)
    else:
        payload = {"staff": id, "role": known.role.value}
        journal.append(txn, "staff.signed_in", entity=id, payload=payload)
    return member(txn, id), reason


def refuse_unknown(txn: Txn) -> None:
    """Somebody tried a card or number that is nobody's."""
    journal.append(txn, "staff.refused", payload={"reason": "unknown"})


def sign_out(txn: Txn, id: str, *, reason: str) -> None:
    """The end of a member's session: pressed, or timed out."""
    journal.append(txn, "staff.signed_out", entity=id, payload={"staff": id, "reason": reason})


def acted(
    txn: Txn, id: str, act: Act, *, entity: str = "", trace: str = "", detail: str = ""
) -> None:
    """Write down what a member did, in the transaction that does it; `detail` is a word of ours.

    Raises:
        LocalProtocolError: the member's role does not allow it; the screens should not have offered it.
    """
    _permit(txn, id, act)
    journal.append(
        txn,
        "staff.acted",
        entity=entity,
        trace=trace,
        payload={"staff": id, "act": act.value} | ({"detail": detail} if detail else {}),
    )


def set_role(txn: Txn, id: str, role: Role, *, by: str) -> None:
    """What the member may do from now on.

    Raises:
        LocalProtocolError: there is none of this id.
    """
    _change(txn, id, role=role.value)
    payload = {"staff": id, "role": role.value, "by": by or None}
    journal.append(txn, "staff.role_set", entity=id, payload=payload)


def _permit(txn: Txn, id: str, act: Act) -> None:
    who = member(txn, id)
    if not who.active or not allowed(who.role, act):
        raise LocalProtocolError("staff", Code.BUG, f"{who.role.value} may not {act.value}")


def member(txn: Txn, id: str) -> StaffMember:
    """One member. Raises LocalProtocolError when there is none of this id."""
    row = txn.connection.execute(select(staff).where(staff.c.id == id)).one_or_none()
    if row is None:
        raise LocalProtocolError("staff", Code.BUG, "no staff of this id")
    return _member(row)


def all_staff(txn: Txn) -> tuple[StaffMember, ...]:
    """Everyone who may sign in."""
    rows = txn.connection.execute(select(staff).where(staff.c.active == 1).order_by(staff.c.id))
    return tuple(map(_member, rows.all()))


def _means(txn: Txn, means: Secret) -> str:
    return txn.sealer.index(means, place="staff_means:means")


def _change(txn: Txn, id: str, **values: str | int | None) -> None:
    changed = txn.connection.execute(update(staff).where(staff.c.id == id), values)
    if changed.rowcount != 1:
        raise LocalProtocolError("staff", Code.BUG, "no staff of this id")


def _member(row: Any) -> StaffMember:
    until = datetime.fromisoformat(row.locked_until) if row.locked_until else None
    return StaffMember(row.id, Role(row.role), bool(row.active), until)


# --- attention cases --------------------------------------------------------------------------------


SEALED_KEPT = timedelta(days=30)
"""Hard end of what is sealed with a case, closed or not."""


def open_case(
    txn: Txn,
    kind: CaseKind,
    subject: str,
    *,
    effect: str | None = None,
    trace: str = "",
    sealed: Mapping[str, Secret] | None = None,
) -> Case:
    """Ask for a person. The same kind and subject while one is open only counts it up.

    Args:
        txn: the transaction.
        kind: what is wrong.
        subject: item number or device role; never whom it concerns.
        effect: the effect that needs staff, if one does.
        trace: the visit or item.
        sealed: what only staff may see, kept in an envelope until the case is closed.
    """
    same = txn.connection.execute(
        select(cases).where(
            cases.c.kind == kind.value, cases.c.subject == subject, cases.c.state != "closed"
        )
    ).one_or_none()
    if same is not None:
        _keep_sealed(txn, same.id, same.seen + 1, sealed)
        return _update(txn, same.id, seen=same.seen + 1)
    id = txn.new_id()
    _keep_sealed(txn, id, 1, sealed)
    priority = PRIORITY[kind]
    txn.connection.execute(
        insert(cases),
        {
            "id": id,
            "kind": kind.value,
            "subject": subject,
            "priority": priority.value,
            "effect": effect,
            "trace": trace,
            "state": CaseState.OPEN.value,
            "seen": 1,
            "opened_at": moment(txn.now),
            "taken_by": None,
            "closed_by": None,
            "closed_at": None,
            "reason": "",
        },
    )
    journal.append(
        txn,
        "case.opened",
        entity=id,
        trace=trace,
        payload={"case": kind.value, "subject": subject, "priority": priority.value},
    )
    return case(txn, id)


def take_case(txn: Txn, id: str, *, who: str) -> Case:
    """A member of staff looks after it (also when another did until now)."""
    _permit(txn, who, Act.TAKE_CASE)
    taken = _update(txn, id, state=CaseState.TAKEN.value, taken_by=who)
    journal.append(
        txn,
        "case.taken",
        entity=id,
        trace=taken.trace,
        payload={"case": taken.kind.value, "staff": who},
    )
    return taken


def release_case(txn: Txn, id: str, *, who: str) -> Case:
    """Taken by mistake: it waits again for whoever takes it."""
    _permit(txn, who, Act.TAKE_CASE)
    freed = _update(txn, id, state=CaseState.OPEN.value, taken_by=None)
    payload = {"case": freed.kind.value, "staff": who}
    journal.append(txn, "case.released", entity=id, trace=freed.trace, payload=payload)
    return freed


def close_case(txn: Txn, id: str, *, reason: CloseReason, who: str | None) -> Case:
    """The end of a case: by a member of staff, or by the machine itself (`who` None, reason GONE).

    Raises:
        LocalProtocolError: store.refused when it is closed already; a reason that the machine cannot give.
    """
    if who is not None:
        _permit(txn, who, Act.CLOSE_CASE)
    elif reason is not CloseReason.GONE:
        raise LocalProtocolError("store", Code.BUG, "only a person closes a case as solved")
    for nth in range(1, case(txn, id).seen + 1):
        envelopes.erase(txn, _sealed_place(id, nth))
    closed = _update(
        txn,
        id,
        state=CaseState.CLOSED.value,
        closed_by=who,
        closed_at=moment(txn.now),
        reason=reason.value,
    )
    journal.append(
        txn,
        "case.closed",
        entity=id,
        trace=closed.trace,
        payload={"case": closed.kind.value, "staff": who, "reason": reason.value},
    )
    return closed


def settle_case(
    txn: Txn, kind: CaseKind, subject: str, *, keep_effects: bool = False
) -> Case | None:
    """What the case was about is well again: close it if one is open.

    Args:
        txn: the transaction.
        kind: what was wrong.
        subject: item number or device role.
        keep_effects: leave a case that stands for an effect which only staff can end.
    """
    row = txn.connection.execute(
        select(cases.c.id, cases.c.effect).where(
            cases.c.kind == kind.value, cases.c.subject == subject, cases.c.state != "closed"
        )
    ).one_or_none()
    if row is None or (keep_effects and row.effect):
        return None
    return close_case(txn, row.id, reason=CloseReason.GONE, who=None)


def sealed_of_case(txn: Txn, id: str, *, who: str) -> tuple[Mapping[str, Secret], ...]:
    """What was sealed with a case, each time it was met. Who looked stands in the journal.

    Raises:
        LocalProtocolError: the member's role does not allow it.
        DeviceUnavailable: store.key, when it was sealed by another key.
    """
    acted(txn, who, Act.SEE_BORROWER, entity=id)
    return sealed_in_case(txn, id)


def sealed_in_case(txn: Txn, id: str) -> tuple[Mapping[str, Secret], ...]:
    """The same for the machine, which shows it to nobody; the newest stands last."""
    found = (
        envelopes.unseal(txn, _sealed_place(id, nth)) for nth in range(1, case(txn, id).seen + 1)
    )
    return tuple(one for one in found if one is not None)


def _keep_sealed(txn: Txn, id: str, nth: int, values: Mapping[str, Secret] | None) -> None:
    if values:
        envelopes.seal(txn, _sealed_place(id, nth), values, expires_at=txn.now + SEALED_KEPT)


def _sealed_place(id: str, nth: int) -> str:
    return f"cases:{id}:sealed{nth}"


def open_cases(txn: Txn) -> tuple[Case, ...]:
    """All that are not closed: the most urgent first, then the oldest."""
    rows = txn.connection.execute(
        select(cases)
        .where(cases.c.state != CaseState.CLOSED.value)
        .order_by(cases.c.priority, cases.c.opened_at, cases.c.id)
    )
    return tuple(map(_case, rows.all()))


def closed_cases(txn: Txn, since: datetime) -> tuple[Case, ...]:
    """Those that were closed since a moment, the newest first."""
    rows = txn.connection.execute(
        select(cases)
        .where(cases.c.state == CaseState.CLOSED.value, cases.c.closed_at >= moment(since))
        .order_by(cases.c.closed_at.desc(), cases.c.id)
    )
    return tuple(map(_case, rows.all()))


def case(txn: Txn, id: str) -> Case:
    """One case. Raises LocalProtocolError when there is none of this id."""
    row = txn.connection.execute(select(cases).where(cases.c.id == id)).one_or_none()
    if row is None:
        raise LocalProtocolError("store", Code.BUG, "no case of this id")
    return _case(row)


def _update(txn: Txn, id: str, **values: str | int | None) -> Case:
    txn.connection.execute(update(cases).where(cases.c.id == id), values)
    return case(txn, id)


def _case(row: Any) -> Case:
    return Case(
        id=row.id,
        kind=CaseKind(row.kind),
        subject=row.subject,
        priority=Priority(row.priority),
        effect=row.effect,
        trace=row.trace,
        state=CaseState(row.state),
        seen=row.seen,
        opened_at=datetime.fromisoformat(row.opened_at),
        taken_by=row.taken_by,
        closed_by=row.closed_by,
        closed_at=datetime.fromisoformat(row.closed_at) if row.closed_at else None,
        reason=CloseReason(row.reason) if row.reason else None,
    )


# --- statistics -------------------------------------------------------------------------------------


def count(txn: Txn, *more: Count) -> None:
    """Add to the counts, in the transaction of the journal row that tells of it: so never twice, never without."""
    for one in more:
        fresh = sqlite_insert(counts).values(
            period=one.period, what=one.what.value, kind=one.kind, n=one.n
        )
        txn.connection.execute(
            fresh.on_conflict_do_update(
                index_elements=["period", "what", "kind"],
                set_={"n": counts.c.n + fresh.excluded.n},
            )
        )


def counts_of(txn: Txn, month: str) -> tuple[Count, ...]:
    """All counts of a month and of its hours."""
    rows = txn.connection.execute(
        select(counts)
        .where(counts.c.period.startswith(month, autoescape=True))
        .order_by(counts.c.period, counts.c.what, counts.c.kind)
    )
    return tuple(Count(row.period, What(row.what), row.kind, row.n) for row in rows.all())
