"""A whole plant in one process and in virtual time: shipping drivers for tunnel and library system, a belt at its port."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from config.load import load_text
from config.texts import Catalogue
from drivers.escpos.compose import Head, compose
from drivers.ports import Paper, PrintJob, SortingBelt, Store
from drivers.runtime.clock import LoopClock, SeededRng
from drivers.service.view import Snapshot
from drivers.store import effects
from drivers.store.engine import InlineStore
from drivers.store.sealed import SealKey
from drivers.transport.memory import MemoryTransport
from drivers.transport.stream import Transport
from hw_sim.ports import WireEnd
from hw_sim.scenario import load
from hw_sim.simloop import run
from hw_sim.stage import Stage
from sorter.belt.line import Line
from sorter.build import build
from sorter.line import Sorter
from sorter.planning import opened
from tests.simulation.belts import Belt

os.environ.setdefault("IMS_TEST_LIBRARY_PASSWORD", "not-a-secret")
CATALOGUE = Catalogue.load()
KEY = SealKey(bytes(range(32)))
SCENARIO = Path(__file__).with_name("sorting.toml")
BOOK, CHILDREN, HELD, SET = "3846646001", "3846646002", "3846646003", "3846646004"
UNLENT, FOREIGN, LOCKED, BLANK, FILM, DISCARDED = (
    "3846646005",
    "3846646006",
    "3846646007",
    "3846646008",
    "3846646009",
    "3846646010",
)

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
user = "kiosk"
password = { environment = "IMS_TEST_LIBRARY_PASSWORD" }
institution = "DK-746100"
location = "HB"
answer_s = 4.0
[sorter]
plan = "odense"
report = "item_status"
"""
CRATES = (
    STATION.replace(
        "[library]",
        """[devices.scanner]
driver = "barcode"
url = "memory://scanner"
[library]""",
    )
    + """
[ims]
branch = "Borgernes Hus"
[ims.chutes.A-01]
bin = "adults"
[ims.chutes.A-03]
bin = "children"
[ims.chutes.A-06]
bin = "transit"
destination = "Dalum"
"""
)
"""Three bins have chutes with labels, and a reader stands at them."""
SLIPS = STATION.replace(
    "[library]",
    """[devices.printer]
driver = "escpos"
url = "memory://printer"
[library]""",
)
"""A printer stands at the bins."""
SHARED = (
    CRATES
    + """
[ims.database]
url = "postgresql://ims@memory/ims"
tls = false
"""
)
"""The same, and what happens is told to the database of all branches."""
ACCEPT = STATION.replace('plan = "odense"', 'plan = "odense"\noffline = "accept"')


async def inline_compose(job_id: str, paper: Paper) -> PrintJob:
    """Letters, on the loop: a slip in Danish needs no dots."""
    return compose(job_id, paper, Head(width_dots=576, profile="TM-T88V"))


class World:
    """A plant's surroundings, which outlive its controller: the belt, the tags, the library system, the database."""

    def __init__(self, database: Path | None = None, scenario: Path = SCENARIO) -> None:
        self.stage = Stage(load(str(scenario)))
        self.database = database
        self.belt = Belt(
            lambda names: self._in_field(names, there=True),
            lambda names: self._in_field(names, there=False),
        )
        self.lives = 0

    def _in_field(self, names: tuple[str, ...], *, there: bool) -> None:
        """`ITEM` with all its parts, or `ITEM/PART`."""
        move = self.stage.world.lay if there else self.stage.world.lift
        for name in names:
            item, _, part = name.partition("/")
            move([item], [int(part)] if part else None)

    def begin(self) -> None:
        self.stage.begin()
        self.belt.begin()

    async def end(self) -> None:
        await self.belt.end()
        await self.stage.close()

    async def truth(self) -> Any:
        return await self.stage.do("truth", {})

    async def fault(self, device: str, verb: str, **args: Any) -> None:
        await self.stage.do("fault", {"device": device, "verb": verb, "args": args})

    async def asked(self, message: str = "09") -> list[tuple[str, str]]:
        """Items of all messages of a kind that the library system heard, and how each ended."""
        library = (await self.truth())["devices"]["library"]
        return [(a["item"], a["outcome"]) for a in library["asked"] if a["message"] == message]

    async def loans(self) -> set[str]:
        return set((await self.truth())["devices"]["library"]["loans"])

    async def armed(self, item: str) -> bool:
        tags = (await self.truth())["world"]["items"][item]["tags"]
        return {tag["afi"] for tag in tags} == {"07"}


