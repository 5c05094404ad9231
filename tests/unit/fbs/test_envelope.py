"""Envelopes that no well-meaning server sends, and words that must not get out."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import Code, DeviceRefused, LocalProtocolError, RemoteProtocolError
from drivers.fbs.envelope import MOST, SCHEMA, answer_line, line_of, request_xml
from drivers.ports import Secret
from drivers.sip2.messages import message

D = "20260303    101500"


def _answer(inner: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f'{head}<ns2:sip xmlns:ns2="{SCHEMA}">{inner}</ns2:sip>'.encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"<html><body>Bad gateway</body></html>",
        b"<html><body>Bad gateway",
        _answer(""),
        _answer("<response>941</response>")[:-3],
        _answer("<response>941</response><response>940</response>"),
        _answer("<response>941</response><error>no</error>"),
        _answer("<deeper><response>941</response></deeper>"),
        _answer("<response>941</response>", '<!DOCTYPE sip [<!ENTITY a "b">]>'),
        _answer("<response>&a;</response>"),
        _answer("<response>94\x001</response>"),
        _answer("<response>T\xf8rst</response>").replace("ø".encode(), b"\xf8"),
        _answer("<response>941</response>", '<?xml version="1.0" encoding="klingon"?>'),
        _answer("<response>" + "x" * MOST + "</response>"),
    ],
)
def test_what_is_no_envelope_is_garbled(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        answer_line(body)
    assert caught.value.code is Code.WIRE_GARBLED


@pytest.mark.parametrize(
    "body",
    [
        _answer("\n  <response>\n941\n</response>\n"),
        _answer("<response><![CDATA[941]]></response>"),
        _answer("<response>9<!-- -->41</response>"),
        _answer("<response>941</response><extra>7</extra>"),
        b"<sip><response>941</response></sip>",
        b'<x:sip xmlns:x="other"><x:response>941</x:response></x:sip>',
        "\ufeff<sip><response>941</response></sip>".encode(),
        b"<?xml version='1.0' encoding='ISO-8859-1'?><sip><response>941</response></sip>",
    ],
)
def test_an_answer_may_look_otherwise(body: bytes) -> None:
    assert answer_line(body) == "941"


def test_a_line_break_inside_is_a_blank() -> None:
    body = _answer(f"<response>\n101YUN{D}AB1|CHEn lang\r\ntitel%A%a%xx%sk|</response>")
    assert answer_line(body) == f"101YUN{D}AB1|CHEn lang titel%A%a%xx%sk|"


def test_an_error_tells_codes_and_no_words() -> None:
    inner = "<error>Borrower Karen Testesen 3002991234 of LOANER_GROUP is unknown</error>"
    with pytest.raises(DeviceRefused) as caught:
        answer_line(_answer(inner))
    assert caught.value.code is Code.LIBRARY_ERROR
    assert caught.value.detail == "LOANER_GROUP"
    for hidden in ("Karen", "3002991234"):
        assert hidden not in f"{caught.value!r} {caught.value}"


def test_a_conflict_tells_its_correlation() -> None:
    body = (
        b"<restExceptionInfo><correlationId>0000-11aa</correlationId><errorCode>OPTIMISTIC_LOCK_VIOLATION"
        b"</errorCode><message>Karen</message></restExceptionInfo>"
    )
    with pytest.raises(DeviceRefused) as caught:
        answer_line(body)
    assert caught.value.code is Code.LIBRARY_CONFLICT
    assert caught.value.detail == "OPTIMISTIC_LOCK_VIOLATION 0000-11aa"


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert answer_line(_answer(f"<response>{_escaped(text)}</response>")) == text


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_are_an_error_of_ours_or_a_line(noise: bytes) -> None:
    for body in (noise, _answer("<response>941</response>")[:60] + noise):
        with suppress(RemoteProtocolError, DeviceRefused):
            answer_line(body)


def test_what_xml_cannot_carry_is_not_sent() -> None:
    for line, login, password in (
        ("941\ufffe", "l", "p"),
        ("941", "l\x07", "p"),
        ("941", "l", "p\ud800"),
    ):
        with pytest.raises(LocalProtocolError) as caught:
            request_xml(line, login, Secret(password))
        assert caught.value.code is Code.LIBRARY_ENCODING


def test_limits_of_sip2_hold_here_too() -> None:
    long = message("09", "AP", "AOx", "AB" + "1" * 256, no_block="N", date=D, return_date=D)
    with pytest.raises(LocalProtocolError):
        line_of(long)
    assert line_of(message("99", status="0", print_width="xxx", version="2.00")) == "990xxx2.00"
