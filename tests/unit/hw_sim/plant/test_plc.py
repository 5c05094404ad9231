"""The simulated controller: watchdogs, freezing, holds, commands, and what it does without a wire."""

import time

import pytest

from hw_sim.devices.belt_image import Image
from hw_sim.devices.belt_pack import State
from hw_sim.devices.belt_plc import Alarm, Result
from hw_sim.devices.belt_ring import Type
from hw_sim.devices.modbus_frames import Refused
from hw_sim.plant_layout import Layout
from tests.unit.hw_sim.plant.trial import Trial


@pytest.fixture
def trial() -> Trial:
    trial = Trial()
    trial.start()
    return trial


def at(trial: Trial, state: State) -> bool:
    return trial.state is state


def moves(trial: Trial) -> bool:
    return trial.plant.moving


def states(trial: Trial) -> list[int]:
    return [event.a for event in trial.events if event.type is Type.STATE]


# --- watchdogs


def test_a_host_that_is_silent_for_a_second_suspends_and_after_thirty_stops(trial: Trial) -> None:
    began = trial.agenda.now
    trial.silent = True
    trial.for_(0.9)
    assert at(trial, State.EXECUTE)
    trial.for_(0.15)
    assert at(trial, State.SUSPENDING)
    assert not trial.plc.inlet_open
    trial.for_(25)
    assert at(trial, State.SUSPENDED)
    trial.until(lambda: not at(trial, State.SUSPENDED))
    assert 29.9 < trial.agenda.now - began < 30.2
    trial.for_(1)
    assert at(trial, State.STOPPED)


def test_a_host_that_comes_back_in_time_is_enough(trial: Trial) -> None:
    trial.silent = True
    trial.for_(2.5)
    trial.silent = False
    trial.for_(1)
    assert states(trial)[-4:] == [13, 5, 14, 6]
    trial.for_(40)
    assert at(trial, State.EXECUTE)


def test_an_operators_suspend_is_not_ended_by_a_heart_beat(trial: Trial) -> None:
    assert trial.order(6) is Result.OK
    trial.for_(3)
    assert at(trial, State.SUSPENDED)
    assert trial.order(7) is Result.OK
    trial.for_(1)
    assert at(trial, State.EXECUTE)


def test_the_belt_runs_on_while_suspended_until_it_is_empty(trial: Trial) -> None:
    trial.feed(2)
    trial.until(lambda: len(trial.items) == 2)
    trial.order(6)
    trial.for_(1)
    assert moves(trial)
    trial.until(lambda: trial.resting)
    trial.for_(1)
    assert not moves(trial)


def test_a_heart_beat_that_stands_still_is_no_life(trial: Trial) -> None:
    trial.silent = True
    for _ in range(40):
        trial.plc.host(7, trial.taken, allow=True, degraded=False)
        trial.step()
    assert at(trial, State.SUSPENDED)


# --- buffers


def test_events_that_nobody_takes_shut_the_inlet_and_freeze_the_belt_and_none_is_lost() -> None:
    trial = Trial(Layout(horn_s=0.5, capacity=10**9, inlet_gap=60))
    trial.start()
    trial.feed(40)
    stood = trial.taken
    most = 0
    for n in range(900):
        if n % 30 == 0 and trial.plant.moving and trial.plc.ring.pending > 16:
            trial.plant.add_by_hand(950)  # what still happens although the inlet is shut
        trial._beat = (trial._beat + 1) % 65536
        trial.plc.host(trial._beat, stood, allow=True, degraded=False)
        trial.agenda.run(trial.agenda.now + 0.05)
        pending = trial.plc.ring.pending
        most = max(most, pending)
        assert not (pending > 17 and trial.plc.inlet_open)
    assert trial.plc.frozen
    assert not moves(trial)
    assert 40 < most <= 64
    assert trial.plc.bits >> 6 & 1
    assert at(trial, State.EXECUTE)
    trial.until(lambda: trial.resting, seconds=2000)
    trial.conserved()
    assert trial.counts[Type.INDUCTED] == 40
    assert [event.sequence for event in trial.events] == list(range(1, len(trial.events) + 1))


