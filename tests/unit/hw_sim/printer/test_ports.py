"""The printer behind a pty and a TCP port: every answer the same bytes as at its own side."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from urllib.parse import urlsplit

import pytest

from hw_sim.devices.escpos import EscposPrinter
from hw_sim.ports import PtyPort, TcpPort
from hw_sim.wire import Line
from tests.unit.hw_sim.printer.bench import ARM, BARRIER, CUT, READY, vectors

Ask = Callable[[bytes, int], Awaitable[bytes]]
Over = Callable[[EscposPrinter], AbstractAsyncContextManager[Ask]]


@asynccontextmanager
async def over_pty(printer: EscposPrinter) -> AsyncIterator[Ask]:
    port = PtyPort(Line(printer, random.Random(1)))
    await port.start()
    descriptor = os.open(port.url, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    received: asyncio.Queue[bytes] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, lambda: received.put_nowait(os.read(descriptor, 4096)))

    async def ask(data: bytes, count: int) -> bytes:
        os.write(descriptor, data)
        answer = b""
        async with asyncio.timeout(5):
            while len(answer) < count:
                answer += await received.get()
        return answer

    try:
        yield ask
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        await port.stop()


@asynccontextmanager
async def over_tcp(printer: EscposPrinter) -> AsyncIterator[Ask]:
    port = TcpPort(Line(printer, random.Random(1)))
    await port.start()
    where = urlsplit(port.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)

    async def ask(data: bytes, count: int) -> bytes:
        writer.write(data)
        async with asyncio.timeout(5):
            return await reader.readexactly(count)

    try:
        yield ask
    finally:
        writer.close()
        await port.stop()


@pytest.mark.parametrize("over", [over_pty, over_tcp], ids=["pty", "tcp"])
async def test_every_cell_of_the_status_table(
    over: Over,
) -> None:
    printer = EscposPrinter(random.Random(1), pace="none")
    async with over(printer) as ask:
        for vector in vectors("from_printer"):
            meaning = vector["meaning"]
            if (
                "profile" in meaning
                or "silent" in meaning
                or "cover_while_printing" in meaning["state"]
            ):
                continue
            printer.receive(bytes.fromhex("1D 61 00"))
            printer.clear()
            for state in meaning["state"]:
                if state != "ready":
                    printer.fault(state)
            expected = bytes.fromhex(vector["bytes"])
            query = bytes.fromhex(meaning["query"])
            assert await ask(query, len(expected)) == expected, vector["name"]


@pytest.mark.parametrize("over", [over_pty, over_tcp], ids=["pty", "tcp"])
async def test_a_plain_client_prints_and_sees_the_end(
    over: Over,
) -> None:
    printer = EscposPrinter(random.Random(1), pace="none")
    async with over(printer) as ask:
        assert await ask(bytes.fromhex("10 04 02"), 1) == b"\x12"
        assert await ask(b"\x1b@" + ARM, 4) == READY
        assert await ask(b"\x1bt\x10L\xe5nt\n" + CUT + BARRIER, 1) == b"\x00"
    assert printer.jobs[0].texts == ["Lånt"]
