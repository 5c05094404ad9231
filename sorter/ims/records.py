"""Where materials are, as tables: the same in a plant's own database and in the one that branches share.

`ims_events` is what happened, each row once by station, stream and number. `ims_crates` and `ims_places` are what came
of it: rebuilt by `apply` wherever the rows arrive, also when they arrive late and out of order, for a newer moment always
stands. No borrower is in them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from drivers.ports import Txn
from drivers.store import journal
from drivers.store.tables import journal_head
from drivers.store.txn import moment
from sorter.ims.crates import Crate, CrateState, Depot, Swap, scanned
from sorter.ims.happened import Happened, What
from sorter.ims.labels import Label, LabelKind
from sorter.ims.site import Site

metadata = MetaData()

crates = Table(
    "ims_crates",
    metadata,
    Column("label", Text, primary_key=True, nullable=False),
    Column("state", Text, nullable=False),
    Column("chute", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("round", Text, nullable=False),
    Index(
        "ims_crates_docked",
        "branch",
        "chute",
        unique=True,
        sqlite_where=text("state = 'docked'"),
        postgresql_where=text("state = 'docked'"),
    ),
    sqlite_strict=True,
)

places = Table(
    "ims_places",
    metadata,
    Column("item", Text, primary_key=True, nullable=False),
    Column("branch", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("bin", Text, nullable=False),
    Column("crate", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("why", Text, nullable=False),
    Index(
        "ims_places_crate",
        "crate",
        sqlite_where=text("crate <> ''"),
        postgresql_where=text("crate <> ''"),
    ),
    sqlite_strict=True,
)
"""The last place of each item; the state of its crate is the crate's."""

