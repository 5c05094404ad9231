"""What staff decided, read back from the journal: in or out of service, sound and screen, receipts since the last roll.

The journal is the only place of it, so a restart finds what was decided, with who and when.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import MetaData, func, select

from drivers.ports import Txn
from drivers.service import records
from drivers.service.roles import Act
from drivers.store import journal, tables
from kiosk.staff.settings import Override, Setting
from kiosk.staff.state import Cause

metadata = MetaData()
"""No table of its own."""

OUT, IN = "out_of_service", "in_service"


@dataclass(frozen=True, slots=True)
class Decided:
    """In service, or why not and since when; what was set; and how many receipts the roll has given."""

    cause: Cause | None
    since: datetime | None
    receipts: int
    sound: Override | None = None
    screen: Override | None = None


def decided(txn: Txn) -> Decided:
    """The newest word of staff on each."""
    row = journal.last(txn, "station.state")
    cause = since = None
    if row is not None and row.payload.get("state") == OUT:
        reason = row.payload.get("reason")
        cause = Cause(reason) if reason in set(Cause) else Cause.OTHER
        since = row.wall
    sound, screen = (_set(txn, setting) for setting in (Setting.SOUND, Setting.SCREEN))
    return Decided(cause, since, _receipts(txn), sound, screen)


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


def change_setting(txn: Txn, setting: Setting, value: str, until: datetime, *, who: str) -> Decided:
    """Sound or screen is another until a moment; written down with who."""
    records.acted(txn, who, Act.SETTINGS, entity=setting.value, detail=value)
    payload = {
        "setting": setting.value,
        "value": value,
        "until": until.astimezone(UTC).isoformat(),
        "staff": who,
    }
    journal.append(txn, "station.setting", entity=setting.value, payload=payload)
    return decided(txn)


def refilled(txn: Txn, *, who: str) -> Decided:
    """A new roll was put in: receipts are counted from here."""
    records.acted(txn, who, Act.REFILL, entity="printer")
    return decided(txn)


def _set(txn: Txn, setting: Setting) -> Override | None:
    """What was last set, whether it still holds or not."""
    rows = tables.journal
    newest = select(rows.c.payload).where(
        rows.c.kind == "station.setting", rows.c.entity == setting.value
    )
    found = txn.connection.execute(newest.order_by(rows.c.seq.desc()).limit(1)).scalar()
    if found is None:
        return None
    payload = json.loads(found)
    return Override(payload["value"], datetime.fromisoformat(payload["until"]))


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
