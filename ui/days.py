"""Days as somebody writes them after an option: when they begin, where this command runs."""

from datetime import date, datetime

from ui.outcome import bad_input

FIRST, LAST = date(1970, 1, 2), date(9998, 12, 31)
"""Days that may be asked for: those whose beginning and end can be told in every time zone."""


def day_of(words: str, option: str, *, do: str = "Write it as in 2026-11-01.") -> date:
    """The day, in the form of ISO 8601. Raises Fault for what is none."""
    try:
        day = date.fromisoformat(words)
    except ValueError:
        raise bad_input(f"{words!r} is no day.", where=option, do=do) from None
    return in_calendar(day, option)


def in_calendar(day: date, option: str) -> date:
    """The same day. Raises Fault for one on which nothing can have happened."""
    if FIRST <= day <= LAST:
        return day
    raise bad_input(
        f"Nothing was written down on {day}.",
        where=option,
        do=f"Give a day from {FIRST} to {LAST}.",
    )


def midnight(day: date) -> datetime:
    """The beginning of a day."""
    return datetime(day.year, day.month, day.day).astimezone()
