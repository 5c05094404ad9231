"""Signing in by a card that is held to the reader, and by a typed number, when readers are there or not."""

from importlib.resources import files
from typing import Any

import pytest

from drivers.service.view import EntryBody
from hw_sim.scenario import Scenario, parse
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.rig import STATION, Rig
from tests.simulation.rig import play as play_with
from tests.simulation.test_tags_in_trouble import cases

CARD = STATION.replace("[library]", '[devices.card]\nurl = "memory://card"\n[library]', 1)
BY_UID = CARD.replace('url = "memory://card"', 'url = "memory://card"\nnumber_from = "uid"')
BOOK = "3846646425"


def with_patron(patron: str) -> Scenario:
    text = files("hw_sim").joinpath("scenarios", "first-loan.toml").read_text("utf-8")
    return parse(text + patron, "with a patron")


def play(story: Any, **rig: Any) -> Rig:
    return play_with(story, **{"station": CARD, **rig})


def test_a_tapped_card_and_the_pin_sign_in() -> None:
    async def story(rig: Rig) -> None:
        await rig.tap("karen")
        await rig.until(lambda s: s.phase is Phase.PIN)
        assert "Kortet er læst" in rig.words()
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert set(await rig.loans()) == {BOOK}

    play(story)


def test_a_card_that_is_held_all_the_time_is_one_sign_in() -> None:
    async def story(rig: Rig) -> None:
        await rig.stage.do("lay_card", {"cards": "karen"})
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.press("key.1")
        await rig.pause(5)
        assert rig.state.visit.pin.reveal() == "1", "the same card took no digit away"
        for digit in "234":
            await rig.press(f"key.{digit}")
        await rig.until(lambda s: s.phase is Phase.BORROW)
        serial = rig.state.cue_serial
        await rig.pause(5)
        assert rig.state.cue_serial == serial
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.pause(5)
        assert rig.state.phase is Phase.START, "a card left behind does not begin another visit"
        await rig.stage.do("lift_card", {})
        await rig.pause(2)
        await rig.tap("karen")
        await rig.until(lambda s: s.phase is Phase.PIN)

    play(story)


def test_a_card_that_is_held_during_a_visit_changes_nothing() -> None:
    async def story(rig: Rig) -> None:
        await rig.tap("karen")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        for card in ("bo", "phone", "karen"):
            await rig.tap(card)
            await rig.pause(4)
        assert rig.state.phase is Phase.BORROW
        assert rig.state.visit.patron is not None
        assert rig.state.visit.patron.card.reveal() == "1234567890"

    play(story)


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("phone", "Telefoner og pas kan ikke bruges her"),
        ("bank", "Det er ikke et lånerkort"),
    ],
)
@pytest.mark.parametrize(
    "station", [CARD, BY_UID.replace('"uid"', '"uid"\nnumber_pattern = "^04A1"')]
)
def test_what_is_nobodys_card_is_refused_kindly_and_hers_is_taken_after_it(
    card: str, words: str, station: str
) -> None:
    async def story(rig: Rig) -> None:
        await rig.tap(card)
        await rig.until(lambda s: bool(s.visit.notice))
        assert words in rig.words()
        assert rig.state.phase is Phase.CARD
        asked = (await rig.truth())["devices"]["library"]["asked"]
        assert not [a for a in asked if a["message"] in {"23", "63"}]
        await rig.pause(2)
        await rig.tap("karen")
        await rig.until(lambda s: s.phase is Phase.PIN)
        assert words not in rig.words()

    play(story, station=station)


def test_two_cards_at_once_are_said_and_neither_is_taken() -> None:
    async def story(rig: Rig) -> None:
        await rig.stage.do("lay_card", {"cards": ["bank", "karen"]})
        await rig.until(lambda s: s.visit.notice == "card.two")
        assert "Der er to kort på én gang" in rig.words()
        await rig.stage.do("lift_card", {"cards": ["bank"]})
        await rig.until(lambda s: s.phase is Phase.PIN)

    play(story)


def test_a_uid_can_be_the_number_that_the_library_knows() -> None:
    patron = (
        '\n[[patrons]]\ncard = "04A1B2C3D4E5F6"\ncpr = "3002991299"\npin = "2468"\nname = "Ida"\n'
    )

    async def story(rig: Rig) -> None:
        await rig.tap("karen")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.enter_pin("2468")
        await rig.until(lambda s: s.phase is Phase.BORROW)
        assert rig.state.visit.patron is not None
        assert rig.state.visit.patron.card.reveal() == "04A1B2C3D4E5F6"

    play(story, station=BY_UID, scenario=with_patron(patron))


