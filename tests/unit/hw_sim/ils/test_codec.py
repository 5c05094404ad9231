"""The simulated library's SIP2 codec, against published examples and by its laws."""

import tomllib
import unicodedata
from datetime import UTC
from pathlib import Path
from typing import Any

import pysip2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.ils.codec import (
    BLOCKS,
    LIMIT,
    RESENDS,
    Framer,
    Malformed,
    Message,
    UnknownMessage,
    decode,
    encode,
    moment,
    stamp,
)
from tests.unit.hw_sim.ils.terminal import NOW

VECTORS = tomllib.loads(
    (Path(__file__).parents[3] / "vectors/sip2.toml").read_text(encoding="utf-8")
)["vector"]

# public code DigitalPlatform/dp-library, UnitTestSIP/TestMessage.cs: examples of 3M's developer's guide
GUIDE = (
    "941AY3AZFDFA",
    "9900401.00AY1AZFCA5",
    "6300119980723    091905Y         AOInstitutionID|AAPatronID|BP00001|BQ00005|AY1AZEA83",
    "1719980723    100000AOCertification Institute ID|ABItemBook|AY1AZEBEB",
    "1808000119980723    115615CF00000|ABItemBook|AJTitle For Item Book|CK003|AQPermanent Location "
    "for ItemBook, Language 1|APCurrent Location ItemBook|CHFree-form text with new item property|"
    "AY0AZC05B",
    "09N19980821    085721                  APCertification Terminal Location|AOCertification "
    "Institute ID|ABCheckInBook|ACTPWord|BIN|AY2AZD6A5",
    "3719980723    0932110401USDBV111.11|AOCertification Institute ID|AAPatronID|BKTransactionID|"
    "AY2AZE1EF",
    "01N19960213    162352AO|ALCARD BLOCK TEST|AA104000000705|AC|AY2AZF02F",
)
# public code petkivim/jsip2, tests under messages/requests
JSIP2 = (
    "11YN20210814    08345520210814    083455AOinstitutionId|AApatronId|ABitemId|AC|"
    "ADpatronPassword|BON|BIN|AY3AZDE44",
    "29NN20171020    22512220171120    225121AO|AApatronId|ABitemId|CHitemProperties|AY1AZE794",
    "9300CNuser|COpasswd|CPlocation|AY0AZF2FB",
)
# made for these tests in the standard's shape; a third party's codec (PyPI pysip2) reads each of them
MADE = (
    "98YYYYYY10000320260303    1015002.00AODK-746100|AMOdense|BXYYYYYYYYYYYYYYYY|AY1AZE9F0",
    "24              00920260303    101500AODK-746100|AA1234567890|AETest Testesen|BLY|CQY|AY2AZE9C5",
    "64              00920260303    101500000000000002000000000000AODK-746100|AA1234567890|AETest Testesen|BLY|CQY|AU3000000001|AU3000000002|AY3AZDF51",
    "11NN20260303    10150020260331    235959AODK-746100|AA1234567890|AB3000000001|AC|CH|AD12345|BON|BIN|AY5AZE770",
    "121NNY20260303    101500AODK-746100|AA1234567890|AB3000000001|AJTørst|AH20260331    235959|CK001|AY5AZE6CD",
    "09N20260303    10150020260303    101500APHB|AODK-746100|AB3000000001|AC|BIN|AY6AZEDA7",
    "101YNY20260303    101500AODK-746100|AB3000000001|AQDalum|AJTørst|CL701|CK001|CTDalum|CV04|AY6AZE502",
    "300NUN20260303    101500AODK-746100|AA1234567890|AB3000000001|AJTørst|AH20260331    235959|AF[BEFORE_RENEW_PERIOD]|AY7AZE0FB",
    "6610001000120260303    101500AODK-746100|BM3000000001|BN3000000002|AY8AZF063",
    "9900802.00AY1AZFCA0",
    "941AY0AZFDFD",
    "2300920260303    101500AODK-746100|AA1234567890|AC|AD12345|AY2AZF15F",
    "6300920260303    101500  Y       AODK-746100|AA1234567890|AC|AD12345|BP1|BQ50|AY3AZED2E",
    "120NUN20260303    101500AODK-746100|AA1234567890|AB3000000001|AJTørst|AH|AFReserveret|AY5AZE695",
    "1804020120260303    101500AB3000000001|AJTørst|AH20260331    235959|CK001|APHB|AY4AZEB35",
    "161N20260303    101500BW20260331    235959|BR1|BSHB|AODK-746100|AA1234567890|AB3000000001|AY0AZEA53",
    "38Y20260303    101500AODK-746100|AA1234567890|BKk1-000042|AY1AZF1A2",
    "36Y20260303    101500AODK-746100|AA1234567890|AY9AZF494",
    "6520260303    101500AODK-746100|AA1234567890|AD12345|AC|BON|AY8AZF091",
    "20120260303    101500AB3000000001|CHbin=7|AY2AZF538",
    "26              00920260303    101500AODK-746100|AA1234567890|AETest Testesen|BLY|CQY|AY4AZE9C1",
)

