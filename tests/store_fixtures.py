"""Fixtures: a store without a thread, under a clock that the test sets. conftest files import them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drivers.runtime.clock import SeededRng
from drivers.store.engine import InlineStore
from drivers.store.sealed import SealKey

KEY = SealKey(bytes(range(32)))


@dataclass
class SetClock:
    """Stands still until it is moved."""

    wall: datetime = datetime(2026, 11, 3, 9, 42, tzinfo=UTC)
    ran: float = 0.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.ran

    def move(self, by: timedelta) -> None:
        self.wall += by
        self.ran += by.total_seconds()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def key() -> SealKey:
    return KEY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


@pytest.fixture
async def store(clock: SetClock, file: Path) -> AsyncIterator[InlineStore]:
    opened = InlineStore(file, clock=clock, rng=SeededRng(1), key=KEY, boot_id="boot-1")
    yield opened
    await opened.close()
