"""The screen of a person's loans."""

from dataclasses import replace

from config.station import Station
from config.texts import Money, Text, text
from drivers.service.view import Action, RowsBody, Screen, TimeClass, Weight
from kiosk.lending.lents import LentState
from kiosk.lending.state import Lending
from kiosk.view.actions import assist, finish, finish_caption, primary, tabs
from kiosk.view.rows import Words, lent_row
from kiosk.view.top import greeting, visit_banner


def loans(state: Lending, station: Station, words: Words) -> Screen:
    ending = state.visit.choice is not None
    waiting = state.visit.fetching
    lead: Text | None = None
    if state.visit.owed:
        lead = text("fees.total", sum=Money(state.visit.owed))
    if waiting:
        title = text("loans.waiting")
    elif state.visit.notice:
        title, lead = text("loans.title"), text(state.visit.notice)
    elif not state.lents:
        title = text("loans.none")
    else:
        renewed = sum(lent.state is LentState.RENEWED for lent in state.lents)
        asked = sum(lent.asked for lent in state.lents)
        title = text("loans.renewed", n=renewed, m=asked) if asked else text("loans.title")
    if state.late:
        lead = text("account.slow")
    return Screen(
        "loans",
        title,
        RowsBody(rows=tuple(lent_row(lent, words, changeable=not ending) for lent in state.lents)),
        TimeClass.HELD if state.busy else TimeClass.WORK,
        lead=lead,
        corner=greeting(state),
        banner=visit_banner(state, station),
        caption=finish_caption(state),
        tabs=tabs(state, station),
        actions=_loans_actions(state, station, ending=ending),
        assist=assist(state),
    )


def _loans_actions(state: Lending, station: Station, *, ending: bool) -> tuple[Action, ...]:
    some = any(lent.state is LentState.LENT for lent in state.lents)
    if ending or state.visit.fetching or not some:
        return finish(state, station, finishing=ending, anything=bool(state.lents))
    rest = finish(state, station, finishing=False, anything=True)
    everything = primary("renew.all", "action.renew_all", "autorenew")
    return (everything, *(replace(action, weight=Weight.SECONDARY) for action in rest))
