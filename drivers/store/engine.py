"""The store: one connection, one writer, group commit.

Units wait in a queue. The writer takes the first and up to 255 more that are already there, runs them all
in one transaction, commits, and only then answers all of them: one disk sync for many. If one of them
fails, the transaction is rolled back and each runs alone, so that the culprit alone is told.
"""

import asyncio
import queue
import threading
from asyncio.events import _set_running_loop
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Clock, Rng, Sealer, Txn
from drivers.store import database
from drivers.store.database import Boot
from drivers.store.txn import StoreTxn, uuid7

T = TypeVar("T")

GROUP = 256
"""Most units in one commit."""
QUIET_S = 1.0
"""Once nobody has asked for anything this long, the write-ahead log is folded into the file."""


def open_store(
    path: Path,
    *,
    clock: Clock,
    rng: Rng,
    key: Sealer,
    boot_id: str | None = None,
    config_hash: str = "",
) -> "ThreadStore":
    """Open or make the database file `path`, check it, bring it up to date, and start its writer.

    Blocks while it does so (a device-year takes about a second). The caller holds the lock of the state
    directory (drivers.store.lock).

    Args:
        path: the file.
        clock: time of rows and ids.
        rng: chance of ids and envelopes; called from the writer's thread.
        key: the station's seal key.
        boot_id: names this run of the process; made if None.
        config_hash: hex digest of the configuration in force, for the boot row.

    Raises:
        DeviceUnavailable: store.newer, store.broken, store.full, store.locked.
    """
    return ThreadStore(_Writer.open(path, clock, rng, key, boot_id, config_hash))


class ThreadStore:
    """`ports.Store` with its writer in a thread named "store"."""

    def __init__(self, writer: "_Writer") -> None:
        self._writer = writer
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._fault: DeviceUnavailable | None = None
        self._ended = False
        self._asked: dict[int, float] = {}
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)
        self._thread.start()

    @property
    def boot(self) -> Boot:
        """What opening found."""
        return self._writer.boot

    def waiting_s(self) -> float:
        """How long the oldest unit has waited for its answer; 0 when none waits."""
        oldest = next(iter(self._asked.values()), None)
        return 0.0 if oldest is None else self._writer.clock.monotonic() - oldest

    async def write(self, unit: Callable[[Txn], T]) -> T:
        return await self._ask(unit, reads=False)

    async def read(self, unit: Callable[[Txn], T]) -> T:
        return await self._ask(unit, reads=True)

    async def fold(self) -> None:
        """Fold the write-ahead log into the file now."""
        await self._ask(None, reads=True)

    async def close(self) -> None:
        if self._ended:
            return
        with suppress(DeviceUnavailable):
            await self.fold()
        with self._door:
            self._ended = True
            self._queue.put(None)
        self._thread.join()

    async def _ask(self, unit: Callable[[Txn], T] | None, *, reads: bool) -> T:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        job = _Job(unit, reads, loop, answer)
        with self._door:
            if self._fault is not None:
                raise self._fault
            if self._ended:
                raise DeviceUnavailable("store", Code.STORE_BROKEN, "the store is closed")
            self._queue.put(job)
        self._asked[id(job)] = self._writer.clock.monotonic()
        try:
            return await answer
        finally:
            del self._asked[id(job)]

    def _work(self) -> None:
        """The thread. It ends when the store is closed, or with a fault that everybody is told."""
        jobs: list[_Job] = []
        try:
            while jobs := self._next_jobs():
                _answer(self._writer.run(jobs))
            self._writer.close()
        except BaseException as error:  # the thread must not die silently, whatever it was
            fault = DeviceUnavailable("store", Code.STORE_BROKEN, type(error).__name__)
            with self._door:
                self._fault = fault
                while not self._queue.empty():
                    if (job := self._queue.get()) is not None:
                        jobs.append(job)
            _answer((job, None, fault) for job in jobs)
            with suppress(Exception):
                self._writer.close()

    def _next_jobs(self) -> "list[_Job]":
        try:
            first = self._queue.get(timeout=QUIET_S if self._writer.unfolded else None)
        except queue.Empty:
            self._writer.fold_if_possible()
            first = self._queue.get()
        jobs: list[_Job] = []
        while first is not None:
            jobs.append(first)
            if len(jobs) == GROUP or self._queue.empty():
                break
            first = self._queue.get()
        if first is None and jobs:
            self._queue.put(None)
        return jobs


