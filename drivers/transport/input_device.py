"""A Linux input device as a byte stream: read only, taken for ourselves so that no key is typed elsewhere too.

Source: linux/input.h, EVIOCGRAB.
"""

import asyncio
import fcntl
import os
from contextlib import suppress

from drivers.errors import Code, DeviceUnavailable
from drivers.transport.faults import from_cause

EVIOCGRAB = 0x40044590
_CHUNK = 4096


class InputTransport:
    """One device file under /dev/input."""

    def __init__(self, device: str, path: str) -> None:
        self.device = device
        self._path = path
        self._file: int | None = None
        self._ready: asyncio.Event | None = None

    async def open(self) -> None:
        await self.close()
        try:
            self._file = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as cause:
            raise from_cause(self.device, cause, self._path) from cause
        with suppress(OSError):  # not every such file can be had alone
            fcntl.ioctl(self._file, EVIOCGRAB, 1)
        self._ready = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._file, self._ready.set)

    async def read(self) -> bytes:
        while self._file is not None and self._ready is not None:
            try:
                data = os.read(self._file, _CHUNK)
            except BlockingIOError:
                self._ready.clear()
                await self._ready.wait()
                continue
            except OSError as cause:
                raise from_cause(self.device, cause, self._path) from cause
            if data:
                return data
            break
        raise DeviceUnavailable(self.device, Code.PORT_GONE, self._path)

    async def write(self, data: bytes) -> None:
        """Nothing is ever said to a keypad."""
        del data

    async def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            asyncio.get_running_loop().remove_reader(file)
            os.close(file)
        if self._ready is not None:
            self._ready.set()
