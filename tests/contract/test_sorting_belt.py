"""The SortingBelt port: the shipping driver and the simulated controller, with and without a wire between them.

What became of each item is asked of the plant, never of the controller or the driver.
"""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.ports import (
    BIN_ZONE,
    AlarmChange,
    BeltAlarm,
    BeltCommand,
    CommandResult,
    Happening,
    Pack,
    Sign,
)
from hw_sim.wire import Line
from tests.conftest import Heard
from tests.contract.belt_bench import Host, Scene, in_process, on_a_wire, over_a_pty

Play = Callable[..., None]


@pytest.fixture(params=[in_process, on_a_wire], ids=["in process", "driver on a wire"])
def play(request: pytest.FixtureRequest) -> Play:
    found: Play = request.param
    return found


def where_it_went(host: Host) -> dict[str, int]:
    """Bin of each item by the plant's own word."""
    return {thing.name: thing.bin for thing in host.plant.ended.values()}


def in_order(names: list[str], bins: int = 9) -> dict[str, int]:
    """What `Host.wanted` makes of items that were fed in this order."""
    return {name: n % bins + 1 for n, name in enumerate(names)}


async def sorts_twenty(host: Host) -> None:
    await host.start()
    names = host.feed(20)
    state = await host.rest()
    assert where_it_went(host) == in_order(names)
    told = {one.item: one.a for one in host.kinds(Happening.CONFIRMED)}
    assert told == {n + 1: bin for n, bin in enumerate(in_order(names).values())}
    assert state.items == 0
    host.conserved(state)


def test_each_item_goes_where_it_was_sent(play: Play) -> None:
    play(sorts_twenty)


def test_each_item_goes_where_it_was_sent_at_the_slowest_line() -> None:
    on_a_wire(sorts_twenty, baud=19200)


def test_the_belt_says_how_it_is_built(play: Play) -> None:
    async def scene(host: Host) -> None:
        lay, info = host.plant.layout, host.info
        assert info.diverts == tuple(2400 + 600 * n for n in range(9))
        assert (info.zones, info.depth, info.boot_id, info.scan_ms) == (11, 64, 1, 10)
        assert (info.reader_start, info.reader_end) == (450, 750)
        assert info.decision_point == lay.decision_point < 2400
        assert (info.pulses_a_metre, info.nominal_mm_s) == (2000, 500)

    play(scene)


def test_a_line_without_destinations_ends_in_the_default_bin(play: Play) -> None:
    async def scene(host: Host) -> None:
        host.wanted = lambda _tid: None
        await host.start()
        await host.sort(4)
        assert set(where_it_went(host).values()) == {9}
        assert len(host.kinds(Happening.LATE)) == 4

    play(scene)


def test_a_full_bin_is_passed_by_for_the_alternate(play: Play) -> None:
    async def scene(host: Host) -> None:
        host.wanted = lambda _tid: (2, 6)
        await host.start()
        host.plant.fault("false_full", {"bin": 2})
        await host.until(lambda s: s.bins[1].full)
        await host.sort(3)
        assert set(where_it_went(host).values()) == {6}
        assert [one.a for one in host.kinds(Happening.CONFIRMED)] == [6, 6, 6]

    play(scene)


def test_a_plough_that_does_not_move_is_told_as_missed(play: Play) -> None:
    async def scene(host: Host) -> None:
        host.wanted = lambda _tid: (3, 0)
        await host.start()
        host.plant.fault("missed_divert", {"bin": 3})
        await host.sort(2)
        assert [(one.a, one.b) for one in host.kinds(Happening.MISSED)] == [(3, 9)]
        assert sorted(where_it_went(host).values()) == [3, 9]

    play(scene)


def test_a_jam_aborts_and_execute_is_reached_again_by_commands(play: Play) -> None:
    async def scene(host: Host) -> None:
        await host.start()
        host.plant.fault("jam", {"zone": 2})
        host.feed(3)
        await host.until(lambda s: s.state is Pack.ABORTED)
        assert [one.zone for one in host.kinds(Happening.JAM)] == [2 + BIN_ZONE]
        assert await host.told(BeltCommand.START) is CommandResult.WRONG_STATE
        host.plant.clear("jam")
        assert await host.told(BeltCommand.CLEAR) is CommandResult.OK
        await host.until(lambda s: s.state is Pack.STOPPED)
        await host.start()
        state = await host.rest()
        host.conserved(state)

    play(scene)


