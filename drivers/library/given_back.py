"""A return that left and was not answered: told again only while it can end no loan but the one it was to end.

Between the message and its telling again the return may have been carried out, and somebody else may have
borrowed the item at another machine. Nothing that SIP2 or FBS says of an item names the loan itself, so the item
is asked about first (17), and what it says is held against what is known: the due date that the loan had right
before the message left, and how long ago that was. What these do not prove is staff's.

Source: 3M Standard Interchange Protocol 2.00 rev. 2.12, item information: circulation status is required, due
date optional; neither borrower nor date of loan is in it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from drivers.ports import Circulation, Item, Outcome, Returned

MOMENTS = timedelta(minutes=2)
"""For so long after the message left, nobody can have carried the item to another machine and borrowed it there."""
CHECKED_IN = frozenset(
    {
        Circulation.AVAILABLE,
        Circulation.HOLD_SHELF,
        Circulation.TO_BE_RESHELVED,
        Circulation.IN_TRANSIT,
    }
)
"""Where an item is after its return."""
_ALERTS = {Circulation.HOLD_SHELF: "01", Circulation.IN_TRANSIT: "04"}
"""What 17 tells of the way of an item whose answer was lost."""


@dataclass(frozen=True, slots=True)
class Left:
    """A return that left, and may have been carried out."""

    at: datetime
    """When it left for the first time."""
    due: date | None = None
    """Until when the loan ran that it was to end, asked right before; None where that was not told."""


class Again(StrEnum):
    """What becomes of it now."""

    TELL = "tell"
    """It ends the loan that it was meant for, or none."""
    BACK = "back"
    """It was carried out."""
    STAFF = "staff"
    """The loan that stands may be another one."""
    ASK_AGAIN = "ask_again"


def again(item: Item, left: Left | None, now: datetime, shortest: timedelta) -> Again:
    """What becomes of a return that may have been carried out, by what 17 says of its item now.

    Args:
        item: the answer.
        left: the message as it left; None when nobody knows any more.
        now: the present moment.
        shortest: no loan of this library is shorter. A due date that is nearer than that was not given since.
    """
    if item.outcome in {Outcome.UNKNOWN, Outcome.OFFLINE}:
        return Again.ASK_AGAIN
    if item.done and item.circulation in CHECKED_IN:
        return Again.BACK
    if left is None:
        return Again.STAFF
    if left.due is not None and item.due is not None and item.due != left.due:
        return Again.STAFF
    if timedelta() <= now - left.at <= MOMENTS:
        return Again.TELL
    older = left.due is not None and left.due < left.at.date() + shortest
    return Again.TELL if older and item.due == left.due else Again.STAFF


def due_of(item: Item) -> date | None:
    """The due date to keep before a return leaves: that of the loan that it will end."""
    return item.due if item.done and item.circulation not in CHECKED_IN else None


def alert_of(item: Item) -> str:
    """The alert type that its return would have had, as far as 17 tells."""
    return _ALERTS.get(item.circulation, "")


def returned_of(item: Item) -> Returned:
    """The answer that was lost, as far as 17 tells it."""
    return Returned(
        Outcome.ALREADY_DONE,
        item=item.item,
        title=item.title,
        alert=item.circulation in _ALERTS,
        alert_type=alert_of(item),
        permanent_location=item.permanent_location,
        media=item.media,
    )
