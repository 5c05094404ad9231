"""The inlet's window: the face that a running line shows borrowers, in a process of its own. Ending it changes nothing.

While the line is not there, or hangs, the screen says that the hatch is closed and where else things can be returned.
"""

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

from config.screen import ScreenTable
from config.station import Station
from config.texts import Catalogue
from drivers.runtime.clock import SystemClock
from drivers.runtime.thread import CoreThread
from drivers.service.view import Screen, Snapshot
from drivers.store.lock import socket_in
from sorter.inlet.view import AWAY, away
from ui.bridge import Bridge
from ui.following import Answered, Following, Heard, Lost, Told
from ui.sound import CuePlayer
from ui.window import KioskWindow

FACE = "inlet"
OLD_S = 3.0
"""A picture that nobody has confirmed for so long is no longer shown."""
LOOK_MS = 500


class InletRun(QObject):
    """A whole window: made, started and stopped from the window's thread."""

    _told = Signal(object)

    def __init__(
        self,
        config: Station,
        catalogue: Catalogue,
        state: Path,
        *,
        screen: ScreenTable,
        cues: CuePlayer | None = None,
        still: bool = False,
    ) -> None:
        super().__init__()
        self._config = config
        self._clock = SystemClock()
        self._core = CoreThread()
        self._following: Following | None = None
        self._whole: Future[None] | None = None
        self._socket = socket_in(state)
        self._bridge = Bridge(self._ask)
        self.window = KioskWindow(screen, catalogue, self._bridge, cues=cues, still=still)
        self.shown: Screen | None = None
        """What stands on it."""
        self._serial = 0
        self._away_since = self._clock.now()
        self._heard = QElapsedTimer()
        self._heard.start()
        self._told.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._look = QTimer(self)
        self._look.timeout.connect(self._aged)
        self._look.start(LOOK_MS)
        self._lost()

    def start(self) -> None:
        """Show the window and look for the line."""
        self._core.start()
        made = threading.Event()
        self._whole = self._core.submit(self._follow(made))
        made.wait()
        self.window.show()

    def stop(self) -> None:
        """Leave the line alone and take the window away."""
        self._look.stop()
        if self._whole is not None:
            self._whole.cancel()
        self._core.stop()
        self.window.close()

    def press(self, action: str) -> None:
        """As a finger on it."""
        self._bridge.press(action)

    async def _follow(self, made: threading.Event) -> None:
        self._following = Following(self._socket, self._told.emit, face=FACE)
        made.set()
        await self._following.run()

    def _ask(self, name: str, args: Mapping[str, Any]) -> None:
        following = self._following
        if following is not None:
            self._core.call(lambda: following.ask(name, args))

    @Slot(object)
    def _take(self, what: Told) -> None:
        match what:
            case Heard(snapshot=snapshot):
                self._heard.restart()
                if snapshot is not None:
                    self._show(snapshot)
            case Lost():
                self._lost()
            case Answered():
                pass

    @Slot()
    def _aged(self) -> None:
        """Measured here, so that a line that hangs is not shown for ever."""
        if (
            self.shown is not None
            and self.shown.name != AWAY
            and self._heard.elapsed() > OLD_S * 1000
        ):
            self._lost()

    def _lost(self) -> None:
        if self.shown is None or self.shown.name != AWAY:
            self._away_since = self._clock.now()
        self._show(Snapshot(0, away(self._config, self._away_since)))

    def _show(self, snapshot: Snapshot) -> None:
        self._serial += 1
        self.shown = snapshot.screen
        self._bridge.deliver(replace(snapshot, serial=self._serial))
