"""The one PostgreSQL database of all branches, through psycopg; what it holds is a room's business (records.py).

Whoever writes holds one lock of the database until its commit, so the rows of all stations stand in the order in which
they became durable, and a reader that goes on from the last place it saw misses none. The password is read from where the
configuration says it lies, and is in no URL, argument, log or exception.
"""

import asyncio
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from config.ims import SharedDatabase as Config
from drivers.errors import Code, DeviceError, DeviceUnavailable, LocalProtocolError
from drivers.ports import Clock, Secret
from drivers.store.shared_migrations import NEWEST, REVISIONS, upgrade

T = TypeVar("T")

LOCK = 0x494D53
"""Key of the advisory lock of whoever writes."""
_LOGIN = ("28", "42501", "3D000")
"""Starts of SQLSTATE: authorization, insufficient privilege, no such database (PostgreSQL 15, appendix A)."""

_REFUSED = ("password", "does not exist", "pg_hba.conf")
"""What the server says to who may not come in."""


@dataclass(frozen=True, slots=True)
class SharedTxn:
    """One transaction in the shared database: what a unit needs of `ports.Txn`."""

    connection: Connection
    now: datetime


class SharedDatabase:
    """One station's way to it. Nothing is connected before the first unit; a lost connection is made anew."""

    DEVICE = "shared"

    def __init__(self, config: Config, password: Secret, *, clock: Clock) -> None:
        self._config = config
        self._password = password
        self._clock = clock
        self._engine: Engine | None = None
        self._ready = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="shared")

    async def write(self, unit: Callable[[Any], T]) -> T:
        """Run `unit` in a transaction that no other station writes beside; its value once that is durable.

        Raises:
            DeviceUnavailable: shared.away, shared.login, shared.newer. After shared.away it is not known whether it stands.
        """
        return await self._ask(unit, writes=True)

    async def read(self, unit: Callable[[Any], T]) -> T:
        """Run `unit` without the right to write. Raises as `write`."""
        return await self._ask(unit, writes=False)

    async def close(self) -> None:
        """Let go of the connection."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self.dispose)
        self._thread.shutdown(wait=False)

    async def _ask(self, unit: Callable[[Any], T], *, writes: bool) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: self.now(unit, writes=writes))

    def now(self, unit: Callable[[Any], T], *, writes: bool) -> T:
        """The same in the thread of the caller."""
        try:
            engine = self._opened()
            with engine.begin() as connection:
                if writes:
                    _lock(connection)
                else:
                    connection.execute(text("SET TRANSACTION READ ONLY"))
                return unit(SharedTxn(connection, self._clock.now()))
        except (DBAPIError, PoolTimeout) as error:
            raise fault(error) from None

    def dispose(self) -> None:
        """Close the connection, if there is one."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine, self._ready = None, False

    def _opened(self) -> Engine:
        if self._engine is None:
            self._engine = self._made()
        if not self._ready:
            with self._engine.begin() as connection:
                _lock(connection)
                prepare(connection)
            self._ready = True
        return self._engine

    def _made(self) -> Engine:
        config = self._config
        wait_ms = round(config.answer_s * 1000)
        arguments: dict[str, Any] = {
            "connect_timeout": max(2, round(config.answer_s)),  # libpq takes no less
            "options": f"-c statement_timeout={wait_ms} -c lock_timeout={wait_ms}",
            "application_name": "ims",
            "sslmode": "verify-full" if config.tls else "disable",
            "tcp_user_timeout": wait_ms,
        }
        if self._password.reveal():
            arguments["password"] = self._password.reveal()
        if config.tls:
            arguments["sslrootcert"] = config.ca_file or ssl.get_default_verify_paths().cafile
        try:
            return create_engine(
                make_url(config.url).set(drivername="postgresql+psycopg"),
                connect_args=arguments,
                pool_size=1,
                max_overflow=0,
                pool_timeout=config.answer_s,
                pool_pre_ping=True,
                hide_parameters=True,
            )
        except ImportError:
            raise DeviceUnavailable(
                self.DEVICE, Code.SHARED_AWAY, "libpq is not installed (Debian: libpq5)"
            ) from None


def _lock(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def prepare(connection: Connection) -> None:
    """Bring the database to the newest schema. Raises DeviceUnavailable(shared.newer) if a later program made it."""
    known = connection.execute(text("SELECT to_regclass('ims_schema')")).scalar()
    row = connection.execute(text("SELECT version_num FROM ims_schema")).first() if known else None
    was = "" if row is None else str(row[0])
    if was and was not in REVISIONS:
        raise DeviceUnavailable(
            SharedDatabase.DEVICE, Code.SHARED_NEWER, f"schema {was}, this is {NEWEST}"
        )
    if was != NEWEST:
        upgrade(connection)


def fault(error: Exception) -> DeviceError:
    """What an error of the database means for the one who asked. Never holds a value of a statement."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    state = str(getattr(cause, "sqlstate", None) or "")
    said = str(cause)  # a refused connection has no SQLSTATE, only words
    if "SSL" in said or "certificate" in said:
        return DeviceUnavailable(SharedDatabase.DEVICE, Code.PORT_TLS, "")
    if state.startswith(_LOGIN) or any(word in said for word in _REFUSED):
        return DeviceUnavailable(SharedDatabase.DEVICE, Code.SHARED_LOGIN, state)
    if state[:2] in {"", "08", "25", "40", "53", "55", "57", "58"}:
        return DeviceUnavailable(SharedDatabase.DEVICE, Code.SHARED_AWAY, state)
    return LocalProtocolError(SharedDatabase.DEVICE, Code.BUG, f"SQLSTATE {state}")