class InlineStore:
    """`ports.Store` for virtual time: no thread, commits on the loop, answers `delay_s` later.

    A unit finds no running loop, as in the thread of `ThreadStore`: what needs one there fails here too.

    With a path the file outlives it, so that a run can be cut short anywhere and opened again; the disk's
    own caches are not modelled here (tests/crash does).
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        clock: Clock,
        rng: Rng,
        key: Sealer,
        boot_id: str | None = None,
        config_hash: str = "",
        delay_s: float = 0.0,
    ) -> None:
        self._writer = _Writer.open(path, clock, rng, key, boot_id, config_hash, inline=True)
        self._delay_s = delay_s
        self._ended = False

    @property
    def boot(self) -> Boot:
        """What opening found."""
        return self._writer.boot

    def waiting_s(self) -> float:
        return 0.0

    async def write(self, unit: Callable[[Txn], T]) -> T:
        return await self._ask(unit, reads=False)

    async def read(self, unit: Callable[[Txn], T]) -> T:
        return await self._ask(unit, reads=True)

    async def close(self) -> None:
        if not self._ended:
            self._ended = True
            self._writer.close()

    async def _ask(self, unit: Callable[[Txn], T], *, reads: bool) -> T:
        if self._ended:
            raise DeviceUnavailable("store", Code.STORE_BROKEN, "the store is closed")
        loop = asyncio.get_running_loop()

        def apart(txn: Txn) -> T:
            _set_running_loop(None)
            try:
                return unit(txn)
            finally:
                _set_running_loop(loop)

        ((_, value, error),) = self._writer.run([_Job(apart, reads, loop, loop.create_future())])
        await asyncio.sleep(self._delay_s)
        if error is not None:
            raise error
        return cast(T, value)


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """One unit and who waits for it. No unit: fold the log."""

    unit: Callable[[Txn], Any] | None
    reads: bool
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Any]"


_Answered = tuple[_Job, Any, BaseException | None]


class _Writer:
    """The connection and what may be done with it, one caller at a time."""

    def __init__(
        self, connection: Connection, clock: Clock, rng: Rng, key: Sealer, boot_id: str
    ) -> None:
        self._connection = connection
        self.clock = clock
        self._rng = rng
        self._key = key
        self._boot_id = boot_id
        self.boot: Boot
        self.unfolded = False

    @classmethod
    def open(
        cls,
        path: Path | None,
        clock: Clock,
        rng: Rng,
        key: Sealer,
        boot_id: str | None,
        config_hash: str,
        *,
        inline: bool = False,
    ) -> "_Writer":
        boot_id = boot_id or uuid7(clock.now(), rng.bytes(10))
        connection = database.connect(path, synchronous="OFF" if inline else "FULL")
        try:
            was = database.prepare(connection)
            writer = cls(connection, clock, rng, key, boot_id)
            with connection.begin():
                writer.boot = database.start(writer._txn(), was=was, config_hash=config_hash)
        except (DBAPIError, sqlite.Error) as error:
            connection.engine.dispose()
            raise database.fault(error) from None
        except BaseException:
            connection.engine.dispose()
            raise
        return writer

    def run(self, jobs: list[_Job]) -> list[_Answered]:
        """Run all jobs in one transaction, or each in its own when that fails."""
        if len(jobs) > 1 and all(job.unit for job in jobs):
            with suppress(Exception):  # each runs alone then, and the culprit is told
                return self._commit(jobs)
        answers: list[_Answered] = []
        for job in jobs:
            try:
                answers += self._commit([job])
            except (DBAPIError, sqlite.Error) as error:
                answers.append((job, None, database.fault(error)))
            except Exception as error:
                answers.append((job, None, error))
        return answers

    def _commit(self, jobs: list[_Job]) -> list[_Answered]:
        if jobs[0].unit is None:
            database.fold(self._connection)
            self.unfolded = False
            return [(jobs[0], None, None)]
        with self._connection.begin():
            answers: list[_Answered] = [(job, self._call(job), None) for job in jobs]
        self.unfolded = True
        return answers

    def _call(self, job: _Job) -> Any:
        if job.unit is None:
            return None
        if not job.reads:
            return job.unit(self._txn())
        database.only_reading(self._connection, True)
        try:
            return job.unit(self._txn())
        finally:
            database.only_reading(self._connection, False)

    def fold_if_possible(self) -> None:
        """Tidy in a quiet moment; a disk that is full now is told of at the next write."""
        self.unfolded = False
        with suppress(DeviceUnavailable):
            database.fold(self._connection)

    def close(self) -> None:
        self._connection.close()
        self._connection.engine.dispose()

    def _txn(self) -> StoreTxn:
        return StoreTxn(
            self._connection,
            self.clock.now(),
            self.clock.monotonic(),
            self._boot_id,
            self._key,
            self._rng,
        )


def _answer(answers: Iterable[_Answered]) -> None:
    """Tell each waiter, with one call across threads for each loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Answered]] = {}
    for answered in answers:
        by_loop.setdefault(answered[0].loop, []).append(answered)
    for loop, told in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, told)


def _settle(told: list[_Answered]) -> None:
    for job, value, error in told:
        if job.answer.done():
            continue
        if error is not None:
            job.answer.set_exception(error)
        else:
            job.answer.set_result(value)
