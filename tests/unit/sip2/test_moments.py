"""Dates of SIP2 and due dates of any form."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from drivers.sip2.dialect import STANDARD, ClockRule
from drivers.sip2.moments import due_day, moment_of, stamp

ZONE = ZoneInfo("Europe/Copenhagen")


def test_a_moment_is_written_in_local_time_or_in_utc() -> None:
    noon = datetime(2026, 7, 1, 10, 0, 5, tzinfo=UTC)
    assert stamp(noon, ZONE) == "20260701    120005"
    assert stamp(noon, ZONE, ClockRule.UTC) == "20260701   Z100005"


@pytest.mark.parametrize(
    ("text", "hours_from_utc"),
    [
        ("20260701    120000", 2),
        ("20261201    120000", 1),
        ("20260701   Z120000", 0),
        ("20260701   A120000", 1),
        ("20260701   M120000", 12),
        ("20260701   N120000", -1),
        ("20260701   Y120000", -12),
        ("20260701   J120000", 2),
    ],
)
def test_zones_by_blank_and_by_letter(text: str, hours_from_utc: int) -> None:
    got = moment_of(text, ZONE)
    assert got is not None
    assert got.utcoffset() == timedelta(hours=hours_from_utc)
    assert got.hour == 12


@pytest.mark.parametrize(
    "text",
    ["", " " * 18, "00000000    000000", "20261301    120000", "20260701 ABC120000", "2026-07-01"],
)
def test_what_names_no_moment(text: str) -> None:
    assert moment_of(text, ZONE) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20260331    235959", date(2026, 3, 31)),
        ("20260331    000000", date(2026, 3, 31)),
        ("20260331   Z230000", date(2026, 4, 1)),
        ("20260331", date(2026, 3, 31)),
        ("2026-03-31 23:59", date(2026, 3, 31)),
        ("31-03-2026", date(2026, 3, 31)),
        ("31/03/2026", date(2026, 3, 31)),
        (" 31.03.2026 ", date(2026, 3, 31)),
        ("", None),
        ("soon", None),
        ("20260231", None),
    ],
)
def test_due_dates(text: str, day: date | None) -> None:
    assert due_day(text, ZONE, STANDARD) == day
