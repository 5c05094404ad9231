"""A library system that takes its time: after 1 s it is said what is waited for, after 5 s what to do meanwhile."""

from kiosk.lending.lents import LentState
from kiosk.lending.rows import RowState
from tests.conftest import Heard
from tests.simulation.rig import Rig, play
from tests.simulation.test_renewing import look
from tests.simulation.test_returning import lend
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, signed_in

STACK = ("3846646425", "3846646433", "3846646458", "3846646474")
ADVICE = "Bibliotekets system svarer langsomt."


def test_a_slow_loan_says_what_to_do_with_the_items() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("library", "answer_late", only="11", seconds=7.0, count=1)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(row.state is RowState.ASKING for row in s.rows))
        await rig.pause(1)
        assert "Låner …" in rig.words()
        assert ADVICE not in rig.words()
        await rig.pause(4.5)
        assert f"{ADVICE} Lad materialerne ligge." in rig.words()
        await rig.until(lambda s: len(s.done) == 1, 20)
        assert ADVICE not in rig.words()

    play(story)


def test_a_stack_that_is_answered_one_by_one_is_not_slow() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("library", "delay", seconds=2.0, count=None)
        await rig.lay(*STACK)
        begun = rig.state
        while len(rig.state.done) < len(STACK):
            assert ADVICE not in rig.words()
            await rig.pause(0.5)
        assert begun.rows == ()

    play(story)


def test_a_slow_return_and_a_slow_renewal_say_so_too(heard: Heard) -> None:
    heard.expect("library.line.dropped")

    async def story(rig: Rig) -> None:
        await lend(rig, BOOK, OTHER)
        await rig.fault("library", "answer_late", only="09", seconds=7.0, count=2)
        await rig.press("return")
        await rig.lay(BOOK)
        await rig.until(lambda s: s.late, 20)
        await rig.pause(0.2)
        assert ADVICE in rig.words()
        await rig.until(lambda s: bool(s.backs) and not s.unsettled, 60)
        assert ADVICE not in rig.words()
        await rig.press("finish.none")
        await rig.lift()
        await rig.pause(30)
        await look(rig)
        await rig.fault("library", "answer_late", only="29", seconds=7.0, count=1)
        await rig.press(f"renew.{rig.state.lents[0].id}")
        await rig.pause(5.5)
        assert ADVICE in rig.words()
        await rig.until(lambda s: s.lents[0].state is LentState.RENEWED, 20)
        assert ADVICE not in rig.words()

    play(story)
