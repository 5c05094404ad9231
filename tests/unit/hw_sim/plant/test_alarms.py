"""The simulated controller's alarms, as docs/plc/alarms.md has them: when each comes, where, and what ends it."""

import pytest

from hw_sim.devices.belt_pack import State
from hw_sim.devices.belt_plc import CLEARED, RAISED, Alarm, Result
from hw_sim.devices.belt_ring import Type
from tests.unit.hw_sim.plant.trial import Trial


@pytest.fixture
def trial() -> Trial:
    trial = Trial()
    trial.start()
    trial.events.clear()
    return trial


def told(trial: Trial) -> list[tuple[int, int, int]]:
    return [(e.a, e.b, e.zone) for e in trial.events if e.type is Type.ALARM]


def sorted_all(trial: Trial, count: int) -> None:
    trial.feed(count)
    trial.until(lambda: trial.resting)
    trial.for_(1)


def test_a_motor_that_trips_aborts_and_cannot_be_cleared_before_it_is_ready(trial: Trial) -> None:
    trial.plant.fault("motor_trip", {})
    trial.for_(1)
    assert (trial.state, trial.plant.moving) == (State.ABORTED, False)
    assert trial.order(9) is Result.SAFETY
    trial.plant.clear("motor_trip")
    trial.for_(1)
    assert told(trial) == [(Alarm.DRIVE, RAISED, 0), (Alarm.DRIVE, CLEARED, 0)]
    assert trial.order(9) is Result.OK, "nobody had to reach in: nothing is doubted"


@pytest.mark.parametrize("out", [False, True])
def test_a_plough_that_sticks_is_told_where_and_ends_when_it_moves_again(
    trial: Trial, out: bool
) -> None:
    trial.plant.fault("divert_stuck", {"bin": 4, "out": out})
    sorted_all(trial, 18)
    assert told(trial) == [(Alarm.DIVERT, RAISED, 6)]
    assert trial.state is State.EXECUTE
    trial.plant.clear()
    sorted_all(trial, 18)
    assert told(trial)[1:] == [(Alarm.DIVERT, CLEARED, 6)]


def test_a_plough_that_was_mended_is_believed_after_a_reset(trial: Trial) -> None:
    trial.plant.fault("divert_stuck", {"bin": 4})
    sorted_all(trial, 18)
    trial.plant.clear()
    trial.order(3)
    trial.until(lambda: trial.state is State.STOPPED)
    assert set(trial.plc.active) == {Alarm.DIVERT}
    trial.order(1)
    assert not trial.plc.active


@pytest.mark.parametrize(("eye", "zone"), [(0, 1), (3, 5)])
def test_a_dirty_eye_is_told_and_ends_when_it_is_wiped(trial: Trial, eye: int, zone: int) -> None:
    trial.plant.fault("eye_dirty", {"eye": eye, "mm": 20})
    sorted_all(trial, 40)
    assert told(trial) == [(Alarm.EYE, RAISED, zone)]
    trial.plant.clear("eye_dirty")
    sorted_all(trial, 40)
    assert told(trial)[1:] == [(Alarm.EYE, CLEARED, zone)]


def test_a_jam_tells_the_zone_of_its_eye_and_stands_until_clear(trial: Trial) -> None:
    trial.plant.fault("jam", {"zone": 2})
    trial.feed(3)
    trial.until(lambda: trial.state is State.ABORTED)
    assert told(trial) == [(Alarm.JAM, RAISED, 4)]
    assert [(e.zone, e.a) for e in trial.events if e.type is Type.JAM] == [(4, 4)]
    trial.plant.clear("jam")
    trial.order(9)
    assert told(trial)[1:] == [(Alarm.JAM, CLEARED, 4)]


def test_a_number_that_is_not_acknowledged_stays_and_the_first_is_the_lowest_left(
    trial: Trial,
) -> None:
    trial.plant.fault("motor_trip", {})
    trial.for_(0.2)
    trial.plant.fault("guard", {})
    trial.for_(0.2)
    assert trial.plc.first_out == Alarm.DRIVE
    trial.plant.clear()
    trial.for_(0.2)
    assert trial.order(21, Alarm.DRIVE) is Result.OK
    assert (trial.plc.first_out, trial.plc.latched) == (Alarm.GUARD, {Alarm.GUARD})
    assert trial.order(21, 25) is Result.OK, "a number of another plant's own"
    assert trial.order(21, 33) is Result.BAD_ARGUMENT
    assert trial.order(21, 0) is Result.OK
    assert (trial.plc.first_out, trial.plc.latched) == (0, set())
