"""Each shipping item reader driver on its simulated reader, in virtual time, with books beside it."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

import pytest

from drivers.bibliotheca.driver import BibliothecaReader
from drivers.errors import Code, DeviceRefused
from drivers.feig.driver import FeigReader
from drivers.ports import ItemReader, ReaderInfo, TagService
from drivers.transport.memory import MemoryTransport
from hw_sim.devices import bibliotheca, feig
from hw_sim.ports import MemoryPort, WireEnd
from hw_sim.simloop import SimLoop
from hw_sim.tagmemory import item_memory
from hw_sim.wire import Line
from hw_sim.world import Item, Tag, World, make_uid

OWNER = "DK746100"


class Reader(ItemReader, TagService, Protocol):
    """Both ports that a reader serves."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One driver and the device it speaks to, and what they say in words of their own."""

    name: str
    driver: Callable[[MemoryTransport], Reader]
    device: type[feig.FeigReader] | type[bibliotheca.BibliothecaReader]
    baud: int
    bits_per_byte: int
    dsfid: int | None
    """What an inventory tells of it."""
    late_s: float
    """Longer than the driver waits for an answer."""
    silent: tuple[int, int, int]
    """What the reader says when a tag refuses in silence: nothing wrong, no tag, not written."""
    cannot: dict[int, Code]
    """What it says when it cannot look, and what that means."""


KINDS = (
    Kind(
        "feig",
        FeigReader,
        feig.FeigReader,
        baud=38400,
        bits_per_byte=11,
        dsfid=0x3E,
        late_s=1.6,
        silent=(0x00, 0x01, 0x03),
        cannot={
            0x82: Code.READER_SCAN_MODE,
            0x93: Code.READER_OVERFLOW,
            0x83: Code.READER_STATUS,
        },
    ),
    Kind(
        "bibliotheca",
        BibliothecaReader,
        bibliotheca.BibliothecaReader,
        baud=19200,
        bits_per_byte=10,
        dsfid=None,
        late_s=2.1,
        silent=(0x00, 0x06, 0x16),
        cannot={
            0x02: Code.READER_UNSUPPORTED,
            0xFE: Code.READER_OVERFLOW,
            0x0F: Code.READER_STATUS,
        },
    ),
)


class Pad:
    """A reader with books beside it: the driver on one end of a memory wire, the world at the other."""

    def __init__(self, kind: Kind, *, real: bool) -> None:
        self.kind = kind
        self.world = World(seed=3)
        pace: Literal["none", "real"] = "real" if real else "none"
        self.device = kind.device(self.world, pace=pace)
        self.line = Line(
            self.device,
            random.Random(3),
            baud=kind.baud if real else None,
            bits_per_byte=kind.bits_per_byte,
        )
        self.wire = MemoryTransport("pad")
        self.port = MemoryPort(self.line, cast(WireEnd, self.wire.far))
        self.reader = kind.driver(self.wire)
        self.who: ReaderInfo

    def lay(self, count: int = 1, *, uid: bytes = b"", **more: Any) -> list[Tag]:
        """So many new books on the pad."""
        laid = []
        for _ in range(count):
            name = f"{8700000000 + len(self.world.items)}"
            memory = bytearray(item_memory(name, OWNER, **more))
            one = Tag(uid or make_uid(name), memory, item=name, part=1)
            self.world.add(Item(name, "En bog", [one]))
            laid += self.world.lay([name])
        return laid


Scene = Callable[[Pad], Coroutine[Any, Any, None]]
Play = Callable[[Scene], None]


def play_on(kind: Kind, *, real: bool) -> Play:
    """Runs a scene on an opened pad; a task that is left running fails it."""

    def run(scene: Scene) -> None:
        async def all_of_it() -> None:
            pad = Pad(kind, real=real)
            pad.who = await pad.reader.open()
            async with asyncio.timeout(600):
                await scene(pad)
            await pad.reader.close()
            assert asyncio.all_tasks() == {asyncio.current_task()}

        with asyncio.Runner(loop_factory=SimLoop) as runner:
            runner.run(all_of_it())

    return run


async def refused(code: Code, action: Coroutine[Any, Any, object]) -> None:
    """The action ends in this refusal and in no other."""
    with pytest.raises(DeviceRefused) as caught:
        await action
    assert caught.value.code is code
