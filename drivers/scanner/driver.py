"""A barcode reader on a serial line or USB-CDC: it speaks when it has something to say."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self

from config.station import Device
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
        self._last = None
        await self._transport.close()

    async def scans(self) -> AsyncIterator[Scan]:
        """Each scan as it comes, for ever; one reader at a time. Raises DeviceUnavailable at hang-up."""
        if not self._open:
            raise DeviceUnavailable(self._transport.device, Code.PORT_GONE, "not open")
        lines = Lines()
        reading = asyncio.ensure_future(self._transport.read())
        try:
            while True:
                done, _ = await asyncio.wait({reading}, timeout=IDLE_S if lines.pending else None)
                found = lines.feed(reading.result()) if done else lines.idle()
                for line in found:
                    if self._is_new(line):
                        yield Scan(line.aim, Secret(line.data.decode("utf-8", "replace")))
                if done:
                    reading = asyncio.ensure_future(self._transport.read())
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def _is_new(self, line: Line) -> bool:
        now = self._clock.monotonic()
        last, self._last = self._last, (now, line)
        repeated = last is not None and last[1] == line and now - last[0] < REPEAT_S
        self.last_at = now
        log(Scanned(len(line.data), repeated))
        return not repeated
