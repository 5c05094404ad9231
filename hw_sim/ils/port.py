"""Where terminals find the library system: a port of loopback, or wires in the same process; many at once."""

from pathlib import Path
from typing import Any
from weakref import ReferenceType, ref

from hw_sim.ils.server import LibraryServer
from hw_sim.ports import LOOPBACK, MemoryPort, WireEnd


class LibraryPort:
    """A server on loopback that can be unplugged; with a directory it speaks TLS by a certificate made there."""

    def __init__(
        self, server: LibraryServer[Any], scheme: str, tls_directory: Path | None = None
    ) -> None:
        self._server = server
        self._scheme = scheme
        self._directory = tls_directory
        self._port = 0
        self._in = False

    @property
    def url(self) -> str:
        return f"{self._scheme}://{LOOPBACK}:{self._port}"

    @property
    def ca(self) -> Path | None:
        """The authority that a client has to trust; None without TLS."""
        return self._server.ca_path

    async def start(self) -> None:
        await self.plug()

    async def stop(self) -> None:
        """Let go, and leave no certificate behind."""
        await self.unplug()
        if self._directory is not None:
            for name in ("ca.pem", "server.pem"):
                (self._directory / name).unlink(missing_ok=True)

    async def plug(self) -> None:
        if not self._in:
            self._port = await self._server.start(
                LOOPBACK, self._port, tls_directory=self._directory
            )
            self._in = True

    async def unplug(self) -> None:
        await self._server.close()
        self._in = False


class LibraryWires:
    """Any number of memory wires to one library system, for virtual time.

    A wire is remembered as long as its client keeps it, so that each call may have a wire of its own.
    """

    def __init__(self, server: LibraryServer[Any], name: str) -> None:
        self.url = f"memory://{name}"
        self._server = server
        self._name = name
        self._ports: list[ReferenceType[MemoryPort]] = []
        self._in = True

    def join(self, end: WireEnd) -> None:
        """Tie a further wire to it; while it is unplugged, one that cannot be opened."""
        port = MemoryPort(self._server.line(), end, self._name)
        self._ports = [ref(each) for each in (*self._wires(), port)]
        if not self._in:
            end.hang_up()

    async def start(self) -> None:
        """Nothing to do: the client opens the wires."""

    async def stop(self) -> None:
        for port in self._wires():
            await port.stop()

    async def unplug(self) -> None:
        self._in = False
        for port in self._wires():
            await port.unplug()

    async def plug(self) -> None:
        self._in = True
        for port in self._wires():
            await port.plug()

    def _wires(self) -> list[MemoryPort]:
        return [port for each in self._ports if (port := each())]
