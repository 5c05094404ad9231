"""A wire that misbehaves by a seed: loss, corruption, delay, halves, hang-up. For tests of what stands above.

Each chance is per piece of data read or written, 0 to 1. The same seed gives the same faults.
"""

import asyncio
from dataclasses import dataclass

from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Rng
from drivers.transport.stream import Transport


@dataclass(frozen=True, slots=True)
class Faults:
    """How often each fault strikes, and how long a delay is at most."""

    loss: float = 0.0
    corruption: float = 0.0
    halves: float = 0.0
    delay: float = 0.0
    delay_s: float = 0.1
    hang_up: float = 0.0


class FaultyTransport:
    """Wraps any transport."""

    def __init__(self, inner: Transport, faults: Faults, rng: Rng) -> None:
        self.device = inner.device
        self._inner = inner
        self._faults = faults
        self._rng = rng
        self._rest = b""

    async def open(self) -> None:
        self._rest = b""
        await self._inner.open()

    async def read(self) -> bytes:
        while True:
            data = self._rest or await self._inner.read()
            self._rest = b""
            if len(data) > 1 and self._strikes(self._faults.halves):
                data, self._rest = data[: len(data) // 2], data[len(data) // 2 :]
            data = await self._spoilt(data)
            if data:
                return data

    async def write(self, data: bytes) -> None:
        data = await self._spoilt(data)
        if data:
            await self._inner.write(data)

    async def close(self) -> None:
        await self._inner.close()

    def _strikes(self, chance: float) -> bool:
        return chance > 0 and self._rng.uniform(0, 1) < chance

    async def _spoilt(self, data: bytes) -> bytes:
        if self._strikes(self._faults.hang_up):
            await self._inner.close()
            raise DeviceUnavailable(self.device, Code.PORT_GONE, "hang-up by fault")
        if self._strikes(self._faults.delay):
            await asyncio.sleep(self._rng.uniform(0, self._faults.delay_s))
        if self._strikes(self._faults.loss):
            return b""
        if self._strikes(self._faults.corruption):
            at = int(self._rng.uniform(0, len(data)))
            bit = 1 << int(self._rng.uniform(0, 8))
            spoilt = bytearray(data)
            spoilt[min(at, len(data) - 1)] ^= min(bit, 0x80)
            return bytes(spoilt)
        return data
