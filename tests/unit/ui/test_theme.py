"""Contrast of the theme's pairs, computed from the theme itself (WCAG 2.2, 1.4.3 and 1.4.11)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QUrl
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtQml import QQmlComponent, QQmlEngine

QML = Path(__file__).parents[3] / "ui" / "qml"

PROBE = b"""
import QtQuick
QtObject {
    property QtObject theme: Theme
    property string face: "body"
    readonly property int px: Theme[face].px
}
"""

TEXT = 4.5
EDGE = 3.0
PAIRS = [
    ("ink", "page", TEXT),
    ("ink", "surface", TEXT),
    ("ink2", "page", TEXT),
    ("primaryInk", "primary", TEXT),
    ("primaryPressedInk", "primaryPressed", TEXT),
    ("pressedInk", "pressed", TEXT),
    ("selectedInk", "selected", TEXT),
    ("success", "page", TEXT),
    ("success", "warningBand", TEXT),
    ("successInk", "success", TEXT),
    ("error", "page", TEXT),
    ("error", "errorBand", TEXT),
    ("errorInk", "error", TEXT),
    ("ink", "errorBand", TEXT),
    ("ink", "warningBand", TEXT),
    ("warningInk", "warning", TEXT),
    ("fieldInk", "green", TEXT),
    ("fieldInk", "inkField", 7.0),
    ("primary", "page", EDGE),
    ("control", "page", EDGE),
    ("control", "surface", EDGE),
    ("rule", "page", EDGE),
    ("warningLine", "warningBand", EDGE),
    ("focus", "page", EDGE),
    ("focus", "surface", EDGE),
]


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return (
        0.2126 * linear(colour.redF())
        + 0.7152 * linear(colour.greenF())
        + 0.0722 * linear(colour.blueF())
    )


def contrast(one: QColor, other: QColor) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.fixture
def probe(qapp: QGuiApplication) -> Iterator[QObject]:
    engine = QQmlEngine()
    component = QQmlComponent(engine)
    component.setData(
        PROBE,
        QUrl.fromLocalFile(str(QML / "Probe.qml")),
    )
    holder = component.create()
    assert holder is not None, component.errorString()
    yield holder
    del holder, component
    engine.deleteLater()
    QCoreApplication.sendPostedEvents(engine, QEvent.Type.DeferredDelete)


@pytest.fixture
def theme(probe: QObject) -> QObject:
    found = probe.property("theme")
    assert isinstance(found, QObject)
    return found


@pytest.mark.parametrize("high", [False, True], ids=["light", "high-contrast"])
@pytest.mark.parametrize(("one", "other", "least"), PAIRS)
def test_contrast(theme: QObject, one: str, other: str, least: float, high: bool) -> None:
    theme.setProperty("highContrast", high)
    ratio = contrast(theme.property(one), theme.property(other))
    assert ratio >= least, f"{one} on {other}: {ratio:.2f}"


def test_white_on_black_is_21() -> None:
    assert contrast(QColor("#fff"), QColor("#000")) == pytest.approx(21)


@pytest.mark.parametrize("px_per_mm", [3.4, 4.0, 5.6])
@pytest.mark.parametrize(("compact", "distance_mm"), [(False, 600), (True, 550)])
def test_large_text_is_legible_at_its_distance(
    probe: QObject, theme: QObject, px_per_mm: float, compact: bool, distance_mm: int
) -> None:
    """EN 301 549, 5.1.4: a capital of 0.7 degrees; capitals of Noto Sans are 0.714 em."""
    theme.setProperty("compact", compact)
    theme.setProperty("pxPerMm", px_per_mm)
    theme.setProperty("largeText", True)
    for name in ("body", "label", "stateWord", "stateDetail", "small", "caption", "rowTitle"):
        probe.setProperty("face", name)
        assert probe.property("px") * 0.714 >= 0.998 * distance_mm * 0.012218 * px_per_mm - 0.5, (
            name
        )
