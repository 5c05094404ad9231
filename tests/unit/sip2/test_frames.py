"""The laws of the SIP2 codec: any chunking, any order, nothing lost, nothing told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import Code, DeviceError, LocalProtocolError, RemoteProtocolError
from drivers.sip2.frames import MOST, Framer, clean, decode, encode, sendable
from drivers.sip2.messages import KINDS, REPEATABLE, SHOWN, Check, Kind, Message, message

IDS = sorted(
    {f for kind in KINDS.values() for f in (*kind.required, *kind.optional)} | {"XA", "PB"}
)
VALUES = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x24F, exclude_characters="|\x7f"), max_size=12
).map(sendable)


def _messages(kind: Kind) -> st.SearchStrategy[Message]:
    fixed = st.tuples(*(st.text("0123456789 YNU+-", min_size=w, max_size=w) for w in kind.widths))
    one = st.builds("{}{}".format, st.sampled_from(IDS), VALUES)
    fields = st.lists(one, max_size=8).map(tuple)
    seq = st.none() if kind.id in {"96", "97"} else st.integers(0, 9)
    if kind.id in {"96", "97"}:
        fields = st.just(())
    return st.builds(Message, st.just(kind), fixed, fields, seq)


MESSAGES = st.sampled_from(sorted(KINDS.values(), key=lambda k: k.id)).flatmap(_messages)


@settings(max_examples=200)
@given(MESSAGES, st.booleans())
def test_what_is_written_is_read(one: Message, first: bool) -> None:
    frame = encode(one, delimiter_first=first and bool(one.fields))
    assert frame.endswith(b"\r")
    assert frame.count(b"\r") == 1
    back = decode(frame[:-1])
    assert (back.kind, back.fixed, back.fields) == (one.kind, one.fixed, one.fields)
    assert back.seq == one.seq
    assert back.check is Check.GOOD


@settings(max_examples=100)
@given(
    st.lists(MESSAGES, max_size=5),
    st.lists(st.integers(1, 40), max_size=30),
    st.sampled_from([b"", b"\n", b"\r\n", b" \r\0\n"]),
)
def test_any_chunking_gives_the_same_frames(
    some: list[Message], cuts: list[int], noise: bytes
) -> None:
    frames = [encode(one) for one in some]
    stream = noise + b"".join(frame + noise for frame in frames)
    framer, got, at = Framer(), [], 0
    for cut in [*cuts, len(stream)]:
        got += framer.feed(stream[at : at + cut])
        at += cut
    assert got == [frame[:-1] for frame in frames]
    assert framer.pending <= len(noise)


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_garbage_is_read_or_refused(garbage: bytes) -> None:
    for frame in Framer().feed(garbage + b"\r"):
        refused: RemoteProtocolError | None = None
        try:
            got = decode(frame)
        except RemoteProtocolError as error:
            refused = error
        else:
            assert got.kind.id in KINDS
        if refused is not None:
            assert refused.code in {Code.WIRE_GARBLED, Code.WIRE_UNEXPECTED}
            assert refused.raw == frame


def test_garbage_costs_a_bounded_buffer_and_one_frame() -> None:
    framer = Framer()
    for _ in range(100):
        assert framer.feed(b"\x55" * 1000) == []
    assert framer.pending <= MOST
    assert framer.overlong == 1
    assert framer.feed(b"\x55\r941\r") == [b"941"]
    assert framer.feed(b"x" * (MOST + 1) + b"\r") == []
    assert framer.overlong == 2


def test_fields_come_in_any_order_unknown_and_repeated_ones_stay() -> None:
    got = decode(b"101YNN20260303    101500ABitem|XAone|AFa|ZZ|AFb|AQhere|AF|AOhouse|")
    assert got.all("AF") == ("a", "b")
    assert got.get("XA") == "one"
    assert got.has("ZZ")
    assert not got.has("CV")
    assert got.get("ZZ") == got.get("CV") == ""
    assert got.fields[-1] == "AOhouse"
    assert got.part("alert") == "N"


def test_delimiters_that_are_missing_doubled_or_inside_a_value() -> None:
    head = b"101YNN20260303    101500"
    assert decode(head + b"AB1|AJname").fields == ("AB1", "AJname")
    assert decode(head + b"|AB1||AJname|").fields == ("AB1", "AJname")
    assert decode(head + b"AB1|AJRock | pop|b-side|CK001|").fields == (
        "AB1",
        "AJRock | pop|b-side",
        "CK001",
    )
    assert decode(head + b"AJa&#124;b|").get("AJ") == "a|b"
    assert decode(head).fields == ()


def test_what_cannot_be_a_message_is_refused_without_its_words() -> None:
    for frame in (b"", b"9", b"XX123", b"10", b"101YNN2026", b"101YNN20260303    101500abc|"):
        with pytest.raises(RemoteProtocolError) as caught:
            decode(frame)
        assert "abc" not in str(caught.value)


def test_accents_apart_are_composed_and_bad_bytes_replaced() -> None:
    head = b"101YNN20260303    101500"
    assert decode(head + b"AJA\xcc\x8aben|").get("AJ") == "\u00c5ben"
    assert decode(head + b"AJ\xff\xfe|").get("AJ") == "\ufffd\ufffd"
    assert decode(head + b"AJT\x9brst|", "cp850").get("AJ") == "T\u00f8rst"


def test_numbers_may_be_padded_with_blanks() -> None:
    got = decode(b"98YYYYYY 10  320260303    1015002.00AOx|BXYYYYYYYYYYYYYYYY|")
    assert got.part("timeout") == " 10"
    assert got.part("retries") == "  3"


@pytest.mark.parametrize(
    ("field", "encoding", "code"),
    [
        ("AB12|34", "utf-8", Code.WIRE_GARBLED),
        ("AB12\r", "utf-8", Code.WIRE_GARBLED),
        ("AB\x00", "utf-8", Code.WIRE_GARBLED),
        ("AB\x85", "utf-8", Code.WIRE_GARBLED),
        ("AB" + "x" * 256, "utf-8", Code.WIRE_GARBLED),
        ("AB" + "\u00f8" * 128, "utf-8", Code.WIRE_GARBLED),
        ("AJT\u00f8rst", "ascii", Code.LIBRARY_ENCODING),
        ("AJ\u0416", "cp850", Code.LIBRARY_ENCODING),
    ],
)
def test_what_may_not_leave_does_not(field: str, encoding: str, code: Code) -> None:
    whole = message("17", "AOx", field, "AC", date="20260303    101500")
    with pytest.raises(LocalProtocolError) as caught:
        encode(whole, encoding=encoding)
    assert caught.value.code is code
    assert field[2:] not in str(caught.value)


def test_the_longest_message_fits_one_segment_and_no_more() -> None:
    fields = ["AB" + "x" * 252] * 3
    base = len(encode(message("17", *fields, date="20260303    101500"), error_detection=False))
    fits = "CH" + "y" * (1023 - base - 3)
    assert (
        len(encode(message("17", *fields, fits, date="20260303    101500"), error_detection=False))
        == 1023
    )
    with pytest.raises(LocalProtocolError):
        encode(message("17", *fields, fits + "y", date="20260303    101500"), error_detection=False)


def test_a_block_of_wrong_width_is_our_bug() -> None:
    with pytest.raises(LocalProtocolError):
        encode(message("17", date="2026"))
    with pytest.raises(KeyError):
        message("17", date="20260303    101500", colour="red")
    with pytest.raises(KeyError):
        message("17")


def test_repr_shows_no_person_no_secret_and_no_title() -> None:
    hidden = {
        "AA",
        "AC",
        "AD",
        "AE",
        "AF",
        "AG",
        "AJ",
        "BD",
        "BE",
        "BF",
        "CN",
        "CO",
        "DA",
        "CY",
        "PB",
    }
    assert not hidden & SHOWN
    fields = [f"{name}canary" for name in sorted(hidden)]
    whole = message("64", *fields, "AOhouse", patron_status=" " * 14, language="009",
                    date="20260303    101500", holds="0000", overdue="0000", charged="0000",
                    fines="0000", recalls="0000", unavailable_holds="0000")  # fmt: skip
    assert "canary" not in repr(whole)
    assert "canary" not in f"{[whole]}"
    assert "AOhouse" in repr(whole)
    assert "AY4" in repr(Message(whole.kind, whole.fixed, whole.fields, 4))


def test_texts_are_cleaned_for_people_and_ids_for_the_wire() -> None:
    assert clean("Salt &amp; peber\x07\n ") == "Salt & peber"
    assert clean("A\u030aben") == "\u00c5ben"
    assert len(clean("x" * 300)) == 255
    assert sendable(" 38|46\r\n\x00646425 ") == "3846646425"


def test_the_tables_agree_with_themselves() -> None:
    for kind in KINDS.values():
        assert len(set(kind.parts)) == len(kind.parts) == len(kind.widths)
        assert kind.size == 2 + sum(kind.widths)
        assert not set(kind.required) & set(kind.optional)
    assert {f for k in KINDS.values() for f in (*k.required, *k.optional)} > REPEATABLE
    assert issubclass(LocalProtocolError, DeviceError)
