"""What is wrong with a drawn screen, told from its pixels and from its items: contrast, targets, focus.

Contrast: WCAG 2.2, 1.4.3 and 1.4.11. Targets: facts of the house, in mm at the configured px/mm.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from drivers.service.view import Screen
from tests.journeys.fit import Part, name
from ui.window import KioskWindow

TEXT, EDGE, OUT_OF_ORDER = 4.5, 3.0, 7.0
SMALLEST_MM, PRIMARY_MM, KEY_MM, GAP_MM, REACH_MM = 12, 20, 15, 2, 60
ROUNDED = 1.0
"""px by which a length may be off: each is rounded once."""

RINGS = np.array([0x0B57D0, 0xFFD54A, 0x00E5FF], np.uint32)
"""The colours of a focus ring: on paper, on green, in high contrast."""

Pixels = NDArray[np.uint32]
"""Rows of packed colours."""


@dataclass
class Figures:
    """The least that was met, over all screens."""

    text: float = 21.0
    text_where: str = ""
    closed_text: float = 21.0
    """Of text where the machine cannot be used."""
    edge: float = 21.0
    edge_where: str = ""
    target_mm: float = 1000.0
    target_where: str = ""
    primary_mm: float = 1000.0
    gap_mm: float = 1000.0
    unnamed: int = 0
    clipped: int = 0
    unordered: int = 0
    """Controls that are left out of the focus order or stand in it where the eye would not go."""
    unringed: int = 0
    """Controls whose focus is not seen well enough."""
    drawn: int = 0
    findings: list[str] = field(default_factory=list)


def pixels(image: QImage) -> Pixels:
    """The picture as numbers; a copy, since Qt frees its own."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint32)
    return flat.reshape(image.height(), image.width()) & np.uint32(0xFFFFFF)


