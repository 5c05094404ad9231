"""My loans: what is borrowed and until when, renewed one by one or all, each with its own answer.

A renewal whose answer never came is settled by the due dates before and after, never by asking again.
"""

from dataclasses import replace
from datetime import date, timedelta

from drivers.ports import Borrowed, Outcome
from drivers.runtime.flow import SetTimer, StopTimer
from drivers.service.cases import CaseKind
from drivers.service.view import Cue
from kiosk.lending import end
from kiosk.lending.acts import OpenCase, Renew
from kiosk.lending.lents import ANSWERABLE, TRY_AGAIN, Lent, LentState
from kiosk.lending.state import Phase
from kiosk.lending.turn import Turn

TOO_EARLY = "renew.too_early"
_REFUSED_BY_NOBODY = frozenset({TRY_AGAIN, "item.pending"})
"""It was lost on its way, or something else is under way with this item: it may be pressed again."""


def pressed(turn: Turn, which: str) -> None:
    """Renew one, or all that have not been asked about yet."""
    patron = turn.state.visit.patron
    if patron is None or turn.state.phase is not Phase.LOANS or turn.state.visit.choice is not None:
        return
    for lent in turn.state.lents:
        if which in {"all", lent.id} and lent.state is LentState.LENT:
            _put(turn, replace(lent, state=LentState.ASKING, reason=""))
            turn.do(Renew(lent.id, patron, lent.item, lent.due, turn.now.wall))


def renewed(turn: Turn, lent_id: str, answer: Borrowed) -> None:
    """The library system answered, or settling found out."""
    lent = turn.state.lent(lent_id)
    if lent is None or lent.state not in ANSWERABLE:
        return
    turn.do(StopTimer(f"row.{lent_id}"))
    if answer.done:
        _put(
            turn, replace(lent, state=LentState.RENEWED, due=answer.due or lent.due, overdue=False)
        )
        turn.cue(Cue.ITEM_OK)
    elif answer.outcome is Outcome.UNKNOWN:
        _put(turn, replace(lent, state=LentState.UNKNOWN))
        turn.do(SetTimer(f"row.{lent_id}", turn.rules.wait_tag_s))
        if turn.state.devices.away:
            timed_out(turn, lent_id)
    elif answer.outcome is Outcome.OFFLINE or answer.reason in _REFUSED_BY_NOBODY:
        away = answer.outcome is Outcome.OFFLINE or turn.state.devices.away
        reason = "ils.offline" if away else TRY_AGAIN
        _put(turn, replace(lent, state=LentState.LENT, reason=reason))
        turn.cue(Cue.REFUSED)
    else:
        reason = answer.reason or "renew.refused"
        opens = _opens(turn, lent) if reason == TOO_EARLY else None
        _put(turn, replace(lent, state=LentState.REFUSED, reason=reason, opens=opens))
        turn.cue(Cue.REFUSED)


def _opens(turn: Turn, lent: Lent) -> date | None:
    """From when it can be renewed, by the library's rule; a day that has come already is no answer."""
    days = turn.rules.renewal_opens_days
    if not days or lent.due is None:
        return None
    first = lent.due - timedelta(days=days)
    return first if first > turn.now.wall.date() else None


def timed_out(turn: Turn, lent_id: str) -> None:
    """No answer in time: settled behind the visit, and staff hears of it meanwhile."""
    lent = turn.state.lent(lent_id)
    if lent is not None and lent.state is LentState.UNKNOWN:
        _put(turn, replace(lent, state=LentState.STAFF))
        turn.do(StopTimer(f"row.{lent_id}"), OpenCase(CaseKind.RENEWAL_UNKNOWN, lent.item))
        end.settled(turn)


def went_away(turn: Turn) -> None:
    """The library system is away: what it has not answered need not be waited for."""
    for lent in turn.state.lents:
        timed_out(turn, lent.id)


def _put(turn: Turn, lent: Lent) -> None:
    turn.set(lents=tuple(lent if old.id == lent.id else old for old in turn.state.lents))
