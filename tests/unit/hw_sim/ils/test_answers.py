"""Each command and its answer on the wire, and the manners of real servers."""

import unicodedata

import pytest

from hw_sim.ils.codec import decode
from hw_sim.ils.manner import Manner
from tests.unit.hw_sim.ils.terminal import (
    KAREN,
    NOW,
    OLE,
    D,
    Terminal,
    borrow,
    device,
    give_back,
    hold,
    information,
    renew,
    signed,
)


def terminal(**library: object) -> Terminal:
    return Terminal(device(**library))


def test_status_says_what_is_supported() -> None:
    status = terminal(unsupported=["19", "25"], timeout_tenths=600, retries=999).ask("9900802.00")
    assert status.id == "98"
    assert (status.block["online"], status.block["offline_ok"]) == ("Y", "Y")
    assert (status.block["timeout"], status.block["retries"]) == ("600", "999")
    assert status.block["date"] == D
    assert status.get("BX") == "YYYYYYYYYYYNNYYY"
    assert (status.get("AO"), status.get("AM")) == ("DK-746100", "Odense")


def test_patron_status_tells_card_and_pin_apart() -> None:
    there = terminal()
    line = f"23009{D}AODK-746100|AA{{}}|AC|AD{{}}|"
    right = there.ask(line.format(KAREN, "1234"))
    assert right.id == "24"
    assert (right.get("BL"), right.get("CQ"), right.get("AE")) == ("Y", "Y", "Karen Testesen")
    assert (right.get("BH"), right.get("BV")) == ("DKK", "32.50")
    assert right.block["patron_status"] == " " * 14
    wrong = there.ask(line.format(KAREN, "9999"))
    assert (wrong.get("BL"), wrong.get("CQ"), wrong.has("BV")) == ("Y", "N", False)
    unknown = there.ask(line.format("nobody", ""))
    assert (unknown.get("BL"), unknown.get("CQ"), unknown.get("AE")) == ("N", "N", "")
    blocked = there.ask(line.format("3333333333", "1111"))
    assert blocked.block["patron_status"] == "YYYY" + " " * 10


def test_an_unknown_borrower_can_be_answered_barely() -> None:
    there = terminal(bare_refusals=True)
    unknown = there.ask(f"23009{D}AODK-746100|AAnobody|AC|AD|")
    assert [name for name, _ in unknown.fields] == ["AO", "AA", "BL", "AF"]


def test_patron_information_counts_all_and_lists_the_first_that_is_asked() -> None:
    there = terminal()
    there.say(borrow("3000000002"))
    charged = there.ask(information())
    assert charged.id == "64"
    assert charged.every("AU") == ("3000000008", "3000000002")
    assert charged.block["charged"] == "0002"
    assert (charged.block["overdue"], charged.block["fines"]) == ("0001", "0002")
    assert charged.get("BE") == "karen@example.org"
    assert (charged.get("BH"), charged.get("BV")) == ("DKK", "32.50")
    assert there.ask(information(summary=" Y")).every("AT") == ("3000000008",)
    assert there.ask(information(summary="   Y")).every("AV") == ("F1 12.50", "F2 20.00")
    both = there.ask(information(summary=" YY"))
    assert (both.every("AT"), both.every("AU")) == (("3000000008",), ())
    assert there.ask(information(summary="")).every("AU") == ()


def test_a_loan_is_overdue_from_the_day_after() -> None:
    there = terminal()
    there.library.library.loans["3000000008"].due = NOW.date()
    assert there.ask(information(summary=" Y")).every("AT") == ()


def test_lists_are_cut_and_hidden_without_the_pin() -> None:
    there = terminal()
    there.say(borrow("3000000002"))
    assert there.ask(information(more="BP2|BQ2|")).every("AU") == ("3000000002",)
    assert there.ask(information(more="BP0|BQx|")).every("AU") == ("3000000008", "3000000002")
    closed = there.ask(information(pin="9999"))
    assert (closed.get("CQ"), closed.every("AU"), closed.block["charged"]) == ("N", (), "0000")
    assert not closed.has("BE")


def test_many_lists_at_once_and_lists_with_noise() -> None:
    both = terminal(many_lists=True).ask(information(summary=" YY"))
    assert (both.every("AT"), both.every("AU")) == (("3000000008",), ("3000000008",))
    noisy = terminal(doubled_lists=True).ask(information(more="BP1|BQ4|"))
    assert noisy.every("AU") == ("3000000008", "3000000008", "", "")


