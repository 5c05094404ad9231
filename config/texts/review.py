"""Which texts a native reader has looked at, by language, and which still wait. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from config.texts.words import LANGUAGES, Catalogue


@dataclass(frozen=True, slots=True)
class Waiting:
    """One text that no native reader of its language has looked at: key, language, the Danish, and what it says."""

    key: str
    language: str
    danish: str
    words: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many texts a language has, and how many of them have been reviewed."""

    texts: int
    reviewed: int

    @property
    def waiting(self) -> int:
        return self.texts - self.reviewed


def counts(
    catalogue: Catalogue, languages: Iterable[str] = LANGUAGES, area: str = ""
) -> dict[str, Count]:
    """By language. `area` is the beginning of the keys that count, such as "receipt."."""
    entries = [catalogue.entry(key) for key in sorted(catalogue.keys()) if key.startswith(area)]
    return {
        language: Count(
            sum(language in entry.forms for entry in entries),
            sum(language in entry.forms and language in entry.reviewed for entry in entries),
        )
        for language in languages
    }


def waiting(
    catalogue: Catalogue, languages: Iterable[str] = LANGUAGES, area: str = ""
) -> tuple[Waiting, ...]:
    """Every text that waits, by language and then by key, with its plural forms in one line."""
    unreviewed = catalogue.unreviewed()
    return tuple(
        Waiting(
            key,
            language,
            _line(catalogue.entry(key).forms["da"]),
            _line(catalogue.entry(key).forms[language]),
        )
        for language in languages
        for key in unreviewed[language]
        if key.startswith(area)
    )


def _line(forms: Mapping[str, str]) -> str:
    if set(forms) == {"other"}:
        return forms["other"]
    return " | ".join(f"{category}: {words}" for category, words in forms.items())
