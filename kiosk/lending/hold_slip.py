"""The slip for a returned item that somebody has reserved: printed at once, to lie in it on its way. Nobody's name is on it.

Without a printer there is none, and the item is returned all the same.
"""

from dataclasses import replace

from drivers.ports import Returned
from kiosk.lending.acts import PrintHoldSlip
from kiosk.lending.backs import Back, BackEvent, can
from kiosk.lending.turn import Turn

HERE = "01"
"""Alert type (SIP2 CV) of a hold that is collected at the library where the item was returned."""


def gave_back(turn: Turn, back_id: str, answer: Returned) -> None:
    """The answer to a check-in, before the item moves on: is there to be a slip?"""
    back = turn.state.back(back_id)
    wanted = turn.returns.hold_slip and turn.state.devices.printer.usable
    if back is None or not wanted or not (answer.done and answer.held):
        return
    if not can(back, BackEvent.TAKEN):
        return
    _put(turn, replace(back, slip=True))
    away = bool(answer.destination) or answer.alert_type != HERE
    title = answer.title or back.title
    turn.do(
        PrintHoldSlip(back.id, back.item, title, away, answer.destination, turn.now.wall),
    )


def ended(turn: Turn, back_id: str, *, printed: bool) -> None:
    """What does not come is not asked for."""
    back = turn.state.back(back_id)
    if back is not None and not printed:
        _put(turn, replace(back, slip=False))


def _put(turn: Turn, back: Back) -> None:
    turn.set(backs=tuple(back if old.id == back.id else old for old in turn.state.backs))
