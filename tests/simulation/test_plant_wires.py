"""Each fault of the belt's wire, the tunnel's and the library system by its name, with every driver and wire in play.

A clock that jumps, a controller that stands still or lies, and a plan that is edited while items are on the belt.
"""

import asyncio
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from drivers.ports import Pack
from drivers.runtime.clock import LoopClock
from hw_sim.devices.belt_ring import Type
from hw_sim.simloop import run
from tests.simulation.mornings import Operator
from tests.simulation.plant import BOOK, CHILDREN, STATION, Plant, World
from tests.simulation.plant_truth import Verdict, believed, judge
from tests.simulation.whole_plant import WholePlant, play

ITEMS = 4
WIRE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("drop_reply", {"count": 4}),
    ("drop_request", {"count": 4}),
    ("corrupt", {"count": 4}),
    ("corrupt_request", {"count": 4}),
    ("half_frame", {"count": 3}),
    ("garbage", {"size": 40, "count": 3}),
    ("garbage", {"size": 9, "now": True}),
    ("duplicate", {"count": 6}),
    ("delay", {"seconds": 0.35, "count": 2}),
    ("busy_s", {"seconds": 0.35, "count": 3}),
    ("exception", {"count": 3}),
    ("other_unit", {"count": 3}),
    ("hang_up", {}),
)
TUNNEL: tuple[tuple[str, dict[str, Any]], ...] = (
    ("drop_reply", {"count": 3}),
    ("corrupt", {"count": 3}),
    ("half_frame", {"count": 2}),
    ("duplicate", {"count": 3}),
    ("hang_up", {}),
)
LIBRARY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("answer_late", {"only": ["09"], "seconds": 3.0, "count": 2}),
    ("silent", {"only": ["09"], "count": 1}),
    ("silent", {"only": ["09"], "count": 1, "work": False}),
    ("drop_before_commit", {"only": ["09"], "count": 2}),
    ("drop_after_commit", {"only": ["09"], "count": 2}),
    ("close_mid_answer", {"only": ["09"], "count": 2}),
    ("bad_checksum", {"only": ["09"], "count": 2}),
    ("wrong_ay", {"only": ["09"], "count": 2}),
    ("other_item", {"only": ["09"], "count": 2}),
    ("other_encoding", {"only": ["09"], "count": 2}),
    ("slow_trickle", {"only": ["09"], "count": 2, "ms": 20}),
    ("storm_96", {"only": ["09"], "count": 1}),
    ("duplicate", {"count": 3}),
    ("garbage", {"size": 60, "count": 2}),
    ("corrupt", {"count": 2}),
    ("hang_up", {}),
)


def name_of(fault: tuple[str, dict[str, Any]]) -> str:
    verb, args = fault
    return "-".join((verb, *(f"{k}{v}" for k, v in args.items() if k not in {"only", "count"})))


@pytest.fixture(autouse=True)
def trouble(heard: Any) -> None:
    heard.expect(
        "library.line.dropped",
        "service.down",
        "belt.lost",
        "belt.drained",
        "reader.lost",
        "reader.resynchronised",
        "library.answer.stale",
        "library.resynchronised",
    )


async def sorted_with(plant: WholePlant, device: str, verb: str, args: dict[str, Any]) -> Verdict:
    """Feed some items; after the first the fault strikes. Everything comes to rest, and the world is asked."""
    await asyncio.sleep(2)
    await plant.run_up()
    operator = Operator(plant)
    for n in range(ITEMS):
        await plant.stage.do("feed", {"count": 1})
        await asyncio.sleep(1)
        if n == 0:
            await plant.stage.do("fault", {"device": device, "verb": verb, "args": args})
        await operator.look()
    hands = plant.stage.plant
    assert hands is not None
    for _ in range(120):
        await asyncio.sleep(1)
        await operator.look()
        if not (plant.state.items or hands.plant.things or hands.plant.inlet):
            break
    await plant.at_rest()
    return await verdict_of(plant)


async def verdict_of(plant: WholePlant) -> Verdict:
    truth = await plant.truth()
    rows = {row["id"]: row for row in plant.scenario.data["items"]}
    for item, bin in (await plant.store.read(believed)).items():
        place = truth["devices"]["belt"]["items"][item]
        if place["where"] == "bin":
            assert place["bin"] == bin, f"{item} lies in {place['bin']}, believed in {bin}"
    assert plant.state.conserved
    return judge(truth, rows)


def right(found: Verdict) -> bool:
    assert (found.missorted, found.lost, found.doubled) == ((), (), ())
    return found.right + found.staff + found.elsewhere == ITEMS


