"""What a number is that is scanned or typed before anybody has signed in: a card's or an item's, and who says so."""

from pathlib import Path

import pytest

from drivers.service.view import EntryBody
from kiosk.lending.state import Over, Phase
from tests.conftest import Heard
from tests.simulation.outage import (
    BO,
    BOOK,
    CARD,
    OTHER,
    afi,
    asked,
    away,
    back_again,
    cases,
    gone,
    told,
)
from tests.simulation.rig import STATION, Rig, play
from tests.simulation.test_cards import CARD as WITH_READER
from tests.simulation.test_degraded import without
from tests.simulation.test_scans import TELLING

HEALTH_CARD = "3002991234"
TAKEN = "Materialet er med."
ASKED = "Scannede du stregkoden på et materiale?"


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


# --- without a pad: the screen asks for items -------------------------------------------------------


@pytest.mark.parametrize("station", [STATION, TELLING])
def test_without_a_pad_items_are_scanned_before_the_card_and_lent_to_it(station: str) -> None:
    async def story(rig: Rig) -> None:
        await without(rig, "pad")
        assert "Scan stregkoden på materialet, eller scan dit kort" in rig.words()
        for n, item in enumerate((BOOK, OTHER), 1):
            await rig.scan(item)
            await rig.until(lambda s, n=n: len(s.rows) == n)  # type: ignore[misc]
            assert rig.state.phase is Phase.CARD
            assert TAKEN in rig.words()
            await rig.pause(2)
        assert await asked(rig, "23", "63") == [], "no PIN was asked for with an item's number"
        await rig.sign_in()
        await rig.until(lambda s: len(s.done) == 2)
        assert {loan["patron_card"] for loan in (await rig.loans()).values()} == {CARD}
        assert not rig.state.tries

    play(story, station=station)


@pytest.mark.parametrize("card", [CARD, HEALTH_CARD])
def test_without_a_pad_a_card_still_signs_in_without_a_question(card: str) -> None:
    async def story(rig: Rig) -> None:
        await without(rig, "pad")
        await rig.scan(card)
        await rig.until(lambda s: s.phase is Phase.PIN)
        assert rig.state.over is Over.NOTHING
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        assert rig.state.rows == ()

    play(story)


def test_twenty_items_scanned_first_are_no_guessing_of_pins() -> None:
    async def story(rig: Rig) -> None:
        await without(rig, "pad")
        for _ in range(10):
            for item in (BOOK, OTHER):
                await rig.scan(item)
                await rig.until(lambda s: not s.busy)
                assert rig.state.phase is Phase.CARD
                await rig.pause(2)
        assert not rig.state.tries
        assert await cases(rig) == []
        assert [row.item for row in rig.state.rows] == [BOOK, OTHER]

    play(story)


# --- an item that is here ---------------------------------------------------------------------------


@pytest.mark.parametrize("there", [True, False])
def test_the_barcode_of_an_item_on_the_pad_is_no_card(there: bool) -> None:
    async def story(rig: Rig) -> None:
        if not there:
            await away(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: s.phase is Phase.CARD)
        await rig.scan(BOOK)
        assert rig.state.phase is Phase.CARD
        assert TAKEN in rig.words()
        assert len(rig.state.rows) == 1
        assert rig.state.visit.patron is None
        assert await afi(rig, BOOK) == {"07"}
        await rig.pause(2)
        await rig.show_card()
        if there:
            await rig.enter_pin()
        await rig.until(lambda s: len(s.done) == 1)
        assert await asked(rig, "23", "63") == [] or there

    play(story)


def test_an_item_scanned_where_the_pin_is_asked_for_leaves_the_digits() -> None:
    async def story(rig: Rig) -> None:
        await rig.scan(CARD)
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.pause(2)
        await rig.enter_pin("12")
        await rig.scan(OTHER)
        await rig.until(lambda s: len(s.rows) == 1)
        assert TAKEN in rig.words()
        assert "kan ikke læses" not in rig.words()
        assert isinstance(rig.screen.body, EntryBody)
        assert rig.screen.body.notice is None, "nothing went wrong"
        await rig.enter_pin("34")
        await rig.until(lambda s: len(s.done) == 1)
        assert set(await rig.loans()) == {OTHER}

    for station in (STATION, TELLING):
        play(story, station=station)


