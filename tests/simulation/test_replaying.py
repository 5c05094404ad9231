"""What was done while the library system was away is told to it: by itself, in order, once, with its own date."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drivers.ports import Online, Txn
from drivers.service import records
from drivers.service.records import open_cases
from drivers.service.roles import Role
from drivers.store import debts, effects
from hw_sim.scenario import load
from kiosk.lending.backs import BackState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.outage import (
    BO,
    BOOK,
    CARD,
    CPR,
    LONG,
    MORE,
    OTHER,
    Way,
    afi,
    asked,
    away,
    back_again,
    borrow,
    cases,
    ends,
    give_back,
    gone,
    leave,
    lent,
    library,
    told,
    welcome,
    with_card,
)
from tests.simulation.rig import Rig, play


@pytest.fixture(autouse=True)
def lines_may_drop(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")


@pytest.fixture(params=["sip2", "fbs"])
def way(request: pytest.FixtureRequest) -> Way:
    return Way(request.param)


def test_what_is_borrowed_offline_is_told_by_itself_as_it_happened(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        assert "Nødsystem" in rig.words()
        assert "Du kan låne og aflevere. Det registreres senere." in rig.words()
        before = rig.stage.world.now()
        await with_card(rig)
        await rig.lay(BOOK, OTHER)
        await rig.until(lambda s: len(s.done) == 2)
        assert "Registreres senere" in rig.words()
        assert "Foreløbig frist" in rig.words()
        assert await afi(rig, BOOK) == {"c2"}
        await leave(rig)
        assert await rig.loans() == {}
        after = rig.stage.world.now()
        await rig.pause(20)
        await back_again(rig)
        await told(rig)
        loans = await rig.loans()
        assert set(loans) == {BOOK, OTHER}
        due = (before + timedelta(days=31)).date().isoformat()
        assert {loan["due"] for loan in loans.values()} == {due}
        for line in await asked(rig, "11"):
            assert line["no_block"]
            assert line["outcome"] == "done"
            assert (
                before - timedelta(seconds=1) <= datetime.fromisoformat(line["occurred"]) <= after
            )
        assert await rig.store.read(effects.open_rows) == ()
        assert await rig.store.read(debts.open_debts) == ()
        assert await cases(rig) == []

    way.play(story)


def raw(folder: Path) -> bytes:
    """Every byte of the database and its log."""
    return b"".join(one.read_bytes() for one in folder.iterdir())


async def a_day_off(rig: Rig) -> None:
    """The machine is switched off, and on again a day later."""
    await rig.stop()
    await rig.pause(86400)
    await rig.start()


def test_a_day_later_and_after_a_restart_it_is_told_with_its_own_date(
    way: Way, tmp_path: Path
) -> None:
    file = tmp_path / "station.db"

    async def story(rig: Rig) -> None:
        await away(rig)
        before = rig.stage.world.now()
        await borrow(rig, BOOK)
        await give_back(rig, BOOK)
        await borrow(rig, OTHER, card=CPR)
        for planted in (CARD, CPR):
            assert planted.encode() not in raw(tmp_path), "in the clear in the database"
            assert planted.encode("utf-16-le") not in raw(tmp_path)
        await a_day_off(rig)
        await rig.until(lambda s: s.devices.library is Online.OFFLINE, 120)
        assert rig.kiosk._doing.queue().rows == 3
        await back_again(rig)
        await told(rig)
        lines = await asked(rig, "11", "09")
        assert [(line["message"], line["item"]) for line in lines] == [
            ("11", BOOK), ("09", BOOK), ("11", OTHER),
        ]  # fmt: skip
        for line in lines:
            assert line["outcome"] == "done"
            assert line["no_block"]
            occurred = datetime.fromisoformat(line["occurred"])
            assert before <= occurred + timedelta(seconds=1) <= before + timedelta(minutes=10)
            assert datetime.fromisoformat(line["at"]) - occurred > timedelta(hours=23)
        assert set(await rig.loans()) == {OTHER}
        assert await cases(rig) == []
        assert CARD.encode() not in raw(tmp_path)

    way.play(story, database=file)


def test_an_item_that_somebody_else_has_since_is_left_to_staff_with_all_that_is_known(
    way: Way,
) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await borrow(rig, BOOK)
        welcome(rig)
        library(rig).checkout(BO, BOOK, rig.stage.world.now())
        await back_again(rig)
        await told(rig)
        assert (await rig.loans())[BOOK]["patron_card"] == BO, "another's loan stands"
        assert await cases(rig) == [f"replay_refused {BOOK}"]
        (case,) = await rig.store.read(open_cases)

        def look(txn: Txn) -> Any:
            records.add_staff(txn, id="a1", role=Role.STAFF, means=(), pin_hash="x", by="")
            return records.sealed_of_case(txn, case.id, who="a1")

        (known,) = await rig.store.write(look)
        assert known["card"].reveal() == CARD
        assert known["item"].reveal() == BOOK
        assert known["reason"].reveal() == "item.on_loan"
        assert known["due"].reveal()
        (ended,) = await ends(rig)
        assert ended == ("effect.refused", "item.on_loan")

    way.play(story)


def test_staff_may_have_a_refused_row_told_once_more_with_its_own_date(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await borrow(rig, BOOK)
        due = (rig.stage.world.now() + timedelta(days=31)).date().isoformat()
        welcome(rig)
        library(rig).checkout(BO, BOOK, rig.stage.world.now())
        await back_again(rig)
        await told(rig)
        (case,) = await rig.store.read(open_cases)
        (sealed,) = await rig.store.read(lambda txn: records.sealed_in_case(txn, case.id))
        assert not await rig.kiosk._doing.again(BOOK, sealed), "it is still on loan to Bo"
        library(rig).checkin(BOOK, rig.stage.world.now())
        assert await rig.kiosk._doing.again(BOOK, sealed)
        (same,) = await rig.store.read(open_cases)
        assert (same.id, same.seen) == (case.id, 1)
        loan = (await rig.loans())[BOOK]
        assert (loan["patron_card"], loan["due"]) == (CARD, due)
        assert [reason for _, reason in await ends(rig)] == ["item.on_loan", "item.on_loan", ""]

    way.play(story)


def test_an_item_on_its_way_to_another_library_is_not_lent_afterwards(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await borrow(rig, BOOK)
        library(rig).items[BOOK].status = "10"
        await back_again(rig)
        await told(rig)
        assert await rig.loans() == {}
        assert await cases(rig) == [f"replay_refused {BOOK}"]

    way.play(story)


def test_a_card_that_the_library_does_not_know_is_left_to_staff(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await with_card(rig, "9999999999")
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await leave(rig)
        await borrow(rig, OTHER)
        await back_again(rig)
        await told(rig)
        assert set(await rig.loans()) == {OTHER}, "one refusal holds no other row"
        assert await cases(rig) == [f"replay_refused {BOOK}"]

    way.play(story)


def test_two_kiosks_that_tell_of_the_same_item_leave_no_loan_of_a_book_that_is_back(
    way: Way,
) -> None:
    """The other one took it back, and was reached first."""

    async def story(rig: Rig) -> None:
        await away(rig)
        await borrow(rig, BOOK)
        await give_back(rig, OTHER)  # lent at another kiosk, which has not been reached yet
        await back_again(rig)
        await told(rig)
        assert set(await rig.loans()) == {BOOK}
        assert await cases(rig) == [f"replay_not_lent {OTHER}"]
        assert await afi(rig, OTHER) == {"07"}

    way.play(story)


def test_a_reserved_item_that_came_back_offline_is_looked_for(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await lent(rig, BOOK)
        welcome(rig)
        library(rig).hold("+", BO, BOOK, rig.stage.world.now(), pickup="Borgernes Hus")
        await away(rig)
        await give_back(rig, BOOK)
        await back_again(rig)
        await told(rig)
        assert await rig.loans() == {}
        assert await cases(rig) == [f"replay_misplaced {BOOK}"]

    way.play(story)


@pytest.mark.parametrize("message", ["11", "17", "09"])
@pytest.mark.parametrize("fault", ["drop_after_commit", "silent"])
def test_an_answer_that_is_lost_while_replaying_is_asked_for(
    way: Way, message: str, fault: str
) -> None:
    async def story(rig: Rig) -> None:
        await lent(rig, OTHER)
        await away(rig)
        await borrow(rig, BOOK)
        await give_back(rig, OTHER)
        await rig.fault("library", fault, only=message, count=1)
        await back_again(rig)
        await told(rig)
        loans = await rig.loans()
        assert set(loans) == {BOOK}
        assert loans[BOOK]["renewals"] == 0
        assert [e for e, _ in await ends(rig)] == ["effect.confirmed", "effect.confirmed"]

    way.play(story)


def test_the_library_system_may_go_away_again_while_it_is_told(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await borrow(rig, BOOK, OTHER)
        await back_again(rig)
        await rig.until(lambda s: s.devices.library is Online.REPLAYING, 120)
        await away(rig)
        await rig.pause(30)
        await back_again(rig)
        await told(rig)
        loans = await rig.loans()
        assert set(loans) == {BOOK, OTHER}
        assert {loan["renewals"] for loan in loans.values()} == {0}
        assert await cases(rig) == []

    way.play(story)


def test_what_waits_for_an_item_goes_before_what_is_done_to_it_now(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await borrow(rig, BOOK, OTHER, *MORE)
        await back_again(rig)
        await rig.until(lambda s: s.devices.library is Online.REPLAYING, 120)
        last = MORE[-1]
        await rig.press("return")
        await rig.lay(last)
        await rig.until(lambda s: bool(s.backs) and s.backs[0].state is BackState.RETURNED, 60)
        lines = [
            (a["message"], a["no_block"]) for a in await asked(rig, "11", "09") if a["item"] == last
        ]
        assert lines == [("11", True), ("09", False)]
        await leave(rig)
        await told(rig)
        assert last not in await rig.loans()

    way.play(story)


def test_a_visit_is_not_held_up_by_what_is_told_behind_it(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await borrow(rig, BOOK, OTHER, *MORE)
        await back_again(rig)
        await rig.until(lambda s: s.devices.library is Online.REPLAYING, 120)
        welcome(rig)
        await rig.sign_in(BO, "4321")
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(LONG)
        await rig.until(lambda s: len(s.done) == 1)
        mine = [n for n, a in enumerate(await asked(rig, "11", "17")) if a["item"] == LONG]
        told_of = [n for n, a in enumerate(await asked(rig, "11", "17")) if a["item"] != LONG]
        assert mine[-1] < told_of[-1] or rig.kiosk._doing.queue().rows, "she did not wait for all"
        await leave(rig)
        await told(rig)

    way.play(story)


def test_an_item_may_go_out_and_come_back_and_go_out_again(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        for _ in range(2):
            await borrow(rig, BOOK)
            await give_back(rig, BOOK)
        await borrow(rig, BOOK)
        await back_again(rig)
        await told(rig)
        assert [a["message"] for a in await asked(rig, "11", "09")] == [
            "11",
            "09",
            "11",
            "09",
            "11",
        ]
        assert set(await rig.loans()) == {BOOK}
        assert await cases(rig) == []

    way.play(story)


def test_a_clock_that_is_set_back_does_not_let_a_return_overtake_its_loan(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await borrow(rig, BOOK)
        clock = rig.kiosk._parts.clock
        clock._start -= timedelta(hours=1)  # type: ignore[attr-defined]
        await give_back(rig, BOOK)
        clock._start += timedelta(days=3)  # type: ignore[attr-defined]
        await borrow(rig, OTHER)
        assert rig.state.devices.offline_lends, "no clock on the wall ends the lending"
        await back_again(rig)
        await told(rig)
        assert [(a["message"], a["item"]) for a in await asked(rig, "11", "09")] == [
            ("11", BOOK), ("09", BOOK), ("11", OTHER),
        ]  # fmt: skip
        assert set(await rig.loans()) == {OTHER}

    way.play(story)


def test_the_hour_that_comes_twice_changes_neither_order_nor_date() -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await borrow(rig, BOOK)  # 2.5x summer time
        await rig.pause(900)
        await give_back(rig, BOOK)  # 2.0x winter time
        rows = await rig.store.read(effects.queued)
        assert [row.occurred_at.utcoffset() for row in rows] == [
            timedelta(hours=2),
            timedelta(hours=1),
        ]
        assert rows[0].occurred_at < rows[1].occurred_at
        assert rows[0].occurred_at.time() > rows[1].occurred_at.time()
        await back_again(rig)
        await told(rig)
        lines = await asked(rig, "11", "09")
        assert [line["message"] for line in lines] == ["11", "09"]
        said = [datetime.fromisoformat(line["occurred"]).strftime("%H") for line in lines]
        assert said == ["02", "02"]
        assert await rig.loans() == {}

    today = datetime.fromisoformat("2026-10-25T02:50:00+02:00")
    play(story, scenario=replace(load("first-loan"), today=today))


@pytest.mark.parametrize("up_s", [3, 14, 40], ids=["not believed yet", "just believed", "for long"])
def test_a_line_that_comes_and_goes_while_all_is_told_turns_no_order_and_does_nothing_twice(
    way: Way, up_s: int
) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await borrow(rig, BOOK)
        await give_back(rig, BOOK)
        await borrow(rig, BOOK, OTHER)
        for _ in range(4):
            await rig.fault("library", "drop_after_commit", only=["11", "09"], count=1)
            await back_again(rig)
            await rig.pause(up_s)
            await rig.stage.do("clear", {"device": "library"})
            await gone(rig)
            await rig.pause(7)
        await back_again(rig)
        await told(rig)
        done = [
            (line["message"], line["item"])
            for line in await asked(rig, "11", "09")
            if line["outcome"] == "done"
        ]
        assert [line for line in done if line[1] == BOOK] == [
            ("11", BOOK), ("09", BOOK), ("11", BOOK),
        ]  # fmt: skip
        assert [line for line in done if line[1] == OTHER] == [("11", OTHER)]
        assert set(await rig.loans()) == {BOOK, OTHER}
        assert await cases(rig) == []
        assert await rig.store.read(effects.open_rows) == ()

    way.play(story)
