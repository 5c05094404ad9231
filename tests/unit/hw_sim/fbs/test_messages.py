"""What the simulated FBS answers to each message.

The shapes are those recorded in public code bibboxen/bibbox, test/fixtures/fbs.js; names and numbers are ours.
"""

import re

import pytest

from hw_sim.ils.fbs_device import FbsDevice
from hw_sim.simloop import run
from tests.unit.hw_sim.fbs.terminal import (
    BLOCKED,
    ask,
    block,
    borrow,
    device,
    end,
    fields,
    give_back,
    hold,
    information,
    item_information,
    patron_status,
    pay,
    renew,
    renew_all,
    status,
)
from tests.unit.hw_sim.ils.terminal import KAREN, OLE, D

UUID = re.compile(r"BK[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\|")
PLAIN = "3000000001"
OVERDUE = "3000000008"


def said(there: FbsDevice, *lines: str) -> str:
    """The answer to the last of these lines, its transaction id left out."""

    async def all_of_them() -> str:
        heard = ""
        for line in lines:
            heard = await ask(there, line)
        return heard

    return UUID.sub("BK|", run(all_of_them()))


# --- the library system -------------------------------------------------------------------------------


def test_the_status_is_as_recorded() -> None:
    assert said(device(), status()) == (
        f"98YYYYYY600999{D}2.00AODK-746100|AMOdense Biblioteker|BXYYYYYYYYYYYNNYYY|"
    )


# --- borrowers ----------------------------------------------------------------------------------------


def test_a_borrower_is_known_by_card_and_by_cpr() -> None:
    wanted = f"24{' ' * 14}009{D}AODK-746100|AALN:{KAREN}|AEKaren Testesen|BLY|CQY|"
    assert said(device(), patron_status()) == wanted
    assert said(device(), patron_status("3002991234")) == wanted


def test_an_unknown_borrower_has_no_name() -> None:
    assert said(device(), patron_status("9999999999")) == (
        f"24{' ' * 14}009{D}AODK-746100|AAANY:9999999999|BLN|CQN|"
    )
    assert said(device(), information("9999999999")) == (
        f"64{' ' * 14}009{D}{'0' * 24}AODK-746100|AAANY:9999999999|BLN|CQN|"
    )


def test_a_wrong_pin_is_told_and_shows_no_loans() -> None:
    assert said(device(), patron_status(pin="0000")).endswith("|BLY|CQN|")
    account = said(device(), information(pin="0000"))
    assert account[37:61] == "0" * 24
    assert account.endswith("|BLY|CQN|")
    hidden = device(wrong_pin="unknown")
    assert said(hidden, patron_status(pin="0000")).endswith(f"|AAANY:{KAREN}|BLN|CQN|")


def test_a_blocked_borrower_is_denied_all_four() -> None:
    assert said(device(), patron_status(BLOCKED, "1111"))[2:16] == "YYYY" + " " * 10


def test_a_card_can_be_blocked() -> None:
    there = device()
    blocked = said(there, block())
    assert blocked[:16] == "24YYYY" + " " * 10
    assert said(there, patron_status()) == blocked


def test_an_account_holds_all_lists_in_one_answer() -> None:
    there = device()
    account = said(there, borrow(PLAIN), information())
    assert account[:37] == f"64{' ' * 14}009{D}"
    assert account[37:61] == "000000010002000200010000"
    old = "3000000008%20261101%Gammel%%a%xx%"
    assert fields(account, 61) == [
        ("AO", "DK-746100"),
        ("AA", f"LN:{KAREN}"),
        ("AE", "Karen Testesen"),
        ("BZ", "9999"),
        ("CA", "9999"),
        ("CB", "9999"),
        ("BL", "Y"),
        ("CQ", "Y"),
        ("BH", "DKK"),
        ("BV", "32.50"),
        ("CC", "220.00"),
        ("AS", ""),
        ("AT", old),
        ("AU", old),
        ("AU", "3000000001%20261201%Tørst%Nesbø, Jo%a%xx%sk"),
        ("AV", "%F1%20261103%12.50%%%%%"),
        ("AV", "%F2%20261103%20.00%%%%%"),
        ("BU", old),
        ("CD", ""),
        ("BD", "Prøvevej 1%5000%Odense C%DK"),
        ("BE", "karen@example.org"),
        ("PB", "19990101"),
    ]


def test_empty_lists_come_as_empty_fields() -> None:
    account = said(device(), information("4444444444", ""))
    assert "|BHDKK|BV0.00|CC220.00|AS|AT|AU|AV|BU|CD|" in account
    assert "|BZ0000|CA9999|CB0000|" in account


def test_holds_are_told_with_their_place_in_the_catalogue() -> None:
    there = device()
    account = said(there, give_back("3000000006", place="dal"), information(OLE, "4321"))
    wanted = "AS00000006%3000000006%2%20261110%DK-746100 - Dalum%Kort%%a%xx%|"
    assert wanted in account
    assert account[37:41] == "0001"
    queued = said(there, hold("+", PLAIN), information(OLE, "4321"))
    assert "|CD53045650%3000000001%20270502%Tørst%Nesbø, Jo%a%xx%sk|" in queued


