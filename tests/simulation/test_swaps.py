"""A crate is swapped while the belt has still to tell what fell before: each item lies in the crate that stood there then."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from drivers.ports import BeltState, SortingBelt
from hw_sim.simloop import run
from sorter.belt import records as belt_records
from sorter.ims import records
from sorter.ims.crates import CrateState
from tests.simulation.lives import Fuse
from tests.simulation.plant import BOOK, CHILDREN, CRATES, Plant, World, play
from tests.simulation.plant_lives import FusedBelt

ADULTS, CHILD = 1, 3


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


class Slow(FusedBelt):
    """A belt that answers, and whose events wait while `waits`."""

    waits = False

    @override
    async def cycle(self, *, taken: int, induct: bool, degraded: bool) -> BeltState:
        said = await super().cycle(taken=taken, induct=induct, degraded=degraded)
        return replace(said, events=()) if self.waits else said


async def contents(plant: Plant, label: str) -> tuple[CrateState, tuple[str, ...]]:
    crate = await plant.store.read(lambda txn: records.crate_of(txn.connection, label))
    assert crate is not None
    return crate.state, crate.items


async def on_its_way(plant: Plant, item: str) -> None:
    """The belt knows where it goes."""
    await plant.world.belt.feed(item)
    await plant.until(lambda line: any(i.state.value == "sent" for i in line.items.values()))


async def fallen(plant: Plant, number: int, item: str) -> None:
    await plant.until(lambda _: item in plant.world.belt.bins[number])


async def swapped(plant: Plant, number: int) -> None:
    """One crate out, another in."""
    plant.world.belt.lift(number)
    await asyncio.sleep(0.5)
    plant.world.belt.put_back(number)
    await asyncio.sleep(0.2)


async def scanned(plant: Plant, *labels: str) -> None:
    for label in labels:
        await plant.sorter.request("scan", {"label": label})


def test_what_fell_before_the_swap_and_is_told_after_it_lies_in_the_crate_before() -> None:
    async def whole() -> None:
        world = World()
        world.begin()
        slow: list[Slow] = []

        def through(belt: SortingBelt) -> SortingBelt:
            slow.append(Slow(belt, Fuse(None)))
            return slow[0]

        plant = Plant(world, station=CRATES, belt=through)
        await plant.start()
        await plant.ready()
        await plant.scan("A-01", "K-0001")
        await on_its_way(plant, BOOK)
        slow[0].waits = True
        await fallen(plant, ADULTS, BOOK)
        await swapped(plant, ADULTS)
        scans = asyncio.ensure_future(scanned(plant, "A-01", "K-0002"))
        await asyncio.sleep(0.4)
        slow[0].waits = False
        await scans
        await asyncio.sleep(1)
        assert await contents(plant, "K-0001") == (CrateState.CLOSED, (BOOK,))
        assert await contents(plant, "K-0002") == (CrateState.DOCKED, ())
        use = plant.state.bins["adults"]
        assert (use.count, use.usable) == (0, True)
        await plant.stop()
        await world.end()

    run(whole())


@pytest.mark.parametrize("dies", [False, True], ids=["it runs on", "the program dies meanwhile"])
def test_swapped_while_the_belt_is_away_it_is_the_same(tmp_path: Path, dies: bool) -> None:
    async def whole() -> None:
        world = World(tmp_path / "plant.db")
        world.begin()
        belt = world.belt
        plant = Plant(world, station=CRATES)
        await plant.start()
        await plant.ready()
        await plant.scan("A-01", "K-0001", "A-03", "K-0003")
        await on_its_way(plant, BOOK)
        belt.broken = True
        await fallen(plant, ADULTS, BOOK)
        await swapped(plant, ADULTS)
        await plant.until(lambda line: not line.link)
        await scanned(plant, "A-01", "K-0002")
        assert await contents(plant, "K-0001") == (CrateState.CLOSED, ())
        await asyncio.sleep(1)
        if dies:
            await plant.kill()
            plant = Plant(world, station=CRATES)
            await plant.start()
        belt.broken = False
        await plant.ready()
        await asyncio.sleep(1)
        assert await contents(plant, "K-0001") == (CrateState.CLOSED, (BOOK,))
        assert await contents(plant, "K-0002") == (CrateState.DOCKED, ())
        use = plant.state.bins["adults"]
        assert (use.count, use.usable) == (0, True), (
            "the belt has told of the lift that was scanned"
        )
        left = (await plant.store.read(belt_records.remembered)).bins
        assert left is not None
        assert (left["adults"].count, left["adults"].early) == (0, False)
        await plant.sorted(CHILDREN)
        assert await contents(plant, "K-0003") == (CrateState.DOCKED, (CHILDREN,))
        belt.lift(ADULTS)
        belt.put_back(ADULTS)
        await asyncio.sleep(1)
        assert not plant.state.bins["adults"].usable, "and the next lift is another swap"
        await plant.stop()
        await world.end()

    run(whole())


def test_what_falls_after_the_swap_lies_in_the_crate_that_stands_there() -> None:
    """Also where the belt tells of all of it at once: before the lift, and behind it."""

    async def whole() -> None:
        world = World()
        world.begin()
        belt = world.belt
        plant = Plant(world, station=CRATES)
        await plant.start()
        await plant.ready()
        await plant.scan("A-01", "K-0001", "A-03", "K-0003")
        await on_its_way(plant, BOOK)
        await on_its_way(plant, CHILDREN)
        await plant.until(lambda line: all(i.state.value == "sent" for i in line.items.values()))
        belt.broken = True
        await plant.until(lambda line: not line.link)
        await swapped(plant, CHILD)
        await scanned(plant, "A-03", "K-0004")
        await fallen(plant, CHILD, CHILDREN)
        belt.broken = False
        await plant.ready()
        await plant.empty()
        assert await contents(plant, "K-0003") == (CrateState.CLOSED, ())
        assert await contents(plant, "K-0004") == (CrateState.DOCKED, (CHILDREN,))
        assert await contents(plant, "K-0001") == (CrateState.DOCKED, (BOOK,))
        assert plant.state.bins["children"].count == 1
        await plant.stop()
        await world.end()

    run(whole())


def test_of_two_swaps_while_the_belt_is_away_the_first_crate_holds_what_fell_before() -> None:
    async def story(plant: Plant) -> None:
        belt = plant.world.belt
        await plant.scan("A-01", "K-0001")
        await on_its_way(plant, BOOK)
        belt.broken = True
        await fallen(plant, ADULTS, BOOK)
        await plant.until(lambda line: not line.link)
        for label in ("K-0002", "K-0004"):
            await swapped(plant, ADULTS)
            await scanned(plant, "A-01", label)
        belt.broken = False
        await plant.ready()
        await asyncio.sleep(1)
        assert await contents(plant, "K-0001") == (CrateState.CLOSED, (BOOK,))
        assert await contents(plant, "K-0002") == (CrateState.CLOSED, ())
        assert await contents(plant, "K-0004") == (CrateState.DOCKED, ())
        assert not plant.state.bins["adults"].usable, "the second lift may have come after the scan"
        await scanned(plant, "A-01", "K-0004")
        await asyncio.sleep(0.5)
        assert plant.state.bins["adults"].usable

    play(story, station=CRATES)
