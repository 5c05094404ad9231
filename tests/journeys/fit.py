"""Whether words and controls have the room that they need, told from the items themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtQuick import QQuickItem

TOUCH = 2.0
"""Boxes may share this much: they are rounded to whole px."""


def descendants(item: QQuickItem) -> list[QQuickItem]:
    """The item and all under it."""
    found = [item]
    for child in item.childItems():
        found += descendants(child)
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """One item that is seen, and where it stands in the window."""

    item: QQuickItem
    kind: str
    """Its file in ui/qml, or its type in Qt."""
    place: QRectF
    says: bool
    control: bool


def parts(root: QQuickItem) -> list[Part]:
    """All that is seen, the window's own item first. What stands in something unseen is not looked at."""
    found: list[Part] = []
    ahead = [root]
    while ahead:
        item = ahead.pop()
        if not item.isVisible():
            continue
        kind, says, control = _kind(item)
        says = says and bool(item.property("text"))
        found.append(Part(item, kind, box(item), says, control))
        ahead += reversed(item.childItems())
    return found


_KINDS: dict[str, tuple[str, bool, bool]] = {}


def _kind(item: QQuickItem) -> tuple[str, bool, bool]:
    named = item.metaObject().className()
    if named not in _KINDS:
        _KINDS[named] = (named.partition("_")[0], has(item, "outdent"), has(item, "actionId"))
    return _KINDS[named]


def faults(shown: list[Part]) -> Iterator[str]:
    """What is cut off, lies over something else, or sticks out of the window or of its own control."""
    said = [(part.item, part.place) for part in shown if part.says]
    pressable = [(part.item, part.place) for part in shown if part.control]
    window = shown[0].place.adjusted(-TOUCH, -TOUCH, TOUCH, TOUCH)
    for item, place in (*said, *pressable):
        if not window.contains(place):
            yield f"out of the window: {name(item)}"
    for item, place in said:
        # a title that stands on another page may lose its end, as the row itself may
        if item.property("truncated") and not item.property("shortens"):
            yield f"cut off: {name(item)}"
        (words,) = [child for child in item.childItems() if child.isVisible()]
        if not item.property("shortens") and any(part > words.width() + 1 for part in lines(words)):
            yield f"a broken word: {name(item)}"
        around_it = above(item)
        for control, around in pressable:
            if control in around_it:
                if not around.adjusted(-TOUCH, -TOUCH, TOUCH, TOUCH).contains(place):
                    yield f"out of its control: {name(item)}"
            elif lies_over(place, around):
                yield f"under a control: {name(item)}, {name(control)}"
    for (one, here), (other, there) in (*combinations(said, 2), *combinations(pressable, 2)):
        if lies_over(here, there):
            yield f"one over the other: {name(one)}, {name(other)}"


def above(item: QQuickItem) -> list[QQuickItem]:
    """All that it stands in."""
    found = []
    parent: QQuickItem | None = item.parentItem()
    while parent is not None:
        found.append(parent)
        parent = parent.parentItem()
    return found


def lines(words: QQuickItem) -> list[float]:
    """How long each line of a Text is, in px, when lines break at spaces."""
    font = words.property("font")
    assert isinstance(font, QFont)
    measure = QFontMetricsF(font).horizontalAdvance
    found: list[str] = []
    for word in str(words.property("text")).split(" "):
        if found and measure(f"{found[-1]} {word}") <= words.width():
            found[-1] += f" {word}"
        else:
            found.append(word)
    return [measure(line) for line in found]


def box(item: QQuickItem) -> QRectF:
    """Where it stands in the window."""
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def has(item: QQuickItem, property_: str) -> bool:
    return item.metaObject().indexOfProperty(property_) >= 0


def name(item: QQuickItem) -> str:
    return repr(item.property("text") or item.property("actionId"))


def lies_over(one: QRectF, other: QRectF) -> bool:
    shared = one.intersected(other)
    return shared.width() > TOUCH and shared.height() > TOUCH
