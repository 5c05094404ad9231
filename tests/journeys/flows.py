"""Every flow of a kiosk: which test shows it at the window by accessible role and name, and which by five keys and speech alone.

The flows in the order in which people meet them. `wrong` are the rows of tests/simulation/test_what_may_go_wrong.py that
tell what may go wrong in it. tests/journeys/test_flows.py holds this table to the tests.
"""

from dataclasses import dataclass

VISIT = "journeys/test_whole_visit.py::test_"
DAY = "journeys/test_one_day.py::test_one_day_of_a_machine"
PAD = "journeys/test_pad_at_window.py::test_"
SIGN_IN = "journeys/test_sign_in_at_window.py::test_"
RECEIPTS = "journeys/test_receipts_at_window.py::test_"
PAYING = "journeys/test_paying_at_window.py::test_"
OFFLINE = "journeys/test_offline_at_window.py::test_"
STAFF = "journeys/test_staff_at_window.py::test_"
ACCOUNT = f"{VISIT}a_borrower_finds_her_holds_takes_one_lets_one_go_and_hears_what_she_owes"
STACK = f"{VISIT}a_blind_borrower_borrows_a_stack"
KEYS = "simulation/test_five_keys.py::test_"


def ear(*rows: str) -> tuple[str, ...]:
    return tuple(f"simulation/test_flows_by_ear.py::test_by_ear_and_five_keys[{r}]" for r in rows)


def staff_ear(*rows: str) -> tuple[str, ...]:
    return tuple(
        f"simulation/test_staff_by_ear.py::test_staff_by_ear_and_five_keys[{r}]" for r in rows
    )


def paying_ear(*rows: str) -> tuple[str, ...]:
    return tuple(
        f"simulation/test_paying_by_ear.py::test_paying_by_ear_and_five_keys[{r}]" for r in rows
    )


@dataclass(frozen=True)
class Shown:
    """Where one flow is shown."""

    window: tuple[str, ...]
    ear: tuple[str, ...]
    wrong: tuple[str, ...] = ()


