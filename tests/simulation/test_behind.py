"""The belt runs on while nobody listens, or nothing can be written: its items lie where it said, and staff hears of no other."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from drivers.ports import Store
from sorter.belt import records
from sorter.belt.items import Cause
from sorter.belt.line import Stop
from tests.simulation.test_store_in_trouble import Disk
from tests.simulation.whole_plant import WholePlant, play


async def lies(plant: WholePlant) -> dict[int, int]:
    """By the number of a bin, how many items the world has there."""
    bins = (await plant.truth())["devices"]["belt"]["bins"]
    return {int(n): len(bin["items"]) for n, bin in bins.items() if bin["items"]}


def counted(plant: WholePlant) -> dict[int, int]:
    return {bin.number: bin.count for bin in plant.state.bins.values() if bin.count}


async def causes(plant: WholePlant) -> Counter[tuple[Cause, int]]:
    """Why staff must look at something, and in which bin."""
    return Counter((one.cause, one.bin) for one in await plant.store.read(records.exceptions))


@pytest.mark.parametrize("away", [2.0, 5.0, 25.0])
def test_items_lie_in_their_bins_when_the_program_is_back(tmp_path: Path, away: float) -> None:
    async def story(plant: WholePlant) -> None:
        await plant.run_up()
        await plant.stage.do("feed", {"count": 8, "every": 1.2})
        await plant.until(lambda line: line.counts.inducted >= 6)
        await plant.kill()
        await asyncio.sleep(away)
        await plant.start()
        await plant.at_rest()
        assert counted(plant) == await lies(plant)
        found = await causes(plant)
        assert {bin for _, bin in found} <= {9}, found
        assert not {Cause.LOST, Cause.MISSED} & {cause for cause, _ in found}, found

    play(story, database=tmp_path / "plant.db")


def test_nor_is_anything_lost_while_the_journal_is_full() -> None:
    """The belt tells on when it can be written down; by then what was on it lies in a bin, and the rest waits outside."""
    disks: list[Disk] = []

    def through(store: Store) -> Store:
        disks.append(Disk(store))
        return disks[-1]

    async def story(plant: WholePlant) -> None:
        await plant.run_up()
        await plant.stage.do("feed", {"count": 12, "every": 1.2})
        await plant.until(lambda line: line.counts.inducted >= 6)
        disks[0].full = True
        await asyncio.sleep(60)
        assert plant.state.behind
        assert plant.state.stops == {Stop.STORE}
        in_bins = sum((await lies(plant)).values())
        assert 6 <= in_bins <= 8, "nothing goes in that cannot be written down"
        disks[0].full = False
        await plant.at_rest()
        assert counted(plant) == await lies(plant)
        assert plant.state.counts.confirmed == 12
        found = await causes(plant)
        assert set(found) <= {(Cause.LATE, 9)}, found
        assert found, "some came to a plough before they could be decided about"

    play(story, through=through)
