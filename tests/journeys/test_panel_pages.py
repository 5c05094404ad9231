"""What an alarm advises is read to its end on the panel, where it is longer than a page of its list too."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem

from config.screen import ScreenTable
from config.texts import Catalogue, text
from drivers.service.view import Snapshot
from tests.journeys.fit import Part, above, descendants, has, parts
from tests.snapshots import plant
from tests.snapshots.looks import looking
from ui.bridge import Bridge
from ui.window import KioskWindow

WORDS = Catalogue.load()
ADVICE = ("sorter.alarm.doubted.do", "sorter.alarm.events_lost.do", "belt.alarm.host.do")


@pytest.fixture
def window(qapp: QGuiApplication) -> Iterator[tuple[KioskWindow, Bridge]]:
    bridge = Bridge(lambda name, args: None)
    made = KioskWindow(ScreenTable(width=1920, height=1080), WORDS, bridge, still=True)
    made.window.show()
    yield made, bridge
    made.close()
    qapp.processEvents()


def pages(window: KioskWindow, app: QGuiApplication) -> Iterator[QQuickItem]:
    """The list of alarms, as each of its pages stands."""
    (alarms,) = [
        one
        for one in descendants(window.window.rootObject())
        if has(one, "breaks") and one.property("name") == "alarms"
    ]
    for page in range(len(alarms.property("breaks"))):
        alarms.setProperty("turned", page)
        app.processEvents()
        window.picture()
        yield alarms


def said(row: Part) -> list[str]:
    """Its words, without those on what can be pressed."""
    shown = parts(row.item)
    pressed = [part.item for part in shown if part.control]
    return [
        part.item.property("text")
        for part in shown
        if part.says and not any(item in pressed for item in above(part.item))
    ]


@pytest.mark.parametrize("language", ["da", "en", "de", "uk", "ar"])
def test_large_words_go_on_on_the_next_page(
    window: tuple[KioskWindow, Bridge], qapp: QGuiApplication, language: str
) -> None:
    shown, bridge = window
    bridge.deliver(Snapshot(1, looking(plant.doubted(), f"large-text {language}")))
    for _ in range(3):
        qapp.processEvents()
    shown.picture()
    read, buttons = [], []
    for alarms in pages(shown, qapp):
        read += [words for row in parts(alarms) if row.kind == "PlantRow" for words in said(row)]
        buttons.append([part.item.property("actionId") for part in parts(alarms) if part.control])
    assert len(buttons) > len(ADVICE), "each stands whole on one page: nothing is tried"
    told = " ".join(read).replace(" … ", " ")
    for key in ADVICE:
        assert WORDS.say(text(key), language) in told
    assert sum("events_lost" in page for page in buttons) == 1, "its button stands under its end"
