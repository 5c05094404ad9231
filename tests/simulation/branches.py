"""Two branches in virtual time: a plant that fills crates, and the database that both share, in the place of PostgreSQL.

The stand-in runs the same units over the same tables (tests/contract/test_sharing.py runs them on a real PostgreSQL).
It can be away, and its every transaction has a point before and after at which the plant may die.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Txn
from drivers.runtime.clock import LoopClock, SeededRng
from drivers.store.engine import InlineStore
from hw_sim.simloop import run
from sorter.ims import records
from sorter.ims.crates import Crate
from sorter.ims.handling import Do, Handled, handle
from sorter.ims.records import Row
from tests.simulation.lives import Fuse, FusedStore
from tests.simulation.plant import BOOK, CHILDREN, KEY, SHARED, Plant, World
from tests.simulation.plant_lives import FusedBelt

T = TypeVar("T")
ADULTS = 1


class Shared:
    """`Store` that outlives its plant."""

    def __init__(self, world: World) -> None:
        self.store = InlineStore(
            clock=LoopClock(world.stage.world.now()), rng=SeededRng(9), key=KEY
        )
        self.away = False
        self.fuse = Fuse()

    async def write(self, unit: Callable[[Txn], T]) -> T:
        return await self._ask(unit, "write")

    async def read(self, unit: Callable[[Txn], T]) -> T:
        return await self._ask(unit, "read")

    async def _ask(self, unit: Callable[[Txn], T], name: str) -> T:
        if self.away:
            raise DeviceUnavailable("shared", Code.SHARED_AWAY)
        await self.fuse.point(f"shared {name} before")
        value = await (self.store.write if name == "write" else self.store.read)(unit)
        await self.fuse.point(f"shared {name} after")
        return value

    async def close(self) -> None:
        """The database goes on."""

    async def do(
        self, branch: str, label: str, do: Do, items: tuple[str, ...] | None = None
    ) -> Handled:
        """A command at another branch, straight in the database."""

        def done(txn: Txn) -> Handled:
            found = handle(txn, branch, label, do, items)
            records.happen_there(txn.connection, branch.lower(), *found.happened)
            return found

        return await self.store.write(done)

    async def rows(self) -> tuple[Row, ...]:
        return await self.store.read(
            lambda txn: tuple(records.rows_of_others(txn.connection, "", "", 0, 10_000))
        )


async def crate(store: InlineStore, label: str) -> Crate | None:
    return await store.read(lambda txn: records.crate_of(txn.connection, label))


async def own(plant: Plant) -> tuple[Row, ...]:
    """Everything that the plant wrote down, in its order."""
    return await plant.store.read(
        lambda txn: records.rows_after(txn.connection, "plant-1", records.stream_of(txn), 0, 10_000)
    )


async def told(plant: Plant, shared: Shared) -> bool:
    """Whether the shared database has every row of the plant."""
    return len(await own(plant)) <= len([r for r in await shared.rows() if r.station == "plant-1"])


def whole(database: Path, crashes: tuple[int, ...] = ()) -> list[str]:
    """Swap a crate between two books and tell it, dying at each of these points; then live. The points of the last life."""

    async def lives() -> list[str]:
        world = World(database)
        world.begin()
        shared = Shared(world)
        points: list[str] = []
        for at in (*crashes, None):
            points = await _live(world, shared, at)
        await shared.store.close()
        await world.end()
        return points

    return run(lives())


async def _live(world: World, shared: Shared, at: int | None) -> list[str]:
    fuse = shared.fuse = Fuse(at)
    plant = Plant(
        world,
        station=SHARED,
        through=lambda store: FusedStore(store, fuse),
        belt=lambda belt: FusedBelt(belt, fuse),
        shared=shared,
    )
    await plant.start()
    playing = asyncio.create_task(_swap(plant, shared))
    dying = asyncio.create_task(fuse.blown.wait())
    await asyncio.wait({playing, dying}, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(0.001)
    died = not playing.done()
    for task in (playing, dying):
        task.cancel()
    ended: Any = (await asyncio.gather(playing, dying, return_exceptions=True))[0]
    if not died and isinstance(ended, Exception):
        await plant.kill()
        raise ended
    if at is not None:
        assert fuse.blown.is_set(), "the point was not reached"
    if not died:
        await _judge(plant, shared)
    await plant.kill()
    return fuse.points


async def _swap(plant: Plant, shared: Shared) -> None:
    """What a person and the belt do, from wherever the last life left it: each scans until the bin is in use."""
    belt = plant.world.belt
    await plant.ready()
    if await crate(plant.store, "K-0001") is None:
        await plant.scan("A-01", "K-0001")
    await _scanned(plant, "K-0001")
    if BOOK not in belt.fed:
        await belt.feed(BOOK)
    await plant.empty()
    if await crate(plant.store, "K-0002") is None:
        belt.out.add(ADULTS)
        await plant.until(lambda line: not line.bins["adults"].present)
        belt.out.discard(ADULTS)
        await plant.until(lambda line: line.bins["adults"].present)
        await plant.scan("A-01", "K-0002")
    await _scanned(plant, "K-0002")
    if CHILDREN not in belt.fed:
        await belt.feed(CHILDREN)
    await plant.empty()
    await plant.at_rest()
    for _ in range(200):
        if await told(plant, shared):
            return
        await asyncio.sleep(0.5)
    raise AssertionError("the shared database was never told")


async def _scanned(plant: Plant, label: str) -> None:
    """Until the crate stands there in the tables and the bin is in use, a person scans once more."""
    for _ in range(5):
        found = await crate(plant.store, label)
        there = plant.state.bins["adults"].usable or ADULTS in plant.world.belt.out
        if found is not None and found.chute == "A-01" and there:
            return  # in use, or an earlier life has lifted it out already
        if found is not None and not found.chute:
            return  # its round is over: an earlier life came further
        await plant.scan("A-01", label)
        await asyncio.sleep(0.5)
    raise AssertionError(f"{label} never docked")


async def _judge(plant: Plant, shared: Shared) -> None:
    """Each item in one crate, the one that stood there; nothing lost or doubled between the two databases."""
    rows = await own(plant)
    there = [row for row in await shared.rows() if row.station == "plant-1"]
    assert [(r.stream, r.seq, r.happened) for r in there] == [
        (r.stream, r.seq, r.happened) for r in rows
    ]
    falls = [row.happened.item for row in rows if row.happened.item]
    assert sorted(falls) == sorted(plant.world.belt.fed)
    bins = plant.world.belt.bins
    for store in (plant.store, shared.store):
        first, second = await crate(store, "K-0001"), await crate(store, "K-0002")
        assert first is not None
        assert second is not None
        assert (first.state, second.state, second.chute) == ("closed", "docked", "A-01")
        assert sorted((*first.items, *second.items)) == sorted(bins[ADULTS])
        assert BOOK not in second.items
    assert plant.state.bins["adults"].usable
