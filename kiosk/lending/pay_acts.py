"""What can happen to a payment, and what it can ask to be done."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from drivers.ports import Account, Patron, TerminalStep
from drivers.runtime.flow import Effect, Event, Repeat


class PayEnd(StrEnum):
    """How a payment ended, or why it was not even begun."""

    PAID = "paid"
    DECLINED = "declined"
    STOPPED = "stopped"
    UNKNOWN = "unknown"
    GONE = "gone"
    CHANGED = "changed"
    HELD = "held"
    AWAY = "away"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class PayStepped(Event):
    """The terminal says how far a payment is."""

    row: str
    step: TerminalStep


@dataclass(frozen=True, slots=True)
class PayEnded(Event):
    """The terminal's word on a payment, or what settling found. `account`: what was found owed instead."""

    row: str
    end: PayEnd
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class PaidTold(Event):
    """The library system has a payment in its books, or will not take it."""

    row: str
    done: bool


@dataclass(frozen=True, slots=True)
class Pay(Effect):
    """Take money at the terminal. Never repeated: what is not answered is settled by its newest booking."""

    journaled: ClassVar = True
    repeat: ClassVar = Repeat.ONCE
    row: str
    patron: Patron
    amount: int
    occurred: datetime


@dataclass(frozen=True, slots=True)
class StopPaying(Effect):
    """Ask the terminal to stop; it may be too late."""

    row: str