def test_holds_that_wait_and_holds_that_are_ready() -> None:
    there = terminal()
    assert there.ask(information(OLE, "4321", "     Y")).every("CD") == ("3000000006",)
    there.say(give_back("3000000006", place="DA"))
    ready = there.ask(information(OLE, "4321", "Y"))
    assert ready.every("AS") == ("3000000006",)
    assert (ready.block["holds"], ready.block["unavailable_holds"]) == ("0001", "0000")


def test_limits_are_told() -> None:
    full = terminal().ask(information("4444444444", ""))
    assert (full.get("BZ"), full.get("CB")) == ("0000", "0000")


def test_checkout_lends_and_tells_the_due_date() -> None:
    there = terminal()
    lent = there.ask(borrow("3000000001"))
    assert there.heard.decode().startswith("121NNY" + D)
    assert lent.get("AH") == "20261201    235959"
    assert (lent.get("AJ"), lent.get("CK")) == ("Tørst", "001")
    again = there.ask(borrow("3000000001"))
    assert again.block["renewal_ok"] == "Y"
    tape = there.ask(borrow("3000000005", more="BOY|"))
    assert (tape.block["magnetic"], tape.get("AH")) == ("Y", "20261110    235959")


def test_an_item_that_keeps_its_alarm_says_so() -> None:
    lent = terminal().ask(borrow("3000000009"))
    assert (lent.block["ok"], lent.block["desensitize"], lent.get("CI")) == ("1", "N", "Y")


def test_checkout_refusals_never_disarm() -> None:
    there = terminal()
    held = there.ask(borrow("3000000003"))
    assert there.heard.decode().startswith("120NUN" + D)
    assert held.get("AF") == "Reserveret"
    fee = there.ask(borrow("3000000005"))
    assert (fee.get("BT"), fee.get("BH"), fee.get("BV")) == ("06", "DKK", "25")
    unknown = there.ask(borrow("x"))
    assert (unknown.get("AJ"), unknown.has("AH"), unknown.get("AB")) == ("", True, "x")
    bare = terminal(bare_refusals=True).ask(borrow("3000000003"))
    assert (bare.get("AJ"), bare.get("AH"), bare.get("AF")) == ("", "", "Reserveret")


def test_texts_follow_the_language_of_the_borrower() -> None:
    there = terminal()
    there.say(information().replace("63009", "63001"))
    assert there.ask(borrow("3000000003")).get("AF") == "Reserved"
    there.say(f"35{D}AODK-746100|AA{KAREN}|")
    assert there.ask(borrow("3000000003")).get("AF") == "Reserveret"


def test_a_loan_that_happened_keeps_its_due_date() -> None:
    there = terminal()
    line = f"11NY{D}20261118    235959AODK-746100|AA{KAREN}|AB3000000003|AC|"
    assert there.ask(line).get("AH") == "20261118    235959"
    asked = there.library.library.asked[-1]
    assert (asked.no_block, asked.outcome) == (True, "done")


def test_checkin_tells_where_the_item_goes() -> None:
    there = terminal(hold_names=True)
    there.say(borrow("3000000001"))
    back = there.ask(give_back("3000000001"))
    assert there.heard.decode().startswith("101YNY" + D)
    assert not back.has("AA")
    assert (back.get("CV"), back.get("CT"), back.get("CL")) == ("04", "Dalum", "701")
    assert (back.get("AQ"), back.get("CS"), back.get("AF")) == ("Dalum", "86", "Sendes til Dalum")
    away = there.ask(give_back("3000000006"))
    assert (away.block["ok"], away.block["alert"], away.get("CV")) == ("0", "Y", "02")
    assert (away.get("CY"), away.get("DA")) == (OLE, "Ole Testesen")
    shelf = there.ask(give_back("3000000003"))
    assert (shelf.get("CV"), shelf.get("CL"), shelf.get("AF")) == ("01", "1", "Reserveret")
    plain = there.ask(give_back("3000000008"))
    assert there.heard.decode().startswith("101YNN")
    assert not plain.has("CV")
    assert not terminal().ask(give_back("3000000006")).has("CY")


def test_checkin_of_what_is_not_on_loan_or_not_known() -> None:
    there = terminal()
    idle = there.ask(give_back("3000000002"))
    assert (idle.block["ok"], idle.get("AJ"), idle.block["alert"]) == ("0", "Lykke-Per", "N")
    unknown = there.ask(give_back("x"))
    assert (unknown.block["ok"], unknown.block["resensitize"]) == ("0", "N")
    assert (unknown.get("CV"), unknown.has("AQ"), unknown.has("AJ")) == ("99", True, False)
    assert not terminal(bare_refusals=True).ask(give_back("x")).has("AQ")
    assert terminal(return_unlent="accept").ask(give_back("3000000002")).block["ok"] == "1"