def test_the_inlet_shuts_at_the_most_items_that_the_table_can_tell_apart() -> None:
    trial = Trial(Layout(horn_s=0.5, capacity=10**9, inlet_gap=60, most_items=10))
    trial.start()
    trial.feed(30)
    most = 0
    while not trial.resting:
        trial.step()
        most = max(most, trial.plc.tracking.on_belt)
    assert most in {10, 11}


# --- bins


def test_a_full_default_bin_holds_the_belt_until_it_is_swapped(trial: Trial) -> None:
    trial.plant.fault("false_full", {"bin": 9})
    trial.for_(2)
    assert at(trial, State.HELD)
    assert Alarm.NO_BIN in trial.plc.active
    assert trial.order(5) is Result.NOT_PERMITTED
    trial.plant.clear("false_full")
    trial.for_(1)
    assert trial.order(5) is Result.OK
    trial.for_(1)
    assert at(trial, State.EXECUTE)
    assert Alarm.NO_BIN not in trial.plc.active


def test_a_bin_that_is_out_at_power_on_is_not_used_before_its_crate_is_docked() -> None:
    trial = Trial()
    trial.plant.pull_bin(4)
    trial.for_(0.2)
    trial.plc.restart()
    trial.for_(0.2)
    trial.plant.dock_bin(4)
    trial.for_(0.2)
    assert not trial.plc.usable(4)
    assert trial.plc.usable(5)
    assert trial.order(23, 4) is Result.OK
    assert trial.plc.usable(4)


def test_a_bin_is_not_used_from_lifting_out_until_it_is_said_to_be_docked(trial: Trial) -> None:
    trial.plant.pull_bin(4)
    trial.for_(0.2)
    assert trial.order(23, 4) is Result.NOT_PERMITTED
    trial.plant.dock_bin(4)
    trial.for_(0.2)
    assert not trial.plc.usable(4)
    assert trial.order(23, 4) is Result.OK
    assert trial.plc.usable(4)
    told = [(e.a, e.b) for e in trial.events if e.type is Type.BIN]
    assert told == [(4, 3), (4, 4)]


def test_a_crate_that_fills_up_is_full_and_swapping_it_makes_it_free() -> None:
    trial = Trial(Layout(horn_s=0.5, capacity=3))
    trial.start()
    trial.wanted = lambda name: 2  # type: ignore[method-assign]
    trial.feed(6)
    trial.until(lambda: trial.resting)
    assert len(trial.plant.bins[2].things) >= 3
    assert next((e.a, e.b) for e in trial.events if e.type is Type.BIN) == (2, 1)
    trial.plant.dock_bin(2)
    trial.for_(1)
    assert (2, 2) in [(e.a, e.b) for e in trial.events if e.type is Type.BIN]


def test_a_bin_that_was_disabled_takes_nothing(trial: Trial) -> None:
    assert trial.order(22, 4, 0) is Result.OK
    trial.feed(1)
    trial.until(lambda: trial.resting)
    assert trial.plant.ended["3800000001"].bin == 9


def test_another_default_bin_takes_what_has_no_destination(trial: Trial) -> None:
    assert trial.order(24, 6) is Result.OK
    trial.plant.fault("no_tag", {})
    trial.feed(1)
    trial.until(lambda: trial.resting)
    assert trial.plant.ended["3800000001"].bin == 6
    assert [e.a for e in trial.events if e.type is Type.LATE] == [6]


# --- commands


@pytest.mark.parametrize(
    ("code", "a1", "a2", "result"),
    [
        (11, 0, 0, Result.UNKNOWN),
        (2, 0, 0, Result.WRONG_STATE),
        (20, 4, 0, Result.BAD_ARGUMENT),
        (20, 3, 0, Result.WRONG_STATE),
        (21, 99, 0, Result.BAD_ARGUMENT),
        (21, 0, 0, Result.OK),
        (22, 10, 1, Result.BAD_ARGUMENT),
        (22, 1, 2, Result.BAD_ARGUMENT),
        (24, 0, 0, Result.BAD_ARGUMENT),
        (25, 1, 0, Result.WRONG_STATE),
        (25, 2, 0, Result.WRONG_STATE),
        (25, 3, 0, Result.BAD_ARGUMENT),
        (27, 0, 0, Result.WRONG_STATE),
        (40, 0, 0, Result.NOT_PERMITTED),
    ],
)
def test_a_command_in_execute_is_answered(
    trial: Trial, code: int, a1: int, a2: int, result: Result
) -> None:
    assert trial.order(code, a1, a2) is result


