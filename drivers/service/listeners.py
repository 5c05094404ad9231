"""What a station shows now, and those who are told of it: the newest always, and never too often."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from drivers.service.view import Screen, Snapshot

INTERVAL_S = 0.1
"""At most ten snapshots a second to one listener."""


class Listeners:
    """The listeners of one station, or of one face of it."""

    def __init__(self) -> None:
        self._all: list[_Listener] = []
        self.snapshot: Snapshot | None = None
        """The newest."""

    def add(self, told: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Tell `told` of the present snapshot and each new one, until the result is called."""
        listener = _Listener(told)
        self._all.append(listener)
        if self.snapshot is not None:
            listener.tell(self.snapshot)

        def remove() -> None:
            listener.close()
            if listener in self._all:
                self._all.remove(listener)

        return remove

    def show(
        self,
        screen: Screen,
        devices: tuple[tuple[str, str], ...] = (),
        *,
        library: str = "unknown",
        visit: bool = False,
    ) -> bool:
        """Stand this and tell everybody, under the next serial. False where nothing differs from what stands."""
        before = self.snapshot
        serial = 0 if before is None else before.serial
        fresh = Snapshot(serial, screen, devices, library, visit)
        if fresh == before:
            return False
        self.snapshot = replace(fresh, serial=serial + 1)
        for listener in self._all:
            listener.tell(self.snapshot)
        return True

    def close(self) -> None:
        """Nobody is told any more."""
        for listener in self._all:
            listener.close()


class _Listener:
    """Somebody who is told."""

    def __init__(self, told: Callable[[Snapshot], None]) -> None:
        self._told = told
        self._newest: Snapshot | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._free_at = 0.0

    def tell(self, snapshot: Snapshot) -> None:
        loop = asyncio.get_running_loop()
        self._newest = snapshot
        if self._timer is not None:
            return
        if loop.time() >= self._free_at:
            self._send()
        else:
            self._timer = loop.call_at(self._free_at, self._send)

    def close(self) -> None:
        self._newest = None
        if self._timer is not None:
            self._timer.cancel()

    def _send(self) -> None:
        self._timer = None
        self._free_at = asyncio.get_running_loop().time() + INTERVAL_S
        snapshot, self._newest = self._newest, None
        if snapshot is not None:
            self._told(snapshot)
