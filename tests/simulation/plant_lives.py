"""Several lives of a plant's controller over one belt and one library system: dead at a numbered point, started again."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from drivers.ports import (
    BeltCommand,
    BeltCounters,
    BeltInfo,
    BeltState,
    CommandResult,
    SortingBelt,
)
from drivers.store import effects, journal
from drivers.store.effects import EffectState
from hw_sim.simloop import run
from tests.simulation.lives import Fuse, FusedStore, FusedWire
from tests.simulation.plant import BOOK, CHILDREN, FILM, HELD, Plant, World

FED = (BOOK, HELD, CHILDREN)
RIGHT = {BOOK: 1, HELD: 5, CHILDREN: 3, FILM: 4}
OVERFLOW, EXCEPTION = 8, 9


class FusedBelt:
    """`SortingBelt` with points where an event is handed over and where a destination goes out."""

    def __init__(self, belt: SortingBelt, fuse: Fuse) -> None:
        self._belt = belt
        self._fuse = fuse

    async def open(self) -> BeltInfo:
        return await self._belt.open()

    async def close(self) -> None:
        await self._belt.close()

    async def cycle(self, *, taken: int, induct: bool, degraded: bool) -> BeltState:
        said = await self._belt.cycle(taken=taken, induct=induct, degraded=degraded)
        if said.events:
            await self._fuse.point("belt events")
        return said

    async def send(self, item: int, bin: int, alternate: int = 0) -> None:
        await self._fuse.point("belt send before")
        await self._belt.send(item, bin, alternate)
        await self._fuse.point("belt send after")

    async def command(self, command: BeltCommand, arguments: Sequence[int] = ()) -> CommandResult:
        return await self._belt.command(command, arguments)

    async def counters(self) -> BeltCounters:
        return await self._belt.counters()


async def feed(plant: Plant) -> None:
    """Three items, one close behind the other, and then all of them in their bins."""
    await plant.ready()
    for item in FED:
        if item not in plant.world.belt.fed:
            await plant.world.belt.feed(item)
    await plant.empty()
    await plant.at_rest()


async def recover(plant: Plant) -> None:
    """Start again; what had not been fed is fed now; everything settles."""
    await feed(plant)


async def live(world: World, story: Callable[[Plant], Any], crash_at: int | None = None) -> Fuse:
    """One life: play `story` or die at the point, and be gone."""
    fuse = Fuse(crash_at)
    plant = Plant(
        world,
        wrap=lambda wire: FusedWire(_as_pad(wire), fuse),
        through=lambda store: FusedStore(store, fuse),
        belt=lambda belt: FusedBelt(belt, fuse),
    )
    await plant.start()
    playing = asyncio.create_task(story(plant))
    dying = asyncio.create_task(fuse.blown.wait())
    await asyncio.wait({playing, dying}, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(0.001)  # what has left is on the wire already
    died = not playing.done()
    assert plant.state.conserved
    if not died:
        await judge(plant)
    for task in (playing, dying):
        task.cancel()
    await plant.kill()
    ended = (await asyncio.gather(playing, dying, return_exceptions=True))[0]
    if isinstance(ended, Exception) and not died:
        raise ended
    return fuse


def _as_pad(wire: Any) -> Any:
    """The tunnel's reader is the pad of the fuse."""
    if wire.device == "tunnel":
        wire.device = "pad"
    return wire


async def judge(plant: Plant) -> None:
    """The world's own state: each item once in a bin that is right or staff's, each loan ended once or not at all."""
    world = plant.world
    lies = {item: n for n, items in world.belt.bins.items() for item in items}
    assert sorted(world.belt.fed) == sorted(i for items in world.belt.bins.values() for i in items)
    loans = await world.loans()
    done = [item for item, outcome in await world.asked() if outcome == "done"]
    ends = await plant.store.read(lambda txn: journal.rows(txn, kind="item.ended"))
    assert sorted(int(row.payload["number"] or 0) for row in ends) == [1, 2, 3]
    for item in world.belt.fed:
        assert done.count(item) == (0 if item in loans else 1), (item, done, loans)
        assert lies[item] in {RIGHT[item], OVERFLOW, EXCEPTION}, (item, lies[item])
        if lies[item] == RIGHT[item]:
            assert item not in loans, f"{item} lies on its shelf and is on loan"
        row = await plant.store.read(partial(effects.newest_of, verb="give_back", item=item))
        asked = row is not None and row.state is EffectState.CONFIRMED
        assert asked == (item not in loans), (item, row)
        if item not in loans:
            assert await world.armed(item)
    assert (await plant.store.read(journal.verify)).whole


def whole(database: Path, crashes: Sequence[int] = ()) -> list[str]:
    """Die at each of these points, one life after the other, then live. The points of the last life."""

    async def lives() -> list[str]:
        world = World(database)
        world.begin()
        for at in crashes:
            fuse = await live(world, feed, at)
            assert fuse.blown.is_set(), "the point was not reached"
        last = await live(world, recover)
        await world.end()
        return last.points

    return run(lives())


def chained(database: Path, points: Sequence[int]) -> list[str]:
    """Die at each of these points, one life after the other, as long as a life comes so far; then live.

    Returns the names of the points at which it died. Raises AssertionError where the judge finds something wrong.
    """

    async def lives() -> list[str]:
        world = World(database)
        world.begin()
        died: list[str] = []
        for at in (*points, None):
            fuse = await live(world, feed, at)
            if not fuse.blown.is_set():
                break
            died += fuse.died
        await world.end()
        return died

    return run(lives())
