"""A barcode reader on a serial line or USB-CDC: it speaks when it has something to say."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self

from config.device import Device
from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Clock, Rng, Scan, Secret
from drivers.runtime.log import LogEvent, log
from drivers.scanner.frames import IDLE_S, Line, Lines
from drivers.transport.stream import Transport

REPEAT_S = 1.5
"""Seconds in which the same scan again is a slow hand, not a second wish."""


@dataclass(frozen=True, slots=True)
class Scanned(LogEvent):
    """That something was scanned, and how long it was; never what."""

    name = "scanner.scanned"
    length: int
    repeated: bool


class BarcodeScanner:
    """Scanner over one wire. It cannot be probed: it is ready when the wire is open."""

    BAUD = 9600
    PARITY = "none"

    def __init__(self, transport: Transport, *, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock
        self._last: tuple[float, Line] | None = None
        self._forgetting: asyncio.TimerHandle | None = None
        self._open = False
        self.last_at: float | None = None
        """Monotonic time of the last scan: the only health a barcode reader has."""

    @classmethod
    def from_config(cls, device: Device, transport: Transport, clock: Clock, rng: Rng) -> Self:
        """The driver for a station's `scanner` table."""
        del device, rng  # the wire is set up already, and nothing here is left to chance
        return cls(transport, clock=clock)

    async def open(self) -> None:
        """Connect. Safe to repeat. Raises DeviceUnavailable."""
        await self.close()
        await self._transport.open()
        self._open = True

    async def close(self) -> None:
        """Let go; `scans` ends with DeviceUnavailable."""
        self._open = False
        self._forget()
        await self._transport.close()

    async def scans(self) -> AsyncIterator[Scan]:
        """Each scan as it comes, for ever; one reader at a time. Raises DeviceUnavailable at hang-up."""
        if not self._open:
            raise DeviceUnavailable(self._transport.device, Code.PORT_GONE, "not open")
        lines = Lines()
        reading = asyncio.ensure_future(self._transport.read())
        try:
            while True:
                await asyncio.wait({reading}, timeout=IDLE_S if lines.pending else None)
                found = deque(lines.feed(reading.result()) if reading.done() else lines.idle())
                if reading.done():
                    reading = asyncio.ensure_future(self._transport.read())
                while found:  # nothing of what was scanned may stay here while we wait for the next
                    if self._is_new(found[0]):
                        yield _scan(found.popleft())
                    else:
                        found.popleft()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def _forget(self) -> None:
        """What was scanned last is personal, and of use for a moment only."""
        self._last = None
        if self._forgetting is not None:
            self._forgetting.cancel()
            self._forgetting = None

    def _is_new(self, line: Line) -> bool:
        now = self._clock.monotonic()
        last, self._last = self._last, (now, line)
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._forgetting = asyncio.get_running_loop().call_later(REPEAT_S, self._forget)
        repeated = last is not None and last[1] == line and now - last[0] < REPEAT_S
        self.last_at = now
        log(Scanned(len(line.data), repeated))
        return not repeated


def _scan(line: Line) -> Scan:
    return Scan(line.aim, Secret(line.data.decode("utf-8", "replace")))
