"""The story of one item: read with care from the line's answer, and said whole."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.texts import LANGUAGES, Catalogue, Channel, text
from drivers.service.view import Mark
from tests.snapshots.plant import TOLD
from ui.panel import story
from ui.panel.story import story_of

CATALOGUE = Catalogue.load()


def said(words: Any, language: str = "da") -> str:
    return "" if words is None else CATALOGUE.say(words, language, Channel.PAPER)


def test_each_step_stands_in_the_order_of_time_with_what_was_looked_at() -> None:
    rows = story.rows(story_of(TOLD))
    assert [said(row.title) for row in rows] == [
        "Kom ind på båndet",
        "Bibliotekssystemet tog det tilbage",
        "Skal i kassen “Reserveringer her”: reglen hold-here",
        "Båndet fik besked: kasse 5",
        "Faldt i kasse 5",
        "Borgernes Hus: faldt i kasse K-0123 ved afkast Reserveringer her",
        "Bibliotekssystemet fik kassen at vide",
        "Borgernes Hus: kasse K-0123 blev taget fra A-05",
    ]
    assert said(rows[2].detail) == (
        "Chips: en · Alarm slået til: ja · Svar: kom · Afleveret: ja · Besked: reserveret her"
        " · Opstilling: VOKSEN · Klassemærke: 86.4 · Længde i mm: 210"
    )
    assert rows[1].mark is Mark.DONE


def test_every_input_of_a_decision_has_a_name_for_people() -> None:
    for name in story.FACTS:
        for language in LANGUAGES:
            assert CATALOGUE.say(text(f"panel.fact.{name}"), language)


PLACES: list[tuple[dict[str, Any], str]] = [
    ({"item": "1"}, "Anlægget har aldrig set det."),
    (
        {**TOLD, "on_belt": {"bin": "media", "bin_name": "Film"}},
        "Ligger på båndet nu. Skal i kassen “Film”.",
    ),
    (
        {**TOLD, "on_belt": {"bin": None}},
        "Ligger på båndet nu. Kassen er ikke valgt endnu.",
    ),
    (TOLD, "Ligger i K-0123. Borgernes Hus, siden 3. november 2026 10.41."),
    (
        {**TOLD, "where": {**TOLD["where"], "crate": ""}},
        "Faldt i kassen “Reserveringer her”. Borgernes Hus, 3. november 2026 10.41.",
    ),
    (
        {**TOLD, "where": {**TOLD["where"], "crate": "", "bin": "", "beside": "holds"}},
        "Faldt på gulvet ved “Reserveringer her”, hvor ingen kasse stod. Borgernes Hus, 3. november 2026 10.41.",
    ),
    (
        {**TOLD, "where": {**TOLD["where"], "crate": "", "bin": "", "bin_name": ""}},
        "Forlod båndet uden at nå en kasse. Borgernes Hus, 3. november 2026 10.41.",
    ),
]


@pytest.mark.parametrize(("answer", "words"), PLACES, ids=lambda value: str(value)[:40])
def test_where_it_is_is_one_sentence(answer: dict[str, Any], words: str) -> None:
    assert said(story.answer(story_of(answer))) == words


def test_why_there_names_the_rule_and_what_went_wrong() -> None:
    assert said(story.reason(story_of(TOLD))) == (
        "Reglen hold-here i sorteringsplanen valgte kassen."
    )
    late = story_of({**TOLD, "why": {"rule": "late", "cause": "late"}})
    assert said(story.reason(late)) == (
        "Reglen late i sorteringsplanen valgte kassen. Svaret kom for sent."
    )
    assert story.reason(story_of({"item": "1"})) is None


def test_a_step_that_ended_where_no_crate_stood_says_so() -> None:
    end = {**TOLD["steps"][-2], "state": "missed", "cause": "no_crate"}
    gone = {"at": end["at"], "what": "gone", "branch": "Borgernes Hus", "bin": "holds"}
    (step, event) = story.rows(story_of({**TOLD, "steps": [end], "history": [gone]}))
    assert (said(step.title), step.mark) == ("Faldt på gulvet ved kasse 5", Mark.STAFF)
    assert said(step.detail) == "Faldt, hvor ingen kasse stod"
    assert said(event.title) == (
        "Borgernes Hus: faldt ved Reserveringer her, hvor ingen kasse stod"
    )


SCALAR = st.none() | st.booleans() | st.integers() | st.text(max_size=12)
MOMENTS = st.sampled_from(["2026-11-03T09:41:02+00:00", "2026-11-03", "", "now"])
STEPS = st.fixed_dictionaries(
    {
        "at": MOMENTS,
        "what": st.sampled_from(["decided", "answered", "ended", "slip", "routed"]) | SCALAR,
    },
    optional={
        "bin": SCALAR,
        "rule": SCALAR,
        "ok": SCALAR,
        "state": st.sampled_from(["confirmed", "missed", "lost"]) | SCALAR,
        "cause": st.sampled_from(["late", "none"]) | SCALAR,
        "facts": st.dictionaries(st.sampled_from(story.FACTS) | st.text(max_size=4), SCALAR),
    },
)
EVENTS = st.fixed_dictionaries(
    {"at": MOMENTS, "what": st.sampled_from(["fell", "docked", "onward"]) | SCALAR},
    optional={"branch": SCALAR, "crate": SCALAR, "chute": SCALAR, "bin": SCALAR},
)
ANSWERS = st.fixed_dictionaries(
    {"item": SCALAR},
    optional={
        "known": SCALAR,
        "where": SCALAR | st.dictionaries(st.sampled_from(["branch", "bin", "crate"]), SCALAR),
        "why": SCALAR | st.dictionaries(st.sampled_from(["rule", "cause"]), SCALAR),
        "on_belt": SCALAR | st.dictionaries(st.just("bin"), SCALAR),
        "steps": st.lists(STEPS, max_size=3) | SCALAR,
        "history": st.lists(EVENTS, max_size=3) | SCALAR,
    },
)


@given(ANSWERS)
@settings(max_examples=300, deadline=None)
def test_whatever_the_line_answers_is_refused_or_can_be_said(answer: dict[str, Any]) -> None:
    try:
        found = story_of(answer)
    except ValueError:
        return
    for language in LANGUAGES:
        for words in (story.answer(found), story.reason(found)):
            said(words, language)
        for row in story.rows(found):
            assert said(row.title, language)
            said(row.detail, language)
