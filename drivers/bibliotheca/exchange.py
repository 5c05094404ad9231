"""One request to a 3M 210 or 810 reader and its answer: one in flight, a deadline, recovery, no stale answers.

A reader that is busy ignores what it is sent, and one that receives a broken frame says nothing. So after a timeout
or a broken answer the wire is unsettled: before the next request its version is asked, which every firmware tells.
What comes before that answer is old and is dropped; it can never be taken for the next answer.
"""

import asyncio
from dataclasses import dataclass

from drivers.bibliotheca.commands import WAKE_UP, WAKE_UP_BODY, Command
from drivers.bibliotheca.frames import WAKE, Frame, Framer
from drivers.errors import (
    Code,
    DeviceError,
    DeviceTimeout,
    DeviceUnavailable,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.runtime.flow import Repeat
from drivers.runtime.log import Label, log
from drivers.runtime.reader_events import ReaderLost, ReaderResynchronised
from drivers.transport.stream import Transport

ANSWER_S = 2.0
"""An inventory of a hundred tags takes a second in the field and half of one on the wire at 19200 baud."""
PROBE_S = 0.5
"""A reader that is not busy tells its version at once."""
GAP_S = 0.3
"""A line that stops this long inside a frame has lost it."""
TRIES = 2
"""How often an idempotent request, or a probe, is sent in all."""


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
class _Wanted:
    answer: "asyncio.Future[Frame]"
    request: Frame
    uid: bytes
    """UID that a good answer begins with; empty where it has none."""

    def is_answered_by(self, frame: Frame) -> bool:
        if (frame.start, frame.command) != (self.request.start, self.request.command):
            return False
        return bool(frame.body) and (
            # a refusal may hold no UID
            frame.data.startswith(self.uid)
            or (frame.error != 0 and len(frame.data) < len(self.uid))
        )


class Exchange:
    """The wire to one reader. The caller sees to it that one request is in flight at a time."""

    def __init__(self, transport: Transport, *, answer_s: float = ANSWER_S) -> None:
        self._transport = transport
        self._answer_s = answer_s
        self._framer = Framer()
        self._pump: asyncio.Task[None] | None = None
        self._wanted: _Wanted | None = None
        self._gone: DeviceError | None = None
        self._settled = True
        self._stalled: asyncio.TimerHandle | None = None
        self.counts = Counts()

    @property
    def alive(self) -> bool:
        """The wire is open, as far as is known."""
        return self._pump is not None and not self._pump.done()

    async def open(self) -> None:
        """Open the wire and listen. Raises DeviceUnavailable."""
        await self.close()
        await self._transport.open()
        self._gone = None
        self._settled = True
        self._framer = Framer()
        self.counts = Counts()
        self._pump = asyncio.create_task(self._listen(), name=f"{self._transport.device} listen")

    async def close(self) -> None:
        """Let go of the wire; a request in flight ends with DeviceUnavailable. Never raises."""
        pump, self._pump = self._pump, None
        self._fail(DeviceUnavailable(self._transport.device, Code.PORT_GONE, "closed"))
        await self._transport.close()
        if pump is not None:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    async def wake_up(self) -> Frame | None:
        """Wake the reader up; None when it does not answer to that, as one may that is awake.

        Raises:
            DeviceUnavailable: the wire is gone.
        """
        try:
            return await self._once(Frame(WAKE_UP, WAKE_UP_BODY, WAKE), b"", PROBE_S)
        except (DeviceTimeout, RemoteProtocolError):
            return None

    async def ask(
        self, command: Command, body: bytes = b"", *, repeat: Repeat, uid: bytes = b""
    ) -> Frame:
        """Send a request and return the reply that belongs to it, whatever its error byte.

        Only an idempotent request is sent again after a timeout or a broken answer.

        Raises:
            DeviceUnavailable: the wire is gone.
            DeviceTimeout: no answer; a request that was not idempotent may have been carried out.
            RemoteProtocolError: only broken answers.
        """
        request = Frame(command, uid + body)
        tries = TRIES if repeat is Repeat.IDEMPOTENT else 1
        while True:
            tries -= 1
            try:
                if not self._settled:
                    await self._resynchronise()
                return await self._once(request, uid, self._answer_s)
            except (DeviceTimeout, RemoteProtocolError):
                if tries == 0:
                    raise

    async def probe(self) -> Frame:
        """The version; a second try where the reader was busy with an old request and ignored the first.

        Raises:
            DeviceUnavailable, DeviceTimeout, RemoteProtocolError: as `ask`.
        """
        request = Frame(Command.VERSION)
        try:
            found = await self._once(request, b"", PROBE_S)
        except (DeviceTimeout, RemoteProtocolError):
            found = await self._once(request, b"", PROBE_S)
        self._settled = True
        return found

    async def _resynchronise(self) -> None:
        await self.probe()
        counts = self.counts
        label = Label(self._transport.device)
        log(ReaderResynchronised(label, counts.timeouts, counts.garbled, counts.late))

    async def _once(self, request: Frame, uid: bytes, seconds: float) -> Frame:
        if self._wanted is not None:
            raise LocalProtocolError(self._transport.device, Code.BUG, "two requests in flight")
        settled, self._settled = self._settled, False
        loop = asyncio.get_running_loop()
        wanted = self._wanted = _Wanted(loop.create_future(), request, uid)
        self.counts.requests += 1
        try:
            async with asyncio.timeout(seconds):
                if self._gone is not None:
                    raise self._lost(self._gone)
                self._framer.reset()
                await self._transport.write(request.encode())
                reply = await wanted.answer
        except TimeoutError as error:
            if isinstance(error, DeviceTimeout):
                raise
            raise self._silent(request, seconds) from None
        finally:
            self._wanted = None
            if self._stalled is not None:
                self._stalled.cancel()
            if wanted.answer.done() and not wanted.answer.cancelled():
                wanted.answer.exception()  # seen, even when the caller was cancelled first
        self._settled = settled
        return reply

    def _silent(self, request: Frame, seconds: float) -> DeviceError:
        device = self._transport.device
        detail = f"command {request.command:02x}, {seconds} s"
        if held := self._framer.waiting:
            self.counts.garbled += 1
            return RemoteProtocolError(device, Code.WIRE_GARBLED, detail, held)
        self.counts.timeouts += 1
        return DeviceTimeout(device, Code.WIRE_SILENT, detail)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                data = await self._transport.read()
                if self._stalled is not None:
                    self._stalled.cancel()
                dropped = self._framer.dropped
                self._take(self._framer.feed(data))
                broken = self._framer.waiting or self._framer.dropped > dropped
                if broken and self._wanted is not None:
                    self._stalled = loop.call_later(GAP_S, self._stall)
        except DeviceError as error:
            if self._pump is not None:
                log(ReaderLost(Label(self._transport.device), error.code))
            self._fail(error)

    def _take(self, frames: list[Frame]) -> None:
        for frame in frames:
            wanted = self._wanted
            if wanted is None or wanted.answer.done() or not wanted.is_answered_by(frame):
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
                RemoteProtocolError(self._transport.device, Code.WIRE_GARBLED, raw=held)
            )

    def _fail(self, error: DeviceError) -> None:
        self._gone = error
        wanted = self._wanted
        if wanted is not None and not wanted.answer.done():
            wanted.answer.set_exception(self._lost(error))

    def _lost(self, error: DeviceError) -> DeviceUnavailable:
        return DeviceUnavailable(self._transport.device, error.code, error.detail)