def test_jogging_needs_manual_and_the_key_at_the_cabinet() -> None:
    trial = Trial()
    trial.for_(0.3)
    assert trial.order(20, 3) is Result.OK
    assert trial.order(40) is Result.NOT_PERMITTED
    trial.plant.turn_key(True)
    trial.for_(0.1)
    assert trial.order(40) is Result.OK
    assert moves(trial)
    assert trial.order(40) is Result.BUSY
    trial.for_(1)
    assert not moves(trial)
    trial.order(1)
    trial.until(lambda: at(trial, State.IDLE))
    assert trial.order(2) is Result.NOT_PERMITTED


def test_completing_runs_the_belt_empty(trial: Trial) -> None:
    trial.feed(3)
    trial.until(lambda: len(trial.items) == 3)
    assert trial.order(10) is Result.OK
    trial.until(lambda: at(trial, State.COMPLETE))
    assert not trial.plant.things
    assert not moves(trial)
    assert trial.order(1) is Result.OK


def test_a_purge_sends_everything_to_the_default_bin(trial: Trial) -> None:
    trial.feed(4)
    trial.until(lambda: len(trial.items) == 4)
    assert trial.order(26) is Result.OK
    trial.until(lambda: trial.resting)
    assert {thing.bin for thing in trial.plant.ended.values()} == {9}


def test_tracking_can_be_dropped_where_the_belt_stands(trial: Trial) -> None:
    trial.feed(2)
    trial.until(lambda: len(trial.items) == 2)
    trial.order(3)
    trial.until(lambda: at(trial, State.STOPPED))
    trial.plant.take_all()
    assert trial.order(27) is Result.OK
    assert trial.plc.tracking.on_belt == 0


def test_the_gate_gives_back_what_is_refused(trial: Trial) -> None:
    trial.allow = False
    trial.step()
    trial.feed(1)
    trial.step()
    assert trial.order(25, 2) is Result.OK
    trial.step()
    assert trial.plant.ended["3800000001"].where == "hands"
    assert trial.counts[Type.REFUSED] == 1


def test_what_waits_is_let_in_by_a_word_while_the_inlet_is_open_and_by_none_else(
    trial: Trial,
) -> None:
    trial.feed(3)
    trial.for_(0.1)
    assert trial.order(25, 1) is Result.OK
    trial.order(4)
    assert trial.order(25, 1) is Result.WRONG_STATE


def test_an_alarm_stays_latched_until_it_is_acknowledged(trial: Trial) -> None:
    trial.plant.fault("guard", {})
    trial.for_(0.2)
    assert trial.plc.first_out == Alarm.GUARD
    trial.order(21, 0)
    assert Alarm.GUARD in trial.plc.latched
    trial.plant.clear("guard")
    trial.for_(0.2)
    assert Alarm.GUARD in trial.plc.latched
    trial.order(21, 0)
    assert not trial.plc.latched
    assert trial.plc.first_out == 0


def test_the_belt_is_in_doubt_after_an_emergency_stop_until_somebody_there_says_it_is_empty(
    trial: Trial,
) -> None:
    trial.feed(2)
    trial.until(lambda: len(trial.items) == 2)
    trial.plant.fault("e_stop", {})
    trial.for_(1)
    assert trial.order(9) is Result.SAFETY
    trial.plant.clear("e_stop")
    trial.for_(0.2)
    assert trial.order(9) is Result.NOT_PERMITTED
    trial.plant.take_all()
    trial.plc.emptied()
    trial.for_(0.2)
    assert trial.order(9) is Result.OK
    trial.for_(0.5)
    assert at(trial, State.STOPPED)
    assert trial.plc.tracking.on_belt == 0
    assert trial.counts[Type.LOST] == 0, "they were taken off, and are not lost"
    trial.conserved()


# --- destinations


