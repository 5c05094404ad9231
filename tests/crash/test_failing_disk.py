"""A disk that fails at any write, or is full: nothing acknowledged is lost, and the store goes on after it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Txn
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.store import journal, space
from drivers.store.engine import ThreadStore, open_store
from drivers.store.sealed import SealKey
from drivers.store.space import Room

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(120)
def test_every_write_that_can_fail_has_failed_once(tmp_path: Path) -> None:
    """In a process of its own, since it changes SQLite's system calls."""
    done = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("failing_disk.py")),
            str(tmp_path / "station.db"),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    found = json.loads(done.stdout)
    assert found["bad"] == []
    assert found["failed"] >= 20
    assert set(found["codes"]) == {"store.full", "store.broken"}
    assert sum(found["codes"].values()) == found["failed"]
    assert found["chain"] == [found["last"], True]
    assert found["integrity"] == "ok"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB; only root can mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("cannot mount a small disk here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def note(txn: Txn) -> int:
    return journal.append(txn, "device.state", payload={"role": "pad", "state": "ready"})


async def until_full(store: ThreadStore) -> int:
    """Write until it no longer goes; the last row that was acknowledged."""
    last = 0
    for _ in range(2000):
        try:
            last = await store.write(note)
        except DeviceUnavailable as full:
            if full.code is Code.STORE_FULL:
                return last
            raise
    raise AssertionError("the disk took it all")


async def test_a_full_disk_goes_on_once_the_ballast_is_thrown_out(small_disk: Path) -> None:
    assert space.room(small_disk) is Room.OUT
    assert not space.lay_ballast(small_disk, 2 * 1024 * 1024)
    assert space.lay_ballast(small_disk, 512 * 1024)
    assert space.lay_ballast(small_disk, 512 * 1024)
    store = open_store(
        small_disk / "station.db", clock=SystemClock(), rng=SystemRng(), key=SealKey(b"k" * 32)
    )
    last = await until_full(store)
    assert await store.read(journal.verify) == journal.Chain(last, last)
    assert space.drop_ballast(small_disk)
    assert not space.drop_ballast(small_disk)
    await store.fold()
    assert await store.write(note) == last + 1
    await store.close()


def test_a_roomy_disk_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Disk:
        f_frsize = 4096
        f_bavail = 0

    monkeypatch.setattr(os, "statvfs", lambda _path: Disk)
    for left, want in (
        (space.STOP_BELOW - 4096, Room.OUT),
        (space.STOP_BELOW, Room.LOW),
        (space.WARN_BELOW - 4096, Room.LOW),
        (space.WARN_BELOW, Room.ENOUGH),
    ):
        Disk.f_bavail = left // 4096
        assert space.room(tmp_path) is want
