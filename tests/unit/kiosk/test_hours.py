"""The library's table of hours: weekdays, holidays, the edges of a span, and the night when clocks change."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from config.load import ConfigInvalid, load_text
from config.station import SERVICES, Holiday, Hours, Opening
from kiosk.lending.hours import hours_of, offered, staffed
from tests.simulation.rig import STATION

ZONE = ZoneInfo("Europe/Copenhagen")
TUESDAY = Hours(open="07:00-22:00", staffed="10:00-18:00")
OPENING = Opening(
    tuesday=TUESDAY,
    sunday=Hours(open="00:00-24:00"),
    holidays=(Holiday(day=date(2026, 11, 10)),),
    unstaffed=("return",),
)


def at(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day:02}T{clock}").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("day", "clock", "here"),
    [
        (3, "09:59", False),
        (3, "10:00", True),
        (3, "17:59", True),
        (3, "18:00", False),
        (10, "12:00", False),
        (8, "12:00", False),
        (4, "12:00", None),
    ],
)
def test_when_staff_is_here(day: int, clock: str, here: bool | None) -> None:
    assert staffed(OPENING, at(day, clock)) is here
    everything = frozenset(SERVICES)
    expected = frozenset({"return"}) if here is False else everything
    assert offered(OPENING, at(day, clock)) == expected


def test_a_holiday_goes_before_its_weekday() -> None:
    assert hours_of(OPENING, date(2026, 11, 3)) == TUESDAY
    assert hours_of(OPENING, date(2026, 11, 10)) == OPENING.holidays[0]
    assert hours_of(OPENING, date(2026, 11, 9)) is None


def test_the_hour_that_comes_twice_is_the_hour_on_the_wall() -> None:
    night = Opening(sunday=Hours(open="00:00-24:00", staffed="02:00-03:00"))
    for fold in (0, 1):
        twice = datetime(2026, 10, 25, 2, 30, tzinfo=ZONE, fold=fold)
        assert staffed(night, twice) is True


@pytest.mark.parametrize("span", ["7:00-9:00", "07:00", "25:00-26:00", "07:00-24:30", "altid"])
def test_hours_that_are_none_are_refused_with_their_key(span: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"opening\.monday\.open"):
        load_text(STATION + f'[opening]\nmonday = {{ open = "{span}" }}\n')
