"""Whatever goes wrong in a plant, nothing lies in a wrong bin without somebody having been told: by the plant's own word."""

import random

import pytest

from hw_sim.agenda import Agenda
from hw_sim.devices.belt_pack import State
from hw_sim.devices.belt_plc import BeltPlc
from hw_sim.devices.belt_ring import Type
from hw_sim.plant import Plant
from hw_sim.plant_faults import CONTROLLER_FAULTS, PLANT_FAULTS
from hw_sim.plant_layout import Layout
from tests.unit.hw_sim.plant.trial import Trial

GATE = {"gate_taken", "gate_stuck"}
"""Of a guarded inlet; tests/simulation/test_inlet_gate.py plays them."""


def a_fault(trial: Trial, rng: random.Random) -> tuple[str, dict[str, object]]:
    """Any fault that the next items may meet."""
    bins = trial.layout.bins
    zone, eye, bin = rng.randrange(1, bins + 1), rng.randrange(bins + 1), rng.randrange(1, bins)
    choices: list[tuple[str, dict[str, object]]] = [
        ("jam", {"zone": zone, "past": rng.random() < 0.4}),
        ("double_feed", {}),
        ("short_gap", {"mm": rng.randrange(5, 80)}),
        ("slip", {"zone": zone, "mm": rng.randrange(10, 220), "ahead": rng.random() < 0.3}),
        ("eye_flicker", {"eye": eye, "mm": rng.randrange(5, 60)}),
        ("eye_stuck", {"eye": zone, "covered": rng.random() < 0.5}),
        ("eye_dirty", {"eye": eye, "mm": rng.randrange(5, 60)}),
        ("eye_bounce", {"eye": eye, "count": 3}),
        ("missed_divert", {"bin": bin}),
        ("divert_late", {"bin": bin, "ms": rng.randrange(50, 900)}),
        ("divert_stuck", {"bin": bin, "out": rng.random() < 0.3}),
        ("taken", {"zone": zone}),
        ("added", {"zone": zone, "length": rng.randrange(80, 340)}),
        ("false_full", {"bin": bin}),
        ("no_tag", {}),
        ("two_tags", {}),
        ("foreign_tag", {}),
        ("neighbour_read", {"count": 3}),
        ("e_stop", {}),
        ("guard", {}),
        ("motor_trip", {}),
    ]
    return rng.choice(choices)


def answers(rng: random.Random) -> float:
    """A library system with a median of 200 ms, and stalls of 3 s now and then."""
    return rng.lognormvariate(-1.6, 0.6) if rng.random() > 0.02 else 3.2


@pytest.mark.parametrize("seed", range(12))
def test_no_mixture_of_faults_puts_an_item_into_a_wrong_bin_in_silence(seed: int) -> None:
    rng = random.Random(f"faults {seed}")
    trial = Trial(seed=seed, answer_s=answers)
    trial.start()
    trial.feed(40)
    while not trial.resting:
        assert trial.agenda.now < 3000
        trial.for_(rng.uniform(1, 6))
        if rng.random() < 0.6 and trial.plant.inlet:
            trial.plant.fault(*a_fault(trial, rng))
        if rng.random() < 0.5 or not trial.plant.inlet:
            trial.plant.clear()
        if trial.state in {State.ABORTED, State.HELD}:
            trial.plant.clear()
            trial.for_(1)
            trial.start()
        trial.conserved()
    assert trial.wrong() == []
    assert trial.counts[Type.CONFIRMED] > 15


def one(verb: str, args: dict[str, object], *, count: int = 6, seconds: float = 60) -> Trial:
    """A few items while one fault stands."""
    trial = Trial()
    trial.start()
    trial.plant.fault(verb, args)
    trial.feed(count)
    trial.for_(seconds)
    trial.conserved()
    assert trial.wrong() == []
    return trial


def test_a_double_feed_is_one_item_with_two_tags_and_goes_to_the_default_bin() -> None:
    trial = one("double_feed", {})
    assert trial.counts[Type.INDUCTED] == 5
    assert {trial.plant.ended[f"380000000{n}"].bin for n in (1, 2)} == {9}


def test_a_short_gap_is_a_gap_fault_of_both_its_neighbours() -> None:
    trial = one("short_gap", {"mm": 40})
    assert trial.counts[Type.GAP_FAULT] == 2
    assert {trial.plant.ended[f"380000000{n}"].bin for n in (1, 2)} == {9}


def test_an_item_that_slides_far_is_lost_and_found_as_a_stray() -> None:
    trial = one("slip", {"zone": 1, "mm": 100})
    assert (trial.counts[Type.LOST], trial.counts[Type.STRAY]) == (1, 1)


def test_an_item_that_slides_a_little_is_corrected_at_the_next_eye() -> None:
    trial = one("slip", {"zone": 1, "mm": 40, "count": None})
    assert trial.counts[Type.CONFIRMED] == 6
    assert not trial.counts[Type.LOST]


def test_a_flickering_eye_at_the_inlet_makes_no_item_vanish() -> None:
    trial = one("eye_flicker", {"eye": 0, "mm": 40})
    assert trial.counts[Type.GAP_FAULT] >= 2


def test_a_bouncing_eye_is_seen_through() -> None:
    trial = one("eye_bounce", {"eye": 0})
    assert trial.counts[Type.INDUCTED] == trial.counts[Type.CONFIRMED] == 6


def test_an_eye_that_is_always_covered_is_a_jam() -> None:
    trial = one("eye_stuck", {"eye": 2})
    assert trial.counts[Type.JAM] == 1
    assert trial.state is State.ABORTED


