"""A Modbus of others at the far end: pymodbus as the slave of our master, and as the master of the simulated PLC.

One clean request at a time: pymodbus' RTU server knows no silence between frames. Its client and our driver must read the
same of the same PLC.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pymodbus.client import AsyncModbusSerialClient
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.errors import DeviceRefused
from drivers.modbus_belt.exchange import Exchange
from drivers.modbus_belt.frames import Read, Write
from drivers.modbus_belt.registers import BY_NAME, IDENTITY, MAGIC, VERSION
from drivers.transport import open_transport
from tests.unit.modbus_belt.cable import Cable

BAUD = 115200
UNIT = 7
LIMIT_S = 30


@asynccontextmanager
async def their_slave() -> AsyncIterator[Exchange]:
    """Our master, and 200 registers of theirs that hold a thousand more than their address."""
    registers = SimData(0, values=[1000 + n for n in range(200)], datatype=DataType.REGISTERS)
    with Cable() as cable:
        server = ModbusSerialServer(
            SimDevice(UNIT, simdata=[registers]), port=cable.ends[0], baudrate=BAUD
        )
        await server.serve_forever(background=True)
        # the belt's own setting, of which a pseudo-terminal can carry all but the parity
        wire = open_transport(cable.ends[1], device="belt", baud=BAUD, parity="even")
        exchange = Exchange(wire, baud=BAUD, answer_s=2.0)
        await exchange.open()
        try:
            yield exchange
        finally:
            await exchange.close()
            await server.shutdown()  # type: ignore[no-untyped-call]


def with_their_slave(scene: Callable[[Exchange], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        async with asyncio.timeout(LIMIT_S), their_slave() as exchange:
            await scene(exchange)

    asyncio.run(all_of_it())


@pytest.mark.parametrize(("first", "count"), [(0, 1), (3, 40), (120, 80), (0, 125)])
def test_our_master_reads_their_slave(first: int, count: int) -> None:
    async def scene(exchange: Exchange) -> None:
        words = await exchange.read(Read(UNIT, first, count))
        assert words == tuple(range(1000 + first, 1000 + first + count))

    with_their_slave(scene)


def test_our_master_writes_to_their_slave() -> None:
    async def scene(exchange: Exchange) -> None:
        await exchange.write(Write(UNIT, 20, (1, 65535, 0x1234)))
        await exchange.write(Write(UNIT, 30, tuple(range(123))))
        assert await exchange.read(Read(UNIT, 19, 5)) == (1019, 1, 65535, 0x1234, 1023)
        assert await exchange.read(Read(UNIT, 30, 123)) == tuple(range(123))

    with_their_slave(scene)


def test_their_refusal_is_read() -> None:
    async def scene(exchange: Exchange) -> None:
        with pytest.raises(DeviceRefused, match="exception 2"):
            await exchange.read(Read(UNIT, 60000, 1))
        assert await exchange.read(Read(UNIT, 0, 1)) == (1000,)
        assert exchange.counts.garbled == exchange.counts.timeouts == exchange.counts.late == 0

    with_their_slave(scene)


# --- their master, the simulated PLC ------------------------------------------------------------------


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The port of the simulated PLC, in its own process."""
    directory: Path = tmp_path_factory.mktemp("plant")
    with subprocess.Popen(
        (sys.executable, "-m", "hw_sim", "--scenario", "plant-nine-bins", "--pace", "none", "--dir", str(directory / "w")),
        stdout=subprocess.PIPE,
    ) as simulator:  # fmt: skip
        try:
            assert simulator.stdout is not None
            yield json.loads(simulator.stdout.readline())["devices"]["belt"]["url"]
        finally:
            simulator.terminate()


def with_their_master(url: str, scene: Callable[[Any], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        client = AsyncModbusSerialClient(port=url, baudrate=BAUD, timeout=2, retries=0)
        assert await client.connect()
        try:
            async with asyncio.timeout(LIMIT_S):
                await scene(client)
        finally:
            client.close()

    asyncio.run(all_of_it())


def test_their_master_reads_the_simulated_plc_as_ours_does(plant: str) -> None:
    async def scene(client: Any) -> None:
        theirs = await client.read_holding_registers(0, count=32, device_id=1)
        assert not theirs.isError()
        assert theirs.registers[:2] == [MAGIC, VERSION]
        found.extend(theirs.registers)

    found: list[int] = []
    with_their_master(plant, scene)

    async def ours() -> tuple[int, ...]:
        exchange = Exchange(open_transport(plant, device="belt", baud=BAUD), baud=BAUD, answer_s=2)
        await exchange.open()
        try:
            return await exchange.read(Read(1, *IDENTITY))
        finally:
            await exchange.close()

    assert asyncio.run(ours()) == tuple(found)


def test_their_master_gives_the_simulated_plc_a_command(plant: str) -> None:
    async def scene(client: Any) -> None:
        ack = BY_NAME["cmd_ack"].address
        before = (await client.read_holding_registers(ack, count=1, device_id=1)).registers[0]
        sequence = before % 65535 + 1
        first = BY_NAME["cmd_seq"].address
        written = await client.write_registers(first, [sequence, 99, 0, 0, sequence], device_id=1)
        assert not written.isError()
        while True:
            told = (await client.read_holding_registers(ack, count=2, device_id=1)).registers
            if told[0] == sequence:
                break
        assert told == [sequence, 2]

    with_their_master(plant, scene)


def test_their_master_hears_the_simulated_plcs_refusals(plant: str) -> None:
    async def scene(client: Any) -> None:
        no_register = await client.read_holding_registers(60000, count=1, device_id=1)
        no_function = await client.read_input_registers(0, count=1, device_id=1)
        assert (no_register.exception_code, no_function.exception_code) == (2, 1)

    with_their_master(plant, scene)
