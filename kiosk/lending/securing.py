"""The security byte of what is lent: written, read back, tried again, and what is done when it cannot be written. Pure.

ILS first, tag second: nothing here runs before the library system has said that the loan stands, or, for an undo,
before it is asked to cancel.
"""

from dataclasses import replace

from drivers.errors import Code
from drivers.ports import Uid
from drivers.runtime.flow import SetTimer, StopTimer
from drivers.service.cases import CaseKind
from drivers.service.view import Cue
from kiosk.lending import end, padless
from kiosk.lending import pad as pads
from kiosk.lending.acts import OpenCase, SetSecurity, TakeBack
from kiosk.lending.rows import Happening, Row, RowState, can
from kiosk.lending.state import LISTS, Phase
from kiosk.lending.turn import Turn

_CASES = {
    RowState.UNKNOWN: CaseKind.LOAN_UNKNOWN,
    RowState.UNDO_UNKNOWN: CaseKind.RETURN_UNKNOWN,
    RowState.WAIT_TAG: CaseKind.STILL_ARMED,
    RowState.UNDO_PLACE: CaseKind.STILL_DISARMED,
}
"""Which case a row leaves to staff when its time is up."""

_UNSURE = frozenset({RowState.UNKNOWN, RowState.UNDO_UNKNOWN})

_WIRE = frozenset({Code.PORT_GONE, Code.PORT_ABSENT, Code.WIRE_SILENT, Code.WIRE_STALLED})
"""The reader did not answer: that says nothing of the tag."""


def _wanted(turn: Turn, row: Row) -> int:
    armed = row.state in {RowState.UNDO_ARM, RowState.UNDO_ASK, RowState.UNDO_PLACE}
    return turn.security.in_stock if armed else turn.security.on_loan


def write(turn: Turn, row: Row) -> None:
    """Write every part that is not verified yet; a row whose parts are not all here waits for them."""
    if not _ready(turn, row):
        _wait(turn, turn.move(row, Happening.TAG_LOST))
        return
    for part in row.tags:
        if not part.verified:
            turn.do(SetSecurity(row.id, row.item, part.uid, _wanted(turn, row)))


def _ready(turn: Turn, row: Row) -> bool:
    """What is to be written lies here; part of a set is armed, and never made silent."""
    armed = _wanted(turn, row) == turn.security.in_stock
    return all_here(row) and (armed or row.all_seen(turn.security.whole_sets))


def tag_written(turn: Turn, row_id: str, uid: Uid, afi: int) -> None:
    """A part reads back right."""
    row = turn.state.row(row_id)
    if row is None or row.state not in {RowState.TAG_WRITE, RowState.WAIT_TAG, RowState.UNDO_ARM}:
        return
    if afi != _wanted(turn, row):
        return
    row = with_part(row, uid, verified=True)
    turn.put(row)
    if not row.all_verified:
        return
    if row.state is RowState.UNDO_ARM:
        row = turn.move(row, Happening.VERIFIED)
        patron = turn.state.visit.patron
        if patron is not None:
            turn.do(TakeBack(row.id, patron, row.item, turn.now.wall))
        return
    if row.state is RowState.WAIT_TAG:
        row = turn.move(row, Happening.TAG_BACK)
    turn.do(StopTimer(f"row.{row.id}"))
    turn.move(row, Happening.VERIFIED, armed_again=False)
    turn.cue(Cue.ITEM_OK)
    end.settled(turn)


def tag_not_written(turn: Turn, row_id: str, uid: Uid, afi: int, code: Code) -> None:
    """A part is not known to be right: try again while it lies there, else ask for it."""
    row = turn.state.row(row_id)
    if row is None or row.state not in {RowState.TAG_WRITE, RowState.UNDO_ARM}:
        return
    if afi != _wanted(turn, row):
        return
    part = next((part for part in row.tags if part.uid == uid), None)
    if part is None:
        return
    if code in {Code.TAG_LOST, Code.TAG_NONE}:
        # the device is surer than the polls: forget the tag, so that its return is seen as a return
        turn.set(pad=pads.lifted(turn.state.pad, uid))
        row = with_part(row, uid, here=False, verified=False)
        _wait(turn, turn.move(row, Happening.TAG_LOST))
    elif not turn.state.devices.pad or code in _WIRE:
        # the reader is gone, not the tag: pad_ready or a later poll takes it up again
        row = with_part(row, uid, tries=part.tries + 1)
        _wait(turn, turn.move(row, Happening.TAG_LOST))
    elif part.tries + 1 < turn.rules.write_tries and code is not Code.TAG_LOCKED:
        turn.put(with_part(row, uid, tries=part.tries + 1, verified=False))
        turn.do(SetSecurity(row.id, row.item, uid, afi))
    else:
        row = with_part(row, uid, tries=turn.rules.write_tries)
        row = turn.move(row, Happening.TRIES_SPENT)
        if row.state is RowState.STAFF:
            turn.do(OpenCase(CaseKind.STILL_DISARMED, row.item))
            end.settled(turn)
        else:
            _wait(turn, row)


def pad_ready(turn: Turn) -> None:
    """The reader is back: what it could not finish is taken up where the items still lie."""
    turn.set(reading=frozenset())
    for row in turn.state.rows:
        if row.tags:
            take_up(turn, row)


def take_up(turn: Turn, row: Row) -> None:
    """Write what waited for its tags, if they are all here now."""
    if row.state in {RowState.WAIT_TAG, RowState.UNDO_PLACE} and _ready(turn, row):
        armed = row.armed_again or row.state is RowState.UNDO_PLACE
        row = turn.move(row, Happening.TAG_BACK, armed_again=armed)
        turn.do(StopTimer(f"row.{row.id}"))
        write(turn, row)


def _wait(turn: Turn, row: Row) -> None:
    if turn.state.phase in LISTS and turn.state.visit.choice is None:
        turn.set(phase=Phase.BORROW)  # where it is said which item must come back
    turn.show()
    turn.cue(Cue.ATTENTION)
    turn.do(SetTimer(f"row.{row.id}", padless.wait_s(turn)))


def row_timed_out(turn: Turn, row_id: str) -> None:
    """Nothing came in time: the matter goes to staff, or an undo that touched nothing is dropped."""
    row = turn.state.row(row_id)
    if row is None:
        return
    if row.state is RowState.UNDO_PLACE and not row.armed_again:
        turn.move(row, Happening.KEEP)
    elif can(row, Happening.TIMED_OUT):
        kind = _CASES[row.state]
        turn.move(row, Happening.TIMED_OUT, unsure=row.state in _UNSURE)
        turn.cue(Cue.ATTENTION)
        turn.do(OpenCase(kind, row.item))
        if not row.all_seen(turn.security.whole_sets):
            turn.do(OpenCase(CaseKind.SET_INCOMPLETE, row.item))
    end.settled(turn)


def with_part(row: Row, uid: Uid, **changes: bool | int) -> Row:
    """One of its tags as it is now."""
    return replace(
        row,
        tags=tuple(
            replace(part, **changes) if part.uid == uid else part  # type: ignore[arg-type]
            for part in row.tags
        ),
    )


def unverified(row: Row) -> Row:
    """Its tags are to be written anew."""
    return replace(row, tags=tuple(replace(p, verified=False, tries=0) for p in row.tags))


def all_here(row: Row) -> bool:
    return all(part.here for part in row.tags if not part.verified)
