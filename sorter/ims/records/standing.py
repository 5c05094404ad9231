"""What happened makes of crates, places, sorting points and branches; told late and out of order, a newer moment always stands."""

from typing import Any

from sqlalchemy import delete, func, insert, select, update

from drivers.store.txn import moment
from sorter.ims.crates import CrateState
from sorter.ims.happened import Happened, What
from sorter.ims.points import network_heard, point_heard
from sorter.ims.records.tables import (
    SOME_CRATE,
    SOME_ITEM,
    branches,
    chutes,
    crates,
    events,
    places,
    points,
)


def apply(connection: Any, station: str, one: Happened) -> None:
    """What one happening makes of crates and places; a late one changes nothing that is newer."""
    match one.what:
        case What.DOCKED:
            _docked(connection, one)
        case What.CLOSED | What.SENT | What.RECEIVED | What.ONWARD | What.EMPTIED:
            _moved(connection, one)
        case What.FELL | What.GONE:
            _fell(connection, station, one)
        case What.FOUND:
            _found(connection, station, one)
        case What.MISSING:
            _missing(connection, one)
        case What.TAKEN_OUT:
            _taken_out(connection, station, one)
        case What.POINT:
            _point(connection, station, one)
        case What.NETWORK:
            _network(connection, one)


def crate_row(connection: Any, label: str) -> Any:
    return connection.execute(select(crates).where(crates.c.label == label)).one_or_none()


def _put_crate(connection: Any, label: str, **values: str) -> None:
    if crate_row(connection, label) is None:
        whole = {"label": label, "chute": "", "destination": "", "round": "", **values}
        connection.execute(insert(crates), whole)
    else:
        connection.execute(update(crates).where(crates.c.label == label).values(**values))


def _docked(connection: Any, one: Happened) -> None:
    at, row = moment(one.at), crate_row(connection, one.crate)
    if row is not None and row.since > at:
        if one.fresh:
            _begun(connection, row, one.branch, at)
        return
    if one.fresh:
        arrived = one.branch
        if row is not None:
            arrived = (
                row.destination if row.state == CrateState.SENT and row.destination else row.branch
            )
        _release(connection, one.crate, arrived, at)
    there = connection.execute(
        select(crates).where(
            crates.c.branch == one.branch,
            crates.c.chute == one.chute,
            crates.c.state == CrateState.DOCKED.value,
            crates.c.label != one.crate,
        )
    ).one_or_none()
    stands = there is None or there.since <= at
    if there is not None and stands:
        closed = {"state": CrateState.CLOSED.value, "chute": "", "since": at}
        _put_crate(connection, there.label, **closed)
    _put_crate(
        connection,
        one.crate,
        state=(CrateState.DOCKED if stands else CrateState.CLOSED).value,
        chute=one.chute if stands else "",
        branch=one.branch,
        destination=one.destination,
        since=at,
        **({"round": at} if one.fresh else {}),
    )


_STATES = {
    What.CLOSED: CrateState.CLOSED,
    What.SENT: CrateState.SENT,
    What.RECEIVED: CrateState.RECEIVED,
    What.ONWARD: CrateState.SENT,
    What.EMPTIED: CrateState.EMPTY,
}


def _moved(connection: Any, one: Happened) -> None:
    at, row = moment(one.at), crate_row(connection, one.crate)
    if row is not None and row.since > at:
        if one.what is What.EMPTIED:
            _begun(connection, row, one.branch, at)
        return
    values = {
        "state": _STATES[one.what].value,
        "chute": "",
        "branch": one.branch,
        "since": at,
    }
    if one.what is What.EMPTIED:
        _release(connection, one.crate, one.branch, at)
        values |= {"destination": "", "round": at}
    _put_crate(connection, one.crate, **values)


def _begun(connection: Any, row: Any, branch: str, at: str) -> None:
    """Told late: a crate began a round; where it is now is known already."""
    _release(connection, row.label, branch, at)
    _put_crate(connection, row.label, round=max(row.round, at))


def _release(connection: Any, label: str, branch: str, at: str) -> None:
    """What lay in a crate is out of it, at a branch."""
    connection.execute(
        update(places)
        .where(places.c.crate == label, places.c.since <= at, SOME_CRATE)
        .values(crate="", bin="", branch=branch)
    )


