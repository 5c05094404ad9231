"""Tags that lie there and cannot be read: said after a moment, and settled by a barcode. Pure."""

from drivers.runtime.flow import SetTimer
from drivers.service.view import Cue
from kiosk.lending.rows import Happening, Part, Row, RowState
from kiosk.lending.state import Phase
from kiosk.lending.turn import Turn

AFTER_S = 2.0
"""How long a tag may go unread before the person is told."""


def show(turn: Turn) -> None:
    """Tell of tags that have been unread for long enough; look again for younger ones."""
    state = turn.state
    if state.phase not in {Phase.BORROW, Phase.CARD, Phase.RETURN}:
        return
    shown = {part.uid for row in state.rows for part in row.tags} | {uid for uid, _ in state.named}
    for uid, since in state.unread:
        if uid in shown:
            continue
        left = AFTER_S - (turn.now.monotonic - since)
        if left > 0.001:
            turn.do(SetTimer("unread", left))
        else:
            turn.add(Row("", "", tags=(Part(uid, 1),), state=RowState.UNREAD))
            turn.cue(Cue.ATTENTION)


def named(turn: Turn, item: str) -> bool:
    """A barcode is scanned while a tag lies there that cannot be read: it is that one's, and need not be asked for.

    Returns whether one lies there.
    """
    row = next((row for row in turn.state.rows if row.state is RowState.UNREAD), None)
    if row is None:
        return False
    turn.move(row, Happening.LIFTED)
    turn.set(named=(*turn.state.named, *((part.uid, item) for part in row.tags)))
    return True
