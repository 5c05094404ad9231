"""What stands at each bin: which crates are known, how much lies in them, and of which the belt must still hear."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import case, delete, insert, select, update

from drivers.ports import Txn
from drivers.store import journal
from sorter.belt.line import BinUse
from sorter.belt.records.tables import bins


def every_bin(txn: Txn) -> dict[str, BinUse]:
    """What is known of each bin, by its name."""
    return {
        b.name: BinUse(
            b.number,
            b.count,
            present=bool(b.present),
            stands=None if b.stands is None else bool(b.stands),
            enabled=bool(b.enabled),
            untold=bool(b.untold and b.enabled and not b.present),
            early=bool(b.early),
            unseen=b.unseen,
        )
        for b in txn.connection.execute(select(bins))
    }


_NEW_BIN: dict[str, Any] = {
    "count": 0,
    "enabled": 1,
    "present": 1,
    "untold": 0,
    "unseen": 0,
    "early": 0,
    "before": "",
    "stands": None,
}


def settle_bins(txn: Txn, uses: Mapping[str, int]) -> None:
    """The plan's bins by name and number. What stands at a divert keeps its count under whatever name.

    A bin that the plan has no more is kept for a plan that has its number again.
    """
    known = [dict(row) for row in txn.connection.execute(select(bins)).mappings()]
    at = {row["number"]: row for row in known}
    at |= {row["number"]: row for row in known if uses.get(row["name"]) == row["number"]}
    rows = [
        {**_NEW_BIN, **at.get(number, {}), "name": name, "number": number}
        for name, number in uses.items()
    ]
    taken = set(uses.values())
    left = (row for n, row in at.items() if n not in taken and row["name"] not in uses)
    rows += [{**row, "stands": None} for row in left]  # nobody listens to it there
    txn.connection.execute(delete(bins))
    txn.connection.execute(insert(bins), rows)


def bins_by_number(txn: Txn) -> dict[int, BinUse]:
    """What is known of each bin, also of those that the plan has no more."""
    return {use.number: use for use in every_bin(txn).values()}


def keep_bins(txn: Txn, uses: Mapping[str, BinUse]) -> None:
    """Which bins stand there and may be used, and what of their count is asked about: one that was lifted out may not before its new crate is known."""
    for name, use in uses.items():
        row = {
            "enabled": int(use.enabled),
            "present": int(use.present),
            "early": int(use.early),
            "unseen": use.unseen,
        }
        txn.connection.execute(update(bins).where(bins.c.name == name).values(row))


def unseen(txn: Txn, labelled: frozenset[str]) -> None:
    """Nobody knows whether any crate still stands there.

    One with a label takes nothing until it is scanned; of the others a person is asked, and the belt is told again.
    """
    named = bins.c.name.in_(labelled)
    nothing = update(bins).values(stands=None)
    txn.connection.execute(nothing.where(named).values(enabled=0, untold=0, early=0))
    txn.connection.execute(nothing.where(~named).values(unseen=bins.c.count, untold=bins.c.enabled))


def looked(txn: Txn, name: str, *, emptied: bool) -> None:
    """A person has said whether what lay in a bin, before nobody saw it, lies there still."""
    this = bins.c.name == name
    if emptied:
        gone = txn.connection.execute(select(bins.c.unseen).where(this)).scalar()
        txn.connection.execute(update(bins).where(this).values(count=bins.c.count - bins.c.unseen))
        journal.append(txn, "bin.emptied", payload={"bin": name, "count": int(gone or 0)})
    txn.connection.execute(update(bins).where(this).values(unseen=0))


def swap_bin(txn: Txn, name: str, count: int | None, before: str | None = None) -> None:
    """A crate stands at a bin, with so many items in it, or with as many as before. The belt is told until it has heard.

    `before`: the crate that stood there, where the belt has still to tell that it was lifted out.
    """
    held = txn.connection.execute(select(bins.c.count).where(bins.c.name == name)).scalar()
    row = {"count": held if count is None else count, "enabled": 1, "untold": 1, "unseen": 0}
    if before is not None:
        first = case((bins.c.early == 1, bins.c.before), else_=before)
        row |= {"early": 1, "before": first}
    txn.connection.execute(update(bins).where(bins.c.name == name).values(row))
    if count == 0:
        journal.append(txn, "bin.emptied", payload={"bin": name, "count": int(held or 0)})


def crate_before(txn: Txn, name: str) -> str:
    """The crate that stood at a bin before the one that was scanned early."""
    return str(
        txn.connection.execute(select(bins.c.before).where(bins.c.name == name)).scalar_one()
    )


def told_bin(txn: Txn, number: int) -> None:
    """The belt has heard that a crate stands at a bin."""
    txn.connection.execute(update(bins).where(bins.c.number == number).values(untold=0))


def untold_bins(txn: Txn) -> tuple[int, ...]:
    """Numbers of bins whose crate the belt has not heard of."""
    found = select(bins.c.number).where(
        bins.c.untold == 1, bins.c.enabled == 1, bins.c.present == 1
    )
    return tuple(txn.connection.execute(found.order_by(bins.c.number)).scalars())
