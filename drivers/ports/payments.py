"""A payment terminal: it takes money from a card once, and can say afterwards what it took last."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class PaymentOutcome(StrEnum):
    """How a payment ended. UNKNOWN means: money may have been taken; ask the terminal, never pay again."""

    PAID = "paid"
    DECLINED = "declined"
    """Nothing was taken: the card was refused."""
    STOPPED = "stopped"
    """Nothing was taken: it was stopped here or at the terminal, or no card came."""
    UNKNOWN = "unknown"
    NOT_BEGUN = "not_begun"
    """Nothing left this side, or the terminal would not begin."""


@dataclass(frozen=True, slots=True)
class Booking:
    """One payment as the terminal has booked it. Amounts are hundredths of the currency; no card is told."""

    amount: int
    receipt: int
    """The terminal's own number of it; rises with each, and begins anew after the highest."""
    trace: int = 0


@dataclass(frozen=True, slots=True)
class Payment:
    """The terminal's word on one payment."""

    outcome: PaymentOutcome
    booking: Booking | None = None
    code: str = ""
    """Why not, as the terminal numbers it in two hex digits; or the wire's fault, as in drivers.errors.Code."""


class TerminalStep(StrEnum):
    """How far a payment is, as the terminal tells while it runs."""

    CARD = "card"
    """It waits for a card."""
    PIN = "pin"
    """It waits for the person's PIN."""
    WAIT = "wait"
    """It asks the bank: from here on nobody can stop it."""


@dataclass(frozen=True, slots=True)
class TerminalInfo:
    """Who answers at the other end; blank where it does not say."""

    terminal: str = ""


class Payments(Protocol):
    """One terminal. One call at a time; calls queue."""

    async def open(self) -> TerminalInfo:
        """Connect and register. Safe to repeat. Raises DeviceError."""
        ...

    async def close(self) -> None: ...

    async def pay(
        self,
        amount: int,
        *,
        sent: Callable[[], None] | None = None,
        told: Callable[[TerminalStep], None] | None = None,
    ) -> Payment:
        """Take so many hundredths from a card. Done once, never repeated; never raises for what was or was not said.

        `sent` is called before the first byte leaves: from then on only the terminal knows. `told` hears how far
        it is.
        """
        ...

    async def abort(self) -> None:
        """Ask it to stop the payment that runs, if one does; how that ended is told by `pay`. Never raises."""
        ...

    async def last(self) -> Booking | None:
        """The newest payment that the terminal has booked; None for none. Raises DeviceError."""
        ...


def settled(amount: int, before: Booking | None, now: Booking | None) -> PaymentOutcome:
    """A payment whose end was not heard, by the newest booking before it and now. Pure."""
    if now is None or (before is not None and now.receipt == before.receipt):
        return PaymentOutcome.DECLINED
    return PaymentOutcome.PAID if now.amount == amount else PaymentOutcome.UNKNOWN
