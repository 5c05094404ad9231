"""A station looks after its store, and asks for a person where it cannot help itself."""

from dataclasses import replace
from functools import partial

from drivers.ports import Secret, Txn
from drivers.service import records, upkeep
from drivers.service.cases import CaseKind
from drivers.store import journal, pledge, sealed
from drivers.store.engine import InlineStore
from drivers.store.journal import Chain
from drivers.store.space import Room
from tests.store_fixtures import SetClock


async def kinds(store: InlineStore) -> list[CaseKind]:
    return [case.kind for case in await store.read(records.open_cases)]


async def test_what_opening_found_becomes_a_case_and_goes_with_it(store: InlineStore) -> None:
    await store.write(lambda txn: upkeep.at_boot(txn, store.boot))
    assert await kinds(store) == []
    bad = replace(store.boot, chain=Chain(1, 1, 2, "row missing"), sqlite="3.40.1")
    await store.write(lambda txn: upkeep.at_boot(txn, bad))
    await store.write(lambda txn: upkeep.at_boot(txn, bad))
    assert await kinds(store) == [CaseKind.JOURNAL_BROKEN, CaseKind.SQLITE_OLD]
    await store.write(lambda txn: upkeep.at_boot(txn, store.boot))
    assert await kinds(store) == []


async def test_each_day_the_expired_goes_and_old_rows_are_read_again(
    store: InlineStore, clock: SetClock
) -> None:
    await store.write(lambda txn: pledge.pledge(txn, Secret("1234567890")))
    clock.move(pledge.KEPT)
    assert await store.write(upkeep.daily) == Chain(2, 2)
    assert await store.read(journal.verified) == 2
    place = f"journal:{(clock.wall - pledge.KEPT).date()}:pledge"
    assert await store.read(lambda txn: sealed.unseal(txn, place)) is None

    def turn_a_bit(txn: Txn) -> None:
        txn.connection.exec_driver_sql("DROP TRIGGER journal_keeps")
        txn.connection.exec_driver_sql("UPDATE journal SET mono_us = 1 WHERE seq = 1")

    await store.write(turn_a_bit)
    assert (await store.write(upkeep.daily)).broken_at == 1
    assert await kinds(store) == [CaseKind.JOURNAL_BROKEN]


async def test_a_disk_short_of_room_is_a_case_until_there_is_some(store: InlineStore) -> None:
    for room, want in (
        (Room.LOW, [CaseKind.DISK_LOW]),
        (Room.OUT, [CaseKind.DISK_LOW]),
        (Room.ENOUGH, []),
    ):
        await store.write(partial(upkeep.about_room, room=room))
        assert await kinds(store) == want
