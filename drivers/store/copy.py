"""Looking into the database of a station without touching it."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Clock, Rng, Txn
from drivers.store import database
from drivers.store.lock import LOCK, StateLock, database_in
from drivers.store.sealed import SealKey
from drivers.store.txn import StoreTxn

T = TypeVar("T")


def read_copy(
    directory: Path, unit: Callable[[Txn], T], *, clock: Clock, rng: Rng, running: bool = False
) -> T | None:
    """Run `unit` on a private copy of the state directory's database; None when there is none.

    The lock is held while the files are copied. With `running` a station that runs is copied too, by a connection that can
    only read: SQLite's WAL-reset bug needs two that write or checkpoint, and this one does neither. The copy is as the
    database stood at one moment; it is brought up to date, the original is not. Envelopes do not open.

    Raises:
        DeviceUnavailable: station.running (without `running`), store.newer, store.broken, store.locked.
    """
    if not ((directory / LOCK).exists() or database_in(directory).exists()):
        return None  # a lock of ours would leave its file in a directory that is no station's
    with tempfile.TemporaryDirectory(prefix="ims-") as private:
        copy = Path(private) / "station.db"
        try:
            found = _copied(directory, copy)
        except DeviceUnavailable as error:
            if not running or error.code is not Code.STATION_RUNNING:
                raise
            database.snapshot(database_in(directory), copy)
            found = True
        if not found:
            return None
        connection = database.connect(copy, synchronous="OFF")
        try:
            database.prepare(connection)
            with connection.begin():
                key = SealKey(rng.bytes(32))
                return unit(StoreTxn(connection, clock.now(), clock.monotonic(), "copy", key, rng))
        except DBAPIError as error:
            raise database.fault(error) from None
        finally:
            connection.close()
            connection.engine.dispose()


def _copied(directory: Path, copy: Path) -> bool:
    """The files of a station that does not run, while nobody can start it. False where there are none."""
    with StateLock(directory) as state:
        if not state.database.exists():
            return False
        shutil.copyfile(state.database, copy)
        log = state.database.with_name(state.database.name + "-wal")
        if log.exists():
            shutil.copyfile(log, copy.with_name(copy.name + "-wal"))
    return True
