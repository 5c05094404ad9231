"""Dates of SIP2: `YYYYMMDDZZZZHHMMSS`, and the due date that may have any form.

Source: 3M Standard Interchange Protocol 2.00 rev. 2.12, "Data types", date and time. Four blanks mean
local time, `   Z` UTC, another letter in the last place that military time zone.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from drivers.sip2.dialect import ClockRule, Dialect

_MOMENT = re.compile(r"(\d{8})(?: {3}([ A-Z]))(\d{6})", re.ASCII)
_DAY = re.compile(r"(\d{8})(?:\s|\Z)", re.ASCII)


def stamp(moment: datetime, zone: ZoneInfo, rule: ClockRule = ClockRule.LOCAL) -> str:
    """The 18 characters for an aware moment."""
    if rule is ClockRule.UTC:
        return moment.astimezone(UTC).strftime("%Y%m%d   Z%H%M%S")
    return moment.astimezone(zone).strftime("%Y%m%d    %H%M%S")


def moment_of(text: str, zone: ZoneInfo) -> datetime | None:
    """The aware moment that 18 characters name, or None: all zeros mean that it is not supported."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    try:
        plain = datetime.strptime(found[1] + found[3], "%Y%m%d%H%M%S")  # noqa: DTZ007 - zone below
    except ValueError:
        return None
    return plain.replace(tzinfo=_zone(found[2], zone))


def _zone(letter: str, local: ZoneInfo) -> timezone | ZoneInfo:
    """Military letters: A to I and K to M lie east, N to Y west, J is local time, Z is UTC."""
    if letter in " J":
        return local
    if letter == "Z":
        return UTC
    if letter <= "M":
        return timezone(timedelta(hours="ABCDEFGHIKLM".index(letter) + 1))
    return timezone(-timedelta(hours="NOPQRSTUVWXY".index(letter) + 1))


def due_day(text: str, zone: ZoneInfo, dialect: Dialect) -> date | None:
    """The day a due date names: in local time if it is a moment; None when its form is not known."""
    text = text.strip()
    if moment := moment_of(text, zone):
        return moment.astimezone(zone).date()
    found = _DAY.match(text)
    text = found[1] if found else text[:10]
    for form in ("%Y%m%d",) if found else dialect.due_formats:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
