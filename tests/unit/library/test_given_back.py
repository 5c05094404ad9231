"""A return that may have been carried out: told again only while it can end no loan but its own."""

from datetime import UTC, date, datetime, timedelta

import pytest

from drivers.library.given_back import MOMENTS, Again, Left, again, due_of, returned_of
from drivers.ports import Circulation, Item, Outcome

LEFT = datetime(2026, 3, 3, 9, 15, tzinfo=UTC)
SOON, HOUR, WEEK = timedelta(seconds=20), timedelta(hours=1), timedelta(days=7)
NEAR, FAR = date(2026, 3, 9), date(2026, 4, 2)
"""A loan made since is due in a week at the least: the near date is of an older one."""


def _item(circulation: str = "04", due: date | None = None) -> Item:
    return Item(Outcome.DONE, item="7", title="T", circulation=Circulation(circulation), due=due)


@pytest.mark.parametrize(
    ("before", "after", "since", "what"),
    [
        (NEAR, _item(due=NEAR), SOON, Again.TELL),
        (NEAR, _item(due=NEAR), HOUR, Again.TELL),
        (NEAR, _item(due=NEAR), timedelta(days=3), Again.TELL),
        (NEAR, _item(due=FAR), SOON, Again.STAFF),
        (NEAR, _item(due=FAR), HOUR, Again.STAFF),
        (FAR, _item(due=FAR), SOON, Again.TELL),
        (FAR, _item(due=FAR), HOUR, Again.STAFF),  # lent, returned and lent again on one day
        (None, _item(due=FAR), SOON, Again.TELL),
        (None, _item(due=FAR), HOUR, Again.STAFF),
        (NEAR, _item(), SOON, Again.TELL),
        (NEAR, _item(), HOUR, Again.STAFF),
        (None, _item("01"), SOON, Again.TELL),
        (None, _item("01"), HOUR, Again.STAFF),
        (NEAR, _item("01", NEAR), HOUR, Again.TELL),
        (NEAR, _item("12", NEAR), HOUR, Again.TELL),
        (NEAR, _item("03"), SOON, Again.BACK),
        (None, _item("08"), HOUR, Again.BACK),
        (NEAR, Item(Outcome.REFUSED, "item.unknown"), HOUR, Again.STAFF),
        (NEAR, Item(Outcome.UNKNOWN), SOON, Again.ASK_AGAIN),
        (NEAR, Item(Outcome.OFFLINE), HOUR, Again.ASK_AGAIN),
    ],
)
def test_what_becomes_of_it(
    before: date | None, after: Item, since: timedelta, what: Again
) -> None:
    assert again(after, Left(LEFT, before), LEFT + since, WEEK) is what


def test_what_left_at_a_moment_that_nobody_knows_is_staffs() -> None:
    assert again(_item(due=NEAR), None, LEFT, WEEK) is Again.STAFF
    assert again(_item("03"), None, LEFT, WEEK) is Again.BACK
    backwards = LEFT - timedelta(seconds=1)
    assert again(_item(), Left(LEFT), backwards, WEEK) is Again.STAFF, "the clock was set back"
    assert again(_item(), Left(LEFT), LEFT + MOMENTS, WEEK) is Again.TELL


def test_a_due_date_is_kept_of_a_loan_alone() -> None:
    assert due_of(_item(due=NEAR)) == NEAR
    assert due_of(_item("03", NEAR)) is None
    assert due_of(Item(Outcome.UNKNOWN, due=NEAR)) is None


@pytest.mark.parametrize(("circulation", "alert"), [("03", ""), ("08", "01"), ("10", "04")])
def test_the_way_of_an_item_whose_answer_was_lost(circulation: str, alert: str) -> None:
    back = returned_of(_item(circulation))
    assert (back.done, back.alert, back.alert_type) == (True, bool(alert), alert)
