"""One SQLite file: how it is opened, checked, brought up to date, and what its faults mean.

Settings of every connection: write-ahead log, synchronous=FULL (no acknowledged commit is lost at a power
cut), secure_delete (what is erased is overwritten), BEGIN IMMEDIATE at each begin. The last also makes
migrations atomic: without it pysqlite commits before each DDL statement (SQLAlchemy 2, SQLite dialect,
"Serializable isolation / Savepoints / Transactional DDL").
"""

import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import StaticPool

from drivers.errors import Code, DeviceError, DeviceUnavailable, LocalProtocolError
from drivers.ports import Txn
from drivers.store import journal
from drivers.store.migrations import NEWEST, REVISIONS, upgrade
from drivers.store.space import not_made

WAL_RESET_FIXED = (3, 51, 3)
"""Older SQLite can corrupt a write-ahead log when two connections checkpoint at one instant
(sqlite.org/wal.html, "The WAL-reset bug"). One connection a file keeps us clear of it, so it is a warning."""

_PRAGMAS = (
    "journal_mode=WAL",
    "busy_timeout=5000",
    "secure_delete=ON",
    "recursive_triggers=ON",
    "journal_size_limit=16777216",
    "wal_autocheckpoint=1000",
    "trusted_schema=OFF",
)


@dataclass(frozen=True, slots=True)
class Boot:
    """What opening the store found."""

    boot_id: str
    sqlite: str
    schema: str
    was: str
    """Schema before; empty for a new file."""
    chain: journal.Chain

    @property
    def old_sqlite(self) -> bool:
        """True when the linked SQLite has the WAL-reset bug: a warning for the technician."""
        return tuple(map(int, self.sqlite.split("."))) < WAL_RESET_FIXED


def connect(path: Path | None, *, synchronous: Literal["FULL", "OFF"] = "FULL") -> Connection:
    """The one connection to a file, or to memory when `path` is None.

    Raises:
        DeviceUnavailable: store.broken, store.full, store.locked.
    """
    if path is not None:
        _make(path)
    target = ":memory:" if path is None else str(path)
    engine = create_engine(
        "sqlite://",
        module=sqlite,
        creator=lambda: sqlite.connect(target, check_same_thread=False),
        poolclass=StaticPool,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _settle(raw: Any, _record: Any) -> None:
        raw.isolation_level = None
        for pragma in (*_PRAGMAS, f"synchronous={synchronous}", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        return engine.connect()
    except DBAPIError as error:
        engine.dispose()
        raise fault(error) from None


def snapshot(source: Path, target: Path) -> None:
    """A database in use as it stands at one moment, into a new file, by a connection that can only read.

    Raises:
        DeviceUnavailable: store.broken, store.locked.
    """
    try:
        read = sqlite.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
        try:
            read.execute("PRAGMA busy_timeout=5000")
            write = sqlite.connect(str(target))
            try:
                read.backup(write)
            finally:
                write.close()
        finally:
            read.close()
    except sqlite.Error as error:
        raise fault(error) from None


def _make(path: Path) -> None:
    """A new file is its owner's alone; SQLite gives its log the same rights. One that is there is not opened:
    closing it would drop the locks that this process may hold on it (sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise not_made(error, path.name) from None


def prepare(connection: Connection) -> str:
    """Check the file and bring it to the newest schema. Returns the schema it had.

    Raises:
        DeviceUnavailable: store.newer when a later program wrote it, store.broken when SQLite's
            quick_check finds damage, store.full.
    """
    raw = connection.connection
    try:
        found = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise DeviceUnavailable("store", Code.STORE_BROKEN, "quick_check found damage")
        known = raw.execute(
            "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
        ).fetchone()[0]
        row = raw.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
        was = "" if row is None else str(row[0])
        if was and was not in REVISIONS:
            raise DeviceUnavailable("store", Code.STORE_NEWER, f"schema {was}, this is {NEWEST}")
        if was != NEWEST:
            # A table that is rebuilt would take its child rows with it; inside a transaction the
            # pragma does nothing.
            raw.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    upgrade(connection)
                    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise LocalProtocolError("store", Code.BUG, "a migration broke a reference")
            finally:
                raw.execute("PRAGMA foreign_keys=ON")
    except (sqlite.Error, DBAPIError) as error:
        raise fault(error) from None
    return was


def start(txn: Txn, *, was: str, config_hash: str) -> Boot:
    """Check the chain from the last row known to be right, and write the boot row."""
    chain = journal.verify(txn, journal.verified(txn))
    if chain.whole:
        journal.mark_verified(txn, chain)
    try:
        app = version("ims-kiosk")
    except PackageNotFoundError:
        app = "unknown"
    journal.append(
        txn,
        "station.booted",
        entity=txn.boot_id,
        payload={
            "app": app,
            "schema": NEWEST,
            "sqlite": sqlite.sqlite_version,
            "config": config_hash or None,
        },
    )
    return Boot(txn.boot_id, sqlite.sqlite_version, NEWEST, was, chain)


def fold(connection: Connection) -> None:
    """Write the log into the file and empty it, so that what was erased is in neither."""
    try:
        connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite.Error as error:
        raise fault(error) from None


def only_reading(connection: Connection, on: bool) -> None:
    """While on, every statement that writes is refused."""
    connection.exec_driver_sql(f"PRAGMA query_only={int(on)}")


def fault(error: BaseException) -> DeviceError:
    """What an error of the database means for the one who asked. Never holds a value of a statement."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(cause, "sqlite_errorname", "")
    if isinstance(error, IntegrityError | sqlite.IntegrityError):
        return LocalProtocolError("store", Code.STORE_REFUSED, str(cause))
    match name:
        case "SQLITE_FULL":
            return DeviceUnavailable("store", Code.STORE_FULL)
        case "SQLITE_BUSY" | "SQLITE_LOCKED":
            return DeviceUnavailable("store", Code.STORE_LOCKED)
        case "SQLITE_ERROR" | "SQLITE_READONLY" | "SQLITE_MISUSE" | "SQLITE_RANGE":
            return LocalProtocolError("store", Code.BUG, str(cause))
        case _:
            return DeviceUnavailable("store", Code.STORE_BROKEN, name)
