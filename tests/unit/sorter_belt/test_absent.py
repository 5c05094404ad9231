"""What the flow believes of a belt that it did not hear from for a while."""

import pytest

from drivers.ports import AlarmChange, BeltAlarm, Happening
from sorter.belt import acts
from tests.unit.sorter_belt.belt import INFO, Play


def test_what_a_restart_seems_to_have_lost_is_not_told_as_lost() -> None:
    play = Play()
    play.boot = 42
    for pending in (45_541, 45_542):  # the belt has not heard yet what was taken of this boot
        play.happen(acts.Heard(play.state(pending=pending), 20_000))
    assert play.line.events_lost == 0
    play.say()
    play.happen(acts.Heard(play.state(pending=70), 20_000))
    assert play.line.events_lost == 70 - INFO.depth


@pytest.mark.parametrize("number", [BeltAlarm.E_STOP, BeltAlarm.GUARD, BeltAlarm.SAFETY])
def test_a_safety_chain_that_had_opened_is_doubted_though_it_is_closed(number: int) -> None:
    play = Play()
    play.induct(7)
    play.say((Happening.ALARM, 0, number, AlarmChange.RAISED))
    assert play.line.doubted


def test_with_nothing_on_the_belt_there_is_nothing_to_doubt() -> None:
    play = Play()
    play.say((Happening.ALARM, 0, BeltAlarm.E_STOP, AlarmChange.RAISED))
    assert not play.line.doubted
