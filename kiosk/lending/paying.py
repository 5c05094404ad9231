"""Fees paid by card at the terminal: everything that may be paid, in one sum.

The money is taken once. How a payment ended is the terminal's word, and what was not heard is found out behind
the visit; the visit does not end before that, or before staff has the matter.
"""

from dataclasses import replace

from drivers.ports import Account, TerminalStep
from drivers.runtime.flow import SetTimer, StopTimer
from drivers.service.view import Cue
from kiosk.lending import account as account_
from kiosk.lending.pay_acts import Pay, PayEnd, StopPaying
from kiosk.lending.payment import (
    AGAIN,
    AT_TERMINAL,
    BUSY,
    STOPPABLE,
    TAKEN,
    Payment,
    PaymentState,
)
from kiosk.lending.state import Lending, Phase
from kiosk.lending.turn import Turn

SLOW_S, SLOWER_S = 1.0, 4.0
"""Until it is said what is waited for; and after that, what can be done."""
UNTOLD_S = 12.0
"""So long the library system is waited for, once the money is taken; after that it is told without the person."""
STAFF_S = 60.0
"""So long is looked into what became of it, before the person is sent to staff."""

_STEPS = {
    TerminalStep.CARD: PaymentState.CARD,
    TerminalStep.PIN: PaymentState.PIN,
    TerminalStep.WAIT: PaymentState.BANK,
}
_ENDS = {
    PayEnd.PAID: PaymentState.PAID,
    PayEnd.DECLINED: PaymentState.DECLINED,
    PayEnd.STOPPED: PaymentState.STOPPED,
    PayEnd.UNKNOWN: PaymentState.UNKNOWN,
    PayEnd.GONE: PaymentState.GONE,
    PayEnd.CHANGED: PaymentState.CHANGED,
    PayEnd.HELD: PaymentState.HELD,
    PayEnd.AWAY: PaymentState.AWAY,
    PayEnd.STAFF: PaymentState.STAFF,
}


def may_pay(state: Lending) -> bool:
    """There is something to pay, and it is not being paid already."""
    visit = state.visit
    return (
        visit.patron is not None
        and visit.fresh
        and not visit.fetching
        and visit.owed > 0
        and visit.untold == 0
        and visit.choice is None
    )


def works(state: Lending) -> bool:
    """The terminal and the library system can be reached."""
    return state.devices.terminal and not state.devices.away and state.devices.store


def pressed(turn: Turn, what: str) -> None:
    """Pay, stop, try again, or go back to the fees."""
    state = turn.state
    payment = state.visit.payment
    match what:
        case "begin" if state.phase is Phase.FEES and may_pay(state) and works(state):
            _begin(turn)
        case "again" if payment is not None and payment.state in AGAIN and works(state):
            _begin(turn)
        case "stop" if payment is not None and payment.state in STOPPABLE:
            _put(turn, PaymentState.STOPPING)
            _waits(turn)
            turn.do(StopPaying(payment.id))
        case "back" if payment is not None and payment.state not in BUSY:
            _back(turn)
        case _:
            pass


def _begin(turn: Turn) -> None:
    state = turn.state
    patron = state.visit.patron
    if patron is None:
        return
    payment = Payment(f"p{state.next_row}", state.visit.owed)
    turn.set(next_row=state.next_row + 1, phase=Phase.PAYING)
    turn.visit(payment=payment)
    turn.do(Pay(payment.id, patron, payment.amount, turn.now.wall))
    _waits(turn)


def _back(turn: Turn) -> None:
    """The fees are asked for anew: what is owed may be another sum."""
    turn.visit(payment=None, fresh=False)
    account_.show(turn, Phase.FEES)


def stepped(turn: Turn, id: str, step: TerminalStep) -> None:
    """The terminal says how far it is."""
    payment = _of(turn, id)
    if payment is None or payment.state not in AT_TERMINAL:
        return
    if payment.state is PaymentState.STOPPING and step is not TerminalStep.WAIT:
        return
    if payment.state is not _STEPS[step]:
        _put(turn, _STEPS[step])
        _waits(turn)


def ended(turn: Turn, id: str, end: PayEnd, account: Account | None) -> None:
    """The terminal's last word, what asking it brought, or why it was not even asked."""
    payment = _of(turn, id)
    if payment is None or payment.state not in BUSY or payment.state is PaymentState.PAID:
        return
    turn.do(StopTimer(f"row.{id}"))
    if account is not None:
        turn.visit(fetching=True)
        account_.account_known(turn, account)
    _put(turn, _ENDS[end])
    match end:
        case PayEnd.PAID:
            turn.visit(paid=turn.state.visit.paid + payment.amount, owed=0, fees=())
            turn.cue(Cue.DONE)
            turn.do(SetTimer(f"row.{id}", UNTOLD_S))
            _waits(turn)
        case PayEnd.UNKNOWN:
            turn.cue(Cue.ATTENTION)
            turn.do(SetTimer(f"row.{id}", STAFF_S))
            _waits(turn)
        case _:
            turn.cue(Cue.REFUSED)
            turn.do(StopTimer(f"waits.{id}"))


def told(turn: Turn, id: str, *, done: bool) -> None:
    """The library system has it in its books; or not, and staff is told of it."""
    payment = _of(turn, id)
    if payment is None or payment.state not in {PaymentState.PAID, PaymentState.LATER}:
        return
    turn.do(StopTimer(f"row.{id}"), StopTimer(f"waits.{id}"))
    if done:
        turn.visit(untold=max(0, turn.state.visit.untold - payment.amount))
    _put(turn, PaymentState.TOLD if done else PaymentState.LATER)
    if done:
        turn.cue(Cue.ITEM_OK)


def timed_out(turn: Turn, id: str) -> None:
    """The person need not wait any longer: it is told, or looked into, without her."""
    payment = _of(turn, id)
    if payment is None:
        return
    if payment.state is PaymentState.PAID:
        _put(turn, PaymentState.LATER)
    elif payment.state is PaymentState.UNKNOWN:
        _put(turn, PaymentState.STAFF)
    turn.do(StopTimer(f"waits.{id}"))


def waited(turn: Turn, id: str) -> None:
    """It takes its time: say so, and then more."""
    payment = _of(turn, id)
    if payment is None or payment.state not in BUSY or payment.waited >= 2:
        return
    turn.visit(payment=replace(payment, waited=payment.waited + 1))
    turn.do(SetTimer(f"waits.{id}", SLOWER_S))


def _waits(turn: Turn) -> None:
    payment = turn.state.visit.payment
    if payment is not None:
        turn.visit(payment=replace(payment, waited=0))
        turn.do(SetTimer(f"waits.{payment.id}", SLOW_S))


def _of(turn: Turn, id: str) -> Payment | None:
    payment = turn.state.visit.payment
    return payment if payment is not None and payment.id == id else None


def _put(turn: Turn, state: PaymentState) -> None:
    payment = turn.state.visit.payment
    if payment is None:
        return
    turn.visit(payment=replace(payment, state=state))
    if state in TAKEN and payment.state not in TAKEN:
        turn.visit(untold=turn.state.visit.untold + payment.amount)
