"""Signing in: wrong PINs are limited, nobody is told which of card and PIN was wrong, the blocked are not named."""

from pathlib import Path

import pytest

from drivers.store import sealed
from hw_sim.ils.device import LibraryDevice
from hw_sim.ils.stock import Item
from hw_sim.simloop import run
from kiosk.lending import tries_kept
from kiosk.lending.state import Over, Phase
from tests.conftest import Heard
from tests.simulation.lives import World
from tests.simulation.rig import CLOSED_OFFLINE, STATION, Rig, play

WRONG = "Kort eller pinkode er forkert. Prøv igen."


@pytest.mark.parametrize(("card", "pin"), [("1234567890", "9999"), ("9999999999", "1234")])
def test_a_wrong_pin_and_an_unknown_card_read_the_same(card: str, pin: str) -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in(card, pin)
        await rig.until(lambda s: bool(s.visit.notice))
        assert WRONG in rig.words()
        assert rig.state.phase is Phase.PIN

    play(story)


def test_five_wrong_pins_block_the_card_for_a_quarter_of_an_hour() -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in(pin="0000")
        for left in range(3):
            await rig.until(lambda s: s.visit.notice == "pin.wrong")
            await rig.enter_pin(f"000{left}")
        await rig.until(lambda s: s.visit.notice == "pin.wrong")
        await rig.enter_pin("7777")
        await rig.until(lambda s: s.phase is Phase.CARD)
        assert "For mange forsøg. Vent 15 minutter" in rig.words()
        asked = len((await rig.truth())["devices"]["library"]["asked"])
        await rig.scan("1234567890")
        assert rig.state.phase is Phase.CARD, "a blocked card asks nobody"
        assert len((await rig.truth())["devices"]["library"]["asked"]) == asked
        await rig.press("back")
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.pause(15 * 60)
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)

    play(story)


def test_a_blocked_borrower_reads_neutral_words() -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in("1234567891", "4321")
        await rig.until(lambda s: s.phase in {Phase.BLOCKED, Phase.PIN} and not s.visit.asking)
        assert "Du kan ikke låne lige nu" in rig.words()
        await rig.press("log_out")
        await rig.until(lambda s: s.phase is Phase.START)

    play(story)


def test_a_cpr_number_signs_in_as_well() -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in("3002991234")
        await rig.until(lambda s: s.phase is Phase.BORROW)

    play(story)


def test_a_number_that_could_be_a_person_is_not_asked_for_until_the_person_says_so() -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.scan("0101011234")
        assert rig.state.over is Over.ASK_SCAN
        await rig.press("item.no")
        assert not rig.state.rows
        await rig.pause(2)
        await rig.scan("0101011234")
        await rig.press("item.yes")
        await rig.until(lambda s: s.visit.said == "scan.no_item")
        assert not rig.state.rows, "her word alone makes no item of it"
        device = rig.stage.places["library"].device
        assert isinstance(device, LibraryDevice)
        device.library.items["0101011234"] = Item("0101011234", "En bog med sit nummer")
        await rig.pause(2)
        await rig.scan("0101011234")
        await rig.press("item.yes")
        await rig.until(lambda s: len(s.done) == 1)
        asked = (await rig.truth())["devices"]["library"]["asked"]
        assert [a["item"] for a in asked if a["message"] == "11"] == ["0101011234"]

    play(story)


def test_back_leaves_nothing_behind() -> None:
    async def story(rig: Rig) -> None:
        await rig.scan("1234567890")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.press("key.1")
        await rig.press("back")
        assert rig.state.visit.card is None
        await rig.press("back")
        await rig.until(lambda s: s.phase is Phase.START)

    play(story)


def test_a_slow_library_system_is_said_and_signing_in_goes_on() -> None:
    async def story(rig: Rig) -> None:
        await rig.fault("library", "answer_late", seconds=3.4)
        await rig.sign_in()
        await rig.until(lambda s: s.visit.slow)
        assert "Det tager lidt længere end normalt" in rig.words()
        await rig.until(lambda s: s.phase is Phase.BORROW)

    play(story)


def test_a_silent_library_system_is_not_the_borrowers_fault(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await rig.fault("library", "silent")
        await rig.sign_in()
        await rig.until(lambda s: s.visit.notice == "card.offline")
        assert "vi har ingen forbindelse" in rig.words()
        assert not rig.state.tries

    play(story, station=STATION + CLOSED_OFFLINE)


def test_a_blocked_card_stays_blocked_when_the_plug_is_pulled(tmp_path: Path) -> None:
    """And what is kept of it names no card, and is gone when it counts no more."""
    database = tmp_path / "station.db"

    async def guessing(rig: Rig) -> None:
        await rig.sign_in(pin="0000")
        for left in range(4):
            await rig.until(lambda s: s.visit.notice == "pin.wrong")
            await rig.enter_pin(f"000{left}")
        await rig.until(lambda s: s.phase is Phase.CARD)

    async def once_more(rig: Rig) -> None:
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.scan("1234567890")
        await rig.until(lambda s: bool(s.visit.notice))
        assert rig.state.phase is Phase.CARD
        assert "For mange forsøg. Vent 15 minutter" in rig.words()
        assert not rig.state.visit.asking
        await rig.press("back")
        await rig.pause(15 * 60)
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        kept = await rig.store.read(lambda txn: sealed.unseal(txn, tries_kept.PLACE))
        assert kept is None, "what counts no more is gone"

    world = World(database)

    async def both() -> None:
        await world.live(guessing)
        await world.live(once_more)
        await world.stage.close()

    run(both())
    assert b"1234567890" not in database.read_bytes()
