"""A simulated library system on a TCP port of loopback, with or without TLS, for many terminals at once."""

import asyncio
import random
import ssl
from pathlib import Path
from typing import Generic, Protocol, Self

from typing_extensions import TypeVar, override

from hw_sim.faults import Faults
from hw_sim.ils.certificate import serve_tls
from hw_sim.ils.device import LibraryDevice
from hw_sim.wire import WIRE_FAULTS, Device, HangUp, Line, Send


class ManyTerminals(Device, Protocol):
    """A library system as one connection sees it."""

    def sibling(self) -> Self:
        """A further connection to the same library."""
        ...


D = TypeVar("D", bound=ManyTerminals, default=LibraryDevice)


class LibraryServer(Generic[D]):
    """Gives each connection a device of its own, behind a line that shares the wire's faults.

    Answers to the device verbs itself (fault, clear, faults, truth), for all connections. Not modelled:
    a limit to the connections, except by the manner `busy`.
    """

    role = "library"

    def __init__(self, device: D, rng: random.Random) -> None:
        self.device = device
        self.ca_path: Path | None = None
        """Where a client finds the authority to trust; None without TLS."""
        self._tls: ssl.SSLContext | None = None
        self._rng = rng
        self._wire_faults = Faults(WIRE_FAULTS)
        self._joined: dict[Line, None] = {}
        self._everywhere = self._line(device)
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(
        self, host: str = "127.0.0.1", port: int = 0, *, tls_directory: Path | None = None
    ) -> int:
        """Listen, and return the port. With `tls_directory`, speak TLS and write `ca.pem` there.

        The authority stays the same when the server starts again.
        """
        if tls_directory is not None and self._tls is None:
            self._tls, self.ca_path = serve_tls(tls_directory)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, host, port, ssl=self._tls)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def close(self) -> None:
        """Stop listening and hang up on everybody; safe to repeat. `start` may follow."""
        if self._server is None:
            return
        self._server.close()
        for connection in tuple(self._connections):
            connection.hang_up()
        await self._server.wait_closed()
        self._server = None

    def line(self) -> Line:
        """A line to a further connection, for whoever joins it to a wire in the same process."""
        return self._line(self.device.sibling())

    def fault(self, verb: str, **args: object) -> None:
        """Start a fault of the library system or of its wires, on connections now and to come.

        Raises:
            ValueError: no such fault; the text lists the known.
            TypeError: a wrong argument.
        """
        for line in (self._everywhere, *self._joined):
            line.fault(verb, **args)

    def clear(self, verb: str | None = None) -> None:
        """End one fault, or all."""
        self._everywhere.clear(verb)

    def faults(self) -> dict[str, object]:
        return self._everywhere.faults()

    def truth(self) -> dict[str, object]:
        """As `LibraryDevice.truth`, and how many terminals are connected."""
        return {**self.device.truth(), "connections": len(self._connections)}

    def _line(self, device: Device) -> Line:
        return _SharedLine(device, self._rng, self._wire_faults, self._joined)

    def _connection(self) -> "_Connection":
        return _Connection(self.line(), self._connections)


class _SharedLine(Line):
    """A line whose faults are those of all connections of a server; it is among `joined` while in use."""

    def __init__(
        self, device: Device, rng: random.Random, faults: Faults, joined: dict[Line, None]
    ) -> None:
        super().__init__(device, rng)
        self._faults = faults
        self._joined = joined

    @override
    def connect(self, send: Send, hang_up: HangUp) -> None:
        self._joined[self] = None
        super().connect(send, hang_up)

    @override
    def disconnect(self) -> None:
        self._joined.pop(self, None)
        super().disconnect()


class _Connection(asyncio.Protocol):
    def __init__(self, line: Line, everybody: set["_Connection"]) -> None:
        self.line = line
        self._everybody = everybody
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream server makes no other
        self._transport = transport
        self._everybody.add(self)
        self.line.connect(transport.write, transport.close)

    @override
    def data_received(self, data: bytes) -> None:
        self.line.receive(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._everybody.discard(self)
        self.line.disconnect()

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()
