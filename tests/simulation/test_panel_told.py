"""What the panel tells whoever stands at the plant: out of an emergency stop by its words alone, refusals, alarms after a restart."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from config.texts import Channel
from drivers.ports import Pack
from sorter.belt.items import Cause
from tests.simulation import plant as crates
from tests.simulation.whole_plant import CATALOGUE, WholePlant, play

CLEAR = "belt.clear"


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


def body(plant: Any) -> Any:
    return plant.snapshots[-1].screen.body


def notice(plant: Any) -> str:
    found = body(plant).notice
    return "" if found is None else found.key


def ends(plant: Any) -> str:
    found = body(plant).ends
    return "" if found is None else found.key


def reason(plant: Any, action: str) -> str:
    """Why a button cannot be pressed now; empty where it can."""
    (found,) = [one for one in plant.snapshots[-1].screen.actions if one.id == action]
    return "" if found.reason is None else found.reason.key


def lying(plant: Any) -> list[Cause]:
    return [one.cause for one in plant.sorter._looking.lying]


async def stopped(plant: WholePlant, items: int) -> None:
    """The belt runs with so many items on it, and the emergency stop is pressed."""
    await plant.run_up()
    if items:
        await plant.stage.do("feed", {"count": items, "every": 1.5})
        await plant.until(lambda line: len(line.items) == items)
    await plant.stage.do("e_stop", {"pressed": True})
    await plant.until(lambda _line: plant.is_in(Pack.ABORTED))
    await asyncio.sleep(1)


async def pressed(plant: WholePlant, *actions: str) -> None:
    for action in actions:
        await plant.press(action)
        await asyncio.sleep(2)


def test_out_of_an_emergency_stop_when_the_belt_was_said_to_be_empty_at_the_panel_first() -> None:
    async def story(plant: WholePlant) -> None:
        await stopped(plant, 3)
        assert (reason(plant, CLEAR), ends(plant)) == ("sorter.no.e_stop", "belt.ends.release")
        assert reason(plant, "belt.purge") == "sorter.no.e_stop"
        await plant.stage.do("e_stop", {"pressed": False})
        await asyncio.sleep(1)
        assert (reason(plant, CLEAR), ends(plant)) == ("sorter.no.doubted", "belt.ends.empty")
        await pressed(plant, "emptied")
        assert (reason(plant, CLEAR), ends(plant)) == ("sorter.no.cabinet", "belt.ends.forget")
        await pressed(plant, CLEAR)
        assert notice(plant) == "sorter.no.cabinet"
        await plant.stage.do("empty_belt", {})
        await asyncio.sleep(1)
        assert (reason(plant, CLEAR), notice(plant)) == ("", ""), "the button was pressed"
        await pressed(plant, CLEAR, "belt.reset", "belt.start")
        await plant.until(lambda _line: plant.is_in(Pack.EXECUTE))

    play(story)


def test_out_of_an_emergency_stop_on_an_empty_belt_the_button_is_named_too() -> None:
    async def story(plant: WholePlant) -> None:
        await stopped(plant, 0)
        await plant.stage.do("e_stop", {"pressed": False})
        await asyncio.sleep(1)
        assert ends(plant) == "belt.ends.cabinet"
        await pressed(plant, CLEAR)
        assert notice(plant) == "sorter.no.cabinet", "nothing tells before that it was not pressed"
        await plant.stage.do("empty_belt", {})
        await pressed(plant, CLEAR)
        assert plant.is_in(Pack.STOPPED)
        assert notice(plant) == ""

    play(story)


def test_what_is_purged_after_an_emergency_stop_was_taken_off_and_did_not_fall_wrong() -> None:
    async def story(plant: WholePlant) -> None:
        await stopped(plant, 3)
        await plant.stage.do("e_stop", {"pressed": False})
        await asyncio.sleep(1)
        await pressed(plant, "belt.purge", CLEAR, "belt.reset", "belt.start")
        await plant.until(lambda line: not line.items and not line.doubted)
        await asyncio.sleep(1)
        assert set(lying(plant)) == {Cause.REMOVED}
        assert len(lying(plant)) == 3

    play(story)


def test_an_alarm_keeps_its_time_and_place_over_a_restart(tmp_path: Path) -> None:
    async def story(plant: WholePlant) -> None:
        await plant.run_up()
        await plant.stage.do("fault", {"device": "belt", "verb": "jam", "args": {"zone": 2}})
        await plant.stage.do("feed", {"count": 1})
        await plant.until(lambda line: bool(line.alarms))
        await asyncio.sleep(1)
        (before,) = [row for row in body(plant).alarms if row.id == "alarm.5"]
        await plant.kill()
        await asyncio.sleep(600)
        await plant.start()
        await plant.until(lambda line: line.link)
        await asyncio.sleep(3)
        (after,) = [row for row in body(plant).alarms if row.id == "alarm.5"]
        assert (said(after.title), said(after.at)) == (said(before.title), said(before.at))
        await pressed(plant, CLEAR)
        (over,) = [row for row in body(plant).alarms if row.id == "over.5"]
        assert said(over.title) == f"{said(before.title)} (overstået)"
        assert "et sted på båndet" not in said(over.title)

    play(story, database=tmp_path / "plant.db")


def said(words: Any) -> str:
    return CATALOGUE.say(words, "da", Channel.PAPER)


def test_a_refusal_is_shown_though_something_was_scanned_before_and_goes_after_a_while() -> None:
    async def story(plant: crates.Plant) -> None:
        await plant.scan("A-01", "K-0001")
        assert notice(plant) == "crates.said.docked"
        await plant.press("belt.reset")
        assert notice(plant) == "sorter.no.state"
        await asyncio.sleep(600)
        assert notice(plant) == ""
        await plant.scan("A-03")
        assert "swap.undo" in {one.id for one in plant.snapshots[-1].screen.actions}
        await asyncio.sleep(61)
        assert notice(plant) == ""
        assert "swap.undo" not in {one.id for one in plant.snapshots[-1].screen.actions}

    crates.play(story, station=crates.CRATES)
