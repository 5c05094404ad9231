"""A keypad with a headset jack, as Linux shows it: /dev/input/by-id/...-event-kbd."""

from collections.abc import AsyncIterator
from typing import Self

from config.device import Device
from drivers.keypad.frames import Presses
from drivers.ports import Clock, KeyPress, Rng
from drivers.transport.stream import Transport


class EvdevKeyPad:
    """Keys over one wire. It cannot be probed: it is ready when the wire is open."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @classmethod
    def from_config(cls, device: Device, transport: Transport, clock: Clock, rng: Rng) -> Self:
        """The driver for a station's `keys` table."""
        del device, clock, rng  # the wire is set up already; nothing here is left to time or chance
        return cls(transport)

    async def open(self) -> None:
        """Take the device for ourselves. Safe to repeat. Raises DeviceUnavailable."""
        await self._transport.close()
        await self._transport.open()

    async def close(self) -> None:
        """Let go; `presses` ends with DeviceUnavailable."""
        await self._transport.close()

    async def presses(self) -> AsyncIterator[KeyPress]:
        """Each press as it comes, for ever. Raises DeviceUnavailable at hang-up."""
        frames = Presses()
        while True:
            for key in frames.feed(await self._transport.read()):
                yield KeyPress(key)
