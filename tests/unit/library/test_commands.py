"""What we send, read by a strict codec that is not ours (PyPI pysip2)."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pysip2
import pytest

from drivers.errors import LocalProtocolError
from drivers.library.commands import Commands
from drivers.ports import Hold, HoldState, Patron, Secret
from drivers.sip2.dialect import STANDARD
from drivers.sip2.frames import encode
from drivers.sip2.messages import Message

NOW = datetime(2026, 3, 3, 9, 15, tzinfo=UTC)
SAY = Commands(STANDARD, "DK-746100", "HB", ZoneInfo("Europe/Copenhagen"))
WHO = Patron(Secret("1234567890"), Secret("12345"))
REQUESTS = [
    SAY.status(),
    SAY.patron(WHO.card, WHO.pin, NOW),
    SAY.patron(WHO.card, WHO.pin, NOW, "charged", 51),
    SAY.item("3000000001", NOW),
    SAY.borrow(WHO, "3000000001", NOW, fee_ok=True, cancel=False),
    SAY.give_back("3000000001", NOW, NOW, cancel=False, no_block=True),
    SAY.renew(WHO, "3000000001", NOW),
    SAY.renew_all(WHO, NOW),
    SAY.hold(WHO, "3000000001", NOW, pickup="HB"),
    SAY.cancel(WHO, Hold("3000000001", "Tørst", HoldState.READY), NOW),
    SAY.cancel(WHO, Hold("", "Tørst", HoldState.WAITING, "51320352"), NOW),
    SAY.pay(WHO, 2500, "k1-000042", NOW),
    SAY.block_card(WHO.card, "left behind", NOW),
    SAY.end(WHO, NOW),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda m: f"{m.kind.id} {m.kind.name}")
def test_a_foreign_codec_reads_what_we_mean(request_: Message) -> None:
    frame = encode(Message(request_.kind, request_.fixed, request_.fields, 4))
    read = pysip2.decode_message(frame, encoding="utf-8")
    assert read.sequence_number == 4
    # writing it again in its own order keeps every field that holds something
    again = pysip2.encode_message(read.message, sequence_number=4, checksum=True, encoding="utf-8")
    assert again[: request_.kind.size] == frame[: request_.kind.size]
    meant = {f for f in request_.fields if len(f) > 2}
    assert meant <= set(again[request_.kind.size : -10].decode().split("|"))


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda m: f"{m.kind.id} {m.kind.name}")
def test_every_command_bears_all_that_its_message_requires(request_: Message) -> None:
    assert set(request_.kind.required) <= {field[:2] for field in request_.fields}


def test_why_a_card_is_blocked_is_told_in_the_field_that_is_read_for_it() -> None:
    assert _fields(SAY.block_card(WHO.card, "left behind", NOW))["AL"] == "left behind"


def _fields(message: Message) -> dict[str, str]:
    return {each[:2]: each[2:] for each in message.fields}


def test_a_list_is_asked_for_one_at_a_time_and_in_pages() -> None:
    asked = SAY.patron(WHO.card, WHO.pin, NOW, "charged", 51)
    assert asked.part("summary") == "  Y       "
    assert _fields(asked)["BP"] == "51"
    assert _fields(asked)["BQ"] == "100"
    assert SAY.patron(WHO.card, WHO.pin, NOW).part("summary") == " " * 10


def test_dates_are_never_blank_and_a_return_keeps_its_own() -> None:
    later = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
    back = SAY.give_back("1", later, NOW, cancel=True, no_block=False)
    assert back.part("date") == "20260303    130000"
    assert back.part("return_date") == "20260303    101500"
    assert _fields(back) == {"AP": "HB", "AO": "DK-746100", "AB": "1", "AC": "", "BI": "Y"}
    lent = SAY.borrow(WHO, "1", NOW, fee_ok=False, cancel=False)
    assert lent.part("nb_due") == "20260403    111500"  # summer time has begun by then
    assert lent.part("renewal_policy") == "N"
    assert _fields(lent)["BO"] == "N"


def test_a_dialect_may_forbid_a_field() -> None:
    say = Commands(replace(STANDARD, never=frozenset({"AC"})), "X", "", SAY.zone)
    assert "AC" not in _fields(say.item("1", NOW))
    assert "AC" in _fields(SAY.item("1", NOW))


def test_what_a_keyboard_gave_is_cleaned_and_nothing_is_no_item() -> None:
    assert _fields(SAY.item(" 30|00\r", NOW))["AB"] == "3000"
    with pytest.raises(LocalProtocolError):
        SAY.item("|\r", NOW)
