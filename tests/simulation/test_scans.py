"""What is scanned or held to the reader while a visit is under way: a card is never an item, and nobody is mixed up."""

from pathlib import Path
from typing import Any

import pytest

from drivers.ports import Online
from kiosk.lending.backs import BackState
from kiosk.lending.state import Over, Phase
from tests.conftest import Heard
from tests.simulation.rig import STATION, Rig, play
from tests.simulation.test_cards import CARD as WITH_READER
from tests.simulation.test_degraded import without
from tests.simulation.test_tags_in_trouble import BOOK, signed_in

HERS, ANOTHER, HEALTH_CARD = "1234567890", "1234567891", "3002991299"
TELLING = STATION.replace(
    "[nearest]",
    '[security]\nitem_pattern = "^3\\\\d{9}$"\n[lending]\ncard_pattern = "^1\\\\d{9}$"\n[nearest]',
    1,
)
"""A library whose cards and items look different."""
KINDLY = "Der er allerede logget ind | Ét kort er nok. Skal en anden bruge automaten, så afslut"


async def asked_of(rig: Rig, *messages: str) -> list[Any]:
    asked = (await rig.truth())["devices"]["library"]["asked"]
    return [a for a in asked if a["message"] in messages]


async def came_home(rig: Rig) -> None:
    await rig.until(lambda s: not s.busy)


@pytest.mark.parametrize("card", [HERS, ANOTHER, HEALTH_CARD, "300299-1234"])
@pytest.mark.parametrize("station", [STATION, TELLING])
def test_a_card_that_is_scanned_in_a_visit_becomes_no_item_and_signs_nobody_in(
    card: str, station: str, tmp_path: Path
) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.pause(2)  # or the reader takes it for the scan before
        await rig.scan(card)
        await came_home(rig)
        if rig.state.over is Over.ASK_SCAN:
            await rig.press("item.no")
        else:
            kind = "Det nummer er ikke et materiale her | Scan ikke et kort nu."
            assert (KINDLY if station is TELLING or card == HERS else kind) in rig.words()
        assert rig.state.rows == ()
        assert rig.state.phase is Phase.BORROW
        assert rig.state.visit.patron is not None
        assert rig.state.visit.patron.card.reveal() == HERS
        assert len(await asked_of(rig, "23", "63")) == 1, "nobody else was signed in"
        assert await asked_of(rig, "11", "09") == []
        assert card.encode() not in (tmp_path / "station.db").read_bytes()
        await rig.pause(12)
        assert "Ét kort er nok" not in rig.words()
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)

    play(story, station=station, database=tmp_path / "station.db")


@pytest.mark.parametrize("tab", ["loans", "holds", "fees"])
def test_a_card_on_a_tab_of_the_account_leaves_it_there(tab: str) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.press(f"show.{tab}")
        await came_home(rig)
        await rig.scan(ANOTHER)
        assert KINDLY in rig.words()
        assert rig.state.phase.value == tab

    play(story, station=TELLING)


