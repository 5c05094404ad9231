"""Undo: the item on the pad, armed, read back, and only then cancelled; and everything that may hinder it."""

from datetime import datetime

import pytest

from drivers.ports import Online
from hw_sim.ils.model import Library
from hw_sim.ils.stock import Taken
from kiosk.lending.backs import BackState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.rig import Rig, play
from tests.simulation.test_returning import lend
from tests.simulation.test_scans import TELLING
from tests.simulation.test_tags_in_trouble import BOOK, SET, afi, cases, owed, signed_in


async def lent(rig: Rig, item: str = BOOK) -> None:
    await signed_in(rig)
    await rig.lay(item)
    await rig.until(lambda s: len(s.done) == 1)


async def commands(rig: Rig) -> list[str]:
    """What the library system was asked to do, in order."""
    asked = (await rig.truth())["devices"]["library"]["asked"]
    return [a["message"] for a in asked if a["message"] in {"09", "11"}]


async def undone(rig: Rig) -> None:
    await rig.until(lambda s: s.rows[0].state is RowState.UNDONE, 90)


def test_the_tag_is_armed_before_the_loan_is_cancelled() -> None:
    async def story(rig: Rig) -> None:
        await lent(rig)
        await rig.fault("library", "answer_late", only="09", seconds=3.0, count=1)
        await rig.press("undo.r1")
        await rig.until(lambda s: s.rows[0].state is RowState.UNDO_ASK)
        assert await afi(rig, BOOK) == {"07"}
        await undone(rig)
        assert not await rig.loans()

    play(story)


def test_an_item_that_is_lifted_while_it_is_armed_is_asked_for_again() -> None:
    async def story(rig: Rig) -> None:
        await lent(rig, SET)
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=SET)
        await rig.press("undo.r1")
        await rig.until(lambda s: s.rows[0].state is RowState.UNDO_PLACE)
        assert sorted(await rig.loans()) == [SET]
        await rig.lay(SET)
        await undone(rig)
        assert await afi(rig, SET) == {"07"}

    play(story)


def test_an_item_that_never_comes_back_keeps_its_loan() -> None:
    async def story(rig: Rig) -> None:
        await lent(rig)
        await rig.lift()
        await rig.until(lambda s: s.pad.empty)
        await rig.press("undo.r1")
        await rig.until(lambda s: s.rows[0].state is RowState.DONE, 90)
        assert sorted(await rig.loans()) == [BOOK]
        assert await afi(rig, BOOK) == {"c2"}
        assert await cases(rig) == []

    play(story)


