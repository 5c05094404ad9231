"""Two sorting points of one branch whose station files give a chute the same label: said where it is, never one crate for both."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from config.texts import Channel
from drivers.ports import Txn
from hw_sim.simloop import run
from sorter.ims import records
from sorter.ims.happened import Happened
from sorter.ims.points import Point, PointChute, point_told
from tests.simulation.branches import Shared
from tests.simulation.plant import BOOK, CATALOGUE, SHARED, Plant, World

OVERFLOW = 8
OTHER = "plant-0"


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


def play(*stories: Callable[[Plant, Shared], Coroutine[Any, Any, None]], path: Any = None) -> None:
    """Lives of one plant, one after the other; the other point tells of itself before the first."""

    async def whole() -> None:
        world = World(path)
        world.begin()
        shared = Shared(world)
        await tell(shared, "A-01")
        await asyncio.sleep(5)
        for story in stories:
            plant = Plant(world, station=SHARED, shared=shared)
            await plant.start()
            await plant.ready()
            await asyncio.sleep(2)
            await story(plant, shared)
            await plant.stop()
        await shared.store.close()
        await world.end()

    run(whole())


async def tell(shared: Shared, *labels: str, branch: str = "Borgernes Hus") -> None:
    """Another sorting point tells of itself."""

    def told(txn: Txn) -> None:
        chutes = tuple(PointChute(label, "fiction", 1) for label in labels)
        one: Happened = point_told(Point(OTHER, branch, "Kælderen", chutes), txn.now)
        records.happen_there(txn.connection, OTHER, one)

    await shared.store.write(told)


def conflicts(plant: Plant) -> dict[str, str]:
    body: Any = plant.snapshots[-1].screen.body
    return {
        row.id: CATALOGUE.say(row.title, "en", Channel.PAPER)
        for row in body.alarms
        if row.id.endswith(".two_points")
    }


SAID = {"bin.adults.two_points": "A-01 is at Kælderen too"}


async def scan(plant: Plant, *labels: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for label in labels:
        said = await plant.sorter.request("scan", {"label": label})
    return said


async def refused(plant: Plant, shared: Shared) -> None:
    del shared
    assert conflicts(plant) == SAID
    status = await plant.sorter.request("status", {})
    asked = next(one for one in status["alarms"] if one["id"] == "bin.adults.two_points")
    assert asked["detail"] == (
        "[ims.chutes.A-01] of station plant-1 and of plant-0, both at Borgernes Hus: "
        "give one of them another label"
    )
    assert asked["do"] == "Sig det til teknikeren."
    said = await scan(plant, "A-01")
    assert (said["said"], said["bin"]) == ("two_points", "")
    assert "adults" not in plant.state.usable


def test_the_label_of_another_point_is_refused_and_told_with_what_and_where(tmp_path: Any) -> None:
    async def sorts(plant: Plant, shared: Shared) -> None:
        await refused(plant, shared)
        said = await scan(plant, "A-03", "K-0003")
        assert said["said"] == "docked", "the other chutes are in use"
        await plant.sorted(BOOK)
        assert plant.world.belt.bins[OVERFLOW] == [BOOK]

    async def away(plant: Plant, shared: Shared) -> None:
        await refused(plant, shared)

    play(sorts, away, path=tmp_path / "plant.db")


def test_when_the_other_point_has_another_label_the_chute_is_in_use_again() -> None:
    async def story(plant: Plant, shared: Shared) -> None:
        await tell(shared, "B-01")
        await asyncio.sleep(12)
        assert conflicts(plant) == {}
        assert (await scan(plant, "A-01", "K-0001"))["said"] == "docked"

    play(story)


def test_a_point_that_is_no_longer_in_use_is_put_away_by_a_press(tmp_path: Any) -> None:
    async def pressed(plant: Plant, shared: Shared) -> None:
        del shared
        await plant.press(f"point_gone.{OTHER}")
        assert conflicts(plant) == {}
        assert (await scan(plant, "A-01", "K-0001"))["said"] == "docked"

    async def after(plant: Plant, shared: Shared) -> None:
        assert conflicts(plant) == {}
        assert "adults" in plant.state.usable
        await tell(shared, "A-01", "A-02")
        await asyncio.sleep(12)
        assert conflicts(plant) == {}, "whoever comes back has come later"

    play(pressed, after, path=tmp_path / "plant.db")


def test_whoever_had_the_label_first_and_another_branch_are_no_matter_of_ours() -> None:
    async def story(plant: Plant, shared: Shared) -> None:
        await tell(shared, "A-03", branch="Dalum")
        await asyncio.sleep(12)
        assert conflicts(plant) == {}
        assert (await scan(plant, "A-03", "K-0003"))["said"] == "docked"
        await tell(shared, "A-06")
        await asyncio.sleep(12)
        assert conflicts(plant) == {}, "ours was first"

    play(story)
