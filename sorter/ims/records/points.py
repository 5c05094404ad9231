"""Branches, sorting points and chutes, as plants told of them; what stands at each chute."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from config.label import bare
from drivers.ports import Txn
from drivers.store.txn import moment
from sorter.ims.happened import Happened, What
from sorter.ims.points import Point, PointChute, network_of, point_heard, point_told
from sorter.ims.records import tables
from sorter.ims.records.present import at_present
from sorter.ims.records.streams import Row, add, happen, last_of, row_of, stream_of
from sorter.ims.records.tables import branches, chutes, crates, events
from sorter.ims.routes import Network
from sorter.ims.site import Site


def tell(txn: Txn, site: Site, *told: Happened) -> None:
    """Write down what this plant says of itself, where it said something else last."""
    for one in told:
        last = txn.connection.execute(
            select(events.c.why)
            .where(events.c.station == site.station, events.c.what == one.what.value)
            .order_by(events.c.pos.desc())
            .limit(1)
        ).scalar()
        if last != one.why:
            happen(txn, site, one)


def points(connection: Any) -> tuple[Point, ...]:
    """All sorting points with their chutes, and the crates that stand there."""
    standing = {
        (row.branch, row.chute): row.label
        for row in connection.execute(select(crates).where(crates.c.state == "docked"))
    }
    found = connection.execute(
        select(tables.points).order_by(tables.points.c.branch, tables.points.c.name)
    )
    return tuple(
        Point(
            row.station,
            row.branch,
            row.name,
            tuple(
                PointChute(
                    one.label,
                    one.bin,
                    one.number,
                    one.destination,
                    standing.get((row.branch, one.label), ""),
                )
                for one in connection.execute(
                    select(chutes).where(chutes.c.station == row.station).order_by(chutes.c.label)
                )
            ),
            datetime.fromisoformat(row.since),
        )
        for row in found.all()
    )


def point_of_chute(connection: Any, branch: str, label: str) -> str:
    """Name of the sorting point that a chute belongs to; empty where none told of it."""
    found = connection.execute(
        select(tables.points.c.name)
        .join(chutes, chutes.c.station == tables.points.c.station)
        .where(chutes.c.branch == branch, chutes.c.label == label)
        .order_by(tables.points.c.since.desc())
        .limit(1)
    )
    return str(found.scalar() or "")


@dataclass(frozen=True, slots=True)
class Owner:
    """Another sorting point of the branch, which has a chute's label."""

    station: str
    point: str


def contested(connection: Any, site: Site) -> dict[str, Owner]:
    """Chutes of this sorting point whose label another one of the branch told of first, by label."""
    found = connection.execute(
        select(chutes.c.label, chutes.c.station, tables.points.c.name)
        .join(tables.points, tables.points.c.station == chutes.c.station)
        .where(
            chutes.c.branch == site.branch,
            chutes.c.station != site.station,
        )
    ).all()
    mine = {bare(label): label for label in site.chutes}
    return {
        mine[bare(row.label)]: Owner(row.station, row.name)
        for row in found
        if bare(row.label) in mine
        and _told_since(connection, row.station, site.branch, row.label)
        < _told_since(connection, site.station, site.branch, mine[bare(row.label)])
    }


def _told_since(connection: Any, station: str, branch: str, label: str) -> tuple[str, str]:
    """Since when a sorting point has told of a chute, without a time between in which it did not; and whose that is."""
    told = connection.execute(
        select(events)
        .where(events.c.station == station, events.c.what == What.POINT.value)
        .order_by(events.c.at, events.c.pos)
    ).all()
    since = ""
    for row in map(row_of, told):
        with suppress(KeyError, TypeError, ValueError):
            point = point_heard(station, row.happened)
            has = point.branch == branch and any(c.label == label for c in point.chutes)
            since = (since or moment(row.happened.at)) if has else ""
    return since or "~", station


def gone_point(txn: Txn, site: Site, station: str) -> None:
    """A person says that another sorting point is no longer in use: its chutes are known here no more, until it tells of itself again."""
    stream = f"gone-{stream_of(txn)}"
    seq = last_of(txn.connection, station, stream) + 1
    one = point_told(Point(station, site.branch, ""), txn.now)
    for told in at_present(txn.connection, station, [one]):
        add(txn.connection, Row(station, stream, seq, told))


def network(connection: Any) -> Network | None:
    """How the branches exchange; None where no plant has told."""
    rows = connection.execute(select(branches).order_by(branches.c.name)).all()
    central = next((row.name for row in rows if row.central), "")
    return network_of(central, {row.name: bool(row.plant) for row in rows})
