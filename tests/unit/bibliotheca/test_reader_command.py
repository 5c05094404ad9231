"""`ims reader --driver bibliotheca` as a process of its own, on the simulated reader over loopback."""

import asyncio
import json
import random
import sys

from hw_sim.devices.bibliotheca import BibliothecaReader
from hw_sim.ports import TcpPort
from hw_sim.tagmemory import item_memory
from hw_sim.wire import Line
from hw_sim.world import Item, Tag, World, make_uid

BOOK = "3846646425"


async def _ims(url: str, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "ui.cli", "reader", "--driver", "bibliotheca", "--url", url, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, _errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_the_verbs_on_a_pad_with_one_book() -> None:
    world = World(seed=1)
    book = Tag(make_uid(BOOK), bytearray(item_memory(BOOK, "DK746100")), item=BOOK, part=1)
    world.add(Item(BOOK, "Lykke-Per", [book]))
    world.lay([BOOK])
    port = TcpPort(Line(BibliothecaReader(world), random.Random(1)))
    await port.start()
    try:
        code, said = await _ims(port.url, "info")
        assert (code, said) == (0, "3M-810, firmware 3.2.6; can: afi_filter, lock\n")

        code, said = await _ims(port.url, "inventory", "--json")
        assert (code, json.loads(said)) == (0, {"tags": [{"uid": book.uid.hex(), "dsfid": None}]})

        code, said = await _ims(port.url, "set-afi", book.uid.hex(), "C2", "--json")
        assert (code, json.loads(said)) == (0, {"uid": book.uid.hex(), "afi": 0xC2})
        assert book.afi == 0xC2

        code, said = await _ims(port.url, "read", book.uid.hex(), "--json")
        read = json.loads(said)
        assert (code, read["afi"], read["tag"]["item"]) == (0, 0xC2, BOOK)
        assert read["memory"] == bytes(book.memory).hex()
    finally:
        await port.stop()
