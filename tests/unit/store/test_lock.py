"""One process a state directory; a copy can be read when none runs."""

import os
import stat
from pathlib import Path

import pytest

from drivers.errors import Code, DeviceUnavailable
from drivers.runtime.clock import SeededRng
from drivers.store import journal
from drivers.store.copy import read_copy
from drivers.store.engine import InlineStore
from drivers.store.lock import StateLock
from drivers.store.sealed import SealKey
from tests.store_fixtures import SetClock


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}


def test_the_second_is_told_whose_the_directory_is(tmp_path: Path) -> None:
    state = tmp_path / "bh-2"
    with StateLock(state):
        assert stat.S_IMODE(state.stat().st_mode) == 0o700
        with pytest.raises(DeviceUnavailable) as running:
            StateLock(state)
        assert running.value.code is Code.STATION_RUNNING
        assert str(os.getpid()) in running.value.detail
    with StateLock(state) as again:
        again.release()
        again.release()


def test_a_directory_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeviceUnavailable) as broken:
        StateLock(tmp_path / "file")
    assert broken.value.code is Code.STORE_BROKEN


async def test_a_copy_tells_and_the_original_is_untouched(
    tmp_path: Path, clock: SetClock, key: SealKey
) -> None:
    rng = SeededRng(1)
    assert read_copy(tmp_path, journal.rows, clock=clock, rng=rng) is None
    store = InlineStore(tmp_path / "station.db", clock=clock, rng=rng, key=key)
    await store.close()
    before = contents(tmp_path)
    rows = read_copy(tmp_path, journal.rows, clock=clock, rng=rng)
    assert rows is not None
    assert [row.kind for row in rows] == ["station.booted"]
    assert contents(tmp_path) == before


async def test_what_stands_only_in_the_log_is_in_the_copy(
    tmp_path: Path, clock: SetClock, key: SealKey
) -> None:
    rng = SeededRng(1)
    store = InlineStore(tmp_path / "station.db", clock=clock, rng=rng, key=key)
    await store.write(
        lambda txn: journal.append(txn, "station.stopped", payload={"reason": "asked"})
    )
    assert (tmp_path / "station.db-wal").stat().st_size > 0
    rows = read_copy(tmp_path, journal.rows, clock=clock, rng=rng)
    assert rows is not None
    assert [row.kind for row in rows] == ["station.booted", "station.stopped"]
    await store.close()


def test_a_running_station_is_not_copied(tmp_path: Path, clock: SetClock) -> None:
    with StateLock(tmp_path), pytest.raises(DeviceUnavailable) as running:
        read_copy(tmp_path, journal.rows, clock=clock, rng=SeededRng(1))
    assert running.value.code is Code.STATION_RUNNING
