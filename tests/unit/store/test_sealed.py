"""Envelopes open in their place only, and are gone from the raw file when they are erased."""

import asyncio
import stat
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Secret, Txn
from drivers.runtime.clock import SeededRng
from drivers.store import database, effects, engine, journal, pledge, sealed
from drivers.store.effects import EffectState
from drivers.store.engine import InlineStore, open_store
from drivers.store.sealed import SealKey, load_key, make_key_file
from tests.store_fixtures import SetClock

CANARIES = ("3002991234", "Karen Testesen", "4711")
VALUES = {"card": Secret("3002991234"), "name": Secret("Karen Testesen"), "pin": Secret("4711")}


def raw(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


def log_size(file: Path) -> int:
    return file.with_name(file.name + "-wal").stat().st_size


def changed(statement: str) -> Callable[[Txn], object]:
    return lambda txn: txn.connection.exec_driver_sql(statement)


async def test_what_is_sealed_opens_again(store: InlineStore, clock: SetClock) -> None:
    until = clock.wall + timedelta(days=1)
    await store.write(lambda txn: sealed.seal(txn, "t:1:c", VALUES, expires_at=until))
    assert await store.read(lambda txn: sealed.unseal(txn, "t:1:c")) == VALUES
    assert await store.read(lambda txn: sealed.unseal(txn, "t:2:c")) is None


async def test_an_envelope_opens_in_no_other_place_and_not_when_changed(
    store: InlineStore, clock: SetClock
) -> None:
    until = clock.wall + timedelta(days=1)
    await store.write(lambda txn: sealed.seal(txn, "t:1:c", VALUES, expires_at=until))
    for place, change in (
        ("t:2:c", "UPDATE sealed SET place = 't:2:c'"),
        ("t:1:c", "UPDATE sealed SET place = 't:1:c', box = zeroblob(length(box))"),
    ):
        await store.write(changed(change))
        with pytest.raises(DeviceUnavailable) as shut:
            await store.read(partial(sealed.unseal, place=place))
        assert shut.value.code is Code.STORE_KEY


async def test_another_key_does_not_open_it(
    store: InlineStore, clock: SetClock, file: Path
) -> None:
    until = clock.wall + timedelta(days=1)
    await store.write(lambda txn: sealed.seal(txn, "t:1:c", VALUES, expires_at=until))
    await store.close()
    other = InlineStore(file, clock=clock, rng=SeededRng(2), key=SealKey(b"o" * 32))
    with pytest.raises(DeviceUnavailable) as shut:
        await other.read(lambda txn: sealed.unseal(txn, "t:1:c"))
    assert shut.value.code is Code.STORE_KEY
    await other.close()


async def test_what_has_expired_is_not_told_and_then_removed(
    store: InlineStore, clock: SetClock
) -> None:
    until = clock.wall + timedelta(days=1)
    await store.write(lambda txn: sealed.seal(txn, "t:1:c", VALUES, expires_at=until))
    assert await store.write(sealed.expire) == 0
    clock.move(timedelta(days=1))
    assert await store.read(lambda txn: sealed.unseal(txn, "t:1:c")) is None
    assert await store.write(sealed.expire) == 1
    row = await store.read(lambda txn: journal.last(txn, "sealed.expired"))
    assert row is not None
    assert row.payload == {"count": 1}


async def test_after_thirty_days_nobody_can_tell_whose_visit_it_was(
    store: InlineStore, clock: SetClock
) -> None:
    day = clock.wall.date()
    key = await store.write(lambda txn: pledge.day_key(txn, day))
    clock.move(pledge.KEPT)
    await store.write(sealed.expire)
    assert await store.write(lambda txn: pledge.day_key(txn, day)) != key
    assert (await store.read(journal.verify)).whole


async def test_nothing_personal_is_in_the_file_and_the_box_goes_with_the_effect(
    clock: SetClock, file: Path, key: SealKey
) -> None:
    """The raw bytes of database and log, before and after the effect has ended."""
    store = open_store(file, clock=clock, rng=SeededRng(1), key=key)

    def begin(txn: Txn) -> str:
        journal.append(txn, "visit.started", payload={"patron": pledge.pledge(txn, VALUES["card"])})
        return effects.open_effect(
            txn,
            verb="borrow",
            item="5010000011",
            device="bh-2",
            session="5e55",
            trace="7ace",
            occurred_at=clock.wall,
            sealed=VALUES,
        ).id

    id = await store.write(begin)
    box = await store.read(
        lambda txn: txn.connection.exec_driver_sql(
            "SELECT box FROM sealed WHERE place LIKE 'effects%'"
        ).scalar_one()
    )
    before = raw(file.parent)
    assert box in before

    def end(txn: Txn) -> None:
        effects.sent(txn, id)
        effects.finish(txn, id, EffectState.CONFIRMED)

    await store.write(end)
    await store.fold()
    after = raw(file.parent)
    assert box not in after
    assert box[:16] not in after
    assert box[-16:] not in after
    await store.close()
    for canary in CANARIES:
        assert canary.encode() not in before + after + raw(file.parent)


async def test_a_quiet_store_folds_its_log_by_itself(
    clock: SetClock, file: Path, key: SealKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded = threading.Event()
    fold = database.fold

    def seen(connection: Connection) -> None:
        fold(connection)
        folded.set()

    monkeypatch.setattr(engine, "QUIET_S", 0.001)
    monkeypatch.setattr(database, "fold", seen)
    store = open_store(file, clock=clock, rng=SeededRng(1), key=key)
    await store.write(lambda txn: journal.append(txn, "station.state", payload={"state": "open"}))
    assert await asyncio.to_thread(folded.wait, 10)
    assert b"station.state" in raw(file.parent)
    assert log_size(file) == 0
    await store.close()


def test_a_key_file_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "seal.key"
    made = make_key_file(file, SeededRng(1))
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    assert load_key(file=file).key_id == made.key_id
    with pytest.raises(FileExistsError):
        make_key_file(file, SeededRng(2))
    file.chmod(0o440)
    with pytest.raises(DeviceUnavailable) as open_to_others:
        load_key(file=file)
    assert open_to_others.value.code is Code.STORE_KEY


def test_a_key_comes_from_a_credential_of_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(DeviceUnavailable):
        load_key(credential="seal")
    made = make_key_file(tmp_path / "seal", SeededRng(1))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert load_key(credential="seal").key_id == made.key_id


@pytest.mark.parametrize("words", ["", "00" * 31, "xy" * 32, "00" * 33])
def test_what_is_no_key_is_refused(tmp_path: Path, words: str) -> None:
    file = tmp_path / "seal.key"
    file.write_text(words)
    file.chmod(0o400)
    with pytest.raises(DeviceUnavailable) as wrong:
        load_key(file=file)
    assert wrong.value.code is Code.STORE_KEY


def test_a_key_tells_nothing_of_itself() -> None:
    key = SealKey(b"k" * 32)
    assert "k" * 3 not in repr(key)
    assert (b"k" * 32).hex() not in repr(key) + key.key_id
    assert key.index(Secret("1"), place="a") != key.index(Secret("1"), place="b")
    assert key.index(Secret("1"), place="a") == key.index(Secret("1"), place="a")
