"""The journal: append-only, numbered, each row holding the hash of the one before.

A state row and its journal row are one transaction. The database itself refuses to change, remove or
reorder rows (triggers of the first migration); the chain finds what went behind its back, such as a
flipped bit, which SQLite's own integrity check does not see.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from drivers.ports import Secret, Txn
from drivers.store import tables
from drivers.store.kinds import JsonScalar, checked, checked_id
from drivers.store.txn import moment

GENESIS = bytes(32)
"""prev_hash of the first row."""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One row, without its links."""

    seq: int
    id: str
    wall: datetime
    boot_id: str
    kind: str
    version: int
    entity: str
    trace: str
    payload: Mapping[str, JsonScalar]


@dataclass(frozen=True, slots=True)
class Chain:
    """What a walk along the journal found."""

    checked: int
    last: int
    """The last row that is right."""
    broken_at: int | None = None
    """The first row that is wrong; nothing from here on is proven."""
    why: str = ""

    @property
    def whole(self) -> bool:
        return self.broken_at is None


def append(
    txn: Txn,
    kind: str,
    *,
    entity: str = "",
    trace: str = "",
    payload: Mapping[str, JsonScalar] | None = None,
) -> int:
    """Write one row and return its number.

    Args:
        txn: the transaction that also holds the change the row tells of.
        kind: one of kinds.KINDS.
        entity: the id of what the row is about (effect, case, device role).
        trace: the id of the visit or item it belongs to.
        payload: fields of the kind; those that are left out are not known.

    Raises:
        LocalProtocolError: the kind, a field or a value is not in the table of kinds.
    """
    version = checked(kind, payload or {})
    raw = txn.connection.connection
    seq, prev_hash = raw.execute(_HEAD).fetchone()
    row = (
        prev_hash,
        seq + 1,
        txn.new_id(),
        moment(txn.now),
        round(txn.monotonic * 1_000_000),
        txn.boot_id,
        kind,
        version,
        checked_id(entity),
        checked_id(trace),
        _payload(payload or {}),
    )
    raw.execute(_APPEND, (*row, _hash(row)))
    return int(seq) + 1


def rows(
    txn: Txn, *, since: int = 0, most: int = 500, kind: str | None = None
) -> tuple[JournalRow, ...]:
    """The next rows after number `since`, of one kind or of all."""
    found = select(tables.journal).where(tables.journal.c.seq > since)
    if kind is not None:
        found = found.where(tables.journal.c.kind == kind)
    found = found.order_by(tables.journal.c.seq).limit(most)
    return tuple(map(_row, txn.connection.execute(found).all()))


def rows_between(
    txn: Txn, kinds: Collection[str], since: datetime, until: datetime
) -> tuple[JournalRow, ...]:
    """The rows of some kinds from one moment (UTC) to before another."""
    rows = tables.journal.c
    found = select(tables.journal).where(
        rows.kind.in_(sorted(kinds)), rows.wall >= moment(since), rows.wall < moment(until)
    )
    return tuple(map(_row, txn.connection.execute(found.order_by(rows.seq)).all()))


def rows_of(
    txn: Txn, trace: str, since: datetime, until: datetime, *, most: int = 20_000
) -> tuple[JournalRow, ...]:
    """The rows of one visit or item, written between two moments (UTC).

    No index over traces is kept, which every row would pay for: the first row is found by halving, since rows are
    written in the order of time, and at most `most` are looked at.
    """
    rows = tables.journal.c
    first = _first_at(txn, moment(since))
    found = (
        select(tables.journal)
        .where(rows.seq >= first, rows.seq < first + most)
        .where(rows.trace == trace, rows.wall <= moment(until))
        .order_by(rows.seq)
    )
    return tuple(map(_row, txn.connection.execute(found).all()))


def rows_about(txn: Txn, entity: str, since: datetime) -> tuple[JournalRow, ...]:
    """The rows about one effect, case or device, written since a moment (UTC); the first is found by halving."""
    rows = tables.journal.c
    found = select(tables.journal).where(
        rows.seq >= _first_at(txn, moment(since)), rows.entity == entity
    )
    return tuple(map(_row, txn.connection.execute(found.order_by(rows.seq)).all()))


def numbers_between(txn: Txn, since: datetime, until: datetime) -> range:
    """Numbers of the rows from one moment (UTC) to before another; rows are written in the order of time."""
    return range(_first_at(txn, moment(since)), _first_at(txn, moment(until)))


