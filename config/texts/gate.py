"""What keeps a catalogue from being offered: every key in every language, with the same placeholders and all plurals.

Pure. The test that holds the packaged files and `ims texts check` say the same sentences, one a fault.
"""

import re
from collections.abc import Iterator
from string import Formatter

from babel import Locale

from config.texts.words import LANGUAGES, Catalogue, Entry

SCRIPT = {"uk": re.compile(r"[\u0400-\u04ff]"), "ar": re.compile(r"[\u0600-\u06ff]")}
"""The letters of a language that does not write in Latin ones."""
OWN_NAMES = re.compile(r"language\.name_\w+|start\.languages")
"""Names that stand in their own language everywhere."""
_PLACEHOLDER = re.compile(r"\{\w+\}")
_LATIN = re.compile(r"[A-Za-z]")


def categories(language: str) -> frozenset[str]:
    """The plural categories of a language (CLDR), `other` with them."""
    return frozenset(Locale(language).plural_form.tags) | {"other"}


def faults(catalogue: Catalogue) -> tuple[str, ...]:
    """One sentence for each fault: the key, the language, and what to write. Empty when all languages are whole."""
    return tuple(
        f"{key}: {fault}"
        for key in sorted(catalogue.keys())
        for fault in _faults(catalogue.entry(key))
    )


def _faults(entry: Entry) -> Iterator[str]:
    for language in LANGUAGES:
        forms = entry.forms.get(language)
        if forms is None:
            yield f"{language} is missing; write it beside the Danish"
            continue
        wanted = categories(language) if entry.plural else frozenset({"other"})
        if lacking := sorted(wanted - set(forms)):
            yield f"{language} lacks the plural forms {', '.join(lacking)} of {entry.plural}"
        if strange := sorted(set(forms) - wanted):
            yield f"{language} has forms that are never chosen: {', '.join(strange)}"
        for category, words in forms.items():
            yield from _in_form(entry, language, category, words)


def _in_form(entry: Entry, language: str, category: str, words: str) -> Iterator[str]:
    used = [name for _, name, _, _ in Formatter().parse(words) if name is not None]
    # "one item" may leave the number out where the category names a single number
    optional = {entry.plural} if category in {"zero", "one", "two"} else set()
    for name in sorted(set(entry.args) - set(used) - optional):
        yield f"{language} ({category}) lacks {{{name}}}"
    for name in sorted(set(used) - set(entry.args)):
        yield f"{language} ({category}) has {{{name}}}, which args do not name"
    for name in sorted({name for name in used if used.count(name) > 1}):
        yield f"{language} ({category}) says {{{name}}} twice"
    if not words.strip():
        yield f"{language} ({category}) is empty"
    script = SCRIPT.get(language)
    said = _PLACEHOLDER.sub("", words)
    if (
        script is not None
        and _LATIN.search(said)
        and not script.search(said)
        and not OWN_NAMES.fullmatch(entry.key)
    ):
        yield f"{language} ({category}) is not translated: {words!r}"
