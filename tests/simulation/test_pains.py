"""What borrowers and staff of self-service kiosks have suffered from, ranked: each pain is a test that bears its name."""

import asyncio
import gc
from typing import Any

import pytest

from drivers.ports import Uid
from kiosk.lending import acts
from kiosk.lending.rows import RowState
from kiosk.lending.state import Over, Phase
from tests.simulation.rig import STATION, Rig, play
from tests.simulation.tables import proven
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, SET, afi, signed_in
from tests.simulation.test_wires_in_trouble import checkouts

SIM = "simulation/test_"
IMPATIENT = STATION + "[lending]\nidle_s = 5\nwarning_s = 20\n"

RANKED = 15
"""As many are known."""

ELSEWHERE = {
    "1 on loan but still armed": [
        f"{SIM}tags_in_trouble.py::test_a_tag_that_refuses_in_silence_is_tried_thrice_and_never_called_done",
        f"{SIM}tags_in_trouble.py::test_finish_waits_for_a_lifted_book_and_then_leaves_the_matter_to_staff",
        f"{SIM}tags_in_trouble.py::test_a_debt_is_paid_when_the_item_is_seen_again",
        f"{SIM}crash_schedules.py::test_a_loan_may_be_cut_short_at_every_other_point",
        "unit/kiosk/test_flow.py::test_an_undo_that_may_have_armed_an_item_fetched_back_is_not_dropped_in_silence",
    ],
    "2 tags of the one before and of the next": [
        f"{SIM}tags_in_trouble.py::test_something_left_on_the_pad_is_said_and_not_given_to_the_next_borrower",
        f"{SIM}first_loan.py::test_items_laid_down_before_signing_in_are_borrowed_too",
        f"{SIM}hostile.py::test_what_was_left_on_the_pad_is_nobodys_until_it_is_laid_down_again",
    ],
    "3 lifted before it is silent": [
        f"{SIM}tags_in_trouble.py::test_a_book_lifted_while_its_tag_is_written_is_asked_back_by_its_title"
    ],
    "4 flapping between online and offline": [
        f"{SIM}wires_in_trouble.py::test_a_slow_library_system_is_reached_again_though_login_and_proof_take_their_time",
        "contract/test_library_line.py::test_a_short_break_is_not_worth_a_word_to_the_borrower",
        f"{SIM}replaying.py::test_a_line_that_comes_and_goes_while_all_is_told_turns_no_order_and_does_nothing_twice",
        f"{SIM}lost_answers.py::test_a_return_whose_answer_was_lost_never_ends_what_another_machine_lent",
        f"{SIM}crash_schedules.py::test_a_story_may_be_cut_short_anywhere",
    ],
    "5 slow or hung library system": [
        f"{SIM}wires_in_trouble.py::test_a_loan_without_a_good_answer_is_settled_by_asking",
        f"{SIM}wires_in_trouble.py::test_one_book_in_doubt_does_not_hold_the_others",
    ],
    "6 forgotten log-out": [
        f"{SIM}time.py::test_somebody_who_does_nothing_is_warned_and_logged_out",
        f"{SIM}privacy.py::test_nothing_of_a_visit_is_left",
    ],
    "7 printer": [
        f"{SIM}wires_in_trouble.py::test_a_receipt_that_fails_leaves_the_list_on_the_screen_and_the_loan_stands",
        f"{SIM}wires_in_trouble.py::test_a_mute_printer_does_not_hold_the_borrower",
        f"{SIM}wires_in_trouble.py::test_no_printer_at_all_still_lends",
        f"{SIM}receipts.py::test_with_the_printer_gone_e_mail_is_the_filled_choice",
    ],
    "8 incomplete sets, odd tags": [
        f"{SIM}sets.py::test_the_missing_part_is_named_and_staff_can_be_asked",
        f"{SIM}sets.py::test_a_set_whose_tag_does_not_tell_its_part",
        f"{SIM}tags_in_trouble.py::test_strange_tags_are_said_and_harm_nobody",
    ],
    "9 renewal refused without a reason": [
        f"{SIM}renewing.py::test_what_may_not_be_renewed_says_why"
    ],
    "10 hold found at return": [
        f"{SIM}what_may_go_wrong.py::test_row[return: held]",
        f"{SIM}hold_slip.py::test_a_hold_found_at_return_is_told_in_full_width_heard_and_has_a_slip",
        f"{SIM}hold_slip.py::test_without_a_printer_there_is_none_and_nothing_breaks",
    ],
    "14 touch only": [
        "journeys/test_whole_visit.py::test_a_blind_borrower_borrows_a_stack",
        "journeys/test_keys.py::test_arrows_reach_every_control",
    ],
    "15 PIN guessing": [
        f"{SIM}sign_in.py::test_five_wrong_pins_block_the_card_for_a_quarter_of_an_hour",
        f"{SIM}cards.py::test_a_wrong_pin_on_many_cards_makes_the_machine_wait",
    ],
}


@pytest.mark.parametrize("pain", ELSEWHERE)
def test_pain_is_answered(pain: str) -> None:
    proven(ELSEWHERE[pain])


def put(rig: Rig, *uids: Uid) -> None:
    """One inventory that the reader did not make: the pad's field is no straight line."""
    rig.kiosk._core.put(acts.PadPolled(rig.state.pad.uids | frozenset(uids)))


