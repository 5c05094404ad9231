"""A TCP connection as a wire."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from drivers.errors import Code, DeviceTimeout, DeviceUnavailable
from drivers.transport import open_transport, tcp

WITHIN_S = 10.0


class Peer:
    """A server that echoes, hangs up at "bye" and reads nothing after "deaf"."""

    def __init__(self) -> None:
        self.port = 0
        self.end = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            if data == b"bye":
                break
            if data == b"deaf":
                writer.write(b"deaf")
                await self.end.wait()
                break
            writer.write(data)
        writer.close()


@pytest_asyncio.fixture
async def peer() -> AsyncIterator[Peer]:
    one = Peer()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    yield one
    one.end.set()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("scheme", ["socket", "sip2"])
async def test_bytes_go_both_ways_and_a_hang_up_is_told(peer: Peer, scheme: str) -> None:
    wire = open_transport(f"{scheme}://127.0.0.1:{peer.port}", device="library")
    async with asyncio.timeout(WITHIN_S):
        await wire.open()
        await wire.write(b"9900302.00\r")
        assert await wire.read() == b"9900302.00\r"
        await wire.write(b"bye")
        with pytest.raises(DeviceUnavailable) as found:
            await wire.read()
    assert found.value.code is Code.PORT_GONE
    await wire.close()
    await wire.close()


async def test_closing_ends_a_read_that_waits(peer: Peer) -> None:
    wire = open_transport(f"socket://localhost:{peer.port}", device="library")
    async with asyncio.timeout(WITHIN_S):
        await wire.open()
        reading = asyncio.create_task(wire.read())
        await asyncio.sleep(0)
        await wire.close()
        with pytest.raises(DeviceUnavailable):
            await reading


async def test_a_far_end_that_takes_nothing_is_a_time_out(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "WRITE_STALL_S", 0.05)
    wire = open_transport(f"socket://127.0.0.1:{peer.port}", device="library")
    async with asyncio.timeout(WITHIN_S):
        await wire.open()
        await wire.write(b"deaf")
        assert await wire.read() == b"deaf"
        with pytest.raises(DeviceTimeout) as found:
            await wire.write(bytes(30_000_000))
    assert found.value.code is Code.WIRE_STALLED
    await wire.close()


async def test_nobody_listens() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    wire = open_transport(f"socket://127.0.0.1:{port}", device="library")
    with pytest.raises(DeviceUnavailable) as found:
        await wire.open()
    assert found.value.code is Code.PORT_REFUSED
    for verb in (wire.read(), wire.write(b"x")):
        with pytest.raises(DeviceUnavailable):
            await verb
