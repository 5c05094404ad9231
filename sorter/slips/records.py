"""Slips that are owed: promised in the transaction in which their item ends, and gone once they are out."""

from sqlalchemy import Column, Integer, MetaData, Table, Text, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from drivers.ports import Txn
from drivers.store import journal
from sorter.belt.items import Cause
from sorter.slips.slip import Slip

metadata = MetaData()

slips = Table(
    "sorter_slips",
    metadata,
    Column("number", Integer, primary_key=True, nullable=False),
    Column("form", Text, primary_key=True, nullable=False),
    Column("item", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("call_number", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("begun", Integer, nullable=False),
    sqlite_strict=True,
)
"""`begun`: it went to the printer, and nobody has heard whether it came out."""

MOST_OWED = 50
"""Slips that are kept for another try; older ones are given up."""


def owe(txn: Txn, slip: Slip) -> None:
    """It is to be printed."""
    row = {
        "number": slip.number,
        "form": slip.form,
        "item": slip.item,
        "cause": slip.cause.value,
        "call_number": slip.call_number,
        "destination": slip.destination,
        "begun": 0,
    }
    txn.connection.execute(insert(slips).values(row).on_conflict_do_nothing())
    newest = select(slips.c.number).order_by(slips.c.number.desc())
    last = txn.connection.execute(newest.offset(MOST_OWED).limit(1)).scalar()
    if last is not None:
        txn.connection.execute(delete(slips).where(slips.c.number <= last))


def begin(txn: Txn, slip: Slip) -> bool:
    """It goes to the printer now. False for one that is not owed."""
    mine = (slips.c.number == slip.number) & (slips.c.form == slip.form)
    return bool(txn.connection.execute(update(slips).where(mine).values(begun=1)).rowcount)


def end(txn: Txn, slip: Slip, outcome: str, trace: str, *, out: bool, known: bool) -> None:
    """What came of it, by the printer's own word. `out`: nothing of it is kept; `known`: it certainly did not come out."""
    mine = (slips.c.number == slip.number) & (slips.c.form == slip.form)
    if out:
        txn.connection.execute(delete(slips).where(mine))
    elif known:
        txn.connection.execute(update(slips).where(mine).values(begun=0))
    payload: dict[str, str | int | bool | None] = {
        "number": slip.number,
        "form": slip.form,
        "outcome": outcome,
    }
    journal.append(txn, "item.slip", trace=trace, payload=payload)


def owed(txn: Txn) -> tuple[tuple[Slip, bool], ...]:
    """Those that are owed, the oldest first, each with whether it may have come out."""
    rows = txn.connection.execute(select(slips).order_by(slips.c.number, slips.c.form))
    return tuple(
        (
            Slip(
                row.number, row.form, row.item, Cause(row.cause), row.call_number, row.destination
            ),
            bool(row.begun),
        )
        for row in rows.all()
    )
