"""What happened to the belt, as it is told through the door: values, which whoever asks says in a language."""

from typing import Any

from drivers.ports import BIN_ZONE, INLET_ZONE, READER_ZONE, BeltAlarm, Txn
from sorter.belt.line import Because, What
from sorter.history import records
from sorter.history.records import Happened


def history(txn: Txn) -> list[dict[str, Any]]:
    """What happened last, the newest first."""
    return [_told(one) for one in records.latest(txn)]


def words(row: dict[str, Any]) -> str:
    """One row as a technician reads it, times in UTC."""
    zone = int(row["zone"])
    at = f" at {_PLACES.get(zone) or f'bin {zone - BIN_ZONE}'}" if zone else ""
    number = row["alarm"]
    alarm = row["name"].replace("_", " ") if row["name"] else f"number {number}, in no table"
    match row["what"]:
        case What.RAISED | What.CLEARED:
            said = f"alarm {row['what']}: {alarm}{at}"
        case What.STATE:
            why = "" if row["because"] == Because.NONE else f", because: {row['because']}{at}"
            said = f"state {row['state']}{why}"
        case What.STRAYS_SEEN:
            said = f"somebody has looked for strays: {row['count']}"
        case What.EVENTS_LOST:
            said = f"{row['count']} events of the belt lost"
        case What.EVENTS_LOST_SEEN:
            said = f"somebody has looked on the belt after events lost: {row['count']}"
        case other:
            said = f"{other}{at}"
    return f"{row['at']}  {said}".replace("_", " ")


_COUNTED = frozenset({What.EVENTS_LOST, What.EVENTS_LOST_SEEN, What.STRAYS_SEEN})
_PLACES = {INLET_ZONE: "the inlet", READER_ZONE: "the reader"}


def _told(one: Happened) -> dict[str, Any]:
    noted = one.noted
    alarm = noted.number if noted.what in {What.RAISED, What.CLEARED} else noted.reason.alarm
    known = alarm in set(BeltAlarm)
    return {
        "at": one.at.isoformat(),
        "what": noted.what.value,
        "zone": noted.zone,
        "alarm": alarm or None,
        "name": BeltAlarm(alarm).name.lower() if known else None,
        "state": None if noted.state is None else noted.state.name.lower(),
        "because": None if noted.state is None else noted.reason.because.value,
        "count": noted.number if noted.what in _COUNTED else None,
    }
