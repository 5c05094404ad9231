"""One payment at the terminal, as the person who makes it sees it."""

from dataclasses import dataclass
from enum import StrEnum


class PaymentState(StrEnum):
    """Where a payment stands."""

    ASKING = "asking"
    """What is owed now is asked for, and the terminal is made ready."""
    CARD = "card"
    """The terminal waits for a card."""
    PIN = "pin"
    BANK = "bank"
    """The bank is asked: nobody can stop it now."""
    STOPPING = "stopping"
    """The person wants it stopped; the terminal has the word."""
    UNKNOWN = "unknown"
    """No answer: the money may have been taken. Being settled by asking the terminal."""
    PAID = "paid"
    """The money is taken, and the library system is being told."""
    TOLD = "told"
    """And it knows."""
    LATER = "later"
    """It does not yet, and will be told without anybody."""
    DECLINED = "declined"
    STOPPED = "stopped"
    """By the person, here or at the terminal, or because nobody held a card to it."""
    GONE = "gone"
    """The terminal does not answer, or would not begin. Nothing was taken."""
    CHANGED = "changed"
    """What is owed is another sum by now. Nothing was taken."""
    HELD = "held"
    """An earlier payment is not in the books yet, so none is taken. Nothing was taken."""
    AWAY = "away"
    """The library system is. Nothing was taken."""
    STAFF = "staff"
    """Nobody knows; staff does."""


STOPPABLE = frozenset({PaymentState.CARD, PaymentState.PIN})
AT_TERMINAL = frozenset({*STOPPABLE, PaymentState.ASKING, PaymentState.BANK, PaymentState.STOPPING})
"""The terminal has not said how it ended."""
BUSY = frozenset({*AT_TERMINAL, PaymentState.UNKNOWN, PaymentState.PAID})
"""A visit does not end meanwhile."""
TAKEN = frozenset({PaymentState.PAID, PaymentState.TOLD, PaymentState.LATER})
"""The money is."""
AGAIN = frozenset({PaymentState.DECLINED, PaymentState.STOPPED, PaymentState.GONE})
"""Nothing was taken, and it may be tried again."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment. `amount` in hundredths of the currency."""

    id: str
    amount: int
    state: PaymentState = PaymentState.ASKING
    waited: int = 0
    """0 at first; 1 after a moment, 2 after a while: so much is said of the waiting."""
