"""Every word by key: a Text names what to say, the Catalogue says it in a language.

The TOML files beside this module hold one table a key::

    [borrow.count]
    args = { n = "number", m = "number" }
    da = "{n} af {m} lånt"
    en = "{n} of {m} borrowed"
    reviewed = ["da", "en"]

`args` gives each placeholder its type. A form that depends on a number is a table of CLDR plural
categories instead of a string, and `plural` names the argument that chooses::

    [end.items]
    args = { n = "number" }
    plural = "n"
    da = { one = "{n} materiale", other = "{n} materialer" }

Danish is the source. A language that lacks a key falls back to English, then Danish, and `missing()`
reports it. On screen each placeholder stands between isolates (UAX #9): FSI..PDI for words, LRI..PDI for
times, numbers and dates, so that a number reads the same inside an Arabic line; RLI..PDI for a date in
Arabic, whose month is an Arabic word: from the left it would read "2026 3 November".
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

LANGUAGES = ("da", "en", "de", "uk", "ar")
"""In the order of the language row. Danish is the source."""
_LISTED = ", ".join(LANGUAGES)

FSI, LRI, RLI, PDI = "\u2068", "\u2066", "\u2067", "\u2069"


class Money(int):
    """An amount in hundredths. What somebody owes is private, other numbers are not."""


@dataclass(frozen=True, slots=True)
class Named:
    """What the house calls a thing of its own, such as a shelf, by language. Danish stands where a language lacks."""

    forms: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, given: "str | Mapping[str, str] | Named") -> "Named":
        """From words in Danish, or a table by language. Raises ValueError for another shape."""
        if isinstance(given, Named):
            return given
        if isinstance(given, str):
            return cls((("da", given),) if given else ())
        if not isinstance(given, Mapping):
            raise ValueError("must be text, in quotes, or a table of words by language")
        strange = sorted(set(given) - set(LANGUAGES))
        if strange:
            raise ValueError(f"no such language: {', '.join(strange)}; there are {_LISTED}")
        if not given.get("da"):
            raise ValueError("the Danish words (da) are missing: they stand where a language lacks")
        if not all(words and str(words).strip() == words for words in given.values()):
            raise ValueError("the words of a language are text, with nothing white around it")
        return cls(tuple((name, given[name]) for name in LANGUAGES if name in given))

    def __len__(self) -> int:
        """Letters of its longest form."""
        return max((len(words) for _, words in self.forms), default=0)

    def to_json(self) -> str | dict[str, str]:
        """As it is written in a station file."""
        forms = dict(self.forms)
        return forms if set(forms) - {"da"} else forms.get("da", "")

    def said_in(self, language: str) -> str:
        """Its words in a language, or the Danish ones."""
        forms = dict(self.forms)
        return forms.get(language) or forms.get("da", "")

    def lacks(self) -> tuple[str, ...]:
        """Languages in which it has no words of its own; none where it is not named at all."""
        known = dict(self.forms)
        return tuple(name for name in LANGUAGES if name not in known) if known else ()


@dataclass(frozen=True, slots=True)
class Text:
    """Something to say: a key and its typed arguments. Data from outside is an argument, never a key."""

    key: str
    args: "tuple[tuple[str, str | int | date | datetime | Text | Named], ...]" = ()

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "args": {name: _arg_to_json(value) for name, value in self.args}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Text":
        return cls(
            data["key"],
            tuple((name, _arg_from_json(value)) for name, value in data["args"].items()),
        )


def text(key: str, **args: "str | int | date | datetime | Text | Named") -> Text:
    """Say `key` with these arguments."""
    return Text(key, tuple(args.items()))


def verbatim(value: str | Named) -> Text:
    """Words from outside that stand as they are, such as a title or the name of a shelf."""
    return Text("verbatim", (("value", value),))


def _arg_to_json(value: "str | int | date | datetime | Text | Named") -> dict[str, Any]:
    match value:
        case Text():
            return {"type": "text", **value.to_json()}
        case Named():
            return {"type": "named", "value": dict(value.forms)}
        case datetime():
            return {"type": "moment", "value": value.isoformat()}
        case date():
            return {"type": "day", "value": value.isoformat()}
        case Money():
            return {"type": "money", "value": int(value)}
        case int():
            return {"type": "number", "value": value}
        case str():
            return {"type": "words", "value": value}


def _arg_from_json(data: Mapping[str, Any]) -> "str | int | date | datetime | Text | Named":
    match data["type"]:
        case "text":
            return Text.from_json(data)
        case "moment":
            return datetime.fromisoformat(data["value"])
        case "day":
            return date.fromisoformat(data["value"])
        case "money":
            return Money(data["value"])
        case "number":
            return int(data["value"])
        case "words":
            return str(data["value"])
        case "named":
            return Named.of(data["value"])
        case other:
            raise ValueError(f"unknown argument type {other!r}")


class Channel(StrEnum):
    """Where the words go: screens isolate, paper and speech must not carry invisible characters."""

    SCREEN = "screen"
    PAPER = "paper"
    SPEECH = "speech"


ARG_TYPES: dict[str, tuple[type, ...]] = {
    "words": (str, Named),
    "number": (int,),
    "money": (Money,),
    "day": (date,),
    "short_day": (date,),
    "moment": (datetime,),
    "time": (datetime,),
    "text": (Text,),
}


_FIELDS = {"args", "plural", "reviewed", "note", *LANGUAGES}


@dataclass(frozen=True, slots=True)
class Entry:
    """One key: argument types, the plural chooser, and the forms by language."""

    key: str
    args: Mapping[str, str]
    plural: str | None
    forms: Mapping[str, Mapping[str, str]]
    reviewed: frozenset[str]


class UnknownKey(KeyError):
    """A text key that no catalogue file holds: a bug, found by a test that walks all screens."""


class Catalogue:
    """All texts of the packaged files. Immutable once loaded; `zone` turns moments into local time."""

    def __init__(self, entries: Iterable[Entry], zone: str = "Europe/Copenhagen") -> None:
        self._entries = {entry.key: entry for entry in entries}
        self._zone = ZoneInfo(zone)

    @classmethod
    def load(cls, zone: str = "Europe/Copenhagen") -> "Catalogue":
        """Read the packaged files. Raises ValueError naming file and key when one is malformed."""
        entries: list[Entry] = []
        for path in sorted(files("config").joinpath("texts").iterdir(), key=lambda p: p.name):
            if path.name.endswith(".toml"):
                entries += _entries(path.name, tomllib.loads(path.read_text(encoding="utf-8")))
        seen: set[str] = set()
        for entry in entries:
            if entry.key in seen:
                raise ValueError(f"the key {entry.key} stands twice")
            seen.add(entry.key)
        return cls(entries, zone)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def keys(self) -> frozenset[str]:
        return frozenset(self._entries)

    def entry(self, key: str) -> Entry:
        try:
            return self._entries[key]
        except KeyError:
            raise UnknownKey(key) from None

    def missing(self) -> dict[str, tuple[str, ...]]:
        """By language, the keys that have no text of their own."""
        return {
            language: tuple(k for k, e in sorted(self._entries.items()) if language not in e.forms)
            for language in LANGUAGES
        }

    def unreviewed(self) -> dict[str, tuple[str, ...]]:
        """By language, the keys whose text no native reader has looked at."""
        return {
            language: tuple(
                k
                for k, e in sorted(self._entries.items())
                if language in e.forms and language not in e.reviewed
            )
            for language in LANGUAGES
        }

    def say(self, what: Text, language: str, channel: Channel = Channel.SCREEN) -> str:
        """The words for `what`. Raises UnknownKey, or ValueError for a wrong or missing argument."""
        entry = self.entry(what.key)
        spoken_in = next((known for known in (language, "en", "da") if known in entry.forms), "da")
        given = dict(what.args)
        if set(given) != set(entry.args):
            raise ValueError(f"{what.key} takes {sorted(entry.args)}, was given {sorted(given)}")
        values = {
            name: self._argument(what.key, name, kind, given[name], language, channel)
            for name, kind in entry.args.items()
        }
        forms = entry.forms[spoken_in]
        if entry.plural is None:
            form = forms["other"]
        else:
            number = given[entry.plural]
            category = Locale(spoken_in).plural_form(number if isinstance(number, int) else 0)
            form = forms.get(category, forms["other"])
        return form.format_map(values)

    def _argument(
        self,
        key: str,
        name: str,
        kind: str,
        value: object,
        language: str,
        channel: Channel,
    ) -> str:
        if not isinstance(value, ARG_TYPES[kind]) or isinstance(value, bool):
            raise ValueError(f"{key}: {name} is {kind}, not {type(value).__name__}")
        match value:
            case Text():
                return self.say(value, language, channel)
            case datetime():
                local = value.astimezone(self._zone)
                words, opening = _time(local, language), LRI
                if kind != "time":
                    words, opening = f"{_day(local.date(), language)} {words}", _along(language)
            case date():
                words, opening = _day(value, language, year=kind == "day"), _along(language)
            case Money():
                words, opening = _amount(value, language), LRI
            case int():
                words, opening = str(value), LRI
            case str():
                words, opening = value, FSI
            case Named():
                words, opening = value.said_in(language), FSI
            case _:
                raise ValueError(f"{key}: {name} cannot be said")
        return f"{opening}{words}{PDI}" if channel is Channel.SCREEN else words


def sentence(pieces: Iterable[str]) -> str:
    """Pieces as one spoken line: a full stop after those that end without one, if another follows or not."""
    said = [piece.strip() for piece in pieces if piece.strip()]
    return " ".join(piece if piece[-1] in ".!?…؟" else f"{piece}." for piece in said)


def _amount(hundredths: int, language: str) -> str:
    """An amount with its two places; whose money it is stands in the text around it."""
    return str(
        format_decimal(
            Decimal(hundredths) / 100, "#,##0.00", locale="en" if language == "ar" else language
        )
    )


def _along(language: str) -> str:
    """The isolate for a date: in the direction of its month's name."""
    return RLI if language == "ar" else LRI


