"""Items of several parts: lent only whole, returned whole, and never made silent in part."""

from dataclasses import replace
from typing import Any

import pytest

from drivers.tags import Format, Item
from drivers.tags.iso28560_3 import write
from hw_sim.scenario import Scenario, load
from kiosk.lending.backs import BackState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Over, Phase
from tests.simulation.rig import STAFF_CARD, STAFF_PIN, STATION, Rig, play
from tests.simulation.test_returning import lend
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, SET, afi, cases, signed_in

SECOND_SET = "3846646474"


def with_item(item: str, **changes: Any) -> Scenario:
    """The first loan, where one item is otherwise."""
    scenario = load("first-loan")
    items = tuple(replace(i, **changes) if i.id == item else i for i in scenario.items)
    return replace(scenario, items=items)


def unclear() -> Scenario:
    """A set whose only tag says that it is of three parts, and not which."""
    said = Item(Format.ISO_28560_3, SET, "DK746100", 0, 3, crc_ok=True)
    raw = write(said, 32).hex()
    return with_item(SET, parts=1, format="foreign", raw=raw)


async def finished_on_paper(rig: Rig) -> list[str]:
    await rig.press("finish.print")
    await rig.until(lambda s: s.phase is Phase.END)
    await rig.lift()
    await rig.until(lambda s: s.phase is Phase.START, 90)
    (job,) = (await rig.truth())["devices"]["printer"]["jobs"]
    texts: list[str] = job["texts"]
    return texts


def test_the_missing_part_is_named_and_staff_can_be_asked() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(SET, parts=[1, 3])
        await rig.until(lambda s: any(r.here == 2 for r in s.rows))
        assert "2 af 3, del 2 mangler. Læg alle dele på." in rig.words()
        assert {"skip.r1", "call.r1"} <= set(rig.screen.focus)
        await rig.press("call.r1")
        assert "Spørg personalet" in rig.words()
        await rig.press("close")
        await rig.lay(SET, parts=[2])
        await rig.until(lambda s: len(s.done) == 1)
        assert await afi(rig, SET) == {"c2"}

    play(story)


def test_staff_is_told_of_the_item_where_the_library_wants_it() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(SET, parts=[1])
        await rig.until(lambda s: any(r.state is RowState.INCOMPLETE for r in s.rows))
        await rig.press("call.r1")
        assert rig.state.over is Over.STAFF
        assert "Vi har sagt det til personalet" in rig.words()
        await rig.pause(1)
        assert await cases(rig) == [f"called {SET}"]

    play(story, station=STATION + '[help]\ncall = "notice"\n')


def test_an_incomplete_set_stays_armed_and_stands_on_the_receipt_as_not_borrowed() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(SET, parts=[1, 2])
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1 and bool(s.rows[0].title))
        said = await finished_on_paper(rig)
        assert any("Sættet er ikke komplet" in line for line in said)
        assert sorted(await rig.loans()) == [BOOK]
        assert await afi(rig, SET) == {"07"}

    play(story)


def test_parts_of_two_sets_are_two_sets() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(SET, parts=[1, 2])
        await rig.lay(SECOND_SET, parts=[2])
        await rig.until(lambda s: sum(r.state is RowState.INCOMPLETE for r in s.rows) == 2)
        said = rig.words()
        assert "2 af 3, del 3 mangler" in said
        assert "1 af 2, del 1 mangler" in said
        await rig.lay(SECOND_SET, parts=[1])
        await rig.until(lambda s: len(s.done) == 1)
        assert sorted(await rig.loans()) == [SECOND_SET]
        assert await afi(rig, SET) == {"07"}

    play(story, scenario=with_item(SECOND_SET, parts=2))


def test_two_pieces_that_say_they_are_the_same_part_go_to_staff() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(SET)
        await rig.until(lambda s: any(r.state is RowState.REFUSED for r in s.rows))
        assert "To materialer har samme nummer" in rig.words()
        assert await cases(rig) == [f"tag_unreadable {SET}"]
        await rig.lift()
        await rig.until(lambda s: s.pad.empty)
        await rig.lay(SET)
        await rig.pause(5)
        assert [r.state for r in rig.state.rows] == [RowState.REFUSED], "laid down again: the same"
        assert not await rig.loans()
        assert await afi(rig, SET) == {"07"}

    play(story, scenario=with_item(SET, duplicate_part=2))