def test_a_silent_host_suspends_the_belt_and_its_voice_brings_it_back(play: Play) -> None:
    async def scene(host: Host) -> None:
        await host.start()
        host.feed(2)
        await host.for_(1)
        await asyncio.sleep(2.5)
        state = await host.until(lambda s: s.state is Pack.EXECUTE and not s.pending)
        states = [one.a for one in host.kinds(Happening.STATE)]
        assert states[-4:] == [Pack.SUSPENDING, Pack.SUSPENDED, Pack.UNSUSPENDING, Pack.EXECUTE]
        assert [one.a for one in host.kinds(Happening.HOST)] == [2, 1, 2]
        assert Sign.HOST_ALIVE in state.signs
        await host.rest()
        host.conserved(await host.cycle())

    play(scene)


@pytest.mark.parametrize(
    ("fault", "alarm", "zone", "state"),
    [
        (("e_stop", {}), BeltAlarm.E_STOP, 0, Pack.ABORTED),
        (("guard", {}), BeltAlarm.GUARD, 0, Pack.ABORTED),
        (("motor_trip", {}), BeltAlarm.DRIVE, 0, Pack.ABORTED),
        (("jam", {"zone": 3}), BeltAlarm.JAM, 5, Pack.ABORTED),
        (("false_full", {"bin": 9}), BeltAlarm.NO_BIN, 0, Pack.HELD),
        (("divert_stuck", {"bin": 2, "out": True}), BeltAlarm.DIVERT, 4, Pack.EXECUTE),
        (("eye_dirty", {"eye": 1, "mm": 25}), BeltAlarm.EYE, 3, Pack.EXECUTE),
    ],
    ids=lambda x: getattr(x, "name", ""),
)
def test_an_alarm_says_by_its_number_what_is_wrong_and_where(
    play: Play, fault: tuple[str, dict[str, object]], alarm: BeltAlarm, zone: int, state: Pack
) -> None:
    async def scene(host: Host) -> None:
        await host.start()
        host.plant.fault(*fault)
        host.feed(12)
        await host.until(lambda s: Sign.ALARM in s.signs)
        await host.for_(3)
        said = await host.cycle()
        assert (said.alarm, said.state) == (alarm, state)
        first = host.kinds(Happening.ALARM)[0]
        assert (first.a, first.b, first.zone) == (alarm, AlarmChange.RAISED, zone)
        counters = await host.belt.counters()
        assert counters.alarms == counters.latched == {alarm}

    play(scene)


def test_an_emergency_stop_is_ended_by_nothing_that_comes_by_wire(play: Play) -> None:
    async def scene(host: Host) -> None:
        await host.start()
        host.feed(2)
        await host.for_(2)
        host.plant.fault("e_stop", {})
        state = await host.until(lambda s: s.state is Pack.ABORTED)
        assert {Sign.E_STOP, Sign.ALARM} <= state.signs
        assert Sign.SAFETY_CLOSED not in state.signs
        assert not host.plant.moving
        assert await host.told(BeltCommand.CLEAR) is CommandResult.SAFETY
        host.plant.clear("e_stop")
        state = await host.for_(0.5)
        assert state.state is Pack.ABORTED
        assert await host.told(BeltCommand.CLEAR) is CommandResult.NOT_PERMITTED
        assert await host.told(BeltCommand.PURGE) is CommandResult.OK
        assert await host.told(BeltCommand.CLEAR) is CommandResult.OK
        await host.until(lambda s: s.state is Pack.STOPPED)
        await host.start()
        await host.rest()
        assert set(where_it_went(host).values()) == {9}

    play(scene)


def test_a_restart_of_the_controller_shows_in_its_boot_id(play: Play) -> None:
    async def scene(host: Host) -> None:
        await host.start()
        host.feed(1)
        await host.for_(2)
        host.stage.places["belt"].wires.fault("plc_restart")
        host.taken = 0
        state = await host.until(lambda s: s.boot_id == 2)
        assert state.state is Pack.STOPPED
        assert state.items == 0

    play(scene)


def test_the_counters_count_from_the_start(play: Play) -> None:
    async def scene(host: Host) -> None:
        host.wanted = lambda tid: (3, 0) if tid == 1 else None
        await host.start()
        host.plant.fault("missed_divert", {"bin": 3})
        await host.sort(2)
        counters = await host.belt.counters()
        assert (counters.items, counters.late, counters.missed, counters.lost) == (2, 1, 1, 0)
        assert counters.jams == 0
        assert counters.alarms == {int(BeltAlarm.DIVERT)}

    play(scene)


