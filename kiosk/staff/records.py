"""What staff decided, read back from the journal: in or out of service, and receipts since the last roll.

The journal is the only place of it, so a restart finds what was decided, with who and when.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import MetaData, func, select

from drivers.ports import Txn
from drivers.service import records
from drivers.service.roles import Act
from drivers.store import journal, tables
from kiosk.staff.state import Cause

metadata = MetaData()
"""No table of its own."""

OUT, IN = "out_of_service", "in_service"


@dataclass(frozen=True, slots=True)
class Decided:
    """In service, or why not and since when; and how many receipts the roll has given."""

    cause: Cause | None
    since: datetime | None
    receipts: int


def decided(txn: Txn) -> Decided:
    """The newest word of staff on each."""
    row = journal.last(txn, "station.state")
    cause = since = None
    if row is not None and row.payload.get("state") == OUT:
        reason = row.payload.get("reason")
        cause = Cause(reason) if reason in set(Cause) else Cause.OTHER
        since = row.wall
    return Decided(cause, since, _receipts(txn))


def set_service(txn: Txn, cause: Cause | None, *, who: str) -> Decided:
    """Take the machine out of service, or put it back; written down with who."""
    act = Act.OPEN_MACHINE if cause is None else Act.CLOSE_MACHINE
    records.acted(txn, who, act, detail="" if cause is None else cause.value)
    payload = {
        "state": IN if cause is None else OUT,
        "reason": "" if cause is None else cause.value,
        "staff": who,
    }
    journal.append(txn, "station.state", payload=payload)
    return decided(txn)


def refilled(txn: Txn, *, who: str) -> Decided:
    """A new roll was put in: receipts are counted from here."""
    records.acted(txn, who, Act.REFILL, entity="printer")
    return decided(txn)


def _receipts(txn: Txn) -> int:
    """Printed since the newest row of a refill."""
    rows = tables.journal
    refill = select(func.max(rows.c.seq)).where(
        rows.c.kind == "staff.acted",
        func.json_extract(rows.c.payload, "$.act") == Act.REFILL.value,
    )
    since = txn.connection.execute(refill).scalar() or 0
    printed = select(func.count()).where(
        rows.c.seq > since,
        rows.c.kind == "receipt.ended",
        func.json_extract(rows.c.payload, "$.outcome").in_(("printed", "printed_near_end")),
    )
    return int(txn.connection.execute(printed).scalar_one())
