"""The work of the reader in the tunnel: what answers, where the belt stood, and its byte while it passes.

Arming goes before looking: an item is in the field for a second or less. A tag is read whole once and known by its
identifier after that; each time it answers is told with the encoder at that moment, so that it can be said whose it is.
"""

import asyncio
import re
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from drivers.errors import Code, DeviceError, DeviceRefused, DeviceUnavailable
from drivers.ports import ItemReader, Tag, Uid
from drivers.runtime.flow import Event
from drivers.tags import Decoded, Item
from sorter.belt import acts
from sorter.plan.facts import RESERVED_USAGE, USAGES
from sorter.tag_reading import number_of, read_whole

BAD_LOOKS = 3
"""Looks that may fail in a row before the reader is opened afresh."""
BAD_READS = 3
"""Reads that a tag may refuse before it counts as one that says nothing."""
MOST_KNOWN = 64
"""Tags that are remembered; far more than lie on a belt."""
REST_S = 0.01
"""Between two looks at an empty tunnel."""
JOB_S = 0.04
"""So long a new tag's byte may take to be asked for before the next look: that look would cost the tag as much again."""
ISIL_CUT = re.compile(r"^([A-Z]{2})(\d.*)$")


@dataclass(slots=True)
class _Job:
    uid: Uid
    afi: int
    tries: int = 2
    """A tag that passes may miss one request."""
    done: "asyncio.Future[None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class TunnelWork:
    """Serves one reader. `encoder_at` says where the belt stood at an instant of the loop."""

    def __init__(
        self,
        reader: ItemReader,
        *,
        put: Callable[[Event], None],
        encoder_at: Callable[[float], int | None],
    ) -> None:
        self._reader = reader
        self._put = put
        self._encoder_at = encoder_at
        self._jobs: deque[_Job] = deque()
        self._job_came = asyncio.Event()
        self._known: OrderedDict[Uid, acts.TagRead] = OrderedDict()
        self._unread: dict[Uid, int] = {}
        """Tags that answer and do not tell, and how often they were asked."""
        self._open = False
        self._opened = asyncio.Event()

    async def opened(self, within: float) -> None:
        """Wait until the reader is open, or so many seconds."""
        try:
            async with asyncio.timeout(within):
                await self._opened.wait()
        except TimeoutError:
            pass

    async def set_security(self, uid: Uid, afi: int) -> None:
        """Write the security byte of a tag in the tunnel; returns only when it reads back. Raises DeviceError."""
        if not self._open:
            raise DeviceUnavailable("tunnel", Code.PORT_GONE, "the reader is not open")
        job = _Job(uid, afi)
        self._jobs.append(job)
        self._job_came.set()
        await job.done

    async def serve(self, ready: Callable[[], None]) -> None:
        """Open the reader and work until its wire fails. Jobs that wait then fail with it."""
        try:
            await self._reader.open()
            self._open = True
            self._opened.set()
            ready()
            bad = 0
            while True:
                while self._jobs:
                    await self._carry_out(self._jobs.popleft())
                bad = await self._look(bad)
        finally:
            self._open = False
            self._opened.clear()
            for job in self._jobs:
                _fail(job, DeviceUnavailable("tunnel", Code.PORT_GONE, "the reader went away"))
            self._jobs.clear()
            await self._reader.close()

    async def _look(self, bad: int) -> int:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            tags = await self._reader.inventory()
            encoder = self._encoder_at(began + (loop.time() - began) / 2)
            self._job_came.clear()
            fresh = False
            for tag in tags:
                if encoder is not None:
                    fresh |= await self._tell(tag, encoder)
            if fresh:
                await self._job_soon()
        except DeviceUnavailable:
            raise
        except DeviceError:
            if bad + 1 >= BAD_LOOKS:
                raise
            return bad + 1
        if not tags or encoder is None:
            await asyncio.sleep(REST_S)
        return 0

    async def _job_soon(self) -> None:
        """A tag that has just told of an item is asked to be armed as soon as that is written down."""
        try:
            async with asyncio.timeout(JOB_S):
                await self._job_came.wait()
        except TimeoutError:
            pass

    async def _tell(self, tag: Tag, encoder: int) -> bool:
        """Whether it is an item's that has not been told of before."""
        known = self._known.get(tag.uid)
        fresh = known is None
        if known is None:
            known = await self._first(tag, encoder)
            if known is None:
                return False
            self._unread.pop(tag.uid, None)
            self._known[tag.uid] = known
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        self._known.move_to_end(tag.uid)
        self._put(replace(known, encoder=encoder))
        return fresh and bool(known.item)

    async def _first(self, tag: Tag, encoder: int) -> acts.TagRead | None:
        """What a new tag says; None while it has not answered, and may at the next look."""
        try:
            return read_of(tag.uid, await read_whole(self._reader, tag), encoder)
        except DeviceRefused:
            tries = self._unread[tag.uid] = self._unread.get(tag.uid, 0) + 1
            if len(self._unread) > MOST_KNOWN:  # went by before it was given up
                del self._unread[next(iter(self._unread))]
            return None if tries < BAD_READS else acts.TagRead(tag.uid, "", 1, 1, "", encoder)

    async def _carry_out(self, job: _Job) -> None:
        try:
            await self._reader.set_security(job.uid, job.afi)
        except DeviceUnavailable as error:
            _fail(job, error)
            raise
        except DeviceError as error:
            job.tries -= 1
            if job.tries:
                self._jobs.append(job)
            else:
                _fail(job, error)
        except asyncio.CancelledError:
            job.done.cancel()
            raise
        else:
            if not job.done.done():
                job.done.set_result(None)


def _fail(job: _Job, error: DeviceError) -> None:
    if not job.done.done():
        job.done.set_exception(error)


def read_of(uid: Uid, found: Decoded, encoder: int) -> acts.TagRead:
    """What a tag says, as the line hears it. Of a card, junk, or a tag that proves nothing, no more than that it is there."""
    number = number_of(found)
    if not (number and isinstance(found, Item)):
        return acts.TagRead(uid, "", 1, 1, "", encoder)
    owner = ISIL_CUT.sub(r"\1-\2", found.owner)  # ISO 28560-3 leaves the hyphen out
    usage = USAGES.get(found.usage, RESERVED_USAGE)
    return acts.TagRead(uid, number, found.part, max(1, found.parts), owner, encoder, usage)
