"""My holds: cancelled one by one, each after a question and with its own answer.

A cancelling whose answer never came is settled by the lists of holds, never by asking again.
"""

from dataclasses import replace

from drivers.ports import Answer, Outcome
from drivers.runtime.flow import SetTimer, StopTimer
from drivers.service.cases import CaseKind
from drivers.service.view import Cue
from kiosk.lending import end
from kiosk.lending.acts import CancelHold, OpenCase
from kiosk.lending.helds import ANSWERABLE, Held, HeldState
from kiosk.lending.state import Over, Phase
from kiosk.lending.turn import Turn


def pressed(turn: Turn, which: str) -> None:
    """Cancel was pressed on a line: ask first."""
    state = turn.state
    held = state.held(which)
    if (
        held is not None
        and held.cancellable
        and state.phase is Phase.HOLDS
        and state.visit.choice is None
    ):
        turn.visit(asked=held.id)
        turn.set(over=Over.ASK_CANCEL)


def said(turn: Turn, *, yes: bool) -> None:
    """The person said whether the hold shall go."""
    held, patron = turn.state.held(turn.state.visit.asked), turn.state.visit.patron
    turn.visit(asked="")
    turn.uncover()
    if yes and held is not None and held.cancellable and patron is not None:
        _put(turn, replace(held, state=HeldState.ASKING, reason=""))
        turn.do(CancelHold(held.id, patron, held.hold, turn.now.wall))


def cancelled(turn: Turn, held_id: str, answer: Answer) -> None:
    """The library system answered, or settling found out."""
    held = turn.state.held(held_id)
    if held is None or held.state not in ANSWERABLE:
        return
    turn.do(StopTimer(f"row.{held_id}"))
    if answer.done:
        _put(turn, replace(held, state=HeldState.CANCELLED))
        turn.cue(Cue.ITEM_OK)
    elif answer.outcome is Outcome.UNKNOWN:
        _put(turn, replace(held, state=HeldState.UNKNOWN))
        turn.do(SetTimer(f"row.{held_id}", turn.rules.wait_tag_s))
        if turn.state.devices.away:
            timed_out(turn, held_id)
    else:
        reason = answer.reason or "ils.offline"
        _put(turn, replace(held, state=HeldState.REFUSED, reason=reason))
        turn.cue(Cue.REFUSED)
    end.settled(turn)


def timed_out(turn: Turn, held_id: str) -> None:
    """No answer in time: settled behind the visit, and staff hears of it meanwhile."""
    held = turn.state.held(held_id)
    if held is not None and held.state is HeldState.UNKNOWN:
        _put(turn, replace(held, state=HeldState.STAFF))
        turn.do(StopTimer(f"row.{held_id}"), OpenCase(CaseKind.HOLD_UNKNOWN, held.hold.key))
        end.settled(turn)


def went_away(turn: Turn) -> None:
    """The library system is away: what it has not answered need not be waited for."""
    for held in turn.state.helds:
        timed_out(turn, held.id)


def _put(turn: Turn, held: Held) -> None:
    turn.set(helds=tuple(held if old.id == held.id else old for old in turn.state.helds))
