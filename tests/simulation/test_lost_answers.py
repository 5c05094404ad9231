"""What was lost on its way to the library system is nobody's refusal: it is said so, and done again by whoever asked."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from drivers.ports import Online
from drivers.store import effects
from kiosk.lending.backs import BackState
from kiosk.lending.helds import HeldState
from kiosk.lending.lents import LentState
from kiosk.lending.rows import Reservation, RowState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.outage import (
    BO,
    BOOK,
    CARD,
    Way,
    afi,
    asked,
    back_again,
    cases,
    leave,
    lent,
    library,
    told,
    welcome,
)
from tests.simulation.rig import STATION, Rig, play
from tests.simulation.test_holds import look, reserve
from tests.simulation.test_renewing import look as look_at_loans
from tests.simulation.test_renewing import renewals
from tests.simulation.test_reserving import hers, refused
from tests.simulation.test_tags_in_trouble import signed_in

BORROW, BACK, RENEW, HOLD = "11", "09", "29", "15"

Meanwhile = Callable[[Rig], Awaitable[None]]
Absence = Callable[[Rig, Meanwhile], Awaitable[None]]


@pytest.fixture(autouse=True)
def lines_may_drop(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")


@pytest.fixture(params=["sip2", "fbs"])
def way(request: pytest.FixtureRequest) -> Way:
    return Way(request.param)


async def lose(rig: Rig, way: Way, message: str) -> None:
    """The next of these comes to nothing, and is never answered."""
    fault = "http_503" if way.name == "fbs" else "drop_before_commit"
    await rig.fault("library", fault, only=message, count=1)


def test_a_loan_that_was_lost_is_asked_onto_the_pad_again_and_lent(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await lose(rig, way, BORROW)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and s.rows[0].state is RowState.REFUSED, 120)
        assert "Kan ikke lånes" not in rig.words()
        assert "personalet" not in rig.words()
        assert "Det lykkedes ikke | Læg det på igen." in rig.words()
        assert await afi(rig, BOOK) == {"07"}
        await rig.lift()
        await rig.pause(1)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert BOOK in await rig.loans()
        assert await cases(rig) == []

    way.play(story)


def test_a_renewal_that_was_lost_may_be_pressed_again(way: Way) -> None:
    async def story(rig: Rig) -> None:
        library(rig).checkout(CARD, BOOK, rig.stage.world.now() - timedelta(days=23))
        await look_at_loans(rig)
        await lose(rig, way, RENEW)
        await rig.press("renew.all")
        await rig.until(lambda s: bool(s.lents[0].reason), 120)
        assert rig.state.lents[0].state is LentState.LENT
        assert "0 af 1 fornyet" in rig.words()
        assert "Det lykkedes ikke. Prøv igen." in rig.words()
        assert "Kan ikke fornyes" not in rig.words()
        assert await renewals(rig) == {BOOK: 0}
        await rig.press(f"renew.{rig.state.lents[0].id}")
        await rig.until(lambda s: s.lents[0].state is LentState.RENEWED)
        assert "Det lykkedes ikke" not in rig.words()
        assert await renewals(rig) == {BOOK: 1}

    way.play(story)


def test_a_cancelling_that_was_lost_may_be_pressed_again(way: Way) -> None:
    async def story(rig: Rig) -> None:
        reserve(rig)
        await look(rig)
        cancel = f"cancel.{rig.state.helds[0].id}"
        await lose(rig, way, HOLD)
        await rig.press(cancel)
        await rig.press("cancel.yes")
        await rig.until(lambda s: s.helds[0].state is HeldState.REFUSED, 120)
        assert "Det lykkedes ikke. Prøv igen." in rig.words()
        await rig.press(cancel)
        await rig.press("cancel.yes")
        await rig.until(lambda s: s.helds[0].state is HeldState.CANCELLED)

    way.play(story)


def test_a_hold_that_was_lost_may_be_asked_for_again(way: Way) -> None:
    async def story(rig: Rig) -> None:
        ask = await refused(rig)
        await lose(rig, way, HOLD)
        await rig.press(ask)
        await rig.until(lambda s: s.rows[0].reservation is Reservation.LOST, 120)
        assert "Det lykkedes ikke at reservere. Prøv igen." in rig.words()
        assert hers(rig) == 0
        await rig.press(ask)
        await rig.until(lambda s: s.rows[0].reservation is Reservation.PLACED)
        assert hers(rig) == 1

    way.play(story)


def test_what_the_library_system_does_refuse_is_still_called_so(way: Way) -> None:
    async def story(rig: Rig) -> None:
        library(rig).items[BOOK].not_for_loan = True
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and s.rows[0].state is RowState.REFUSED)
        assert "Det lykkedes ikke" not in rig.words()
        assert rig.state.phase is Phase.BORROW

    way.play(story)


async def leave_unanswered(rig: Rig, *, carried_out: bool) -> None:
    """A book comes back; the library system takes it back or not, and its line is cut before it can say so."""
    await rig.fault("library", "silent", only=BACK, count=None, work=carried_out)
    await rig.press("return")
    await rig.lay(BOOK)
    await rig.until(lambda s: bool(s.backs) and s.backs[0].state is BackState.ASKING)
    await rig.pause(2)
    assert (BOOK not in await rig.loans()) is carried_out


async def another_machine_lends(rig: Rig) -> None:
    """Bo borrows it there."""
    welcome(rig)
    library(rig).checkout(BO, BOOK, rig.stage.world.now())


async def cut_off(rig: Rig, meanwhile: Meanwhile) -> None:
    """The cable is out for minutes; the person is let go with what was written down, and it is told when it is back."""
    await rig.stage.do("unplug", {"device": "library"})
    await rig.until(lambda s: s.backs[0].state is BackState.RETURNED, 120)
    await leave(rig)
    await rig.pause(300)
    await meanwhile(rig)
    await rig.stage.do("clear", {"device": "library"})
    await back_again(rig)
    await told(rig)


async def switched_off(rig: Rig, meanwhile: Meanwhile) -> None:
    """The power fails for minutes, and the machine settles what it finds when it is on again."""
    await rig.kill()
    await rig.lift()
    await rig.pause(300)
    await meanwhile(rig)
    await rig.stage.do("clear", {"device": "library"})
    await rig.start()
    await rig.until(lambda s: s.devices.library is Online.ONLINE, 120)
    await settled(rig)


async def away_for_a_moment(rig: Rig, meanwhile: Meanwhile) -> None:
    """The power fails for seconds."""
    await rig.kill()
    await rig.lift()
    await meanwhile(rig)
    await rig.stage.do("clear", {"device": "library"})
    await rig.start()
    await rig.until(lambda s: s.devices.library is Online.ONLINE, 120)
    await settled(rig)


async def settled(rig: Rig) -> None:
    for _ in range(300):
        if not await rig.store.read(effects.open_rows):
            return
        await rig.pause(0.2)
    raise AssertionError("left open")


ABSENCES = (cut_off, switched_off, away_for_a_moment)


@pytest.mark.parametrize("absence", ABSENCES)
def test_a_return_whose_answer_was_lost_never_ends_what_another_machine_lent(
    way: Way, absence: Absence, tmp_path: Path
) -> None:
    async def story(rig: Rig) -> None:
        await lent(rig, BOOK)
        await leave_unanswered(rig, carried_out=True)
        await absence(rig, another_machine_lends)
        assert (await rig.loans())[BOOK]["patron_card"] == BO
        assert await cases(rig) == [f"return_unknown {BOOK}"], "staff looks it up"
        assert [line["outcome"] for line in await asked(rig, BACK)] == ["done"], "told once"

    way.play(story, database=tmp_path / "station.db")


@pytest.mark.parametrize("absence", ABSENCES[:2])
def test_nor_where_both_loans_are_of_the_same_day(
    way: Way, absence: Absence, tmp_path: Path
) -> None:
    async def story(rig: Rig) -> None:
        library(rig).checkout(CARD, BOOK, rig.stage.world.now())
        await leave_unanswered(rig, carried_out=True)
        due = library(rig).items[BOOK].loan_days
        await absence(rig, another_machine_lends)
        loan = (await rig.loans())[BOOK]
        assert loan["patron_card"] == BO
        assert loan["due"] == (rig.stage.world.now() + timedelta(days=due)).date().isoformat()
        assert await cases(rig) == [f"return_unknown {BOOK}"]

    way.play(story, database=tmp_path / "station.db")


@pytest.mark.parametrize("absence", ABSENCES)
@pytest.mark.parametrize("carried_out", [True, False])
def test_a_return_whose_answer_was_lost_ends_without_staff_where_nobody_has_borrowed_since(
    way: Way, absence: Absence, carried_out: bool, tmp_path: Path
) -> None:
    async def nothing(_: Rig) -> None:
        pass

    async def story(rig: Rig) -> None:
        library(rig).checkout(CARD, BOOK, rig.stage.world.now() - timedelta(days=24))
        await leave_unanswered(rig, carried_out=carried_out)
        await absence(rig, nothing)
        assert await rig.loans() == {}
        assert await cases(rig) == []

    way.play(story, database=tmp_path / "station.db")


@pytest.mark.parametrize("absence", ABSENCES[:2])
def test_where_a_due_date_is_not_asked_for_staff_is_asked_rather_than_guessed(
    absence: Absence, tmp_path: Path
) -> None:
    async def nothing(_: Rig) -> None:
        pass

    async def story(rig: Rig) -> None:
        library(rig).checkout(CARD, BOOK, rig.stage.world.now() - timedelta(days=24))
        await leave_unanswered(rig, carried_out=False)
        await absence(rig, nothing)
        assert set(await rig.loans()) == {BOOK}
        assert await cases(rig) == [f"return_unknown {BOOK}"]

    station = STATION + "\n[returns]\nask_first = false\n"
    play(story, station=station, database=tmp_path / "station.db")
