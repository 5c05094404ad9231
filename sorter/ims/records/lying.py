"""Where a crate stands, what lies in it, and where an item was last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from config.label import PUNCTUATION, bare
from sorter.ims.crates import Crate, CrateState
from sorter.ims.happened import What
from sorter.ims.records.standing import crate_row
from sorter.ims.records.tables import SOME_CRATE, crates, events, places


@dataclass(frozen=True, slots=True)
class Placed:
    """The last place of an item."""

    item: str
    branch: str
    station: str
    bin: str
    crate: str
    number: int
    rule: str
    cause: str
    destination: str
    since: datetime
    why: str

    @property
    def beside(self) -> bool:
        """Whether it lies not in its bin but on the floor there: no crate stood where it fell."""
        return bool(self.bin) and not self.crate and self.cause == "no_crate"


def printed(connection: Any, label: str) -> str:
    """The label of a crate as it was first written down, however it is spelt now; of two that are one, who moved last."""
    written: Any = crates.c.label
    for sign in PUNCTUATION:
        written = func.replace(written, sign, "")
    found = connection.execute(
        select(crates.c.label)
        .where(written == bare(label))
        .order_by(crates.c.since.desc(), crates.c.label)
        .limit(1)
    )
    return str(found.scalar() or label)


def read_crate(connection: Any, row: Any) -> Crate:
    items = connection.execute(
        select(places.c.item)
        .where(places.c.crate == row.label, SOME_CRATE)
        .order_by(places.c.since, places.c.item)
    )
    return Crate(
        row.label,
        CrateState(row.state),
        row.chute,
        row.branch,
        row.destination,
        tuple(items.scalars()),
        datetime.fromisoformat(row.since),
    )


def crate_of(connection: Any, label: str) -> Crate | None:
    """One crate with what lies in it, in the order in which it came in."""
    row = crate_row(connection, label)
    return None if row is None else read_crate(connection, row)


def docked(connection: Any, branch: str) -> dict[str, Crate]:
    """The crates that stand at a branch's chutes, by chute."""
    found = connection.execute(
        select(crates).where(crates.c.branch == branch, crates.c.state == CrateState.DOCKED.value)
    )
    return {row.chute: read_crate(connection, row) for row in found.all()}


def docked_labels(connection: Any, branch: str) -> dict[str, str]:
    """The same by label alone, as often as somebody looks."""
    found = connection.execute(
        select(crates.c.chute, crates.c.label).where(
            crates.c.branch == branch, crates.c.state == CrateState.DOCKED.value
        )
    )
    return {row.chute: row.label for row in found.all()}


def docked_at(connection: Any, branch: str, chute: str) -> str:
    """Label of the crate that stands at a chute; empty where none is known."""
    found = connection.execute(
        select(crates.c.label).where(
            crates.c.branch == branch,
            crates.c.chute == chute,
            crates.c.state == CrateState.DOCKED.value,
        )
    )
    return str(found.scalar_one_or_none() or "")


def taken_from(connection: Any, branch: str, chute: str) -> tuple[str, str] | None:
    """The crate that was docked at a chute last, and where it was scanned next: another branch, or another chute of this one."""
    docked = connection.execute(
        select(events.c.crate, events.c.at, events.c.pos)
        .where(
            events.c.what == What.DOCKED.value,
            events.c.branch == branch,
            events.c.chute == chute,
        )
        .order_by(events.c.at.desc(), events.c.pos.desc())
        .limit(1)
    ).one_or_none()
    if docked is None:
        return None
    moved = connection.execute(
        select(events.c.branch, events.c.chute)
        .where(
            events.c.crate == docked.crate,
            SOME_CRATE,
            events.c.item == "",
            events.c.at >= docked.at,
            events.c.pos != docked.pos,
        )
        .order_by(events.c.at, events.c.pos)
        .limit(1)
    ).one_or_none()
    if moved is None:
        return None
    place = moved.branch if moved.branch != branch else moved.chute
    return None if place in {"", chute} else (str(docked.crate), str(place))


def place_of(connection: Any, item: str) -> Placed | None:
    """Where an item was last, in one step."""
    row = connection.execute(select(places).where(places.c.item == item)).one_or_none()
    return None if row is None else _placed(row)


def taken_out(connection: Any, label: str, branch: str) -> tuple[str, ...]:
    """Items that were taken out of a crate at a branch in its present round, and lie there still."""
    row = crate_row(connection, label)
    if row is None:
        return ()
    found = connection.execute(
        select(events.c.item, events.c.at)
        .where(
            events.c.crate == label,
            SOME_CRATE,
            events.c.what == What.TAKEN_OUT.value,
            events.c.branch == branch,
            events.c.at >= row.round,
        )
        .order_by(events.c.pos)
    ).all()
    since = {
        one.item: connection.execute(
            select(places.c.since).where(places.c.item == one.item)
        ).scalar()
        for one in found
    }
    return tuple(dict.fromkeys(one.item for one in found if since[one.item] == one.at))


def contents(connection: Any, label: str) -> tuple[Placed, ...]:
    """What lies in a crate, with why, in the order in which it came in."""
    found = connection.execute(
        select(places)
        .where(places.c.crate == label, SOME_CRATE)
        .order_by(places.c.since, places.c.item)
    )
    return tuple(map(_placed, found.all()))


def _placed(row: Any) -> Placed:
    return Placed(
        row.item,
        row.branch,
        row.station,
        row.bin,
        row.crate,
        row.number,
        row.rule,
        row.cause,
        row.destination,
        datetime.fromisoformat(row.since),
        row.why,
    )
