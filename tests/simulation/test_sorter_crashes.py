"""The plant's controller may die at any moment, and again while it recovers: no check-in lost, none done twice.

A point is a moment at which a process can die with a difference: before and after each write of the store, each message
to the library system and each of its answers, each tag write, each cycle that hands over an event, each destination. The
belt runs on without its host, as its controller does. The library system and the bins are the judge, not the station.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

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
from sorter.checking_in import CheckingIn
from tests.simulation.lives import Fuse, FusedStore, FusedWire
from tests.simulation.plant import BOOK, CHILDREN, FILM, HELD, Plant, World

FED = (BOOK, HELD, CHILDREN)
RIGHT = {BOOK: 1, HELD: 5, CHILDREN: 3, FILM: 4}
OVERFLOW, EXCEPTION = 8, 9
GROUPS = 8
STORE_STRIDE = 3
"""Of the points around writes of the store, every so many; `ims bench sort` dies at each."""
TWICE = ("library 09 after", "library 10 arrived", "belt events", "belt send before")
"""First deaths after which it dies again at every point of its recovery."""


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    """A controller that dies drops its lines."""
    heard.expect("library.line.dropped", "service.down")


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


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return whole(tmp_path_factory.mktemp("whole") / "whole.db")


def test_every_kind_of_point_is_there(tmp_path: Path, points: list[str]) -> None:
    assert points.count("library 09 before") == points.count("library 10 arrived") == 3
    assert points.count("pad write before") == points.count("pad written") == 3
    assert points.count("belt send before") == 3
    assert points.count("belt events") >= 12
    assert points.count("store before") == points.count("store after") >= 40
    assert points == whole(tmp_path / "b.db"), "the same points in every run"


@pytest.mark.parametrize("group", range(GROUPS))
def test_it_may_die_at_every_point(tmp_path: Path, points: list[str], group: int) -> None:
    stores = [n for n, point in enumerate(points) if point.startswith("store")][::STORE_STRIDE]
    others = [n for n, point in enumerate(points) if not point.startswith("store")]
    for at in sorted((*stores, *others))[group::GROUPS]:
        try:
            whole(tmp_path / f"{at}.db", (at,))
        except AssertionError as error:
            raise AssertionError(f"died at {at} {points[at]}") from error


@pytest.mark.parametrize("name", TWICE)
def test_it_may_die_again_while_it_recovers(tmp_path: Path, points: list[str], name: str) -> None:
    at = [n for n, point in enumerate(points) if point == name][1]
    recovery = whole(tmp_path / "once.db", (at,))
    for again in range(0, len(recovery), 9):
        try:
            whole(tmp_path / f"{again}.db", (at, again))
        except AssertionError as error:
            raise AssertionError(
                f"died at {at} {name}, then at {again} {recovery[again]}"
            ) from error


async def send_blindly(self: CheckingIn, row: Any, number: int) -> Any:
    """The obvious way to settle, which is wrong: what was sent and not answered is sent once more."""
    answer = await self._library.give_back(row.item, occurred=row.occurred_at)
    await self._ledger.write(lambda txn: effects.unknown(txn, row.id))
    await self._ledger.write(lambda txn: effects.settling(txn, row.id))
    return await self._heard(row, number, answer)


def test_sending_again_is_found_out(
    tmp_path: Path, points: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = points.index("library 10 arrived")
    monkeypatch.setattr(CheckingIn, "_settle", send_blindly)
    with pytest.raises(AssertionError):
        whole(tmp_path / "again.db", (at,))
