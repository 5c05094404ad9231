"""The first loan, whole: from a card to a receipt, judged by the simulated world and not by the kiosk."""

from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.simulation.rig import Rig, play

ITEMS = (
    "3846646425",
    "3846646433",
    "3846646441",
    "3846646458",
    "3846646466",
    "3846646474",
    "3846646482",
)


def test_a_borrower_walks_out_with_her_books() -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(*ITEMS)
        await rig.until(lambda s: len(s.rows) == 7 and not s.unsettled)
        print(rig.words())
        assert [r.state for r in rig.state.rows].count(RowState.DONE) == 6
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.END)
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START)
        truth = await rig.truth()
        print(truth)

    play(story)
