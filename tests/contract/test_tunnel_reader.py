"""The shipping FEIG driver in the tunnel over a belt: which tags answer while which item passes, in virtual time."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import cast

from drivers.feig.driver import FeigReader
from drivers.ports import Happening
from drivers.transport.memory import MemoryTransport
from hw_sim.ports import WireEnd
from hw_sim.scenario import parse
from hw_sim.simloop import SimLoop
from hw_sim.stage import Stage
from tests.contract.belt_bench import Host
from tests.simulation.plain_belt import PlainBelt

SCENARIO = """
schema_version = 1
name = "tunnel"
seed = 3
[devices.belt]
[devices.tunnel]
pace = "real"
baud = 38400
[plant]
horn_s = 0.5
[generate]
items = 12
"""


class Passing:
    """A line with a reader: each tag that answered, with the encoder at that moment."""

    def __init__(self) -> None:
        self.stage = Stage(parse(SCENARIO))
        assert self.stage.plant is not None
        self.hands = self.stage.plant
        wire = MemoryTransport("tunnel", baud=38400, bits_per_byte=11)
        self.stage.join("tunnel", cast(WireEnd, wire.far))
        self.reader = FeigReader(wire)
        self.host = Host(PlainBelt(self.hands.plc), self.hands, self.stage)
        self.reads: list[tuple[bytes, int]] = []

    async def poll(self) -> None:
        """Read on and on, as a line does."""
        while True:
            found = await self.reader.inventory()
            self.reads += [(tag.uid.value, self.hands.plant.encoder) for tag in found]
            await asyncio.sleep(0.01)

    async def pass_by(self, names: list[str]) -> dict[str, Counter[bytes]]:
        """Feed these, and by each the tags that answered while it lay in the reader's field."""
        polling = asyncio.create_task(self.poll())
        await self.host.start()
        self.reads.clear()
        await self.stage.do("feed", {"items": names})
        await self.host.rest()
        polling.cancel()
        await asyncio.wait([polling])
        lay = self.hands.plant.layout
        found: dict[str, Counter[bytes]] = {}
        for name, one in zip(names, self.host.kinds(Happening.INDUCTED), strict=True):
            begin = one.encoder + lay.pulses(lay.reader_start)
            end = one.encoder + lay.pulses(lay.reader_end + one.a)
            found[name] = Counter(uid for uid, at in self.reads if begin <= at <= end)
        return found

    def uids(self, name: str) -> set[bytes]:
        return {tag.uid for tag in self.stage.world.items[name].tags if tag.readable}


def played(scene: Callable[[Passing], Awaitable[None]]) -> None:
    async def main() -> None:
        passing = Passing()
        passing.host.info = await passing.host.belt.open()
        await passing.reader.open()
        try:
            await scene(passing)
        finally:
            await passing.reader.close()
            await passing.stage.close()

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(main())


def test_each_item_is_read_several_times_while_it_passes_and_no_other_is() -> None:
    async def scene(passing: Passing) -> None:
        names = list(passing.stage.world.items)[:6]
        for name, reads in (await passing.pass_by(names)).items():
            assert set(reads) == passing.uids(name)
            assert all(times >= 2 for times in reads.values())
        assert passing.hands.tunnel.pad == []

    played(scene)


def test_a_reader_that_reaches_too_far_hears_the_neighbours_for_a_shorter_time() -> None:
    async def scene(passing: Passing) -> None:
        passing.hands.plant.fault("neighbour_read", {"mm": 250, "count": None})
        names = list(passing.stage.world.items)[:6]
        found = await passing.pass_by(names)
        strangers = 0
        for name, reads in found.items():
            own = passing.uids(name)
            strangers += len(set(reads) - own)
            others = max((n for uid, n in reads.items() if uid not in own), default=0)
            assert max((reads[uid] for uid in own), default=0) >= others
        assert strangers

    played(scene)


def test_a_tag_in_the_tunnel_is_armed_and_reads_back() -> None:
    async def scene(passing: Passing) -> None:
        name = next(iter(passing.stage.world.items))
        (tag,) = passing.stage.world.items[name].tags
        before = tag.afi
        passing.hands.tunnel.enter(tag)
        (found,) = await passing.reader.inventory()
        await passing.reader.set_security(found.uid, 0x07)
        assert (before, tag.afi) == (0xC2, 0x07)

    played(scene)


def test_a_tag_that_has_left_is_gone() -> None:
    async def scene(passing: Passing) -> None:
        name = next(iter(passing.stage.world.items))
        (tag,) = passing.stage.world.items[name].tags
        passing.hands.tunnel.enter(tag)
        assert len(await passing.reader.inventory()) == 1
        passing.hands.tunnel.leave(tag)
        assert await passing.reader.inventory() == ()

    played(scene)
