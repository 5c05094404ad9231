"""One question at a time over a printer's wire, and everything it says unasked.

Answers to DLE EOT carry no number, so a late answer to one question must not pass for the next: after a
miss nothing is asked for 300 ms. Answers of different classes may be awaited side by side.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from drivers.errors import Code, DeviceError, DeviceTimeout, DeviceUnavailable
from drivers.escpos.frames import (
    AutoStatus,
    Block,
    Classifier,
    Flow,
    Frame,
    InOrder,
    RealTime,
    Unknown,
)
from drivers.transport.stream import Transport

ANSWER_S = 0.3
"""Seconds a printer has to answer, and that we stay silent after it did not."""

F = TypeVar("F", bound=Frame)


@dataclass(slots=True)
class Counts:
    """What a technician wants to know of the line."""

    strays: int = 0
    """Answers that nobody had asked for."""
    unknown: int = 0
    """Bytes of no class."""
    misses: int = 0
    """Questions without an answer in time."""


class Exchange:
    """The wire of one printer. `heard` is called with AutoStatus and Flow frames as they come."""

    def __init__(
        self, transport: Transport, heard: Callable[[AutoStatus | Flow], None], *, baud: int | None
    ) -> None:
        self.device = transport.device
        self.counts = Counts()
        self._transport = transport
        self._heard = heard
        self._byte_s = 0.0 if baud is None else 10 / baud
        self._classifier = Classifier()
        self._waiting: dict[type[object], asyncio.Future[Any]] = {}
        self._reader: asyncio.Task[DeviceError] | None = None
        self._line_free = 0.0
        self._quiet_until = 0.0

    async def open(self) -> None:
        """Connect and listen. Raises DeviceUnavailable."""
        await self.close()
        await self._transport.open()
        self._classifier = Classifier()
        self._line_free = self._quiet_until = 0.0
        self._reader = asyncio.create_task(self._listen(), name=f"{self.device} listens")

    async def close(self) -> None:
        """Stop listening and let go of the wire."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
        self._give_up(DeviceUnavailable(self.device, Code.PORT_GONE, "closed"))
        await self._transport.close()

    @property
    def gone(self) -> bool:
        """Whether nobody listens: never opened, closed, or the far end hung up."""
        return self._reader is None or self._reader.done()

    async def lost(self, seconds: float) -> DeviceError | None:
        """Wait so long for the wire to go; the error when it did."""
        if self._reader is None:
            return DeviceUnavailable(self.device, Code.PORT_GONE, "not open")
        done, _ = await asyncio.wait({self._reader}, timeout=seconds)
        return self._reader.result() if done and not self._reader.cancelled() else None

    @property
    def wire_s(self) -> float:
        """Seconds until the line has carried all that was sent, as far as its speed is known."""
        return max(0.0, self._line_free - asyncio.get_running_loop().time())

    async def send(self, data: bytes) -> None:
        """Hand bytes to the wire.

        Raises:
            DeviceUnavailable: the far end is gone.
            DeviceTimeout: it took none for a second; what is half sent makes the wire unusable.
        """
        if self.gone:
            raise DeviceUnavailable(self.device, Code.PORT_GONE, "the wire is closed")
        now = asyncio.get_running_loop().time()
        self._line_free = max(self._line_free, now) + len(data) * self._byte_s
        await self._transport.write(data)

    def expect(self, kind: type[F]) -> asyncio.Future[F]:
        """A future for the next frame of this kind; a former one is let go."""
        former = self._waiting.pop(kind, None)
        if former is not None:
            former.cancel()
        future: asyncio.Future[F] = asyncio.get_running_loop().create_future()
        self._waiting[kind] = future
        return future

    def forget(self, kind: type[object]) -> None:
        """Nobody waits for this kind any more."""
        future = self._waiting.pop(kind, None)
        if future is not None:
            future.cancel()

    async def ask(self, command: bytes, kind: type[F], seconds: float = ANSWER_S) -> F | None:
        """Send a command and wait for the frame that answers it; None when none came in time.

        The time runs from when the line has carried everything before it. Raises as `send`.
        """
        future = self.expect(kind)
        try:
            await self.send(command)
            async with asyncio.timeout(self.wire_s + seconds):
                return await future
        except TimeoutError as error:
            if isinstance(error, DeviceTimeout):
                raise
            self.counts.misses += 1
            return None
        finally:
            if self._waiting.get(kind) is future:
                self.forget(kind)

    async def real_time(self, n: int) -> int | None:
        """Ask DLE EOT n, not before 300 ms have passed since the last miss; None for a miss."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._quiet_until - loop.time()))
        answer = await self.ask(bytes((0x10, 0x04, n)), RealTime)
        if answer is None:
            self._quiet_until = loop.time() + ANSWER_S
            return None
        return answer.bits

    async def _listen(self) -> DeviceError:
        loop = asyncio.get_running_loop()
        try:
            while True:
                data = await self._transport.read()
                for frame in self._classifier.feed(data, loop.time()):
                    self._take(frame)
        except DeviceError as error:
            self._give_up(error)
            return error

    def _take(self, frame: Frame) -> None:
        if isinstance(frame, Unknown):
            self.counts.unknown += 1
            return
        future = self._waiting.pop(type(frame), None)
        if future is not None and not future.done():
            future.set_result(frame)
        elif isinstance(frame, RealTime | InOrder | Block):
            self.counts.strays += 1
        if isinstance(frame, AutoStatus | Flow):
            self._heard(frame)

    def _give_up(self, error: DeviceError) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(error)
                future.exception()  # looked at, in case nobody awaits it
        self._waiting.clear()
