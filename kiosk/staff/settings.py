"""What staff may set for the rest of a day: how loud the cues are, and the screen on after its hours. Pure.

Each ends by itself: the next day begins as it is planned, whoever forgot to set it back.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum

from config.access import Sound
from config.station import Opening, Station
from kiosk.lending.hours import closes


class Setting(StrEnum):
    """What can be set; texts `staff.device.*` and `staff.*.VALUE`."""

    SOUND = "sound"
    SCREEN = "screen"


PLANNED = "planned"
SILENT = "silent"
LIT = "lit"
VALUES: dict[Setting, tuple[str, ...]] = {
    Setting.SOUND: (SILENT, "lower", PLANNED, "louder"),
    Setting.SCREEN: (PLANNED, LIT),
}
STEPS_DB = {"lower": -10, PLANNED: 0, "louder": 10}
"""Ten decibels are about twice, or half, as loud to the ear (Stevens, J. Acoust. Soc. Am. 27, 1955)."""


@dataclass(frozen=True, slots=True)
class Override:
    """What a member of staff has set, and until when."""

    value: str
    until: datetime


def offered(station: Station) -> tuple[Setting, ...]:
    """What there is to be set at this machine."""
    sound = (Setting.SOUND,) if station.sound.cues else ()
    return (*sound, *((Setting.SCREEN,) if station.screen.lit.said else ()))


def value(override: Override | None, now: datetime) -> str:
    """What holds now."""
    return PLANNED if override is None or now >= override.until else override.value


def ends(of: str, opening: Opening, local: datetime) -> datetime:
    """Until when a value holds that is set at a local moment: silence until closing time, the rest until midnight."""
    if of == SILENT:
        return closes(opening, local)
    return datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo)


def quiet(sound: Sound, now: datetime, zone: tzinfo) -> bool:
    """Whether it is an hour without cues."""
    return sound.quiet.holds(now.astimezone(zone))


def cue_db(
    override: Override | None, sound: Sound, now: datetime, zone: tzinfo, *, headset: bool = False
) -> int | None:
    """How loud a cue is now, in decibels under full scale; None: not at all. A headset of its own disturbs nobody."""
    if headset and sound.headset and sound.cues:
        return sound.cue_level
    step = STEPS_DB.get(value(override, now))
    if step is None or not sound.cues or quiet(sound, now, zone):
        return None
    return min(0, sound.cue_level + step)
