"""`ims reader` as a process of its own, on the simulated reader over loopback."""

import asyncio
import json
import random
import sys
from typing import Any

from hw_sim.devices import feig
from hw_sim.ports import TcpPort
from hw_sim.tagmemory import item_memory
from hw_sim.wire import Line
from hw_sim.world import Item, Tag, World, make_uid

BOOK = "3846646425"


async def _ims(url: str, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "ui.cli", "reader", "--driver", "feig", "--url", url, *arguments),
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
    line = Line(feig.FeigReader(world), random.Random(1))
    port = TcpPort(line)
    await port.start()
    try:
        code, said = await _ims(port.url, "inventory", "--json")
        assert (code, json.loads(said)) == (0, {"tags": [{"uid": book.uid.hex(), "dsfid": 0x3E}]})

        code, said = await _ims(port.url, "set-afi", book.uid.hex().upper(), "C2", "--json")
        assert (code, json.loads(said)) == (0, {"uid": book.uid.hex(), "afi": 0xC2})
        assert book.afi == 0xC2

        code, said = await _ims(port.url, "read", book.uid.hex(), "--json")
        read: dict[str, Any] = json.loads(said)
        assert code == 0
        assert (read["afi"], read["blocks"], read["tag"]["item"]) == (0xC2, 28, BOOK)
        assert read["memory"] == bytes(book.memory).hex()

        code, said = await _ims(port.url, "watch", "--count", "1")
        assert (code, said) == (0, f"placed {book.uid.hex()}\n")

        line.fault("afi_locked")
        code, said = await _ims(port.url, "set-afi", book.uid.hex(), "07", "--json")
        assert (code, json.loads(said)["error"]["code"]) == (1, "tag.locked")
    finally:
        await port.stop()
    code, said = await _ims(port.url, "info", "--json")
    assert (code, json.loads(said)["error"]["code"]) == (3, "port.refused")
    code, said = await _ims(port.url, "read", "e004", "--json")
    assert (code, json.loads(said)["error"]["where"]) == (2, "UID")
