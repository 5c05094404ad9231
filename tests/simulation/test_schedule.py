"""Hours of the screen and of sound: dark while nobody is here and never under a visit; what staff set ends by itself."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from drivers.service.roles import Role
from drivers.service.view import Cue, DarkBody, actions_of
from hw_sim.scenario import load
from hw_sim.simloop import run
from hw_sim.stage import Stage
from kiosk.lending.state import Phase
from kiosk.staff.state import Page
from tests.conftest import Heard
from tests.simulation.rig import ACCESSIBLE, STATION, Rig, play
from tests.simulation.test_staff import page, told

BOOK, KAREN = "3846646425", "1234567890"
ZONE = ZoneInfo("Europe/Copenhagen")


BEGIN = load("first-loan").today.astimezone(ZONE)
"""When the world begins, by the clock on the wall."""


def span(minutes: int, long: int) -> str:
    """Hours that begin so many minutes after the world."""
    first = BEGIN + timedelta(minutes=minutes)
    return f"{first:%H:%M}-{first + timedelta(minutes=long):%H:%M}"


def lit(hours: str, base: str = STATION) -> str:
    return f'{base}\n[screen.lit]\nevery_day = "{hours}"\n'


LONG_AGO = lit(span(-180, 60))
"""The screen's hours are over."""


def loud(rig: Rig) -> int | None:
    return rig.screen.cue_db


async def wait_for_dark(rig: Rig) -> None:
    await rig.until(lambda s: s.dark, 300)
    assert rig.screen.name == "dark"
    assert isinstance(rig.screen.body, DarkBody)
    assert actions_of(rig.screen) == ()


def test_it_is_dark_at_the_end_of_its_hours_and_bright_at_their_beginning() -> None:
    async def story(rig: Rig) -> None:
        assert rig.screen.name == "start"
        await rig.until(lambda s: s.dark, 200)
        assert rig.screen.name == "dark"
        await rig.until(lambda s: not s.dark, 400)
        assert rig.screen.name == "start"

    on, off = BEGIN + timedelta(minutes=5), BEGIN + timedelta(minutes=2)
    play(story, station=lit(f"{on:%H:%M}-{off:%H:%M}"))  # all day and night but three minutes


async def touch(rig: Rig) -> None:
    await rig.kiosk.request("touch", {})


async def key(rig: Rig) -> None:
    await rig.kiosk.request("key", {"key": "F12"})


async def keypad(rig: Rig) -> None:
    await rig.key("down")


async def headset(rig: Rig) -> None:
    await rig.headset(plugged=True)


async def card(rig: Rig) -> None:
    await rig.scan(KAREN)


async def book(rig: Rig) -> None:
    await rig.lay(BOOK)


@pytest.mark.parametrize(
    ("way", "phases"),
    [
        (touch, {Phase.START}),
        (key, {Phase.START}),
        (keypad, {Phase.START}),
        (headset, {Phase.START}),
        (card, {Phase.PIN}),
        (book, {Phase.LOOKING, Phase.CARD, Phase.RETURN}),
    ],
    ids=["touch", "key", "keypad", "headset", "card", "book"],
)
def test_whoever_comes_wakes_it_and_it_is_dark_again_by_itself(
    way: Callable[[Rig], Coroutine[Any, Any, None]], phases: set[Phase]
) -> None:
    async def story(rig: Rig) -> None:
        await wait_for_dark(rig)
        await way(rig)
        await rig.until(lambda s: not s.dark and s.phase in phases)
        await rig.pause(0.2)
        assert rig.screen.name != "dark"
        if way is book:
            await rig.pause(5)
            await rig.lift()
        await rig.until(lambda s: s.dark, 1000)
        assert not rig.state.aloud, "the next person finds the plain screen"
        assert not rig.state.large_text

    play(story, station=lit(span(-180, 60), ACCESSIBLE))


def test_a_visit_at_night_is_never_in_the_dark() -> None:
    async def story(rig: Rig) -> None:
        await wait_for_dark(rig)
        await rig.scan(KAREN)
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1 and not s.unsettled)
        seen = len(rig.snapshots)
        await rig.pause(85)
        await rig.press("continue")
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 120)
        assert all(shot.screen.name != "dark" for shot in rig.snapshots[seen:])
        assert rig.screen.name == "start", "it stays on a while for who comes next"
        await wait_for_dark(rig)

    play(story, station=LONG_AGO)


