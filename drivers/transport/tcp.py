"""A TCP or TLS connection as a byte stream. Segments leave at once: TCP_NODELAY is on."""

import asyncio
import socket
import ssl

from drivers.errors import Code, DeviceTimeout, DeviceUnavailable
from drivers.transport.faults import from_cause

CONNECT_S = 5.0
WRITE_STALL_S = 1.0
_CHUNK = 4096


class TcpTransport:
    """One connection to HOST:PORT; `tls` is a context that checks certificates, or None for plain TCP."""

    def __init__(
        self, device: str, host: str, port: int, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.device = device
        self._host = host
        self._port = port
        self._tls = tls
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        await self.close()
        where = f"{self._host}:{self._port}"
        try:
            async with asyncio.timeout(CONNECT_S):
                self._reader, self._writer = await asyncio.open_connection(
                    self._host, self._port, ssl=self._tls
                )
        except TimeoutError as cause:
            raise DeviceUnavailable(
                self.device, Code.PORT_REFUSED, f"{where} does not answer"
            ) from cause
        except OSError as cause:
            raise from_cause(self.device, cause, where) from cause
        line = self._writer.get_extra_info("socket")
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    async def read(self) -> bytes:
        if self._reader is None:
            raise DeviceUnavailable(self.device, Code.PORT_GONE, "not open")
        try:
            data = await self._reader.read(_CHUNK)
        except OSError as cause:
            raise from_cause(self.device, cause) from cause
        if not data:
            raise DeviceUnavailable(self.device, Code.PORT_GONE, "the far end hung up")
        return data

    async def write(self, data: bytes) -> None:
        writer = self._writer
        if writer is None:
            raise DeviceUnavailable(self.device, Code.PORT_GONE, "not open")
        try:
            writer.write(data)
            async with asyncio.timeout(WRITE_STALL_S):
                await writer.drain()
        except TimeoutError as cause:
            raise DeviceTimeout(
                self.device, Code.WIRE_STALLED, "the far end takes nothing"
            ) from cause
        except OSError as cause:
            raise from_cause(self.device, cause) from cause

    async def close(self) -> None:
        writer, self._writer = self._writer, None
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.feed_eof()
        if writer is not None:
            writer.transport.abort()
