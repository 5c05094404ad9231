"""A serial line over a pseudo-terminal: open, busy, denied, hang-up, a stall, parity; and RFC 2217."""

import asyncio
import errno
import os
import random
import tty
from collections.abc import Iterator
from typing import Any

import pytest
import serial

from drivers.errors import Code, DeviceError, DeviceTimeout, DeviceUnavailable
from drivers.transport import open_transport, serial_port
from drivers.transport.faults import from_cause
from hw_sim.rfc2217 import Rfc2217Port
from hw_sim.wire import Line

WITHIN_S = 10.0


class Pty:
    """A pair: `path` for the driver, `master` for us. `slave` is held open, as a cable is."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)

    def close(self) -> None:
        for end in (self.master, self.slave):
            if end >= 0:
                os.close(end)
        self.master = self.slave = -1


@pytest.fixture
def pty() -> Iterator[Pty]:
    pair = Pty()
    yield pair
    pair.close()


async def test_bytes_go_both_ways(pty: Pty) -> None:
    wire = open_transport(pty.path, device="pad", baud=38400, parity="even")
    await wire.open()
    every = bytes(range(256))
    await wire.write(every)
    assert os.read(pty.master, 1000) == every
    os.write(pty.master, every)
    got = b""
    async with asyncio.timeout(WITHIN_S):
        while len(got) < 256:
            got += await wire.read()
    assert got == every
    await wire.close()


async def test_opening_again_begins_anew(pty: Pty) -> None:
    wire = open_transport(pty.path, device="pad")
    await wire.open()
    os.write(pty.master, b"old")
    async with asyncio.timeout(WITHIN_S):
        assert await wire.read() == b"old"
    await wire.open()
    os.write(pty.master, b"new")
    async with asyncio.timeout(WITHIN_S):
        assert await wire.read() == b"new"
    await wire.close()
    await wire.close()


async def test_a_port_that_somebody_else_holds_is_busy(pty: Pty) -> None:
    first = open_transport(pty.path, device="pad")
    second = open_transport(pty.path, device="scanner")
    await first.open()
    with pytest.raises(DeviceUnavailable) as found:
        await second.open()
    assert (found.value.device, found.value.code) == ("scanner", Code.PORT_BUSY)
    await first.close()
    await second.open()
    await second.close()


async def test_a_port_that_is_not_there(tmp_path: Any) -> None:
    wire = open_transport(f"{tmp_path}/pad", device="pad")
    with pytest.raises(DeviceUnavailable) as found:
        await wire.open()
    assert found.value.code is Code.PORT_ABSENT
    for verb in (wire.read(), wire.write(b"x")):
        with pytest.raises(DeviceUnavailable):
            await verb


async def test_a_port_that_is_denied_names_the_group_that_may(
    pty: Pty, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise serial.SerialException(errno.EACCES, "could not open port")

    monkeypatch.setattr(serial_port, "_opened", denied)
    wire = open_transport(pty.path, device="pad")
    with pytest.raises(DeviceUnavailable) as found:
        await wire.open()
    assert found.value.code is Code.PORT_DENIED
    import grp

    group = grp.getgrgid(os.stat(pty.path).st_gid).gr_name
    assert found.value.detail == f"{pty.path}, open to the group {group}"


async def test_a_cable_that_is_pulled_ends_a_read_that_waits(pty: Pty) -> None:
    wire = open_transport(pty.path, device="pad")
    await wire.open()
    reading = asyncio.create_task(wire.read())
    await asyncio.sleep(0)
    pty.close()
    async with asyncio.timeout(WITHIN_S):
        with pytest.raises(DeviceUnavailable) as found:
            await reading
    assert found.value.code is Code.PORT_GONE
    with pytest.raises(DeviceUnavailable):
        await wire.write(b"x")
    with pytest.raises(DeviceUnavailable):
        await wire.read()
    await wire.close()


async def test_closing_ends_a_read_that_waits(pty: Pty) -> None:
    wire = open_transport(pty.path, device="pad")
    await wire.open()
    reading = asyncio.create_task(wire.read())
    await asyncio.sleep(0)
    await wire.close()
    async with asyncio.timeout(WITHIN_S):
        with pytest.raises(DeviceUnavailable):
            await reading


async def test_a_far_end_that_takes_nothing_is_a_time_out(
    pty: Pty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serial_port, "WRITE_STALL_S", 0.05)
    wire = open_transport(pty.path, device="printer")
    await wire.open()
    async with asyncio.timeout(WITHIN_S):
        with pytest.raises(DeviceTimeout) as found:
            await wire.write(bytes(1_000_000))
    assert found.value.code is Code.WIRE_STALLED
    await wire.close()


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (OSError(errno.ENOENT, "x"), Code.PORT_ABSENT),
        (OSError(errno.EBUSY, "x"), Code.PORT_BUSY),
        (OSError(errno.EIO, "x"), Code.PORT_GONE),
        (serial.SerialException(errno.EACCES, "x"), Code.PORT_DENIED),
        (serial.SerialException("device disconnected"), Code.PORT_GONE),
        (OSError(errno.ENOTTY, "x"), Code.PORT_BAD_URL),
        (IsADirectoryError(errno.EISDIR, "x"), Code.PORT_BAD_URL),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), Code.PORT_REFUSED),
    ],
)
def test_every_way_a_cable_fails_is_one_of_ours(cause: Exception, code: Code) -> None:
    assert from_cause("pad", cause, "/dev/ims/pad").code is code


@pytest.mark.parametrize(
    "url", ["", "COM3", "http://x:1", "socket://x", "socket://x:0", "socket://x:70000"]
)
def test_a_url_that_is_none(url: str) -> None:
    with pytest.raises(DeviceError) as found:
        open_transport(url, device="pad")
    assert found.value.code is Code.PORT_BAD_URL


class Echo:
    """A device that says everything back."""

    role = "pad"

    def attach(self, send: Any, hang_up: Any) -> None:
        self.send, self.hang_up = send, hang_up

    def receive(self, data: bytes) -> None:
        self.send(data)

    def detach(self) -> None:
        pass

    def fault(self, verb: str, **_: object) -> None:
        raise ValueError(verb)

    def clear(self, verb: str | None = None) -> None:
        pass

    def faults(self) -> dict[str, object]:
        return {}

    def truth(self) -> dict[str, object]:
        return {}


@pytest.mark.filterwarnings(
    "ignore:set(Daemon|Name).. is deprecated:DeprecationWarning"
)  # pyserial 3.5
async def test_a_port_on_another_machine_is_set_to_8e1_and_carries_every_byte() -> None:
    port = Rfc2217Port(Line(Echo(), random.Random(1)))
    await port.start()
    wire = open_transport(port.url, device="pad", baud=38400, parity="even")
    await wire.open()
    try:
        assert str(port.settings) == "38400 8E1"
        every = bytes(range(256)) * 2  # 0xFF is Telnet's own and must be doubled
        await wire.write(every)
        got = b""
        async with asyncio.timeout(WITHIN_S):
            while len(got) < len(every):
                got += await wire.read()
        assert got == every
        await port.stop()
        async with asyncio.timeout(WITHIN_S):
            with pytest.raises(DeviceUnavailable):
                await wire.read()
    finally:
        await wire.close()
        await port.stop()


async def test_a_terminal_server_that_is_not_there() -> None:
    wire = open_transport("rfc2217://127.0.0.1:9", device="pad")
    with pytest.raises(DeviceUnavailable):
        await wire.open()
