"""A tag that leaves, will not be written, or is only part of a set: the loan stands, and nobody is trapped."""

import pytest

from config.texts import text
from drivers.service.view import Mark, RowsBody
from hw_sim.ils.device import LibraryDevice
from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.conftest import Heard
from tests.simulation.rig import Rig, play

BOOK = "3846646425"
OTHER = "3846646433"
SET = "3846646466"


async def signed_in(rig: Rig) -> None:
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)


async def afi(rig: Rig, item: str) -> set[str]:
    tags = (await rig.truth())["world"]["items"][item]["tags"]
    return {tag["afi"] for tag in tags}


async def cases(rig: Rig) -> list[str]:
    from drivers.service.records import open_cases

    found = await rig.store.read(open_cases)
    return [f"{case.kind.value} {case.subject}" for case in found]


async def owed(rig: Rig) -> int:
    from drivers.store.debts import open_debts

    return len(await rig.store.read(open_debts))


def test_a_book_lifted_while_its_tag_is_written_is_asked_back_by_its_title() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=BOOK)
        await rig.lay(BOOK, OTHER)
        await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows))
        assert "Læg Lykke-Per tilbage på pladen." in rig.words()
        await rig.until(lambda s: len(s.done) == 1)  # the other goes its own way
        assert await owed(rig) == 1
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 2)
        assert await afi(rig, BOOK) == {"c2"}
        assert await owed(rig) == 0

    play(story)


def test_finish_waits_for_a_lifted_book_and_then_leaves_the_matter_to_staff() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=BOOK)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows))
        await rig.press("finish.none")
        assert rig.state.phase is Phase.FINISHING
        assert "Afslutter …" in rig.words()
        await rig.until(lambda s: s.phase is Phase.END, 90)
        assert await cases(rig) == [f"still_armed {BOOK}"]
        assert sorted(await rig.loans()) == [BOOK], "the loan stands"
        assert await owed(rig) == 1

    play(story)


def test_a_debt_is_paid_when_the_item_is_seen_again() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=BOOK)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows))
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 120)
        assert await afi(rig, BOOK) == {"07"}
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and not s.owing)
        await rig.pause(3)
        assert await afi(rig, BOOK) == {"c2"}, "the library system says it is on loan"
        assert await owed(rig) == 0
        assert await cases(rig) == []

    play(story)


@pytest.mark.parametrize("away", ["nobody answers", "the tag does not take it"])
def test_a_debt_that_could_not_be_paid_is_tried_again_while_the_item_lies_there(
    away: str, heard: Heard
) -> None:
    heard.expect("library.line.dropped")

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=BOOK)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows))
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 120)
        if away == "nobody answers":
            await rig.fault("library", "drop_before_commit", only="17", count=4)
        else:
            await rig.fault("pad", "afi_silent", item=BOOK, count=1)
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and not s.owing)
        await rig.pause(5)
        assert (await afi(rig, BOOK), await owed(rig)) == ({"07"}, 1), "and nobody waits for it"
        await rig.pause(120)
        assert (await afi(rig, BOOK), await owed(rig)) == ({"c2"}, 0)
        assert await cases(rig) == []

    play(story)


def test_a_debt_is_not_tried_again_once_the_item_is_gone() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=BOOK)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows))
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 120)
        await rig.fault("pad", "afi_silent", item=BOOK)
        await rig.lay(BOOK)
        await rig.pause(5)
        await rig.lift()
        asked = len((await rig.truth())["devices"]["library"]["asked"])
        await rig.pause(60)
        assert len((await rig.truth())["devices"]["library"]["asked"]) == asked
        assert await owed(rig) == 1

    play(story)


def test_a_debt_that_no_longer_holds_is_not_paid() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=BOOK)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows))
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START, 120)
        library = rig.stage.places["library"].device
        library.library.checkin(BOOK, now=rig.stage.world.now())  # type: ignore[attr-defined]
        await rig.lay(BOOK)
        await rig.until(lambda s: bool(s.rows) and not s.owing)
        await rig.pause(3)
        assert await afi(rig, BOOK) == {"07"}, "it came back at another machine: it stays armed"
        assert await owed(rig) == 0

    play(story)


def test_a_tag_that_refuses_in_silence_is_tried_thrice_and_never_called_done() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "afi_silent", item=BOOK)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows))
        assert not rig.state.done
        await rig.stage.do("clear", {"device": "pad"})
        await rig.lift(BOOK)
        await rig.until(lambda s: s.pad.empty)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        assert await afi(rig, BOOK) == {"c2"}

    play(story)


def test_undo_arms_the_item_and_then_takes_the_loan_back() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(SET, BOOK)
        await rig.until(lambda s: len(s.done) == 2)
        row = next(r for r in rig.state.rows if r.item == SET)
        await rig.press(f"undo.{row.id}")
        await rig.until(lambda s: any(r.state is RowState.UNDONE for r in s.rows))
        assert isinstance(rig.screen.body, RowsBody)
        (undone,) = [r for r in rig.screen.body.rows if r.state == text("row.undone")]
        assert undone.mark is Mark.UNDONE
        assert undone.band == "none"
        assert await afi(rig, SET) == {"07"}
        assert sorted(await rig.loans()) == [BOOK]
        assert await owed(rig) == 0
        await rig.lift(SET)
        await rig.until(lambda s: len(s.pad.tags) == 1)
        await rig.lay(SET)
        await rig.until(lambda s: len(s.done) == 2)

    play(story)