def test_a_destination_behind_the_item_is_rejected_once() -> None:
    trial = Trial(answer_s=lambda _rng: 5.0)
    trial.start()
    trial.wanted = lambda name: 1  # type: ignore[method-assign]
    trial.feed(1)
    trial.until(lambda: trial.resting)
    rejected = [(e.a, e.b) for e in trial.events if e.type is Type.DEST_REJECTED]
    assert rejected == [(1, 1)]
    assert trial.plant.ended["3800000001"].bin == 9
    assert trial.counts[Type.LATE] == 1


def test_a_bin_that_is_not_there_is_rejected_once_and_each_other_too(trial: Trial) -> None:
    trial.feed(1)
    trial.until(lambda: len(trial.items) == 1)
    for dest, alt in ((12, 0), (12, 0), (13, 0), (3, 12)):
        trial.plc.destine(1, dest, alt)
    trial.for_(0.2)
    rejected = [(e.a, e.b) for e in trial.events if e.type is Type.DEST_REJECTED]
    assert rejected == [(2, 12), (2, 13), (2, 3)]


# --- the image


def test_only_the_blocks_of_the_map_can_be_read_and_written(trial: Trial) -> None:
    image = Image(trial.plc)
    assert len(image.read(0, 32)) == 32
    assert len(image.read(32, 80)) == 80
    assert len(image.read(300, 125)) == 125
    for first, count in ((120, 9), (128, 1), (199, 1), (207, 2), (299, 1), (427, 2)):
        with pytest.raises(Refused):
            image.read(first, count)
    for first in (0, 32, 127, 199, 428):
        with pytest.raises(Refused):
            image.write(first, [1])


def test_a_torn_entry_of_the_table_counts_for_nothing(trial: Trial) -> None:
    image = Image(trial.plc)
    trial.feed(1)
    trial.until(lambda: len(trial.items) == 1)
    image.write(304, [1, 4, 0, 2])
    trial.for_(0.1)
    assert trial.plc.tracking.tracks[0].dest == 0
    image.write(304, [1, 4, 8, 1])
    trial.for_(0.1)
    assert (trial.plc.tracking.tracks[0].dest, trial.plc.tracking.tracks[0].alt) == (4, 8)


def test_a_command_counts_when_its_check_does_and_only_once() -> None:
    trial = Trial()
    trial.for_(0.2)
    image = Image(trial.plc)
    image.write(203, [7, 1, 0, 0, 6])
    trial.for_(0.1)
    assert image.read(44, 2) == [0, 0]
    image.write(203, [7, 1, 0, 0, 7])
    image.write(203, [7, 1, 0, 0, 7])
    trial.for_(0.1)
    assert image.read(44, 2) == [7, 0]
    assert states(trial) == [15]


def test_more_bins_than_the_map_has_room_for_are_refused_by_the_image_alone() -> None:
    trial = Trial(Layout(bins=60, horn_s=0.5, capacity=10**9, most_items=200), tags=False)
    with pytest.raises(ValueError, match="16 bins"):
        Image(trial.plc)
    trial.start()
    trial.feed(120)
    trial.until(lambda: trial.resting, seconds=1000)
    assert [t.bin for t in trial.plant.ended.values()].count(60) == 2
    assert trial.counts[Type.CONFIRMED] == 120
    assert all(e.a == (e.tid - 1 + 1) % 60 + 1 for e in trial.events if e.type is Type.CONFIRMED)


# --- how fast it goes


def test_the_same_seed_gives_the_same_run() -> None:
    def events() -> list[object]:
        trial = Trial(seed=4)
        trial.start()
        trial.plant.fault("eye_flicker", {"eye": 2})
        trial.feed(15)
        trial.until(lambda: trial.resting)
        return list(trial.events)

    assert events() == events()


def test_the_model_outruns_the_clock_by_far() -> None:
    trial = Trial(tags=False)
    trial.cycle_s = 0.1
    trial.start()
    trial.feed(200)
    began, at = time.process_time(), trial.agenda.now
    trial.until(lambda: trial.resting)
    assert trial.counts[Type.CONFIRMED] == 200
    assert (trial.agenda.now - at) / (time.process_time() - began) > 100