messages = st.sampled_from(sorted(BLOCKS)).flatmap(
    lambda name: st.builds(
        Message,
        st.just(name),
        st.fixed_dictionaries(
            {
                key: st.text("0123456789YN U+-*", min_size=width, max_size=width)
                for key, width in BLOCKS[name]
            }
        ),
        st.lists(
            st.tuples(
                st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2),
                st.text(
                    st.characters(exclude_characters="|\r\n\0", exclude_categories=["Cs"]),
                    max_size=40,
                ),
            ),
            max_size=8,
        ).map(tuple),
        st.sampled_from("0123456789") if name not in RESENDS else st.just(""),
        st.just(True),
    )
)


@pytest.mark.parametrize("line", GUIDE + JSIP2 + MADE)
def test_published_examples_are_read_and_written_again_as_they_stand(line: str) -> None:
    message = decode(line.encode())
    assert message.sum_right is True
    assert encode(message, sums=True) == line.encode() + b"\r"


@pytest.mark.parametrize("line", JSIP2 + MADE)
def test_a_third_party_reads_the_same_fields(line: str) -> None:
    foreign = pysip2.decode_message(line.encode() + b"\r", encoding="utf-8")
    values = {
        value
        for field in foreign.message.__struct_fields__
        for value in _texts(getattr(foreign.message, field))
    }
    message = decode(line.encode())
    known = {
        value for name, value in message.fields if name not in {"CT", "CV"}
    }  # it drops extensions
    assert known | set(message.block.values()) == values
    assert str(foreign.sequence_number) == message.sequence


