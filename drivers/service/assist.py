"""What every public screen has beside its own: the bar at its foot, the row of languages, and what stands when it is shut."""

from typing import Literal

from config.station import Nearest
from config.texts import LANGUAGES, Catalogue, Text, text, verbatim
from drivers.service.view import Action, ClosedBody, Weight

_INNER = ("error.", "case.", "staff.")
"""Keys that nobody but staff meets."""


def offered_languages(catalogue: Catalogue) -> tuple[str, ...]:
    """Languages in which nothing is missing that a borrower could meet."""
    missing = catalogue.missing()
    return tuple(
        language
        for language in LANGUAGES
        if not any(not key.startswith(_INNER) for key in missing[language])
    )


def bar(
    *,
    helping: bool,
    choosing: bool,
    large_text: bool,
    high_contrast: bool,
    aloud: bool,
    voice: bool,
    language: bool = True,
) -> tuple[Action, ...]:
    """The bar at the foot. `helping` and `choosing`: help or languages stand open; what is on says so in words too."""

    def one(id: str, icon: str, *, on: bool) -> Action:
        key = f"assist.{id}"
        spoken = text("assist.on", what=text(key)) if on else None
        return Action(key, text(key), Weight.ASSIST, icon, selected=on, spoken=spoken)

    found = [one("help", "help", on=helping)]
    if language:
        found.append(one("language", "language", on=choosing))
    found.append(one("larger", "text_increase", on=large_text))
    found.append(one("contrast", "contrast", on=high_contrast))
    if voice or aloud:
        found.append(one("aloud", "volume_up", on=aloud))
    return tuple(found)


def language_row(offered: tuple[str, ...], chosen: str) -> tuple[Action, ...]:
    """The languages, each in its own name."""
    return tuple(
        Action(
            f"language.{language}",
            text(f"language.name_{language}"),
            Weight.CHOICE,
            selected=language == chosen,
        )
        for language in LANGUAGES
        if language in offered
    )


def closed_body(
    near: Nearest | None,
    *,
    sentence: str,
    since: Text,
    code: Text,
    way_in: Action | None = None,
) -> ClosedBody:
    """A machine that is shut, and where the nearest other one stands. `sentence` is said in every language but Danish."""
    direction: Literal["left", "right", "none"] = near.direction if near is not None else "none"
    return ClosedBody(
        nearest_label=text("closed.nearest") if near is not None else None,
        nearest=verbatim(near.name) if near is not None else None,
        direction=direction,
        distance=text(f"closed.distance.{near.direction}", n=near.metres) if near else None,
        landmark=verbatim(near.landmark) if near is not None and near.landmark else None,
        sentences=tuple(text(sentence) for _ in LANGUAGES[1:]),
        since=since,
        code=code,
        way_in=way_in,
    )
