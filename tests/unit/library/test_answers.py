"""Answers to the port's values: what counts as done, and why not."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from drivers.errors import Code, RemoteProtocolError
from drivers.library.answers import Answers, amount, closed
from drivers.ports import Circulation, Fee, Online, Outcome, Secret
from drivers.sip2.dialect import KOHA, STANDARD, Routing
from drivers.sip2.frames import decode
from drivers.sip2.messages import Message

READ = Answers(STANDARD, ZoneInfo("Europe/Copenhagen"))
D = "20260303    101500"
CARD, PIN = Secret("1234567890"), Secret("1234")


def _said(text: str) -> Message:
    return decode(text.encode())


def _64(fields: str, flags: str = " " * 14, language: str = "009") -> Message:
    return _said(f"64{flags}{language}{D}{'0000' * 6}AOx|AA1|{fields}")


def test_a_borrower_is_judged_by_bl_and_cq() -> None:
    good = READ.sign_in(_64("AETest Testesen|BLY|CQY|BEtest@example.org|"), CARD, PIN)
    assert good.outcome is Outcome.DONE
    assert good.patron is not None
    assert good.patron.name.reveal() == "Test Testesen"
    assert good.patron.email.reveal() == "test@example.org"
    assert "Testesen" not in repr(good)
    for fields, reason in (
        ("AE|BLN|CQN|", "login.unknown_card"),
        ("BLN|", "login.unknown_card"),
        ("AE|CQY|", "login.unknown_card"),
        ("AETest|BLY|CQN|", "login.wrong_pin"),
        ("AETest|BLY|", "login.wrong_pin"),
        ("AETest|BL|CQY|", "login.unknown_card"),
    ):
        bad = READ.sign_in(_64(fields), CARD, PIN)
        assert (bad.outcome, bad.reason, bad.patron) == (Outcome.REFUSED, reason, None)


def test_flags_and_language_are_told_and_refuse_nobody() -> None:
    got = READ.sign_in(_64("AET|BLY|CQY|", flags="Y   Y         ", language="001"), CARD, PIN)
    assert got.done
    assert got.flags == {0, 4}
    assert got.language == "en"
    assert READ.sign_in(_64("AET|BLY|CQY|"), CARD, PIN).language == ""


def _12(block: str, fields: str) -> Message:
    return _said(f"12{block}{D}AOx|AA2|AB1|{fields}")


def test_loans() -> None:
    lent = READ.borrowed(_12("1NNY", "AJTørst|AH20260331    235959|CK001|BKk1|"), "1", fee_ok=False)
    assert lent.outcome is Outcome.DONE
    assert (lent.title, lent.due, lent.media) == ("Tørst", date(2026, 3, 31), "001")
    assert lent.desensitize
    assert lent.transaction == "k1"
    for block, fields, outcome, reason in (
        ("1YNY", "AJT|AH|", Outcome.ALREADY_DONE, ""),
        ("0NUN", "AJT|AH|AFReserveret|", Outcome.REFUSED, "item.reserved"),
        ("0NUN", "AF[BEFORE_RENEW_PERIOD]|", Outcome.ALREADY_DONE, ""),
        ("0NUN", "AJ|AH|AFSomething else|", Outcome.REFUSED, "lend.refused"),
        ("0NUN", "AJT|AH|BV25.00|BHDKK|", Outcome.REFUSED, "lend.fee"),
    ):
        got = READ.borrowed(_12(block, fields), "1", fee_ok=False)
        assert (got.outcome, got.reason) == (outcome, reason), fields
    assert READ.borrowed(_12("0NUN", "BV25.00|"), "1", fee_ok=True).reason == "lend.refused"
    fee = READ.borrowed(_12("0NUN", "BV25,00|BHDKK|"), "1", fee_ok=False)
    assert (fee.fee, fee.currency) == (2500, "DKK")


@pytest.mark.parametrize(
    ("block", "fields", "disarm"),
    [
        ("1NNY", "", True),
        ("1NUU", "", True),
        ("1NNN", "", False),
        ("1NNY", "CIY|", False),
        ("0NUN", "AF[BEFORE_RENEW_PERIOD]|", True),
        ("0NUN", "AF[BEFORE_RENEW_PERIOD]|CIY|", False),
    ],
)
def test_a_tag_may_stay_armed(block: str, fields: str, disarm: bool) -> None:
    assert READ.borrowed(_12(block, f"AJT|{fields}"), "1", fee_ok=False).desensitize is disarm


def test_renewals() -> None:
    no = _said(f"300NUN{D}AOx|AA2|AB1|AH|AF[BEFORE_RENEW_PERIOD]|")
    assert READ.renewed(no, "1").reason == "renew.too_early"
    odd = _said(f"301NUN{D}AOx|AA2|AB1|AH|AFItem has reached maximum renewals|")
    assert READ.renewed(odd, "1").done
    koha = Answers(KOHA, READ.zone).renewed(odd, "1")
    assert (koha.outcome, koha.reason) == (Outcome.REFUSED, "renew.max_reached")


def _10(block: str, fields: str) -> Message:
    return _said(f"10{block}{D}AOx|AB1|{fields}")


def test_a_return_keeps_all_that_routes_it() -> None:
    got = READ.returned(
        _10(
            "1YNY",
            "AQDalum|AJT|CL701|CK001|CTDalum|CV04|CRchildren|CS61.36|AFSendes til Dalum|AF|AFx|",
        ),
        "1",
    )
    assert got.outcome is Outcome.DONE
    assert got.alert
    assert (got.alert_type, got.destination, got.sort_bin) == ("04", "Dalum", "701")
    assert (got.permanent_location, got.collection, got.call_number) == (
        "Dalum", "children", "61.36",
    )  # fmt: skip
    assert got.texts == ("Sendes til Dalum", "x")
    assert got.resensitize


def test_a_return_that_is_not_ok_still_says_where_to() -> None:
    known = READ.returned(_10("0YNY", "AQHB|AJT|CV99|"), "1")
    assert (known.outcome, known.reason, known.alert_type) == (
        Outcome.REFUSED, "return.not_on_loan", "99",
    )  # fmt: skip
    assert READ.returned(_10("0NUN", ""), "1").reason == "item.unknown"
    assert not READ.returned(_10("0NUN", ""), "1").resensitize


def test_alert_may_mean_no_more_than_not_ok() -> None:
    koha = Answers(KOHA, READ.zone)
    assert not koha.returned(_10("0YNY", "AQHB|AJT|"), "1").alert
    assert koha.returned(_10("1YNY", "AQHB|AJT|CV01|"), "1").alert


def test_routing_may_stand_in_the_words_alone() -> None:
    import re

    rules = (
        Routing(re.compile(r"^Reserveret$"), "01"),
        Routing(re.compile(r"^Sendes til (.+)$"), "04"),
    )
    words = Answers(replace(STANDARD, routing=rules), READ.zone)
    hold = words.returned(_10("1YUN", "AQHB|AJT|AFReserveret|"), "1")
    assert (hold.alert_type, hold.destination) == ("01", "")
    sent = words.returned(_10("1YUN", "AQHB|AJT|AFSendes til Dalum|"), "1")
    assert (sent.alert_type, sent.destination) == ("04", "Dalum")
    told = words.returned(_10("1YUY", "AQHB|AJT|CV02|CTTarup|AFSendes til Dalum|"), "1")
    assert (told.alert_type, told.destination) == ("02", "Tarup")


def test_items() -> None:
    got = READ.item(_said(f"18040201{D}AB1|AJTørst|AH20260331    235959|CK001|AQA|APB|"), "1")
    assert (got.outcome, got.circulation, got.due) == (
        Outcome.DONE, Circulation.CHARGED, date(2026, 3, 31),
    )  # fmt: skip
    assert (got.permanent_location, got.current_location) == ("A", "B")
    for text in (f"18010001{D}AB1|AJ|", f"18010001{D}AB1|", f"18990001{D}AB1|AJT|"):
        assert READ.item(_said(text), "1").reason == "item.unknown"
    assert READ.item(_said(f"18010001{D}AB1|AJT|"), "1").circulation is Circulation.OTHER


def test_an_answer_about_another_item_is_none() -> None:
    said = _10("1YNN", "AQHB|")
    assert READ.about(said, "1") is said
    assert READ.about(said, " 1\r") is said
    assert READ.about(_said(f"101YNN{D}AOx|AQHB|"), "7").kind.id == "10"
    with pytest.raises(RemoteProtocolError) as caught:
        READ.about(said, "7")
    assert caught.value.code is Code.LIBRARY_OTHER_ITEM


def test_an_id_may_carry_a_prefix() -> None:
    import re

    fbs = Answers(replace(STANDARD, id_prefix=re.compile(r"^[A-Z]+:")), READ.zone)
    assert fbs.plain_id("LN:1234567890") == "1234567890"
    assert READ.plain_id("LN:1") == "LN:1"


def test_renewing_all_is_judged_by_its_counts() -> None:
    some = READ.renewed_all(_said(f"6610001 001{D}AOx|BM1|BN2|BN|"))
    assert (some.outcome, some.renewed, some.unrenewed) == (Outcome.DONE, ("1",), ("2",))
    none = READ.renewed_all(_said(f"6610000   7{D}AOx|"))
    assert (none.outcome, none.reason) == (Outcome.REFUSED, "renew.refused")
    assert READ.renewed_all(_said(f"6610000   0{D}AOx|")).done
    assert not READ.renewed_all(_said(f"6600001   0{D}AOx|")).done


def test_status_of_the_library() -> None:
    said = _said(f"98YYYYYN600999{D}2.00AOx|AMOdense|BXYYYYYYYYYYYNNYYY|")
    got = READ.status(said, Online.ONLINE)
    assert got.done
    assert (got.institution, got.library, got.offline_ok) == ("x", "Odense", False)
    assert not {"19", "25"} & got.supported
    assert "37" in got.supported
    assert got.clock is not None
    for block in ("NYYYYY100003", "YYYYYY000003"):
        assert closed(_said(f"98{block}{D}2.00AOx|BX|"))


def test_lists_drop_empties_and_repeats() -> None:
    said = _64(
        "AU3000000001|AU|AU3000000002|AU3000000001|AV7 25.00|AV|AVlate 5,50 kr|AVx|AVF9 Danmarks historie i 50 kort 1.00|"
    )
    assert READ.entries(said, "AU") == ("3000000001", "3000000002")
    assert READ.fees(said) == (
        Fee("", 2500),
        Fee("late", 550),
        Fee("Danmarks historie i 50 kort", 100),
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("25.00", 2500),
        (" 25,5 ", 2550),
        ("-3", -300),
        ("0.29", 29),
        ("", None),
        ("1e9", None),
        ("1.234", None),
    ],
)
def test_amounts(text: str, value: int | None) -> None:
    assert amount(text) == value
