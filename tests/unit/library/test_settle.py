"""What became of a verb whose answer never came."""

from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from drivers.library.given_back import Left
from drivers.library.settle import (
    Settled,
    Unsettled,
    Verb,
    borrow_by_account,
    borrow_by_item,
    give_back_by_item,
    renew_by_due,
    settle,
)
from drivers.ports import (
    Account,
    Circulation,
    Item,
    LibrarySystem,
    Loan,
    Outcome,
    Patron,
    Returned,
    Secret,
)

NOW = datetime(2026, 3, 3, 9, 15, tzinfo=UTC)
WHO = Patron(Secret("1"), Secret("2"))
SILENT = Item(Outcome.UNKNOWN)
UNKNOWN_ITEM = Item(Outcome.REFUSED, "item.unknown", item="7")
MINE = Account(Outcome.DONE, loans=(Loan("7", "T", None),))
NOT_MINE = Account(Outcome.DONE, loans=(Loan("8", "T", None),))


def _item(circulation: str, due: date | None = None) -> Item:
    return Item(Outcome.DONE, item="7", title="T", circulation=Circulation(circulation), due=due)


@pytest.mark.parametrize(
    ("circulation", "settled"),
    [
        ("01", None),
        ("02", Settled.REFUSED),
        ("03", Settled.REFUSED),
        ("04", None),
        ("05", None),
        ("06", Settled.REFUSED),
        ("07", None),
        ("08", Settled.REFUSED),
        ("09", Settled.REFUSED),
        ("10", Settled.REFUSED),
        ("11", Settled.NEEDS_STAFF),
        ("12", Settled.NEEDS_STAFF),
        ("13", Settled.NEEDS_STAFF),
    ],
)
def test_a_loan_by_its_item(circulation: str, settled: Settled | None) -> None:
    assert borrow_by_item(_item(circulation)) is settled


def test_a_loan_by_the_borrowers_list() -> None:
    assert borrow_by_account(_item("04"), MINE) is Settled.CONFIRMED
    assert borrow_by_account(_item("04"), NOT_MINE) is Settled.REFUSED
    assert borrow_by_account(_item("01"), MINE) is Settled.CONFIRMED
    assert borrow_by_account(_item("01"), NOT_MINE) is Settled.NEEDS_STAFF
    assert borrow_by_account(UNKNOWN_ITEM, NOT_MINE) is Settled.REFUSED
    assert borrow_by_account(_item("04"), Account(Outcome.OFFLINE)) is Settled.ASK_AGAIN
    assert borrow_by_account(_item("04"), Account(Outcome.REFUSED)) is Settled.NEEDS_STAFF


def test_silence_is_asked_again() -> None:
    for silent in (SILENT, Item(Outcome.OFFLINE)):
        assert borrow_by_item(silent) is Settled.ASK_AGAIN
        assert give_back_by_item(silent) is Settled.ASK_AGAIN
        assert renew_by_due(date(2026, 3, 1), silent) is Settled.ASK_AGAIN


def test_a_return_by_its_item() -> None:
    for circulation in ("03", "08", "09", "10"):
        assert give_back_by_item(_item(circulation)) is Settled.CONFIRMED
    for circulation in ("01", "04", "05", "07", "12"):
        assert give_back_by_item(_item(circulation)) is Settled.NEEDS_STAFF
    assert give_back_by_item(UNKNOWN_ITEM) is Settled.NEEDS_STAFF


def test_a_renewal_by_its_due_dates() -> None:
    before = date(2026, 3, 10)
    assert renew_by_due(before, _item("04", date(2026, 4, 7))) is Settled.CONFIRMED
    assert renew_by_due(before, _item("04", before)) is Settled.REFUSED
    for due_before, item in (
        (before, _item("04", date(2026, 3, 1))),
        (before, _item("04")),
        (None, _item("04", before)),
        (before, UNKNOWN_ITEM),
    ):
        assert renew_by_due(due_before, item) is Settled.NEEDS_STAFF


class Library:
    """Answers as told, and keeps what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def item(self, item: str) -> Item:
        self.asked.append("item")
        return cast(Item, self.answers["item"])

    async def account(self, patron: Patron, *, in_full: bool = True) -> Account:
        del in_full
        self.asked.append("account")
        return cast(Account, self.answers["account"])

    async def give_back(self, item: str, *, occurred: datetime) -> Returned:
        assert occurred == NOW
        self.asked.append("give_back")
        return cast(Returned, self.answers["give_back"])


@pytest.mark.parametrize(
    ("verb", "answers", "settled", "asked"),
    [
        (Verb.BORROW, {"item": _item("03")}, Settled.REFUSED, "item"),
        (Verb.BORROW, {"item": _item("04"), "account": MINE}, Settled.CONFIRMED, "item account"),
        (Verb.GIVE_BACK, {"item": SILENT}, Settled.ASK_AGAIN, "item"),
        (Verb.GIVE_BACK, {"item": _item("03")}, Settled.CONFIRMED, "item"),
        (Verb.GIVE_BACK, {"item": _item("04")}, Settled.NEEDS_STAFF, "item"),
        (Verb.RENEW, {"item": _item("04", date(2026, 4, 1))}, Settled.CONFIRMED, "item"),
    ],
)
async def test_asking(verb: Verb, answers: dict[str, Any], settled: Settled, asked: str) -> None:
    library = Library(**answers)
    row = Unsettled(verb, "7", NOW, WHO, date(2026, 3, 1))
    got = await settle(cast(LibrarySystem, library), row)
    assert got.settled is settled
    assert library.asked == asked.split()


@pytest.mark.parametrize(
    ("back", "settled", "asked"),
    [
        (Returned(Outcome.DONE), Settled.CONFIRMED, "item give_back"),
        (Returned(Outcome.UNKNOWN), Settled.ASK_AGAIN, "item give_back"),
        (Returned(Outcome.REFUSED), Settled.NEEDS_STAFF, "item give_back item"),
    ],
)
async def test_a_return_that_just_left_is_told_again(
    back: Returned, settled: Settled, asked: str
) -> None:
    library = Library(item=_item("04"), give_back=back)
    row = Unsettled(Verb.GIVE_BACK, "7", NOW, left=Left(NOW), now=NOW)
    got = await settle(cast(LibrarySystem, library), row)
    assert got.settled is settled
    assert got.returned is back
    assert library.asked == asked.split()


async def test_what_17_tells_stands_for_the_lost_answer() -> None:
    library = Library(item=_item("08"))
    row = Unsettled(Verb.GIVE_BACK, "7", NOW, left=Left(NOW), now=NOW)
    got = await settle(cast(LibrarySystem, library), row)
    assert got.returned is not None
    assert (got.returned.done, got.returned.held, got.returned.title) == (True, True, "T")


async def test_a_loan_of_nobody_we_know_goes_to_staff() -> None:
    library = Library(item=_item("04"))
    got = await settle(cast(LibrarySystem, library), Unsettled(Verb.BORROW, "7", NOW))
    assert got.settled is Settled.NEEDS_STAFF