def test_undo_asks_for_an_item_that_is_in_the_bag_already() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.lift(BOOK)
        await rig.until(lambda s: s.pad.empty)
        await rig.press("undo.r1")
        assert "Læg den på pladen for at fortryde" in rig.words()
        await rig.lay(BOOK)
        await rig.until(lambda s: any(r.state is RowState.UNDONE for r in s.rows))
        assert await afi(rig, BOOK) == {"07"}
        assert not await rig.loans()

    play(story)


def test_an_undo_that_is_dropped_changes_nothing() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.lift(BOOK)
        await rig.until(lambda s: s.pad.empty)
        await rig.press("undo.r1")
        await rig.press("skip.r1")
        assert len(rig.state.done) == 1
        assert sorted(await rig.loans()) == [BOOK]

    play(story)


def test_an_undo_that_the_library_refuses_leaves_the_loan_and_its_silent_tag(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.fault("library", "drop_before_commit", only="09")
        await rig.press("undo.r1")
        await rig.until(lambda s: not s.unsettled and s.rows[0].undo_failed, 90)
        assert rig.state.rows[0].state is RowState.DONE
        assert "Lånet kunne ikke fortrydes" in rig.words()
        assert await afi(rig, BOOK) == {"c2"}
        assert sorted(await rig.loans()) == [BOOK]

    play(story)


def test_a_set_is_lent_only_whole() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(SET, parts=[1, 3])
        await rig.until(lambda s: any(r.here == 2 for r in s.rows))
        assert "2 af 3, del 2 mangler. Læg alle dele på." in rig.words()
        await rig.until(lambda s: s.rows[0].title == "Skak for begyndere")
        await rig.pause(5)
        assert not await rig.loans()
        await rig.lay(SET, parts=[2])
        await rig.until(lambda s: len(s.done) == 1)
        assert await afi(rig, SET) == {"c2"}

    play(story)


def test_a_set_can_be_left_out() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(SET, parts=[1])
        await rig.until(lambda s: any(r.state is RowState.INCOMPLETE for r in s.rows))
        await rig.press("skip.r1")
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)
        assert not await rig.loans()

    play(story)


def test_something_left_on_the_pad_is_said_and_not_given_to_the_next_borrower() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.CLEAR)
        assert "Der ligger stadig noget på pladen." in rig.words()
        await rig.until(lambda s: s.phase is Phase.START)
        await rig.sign_in("3002991234")
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.pause(5)
        assert not rig.state.rows, "the last borrower's book is not the next one's"

    play(story)


def test_tags_that_cannot_be_read_never_hold_the_others() -> None:
    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "unreadable", item=BOOK)
        await rig.lay(BOOK, OTHER)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.pause(3)
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)
        assert sorted(await rig.loans()) == [OTHER]

    play(story)


def test_strange_tags_are_said_and_harm_nobody() -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in(rig.scenario.patrons[0]["card"], rig.scenario.patrons[0]["pin"])
        await rig.until(lambda s: s.phase is Phase.BORROW)
        ids = [item.id for item in rig.scenario.items]
        await rig.lay(*ids)
        await rig.until(lambda s: len(s.done) >= 1, 60)
        await rig.pause(10)
        assert any(r.state is RowState.UNREAD for r in rig.state.rows)
        assert "Kan ikke læses" in rig.words()
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END, 120)

    play(story, scenario="hard-tags")


def test_her_own_loan_laid_down_again_is_neither_renewed_nor_undone() -> None:
    async def story(rig: Rig) -> None:
        device = rig.stage.places["library"].device
        assert isinstance(device, LibraryDevice)
        device.library.checkout("1234567890", BOOK, rig.stage.world.now())  # its tag still alarms
        await signed_in(rig)
        await rig.lay(BOOK, OTHER)
        await rig.until(lambda s: len(s.done) == 2)
        assert "Lånt i forvejen" in rig.words()
        assert (await rig.loans())[BOOK]["renewals"] == 0
        assert await afi(rig, BOOK) == {"c2"}, "and the gate lets it pass"
        own = next(row for row in rig.state.rows if row.item == BOOK)
        assert f"undo.{own.id}" not in rig.screen.focus
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.START, 90)
        (job,) = (await rig.truth())["devices"]["printer"]["jobs"]
        assert "Lykke-Per" not in job["texts"]

    play(story)


def test_an_unread_tag_is_settled_by_the_barcode_of_its_item() -> None:
    """The row that asked for it goes, what it stands for is lent, and staff hears that its alarm still sounds."""

    async def story(rig: Rig) -> None:
        await signed_in(rig)
        await rig.fault("pad", "unreadable", item=BOOK)
        await rig.lay(BOOK)
        await rig.until(lambda s: any(row.state is RowState.UNREAD for row in s.rows))
        await rig.scan(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.pause(5)
        assert [row.item for row in rig.state.rows] == [BOOK]
        assert await cases(rig) == [f"still_armed {BOOK}"]

    play(story)
