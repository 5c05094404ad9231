"""Outside its hours the screen is dark while nobody is here, and whoever comes wakes it. Pure, a part of the flow's step.

A dark screen wastes no light, and no picture burns into it. It is never dark under a visit.
"""

from drivers.runtime.flow import Event, SetTimer, TimerFired
from kiosk.lending.acts import ACTIVITY
from kiosk.lending.state import Lending, Phase
from kiosk.lending.turn import Turn

DARK = "dark"
RESTING = frozenset({Phase.START, Phase.CLOSED})
"""Screens that may be dark."""


def keep(turn: Turn, before: Lending, event: Event, *, lit: bool) -> None:
    """After each step: `lit` is what the hours and staff say of this moment."""
    state = turn.state
    if lit or state.phase not in RESTING:
        if state.dark or state.awake:
            turn.set(dark=False, awake=False)
    elif (
        isinstance(event, ACTIVITY)
        or before.phase not in RESTING
        or before.pad.uids != state.pad.uids
    ):
        turn.set(dark=False, awake=True)
        turn.do(SetTimer(DARK, turn.patience(turn.rules.idle_s)))
    elif not state.dark and (not state.awake or event == TimerFired(DARK)):
        turn.set(dark=True, awake=False)
        turn.plain()
