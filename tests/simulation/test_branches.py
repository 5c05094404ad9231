"""Crates between branches: local first, told once; the plant may die at any point between scan, fall and telling."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from config.texts import Channel
from drivers.ports import Txn
from hw_sim.simloop import run
from sorter.ims import records
from sorter.ims.crates import CrateState, Said
from sorter.ims.handling import Do
from sorter.ims.happened import Happened, What
from tests.simulation.branches import ADULTS, Shared, crate, own, told, whole
from tests.simulation.plant import BOOK, CATALOGUE, SHARED, Plant, World

GROUPS = 32
STORE_STRIDE = 6
DALUM = SHARED.replace('bin = "adults"\n', 'bin = "adults"\ndestination = "Dalum"\n')
"""For these stories adults' crates go to Dalum."""


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


def play(story: Callable[[Plant, Shared], Coroutine[Any, Any, None]]) -> None:
    async def both() -> None:
        world = World()
        world.begin()
        shared = Shared(world)
        plant = Plant(world, station=DALUM, shared=shared)
        await plant.start()
        try:
            await plant.ready()
            await story(plant, shared)
        finally:
            await plant.stop()
            await shared.store.close()
            await world.end()

    run(both())


async def filled(plant: Plant) -> None:
    """K-0001 holds a book for Dalum and is closed; K-0002 stands at the chute."""
    await plant.scan("A-01", "K-0001")
    await plant.sorted(BOOK)
    belt = plant.world.belt
    belt.out.add(ADULTS)
    await plant.until(lambda line: not line.bins["adults"].present)
    belt.out.discard(ADULTS)
    await plant.scan("A-01", "K-0002")


async def until_told(plant: Plant, shared: Shared) -> None:
    for _ in range(400):
        if await told(plant, shared):
            return
        await asyncio.sleep(0.5)
    raise AssertionError("never told")


def test_a_crate_filled_here_is_received_there_and_known_here_again() -> None:
    async def story(plant: Plant, shared: Shared) -> None:
        await filled(plant)
        await until_told(plant, shared)
        wrong = await shared.do("Tarup", "K-0001", Do.RECEIVE)
        assert (wrong.said, wrong.reception.onward) == (Said.RECEIVED_ELSEWHERE, "Dalum")
        done = await shared.do("Dalum", "K-0001", Do.RECEIVE)
        assert (done.said, done.reception.expected) == (Said.RECEIVED, (BOOK,))
        await asyncio.sleep(12)
        here = await crate(plant.store, "K-0001")
        assert here is not None
        assert (here.state, here.branch) == (CrateState.RECEIVED, "Dalum")
        found = await plant.sorter.request("item", {"item": BOOK})
        assert found["where"]["branch"] == "Dalum"
        assert [one["what"] for one in found["history"]] == [
            "fell",
            "closed",
            "onward",
            "received",
        ]

    play(story)


def test_the_plant_sorts_on_while_the_shared_database_is_away_and_tells_all_of_it_once() -> None:
    async def story(plant: Plant, shared: Shared) -> None:
        shared.away = True
        await filled(plant)
        status = await plant.sorter.request("status", {})
        assert plant.world.belt.bins[ADULTS] == [BOOK]
        assert status["devices"]["shared"]["code"] == "shared.away"
        told = [What.POINT, What.NETWORK]  # what the plant said of itself when it started
        assert [row.happened.what for row in await shared.rows()] == told
        assert status["shared"] == {"waiting": len(await own(plant)) - len(told)}
        shown: Any = plant.snapshots[-1].screen.body
        assert any(row.id == "device.shared" for row in shown.alarms)
        shared.away = False
        await until_told(plant, shared)
        rows = await own(plant)
        assert [r.seq for r in await shared.rows()] == [r.seq for r in rows]
        await asyncio.sleep(30)
        assert len(await shared.rows()) == len(rows)
        status = await plant.sorter.request("status", {})
        assert status["shared"] == {"waiting": 0}

    play(story)


def test_a_crate_that_was_received_there_while_we_heard_nothing_comes_back_empty() -> None:
    async def story(plant: Plant, shared: Shared) -> None:
        await filled(plant)
        await until_told(plant, shared)
        shared.away = True
        await asyncio.sleep(12)
        await shared.do("Dalum", "K-0001", Do.RECEIVE)
        belt = plant.world.belt
        belt.out.add(ADULTS)
        await plant.until(lambda line: not line.bins["adults"].present)
        belt.out.discard(ADULTS)
        await plant.scan("A-01", "K-0001")
        back = await crate(plant.store, "K-0001")
        assert back is not None
        assert back.items == (BOOK,), "nobody has told us yet that it was emptied there"
        shared.away = False
        await until_told(plant, shared)
        await asyncio.sleep(12)
        for store in (plant.store, shared.store):
            back = await crate(store, "K-0001")
            assert back is not None
            assert (back.state, back.chute) == (CrateState.DOCKED, "A-01")

    play(story)


