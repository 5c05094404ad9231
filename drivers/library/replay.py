"""What was done while the library system was away, told to it afterwards: what is asked first, what an answer means.

A loan is never told blindly. Between the loan and its telling the item may have come back at another machine,
gone out again, or be on its way to another library; a loan told then would stand for a book that somebody else
has. So the item is asked about first (17), and the borrower's list (63) where a PIN is at hand. A return is
told with its own moment; it is told again after silence only where that can end no other loan (given_back).

Source: 3M Standard Interchange Protocol 2.00 rev. 2.12, "no block", "nb due date", "return date". Open servers
answer ok=0 to a no-block check-in of an item that is not on loan.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from drivers.library import given_back
from drivers.library.given_back import CHECKED_IN, Again, Left
from drivers.library.settle import Settled, Verb
from drivers.ports import (
    Account,
    Borrowed,
    Circulation,
    Item,
    LibrarySystem,
    Outcome,
    Patron,
    Returned,
)

ON_LOAN = "item.on_loan"
ELSEWHERE = "item.elsewhere"
NOT_ON_LOAN = "return.not_on_loan"

SILENT = frozenset({Outcome.UNKNOWN, Outcome.OFFLINE})


@dataclass(frozen=True, slots=True)
class Told:
    """One row that waits to be told."""

    verb: Verb
    item: str
    occurred: datetime
    nb_due: date | None = None
    patron: Patron | None = None


class Look(StrEnum):
    """What a look at the item says about a loan that is to be told."""

    TELL = "tell"
    HERS = "hers"
    """The library system holds this very loan: it was told, and the answer was lost."""
    ASK_LIST = "ask_list"
    """On loan; the borrower's own list says to whom."""
    ON_LOAN = "on_loan"
    """On loan to somebody else."""
    ELSEWHERE = "elsewhere"
    """Checked in at another library since, and on its way."""
    ASK_AGAIN = "ask_again"


def look_at_item(item: Item, nb_due: date | None, *, listed: bool) -> Look:
    """A loan by what 17 says of its item. `listed`: there is a PIN, so the borrower's list can be asked for."""
    if item.outcome in SILENT:
        return Look.ASK_AGAIN
    if not item.done:
        return Look.TELL  # unknown to it: its refusal says so
    if item.circulation is Circulation.IN_TRANSIT:
        return Look.ELSEWHERE
    if not item.circulation.on_loan:
        return Look.TELL
    if listed:
        return Look.ASK_LIST
    return Look.HERS if nb_due is not None and item.due == nb_due else Look.ON_LOAN


def look_at_list(item: str, account: Account) -> Look:
    """A loan of an item that is on loan, by the borrower's list."""
    if account.outcome in SILENT:
        return Look.ASK_AGAIN
    hers = account.done and any(loan.item == item for loan in account.loans)
    return Look.HERS if hers else Look.ON_LOAN


LOOKED: Mapping[Look, tuple[Settled, str]] = {
    Look.HERS: (Settled.CONFIRMED, ""),
    Look.ON_LOAN: (Settled.REFUSED, ON_LOAN),
    Look.ELSEWHERE: (Settled.REFUSED, ELSEWHERE),
    Look.ASK_AGAIN: (Settled.ASK_AGAIN, ""),
}
"""How a loan ends that is not told."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How one telling ended. ASK_AGAIN leaves the row open."""

    settled: Settled
    reason: str = ""
    transaction: str = ""
    returned: Returned | None = None
    """Returns only: the answer with its routing, which nobody knew when the item was put down."""
    not_on_loan: bool = False
    """Returns only: it is checked in, but there was no loan to end."""


def loan_ended(answer: Borrowed) -> Ended:
    """A loan by the answer to telling it."""
    if answer.outcome in SILENT:
        return Ended(Settled.ASK_AGAIN)
    if answer.done:
        return Ended(Settled.CONFIRMED, transaction=answer.transaction)
    return Ended(Settled.REFUSED, answer.reason or "lend.refused")


def return_ended(answer: Returned, item: Item | None) -> Ended | None:
    """A return by the answer to telling it, and by its item where that is refused; None: ask for the item."""
    if answer.outcome in SILENT:
        return Ended(Settled.ASK_AGAIN)
    if answer.done:
        return Ended(Settled.CONFIRMED, returned=answer)
    if item is None:
        return None
    if item.outcome in SILENT:
        return Ended(Settled.ASK_AGAIN)
    if item.done and item.circulation in CHECKED_IN:
        return Ended(Settled.CONFIRMED, NOT_ON_LOAN, returned=answer, not_on_loan=True)
    return Ended(Settled.REFUSED, answer.reason or "return.refused")


def back_ended(item: Item, left: Left, now: datetime, shortest: timedelta) -> Ended | None:
    """A return that may have been told already, by what 17 says of its item; None: tell it."""
    match given_back.again(item, left, now, shortest):
        case Again.ASK_AGAIN:
            return Ended(Settled.ASK_AGAIN)
        case Again.BACK:
            back = given_back.returned_of(item)
            return Ended(Settled.CONFIRMED, NOT_ON_LOAN, returned=back, not_on_loan=True)
        case Again.STAFF:
            return Ended(Settled.NEEDS_STAFF)
        case Again.TELL:
            return None


@dataclass(frozen=True, slots=True)
class Waits:
    """One row in the queue, as its order is decided."""

    id: str
    item: str
    due_at: float = float("-inf")
    """Monotonic seconds before which it is not tried again."""


def next_of(
    rows: Sequence[Waits], now: float, urgent: Collection[str] = ()
) -> tuple[str | None, float | None]:
    """The row to tell now, and else in how many seconds one will be due.

    `rows` stand in the order in which they happened. A row is never told before an earlier one of its item;
    items whose row waits for another try do not hold the others. `urgent` items, for which somebody stands
    at the machine, go first.
    """
    first: dict[str, Waits] = {}
    for row in rows:
        first.setdefault(row.item, row)
    due = [row for row in first.values() if row.due_at <= now]
    hurry = next((row for row in due if row.item in urgent), None)
    chosen = hurry or next(iter(due), None)
    if chosen is not None:
        return chosen.id, None
    return None, min((row.due_at - now for row in first.values()), default=None)


async def look(library: LibrarySystem, row: Told) -> Look:
    """Whether a loan is to be told. Changes nothing."""
    listed = row.patron is not None and bool(row.patron.pin)
    found = look_at_item(await library.item(row.item), row.nb_due, listed=listed)
    if found is Look.ASK_LIST and row.patron is not None:
        return look_at_list(row.item, await library.account(row.patron, in_full=False))
    return found


async def tell(library: LibrarySystem, row: Told, *, no_block: bool) -> Ended:
    """Tell one row, with the moment at which it happened. A loan must have been looked at right before."""
    if row.verb is Verb.BORROW and row.patron is not None:
        lent = await library.borrow(
            row.patron,
            row.item,
            occurred=row.occurred,
            no_block=no_block,
            nb_due=row.nb_due if no_block else None,
        )
        return loan_ended(lent)
    back = await library.give_back(row.item, occurred=row.occurred, no_block=no_block)
    return return_ended(back, None) or (
        return_ended(back, await library.item(row.item)) or Ended(Settled.ASK_AGAIN)
    )
