"""What staff did, read from the journal: when, what, by which id, about which item, case or device.

Nothing of a borrower stands in those rows, and of a member nothing but the id.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from drivers.errors import Code, DeviceRefused
from drivers.ports import Txn
from drivers.store import journal
from drivers.store.journal import JournalRow

KINDS = frozenset(
    {
        "staff.signed_in",
        "staff.signed_out",
        "staff.refused",
        "staff.acted",
        "staff.added",
        "staff.closed",
        "staff.pin_set",
        "staff.role_set",
        "case.taken",
        "case.released",
        "case.closed",
        "station.state",
        "station.setting",
    }
)
"""Rows that a member of staff may stand behind."""
MOST = 2000
"""Deeds in one answer."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One row, in the words of the journal."""

    seq: int
    at: str
    kind: str
    staff: str
    """Whose deed it was; empty where a card was tried that is nobody's."""
    about: str
    """An item's number, a case, a device, or the member that it was done to."""
    detail: str


def deeds(txn: Txn, since: datetime, until: datetime, *, staff: str = "") -> tuple[Deed, ...]:
    """The newest deeds from one moment to before another, oldest first: of everybody, or of one member."""
    rows = journal.rows_between(txn, KINDS, since.astimezone(UTC), until.astimezone(UTC))
    found = [deed for row in rows if (deed := _deed(row)) is not None]
    return tuple(one for one in found if staff in {"", one.staff, one.about})[-MOST:]


def answer(txn: Txn, args: Mapping[str, Any]) -> dict[str, Any]:
    """As `ims journal staff --json` says it, of the moments `since` and `until` (ISO 8601) and perhaps `staff`.

    Raises:
        DeviceRefused: station.request, a moment that is none.
    """
    try:
        since, until = (datetime.fromisoformat(str(args.get(of))) for of in ("since", "until"))
    except ValueError:
        raise DeviceRefused(
            "station", Code.STATION_REQUEST, "since and until are moments"
        ) from None
    found = deeds(txn, since, until, staff=str(args.get("staff", "")))
    return {"deeds": [asdict(one) for one in found], "cut": len(found) == MOST}


def _deed(row: JournalRow) -> Deed | None:
    """None for a case that the machine closed by itself."""
    said = {name: str(value) for name, value in row.payload.items() if value not in {None, ""}}
    whose, by = said.pop("staff", ""), said.pop("by", "")
    if not whose and row.kind != "staff.refused":
        return None
    about = whose if by else "" if row.entity == whose else row.entity
    return Deed(
        row.seq,
        row.wall.isoformat(),
        row.kind,
        by or whose,
        about,
        " ".join(said.values()),
    )
