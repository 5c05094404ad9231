"""The table of flows, each step with what may go wrong in it: every entry is a test that bears its name."""

from dataclasses import replace
from typing import Any

import pytest

from drivers.service.view import Cue
from hw_sim.ils.device import LibraryDevice
from hw_sim.ils.stock import Hold, Taken
from kiosk.lending.backs import BackState
from kiosk.lending.lents import LentState
from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.simulation.rig import STATION, Rig, play
from tests.simulation.tables import proven
from tests.simulation.test_returning import lend
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, SET, afi, cases, signed_in

RESERVED = "3846646441"
SIM = "simulation/test_"

ELSEWHERE = {
    "start: reader dead": [
        f"{SIM}cards.py::test_without_any_reader_the_number_is_typed",
        f"{SIM}degraded.py::test_no_mixture_of_dead_devices_takes_the_screen_away",
    ],
    "start: pad dead": [
        f"{SIM}card_or_item.py::test_without_a_pad_items_are_scanned_before_the_card_and_lent_to_it",
        f"{SIM}card_or_item.py::test_while_nobody_can_be_asked_an_item_signs_nobody_in",
        f"{SIM}degraded.py::test_without_a_pad_items_are_borrowed_by_barcode_one_at_a_time",
        f"{SIM}degraded.py::test_without_a_pad_items_come_back_by_barcode_and_staff_arms_them",
    ],
    "start: both dead": [
        f"{SIM}degraded.py::test_with_neither_pad_nor_scanner_the_account_is_looked_at_by_a_typed_number",
        f"{SIM}degraded.py::test_pad_and_scanner_that_die_in_a_visit_are_said_and_nothing_impossible_is_asked",
        f"{SIM}degraded.py::test_a_library_may_want_it_out_of_order_then_and_it_names_the_nearest",
        f"{SIM}every_death.py::test_what_is_offered_works_to_its_end_and_needs_nothing_dead",
    ],
    "card: unread": [
        f"{SIM}cards.py::test_what_is_nobodys_card_is_refused_kindly_and_hers_is_taken_after_it",
        f"{SIM}cards.py::test_without_any_reader_the_number_is_typed",
        f"{SIM}cards.py::test_a_typed_number_is_masked_mended_and_refused_when_it_is_none",
    ],
    "receipt: paper, cover, cutter": [
        f"{SIM}wires_in_trouble.py::test_a_receipt_that_fails_leaves_the_list_on_the_screen_and_the_loan_stands",
        f"{SIM}receipts.py::test_it_is_mailed_instead",
        f"{SIM}receipts.py::test_it_is_printed_again_once_there_is_paper_and_headed_as_a_copy",
    ],
    "receipt: silence": [
        f"{SIM}wires_in_trouble.py::test_a_mute_printer_does_not_hold_the_borrower"
    ],
    "pin: wrong": [f"{SIM}sign_in.py::test_a_wrong_pin_and_an_unknown_card_read_the_same"],
    "pin: five wrong": [
        f"{SIM}sign_in.py::test_five_wrong_pins_block_the_card_for_a_quarter_of_an_hour"
    ],
    "pin: library system slow": [
        f"{SIM}sign_in.py::test_a_slow_library_system_is_said_and_signing_in_goes_on"
    ],
    "borrow: a tag leaves in mid-write": [
        f"{SIM}tags_in_trouble.py::test_a_book_lifted_while_its_tag_is_written_is_asked_back_by_its_title",
        f"{SIM}tags_in_trouble.py::test_finish_waits_for_a_lifted_book_and_then_leaves_the_matter_to_staff",
    ],
    "borrow end: items left on the pad": [
        f"{SIM}time.py::test_a_forgotten_item_is_chimed_for_and_then_left_to_staff_until_it_is_taken"
    ],
    "set: part missing": [
        f"{SIM}sets.py::test_the_missing_part_is_named_and_staff_can_be_asked",
        f"{SIM}sets.py::test_an_incomplete_set_stays_armed_and_stands_on_the_receipt_as_not_borrowed",
    ],
    "unread: double tag": [
        f"{SIM}sets.py::test_two_pieces_that_say_they_are_the_same_part_go_to_staff"
    ],
    "unread: metal or disc": [
        f"{SIM}tags_in_trouble.py::test_tags_that_cannot_be_read_never_hold_the_others"
    ],
    "unread: a tag of another kind": [
        f"{SIM}tags_in_trouble.py::test_strange_tags_are_said_and_harm_nobody"
    ],
    "offline: what goes on, and what does not": [
        "simulation::test_what_is_borrowed_offline_is_told_by_itself_as_it_happened",
        "simulation::test_what_cannot_be_done_says_why_and_the_state_of_the_library_is_told",
        "simulation::test_a_broken_line_holds_nobody_for_more_than_five_seconds",
        "simulation::test_a_silent_line_holds_nobody_for_more_than_ten_seconds",
    ],
    "offline: duplicates": [
        "simulation::test_an_item_that_another_borrower_has_taken_along_is_not_lent_twice",
        "simulation::test_an_answer_that_is_lost_while_replaying_is_asked_for",
        "simulation::test_two_kiosks_that_tell_of_the_same_item_leave_no_loan_of_a_book_that_is_back",
        "simulation::test_a_story_may_be_cut_short_anywhere",
    ],
    "offline: later refusals": [
        "simulation::test_an_item_that_somebody_else_has_since_is_left_to_staff_with_all_that_is_known",
        "simulation::test_staff_may_have_a_refused_row_told_once_more_with_its_own_date",
        "simulation::test_a_late_loan_that_was_refused_is_sent_again_and_nobody_is_shown",
    ],
    "offline: replay by itself": [
        "simulation::test_a_day_later_and_after_a_restart_it_is_told_with_its_own_date",
        "simulation::test_the_library_system_may_go_away_again_while_it_is_told",
    ],
    "return: wrong box": [  # a kiosk sees no box; the plant finds it back already, so a person looks
        f"{SIM}wrong_box.py::test_what_a_kiosk_took_back_and_lies_in_the_box_of_the_belt_is_shown_to_staff",
        f"{SIM}wrong_box.py::test_a_kiosk_says_where_each_goes_until_the_end_and_on_paper_since_it_sees_no_box",
    ],
    "holds: expired": [
        f"{SIM}flows_by_ear.py::test_by_ear_and_five_keys[holds: seen, cancelled, fetched]"
    ],
    "holds: at another branch": [f"{SIM}holds.py::test_ready_ones_stand_first_by_their_number"],
    "holds: not cancelled": [
        f"{SIM}holds.py::test_what_the_library_keeps_stays_and_may_be_asked_for_again",
        f"{SIM}holds.py::test_without_an_answer_the_lists_tell",
        f"{SIM}holds.py::test_a_crash_while_a_hold_goes_leaves_no_doubt",
    ],
    "fees: fee block": [
        f"{SIM}holds.py::test_who_may_not_borrow_still_sees_her_account",
        f"{SIM}paying.py::test_whoever_may_not_borrow_may_pay",
        f"{SIM}what_may_go_wrong.py::test_row[pin: blocked keeps return]",
    ],
    "paying: declined": [f"{SIM}paying.py::test_nothing_is_taken_and_it_may_be_tried_again"],
    "paying: terminal gone": [
        f"{SIM}paying.py::test_a_terminal_that_is_gone_leaves_the_way_online"
    ],
    "paying: no answer": [
        f"{SIM}paying.py::test_an_end_that_was_not_heard_is_found_out",
        f"{SIM}paying.py::test_a_card_that_paid_nothing_is_found_out_too",
        f"{SIM}paying.py::test_a_terminal_that_dies_while_it_is_asked_about_is_a_matter_for_staff",
    ],
    "paying: library system away": [
        f"{SIM}paying.py::test_money_that_was_taken_is_told_when_the_library_system_is_back",
        f"{SIM}paying.py::test_a_library_system_that_refuses_the_payment_is_a_matter_for_staff",
    ],
    "staff entry: guessing": [
        f"{SIM}staff.py::test_guessing_is_locked_for_a_quarter_of_an_hour_and_tells_nobody_which_card_is_known",
        f"{SIM}staff.py::test_a_lock_out_stands_after_a_restart",
    ],
    "out of order: flapping": [
        f"{SIM}degraded.py::test_a_device_that_comes_and_goes_does_not_make_the_screen_flap",
        f"{SIM}degraded.py::test_a_device_is_trusted_again_only_after_a_minute",
    ],
}


