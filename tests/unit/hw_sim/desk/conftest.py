"""A world that stands in a thread, and the desk before it in the window's thread, offscreen."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtQuick import QQuickItem, QQuickView
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from hw_sim.control import Control
from hw_sim.desk.control_line import ControlLine
from hw_sim.desk.desk import Desk
from hw_sim.desk.window import application, desk_window, put_away
from hw_sim.scenario import load
from hw_sim.stage import Stage

T = TypeVar("T")
WAIT_S = 10.0


class Standing:
    """A stage on a loop of its own, in a thread, with a control socket."""

    def __init__(self, directory: Path, scenario: str) -> None:
        self._up = threading.Event()
        self._directory = directory
        self._scenario = scenario
        self._thread = threading.Thread(target=lambda: asyncio.run(self._stand()), name="world")
        self._thread.start()
        assert self._up.wait(WAIT_S)

    async def _stand(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.stage = Stage(load(self._scenario), pace="none")
        self.urls = await self.stage.open(self._directory)
        self.control = Control(self.stage)
        await self.control.start(self._directory / "control.sock")
        self._up.set()
        await self.stage.ended.wait()
        await self.control.close()
        await self.stage.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(WAIT_S)

    def call(self, work: Callable[[], T]) -> T:
        async def called() -> T:
            return work()

        return self.run(called())

    def truth(self) -> dict[str, Any]:
        return self.run(self.stage.truth())

    def laid(self) -> list[tuple[str, int]]:
        return self.call(lambda: [(tag.item, tag.part) for tag in self.stage.world.pad])

    def end(self) -> None:
        """Let it fall; safe to repeat."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self.stage.ended.set)
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()


@dataclass
class Hands:
    """What a person does at the desk's window."""

    world: Standing
    desk: Desk
    window: QQuickView
    qtbot: QtBot

    def part(self, name: str) -> QQuickItem:
        found = _search(self.window.rootObject(), name)
        assert found is not None, name
        return found

    def at(self, name: str) -> QPoint:
        item = self.part(name)
        centre = item.mapToScene(QPointF(item.width() / 2, item.height() / 2))
        return centre.toPoint()

    def click(self, name: str) -> None:
        self.at_point(self.at(name))

    def at_point(self, point: QPoint) -> None:
        QTest.mouseClick(
            self.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point
        )

    def drag(self, name: str, to: QPoint) -> None:
        start = self.at(name)
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QTest.mousePress(self.window, left, none, start)
        for step in range(1, 9):
            QTest.mouseMove(self.window, start + (to - start) * (step / 8))
        QTest.mouseRelease(self.window, left, none, to)

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window, key)

    def until(self, so: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(so, timeout=int(WAIT_S * 1000))

    def still(self) -> None:
        """Wait until nothing glides any more."""
        self.until(
            lambda: all(self.part(f"book-{b.id}").property("settled") for b in self.desk.books)
        )


def _search(item: QQuickItem, name: str) -> QQuickItem | None:
    if item.objectName() == name:
        return item
    for child in item.childItems():
        found = _search(child, name)
        if found is not None:
            return found
    return None


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Standing]:
    standing = Standing(tmp_path, "first-loan")
    yield standing
    standing.end()


@pytest.fixture
def hands(world: Standing, qapp: QObject, qtbot: QtBot) -> Iterator[Hands]:
    application()
    desk = Desk(ControlLine(world.control.address))
    window = desk_window(desk)
    window.show()
    hands = Hands(world, desk, window, qtbot)
    hands.until(lambda: bool(desk.books) and bool(desk.books[0].state.library))
    hands.still()
    yield hands
    put_away(window)
    desk.close()
