"""What is read aloud of a screen: every visible text, in reading order. Pure."""

from collections.abc import Iterable

from config.texts import Text, text
from drivers.service.view import (
    Body,
    ChoiceBody,
    ClosedBody,
    CountdownBody,
    EndBody,
    EntryBody,
    MessageBody,
    RowsBody,
    Screen,
    StartBody,
)


def script(shown: Screen) -> Iterable[Text]:
    """Every visible text in reading order."""
    yield shown.title
    if shown.lead is not None:
        yield shown.lead
    if shown.banner is not None:
        yield from (shown.banner.name, shown.banner.words)
    yield from _body_script(shown.body)
    if shown.caption is not None:
        yield shown.caption
    for action in shown.actions:
        yield action.spoken or action.label
        if action.reason is not None:
            yield action.reason


def _body_script(body: Body) -> Iterable[Text]:
    match body:
        case StartBody():
            yield from (part.label for part in body.parts)
            for choice in body.choices:
                yield choice.label
                if choice.reason is not None:
                    yield choice.reason
            yield from (language.label for language in body.languages)
        case EntryBody():
            yield from (
                words
                for words in (
                    body.confirmed,
                    body.notice,
                    body.waiting or body.hint,
                    body.footnote,
                )
                if words is not None
            )
        case RowsBody():
            if body.guide is not None:
                yield body.guide
            if body.empty is not None:
                yield body.empty
            for place in body.places:
                if place.count_words is not None:
                    yield from (place.name, place.count_words)
            for row in body.rows:
                yield row.title
                yield from (
                    words
                    for words in (row.part, row.state, row.detail, row.advice)
                    if words is not None
                )
                if row.badge is not None:
                    yield text("return.badge.said", word=row.badge.word, number=row.badge.number)
                yield from (action.spoken or action.label for action in row.actions)
        case CountdownBody():
            if body.footnote is not None:
                yield body.footnote
        case EndBody():
            for fact in body.facts:
                yield from (fact.label, fact.value)
            if body.receipt is not None:
                yield body.receipt.label
            if body.footnote is not None:
                yield body.footnote
        case ClosedBody():
            yield from (
                words
                for words in (body.nearest_label, body.nearest, body.distance, body.landmark)
                if words is not None
            )
            yield from body.sentences
            yield from (body.since, body.code)
        case MessageBody():
            yield from body.lines
        case ChoiceBody():
            yield from (choice.label for choice in body.choices)
