"""A card reader over nfcpy: the blocking library on a thread of its own, the port in front of it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Self, TypeVar

from config.station import CardDevice
from drivers.errors import Code, DeviceUnavailable
from drivers.nfc.frontend import Frontend
from drivers.nfc.worker import Worker
from drivers.ports import CardReaderInfo, Clock, NearCard, Rng

T = TypeVar("T")

CLOSE_S = 1.0
"""How long a call that runs may take until it is left to itself."""


class NfcCardReader:
    """CardReader on a serial PN532 (`/dev/...`) or a USB reader (`usb:072f:2200`, `usb:003:009`, `usb`)."""

    def __init__(self, url: str, *, device: str = "card", reads_contents: bool = False) -> None:
        """Nothing is opened yet. Raises LocalProtocolError for a url that cannot be."""
        self._device = device
        self._url = url
        self._reads_contents = reads_contents
        self._frontend = self._fresh()
        self._worker: Worker | None = None

    @classmethod
    def from_config(cls, device: CardDevice, clock: Clock, rng: Rng) -> Self:
        """The driver for a station's `card` table. It opens its wire itself."""
        del clock, rng  # nfcpy has its own time, and nothing here is left to chance
        return cls(device.url, reads_contents=device.number_from == "ndef")

    def _fresh(self) -> Frontend:
        """Nfcpy cannot open one again that has lost its cable."""
        return Frontend(self._device, self._url, reads_contents=self._reads_contents)

    async def open(self) -> CardReaderInfo:
        await self.close()
        self._frontend, self._worker = self._fresh(), Worker(self._device)
        try:
            return await self._ask(self._frontend.open)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await worker.do(self._frontend.close)
        worker.end()

    async def poll(self) -> tuple[NearCard, ...]:
        return await self._ask(self._frontend.look)

    async def transceive(self, apdu: bytes) -> bytes:
        return await self._ask(lambda: self._frontend.apdu(apdu))

    async def _ask(self, work: Callable[[], T]) -> T:
        if self._worker is None:
            raise DeviceUnavailable(self._device, Code.PORT_GONE, "not open")
        return await self._worker.do(work)
