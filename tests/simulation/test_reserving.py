"""What may not be lent now is reserved with one touch instead, once, and an answer that never came is settled by the lists."""

import pytest

from drivers.store.effects import open_rows
from hw_sim.ils.stock import Hold
from kiosk.lending.rows import Reservation, RowState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.rig import Rig, play
from tests.simulation.test_holds import SPEAKS, both, library_of
from tests.simulation.test_tags_in_trouble import BOOK

HERS, ANOTHER = "1234567890", "1234567891"


async def refused(rig: Rig) -> str:
    """A book that somebody else waits for lies on the pad. Returns the action that reserves it."""
    library_of(rig).holds.append(Hold(BOOK, ANOTHER, pickup="Borgernes Hus"))
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(BOOK)
    await rig.until(lambda s: any(row.state is RowState.REFUSED for row in s.rows))
    return f"reserve.{rig.state.rows[0].id}"


def hers(rig: Rig) -> int:
    return sum(hold.item == BOOK and hold.card == HERS for hold in library_of(rig).holds)


@both
def test_an_item_that_somebody_waits_for_is_reserved_with_one_touch(speaks: str) -> None:
    async def story(rig: Rig) -> None:
        reserve = await refused(rig)
        await rig.press(reserve)
        await rig.until(lambda s: s.rows[0].reservation is Reservation.PLACED)
        assert "Reserveret til dig" in rig.words()
        assert hers(rig) == 1
        await rig.kiosk.request("press", {"action": reserve})
        await rig.pause(2)
        assert hers(rig) == 1, "it is no longer offered, and a late press does nothing"
        assert not await rig.store.read(open_rows)

    play(story, **SPEAKS[speaks])


@both
@pytest.mark.parametrize(
    ("fault", "done"), [("drop_after_commit", True), ("drop_before_commit", False)]
)
def test_without_an_answer_the_lists_tell(
    heard: Heard, speaks: str, fault: str, done: bool
) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        reserve = await refused(rig)
        await rig.fault("library", fault, only="15", count=1)
        await rig.press(reserve)
        wanted = Reservation.PLACED if done else Reservation.LOST
        await rig.until(lambda s: s.rows[0].reservation is wanted, 200)
        assert hers(rig) == int(done)
        assert not await rig.store.read(open_rows)

    play(story, **SPEAKS[speaks])


def test_what_the_library_refuses_is_said() -> None:
    async def story(rig: Rig) -> None:
        reserve = await refused(rig)
        library_of(rig).holds.append(Hold(BOOK, HERS, pickup="Borgernes Hus"))
        await rig.press(reserve)
        await rig.until(lambda s: s.rows[0].reservation is Reservation.REFUSED)
        assert "Kunne ikke reserveres" in rig.words()

    play(story)


def test_nobody_is_kept_by_a_hold_without_an_answer(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        reserve = await refused(rig)
        await rig.fault("library", "silent", only="15", count=None)
        await rig.press(reserve)
        await rig.until(lambda s: s.rows[0].reservation is Reservation.UNKNOWN, 60)
        assert "Se senere, om den er reserveret" in rig.words()
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END, 3)

    play(story)