class Plant:
    """One life of the controller."""

    def __init__(
        self,
        world: World,
        *,
        station: str = STATION,
        wrap: Callable[[Transport], Transport] | None = None,
        through: Callable[[Store], Store] | None = None,
        belt: Callable[[SortingBelt], SortingBelt] | None = None,
        shared: Store | None = None,
    ) -> None:
        self.world = world
        self.snapshots: list[Snapshot] = []
        self._station = station
        self._wrap = wrap
        self._through = through
        self._belt = belt
        self._shared = shared
        self.sorter: Sorter
        self.store: InlineStore
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        world = self.world
        world.lives += 1
        clock = LoopClock(world.stage.world.now())
        rng = SeededRng(world.lives)
        self.store = InlineStore(world.database, clock=clock, rng=rng, key=KEY)
        config = load_text(self._station).station
        store = self._through(self.store) if self._through is not None else self.store
        parts = build(
            config,
            catalogue=CATALOGUE,
            clock=clock,
            rng=rng,
            store=store,
            plan=await opened(config, self.store),
            wire=self._wire,
            compose=inline_compose,
        )
        belt: SortingBelt = world.belt
        belt = self._belt(belt) if self._belt is not None else belt
        self.sorter = Sorter(replace(parts, belt=belt, shared=self._shared))
        self.sorter.listen(self.snapshots.append)
        self._task = asyncio.get_running_loop().create_task(self.sorter.run())

    def _wire(self, url: str, *, device: str, **_: Any) -> Transport:
        wire = MemoryTransport(device)
        role = "library" if url.startswith(("sip2", "socket")) else "pad"
        role = device if device in {"scanner", "printer"} else role
        if device != "belt":
            self.world.stage.join(role, cast(WireEnd, wire.far))
        return self._wrap(wire) if self._wrap is not None else wire

    async def stop(self) -> None:
        self.sorter.stop()
        if self._task is not None:
            await self._task
        await self.store.close()

    async def kill(self) -> None:
        """End as kill -9 would, as far as one process can: nothing is tidied up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.store.close()

    # --- what there is to see

    @property
    def state(self) -> Line:
        return self.sorter.state

    async def press(self, action: str) -> None:
        await self.sorter.request("press", {"action": action})
        await asyncio.sleep(0.2)

    async def scan(self, *labels: str) -> None:
        """Labels by the reader at the bins, as a hand scans them."""
        for label in labels:
            await self.world.stage.do("scan", {"text": label})
            await asyncio.sleep(1.6)

    async def until(self, so: Callable[[Line], bool], seconds: float = 60.0) -> None:
        """Let virtual time run until `so(state)`."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not so(self.state):
            assert loop.time() < end, f"not within {seconds} s: {self.state}"
            await asyncio.sleep(0.01)

    async def ready(self) -> None:
        await self.until(lambda line: line.induct)

    async def sorted(self, *names: str, **how: Any) -> None:
        """Feed each by itself, and wait until nothing is left on the belt."""
        for name in names:
            await self.world.belt.feed(name, **how)
        await self.empty()

    async def empty(self) -> None:
        await self.until(lambda line: not line.items and not self.world.belt.things)
        await asyncio.sleep(0.3)

    async def at_rest(self, seconds: float = 120.0) -> None:
        """Let it settle: no check-in open, nothing on the belt."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while await self.store.read(effects.open_rows):
            assert loop.time() < end, "a check-in is still open"
            await asyncio.sleep(0.2)


def play(
    story: Callable[[Plant], Coroutine[Any, Any, None]],
    *,
    station: str = STATION,
    database: Path | None = None,
) -> None:
    """Run one story in virtual time, from switching on to switching off."""

    async def whole() -> None:
        world = World(database)
        world.begin()
        plant = Plant(world, station=station)
        await plant.start()
        try:
            await plant.ready()
            await story(plant)
            assert plant.state.conserved
        finally:
            await plant.stop()
            await world.end()

    run(whole())
