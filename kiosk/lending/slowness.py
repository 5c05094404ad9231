"""The library system takes its time: after a while without any answer the person is told what to do meanwhile."""

from drivers.runtime.flow import SetTimer, StopTimer
from kiosk.lending.backs import BackState
from kiosk.lending.helds import HeldState
from kiosk.lending.lents import LentState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Lending
from kiosk.lending.turn import Turn

LATE_AFTER_S = 5.0
"""Each answer begins it anew: a stack is not slow because it is high."""
TIMER = "late"
ACCOUNT = "account"


def keep(turn: Turn) -> None:
    """After each step: who waits for an answer, and is the clock for it running?"""
    before, asked = turn.state.asked, _asked(turn.state)
    if asked == before:
        return
    turn.set(asked=asked)
    if not asked:
        turn.do(StopTimer(TIMER))
        turn.set(late=False)
    elif before - asked or not before:
        turn.do(SetTimer(TIMER, LATE_AFTER_S))
        turn.set(late=False)


def late(turn: Turn) -> None:
    """Nothing was answered for so long."""
    if turn.state.asked:
        turn.set(late=True)


def _asked(state: Lending) -> frozenset[str]:
    account = {ACCOUNT} if state.visit.fetching else set()
    return frozenset(
        account
        | {row.id for row in state.rows if row.state is RowState.ASKING}
        | {back.id for back in state.backs if back.state is BackState.ASKING}
        | {lent.id for lent in state.lents if lent.state is LentState.ASKING}
        | {held.id for held in state.helds if held.state is HeldState.ASKING}
    )