def _fell(connection: Any, station: str, one: Happened) -> None:
    at, crate = moment(one.at), one.crate
    if crate:
        row = crate_row(connection, crate)
        if row is not None and row.round > at:
            crate = ""  # that crate has begun another round since
        if connection.execute(
            select(events.c.pos).where(
                events.c.item == one.item,
                SOME_ITEM,
                events.c.crate == crate,
                events.c.what.in_([What.MISSING.value, What.TAKEN_OUT.value]),
                events.c.at >= at,
            )
        ).first():
            crate = ""  # and it was not in it any more
    _put_place(
        connection,
        at,
        {
            "item": one.item,
            "branch": one.branch,
            "station": station,
            "bin": one.bin,
            "crate": crate,
            "number": one.number,
            "rule": one.rule,
            "cause": one.cause,
            "destination": one.destination,
            "since": at,
            "why": one.why,
        },
    )


def _put_place(connection: Any, at: str, values: dict[str, Any]) -> None:
    since = connection.execute(
        select(places.c.since).where(places.c.item == values["item"])
    ).scalar_one_or_none()
    if since is None:
        connection.execute(insert(places), values)
    elif since <= at:
        connection.execute(update(places).where(places.c.item == values["item"]).values(**values))


def _found(connection: Any, station: str, one: Happened) -> None:
    at = moment(one.at)
    known = connection.execute(select(places).where(places.c.item == one.item)).one_or_none()
    row = crate_row(connection, one.crate)
    crate = "" if row is not None and row.round > at else one.crate
    values: dict[str, Any] = {"item": one.item, "branch": one.branch, "bin": "", "crate": crate}
    values["since"] = at
    if known is None:  # else its rule and where it goes are what they were
        values |= {**_NO_WAY, "station": station}
    elif known.cause in {"missing", "no_crate"}:
        values["cause"] = ""
    _put_place(connection, at, values)


_NO_WAY = {"number": 0, "rule": "", "cause": "", "destination": "", "why": ""}
"""Of an item that never came over a belt that is known here."""


def _taken_out(connection: Any, station: str, one: Happened) -> None:
    at = moment(one.at)
    known = connection.execute(select(places).where(places.c.item == one.item)).one_or_none()
    values: dict[str, Any] = {"item": one.item, "branch": one.branch, "bin": "", "crate": ""}
    values["since"] = at
    if known is None:
        values |= {**_NO_WAY, "station": station, "destination": one.destination}
    _put_place(connection, at, values)


def _missing(connection: Any, one: Happened) -> None:
    at = moment(one.at)
    connection.execute(
        update(places)
        .where(places.c.item == one.item, places.c.crate == one.crate, places.c.since <= at)
        .values(crate="", cause="missing", since=at)
    )


def _point(connection: Any, station: str, one: Happened) -> None:
    """A sorting point tells all of itself: what it told before is gone."""
    try:
        told, at = point_heard(station, one), moment(one.at)
    except (KeyError, TypeError, ValueError):
        return  # it says nothing that this program understands
    mine = points.c.station == station
    since = connection.execute(select(points.c.since).where(mine)).scalar()
    if since is not None and since > at:
        return
    connection.execute(delete(points).where(mine))
    connection.execute(delete(chutes).where(chutes.c.station == station))
    row = {"station": station, "branch": told.branch, "name": told.name, "since": at}
    connection.execute(insert(points), row)
    rows = [
        {
            "station": station,
            "label": chute.label,
            "branch": told.branch,
            "bin": chute.bin,
            "number": chute.number,
            "destination": chute.destination,
        }
        for chute in told.chutes
    ]
    if rows:
        connection.execute(insert(chutes), rows)


def _network(connection: Any, one: Happened) -> None:
    """The newest plan that told of the exchange stands, whole."""
    try:
        (central, plants), at = network_heard(one), moment(one.at)
    except (AttributeError, KeyError, TypeError, ValueError):
        return
    since = connection.execute(select(func.max(branches.c.since))).scalar()
    if since is not None and since > at:
        return
    connection.execute(delete(branches))
    rows = [
        {"name": name, "plant": int(plant), "central": int(name == central), "since": at}
        for name, plant in plants.items()
    ]
    if rows:
        connection.execute(insert(branches), rows)
