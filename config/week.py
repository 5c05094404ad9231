"""Hours that differ by weekday, such as quiet ones: one span for every day, and others for the days that differ."""

import re
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from config.part import Part

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_END = re.compile(rf"{_CLOCK.pattern}|24:00")


def _is_span(words: str) -> str:
    begin, _, end = words.partition("-")
    if words and (not _CLOCK.fullmatch(begin) or not _END.fullmatch(end) or begin == end):
        raise ValueError('give two times of day such as "20:00-08:00"')
    return words


Night = Annotated[str, AfterValidator(_is_span)]
"""Two times of day; the second may be the next morning's."""


class Week(Part):
    """Hours by weekday, in local time, such as 20:00-08:00; those over midnight belong to the day they begin."""

    every_day: Night = Field("", description="of the weekdays that are not named; empty: none")
    monday: Night | None = Field(None, description="of Mondays; empty: none")
    tuesday: Night | None = Field(None, description="of Tuesdays")
    wednesday: Night | None = Field(None, description="of Wednesdays")
    thursday: Night | None = Field(None, description="of Thursdays")
    friday: Night | None = Field(None, description="of Fridays")
    saturday: Night | None = Field(None, description="of Saturdays")
    sunday: Night | None = Field(None, description="of Sundays")

    @property
    def said(self) -> bool:
        """Whether any hours are given at all."""
        return bool(self.every_day) or any(getattr(self, day) is not None for day in WEEKDAYS)

    def holds(self, local: datetime) -> bool:
        """Whether a local moment lies within the hours. Their end does not."""
        now = local.strftime("%H:%M")
        begin, end = self._of(local)
        if (begin < end and begin <= now < end) or (begin > end and now >= begin):
            return True
        begin, end = self._of(local - timedelta(days=1))
        return begin > end and now < end

    def _of(self, day: datetime) -> tuple[str, str]:
        own: str | None = getattr(self, WEEKDAYS[day.weekday()])
        begin, _, end = (self.every_day if own is None else own).partition("-")
        return begin, end
