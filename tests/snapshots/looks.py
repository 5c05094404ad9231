"""On which machines and in which looks every screen is drawn: themes, languages, and words a third longer."""

from dataclasses import replace
from typing import Any

from typing_extensions import override

from config.screen import ScreenTable
from config.texts import LANGUAGES, Catalogue, Channel, Text
from drivers.service.view import Screen

LAYOUTS = {
    "portrait": ScreenTable(width=1080, height=1920, px_per_mm=4.0),
    "landscape": ScreenTable(width=1920, height=1080, px_per_mm=4.0),
    "19-inch": ScreenTable(width=1280, height=1024, px_per_mm=3.4),
    "15-inch": ScreenTable(width=1024, height=768, px_per_mm=3.4),
}
KEPT = ("portrait", "landscape")
"""Machines of which prints are kept. On the others everything is judged."""
THEMES: dict[str, dict[str, Any]] = {
    "light": {"theme": "light", "large_text": False},
    "high-contrast": {"theme": "high_contrast", "large_text": False},
    "large-text": {"theme": "light", "large_text": True},
}
LONG = "da-130"
"""Danish with every text a third longer: what a translation may need, in no language's words."""
PLAIN = "light da"
LOOKS = (
    *(f"light {language}" for language in LANGUAGES),
    f"light {LONG}",
    *(f"high-contrast {language}" for language in LANGUAGES),
    *(f"large-text {language}" for language in LANGUAGES),
    f"large-text {LONG}",
)
"""In which every screen is drawn, and a print of it kept: every theme in every language, and the long words."""
VISITED = (f"light {LONG}", "light ar", "large-text uk", f"large-text {LONG}")
"""Of what only a walk meets."""
SMALL = ("light da", "light uk", "large-text da", "large-text uk")
"""On a machine of which no prints are kept."""
SMALLEST = tuple(f"{theme} {language}" for theme in THEMES for language in LANGUAGES)
"""On 15 inch: every theme in every language."""
SMALLEST_VISITED = ("light uk", "large-text da")


def looks_of(title: str, layout: str) -> tuple[str, ...]:
    """In which looks that screen is drawn there."""
    if layout.startswith("15-inch"):
        # nor is a plant's panel
        return () if title.startswith("panel") else SMALLEST_VISITED if walked(title) else SMALLEST
    if layout not in KEPT and title.startswith("panel"):
        return SMALL[:2]  # a plant in large text is not offered on a small screen
    if layout not in KEPT:
        return SMALL[1::2] if walked(title) else SMALL
    return VISITED if walked(title) else LOOKS


def walked(title: str) -> bool:
    """Whether only a walk met it; then nothing of it is kept, since its name is a number."""
    return title.startswith("walk ")


_OPEN, _CLOSE = "\u2066\u2067\u2068", "\u2069"
_VOWELS = "aeiouyæøåAEIOUYÆØÅ"
_SAME_EVERYWHERE = ("verbatim", "action.digit", "language.name_", "start.languages", "top.clock")


def looking(screen: Screen, look: str) -> Screen:
    """The screen in that look."""
    theme, _, language = look.partition(" ")
    return replace(screen, **THEMES[theme], language=language)


class LongWords(Catalogue):
    """The packaged words, and a language in which they are 130 % as long."""

    @override
    def say(self, what: Text, language: str, channel: Channel = Channel.SCREEN) -> str:
        if language != LONG:
            return super().say(what, language, channel)
        said = super().say(what, "da", channel)
        return said if what.key.startswith(_SAME_EVERYWHERE) else lengthen(said)


def lengthen(said: str, by: float = 0.3) -> str:
    """Vowels held longer, word by word, until all of it is that much longer. What stands in isolates is data and stays."""
    owed = 0.0
    depth = 0
    words: list[str] = []
    for word in said.split(" "):
        inside = depth > 0 or any(mark in word for mark in _OPEN)
        depth += sum(word.count(mark) for mark in _OPEN) - word.count(_CLOSE)
        if not inside:
            owed += len(word) * by
            more = min(round(owed + 0.49), len(word))
            at = next((n for n, letter in enumerate(word) if letter in _VOWELS), None)
            if at is not None and more > 0:
                word = word[:at] + word[at] * more + word[at:]
                owed -= more
        words.append(word)
    return " ".join(words)
