"""A loan of this visit taken back, and a set that is not borrowed after all.

The tag is armed and read back first, then the library system is asked to cancel; so a tag is never silent for
an item that is not on loan.
"""

from dataclasses import replace

from drivers.runtime.flow import SetTimer, StopTimer
from drivers.service.view import Cue
from kiosk.lending import end, padless
from kiosk.lending.acts import TakeBack
from kiosk.lending.rows import Happening, RowState, can
from kiosk.lending.securing import all_here, unverified, write
from kiosk.lending.turn import Turn


def undo(turn: Turn, row_id: str) -> None:
    """Take a loan of this visit back: the item on the pad, armed, then cancelled."""
    row = turn.state.row(row_id)
    patron = turn.state.visit.patron
    if row is None or patron is None or row.state is not RowState.DONE or row.hers:
        return
    if row.tags and not turn.state.devices.pad:
        return  # nothing could arm it again
    row = replace(unverified(row), undo_failed=False)
    if not row.tags:
        row = turn.move(row, Happening.UNDO)
        row = turn.move(row, Happening.VERIFIED)
        turn.do(TakeBack(row.id, patron, row.item, turn.now.wall))
    elif all_here(row):
        write(turn, turn.move(row, Happening.UNDO, armed_again=True))
    else:
        row = turn.move(row, Happening.UNDO_AWAY)
        turn.do(SetTimer(f"row.{row.id}", padless.wait_s(turn)))


def cancelled(turn: Turn, row_id: str, done: bool | None) -> None:
    """The library system took the loan back, would not, or did not say."""
    row = turn.state.row(row_id)
    if row is None or row.state not in {RowState.UNDO_ASK, RowState.UNDO_UNKNOWN}:
        return
    turn.do(StopTimer(f"row.{row.id}"))
    if done is None:
        if row.state is RowState.UNDO_ASK:
            turn.move(row, Happening.NO_ANSWER)
            turn.do(SetTimer(f"row.{row.id}", turn.rules.wait_tag_s))
        return
    if done:
        turn.move(row, Happening.CANCELLED, armed_again=False)
        turn.cue(Cue.DONE)
    else:
        row = turn.move(unverified(row), Happening.CANCEL_REFUSED, undo_failed=True)
        turn.cue(Cue.REFUSED)
        if row.tags:
            write(turn, row)
        else:
            turn.move(row, Happening.VERIFIED)
    end.settled(turn)


def skip(turn: Turn, row_id: str) -> None:
    """A set with parts missing is not borrowed after all; or an undo is dropped before it began."""
    row = turn.state.row(row_id)
    if row is not None and can(row, Happening.SKIP):
        turn.move(row, Happening.SKIP)
    elif row is not None and row.state is RowState.UNDO_PLACE and not row.armed_again:
        turn.do(StopTimer(f"row.{row.id}"))
        turn.move(row, Happening.KEEP)
