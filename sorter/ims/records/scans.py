"""Two scans at a bin: what is remembered of the first, and what the second comes to, in one transaction."""

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select

from drivers.ports import Txn
from drivers.store.txn import moment
from sorter.ims.crates import CrateState, Depot, Said, Swap, scanned
from sorter.ims.happened import What
from sorter.ims.labels import Label, LabelKind
from sorter.ims.records.lying import printed, read_crate
from sorter.ims.records.points import contested
from sorter.ims.records.streams import happen
from sorter.ims.records.tables import SOME_CRATE, crates, events, scan
from sorter.ims.site import Site


def scan_label(
    txn: Txn,
    site: Site,
    label: Label,
    untouched: frozenset[str] = frozenset(),
    onward: frozenset[str] = frozenset(),
) -> Swap:
    """One scan: what it came to, what is remembered of it, and what happened by it, in one transaction.

    `untouched`: chutes whose crate nobody has lifted out since it was docked, as far as the belt senses it.
    `onward`: chutes whose crates leave the house.
    """
    if label.kind in {LabelKind.CRATE, LabelKind.UNKNOWN}:
        label = _of_crate(txn, label)
    others = {chute: one.point for chute, one in contested(txn.connection, site).items()}
    depot = _depot(txn, site, label)
    depot = replace(depot, untouched=untouched, onward=onward, contested=others)
    after, swap = scanned(depot, label, txn.now)
    if (after.half, after.half_at, after.doubted) != (depot.half, depot.half_at, depot.doubted):
        _remember(txn, after)
    happen(txn, site, *swap.happened)
    return swap


def _of_crate(txn: Txn, label: Label) -> Label:
    """The crate that is known by that label, as it is printed."""
    known = printed(txn.connection, label.text)
    return label if known == label.text else Label(LabelKind.CRATE, known)


def forget_scan(txn: Txn) -> None:
    """The first scan of a pair is taken back: the next one begins anew."""
    txn.connection.execute(delete(scan))


def _depot(txn: Txn, site: Site, label: Label) -> Depot:
    connection = txn.connection
    depot = site.depot
    row = connection.execute(select(scan)).one_or_none()
    if row is not None:
        half = Label(LabelKind(row.kind), row.label) if row.kind else None
        doubt = Said(row.doubt) if row.doubt else Said.FULL_OF_OTHER
        doubted = (row.chute, row.crate, doubt) if row.crate else None
        depot = replace(depot, half=half, half_at=datetime.fromisoformat(row.at), doubted=doubted)
    wanted = {label.text} | ({depot.half.text} if depot.half is not None else set())
    found = connection.execute(
        select(crates).where(
            or_(
                crates.c.label.in_(sorted(wanted)),
                and_(crates.c.state == CrateState.DOCKED.value, crates.c.branch == site.branch),
            )
        )
    )
    known = {
        row.label: replace(read_crate(connection, row), taken_from=_taken_from(connection, row))
        for row in found.all()
    }
    return replace(depot, crates=MappingProxyType(known))


def _taken_from(connection: Any, row: Any) -> str:
    """The chute at which a crate was closed, by the very happening that made its row what it is."""
    if row.state != CrateState.CLOSED.value:
        return ""
    closed = select(events.c.chute).where(
        events.c.crate == row.label,
        SOME_CRATE,
        events.c.what == What.CLOSED.value,
        events.c.branch == row.branch,
        events.c.at == row.since,
    )
    return str(connection.execute(closed.limit(1)).scalar() or "")


def _remember(txn: Txn, depot: Depot) -> None:
    txn.connection.execute(delete(scan))
    if depot.half is None and depot.doubted is None:
        return
    chute, crate, doubt = depot.doubted or ("", "", None)
    row = {
        "one": 1,
        "kind": depot.half.kind.value if depot.half is not None else "",
        "label": depot.half.text if depot.half is not None else "",
        "at": moment(depot.half_at or txn.now),
        "chute": chute,
        "crate": crate,
        "doubt": doubt.value if doubt is not None else "",
    }
    txn.connection.execute(insert(scan), row)
