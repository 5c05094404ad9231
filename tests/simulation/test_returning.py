"""Returning without a card: armed, read back, checked in, and told where it belongs."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from drivers.ports import Txn, Uid
from drivers.service.view import Cue
from drivers.store import debts
from drivers.store.effects import open_rows
from hw_sim.ils.device import LibraryDevice
from hw_sim.ils.fbs_device import FbsDevice
from hw_sim.ils.stock import Hold
from kiosk.lending.backs import BackState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Over, Phase
from tests.conftest import Heard
from tests.simulation.rig import Rig, play
from tests.simulation.test_tags_in_trouble import afi, cases, owed

LENT = ("3846646425", "3846646433", "3846646466")


async def lend(rig: Rig, *items: str, days_ago: int = 0) -> None:
    """These are on loan to Karen, and their tags are silent."""
    when = rig.stage.world.now() - timedelta(days=days_ago)
    device = rig.stage.places["library"].device
    assert isinstance(device, LibraryDevice | FbsDevice)
    for item in items:
        device.library.checkout("1234567890", item, when)
        for tag in rig.stage.world.items[item].tags:
            tag.afi = 0xC2


async def loans(rig: Rig) -> list[str]:
    return sorted(await rig.loans())


def test_a_pile_is_returned_without_a_card_and_each_item_has_its_place() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, *LENT)
        await rig.press("return")
        await rig.until(lambda s: s.phase is Phase.RETURN)
        await rig.lay(*LENT)
        await rig.until(lambda s: len(s.backs) == 3 and not s.unsettled)
        assert await loans(rig) == []
        for item in LENT:
            assert await afi(rig, item) == {"07"}
        assert "3 afleveret" in rig.words()
        assert "Kasse 1" in rig.words()
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.END)
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 60)
        (job,) = (await rig.truth())["devices"]["printer"]["jobs"]
        assert "3 af 3 afleveret" in job["texts"]
        assert await owed(rig) == 0
        assert not await rig.store.read(open_rows)

    play(story)


def test_lent_items_laid_down_first_are_returned_without_choosing_anything() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, *LENT)
        await rig.lay(*LENT)
        await rig.until(lambda s: s.phase is Phase.RETURN)
        await rig.until(lambda s: len(s.backs) == 3 and not s.unsettled)
        assert await loans(rig) == []
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 60)

    play(story)


def test_what_was_borrowed_a_moment_ago_is_not_taken_back_unasked() -> None:
    async def story(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay("3846646425")
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 60)
        await rig.lay("3846646425")
        await rig.until(lambda s: s.phase is Phase.CARD)
        await rig.pause(5)
        assert await loans(rig) == ["3846646425"]

    play(story)


def test_what_was_borrowed_a_moment_ago_is_given_back_at_one_press() -> None:
    """The wrong book, say: it lies there and the card is asked for, and beside that it can be given back."""

    async def story(rig: Rig) -> None:
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay("3846646425")
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START, 60)
        await rig.press("borrow")
        assert "return" not in rig.screen.focus, "nothing lies there"
        await rig.press("back")
        await rig.lay("3846646425")
        await rig.until(lambda s: s.phase is Phase.CARD and bool(s.rows))
        await rig.press("return")
        await rig.until(lambda s: [back.state for back in s.backs] == [BackState.RETURNED])
        assert await loans(rig) == []
        assert await afi(rig, "3846646425") == {"07"}

    play(story)


def test_what_was_refused_a_moment_ago_is_taken_back_unasked() -> None:
    """She is told that it is lent already and to give it back: laying it down first does."""

    async def story(rig: Rig) -> None:
        await lend(rig, LENT[0])
        library = rig.stage.places["library"].device
        assert isinstance(library, LibraryDevice)
        other = library.library.patrons["1234567891"]
        other.status_flags, other.blocked = frozenset(), False
        await rig.sign_in("1234567891", "4321")
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(LENT[0])
        await rig.until(lambda s: any(r.state is RowState.REFUSED for r in s.rows))
        assert "Aflevér" in rig.words()
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START and s.pad.empty, 60)
        await rig.lay(LENT[0])
        await rig.until(lambda s: s.phase is Phase.RETURN)
        await rig.until(lambda s: [back.state for back in s.backs] == [BackState.RETURNED])
        assert await loans(rig) == []

    play(story)


def test_items_in_stock_laid_down_first_ask_for_a_card() -> None:
    async def story(rig: Rig) -> None:
        await rig.lay("3846646425")
        await rig.until(lambda s: s.phase is Phase.CARD)
        assert not rig.state.backs

    play(story)


def test_what_is_back_already_stays_armed_and_owes_nothing() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("return")
        await rig.lay(*LENT)
        await rig.until(lambda s: len(s.backs) == 3 and not s.busy and not s.unsettled)
        assert {back.state for back in rig.state.backs} == {BackState.REFUSED}
        assert {byte for item in LENT for byte in await afi(rig, item)} == {"07"}
        assert await owed(rig) == 0
        assert await cases(rig) == []

    play(story)


def test_a_return_that_is_told_again_never_ends_a_loan_made_since(heard: Heard) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await lend(rig, LENT[0])
        await rig.fault("library", "drop_after_commit", only=["09", "17"], count=None)
        await rig.press("return")
        await rig.lay(LENT[0])
        await rig.until(lambda s: bool(s.backs) and s.backs[0].state is BackState.STAFF, 200)
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START and s.pad.empty, 60)
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        await rig.lay(LENT[0])
        await rig.until(lambda s: any(r.state is RowState.REFUSED for r in s.rows), 120)
        await rig.stage.do("clear", {"device": "library"})
        for _ in range(120):
            if not await rig.store.read(open_rows):
                break
            await rig.pause(1)
        await rig.lift()
        await rig.until(lambda s: s.pad.empty)
        await rig.lay(LENT[0])
        await rig.until(lambda s: len(s.done) == 1, 120)
        await rig.pause(60)
        assert await loans(rig) == [LENT[0]]

    play(story)


def owe(txn: Txn, uid: Uid) -> None:
    """An earlier visit died while this tag was to be armed."""
    trace = txn.new_id()
    debts.open_debt(txn, uid=uid, wanted=0x07, why="visit", item=LENT[1], trace=trace)


def test_what_a_tag_owes_from_before_never_silences_an_item_that_comes_back() -> None:
    """The library system still says on loan while the return is under way: that word is old when it comes."""

    async def story(rig: Rig) -> None:
        await lend(rig, *LENT)
        owing = {tag.uid for tag in rig.stage.world.items[LENT[1]].tags}
        for uid in owing:
            await rig.store.write(partial(owe, uid=Uid(uid)))
        await rig.press("return")
        await rig.lay(*LENT)
        await rig.until(lambda s: len(s.backs) == 3 and not s.unsettled and not s.owing)
        await rig.pause(2)
        assert await loans(rig) == []
        for item in LENT:
            assert await afi(rig, item) == {"07"}, item
        assert await owed(rig) == 0

    play(story)


def test_a_reserved_item_goes_to_the_shelf_with_its_own_words() -> None:
    async def story(rig: Rig) -> None:
        device = rig.stage.places["library"].device
        assert isinstance(device, LibraryDevice)
        await lend(rig, "3846646433")
        device.library.holds.append(Hold("3846646433", "1234567891", pickup="Borgernes Hus"))
        await rig.press("return")
        await rig.lay("3846646433")
        await rig.until(lambda s: len(s.backs) == 1 and not s.unsettled)
        assert rig.state.backs[0].held
        assert rig.state.backs[0].place == "H"
        assert "Stil den på reserveringshylden." in rig.words()

    play(story)


def test_an_item_reserved_at_another_library_says_so_and_goes_on_its_way() -> None:
    async def story(rig: Rig) -> None:
        device = rig.stage.places["library"].device
        assert isinstance(device, LibraryDevice)
        await lend(rig, "3846646433")
        held = replace(device.library.rules, branches={"HB": "Borgernes Hus"})
        device.library.rules = held
        device.library.holds.append(Hold("3846646433", "1234567891", pickup="Dalum"))
        await rig.press("return")
        await rig.lay("3846646433")
        await rig.until(lambda s: len(s.backs) == 1 and not s.unsettled)
        assert rig.state.backs[0].held
        assert rig.state.backs[0].place == "2"
        assert "Reserveret af en anden låner" in rig.words()
        assert "Læg den i kasse 2." in rig.words()
        assert rig.state.cue is Cue.HOLD

    play(story)


def test_a_book_of_another_library_leaves_as_silent_as_it_came() -> None:
    """It was armed before it was asked about, and whoever carries it home must not set off the gate."""

    async def story(rig: Rig) -> None:
        device = rig.stage.places["library"].device
        assert isinstance(device, LibraryDevice)
        await lend(rig, "3846646433")
        del device.library.items["3846646433"]
        del device.library.loans["3846646433"]
        await rig.press("return")
        await rig.lay("3846646433")
        await rig.until(lambda s: len(s.backs) == 1 and not s.unsettled)
        assert rig.state.backs[0].state is BackState.REFUSED
        assert rig.state.backs[0].reason == "item.unknown"
        assert await afi(rig, "3846646433") == {"c2"}
        assert await owed(rig) == 0
        assert await cases(rig) == []

    play(story)


def test_a_set_is_taken_back_whole() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, "3846646466")
        await rig.press("return")
        await rig.lay("3846646466", parts=[1, 2])
        await rig.until(lambda s: any(b.here == 2 for b in s.backs))
        assert rig.state.backs[0].state is BackState.INCOMPLETE
        assert await loans(rig) == ["3846646466"]
        await rig.lay("3846646466", parts=[3])
        await rig.until(lambda s: bool(s.backs) and s.backs[0].state is BackState.RETURNED)
        assert await loans(rig) == []
        assert await afi(rig, "3846646466") == {"07"}

    play(story)


@pytest.mark.parametrize(
    "fault", ["drop_after_commit", "drop_before_commit", "close_mid_answer", "silent", "other_item"]
)
def test_a_return_without_a_good_answer_is_told_again_and_counts_once(
    heard: Heard, fault: str
) -> None:
    heard.expect("library.line.dropped", "service.down")

    async def story(rig: Rig) -> None:
        await lend(rig, *LENT[:2])
        await rig.press("return")
        await rig.fault("library", fault, only="09", count=1)
        await rig.lay(*LENT[:2])
        await rig.until(lambda s: len(s.backs) == 2 and not s.unsettled, 120)
        assert await loans(rig) == []
        assert {b.state for b in rig.state.backs} == {BackState.RETURNED}
        assert not await rig.store.read(open_rows)

    play(story)


def test_an_item_lifted_before_it_is_armed_is_asked_back() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, LENT[0])
        await rig.press("return")
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=LENT[0])
        await rig.lay(LENT[0])
        await rig.until(lambda s: any(b.state is BackState.WAIT_TAG for b in s.backs))
        assert "Læg den tilbage på pladen" in rig.words()
        assert await loans(rig) == [LENT[0]], "not armed, not returned"
        await rig.lay(LENT[0])
        await rig.until(lambda s: s.backs[0].state is BackState.RETURNED)
        assert await afi(rig, LENT[0]) == {"07"}

    play(story)


def test_what_never_comes_back_to_the_pad_goes_to_staff() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, LENT[0])
        await rig.press("return")
        await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=LENT[0])
        await rig.lay(LENT[0])
        await rig.until(lambda s: any(b.state is BackState.WAIT_TAG for b in s.backs))
        await rig.until(lambda s: s.backs[0].state is BackState.STAFF, 90)
        assert await cases(rig) == [f"still_disarmed {LENT[0]}"]

    play(story)


def test_nothing_laid_down_is_no_visit() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("return")
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.START)

    play(story)


def test_somebody_who_leaves_after_returning_is_not_waited_for() -> None:
    async def story(rig: Rig) -> None:
        await lend(rig, LENT[0])
        await rig.press("return")
        await rig.lay(LENT[0])
        await rig.until(lambda s: len(s.backs) == 1 and not s.unsettled)
        await rig.lift()
        await rig.until(lambda s: s.over is Over.IDLE, 25)
        await rig.until(lambda s: s.phase is Phase.END, 31)
        assert "Tak, fordi du afleverede" in rig.words()
        await rig.until(lambda s: s.phase is Phase.START, 20)

    play(story)


def test_what_comes_back_by_its_barcode_is_asked_onto_the_pad() -> None:
    item, other = "3846646433", "3846646425"

    async def story(rig: Rig) -> None:
        await lend(rig, item)
        await lend(rig, other)
        await rig.press("return")
        for number in (item, other):
            await rig.scan(number)
        await rig.until(lambda s: len(s.backs) == 2 and not s.unsettled)
        assert rig.words().count("Læg den også på pladen, så alarmen slås til.") == 2
        await rig.lay(item)
        await rig.until(lambda s: bool(s.backs[0].tags))
        await rig.pause(1)
        assert rig.words().count("Læg den også på pladen") == 1
        assert await afi(rig, item) == {"07"}
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)
        assert await cases(rig) == [f"still_disarmed {other}"], "staff sees to the other"

    play(story)