def judged(device: str, fault: tuple[str, dict[str, Any]]) -> Verdict:
    found: list[Verdict] = []

    async def story(plant: WholePlant) -> None:
        found.append(await sorted_with(plant, device, *fault))

    play(story)
    return found[0]


@pytest.mark.parametrize("fault", WIRE, ids=name_of)
def test_a_fault_of_the_belts_wire_mis_sorts_nothing(fault: tuple[str, dict[str, Any]]) -> None:
    assert right(judged("belt", fault))


@pytest.mark.parametrize("fault", TUNNEL, ids=name_of)
def test_a_fault_of_the_readers_wire_mis_sorts_nothing(fault: tuple[str, dict[str, Any]]) -> None:
    assert right(judged("tunnel", fault))


@pytest.mark.parametrize("fault", LIBRARY, ids=name_of)
def test_whatever_the_library_system_does_nothing_is_mis_sorted_lost_or_doubled(
    fault: tuple[str, dict[str, Any]],
) -> None:
    assert right(judged("library", fault))


@pytest.mark.parametrize("hours", [-30, -1, 1, 3000])
def test_a_clock_that_jumps_moves_no_item(hours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    jumped: list[timedelta] = []
    now = LoopClock.now
    monkeypatch.setattr(
        LoopClock, "now", lambda clock: now(clock) + (jumped[0] if jumped else timedelta())
    )

    async def story(plant: WholePlant) -> None:
        await asyncio.sleep(2)
        await plant.run_up()
        await plant.stage.do("feed", {"count": ITEMS})
        await plant.until(lambda line: len(line.items) >= 2)
        jumped.append(timedelta(hours=hours))
        await plant.at_rest()
        assert right(await verdict_of(plant))

    play(story)


@pytest.mark.parametrize("verb", ["scan_pause", "plc_restart"])
def test_a_controller_that_stands_still_or_starts_anew_at_any_moment(verb: str) -> None:
    async def story(plant: WholePlant) -> None:
        await asyncio.sleep(2)
        operator = Operator(plant)
        for n in range(ITEMS):
            await plant.run_up()
            await plant.stage.do("feed", {"count": 1})
            await asyncio.sleep(0.4 + 0.9 * n)
            args = {"seconds": 1.6} if verb == "scan_pause" else {}
            await plant.stage.do("fault", {"device": "belt", "verb": verb, "args": args})
            await asyncio.sleep(4)
            if verb == "plc_restart":
                await plant.stage.do("empty_belt", {})
            await operator.look()
        await plant.run_up()
        await plant.at_rest()
        found = await verdict_of(plant)
        assert (found.missorted, found.lost, found.doubled) == ((), (), ())

    play(story)


def test_a_controller_that_lies_about_an_item_that_it_does_not_have_is_not_believed() -> None:
    async def story(plant: WholePlant) -> None:
        await asyncio.sleep(2)
        await plant.run_up()
        hands = plant.stage.plant
        assert hands is not None
        for lie in (Type.CONFIRMED, Type.LOST, Type.LATE, Type.MISSED, Type.LEFT_READER):
            hands.plc.say(lie, 3, 4711, 3, 1)
        await plant.stage.do("feed", {"count": ITEMS})
        await plant.at_rest()
        assert plant.state.counts.inducted == ITEMS
        assert plant.is_in(Pack.EXECUTE)
        assert right(await verdict_of(plant))

    play(story)


def test_a_plan_that_was_edited_takes_up_what_lies_on_the_belt_at_the_next_start(
    tmp_path: Path,
) -> None:
    edited = tmp_path / "plan.toml"
    words = files("config").joinpath("plans/odense.toml").read_text(encoding="utf-8")
    edited.write_text(words.replace("adults", "voksne").replace("children", "boern"), "utf-8")

    async def story() -> None:
        world = World(tmp_path / "plant.db")
        world.begin()
        first = Plant(world)
        await first.start()
        await first.ready()
        await world.belt.feed(BOOK)
        await first.until(lambda line: any(item.decision for item in line.items.values()))
        await asyncio.sleep(0.3)
        await first.kill()
        again = Plant(world, station=STATION.replace('plan = "odense"', f'plan = "{edited}"'))
        await again.start()
        await again.empty()
        await again.ready()
        await again.sorted(CHILDREN)
        await again.at_rest()
        assert world.belt.bins[1] == [BOOK]
        assert world.belt.bins[3] == [CHILDREN]
        assert again.state.bins["voksne"].count == 1
        assert "adults" not in again.state.bins
        assert again.state.conserved
        await again.stop()
        await world.end()

    run(story())
