"""What happened, as rows: each once by station, stream and number, here and in the database of all branches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, select

from drivers.ports import Txn
from drivers.store import journal
from drivers.store.tables import journal_head
from drivers.store.txn import moment
from sorter.ims.happened import Happened, What
from sorter.ims.records.present import at_present
from sorter.ims.records.standing import apply
from sorter.ims.records.tables import SOME_CRATE, SOME_ITEM, events, shared
from sorter.ims.site import Site

OF_CRATES = frozenset(
    {What.DOCKED, What.CLOSED, What.SENT, What.RECEIVED, What.ONWARD, What.EMPTIED}
)
MOST_EVENTS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One happening with its own name: whose it is, and its number there."""

    station: str
    stream: str
    seq: int
    happened: Happened
    pos: int = 0
    """Its place in the database that it was read from."""


# --- what happens -----------------------------------------------------------------------------------


def happen(txn: Txn, site: Site, *happened: Happened) -> None:
    """Write down what happened here, and what came of it, as the next rows of this station."""
    stream = stream_of(txn)
    seq = last_of(txn.connection, site.station, stream)
    for one in at_present(txn.connection, site.station, happened):
        seq += 1
        add(txn.connection, Row(site.station, stream, seq, one))
        if one.what in OF_CRATES:
            journal.append(
                txn,
                "crate.happened",
                payload={"what": one.what.value, "crate": one.crate, "chute": one.chute or None},
            )


def stream_of(txn: Txn) -> str:
    """Name of this very database: one that is made anew begins another stream."""
    return str(txn.connection.execute(select(journal_head.c.stream)).scalar_one())


def last_of(connection: Any, station: str, stream: str) -> int:
    """Number of the last row of a stream that is known here."""
    found = select(func.max(events.c.seq)).where(
        events.c.station == station, events.c.stream == stream
    )
    return int(connection.execute(found).scalar() or 0)


DIRECT = "direct"
"""Stream of what a command writes straight into the shared database."""


def happen_there(connection: Any, station: str, *happened: Happened) -> None:
    """Write down in the shared database what a command did there; its transaction holds the lock of whoever writes."""
    seq = last_of(connection, station, DIRECT)
    for n, one in enumerate(at_present(connection, station, happened), 1):
        add(connection, Row(station, DIRECT, seq + n, one))


def add(connection: Any, row: Row) -> None:
    """Write one row and what comes of it. The caller knows that it is not there yet."""
    one = row.happened
    values = {
        "station": row.station,
        "stream": row.stream,
        "seq": row.seq,
        "at": moment(one.at),
        "what": one.what.value,
        "branch": one.branch,
        "crate": one.crate,
        "chute": one.chute,
        "destination": one.destination,
        "item": one.item,
        "number": one.number,
        "bin": one.bin,
        "rule": one.rule,
        "cause": one.cause,
        "fresh": int(one.fresh),
        "why": one.why,
    }
    connection.execute(insert(events), values)
    apply(connection, row.station, one)


# --- what happened ----------------------------------------------------------------------------------


def story_of(connection: Any, item: str) -> tuple[Row, ...]:
    """All that happened to an item, and to the crates that it lay in while it did, the oldest first."""
    own = connection.execute(
        select(events)
        .where(events.c.item == item, SOME_ITEM)
        .order_by(events.c.at.desc(), events.c.pos.desc())
        .limit(MOST_EVENTS)
    ).all()[::-1]
    found = [(row.at, row.pos, row) for row in own]
    for n, row in enumerate(own):
        if not row.crate or row.what in {What.MISSING.value, What.TAKEN_OUT.value}:
            continue
        until = own[n + 1].at if n + 1 < len(own) else "~"
        crate = connection.execute(
            select(events)
            .where(
                events.c.crate == row.crate,
                SOME_CRATE,
                events.c.item == "",
                events.c.at >= row.at,
                events.c.at <= until,
                events.c.pos != row.pos,
            )
            .order_by(events.c.at, events.c.pos)
            .limit(MOST_EVENTS)
        ).all()
        for one in crate:
            if one.what == What.DOCKED.value and one.fresh:
                break  # another round, without this item
            found.append((one.at, one.pos, one))
            if one.what == What.EMPTIED.value:
                break
    unique = {pos: (at, pos, row) for at, pos, row in found}
    return tuple(row_of(row) for _, _, row in sorted(unique.values(), key=lambda one: one[:2]))


def row_of(row: Any) -> Row:
    return Row(
        row.station,
        row.stream,
        row.seq,
        Happened(
            What(row.what),
            datetime.fromisoformat(row.at),
            row.branch,
            row.crate,
            row.chute,
            row.destination,
            row.item,
            row.number,
            row.bin,
            row.rule,
            row.cause,
            bool(row.fresh),
            row.why,
        ),
        row.pos,
    )


def rows_after(connection: Any, station: str, stream: str, seq: int, most: int) -> tuple[Row, ...]:
    """The next rows of one stream."""
    found = connection.execute(
        select(events)
        .where(events.c.station == station, events.c.stream == stream, events.c.seq > seq)
        .order_by(events.c.seq)
        .limit(most)
    )
    return tuple(map(row_of, found.all()))


def rows_of_others(
    connection: Any, station: str, stream: str, pos: int, most: int
) -> Sequence[Row]:
    """The next rows that are not of this stream, as they stand here one after the other."""
    found = connection.execute(
        select(events)
        .where(events.c.pos > pos, or_(events.c.station != station, events.c.stream != stream))
        .order_by(events.c.pos)
        .limit(most)
    )
    return tuple(map(row_of, found.all()))


def top(connection: Any) -> int:
    """The last place in a database."""
    return int(connection.execute(select(func.max(events.c.pos))).scalar() or 0)


def take(connection: Any, rows: Iterable[Row]) -> int:
    """Write rows that are not here yet, each once; how many there were."""
    fresh = 0
    last: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.station, row.stream)
        if key not in last:
            last[key] = last_of(connection, *key)
        if row.seq > last[key]:
            add(connection, row)
            last[key] = row.seq
            fresh += 1
    return fresh


# --- how far the two databases know of each other ----------------------------------------------------


def marks(txn: Txn) -> tuple[int, int]:
    """The last own row that the shared database has, and the last place in it that was read."""
    row = txn.connection.execute(select(shared)).one_or_none()
    return (0, 0) if row is None else (row.sent, row.pulled)


def mark(txn: Txn, sent: int, pulled: int) -> None:
    """Remember both."""
    txn.connection.execute(delete(shared))
    txn.connection.execute(insert(shared), {"one": 1, "sent": sent, "pulled": pulled})
