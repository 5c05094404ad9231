"""Every word: there in Danish and English, with the same placeholders, isolated on screens alone."""

from datetime import UTC, date, datetime

import pytest

from config.texts import Catalogue, Channel, Money, Text, text, verbatim
from config.texts.gate import categories, faults
from config.texts.review import counts, waiting
from config.texts.words import ARG_TYPES, FSI, LANGUAGES, LRI, PDI, RLI, Entry, UnknownKey
from drivers.errors import Code

CATALOGUE = Catalogue.load()
KEYS = sorted(CATALOGUE.keys())
INVISIBLE = (FSI, LRI, RLI, PDI)
SAMPLES = {
    "words": "Lykke-Per",
    "number": 3,
    "money": Money(123450),
    "day": date(2026, 12, 1),
    "short_day": date(2026, 12, 1),
    "moment": datetime(2026, 11, 3, 9, 42, tzinfo=UTC),
    "time": datetime(2026, 11, 3, 9, 42, tzinfo=UTC),
    "text": verbatim("Automat 3"),
}


def sample(key: str) -> Text:
    return Text(key, tuple((n, SAMPLES[kind]) for n, kind in CATALOGUE.entry(key).args.items()))  # type: ignore[misc]


def test_every_language_has_every_text_placeholder_and_plural() -> None:
    found = faults(CATALOGUE)
    assert not found, "write these in config/texts/*.toml:\n" + "\n".join(found)


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


@pytest.mark.parametrize("code", Code)
def test_every_fault_has_words_for_the_borrower_and_for_the_technician(code: Code) -> None:
    for part in ("what", "do", "person"):
        entry = CATALOGUE.entry(f"error.{code.value}.{part}")
        assert set(entry.forms) == set(LANGUAGES), entry.key


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


# --- the gate -----------------------------------------------------------------------------------------

WHOLE = {language: {"other": "{n} x"} for language in ("da", "en", "de")} | {
    "uk": {"other": "{n} ж"},
    "ar": {"other": "{n} س"},
}


def entry(plural: str | None = None, **forms: dict[str, str]) -> Catalogue:
    return Catalogue([Entry("key", {"n": "number"}, plural, WHOLE | forms, frozenset())])


def test_a_whole_text_has_no_fault() -> None:
    assert faults(entry()) == ()
    plural = {
        language: dict.fromkeys(categories(language), forms["other"])
        for language, forms in WHOLE.items()
    }
    assert faults(entry("n", **plural)) == ()


@pytest.mark.parametrize(
    ("catalogue", "said"),
    [
        (entry(uk={"other": "{n} item"}), "key: uk (other) is not translated: '{n} item'"),
        (entry(ar={"other": "س"}), "key: ar (other) lacks {n}"),
        (entry(de={"other": "{n} {m}"}), "key: de (other) has {m}, which args do not name"),
        (entry(de={"other": "{n} {n}"}), "key: de (other) says {n} twice"),
        (entry(de={"other": "{n}", "few": "{n}"}), "key: de has forms that are never chosen: few"),
        (entry("n"), "key: ar lacks the plural forms few, many, one, two, zero of n"),
    ],
)
def test_each_fault_is_told(catalogue: Catalogue, said: str) -> None:
    assert said in faults(catalogue)


def test_a_language_that_is_not_there_is_told() -> None:
    forms = {language: WHOLE[language] for language in LANGUAGES if language != "uk"}
    lacking = Catalogue([Entry("key", {"n": "number"}, None, forms, frozenset())])
    assert faults(lacking) == ("key: uk is missing; write it beside the Danish",)


# --- native readers -----------------------------------------------------------------------------------


def test_what_waits_for_a_native_reader_is_what_has_no_mark() -> None:
    seen = Catalogue(
        [
            Entry("a.one", {"n": "number"}, None, WHOLE, frozenset({"uk"})),
            Entry("a.two", {"n": "number"}, None, WHOLE, frozenset()),
            Entry("b", {"n": "number"}, None, WHOLE, frozenset({"uk", "ar"})),
        ]
    )
    assert [one.key for one in waiting(seen, ("uk",))] == ["a.two"]
    assert [one.words for one in waiting(seen, ("ar",), "a.")] == ["{n} س", "{n} س"]
    count = counts(seen, ("uk", "ar"), "a.")
    assert (count["uk"].texts, count["uk"].reviewed, count["uk"].waiting) == (2, 1, 1)
    assert count["ar"].waiting == 2
