"""A hold that is found at return: told in full width, heard, and a slip to lie in the item; never a person on it."""

from typing import Any

import pytest

from config.texts import Channel
from drivers.service.view import Cue, Mark, RowsBody
from hw_sim.ils.stock import Hold
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.rig import CATALOGUE, STATION, Rig, play
from tests.simulation.test_fbs import FBS_STATION
from tests.simulation.test_holds import library_of
from tests.simulation.test_returning import lend

BOOK = "3846646425"
SPEAKS: dict[str, dict[str, Any]] = {
    "sip2": {"scenario": "first-loan"},
    "fbs": {"scenario": "first-loan-fbs", "station": FBS_STATION},
}
WITH_SLIP = "Læg sedlen fra C i materialet. Stil den på reserveringshylden."
WITHOUT = "Stil den på reserveringshylden."


async def jobs(rig: Rig) -> list[list[str]]:
    found = (await rig.truth())["devices"]["printer"]["jobs"]
    return [[line for line in job["texts"] if line] for job in found]


async def found_at_return(rig: Rig, pickup: str = "Borgernes Hus") -> None:
    await lend(rig, BOOK)
    library_of(rig).holds.append(Hold(BOOK, "1234567891", pickup=pickup))
    await rig.press("return")
    await rig.lay(BOOK)
    await rig.until(lambda s: len(s.backs) == 1 and not s.unsettled)


def advice(rig: Rig) -> str:
    assert isinstance(rig.screen.body, RowsBody)
    (row,) = rig.screen.body.rows
    assert (row.mark, row.band) == (Mark.HOLD, "warning")
    assert row.advice is not None
    return CATALOGUE.say(row.advice, "da", Channel.SPEECH)


@pytest.mark.parametrize("speaks", SPEAKS)
def test_a_hold_found_at_return_is_told_in_full_width_heard_and_has_a_slip(speaks: str) -> None:
    async def story(rig: Rig) -> None:
        await found_at_return(rig)
        assert rig.state.cue is Cue.HOLD
        assert advice(rig) == WITH_SLIP
        await rig.pause(5)
        assert advice(rig) == WITH_SLIP
        (slip,) = await jobs(rig)
        assert slip == [
            "Reserveret",
            "Lykke-Per",
            f"Nr. {BOOK}",
            "Afhentes her: Borgernes Hus",
            "Afleveret 3. november 2026 kl. 10.42, Automat 2",
        ]
        assert "1234567891" not in " ".join(slip)
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.START, 90)
        assert len(await jobs(rig)) == 2, "the receipt is a paper of its own"

    play(story, **SPEAKS[speaks])


def test_the_slip_of_an_item_for_another_library_says_which() -> None:
    async def story(rig: Rig) -> None:
        await found_at_return(rig, "Dalum Bibliotek")
        await rig.pause(5)
        (slip,) = await jobs(rig)
        assert slip[3] in {"Sendes til: Dalum Bibliotek", "Sendes videre"}

    play(story)


def test_an_item_that_nobody_waits_for_has_no_slip() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, BOOK)
        await rig.press("return")
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.backs) == 1 and not s.unsettled)
        await rig.pause(5)
        assert await jobs(rig) == []

    play(story)


def test_without_a_printer_there_is_none_and_nothing_breaks() -> None:
    async def story(rig: Rig) -> None:
        await found_at_return(rig)
        assert advice(rig) == WITHOUT
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 90)
        assert not await rig.loans()

    play(story, station=_without_printer())


def test_a_slip_that_does_not_come_is_not_asked_for(heard: Heard) -> None:
    heard.expect("service.down", "printer.job")

    async def story(rig: Rig) -> None:
        await rig.fault("printer", "paper_end", after_mm=5.0)
        await found_at_return(rig)
        await rig.until(lambda s: not s.backs[0].slip, 60)
        assert advice(rig) == WITHOUT

    play(story)


def test_a_library_may_do_without() -> None:
    async def story(rig: Rig) -> None:
        await found_at_return(rig)
        assert advice(rig) == WITHOUT
        await rig.pause(5)
        assert await jobs(rig) == []

    play(story, station=STATION + "[returns]\nhold_slip = false\n")


def _without_printer() -> str:
    before, _, after = STATION.partition("[devices.printer]")
    return before + after[after.index("[library]") :]
