"""What the belt went through, as the line tells it: read with care, and said, the newest first."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from config.texts import Text, text
from drivers.ports import Pack
from drivers.service.view import Mark, Row
from sorter import alarms, standing
from sorter.belt.line import Because, Reason, What

LASTING = frozenset(
    {Pack.STOPPED, Pack.IDLE, Pack.SUSPENDED, Pack.EXECUTE, Pack.ABORTED, Pack.HELD, Pack.COMPLETE}
)
"""States in which a belt stays; those between are passed over."""
_NAMES = {pack.name.lower(): pack for pack in LASTING}
_MARKS = {What.RAISED: Mark.PUT_BACK, What.JAM: Mark.PUT_BACK, What.EVENTS_LOST: Mark.NOW}


class Past(BaseModel):
    """One thing that happened. Frozen; a key of a later version is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime
    what: Annotated[str, Field(max_length=40)]
    zone: Annotated[int, Field(ge=0, le=0xFF)] = 0
    alarm: Annotated[int, Field(ge=0, le=0xFFFF)] | None = None
    state: Annotated[str, Field(max_length=40)] | None = None
    because: Annotated[str, Field(max_length=40)] | None = None
    count: int | None = None


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    history: Annotated[tuple[Past, ...], Field(max_length=500)]


def past_of(answer: Mapping[str, Any]) -> tuple[Past, ...]:
    """The line's answer. Raises ValueError for another shape."""
    try:
        return _Answer.model_validate(dict(answer)).history
    except ValidationError as error:
        raise ValueError(f"no history: {error.error_count()} faults") from None


def rows(past: tuple[Past, ...]) -> tuple[Row, ...]:
    """Each as a row; what this panel has no words for is left out."""
    found = [(one, said) for one in past if (said := _said(one)) is not None]
    return tuple(
        Row(
            id=str(n),
            mark=_MARKS.get(What(one.what), Mark.SEEN),
            title=said[0],
            state=text("panel.story.at", at=one.at),
            detail=said[1],
            kind="matter",
        )
        for n, (one, said) in enumerate(found)
    )


def _said(one: Past) -> tuple[Text, Text | None] | None:
    match one.what:
        case What.JAM:
            return text("belt.because.jam", place=standing.place(one.zone)), None
        case What.RAISED if one.alarm:
            return alarms.named(one.alarm, one.zone), None
        case What.CLEARED if one.alarm:
            return text("belt.alarm.over", what=alarms.named(one.alarm, one.zone)), None
        case What.STATE if one.state in _NAMES:
            told = one.because or ""
            because = Because(told) if told in set(Because) else Because.BEFORE
            why = standing.cause(Reason(because, one.zone, one.alarm or 0))
            return text(f"sorter.state.{one.state}"), why
        case What.STRAY:
            return text("belt.past.stray", place=standing.place(one.zone)), None
        case What.STRAYS_SEEN:
            return text("belt.past.strays_seen", n=one.count or 0), None
        case What.EVENTS_LOST:
            return text("sorter.alarm.events_lost", n=one.count or 0), None
        case What.EVENTS_LOST_SEEN:
            return text("belt.past.events_lost_seen", n=one.count or 0), None
        case What.UNBALANCED:
            return text("sorter.alarm.unbalanced"), None
        case What.RESTARTED:
            return text("belt.because.power"), None
        case _:
            return None