def test_another_card_where_the_pin_is_asked_for_takes_the_place_of_the_first() -> None:
    async def story(rig: Rig) -> None:
        await rig.scan(BO)
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.pause(2)
        await rig.enter_pin("12")
        await rig.fault("library", "answer_late", seconds=2.0, only="17", count=1)
        await rig.scan(CARD)
        assert "Et øjeblik" in rig.words()
        await rig.enter_pin("34")
        assert await asked(rig, "63") == [], "what is typed now is for the other card"
        await rig.until(lambda s: s.visit.card is not None and s.visit.card.reveal() == CARD)
        assert rig.state.visit.pin.reveal() == ""
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)

    play(story)


# --- while the library system is away ---------------------------------------------------------------


@pytest.mark.parametrize("dead", [True, False])
def test_while_nobody_can_be_asked_an_item_signs_nobody_in(dead: bool) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        if dead:
            await without(rig, "pad")
        await rig.scan(BOOK)
        await rig.until(lambda s: s.over is Over.ASK_SCAN)
        assert ASKED in rig.words()
        await rig.press("item.yes")
        assert rig.state.phase is Phase.CARD
        assert TAKEN in rig.words()
        await rig.pause(2)
        await rig.show_card()
        await rig.until(lambda s: len(s.done) == 1)
        assert rig.state.visit.patron is not None
        assert rig.state.visit.patron.card.reveal() == CARD
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 100)
        await back_again(rig)
        await told(rig)
        assert {item: loan["patron_card"] for item, loan in (await rig.loans()).items()} == {
            BOOK: CARD
        }

    play(story)


def test_a_number_scanned_before_the_line_went_is_asked_about_before_it_signs_in() -> None:
    async def story(rig: Rig) -> None:
        await rig.scan(OTHER)
        await rig.until(lambda s: s.phase is Phase.PIN)
        await gone(rig, "silent")
        await rig.enter_pin()
        await rig.until(lambda s: s.over is Over.ASK_SCAN)
        await rig.press("item.yes")
        assert (rig.state.phase, rig.state.visit.patron) == (Phase.CARD, None)
        assert [row.item for row in rig.state.rows] == [OTHER]

    play(story)


def test_a_chip_needs_no_question_and_ends_the_one_that_stands() -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await rig.scan(OTHER)
        await rig.until(lambda s: s.over is Over.ASK_SCAN)
        await rig.tap("karen")
        await rig.until(lambda s: s.phase is Phase.BORROW)
        assert rig.state.over is Over.NOTHING
        assert rig.state.visit.scan is None

    play(story, station=WITH_READER)


def test_a_library_whose_numbers_tell_asks_nothing_while_it_is_away() -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        await rig.scan(CARD)
        await rig.until(lambda s: s.phase is Phase.BORROW)

    play(story, station=TELLING)


# --- a CPR number never becomes an item by a word alone ---------------------------------------------


def nowhere(folder: Path) -> None:
    for path in folder.glob("*.db*"):
        assert HEALTH_CARD.encode() not in path.read_bytes(), path.name


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("where", ["borrow", "return", "card"])
def test_a_health_card_that_is_called_an_item_is_written_down_nowhere(
    there: bool, where: str, tmp_path: Path
) -> None:
    async def story(rig: Rig) -> None:
        if not there:
            await away(rig)
        if where == "return":
            await rig.press("return")
        elif where == "borrow":
            await rig.show_card()
            if there:
                await rig.enter_pin()
            await rig.until(lambda s: s.phase is Phase.BORROW)
            await rig.pause(2)
        else:
            await rig.fault("library", "silent", only="17")
            await without(rig, "pad")
        await rig.scan(HEALTH_CARD)
        await rig.until(lambda s: s.over is Over.ASK_SCAN)
        await rig.press("item.yes")
        await rig.until(lambda s: not s.busy)
        assert (rig.state.rows, rig.state.backs) == ((), ())
        assert "vis det til personalet" in rig.words()
        await rig.press("back" if where == "card" else "finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 100)
        assert await asked(rig, "11", "09") == []
        await rig.pause(40)
        nowhere(tmp_path)

    play(story, database=tmp_path / "station.db")
