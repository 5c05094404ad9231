"""What is pressed at the plant's door stands on its panel as things are then, or changes nothing and is refused."""

import pytest

from drivers.errors import Code, DeviceRefused
from tests.simulation.plant import BOOK, FILM, Plant, play

ADULTS, MEDIA = 1, 4


async def refused(plant: Plant, action: str) -> None:
    with pytest.raises(DeviceRefused) as why:
        await plant.press(action)
    assert why.value.code is Code.STATION_REQUEST


def test_the_crate_of_a_bin_that_asks_for_none_keeps_its_count() -> None:
    async def story(plant: Plant) -> None:
        await plant.sorted(BOOK)
        await refused(plant, "bin.adults")
        assert plant.state.bins["adults"].count == 1

    play(story)


def test_a_belt_that_runs_is_not_said_to_be_empty() -> None:
    async def story(plant: Plant) -> None:
        await plant.world.belt.feed(FILM)
        await plant.until(lambda line: len(line.items) == 1)
        await refused(plant, "emptied")
        assert len(plant.state.items) == 1
        await plant.empty()
        assert plant.world.belt.bins[MEDIA] == [FILM]
        assert (plant.state.counts.confirmed, plant.state.counts.removed) == (1, 0)

    play(story)


def test_of_two_panels_that_press_the_same_the_second_is_told_that_it_is_done() -> None:
    async def story(plant: Plant) -> None:
        plant.world.belt.out.add(ADULTS)
        await plant.until(lambda line: not line.bins["adults"].present)
        plant.world.belt.out.discard(ADULTS)
        await plant.until(lambda line: line.bins["adults"].present)
        await plant.press("bin.adults")
        await plant.sorted(BOOK)
        await refused(plant, "bin.adults")
        assert plant.state.bins["adults"].count == 1

    play(story)
