"""What a machine counts of whole visits: once each, also when the power goes, and with nobody in it."""

from pathlib import Path

import pytest

from drivers.service.records import counts_of
from drivers.service.statistics import Count, Month, What, month
from drivers.store import effects
from hw_sim.scenario import load
from hw_sim.simloop import run
from hw_sim.stage import Stage
from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.rig import Rig, play
from tests.simulation.test_first_loan import LENT, borrow_all


async def figures(rig: Rig) -> Month:
    return month("2026-11", await rig.store.read(lambda txn: counts_of(txn, "2026-11")))


def test_one_visit_is_counted_as_it_was() -> None:
    async def story(rig: Rig) -> None:
        await borrow_all(rig)
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.END)
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START)
        found = await figures(rig)
        assert found.total(What.LOAN) == len(LENT)
        assert found.by_hour[What.LOAN][10] == len(LENT)
        assert sum(found.by_type[What.LOAN].values()) == len(LENT)
        assert found.refused == {"loan.item.reserved": 1}
        assert found.visits == {"done": 1}
        assert found.receipts == {"paper": 1}
        assert found.mean_seconds is not None
        assert 0 < found.mean_seconds < 120
        told = (await rig.kiosk.request("counts", {"month": "2026-11"}))["counts"]
        counts = [Count(period, What(what), kind, n) for period, what, kind, n in told]
        assert month("2026-11", counts) == found, "the door tells the same"

    play(story)


def test_an_undone_loan_is_none_and_a_return_and_a_wrong_pin_are_told() -> None:
    async def story(rig: Rig) -> None:
        await rig.scan("1234567890")
        await rig.until(lambda s: s.phase is Phase.PIN)
        await rig.enter_pin("9999")
        await rig.until(lambda s: s.visit.notice != "")
        await rig.enter_pin("1234")
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(LENT[0], LENT[1])
        await rig.until(lambda s: len(s.done) == 2)
        first = rig.state.done[0]
        await rig.press(f"undo.{first.id}")
        await rig.until(lambda s: any(r.state is RowState.UNDONE for r in s.rows))
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.press("return")
        await rig.lay(LENT[1] if first.item == LENT[0] else LENT[0])
        await rig.until(lambda s: len(s.backs) == 1 and not s.busy)
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)
        found = await figures(rig)
        assert (found.total(What.LOAN), found.total(What.RETURN)) == (1, 1)
        assert found.refused == {"sign_in.card_or_pin": 1}
        assert found.visits == {"done": 2}

    play(story)


def test_who_walks_away_is_an_abandoned_visit() -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.until(lambda s: s.phase is Phase.START, 200)
        assert (await figures(rig)).visits == {"abandoned": 1}

    play(story)


@pytest.mark.parametrize(("fault", "lent"), [("drop_after_commit", 1), ("drop_before_commit", 0)])
def test_a_loan_settled_after_a_power_cut_is_counted_once(
    tmp_path: Path, heard: Heard, fault: str, lent: int
) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def whole() -> Month:
        stage = Stage(load("first-loan"), pace="none")
        stage.begin()
        first = Rig(stage=stage, database=tmp_path / "station.db")
        await first.start()
        await first.sign_in()
        await first.until(lambda s: s.phase is Phase.BORROW)
        await first.fault("library", fault, only="11", count=1)
        await first.lay(LENT[0])
        await first.until(lambda s: any(r.state is RowState.UNKNOWN for r in s.rows))
        await first.kill()
        again = Rig(stage=stage, database=tmp_path / "station.db", seed=8)
        await again.start()
        await again.until(lambda s: s.phase is Phase.START)
        while await again.store.read(effects.open_rows):
            await again.pause(1)
        found = await figures(again)
        await again.stop()
        await stage.close()
        return found

    found = run(whole())
    assert found.total(What.LOAN) == lent
    assert not found.refused, "what was never done was refused by nobody"