def test_a_card_shown_while_the_machine_looks_at_the_items_is_not_asked_for_again() -> None:
    async def story(rig: Rig) -> None:
        await rig.fault("library", "answer_late", seconds=1.5)
        await rig.lay(BOOK)
        await rig.until(lambda s: s.phase is Phase.LOOKING)
        await rig.tap("karen", 0.5)
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.stage.do("clear", {"device": "library"})
        await rig.enter_pin()
        await rig.until(lambda s: len(s.done) == 1)

    play(story)


def test_without_the_card_reader_the_barcode_and_the_typed_number_go_on(heard: Heard) -> None:
    heard.expect("service.down")

    async def story(rig: Rig) -> None:
        await rig.until(lambda s: s.devices.card)
        rig.cards.gone = True
        await rig.until(lambda s: not s.devices.card)
        assert rig.state.phase is Phase.START
        await rig.press("borrow")
        assert "kortlæseren" not in rig.words()
        await rig.scan("1234567890")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.press("back")
        rig.cards.gone = False
        await rig.until(lambda s: s.devices.card)
        await rig.tap("karen")
        await rig.until(lambda s: s.phase is Phase.PIN)

    play(story)


def test_without_any_reader_the_number_is_typed(heard: Heard) -> None:
    heard.expect("service.down")

    async def story(rig: Rig) -> None:
        await rig.stage.do("unplug", {"device": "scanner"})
        await rig.until(lambda s: not s.devices.scanner)
        assert "Stregkodelæseren virker ikke" in rig.words()
        await rig.press("borrow")
        assert "Tast nummeret på dit sundhedskort eller lånerkort" in rig.words()
        await rig.press("type")
        for digit in "1234567890":
            await rig.press(f"key.{digit}")
        await rig.until(lambda s: s.phase is Phase.PIN)
        assert "Nummeret er tastet" in rig.words()
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)

    play(story, station=STATION)


def test_a_typed_number_is_masked_mended_and_refused_when_it_is_none() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("borrow")
        await rig.press("type")
        for digit in "123":
            await rig.press(f"key.{digit}")
        await rig.press("key.erase")
        assert rig.state.visit.typed.reveal() == "12"
        assert "2 af 10 cifre" in rig.words()
        assert isinstance(rig.screen.body, EntryBody)
        assert (rig.screen.body.masked, rig.screen.body.shown) == (True, "")
        await rig.press("back")
        assert (rig.state.phase, rig.state.visit.typed.reveal()) == (Phase.CARD, "")
        await rig.press("type")
        for digit in "3002991234":
            await rig.press(f"key.{digit}")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)

    play(story, station=STATION)


def test_a_typed_number_that_no_card_has_is_typed_again() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("borrow")
        await rig.press("type")
        for digit in "5234567890":
            await rig.press(f"key.{digit}")
        await rig.until(lambda s: s.visit.notice == "number.odd")
        assert "Nummeret passer ikke" in rig.words()
        await rig.press("key.1")
        assert rig.state.visit.typed.reveal() == "1"

    station = STATION.replace("[nearest]", '[lending]\ncard_pattern = "^1\\\\d{9}$"\n[nearest]', 1)
    play(story, station=station)


def test_a_wrong_pin_on_many_cards_makes_the_machine_wait() -> None:
    async def story(rig: Rig) -> None:
        for n in range(5):
            await rig.sign_in(f"111111111{n}", "0000")
            await rig.until(lambda s: s.visit.notice in {"pin.wrong", "pin.machine_waits"})
            if rig.state.phase is Phase.PIN:
                await rig.press("back")
        assert rig.state.visit.notice == "pin.machine_waits"
        assert "Vent 1 minut, eller brug en anden automat" in rig.words()
        assert await cases(rig) == ["pin_guessed kiosk"], "somebody should look"
        asked = len((await rig.truth())["devices"]["library"]["asked"])
        await rig.tap("karen")
        await rig.pause(1)
        assert rig.state.phase is Phase.CARD
        assert len((await rig.truth())["devices"]["library"]["asked"]) == asked
        await rig.press("back")
        await rig.pause(61)
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)

    play(story, station=CARD.replace("[nearest]", "[lending]\nmachine_tries = 5\n[nearest]", 1))


def test_the_kind_of_barcode_tells_an_item_from_a_card() -> None:
    async def story(rig: Rig) -> None:
        await rig.scan(BOOK, aim="A0")
        await rig.until(lambda s: s.phase is Phase.CARD and bool(s.rows))
        await rig.press("back")
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.pause(2)
        await rig.scan(BOOK, aim="C0")
        await rig.until(lambda s: s.phase is Phase.PIN)

    kinds = '[security]\nitem_aims = ["A0"]\n[lending]\ncard_aims = ["C0"]\n[nearest]'
    play(story, station=STATION.replace("[nearest]", kinds, 1))
