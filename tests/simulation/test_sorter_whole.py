"""The whole plant, each wire with its shipping driver, on mornings when things go wrong: judged by the world's own state."""

from pathlib import Path
from typing import Any, cast

import pytest

from drivers.ports import Pack
from hw_sim.devices.belt_plc import Mode
from sorter.belt.pack import idle_mode
from tests.simulation.mornings import run_morning
from tests.simulation.whole_plant import WholePlant, play


@pytest.fixture(autouse=True)
def trouble(heard: Any) -> None:
    """What a bad morning may leave in the log."""
    heard.expect(
        "library.line.dropped",
        "service.down",
        "belt.lost",
        "belt.drained",
        "reader.lost",
        "reader.resynchronised",
    )


def test_on_a_good_morning_everything_comes_where_it_belongs() -> None:
    found = run_morning(6, 1, faults=0.0)
    assert (found.missorted, found.lost, found.doubled, found.elsewhere) == ((), (), (), 0)
    assert found.right >= 5


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_on_a_bad_morning_nothing_is_lost_doubled_or_in_a_wrong_bin(seed: int) -> None:
    found = run_morning(5, seed, faults=0.6)
    assert (found.missorted, found.lost, found.doubled) == ((), (), ())


@pytest.mark.parametrize("seed", [5, 6])
def test_nor_when_the_program_dies_in_between(tmp_path: Path, seed: int) -> None:
    found = run_morning(5, seed, faults=0.5, kills=2, database=tmp_path / "plant.db")
    assert (found.missorted, found.lost, found.doubled) == ((), (), ())


def test_the_world_tells_the_way_of_an_item_from_the_reader_to_its_destination() -> None:
    told: list[dict[str, object]] = []

    async def story(plant: WholePlant) -> None:
        plant.stage.world.listen(lambda happening: told.append(happening.as_json()))
        await plant.run_up()
        fed = await plant.stage.do("feed", {"count": 1})
        item = cast(list[str], fed["items"])[0]
        await plant.at_rest()
        way = [one["event"] for one in told if one.get("item") == item or one.get("tid") == 1]
        assert way == ["in_tunnel", "afi", "asked", "answered", "destined", "landed"]
        (sent,) = [one for one in told if one["event"] == "destined"]
        (landed,) = [one for one in told if one["event"] == "landed"]
        assert sent["bin"] == landed["bin"]

    play(story)


def test_a_belt_left_in_manual_is_set_to_production_from_the_panel_and_runs() -> None:
    async def story(plant: WholePlant) -> None:
        assert plant.stage.plant is not None
        plant.stage.plant.plc.mode = Mode.MANUAL
        await plant.until(lambda line: idle_mode(line) is not None and plant.is_in(Pack.STOPPED))
        await plant.press("production")
        await plant.run_up()

    play(story)
