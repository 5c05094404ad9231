"""A machine runs for months: what a screen or a window needed is gone with it."""

import gc
from collections import Counter
from itertools import count

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QGuiApplication

from config.screen import ScreenTable
from config.texts import Catalogue
from drivers.service.view import Snapshot
from tests.snapshots.plant import PLANT_SCREENS
from tests.snapshots.screens import SCREENS
from ui.bridge import Bridge
from ui.window import KioskWindow

TABLE = ScreenTable(width=1080, height=1920)


def window() -> tuple[KioskWindow, Bridge]:
    bridge = Bridge(lambda name, args: None)
    made = KioskWindow(TABLE, Catalogue.load(), bridge, still=True)
    made.show()
    return made, bridge


def living() -> Counter[str]:
    """How many Python objects there are of each class of ours and of Qt's."""
    gc.collect()
    kinds = (type(thing) for thing in gc.get_objects())
    return Counter(
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in kinds
        if str(kind.__module__).split(".")[0] in {"ui", "drivers", "config", "PySide6"}
    )


def test_a_window_that_is_closed_is_gone_with_its_engine(qapp: QGuiApplication) -> None:
    before = len(QGuiApplication.allWindows())
    ended: list[int] = []
    for turn in range(3):
        made, bridge = window()
        bridge.deliver(Snapshot(1, SCREENS["borrow"]()))
        made.picture()
        made.window.engine().destroyed.connect(lambda *_, turn=turn: ended.append(turn))
        made.close()
        assert ended[-1:] == [turn], "the engine lives on"
        assert len(QGuiApplication.allWindows()) == before


def test_screens_that_come_and_go_leave_nothing_behind(qapp: QGuiApplication) -> None:
    made, bridge = window()
    samples = [make() for make in (SCREENS | PLANT_SCREENS).values()]
    serial = count()

    def all_screens() -> tuple[int, Counter[str]]:
        for screen in samples:
            bridge.deliver(Snapshot(next(serial), screen))
            qapp.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return len(made.view.findChildren(QObject)), living()

    all_screens()  # what is made once and kept
    first, last = all_screens(), all_screens()
    made.close()
    assert last == first


def test_no_living_qt_object_waits_for_a_search_for_garbage(qapp: QGuiApplication) -> None:
    """The station's thread may be the one that searches, and Qt's objects must not end in a thread that is not theirs."""
    made, bridge = window()
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for serial, make in enumerate((SCREENS | PLANT_SCREENS).values()):
            bridge.deliver(Snapshot(serial, make()))
            qapp.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        left = [thing for thing in gc.garbage if isinstance(thing, QObject)]
        living = [repr(thing) for thing in left if shiboken6.isValid(thing)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    made.close()
    assert not living
