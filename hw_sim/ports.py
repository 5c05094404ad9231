"""Where a client finds a simulated device: a pty, a TCP port on loopback, or a wire in the same process.

Every port has a `url` that stays the same when the cable is pulled and put back. Not modelled: modem lines,
parity (see hw_sim.rfc2217) and, on a pty, whether a client has the port open at all.
"""

import asyncio
import os
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from typing_extensions import override

from hw_sim.wire import Line

LOOPBACK = "127.0.0.1"
"""The only address that simulated devices listen on."""

_READ_SIZE = 4096


class Port(Protocol):
    """One place where a client can reach a line."""

    @property
    def url(self) -> str: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def unplug(self) -> None:
        """Pull the cable: the client sees a hang-up, and opening fails until `plug`. Safe to repeat."""
        ...

    async def plug(self) -> None:
        """Put the cable back, at the same url. Safe to repeat."""
        ...


class PtyPort:
    """A pty in raw mode; `url` is a symbolic link given, so that it stays the same after a replug.

    The slave is held open here, else the master would read EIO between two clients; so the line counts as
    connected while the cable is in. Bytes that no client takes are lost once the kernel's buffer is full,
    as on a UART; `lost` counts them.
    """

    def __init__(self, line: Line, link: Path | None = None) -> None:
        self.url = "" if link is None else str(link)
        self.lost = 0
        self._line = line
        self._link = link
        self._master = -1
        self._slave = -1

    async def start(self) -> None:
        await self.plug()

    async def stop(self) -> None:
        await self.unplug()

    async def plug(self) -> None:
        if self._master >= 0:
            return
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        path = os.ttyname(self._slave)
        if self._link is None:
            self.url = path
        else:
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(path)
        asyncio.get_running_loop().add_reader(self._master, self._readable)
        self._line.connect(self._send, lambda: None)

    async def unplug(self) -> None:
        if self._master < 0:
            return
        asyncio.get_running_loop().remove_reader(self._master)
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1
        self._line.disconnect()

    def _readable(self) -> None:
        try:
            data = os.read(self._master, _READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        self._line.receive(data)

    def _send(self, data: bytes) -> None:
        taken = 0
        try:
            taken = os.write(self._master, data)
        except BlockingIOError:
            pass
        self.lost += len(data) - taken


class TcpPort:
    """A TCP port on loopback for one client at a time; a second is turned away while the first is there."""

    scheme = "socket"

    def __init__(self, line: Line, port: int = 0) -> None:
        self._line = line
        self._port = port
        self._server: asyncio.Server | None = None
        self._client: asyncio.Transport | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://{LOOPBACK}:{self._port}"

    async def start(self) -> None:
        await self.plug()

    async def stop(self) -> None:
        await self.unplug()

    async def plug(self) -> None:
        if self._server is not None:
            return
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Session(self), LOOPBACK, self._port, reuse_address=True
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        if self._client is not None:
            self._client.abort()
        self.let_go()
        await server.wait_closed()

    def admit(self, client: asyncio.Transport) -> bool:
        """A connection came; False turns it away."""
        if self._client is not None or self._server is None:
            return False
        self._client = client
        self._connect(client)
        return True

    def _connect(self, client: asyncio.Transport) -> None:
        self._line.connect(client.write, client.abort)

    def take(self, data: bytes) -> None:
        """Bytes of the connection."""
        self._line.receive(data)

    def let_go(self) -> None:
        """The connection is over."""
        self._client = None
        self._line.disconnect()


class _Session(asyncio.Protocol):
    """One connection to a TcpPort."""

    def __init__(self, port: TcpPort) -> None:
        self._port = port
        self._served = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._served = self._port.admit(transport)
            if not self._served:
                transport.abort()

    @override
    def data_received(self, data: bytes) -> None:
        if self._served:
            self._port.take(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._served:
            self._served = False
            self._port.let_go()


class WireEnd(Protocol):
    """The far end of a memory wire, as a program under test offers it: how it is reached in one process."""

    received: Callable[[bytes], None]
    opened: Callable[[], None]

    @property
    def send(self) -> Callable[[bytes], None]: ...

    @property
    def hang_up(self) -> Callable[[], None]: ...

    @property
    def plug_in(self) -> Callable[[], None]: ...


class MemoryPort:
    """Joins a line to a memory wire, for virtual time. Give the pace to one of the two, not to both."""

    def __init__(self, line: Line, end: WireEnd, name: str = "device") -> None:
        self.url = f"memory://{name}"
        self._line = line
        self._end = end
        self._in = True
        end.received = line.receive
        end.opened = self._opened

    async def start(self) -> None:
        """Nothing to do: the client opens the wire."""

    async def stop(self) -> None:
        self._line.disconnect()

    async def unplug(self) -> None:
        self._line.disconnect()
        self._end.hang_up()
        self._in = False

    async def plug(self) -> None:
        self._end.plug_in()
        self._in = True

    def _opened(self) -> None:
        self._line.disconnect()
        self._line.connect(self._end.send, self._cut)

    def _cut(self) -> None:
        """End the connection only: the client may open again at once."""
        self._end.hang_up()
        self._end.plug_in()
