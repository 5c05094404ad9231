"""Slips at the bins, judged by the paper that hangs out of the simulated printer."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from config.texts import text
from drivers.errors import DeviceRefused
from drivers.ports import Store, Txn
from drivers.store import journal
from hw_sim.simloop import run
from sorter.slips.records import owed
from tests.simulation.plant import BOOK, CATALOGUE, HELD, SLIPS, UNLENT, Plant, World, play

T = TypeVar("T")
Story = Callable[[Plant], Awaitable[None]]

NAMES = ("Karen Testesen", "1234567890", "3002991234")
"""The borrower of the scenario: name, card, CPR number."""


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


async def jobs(plant: Plant) -> list[list[str]]:
    """The words of each slip that came out, without blank lines."""
    printed = (await plant.world.truth())["devices"]["printer"]["jobs"]
    return [[line.strip() for line in job["texts"] if line.strip()] for job in printed]


async def outcomes(plant: Plant) -> list[tuple[Any, Any]]:
    rows = await plant.store.read(lambda txn: journal.rows(txn, kind="item.slip"))
    return [(row.payload["form"], row.payload["outcome"]) for row in rows]


def alarms(plant: Plant) -> dict[str, Any]:
    body: Any = plant.snapshots[-1].screen.body
    return {row.id: row for row in body.alarms}


def test_an_item_that_is_reserved_gets_its_slip_when_it_lies_in_its_bin() -> None:
    async def story(plant: Plant) -> None:
        await plant.world.belt.feed(HELD)
        await plant.until(lambda line: any(i.decision for i in line.items.values()))
        assert await jobs(plant) == [], "not before it lies there"
        await plant.empty()
        await asyncio.sleep(3)
        (slip,) = await jobs(plant)
        assert slip[0] == "Reserveret"
        assert f"Materiale {HELD}" in slip
        assert slip[-1].startswith("Borgernes Hus 03.11.2026")
        assert await outcomes(plant) == [("hold", "printed")]

    play(story, station=SLIPS)


def test_what_the_library_system_refused_says_why_and_what_to_do() -> None:
    async def story(plant: Plant) -> None:
        await plant.sorted(UNLENT, BOOK)
        await asyncio.sleep(3)
        (slip,) = await jobs(plant)
        said = " ".join(slip)
        assert slip[0] == "Til personalet"
        assert f"Materiale {UNLENT}" in said
        assert CATALOGUE.say(text("sorter.cause.refused"), "da")[:20] in said

    play(story, station=SLIPS)


def test_nobodys_name_or_number_is_on_a_slip_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    database = tmp_path / "plant.db"

    async def story(plant: Plant) -> None:
        await plant.sorted(HELD, UNLENT)
        await asyncio.sleep(3)
        said = " ".join(line for slip in await jobs(plant) for line in slip)
        assert "Reserveret" in said
        assert not [name for name in NAMES if name in said]

    play(story, station=SLIPS, database=database)
    kept = b"".join(file.read_bytes() for file in sorted(tmp_path.glob("plant.db*")))
    assert b"Reserveret" not in kept
    assert not [name for name in NAMES if name.encode() in kept]


def test_a_slip_that_did_not_come_out_is_told_and_printed_when_there_is_paper() -> None:
    async def story(plant: Plant) -> None:
        await plant.world.fault("printer", "paper_end")
        await asyncio.sleep(1)
        await plant.sorted(HELD)
        await asyncio.sleep(10)
        assert plant.world.belt.bins[5] == [HELD], "the item goes its way all the same"
        assert await jobs(plant) == []
        told = alarms(plant)["slips"]
        assert [action.id for action in told.actions] == ["slips"]
        await plant.world.stage.do("clear", {"device": "printer", "verb": "paper_end"})
        await asyncio.sleep(2)
        await plant.press("slips")
        await asyncio.sleep(3)
        (slip,) = await jobs(plant)
        assert slip[0] == "Reserveret"
        assert "slips" not in alarms(plant)
        with pytest.raises(DeviceRefused):
            await plant.press("slips")
        assert len(await jobs(plant)) == 1, "what came out is not printed twice"

    play(story, station=SLIPS)


class Cut:
    """`Store` in front of another: dead after the first write that `so` finds true; it neither writes nor fails then."""

    def __init__(self, store: Store, so: Callable[[Txn], bool]) -> None:
        self._store, self._so = store, so
        self.dead = asyncio.Event()

    async def write(self, unit: Callable[[Txn], T]) -> T:
        if self.dead.is_set():
            await asyncio.get_running_loop().create_future()

        def written(txn: Txn) -> tuple[T, bool]:
            return unit(txn), self._so(txn)

        value, so = await self._store.write(written)
        if so:
            self.dead.set()
            await asyncio.get_running_loop().create_future()
        return value

    async def read(self, unit: Callable[[Txn], T]) -> T:
        return await self._store.read(unit)

    async def close(self) -> None:
        await self._store.close()


def promised(txn: Txn) -> bool:
    """The item's end stands, and nothing has gone to the printer."""
    return any(not begun for _, begun in owed(txn))