async def ghost(rig: Rig) -> None:
    """A tag that one poll saw and no other: of a shelf behind the pad, or of somebody who walks by."""
    await signed_in(rig)
    put(rig, Uid(bytes.fromhex("e004010000000099")))
    await rig.pause(10)
    assert not rig.state.rows
    assert not await rig.loans()
    assert await checkouts(rig) == []


async def tag_in_the_gap(rig: Rig) -> None:
    """The next one's book lies down in the very moment in which the last one's visit ends."""
    await signed_in(rig)
    await rig.lay(BOOK)
    await rig.until(lambda s: len(s.done) == 1)
    await rig.kiosk.request("press", {"action": "finish.none"})
    await rig.lay(OTHER)
    await rig.until(lambda s: s.phase is Phase.END)
    await rig.lift(BOOK)
    await rig.until(lambda s: s.phase is not Phase.END, 60)
    await rig.pause(5)
    assert sorted(await rig.loans()) == [BOOK], "neither the last one's nor anybody's yet"
    assert await afi(rig, OTHER) == {"07"}


async def gone_without_a_word(rig: Rig) -> None:
    """The last one took it all and left; the next one lays a book down before that visit has ended."""
    await signed_in(rig)
    await rig.lay(BOOK)
    await rig.until(lambda s: len(s.done) == 1)
    await rig.lift(BOOK)
    await rig.until(lambda s: s.over is Over.IDLE, 15)
    await rig.lay(OTHER)
    await rig.pause(5)
    assert rig.state.over is Over.IDLE
    assert sorted(await rig.loans()) == [BOOK], (
        "not the last one's, while nobody says they are there"
    )
    await rig.until(lambda s: s.phase is not Phase.BORROW, 40)
    await rig.pause(10)
    assert sorted(await rig.loans()) == [BOOK]
    assert await afi(rig, OTHER) == {"07"}


async def still_there(rig: Rig) -> None:
    """A second stack, fetched while the question stood: one touch, and it is lent."""
    await signed_in(rig)
    await rig.lay(BOOK)
    await rig.until(lambda s: len(s.done) == 1)
    await rig.lift(BOOK)
    await rig.until(lambda s: s.over is Over.IDLE, 15)
    await rig.lay(OTHER)
    await rig.pause(2)
    await rig.press("continue")
    await rig.until(lambda s: len(s.done) == 2)
    assert sorted(await rig.loans()) == sorted([BOOK, OTHER])


async def idle_in_the_middle_of_work(rig: Rig) -> None:
    await signed_in(rig)
    await rig.fault("pad", "tag_leaves_during", cmd="write_afi", item=BOOK)
    await rig.lay(BOOK)
    await rig.until(lambda s: any(r.state is RowState.WAIT_TAG for r in s.rows))
    await rig.pause(50)
    assert rig.state.over is Over.NOTHING
    assert rig.state.phase is Phase.BORROW
    await rig.lay(BOOK)
    await rig.until(lambda s: len(s.done) == 1)
    await rig.until(lambda s: s.over is Over.IDLE, 10)


async def nothing_piles_up(rig: Rig) -> None:
    """Visits leave neither tasks nor timers nor listeners behind."""

    async def once() -> tuple[int, int, int]:
        await signed_in(rig)
        await rig.lay(BOOK)
        await rig.until(lambda s: len(s.done) == 1)
        await rig.press("undo.r" + rig.state.rows[0].id[1:])
        await rig.until(lambda s: s.rows[0].state is RowState.UNDONE)
        await rig.press("finish.none")
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START and s.pad.empty, 60)
        await rig.pause(2)
        gc.collect()
        loop: Any = asyncio.get_running_loop()
        timers = sum(not handle.cancelled() for handle in loop._scheduled)
        return len(asyncio.all_tasks()), timers, len(rig.kiosk._listeners._all)

    first = await once()
    later = [await once() for _ in range(12)]
    assert later[-1] <= first


async def double_submit(rig: Rig) -> None:
    await signed_in(rig)
    await rig.fault("library", "delay", seconds=1.0, count=1)
    for _ in range(5):
        await rig.stage.do("scan", {"text": BOOK})
        await rig.pause(0.2)
    await rig.until(lambda s: len(s.done) == 1)
    assert await checkouts(rig) == [BOOK]


async def lifted_and_laid_at_once(rig: Rig) -> None:
    await signed_in(rig)
    for _ in range(4):
        await rig.lay(SET)
        await rig.pause(0.1)
        await rig.lift(SET)
        await rig.pause(0.1)
    await rig.lay(SET)
    await rig.until(lambda s: len(s.done) == 1)
    assert await checkouts(rig) == [SET]
    assert await afi(rig, SET) == {"c2"}


PAINS = {
    "2 ghost tag": (ghost, STATION),
    "2 a tag in the gap between two people": (tag_in_the_gap, STATION),
    "2 the last one left without a word": (gone_without_a_word, STATION),
    "2 still there after all": (still_there, STATION),
    "3 lifted and laid down at once": (lifted_and_laid_at_once, STATION),
    "11 idle in the middle of work": (idle_in_the_middle_of_work, IMPATIENT),
    "12 what piles up": (nothing_piles_up, STATION),
    "13 double submit": (double_submit, STATION),
}


@pytest.mark.parametrize("pain", PAINS)
def test_pain(pain: str) -> None:
    story, station = PAINS[pain]
    play(story, station=station)


def test_no_pain_is_left_out() -> None:
    assert {int(pain.split()[0]) for pain in (*ELSEWHERE, *PAINS)} == set(range(1, RANKED + 1))