def _texts(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def test_fixed_fields_stand_where_the_standard_puts_them() -> None:
    status = decode(b"98YYYYYY10000320260303    1015002.00AODK-746100|AMOdense|BXYYYYYYYYYYYYYYYY|")
    assert status.block == {
        "online": "Y",
        "checkin_ok": "Y",
        "checkout_ok": "Y",
        "renewal_policy": "Y",
        "status_update_ok": "Y",
        "offline_ok": "Y",
        "timeout": "100",
        "retries": "003",
        "date": "20260303    101500",
        "version": "2.00",
    }
    assert status.fields == (("AO", "DK-746100"), ("AM", "Odense"), ("BX", "Y" * 16))
    assert status.sum_right is None


@pytest.mark.parametrize("line", ["9300CNLoginUserID|COLoginPassword|CPLocationCode|AY5AZEC78"])
def test_a_wrong_sum_is_seen(line: str) -> None:
    assert decode(line.encode()).sum_right is False
    assert decode(line.replace("EC78", "EC7B").encode()).sum_right is True
    assert decode(line.replace("EC78", "ec7b").encode()).sum_right is True


@pytest.mark.parametrize(
    ("encoding", "title", "sum_"),
    [
        ("utf-8", "Åben å", b"ED5C"),
        ("utf-8", "A\u030aben a\u030a", b"ECBE"),
        ("latin-1", "Åben å", b"EE62"),
        ("cp850", "Åben å", b"EEF7"),
    ],
)
def test_the_sum_is_over_encoded_bytes(encoding: str, title: str, sum_: bytes) -> None:
    block = {
        "ok": "1",
        "resensitize": "Y",
        "magnetic": "N",
        "alert": "N",
        "date": "20260303    101500",
    }
    fields = (("AO", "DK-746100"), ("AB", "3000000001"), ("AQ", "HB"), ("AJ", title))
    wire = encode(Message("10", block, fields, "0"), encoding, sums=True)
    assert wire[-5:] == sum_ + b"\r"
    assert decode(wire[:-1], encoding).get("AJ") == title


def test_resend_requests_have_a_sum_and_no_sequence() -> None:
    assert encode(Message("96"), sums=True) == b"96AZFEF6\r"
    assert encode(Message("97"), sums=True) == b"97AZFEF5\r"
    assert encode(Message("96")) == b"96\r"
    assert decode(b"97AZFEF5").sum_right is True


def test_unknown_and_repeated_fields_are_kept_in_order() -> None:
    message = decode(b"36Y20260303    101500AOx|XAone|AFa|AFb|ZZ|")
    assert message.fields == (("AO", "x"), ("XA", "one"), ("AF", "a"), ("AF", "b"), ("ZZ", ""))
    assert message.every("AF") == ("a", "b")
    assert message.has("ZZ")
    assert not message.has("AA")


def test_a_delimiter_before_the_first_field_is_passed_over() -> None:
    assert decode(b"65" + b"20260303    101500|AOx|AAy|").get("AO") == "x"


@pytest.mark.parametrize("frame", [b"", b"9", b"98YYY", b"11", b"63009"])
def test_what_is_cut_short_is_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        decode(frame)


def test_an_id_outside_the_standard_is_unknown() -> None:
    with pytest.raises(UnknownMessage) as caught:
        decode(b"XYsomething")
    assert caught.value.id == "XY"


def test_values_do_not_show_in_a_repr() -> None:
    line = decode(b"23009" + b"20260303    101500AOi|AA1234567890|AC|AD12345|")
    assert "12345" not in repr(line)
    assert repr(line) == "Message(23, fields=AO AA AC AD)"


def test_what_cannot_stand_in_a_message_is_refused() -> None:
    with pytest.raises(ValueError, match="ok must be 1 wide"):
        encode(Message("94", {"ok": "10"}))
    for value in ("a|b", "a\rb", "a\0b"):
        with pytest.raises(ValueError, match="delimiter"):
            encode(Message("94", {"ok": "1"}, (("AF", value),)))
    assert encode(Message("94", {"ok": "1"}, (("AF", "a|b"),)), raw_bars=True) == b"941AFa|b|\r"


def test_dates_are_local_unless_they_say_utc() -> None:
    assert stamp(NOW) == "20261103    104200"
    assert moment("20261103    104200", NOW) == NOW
    at = moment("20261103   Z094200", NOW)
    assert at == NOW
    assert at is not None
    assert at.tzinfo is UTC
    assert moment(" " * 18, NOW) is None
    assert moment("20261399    104200", NOW) is None


@settings(max_examples=150)
@given(messages)
def test_what_is_written_is_read_again(message: Message) -> None:
    wire = encode(message, sums=True)
    assert wire.endswith(b"\r")
    assert decode(wire[:-1]) == message


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_malformed(frame: bytes) -> None:
    try:
        message = decode(frame)
    except Malformed:
        return
    assert message.id in BLOCKS


@settings(max_examples=150)
@given(st.lists(st.sampled_from([b"\r", b"\n", b" ", b"\0", b"9", b"A", b"x" * 9])), st.data())
def test_any_chunking_gives_the_same_frames(parts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(parts)
    whole, pieces = Framer(limit=12), Framer(limit=12)
    frames = whole.feed(stream)
    cut, at = [], 0
    while at < len(stream):
        step = data.draw(st.integers(1, len(stream) - at))
        cut += pieces.feed(stream[at : at + step])
        at += step
    assert cut == frames
    assert pieces.too_long == whole.too_long


def test_noise_between_messages_is_skipped() -> None:
    assert Framer().feed(b"\r\n\0  941\r\n\n 940\r") == [b"941", b"940"]


@pytest.mark.parametrize("pieces", [[b"123456\r"], [b"123456", b"\r"]])
def test_the_limit_itself_is_not_too_long(pieces: list[bytes]) -> None:
    enough, short = Framer(limit=6), Framer(limit=5)
    assert [frame for piece in pieces for frame in enough.feed(piece)] == [b"123456"]
    assert [frame for piece in pieces for frame in short.feed(piece)] == []
    assert (enough.too_long, short.too_long) == (0, 1)


def test_a_flood_without_an_end_is_not_kept() -> None:
    framer = Framer()
    for _ in range(100):
        assert framer.feed(b"x" * 1000) == []
    assert len(framer.take_rest()) <= LIMIT
    assert framer.too_long == 1
    assert framer.feed(b"tail\r941\r") == [b"941"]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_shared_vectors_mean_the_same_to_the_library(vector: dict[str, Any]) -> None:
    wire, meaning = bytes.fromhex(vector["bytes"]), vector["meaning"]
    encoding = vector.get("encoding", "utf-8")
    message = decode(wire, encoding)
    fields = [[name, unicodedata.normalize("NFC", value)] for name, value in message.fields]
    assert message.id == meaning["id"]
    assert list(message.block.values()) == list(meaning.get("block", {}).values())
    assert fields == meaning.get("fields", [])
    assert message.sequence == str(meaning.get("ay", ""))
    assert message.sum_right is {"right": True, "wrong": False, "none": None}[meaning["sum"]]
    again = encode(message, encoding, sums=meaning["sum"] != "none")[:-1]
    if meaning["sum"] == "wrong":
        assert again == wire[:-4] + meaning["right_sum"].encode()
    elif vector["direction"] == "from_library":
        assert again == wire