@pytest.mark.parametrize("row", ELSEWHERE)
def test_row_is_proven(row: str) -> None:
    proven(ELSEWHERE[row])


def library(rig: Rig) -> Any:
    device = rig.stage.places["library"].device
    assert isinstance(device, LibraryDevice)
    return device.library


async def returned(rig: Rig, *items: str) -> None:
    await rig.press("return")
    await rig.lay(*items)
    await rig.until(lambda s: len(s.backs) == len(items) and not s.unsettled, 90)


# --- sign-in ----------------------------------------------------------------------------------------


async def blocked_keeps_return(rig: Rig) -> None:
    await lend(rig, BOOK)
    await rig.sign_in("1234567891", "4321")
    await rig.until(lambda s: s.phase is Phase.BLOCKED)
    await returned(rig, BOOK)
    assert not rig.state.signed_in, "a return needs nobody, and keeps nobody"
    assert not await rig.loans()
    assert await afi(rig, BOOK) == {"07"}


async def blocked_with_items_down(rig: Rig) -> None:
    await lend(rig, OTHER)
    await rig.lay(BOOK)
    await rig.until(lambda s: s.phase is Phase.CARD)
    await rig.sign_in("1234567891", "4321")
    await rig.until(lambda s: s.phase is Phase.BLOCKED)
    await rig.lay(OTHER)
    await rig.press("return")
    await rig.until(lambda s: any(b.state is BackState.RETURNED for b in s.backs))
    assert not await rig.loans()


