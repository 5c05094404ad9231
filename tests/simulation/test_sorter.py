"""The plant's line over its drivers: each kind of item and each hard case, judged by what lies in the bins."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from config.texts import Channel
from drivers.ports import BeltCommand, Pack, Sign
from drivers.service.view import BeltBody, snapshot_from_json, snapshot_to_json
from drivers.store import debts
from hw_sim.simloop import run
from sorter.belt import records
from sorter.belt.items import Cause
from sorter.belt.line import Stop
from tests.simulation.plant import (
    ACCEPT,
    BLANK,
    BOOK,
    CATALOGUE,
    CHILDREN,
    FILM,
    FOREIGN,
    HELD,
    LOCKED,
    SET,
    UNLENT,
    Plant,
    World,
    play,
)

ADULTS, NONFICTION, CHILD, MEDIA, HOLDS, ILL, OVERFLOW, EXCEPTION = 1, 2, 3, 4, 5, 7, 8, 9


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


async def causes(plant: Plant) -> list[Cause]:
    return [one.cause for one in await plant.store.read(records.exceptions)]


def body(plant: Plant) -> BeltBody:
    shown = plant.snapshots[-1].screen.body
    assert isinstance(shown, BeltBody)
    return shown


def test_books_come_into_their_bins_close_behind_one_another() -> None:
    async def story(plant: Plant) -> None:
        await plant.sorted(BOOK, CHILDREN, HELD, SET)
        bins = plant.world.belt.bins
        assert (bins[ADULTS], bins[CHILD], bins[HOLDS]) == ([BOOK], [CHILDREN], [HELD])
        assert bins[NONFICTION] == [SET]
        everything = (BOOK, CHILDREN, HELD, SET)
        assert await plant.world.asked() == [(item, "done") for item in everything]
        assert all([await plant.world.armed(item) for item in everything])
        await asyncio.sleep(1)
        assert sorted(await plant.world.asked("19")) == [(item, "done") for item in everything]
        properties = (await plant.world.truth())["devices"]["library"]["items"]
        assert properties[BOOK]["properties"] == "adults"
        assert not await plant.store.read(debts.open_debts)

    play(story)


@pytest.mark.parametrize(
    ("things", "cause"),
    [
        ((), Cause.NO_READ),
        ((BLANK,), Cause.NO_READ),
        ((BOOK, CHILDREN), Cause.CONFLICT),
        ((BOOK, BLANK), Cause.CONFLICT),
        ((f"{SET}/1",), Cause.INCOMPLETE),
        ((LOCKED,), Cause.NOT_ARMED),
    ],
)
def test_what_is_not_one_whole_armed_item_goes_to_staff_unasked(
    things: tuple[str, ...], cause: Cause
) -> None:
    async def story(plant: Plant) -> None:
        await plant.sorted()
        await plant.world.belt.feed(*things)
        await plant.empty()
        assert plant.world.belt.bins[EXCEPTION] == list(things)
        assert await causes(plant) == [cause]
        assert await plant.world.asked() == []
        owed = [debt.item for debt in await plant.store.read(debts.open_debts)]
        assert owed == ([LOCKED] if cause is Cause.NOT_ARMED else [])

    play(story)


def test_two_with_too_short_a_gap_go_to_staff() -> None:
    async def story(plant: Plant) -> None:
        await plant.world.belt.feed(BOOK, gap=20)
        await plant.empty()
        assert plant.world.belt.bins[EXCEPTION] == [BOOK]
        assert (await causes(plant), await plant.world.asked()) == ([Cause.GAP], [])

    play(story)


def test_an_item_of_another_library_goes_to_interlibrary_loans() -> None:
    async def story(plant: Plant) -> None:
        await plant.sorted(FOREIGN)
        assert plant.world.belt.bins[ILL] == [FOREIGN]

    play(story)


def test_what_the_library_system_refuses_goes_to_staff() -> None:
    async def story(plant: Plant) -> None:
        await plant.sorted(UNLENT)
        assert plant.world.belt.bins[EXCEPTION] == [UNLENT]
        assert await causes(plant) == [Cause.REFUSED]
        assert await plant.world.armed(UNLENT)

    play(story)


def test_a_late_answer_finds_its_item_at_staff_and_is_shown_there() -> None:
    async def story(plant: Plant) -> None:
        await plant.world.fault("library", "answer_late", seconds=3.2, only=["09"], count=1)
        await plant.sorted(HELD)
        await plant.at_rest()
        await asyncio.sleep(0.5)
        assert plant.world.belt.bins[EXCEPTION] == [HELD]
        assert [o for _, o in await plant.world.asked()].count("done") == 1
        (row,) = body(plant).exceptions
        said = [CATALOGUE.say(w, "en", Channel.PAPER) for w in (row.state, row.detail) if w]
        assert said == [
            "The answer came too late",
            "Returned. Reserved, goes to the hold shelf",
        ]
        await plant.press(f"seen.{row.id}")
        await asyncio.sleep(0.5)
        assert body(plant).exceptions == ()

    play(story)


@pytest.mark.parametrize("fault", ["drop_after_commit", "drop_before_commit", "silent"])
def test_an_answer_that_never_came_is_asked_about_and_nothing_is_done_twice(fault: str) -> None:
    async def story(plant: Plant) -> None:
        await plant.world.fault("library", fault, only=["09"], count=2)
        await plant.sorted(BOOK)
        await plant.at_rest()
        bins = plant.world.belt.bins
        assert BOOK in bins[ADULTS] + bins[EXCEPTION]
        done = [outcome for _, outcome in await plant.world.asked() if outcome == "done"]
        assert (done, BOOK in await plant.world.loans()) == (["done"], False)
        answer = await plant.store.read(lambda txn: records.answer_of(txn, 1))
        assert answer is not None
        assert answer.ok

    play(story)


def test_without_the_library_system_the_inlet_shuts_and_what_is_on_the_belt_is_told_later() -> None:
    async def story(plant: Plant) -> None:
        await plant.world.belt.feed(BOOK)
        await plant.world.stage.do("unplug", {"device": "library"})
        await plant.until(lambda line: Stop.LIBRARY in line.stops)
        await plant.empty()
        assert BOOK in await plant.world.loans()
        await plant.world.stage.do("plug", {"device": "library"})
        await plant.until(lambda line: line.induct, 120)
        await plant.at_rest()
        assert await plant.world.asked() == [(BOOK, "done")]

    play(story)


def test_a_plant_that_accepts_sorts_into_overflow_and_checks_in_later_with_its_own_date() -> None:
    async def story(plant: Plant) -> None:
        await plant.world.stage.do("unplug", {"device": "library"})
        await plant.until(lambda line: line.library.value == "offline")
        await plant.sorted(BOOK, HELD)
        assert plant.world.belt.bins[OVERFLOW] == [BOOK, HELD]
        assert await plant.world.asked() == []
        fed = plant.world.stage.world.now()
        await asyncio.sleep(600)
        assert len(body(plant).alarms) >= 1
        await plant.world.stage.do("plug", {"device": "library"})
        await plant.at_rest()
        library = (await plant.world.truth())["devices"]["library"]
        told = [a for a in library["asked"] if a["message"] == "09"]
        assert [(a["item"], a["outcome"], a["no_block"]) for a in told] == [
            (BOOK, "done", True),
            (HELD, "done", True),
        ]
        assert all(a["occurred"] <= fed.isoformat() for a in told)

    play(story, station=ACCEPT)


def test_a_full_bin_gives_way_and_a_full_last_bin_holds_the_belt() -> None:
    async def story(plant: Plant) -> None:
        belt = plant.world.belt
        belt.full.add(ADULTS)
        await asyncio.sleep(0.2)
        await plant.sorted(BOOK)
        assert belt.bins[OVERFLOW] == [BOOK]
        belt.full.add(EXCEPTION)
        await plant.until(lambda line: Stop.BINS in line.stops)
        belt.full.discard(EXCEPTION)
        await plant.ready()
        feeding = asyncio.create_task(belt.feed(UNLENT))
        await plant.until(lambda line: bool(line.items))
        belt.full |= {OVERFLOW, EXCEPTION}
        await plant.until(lambda _: (BeltCommand.HOLD, ()) in belt.commands)
        belt.full.clear()
        await plant.until(lambda line: line.belt is not None and line.belt.state is Pack.HELD)
        await plant.press("belt.unhold")
        await feeding
        await plant.empty()
        assert belt.bins[EXCEPTION] == [UNLENT]

    play(story)


def test_a_bin_that_was_lifted_out_waits_for_its_new_crate_also_over_a_restart(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        world = World(tmp_path / "plant.db")
        world.begin()
        first = Plant(world)
        await first.start()
        await first.ready()
        await first.sorted(BOOK)
        world.belt.out.add(ADULTS)
        await first.until(lambda line: not line.bins["adults"].present)
        world.belt.out.discard(ADULTS)
        await asyncio.sleep(0.5)
        await first.stop()
        again = Plant(world)
        await again.start()
        await again.ready()
        use = again.state.bins["adults"]
        assert (use.usable, use.count) == (False, 1)
        await again.press("bin.adults")
        use = again.state.bins["adults"]
        assert (use.usable, use.count) == (True, 0)
        assert (BeltCommand.BIN_DOCKED, (ADULTS,)) in world.belt.commands
        await again.stop()
        third = Plant(world)
        await third.start()
        await third.ready()
        assert third.state.bins["adults"].count == 0
        await third.stop()
        await world.end()

    run(story())


def test_the_inlet_shuts_soon_after_the_link_is_lost_and_nothing_is_lost_with_it() -> None:
    async def story(plant: Plant) -> None:
        belt = plant.world.belt
        await belt.feed(BOOK)
        belt.broken = True
        scans = len(belt.opened)
        await plant.until(lambda line: not line.induct, 1.2)
        await asyncio.sleep(2.5)
        assert sum(belt.opened[scans:]) <= 120
        belt.broken = False
        await plant.ready()
        await plant.empty()
        await plant.sorted(CHILDREN)
        assert sorted(i for b in belt.bins.values() for i in b) == [BOOK, CHILDREN]
        assert belt.bins[CHILD] == [CHILDREN]
        assert plant.state.counts.inducted == 2

    play(story)


def test_a_controller_that_starts_anew_leaves_its_items_to_be_fed_again() -> None:
    async def story(plant: Plant) -> None:
        belt = plant.world.belt
        await belt.feed(BOOK)
        belt.restart()
        await plant.until(lambda line: not line.items)
        await asyncio.sleep(0.3)
        assert await causes(plant) == [Cause.RESTART]
        await plant.ready()
        await plant.sorted(BOOK)
        assert BOOK in belt.bins[ADULTS]

    play(story)


@pytest.mark.parametrize("after", [0.2, 0.9, 1.4, 1.9, 2.2, 2.6, 3.2])
def test_a_controller_that_runs_on_gets_its_items_back(tmp_path: Path, after: float) -> None:
    async def story() -> None:
        world = World(tmp_path / "plant.db")
        world.begin()
        first = Plant(world)
        await first.start()
        await first.ready()
        await world.belt.feed(BOOK)
        await asyncio.sleep(max(0.0, after - 0.72))
        await first.kill()
        again = Plant(world)
        await again.start()
        await again.empty()
        await again.ready()
        await again.at_rest()
        await again.sorted(FILM)
        assert world.belt.bins[MEDIA] == [FILM]
        done = [item for item, outcome in await world.asked() if outcome == "done"]
        lies = next(n for n, items in world.belt.bins.items() if BOOK in items)
        assert lies in {ADULTS, OVERFLOW, EXCEPTION}
        assert done.count(BOOK) == (0 if BOOK in await world.loans() else 1)
        if lies == ADULTS:
            assert BOOK in done
        await again.stop()
        await world.end()

    run(story())


def test_a_missed_divert_is_told_with_the_bin_it_fell_into() -> None:
    async def story(plant: Plant) -> None:
        plant.world.belt.stuck.add(ADULTS)
        await plant.sorted(BOOK)
        await asyncio.sleep(1)
        assert plant.world.belt.bins[EXCEPTION] == [BOOK]
        assert await causes(plant) == [Cause.MISSED]
        items = (await plant.world.truth())["devices"]["library"]["items"]
        assert items[BOOK]["properties"] == "exception"

    play(story)


def test_after_an_emergency_stop_the_belt_is_not_believed_until_it_is_empty() -> None:
    async def story(plant: Plant) -> None:
        belt = plant.world.belt
        await belt.feed(BOOK)
        belt.signs = {Sign.E_STOP}
        await plant.until(lambda line: line.doubted)
        await asyncio.sleep(0.3)
        assert {row.id for row in body(plant).alarms} >= {"alarm.1", "doubted"}
        belt.signs = {Sign.SAFETY_CLOSED}
        await plant.press("emptied")
        assert not plant.state.doubted
        assert await causes(plant) == [Cause.REMOVED]

    play(story)


def test_the_panel_is_data_that_goes_through_the_door() -> None:
    async def story(plant: Plant) -> None:
        await plant.world.belt.feed(BOOK)
        await asyncio.sleep(0.3)
        seen = plant.snapshots[-1]
        assert snapshot_from_json(snapshot_to_json(seen)) == seen
        (item,) = body(plant).items
        assert 300 < item.front_mm < 1000
        assert (body(plant).state_number, body(plant).inlet_open) == (6, True)
        status = await plant.sorter.request("status", {})
        assert status["belt"]["items"] == 1
        await plant.empty()

    play(story)
