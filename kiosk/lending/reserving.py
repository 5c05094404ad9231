"""An item that another borrower is waiting for, or that may not leave today: reserved with one touch instead. Pure.

A hold whose answer never came is settled by the lists of holds, never by asking again.
"""

from dataclasses import replace

from drivers.ports import Answer, Outcome
from drivers.service.view import Cue
from kiosk.lending import end
from kiosk.lending.acts import HoldPlaced, PlaceHold
from kiosk.lending.lents import TRY_AGAIN
from kiosk.lending.rows import Reservation, Row, RowState
from kiosk.lending.turn import Turn

RESERVABLE = frozenset({"item.reserved", "item.on_loan"})
"""Reasons of a refusal that time will mend."""


def possible(row: Row) -> bool:
    """Whether it may be asked for."""
    refused = row.state is RowState.REFUSED and row.reason in RESERVABLE
    asked_for = {Reservation.ASKING, Reservation.PLACED, Reservation.UNKNOWN}
    return refused and row.reservation not in asked_for


def pressed(turn: Turn, row_id: str) -> None:
    """Reserve was pressed on a row."""
    row, visit = turn.state.row(row_id), turn.state.visit
    if row is None or not possible(row) or visit.patron is None or visit.choice is not None:
        return
    if turn.state.devices.away:
        return
    turn.put(replace(row, reservation=Reservation.ASKING))
    turn.do(PlaceHold(row.id, visit.patron, row.item, turn.now.wall))


def placed(turn: Turn, event: HoldPlaced) -> None:
    """The library system answered, or settling found out."""
    row = turn.state.row(event.row)
    if row is None or row.reservation not in {Reservation.ASKING, Reservation.UNKNOWN}:
        return
    after = _after(event.answer)
    turn.put(replace(row, reservation=after))
    if after is Reservation.PLACED:
        turn.visit(fresh=False)
        turn.cue(Cue.ITEM_OK)
    elif after is not Reservation.UNKNOWN:
        turn.cue(Cue.REFUSED)
    end.settled(turn)


def _after(answer: Answer) -> Reservation:
    if answer.done:
        return Reservation.PLACED
    if answer.outcome is Outcome.UNKNOWN:
        return Reservation.UNKNOWN
    return Reservation.LOST if answer.reason == TRY_AGAIN else Reservation.REFUSED