def test_over_a_pty_each_item_goes_where_it_was_sent(tmp_path: Path, heard: Heard) -> None:
    heard.expect("belt.drained")  # a machine that is busy with other things answers late

    async def scene(host: Host) -> None:
        await host.start()
        names = host.feed(2)
        await host.rest()
        assert where_it_went(host) == in_order(names)

    plant = "bins = 2\nmm_s = 1500\nfirst_divert = 1500\nmin_gap = 100\neye_lead = 600\npitch = 700\ninlet_gap = 500"
    over_a_pty(scene, tmp_path, plant=plant)


def noisy(verb: str, **args: object) -> Scene:
    async def scene(host: Host) -> None:
        await host.start()
        host.stage.places["belt"].wires.fault(verb, **args)
        names = host.feed(12)
        await host.until(lambda s: len(host.plant.ended) == 12)
        host.stage.places["belt"].wires.clear(verb)
        state = await host.rest()
        wanted = in_order(names)
        for name, bin in where_it_went(host).items():
            assert bin in {wanted[name], 9}
        host.conserved(state)

    return scene


@pytest.mark.parametrize(
    ("verb", "args"),
    [
        ("drop_reply", {"count": 4}),
        ("corrupt", {"count": 4}),
        ("delay", {"seconds": 0.2, "count": 4}),
        ("half_frame", {"count": 4}),
        ("duplicate", {"count": 4}),
        ("drop_request", {"count": 4}),
        ("corrupt_request", {"count": 4}),
        ("exception", {"count": 4}),
        ("other_unit", {"count": 4}),
        ("busy_s", {"seconds": 0.35, "count": 4}),
    ],
)
def test_a_bad_wire_loses_nothing_and_puts_nothing_into_a_wrong_bin(
    verb: str, args: dict[str, object], heard: Heard
) -> None:
    heard.expect("belt.drained")
    on_a_wire(noisy(verb, **args))


FAST = """mm_s = 1500
min_gap = 100
inlet_gap = 205
first_divert = 3000
eye_lead = 540
pitch = 620
capacity = 1000"""
"""The record: 1.5 m/s at a pitch of 420 mm, 12,857 items an hour at most."""


def stress(count: int, **faults: dict[str, object]) -> Scene:
    async def scene(host: Host) -> None:
        await host.start()
        for verb, args in faults.items():
            host.stage.places["belt"].wires.fault(verb, **args)
        names = [f"fast-{n}" for n in range(count)]
        plant = host.plant
        host.hands.agenda.catch_up()
        began = asyncio.get_running_loop().time()
        plant.feed([plant.thing(name, 215) for name in names])
        await host.until(lambda _s: not plant.inlet, seconds=count * 2 + 60)
        rate = (count - 1) / (asyncio.get_running_loop().time() - began) * 3600
        state = await host.rest()
        assert rate > 12_000
        wanted = in_order(names)
        went = where_it_went(host)
        assert {name for name, bin in went.items() if bin not in {wanted[name], 9}} == set()
        assert sum(bin == wanted[name] for name, bin in went.items()) >= 0.85 * count
        assert len(host.kinds(Happening.INDUCTED)) == count
        host.conserved(state)

    return scene


@pytest.mark.parametrize("baud", [115200, 19200])
def test_the_record_is_kept_at_either_speed_of_the_line(baud: int) -> None:
    on_a_wire(stress(90), plant=FAST, baud=baud)


def test_the_record_is_kept_on_a_line_that_loses_and_spoils_frames(heard: Heard) -> None:
    heard.expect("belt.drained")

    async def scene(host: Host) -> None:
        line = host.stage.places["belt"].wires
        chance = host.stage.world.chance("frames")
        spoiling = asyncio.create_task(spoil(line, chance))
        try:
            await stress(90)(host)
        finally:
            spoiling.cancel()

    async def spoil(line: object, chance: random.Random) -> None:
        """One frame in a hundred is lost, and one is spoilt."""
        assert isinstance(line, Line)
        while True:
            await asyncio.sleep(chance.uniform(0.5, 1.5))
            line.fault(chance.choice(["drop_reply", "corrupt", "drop_request", "corrupt_request"]))

    on_a_wire(scene, plant=FAST)
