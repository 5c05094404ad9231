"""Help on every screen: what to do now, when the library is open, where people are, and what is not done meanwhile."""

import pytest

from kiosk.lending.state import Over, Phase
from tests.conftest import Heard
from tests.simulation.rig import STATION, Rig, play
from tests.simulation.test_returning import lend
from tests.simulation.test_tags_in_trouble import BOOK, SET, cases, signed_in

WORDS = """
[help]
counter = "Skranken i stuen"
phone = "66 13 13 72"
new_pin = "odensebib.dk"
"""
STAFFED = '[opening]\ntuesday = { open = "07:00-22:00", staffed = "10:00-18:00" }\n'
"""The world begins on a Tuesday at 10:42."""


def unstaffed(*services: str) -> str:
    named = ", ".join(f'"{service}"' for service in services)
    return STATION + (
        '[opening]\ntuesday = { open = "07:00-22:00", staffed = "12:00-18:00" }\n'
        f"unstaffed = [{named}]\n"
    )


async def help_(rig: Rig) -> str:
    """What help says; help is closed again."""
    await rig.press("assist.help")
    said = rig.words()
    await rig.press("assist.help")
    return said


def test_every_screen_of_a_visit_has_its_own_help() -> None:
    async def story(rig: Rig) -> None:
        said = {"start": await help_(rig)}
        await rig.press("borrow")
        said["card"] = await help_(rig)
        await rig.scan("1234567890")
        said["pin"] = await help_(rig)
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        said["borrow"] = await help_(rig)
        await rig.lay(SET, parts=[1])
        await rig.until(lambda s: bool(s.rows))
        said["set"] = await help_(rig)
        assert rig.state.rows, "help takes nothing away"
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 60)
        await rig.press("return")
        said["return"] = await help_(rig)
        await rig.press("finish.none")
        await rig.press("loans")
        await rig.scan("1234567890")
        await rig.enter_pin()
        await rig.until(lambda s: s.phase is Phase.LOANS and not s.busy)
        said["loans"] = await help_(rig)
        assert len(set(said.values())) == len(said)
        assert all("I dag er der åbent kl. 07.00–22.00." in each for each in said.values())
        assert all("Spørg personalet" in each for each in said.values())
        assert "Få en ny her: odensebib.dk" in said["pin"]

    play(story, station=STATION + WORDS + STAFFED)


def test_staff_is_where_the_library_says() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("assist.help")
        await rig.press("call")
        said = rig.words()
        assert "Du finder personalet her: Skranken i stuen" in said
        assert "I dag er der personale kl. 10.00–18.00." in said
        assert await cases(rig) == [], "a call for the counter is nobody's task"
        await rig.press("close")
        assert rig.state.over is Over.NOTHING

    play(story, station=STATION + WORDS + STAFFED)


def test_while_nobody_is_here_there_is_a_number_to_call() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("assist.help")
        await rig.press("call")
        said = rig.words()
        assert "Personalet er her ikke lige nu." in said
        assert "Ring til os: 66 13 13 72" in said
        assert "Skranken" not in said

    play(story, station=unstaffed("return") + WORDS)


def test_a_call_that_nobody_answers_is_forgotten_on_the_screen_and_kept_for_staff() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("assist.help")
        await rig.press("call")
        await rig.until(lambda s: s.over is Over.NOTHING, 70)
        assert await cases(rig) == ["called kiosk"]

    play(story, station=STATION + '[help]\ncall = "notice"\n')


def test_a_machine_that_takes_returns_only_says_so_and_takes_them() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, BOOK)
        assert "Ikke uden personale" in rig.words()
        for service in ("borrow", "loans"):
            await rig.kiosk.request("press", {"action": service})
            await rig.pause(0.2)
            assert rig.state.phase is Phase.START
        assert "Lige nu kan du ikke låne her." in await help_(rig)
        await rig.press("return")
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.backs) and not s.unsettled)
        assert not await rig.loans()

    play(story, station=unstaffed("return", "receipt"))


def test_a_card_is_not_asked_for_its_pin_where_nothing_would_follow() -> None:
    async def story(rig: Rig) -> None:
        await rig.scan("1234567890")
        await rig.until(lambda s: s.phase is Phase.CARD)
        assert rig.state.visit.card is None
        assert "Lige nu kan du ikke låne her." in rig.words()
        await rig.press("back")
        await rig.until(lambda s: s.phase is Phase.START)

    play(story, station=unstaffed("return"))


def test_a_card_leads_to_the_loans_where_only_those_are_offered() -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.LOANS)

    play(story, station=unstaffed("return", "loans"))


def test_items_that_nobody_may_borrow_now_are_answered_in_words() -> None:
    async def story(rig: Rig) -> None:
        await rig.lay(BOOK)
        await rig.until(lambda s: s.phase is Phase.CARD)
        assert "Lige nu kan du ikke låne her." in rig.words()

    play(story, station=unstaffed("return"))


def test_no_printing_without_staff_is_on_the_button() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert "Ikke uden personale" in rig.words()
        await rig.press("finish.print")
        assert rig.state.phase is Phase.BORROW, "what cannot be does nothing"
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)

    play(story, station=unstaffed("borrow", "return", "loans"))


def test_the_machine_begins_to_lend_when_staff_comes() -> None:
    async def story(rig: Rig) -> None:
        await rig.pause(2 * 60)
        assert "borrow" not in rig.state.offered
        await rig.pause(2 * 60)
        assert "borrow" in rig.state.offered
        assert "Ikke uden personale" not in rig.words()

    play(story, station=unstaffed("return").replace("12:00", "10:45"))


def test_a_visit_goes_on_when_staff_goes_home() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        for _ in range(20):
            await rig.pause(50)
            await rig.kiosk.request("touch", {})
        assert rig.state.phase is Phase.BORROW
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 60)
        assert "borrow" not in rig.state.offered

    station = STATION + (
        '[opening]\ntuesday = { open = "07:00-22:00", staffed = "10:00-10:50" }\n'
        'unstaffed = ["return"]\n'
    )
    play(story, station=station)


@pytest.mark.parametrize("staffed", [True, False])
def test_a_machine_that_is_shut_says_whom_to_ask(heard: Heard, staffed: bool) -> None:
    heard.expect("reader.lost", "service.down", "library.line.dropped")

    async def story(rig: Rig) -> None:
        for role in ("pad", "scanner", "library"):
            await rig.stage.do("unplug", {"device": role})
        await rig.until(lambda s: s.phase is Phase.CLOSED)
        lead = rig.words().split(" | ")[1]
        asked = "spørg personalet." if staffed else "ring på 66 13 13 72."
        assert lead == f"Brug en anden automat, eller {asked}"

    play(story, station=(STATION + STAFFED if staffed else unstaffed("return")) + WORDS)
