"""The simulated library system on a real port of loopback, in the clear and by TLS."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hw_sim.ils.server import LibraryServer
from tests.unit.hw_sim.ils.terminal import borrow, device, signed

ITEM = "3000000002"
STATUS = "9900802.00"


@pytest.fixture
async def server() -> AsyncIterator[LibraryServer]:
    made = LibraryServer(device(), random.Random(1))
    yield made
    await made.close()


class Wire:
    """One client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, line: str) -> bytes:
        self.writer.write(line.encode() + b"\r")
        try:
            return await self.reader.readuntil(b"\r")
        except asyncio.IncompleteReadError as error:
            return error.partial

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


async def connect(port: int, context: ssl.SSLContext | None = None) -> Wire:
    name = "localhost" if context else None
    return Wire(
        *await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    )


async def test_many_terminals_share_one_library(server: LibraryServer) -> None:
    port = await server.start()
    first, second = await connect(port), await connect(port)
    assert (await first.ask(borrow(ITEM))).startswith(b"121N")
    assert (await second.ask(borrow(ITEM, "2222222222"))).startswith(b"120N")
    assert server.truth()["connections"] == 2
    await first.close()
    await second.close()


async def test_a_commit_without_an_answer_is_seen_after_reconnecting(server: LibraryServer) -> None:
    port = await server.start()
    server.fault("drop_after_commit", only=["11"], count=1)
    first = await connect(port)
    assert await first.ask(borrow(ITEM)) == b""
    second = await connect(port)
    assert (await second.ask(borrow(ITEM))).startswith(b"121Y")
    assert ITEM in server.device.library.loans
    await first.close()
    await second.close()


async def test_wire_faults_strike_connections_now_and_to_come(server: LibraryServer) -> None:
    port = await server.start()
    first = await connect(port)
    assert (await first.ask(STATUS)).startswith(b"98")
    server.fault("half_frame", count=None)
    server.fault("hang_up", after=2)
    assert list(server.faults()) == ["half_frame", "hang_up"]
    second = await connect(port)
    first.writer.write(STATUS.encode() + b"\r")
    half = await first.reader.read(200)
    assert half.startswith(b"98")
    assert not half.endswith(b"\r")
    rest = await second.ask(STATUS)
    assert rest == half
    server.clear()
    assert server.faults() == {}
    assert (await first.ask(STATUS)).startswith(b"98")
    with pytest.raises(ValueError, match="half_frame"):
        server.fault("melt")
    await first.close()
    await second.close()


async def test_closing_hangs_up_and_the_same_port_opens_again(server: LibraryServer) -> None:
    port = await server.start()
    first = await connect(port)
    assert (await first.ask(STATUS)).startswith(b"98")
    await server.close()
    assert await first.reader.read() == b""
    with pytest.raises(ConnectionRefusedError):
        await connect(port)
    await server.close()
    assert await server.start(port=port) == port
    again = await connect(port)
    assert (await again.ask(STATUS)).startswith(b"98")
    await first.close()
    await again.close()


async def test_tls_is_trusted_by_its_own_authority_only(
    server: LibraryServer, tmp_path: Path
) -> None:
    port = await server.start(tls_directory=tmp_path)
    assert server.ca_path == tmp_path / "ca.pem"
    assert (tmp_path / "server.pem").stat().st_mode & 0o777 == 0o600
    context = ssl.create_default_context(cafile=str(server.ca_path))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    wire = await connect(port, context)
    assert (await wire.ask(signed(STATUS, 2))).startswith(b"98")
    await wire.close()
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect(port, ssl.create_default_context())