@pytest.mark.parametrize(
    ("alerts", "idle", "held"), [("routed", "N", "Y"), ("refused", "Y", "Y"), ("never", "N", "N")]
)
def test_alerts_are_given_as_servers_differ(alerts: str, idle: str, held: str) -> None:
    there = terminal(alerts=alerts)
    assert there.ask(give_back("3000000002")).block["alert"] == idle
    assert there.ask(give_back("3000000003")).block["alert"] == held
    assert there.ask(give_back("3000000008")).block["alert"] == "N"


def test_the_return_date_of_the_request_is_kept() -> None:
    there = terminal()
    there.say(f"09N{D}20261101    180000APHB|AODK-746100|AB3000000008|AC|")
    asked = there.library.library.asked[-1]
    assert asked.occurred is not None
    assert asked.occurred.isoformat() == "2026-11-01T18:00:00+01:00"


def test_the_place_of_the_login_stands_for_a_missing_place() -> None:
    there = terminal(user="kiosk", password="secret")
    assert there.ask("9300CNkiosk|COsecret|CPDA|").block["ok"] == "1"
    assert there.ask("9900802.00").get("AN") == "DA"
    assert not there.ask(give_back("3000000001", place="")).has("CV")


def test_cancel_undoes() -> None:
    there = terminal()
    there.say(borrow("3000000002"))
    assert there.ask(give_back("3000000002", more="BIY|")).block["ok"] == "1"
    assert "3000000002" not in there.library.library.loans
    there.say(give_back("3000000008"))
    assert there.ask(borrow("3000000008", more="BIY|")).get("AH") == "20261101    235959"


def test_renewals_one_and_all() -> None:
    there = terminal(renew_window_days=7)
    there.say(borrow("3000000002"))
    early = there.ask(renew("3000000002"))
    assert (early.id, early.block["ok"], early.get("AH")) == ("30", "0", "20261201    235959")
    assert early.get("AF") == "Det er for tidligt at forny"
    assert there.ask(renew("3000000008")).block["renewal_ok"] == "Y"
    every = there.ask(f"65{D}AODK-746100|AA{KAREN}|AD1234|AC|BON|")
    assert (every.block["renewed"], every.block["unrenewed"]) == ("0000", "0002")
    assert set(every.every("BN")) == {"3000000002", "3000000008"}
    assert every.block["ok"] == "1"
    wrong = there.ask(f"65{D}AODK-746100|AA{KAREN}|AD9999|")
    assert (wrong.block["ok"], wrong.has("AA")) == ("0", False)


def test_item_information_is_of_the_moment() -> None:
    there = terminal()
    line = f"17{D}AODK-746100|AB{{}}|"
    loan = there.ask(line.format("3000000008"))
    assert (loan.block["circulation"], loan.get("AH")) == ("04", "20261101    235959")
    assert there.ask(line.format("3000000003")).get("CF") == "1"
    assert there.ask(line.format("3000000005")).get("BV") == "25"
    assert there.ask(line.format("3000000002")).block["circulation"] == "03"
    unknown = there.ask(line.format("x"))
    assert (unknown.block["circulation"], unknown.get("AJ")) == ("01", "")
    assert not terminal(bare_refusals=True).ask(line.format("x")).has("AJ")


def test_holds_are_placed_changed_and_cancelled() -> None:
    there = terminal()
    placed = there.ask(hold("+", "3000000008", more="BW20270101    235959|BY3|"))
    assert (placed.id, placed.block["ok"], placed.block["available"]) == ("16", "1", "N")
    assert (placed.get("BR"), placed.get("BS")) == ("1", "Dalum")
    assert placed.get("BW") == "20270101    235959"
    assert there.ask(hold("+", "3000000008")).get("AF") == "Du har allerede reserveret"
    assert there.ask(hold("-", "3000000008")).block["ok"] == "1"
    assert there.ask(hold("-", "3000000008")).block["ok"] == "0"


def test_a_fee_is_paid() -> None:
    there = terminal()
    line = f"37{D}0101DKKBV{{}}|AODK-746100|AA{KAREN}|BKk1-000042|"
    paid = there.ask(line.format("12.50"))
    assert (paid.id, paid.block["accepted"], paid.get("BK")) == ("38", "Y", "k1-000042")
    assert there.ask(line.format("500")).block["accepted"] == "N"


