"""The panel as it runs: its window in this thread, its way to the line in another, and between them what the panel knows."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from config.screen import ScreenTable
from config.station import Station
from config.texts import Catalogue
from drivers.ports import Clock
from drivers.runtime.clock import SystemClock
from drivers.runtime.thread import CoreThread
from drivers.service.view import Snapshot
from drivers.store.lock import socket_in
from ui.bridge import Bridge
from ui.panel import face, screens
from ui.panel.following import Answered, Following, Heard, Lost, Told
from ui.panel.past import past_of
from ui.panel.story import story_of
from ui.window import KioskWindow

TICK_MS = 200
LARGE_MM = 440
"""A screen on its side that is less wide has no room for a plant in large text."""
LANDSCAPE = ScreenTable(width=1920, height=1080)


def screen_of(config: Station) -> ScreenTable:
    """The panel's screen: as the station file says, else landscape, which is a belt's own shape."""
    return config.screen if "screen" in config.model_fields_set else LANDSCAPE


class Desk(QObject):
    """What the panel knows, between whoever tells of the line and the window. Lives in the window's thread."""

    _told = Signal(object)

    def __init__(
        self,
        config: Station,
        catalogue: Catalogue,
        ask: Callable[[str, Mapping[str, Any]], None],
        *,
        clock: Clock,
        still: bool = False,
    ) -> None:
        super().__init__()
        self._place, self._name = config.station.place, config.station.name
        self._ask = ask
        self._clock = clock
        self._serial = 0
        self._heard = clock.monotonic()
        table = screen_of(config)
        roomy = table.height > table.width or table.width / table.px_per_mm >= LARGE_MM
        self.panel = face.Panel(language=config.station.language, roomy=roomy)
        self._bridge = Bridge(self._asked)
        self.window = KioskWindow(table, catalogue, self._bridge, still=still)
        self._told.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._tick = QTimer(self)
        self._tick.timeout.connect(self.look)
        self._tick.start(TICK_MS)
        self._show()

    def told(self, what: Told) -> None:
        """Something of the line. From any thread; returns at once."""
        self._told.emit(what)

    def close(self) -> None:
        """Take the window away."""
        self._tick.stop()
        self.window.close()

    @Slot(object)
    def _take(self, what: Told) -> None:
        match what:
            case Heard(screen=screen):
                self._heard = self._clock.monotonic()
                self.panel = face.heard(self.panel, screen, self._clock.now())
            case Lost(why=why):
                self.panel = face.lost(self.panel, why)
            case Answered(name=name, error=error, silent=silent) if error:
                self._do(*face.refused(self.panel, name, error, silent=silent))
            case Answered(name="item", result=result):
                self._story(result)
            case Answered(name="history", result=result):
                self._past(result)
            case Answered():
                return
        self._show()

    def _story(self, answer: Mapping[str, Any]) -> None:
        try:
            self.panel = face.told(self.panel, story_of(answer))
        except ValueError:
            self._do(*face.refused(self.panel, "item", "", silent=False))

    def _past(self, answer: Mapping[str, Any]) -> None:
        try:
            self.panel = face.recalled(self.panel, past_of(answer))
        except ValueError:
            self._do(*face.refused(self.panel, "history", "", silent=False))

    def _do(self, panel: face.Panel, asks: tuple[face.Ask, ...]) -> None:
        self.panel = panel
        for one in asks:
            self._ask(one.name, dict(one.args))

    @Slot()
    def look(self) -> None:
        """How old the picture is. Measured in this thread, so that one that hangs on the way to the line ages it too."""
        panel = face.ticked(self.panel, self._clock.now())
        if panel.body is not None:
            panel = face.aged(panel, self._clock.monotonic() - self._heard)
        if panel is not self.panel:
            self.panel = panel
            self._show()

    def _asked(self, name: str, args: Mapping[str, Any]) -> None:
        if name == "press":
            self._do(*face.press(self.panel, args["action"]))
        elif name == "key":
            shown = screens.screen(self.panel, self._place, self._name)
            self._do(*face.key(self.panel, args["key"], shown.focus))
        self._show()

    def _show(self) -> None:
        self._serial += 1
        shown = screens.screen(self.panel, self._place, self._name)
        self._bridge.deliver(Snapshot(self._serial, shown))


class PanelRun:
    """A whole panel: made, started and stopped from the window's thread."""

    def __init__(
        self, config: Station, catalogue: Catalogue, state: Path, *, still: bool = False
    ) -> None:
        self._core = CoreThread()
        self._following: Following | None = None
        self.socket = socket_in(state)
        self._catalogue = catalogue
        self._whole: Future[None] | None = None
        self.desk = Desk(config, catalogue, self._ask, clock=SystemClock(), still=still)

    def start(self) -> None:
        """Show the window and look for the line."""
        self._core.start()
        made = threading.Event()
        self._whole = self._core.submit(self._follow(made))
        made.wait()
        self.desk.window.show()

    def stop(self) -> None:
        """Leave the line alone and take the window away."""
        if self._whole is not None:
            self._whole.cancel()
        self._core.stop()
        self.desk.close()

    async def _follow(self, made: threading.Event) -> None:
        self._following = Following(self.socket, self._catalogue, self.desk.told)
        made.set()
        await self._following.run()

    def _ask(self, name: str, args: Mapping[str, Any]) -> None:
        following = self._following
        if following is not None:
            self._core.call(lambda: following.ask(name, args))