@pytest.mark.parametrize("policy", ["accept", "accept_with_message", "reject"])
def test_a_set_whose_tag_does_not_tell_its_part(policy: str) -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(SET, OTHER)
        await rig.until(lambda s: len(s.rows) == 2 and not s.unsettled and len(s.done) >= 1)
        row = next(r for r in rig.state.rows if r.item == SET)
        asks = "Se efter, om alle dele er med." in rig.words()
        assert asks == (policy == "accept_with_message")
        assert (SET in await rig.loans()) == (policy != "reject")
        assert await afi(rig, SET) == ({"07"} if policy == "reject" else {"c2"})
        if policy == "reject":
            assert row.state is RowState.REFUSED
            assert "Vi kan ikke se, om alle dele er med" in rig.words()
            assert await cases(rig) == [f"tag_unreadable {SET}"]

    play(
        story,
        scenario=unclear(),
        station=STATION + f'[security]\nunclear_sets = "{policy}"\n',
    )


def test_a_set_that_comes_back_without_a_part_is_not_checked_in_and_staff_learns_of_it() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, SET, BOOK)
        await rig.press("return")
        await rig.lay(SET, parts=[1, 3])
        await rig.lay(BOOK)
        await rig.until(lambda s: any(b.state is BackState.RETURNED for b in s.backs))
        await rig.until(lambda s: any(b.here == 2 for b in s.backs))
        assert "2 af 3, del 2 mangler" in rig.words()
        assert "Giv det til personalet, hvis en del er væk." in rig.words()
        said = await finished_on_paper(rig)
        assert any("Sættet er ikke komplet" in line for line in said)
        assert sorted(await rig.loans()) == [SET]
        assert await afi(rig, SET) == {"c2"}, "it is hers still, and the gate is silent"
        assert await cases(rig) == [f"set_incomplete {SET}"]
        await rig.press("return")
        await rig.lay(SET)
        await rig.until(lambda s: any(b.state is BackState.RETURNED for b in s.backs))
        assert await cases(rig) == []
        assert await afi(rig, SET) == {"07"}

    play(story)


def test_part_of_a_set_that_goes_into_the_box_at_once_is_not_forgotten() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, SET)
        await rig.press("return")
        await rig.lay(SET, parts=[1])
        await rig.until(lambda s: any(b.state is BackState.INCOMPLETE for b in s.backs))
        await rig.lift()
        await rig.until(lambda s: s.pad.empty)
        assert rig.state.backs
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 60)
        assert await cases(rig) == [f"set_incomplete {SET}"]

    play(story)


@pytest.mark.parametrize("parts", [[1], [1, 3]])
def test_a_set_that_is_lent_by_its_barcode_is_not_made_silent_in_part(parts: list[int]) -> None:
    """What lies there tells how many parts there are: until all have been seen the loan stands and the alarm too."""

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.pause(2)
        await rig.scan(SET)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.lay(SET, parts=parts)
        await rig.until(lambda s: s.rows[0].state is RowState.WAIT_TAG)
        missing = ", ".join(str(part) for part in (1, 2, 3) if part not in parts)
        assert f"{len(parts)} af 3, del {missing} mangler. Læg alle dele på." in rig.words()
        assert await afi(rig, SET) == {"07"}
        await rig.lay(SET, parts=[part for part in (1, 2, 3) if part not in parts])
        await rig.until(lambda s: len(s.done) == 1)
        assert await afi(rig, SET) == {"c2"}
        assert (sorted(await rig.loans()), await cases(rig)) == ([SET], [])

    play(story)


