"""What the panel says for a while: the newer of a press and a scan, and neither when its time is over."""

import asyncio
from datetime import UTC, datetime

import pytest

from drivers.errors import Code
from drivers.ports import BeltCommand, CommandResult, Pack
from sorter.belt import acts
from sorter.belt.pack import Why
from sorter.ims.crates import PAIR_WITHIN, Said, Swap
from sorter.noticing import Noticing
from tests.unit.sorter_belt.belt import Play

C, R = BeltCommand, CommandResult
HALF = Swap(Said.CRATE_NEXT, chute="A-03")
WHOLE = Swap(Said.DOCKED, chute="A-01", crate="K-0001", bin="adults")


class Clock:
    """Set by hand."""

    at = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 3, 9, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.at


class Panel:
    """A line in Execute, and what its panel says."""

    def __init__(self) -> None:
        self.play, self.clock, self.shown = Play(), Clock(), 0
        self.noticing = Noticing(self.clock, self._show)

    def _show(self) -> None:
        self.shown += 1

    def after(self, seconds: float) -> str:
        self.clock.at += seconds
        words = self.noticing.words(self.play.line)
        return "" if words is None else words.key


@pytest.fixture
async def panel() -> Panel:
    return Panel()


async def test_a_refusal_is_shown_after_a_scan(panel: Panel) -> None:
    panel.noticing.scanned(WHOLE)
    panel.clock.at += 1
    panel.noticing.told(C.RESET, Why.STATE)
    assert panel.after(0) == "sorter.no.state"
    assert panel.shown == 2


async def test_a_scan_is_shown_after_a_refusal(panel: Panel) -> None:
    panel.noticing.told(C.RESET, Why.STATE)
    panel.clock.at += 1
    panel.noticing.scanned(WHOLE)
    assert panel.after(0) == "crates.said.docked"


async def test_what_went_well_leaves_a_scan_that_waits_for_another(panel: Panel) -> None:
    panel.noticing.scanned(HALF)
    panel.clock.at += 1
    panel.noticing.told(C.HOLD, R.OK)
    assert panel.after(0) == "crates.said.crate_next"


async def test_half_a_pair_goes_when_the_half_is_forgotten(panel: Panel) -> None:
    panel.noticing.scanned(HALF)
    forgotten = PAIR_WITHIN.total_seconds()
    assert (panel.after(forgotten - 1), panel.noticing.half) == ("crates.said.crate_next", True)
    assert (panel.after(1), panel.noticing.half) == ("", False)


async def test_half_a_pair_that_is_taken_back_goes_at_once(panel: Panel) -> None:
    panel.noticing.scanned(HALF)
    panel.noticing.scanned(None)
    assert (panel.after(0), panel.noticing.half) == ("", False)


@pytest.mark.parametrize("answer", [Why.STATE, R.BUSY, Code.WIRE_SILENT])
async def test_every_refusal_goes_after_a_while(
    panel: Panel, answer: Why | CommandResult | Code
) -> None:
    panel.noticing.told(C.RESET if answer is Why.STATE else C.HOLD, answer)
    assert panel.after(0)
    assert panel.after(PAIR_WITHIN.total_seconds()) == ""


async def test_a_refusal_that_holds_no_longer_is_not_shown(panel: Panel) -> None:
    play = panel.play
    play.induct(1)
    play.tracked, play.signs, play.pack = 1, frozenset(), Pack.ABORTED
    play.say()
    play.signs = frozenset({*Play().signs})
    play.say()
    panel.noticing.told(C.CLEAR, Why.DOUBTED)
    assert panel.after(0) == "sorter.no.doubted"
    play.happen(acts.Emptied())
    assert panel.after(0) == ""


async def test_an_answer_goes_when_the_belt_has_come_on_by_another_way(panel: Panel) -> None:
    panel.play.pack = Pack.ABORTED
    panel.play.say()
    panel.noticing.told(C.CLEAR, R.NOT_PERMITTED)
    assert panel.after(0) == "sorter.no.cabinet"
    panel.play.pack = Pack.STOPPED
    panel.play.say()
    assert panel.after(0) == ""


async def test_the_next_press_takes_it_away(panel: Panel) -> None:
    panel.noticing.told(C.HOLD, R.BUSY)
    panel.noticing.pressed()
    assert panel.after(0) == ""


async def test_its_end_is_shown_though_nothing_else_happens(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[float] = []
    monkeypatch.setattr(
        asyncio.get_running_loop(), "call_later", lambda delay, _call: later.append(delay)
    )
    panel.noticing.scanned(HALF)
    assert later == [PAIR_WITHIN.total_seconds()]
