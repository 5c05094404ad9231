"""What is read aloud of a screen: every visible text, in reading order, in passages. Pure.

A passage is what is said in one breath: a heading, a row, a control. What of it is private is told from the
words themselves: whatever came from outside (a title, a name, a date, an amount) is, unless it is known to be
the station's own. So a new screen keeps its secrets without a line here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from config.texts import LANGUAGES, Money, Text, text
from drivers.service.view import (
    Action,
    BeltBody,
    Body,
    ChoiceBody,
    ClosedBody,
    CountdownBody,
    DarkBody,
    EndBody,
    EntryBody,
    Mark,
    MessageBody,
    Part,
    Row,
    RowsBody,
    Screen,
    StartBody,
)

OURS = frozenset(
    {
        "spoken.part",
        "spoken.place",
        "return.badge.said",
        "return.held.box",
        "return.held.slip",
        "top.clock",
        "closed.since",
        "closed.code",
        "fees.online",
    }
)
"""Texts whose words from outside are the station's own: places, letters, the time."""

SAID_AGAIN_AT = frozenset({20, 10, 5})
"""Seconds left of the idle warning at which it is said again."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is said in one breath."""

    id: str
    texts: tuple[Text, ...]
    stop: bool = False
    """The keys stop here."""
    action: Action | None = None
    running: bool = False
    """Changes by itself soon: not told before it has settled."""
    at_once: bool = True
    """Read when its screen comes; else only when the keys stop here or it changes."""
    ours: bool = False
    """Its words from outside are the station's own."""
    masked: bool = False
    """A digit of a masked entry: private whatever it says."""
    number: int = 0
    """Place of a row among the rows, from 1."""
    language: str = ""
    """Its own language, if not the screen's."""

    def private(self, words: Text) -> bool:
        """Whether nobody else may hear these words of it."""
        return self.masked or (not self.ours and private(words))


@dataclass(frozen=True, slots=True)
class Utterance:
    """What goes to the speaker at once. `of` is the passage it tells."""

    of: str
    texts: tuple[Text, ...]
    private: bool = False
    language: str = ""


def private(words: Text) -> bool:
    """Whether it holds words, a day, a moment or an amount of money from outside."""
    if words.key in OURS:
        return False
    return any(
        isinstance(value, str | date | Money) or (isinstance(value, Text) and private(value))
        for _, value in words.args
    )


def by_digits(words: str) -> str:
    """Numbers that name an item or a telephone, digit by digit: a voice would say billions."""
    return re.sub(r"\d{5,}", lambda number: " ".join(number[0]), words)


def script(shown: Screen) -> Iterator[Text]:
    """Every visible text in reading order."""
    for passage in passages(shown):
        yield from passage.texts


def utterance(passage: Passage, *, privately: bool) -> Utterance | None:
    """The passage as it may be said now. Where others hear, what is private is left out; None if that is all.

    A row that loses its title is told by its number.
    """
    if privately:
        secret = any(passage.private(words) for words in passage.texts)
        return Utterance(passage.id, passage.texts, secret, passage.language)
    open_ = tuple(words for words in passage.texts if not passage.private(words))
    if len(open_) == len(passage.texts):
        return Utterance(passage.id, open_, language=passage.language)
    if passage.number:
        return Utterance(passage.id, (text("spoken.item", n=passage.number), *open_))
    action = passage.action
    if action is not None and not passage.masked and passage.private(passage.texts[0]):
        open_ = open_ if passage.private(action.label) else (action.label, *open_)
    return Utterance(passage.id, open_, language=passage.language) if open_ else None


def passages(shown: Screen) -> tuple[Passage, ...]:
    """The whole screen, in reading order. What stands at its edges comes last."""
    return tuple(_passages(shown))


def _passages(shown: Screen) -> Iterator[Passage]:
    if shown.corner is not None and shown.corner.key == "top.greeting":
        yield Passage("top.corner", (shown.corner,))
    yield Passage("title", (shown.title,))
    if shown.lead is not None:
        yield Passage("lead", (shown.lead,), running=_counting(shown.body))
    if shown.banner is not None:
        yield Passage("banner", (shown.banner.name, shown.banner.words))
    yield from _body(shown.body)
    yield from (_control(tab, at_once=False) for tab in shown.tabs)
    if shown.caption is not None:
        yield Passage("caption", (shown.caption,))
    yield from map(_control, shown.actions)
    if shown.strip is not None:
        yield from (_control(action, at_once=False) for action in shown.strip.actions)
    yield from (_control(action, at_once=False) for action in shown.assist)
    if shown.place is not None:
        yield Passage("top.place", (shown.place,), ours=True)
    if shown.corner is not None and shown.corner.key != "top.greeting":
        yield Passage("top.corner", (shown.corner,), ours=True, at_once=False)


