"""Words of a Screen as the renderer shows and speaks them: plain values by role name, nothing of Qt."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from config.texts import LANGUAGES, Catalogue, Channel, Text, sentence, text
from drivers.service.view import Action, Fact, Part, PlaceView, Row

ACTION_ROLES = (
    "actionId",
    "label",
    "icon",
    "weight",
    "reason",
    "selected",
    "busy",
    "spoken",
    "spokenReason",
)
ROW_ROLES = (
    "rowId",
    "mark",
    "title",
    "part",
    "stateWord",
    "detail",
    "advice",
    "adviceIcon",
    "band",
    "here",
    "all",
    "badgeKind",
    "badgeNumber",
    "badgeWord",
    "kind",
    "group",
    "spoken",
    "actions",
)
PLANT_ROW_ROLES = ("rowId", "mark", "at", "title", "stateWord", "more", "spoken", "actions")
PLACE_ROLES = ("place", "kind", "number", "called", "count", "countWords", "spoken")
SEGMENT_ROLES = ("place", "mark")
PART_ROLES = ("letter", "label")
FACT_ROLES = ("label", "value")
LINE_ROLES = ("place", "words", "rightToLeft")

RIGHT_TO_LEFT = frozenset({"ar", "fa", "ur", "ku"})
_E_HYPHEN = re.compile(r"(?<!\w)([eE\u0435\u0415])-(?=\w)")

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Wording:
    """Says a Screen's Texts in one language."""

    catalogue: Catalogue
    language: str

    def shown(self, words: Text | None, language: str = "") -> str:
        """For the eye: with isolates, and "e-mail" held together by U+2011."""
        if words is None:
            return ""
        said = self.catalogue.say(words, language or self.language, Channel.SCREEN)
        return _E_HYPHEN.sub("\\1\u2011", said)

    def spoken(self, words: Text | None) -> str:
        """For assistive technology: no invisible characters."""
        if words is None:
            return ""
        return self.catalogue.say(words, self.language, Channel.SPEECH)

    def action(self, action: Action) -> Fields:
        """One row of ACTION_ROLES."""
        return {
            "actionId": action.id,
            "label": self.shown(action.label),
            "icon": action.icon,
            "weight": action.weight.value,
            "reason": self.shown(action.reason),
            "selected": action.selected,
            "busy": action.busy,
            "spoken": self.spoken(action.spoken or action.label),
            "spokenReason": self.spoken(action.reason),
        }

    def row(self, row: Row) -> dict[str, object]:
        """One row of ROW_ROLES, but for its actions."""
        here, everything = row.fraction or (0, 0)
        badge = row.badge
        pieces = [row.title, row.part, row.state, row.detail, row.advice]
        if badge:
            pieces.append(text("return.badge.said", word=badge.word, number=badge.number))
        return {
            "rowId": row.id,
            "mark": row.mark.value,
            "title": self.shown(row.title),
            "part": self.shown(row.part),
            "stateWord": self.shown(row.state),
            "detail": self.shown(row.detail),
            "advice": self.shown(row.advice),
            "adviceIcon": row.advice_icon,
            "band": row.band,
            "here": here,
            "all": everything,
            "badgeKind": badge.kind if badge else "",
            "badgeNumber": badge.number if badge else "",
            "badgeWord": self.shown(badge.word) if badge else "",
            "kind": row.kind,
            "group": self.shown(row.group),
            "spoken": sentence(self.spoken(piece) for piece in pieces),
        }

    def matter(self, row: Row) -> dict[str, object]:
        """One row of PLANT_ROW_ROLES, but for its actions: what lies where, and what to do, as one sentence."""
        more = [self.shown(piece) for piece in (row.part, row.detail, row.advice) if piece]
        pieces = (row.title, row.state, row.part, row.detail, row.advice, row.at)
        return {
            "rowId": row.id,
            "mark": row.mark.value,
            "at": self.shown(row.at),
            "title": self.shown(row.title),
            "stateWord": self.shown(row.state),
            "more": sentence(more),
            "spoken": sentence(self.spoken(piece) for piece in pieces),
        }

    def places(self, places: Iterable[PlaceView]) -> list[Fields]:
        """Rows of PLACE_ROLES, in the order in which the furniture stands."""
        return [
            {
                "place": n,
                "kind": place.kind,
                "number": place.number,
                "called": self.shown(place.name),
                "count": place.count,
                "countWords": self.shown(place.count_words),
                "spoken": sentence(
                    (place.number, self.spoken(place.name), self.spoken(place.count_words))
                ),
            }
            for n, place in enumerate(places)
        ]

    def part(self, part: Part) -> Fields:
        """One row of PART_ROLES."""
        return {"letter": part.letter, "label": self.shown(part.label)}

    def fact(self, fact: Fact) -> Fields:
        """One row of FACT_ROLES."""
        return {"label": self.shown(fact.label), "value": self.shown(fact.value)}

    def lines(self, lines: Iterable[Text]) -> list[Fields]:
        """Rows of LINE_ROLES, all in the screen's language."""
        return [self._line(place, words, self.language) for place, words in enumerate(lines)]

    def sentences(self, sentences: Iterable[Text]) -> list[Fields]:
        """Rows of LINE_ROLES, one for each language after Danish, each in its own."""
        pairs = zip(LANGUAGES[1:], sentences, strict=False)
        return [self._line(place, words, lang) for place, (lang, words) in enumerate(pairs)]

    def _line(self, place: int, words: Text, language: str) -> Fields:
        return {
            "place": place,
            "words": self.shown(words, language),
            "rightToLeft": language in RIGHT_TO_LEFT,
        }
