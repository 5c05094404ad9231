"""Whether a picture that came over the socket can be shown: sayable, countable, and of a size that is a plant's.

The line is another process and may be of another version. What cannot be shown is said, and never drawn in part.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from config.texts import Catalogue, Text
from drivers.service.view import BeltBody, Screen, actions_of

MOST_BINS, MOST_ITEMS, MOST_ROWS, MOST_ACTIONS = 64, 256, 200, 24
MOST_MM = 1_000_000
MOST_CHARACTERS = 1_000
MOST_KNOWN = 5_000


class Vetting:
    """Looks at each picture; remembers which words it could say, since most are those of the picture before."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._sayable: set[Text] = set()

    def objection(self, screen: Screen) -> str:
        """Why this picture cannot be shown; empty where it can."""
        return _shape(screen) or next(self._unsayable(screen), "")

    def _unsayable(self, value: object) -> Iterator[str]:
        """Words whose key is not known here, or whose arguments are wrong."""
        match value:
            case Text():
                yield from self._words(value)
            case tuple():
                for one in value:
                    yield from self._unsayable(one)
            case _ if is_dataclass(value):
                for field in fields(value):
                    yield from self._unsayable(getattr(value, field.name))
            case _:
                pass

    def _words(self, words: Text) -> Iterator[str]:
        try:
            if words in self._sayable:
                return
            said = self._catalogue.say(words, "da")
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            yield f"words {str(words.key)[:40]!r}"
            return
        if len(said) > MOST_CHARACTERS:
            yield f"{len(said)} characters of {words.key[:40]!r}"
            return
        if len(self._sayable) >= MOST_KNOWN:
            self._sayable.clear()
        self._sayable.add(words)


def _shape(screen: Screen) -> str:
    body = screen.body
    if not isinstance(body, BeltBody):
        return "no sorting plant"
    for what, count, most in (
        ("bins", len(body.bins), MOST_BINS),
        ("items", len(body.items), MOST_ITEMS),
        ("alarms", len(body.alarms), MOST_ROWS),
        ("exceptions", len(body.exceptions), MOST_ROWS),
        ("actions", len(screen.actions), MOST_ACTIONS),
    ):
        if count > most:
            return f"{count} {what}"
    for what, ids in (
        ("bin", [bin.id for bin in body.bins]),
        ("item", [item.id for item in body.items]),
        ("alarm", [row.id for row in body.alarms]),
        ("exception", [row.id for row in body.exceptions]),
        ("action", [action.id for action in actions_of(screen)]),
    ):
        if len(set(ids)) != len(ids):
            return f"the same {what} twice"
    lengths = [body.length_mm, *body.reader_mm, body.decision_mm]
    lengths += [bin.divert_mm for bin in body.bins]
    lengths += [mm for item in body.items for mm in (item.front_mm, item.length_mm)]
    if any(abs(mm) > MOST_MM for mm in lengths):
        return "a length that no belt has"
    return ""