def test_a_library_system_that_refuses_leaves_the_loan_and_a_silent_tag(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(library: Library, item: str, _now: datetime) -> Taken:
        return Taken("item.not_on_loan", library.items[item])

    monkeypatch.setattr(Library, "undo_checkout", refused)

    async def story(rig: Rig) -> None:
        await lent(rig)
        await rig.press("undo.r1")
        await rig.until(lambda s: s.rows[0].undo_failed and not s.unsettled)
        assert "Lånet kunne ikke fortrydes. Prøv igen, eller spørg personalet." in rig.words()
        assert sorted(await rig.loans()) == [BOOK]
        assert await afi(rig, BOOK) == {"c2"}
        assert await owed(rig) == 0

    play(story)


def test_a_loan_that_was_ended_elsewhere_meanwhile_leaves_the_tag_armed() -> None:
    async def story(rig: Rig) -> None:
        await lent(rig)
        library = rig.stage.places["library"].device
        library.library.checkin(BOOK, now=rig.stage.world.now())  # type: ignore[attr-defined]
        await rig.press("undo.r1")
        await undone(rig)
        assert not await rig.loans()
        assert await afi(rig, BOOK) == {"07"}, "never silent for an item that is not on loan"
        assert await owed(rig) == 0

    play(story)


def test_without_a_connection_the_loan_stands_and_the_tag_is_made_silent(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await lent(rig)
        await rig.stage.do("unplug", {"device": "library"})
        await rig.pause(40)
        await rig.press("undo.r1")
        await rig.until(lambda s: not s.busy and s.rows[0].state is not RowState.UNDO_ARM, 90)
        assert rig.state.rows[0].state is RowState.DONE
        assert "Lånet kunne ikke fortrydes" in rig.words()
        assert sorted(await rig.loans()) == [BOOK]
        assert await afi(rig, BOOK) == {"c2"}

    play(story)


@pytest.mark.parametrize("fault", ["drop_after_commit", "close_mid_answer", "silent"])
def test_a_lost_answer_is_settled_by_asking(fault: str, heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await lent(rig)
        await rig.fault("library", fault, only="09", count=1)
        await rig.press("undo.r1")
        await undone(rig)
        assert not await rig.loans()
        assert await afi(rig, BOOK) == {"07"}

    play(story)


def test_undo_lend_and_undo_again() -> None:
    async def story(rig: Rig) -> None:
        await lent(rig)
        for _ in range(2):
            await rig.press("undo.r1")
            await undone(rig)
            assert "undo.r1" not in rig.screen.focus
            await rig.lift()
            await rig.until(lambda s: s.pad.empty)
            await rig.lay(BOOK)
            await rig.until(lambda s: len(s.done) == 1)
        assert await commands(rig) == ["11", "09", "11", "09", "11"]
        assert await afi(rig, BOOK) == {"c2"}
        assert await owed(rig) == 0

    play(story)


def test_undo_pressed_twice_is_one_undo() -> None:
    async def story(rig: Rig) -> None:
        await lent(rig)
        for _ in range(3):
            await rig.kiosk.request("press", {"action": "undo.r1"})
        await undone(rig)
        assert await commands(rig) == ["11", "09"]

    play(story)


def test_an_item_that_was_borrowed_by_its_barcode_is_undone_without_a_tag() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.scan(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("undo.r1")
        await undone(rig)
        assert not await rig.loans()
        assert await afi(rig, BOOK) == {"07"}

    play(story)


def test_finish_waits_for_an_undo_that_is_under_way() -> None:
    async def story(rig: Rig) -> None:
        await lent(rig)
        await rig.fault("library", "answer_late", only="09", seconds=3.0, count=1)
        await rig.press("undo.r1")
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END, 60)
        assert not await rig.loans()
        assert rig.state.farewell is not None
        assert rig.state.farewell.done == 0

    play(story)


@pytest.mark.parametrize("takes_back", [True, False])
def test_a_loan_undone_while_nobody_can_be_asked_may_have_been_hers_before(
    takes_back: bool, heard: Heard
) -> None:
    """Her own book, borrowed earlier: it is in the books still, so it must not go onto the shelf as if it were not."""
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await lend(rig, BOOK)
        await rig.stage.do("unplug", {"device": "library"})
        await rig.until(lambda s: s.devices.library is Online.OFFLINE)
        await rig.scan("1234567890")
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press(f"undo.{rig.state.rows[0].id}")
        await rig.until(lambda s: s.rows[0].state is RowState.UNDONE)
        if not takes_back:
            assert "Giv den til personalet." in rig.words()
            return
        assert "Lånt før? Aflevér den." in rig.words()
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START and s.pad.empty)
        await rig.press("return")
        await rig.lay(BOOK)
        await rig.until(lambda s: any(b.state is BackState.RETURNED for b in s.backs))
        await rig.press("finish.none")
        await rig.lift()
        await rig.stage.do("plug", {"device": "library"})
        await rig.until(lambda s: s.devices.library is Online.ONLINE and not s.devices.waiting, 400)
        assert not await rig.loans()
        assert (await afi(rig, BOOK), await cases(rig)) == ({"07"}, [])

    station = TELLING + ("" if takes_back else "\n[offline]\ntake_back = false\n")
    play(story, station=station)
