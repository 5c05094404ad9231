"""The belt's controller had to forget events before they were taken: that stands until a person has looked, whatever is restarted."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from config.texts import Channel
from drivers.errors import DeviceRefused, DeviceUnavailable
from drivers.ports import Store
from drivers.service.view import Row
from sorter.history import records as history
from sorter.history import told
from sorter.looking import SOON_S
from tests.simulation.test_panel_told import body
from tests.simulation.test_store_in_trouble import Disk
from tests.simulation.whole_plant import CATALOGUE, WholePlant, play

BIN = 3
KEPT = 64
"""So many events the controller keeps."""


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down", "belt.events_lost")


async def linked(plant: WholePlant) -> None:
    await plant.until(lambda line: line.link and not line.behind)
    await asyncio.sleep(2 * SOON_S)


async def missed(plant: WholePlant) -> int:
    """While no program listens, a crate is lifted out and put back again and again; how many events are lost by it."""
    hands = plant.stage.plant
    assert hands is not None
    ring, before = hands.plc.ring, plant.state.events_lost
    await plant.kill()
    taken = ring.taken
    for _ in range(40):
        await plant.stage.do("pull_bin", {"bin": BIN})
        await asyncio.sleep(0.5)
        await plant.stage.do("dock_bin", {"bin": BIN})
        await asyncio.sleep(0.5)
    least = ring.head - taken - KEPT
    await plant.start()
    await linked(plant)
    lost = plant.state.events_lost - before
    assert 0 < least <= lost <= ring.head - taken - KEPT, (
        "with what it tells when it is heard again"
    )
    return lost


async def restarted(plant: WholePlant) -> None:
    """kill -9, and the program begins again."""
    await plant.kill()
    await plant.start()
    await linked(plant)


def alarm(plant: WholePlant) -> Row | None:
    found = [row for row in body(plant).alarms if row.id == "events_lost"]
    return found[0] if found else None


def said(plant: WholePlant) -> str:
    found = alarm(plant)
    assert found is not None
    return CATALOGUE.say(found.title, "da", Channel.PAPER)


def words(lost: int) -> str:
    return f"{lost} hændelser fra båndet er gået tabt"


def test_that_events_were_lost_stands_over_every_restart_until_somebody_has_looked(
    tmp_path: Path,
) -> None:
    async def story(plant: WholePlant) -> None:
        await linked(plant)
        first = await missed(plant)
        assert said(plant) == words(first)
        since = plant.sorter._since["events_lost"]

        await asyncio.sleep(60)
        await restarted(plant)
        assert said(plant) == words(first)
        assert plant.sorter._since["events_lost"] == since

        await plant.stage.do("fault", {"device": "belt", "verb": "plc_restart"})
        await plant.until(lambda line: not line.link)
        await linked(plant)
        assert said(plant) == words(first)

        both = first + await missed(plant)
        assert both > first
        assert said(plant) == words(both)
        with pytest.raises(DeviceRefused):
            await plant.press(f"events_lost.{first}")
        await plant.press(f"events_lost.{both}")
        await asyncio.sleep(1)
        assert alarm(plant) is None

        await restarted(plant)
        assert alarm(plant) is None
        rows = await plant.store.read(told.history)
        kinds = [(row["what"], row["count"]) for row in reversed(rows)]
        assert [one for one in kinds if one[0].startswith("events_lost")] == [
            ("events_lost", first),
            ("events_lost", both - first),
            ("events_lost_seen", both),
        ]

    play(story, database=tmp_path / "plant.db")


def test_who_presses_while_the_disk_is_full_has_not_looked(tmp_path: Path) -> None:
    disks: list[Disk] = []

    def through(store: Store) -> Store:
        disks.append(Disk(store))
        return disks[-1]

    async def story(plant: WholePlant) -> None:
        await linked(plant)
        lost = await missed(plant)
        disks[-1].full = True
        with pytest.raises(DeviceUnavailable):
            await plant.press(f"events_lost.{lost}")
        disks[-1].full = False
        await asyncio.sleep(60)
        assert said(plant) == words(lost)
        assert (await plant.store.read(history.left)).events_lost == lost
        await plant.press(f"events_lost.{lost}")
        await asyncio.sleep(1)
        assert alarm(plant) is None

    play(story, database=tmp_path / "plant.db", through=through)
