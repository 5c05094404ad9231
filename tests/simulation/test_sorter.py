"""The plant's line over its drivers: each kind of item and each hard case, judged by what lies in the bins."""

import asyncio
from typing import Any

import pytest

from tests.simulation.plant import BOOK, CHILDREN, HELD, Plant, play

ADULTS, CHILD, HOLDS, OVERFLOW, EXCEPTION = 1, 3, 5, 8, 9


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped")


def test_three_books_come_into_their_bins() -> None:
    async def story(plant: Plant) -> None:
        await plant.sorted(BOOK, CHILDREN, HELD)
        world = plant.world
        assert world.belt.bins[ADULTS] == [BOOK]
        assert world.belt.bins[CHILD] == [CHILDREN]
        assert world.belt.bins[HOLDS] == [HELD]
        assert await world.asked() == [(i, "done") for i in (BOOK, CHILDREN, HELD)]
        assert [await world.armed(i) for i in (BOOK, CHILDREN, HELD)] == [True] * 3
        await asyncio.sleep(1)
        assert len(await world.asked("19")) == 3

    play(story)
