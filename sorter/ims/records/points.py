"""Branches, sorting points and chutes, as plants told of them; what stands at each chute."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from drivers.ports import Txn
from sorter.ims.happened import Happened
from sorter.ims.points import Point, PointChute, network_of
from sorter.ims.records import tables
from sorter.ims.records.streams import happen
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


def network(connection: Any) -> Network | None:
    """How the branches exchange; None where no plant has told."""
    rows = connection.execute(select(branches).order_by(branches.c.name)).all()
    central = next((row.name for row in rows if row.central), "")
    return network_of(central, {row.name: bool(row.plant) for row in rows})