def _first_at(txn: Txn, wall: str) -> int:
    """Number of the first row that is not older than that."""
    rows = tables.journal.c
    low = 1
    high = int(txn.connection.execute(select(func.max(rows.seq))).scalar() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at = txn.connection.execute(select(rows.wall).where(rows.seq == middle)).scalar()
        low, high = (middle + 1, high) if at is not None and at < wall else (low, middle)
    return low


def last(txn: Txn, kind: str) -> JournalRow | None:
    """The newest row of a kind."""
    found = txn.connection.execute(
        select(tables.journal)
        .where(tables.journal.c.kind == kind)
        .order_by(tables.journal.c.seq.desc())
        .limit(1)
    ).one_or_none()
    return None if found is None else _row(found)


def newest_of_earlier_runs(txn: Txn) -> datetime | None:
    """The latest wall time that an earlier run wrote down; a clock behind it is wrong."""
    wall = txn.connection.execute(
        select(func.max(tables.journal.c.wall)).where(tables.journal.c.boot_id != txn.boot_id)
    ).scalar_one()
    return datetime.fromisoformat(wall) if wall else None


def _row(row: Any) -> JournalRow:
    return JournalRow(
        seq=row.seq,
        id=row.id,
        wall=datetime.fromisoformat(row.wall),
        boot_id=row.boot_id,
        kind=row.kind,
        version=row.version,
        entity=row.entity,
        trace=row.trace,
        payload=json.loads(row.payload),
    )


HASHED = (
    "prev_hash",
    "seq",
    "id",
    "wall",
    "mono_us",
    "boot_id",
    "kind",
    "version",
    "entity",
    "trace",
    "payload",
)
"""The columns that are hashed, in this order."""
# as text and past SQLAlchemy, which was three quarters of what a row cost
_HEAD = "SELECT seq, hash FROM journal_head"
_APPEND = f"INSERT INTO journal ({', '.join(HASHED)}, hash) VALUES ({', '.join('?' * 12)})"


def canonical(values: Sequence[bytes | str | int]) -> bytes:
    """What is hashed: each value of HASHED after its length, so that no two rows have one form."""
    form = [_TAG]
    for value in values:
        part = value if isinstance(value, bytes) else str(value).encode()
        form += (len(part).to_bytes(4, "big"), part)
    return b"".join(form)


_TAG = b"ims-journal-1"
_PLAIN = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def _payload(payload: Mapping[str, JsonScalar]) -> str:
    """The one text of a payload: keys in order, no spaces."""
    return _PLAIN(payload)


def _hash(values: Sequence[bytes | str | int]) -> bytes:
    return hashlib.sha256(canonical(values)).digest()


def verify(txn: Txn, since: int = 0) -> Chain:
    """Walk the chain after row `since` to the head. A break is the answer, not an error."""
    journal = tables.journal
    head = txn.connection.execute(select(tables.journal_head)).one()
    expected = GENESIS
    if since:
        expected = txn.connection.execute(
            select(journal.c.hash).where(journal.c.seq == since)
        ).scalar()
        if expected is None:
            return Chain(0, 0, since, "row missing")
    last = since
    found = txn.connection.execute(
        select(journal.c.hash, *(journal.c[name] for name in HASHED))
        .where(journal.c.seq > since)
        .order_by(journal.c.seq)
    )
    for found_hash, *values in found:
        prev_hash, seq = values[:2]
        if seq != last + 1:
            return Chain(last - since, last, last + 1, "row missing")
        if prev_hash != expected:
            return Chain(last - since, last, seq, "does not follow the row before")
        if found_hash != _hash(values):
            return Chain(last - since, last, seq, "content and hash differ")
        last, expected = seq, found_hash
    if (head.seq, head.hash) != (last, expected):
        return Chain(last - since, last, last + 1, "the head names another last row")
    return Chain(last - since, last)


def verified(txn: Txn) -> int:
    """The last row that an earlier check found right."""
    found = txn.connection.execute(select(tables.journal_head.c.verified)).scalar_one()
    return int(found)


def mark_verified(txn: Txn, chain: Chain) -> None:
    """Remember how far the chain was found right, so that the next boot starts there."""
    txn.connection.execute(update(tables.journal_head).values(verified=chain.last))


def head(txn: Txn) -> tuple[int, str]:
    """Number and hash (hex) of the last row: written down elsewhere, it proves the whole journal."""
    row = txn.connection.execute(
        select(tables.journal_head.c.seq, tables.journal_head.c.hash)
    ).one()
    return int(row.seq), bytes(row.hash).hex()


def commitment(key: bytes, patron_card: Secret) -> str:
    """Whom a visit belongs to, for who has both the day's key and the card: HMAC-SHA-256, hex.

    Without the key not even a list of all card numbers opens it; once the key is erased nobody can.
    """
    return hmac.new(key, patron_card.reveal().encode(), hashlib.sha256).hexdigest()
