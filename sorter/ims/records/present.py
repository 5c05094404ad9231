"""When something happens that was decided by what the tables say now: not before what they say happened last.

Clocks are set back, and those of two branches go apart. Whoever decides has seen the present state, so what comes of it is newer, whatever
the clock says. What is told late from elsewhere keeps its own moment (`standing`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from sorter.ims.happened import Happened, What
from sorter.ims.records.tables import SOME_CRATE, branches, crates, places, points

TICK = timedelta(microseconds=1)
"""The finest that the tables tell apart."""


def at_present(connection: Any, station: str, happened: Iterable[Happened]) -> Iterator[Happened]:
    """The same, one after the other, each not before what it changes. To be written before the next is asked for."""
    before: datetime | None = None
    for one in happened:
        at = one.at if before is None else max(one.at, before)
        last = _last(connection, station, one)
        if last is not None and last > at:
            at = last + TICK
        before = at
        yield one if at == one.at else replace(one, at=at)


def _last(connection: Any, station: str, one: Happened) -> datetime | None:
    """The newest moment among what it changes."""
    asked = []
    if one.what is What.POINT:
        asked.append(select(func.max(points.c.since)).where(points.c.station == station))
    if one.what is What.NETWORK:
        asked.append(select(func.max(branches.c.since)))
    if one.crate:
        asked.append(select(func.max(crates.c.since)).where(crates.c.label == one.crate))
        lies = select(func.max(places.c.since)).where(places.c.crate == one.crate, SOME_CRATE)
        asked.append(lies)
    if one.what is What.DOCKED:
        there = or_(crates.c.label == one.crate, crates.c.chute == one.chute)
        asked.append(select(func.max(crates.c.since)).where(crates.c.branch == one.branch, there))
    if one.item:
        asked.append(select(func.max(places.c.since)).where(places.c.item == one.item))
    moments = [found for query in asked if (found := connection.execute(query).scalar())]
    return datetime.fromisoformat(max(moments)) if moments else None
