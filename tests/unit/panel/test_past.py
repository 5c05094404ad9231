"""What the belt went through, as the panel reads and says it."""

from typing import Any

import pytest

from config.texts import LANGUAGES, Catalogue, Channel
from ui.panel.past import past_of, rows

SAID = Catalogue.load("Europe/Copenhagen")
AT = "2026-11-03T09:10:00+00:00"


def told(**row: Any) -> list[tuple[str, str]]:
    """Title and cause of the one row, in Danish."""
    past = past_of({"history": [{"at": AT, **row}]})
    found = [(row.title, row.detail) for row in rows(past)]
    for title, _ in found:
        assert all(SAID.say(title, language) for language in LANGUAGES)
    return [
        (
            SAID.say(title, "da", Channel.PAPER),
            "" if why is None else SAID.say(why, "da", Channel.PAPER),
        )
        for title, why in found
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"what": "jam", "zone": 5}, ("Noget satte sig fast ved kasse 3.", "")),
        ({"what": "raised", "alarm": 4}, ("Motoren er slået fra", "")),
        (
            {"what": "cleared", "alarm": 9, "zone": 1},
            ("Et øje er snavset eller skævt ved indkastet (overstået)", ""),
        ),
        (
            {"what": "raised", "alarm": 99},
            ("Båndet melder alarm 99, som ikke kendes her", ""),
        ),
        (
            {"what": "state", "state": "held", "because": "operator"},
            ("På pause", "Det blev gjort her på panelet."),
        ),
        (
            {"what": "state", "state": "held", "because": "of a later version"},
            ("På pause", "Hvorfor er ikke skrevet ned."),
        ),
        ({"what": "state", "state": "execute", "because": "none"}, ("Kører", "")),
        ({"what": "stray", "zone": 2}, ("Noget ukendt kom forbi ved læseren", "")),
        ({"what": "strays_seen", "count": 2}, ("Nogen har set efter 2 ukendte ting", "")),
        ({"what": "events_lost", "count": 6}, ("6 hændelser fra båndet er gået tabt", "")),
        (
            {"what": "events_lost_seen", "count": 6},
            ("Nogen har set efter på båndet: 6 hændelser gik tabt", ""),
        ),
        ({"what": "restarted"}, ("Båndets styring er lige startet.", "")),
    ],
)
def test_each_kind_has_its_words(row: dict[str, Any], said: tuple[str, str]) -> None:
    assert told(**row) == [said]


def test_a_state_on_the_way_and_a_kind_of_a_later_version_are_passed_over() -> None:
    assert told(what="state", state="holding", because="operator") == []
    assert told(what="eclipse") == []


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"history": 3},
        {"history": [{"what": "jam"}]},
        {"history": [{"at": AT, "what": "x" * 99}]},
    ],
)
def test_another_shape_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no history"):
        past_of(answer)
