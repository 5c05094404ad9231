"""Hours by weekday: over midnight they belong to the day they begin, and every moment is in or out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from config.week import WEEKDAYS, Week

TUESDAY = datetime(2026, 11, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "at", "within"),
    [
        ("20:00-08:00", "19:59", False),
        ("20:00-08:00", "20:00", True),
        ("20:00-08:00", "07:59", True),
        ("20:00-08:00", "08:00", False),
        ("12:00-13:00", "12:30", True),
        ("12:00-13:00", "13:00", False),
        ("00:00-24:00", "00:00", True),
        ("00:00-24:00", "23:59", True),
        ("", "03:00", False),
    ],
)
def test_a_span_of_every_day(hours: str, at: str, within: bool) -> None:
    hour, minute = map(int, at.split(":"))
    assert Week(every_day=hours).holds(TUESDAY.replace(hour=hour, minute=minute)) is within


def test_a_night_belongs_to_the_day_it_begins() -> None:
    week = Week(every_day="20:00-08:00", tuesday="", wednesday="22:00-06:00")
    assert week.holds(TUESDAY.replace(hour=7)), "Monday's night"
    assert not week.holds(TUESDAY.replace(hour=21))
    assert not week.holds(TUESDAY.replace(day=4, hour=7)), "Tuesday had none"
    assert not week.holds(TUESDAY.replace(day=4, hour=21))
    assert week.holds(TUESDAY.replace(day=5, hour=5))
    assert not week.holds(TUESDAY.replace(day=5, hour=7))


def test_a_week_that_says_nothing_says_so() -> None:
    assert not Week().said
    assert Week(sunday="").said, "a Sunday without hours is a word about Sundays"
    assert Week(every_day="08:00-20:00").said


@pytest.mark.parametrize(
    "wrong", ["20", "8:00-20:00", "20:00-20:00", "24:00-08:00", "a-b", "20:00-25:00"]
)
def test_what_is_no_span_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="two times of day"):
        Week(every_day=wrong)


CLOCK = st.integers(0, 24 * 60 - 1).map(lambda n: f"{n // 60:02}:{n % 60:02}")


@settings(deadline=None, max_examples=30)
@given(CLOCK, CLOCK, st.sampled_from(WEEKDAYS))
def test_of_a_day_as_many_minutes_are_within_as_the_span_is_long(
    begin: str, end: str, day: str
) -> None:
    if begin == end:
        return
    week = Week(**{day: f"{begin}-{end}"})
    start = TUESDAY - timedelta(days=1) + timedelta(days=WEEKDAYS.index(day))
    within = sum(week.holds(start + timedelta(minutes=n)) for n in range(2 * 24 * 60))
    first, last = (int(c[:2]) * 60 + int(c[3:]) for c in (begin, end))
    assert within == (last - first) % (24 * 60)
