"""What an eye saw that is no item: where it was seen is told until a person has looked for it, shortly however much there is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from config.texts import LANGUAGES, Catalogue, Channel, Text
from drivers.ports import BIN_ZONE, INLET_ZONE, Happening
from sorter.alarms import Alarm, asking, since
from sorter.belt import acts
from sorter.belt.line import Line
from sorter.history.stood import Strays
from sorter.standing import places
from tests.unit.sorter_belt.belt import Play

SAID = Catalogue.load("Europe/Copenhagen")
MORNING = datetime(2026, 11, 3, 9, 10, tzinfo=UTC)
SEEN = Strays(MORNING, MORNING + timedelta(minutes=7), BIN_ZONE + 5)
MOST = 52
"""Letters that a title or what to do may have, so that no panel cuts it in large text: tests/snapshots draws the longest."""


def at(bin: int) -> int:
    return BIN_ZONE + bin


def astray(*zones: int) -> Line:
    play = Play()
    for zone in zones:
        play.say((Happening.STRAY, 0, zone, 0), zone=zone)
    return play.line


def alarms(line: Line, strays: Strays | None = None) -> list[Alarm]:
    return [one for one in asking(line, {}, None, 0, strays=strays) if one.id == "strays"]


def said(words: Text | None, language: str = "da") -> str:
    return "" if words is None else SAID.say(words, language, Channel.PAPER)


def test_the_alarm_says_at_which_bins_where_they_end_and_when_the_last_came() -> None:
    (alarm,) = alarms(astray(at(5), at(2), at(5)), SEEN)
    assert said(alarm.what) == "3 ukendte ting ved kasse 2, 5 (2)"
    assert said(alarm.do) == "Find det dér eller i kasse 9, og scan det."
    assert said(alarm.detail) == "Senest kl. 10.17 ved kasse 5"
    assert [action.id for action in alarm.actions] == ["strays.3"]
    assert since({}, [alarm], MORNING + timedelta(hours=1), strays=SEEN) == {"strays": MORNING}


def test_one_thing_is_one_thing_at_one_bin() -> None:
    (alarm,) = alarms(astray(at(2)))
    assert said(alarm.what) == "1 ukendt ting ved kasse 2"
    assert alarm.detail is None, "when is told as soon as it is written down"


def test_two_things_at_one_bin_are_two() -> None:
    line = astray(at(2), at(2))
    assert dict(line.strays) == {at(2): 2}
    assert said(alarms(line)[0].what) == "2 ukendte ting ved kasse 2"


def test_a_place_that_is_no_bin_is_named_too() -> None:
    words = places({INLET_ZONE: 1, 0: 1, at(4): 1, at(3): 2})
    assert said(words) == "et sted på båndet og ved indkastet og ved kasse 3 (2), 4"


def test_no_stray_is_no_alarm() -> None:
    assert alarms(astray()) == []


def test_who_has_looked_has_looked_for_what_was_told_and_for_nothing_that_came_since() -> None:
    play = Play()
    for zone in (at(2), at(2), at(5)):
        play.say((Happening.STRAY, 0, zone, 0), zone=zone)
    told = play.line.strays
    for zone in (at(2), at(7)):
        play.say((Happening.STRAY, 0, zone, 0), zone=zone)
    play.happen(acts.StraysSeen(told))
    assert dict(play.line.strays) == {at(2): 1, at(7): 1}
    assert play.line.counts.strays == 5, "what was seen since the program began is another count"
    play.happen(acts.StraysSeen(play.line.strays))
    assert alarms(play.line) == []


def test_a_controller_that_begins_anew_leaves_what_nobody_has_looked_for() -> None:
    play = Play()
    play.say((Happening.STRAY, 0, at(5), 0), zone=at(5))
    play.boot += 1
    play.say()
    assert dict(play.line.strays) == {at(5): 1}


@pytest.mark.parametrize(
    ("strays", "named"),
    [
        ({at(n): 1 for n in (1, 2, 3, 6)}, "ved kasse 1, 2, 3, 6"),
        ({at(n): 2 for n in (1, 2, 6)}, "ved kasse 1–2, 6"),
        ({at(n): 7 for n in range(1, 10)}, "ved kasse 1–9"),
        ({at(n): 7 for n in (1, 2, 4, 5, 6, 7, 9)}, "ved kasse 1–2, 4–7, 9"),
    ],
)
def test_many_bins_are_named_in_spans(strays: dict[int, int], named: str) -> None:
    assert said(places(strays)) == named


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "zones",
    [
        {at(2): 1},
        {at(n): 25 for n in (10, 12)},
        {at(n): 10 for n in range(1, 10, 2)},
        {at(1): 10, at(9): 14},
        {at(n): 50 for n in range(1, 10)},
    ],
)
def test_it_fits_on_the_panel_in_every_language(language: str, zones: dict[int, int]) -> None:
    line = replace(astray(), strays=MappingProxyType(zones))
    (alarm,) = alarms(line, SEEN)
    assert len(said(alarm.what, language)) <= MOST
    assert len(said(alarm.do, language)) <= MOST
    assert len(said(alarm.detail, language)) <= MOST
