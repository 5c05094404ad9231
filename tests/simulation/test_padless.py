"""The pad dies while items wait for it: nothing impossible is asked for, and what can still be done is said and works."""

from typing import Any

from drivers.service.view import EndBody, Row, RowsBody, actions_of
from kiosk.lending.backs import BackState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.simulation.rig import Rig
from tests.simulation.rig import play as play_with
from tests.simulation.test_degraded import again, without
from tests.simulation.test_returning import LENT, lend
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, afi, cases, signed_in

SET = "3846646466"
ON_PAD = ("på pladen", "Læg den", "Læg alle", "Læg det på")
"""What nobody can do without one."""


def play(story: Any, heard: Any) -> None:
    heard.expect("service.down", "reader.lost")
    play_with(story)


def rows(rig: Rig) -> tuple[Row, ...]:
    assert isinstance(rig.screen.body, RowsBody)
    return rig.screen.body.rows


def asks_for_nothing_impossible(rig: Rig) -> None:
    said = rig.words()
    assert not [words for words in ON_PAD if words in said], said


async def dies_in_mid_write(rig: Rig, *items: str) -> None:
    await signed_in(rig)
    await rig.fault("library", "answer_late", seconds=2.0, only="11")
    await rig.lay(*items)
    await rig.until(lambda s: any(r.state is RowState.ASKING for r in s.rows))
    await without(rig, "pad")
    await rig.until(lambda s: all(r.state is RowState.WAIT_TAG for r in s.rows))


def test_a_loan_whose_alarm_is_still_on_may_lie_or_goes_to_staff(heard: Any) -> None:
    async def story(rig: Rig) -> None:
        await dies_in_mid_write(rig, BOOK)
        asks_for_nothing_impossible(rig)
        assert "Lånt. Alarmen er ikke slået fra" in rig.words()
        assert "Lad den ligge lidt endnu, eller vis den til personalet." in rig.words()
        await again(rig, "pad")
        await rig.until(lambda s: len(s.done) == 1)
        assert await afi(rig, BOOK) == {"c2"}
        assert await cases(rig) == []

    play(story, heard)


def test_who_finishes_waits_a_moment_and_no_longer_and_is_told_to_see_staff(heard: Any) -> None:
    async def story(rig: Rig) -> None:
        await dies_in_mid_write(rig, BOOK)
        await rig.press("finish.none")
        asks_for_nothing_impossible(rig)
        await rig.until(lambda s: s.phase is Phase.END, 15)
        assert isinstance(rig.screen.body, EndBody)
        assert "Vis til personalet | 1 materiale" in rig.words()
        assert await cases(rig) == [f"still_armed {BOOK}"]
        await rig.until(lambda s: s.phase is Phase.START, 60)
        await rig.lift()
        await again(rig, "pad")
        await rig.pause(3)
        await rig.lay(BOOK)
        await rig.pause(5)
        assert await afi(rig, BOOK) == {"c2"}, "the debt is paid when it is laid down again"

    play(story, heard)


def test_who_has_finished_before_the_pad_dies_waits_no_longer_either(heard: Any) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=BOOK)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows))
        await rig.press("finish.none")
        assert "på pladen" in rig.words()
        await without(rig, "pad")
        asks_for_nothing_impossible(rig)
        await rig.until(lambda s: s.phase is Phase.END, 15)

    play(story, heard)


def test_no_undo_is_offered_that_needs_the_pad(heard: Any) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        undo = f"undo.{rig.state.rows[0].id}"
        await rig.lift()
        await rig.until(lambda s: s.pad.empty)
        await rig.press(undo)
        assert "Læg den på pladen for at fortryde" in rig.words()
        await without(rig, "pad")
        asks_for_nothing_impossible(rig)
        assert "Kan ikke fortrydes lige nu" in rig.words()
        await rig.press(f"skip.{rig.state.rows[0].id}")
        assert rows(rig)[0].state.key == "row.done"
        assert undo not in [action.id for action in actions_of(rig.screen)]
        await rig.kiosk.request("press", {"action": undo})
        await rig.pause(1)
        assert rig.state.rows[0].state is RowState.DONE
        await rig.scan(OTHER)
        await rig.until(lambda s: len(s.done) == 2)
        assert f"undo.{rig.state.rows[1].id}" in [a.id for a in actions_of(rig.screen)]

    play(story, heard)


def test_a_set_that_nobody_can_count_is_borrowed_by_its_barcode(heard: Any) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(SET, parts=[1, 3])
        await rig.until(lambda s: [r.state for r in s.rows] == [RowState.INCOMPLETE])
        await without(rig, "pad")
        asks_for_nothing_impossible(rig)
        assert "Scan sættets stregkode, eller spørg personalet." in rig.words()
        await rig.scan(SET)
        await rig.until(lambda s: len(s.done) == 1)
        assert set(await rig.loans()) == {SET}

    play(story, heard)


def test_what_comes_back_is_taken_by_its_barcode_and_armed_when_the_pad_is_back(
    heard: Any,
) -> None:
    async def story(rig: Rig) -> None:
        book = LENT[0]
        await lend(rig, book)
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=book)
        await rig.press("return")
        await rig.lay(book)
        await rig.until(lambda s: [b.state for b in s.backs] == [BackState.WAIT_TAG])
        assert "på pladen" in rig.words()
        await without(rig, "pad")
        asks_for_nothing_impossible(rig)
        assert "Ikke afleveret endnu" in rig.words()
        await rig.scan(book)
        await rig.until(lambda s: [b.state for b in s.backs] == [BackState.RETURNED])
        assert await rig.loans() == {}
        assert await cases(rig) == [f"still_disarmed {book}"]
        await again(rig, "pad")
        await rig.lay(book)
        await rig.pause(5)
        assert await afi(rig, book) == {"07"}
        assert await cases(rig) == [], "and nobody need look after it any more"

    play(story, heard)