def test_a_label_that_another_plant_scans_too_is_an_alarm_and_the_bin_takes_nothing_more() -> None:
    async def story(plant: Plant, shared: Shared) -> None:
        await plant.scan("A-01", "K-0001")
        await plant.sorted(BOOK)
        await until_told(plant, shared)

        def there(txn: Txn) -> None:
            one = Happened(
                What.DOCKED, txn.now, "Tarup", crate="K-0001", chute="A-01", bin="x", fresh=True
            )
            records.happen_there(txn.connection, "tarup", one)

        await shared.store.write(there)
        await asyncio.sleep(12)
        assert "adults" not in plant.state.usable
        assert plant.state.bins["adults"].present
        (alarm,) = (one for one in alarms(plant) if one.id == "bin.adults.gone")
        assert CATALOGUE.say(alarm.title, "en", Channel.PAPER) == (
            "K-0001 of A-01 was scanned at Tarup"
        )
        gone = await crate(plant.store, "K-0001")
        assert gone is not None
        assert (gone.branch, gone.items) == ("Tarup", ())
        belt = plant.world.belt
        belt.out.add(ADULTS)
        await plant.until(lambda line: not line.bins["adults"].present)
        belt.out.discard(ADULTS)
        await plant.scan("A-01", "K-0002")
        await asyncio.sleep(1)
        assert "adults" in plant.state.usable
        assert [one for one in alarms(plant) if one.id == "bin.adults.gone"] == []

    play(story)


@pytest.mark.parametrize(
    ("branch", "chute", "place"),
    [("Tarup", "A-01", "Tarup"), ("Borgernes Hus", "B-07", "B-07")],
)
def test_what_was_scanned_elsewhere_is_told_until_it_is_settled_over_every_restart(
    tmp_path: Path, branch: str, chute: str, place: str
) -> None:
    """By another branch, or at a chute of another sorting point of this one."""

    async def lives() -> None:
        world = World(tmp_path / "plant.db")
        world.begin()
        shared = Shared(world)

        async def life() -> Plant:
            plant = Plant(world, station=DALUM, shared=shared)
            await plant.start()
            await plant.ready()
            await asyncio.sleep(1)
            return plant

        def told_of(plant: Plant) -> list[str]:
            gone = (one for one in alarms(plant) if one.id == "bin.adults.gone")
            return [CATALOGUE.say(one.title, "en", Channel.PAPER) for one in gone]

        said = [f"K-0001 of A-01 was scanned at {place}"]
        plant = await life()
        await plant.scan("A-01", "K-0001")
        await until_told(plant, shared)

        def there(txn: Txn) -> None:
            one = Happened(What.DOCKED, txn.now, branch, crate="K-0001", chute=chute, fresh=True)
            records.happen_there(txn.connection, "other", one)

        await shared.store.write(there)
        await asyncio.sleep(12)
        assert told_of(plant) == said
        assert "adults" not in plant.state.usable
        await plant.kill()
        shared.away = True
        plant = await life()
        assert told_of(plant) == said, "also before anybody else is heard"
        shared.away = False

        def back(txn: Txn) -> None:
            one = Happened(What.CLOSED, txn.now, branch, crate="K-0001", chute=chute)
            home = Happened(What.RECEIVED, txn.now, "Borgernes Hus", crate="K-0001")
            records.happen_there(txn.connection, "other", one, home)

        await shared.store.write(back)
        await asyncio.sleep(60)
        await plant.kill()
        plant = await life()
        assert told_of(plant) == said, "that it is here again says nothing of the chute"
        await plant.scan("A-01", "K-0002")
        await asyncio.sleep(1)
        assert told_of(plant) == []
        await plant.kill()
        plant = await life()
        assert told_of(plant) == []
        assert "adults" in plant.state.usable
        await plant.stop()
        await shared.store.close()
        await world.end()

    run(lives())


def alarms(plant: Plant) -> Any:
    body: Any = plant.snapshots[-1].screen.body
    return body.alarms


def test_a_shared_database_put_back_to_an_earlier_day_is_told_again() -> None:
    async def story(plant: Plant, shared: Shared) -> None:
        await filled(plant)
        await until_told(plant, shared)
        rows = await own(plant)
        shared.store = Shared(plant.world).store
        await plant.world.belt.feed("3846646003")
        await plant.empty()
        await until_told(plant, shared)
        assert len(await own(plant)) == len(rows) + 1
        assert [r.seq for r in await shared.rows()] == [r.seq for r in await own(plant)]

    play(story)


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return whole(tmp_path_factory.mktemp("branches") / "whole.db")


def test_every_kind_of_point_is_there(points: list[str]) -> None:
    assert points.count("shared write before") == points.count("shared write after") >= 3
    assert points.count("belt events") >= 8
    assert points.count("store before") >= 30


@pytest.mark.parametrize("group", range(GROUPS))
def test_it_may_die_at_every_point_between_scan_and_telling(
    tmp_path: Path, points: list[str], group: int
) -> None:
    stores = [n for n, point in enumerate(points) if point.startswith("store")][::STORE_STRIDE]
    others = [n for n, point in enumerate(points) if not point.startswith("store")]
    for at in sorted((*stores, *others))[group::GROUPS]:
        try:
            whole(tmp_path / f"{at}.db", (at,))
        except AssertionError as error:
            raise AssertionError(f"died at {at} {points[at]}") from error
