"""What happens at the plant while its program, or its controller, is away, and what is believed of it afterwards."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sorter.belt import records
from sorter.belt.items import Cause
from sorter.ims import records as ims_records
from tests.simulation import plant as fake
from tests.simulation.plant import BOOK, CRATES, Plant
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


def test_a_bin_without_a_label_stays_in_use_over_a_restart_of_the_controller() -> None:
    async def story(plant: Plant) -> None:
        plant.world.belt.restart()
        await plant.ready()
        await asyncio.sleep(1)
        assert plant.state.bins["adults"].usable

    fake.play(story)
