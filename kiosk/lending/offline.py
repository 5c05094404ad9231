"""What goes on while the library system is away: one pure judgement over the limits that are configured."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from config.station import Offline


class Last(StrEnum):
    """What this machine last wrote down for an item, and has not told yet."""

    NOTHING = "nothing"
    LENT_TO_HER = "lent_to_her"
    LENT = "lent"
    """To somebody else."""
    GIVEN_BACK = "given_back"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a loan is judged by."""

    last: Last = Last.NOTHING
    of_visit: int = 0
    """Loans of this visit that were written down."""
    of_borrower: int = 0
    """Of this card, that wait."""
    of_day: int = 0
    """Of this machine, today."""
    lends: bool = True
    """The library system has not been away for too long."""


def may_lend(rules: Offline, asked: Asked) -> str:
    """Why a loan cannot be written down, as a reason key; empty when it can."""
    checks = (
        (not rules.lend, "ils.offline"),
        (not asked.lends, "offline.too_long"),
        (asked.last is Last.LENT, "item.on_loan"),
        (asked.of_visit >= rules.most_items, "offline.too_many"),
        (asked.of_borrower >= rules.most_per_borrower, "offline.too_many_waiting"),
        (asked.of_day >= rules.most_per_day, "offline.too_many_today"),
    )
    return next((reason for wrong, reason in checks if wrong), "")


def due_of(rules: Offline, occurred: datetime) -> date:
    """The day that is told to the borrower; `occurred` is local."""
    return occurred.date() + timedelta(days=rules.loan_days)


def lends_for(rules: Offline, waited_s: float) -> float:
    """For how many more seconds loans go on, when the oldest row has waited so long."""
    return max(0.0, rules.most_hours * 3600.0 - waited_s)
