"""What passed an eye and is no item: the panel says at which bins until a person has looked, whatever is restarted meanwhile."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from config.texts import Channel
from drivers.errors import DeviceRefused, DeviceUnavailable
from drivers.ports import BIN_ZONE, Store
from drivers.service.view import Row
from sorter.history import records as history
from sorter.history import told
from tests.simulation.test_panel_told import body
from tests.simulation.test_store_in_trouble import Disk
from tests.simulation.whole_plant import CATALOGUE, WholePlant, play

END = 9


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


async def astray(plant: WholePlant, *bins: int) -> None:
    """Something is laid on the running belt before the eye of each of these bins, and comes to rest."""
    await plant.run_up()
    hands = plant.stage.plant
    assert hands is not None
    before = plant.state.counts.strays
    for bin in bins:
        await plant.stage.do("lay_on", {"mm": hands.plant.layout.eye(bin) - 50})
        await asyncio.sleep(3)
    await plant.until(lambda line: line.counts.strays == before + len(bins))
    await plant.at_rest()
    await asyncio.sleep(1)


def alarm(plant: WholePlant) -> Row | None:
    found = [row for row in body(plant).alarms if row.id == "strays"]
    return found[0] if found else None


def said(plant: WholePlant) -> str:
    found = alarm(plant)
    assert found is not None
    return CATALOGUE.say(found.title, "da", Channel.PAPER)


async def status(plant: WholePlant) -> Any:
    return (await plant.sorter.request("status", {}))["strays"]


async def restarted(plant: WholePlant) -> None:
    """kill -9, and the program begins again."""
    await plant.kill()
    await plant.start()
    await plant.until(lambda line: line.link and not line.behind)
    await asyncio.sleep(1)


def test_where_they_were_seen_stands_over_every_restart_until_somebody_has_looked(
    tmp_path: Path,
) -> None:
    async def story(plant: WholePlant) -> None:
        await astray(plant, 2, 5, 5)
        told_first = "3 ukendte ting ved kasse 2, 5 (2)"
        assert said(plant) == told_first
        first = await status(plant)
        assert (first["waiting"], first["at"]) == (
            3,
            [{"zone": 4, "bin": 2, "count": 1}, {"zone": 7, "bin": 5, "count": 2}],
        )
        assert first["since"] < first["last"]
        (words,) = [
            one
            for one in (await plant.sorter.request("status", {}))["alarms"]
            if one["id"] == "strays"
        ]
        assert (words["what"], "kasse 9" in words["do"]) == (told_first, True)
        assert words["detail"].endswith("ved kasse 5")
        hands = plant.stage.plant
        assert hands is not None
        assert len(hands.plant.bins[END].things) == 3, "they ride on to the end"

        await restarted(plant)
        assert said(plant) == told_first
        assert await status(plant) == first

        await plant.stage.do("fault", {"device": "belt", "verb": "plc_restart"})
        await plant.until(lambda line: not line.link)
        await plant.until(lambda line: line.link and not line.behind)
        await asyncio.sleep(1)
        assert said(plant) == told_first

        await astray(plant, 7)
        assert said(plant) == "4 ukendte ting ved kasse 2, 5 (2), 7"
        with pytest.raises(DeviceRefused):
            await plant.press("strays.3")
        await plant.press("strays.4")
        await asyncio.sleep(1)
        assert alarm(plant) is None
        assert await status(plant) == {"waiting": 0, "since": None, "last": None, "at": []}

        await restarted(plant)
        assert alarm(plant) is None
        rows = await plant.store.read(told.history)
        kinds = [(row["what"], row["zone"], row["count"]) for row in reversed(rows)]
        assert [one for one in kinds if one[0].startswith("stray")] == [
            *(("stray", BIN_ZONE + bin, None) for bin in (2, 5, 5, 7)),
            ("strays_seen", 0, 4),
        ]

        await astray(plant, 1)
        assert said(plant) == "1 ukendt ting ved kasse 1"
        await restarted(plant)
        assert said(plant) == "1 ukendt ting ved kasse 1"

    play(story, database=tmp_path / "plant.db")


def test_who_presses_while_the_disk_is_full_has_not_looked() -> None:
    disks: list[Disk] = []

    def through(store: Store) -> Store:
        disks.append(Disk(store))
        return disks[-1]

    async def story(plant: WholePlant) -> None:
        await astray(plant, 5)
        disks[0].full = True
        with pytest.raises(DeviceUnavailable):
            await plant.press("strays.1")
        disks[0].full = False
        await asyncio.sleep(60)
        assert said(plant) == "1 ukendt ting ved kasse 5"
        assert dict((await plant.store.read(history.left)).strays) == {BIN_ZONE + 5: 1}
        await plant.press("strays.1")
        await asyncio.sleep(1)
        assert alarm(plant) is None

    play(story, through=through)
