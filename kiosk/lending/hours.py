"""When staff is here, and what the machine does meanwhile. Pure: the library's table and a local moment in."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from config.station import SERVICES, Hours, Opening
from config.week import WEEKDAYS


def hours_of(opening: Opening, day: date) -> Hours | None:
    """The hours of a date: a holiday's own, else its weekday's; None when the table says nothing."""
    for holiday in opening.holidays:
        if holiday.day == day:
            return holiday
    hours: Hours | None = getattr(opening, WEEKDAYS[day.weekday()])
    return hours


def staffed(opening: Opening, local: datetime) -> bool | None:
    """Whether staff is here at a local moment; None when the table says nothing of that day."""
    hours = hours_of(opening, local.date())
    return None if hours is None else _within(hours.staffed, local.time())


def offered(opening: Opening, local: datetime) -> frozenset[str]:
    """What the machine does at a local moment: everything, unless the table says that nobody is here."""
    return frozenset(opening.unstaffed if staffed(opening, local) is False else SERVICES)


def closes(opening: Opening, local: datetime) -> datetime:
    """When the house closes today; midnight where that has been, or is not told."""
    day, zone = local.date(), local.tzinfo or UTC
    hours = hours_of(opening, day)
    if hours is not None and hours.open:
        _, end = span_of(hours.open, day, zone)
        if end > local:
            return end
    return datetime.combine(day + timedelta(days=1), time(), zone)


def span_of(span: str, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Beginning and end of a span on a date."""
    begin, end = (clock.split(":") for clock in span.split("-"))
    first = datetime.combine(day, time(int(begin[0]), int(begin[1])), zone)
    last = datetime.combine(day, time(int(end[0]) % 24, int(end[1])), zone)
    return first, last


def _within(span: str, moment: time) -> bool:
    """The end is not within; 24:00 is the end of the day."""
    if not span:
        return False
    begin, end = span.split("-")
    now = moment.strftime("%H:%M")
    return begin <= now < end