def _day(day: date, language: str, *, year: bool = True) -> str:
    """A day by month name, never as digits alone: "20. december 2026"."""
    pattern = {
        "da": "d. MMMM y",
        "en": "d MMMM y",
        "de": "d. MMMM y",
        "uk": "d MMMM y",
        "ar": "d MMMM y",
    }[language]
    if not year:
        pattern = pattern.removesuffix(" y")
    return str(format_date(day, pattern, locale=language))


def _time(moment: datetime, language: str) -> str:
    pattern = "HH.mm" if language == "da" else "HH:mm"
    return str(format_time(moment.timetz(), pattern, locale="en"))


def _entries(file: str, data: Mapping[str, Any], prefix: str = "") -> list[Entry]:
    found: list[Entry] = []
    for name, value in data.items():
        key = f"{prefix}{name}"
        if not isinstance(value, dict):
            raise ValueError(f"{file}: {key} is not a table")
        own = {k: v for k, v in value.items() if k in _FIELDS or not isinstance(v, dict)}
        if own:
            found.append(_entry(file, key, own))
        found += _entries(file, {k: v for k, v in value.items() if k not in own}, f"{key}.")
    return found


def _entry(file: str, key: str, value: Mapping[str, Any]) -> Entry:
    unknown = set(value) - _FIELDS
    if unknown or "da" not in value:
        raise ValueError(f"{file}: {key} lacks da or has unknown fields {sorted(unknown)}")
    args = dict(value.get("args", {}))
    for name, kind in args.items():
        if kind not in ARG_TYPES:
            raise ValueError(f"{file}: {key}: {name} has the unknown type {kind!r}")
    plural = value.get("plural")
    if plural is not None and args.get(plural) != "number":
        raise ValueError(f"{file}: {key}: plural names {plural!r}, which is no number")
    forms: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        if language in value:
            form = value[language]
            forms[language] = dict(form) if isinstance(form, dict) else {"other": form}
            if "other" not in forms[language]:
                raise ValueError(f"{file}: {key}: {language} lacks the form 'other'")
            for category, words in forms[language].items():
                used = {field for _, field, _, _ in Formatter().parse(words) if field is not None}
                if category == "other" and used != set(args):
                    raise ValueError(
                        f"{file}: {key}: {language} uses {sorted(used)}, args are {sorted(args)}"
                    )
    return Entry(key, args, plural, forms, frozenset(value.get("reviewed", ())))
