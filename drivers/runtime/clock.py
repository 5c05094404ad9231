"""The real clock and the real dice, and the clock of a loop whose time is virtual. Nothing else may look."""

import asyncio
import os
import random
import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """Time as the machine has it."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class LoopClock:
    """Wall time derived from a loop's own time, so that virtual time moves both."""

    def __init__(self, start: datetime, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_running_loop()
        self._start = start.astimezone(UTC)
        self._began = self._loop.time()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return self._loop.time() - self._began


class SystemRng:
    """Chance from the kernel."""

    def bytes(self, n: int) -> bytes:
        return os.urandom(n)

    def uniform(self, low: float, high: float) -> float:
        return random.SystemRandom().uniform(low, high)


class SeededRng:
    """The same chance for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def bytes(self, n: int) -> bytes:
        return self._random.randbytes(n)

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)
