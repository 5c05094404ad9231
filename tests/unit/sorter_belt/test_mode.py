"""A belt that a technician left in maintenance or manual: the panel says so and sets it back."""

import pytest

from config.texts import Catalogue, Channel
from drivers.ports import BeltCommand, Mode, Pack
from sorter import standing
from sorter.alarms import asking
from sorter.belt import acts
from tests.unit.sorter_belt.belt import Play

SAID = Catalogue.load("Europe/Copenhagen")


def ends(play: Play) -> str:
    """What ends that it stands, in Danish."""
    found = standing.why(play.line).ends
    return "" if found is None else SAID.say(found, "da", Channel.PAPER)


@pytest.mark.parametrize("mode", [Mode.MAINTENANCE, Mode.MANUAL])
def test_a_belt_that_a_technician_left_in_another_mode_says_so_and_is_set_back_from_here(
    mode: Mode,
) -> None:
    play = Play()
    play.mode = mode
    play.pack = Pack.STOPPED
    play.say()
    assert ends(play) == "Tryk “Sæt på drift”."
    (left,) = asking(play.line, {}, None, 0)
    assert (left.id, [one.id for one in left.actions]) == ("mode", ["production"])
    play.happen(acts.PRODUCE)
    assert play.all(acts.Tell)[-1] == acts.Tell(BeltCommand.MODE, (Mode.PRODUCTION,), asked=True)
    play.mode = Mode.PRODUCTION
    play.say()
    assert asking(play.line, {}, None, 0) == ()
    assert ends(play) == "Tryk “Nulstil” og derefter “Start”."


def test_a_belt_that_runs_is_stopped_before_its_mode_is_changed() -> None:
    play = Play()
    play.mode = Mode.MAINTENANCE
    play.say()
    (left,) = asking(play.line, {}, None, 0)
    assert (left.id, left.actions) == ("mode", ())
    play.happen(acts.PRODUCE)
    assert not play.all(acts.Tell)