# --- lending ------------------------------------------------------------------------------------------


def test_a_loan_has_number_date_title_and_transaction() -> None:
    assert said(device(), borrow(PLAIN)) == (
        f"121NUY{D}AODK-746100|AA{KAREN}|AB3000000001|AJ53045650|AH20261201    000000|"
        "CHTørst%Nesbø, Jo%a%xx%sk|BK|"
    )


def test_a_loan_by_cpr_is_answered_with_what_was_asked() -> None:
    there = device()
    assert "|AA3002991234|" in said(there, borrow(PLAIN, "3002991234"))
    assert there.library.loans[PLAIN].card == KAREN


def test_the_same_loan_again_is_refused_as_too_early_a_renewal() -> None:
    there = device()
    assert said(there, borrow(PLAIN), borrow(PLAIN)) == (
        f"120NUN{D}AODK-746100|AA{KAREN}|AB3000000001|AJ53045650|AH20261201    000000|"
        "CHTørst%Nesbø, Jo%a%xx%sk|BK|AF[BEFORE_RENEW_PERIOD]|"
    )
    assert there.library.loans[PLAIN].renewals == 0


@pytest.mark.parametrize(
    ("item", "patron", "pin", "reason"),
    [
        ("3999999999", KAREN, "1234", "[MATERIAL_NOT_FOUND]"),
        ("3000000003", KAREN, "1234", "Reserveret"),
        ("3000000004", KAREN, "1234", "[MATERIAL_IS_NOT_LOANABLE]"),
        (PLAIN, "9999999999", "1234", "[LOANER_NOT_FOUND]"),
        (PLAIN, BLOCKED, "1111", "[LOANER_IS_BLOCKED]"),
        (PLAIN, KAREN, "0000", "[OTHER_REASON]"),
    ],
)
def test_a_refused_loan_says_why_and_bears_a_transaction(
    item: str, patron: str, pin: str, reason: str
) -> None:
    there = device()
    answer = said(there, borrow(item, patron, pin))
    assert answer.startswith(f"120NUN{D}AODK-746100|AA{patron}|AB{item}|")
    assert answer.endswith(f"|BK|AF{reason}|")
    assert item not in there.library.loans


def test_a_loan_that_has_happened_is_taken_with_its_date() -> None:
    there = device()
    line = f"11NY{D}20261115    235959|AODK-746100|AA{KAREN}|AB3000000003|AC|CH|AD1234|"
    assert said(there, line).startswith("121NUY")
    assert there.library.loans["3000000003"].due.isoformat() == "2026-11-15"


def test_an_item_that_keeps_its_alarm_is_not_desensitized() -> None:
    assert said(device(), borrow("3000000009")).startswith("121NUN")


def test_a_renewal_waits_for_its_last_week() -> None:
    there = device()
    assert said(there, borrow(PLAIN), renew(PLAIN)) == (
        f"300NUN{D}AODK-746100|AA{KAREN}|AB3000000001|AJ53045650|AH20261201    000000|"
        "CHTørst%Nesbø, Jo%a%xx%sk|BK|AF[BEFORE_RENEW_PERIOD]|"
    )
    assert said(there, renew(OVERDUE)).startswith(f"301YUY{D}AODK-746100|AA{KAREN}|AB{OVERDUE}|")
    assert there.library.loans[OVERDUE].due.isoformat() == "2026-12-01"


def test_the_window_opens_seven_days_before_the_due_date() -> None:
    there = device()
    said(there, borrow(PLAIN))
    loan = there.library.loans[PLAIN]
    loan.due = loan.due.replace(month=11, day=11)
    assert said(there, renew(PLAIN)).startswith("300")
    loan.due = loan.due.replace(month=11, day=10)
    assert said(there, renew(PLAIN)).startswith("301")


def test_codes_may_come_without_brackets() -> None:
    bare = device(bare_codes=True)
    assert said(bare, borrow(PLAIN), borrow(PLAIN)).endswith("|AFBEFORE_RENEW_PERIOD|")
    assert said(bare, borrow("3999999999")).endswith("|AFMATERIAL_NOT_FOUND|")


def test_renewing_all_is_ok_though_some_were_refused() -> None:
    there = device()
    assert said(there, borrow(PLAIN), renew_all()) == (
        f"66100010001{D}AODK-746100|BM3000000008%20261201%Gammel%%a%xx%|"
        "BN3000000001%UNSUCCESSFUL%20261201%Tørst%Nesbø, Jo%a%xx%sk|"
    )
    assert said(there, renew_all("9999999999")).endswith("AODK-746100|AF[LOANER_NOT_FOUND]|")


# --- returns ------------------------------------------------------------------------------------------