# --- borrow -----------------------------------------------------------------------------------------


async def one_refused(rig: Rig) -> None:
    await signed_in(rig)
    await rig.lay(BOOK, RESERVED, OTHER)
    await rig.until(lambda s: len(s.rows) == 3 and not s.unsettled and len(s.done) == 2)
    said = rig.words()
    assert "2 af 3 lånt" in said
    assert "Reserveret af en anden låner" in said
    assert await afi(rig, RESERVED) == {"07"}, "never silent for what is not lent"
    assert sorted(await rig.loans()) == sorted([BOOK, OTHER])


async def hold_says_where_to(rig: Rig) -> None:
    await signed_in(rig)
    await rig.lay(RESERVED)
    await rig.until(lambda s: any(r.state is RowState.REFUSED for r in s.rows))
    body = rig.screen.body
    assert body.rows[0].advice is not None  # type: ignore[union-attr]
    assert body.rows[0].advice_icon == "shelves"  # type: ignore[union-attr]


async def write_fails_after_the_loan(rig: Rig) -> None:
    await signed_in(rig)
    await rig.fault("pad", "afi_silent", item=BOOK, count=None)
    await rig.lay(BOOK, OTHER)
    await rig.until(lambda s: any(r.state is RowState.STAFF for r in s.rows), 120)
    assert "Alarmen kan lyde ved udgangen." in rig.words()
    assert await cases(rig) == [f"still_armed {BOOK}"]
    assert sorted(await rig.loans()) == sorted([BOOK, OTHER])
    assert rig.state.done[0].item == OTHER, "the others go on"


# --- return -----------------------------------------------------------------------------------------


async def not_ours(rig: Rig) -> None:
    await rig.press("return")
    await rig.scan("8899776655")
    await rig.until(lambda s: s.visit.said == "scan.no_item")
    assert "Er det et materiale, så vis det til personalet." in rig.words()


async def already_back(rig: Rig) -> None:
    await returned(rig, BOOK)
    assert rig.state.backs[0].state is BackState.REFUSED
    assert "Ikke afleveret" in rig.words()
    assert await afi(rig, BOOK) == {"07"}, "in the library it stays armed"


