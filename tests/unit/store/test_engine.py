"""Group commit, faults and endings of the store."""

import asyncio
import errno
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest

from drivers.errors import Code, DeviceUnavailable, LocalProtocolError
from drivers.ports import Store, Txn
from drivers.runtime.clock import SeededRng
from drivers.store import database, journal
from drivers.store.engine import InlineStore, ThreadStore, open_store
from drivers.store.lock import StateLock
from drivers.store.sealed import SealKey
from hw_sim.simloop import SimLoop
from tests.store_fixtures import SetClock


@pytest.fixture
def opened(clock: SetClock, file: Path, key: SealKey) -> ThreadStore:
    return open_store(file, clock=clock, rng=SeededRng(1), key=key, config_hash="ab" * 32)


def note(txn: Txn) -> int:
    return journal.append(txn, "device.state", payload={"role": "pad", "state": "ready"})


def damage(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[4096 : 4096 * 3] = bytes(4096 * 2)
    file.write_bytes(data)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def stop_here(gate: threading.Event, entered: threading.Event) -> Any:
    def unit(_txn: Txn) -> None:
        entered.set()
        assert gate.wait(10)

    return unit


async def held(store: ThreadStore) -> tuple["asyncio.Task[None]", threading.Event]:
    """Keep the writer busy, so that what is asked meanwhile becomes one group."""
    gate, entered = threading.Event(), threading.Event()
    task = asyncio.create_task(store.write(stop_here(gate, entered)))
    await asyncio.to_thread(entered.wait, 10)
    return task, gate


async def test_the_boot_row_says_what_runs(opened: ThreadStore) -> None:
    row = await opened.read(lambda txn: journal.last(txn, "station.booted"))
    assert row is not None
    assert row.payload["config"] == "ab" * 32
    assert row.payload["sqlite"] == sqlite.sqlite_version
    assert row.boot_id == opened.boot.boot_id
    assert not opened.boot.old_sqlite
    await opened.close()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_is_full_already_is_told_as_full(
    number: int, clock: SetClock, file: Path, key: SealKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", full)
    for make in (
        lambda: open_store(file, clock=clock, rng=SeededRng(1), key=key),
        lambda: StateLock(file.parent),
    ):
        with pytest.raises(DeviceUnavailable) as told:
            make()
        assert told.value.code is Code.STORE_FULL


async def test_database_and_log_are_their_owners_alone(
    opened: ThreadStore, file: Path, clock: SetClock, key: SealKey
) -> None:
    await opened.write(note)
    assert modes(file.parent) == {
        "station.db": 0o600,
        "station.db-wal": 0o600,
        "station.db-shm": 0o600,
    }
    await opened.close()
    with pytest.raises(DeviceUnavailable) as nowhere:
        open_store(file / "none" / "s.db", clock=clock, rng=SeededRng(1), key=key)
    assert nowhere.value.code is Code.STORE_BROKEN


async def test_units_that_wait_together_are_one_commit(
    opened: ThreadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[int] = []
    commit = opened._writer._commit

    def counting(jobs: Any) -> Any:
        groups.append(len(jobs))
        return commit(jobs)

    monkeypatch.setattr(opened._writer, "_commit", counting)
    first, gate = await held(opened)
    many = [asyncio.create_task(opened.write(note)) for _ in range(300)]
    await asyncio.sleep(0)
    gate.set()
    await first
    assert await asyncio.gather(*many) == list(range(2, 302))
    assert groups == [1, 256, 44]
    await opened.close()


async def test_a_failing_unit_fails_alone(opened: ThreadStore) -> None:
    def wrong(txn: Txn) -> None:
        note(txn)
        txn.connection.exec_driver_sql("DELETE FROM journal")

    def bug(txn: Txn) -> None:
        note(txn)
        raise ZeroDivisionError

    first, gate = await held(opened)
    units: list[Any] = [note, wrong, note, bug, note]
    asked = [asyncio.create_task(opened.write(unit)) for unit in units]
    await asyncio.sleep(0)
    gate.set()
    await first
    got = await asyncio.gather(*asked, return_exceptions=True)
    assert [got[0], got[2], got[4]] == [2, 3, 4]
    assert isinstance(got[1], LocalProtocolError)
    assert got[1].code is Code.STORE_REFUSED
    assert isinstance(got[3], ZeroDivisionError)
    assert (await opened.read(journal.verify)) == journal.Chain(4, 4)
    await opened.close()


async def test_a_cancelled_waiter_does_not_stop_the_others(opened: ThreadStore) -> None:
    first, gate = await held(opened)
    gone = asyncio.create_task(opened.write(note))
    stays = asyncio.create_task(opened.write(note))
    await asyncio.sleep(0)
    gone.cancel()
    gate.set()
    await first
    assert await stays == 3
    await asyncio.gather(gone, return_exceptions=True)
    assert gone.cancelled()
    await opened.close()


async def test_the_oldest_wait_is_told(opened: ThreadStore, clock: SetClock) -> None:
    assert opened.waiting_s() == 0
    first, gate = await held(opened)
    clock.ran += 2.5
    assert opened.waiting_s() == 2.5
    gate.set()
    await first
    assert opened.waiting_s() == 0
    await opened.close()


@pytest.mark.parametrize("kind", ["thread", "inline"])
async def test_a_read_sees_all_writes_asked_for_before_and_writes_nothing(
    kind: str, clock: SetClock, tmp_path: Path, key: SealKey
) -> None:
    path = tmp_path / "one.db"
    rng = SeededRng(1)
    store: Store = (
        open_store(path, clock=clock, rng=rng, key=key)
        if kind == "thread"
        else InlineStore(path, clock=clock, rng=rng, key=key)
    )
    writing = asyncio.create_task(store.write(note))
    reading = asyncio.create_task(store.read(journal.rows))
    assert await writing == 2
    assert len(await reading) == 2
    with pytest.raises(LocalProtocolError):
        await store.read(note)
    assert await store.write(note) == 3
    await store.close()


async def test_a_closed_store_says_so_and_its_file_is_whole_alone(
    opened: ThreadStore, file: Path
) -> None:
    await opened.write(note)
    await opened.close()
    await opened.close()
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    with pytest.raises(DeviceUnavailable) as closed:
        await opened.write(note)
    assert closed.value.code is Code.STORE_BROKEN


async def test_a_full_disk_is_told_and_forgotten_when_there_is_space(opened: ThreadStore) -> None:
    def fill(txn: Txn) -> None:
        for _ in range(1000):
            note(txn)

    raw = opened._writer._connection.connection
    pages = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count={pages + 4}")
    with pytest.raises(DeviceUnavailable) as full:
        await opened.write(fill)
    assert full.value.code is Code.STORE_FULL
    assert await opened.read(journal.verify) == journal.Chain(1, 1)
    assert await opened.write(note) == 2
    raw.execute("PRAGMA max_page_count=1000000")
    await opened.write(fill)
    assert await opened.read(journal.verify) == journal.Chain(1002, 1002)
    await opened.close()


async def test_a_full_disk_takes_only_the_unit_that_does_not_fit(opened: ThreadStore) -> None:
    def fill(txn: Txn) -> None:
        for _ in range(1000):
            note(txn)

    raw = opened._writer._connection.connection
    pages = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count={pages + 4}")
    first, gate = await held(opened)
    asked = [
        asyncio.create_task(opened.write(note)),
        asyncio.create_task(opened.write(fill)),
        asyncio.create_task(opened.read(journal.verify)),
    ]
    await asyncio.sleep(0)
    gate.set()
    await first
    small, big, chain = await asyncio.gather(*asked, return_exceptions=True)
    assert small == 2
    assert isinstance(big, DeviceUnavailable)
    assert big.code is Code.STORE_FULL
    assert chain == journal.Chain(2, 2)
    await opened.close()


async def test_the_thread_never_dies_silently(
    opened: ThreadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(_jobs: Any) -> Any:
        raise SystemExit

    first, gate = await held(opened)
    monkeypatch.setattr(opened._writer, "run", dies)
    asked = [asyncio.create_task(opened.write(note)) for _ in range(3)]
    await asyncio.sleep(0)
    gate.set()
    await first
    for got in await asyncio.gather(*asked, return_exceptions=True):
        assert isinstance(got, DeviceUnavailable)
        assert got.code is Code.STORE_BROKEN
    with pytest.raises(DeviceUnavailable):
        await opened.write(note)
    await opened.close()


async def test_an_error_of_the_database_never_tells_a_value(store: InlineStore) -> None:
    def unit(txn: Txn) -> None:
        txn.connection.exec_driver_sql(
            "INSERT INTO sealed VALUES (?, 'k', ?, ?, 'soon')", ("3002991234", b"short", b"x")
        )

    with pytest.raises(LocalProtocolError) as refused:
        await store.write(unit)
    told = f"{refused.value} {refused.value.__cause__} {refused.value.__context__!r}"
    assert "3002991234" not in told


async def test_damage_is_found_at_opening(clock: SetClock, file: Path, key: SealKey) -> None:
    store = InlineStore(file, clock=clock, rng=SeededRng(1), key=key)
    for _ in range(50):
        await store.write(note)
    await store.close()
    damage(file)
    with pytest.raises(DeviceUnavailable) as broken:
        InlineStore(file, clock=clock, rng=SeededRng(1), key=key)
    assert broken.value.code is Code.STORE_BROKEN


def test_a_file_that_is_no_database_is_not_touched(
    clock: SetClock, file: Path, key: SealKey
) -> None:
    file.write_bytes(b"minutes of the meeting\n" * 400)
    with pytest.raises(DeviceUnavailable) as broken:
        open_store(file, clock=clock, rng=SeededRng(1), key=key)
    assert broken.value.code is Code.STORE_BROKEN
    assert file.read_bytes().startswith(b"minutes")


async def test_a_broken_chain_is_told_and_the_machine_still_opens(
    clock: SetClock, file: Path, key: SealKey
) -> None:
    store = InlineStore(file, clock=clock, rng=SeededRng(1), key=key)

    def tamper(txn: Txn) -> None:
        note(txn)
        txn.connection.exec_driver_sql("DROP TRIGGER journal_keeps")
        txn.connection.exec_driver_sql("UPDATE journal SET trace = 'x' WHERE seq = 2")

    await store.write(tamper)
    await store.close()
    again = InlineStore(file, clock=clock, rng=SeededRng(2), key=key)
    assert again.boot.chain.broken_at == 2
    assert await again.read(journal.verified) == 0
    await again.close()


@pytest.mark.parametrize(("version", "old"), [("3.51.2", True), ("3.51.3", False), ("3.9.9", True)])
def test_a_sqlite_with_the_wal_reset_bug_is_told(version: str, old: bool) -> None:
    boot = database.Boot("b", version, "0001", "", journal.Chain(0, 0))
    assert boot.old_sqlite is old


def test_in_virtual_time_two_runs_of_one_seed_write_the_same_journal(
    tmp_path: Path, clock: SetClock, key: SealKey
) -> None:
    async def run(path: Path) -> tuple[float, tuple[journal.JournalRow, ...], tuple[int, str]]:
        store = InlineStore(path, clock=clock, rng=SeededRng(7), key=key, delay_s=0.02)
        await asyncio.gather(*(store.write(note) for _ in range(5)))
        rows, head = await store.read(journal.rows), await store.read(journal.head)
        await store.close()
        return asyncio.get_running_loop().time(), rows, head

    runs = []
    for name in ("a.db", "b.db"):
        with asyncio.Runner(loop_factory=SimLoop) as runner:
            runs.append(runner.run(run(tmp_path / name)))
    assert runs[0] == runs[1]
    assert runs[0][0] == pytest.approx(0.06)


@pytest.mark.parametrize("kind", ["thread", "inline"])
async def test_a_unit_finds_no_running_loop_in_either_store(
    kind: str, opened: ThreadStore, store: InlineStore
) -> None:
    async with asyncio.timeout(10):
        asked: Store = opened if kind == "thread" else store
        with pytest.raises(RuntimeError, match="no running event loop"):
            await asked.write(lambda _: asyncio.get_running_loop())
        assert asyncio.get_running_loop().is_running()
    await opened.close()