def test_a_return_names_its_place_in_four_parts_and_who_had_it() -> None:
    there = device()
    assert said(there, borrow("3000000002"), give_back("3000000002")) == (
        f"101YUN{D}AODK-746100|AB3000000002|AQBorgernes Hus%Voksen%Krimi%|AJ00000002|"
        f"AALN:{KAREN}|CHLykke-Per%Henrik Pontoppidan%a%xx%61.36|"
    )


def test_a_return_says_what_it_is_held_for_and_where_it_goes() -> None:
    there = device()
    held = said(there, borrow("3000000003", no_block="Y"), give_back("3000000003"))
    assert held.endswith("|AFReserveret|")
    assert said(there, borrow(PLAIN), give_back(PLAIN)).endswith("|AFSendes til Dalum|")
    assert said(there, borrow(PLAIN), give_back(PLAIN, place="dal")).endswith("%a%xx%sk|")


def test_a_return_of_what_was_not_lent_or_is_not_known() -> None:
    there = device()
    unlent = said(there, give_back("3000000002"))
    assert unlent.startswith(f"100YUN{D}AODK-746100|AB3000000002|AQBorgernes Hus%Voksen%Krimi%|")
    assert unlent.endswith("|AF[OTHER_REASON]|")
    assert said(there, give_back("3999999999")) == (
        f"100NUN{D}AODK-746100|AB3999999999|AF[MATERIAL_NOT_FOUND]|"
    )


def test_a_bin_is_told_where_the_library_has_bins() -> None:
    there = device(bins={"Dalum": "701"})
    assert "|CL701|" in said(there, borrow(PLAIN), give_back(PLAIN))


# --- items, holds, fees, end --------------------------------------------------------------------------


def test_an_item_tells_its_state() -> None:
    there = device()
    assert said(there, item_information(PLAIN)) == (
        f"18030001{D}AODK-746100|AB3000000001|AJ53045650|AQDalum%%%|CHTørst%Nesbø, Jo%a%xx%sk|"
    )
    lent = said(there, borrow(PLAIN), item_information(PLAIN))
    assert lent.startswith("1804")
    assert "|AH20261201    000000|" in lent
    unknown = said(there, item_information("3999999999"))
    assert unknown.startswith("1801")
    assert unknown.endswith("|AB3999999999|AJ|AF[MATERIAL_NOT_FOUND]|")


def test_a_hold_is_placed_by_item_or_by_the_title_s_number_and_cancelled() -> None:
    there = device()
    placed = said(there, hold("+", PLAIN))
    assert placed == (f"161N{D}AODK-746100|AA{OLE}|AB3000000001|AJ53045650|BR1|BSDalum|")
    assert said(there, hold("+", PLAIN)).startswith("160N")
    assert said(there, hold("-", PLAIN)).startswith("161N")
    unknown = said(there, hold("+", "3999999999"))
    assert unknown == f"160N{D}AODK-746100|AA{OLE}|AF[MATERIAL_NOT_FOUND]|"
    by_title = f"15+{D}|BSdal|AODK-746100|AA{OLE}|AJ53045650|"
    assert "|AB3000000001|" in said(there, by_title)
    assert "|CD53045650%%20270502%Tørst%" in said(there, information(OLE, "4321"))


def test_a_payment_is_taken_with_its_transaction() -> None:
    there = device()
    assert said(there, pay("32.50")) == f"38Y{D}AODK-746100|AA{KAREN}|BKk1-000042|"
    assert "|BV0.00|" in said(there, information())
    assert said(there, pay("1.00")).startswith("38N")


def test_a_visit_is_ended() -> None:
    assert said(device(), end()) == f"36Y{D}AODK-746100|AA{KAREN}|"


# --- texts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "manner", "sent"),
    [
        ("Salt & peber", {}, "Salt & peber"),
        ("Salt & peber", {"escaped_twice": True}, "Salt &amp; peber"),
        ("<Ø>", {"escaped_twice": True}, "&lt;Ø&gt;"),
        ("100 % sukker", {}, "100 % sukker"),
        ("Ja|nej", {}, "Ja&#124;nej"),
        ("Ja|nej", {"escaped_twice": True}, "Ja&#124;nej"),
        ("To\r\nlinjer", {}, "To  linjer"),
        ("Åben å", {"nfd": True}, "A\u030aben a\u030a"),
        ("A\u030aben", {}, "Åben"),
    ],
)
def test_titles_on_the_wire(title: str, manner: dict[str, object], sent: str) -> None:
    there = device(**manner)
    there.library.items[PLAIN].title = title
    assert f"|CH{sent}%Nesbø, Jo%a%xx%sk|" in said(there, borrow(PLAIN))


def test_the_transaction_date_is_the_terminal_s_and_the_status_is_ours() -> None:
    theirs = "20200101    000000"
    answer = said(device(), patron_status().replace(D, theirs))
    assert theirs in answer
    assert D not in answer
    assert D in said(device(), status())
