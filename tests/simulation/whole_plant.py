"""A whole plant in virtual time: shipping drivers over memory wires to the simulated controller, tunnel and library system.

Nothing stands in for anything but the wires. Where each item lies, the simulated plant says.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from typing_extensions import override

from config.load import load_text
from config.texts import Catalogue
from drivers.ports import Pack, Store
from drivers.runtime.clock import LoopClock, SeededRng
from drivers.service.view import Snapshot
from drivers.store import effects
from drivers.store.engine import InlineStore
from drivers.store.sealed import SealKey
from drivers.transport.memory import MemoryTransport
from drivers.transport.stream import Transport
from hw_sim.ports import WireEnd
from hw_sim.scenario import Scenario, load
from hw_sim.simloop import run
from hw_sim.stage import Stage
from hw_sim.world import World
from sorter.belt.line import Line
from sorter.build import build
from sorter.line import Sorter
from tests.simulation.rig import inline_compose

os.environ.setdefault("IMS_TEST_LIBRARY_PASSWORD", "not-a-secret")
CATALOGUE = Catalogue.load()
KEY = SealKey(bytes(range(32)))
STATION = """
schema_version = 1
[station]
id = "plant-1"
kind = "sorter"
place = "Borgernes Hus"
name = "Sortering"
[devices.belt]
driver = "modbus"
url = "memory://belt"
[devices.tunnel]
driver = "feig"
url = "memory://tunnel"
[library]
url = "sip2://memory:1"
user = "sorter"
password = { environment = "IMS_TEST_LIBRARY_PASSWORD" }
institution = "DK-746100"
location = "HB"
answer_s = 4.0
[sorter]
plan = "odense"
report = "item_status"
"""


class WallClock(LoopClock):
    """The machine's clock, set by the clock on the wall, which may jump; what it counts seconds by does not."""

    def __init__(self, world: World) -> None:
        super().__init__(world.now())
        self._world, self._set_by = world, world.start

    @override
    def now(self) -> datetime:
        return super().now() + (self._world.start - self._set_by)


class WholePlant:
    """One plant and one life of its controller at a time."""

    def __init__(
        self,
        scenario: str | Scenario = "plant-nine-bins",
        *,
        database: Path | None = None,
        station: str = STATION,
        through: Callable[[Store], Store] | None = None,
    ) -> None:
        self.scenario = load(scenario) if isinstance(scenario, str) else scenario
        self.stage = Stage(self.scenario)
        self.snapshots: list[Snapshot] = []
        self.lives = 0
        self._database = database
        self._station = station
        self._through = through
        self.sorter: Sorter
        self.store: InlineStore
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Switch the program on; the world keeps what it was."""
        self.lives += 1
        clock = WallClock(self.stage.world)
        rng = SeededRng(self.lives)
        self.store = InlineStore(self._database, clock=clock, rng=rng, key=KEY)
        parts = build(
            load_text(self._station).station,
            catalogue=CATALOGUE,
            clock=clock,
            rng=rng,
            store=self.store if self._through is None else self._through(self.store),
            compose=inline_compose,
            inlet_compose=inline_compose,
            wire=self._wire,
        )
        self.sorter = Sorter(parts)
        self.sorter.listen(self.snapshots.append)
        self._task = asyncio.get_running_loop().create_task(self.sorter.run())

    def _wire(self, url: str, *, device: str, **_: Any) -> Transport:
        wire = MemoryTransport(device)
        role = "library" if url.startswith(("sip2", "socket")) else device
        self.stage.join(role, cast(WireEnd, wire.far))
        return wire

    async def kill(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.store.close()

    async def stop(self) -> None:
        self.sorter.stop()
        if self._task is not None:
            await self._task
        await self.store.close()

    @property
    def state(self) -> Line:
        return self.sorter.state

    async def press(self, action: str) -> None:
        await self.sorter.request("press", {"action": action})

    async def until(self, so: Callable[[Line], bool], seconds: float = 120.0) -> None:
        """Let virtual time run until `so(state)`."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not so(self.state):
            assert loop.time() < end, f"not within {seconds} s: {self.state}"
            await asyncio.sleep(0.05)

    def is_in(self, pack: Pack) -> bool:
        return self.state.link and self.state.belt is not None and self.state.belt.state is pack

    async def run_up(self) -> None:
        """An operator brings the belt to run, from whatever state it is in."""
        way = {
            Pack.ABORTED: "belt.clear",
            Pack.STOPPED: "belt.reset",
            Pack.COMPLETE: "belt.reset",
            Pack.IDLE: "belt.start",
            Pack.HELD: "belt.unhold",
        }
        loop = asyncio.get_running_loop()
        end = loop.time() + 120
        while not self.is_in(Pack.EXECUTE):
            assert loop.time() < end, f"it does not start: {self.state.belt}"
            for pack, action in way.items():
                if self.is_in(pack):
                    await self.press(action)
            await asyncio.sleep(0.5)

    async def truth(self) -> Any:
        return await self.stage.do("truth", {})

    async def at_rest(self, seconds: float = 300.0) -> None:
        """Nothing at the inlet or on the belt, no check-in open."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        plant = self.stage.plant
        assert plant is not None
        while True:
            idle = not (self.state.items or plant.plant.things or plant.plant.inlet)
            if idle and not await self.store.read(effects.open_rows):
                return
            assert loop.time() < end, f"never at rest: {self.state}"
            await asyncio.sleep(0.5)


def play(
    story: Callable[[WholePlant], Coroutine[Any, Any, None]],
    scenario: str | Scenario = "plant-nine-bins",
    *,
    database: Path | None = None,
    station: str = STATION,
    through: Callable[[Store], Store] | None = None,
) -> None:
    """Run one story in virtual time."""

    async def whole() -> None:
        plant = WholePlant(scenario, database=database, station=station, through=through)
        plant.stage.begin()
        await plant.start()
        try:
            await story(plant)
        finally:
            await plant.stop()
            await plant.stage.close()

    run(whole())
