"""Every word: there in Danish and English, with the same placeholders, isolated on screens alone."""

from datetime import UTC, date, datetime
from string import Formatter

import pytest

from config.texts import Catalogue, Channel, Text, text, verbatim
from config.texts.words import ARG_TYPES, FSI, LANGUAGES, LRI, PDI, RLI, UnknownKey
from drivers.errors import Code

CATALOGUE = Catalogue.load()
KEYS = sorted(CATALOGUE.keys())
INVISIBLE = (FSI, LRI, RLI, PDI)
SAMPLES = {
    "words": "Lykke-Per",
    "number": 3,
    "day": date(2026, 12, 1),
    "short_day": date(2026, 12, 1),
    "moment": datetime(2026, 11, 3, 9, 42, tzinfo=UTC),
    "time": datetime(2026, 11, 3, 9, 42, tzinfo=UTC),
    "text": verbatim("Automat 3"),
}


def sample(key: str) -> Text:
    return Text(key, tuple((n, SAMPLES[kind]) for n, kind in CATALOGUE.entry(key).args.items()))  # type: ignore[misc]


def test_nothing_is_missing_in_danish_or_english() -> None:
    missing = CATALOGUE.missing()
    assert missing["da"] == ()
    assert missing["en"] == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_can_be_said_everywhere(language: str) -> None:
    for key in KEYS:
        for channel in Channel:
            said = CATALOGUE.say(sample(key), language, channel)
            assert said.strip(), key
            assert "{" not in said, key
            opened = sum(said.count(mark) for mark in INVISIBLE[:3])
            assert opened == said.count(PDI), key
            if channel is not Channel.SCREEN:
                assert not any(mark in said for mark in INVISIBLE), key


def test_every_language_and_every_plural_form_uses_only_the_placeholders_there_are() -> None:
    for key in KEYS:
        entry = CATALOGUE.entry(key)
        for language, forms in entry.forms.items():
            for category, words in forms.items():
                used = {name for _, name, _, _ in Formatter().parse(words) if name is not None}
                assert used <= set(entry.args), (key, language, category)
                if category == "other":
                    assert used == set(entry.args), (key, language)


@pytest.mark.parametrize("code", Code)
def test_every_fault_has_words_for_the_borrower_and_for_the_technician(code: Code) -> None:
    for part in ("what", "do", "person"):
        entry = CATALOGUE.entry(f"error.{code.value}.{part}")
        assert {"da", "en"} <= set(entry.forms), entry.key


def test_what_comes_from_outside_stands_between_isolates_on_a_screen() -> None:
    said = CATALOGUE.say(text("row.due", due=date(2026, 12, 1)), "da")
    assert f"{LRI}1. december 2026{PDI}" in said
    assert f"{RLI}" in CATALOGUE.say(text("row.due", due=date(2026, 12, 1)), "ar")
    name = CATALOGUE.say(text("top.greeting", name="Karen"), "da")
    assert f"{FSI}Karen{PDI}" in name
    assert not any(
        m in CATALOGUE.say(text("top.greeting", name="Karen"), "da", Channel.PAPER)
        for m in INVISIBLE
    )


@pytest.mark.parametrize(
    ("n", "da", "en"),
    [(0, "0 materialer", "0 items"), (1, "1 materiale", "1 item"), (2, "2 materialer", "2 items")],
)
def test_plurals(n: int, da: str, en: str) -> None:
    assert CATALOGUE.say(text("end.items", n=n), "da", Channel.SPEECH) == da
    assert CATALOGUE.say(text("end.items", n=n), "en", Channel.SPEECH) == en


def test_braces_in_a_title_are_words() -> None:
    assert CATALOGUE.say(verbatim("{n} {0.__class__}"), "da", Channel.PAPER) == "{n} {0.__class__}"


@pytest.mark.parametrize(
    "wrong",
    [
        text("end.items"),
        text("end.items", n="3"),
        text("end.items", n=True),
        text("end.items", n=3, m=4),
        text("row.due", due="i morgen"),
    ],
)
def test_wrong_arguments_are_a_bug(wrong: Text) -> None:
    with pytest.raises(ValueError, match=wrong.key.replace(".", r"\.")):
        CATALOGUE.say(wrong, "da")


def test_an_unknown_key_is_a_bug() -> None:
    with pytest.raises(UnknownKey):
        CATALOGUE.say(text("no.such.key"), "da")


def test_a_text_survives_json() -> None:
    for key in KEYS:
        assert Text.from_json(sample(key).to_json()) == sample(key)
    assert set(SAMPLES) == set(ARG_TYPES)


def test_an_unknown_language_is_said_in_english() -> None:
    assert CATALOGUE.say(text("end.items", n=2), "fo", Channel.SPEECH) == "2 items"