@pytest.mark.parametrize("station", [STATION, TELLING])
def test_a_card_where_items_come_back_is_not_returned(station: str, tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        await rig.press("return")
        await rig.scan(ANOTHER)
        await came_home(rig)
        assert rig.state.backs == ()
        assert await asked_of(rig, "09") == []
        assert ANOTHER.encode() not in (tmp_path / "station.db").read_bytes()
        kind = "Du skal ikke bruge kort for at aflevere" if station is TELLING else "ikke et kort"
        assert kind in rig.words()

    play(story, station=station, database=tmp_path / "station.db")


def test_an_item_whose_number_a_card_could_have_is_known_by_asking() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.scan(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert rig.state.visit.finding == ()
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.press("return")
        await rig.pause(2)
        await rig.scan(BOOK)
        await rig.until(lambda s: [b.state for b in s.backs] == [BackState.RETURNED])

    play(story)


def test_while_nobody_can_be_asked_the_person_is(heard: Heard) -> None:
    heard.expect("service.down", "library.line.dropped", "reader.lost")

    async def story(rig: Rig) -> None:
        await rig.stage.do("unplug", {"device": "library"})
        await rig.until(lambda s: s.devices.library is Online.OFFLINE, 120)
        await rig.show_card(HERS)
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await without(rig, "pad")
        await rig.pause(2)
        await rig.scan(ANOTHER)
        await rig.until(lambda s: s.over is Over.ASK_SCAN)
        await rig.press("item.no")
        assert rig.state.rows == ()
        await rig.scan(BOOK)
        await rig.until(lambda s: s.over is Over.ASK_SCAN)
        await rig.press("item.yes")
        await rig.until(lambda s: len(s.done) == 1)
        assert rig.state.done[0].later

    play(story)


def test_a_number_in_doubt_whose_answer_comes_after_the_end_is_nobodys() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("library", "answer_late", seconds=3.0, only="17")
        await rig.scan(BOOK)
        await rig.until(lambda s: bool(s.visit.finding))
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.pause(10)
        assert (rig.state.phase, rig.state.rows) == (Phase.START, ())
        assert await asked_of(rig, "11") == []

    play(story)


def test_a_card_held_to_the_reader_in_a_visit_is_answered_and_twice_is_one_sign_in() -> None:
    async def story(rig: Rig) -> None:
        await rig.until(lambda s: s.devices.card)
        for _ in range(2):
            await rig.tap("karen")
            await rig.pause(4)
        await rig.until(lambda s: s.phase is Phase.PIN, 0.1)
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        for card in ("bo", "karen"):
            await rig.tap(card)
            await rig.until(lambda s: s.visit.said == "scan.card")
            assert KINDLY in rig.words()
            await rig.until(lambda s: not s.visit.said)
        assert len(await asked_of(rig, "23", "63")) == 1
        assert rig.state.visit.patron is not None
        assert rig.state.visit.patron.card.reveal() == HERS
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.press("return")
        await rig.tap("karen")
        await rig.until(lambda s: s.visit.said == "scan.card.return")
        assert rig.state.phase is Phase.RETURN
        await rig.press("finish.none")
        assert rig.state.visit.said == ""

    play(story, station=WITH_READER)


def test_a_barcode_of_something_else_is_said_to_be_none() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.scan("https://odensebib.dk")
        assert "Stregkoden siger os ikke noget" in rig.words()
        assert rig.state.rows == ()

    play(story)


def test_what_was_scanned_without_a_pad_is_not_said_to_lie_on_one(heard: Heard) -> None:
    heard.expect("reader.lost", "service.down")

    async def story(rig: Rig) -> None:
        await rig.stage.do("unplug", {"device": "pad"})
        await rig.until(lambda s: not s.devices.pad)
        await rig.scan(BOOK)
        await rig.until(lambda s: s.phase is Phase.CARD and bool(s.rows))
        assert "Du har scannet 1 materiale." in rig.words()
        assert "ligger på pladen" not in rig.words()

    play(story, station=TELLING)


def test_a_second_scan_of_the_same_item_is_said_and_heard(heard: Heard) -> None:
    heard.expect("reader.lost", "service.down")

    async def story(rig: Rig) -> None:
        await rig.stage.do("unplug", {"device": "pad"})
        await rig.until(lambda s: not s.devices.pad)
        await signed_in(rig)
        await rig.pause(2)
        await rig.scan(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        cue = rig.state.cue_serial
        await rig.pause(4)
        await rig.scan(BOOK)
        await rig.until(lambda s: s.cue_serial > cue)
        assert "Den står der allerede" in rig.words()
        await rig.pause(11)
        assert "Den står der allerede" not in rig.words()
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.press("return")
        await rig.scan(BOOK)
        await rig.until(lambda s: any(b.state is BackState.RETURNED for b in s.backs))
        await rig.pause(4)
        await rig.scan(BOOK)
        await rig.until(lambda s: s.visit.said == "scan.again")
        assert len(rig.state.backs) == 1

    play(story)


@pytest.mark.parametrize("how", ["laid down", "scanned"])
def test_what_is_brought_to_a_list_while_nothing_is_lent_gets_a_word(
    how: str, heard: Heard
) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await rig.press("loans")
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.LOANS and not s.visit.fetching)
        await rig.stage.do("unplug", {"device": "library"})
        await rig.until(lambda s: s.devices.library is Online.OFFLINE)
        cue = rig.state.cue_serial
        if how == "laid down":
            await rig.lay(BOOK)
        else:
            await rig.scan(BOOK)
        await rig.until(lambda s: s.cue_serial > cue)
        assert rig.state.phase is Phase.LOANS
        assert "Der kan ikke lånes lige nu" in rig.words()
        assert "vis det til personalet" in rig.words()

    play(story, station=TELLING + "\n[offline]\nlend = false\n")
