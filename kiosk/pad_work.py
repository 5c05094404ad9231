"""The work of the item reader: writes and reads by turns, and the poll when it is due, later while jobs wait.

A stack is read while its first items are already being asked for, and the last answer must not wait behind a poll, nor
the last question behind the writes of the first items; but the pad is looked at often enough, whatever else goes on. A
poll that takes long leaves the reader to the jobs for as long as it took. An empty pad is looked at twice as often: then
a borrower waits for us to see what she laid down. One job is on the wire at a time.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from drivers.errors import Code, DeviceError, DeviceRefused, DeviceUnavailable
from drivers.ports import ItemReader, Uid
from drivers.tags import Decoded, Doubt, Unverified, decode

BAD_POLLS = 3
"""Polls that may fail in a row before the reader is opened afresh."""
AT_WORK = 1.5
"""While jobs wait, the interval between polls may be so many times as long, and one job more."""
FIRST_BLOCKS = 9
"""Blocks read first: ISO 28560-3 fills eight of 4 bytes, and an owner may reach into the ninth."""


class Kind(Enum):
    """Kinds of jobs. A borrower waits for either: to take an item, or to see it asked for."""

    WRITE = "write"
    READ = "read"


@dataclass(slots=True)
class _Job:
    work: Callable[[], Awaitable[Any]]
    answer: "asyncio.Future[Any]"


class PadWork:
    """Serves one reader. `polled` hears the tags of each inventory."""

    def __init__(
        self, reader: ItemReader, *, poll_s: float, polled: Callable[[frozenset[Uid]], None]
    ) -> None:
        self._reader = reader
        self._poll_s = poll_s
        self._polled = polled
        self._jobs: dict[Kind, deque[_Job]] = {kind: deque() for kind in Kind}
        self._turn = Kind.WRITE
        self._fresh = asyncio.Event()
        self._open = False
        self._formats: dict[Uid, int | None] = {}

    async def read(self, uid: Uid) -> Decoded:
        """What a tag says. Raises DeviceError when it cannot be read now."""
        decoded: Decoded = await self._do(Kind.READ, lambda: self._read(uid))
        return decoded

    async def set_security(self, uid: Uid, afi: int) -> None:
        """Write the security byte; returns only when it reads back. Raises DeviceError."""
        await self._do(Kind.WRITE, lambda: self._reader.set_security(uid, afi))

    async def serve(self, ready: Callable[[], None]) -> None:
        """Open the reader and work until its wire fails. Jobs that wait then fail with it."""
        try:
            await self._reader.open()
            self._open = True
            ready()
            await self._work()
        finally:
            self._open = False
            self._drop(DeviceUnavailable("pad", Code.PORT_GONE, "the reader went away"))
            await self._reader.close()

    async def _read(self, uid: Uid) -> Decoded:
        """The blocks that most tags need, at once; only a tag that is smaller or fuller is asked its size."""
        try:
            memory = await self._reader.read(uid, 0, FIRST_BLOCKS)
        except DeviceRefused as error:
            if error.code is Code.TAG_LOST:
                raise
        else:
            found = decode(memory.data, self._formats.get(uid), memory.block_size)
            if not (isinstance(found, Unverified) and found.reason is Doubt.CUT):
                return found
        info = await self._reader.info(uid)
        memory = await self._reader.read(uid, 0, info.blocks)
        return decode(memory.data, info.dsfid, info.block_size, whole=True)

    async def _do(self, kind: Kind, work: Callable[[], Awaitable[Any]]) -> Any:
        if not self._open:
            raise DeviceUnavailable("pad", Code.PORT_GONE, "the reader is not open")
        job = _Job(work, asyncio.get_running_loop().create_future())
        self._jobs[kind].append(job)
        self._fresh.set()
        return await job.answer

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        due = looked = loop.time()
        bad = 0
        while True:
            now = loop.time()
            waiting = any(self._jobs.values())
            if now >= due and not (waiting and now < looked + AT_WORK * self._poll_s):
                looked = now
                bad = await self._poll(bad)
                done = loop.time()
                wait = self._poll_s if self._formats else self._poll_s / 2
                due = max(now + wait, done + (done - now))
            elif waiting:
                await self._carry_out(self._next())
            else:
                self._fresh.clear()
                try:
                    async with asyncio.timeout_at(due):
                        await self._fresh.wait()
                except TimeoutError:
                    pass

    def _next(self) -> _Job:
        """Of the kind whose turn it is, if one of it waits; then the other kind has its turn."""
        mine, other = (
            (Kind.WRITE, Kind.READ) if self._turn is Kind.WRITE else (Kind.READ, Kind.WRITE)
        )
        done = mine if self._jobs[mine] else other
        self._turn = Kind.READ if done is Kind.WRITE else Kind.WRITE
        return self._jobs[done].popleft()

    async def _poll(self, bad: int) -> int:
        try:
            tags = await self._reader.inventory()
        except DeviceUnavailable:
            raise
        except DeviceError:
            if bad + 1 >= BAD_POLLS:
                raise
            return bad + 1
        self._formats = {tag.uid: tag.dsfid for tag in tags}
        self._polled(frozenset(self._formats))
        return 0

    async def _carry_out(self, job: _Job) -> None:
        if job.answer.done():
            return
        try:
            result = await job.work()
        except DeviceUnavailable as error:
            self._answer(job, error)
            raise
        except DeviceError as error:
            self._answer(job, error)
        except asyncio.CancelledError:
            job.answer.cancel()
            raise
        else:
            if not job.answer.done():
                job.answer.set_result(result)

    def _answer(self, job: _Job, error: DeviceError) -> None:
        if not job.answer.done():
            job.answer.set_exception(error)

    def _drop(self, error: DeviceError) -> None:
        for jobs in self._jobs.values():
            for job in jobs:
                self._answer(job, error)
            jobs.clear()