events = Table(
    "ims_events",
    metadata,
    Column("pos", Integer, primary_key=True, nullable=False),
    Column("station", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("crate", Text, nullable=False),
    Column("chute", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("bin", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("fresh", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Index("ims_events_once", "station", "stream", "seq", unique=True),
    Index(
        "ims_events_item",
        "item",
        sqlite_where=text("item <> ''"),
        postgresql_where=text("item <> ''"),
    ),
    Index(
        "ims_events_crate",
        "crate",
        sqlite_where=text("crate <> ''"),
        postgresql_where=text("crate <> ''"),
    ),
    sqlite_strict=True,
)

scan = Table(
    "ims_scan",
    metadata,
    Column("one", Integer, primary_key=True, nullable=False),
    Column("kind", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("chute", Text, nullable=False),
    Column("crate", Text, nullable=False),
    sqlite_strict=True,
)
"""The first scan of a pair, or a pair that was refused for a doubt; in a plant's own database alone."""

shared = Table(
    "ims_shared",
    metadata,
    Column("one", Integer, primary_key=True, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("pulled", Integer, nullable=False),
    sqlite_strict=True,
)
"""How far this plant and the shared database know of each other; in a plant's own database alone."""

# a partial index serves a question that repeats its condition word for word (sqlite.org/partialindex.html, 3)
_SOME_ITEM = text("item <> ''")
_SOME_CRATE = text("crate <> ''")
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


@dataclass(frozen=True, slots=True)
class Placed:
    """The last place of an item."""

    item: str
    branch: str
    station: str
    bin: str
    crate: str
    number: int
    rule: str
    cause: str
    destination: str
    since: datetime
    why: str


# --- what happens -----------------------------------------------------------------------------------


def happen(txn: Txn, site: Site, *happened: Happened) -> None:
    """Write down what happened here, and what came of it, as the next rows of this station."""
    stream = stream_of(txn)
    seq = last_of(txn.connection, site.station, stream)
    for one in happened:
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
    for n, one in enumerate(happened, 1):
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


def apply(connection: Any, station: str, one: Happened) -> None:
    """What one happening makes of crates and places; a late one changes nothing that is newer."""
    match one.what:
        case What.DOCKED:
            _docked(connection, one)
        case What.CLOSED | What.SENT | What.RECEIVED | What.ONWARD | What.EMPTIED:
            _moved(connection, one)
        case What.FELL | What.GONE:
            _fell(connection, station, one)
        case What.FOUND:
            _found(connection, station, one)
        case What.MISSING:
            _missing(connection, one)


def _crate_row(connection: Any, label: str) -> Any:
    return connection.execute(select(crates).where(crates.c.label == label)).one_or_none()


def _put_crate(connection: Any, label: str, **values: str) -> None:
    if _crate_row(connection, label) is None:
        whole = {"label": label, "chute": "", "destination": "", "round": "", **values}
        connection.execute(insert(crates), whole)
    else:
        connection.execute(update(crates).where(crates.c.label == label).values(**values))


def _docked(connection: Any, one: Happened) -> None:
    at, row = moment(one.at), _crate_row(connection, one.crate)
    if row is not None and row.since > at:
        if one.fresh:
            _begun(connection, row, one.branch, at)
        return
    if one.fresh:
        arrived = one.branch
        if row is not None:
            arrived = (
                row.destination if row.state == CrateState.SENT and row.destination else row.branch
            )
        _release(connection, one.crate, arrived, at)
    there = connection.execute(
        select(crates).where(
            crates.c.branch == one.branch,
            crates.c.chute == one.chute,
            crates.c.state == CrateState.DOCKED.value,
            crates.c.label != one.crate,
        )
    ).one_or_none()
    stands = there is None or there.since <= at
    if there is not None and stands:
        closed = {"state": CrateState.CLOSED.value, "chute": "", "since": at}
        _put_crate(connection, there.label, **closed)
    _put_crate(
        connection,
        one.crate,
        state=(CrateState.DOCKED if stands else CrateState.CLOSED).value,
        chute=one.chute if stands else "",
        branch=one.branch,
        destination=one.destination,
        since=at,
        **({"round": at} if one.fresh else {}),
    )


_STATES = {
    What.CLOSED: CrateState.CLOSED,
    What.SENT: CrateState.SENT,
    What.RECEIVED: CrateState.RECEIVED,
    What.ONWARD: CrateState.SENT,
    What.EMPTIED: CrateState.EMPTY,
}


def _moved(connection: Any, one: Happened) -> None:
    at, row = moment(one.at), _crate_row(connection, one.crate)
    if row is not None and row.since > at:
        if one.what is What.EMPTIED:
            _begun(connection, row, one.branch, at)
        return
    values = {
        "state": _STATES[one.what].value,
        "chute": "",
        "branch": one.branch,
        "since": at,
    }
    if one.what is What.EMPTIED:
        _release(connection, one.crate, one.branch, at)
        values |= {"destination": "", "round": at}
    _put_crate(connection, one.crate, **values)


def _begun(connection: Any, row: Any, branch: str, at: str) -> None:
    """Told late: a crate began a round; where it is now is known already."""
    _release(connection, row.label, branch, at)
    _put_crate(connection, row.label, round=max(row.round, at))


def _release(connection: Any, label: str, branch: str, at: str) -> None:
    """What lay in a crate is out of it, at a branch."""
    connection.execute(
        update(places)
        .where(places.c.crate == label, places.c.since <= at, _SOME_CRATE)
        .values(crate="", bin="", branch=branch)
    )


def _fell(connection: Any, station: str, one: Happened) -> None:
    at, crate = moment(one.at), one.crate
    if crate:
        row = _crate_row(connection, crate)
        if row is not None and row.round > at:
            crate = ""  # that crate has begun another round since
        if connection.execute(
            select(events.c.pos).where(
                events.c.item == one.item,
                _SOME_ITEM,
                events.c.crate == crate,
                events.c.what == What.MISSING.value,
                events.c.at >= at,
            )
        ).first():
            crate = ""  # and it was not in it any more
    _put_place(
        connection,
        at,
        {
            "item": one.item,
            "branch": one.branch,
            "station": station,
            "bin": one.bin,
            "crate": crate,
            "number": one.number,
            "rule": one.rule,
            "cause": one.cause,
            "destination": one.destination,
            "since": at,
            "why": one.why,
        },
    )


def _put_place(connection: Any, at: str, values: dict[str, Any]) -> None:
    since = connection.execute(
        select(places.c.since).where(places.c.item == values["item"])
    ).scalar_one_or_none()
    if since is None:
        connection.execute(insert(places), values)
    elif since <= at:
        connection.execute(update(places).where(places.c.item == values["item"]).values(**values))


def _found(connection: Any, station: str, one: Happened) -> None:
    at = moment(one.at)
    known = connection.execute(select(places).where(places.c.item == one.item)).one_or_none()
    row = _crate_row(connection, one.crate)
    crate = "" if row is not None and row.round > at else one.crate
    values: dict[str, Any] = {"item": one.item, "branch": one.branch, "bin": "", "crate": crate}
    values["since"] = at
    if known is None or known.crate != one.crate:
        plain = {"number": 0, "rule": "", "cause": "", "destination": "", "why": ""}
        values |= {**plain, "station": station}
    _put_place(connection, at, values)


def _missing(connection: Any, one: Happened) -> None:
    at = moment(one.at)
    connection.execute(
        update(places)
        .where(places.c.item == one.item, places.c.crate == one.crate, places.c.since <= at)
        .values(crate="", cause="missing", since=at)
    )


# --- scans at the bins ------------------------------------------------------------------------------


def scan_label(txn: Txn, site: Site, label: Label) -> Swap:
    """One scan: what it came to, what is remembered of it, and what happened by it, in one transaction."""
    depot = _depot(txn, site, label)
    after, swap = scanned(depot, label, txn.now)
    if (after.half, after.half_at, after.doubted) != (depot.half, depot.half_at, depot.doubted):
        _remember(txn, after)
    happen(txn, site, *swap.happened)
    return swap


def _depot(txn: Txn, site: Site, label: Label) -> Depot:
    connection = txn.connection
    depot = site.depot
    row = connection.execute(select(scan)).one_or_none()
    if row is not None:
        half = Label(LabelKind(row.kind), row.label) if row.kind else None
        doubted = (row.chute, row.crate) if row.crate else None
        depot = replace(depot, half=half, half_at=datetime.fromisoformat(row.at), doubted=doubted)
    wanted = {label.text} | ({depot.half.text} if depot.half is not None else set())
    found = connection.execute(
        select(crates).where(
            or_(
                crates.c.label.in_(sorted(wanted)),
                and_(crates.c.state == CrateState.DOCKED.value, crates.c.branch == site.branch),
            )
        )
    )
    known = {row.label: _crate(connection, row) for row in found.all()}
    return replace(depot, crates=MappingProxyType(known))


def _remember(txn: Txn, depot: Depot) -> None:
    txn.connection.execute(delete(scan))
    if depot.half is None and depot.doubted is None:
        return
    chute, crate = depot.doubted or ("", "")
    row = {
        "one": 1,
        "kind": depot.half.kind.value if depot.half is not None else "",
        "label": depot.half.text if depot.half is not None else "",
        "at": moment(depot.half_at or txn.now),
        "chute": chute,
        "crate": crate,
    }
    txn.connection.execute(insert(scan), row)


# --- questions --------------------------------------------------------------------------------------


def _crate(connection: Any, row: Any) -> Crate:
    items = connection.execute(
        select(places.c.item)
        .where(places.c.crate == row.label, _SOME_CRATE)
        .order_by(places.c.since, places.c.item)
    )
    return Crate(
        row.label,
        CrateState(row.state),
        row.chute,
        row.branch,
        row.destination,
        tuple(items.scalars()),
        datetime.fromisoformat(row.since),
    )


def crate_of(connection: Any, label: str) -> Crate | None:
    """One crate with what lies in it, in the order in which it came in."""
    row = _crate_row(connection, label)
    return None if row is None else _crate(connection, row)


def docked(connection: Any, branch: str) -> dict[str, Crate]:
    """The crates that stand at a branch's chutes, by chute."""
    found = connection.execute(
        select(crates).where(crates.c.branch == branch, crates.c.state == CrateState.DOCKED.value)
    )
    return {row.chute: _crate(connection, row) for row in found.all()}


def docked_at(connection: Any, branch: str, chute: str) -> str:
    """Label of the crate that stands at a chute; empty where none is known."""
    found = connection.execute(
        select(crates.c.label).where(
            crates.c.branch == branch,
            crates.c.chute == chute,
            crates.c.state == CrateState.DOCKED.value,
        )
    )
    return str(found.scalar_one_or_none() or "")


def place_of(connection: Any, item: str) -> Placed | None:
    """Where an item was last, in one step."""
    row = connection.execute(select(places).where(places.c.item == item)).one_or_none()
    return None if row is None else _placed(row)


def contents(connection: Any, label: str) -> tuple[Placed, ...]:
    """What lies in a crate, with why, in the order in which it came in."""
    found = connection.execute(
        select(places)
        .where(places.c.crate == label, _SOME_CRATE)
        .order_by(places.c.since, places.c.item)
    )
    return tuple(map(_placed, found.all()))


def _placed(row: Any) -> Placed:
    return Placed(
        row.item,
        row.branch,
        row.station,
        row.bin,
        row.crate,
        row.number,
        row.rule,
        row.cause,
        row.destination,
        datetime.fromisoformat(row.since),
        row.why,
    )


def story_of(connection: Any, item: str) -> tuple[Row, ...]:
    """All that happened to an item, and to the crates that it lay in while it did, the oldest first."""
    own = connection.execute(
        select(events)
        .where(events.c.item == item, _SOME_ITEM)
        .order_by(events.c.at.desc(), events.c.pos.desc())
        .limit(MOST_EVENTS)
    ).all()[::-1]
    found = [(row.at, row.pos, row) for row in own]
    for n, row in enumerate(own):
        if not row.crate or row.what == What.MISSING.value:
            continue
        until = own[n + 1].at if n + 1 < len(own) else "~"
        crate = connection.execute(
            select(events)
            .where(
                events.c.crate == row.crate,
                _SOME_CRATE,
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
    return tuple(_row(row) for _, _, row in sorted(unique.values(), key=lambda one: one[:2]))


def _row(row: Any) -> Row:
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
    return tuple(map(_row, found.all()))


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
    return tuple(map(_row, found.all()))


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