def test_an_eye_that_sees_nothing_loses_what_passes_it_and_strays_are_found_after_it() -> None:
    trial = one("eye_stuck", {"eye": 1, "covered": False})
    assert trial.counts[Type.LOST] == trial.counts[Type.STRAY] == 6
    assert {thing.bin for thing in trial.plant.ended.values()} == {9}


@pytest.mark.parametrize("verb", ["missed_divert", "divert_stuck"])
def test_a_plough_that_does_not_come_out_is_a_missed_item(verb: str) -> None:
    trial = one(verb, {"bin": 4})
    assert trial.counts[Type.MISSED] == 1
    assert trial.plant.ended["3800000001"].bin == 9


def test_a_plough_that_stays_out_takes_what_is_not_its_own_and_that_is_told() -> None:
    trial = one("divert_stuck", {"bin": 1, "out": True})
    assert trial.counts[Type.MISSED] == 6
    assert {thing.bin for thing in trial.plant.ended.values()} == {1}


def test_a_late_plough_misses() -> None:
    trial = one("divert_late", {"bin": 4, "ms": 400})
    assert trial.counts[Type.MISSED] >= 1


def test_a_plough_that_goes_out_late_comes_back_after_that() -> None:
    agenda = Agenda()
    plant = Plant(Layout(), agenda, random.Random(1))
    plant.fault("divert_late", {"bin": 2, "ms": 300})
    plant.plough(2, True)
    agenda.run(0.2)
    plant.plough(2, False)
    agenda.run(0.36)
    assert plant.plough_out(2)
    agenda.run(1)
    assert not plant.plough_out(2)


def test_a_stray_that_a_plough_takes_on_its_way_is_told_of_where_it_fell() -> None:
    trial = Trial()
    trial.start()
    trial.plant.fault("divert_stuck", {"bin": 4, "out": True})
    trial.plant.fault("added", {"zone": 2})
    trial.feed(1)
    trial.for_(60)
    assert trial.plant.ended["added-1"].bin == 4
    assert [event.zone for event in trial.events if event.type is Type.STRAY] == [4, 6]


def test_what_is_taken_off_by_hand_is_lost() -> None:
    trial = one("taken", {"zone": 2})
    assert trial.counts[Type.LOST] == 1
    assert [t.where for t in trial.plant.ended.values()].count("hands") == 1


def test_what_is_laid_on_by_hand_is_a_stray_and_rides_to_the_end() -> None:
    trial = one("added", {"zone": 2})
    assert trial.counts[Type.STRAY] == 1
    assert trial.plant.ended["added-1"].bin == 9


@pytest.mark.parametrize("verb", ["no_tag", "two_tags", "foreign_tag"])
def test_an_item_that_cannot_be_told_apart_goes_to_the_default_bin(verb: str) -> None:
    trial = one(verb, {})
    assert trial.plant.ended["3800000001"].bin == 9
    assert {n for n, t in trial.plant.ended.items() if t.bin == 9} == {"3800000001", "3800000006"}


def test_a_jam_behind_an_eye_is_a_lost_item_and_what_follows_piles_up_to_a_jam() -> None:
    trial = one("jam", {"zone": 1, "past": True})
    assert trial.counts[Type.LOST] >= 1
    assert trial.counts[Type.JAM] == 1


def test_a_pulled_bin_lets_nothing_fall_on_the_floor() -> None:
    trial = one("bin_pulled", {"bin": 4})
    assert trial.counts[Type.BIN] == 1
    assert "floor" not in {t.where for t in trial.plant.ended.values()}
    assert trial.plant.ended["3800000001"].bin == 9


def test_a_controller_that_pauses_misses_and_says_so() -> None:
    trial = Trial()
    trial.start()
    trial.feed(8)
    trial.for_(8)
    beat = trial.plc.heartbeat
    trial.plc.pause(0.8)
    trial.for_(0.5)
    assert trial.plc.heartbeat - beat <= 1
    trial.until(lambda: trial.resting)
    trial.conserved()
    assert trial.wrong() == []


def test_every_fault_of_the_plant_is_tried_here_or_is_the_controllers() -> None:
    rng = random.Random(1)
    trial = Trial()
    tried = {a_fault(trial, rng)[0] for _ in range(2000)}
    assert set(PLANT_FAULTS) - tried == CONTROLLER_FAULTS | GATE | {"bin_pulled"}


def test_a_fault_of_a_place_that_is_not_there_is_refused_with_what_there_is() -> None:
    plant = Plant(Layout(), Agenda(), random.Random(1))
    BeltPlc(plant)
    with pytest.raises(ValueError, match="bin is at most 9"):
        plant.fault("missed_divert", {"bin": 10})


def test_what_passed_an_eye_while_no_scan_was_made_is_told_apart_by_the_encoder() -> None:
    agenda = Agenda()
    plant = Plant(Layout(horn_s=0.5), agenda, random.Random(1))
    plc = BeltPlc(plant)
    for before, name in ((100, "1"), (400, "2")):
        plant.lay(plant.thing(name, 200), before)
    plc.pause(2.0)
    plant.run(True)
    agenda.run(2.5)
    plant.run(True)  # the stopped controller had seen to it that the belt stands
    agenda.run(3)
    told = [e for e in plc.ring.after(0) if e.type is Type.INDUCTED]
    assert [event.a for event in told] == [200, 200]
    assert [event.b for event in told[1:]] == [100]