def begun(txn: Txn) -> bool:
    """It stands that the slip goes to the printer, and it has not gone."""
    return any(begun for _, begun in owed(txn))


def died(tmp_path: Path, so: Callable[[Txn], bool], story: Story) -> None:
    """One reserved item, dead at that write, and another life of the program."""

    async def whole() -> None:
        world = World(tmp_path / "plant.db")
        world.begin()
        cuts: list[Cut] = []

        def through(store: Store) -> Store:
            cuts.append(Cut(store, so))
            return cuts[-1]

        first = Plant(world, station=SLIPS, through=through)
        await first.start()
        await first.ready()
        await world.belt.feed(HELD)
        async with asyncio.timeout(30):
            await cuts[0].dead.wait()
        await first.kill()
        assert await jobs(first) == []
        again = Plant(world, station=SLIPS)
        await again.start()
        await again.ready()
        await asyncio.sleep(5)
        try:
            await story(again)
            assert await again.store.read(owed) == (), "nothing of it is kept"
        finally:
            await again.stop()
            await world.end()

    run(whole())


def test_a_slip_that_was_promised_when_the_program_died_is_printed_by_the_next(
    tmp_path: Path,
) -> None:
    async def story(plant: Plant) -> None:
        (slip,) = await jobs(plant)
        assert slip[0] == "Reserveret"
        assert f"Materiale {HELD}" in slip
        assert "slips" not in alarms(plant)
        assert await outcomes(plant) == [("hold", "printed")]

    died(tmp_path, promised, story)


def test_a_slip_that_may_have_come_out_is_asked_about_and_not_printed_twice_by_itself(
    tmp_path: Path,
) -> None:
    async def story(plant: Plant) -> None:
        assert await jobs(plant) == []
        assert "slips" in alarms(plant)
        await plant.press("slips")
        await asyncio.sleep(3)
        (slip,) = await jobs(plant)
        assert slip[0] == "Reserveret"
        assert "slips" not in alarms(plant)

    died(tmp_path, begun, story)


def test_a_slip_that_waits_for_paper_waits_over_a_restart(tmp_path: Path) -> None:
    async def whole() -> None:
        world = World(tmp_path / "plant.db")
        world.begin()
        first = Plant(world, station=SLIPS)
        await first.start()
        await first.ready()
        await world.fault("printer", "paper_end")
        await asyncio.sleep(1)
        await first.sorted(HELD)
        await asyncio.sleep(10)
        await first.stop()
        again = Plant(world, station=SLIPS)
        await again.start()
        await again.ready()
        await asyncio.sleep(5)
        assert "slips" in alarms(again)
        await world.stage.do("clear", {"device": "printer", "verb": "paper_end"})
        await asyncio.sleep(2)
        await again.press("slips")
        await asyncio.sleep(3)
        (slip,) = await jobs(again)
        assert slip[0] == "Reserveret"
        await again.stop()
        await world.end()

    run(whole())