async def belongs_elsewhere(rig: Rig) -> None:
    await lend(rig, BOOK)
    library(rig).rules = replace(library(rig).rules, branches={"HB": "Borgernes Hus"})
    library(rig).items[BOOK].location = "Dalum"
    await returned(rig, BOOK)
    assert rig.state.backs[0].place == "2"
    assert "Tilhører et andet bibliotek" in rig.words()


async def held(rig: Rig) -> None:
    await lend(rig, OTHER)
    library(rig).holds.append(Hold(OTHER, "1234567891", pickup="Borgernes Hus"))
    await returned(rig, OTHER)
    assert "Stil den på reserveringshylden." in rig.words()
    assert rig.state.cue is Cue.HOLD, "it has a sound of its own"


async def alert(rig: Rig) -> None:
    await lend(rig, BOOK)
    whole = library(rig).checkin

    def damaged(*given: Any, **more: Any) -> Taken:
        taken: Taken = whole(*given, **more)
        return replace(taken, alert="99")

    library(rig).checkin = damaged
    await returned(rig, BOOK)
    assert rig.state.backs[0].state is BackState.RETURNED
    assert rig.state.backs[0].place == "P", "what wants attention does not vanish in a box"
    assert "Personalet ser på den" in rig.words()
    assert "Giv den til personalet." in rig.words()
    assert "Reserveret" not in rig.words(), "nobody has reserved it"
    assert rig.state.cue is Cue.ATTENTION


# --- renew ------------------------------------------------------------------------------------------


async def look(rig: Rig) -> None:
    await rig.press("loans")
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.LOANS and not s.visit.fetching)


async def not_renewed(rig: Rig) -> str:
    await look(rig)
    await rig.press("renew.l1")
    await rig.until(lambda s: s.lents[0].state is LentState.REFUSED)
    return rig.words()


async def renew_reserved(rig: Rig) -> None:
    await lend(rig, BOOK)
    library(rig).holds.append(Hold(BOOK, "1234567891", pickup="Borgernes Hus"))
    said = await not_renewed(rig)
    assert "reserveret af en anden låner" in said


async def renew_maximum(rig: Rig) -> None:
    await lend(rig, BOOK)
    library(rig).rules = replace(library(rig).rules, max_renewals=0)
    said = await not_renewed(rig)
    assert "Lånet kan ikke fornyes yderligere" in said


async def renew_too_early(rig: Rig) -> None:
    await lend(rig, BOOK)
    library(rig).rules = replace(library(rig).rules, renew_window_days=3)
    said = await not_renewed(rig)
    assert "Det er for tidligt at forny lånet" in said


async def renew_overdue(rig: Rig) -> None:
    await lend(rig, BOOK, days_ago=60)
    await look(rig)
    assert "Overskredet | Afleveres senest 2. oktober 2026" in rig.words()
    await rig.press("renew.l1")
    await rig.until(lambda s: s.lents[0].state is LentState.RENEWED)
    assert "Fornyet | Afleveres senest 1. december 2026" in rig.words()


async def one_refused_of_many(rig: Rig) -> None:
    await lend(rig, BOOK, OTHER, SET)
    library(rig).holds.append(Hold(BOOK, "1234567891", pickup="Borgernes Hus"))
    await look(rig)
    await rig.press("renew.all")
    await rig.until(lambda s: not s.busy and all(x.state is not LentState.LENT for x in s.lents))
    assert "2 af 3 fornyet" in rig.words()


ROWS = {
    "pin: blocked keeps return": blocked_keeps_return,
    "pin: blocked with items on the pad": blocked_with_items_down,
    "borrow: one refused": one_refused,
    "borrow: hold": hold_says_where_to,
    "borrow: write fails after the loan": write_fails_after_the_loan,
    "return: not ours": not_ours,
    "return: already back": already_back,
    "return: belongs elsewhere": belongs_elsewhere,
    "return: held": held,
    "return: alert": alert,
    "renew: reserved": renew_reserved,
    "renew: maximum": renew_maximum,
    "renew: too early": renew_too_early,
    "renew: overdue": renew_overdue,
    "renew: one refused of many": one_refused_of_many,
}


@pytest.mark.parametrize("row", ROWS)
def test_row(row: str) -> None:
    play(ROWS[row], station=STATION)
