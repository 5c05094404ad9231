"""PackML in the simulated belt controller: which command leads where, and how acting states end.

State and command numbers as Beckhoff Tc3_PackML writes them on the wire; transitions after ANSI/ISA-TR88.00.02.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum

from hw_sim.agenda import Agenda, Due


class State(IntEnum):
    """PackML states."""

    CLEARING = 1
    STOPPED = 2
    STARTING = 3
    IDLE = 4
    SUSPENDED = 5
    EXECUTE = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    UNHOLDING = 12
    SUSPENDING = 13
    UNSUSPENDING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17


class Order(IntEnum):
    """PackML commands."""

    RESET = 1
    START = 2
    STOP = 3
    HOLD = 4
    UNHOLD = 5
    SUSPEND = 6
    UNSUSPEND = 7
    ABORT = 8
    CLEAR = 9
    COMPLETE = 10


_S = State
_NO_STOP = {_S.CLEARING, _S.STOPPED, _S.STOPPING, _S.ABORTING, _S.ABORTED}
_NO_ABORT = {_S.ABORTING, _S.ABORTED}

LEADS: Mapping[Order, Mapping[State, State]] = {
    Order.RESET: {_S.STOPPED: _S.RESETTING, _S.COMPLETE: _S.RESETTING},
    Order.START: {_S.IDLE: _S.STARTING},
    Order.STOP: {state: _S.STOPPING for state in State if state not in _NO_STOP},
    Order.HOLD: {_S.EXECUTE: _S.HOLDING},
    Order.UNHOLD: {_S.HELD: _S.UNHOLDING},
    Order.SUSPEND: {_S.EXECUTE: _S.SUSPENDING},
    Order.UNSUSPEND: {_S.SUSPENDED: _S.UNSUSPENDING},
    Order.ABORT: {state: _S.ABORTING for state in State if state not in _NO_ABORT},
    Order.CLEAR: {_S.ABORTED: _S.CLEARING},
    Order.COMPLETE: {_S.EXECUTE: _S.COMPLETING},
}
"""What each command leads to, from where it may be given."""

ENDS: Mapping[State, State] = {
    _S.CLEARING: _S.STOPPED,
    _S.STARTING: _S.EXECUTE,
    _S.STOPPING: _S.STOPPED,
    _S.ABORTING: _S.ABORTED,
    _S.HOLDING: _S.HELD,
    _S.UNHOLDING: _S.EXECUTE,
    _S.SUSPENDING: _S.SUSPENDED,
    _S.UNSUSPENDING: _S.EXECUTE,
    _S.RESETTING: _S.IDLE,
    _S.COMPLETING: _S.COMPLETE,
}
"""Where each acting state ends."""

RUNS = frozenset(
    {
        _S.EXECUTE,
        _S.UNHOLDING,
        _S.SUSPENDING,
        _S.SUSPENDED,
        _S.UNSUSPENDING,
        _S.COMPLETING,
    }
)
"""States in which the belt may run. In Suspended it runs on until it is empty."""

MOVES = frozenset({Order.RESET, Order.START, Order.UNHOLD, Order.UNSUSPEND, Order.CLEAR})
"""Commands that an open safety chain forbids."""

ACTING_S = 0.2
"""How long an acting state takes that has nothing to wait for."""


class Pack:
    """One PackML machine. `changed` is told new and old state."""

    def __init__(
        self, agenda: Agenda, horn_s: float, changed: Callable[[State, State], None]
    ) -> None:
        self.state = State.STOPPED
        self._agenda = agenda
        self._horn_s = horn_s
        self._changed = changed
        self._due: Due | None = None

    def may(self, order: Order) -> bool:
        """Whether the command leads anywhere from here."""
        return self.state in LEADS[order]

    def give(self, order: Order) -> bool:
        """Give a command; False when the state does not allow it."""
        to = LEADS[order].get(self.state)
        if to is None:
            return False
        self.enter(to)
        return True

    def enter(self, state: State) -> None:
        """Go into a state; an acting one ends by itself, Completing when `done` is said."""
        old, self.state = self.state, state
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if state in ENDS and state is not State.COMPLETING:
            seconds = self._horn_s if state is State.STARTING else ACTING_S
            self._due = self._agenda.after(seconds, self.done)
        self._changed(state, old)

    def done(self) -> None:
        """The acting state has done what it has to do."""
        if self.state in ENDS:
            self.enter(ENDS[self.state])

    def halt(self) -> None:
        """The controller is gone: nothing ends by itself any more."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
