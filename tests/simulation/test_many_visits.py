"""A station runs for months: what a visit needed, or an item on the belt, is gone with it."""

import asyncio
import gc
from collections import Counter
from pathlib import Path

import pytest

from kiosk.lending.state import Phase
from sorter import tunnel_work
from tests.simulation import whole_plant
from tests.simulation.rig import Rig, play
from tests.simulation.whole_plant import WholePlant

ITEMS = ("3846646425", "3846646433")
OURS = {"config", "drivers", "kiosk", "sorter", "_asyncio", "sqlalchemy"}
LOAD = 9
"""Items that go over the belt before it is looked again."""


def living() -> Counter[str]:
    """How many objects there are of each class of the station, and of what it is built on."""
    gc.collect()
    kinds = (type(thing) for thing in gc.get_objects())
    return Counter(
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in kinds
        if str(kind.__module__).split(".")[0] in OURS
    )


def grown(seen: list[Counter[str]], by: int) -> dict[str, int]:
    """Of which there were so many more at the last look than at the one before."""
    return {kind: more for kind, more in (seen[-1] - seen[-2]).items() if more >= by}


async def borrow_and_return(rig: Rig) -> None:
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(*ITEMS)
    await rig.until(lambda s: len(s.rows) == len(ITEMS) and not s.unsettled)
    await rig.press("finish.none")
    await rig.lift()
    await rig.until(lambda s: s.phase is Phase.START, 120)
    await rig.press("return")
    await rig.lay(*ITEMS)
    await rig.until(lambda s: len(s.backs) == len(ITEMS))
    await rig.pause(8)
    await rig.lift()
    await rig.pause(1)
    await rig.press("finish.none")
    await rig.until(lambda s: s.phase is Phase.START, 120)
    rig.snapshots[:-1] = []


def test_visits_leave_nothing_behind(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        seen = []
        for visits in (2, 4):
            for _ in range(visits):
                await borrow_and_return(rig)
            seen.append(living())
        # one object a visit would be four
        assert not grown(seen, by=4)

    play(story, database=tmp_path / "station.db")


def test_items_on_the_belt_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnel_work, "MOST_KNOWN", 4)  # it remembers some, and that is soon full

    async def story(plant: WholePlant) -> None:
        seen = []
        for _ in range(3):
            await plant.run_up()
            for _ in range(LOAD):
                await plant.stage.do("feed", {"count": 1})
                await asyncio.sleep(3)
            await plant.at_rest()
            plant.snapshots.clear()
            seen.append(living())
        assert not grown(seen, by=LOAD - 2)

    whole_plant.play(story, database=tmp_path / "plant.db")
