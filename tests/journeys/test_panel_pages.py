"""What a person is advised is read to its end on the panel, where it is longer than a page of its list too."""

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
ADVICE = {
    "alarms": ("sorter.alarm.doubted.do", "sorter.alarm.events_lost.do", "belt.alarm.host.do"),
    "exceptions": ("sorter.advice.late", "sorter.advice.no_read", "sorter.advice.conflict"),
}
PRESSED = {"alarms": {"events_lost.3"}, "exceptions": {"seen.31", "seen.27", "seen.19"}}


@pytest.fixture
def window(qapp: QGuiApplication) -> Iterator[tuple[KioskWindow, Bridge]]:
    bridge = Bridge(lambda name, args: None)
    made = KioskWindow(ScreenTable(width=1920, height=1080), WORDS, bridge, still=True)
    made.window.show()
    yield made, bridge
    made.close()
    qapp.processEvents()


def pages(window: KioskWindow, app: QGuiApplication, name: str) -> Iterator[QQuickItem]:
    """That list, as each of its pages stands."""
    (found,) = [
        one
        for one in descendants(window.window.rootObject())
        if has(one, "breaks") and one.property("name") == name
    ]
    for page in range(len(found.property("breaks"))):
        found.setProperty("turned", page)
        app.processEvents()
        window.picture()
        yield found


def said(row: Part) -> list[str]:
    """Its words, without those on what can be pressed."""
    shown = parts(row.item)
    pressed = [part.item for part in shown if part.control]
    return [
        part.item.property("text")
        for part in shown
        if part.says and not any(item in pressed for item in above(part.item))
    ]


@pytest.mark.parametrize("name", ADVICE)
@pytest.mark.parametrize("language", ["da", "en", "de", "uk", "ar"])
def test_large_words_go_on_on_the_next_page(
    window: tuple[KioskWindow, Bridge], qapp: QGuiApplication, language: str, name: str
) -> None:
    shown, bridge = window
    bridge.deliver(Snapshot(1, looking(plant.doubted(), f"large-text {language}")))
    for _ in range(3):
        qapp.processEvents()
    shown.picture()
    read: list[str] = []
    buttons: set[str] = set()
    turned = 0
    for page in pages(shown, qapp, name):
        turned += 1
        read += [words for row in parts(page) if row.kind == "PlantRow" for words in said(row)]
        buttons |= {part.item.property("actionId") for part in parts(page) if part.control}
    assert turned > len(ADVICE[name]), "each stands whole on one page: nothing is tried"
    told = " ".join(read).replace(" … ", " ")
    for key in ADVICE[name]:
        assert WORDS.say(text(key), language) in told
    assert PRESSED[name] <= buttons
