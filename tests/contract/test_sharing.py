"""Two plants and one real PostgreSQL: each row once, in one order, through an outage and a lost acknowledgement."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Secret, Store, Txn
from drivers.runtime.clock import SeededRng
from drivers.store.engine import InlineStore
from drivers.store.shared import SharedDatabase
from sorter.ims import records
from sorter.ims.crates import Said
from sorter.ims.handling import Do, Handled, handle
from sorter.ims.happened import Happened, What
from sorter.ims.site import Site
from sorter.ledger import Ledger
from sorter.sharing import Sharing
from tests.postgres import Cluster, cluster
from tests.store_fixtures import KEY, SetClock

__all__ = ["cluster"]
T = TypeVar("T")
ROWS = 250
"""More than go in one transaction."""


class Deaf:
    """`Store` in front of another: the first so many writes are done, and their acknowledgement is lost."""

    def __init__(self, store: SharedDatabase, lost: int) -> None:
        self._store = store
        self._lost = lost

    async def write(self, unit: Callable[[Txn], T]) -> T:
        value = await self._store.write(unit)
        if self._lost:
            self._lost -= 1
            raise DeviceUnavailable("shared", Code.SHARED_AWAY)
        return value

    async def read(self, unit: Callable[[Txn], T]) -> T:
        return await self._store.read(unit)

    async def close(self) -> None:
        await self._store.close()


class Plant:
    """A plant's own database, and its way to the shared one."""

    def __init__(self, cluster: Cluster, database: str, name: str, *, lost: int = 0) -> None:
        clock = SetClock()
        self.site = Site(name, name.title())
        self.store = InlineStore(clock=clock, rng=SeededRng(len(name)), key=KEY)
        password = Secret(cluster.password)
        self.shared: Store = Deaf(
            SharedDatabase(cluster.config(database), password, clock=clock), lost
        )
        ledger = Ledger(self.store, lambda error: None)
        self.sharing = Sharing(
            site=self.site, ledger=ledger, shared=self.shared, again_s=0.05, heard=self._heard
        )

    async def _heard(self) -> None:
        """Nothing stands at its chutes."""

    async def falls(self, first: int, n: int) -> None:
        def unit(txn: Txn) -> None:
            items = (f"{self.site.station}-{first + k}" for k in range(n))
            falls = (Happened(What.FELL, txn.now, self.site.branch, item=i) for i in items)
            records.happen(txn, self.site, *falls)

        await self.store.write(unit)
        self.sharing.fresh()

    async def share(self) -> None:
        """As its supervisor would: again and again, whatever fails."""
        while True:
            with suppress(DeviceUnavailable):
                await self.sharing.serve(lambda: None)
            await asyncio.sleep(0.05)

    async def known(self) -> list[tuple[str, int]]:
        def read(txn: Txn) -> list[tuple[str, int]]:
            rows = records.rows_of_others(txn.connection, "", "", 0, 10_000)
            return [(row.station, row.seq) for row in rows]

        return await self.store.read(read)

    async def close(self) -> None:
        await self.shared.close()
        await self.store.close()


async def until(so: Callable[[], Any], seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while not await so():  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("lost", [0, 2])
async def test_two_plants_tell_each_other_each_row_once(cluster: Cluster, lost: int) -> None:
    database = cluster.database()
    plants = [Plant(cluster, database, name, lost=lost) for name in ("bolbro", "dalum-two")]
    tasks = [asyncio.create_task(plant.share()) for plant in plants]
    try:
        for first in range(0, ROWS, 50):
            for plant in plants:
                await plant.falls(first, 50)
            await asyncio.sleep(0.05)

        async def all_known() -> bool:
            return all([len(await plant.known()) == 2 * ROWS for plant in plants])

        await until(all_known)
        wanted = [(plant.site.station, n) for plant in plants for n in range(1, ROWS + 1)]
        for plant in plants:
            assert sorted(await plant.known()) == sorted(wanted)
            assert await plant.sharing.waiting() == 0
        rows = await plants[0].shared.read(
            lambda txn: records.rows_of_others(txn.connection, "", "", 0, 10_000)
        )
        assert sorted((row.station, row.seq) for row in rows) == sorted(wanted)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for plant in plants:
            await plant.close()


ROUNDS = 8


async def test_two_stations_that_receive_one_crate_at_once_are_answered_one_after_the_other(
    cluster: Cluster,
) -> None:
    """Whoever comes second sees what the first did: exactly one hears that it received the crate."""
    database = cluster.database()
    password = Secret(cluster.password)
    clocks = {"dalum-1": SetClock(), "dalum-2": SetClock()}
    clocks["dalum-2"].move(timedelta(hours=-1))
    stations = {
        name: SharedDatabase(cluster.config(database), password, clock=clock)
        for name, clock in clocks.items()
    }
    labels = [f"K-{n:04}" for n in range(1, ROUNDS + 1)]

    def filled(txn: Txn) -> None:
        for label in labels:
            for what in (What.DOCKED, What.CLOSED, What.SENT):
                one = Happened(what, txn.now, "Tarup", label, "A-01", "Dalum", fresh=True)
                records.happen_there(txn.connection, "tarup", one)

    async def receives(station: str, label: str) -> Said:
        def unit(txn: Txn) -> Handled:
            done = handle(txn, "Dalum", label, Do.RECEIVE)
            records.happen_there(txn.connection, station, *done.happened)
            return done

        return (await stations[station].write(unit)).said

    try:
        await stations["dalum-1"].write(filled)
        for label in labels:
            answers = await asyncio.gather(*(receives(name, label) for name in stations))
            assert sorted(answers) == [Said.RECEIVED, Said.RECEIVED_TWICE]
        rows = await stations["dalum-1"].read(
            lambda txn: records.rows_of_others(txn.connection, "tarup", "direct", 0, 10_000)
        )
        received = [row.happened.crate for row in rows if row.happened.what is What.RECEIVED]
        assert sorted(received) == labels
    finally:
        for shared in stations.values():
            await shared.close()


async def test_what_happens_during_an_outage_waits_and_is_told_once(cluster: Cluster) -> None:
    plant = Plant(cluster, cluster.database(), "bolbro")
    task = asyncio.create_task(plant.share())

    async def there() -> list[int]:
        rows = await plant.shared.read(
            lambda txn: records.rows_of_others(txn.connection, "", "", 0, 10_000)
        )
        return [row.seq for row in rows]

    async def told() -> bool:
        return await plant.sharing.waiting() == 0 and len(await there()) == 20

    async def first() -> bool:
        return len(await there()) == 10

    try:
        await plant.falls(0, 10)
        await until(first)
        cluster.stop()
        try:
            await plant.falls(10, 10)
            assert await plant.sharing.waiting() >= 10
            with pytest.raises(DeviceUnavailable):
                await there()
        finally:
            cluster.start()
        await until(told)
        assert await there() == list(range(1, 21))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await plant.close()
