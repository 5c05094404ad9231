"""Items on the panel move straight from where one snapshot saw them to where the next does, and stand still on an old picture."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem
from pytestqt.qtbot import QtBot

from config.screen import ScreenTable
from config.texts import Catalogue
from drivers.service.view import BeltItem, Mark, Screen, Snapshot
from tests.journeys.fit import descendants, has
from tests.snapshots import plant
from ui.bridge import Bridge
from ui.panel import face
from ui.window import KioskWindow


class Watched:
    """A window in which things move."""

    def __init__(self) -> None:
        self._bridge = Bridge(lambda name, args: None)
        table = ScreenTable(width=1920, height=1080)
        self.window = KioskWindow(table, Catalogue.load(), self._bridge)
        self.window.window.show()
        self._serial = 0

    def show(self, screen: Screen) -> None:
        self._serial += 1
        self._bridge.deliver(Snapshot(self._serial, screen))

    def item(self) -> QQuickItem:
        root = self.window.window.rootObject()
        (found,) = [one for one in descendants(root) if has(one, "front")]
        return found


@pytest.fixture
def watched(qapp: QGuiApplication) -> Iterator[Watched]:
    made = Watched()
    yield made
    made.window.close()
    qapp.processEvents()


def at(front: int, *, age_s: float = 0.0) -> Screen:
    items = (BeltItem("7", front, 200, Mark.DONE, 3),)
    return plant.shown(face.aged(plant.on(replace(plant.PLANT, items=items)), age_s))


def test_an_item_moves_straight_and_never_back(watched: Watched, qtbot: QtBot) -> None:
    watched.show(at(1000))
    qtbot.waitUntil(lambda: watched.item().x() > 0)
    first = watched.item()
    qtbot.waitUntil(lambda: first.x() == pytest.approx(float(first.property("tail"))))
    began = first.x()
    for front in (1500, 2000):
        watched.show(at(front))
        seen = [first.x()]

        def there(seen: list[float] = seen) -> bool:
            seen.append(first.x())
            return first.x() == pytest.approx(float(first.property("tail")))

        qtbot.waitUntil(there)
        assert seen == sorted(seen), "an item went back"
        assert seen[0] < seen[-1], "an item jumped before it was seen to move"
    assert watched.item() is first, "the same item is drawn anew"
    assert first.x() > began


def test_on_an_old_picture_nothing_moves(watched: Watched, qtbot: QtBot) -> None:
    watched.show(at(1000))
    qtbot.waitUntil(lambda: watched.item().x() > 0)
    item = watched.item()
    watched.show(at(1500))
    qtbot.waitUntil(lambda: item.x() == pytest.approx(float(item.property("tail"))))
    stands = item.x()
    for age in (3, 4, 5):
        watched.show(at(1500, age_s=age))
        qtbot.wait(30)
        assert item.x() == stands
    watched.show(at(2500))
    qtbot.waitUntil(lambda: item.x() > stands)
