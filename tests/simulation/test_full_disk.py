"""The plant's disk is full: what a person asks for is done soon or never, and what makes the belt stand is done at once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest
from typing_extensions import override

from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Online, Pack, Store, Txn
from drivers.store import journal
from hw_sim.simloop import run
from sorter.belt.line import BinUse
from tests.simulation import plant as crates
from tests.simulation.test_panel_told import body, notice
from tests.simulation.test_store_in_trouble import Disk
from tests.simulation.whole_plant import WholePlant, play

T = TypeVar("T")
LONG = 90.0
SOON = 3.0


def with_disk(story: Callable[[WholePlant, Disk], Coroutine[Any, Any, None]]) -> None:
    disks: list[Disk] = []

    def through(store: Store) -> Store:
        disks.append(Disk(store))
        return disks[-1]

    async def whole(plant: WholePlant) -> None:
        await story(plant, disks[0])

    play(whole, through=through)


def at_bins(story: Callable[[crates.Plant, Disk], Coroutine[Any, Any, None]]) -> None:
    """A plant whose bins have labels, and one whose disk can fill up."""
    disks: list[Disk] = []

    def through(store: Store) -> Store:
        disks.append(Disk(store))
        return disks[-1]

    async def whole() -> None:
        world = crates.World()
        world.begin()
        plant = crates.Plant(world, station=crates.CRATES, through=through)
        await plant.start()
        try:
            await plant.until(lambda line: line.link)
            await story(plant, disks[0])
        finally:
            await plant.stop()
            await world.end()

    run(whole())


async def told(store: Store) -> list[str]:
    """Commands that the belt was told, as they are written down."""
    rows = await store.read(lambda txn: list(journal.rows(txn)))
    return [str(row.payload["command"]) for row in rows if row.kind == "belt.told"]


@pytest.mark.parametrize("action", ["belt.reset", "belt.start"])
def test_a_command_that_sets_the_belt_going_is_refused_and_not_carried_out_later(
    action: str,
) -> None:
    async def story(plant: WholePlant, disk: Disk) -> None:
        await plant.until(lambda _line: plant.is_in(Pack.STOPPED))
        if action == "belt.start":
            await plant.press("belt.reset")
            await plant.until(lambda _line: plant.is_in(Pack.IDLE))
        before = plant.state.belt
        assert before is not None
        disk.full = True
        for _ in range(2):  # the second finds the disk known to be full
            await plant.press(action)
            await asyncio.sleep(SOON)
            assert notice(plant) == "sorter.no.unsaved"
            assert plant.state.wanted is None
        await asyncio.sleep(LONG)
        assert notice(plant) == "", "who comes now did not press it"
        disk.full = False
        await asyncio.sleep(60)
        assert plant.is_in(before.state)
        assert action not in {f"belt.{name}" for name in (await told(plant.store))[-1:]}
        assert "store" not in {row.id for row in body(plant).alarms}
        await plant.press(action)
        await plant.until(lambda _line: not plant.is_in(before.state))

    with_disk(story)


def test_a_command_whose_row_took_the_disk_long_is_not_given_any_more() -> None:
    class Slow(Disk):
        slow = False

        @override
        async def write(self, unit: Callable[[Txn], T]) -> T:
            value = await super().write(unit)
            await asyncio.sleep(5.0 if self.slow else 0.0)
            return value

    disk: list[Slow] = []

    def through(store: Store) -> Store:
        disk.append(Slow(store))
        return disk[-1]

    async def story(plant: WholePlant) -> None:
        await plant.until(lambda _line: plant.is_in(Pack.STOPPED))
        disk[0].slow = True
        await plant.press("belt.reset")
        await asyncio.sleep(30)
        assert plant.is_in(Pack.STOPPED)
        assert notice(plant) == "sorter.no.unsaved"
        disk[0].slow = False
        await plant.press("belt.reset")
        await plant.until(lambda _line: plant.is_in(Pack.IDLE))

    play(story, through=through)


@pytest.mark.parametrize(
    ("action", "ends"), [("belt.stop", Pack.STOPPED), ("belt.hold", Pack.HELD)]
)
def test_what_makes_the_belt_stand_waits_for_no_disk(action: str, ends: Pack) -> None:
    async def story(plant: WholePlant, disk: Disk) -> None:
        await plant.run_up()
        disk.full = True
        await plant.press(action)
        await plant.until(lambda _line: plant.is_in(ends), 10)
        assert notice(plant) == ""
        disk.full = False
        await asyncio.sleep(20)
        assert f"belt.{(await told(plant.store))[-1]}" == action

    with_disk(story)


def test_the_line_waits_for_the_library_by_itself_and_goes_on_when_it_can_be_written_down(
    heard: Any,
) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(plant: WholePlant, disk: Disk) -> None:
        await plant.run_up()
        disk.full = True
        await plant.stage.do("unplug", {"device": "library"})
        await plant.until(lambda _line: plant.is_in(Pack.SUSPENDED), 60)
        await plant.stage.do("plug", {"device": "library"})
        await plant.until(lambda line: line.library is Online.ONLINE, 120)
        await asyncio.sleep(60)
        assert plant.is_in(Pack.SUSPENDED)
        assert notice(plant) == "", "nobody pressed anything"
        disk.full = False
        await plant.until(lambda _line: plant.is_in(Pack.EXECUTE), 30)

    with_disk(story)


def test_a_press_that_writes_ends_with_an_error_and_is_not_done_later() -> None:
    async def story(plant: crates.Plant, disk: Disk) -> None:
        await plant.until(lambda line: line.induct)
        await plant.sorted(crates.BLANK)
        await asyncio.sleep(1)
        (row,) = body(plant).exceptions
        disk.full = True
        for _ in range(9):
            async with asyncio.timeout(SOON):
                with pytest.raises(DeviceUnavailable) as refused:
                    await plant.press(f"seen.{row.id}")
            assert refused.value.code is Code.STORE_FULL
        disk.full = False
        await asyncio.sleep(60)
        assert [one.id for one in body(plant).exceptions] == [row.id]
        await plant.press(f"seen.{row.id}")
        await asyncio.sleep(2)
        assert body(plant).exceptions == ()

    at_bins(story)


def test_a_scan_at_a_bin_is_refused_and_no_crate_is_docked_later() -> None:
    def waits(use: BinUse) -> bool:
        return not use.enabled

    async def story(plant: crates.Plant, disk: Disk) -> None:
        assert waits(plant.state.bins["adults"])
        disk.full = True
        await plant.scan("A-01")
        await asyncio.sleep(SOON)
        assert notice(plant) == "sorter.no.unsaved"
        await plant.scan("K-0001")
        await asyncio.sleep(SOON)
        disk.full = False
        await asyncio.sleep(30)
        assert waits(plant.state.bins["adults"])
        await plant.scan("A-01", "K-0001")
        assert not waits(plant.state.bins["adults"])

    at_bins(story)
