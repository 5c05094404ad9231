"""The reference program raises, places, latches and clears the alarms of docs/plc/alarms.md."""

from collections.abc import Callable

import pytest

from drivers.modbus_belt.registers import SIGNS
from drivers.ports import AlarmChange, BeltAlarm, BeltCommand, CommandResult, Happening, Pack, Sign
from tests.unit.plc.machine import Bench
from tests.unit.plc.test_belt_st import alive, drive, running, send

RAISED, CLEARED = AlarmChange.RAISED, AlarmChange.CLEARED


def standing(bench: Bench, name: str = "alarms") -> set[int]:
    return {n for n in range(1, 17) if bench.plc["HR"][{"alarms": 113, "latched": 115}[name]] >> n - 1 & 1}  # fmt: skip


def told(bench: Bench) -> list[tuple[int, int, int]]:
    """Every alarm so far: number, raised or cleared, zone."""
    head = bench.plc["evHead"]
    found = [bench.plc["ring"][n] for n in range(1, head + 1)]
    return [(r["a"], r["b"], r["head"] // 256) for r in found if r["head"] % 256 == Happening.ALARM]


def of(name: str, value: bool) -> Callable[[Bench], None]:
    return lambda bench: bench.plc.__setitem__(name, value)


def full(value: bool) -> Callable[[Bench], None]:
    return lambda bench: bench.plc["SensorFull"].__setitem__(9, value)


@pytest.mark.parametrize(
    ("alarm", "comes", "goes"),
    [
        (BeltAlarm.E_STOP, of("InEStop", True), of("InEStop", False)),
        (BeltAlarm.GUARD, of("InGuardOpen", True), of("InGuardOpen", False)),
        (BeltAlarm.SAFETY, of("InSafetyClosed", False), of("InSafetyClosed", True)),
        (BeltAlarm.DRIVE, of("InDriveFault", True), of("InDriveFault", False)),
        (BeltAlarm.NO_BIN, full(True), full(False)),
    ],
    ids=lambda x: getattr(x, "name", ""),
)
def test_an_alarm_comes_and_goes_with_its_cause_and_is_latched_until_it_is_acknowledged(
    alarm: BeltAlarm, comes: Callable[[Bench], None], goes: Callable[[Bench], None]
) -> None:
    bench = running()
    comes(bench)
    alive(bench, 60)
    assert standing(bench) == standing(bench, "latched") == {alarm}
    assert bench["first_out"] == alarm
    assert bench["signs"] >> SIGNS.index(Sign.ALARM) & 1
    drive(bench, BeltCommand.ACKNOWLEDGE_ALARM, 3, alarm)
    assert standing(bench, "latched") == {alarm}, "its cause still stands"
    goes(bench)
    alive(bench, 60)
    assert not standing(bench)
    assert not bench["signs"] >> SIGNS.index(Sign.ALARM) & 1
    assert (standing(bench, "latched"), bench["first_out"]) == ({alarm}, alarm)
    assert drive(bench, BeltCommand.ACKNOWLEDGE_ALARM, 3, 0) == CommandResult.OK
    assert (standing(bench, "latched"), bench["first_out"]) == (set(), 0)
    assert told(bench) == [(alarm, RAISED, 0), (alarm, CLEARED, 0)]


def test_the_first_of_several_is_told_and_then_the_lowest_that_is_left() -> None:
    bench = running()
    bench.plc["InDriveFault"] = True
    alive(bench, 5)
    bench.plc["InEStop"] = True
    alive(bench, 5)
    assert bench["first_out"] == BeltAlarm.DRIVE
    bench.plc["InDriveFault"] = False
    alive(bench, 5)
    assert bench["first_out"] == BeltAlarm.DRIVE
    drive(bench, BeltCommand.ACKNOWLEDGE_ALARM, 3, 0)
    assert bench["first_out"] == BeltAlarm.E_STOP


def test_a_jam_tells_where_and_stands_until_clear() -> None:
    bench = running()
    bench.cover(2, 300)
    alive(bench, 400)
    assert told(bench) == [(BeltAlarm.JAM, RAISED, 4)]
    drive(bench, BeltCommand.CLEAR, 60)
    assert told(bench)[1:] == [(BeltAlarm.JAM, CLEARED, 4)]


def test_a_silent_host_is_an_alarm_once_it_was_heard() -> None:
    bench = Bench()
    bench.scan(300)
    assert told(bench) == []
    bench.beat()
    bench.scan(120)
    assert told(bench) == [(BeltAlarm.HOST, RAISED, 0)]
    alive(bench, 10)
    assert told(bench)[1:] == [(BeltAlarm.HOST, CLEARED, 0)]


@pytest.mark.parametrize("out", [False, True], ids=["stays in", "stays out"])
def test_a_divert_that_does_not_move_is_told_and_the_belt_runs_on(out: bool) -> None:
    bench = running()
    if out:
        bench.swung.add(4)
    bench.stuck.add(4)
    for tid in (1, 2):
        bench.lay()
        alive(bench, 60)
        send(bench, tid, 4)
        alive(bench, 600)
    assert told(bench) == [(BeltAlarm.DIVERT, RAISED, 6)]
    assert bench["state"] == Pack.EXECUTE
    bench.stuck.clear()
    bench.lay()
    alive(bench, 60)
    send(bench, 3, 4)
    alive(bench, 600)
    assert told(bench)[1:] == [(BeltAlarm.DIVERT, CLEARED, 6)]
    assert bench.bins[4][-1:] == [200]


def test_a_divert_that_was_mended_while_the_belt_stood_is_forgotten_at_reset() -> None:
    bench = running()
    bench.stuck.add(4)
    bench.lay()
    alive(bench, 60)
    send(bench, 1, 4)
    alive(bench, 600)
    bench.stuck.clear()
    drive(bench, BeltCommand.STOP, 60)
    assert standing(bench) == {BeltAlarm.DIVERT}
    drive(bench, BeltCommand.RESET, 60)
    assert not standing(bench)


def test_an_eye_that_sees_three_items_too_long_is_dirty_until_it_sees_one_right() -> None:
    bench = running()
    bench.smeared = 5
    counts = []
    for tid in range(1, 5):
        if tid == 4:
            bench.smeared = 0
        bench.lay()
        alive(bench, 60)
        send(bench, tid, 2)
        alive(bench, 300)
        counts.append(len(told(bench)))
    assert counts == [0, 0, 1, 2]
    assert told(bench) == [(BeltAlarm.EYE, RAISED, 4), (BeltAlarm.EYE, CLEARED, 4)]


def test_a_belt_that_is_driven_and_does_not_count_is_aborted_until_clear() -> None:
    bench = running()
    bench.slipping = True
    alive(bench, 90)
    assert bench["state"] == Pack.EXECUTE
    alive(bench, 80)
    assert bench["state"] == Pack.ABORTED
    assert told(bench) == [(BeltAlarm.ENCODER, RAISED, 0)]
    bench.slipping = False
    drive(bench, BeltCommand.CLEAR, 60)
    assert told(bench)[1:] == [(BeltAlarm.ENCODER, CLEARED, 0)]