def test_the_rest_of_the_commands() -> None:
    there = terminal()
    ended = there.ask(f"35{D}AODK-746100|AA{KAREN}|")
    assert (ended.id, ended.block["ended"]) == ("36", "Y")
    blocked = there.ask(f"01N{D}AODK-746100|ALfor mange forkerte|AA{KAREN}|AC|")
    assert (blocked.id, blocked.block["patron_status"][:4], blocked.has("CQ")) == (
        "24",
        "YYYY",
        False,
    )
    enabled = there.ask(f"25{D}AODK-746100|AA{KAREN}|AD1234|")
    assert (enabled.id, enabled.block["patron_status"], enabled.get("CQ")) == ("26", " " * 14, "Y")
    stored = there.ask(f"19{D}AODK-746100|AB3000000001|CHbin=7|")
    assert (stored.id, stored.block["stored"], stored.get("CH")) == ("20", "1", "bin=7")
    assert there.ask(f"19{D}AODK-746100|ABx|CH|").block["stored"] == "0"


# --- manners ----------------------------------------------------------------------------------------


def test_accents_can_come_apart_or_be_lost() -> None:
    title = terminal(nfd=True).ask(give_back("3000000007"))
    assert title.get("AJ") == unicodedata.normalize("NFD", "Væk")
    there = terminal(encoding="ascii")
    there.library.library.items["3000000001"].title = "Åå ø"
    assert there.ask(give_back("3000000001")).get("AJ") == "Aa ?"
    assert there.ask(give_back("3000000001")).get("AJ") == "Aa ?"


@pytest.mark.parametrize(
    ("bars", "title"), [("entity", b"AJA&#124;B|"), ("raw", b"AJA|B|"), ("blank", b"AJA B|")]
)
def test_a_delimiter_in_a_title(bars: str, title: bytes) -> None:
    there = terminal(bars=bars)
    there.library.library.items["3000000002"].title = "A|B"
    assert title in there.say(give_back("3000000002"))


def test_numbers_padded_with_blanks() -> None:
    there = terminal(padded=True)
    assert there.ask("9900802.00").block["retries"] == "  3"
    assert there.ask(information()).block["charged"] == "   1"


def test_other_encodings_both_ways() -> None:
    there = terminal(encoding="cp850", institution="")
    heard = there.say(give_back("3000000001").replace("DK-746100", "Å"), "cp850")
    answer = decode(heard[:-1], "cp850")
    assert (answer.get("AJ"), answer.get("AO")) == ("Tørst", "Å")


def test_extra_fields_and_texts_cut_to_letters() -> None:
    there = terminal(extra_fields={"PA": "20270101"}, split_lines=True)
    answer = there.ask(borrow("3000000003"))
    assert answer.get("PA") == "20270101"
    assert "".join(answer.every("AG")) == "Reserveret"
    assert there.say("9300CNx|COy|") == b"941\r"


def test_line_feeds_after_each_answer() -> None:
    assert terminal(crlf=True).say("9900802.00").endswith(b"|\r\n")


def test_sums_that_are_always_zero_or_missing() -> None:
    assert terminal(sums="zero").say("9300CNx|COy|") == b"941AY0AZ0000\r"
    assert terminal(sums="off").say(signed("9300CNx|COy|", 3)) == b"941\r"


def test_a_sum_may_go_unchecked() -> None:
    assert terminal(check_sums=False).ask("9900802.00AY1AZ0000").id == "98"


def test_long_values_are_cut_to_what_the_standard_allows() -> None:
    there = terminal()
    there.library.library.items["3000000002"].title = "x" * 300 + "\n"
    assert there.ask(give_back("3000000002")).get("AJ") == "x" * 255


@pytest.mark.parametrize(
    "line",
    [
        borrow("3000000002").replace("AC|", ""),
        borrow("3000000002")[:-1],
        borrow("3000000002").replace(D + D, D + " " * 18),
        give_back("3000000002").replace(D + D, D + " " * 18),
        "990 802.00",
        borrow("3000000002").replace("AODK", "|AODK"),
        "11N",
    ],
)
def test_a_strict_parser_closes(line: str) -> None:
    strict, mild = terminal(strict=True), terminal()
    strict.say(line)
    assert not strict.open
    mild.say(line)
    assert mild.open


@pytest.mark.parametrize(
    "line",
    [
        borrow("3000000002"),
        signed(give_back("3000000002"), 4),
        "9900802.00",
        signed("9900802.00", 1),
    ],
)
def test_a_strict_parser_takes_what_is_right(line: str) -> None:
    there = terminal(strict=True)
    assert there.say(line)
    assert there.open


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("answer_sm", 3),
        ("unknown", "shout"),
        ("sums", "some"),
        ("bars", "gold"),
        ("encoding", "x9"),
    ],
)
def test_a_manner_that_does_not_exist_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValueError, match=key):
        Manner.from_scenario({"library": {key: value}})
