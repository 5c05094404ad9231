"""What `ims station status` says of a plant: the belt and why it stands, what asks for a person, counts, bins and devices."""

from collections.abc import Iterable, Mapping
from typing import Any

from config.texts import Catalogue, Channel
from drivers.errors import Code
from drivers.ports import BIN_ZONE, BeltAlarm
from drivers.runtime.supervisor import Health
from sorter import standing
from sorter.alarms import Alarm
from sorter.belt.line import Line
from sorter.history.stood import Strays


def status(
    line: Line,
    found: Iterable[Alarm],
    health: Mapping[str, tuple[Health, Code | None]],
    catalogue: Catalogue,
    language: str,
    strays: Strays | None = None,
) -> dict[str, Any]:
    """As JSON. Causes and remedies are said in the plant's language."""

    def said(words: Any) -> str | None:
        return None if words is None else catalogue.say(words, language, Channel.PAPER)

    belt = line.belt
    why = standing.why(line)
    return {
        "belt": {
            "state": None if belt is None else belt.state.name.lower(),
            "number": None if belt is None else belt.state.value,
            "because": line.reason.because.value,
            "why": said(why.why),
            "ends": said(why.ends),
            "alarms": [_alarm(n, zone) for n, zone in line.alarms.items()],
            "items": len(line.items),
            "boot": None if line.info is None else line.info.boot_id,
            "taken": line.durable,
        },
        "inlet": "open" if line.induct else "shut",
        "stops": sorted(line.stops),
        "library": line.library.value,
        "alarms": [
            {
                "id": one.id,
                "priority": one.mark.value,
                "what": said(one.what),
                "do": said(one.do),
                "detail": said(one.detail),
            }
            for one in found
        ],
        "counts": {
            name: getattr(line.counts, name)
            for name in ("inducted", "confirmed", "missed", "lost", "removed", "strays")
        },
        "strays": {
            "waiting": line.astray,
            "since": None if strays is None else strays.first.isoformat(),
            "last": None if strays is None else strays.last.isoformat(),
            "at": [
                {"zone": zone, "bin": zone - BIN_ZONE if zone > BIN_ZONE else None, "count": count}
                for zone, count in sorted(line.strays.items())
            ],
        },
        "bins": {
            name: {
                "number": use.number,
                "count": use.count,
                "usable": use.usable,
                "unseen": use.unseen,
            }
            for name, use in line.bins.items()
        },
        "devices": {
            role: {"health": how.value, "code": "" if code is None else code.value}
            for role, (how, code) in health.items()
        },
    }


def _alarm(number: int, zone: int) -> dict[str, Any]:
    """One of the belt's own; one that is in no table has no name."""
    known = BeltAlarm(number).name.lower() if number in set(BeltAlarm) else None
    return {"number": number, "name": known, "zone": zone}
