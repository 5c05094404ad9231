"""Somebody wants a person: the screen says where staff is, and where the library wants it they are told at once."""

from drivers.service.cases import CaseKind
from kiosk.lending.acts import OpenCase
from kiosk.lending.state import Over
from kiosk.lending.turn import Turn

HERE = "kiosk"
"""What a call is about when it is about no item."""


def pressed(turn: Turn, of: str) -> None:
    """Ask staff: about the item of a row, or at all."""
    thing = turn.state.row(of) or turn.state.back(of)
    if of and thing is None:
        return
    turn.set(over=Over.STAFF)
    if turn.tells_staff:
        turn.do(OpenCase(CaseKind.CALLED, thing.item if thing is not None and thing.item else HERE))
