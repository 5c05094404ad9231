"""A wire inside the process, paced like a real one, for virtual time.

Each direction carries baud / bits_per_byte bytes a second. The far end is a plain object: set `received`,
call `send`, call `hang_up`. So a simulated device can be joined to a shipping driver without either
knowing of the other.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from drivers.errors import Code, DeviceUnavailable


@dataclass(slots=True)
class FarEnd:
    """The device's side of a memory wire."""

    send: Callable[[bytes], None]
    """Put bytes on the wire towards us; they arrive when the line has carried them."""
    hang_up: Callable[[], None]
    """Pull the cable. Opening fails until `plug_in`."""
    plug_in: Callable[[], None]
    """Put the cable back; the driver may open again."""
    received: Callable[[bytes], None] = lambda _data: None
    """Set by the device: called with what arrives from us."""
    opened: Callable[[], None] = lambda: None
    """Set by the device: called when we open the wire."""


class MemoryTransport:
    """Our side of a memory wire. `baud` None means no pacing: bytes arrive in the same loop turn."""

    def __init__(self, device: str, *, baud: int | None = None, bits_per_byte: int = 10) -> None:
        self.device = device
        self.far = FarEnd(self._towards_us, self._hang_up, self._plug_in)
        self._seconds_a_byte = 0.0 if baud is None else bits_per_byte / baud
        self._inbox = bytearray()
        self._arrived: asyncio.Event | None = None
        self._open = False
        self._absent = False
        self._free_in = 0.0
        self._free_out = 0.0
        # timers of the same moment fire in any order: each takes the oldest piece, so none overtakes
        self._in: deque[tuple[bytes, int]] = deque()
        self._out: deque[tuple[bytes, int]] = deque()
        self._line = 0

    async def open(self) -> None:
        if self._absent:
            raise DeviceUnavailable(self.device, Code.PORT_ABSENT, "the cable is out")
        self._arrived = asyncio.Event()
        self._inbox.clear()
        self._line += 1
        self._open = True
        self.far.opened()

    async def read(self) -> bytes:
        while not self._inbox:
            if not self._open or self._arrived is None:
                raise DeviceUnavailable(self.device, Code.PORT_GONE, "the wire is closed")
            self._arrived.clear()
            await self._arrived.wait()
        data = bytes(self._inbox)
        self._inbox.clear()
        return data

    async def write(self, data: bytes) -> None:
        if not self._open:
            raise DeviceUnavailable(self.device, Code.PORT_GONE, "the wire is closed")
        loop = asyncio.get_running_loop()
        self._free_out = max(self._free_out, loop.time()) + len(data) * self._seconds_a_byte
        self._out.append((bytes(data), self._line))
        loop.call_at(self._free_out, self._deliver_out)

    async def close(self) -> None:
        self._open = False
        if self._arrived is not None:
            self._arrived.set()

    def _deliver_out(self) -> None:
        data, line = self._out.popleft()
        if self._open and line == self._line:
            self.far.received(data)

    def _towards_us(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._free_in = max(self._free_in, loop.time()) + len(data) * self._seconds_a_byte
        self._in.append((bytes(data), self._line))
        loop.call_at(self._free_in, self._deliver_in)

    def _deliver_in(self) -> None:
        data, line = self._in.popleft()
        if self._open and line == self._line and self._arrived is not None:
            self._inbox += data
            self._arrived.set()

    def _hang_up(self) -> None:
        self._absent = True
        self._open = False
        self._inbox.clear()
        if self._arrived is not None:
            self._arrived.set()

    def _plug_in(self) -> None:
        self._absent = False