FLOWS = {
    "start": Shown(
        (
            f"{VISIT}undo_by_its_spoken_name_and_in_english",
            f"{SIGN_IN}help_and_a_look_are_asked_for_by_name",
            "journeys/test_read_aloud.py::test_a_headset_and_keys_lead_the_window",
            f"{PAD}without_pad_and_scanner_an_account_is_looked_at_by_a_typed_number",
        ),
        (
            f"{KEYS}plugging_a_headset_in_begins_and_says_how_to_go_on",
            f"{KEYS}help_and_language",
            *ear(
                "language",
                "start: larger, contrast, silent again",
                "start: pad and scanner dead, number typed",
            ),
        ),
        ("start: reader dead", "start: pad dead", "start: both dead"),
    ),
    "login card": Shown(
        (
            f"{VISIT}a_card_with_a_chip_signs_in_and_a_phone_is_told_kindly",
            f"{VISIT}the_number_of_a_card_is_typed",
            DAY,
        ),
        ear("login card: with a chip", "login card: typed number", "login card: unread"),
        ("card: unread",),
    ),
    "login PIN": Shown(
        (
            f"{SIGN_IN}five_wrong_pins_are_enough_and_the_words_never_tell_which_was_wrong",
            f"{SIGN_IN}a_slow_library_system_is_said_and_she_is_let_in",
            f"{SIGN_IN}whoever_may_not_borrow_is_told_neutrally_and_may_still_return",
        ),
        (
            f"{KEYS}a_wrong_pin_is_said_and_the_digits_are_counted",
            *ear(
                "login PIN: five wrong",
                "login PIN: library system slow",
                "login PIN: blocked keeps returning",
            ),
        ),
        (
            "pin: wrong",
            "pin: five wrong",
            "pin: library system slow",
            "pin: blocked keeps return",
            "pin: blocked with items on the pad",
        ),
    ),
    "borrow": Shown(
        (
            STACK,
            f"{PAD}a_fee_on_a_loan_is_asked_for_and_a_reserved_item_is_left",
            f"{PAD}a_book_that_is_lifted_too_soon_is_asked_back_and_one_that_stays_is_chimed_for",
        ),
        (
            f"{KEYS}borrow_undo_and_a_receipt",
            f"{KEYS}a_refused_item_is_said_with_its_reason_and_what_to_do",
            *ear(
                "fee on a loan",
                "borrow: a person's number for an item",
                "borrow: lifted while it is written",
            ),
        ),
        (
            "borrow: one refused",
            "borrow: a tag leaves in mid-write",
            "borrow: hold",
            "borrow: write fails after the loan",
        ),
    ),
    "borrow end": Shown(
        (
            STACK,
            f"{PAD}a_book_that_is_lifted_too_soon_is_asked_back_and_one_that_stays_is_chimed_for",
        ),
        ear("borrow end: left on the pad"),
        ("borrow end: items left on the pad",),
    ),
    "set": Shown(
        (DAY, f"{STAFF}staff_lets_a_set_go_with_a_part_missing_and_the_visit_stays_hers"),
        (
            *ear("set: part missing, then found", "set: part missing, not lent"),
            *staff_ear("an incomplete set let go"),
        ),
        ("set: part missing",),
    ),
    "unread": Shown(
        (f"{PAD}a_tag_that_cannot_be_read_is_lent_by_its_barcode",),
        ear("unread"),
        ("unread: double tag", "unread: metal or disc", "unread: a tag of another kind"),
    ),
    "barcode mode": Shown(
        (f"{PAD}without_a_pad_items_go_out_and_come_back_by_barcode",),
        ear("start: pad dead, barcode instead"),
        ("start: pad dead",),
    ),
    "return": Shown(
        (
            DAY,
            f"{PAD}what_comes_back_for_somebody_else_goes_on_the_shelf_and_what_is_not_lent_stays",
        ),
        (
            f"{KEYS}returning_says_where_each_item_goes",
            *ear("return: box and shelf"),
        ),
        (
            "return: not ours",
            "return: already back",
            "return: belongs elsewhere",
            "return: held",
            "return: alert",
            "return: wrong box",
        ),
    ),
    "renew": Shown(
        (DAY,),
        (
            f"{KEYS}renewing_one_loan_by_its_name",
            *ear("renew: one, and the tabs of the account", "renew: one refused"),
        ),
        (
            "renew: reserved",
            "renew: maximum",
            "renew: too early",
            "renew: overdue",
            "renew: one refused of many",
        ),
    ),
    "holds": Shown(
        (ACCOUNT,),
        ear("holds: seen, cancelled, fetched"),
        ("holds: expired", "holds: at another branch", "holds: not cancelled"),
    ),
    "fees": Shown((ACCOUNT,), ear("fees"), ("fees: fee block",)),
    "paying": Shown(
        (
            f"{PAYING}what_is_owed_is_paid_told_and_stands_on_the_receipt",
            f"{PAYING}a_card_that_is_declined_and_a_payment_that_is_stopped_take_nothing",
            f"{PAYING}a_terminal_that_is_gone_is_said_and_one_that_dies_with_the_money_takes_it_once",
        ),
        paying_ear(
            "approved, and a receipt",
            "declined, and tried again",
            "stopped by her",
            "terminal gone: the way online",
            "terminal dies with the money",
            "library system away: told later",
        ),
        (
            "paying: declined",
            "paying: terminal gone",
            "paying: no answer",
            "paying: library system away",
        ),
    ),
    "receipt": Shown(
        (
            STACK,
            f"{RECEIPTS}a_receipt_is_sent_by_e_mail",
            f"{RECEIPTS}without_paper_its_button_says_so_and_a_failed_print_is_sent_instead",
        ),
        ear(
            "receipt: by e-mail",
            "receipt: on paper, and what it says",
            "receipt: no paper came",
            "receipt: read aloud, whole",
            "receipt: not possible",
        ),
        ("receipt: paper, cover, cutter", "receipt: silence"),
    ),
    "time": Shown(
        (f"{SIGN_IN}somebody_who_does_nothing_is_asked_and_then_forgotten",),
        (
            f"{KEYS}the_idle_warning_is_said_and_any_key_gives_a_whole_period",
            *ear("time: idle with items left"),
        ),
    ),
    "out of order": Shown(
        (f"{VISIT}pulled_cables_are_said_in_every_language",),
        ear("out of order"),
        ("out of order: flapping",),
    ),
    "offline": Shown(
        (
            f"{OFFLINE}lending_and_returning_go_on_without_the_cable_and_are_told_by_themselves",
            f"{OFFLINE}the_cable_is_pulled_in_the_middle_of_a_visit",
        ),
        ear("offline: borrow and return", "offline: in the middle of a visit"),
        (
            "offline: what goes on, and what does not",
            "offline: duplicates",
            "offline: later refusals",
            "offline: replay by itself",
        ),
    ),
    "staff entry": Shown(
        (
            f"{VISIT}staff_closes_the_machine_by_what_is_read_out",
            f"{STAFF}a_case_is_taken_put_back_mended_on_the_pad_and_another_closed_with_a_reason",
            f"{STAFF}a_new_roll_is_told_and_proven",
            f"{STAFF}sound_and_screen_are_set_for_the_day",
            f"{STAFF}a_card_that_must_wait_is_let_try_again",
            f"{STAFF}guessing_is_answered_with_no_access",
        ),
        (
            *ear("staff entry: a case, and out of service", "staff entry: guessing"),
            *staff_ear(
                "printer: a new roll",
                "hours of sound and screen",
                "a card that must wait",
                "a case: the alarm mended on the pad",
                "a case: closed with a reason",
            ),
        ),
        ("staff entry: guessing",),
    ),
}

NOT_BUILT = {"passport id": "kiosk/passport", "passport door": "kiosk/passport"}
"""Flows of a machine that is not built: the folder that it will have. Once that is there, a flow must be shown."""

OPERATORS = {
    "safe state": (
        "journeys/test_panel.py::test_after_an_emergency_stop_the_panel_says_why_it_cannot_go_on",
        "simulation/test_sorter.py::test_after_an_emergency_stop_the_belt_is_not_believed_until_it_is_empty",
    )
}
"""A flow of the belt's operator, not of anybody at a kiosk."""