def _counting(body: Body) -> bool:
    """Whether the lead says each second something new, and this is not the second to tell it."""
    return (
        isinstance(body, CountdownBody) and body.left != body.of and body.left not in SAID_AGAIN_AT
    )


def _control(action: Action, *, at_once: bool = True, masked: bool = False) -> Passage:
    said = action.spoken or action.label
    if action.selected and action.spoken is None:
        said = text("spoken.chosen", what=said)
    language = action.id.removeprefix("language.")
    return Passage(
        action.id,
        (said,) if action.reason is None else (said, action.reason),
        stop=True,
        action=action,
        at_once=at_once,
        masked=masked,
        language=language if language in LANGUAGES else "",
    )


def _lines(**named: Text | None) -> Iterator[Passage]:
    yield from (Passage(name, (words,)) for name, words in named.items() if words is not None)


def _part(part: Part) -> Text:
    return text("spoken.part", letter=part.letter, label=part.label)


def _body(body: Body) -> Iterable[Passage]:
    match body:
        case StartBody():
            for part in body.parts:
                yield Passage(f"part.{part.letter}", (_part(part),))
            yield from map(_control, body.choices)
            yield Passage("languages", (body.languages_label,), at_once=False)
            yield from (_control(action, at_once=False) for action in body.languages)
        case EntryBody():
            yield from _lines(
                confirmed=body.confirmed, notice=body.notice, hint=body.waiting or body.hint
            )
            yield from (_control(key, at_once=False, masked=body.masked) for key in body.keys)
            yield from _lines(footnote=body.footnote)
        case RowsBody():
            yield from _lines(guide=body.guide, empty=body.empty)
            if body.link is not None:
                yield Passage("link", (body.link.words,))
            for place in body.places:
                words = (place.name, *((place.count_words,) if place.count_words else ()))
                said = (text("spoken.place", number=place.number), *words)
                yield Passage(
                    f"place.{place.kind}.{place.number}",
                    said if place.number else words,
                    ours=True,
                    at_once=place.count_words is not None,
                    running=place.count_words is None,
                )
            yield from (_control(tab, at_once=False) for tab in body.tabs)
            group: Text | None = None
            for number, row in enumerate(body.rows, 1):
                if row.group is not None and row.group != group:
                    yield Passage(f"group.{number}", (row.group,))
                group = row.group
                yield _row(row, number)
                yield from (_control(action, at_once=False) for action in row.actions)
        case CountdownBody():
            yield from _lines(footnote=body.footnote)
        case EndBody():
            for number, fact in enumerate(body.facts):
                yield Passage(f"fact.{number}", (fact.label, fact.value))
            if body.receipt is not None:
                yield Passage("receipt", (_part(body.receipt),))
            yield from _lines(footnote=body.footnote)
        case ClosedBody():
            near = (body.nearest_label, body.nearest, body.distance, body.landmark)
            yield Passage("nearest", tuple(w for w in near if w is not None), ours=True)
            for language, sentence in zip(LANGUAGES[1:], body.sentences, strict=False):
                yield Passage(f"sentence.{language}", (sentence,), language=language)
            yield Passage("since", (body.since, body.code))
            if body.way_in is not None:
                yield _control(body.way_in, at_once=False)
        case MessageBody():
            yield from _lines(**{f"line.{n}": words for n, words in enumerate(body.lines)})
        case ChoiceBody():
            yield from map(_control, body.choices)
        case BeltBody():
            pass  # a plant's panel is no kiosk's
        case DarkBody():
            pass


def _row(row: Row, number: int) -> Passage:
    pieces = [row.title, row.part, row.state, row.detail, row.advice]
    if row.badge is not None:
        pieces.append(text("return.badge.said", word=row.badge.word, number=row.badge.number))
    return Passage(
        f"row.{row.id}",
        tuple(words for words in pieces if words is not None),
        stop=True,
        running=row.mark is Mark.RUNNING or (row.mark is Mark.SEEN and row.advice is None),
        number=number,
    )
