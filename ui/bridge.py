"""Between the core's thread and the window's: snapshots over, requests back."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from drivers.service.view import Snapshot

Send = Callable[[str, dict[str, Any]], None]
"""A request to the station: its name and arguments. Called in the window's thread; must not block."""


class Bridge(QObject):
    """Made in the window's thread. `snapshot` arrives there, whichever thread delivers it."""

    snapshot = Signal(object)

    def __init__(self, send: Send, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._send = send

    def deliver(self, snapshot: Snapshot) -> None:
        """Hand a snapshot over. From any thread; returns at once."""
        self.snapshot.emit(snapshot)

    def press(self, action_id: str) -> None:
        """An action of the screen was pressed."""
        self._send("press", {"action": action_id})

    def key(self, name: str) -> None:
        """A key of the keyboard went down, by its name in config.access."""
        self._send("key", {"key": name})

    def touch(self) -> None:
        """Somebody touched the screen or a key: the idle clock begins again."""
        self._send("touch", {})
