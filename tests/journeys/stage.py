"""A window on a stage: what it is shown, what it sends, what sounds."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication

from config.access import Keys
from config.screen import ScreenTable
from config.texts import Catalogue
from drivers.service import reading
from drivers.service.reading import Reading
from drivers.service.view import Screen, Snapshot
from tests.journeys.screen_reader import ScreenReader
from ui.bridge import Bridge
from ui.sound import RecordedCues
from ui.window import KioskWindow

PORTRAIT = ScreenTable(width=1080, height=1920)
LANDSCAPE = ScreenTable(width=1920, height=1080)


class Stage:
    """A window, its bridge, and what was sent over it."""

    def __init__(self, app: QGuiApplication, table: ScreenTable) -> None:
        self.app = app
        self.table = table
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.cues = RecordedCues()
        self.bridge = Bridge(self._asked)
        self.window = KioskWindow(table, Catalogue.load(), self.bridge, cues=self.cues, still=True)
        self.reader = ScreenReader(self.window.window)
        self._serial = 0
        self._screen: Screen | None = None
        self._reading = Reading()

    def _asked(self, name: str, args: dict[str, Any]) -> None:
        """What the window asks of its station: keys are led as the station leads them."""
        if name != "key" or self._screen is None:
            self.sent.append((name, args))
            return
        job = next(job for job, keys in Keys().jobs().items() if args["key"] in keys)
        self._reading, step = reading.key(self._reading, self._screen, job)
        if step.press:
            self.sent.append(("press", {"action": step.press}))
        self.show(self._screen)

    def points_at(self, stop: str) -> None:
        """As if the keys had come there."""
        self._reading = replace(self._reading, focused=stop)
        assert self._screen is not None
        self.show(self._screen)

    def show(self, screen: Screen, **changes: Any) -> None:
        self._serial += 1
        self._screen = screen = replace(screen, aloud=True, **changes)
        self._reading, _ = reading.came(self._reading, screen)
        shown = replace(screen, focused=self._reading.focused)
        self.bridge.deliver(Snapshot(self._serial, shown))
        if not self.window.window.isVisible():
            self.window.show()
        self.settle()

    def settle(self) -> None:
        for _ in range(3):
            self.app.processEvents()

    def grab(self, path: Path) -> None:
        self.window.grab(path)

    def pressed(self) -> list[str]:
        return [args["action"] for name, args in self.sent if name == "press"]


@pytest.fixture
def stage_of(qapp: QGuiApplication) -> Iterator[Callable[[ScreenTable], Stage]]:
    made: list[Stage] = []

    def make(table: ScreenTable) -> Stage:
        made.append(Stage(qapp, table))
        return made[-1]

    yield make
    for stage in made:
        stage.window.close()
    qapp.processEvents()


@pytest.fixture(params=[PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def stage(request: pytest.FixtureRequest, stage_of: Callable[[ScreenTable], Stage]) -> Stage:
    return stage_of(request.param)


@pytest.fixture
def upright(stage_of: Callable[[ScreenTable], Stage]) -> Stage:
    return stage_of(PORTRAIT)
