"""The end of a visit: settle what runs, print, say goodbye, and keep nothing."""

from dataclasses import replace

from drivers.ports import PrintOutcome
from drivers.runtime.flow import SetTimer, StopTimer
from drivers.service.cases import CaseKind
from drivers.service.view import Cue
from kiosk.lending import returning
from kiosk.lending.acts import EndVisit, MailSlip, OpenCase, PrintSlip, SettleCase
from kiosk.lending.lents import LentState
from kiosk.lending.rows import RowState
from kiosk.lending.slips import Failed
from kiosk.lending.state import (
    LISTS,
    SIGNING_IN,
    Farewell,
    Over,
    Phase,
    ReceiptChoice,
    ReceiptState,
    Visit,
)
from kiosk.lending.turn import Turn

_AWAITED = frozenset({ReceiptState.PRINTING, ReceiptState.MAILED})
"""Paper that comes, or a message that is being written down: the end screen waits for it."""
CHIME_S = 4.0
"""While something is left on the pad, it is said again as often."""
PAD = "pad"
LIST_STAYS_S = 30.0
"""How long the list stands on the screen when the receipt did not come, after the last sign of life."""

_CHOICES = {"print": ReceiptChoice.PRINT, "email": ReceiptChoice.EMAIL}


def pressed(turn: Turn, how: str) -> None:
    """Finish: with a receipt or without; also what can be done about a receipt that did not come."""
    state = turn.state
    if state.phase is Phase.RECEIPT_FAILED:
        _after_failure(turn, how)
        return
    possible = {
        "print": state.prints,
        "email": bool(state.devices.mail and state.address),
    }
    if not possible.get(how, True):
        return
    choice = _CHOICES.get(how, ReceiptChoice.NONE)
    if (
        state.phase is Phase.BORROW
        or state.phase in LISTS
        or (state.phase is Phase.PAYING and not state.paying)
    ):
        finish(turn, choice)
    elif state.phase is Phase.RETURN:
        returning.finish(turn, choice)
    elif state.phase is Phase.BLOCKED:
        finish(turn, None)


def _after_failure(turn: Turn, how: str) -> None:
    """Once more on paper, by e-mail instead, or seen."""
    state = turn.state
    failed = state.failed_receipt
    if failed is None or how not in _CHOICES:
        _list_seen(turn)
    elif how == "print" and state.prints:
        _again(turn, ReceiptState.PRINTING)
        copy = not failed.mailed
        turn.do(PrintSlip(replace(failed.slip, copy=copy), failed.to))
    elif how == "email" and state.devices.mail and failed.to:
        _again(turn, ReceiptState.MAILED)
        turn.do(MailSlip(failed.slip, failed.to))


def _again(turn: Turn, receipt: ReceiptState) -> None:
    turn.do(StopTimer("receipt"))
    farewell = turn.state.farewell
    turn.set(
        phase=Phase.END,
        failed_receipt=None,
        farewell=None if farewell is None else replace(farewell, receipt=receipt),
    )


def finish(turn: Turn, choice: ReceiptChoice | None, *, timed_out: bool = False) -> None:
    """End the visit now, or as soon as the last row is settled."""
    state = turn.state
    if state.phase is Phase.RETURN:
        returning.finish(turn, choice, timed_out=timed_out)
        return
    if state.phase in SIGNING_IN:
        _leave(turn, timed_out=timed_out)
        return
    turn.visit(choice=choice or ReceiptChoice.NONE)
    if state.unsettled:
        if state.phase not in {*LISTS, Phase.PAYING} or state.borrowing_unsettled:
            turn.set(phase=Phase.FINISHING)
        return
    _leave(turn, timed_out=timed_out)


def settled(turn: Turn) -> None:
    """A row came to its end: a visit that waits for it may end."""
    state = turn.state
    ending = state.phase is Phase.FINISHING or (
        state.phase in LISTS and state.visit.choice is not None
    )
    if ending and not state.unsettled:
        _leave(turn, timed_out=False)


