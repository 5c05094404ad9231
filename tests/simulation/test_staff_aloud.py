"""A member of staff who listens has three times as long before she is logged out, as everybody has."""

from kiosk.lending.state import Phase
from tests.simulation.rig import ACCESSIBLE, Rig, play


def test_staff_who_listens_is_not_logged_out_in_the_middle_of_a_sentence() -> None:
    async def story(rig: Rig) -> None:
        await rig.staff_in()
        assert "2 minutter" in rig.words()
        await rig.key("down")
        await rig.until(lambda s: s.aloud)
        assert "6 minutter" in rig.words()
        await rig.pause(350)
        await rig.until(lambda s: s.phase is Phase.STAFF, 0.1)
        await rig.until(lambda s: s.phase is Phase.START, 20)
        assert not rig.state.aloud

    play(story, station=ACCESSIBLE)
