"""A serial line by pyserial: a device file, or rfc2217:// for a port on another machine.

pyserial only opens and sets up the line. A local port is then read by the loop (`add_reader` on its
descriptor) and written without blocking; an rfc2217 port has no descriptor and is served by two threads.
A pseudo-terminal cannot carry parity: glibc reports EINVAL for it, so under /dev/pts the line is opened
without (the bytes are the same).
"""

import asyncio
import os
import threading
from collections.abc import Callable
from typing import Any

import serial

from drivers.errors import Code, DeviceTimeout, DeviceUnavailable
from drivers.transport.faults import from_cause

WRITE_STALL_S = 1.0
"""How long the far end may take none of our bytes."""
_CLOSE_S = 2.0
_LISTEN_S = 0.1
"""How long a thread waits for a byte before it looks whether it is still wanted."""
_CHUNK = 4096
_PARITY = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}


class LineSettings:
    """Baud, parity and flow control of one line; 8 data bits and 1 stop bit always."""

    __slots__ = ("baud", "flow", "parity")

    def __init__(self, baud: int = 9600, parity: str = "none", flow: str = "none") -> None:
        self.baud = baud
        self.parity = parity
        self.flow = flow


def _opened(url: str, line: LineSettings) -> Any:
    """Open by pyserial, everything set at once. DTR and RTS are raised by opening."""
    parity = _PARITY[line.parity]
    if os.path.realpath(url).startswith("/dev/pts/"):
        parity = serial.PARITY_NONE
    port = serial.serial_for_url(url, do_not_open=True)
    port.baudrate = line.baud
    port.parity = parity
    port.rtscts = line.flow == "rtscts"
    port.xonxoff = line.flow == "xonxoff"
    if url.startswith("rfc2217://"):
        port.timeout = _LISTEN_S  # now: to change it later would set up the whole line once more
    else:
        port.timeout = 0
        port.exclusive = True
    port.open()
    return port


class SerialTransport:
    """A local serial port on the loop."""

    def __init__(self, device: str, path: str, line: LineSettings) -> None:
        self.device = device
        self._path = path
        self._line = line
        self._port: Any = None
        self._inbox = bytearray()
        self._arrived = asyncio.Event()
        self._lost: DeviceUnavailable | None = None

    async def open(self) -> None:
        await self.close()
        self._inbox.clear()
        self._lost = None
        self._arrived = asyncio.Event()
        try:
            self._port = _opened(self._path, self._line)
        except Exception as cause:
            self._port = None
            raise from_cause(self.device, cause, self._path) from cause
        asyncio.get_running_loop().add_reader(self._port.fileno(), self._readable)

    def _readable(self) -> None:
        try:
            data = os.read(self._port.fileno(), _CHUNK)
        except BlockingIOError:
            return
        except (OSError, serial.SerialException) as cause:
            self._hung_up(from_cause(self.device, cause, self._path))
            return
        if not data:
            self._hung_up(DeviceUnavailable(self.device, Code.PORT_GONE, "the far end hung up"))
            return
        self._inbox += data
        self._arrived.set()

    def _hung_up(self, error: Any) -> None:
        self._lost = error
        self._let_go()
        self._arrived.set()

    async def read(self) -> bytes:
        while not self._inbox:
            if self._port is None:
                raise self._lost or DeviceUnavailable(self.device, Code.PORT_GONE, "not open")
            self._arrived.clear()
            await self._arrived.wait()
        data = bytes(self._inbox)
        self._inbox.clear()
        return data

    async def write(self, data: bytes) -> None:
        view = memoryview(data)
        loop = asyncio.get_running_loop()
        while view:
            if self._port is None:
                raise self._lost or DeviceUnavailable(self.device, Code.PORT_GONE, "not open")
            try:
                taken = os.write(self._port.fileno(), view)
            except BlockingIOError:
                taken = 0
            except (OSError, serial.SerialException) as cause:
                error = from_cause(self.device, cause, self._path)
                self._hung_up(error)
                raise error from cause
            view = view[taken:]
            if view:
                await self._writable(loop)

    async def _writable(self, loop: asyncio.AbstractEventLoop) -> None:
        ready = asyncio.Event()
        descriptor = self._port.fileno()
        loop.add_writer(descriptor, ready.set)
        try:
            async with asyncio.timeout(WRITE_STALL_S):
                await ready.wait()
        except TimeoutError as cause:
            raise DeviceTimeout(
                self.device, Code.WIRE_STALLED, "the far end takes nothing"
            ) from cause
        finally:
            loop.remove_writer(descriptor)

    async def close(self) -> None:
        self._let_go()
        self._arrived.set()

    def _let_go(self) -> None:
        port, self._port = self._port, None
        if port is None:
            return
        asyncio.get_running_loop().remove_reader(port.fileno())
        try:
            port.close()
        except Exception:
            pass


class Rfc2217Transport:
    """A serial port behind a terminal server (RFC 2217), read and written on threads of its own."""

    def __init__(self, device: str, url: str, line: LineSettings) -> None:
        self.device = device
        self._url = url
        self._line = line
        self._port: Any = None
        self._inbox = bytearray()
        self._arrived = asyncio.Event()
        self._lost: DeviceUnavailable | None = None

    async def open(self) -> None:
        await self.close()
        self._inbox.clear()
        self._lost = None
        self._arrived = asyncio.Event()
        loop = asyncio.get_running_loop()
        try:
            port = await asyncio.to_thread(_opened, self._url, self._line)
        except Exception as cause:
            raise from_cause(self.device, cause, self._url) from cause
        self._port = port
        threading.Thread(
            target=self._listen, args=(port, loop), name=f"{self.device}-rfc2217", daemon=True
        ).start()

    def _listen(self, port: Any, loop: asyncio.AbstractEventLoop) -> None:
        def told(call: Callable[..., None], *args: Any) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(call, port, *args)

        try:
            while self._port is port:
                data = port.read(1)
                if data:
                    told(self._take, data + port.read(port.in_waiting))
        except Exception as cause:
            if self._port is port:
                told(self._end, from_cause(self.device, cause, self._url))

    def _take(self, port: Any, data: bytes) -> None:
        if self._port is port:
            self._inbox += data
            self._arrived.set()

    def _end(self, port: Any, error: Any) -> None:
        if self._port is port:
            self._lost = error
            self._port = None
            self._arrived.set()

    async def read(self) -> bytes:
        while not self._inbox:
            if self._port is None:
                raise self._lost or DeviceUnavailable(self.device, Code.PORT_GONE, "not open")
            self._arrived.clear()
            await self._arrived.wait()
        data = bytes(self._inbox)
        self._inbox.clear()
        return data

    async def write(self, data: bytes) -> None:
        port = self._port
        if port is None:
            raise self._lost or DeviceUnavailable(self.device, Code.PORT_GONE, "not open")
        try:
            async with asyncio.timeout(WRITE_STALL_S + len(data) * 10 / self._line.baud):
                await asyncio.to_thread(port.write, data)
        except TimeoutError as cause:
            raise DeviceTimeout(
                self.device, Code.WIRE_STALLED, "the far end takes nothing"
            ) from cause
        except Exception as cause:
            raise from_cause(self.device, cause, self._url) from cause

    async def close(self) -> None:
        port, self._port = self._port, None
        self._arrived.set()
        if port is not None:
            closing = threading.Thread(
                target=port.close, name=f"{self.device}-closing", daemon=True
            )
            closing.start()
            await asyncio.to_thread(closing.join, _CLOSE_S)
