"""Visits as people and clocks make them: who leaves too soon, cards that come twice, time that jumps, long names."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.texts import Channel
from drivers.store import effects
from hw_sim.scenario import Scenario, load
from kiosk.lending.rows import RowState
from kiosk.lending.state import Over, Phase
from tests.simulation.rig import CATALOGUE, STATION, Rig, play
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, cases, owed, signed_in

LONG_NAME = "Karen " + "Testesen-" * 22 + "Ende"


def jump(rig: Rig, by: timedelta) -> None:
    """The wall clock is set; monotonic time goes on as before."""
    clock: Any = rig.kiosk._parts.clock
    clock._start += by


@pytest.mark.parametrize("hours", [-2, -1, 1, 24 * 40])
def test_a_clock_that_is_set_in_a_visit_ends_nothing_and_hastens_nothing(hours: int) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        jump(rig, timedelta(hours=hours))
        await rig.pause(50)
        assert rig.state.over is Over.NOTHING
        assert rig.state.phase is Phase.BORROW
        await rig.lay(OTHER)
        await rig.until(lambda s: len(s.done) == 2)
        await rig.until(lambda s: s.over is Over.IDLE, 70)
        await rig.press("continue")
        await rig.press("finish.print")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 90)
        assert sorted(await rig.loans()) == sorted([BOOK, OTHER])

    play(story)


@pytest.mark.parametrize("night", ["2026-10-25T02:59:30+02:00", "2026-03-29T01:59:30+01:00"])
def test_a_visit_over_the_hour_that_comes_twice_or_not_at_all(night: str) -> None:
    scenario = replace(load("first-loan"), today=datetime.fromisoformat(night))

    async def story(rig: Rig) -> None:
        before = rig.kiosk._parts.clock.now().astimezone(ZoneInfo("Europe/Copenhagen"))
        await signed_in(rig)
        await rig.pause(40)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("finish.print")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 90)
        after = rig.kiosk._parts.clock.now().astimezone(ZoneInfo("Europe/Copenhagen"))
        assert before.utcoffset() != after.utcoffset(), "the clocks have changed meanwhile"
        lent = await rig.store.read(lambda txn: effects.newest_of(txn, "borrow", BOOK))
        assert lent is not None
        assert timedelta(0) < after - lent.occurred_at < timedelta(minutes=3)
        assert sorted(await rig.loans()) == [BOOK]

    play(story, scenario=scenario)


def test_who_walks_away_in_mid_write_keeps_her_loan_and_nobody_gets_her_name() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=BOOK)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows))
        await rig.until(lambda s: s.phase is Phase.START, 300)
        assert sorted(await rig.loans()) == [BOOK]
        assert await cases(rig) == [f"still_armed {BOOK}"]
        assert await owed(rig) == 1
        assert "Karen" not in repr(rig.state)

    play(story)


def test_a_card_that_is_scanned_twice_is_one_card() -> None:
    async def story(rig: Rig) -> None:
        for _ in range(3):
            await rig.stage.do("scan", {"text": "1234567890"})
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.scan("1234567890")
        await rig.pause(2)
        assert rig.state.phase is Phase.BORROW
        assert not any(row.item == "1234567890" for row in rig.state.rows)

    play(story)


def test_another_card_while_the_pin_is_typed_begins_that_cards_sign_in() -> None:
    async def story(rig: Rig) -> None:
        await rig.scan("1234567891")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.press("key.9")
        await rig.scan("1234567890")
        await rig.until(lambda s: not s.busy)
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        assert rig.state.visit.patron is not None
        assert rig.state.visit.patron.card.reveal() == "1234567890"

    play(story)


def named(name: str) -> Scenario:
    scenario = load("first-loan")
    patron: Any = scenario.patrons[0]
    patron["name"] = name
    return scenario


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        (LONG_NAME, "Hej Karen"),
        ("X" * 200, f"Hej {'X' * 24}"),
        ("", "Automat 2"),
        ("  ", "Automat 2"),
    ],
)
def test_a_name_of_any_length_is_greeted_by_its_first_word(name: str, greeting: str) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        corner = rig.screen.corner
        assert corner is not None
        assert CATALOGUE.say(corner, "da", Channel.PAPER) == greeting

    play(story, scenario=named(name))


def test_more_items_than_one_visit_takes_are_named_and_told_what_to_do() -> None:
    """Four where two may go: two are lent, two stay by name, and are lent in the next visit."""
    items = (BOOK, OTHER, "3846646474", "3846646482")
    station = STATION.replace("[nearest]", "[lending]\nmost_items = 2\n[nearest]", 1)

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(*items)
        await rig.until(lambda s: len(s.done) == 2 and len(s.rows) == 4)
        await rig.until(lambda s: all(row.title for row in s.rows))
        said = rig.words()
        assert "2 af 4 lånt" in said
        assert "Afslut, og lån så resten." in said
        assert "Læg flere på" not in said
        left = [row for row in rig.state.rows if row.state is RowState.REFUSED]
        assert all(row.title in said for row in left)
        assert said.count("Afslut først. Log så ind igen, og lån resten.") == 2
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.END)
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 90)
        (job,) = (await rig.truth())["devices"]["printer"]["jobs"]
        assert "2 ikke lånt" in job["texts"]
        assert all(row.title in " ".join(job["texts"]) for row in left)
        await signed_in(rig)
        await rig.lay(*(row.item for row in left))
        await rig.until(lambda s: len(s.done) == 2)
        assert sorted(await rig.loans()) == sorted(items)

    play(story, station=station)