def test_an_out_of_order_screen_is_dark_too_and_a_touch_shows_it(heard: Heard) -> None:
    heard.expect("library.line.dropped")

    async def story(rig: Rig) -> None:
        await rig.stage.do("unplug", {"device": "library"})
        await rig.until(lambda s: s.phase is Phase.CLOSED, 300)
        await rig.until(lambda s: s.dark, 300)
        await touch(rig)
        await rig.until(lambda s: not s.dark)
        await rig.pause(0.2)
        assert rig.screen.name == "closed"

    play(story, station=LONG_AGO + "\n[offline]\nlend = false\ntake_back = false\n")


def test_staff_keeps_the_screen_on_and_it_is_written_down_and_stands_after_a_restart(
    tmp_path: Path,
) -> None:
    async def whole() -> None:
        stage = Stage(load("first-loan"), pace="none")
        stage.begin()
        first = Rig(stage=stage, database=tmp_path / "station.db", station=LONG_AGO)
        await first.start()
        await first.until(lambda s: s.phase is Phase.START)
        member = await first.staff_in()
        await first.press("staff.devices")
        await first.press("staff.screen")
        assert page(first) is Page.SCREEN
        await first.press("staff.screen.lit")
        await first.until(lambda s: s.staff is not None and not s.staff.working)
        assert page(first) is Page.DEVICES
        assert "Tændt" in first.words()
        assert "til midnat" in first.words()
        await first.press("staff.leave")
        await first.pause(400)
        assert not first.state.dark
        await first.kill()
        again = Rig(stage=stage, database=tmp_path / "station.db", seed=8, station=LONG_AGO)
        await again.start()
        await again.until(lambda s: s.phase is Phase.START)
        await again.pause(400)
        assert not again.state.dark
        (row,) = await told(again, "station.setting")
        midnight = datetime.combine(BEGIN.date() + timedelta(days=1), datetime.min.time(), ZONE)
        assert (row["setting"], row["value"], row["staff"]) == ("screen", "lit", member.id)
        assert datetime.fromisoformat(row["until"]) == midnight
        (act,) = await told(again, "staff.acted")
        assert (act["act"], act["detail"], act["staff"]) == ("settings", "lit", member.id)
        await again.staff_way_in()
        await again.press("staff.devices")
        await again.press("staff.screen")
        await again.press("staff.screen.planned")
        await again.press("staff.leave")
        await again.until(lambda s: s.dark, 300)
        await again.stop()
        await stage.close()

    run(whole())


def test_staff_sets_the_sound_and_silence_ends_when_the_house_closes() -> None:
    async def story(rig: Rig) -> None:
        levels: list[int | None] = []
        await rig.staff_in()
        assert loud(rig) == -12
        for value in ("lower", "louder", "silent", "planned"):
            await rig.press("staff.devices")
            await rig.press("staff.sound")
            await rig.press(f"staff.sound.{value}")
            await rig.until(lambda s: s.staff is not None and not s.staff.working)
            levels.append(loud(rig))
        assert levels == [-22, -2, None, -12]
        await rig.press("staff.sound")
        closing = BEGIN + timedelta(minutes=4)
        assert f"{closing:%H.%M}" in rig.words()
        await rig.press("staff.sound.silent")
        await rig.press("staff.leave")
        await rig.pause(90)
        assert loud(rig) is None
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.pause(240)
        assert loud(rig) == -12

    hours = f'\n[opening.{BEGIN:%A}]\nopen = "{span(-60, 64)}"\n'.lower()
    play(story, station=STATION + hours)


def test_quiet_hours_silence_cues_and_no_setting_of_staff_wakes_them() -> None:
    async def story(rig: Rig) -> None:
        await rig.staff_in()
        await rig.press("staff.devices")
        assert "Stille nu, som planlagt" in rig.words()
        await rig.press("staff.sound")
        await rig.press("staff.sound.louder")
        await rig.press("staff.leave")
        await rig.scan(KAREN)
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.pause(0.2)
        assert rig.screen.cue is Cue.ITEM_OK, "its mark stands on the screen"
        assert loud(rig) is None

    play(story, station=f'{STATION}\n[sound.quiet]\nevery_day = "{span(-60, 180)}"\n')


def test_a_viewer_sees_how_it_is_and_sets_nothing() -> None:
    async def story(rig: Rig) -> None:
        await rig.staff_in(Role.VIEWER)
        await rig.press("staff.devices")
        there = {action.id for action in actions_of(rig.screen)}
        assert not there & {"staff.sound", "staff.screen"}
        for guess in ("staff.sound", "staff.sound.silent", "staff.screen.lit"):
            await rig.kiosk.request("press", {"action": guess})
        await rig.pause(0.3)
        assert page(rig) is Page.DEVICES
        assert not await told(rig, "station.setting")

    play(story, station=LONG_AGO)
