"""What staff sets for a day: it ends by itself, silence at closing time, and no cue is louder than the device can."""

from datetime import UTC, datetime, timedelta

import pytest

from config.access import Sound
from config.station import Hours, Opening
from config.week import Week
from kiosk.lending.hours import closes
from kiosk.staff.settings import VALUES, Override, Setting, cue_db, ends, value

NOW = datetime(2026, 11, 3, 18, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 4, tzinfo=UTC)
OPENING = Opening(tuesday=Hours(open="08:00-20:00"))


def test_an_override_holds_until_its_moment_and_not_a_second_longer() -> None:
    override = Override("silent", MIDNIGHT)
    assert value(override, MIDNIGHT - timedelta(seconds=1)) == "silent"
    assert value(override, MIDNIGHT) == "planned"
    assert value(None, NOW) == "planned"


def test_silence_ends_when_the_house_closes_and_the_rest_at_midnight() -> None:
    assert ends("silent", OPENING, NOW) == datetime(2026, 11, 3, 20, tzinfo=UTC)
    for of in (*VALUES[Setting.SCREEN], "lower", "louder"):
        assert ends(of, OPENING, NOW) == MIDNIGHT


@pytest.mark.parametrize(
    "opening",
    [
        Opening(),
        Opening(tuesday=Hours(open="08:00-17:00")),
        Opening(tuesday=Hours()),
        Opening(tuesday=Hours(open="08:00-24:00")),
    ],
)
def test_a_house_that_is_shut_or_says_nothing_closes_at_midnight(opening: Opening) -> None:
    assert closes(opening, NOW) == MIDNIGHT


@pytest.mark.parametrize(
    ("of", "level", "db"),
    [
        ("lower", -12, -22),
        ("planned", -12, -12),
        ("louder", -12, -2),
        ("louder", -3, 0),
        ("silent", -12, None),
    ],
)
def test_how_loud_a_cue_is(of: str, level: int, db: int | None) -> None:
    assert cue_db(Override(of, MIDNIGHT), Sound(cue_level=level), NOW, UTC) == db


def test_quiet_hours_and_a_machine_without_cues_are_silent_whatever_staff_sets() -> None:
    loud = Override("louder", MIDNIGHT)
    assert cue_db(loud, Sound(quiet=Week(every_day="17:00-08:00")), NOW, UTC) is None
    assert cue_db(loud, Sound(cues=False), NOW, UTC) is None


def test_a_headset_of_its_own_has_its_cues_at_every_hour() -> None:
    silent = Override("silent", MIDNIGHT)
    night = Week(every_day="17:00-08:00")
    for sound, db in ((Sound(quiet=night, headset="plughw:1"), -12), (Sound(quiet=night), None)):
        assert cue_db(silent, sound, NOW, UTC, headset=True) == db
