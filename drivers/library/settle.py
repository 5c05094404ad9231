"""What became of a verb whose answer never came: decided from what the library system says now.

Pure decisions, and one function that asks. Source of the rules: SIP2 has no query for a transaction, so a
loan is judged by item information (17) and the borrower's own list (63), a return by 17 and then, where that
can end no other loan, by doing it again with its first date (given_back), a renewal by the due dates before and
after, the end of a hold by the lists of holds (63), a payment that was told by what is owed before and after (BV).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from drivers.library import given_back
from drivers.library.given_back import CHECKED_IN, Again, Left
from drivers.ports import Account, Circulation, Item, LibrarySystem, Outcome, Patron, Returned


class Verb(StrEnum):
    """Verbs that are settled by `settle`."""

    BORROW = "borrow"
    GIVE_BACK = "give_back"
    RENEW = "renew"
    CANCEL_HOLD = "cancel_hold"
    PLACE_HOLD = "place_hold"


class Settled(StrEnum):
    """What asking brought."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    """It was not done, and will not be by itself."""
    NEEDS_STAFF = "needs_staff"
    ASK_AGAIN = "ask_again"
    """No answer: ask later."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """One row whose outcome is not known."""

    verb: Verb
    item: str
    """Item number; of a hold, its key."""
    occurred: datetime
    patron: Patron | None = None
    due_before: date | None = None
    """Renewals only: the due date before it."""
    left: Left | None = None
    """Returns only: how it left, if that is still known."""
    now: datetime | None = None
    """Returns only: the present moment; without one it is never told again."""
    shortest: timedelta = timedelta()
    """Returns only: no loan of this library is shorter."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The decision, and what the item's row may show of it."""

    settled: Settled
    title: str = ""
    due: date | None = None
    returned: Returned | None = None
    """Returns only: the answer that settled it, with its routing."""


_NOT_LENT = CHECKED_IN | {Circulation.ON_ORDER, Circulation.IN_PROCESS}
_SILENT = frozenset({Outcome.UNKNOWN, Outcome.OFFLINE})


def borrow_by_item(item: Item) -> Settled | None:
    """A loan by what 17 says of its item; None when the borrower's list must be asked too."""
    if item.outcome in _SILENT:
        return Settled.ASK_AGAIN
    if item.done and item.circulation in _NOT_LENT:
        return Settled.REFUSED
    if item.done and not item.circulation.on_loan and item.circulation is not Circulation.OTHER:
        return Settled.NEEDS_STAFF
    return None


def borrow_by_account(item: Item, account: Account) -> Settled:
    """A loan by the borrower's charged list, after `borrow_by_item` could not tell."""
    if account.outcome in _SILENT:
        return Settled.ASK_AGAIN
    if not account.done:
        return Settled.NEEDS_STAFF
    if any(loan.item == item.item for loan in account.loans):
        return Settled.CONFIRMED
    if item.done and item.circulation is Circulation.OTHER:
        return Settled.NEEDS_STAFF
    return Settled.REFUSED


def give_back_by_answer(again: Returned) -> Settled | None:
    """A return by the answer to doing it again; None when the item must be asked too."""
    if again.outcome in _SILENT:
        return Settled.ASK_AGAIN
    return Settled.CONFIRMED if again.done else None


def give_back_by_item(item: Item) -> Settled:
    """A return that was refused the second time, by what 17 says of its item."""
    if item.outcome in _SILENT:
        return Settled.ASK_AGAIN
    if item.done and item.circulation in CHECKED_IN:
        return Settled.CONFIRMED
    return Settled.NEEDS_STAFF


def renew_by_due(before: date | None, item: Item) -> Settled:
    """A renewal by the item's due date before and after."""
    if item.outcome in _SILENT:
        return Settled.ASK_AGAIN
    if not item.done or before is None or item.due is None or item.due < before:
        return Settled.NEEDS_STAFF
    return Settled.CONFIRMED if item.due > before else Settled.REFUSED


