"""A host that starts: what it tells the belt before it knows anything of the library system."""

from drivers.ports import BeltCommand, Online
from sorter.belt import acts
from sorter.belt.line import Stop
from tests.unit.sorter_belt.belt import Play


def test_while_nobody_knows_of_the_library_system_nothing_is_let_in_and_the_belt_runs_on() -> None:
    """Who starts has not asked yet; a host that died then would leave a belt that nobody lets go on."""
    play = Play()
    play.happen(acts.LibraryChanged(Online.UNKNOWN))
    play.say()
    assert play.all(acts.Tell) == []
    assert Stop.LIBRARY in play.line.stops
    play.happen(acts.LibraryChanged(Online.OFFLINE))
    assert play.all(acts.Tell) == [acts.Tell(BeltCommand.SUSPEND)]
