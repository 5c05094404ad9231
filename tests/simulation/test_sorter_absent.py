"""What happens at the plant while its program, or its controller, is away, and what is believed of it afterwards."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from config.texts import Channel
from drivers.errors import DeviceRefused
from hw_sim.simloop import run
from sorter.belt import records
from sorter.belt.items import Cause
from sorter.ims import records as ims_records
from tests.simulation import plant as fake
from tests.simulation.plant import BLANK, BOOK, CATALOGUE, CRATES, Plant, World
from tests.simulation.whole_plant import WholePlant, play

OVERFLOW = 8


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


async def on_its_way(plant: WholePlant) -> None:
    """Some items lie on the running belt."""
    await plant.run_up()
    await plant.stage.do("feed", {"count": 4, "every": 1.2})
    await plant.until(lambda line: len(line.items) >= 3)


async def e_stop(plant: WholePlant) -> None:
    """Pressed, and pulled out again."""
    await plant.stage.do("e_stop", {"pressed": True})
    await asyncio.sleep(2)
    await plant.stage.do("e_stop", {"pressed": False})
    await asyncio.sleep(1)


def test_an_emergency_stop_that_nobody_heard_is_doubted_all_the_same(tmp_path: Path) -> None:
    async def story(plant: WholePlant) -> None:
        await on_its_way(plant)
        await plant.kill()
        await e_stop(plant)
        await plant.start()
        await plant.until(lambda line: line.link and not line.behind and line.doubted)
        await plant.stage.do("empty_belt", {})
        await plant.press("emptied")
        await plant.run_up()
        causes = await plant.store.read(records.exceptions)
        assert {one.cause for one in causes} == {Cause.REMOVED}
        assert not plant.state.doubted
        assert plant.state.induct

    play(story, database=tmp_path / "plant.db")


def test_a_purge_goes_on_over_a_restart_of_the_program(tmp_path: Path) -> None:
    async def story(plant: WholePlant) -> None:
        await on_its_way(plant)
        await e_stop(plant)
        await plant.press("belt.purge")
        await plant.run_up()
        assert plant.state.doubted
        assert plant.state.purged
        await plant.kill()
        await plant.start()
        await plant.until(lambda line: line.link)
        assert plant.state.purged
        await plant.until(lambda line: not line.doubted)
        assert not plant.state.items

    play(story, database=tmp_path / "plant.db")


def test_a_crate_is_scanned_again_when_the_controller_may_have_missed_its_swap() -> None:
    async def story(plant: Plant) -> None:
        await plant.scan("A-01", "K-0001")
        await plant.scan("A-08", "K-0008")
        belt = plant.world.belt
        belt.broken = True
        await plant.until(lambda line: not line.link)
        belt.restart()
        belt.broken = False
        await plant.ready()
        await asyncio.sleep(1)
        assert not plant.state.bins["adults"].enabled
        await plant.scan("A-08", "K-0008")
        await plant.sorted(BOOK)
        assert belt.bins[OVERFLOW] == [BOOK]
        await plant.scan("A-01", "K-0001")
        assert plant.state.bins["adults"].usable
        crate = await plant.store.read(lambda txn: ims_records.crate_of(txn.connection, "K-0001"))
        assert crate is not None
        assert crate.items == ()

    fake.play(story, station=CRATES)


def questions(plant: Plant) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What is asked about bins: the words and the answers, by id of the alarm."""
    body: Any = plant.snapshots[-1].screen.body
    return {
        row.id: (
            CATALOGUE.say(row.title, "en", Channel.PAPER),
            tuple(action.id for action in row.actions),
        )
        for row in body.alarms
        if row.id.endswith(".unseen")
    }


async def without_power(plant: Plant) -> None:
    """The belt's controller starts anew."""
    plant.world.belt.restart()
    await plant.until(lambda line: not line.link)
    await plant.ready()
    await asyncio.sleep(1)


ASKED = {
    "bin.adults.unseen": (
        "Voksen, stuen: emptied?",
        ("unseen.same.adults", "unseen.emptied.adults"),
    )
}


def test_a_bin_without_a_label_is_asked_about_after_a_restart_of_the_controller() -> None:
    async def story(plant: Plant) -> None:
        await plant.sorted(BOOK)
        await without_power(plant)
        assert plant.state.bins["adults"].usable, "it stays in use"
        assert questions(plant) == ASKED, "a bin in which nothing lay is not asked about"
        status = await plant.sorter.request("status", {})
        assert status["bins"]["adults"] == {"number": 1, "count": 1, "usable": True, "unseen": 1}
        asked = next(a for a in status["alarms"] if a["id"] == "bin.adults.unseen")
        assert asked["what"] == "Voksen, stuen: tømt?"
        await plant.press("unseen.same.adults")
        assert plant.state.bins["adults"].count == 1
        assert questions(plant) == {}

    fake.play(story)


def test_one_that_was_emptied_meanwhile_counts_what_fell_since() -> None:
    async def story(plant: Plant) -> None:
        await plant.sorted(BLANK)
        await without_power(plant)
        await plant.sorted(BLANK, BLANK)
        assert plant.state.bins["exception"].count == 3
        await plant.press("unseen.emptied.exception")
        assert plant.state.bins["exception"].count == 2
        assert questions(plant) == {}
        left = (await plant.store.read(records.remembered)).bins
        assert left is not None
        assert (left["exception"].count, left["exception"].unseen) == (2, 0)
        with pytest.raises(DeviceRefused):
            await plant.press("unseen.emptied.exception")

    fake.play(story)


def test_the_question_outlives_the_program_and_ends_with_a_new_crate(tmp_path: Path) -> None:
    async def first(plant: Plant) -> None:
        await plant.sorted(BOOK)

    async def second(plant: Plant) -> None:
        await asyncio.sleep(1)
        assert questions(plant) == ASKED, "the controller started anew while the program was away"

    async def third(plant: Plant) -> None:
        await asyncio.sleep(1)
        assert questions(plant) == ASKED
        belt = plant.world.belt
        belt.out.add(1)
        await asyncio.sleep(1)
        assert questions(plant) == {}, "it stands out, and is a new one when it is back"
        belt.out.discard(1)
        await asyncio.sleep(1)
        await plant.press("bin.adults")
        assert questions(plant) == {}
        assert plant.state.bins["adults"].count == 0

    async def whole() -> None:
        world = World(tmp_path / "plant.db")
        world.begin()
        for n, story in enumerate((first, second, third)):
            plant = Plant(world)
            await plant.start()
            await plant.ready()
            await story(plant)
            await (plant.kill() if n < 2 else plant.stop())
            if n == 0:
                world.belt.restart()
        await world.end()

    run(whole())