def cancel_by_account(key: str, account: Account) -> Settled:
    """A cancelled hold, by the borrower's lists of holds."""
    if account.outcome in _SILENT:
        return Settled.ASK_AGAIN
    if not account.done:
        return Settled.NEEDS_STAFF
    still = any(hold.key == key for hold in account.holds)
    return Settled.REFUSED if still else Settled.CONFIRMED


def hold_by_account(item: Item, account: Account) -> Settled:
    """A hold that was placed, by the borrower's lists of holds: on this item, or on any copy of its title."""
    if account.outcome in _SILENT or item.outcome in _SILENT:
        return Settled.ASK_AGAIN
    if not account.done:
        return Settled.NEEDS_STAFF
    there = any(
        hold.item == item.item or (item.title and hold.title == item.title)
        for hold in account.holds
    )
    return Settled.CONFIRMED if there else Settled.REFUSED


def owed_of(account: Account) -> int | None:
    """What an account owes in all, in hundredths; None where it was not told."""
    if not account.done:
        return None
    return account.owed if account.owed is not None else sum(fee.amount for fee in account.fees)


def told_by_account(amount: int, before: int | None, account: Account) -> Settled:
    """A payment that was told and not answered, by what was owed right before and what is owed now.

    REFUSED: it is not in the books, and may be told once more.
    """
    if account.outcome in _SILENT:
        return Settled.ASK_AGAIN
    now = owed_of(account)
    if now is None or before is None or amount <= 0:
        return Settled.NEEDS_STAFF
    if now == before - amount:
        return Settled.CONFIRMED
    return Settled.REFUSED if now == before else Settled.NEEDS_STAFF


async def settle(library: LibrarySystem, row: Unsettled) -> Settlement:
    """Ask what became of one row. Only a return is ever done again, and only where that ends no other loan."""
    match row.verb:
        case Verb.BORROW:
            return await _borrow(library, row)
        case Verb.GIVE_BACK:
            return await _give_back(library, row)
        case Verb.RENEW:
            item = await library.item(row.item)
            return Settlement(renew_by_due(row.due_before, item), item.title, item.due)
        case Verb.CANCEL_HOLD if row.patron is not None:
            return Settlement(
                cancel_by_account(row.item, await library.account(row.patron, in_full=False))
            )
        case Verb.PLACE_HOLD if row.patron is not None:
            item = await library.item(row.item)
            account = await library.account(row.patron)
            return Settlement(hold_by_account(item, account), item.title)
        case Verb.CANCEL_HOLD | Verb.PLACE_HOLD:
            return Settlement(Settled.NEEDS_STAFF)


async def _borrow(library: LibrarySystem, row: Unsettled) -> Settlement:
    item = await library.item(row.item)
    settled = borrow_by_item(item)
    if settled is None and row.patron is None:
        settled = Settled.NEEDS_STAFF
    elif settled is None and row.patron is not None:
        settled = borrow_by_account(item, await library.account(row.patron, in_full=False))
    return Settlement(settled or Settled.NEEDS_STAFF, item.title, item.due)


async def _give_back(library: LibrarySystem, row: Unsettled) -> Settlement:
    item = await library.item(row.item)
    left = None if row.now is None else row.left
    match given_back.again(item, left, row.now or row.occurred, row.shortest):
        case Again.ASK_AGAIN:
            return Settlement(Settled.ASK_AGAIN)
        case Again.STAFF:
            return Settlement(Settled.NEEDS_STAFF, item.title)
        case Again.BACK:
            known = given_back.returned_of(item)
            return Settlement(Settled.CONFIRMED, item.title, returned=known)
        case Again.TELL:
            back = await library.give_back(row.item, occurred=row.occurred)
            settled = give_back_by_answer(back)
            if settled is None:
                settled = give_back_by_item(await library.item(row.item))
            return Settlement(settled, back.title, returned=back)
