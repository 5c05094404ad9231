"""What waits for its tags while the pad does not work: nobody can put it back, so it is not asked for. Pure.

A pad that is back soon takes up by itself what still lies there. Whoever finishes meanwhile waits a moment for it, and
then staff has the rest.
"""

from drivers.runtime.flow import SetTimer
from kiosk.lending.backs import BackState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from kiosk.lending.turn import Turn

MOMENT_S = 10.0
"""How long whoever has finished waits for a pad that has just failed."""
WAITING = frozenset({RowState.WAIT_TAG, RowState.UNDO_PLACE})


def wait_s(turn: Turn) -> float:
    """How long an item is waited for that must lie on the pad."""
    if _ending(turn) and not turn.state.devices.pad:
        return min(MOMENT_S, turn.rules.wait_tag_s)
    return turn.patience(turn.rules.wait_tag_s)


def hasten(turn: Turn) -> None:
    """The visit is ending, or the pad is gone: what waits for both waits no longer than it must."""
    state = turn.state
    if not _ending(turn) or state.devices.pad:
        return
    rows = (row.id for row in state.rows if row.state in WAITING)
    backs = (back.id for back in state.backs if back.state is BackState.WAIT_TAG)
    turn.do(*(SetTimer(f"row.{id}", wait_s(turn)) for id in (*rows, *backs)))


def _ending(turn: Turn) -> bool:
    return turn.state.phase is Phase.FINISHING or turn.state.visit.choice is not None