def _leave(turn: Turn, *, timed_out: bool) -> None:
    """Say goodbye. From here on the state holds counts and a date, and nothing of the person."""
    state = turn.state
    rows = state.rows
    borrowed = state.borrowed
    was_in = state.visit.patron is not None
    receipt = ReceiptState.NONE
    slip = state.slip(turn.now.wall)
    if slip is not None and state.visit.choice is ReceiptChoice.PRINT:
        receipt = ReceiptState.PRINTING
        turn.do(PrintSlip(slip, state.address))
    elif slip is not None and state.visit.choice is ReceiptChoice.EMAIL:
        receipt = ReceiptState.MAILED
        turn.do(MailSlip(slip, state.address))
    renewed = sum(lent.state is LentState.RENEWED for lent in state.lents)
    turn.do(
        EndVisit(
            done=len(state.done),
            refused=sum(row.state is RowState.REFUSED for row in rows),
            staff=sum(row.state is RowState.STAFF for row in rows),
            timed_out=timed_out,
            patron=state.visit.patron,
            renewed=renewed,
        ),
    )
    due = min((row.due for row in borrowed if row.due is not None), default=None)
    turn.do(*(StopTimer(f"row.{row.id}") for row in rows))
    turn.stop_lines()
    _forget(turn)
    if not was_in:
        turn.start_afresh(state.pad.uids)
        if not timed_out:
            turn.reads_as(state)
        return
    turn.set(
        phase=Phase.END,
        farewell=Farewell(
            len(borrowed),
            due,
            receipt,
            state.pad.uids,
            renewed=renewed,
            staff=sum(row.state is RowState.STAFF for row in rows),
            later=any(row.later for row in borrowed),
            paid=bool(state.visit.paid),
        ),
    )
    turn.cue(Cue.DONE)
    if receipt not in _AWAITED:
        turn.do(SetTimer("end", turn.patience(turn.rules.end_s)))


def _forget(turn: Turn) -> None:
    turn.set(
        visit=Visit(),
        rows=(),
        lents=(),
        helds=(),
        unread=(),
        failed_receipt=None,
        over=Over.NOTHING,
        idle_left=0,
    )


def printed(turn: Turn, outcome: PrintOutcome, failed: Failed | None) -> None:
    """The printer's word on the receipt."""
    if outcome.printed:
        _came(turn, ReceiptState.PRINTED)
    elif failed is not None:
        _failed(turn, failed)


def mailed(turn: Turn, failed: Failed | None) -> None:
    """The message is on its way, or could not be kept."""
    if failed is None:
        _came(turn, ReceiptState.MAILED)
    else:
        _failed(turn, failed)


def _came(turn: Turn, receipt: ReceiptState) -> None:
    state = turn.state
    if state.phase is not Phase.END or state.farewell is None:
        return
    turn.set(farewell=replace(state.farewell, receipt=receipt))
    turn.cue(Cue.DONE)
    turn.do(SetTimer("end", turn.patience(turn.rules.end_s)))


def _failed(turn: Turn, failed: Failed) -> None:
    """What was done stands; the list of it stays a while."""
    state = turn.state
    if state.phase is not Phase.END or state.farewell is None:
        return
    turn.set(
        phase=Phase.RECEIPT_FAILED,
        failed_receipt=failed,
        farewell=replace(state.farewell, receipt=ReceiptState.FAILED),
    )
    turn.cue(Cue.ATTENTION)
    list_stays(turn)


def list_stays(turn: Turn) -> None:
    """Somebody reads the list, or has it read aloud: its time begins afresh."""
    turn.do(SetTimer("receipt", turn.patience(LIST_STAYS_S)))


def timer(turn: Turn, kind: str) -> None:
    """The end screen, the list, or the reminder has stood long enough."""
    state = turn.state
    if kind == "receipt" and state.phase is Phase.RECEIPT_FAILED:
        _list_seen(turn)
    elif kind == "end" and state.phase is Phase.END:
        left = state.farewell.left & state.pad.uids if state.farewell else frozenset()
        if left and turn.rules.clear_pad_s > 0:
            turn.set(phase=Phase.CLEAR)
            turn.cue(Cue.ATTENTION)
            turn.do(SetTimer("clear", turn.rules.clear_pad_s), SetTimer("chime", CHIME_S))
        else:
            turn.start_afresh(left)
    elif kind == "chime" and state.phase is Phase.CLEAR:
        turn.cue(Cue.ATTENTION)
        turn.do(SetTimer("chime", CHIME_S))
    elif kind == "clear" and state.phase is Phase.CLEAR:
        turn.do(OpenCase(CaseKind.LEFT_BEHIND, PAD))
        turn.start_afresh(state.pad.uids)


def nothing_left(turn: Turn) -> None:
    """What somebody forgot has left the pad."""
    turn.do(SettleCase(CaseKind.LEFT_BEHIND, PAD))


def pad_changed(turn: Turn) -> None:
    """The pad was polled: the reminder ends when it is empty."""
    state = turn.state
    left = state.farewell.left if state.farewell is not None else frozenset()
    if state.phase is Phase.CLEAR and not left & state.pad.uids:
        turn.do(StopTimer("clear"))
        turn.start_afresh(frozenset())


def make_way(turn: Turn) -> None:
    """Somebody new is here while the last one's end still shows."""
    turn.do(StopTimer("end"), StopTimer("clear"), StopTimer("chime"), StopTimer("receipt"))
    turn.start_afresh(turn.state.pad.uids)


def _list_seen(turn: Turn) -> None:
    turn.do(StopTimer("receipt"))
    turn.set(phase=Phase.END, failed_receipt=None)
    turn.do(SetTimer("end", turn.patience(turn.rules.end_s)))
