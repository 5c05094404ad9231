"""What was lost on its way to the library system is nobody's refusal: it is said so, and done again by whoever asked."""

from datetime import timedelta

import pytest

from kiosk.lending.helds import HeldState
from kiosk.lending.lents import LentState
from kiosk.lending.rows import Reservation, RowState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.outage import BOOK, CARD, Way, afi, cases, library
from tests.simulation.rig import Rig
from tests.simulation.test_holds import look, reserve
from tests.simulation.test_renewing import look as look_at_loans
from tests.simulation.test_renewing import renewals
from tests.simulation.test_reserving import hers, refused
from tests.simulation.test_tags_in_trouble import signed_in

BORROW, RENEW, HOLD = "11", "29", "15"


@pytest.fixture(autouse=True)
def lines_may_drop(heard: Heard) -> None:
    heard.expect("library.line.dropped")


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
