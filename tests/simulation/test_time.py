"""Idle, warned, logged out; never in the middle of work, and never without a way to stop it."""

from kiosk.lending.state import Over, Phase
from tests.conftest import Heard
from tests.simulation.rig import Rig, play
from tests.simulation.test_tags_in_trouble import BOOK, cases, signed_in


def test_somebody_who_does_nothing_is_warned_and_logged_out() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.pause(58)
        assert rig.state.over is Over.NOTHING
        await rig.until(lambda s: s.over is Over.IDLE, 10)
        assert "Du bliver logget ud om 30 sekunder." in rig.words()
        await rig.until(lambda s: s.idle_left == 12, 30)
        await rig.until(lambda s: s.phase is Phase.END, 20)
        await rig.until(lambda s: s.phase is Phase.START, 30)
        assert not rig.state.signed_in

    play(story)


def test_the_warning_can_be_answered_as_often_as_wanted() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        for _ in range(12):
            await rig.until(lambda s: s.over is Over.IDLE, 70)
            await rig.pause(25)
            await rig.press("continue")
            assert rig.state.over is Over.NOTHING
        assert rig.state.signed_in

    play(story)


def test_larger_text_triples_the_time() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.press("assist.larger")
        await rig.pause(170)
        assert rig.state.over is Over.NOTHING
        await rig.until(lambda s: s.over is Over.IDLE, 20)
        assert rig.state.idle_left == 90

    play(story)


def test_nobody_is_logged_out_while_a_book_is_in_doubt(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.stage.do("unplug", {"device": "library"})
        await rig.lay(BOOK)
        await rig.pause(65)
        assert rig.state.phase in {Phase.BORROW, Phase.END} or not rig.state.unsettled

    play(story)


def test_half_a_sign_in_is_given_up_without_a_trace() -> None:
    async def story(rig: Rig) -> None:
        await rig.scan("1234567890")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.press("key.1")
        await rig.until(lambda s: s.over is Over.IDLE, 70)
        await rig.until(lambda s: s.phase is Phase.START, 40)
        assert rig.state.visit.card is None
        assert not rig.state.visit.pin

    play(story)


def test_language_and_contrast_go_back_when_the_person_has_gone() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("language.en")
        await rig.press("assist.contrast")
        assert "Place your items on the pad" in rig.words()
        await rig.until(lambda s: s.language == "da" and not s.high_contrast, 70)
        assert rig.state.phase is Phase.START

    play(story)


def test_a_whole_visit_in_english() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("language.en")
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert "1 of 1 borrowed" in rig.words()
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.START, 60)
        (job,) = (await rig.truth())["devices"]["printer"]["jobs"]
        assert "Return by 1 December 2026" in job["texts"]
        assert rig.state.language == "da"

    play(story)


def test_who_is_about_to_be_logged_out_is_told_of_what_lies_on_the_pad() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.until(lambda s: s.over is Over.IDLE, 70)
        assert "Der ligger noget på pladen. Husk det, når du går." in rig.words()
        await rig.lift()
        await rig.until(lambda s: s.over is Over.NOTHING)
        assert rig.state.signed_in, "an item that leaves is a person who is there"

    play(story)


def test_a_forgotten_item_is_chimed_for_and_then_left_to_staff_until_it_is_taken() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)
        assert "Der ligger stadig noget på pladen." in rig.words(), "at once, not afterwards"
        await rig.until(lambda s: s.phase is Phase.CLEAR)
        first = rig.state.cue_serial
        await rig.pause(15)
        assert rig.state.cue_serial - first >= 3
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.pause(1)
        assert await cases(rig) == ["left_behind pad"]
        await rig.lift()
        await rig.until(lambda s: not s.left_behind)
        await rig.pause(1)
        assert await cases(rig) == []

    play(story)
