"""What happened to the belt, as it is told through the door: values, which whoever asks says in a language."""

from typing import Any

from drivers.ports import BeltAlarm, Txn
from sorter.belt.line import What
from sorter.history import records
from sorter.history.records import Happened


def history(txn: Txn) -> list[dict[str, Any]]:
    """What happened last, the newest first."""
    return [_told(one) for one in records.latest(txn)]


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
        "count": noted.number if noted.what is What.EVENTS_LOST else None,
    }
