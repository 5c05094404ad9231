"""A host that sorts by itself, a belt at its port, and the plant behind it: in virtual time, or over a pty."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

from drivers.errors import DeviceError
from drivers.modbus_belt.driver import ModbusBelt
from drivers.ports import (
    BeltCommand,
    BeltEvent,
    BeltInfo,
    BeltState,
    CommandResult,
    Happening,
    Pack,
    SortingBelt,
)
from drivers.transport.memory import MemoryTransport
from drivers.transport.serial_port import LineSettings, SerialTransport
from hw_sim.plant import Plant
from hw_sim.plant_hands import PlantHands
from hw_sim.ports import WireEnd
from hw_sim.scenario import parse
from hw_sim.simloop import SimLoop
from hw_sim.stage import Stage
from tests.simulation.plain_belt import PlainBelt

BAUD = 115200
SCENARIO = """
schema_version = 1
name = "plant"
seed = 5
[devices.belt]
pace = "{pace}"
baud = {baud}
[plant]
horn_s = 0.5
{plant}
"""
ENDS = frozenset({Happening.CONFIRMED, Happening.MISSED, Happening.LOST})
CYCLE_S = 0.05


class Host:
    """Takes every event, sends each item where `wanted` says, and keeps the books."""

    def __init__(self, belt: SortingBelt, hands: PlantHands, stage: Stage) -> None:
        self.belt = belt
        self.hands = hands
        self.stage = stage
        self.info: BeltInfo
        self.events: list[BeltEvent] = []
        self.taken = 0
        self.induct = True
        self.wanted: Callable[[int], tuple[int, int] | None] = lambda tid: (
            (tid - 1) % hands.plant.layout.bins + 1,
            0,
        )
        self.failed = 0
        self.silent = False

    @property
    def plant(self) -> Plant:
        return self.hands.plant

    async def cycle(self) -> BeltState:
        """One cycle with what follows from it. Raises DeviceError."""
        state = await self.belt.cycle(taken=self.taken, induct=self.induct, degraded=False)
        for one in state.events:
            assert one.sequence == (self.taken + 1) % 65536
            self.taken = one.sequence
            self.events.append(one)
            if one.kind is Happening.INDUCTED and (sent := self.wanted(one.item)) is not None:
                for _ in range(3):
                    with suppress(DeviceError):
                        await self.belt.send(one.item, *sent)
                        break
        return state

    async def until(self, done: Callable[[BeltState], bool], *, seconds: float = 120) -> BeltState:
        """Cycle until something is so."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while True:
            began = loop.time()
            try:
                state = await self.cycle()
            except DeviceError:
                self.failed += 1
            else:
                if done(state):
                    return state
            assert loop.time() < end, [(e.kind.name, e.item, e.a, e.b) for e in self.events[-20:]]
            await asyncio.sleep(max(0.0, CYCLE_S - loop.time() + began))

    async def for_(self, seconds: float) -> BeltState:
        """Cycle for so long."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        return await self.until(lambda _state: loop.time() >= end, seconds=seconds + 60)

    async def told(self, command: BeltCommand, *arguments: int) -> CommandResult:
        return await self.belt.command(command, arguments)

    async def start(self) -> None:
        """From Stopped to Execute."""
        await self.for_(0.2)
        assert await self.told(BeltCommand.RESET) is CommandResult.OK
        await self.until(lambda s: s.state is Pack.IDLE)
        assert await self.told(BeltCommand.START) is CommandResult.OK
        await self.until(lambda s: s.state is Pack.EXECUTE)

    def feed(self, count: int) -> list[str]:
        names = [f"item-{len(self.plant.ended) + n}" for n in range(count)]
        self.hands.agenda.catch_up()
        self.plant.feed([self.plant.thing(name) for name in names])
        return names

    async def sort(self, count: int) -> None:
        """Feed so many and wait until nothing is on its way."""
        self.feed(count)
        await self.rest(60 + 5 * count)

    async def rest(self, seconds: float = 120) -> BeltState:
        """Until nothing is on its way, and all of it is told."""
        return await self.until(
            lambda s: self.all_down and not s.items and not s.pending, seconds=seconds
        )

    @property
    def all_down(self) -> bool:
        return not self.plant.inlet and not self.plant.things

    def kinds(self, kind: Happening) -> list[BeltEvent]:
        return [one for one in self.events if one.kind is kind]

    def conserved(self, state: BeltState) -> None:
        """Inducted = confirmed + missed + lost + on the belt."""
        ended = sum(one.kind in ENDS for one in self.events)
        assert len(self.kinds(Happening.INDUCTED)) == ended + state.items


Scene = Callable[[Host], Awaitable[None]]


def staged(*, pace: str = "none", plant: str = "", baud: int = BAUD) -> Stage:
    return Stage(parse(SCENARIO.format(pace=pace, plant=plant, baud=baud)))


def hands(stage: Stage) -> PlantHands:
    assert stage.plant is not None
    return stage.plant


async def _scene(stage: Stage, belt: SortingBelt, scene: Scene) -> None:
    host = Host(belt, hands(stage), stage)
    host.info = await belt.open()
    try:
        await scene(host)
    finally:
        await belt.close()
        await stage.close()


def in_process(scene: Scene, *, plant: str = "") -> None:
    """Without a wire, in virtual time."""

    async def main() -> None:
        stage = staged(plant=plant)
        await _scene(stage, PlainBelt(hands(stage).plc), scene)

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(main())


def on_a_wire(scene: Scene, *, plant: str = "", baud: int = BAUD) -> None:
    """The shipping driver on a memory wire at the pace of its baud, in virtual time."""

    async def main() -> None:
        stage = staged(pace="real", plant=plant, baud=baud)
        wire = MemoryTransport("belt")
        stage.join("belt", cast(WireEnd, wire.far))
        await _scene(stage, ModbusBelt(wire, baud=baud), scene)

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(main())


def over_a_pty(scene: Scene, directory: Path, *, plant: str = "") -> None:
    """The shipping driver on a pty, paced as the baud says, in real time."""

    async def main() -> None:
        stage = staged(pace="real", plant=plant)
        urls = await stage.open(directory)
        port = SerialTransport("belt", urls["belt"], LineSettings(BAUD))
        await _scene(stage, ModbusBelt(port, baud=BAUD), scene)

    asyncio.run(main())
