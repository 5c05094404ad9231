"""The screen of a payment: what to do at the terminal, how much, and how it ended. No card is told of."""

from typing import Literal

from config.station import Station
from config.texts import Money, Text, text
from drivers.service.view import Action, Mark, MessageBody, Screen, TimeClass
from kiosk.lending import paying as rules
from kiosk.lending.payment import AGAIN, BUSY, STOPPABLE, TAKEN, Payment, PaymentState
from kiosk.lending.state import Lending
from kiosk.view.actions import assist, primary, secondary
from kiosk.view.top import greeting, visit_banner

_RUNNING = frozenset({PaymentState.ASKING, PaymentState.BANK, PaymentState.STOPPING})
_MARKS = {
    PaymentState.PAID: Mark.DONE,
    PaymentState.TOLD: Mark.DONE,
    PaymentState.LATER: Mark.LATER,
    PaymentState.STAFF: Mark.STAFF,
    PaymentState.CHANGED: Mark.SEEN,
    PaymentState.HELD: Mark.LATER,
    PaymentState.CARD: Mark.NONE,
    PaymentState.PIN: Mark.NONE,
}
_DRAWN: dict[PaymentState, Literal["terminal", "terminal-keys"]] = {
    PaymentState.CARD: "terminal",
    PaymentState.PIN: "terminal-keys",
}
"""While hands have something to do at the terminal."""
_SAID: dict[PaymentState, tuple[str, ...]] = {
    PaymentState.TOLD: ("pay.told",),
    PaymentState.LATER: ("pay.later",),
    PaymentState.DECLINED: ("pay.not_taken",),
    PaymentState.STOPPED: ("pay.not_taken",),
    PaymentState.GONE: ("pay.not_taken", "pay.other_way"),
    PaymentState.CHANGED: ("pay.not_taken", "pay.changed.line"),
    PaymentState.HELD: ("pay.not_taken", "pay.held.line"),
    PaymentState.AWAY: ("pay.not_taken", "pay.other_way"),
    PaymentState.STAFF: ("pay.staff.line",),
}
"""What stands under the heading once it has ended."""


def paying(state: Lending, station: Station) -> Screen:
    payment = state.visit.payment
    assert payment is not None  # noqa: S101 - the phase has one
    busy = payment.state in BUSY
    running = payment.state in _RUNNING or payment.state is PaymentState.UNKNOWN
    mark = Mark.RUNNING if running else _MARKS.get(payment.state, Mark.REFUSED)
    return Screen(
        "paying",
        _title(payment),
        MessageBody(_lines(payment), mark, drawing=_DRAWN.get(payment.state, "none")),
        TimeClass.HELD if busy else TimeClass.WORK,
        corner=greeting(state),
        banner=visit_banner(state, station),
        actions=_actions(state, payment),
        assist=assist(state),
    )


def _title(payment: Payment) -> Text:
    if payment.state in TAKEN:
        return text("pay.paid", sum=Money(payment.amount))
    return text(f"pay.{payment.state.value}")


def _lines(payment: Payment) -> tuple[Text, ...]:
    state, waited = payment.state, payment.waited
    amount = text("pay.amount", sum=Money(payment.amount))
    if state in STOPPABLE:
        return (amount,)
    if state in _RUNNING:
        return (amount, *((text(f"pay.{state.value}.{waited}"),) if waited else ()))
    if state is PaymentState.UNKNOWN:
        more = (text(f"pay.unknown.{waited}"),) if waited else ()
        return (amount, text("pay.unknown.once"), *more)
    if state is PaymentState.PAID:
        return (text("pay.paid.2" if waited > 1 else "pay.paid.line"),)
    return tuple(text(key) for key in _SAID[state])


def _actions(state: Lending, payment: Payment) -> tuple[Action, ...]:
    if payment.state in STOPPABLE:
        return (secondary("pay.stop", "pay.stop", "close"),)
    if payment.state in BUSY:
        return ()
    if payment.state in AGAIN and rules.works(state):
        return (
            primary("pay.again", "pay.again", "payments"),
            secondary("pay.back", "pay.back", "undo"),
        )
    if payment.state in TAKEN:
        return (primary("pay.back", "pay.on", "check"),)
    return (primary("pay.back", "pay.back", "undo"),)
