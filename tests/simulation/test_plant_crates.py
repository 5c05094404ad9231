"""What a full crate may still take: what its plough had moved for before the sensor could tell, however late it falls."""

import random

import pytest

from hw_sim.agenda import Agenda
from hw_sim.devices.belt_plc import BeltPlc
from hw_sim.plant import Plant
from tests.simulation.plant_crates import FULL_S, SENSOR_S, FullCrates
from tests.simulation.plant_flow import FAST

BIN = 3
HELD_S = 3.0


def fallen_in(before_mm: float, *, held: bool = True, carried_away: bool = False) -> float:
    """How much too late a thing falls in that was so far before the point of no return of its plough as the crate filled.

    The belt runs until the sensor tells, and then stands for a while, or at once goes on.
    """
    agenda = Agenda()
    plant = Plant(FAST, agenda, random.Random(1))
    full = FullCrates(BeltPlc(plant))
    plant.controller = None  # nothing but the sensor's own scans stops the belt
    late: list[float] = []
    plant.landed = lambda thing: late.append(full.late(thing))
    plant.plough(BIN, True)
    agenda.run(1)
    plant.lay(plant.thing("1"), before_mm - (FAST.divert(BIN) - FAST.plough_lead))
    full.fill(BIN)
    agenda.run(1.05)  # the stopped controller has seen to it that the belt stands
    plant.run(True)
    if carried_away:
        full.carry_away(BIN)
    agenda.run(1 + SENSOR_S + 0.05)
    assert not plant.moving
    agenda.run(agenda.now + (HELD_S if held else 0))
    plant.run(True)
    agenda.run(10)
    assert len(late) == 1
    return late[0]


def test_what_its_plough_had_moved_for_falls_in_after_a_hold() -> None:
    assert fallen_in(150) == 0


def test_what_came_to_its_plough_after_the_sensor_told_is_too_late() -> None:
    assert fallen_in(1500) > HELD_S


def test_what_was_before_the_plough_as_it_filled_may_fall_in_at_once() -> None:
    assert fallen_in(1200, held=False) == 0


@pytest.mark.parametrize("before_mm", [150, 1500])
def test_an_empty_crate_takes_anything(before_mm: float) -> None:
    assert fallen_in(before_mm, carried_away=True) == 0


def test_the_time_that_it_may_take_something_covers_the_sensor_and_the_way_down() -> None:
    way = (FAST.plough_lead + FAST.chute + FAST.max_length) / FAST.mm_s
    assert SENSOR_S + way < FULL_S