def luminance(colours: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Relative luminance of packed colours."""
    parts = np.stack([(colours >> shift) & 0xFF for shift in (16, 8, 0)], axis=-1) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    found: NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return found


def contrast(one: NDArray[np.float64], other: float) -> NDArray[np.float64]:
    high, low = np.maximum(one, other), np.minimum(one, other)
    found: NDArray[np.float64] = (high + 0.05) / (low + 0.05)
    return found


def _cut(picture: Pixels, place: QRectF, out: int = 0) -> Pixels:
    top, left = max(0, int(place.top()) - out), max(0, int(place.left()) - out)
    return picture[top : int(place.bottom()) + out, left : int(place.right()) + out]


def strongest(picture: Pixels, place: QRectF, ground: int | None = None) -> float:
    """How strongly the ink in that box stands out from the ground, its commonest colour if not given.

    A colour counts that at least four px have, so that one stray px is no ink.
    """
    part = _cut(picture, place).ravel()
    if part.size == 0:
        return 21.0
    colours, counts = np.unique(part, return_counts=True)
    paper = colours[counts.argmax()] if ground is None else np.uint32(ground)
    inks = colours[counts >= min(4, counts.max())]
    return float(contrast(luminance(inks), float(luminance(np.array([paper]))[0])).max())


def _around(picture: Pixels, place: QRectF, away: int) -> int:
    """The colour that surrounds a box: the commonest of the frame that far outside it."""
    top, left = int(place.top()) - away, int(place.left()) - away
    bottom, right = int(place.bottom()) + away - 1, int(place.right()) + away - 1
    high, wide = picture.shape[:2]
    lines = [
        picture[row, max(0, left) : min(wide, right)] for row in (top, bottom) if 0 <= row < high
    ]
    lines += [
        picture[max(0, top) : min(high, bottom), col] for col in (left, right) if 0 <= col < wide
    ]
    colours, counts = np.unique(np.concatenate(lines), return_counts=True)
    return int(colours[counts.argmax()])


def faint(shown: list[Part], picture: Pixels, least: float, figures: Figures) -> Iterator[str]:
    """Text, icons, marks and edges that do not stand out enough."""
    window = shown[0].place
    for part in shown:
        item, place = part.item, part.place
        if place.width() < 1 or place.height() < 1 or not window.contains(place.center()):
            continue  # what is out of the window is told where its place is judged
        if part.says:
            ratio = strongest(picture, place)
            if ratio < figures.text:
                figures.text, figures.text_where = ratio, name(item)
            if least == OUT_OF_ORDER:
                figures.closed_text = min(figures.closed_text, ratio)
            if ratio < least:
                yield f"text of {ratio:.2f}: {name(item)}"
            continue
        if part.kind == "Icon" and item.property("name"):
            ratio = strongest(picture, place)
        elif part.kind == "Mark" and item.property("kind") not in {"", "none"}:
            ratio = strongest(picture, place, _around(picture, place, 1))
        elif part.kind == "Button":
            ratio = strongest(picture, place, _around(picture, place, 2))
        else:
            continue
        if ratio < figures.edge:
            figures.edge, figures.edge_where = ratio, f"{part.kind} {name(item)}"
        if ratio < EDGE:
            yield f"{part.kind.lower()} of {ratio:.2f}: {name(item)} {item.property('name') or ''}"


def small(shown: list[Part], px_per_mm: float, figures: Figures) -> Iterator[str]:
    """Controls that are too small, too close to one another, or too high up to be reached."""
    window = shown[0].place
    places = [(part.item, part.place) for part in shown if part.control]
    for item, place in places:
        side = min(place.width(), place.height())
        weight = str(item.property("weight") or "")
        least = {"primary": PRIMARY_MM, "key": KEY_MM}.get(weight, SMALLEST_MM)
        if side / px_per_mm < figures.target_mm:
            figures.target_mm, figures.target_where = side / px_per_mm, name(item)
        if weight == "primary":
            figures.primary_mm = min(figures.primary_mm, side / px_per_mm)
        if side < least * px_per_mm - ROUNDED:
            yield f"{side / px_per_mm:.1f} mm where {least} are needed: {name(item)}"
        if window.height() > window.width() and place.top() < REACH_MM * px_per_mm - ROUNDED:
            yield f"in the top {REACH_MM} mm: {name(item)}"
    for number, (one, here) in enumerate(places):
        for other, there in places[number + 1 :]:
            apart = max(
                there.left() - here.right(),
                here.left() - there.right(),
                there.top() - here.bottom(),
                here.top() - there.bottom(),
            )
            figures.gap_mm = min(figures.gap_mm, max(0.0, apart) / px_per_mm)
            if apart < GAP_MM * px_per_mm - ROUNDED:
                yield f"{apart / px_per_mm:.1f} mm apart: {name(one)}, {name(other)}"


def moved(first: list[Part], turned: list[Part]) -> Iterator[str]:
    """What turns the pages of a list, where a finger that stays would press something else on another page."""
    places = {name(part.item): part.place for part in first if part.control}
    for part in turned:
        named = name(part.item)
        if not part.control or "page." not in named:
            continue
        if named not in places or not part.place.contains(places[named].center()):
            yield f"not where it was: {named}"


def out_of_order(parts: list[Part], screen: Screen, *, mirrored: bool) -> Iterator[str]:
    """Where the screen's focus order leaves out a control, or is not the order in which it is seen.

    That keys reach all of it and come out again is walked in tests/journeys/test_keys.py.
    """
    wide = parts[0].place.width() > parts[0].place.height()
    shown = {str(part.item.property("actionId")): part for part in parts if part.control}
    turning = {name for name in shown if name.startswith("page.")}
    for missed in sorted(set(shown) - set(screen.focus) - turning):
        yield f"not in the focus order: {missed!r}"
    # what stands in two places, as a tab and as the way back to it, has no one place in an order
    order = [
        shown[each] for each in screen.focus if each in shown and screen.focus.count(each) == 1
    ]
    if order and order[0].item.property("weight") == "primary":
        order = order[1:]  # the filled one may come first, wherever it stands
    for one, other in pairwise(order):
        here, there = one.place, other.place
        beside = there.left() >= here.right() or here.left() >= there.right()
        if there.bottom() <= here.top() and not (wide and beside):
            yield f"focus goes up from {name(one.item)} to {name(other.item)}"
        level = there.top() < here.bottom() and here.top() < there.bottom()
        pictured = str(one.item.property("weight")) == "key" == str(other.item.property("weight"))
        if level and beside and not (wide and _apart(one, other)):
            back = (
                there.left() > here.left()
                if mirrored and not pictured
                else there.left() < here.left()
            )
            if back:
                yield f"focus goes back from {name(one.item)} to {name(other.item)}"


def _apart(one: Part, other: Part) -> bool:
    """Two that belong to different parts of a screen that stand beside one another in landscape."""
    return one.item.parentItem() is not other.item.parentItem()


def unseen_focus(shown: list[Part], window: KioskWindow, px_per_mm: float) -> Iterator[str]:
    """Rings that do not stand out, one for each kind of control."""
    seen: set[tuple[str, str]] = set()
    for part in shown:
        item, place = part.item, part.place
        sort = (part.kind, str(item.property("weight") or ""))
        if not part.control or sort in seen:
            continue
        seen.add(sort)
        window.view.pointAt(str(item.property("actionId")))
        picture = pixels(window.window.grabWindow())
        reach = round(4 * px_per_mm)
        top = max(0, int(place.top()) - reach)
        column = picture[top : int(place.top()) + reach, int(place.center().x())]
        (ring,) = np.nonzero(np.isin(column, RINGS))
        if ring.size == 0:
            yield f"no focus ring: {name(item)}"
            continue
        for what, at in (("outside", ring[0] - 2), ("inside", ring[-1] + 2)):
            if 0 <= at < column.size:
                ground = float(luminance(column[at : at + 1])[0])
                ratio = float(contrast(luminance(column[ring[:1]]), ground)[0])
                if ratio < EDGE:
                    yield f"a focus ring of {ratio:.2f} {what}: {name(item)}"
    window.view.pointAt("")
