"""The table of what happened to a belt, in the order in which it did; each row beside its row of the journal."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    insert,
    select,
)

from drivers.ports import Pack, Txn
from drivers.store import journal
from drivers.store.kinds import JsonScalar
from drivers.store.txn import moment
from sorter.belt.line import Because, Line, Noted, Reason, What
from sorter.history.stood import Stood, Strays

metadata = MetaData()

history = Table(
    "sorter_history",
    metadata,
    Column("seq", Integer, primary_key=True, nullable=False),
    Column("at", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("zone", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    Column("because", Text, nullable=False),
    Index("sorter_history_what", "what", "seq"),
    sqlite_strict=True,
)

MOST = 200
"""Rows that are read at once: of a bad week, not of a year."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One row: what, and when it was written down."""

    seq: int
    at: datetime
    noted: Noted


def write(txn: Txn, noted: tuple[Noted, ...]) -> None:
    """Write down what happened, in the transaction after which the belt may forget it."""
    for one in noted:
        payload: dict[str, JsonScalar] = {
            "what": one.what.value,
            "zone": one.zone,
            "number": int(one.number),
            "state": one.state.name.lower() if one.state is not None else None,
            "because": one.reason.because.value if one.state is not None else None,
        }
        seq = journal.append(txn, "belt.happened", payload=payload)
        row = {
            "seq": seq,
            "at": moment(txn.now),
            "what": one.what.value,
            "zone": one.zone,
            "number": int(one.number),
            "state": 0 if one.state is None else int(one.state),
            "because": one.reason.because.value,
        }
        txn.connection.execute(insert(history).values(row))


def latest(txn: Txn, most: int = MOST) -> tuple[Happened, ...]:
    """What happened last, the newest first."""
    rows = select(history).order_by(history.c.seq.desc()).limit(min(most, MOST))
    return tuple(map(_happened, txn.connection.execute(rows).all()))


@dataclass(frozen=True, slots=True)
class Left:
    """How an earlier run left the belt itself."""

    reason: Reason = field(default=Reason(Because.BEFORE))
    alarms: Mapping[int, int] = field(default_factory=dict)
    suspended: bool = False
    strays: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    """By zone, those that nobody has looked for."""
    events_lost: int = 0
    """Since somebody last looked."""

    def onto(self, line: Line) -> Line:
        """The line with that."""
        return replace(
            line,
            reason=self.reason,
            alarms=self.alarms,
            suspended=self.suspended,
            strays=self.strays,
            events_lost=self.events_lost,
        )


def left(txn: Txn) -> Left:
    """Why the belt stood when it was last heard of, and which of its alarms did."""
    states = select(history).where(history.c.what == What.STATE.value)
    state = txn.connection.execute(states.order_by(history.c.seq.desc()).limit(1)).one_or_none()
    alarms: dict[int, int] = {}
    for one in reversed(latest(txn)):
        match one.noted.what:
            case What.RAISED:
                alarms[one.noted.number] = one.noted.zone
            case What.CLEARED:
                alarms.pop(one.noted.number, None)
            case What.RESTARTED:
                alarms.clear()
            case _:
                pass
    strays = MappingProxyType({row.zone: row.count for row in _astray(txn)})
    lost = _lost(txn).count
    if state is None:
        return Left(alarms=alarms, strays=strays, events_lost=lost)
    noted = _happened(state).noted
    waits = noted.state in {Pack.SUSPENDING, Pack.SUSPENDED}
    suspended = waits and noted.reason.because is Because.LIBRARY
    return Left(noted.reason, alarms, suspended, strays, lost)


def stood(txn: Txn) -> dict[int, Stood]:
    """Of each alarm that ever came, by its number."""
    raised, cleared = _last(txn, What.RAISED), _last(txn, What.CLEARED)
    found: dict[int, Stood] = {}
    for number, one in raised.items():
        over = cleared.get(number)
        gone = over.at if over is not None and over.seq > one.seq else None
        found[number] = Stood(one.at, one.noted.zone, gone)
    return found


def strays(txn: Txn) -> Strays | None:
    """When those were seen that nobody has looked for; None where there are none."""
    zones = _astray(txn)
    if not zones:
        return None
    first, last = min(row.first for row in zones), max(row.last for row in zones)
    ends = txn.connection.execute(select(history).where(history.c.seq.in_((first, last))))
    at = {row.seq: _happened(row) for row in ends.all()}
    return Strays(at[first].at, at[last].at, at[last].noted.zone)


def lost_since(txn: Txn) -> datetime | None:
    """When the first of the events was lost after which nobody has looked; None where there are none."""
    row = txn.connection.execute(
        select(history).where(history.c.seq == _lost(txn).first)
    ).one_or_none()
    return None if row is None else _happened(row).at


def _astray(txn: Txn) -> tuple[Any, ...]:
    """Of each zone where there were strays since somebody last looked: how many, and the rows of the first and the last."""
    seq = history.c.seq
    found = select(
        history.c.zone,
        func.count().label("count"),
        func.min(seq).label("first"),
        func.max(seq).label("last"),
    ).where(*_since_seen(What.STRAY, What.STRAYS_SEEN))
    return tuple(txn.connection.execute(found.group_by(history.c.zone)).all())


def _lost(txn: Txn) -> Any:
    """How many events were lost since somebody last looked, and the row of the first."""
    count = func.coalesce(func.sum(history.c.number), 0).label("count")
    first = func.coalesce(func.min(history.c.seq), 0).label("first")
    since = _since_seen(What.EVENTS_LOST, What.EVENTS_LOST_SEEN)
    return txn.connection.execute(select(count, first).where(*since)).one()


def _since_seen(what: What, seen: What) -> tuple[ColumnElement[bool], ...]:
    """Rows of a kind that are newer than the last by which a person has seen to it."""
    last = select(func.coalesce(func.max(history.c.seq), 0)).where(history.c.what == seen.value)
    return history.c.what == what.value, history.c.seq > last.scalar_subquery()


def _last(txn: Txn, what: What) -> dict[int, Happened]:
    """By number, the last row of a kind."""
    seqs = select(func.max(history.c.seq)).where(history.c.what == what.value)
    rows = select(history).where(history.c.seq.in_(seqs.group_by(history.c.number)))
    return {row.number: _happened(row) for row in txn.connection.execute(rows).all()}


def _happened(row: Any) -> Happened:
    because = Because(row.because) if row.because in set(Because) else Because.BEFORE
    state = Pack(row.state) if row.state in set(Pack) else None
    number = row.number if because is Because.ALARM else 0
    reason = Reason(because, row.zone, number) if state is not None else Reason()
    noted = Noted(What(row.what), row.zone, row.number, state, reason)
    return Happened(row.seq, datetime.fromisoformat(row.at), noted)
