"""Where clients find devices: ptys, TCP and RFC 2217, pulled and put back at the same address."""

import asyncio
import os
import random
import stat
import tty
from pathlib import Path
from typing import cast

import pytest
import serial

from drivers.errors import DeviceUnavailable
from drivers.transport.memory import MemoryTransport
from hw_sim.ports import LOOPBACK, MemoryPort, PtyPort, TcpPort, WireEnd
from hw_sim.rfc2217 import Rfc2217Port
from hw_sim.simloop import run
from hw_sim.wire import HangUp, Line, Send

EVERY_BYTE = bytes(range(256))


class Echo:
    """Sends back what it hears."""

    role = "echo"

    def __init__(self) -> None:
        self.attached = 0
        self._send: Send = lambda _data: None

    def attach(self, send: Send, hang_up: HangUp) -> None:
        self.attached += 1
        self._send = send

    def receive(self, data: bytes) -> None:
        self._send(data)

    def detach(self) -> None:
        self.attached -= 1

    def fault(self, verb: str, **args: object) -> None:
        raise ValueError(verb)

    def clear(self, verb: str | None = None) -> None:
        """No faults of its own."""

    def faults(self) -> dict[str, object]:
        return {}

    def truth(self) -> dict[str, object]:
        return {}


def _echo() -> tuple[Echo, Line]:
    device = Echo()
    return device, Line(device, random.Random(1))


async def _read(descriptor: int, size: int) -> bytes:
    """Exactly `size` bytes of a pty slave, or what came before it hung up."""
    loop = asyncio.get_running_loop()
    got = bytearray()
    while len(got) < size:
        ready = loop.create_future()
        loop.add_reader(descriptor, ready.set_result, None)
        await ready
        loop.remove_reader(descriptor)
        try:
            piece = os.read(descriptor, size - len(got))
        except OSError:
            piece = b""
        if not piece:
            break
        got += piece
    return bytes(got)


async def test_a_pty_carries_every_byte_and_keeps_its_path(tmp_path: Path) -> None:
    device, line = _echo()
    link = tmp_path / "pad"
    port = PtyPort(line, link)
    await port.start()
    async with asyncio.timeout(10):
        for _ in range(2):
            assert port.url == str(link)
            assert os.readlink(port.url).startswith("/dev/pts/")
            client = os.open(port.url, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(client)
            os.write(client, EVERY_BYTE)
            assert await _read(client, 256) == EVERY_BYTE
            os.close(client)
        client = os.open(port.url, os.O_RDWR | os.O_NOCTTY)
        await port.unplug()
        await port.unplug()
        assert await _read(client, 1) == b"", "a pulled cable reads as zero bytes or EIO"
        os.close(client)
        assert not link.is_symlink()
        assert device.attached == 0
        await port.plug()
        client = os.open(port.url, os.O_RDWR | os.O_NOCTTY)
        os.write(client, b"back")
        assert await _read(client, 4) == b"back"
        os.close(client)
        await port.stop()
    assert device.attached == 0


async def test_a_pty_without_a_link_has_its_own_path() -> None:
    _, line = _echo()
    port = PtyPort(line)
    await port.start()
    assert stat.S_ISCHR(Path(port.url).stat().st_mode)  # noqa: ASYNC240  # one stat in a test
    await port.stop()


async def test_what_nobody_reads_is_lost_and_counted(tmp_path: Path) -> None:
    _, line = _echo()
    port = PtyPort(line, tmp_path / "pad")
    await port.start()
    for _ in range(100):
        line.reply(bytes(4096))
    assert port.lost > 0
    await port.stop()


async def test_tcp_serves_one_client_and_comes_back_at_the_same_port() -> None:
    device, line = _echo()
    port = TcpPort(line)
    await port.start()
    where = port.url
    host, number = where.removeprefix("socket://").split(":")
    assert host == LOOPBACK
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(host, int(number))
        writer.write(EVERY_BYTE)
        assert await reader.readexactly(256) == EVERY_BYTE
        second, other = await asyncio.open_connection(host, int(number))
        assert await _ended(second)
        other.close()
        await port.unplug()
        assert await _ended(reader)
        writer.close()
        assert device.attached == 0
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection(host, int(number))
        await port.plug()
        assert port.url == where
        reader, writer = await asyncio.open_connection(host, int(number))
        writer.write(b"back")
        assert await reader.readexactly(4) == b"back"
        line.fault("hang_up")
        assert await _ended(reader)
        writer.close()
        await port.stop()
    assert device.attached == 0


def test_a_memory_wire_keeps_the_order_of_what_is_written_at_once() -> None:
    async def main() -> bytes:
        _, line = _echo()
        wire = MemoryTransport("echo")
        MemoryPort(line, cast(WireEnd, wire.far))
        await wire.open()
        for byte in EVERY_BYTE:
            await wire.write(bytes((byte,)))
        got = b""
        while len(got) < 256:
            got += await wire.read()
        return got

    assert run(main()) == EVERY_BYTE


def test_a_memory_wire_is_pulled_put_back_and_hung_up_on() -> None:
    async def main() -> None:
        device, line = _echo()
        wire = MemoryTransport("echo")
        port = MemoryPort(line, cast(WireEnd, wire.far))
        await port.start()
        await wire.open()
        await port.unplug()
        with pytest.raises(DeviceUnavailable):
            await wire.read()
        with pytest.raises(DeviceUnavailable):
            await wire.open()
        await port.plug()
        await wire.open()
        line.fault("hang_up")
        with pytest.raises(DeviceUnavailable):
            await wire.read()
        await wire.open()
        await wire.write(b"back")
        assert await wire.read() == b"back"
        await port.stop()
        assert device.attached == 0

    run(main())


async def _ended(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionError:
        return True


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")
async def test_rfc2217_hears_the_line_settings_and_carries_every_byte() -> None:
    _, line = _echo()
    port = Rfc2217Port(line)
    await port.start()
    client = serial.serial_for_url(port.url, do_not_open=True)
    client.baudrate, client.bytesize, client.parity, client.stopbits = 38400, 8, "E", 1
    client.timeout = 5

    def talk() -> bytes:
        client.open()
        client.write(EVERY_BYTE)
        return bytes(client.read(256))

    async with asyncio.timeout(20):
        assert await asyncio.to_thread(talk) == EVERY_BYTE
        assert str(port.settings) == "38400 8E1"
        await asyncio.to_thread(client.close)
        await port.stop()
