"""A crate is pulled while an item is past the point of no return for it: what the simulated plant has on its floor is in no crate.

Shipping drivers and the simulated controller, which takes an item that its chute's eye has seen for one that has arrived.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from config.texts import Channel
from hw_sim.plant_things import Thing
from hw_sim.simloop import run
from sorter.belt import records as belt_records
from sorter.belt.items import Cause, ItemState
from sorter.ims import records
from sorter.ims.crates import CrateState
from tests.simulation.test_crates_whole import BINS, LABELLED, scan
from tests.simulation.whole_plant import CATALOGUE, STATION, WholePlant, play

LAST = 9
"""The bin of the staff: without its crate the belt stands, and nothing comes down there."""


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down", "belt.drained")


async def in_chute(plant: WholePlant) -> Thing:
    """Feed until something has left the belt at a plough, and has not come down yet."""
    hands = plant.stage.plant
    assert hands is not None
    loop = asyncio.get_running_loop()
    fed = loop.time() - 10
    async with asyncio.timeout(120):
        while True:
            for thing in hands.plant.things:
                if thing.chute not in {0, LAST}:
                    return thing
            if loop.time() > fed + 3:
                fed = loop.time()
                await plant.stage.do("feed", {"count": 1})
            await asyncio.sleep(0.02)


async def down(thing: Thing) -> None:
    async with asyncio.timeout(20):
        while thing.where == "belt":  # noqa: ASYNC110 - as who watches it
            await asyncio.sleep(0.02)


async def told(plant: WholePlant, item: str) -> Any:
    """What the list of exceptions says of it; None where it is not there."""
    rows = await plant.store.read(belt_records.exceptions)
    return next((row for row in rows if row.item == item), None)


async def contents(plant: WholePlant, label: str) -> tuple[CrateState, tuple[str, ...]]:
    crate = await plant.store.read(lambda txn: records.crate_of(txn.connection, label))
    assert crate is not None
    return crate.state, crate.items


async def properties(plant: WholePlant, item: str) -> str:
    return str((await plant.truth())["devices"]["library"]["items"][item]["properties"])


async def where(plant: WholePlant, item: str) -> str:
    return str((await plant.truth())["devices"]["belt"]["items"][item]["where"])


async def labelled(plant: WholePlant) -> None:
    for bin in range(1, 10):
        await scan(plant, bin, f"K-{bin:04}")


@pytest.mark.parametrize("station", [STATION, LABELLED], ids=["without labels", "with labels"])
def test_what_fell_to_the_floor_is_told_and_counts_nowhere(station: str) -> None:
    async def story(plant: WholePlant) -> None:
        await plant.run_up()
        if station is LABELLED:
            await labelled(plant)
        thing = await in_chute(plant)
        bin, item = thing.chute, thing.name
        name = BINS[bin - 1]
        before = plant.state.bins[name].count
        await plant.stage.do("pull_bin", {"bin": bin})
        await down(thing)
        await asyncio.sleep(1)
        assert await where(plant, item) == "floor", "the world's own word"
        assert plant.state.bins[name].count == before
        assert plant.state.counts.missed == 1
        assert plant.state.conserved
        known = await told(plant, item)
        assert (known.state, known.cause, known.bin) == (
            ItemState.MISSED,
            Cause.NO_CRATE,
            bin,
        )
        body: Any = plant.snapshots[-1].screen.body
        row = next(row for row in body.exceptions if row.id == str(known.number))
        words = CATALOGUE.say(row.part, "da", Channel.PAPER)
        assert words == f"På gulvet ved kasse {bin}"
        found = await plant.sorter.request("item", {"item": item})
        lies = found["where"]
        assert (lies["bin"], lies["beside"], lies["crate"]) == ("", name, "")
        assert found["why"]["cause"] == "no_crate"
        assert found["history"][-1]["what"] == "gone"
        assert CATALOGUE.say(row.detail, "da", Channel.PAPER).startswith("Afleveret")
        await asyncio.sleep(12)
        assert await properties(plant, item) == "", "the library system is told of no bin"
        await plant.stage.do("dock_bin", {"bin": bin})
        await asyncio.sleep(1)
        if station is LABELLED:
            await scan(plant, bin, "K-1000")
            for label in (f"K-{bin:04}", "K-1000"):
                assert item not in (await contents(plant, label))[1]
        else:
            await plant.press(f"bin.{name}")
            await asyncio.sleep(0.5)
        assert (plant.state.bins[name].count, plant.state.bins[name].usable) == (0, True)

    play(story, station=station)


def test_what_came_down_before_the_lift_lies_in_the_crate_that_was_lifted() -> None:
    async def story(plant: WholePlant) -> None:
        await plant.run_up()
        await labelled(plant)
        thing = await in_chute(plant)
        bin, item = thing.chute, thing.name
        await down(thing)
        await asyncio.sleep(0.04)  # its end is clear of the eye; the line has not read of it yet
        assert item in {i.item for i in plant.state.items.values()}
        await plant.stage.do("pull_bin", {"bin": bin})
        await plant.until(lambda line: not line.bins[BINS[bin - 1]].present)
        await asyncio.sleep(1)
        assert await where(plant, item) == "bin"
        assert await told(plant, item) is None
        assert await contents(plant, f"K-{bin:04}") == (CrateState.DOCKED, (item,))

    play(story, station=LABELLED)


@pytest.mark.parametrize("heard_of", [False, True], ids=["lifted meanwhile", "lifted before"])
@pytest.mark.parametrize("docked", [False, True], ids=["the crate is out", "another stands there"])
def test_it_is_the_same_where_the_program_was_dead_meanwhile(
    tmp_path: Path, docked: bool, heard_of: bool
) -> None:
    async def whole() -> None:
        plant = WholePlant(database=tmp_path / "plant.db", station=LABELLED)
        plant.stage.begin()
        await plant.start()
        await plant.run_up()
        await labelled(plant)
        thing = await in_chute(plant)
        bin, item = thing.chute, thing.name
        if not heard_of:
            await plant.kill()
        await plant.stage.do("pull_bin", {"bin": bin})
        if heard_of:
            await plant.until(lambda line: line.bins[BINS[bin - 1]].stands is False)
            await asyncio.sleep(0.05)
            assert thing.where == "belt"
            await plant.kill()
        await down(thing)
        await asyncio.sleep(0.5)
        if docked:
            await plant.stage.do("dock_bin", {"bin": bin})
        await asyncio.sleep(0.5)
        await plant.start()
        await plant.until(lambda line: line.link and not line.behind)
        await asyncio.sleep(1)
        assert await where(plant, item) == "floor"
        known = await told(plant, item)
        assert (known.state, known.cause, known.bin) == (
            ItemState.MISSED,
            Cause.NO_CRATE,
            bin,
        )
        assert item not in (await contents(plant, f"K-{bin:04}"))[1]
        await plant.stop()
        await plant.stage.close()

    run(whole())


def test_a_crate_scanned_while_the_belt_was_away_does_not_hold_it_either() -> None:
    async def story(plant: WholePlant) -> None:
        await plant.run_up()
        await labelled(plant)
        thing = await in_chute(plant)
        bin, item = thing.chute, thing.name
        await plant.stage.do(
            "fault", {"device": "belt", "verb": "other_unit", "args": {"count": 10_000}}
        )
        await plant.stage.do("pull_bin", {"bin": bin})
        await down(thing)
        await asyncio.sleep(0.5)
        await plant.stage.do("dock_bin", {"bin": bin})
        await plant.until(lambda line: not line.link)
        await scan(plant, bin, "K-1000")
        assert plant.state.bins[BINS[bin - 1]].early
        await plant.stage.do("clear", {"device": "belt", "verb": "other_unit"})
        await plant.until(lambda line: line.link and not line.behind)
        await asyncio.sleep(2)
        assert await where(plant, item) == "floor"
        assert (await told(plant, item)).cause is Cause.NO_CRATE
        assert await contents(plant, f"K-{bin:04}") == (CrateState.CLOSED, ())
        assert await contents(plant, "K-1000") == (CrateState.DOCKED, ())
        use = plant.state.bins[BINS[bin - 1]]
        assert (use.count, use.early, use.usable) == (0, False, True)

    play(story, station=LABELLED)
