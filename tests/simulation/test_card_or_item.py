"""What a number is that is scanned or typed before anybody has signed in: a card's or an item's, and who says so."""

import pytest

from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.outage import BO, gone
from tests.simulation.rig import STATION, Rig, play


@pytest.fixture(autouse=True)
def lines_may_drop(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down", "reader.lost")


@pytest.mark.parametrize("how", ["broken", "silent"])
def test_a_number_that_was_typed_before_the_line_went_signs_nobody_in(how: str) -> None:
    async def story(rig: Rig) -> None:
        await rig.press("borrow")
        await rig.press("type")
        for digit in BO:
            await rig.press(f"key.{digit}")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await gone(rig, how)
        await rig.enter_pin("0000")
        await rig.until(lambda s: s.visit.notice == "card.not_typed")
        assert rig.state.phase is Phase.CARD
        assert (rig.state.visit.card, rig.state.visit.typed.reveal()) == (None, "")
        assert "Vis kortet. I nødsystemet kan nummeret ikke tastes." in rig.words()
        assert not rig.state.tries, "nobody said that her PIN was wrong"

    play(story)


def test_a_library_that_believes_typed_numbers_goes_on_with_one() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("borrow")
        await rig.press("type")
        for digit in BO:
            await rig.press(f"key.{digit}")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await gone(rig)
        await rig.enter_pin("0000")
        await rig.until(lambda s: s.phase is Phase.BORROW)

    play(story, station=STATION + "\n[offline]\ntyped_cards = true\n")
