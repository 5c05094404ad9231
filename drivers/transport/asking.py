"""One request at a time on a wire that brings noise, halves and old answers: what a reader's exchange stands on.

It knows no protocol: a framer cuts the stream into frames, and the caller says which frame is the answer. After a
timeout or a broken answer the wire is not `settled`: an old answer may still come. How to settle it, and what may be
sent again, is the exchange's to know.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from drivers.errors import (
    Code,
    DeviceError,
    DeviceTimeout,
    DeviceUnavailable,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.transport.framing import Framing
from drivers.transport.stream import Transport

F = TypeVar("F")

GAP_S = 0.3
"""A line that stops this long inside a frame has lost it; serial lines need less, networks this."""

QUIET_S = 2.0
"""How long to wait at least for a line to fall silent."""


@dataclass(slots=True)
class Counts:
    """What the wire did since it was opened, for diagnostics."""

    requests: int = 0
    timeouts: int = 0
    garbled: int = 0
    """Answers with a wrong CRC, or of which only a part came."""
    late: int = 0
    """Frames that nobody waited for."""


@dataclass(frozen=True, slots=True)
class _Wanted(Generic[F]):
    answer: "asyncio.Future[F]"
    answers: Callable[[F], bool]


class Asking(Generic[F]):
    """The wire to one device that speaks when it is spoken to. One request is in flight at a time."""

    def __init__(
        self,
        transport: Transport,
        framer: Callable[[], Framing[F]],
        *,
        lost: Callable[[DeviceError], None],
        silence_s: float = 0.0,
    ) -> None:
        """Nothing is opened yet.

        Args:
            transport: the wire.
            framer: makes one for each opening.
            lost: told once when the wire breaks, with the cause.
            silence_s: how long the line must have been quiet before a request.
        """
        self.device = transport.device
        self.counts = Counts()
        self.settled = True
        """No answer is outstanding; set again by whoever has made sure of it."""
        self._transport = transport
        self._new_framer = framer
        self._framer = framer()
        self._lost = lost
        self._silence_s = silence_s
        self._quiet_since = 0.0
        self._pump: asyncio.Task[None] | None = None
        self._wanted: _Wanted[F] | None = None
        self._gone: DeviceError | None = None
        self._stalled: asyncio.TimerHandle | None = None

    @property
    def alive(self) -> bool:
        """The wire is open, as far as is known."""
        return self._pump is not None and not self._pump.done()

    async def open(self) -> None:
        """Open the wire and listen. Raises DeviceUnavailable."""
        await self.close()
        await self._transport.open()
        self._gone = None
        self.settled = True
        self._framer = self._new_framer()
        self.counts = Counts()
        self._quiet_since = asyncio.get_running_loop().time()
        self._pump = asyncio.create_task(self._listen(), name=f"{self.device} listen")

    async def close(self) -> None:
        """Let go of the wire; a request in flight ends with DeviceUnavailable. Never raises."""
        pump, self._pump = self._pump, None
        self._fail(DeviceUnavailable(self.device, Code.PORT_GONE, "closed"))
        await self._transport.close()
        if pump is not None:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    async def once(
        self, request: bytes, answers: Callable[[F], bool], *, within_s: float, what: str
    ) -> F:
        """Send a request and return the first frame of which `answers` is true. Other frames are old: dropped.

        Raises:
            DeviceUnavailable: the wire is gone.
            DeviceTimeout: no answer within `within_s`; `what` was asked stands in the detail.
            RemoteProtocolError: bytes came that are no answer.
        """
        loop = asyncio.get_running_loop()
        if self._wanted is not None:
            raise LocalProtocolError(self.device, Code.BUG, "two requests in flight")
        settled, self.settled = self.settled, False
        wanted = self._wanted = _Wanted(loop.create_future(), answers)
        self.counts.requests += 1
        try:
            async with asyncio.timeout(within_s):
                if (wait := self._quiet_since + self._silence_s - loop.time()) > 0:
                    await asyncio.sleep(wait)
                if self._gone is not None:
                    raise self._unavailable(self._gone)
                self._framer.reset()
                await self._transport.write(request)
                reply = await wanted.answer
        except TimeoutError as error:
            if isinstance(error, DeviceTimeout):
                raise
            raise self._silent(f"{what}, {within_s} s") from None
        finally:
            self._wanted = None
            if self._stalled is not None:
                self._stalled.cancel()
            if wanted.answer.done() and not wanted.answer.cancelled():
                wanted.answer.exception()  # seen, even when the caller was cancelled first
        self.settled = settled
        return reply

    async def quiet(self, seconds: float) -> None:
        """Wait until nothing has come for so long; what comes is dropped. No answer is outstanding then.

        Raises:
            DeviceUnavailable: the wire is gone.
            RemoteProtocolError: the line never falls silent.
        """
        loop = asyncio.get_running_loop()
        give_up = loop.time() + max(QUIET_S, 4 * seconds)
        while (wait := self._quiet_since + seconds - loop.time()) > 0:
            if self._gone is not None:
                raise self._unavailable(self._gone)
            if loop.time() > give_up:
                raise RemoteProtocolError(self.device, Code.WIRE_GARBLED, "the line never rests")
            await asyncio.sleep(wait)
        self._framer.reset()
        self.settled = True

    def _silent(self, detail: str) -> DeviceError:
        self._quiet_since = asyncio.get_running_loop().time()
        if held := self._framer.waiting:
            self.counts.garbled += 1
            return RemoteProtocolError(self.device, Code.WIRE_GARBLED, detail, held)
        self.counts.timeouts += 1
        return DeviceTimeout(self.device, Code.WIRE_SILENT, detail)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                data = await self._transport.read()
                self._quiet_since = loop.time()
                if self._stalled is not None:
                    self._stalled.cancel()
                dropped = self._framer.dropped
                self._take(self._framer.feed(data))
                broken = self._framer.waiting or self._framer.dropped > dropped
                if broken and self._wanted is not None:
                    self._stalled = loop.call_later(GAP_S, self._stall)
        except DeviceError as error:
            if self._pump is not None:
                self._lost(error)
            self._fail(error)

    def _take(self, frames: list[F]) -> None:
        for frame in frames:
            wanted = self._wanted
            if wanted is None or wanted.answer.done() or not wanted.answers(frame):
                self.counts.late += 1
            else:
                wanted.answer.set_result(frame)

    def _stall(self) -> None:
        """The line fell silent after bytes that made no frame: a frame hides behind noise, or none comes."""
        held = self._framer.waiting
        self._take(self._framer.salvage())
        wanted = self._wanted
        if wanted is not None and not wanted.answer.done():
            self.counts.garbled += 1
            wanted.answer.set_exception(
                RemoteProtocolError(self.device, Code.WIRE_GARBLED, raw=held)
            )

    def _fail(self, error: DeviceError) -> None:
        self._gone = error
        wanted = self._wanted
        if wanted is not None and not wanted.answer.done():
            wanted.answer.set_exception(self._unavailable(error))

    def _unavailable(self, error: DeviceError) -> DeviceUnavailable:
        return DeviceUnavailable(self.device, error.code, error.detail)
