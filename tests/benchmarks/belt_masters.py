"""Modbus masters beside each other: ours, with and without the silence that the standard asks for, pymodbus, a floor.

Each asks the same slave over a pseudo-terminal: a child process that reads and writes the other side of it and knows
nothing but to answer. A pseudo-terminal adds no time of a wire, so this is what a master costs by itself.
"""

import asyncio
import os
import subprocess
import sys
import time
import tty
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from pymodbus.client import AsyncModbusSerialClient, ModbusSerialClient

from drivers.modbus_belt.exchange import Exchange
from drivers.modbus_belt.frames import Read, Write
from drivers.transport import open_transport

BAUD = 115200
READ, WRITE = Read(1, 32, 40), Write(1, 200, tuple(range(8)))
SLAVE = """
import os, sys
from drivers.modbus_belt.frames import checksum
line = int(sys.argv[1])
def closed(body):
    return body + checksum(body).to_bytes(2, "little")
held, known = b"", {}
while True:
    try:
        held += os.read(line, 512)
    except OSError:
        break
    while len(held) >= 8:
        size = 8 if held[1] == 3 else 9 + held[6]
        if len(held) < size:
            break
        asked, held = held[:size], held[size:]
        if asked not in known:
            count = asked[5]
            known[asked] = closed(asked[:2] + bytes((2 * count,)) + bytes(2 * count)) if asked[1] == 3 else closed(asked[:6])
        os.write(line, known[asked])
"""
Seconds = list[float]


@contextmanager
def slave() -> Iterator[str]:
    """The path at which a slave answers."""
    master, end = os.openpty()
    tty.setraw(end)
    child = subprocess.Popen((sys.executable, "-c", SLAVE, str(master)), pass_fds=(master,))
    os.close(master)
    try:
        yield os.ttyname(end)
    finally:
        child.terminate()
        child.wait()
        os.close(end)


def floor(path: str, count: int) -> tuple[Seconds, Seconds]:
    """Blocking reads and writes of known bytes, nothing checked."""
    line = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(line)

    def one(request: bytes, size: int) -> None:
        os.write(line, request)
        got = 0
        while got < size:
            got += len(os.read(line, size - got))

    try:
        return _times(lambda: one(READ.encode(), READ.answer_size), count), _times(
            lambda: one(WRITE.encode(), WRITE.answer_size), count
        )
    finally:
        os.close(line)


def _times(one: Callable[[], object], count: int) -> Seconds:
    one()
    took = []
    for _ in range(count):
        began = time.perf_counter()
        one()
        took.append(time.perf_counter() - began)
    return took


async def _awaited(one: Callable[[], Awaitable[object]], count: int) -> Seconds:
    await one()
    took = []
    for _ in range(count):
        began = time.perf_counter()
        await one()
        took.append(time.perf_counter() - began)
    return took


def ours(path: str, count: int, *, silent: bool = True) -> tuple[Seconds, Seconds]:
    """The shipping exchange over the shipping transport."""

    async def all_of_it() -> tuple[Seconds, Seconds]:
        wire = open_transport(path, device="belt", baud=BAUD, parity="even")
        exchange = Exchange(wire, baud=BAUD, answer_s=2.0)
        if not silent:
            exchange._wire._silence_s = 0.0
        await exchange.open()
        try:
            reads = await _awaited(lambda: exchange.read(READ), count)
            return reads, await _awaited(lambda: exchange.write(WRITE), count)
        finally:
            await exchange.close()

    return asyncio.run(all_of_it())


def ours_without_silence(path: str, count: int) -> tuple[Seconds, Seconds]:
    """The same, when nobody waits for 1.75 ms between two frames; no real line may be used so."""
    return ours(path, count, silent=False)


def their_async(path: str, count: int) -> tuple[Seconds, Seconds]:
    """pymodbus on asyncio."""

    async def all_of_it() -> tuple[Seconds, Seconds]:
        client = AsyncModbusSerialClient(port=path, baudrate=BAUD, timeout=2, retries=0)
        if not await client.connect():
            raise OSError("pymodbus does not open the port")
        try:
            reads = await _awaited(
                lambda: client.read_holding_registers(READ.first, count=READ.count, device_id=1),
                count,
            )
            writes = await _awaited(
                lambda: client.write_registers(WRITE.first, list(WRITE.values), device_id=1), count
            )
            return reads, writes
        finally:
            client.close()

    return asyncio.run(all_of_it())


def their_sync(path: str, count: int) -> tuple[Seconds, Seconds]:
    """pymodbus, blocking."""
    client = ModbusSerialClient(port=path, baudrate=BAUD, timeout=2, retries=0)
    if not client.connect():
        raise OSError("pymodbus does not open the port")
    try:
        return _times(
            lambda: client.read_holding_registers(READ.first, count=READ.count, device_id=1), count
        ), _times(
            lambda: client.write_registers(WRITE.first, list(WRITE.values), device_id=1), count
        )
    finally:
        client.close()  # type: ignore[no-untyped-call]


MASTERS: dict[str, Callable[[str, int], tuple[Seconds, Seconds]]] = {
    "bare bytes, blocking": floor,
    "ours": ours,
    "ours, without the silence": ours_without_silence,
    "pymodbus 3.16.1, asyncio": their_async,
    "pymodbus 3.16.1, blocking": their_sync,
}