def test_a_set_that_is_lent_by_its_barcode_and_stays_without_a_part_is_staffs() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.pause(2)
        await rig.scan(SET)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.lay(SET, parts=[2])
        await rig.until(lambda s: s.rows[0].state is RowState.WAIT_TAG)
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END, 90)
        assert await afi(rig, SET) == {"07"}
        assert sorted(await cases(rig)) == [f"set_incomplete {SET}", f"still_armed {SET}"]
        assert sorted(await rig.loans()) == [SET], "it is hers, and staff knows of both"

    play(story)


def test_a_set_that_is_returned_by_its_barcode_without_a_part_is_not_forgotten() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, SET)
        await rig.press("return")
        await rig.pause(2)
        await rig.scan(SET)
        await rig.until(lambda s: any(b.state is BackState.RETURNED for b in s.backs))
        await rig.lay(SET, parts=[1, 2])
        await rig.until(lambda s: "2 af 3, del 3 mangler. Læg alle dele på." in rig.words())
        assert "Giv det til personalet, hvis en del er væk." in rig.words()
        said = await finished_on_paper(rig)
        assert any("2 dele" in line for line in said), "two are what she gave back"
        assert await cases(rig) == [f"set_incomplete {SET}"]

    play(story)


def test_a_set_that_is_returned_by_its_barcode_and_then_laid_whole_is_armed_whole() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, SET)
        await rig.press("return")
        await rig.pause(2)
        await rig.scan(SET)
        await rig.until(lambda s: any(b.state is BackState.RETURNED for b in s.backs))
        await rig.lay(SET)
        await rig.until(lambda s: s.backs[0].here == 3)
        await rig.pause(3)
        assert "mangler" not in rig.words()
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)
        assert (await afi(rig, SET), await cases(rig)) == ({"07"}, [])

    play(story)


async def approved(rig: Rig) -> None:
    """Staff lets go what lies there of the set."""
    (row,) = [r for r in rig.state.rows if r.state is RowState.INCOMPLETE]
    await rig.press(f"call.{row.id}")
    await rig.press(f"approve.{row.id}")
    await rig.pause(2)
    await rig.scan(STAFF_CARD)
    await rig.enter_pin(STAFF_PIN)
    await rig.press("staff.enter")
    await rig.until(lambda s: s.over is Over.NOTHING and s.phase is Phase.BORROW)


def test_a_set_that_staff_let_go_waits_for_no_part_that_lay_there_before() -> None:
    async def story(rig: Rig) -> None:
        await rig.staff_in()
        await rig.press("staff.leave")
        await signed_in(rig)
        await rig.lay(SET, parts=[1])
        await rig.lay(SET, parts=[2])
        await rig.until(lambda s: bool(s.rows) and s.rows[0].here == 2)
        await rig.lift(SET, parts=[2])
        await rig.until(lambda s: s.rows[0].here == 1)
        await approved(rig)
        await rig.until(lambda s: len(s.done) == 1)
        assert await afi(rig, SET) == {"07", "c2"}
        await rig.lay(SET, parts=[2])
        await rig.until(lambda s: len(s.done) == 1 and s.rows[0].here == 2 and not s.unsettled)
        said = await finished_on_paper(rig)
        assert any("2 dele" in line for line in said), "the paper tells what she took along"
        assert (sorted(await rig.loans()), await cases(rig)) == ([SET], [])

    play(story)


def test_what_staff_let_go_once_is_asked_about_again_after_an_undo() -> None:
    async def story(rig: Rig) -> None:
        await rig.staff_in()
        await rig.press("staff.leave")
        await signed_in(rig)
        await rig.lay(SET, parts=[1, 2])
        await rig.until(lambda s: bool(s.rows) and s.rows[0].here == 2)
        await approved(rig)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("undo.r1")
        await rig.until(lambda s: s.rows[0].state is RowState.UNDONE)
        await rig.lift()
        await rig.until(lambda s: s.pad.empty)
        await rig.lay(SET, parts=[1])
        await rig.until(lambda s: s.rows[0].state is RowState.INCOMPLETE)
        await rig.pause(5)
        assert not await rig.loans()
        assert await afi(rig, SET) == {"07"}

    play(story)
