"""What is laid over a visit: help and languages hide nothing that is urgent, and no question is lost under them."""

import pytest

from drivers.service.view import actions_of
from kiosk.lending.backs import BackState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Over, Phase
from tests.conftest import Heard
from tests.simulation.outage import CARD, CPR, away, leave, with_card
from tests.simulation.rig import STATION, Rig, play
from tests.simulation.test_holds import look, reserve
from tests.simulation.test_returning import lend
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, afi, cases, signed_in

READS = ("assist.help", "assist.language")
CALLED = STATION + '[help]\ncounter = "Skranken i stuen"\n'


def over(rig: Rig) -> Over:
    return rig.state.over


@pytest.mark.parametrize("reads", READS)
def test_put_it_back_is_seen_though_somebody_reads_meanwhile(reads: str) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=BOOK)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and s.rows[0].state is RowState.ASKING)
        await rig.press(reads)
        await rig.until(lambda s: s.rows[0].state is RowState.WAIT_TAG)
        assert "Læg Lykke-Per tilbage på pladen." in rig.words()
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert await cases(rig) == []
        assert await afi(rig, BOOK) == {"c2"}

    play(story)


@pytest.mark.parametrize("reads", READS)
def test_what_is_laid_down_is_seen_within_a_second_though_somebody_reads(reads: str) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.press(reads)
        await rig.lay(BOOK)
        await rig.pause(1)
        assert rig.screen.name == "borrow"
        assert len(rig.state.rows) == 1

    play(story)


def test_where_an_item_belongs_is_seen_though_staff_was_asked_for() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, BOOK)
        await rig.press("return")
        await rig.press("assist.help")
        await rig.lay(BOOK)
        await rig.pause(1)
        await rig.press("assist.help")
        await rig.press("call")
        assert over(rig) is Over.STAFF
        await rig.lift()
        await rig.lay(OTHER)
        await rig.until(lambda s: len(s.backs) == 2 and not s.unsettled)
        assert over(rig) is Over.NOTHING
        assert rig.state.backs[0].state is BackState.RETURNED

    play(story, station=CALLED)


@pytest.mark.parametrize("way", ["assist.help", "assist.language", "language.en"])
def test_a_question_about_a_scan_stands_again_after_help_and_language(way: str) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.scan(CPR)
        assert over(rig) is Over.ASK_SCAN
        if way == "language.en":
            await rig.press("assist.language")
            await rig.press(way)
        else:
            await rig.press(way)
            assert over(rig) is not Over.ASK_SCAN
            await rig.press(way if way == "assist.help" else "close")
        assert over(rig) is Over.ASK_SCAN
        await rig.press("item.no")
        assert over(rig) is Over.NOTHING
        assert rig.state.visit.scan is None

    play(story)


def test_a_question_about_a_scan_outlives_the_warning() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.scan(CPR)
        await rig.until(lambda s: s.over is Over.IDLE, 90)
        await rig.press("continue")
        assert over(rig) is Over.ASK_SCAN

    play(story)


def test_a_number_that_is_doubtful_is_asked_about_though_help_is_open() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.press("assist.help")
        await rig.scan(CPR)
        assert over(rig) is Over.ASK_SCAN
        await rig.press("item.no")
        assert over(rig) is Over.NOTHING

    play(story)


def test_whether_a_hold_shall_go_is_asked_again_after_help() -> None:
    async def story(rig: Rig) -> None:
        reserve(rig)
        await look(rig)
        await rig.press(f"cancel.{rig.state.helds[0].id}")
        await rig.press("assist.help")
        assert "Tryk Nej, hvis du vil beholde den." in rig.words()
        await rig.press("close")
        assert over(rig) is Over.ASK_CANCEL
        await rig.press("cancel.no")
        assert over(rig) is Over.NOTHING

    play(story)


def test_help_over_a_question_and_over_a_receipt_that_failed_tells_of_them() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.scan(CPR)
        await rig.press("assist.help")
        assert "Var det et kort, så tryk Nej." in rig.words()
        await rig.press("close")
        await rig.press("item.no")
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("finish.print")
        await rig.fault("printer", "mute")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.RECEIPT_FAILED, 60)
        await rig.press("assist.help")
        assert "alt det, der står på listen, gælder" in rig.words()
        assert "Læg dine materialer på pladen" not in rig.words()

    play(story)


def test_who_returned_in_vain_is_not_told_of_a_card_and_a_log_out() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("return")
        await rig.lay(BOOK)  # not on loan to anybody
        await rig.until(lambda s: bool(s.backs) and not s.unsettled)
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)
        assert "Der er ikke afleveret noget" in rig.words()
        assert "kort" not in rig.words()
        assert "logget ud" not in rig.words()

    play(story)


def test_offline_nobody_says_that_she_has_no_e_mail(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await away(rig)
        await with_card(rig, CARD)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        email = next(a for a in actions_of(rig.screen) if a.id == "finish.email")
        assert email.reason is not None
        assert email.reason.key == "mail.not_known.short"
        await leave(rig)

    play(story)
