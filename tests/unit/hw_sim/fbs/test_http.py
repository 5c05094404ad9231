"""HTTP and XML of the simulated FBS: any chunking, bounds, and what is refused."""

import random
from http import HTTPStatus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.ils.fbs_envelope import BadEnvelope, open_envelope
from hw_sim.ils.fbs_http import BODY_LIMIT, HEAD_LIMIT, HttpRefused, RequestReader, response
from tests.unit.hw_sim.fbs.terminal import envelope, post, read

HEAD = b"POST /x HTTP/1.1\r\nHost: a\r\n"


@given(body=st.binary(max_size=200), cuts=st.lists(st.integers(1, 300), max_size=8))
@settings(max_examples=100, deadline=None)
def test_a_request_is_whole_in_any_pieces(body: bytes, cuts: list[int]) -> None:
    whole = post(body) + b"more that is passed over"
    reader, found, at = RequestReader(), None, 0
    for end in [*sorted(cuts), len(whole)]:
        found = reader.feed(whole[at:end])
        if found:
            break
        at = end
    assert found is not None
    assert (found.method, found.path, found.body) == ("POST", "/rest/sip2/DK-746100", body)
    assert found.headers["content-type"] == "application/xml"


def test_a_request_may_come_byte_by_byte() -> None:
    whole, reader = post(envelope("990xxx2.00")), RequestReader()
    assert [reader.feed(bytes((byte,))) for byte in whole[:-1]] == [None] * (len(whole) - 1)
    assert reader.feed(whole[-1:]) is not None


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"HELO\r\n\r\n", 400),
        (b"GET /x HTTP/2\r\n\r\n", 400),
        (b"POST /x HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400),
        (HEAD + b"No colon\r\n\r\n", 400),
        (HEAD + b"Host: b\r\nContent-Length: 0\r\n\r\n", 400),
        (HEAD + b"\r\n", 411),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", 411),
        (HEAD + b"Content-Length: -1\r\n\r\n", 411),
        (HEAD + b"Content-Length: \xb2\r\n\r\n", 411),
        (HEAD + b"Content-Length: %d\r\n\r\n" % (BODY_LIMIT + 1), 413),
        (HEAD + b"Content-Length: 99999999999999\r\n\r\n", 413),
        (HEAD + b"A: " + b"x" * HEAD_LIMIT, 431),
    ],
)
def test_what_is_no_request_is_refused(request_bytes: bytes, status: int) -> None:
    with pytest.raises(HttpRefused) as refused:
        RequestReader().feed(request_bytes)
    assert refused.value.status == status


def test_a_request_does_not_show_what_it_holds() -> None:
    request = RequestReader().feed(post(envelope("23009", password="hemmelig")))
    assert "hemmelig" not in repr(request)
    opened = open_envelope(envelope("23009|AD1234|", password="hemmelig"))
    assert "hemmelig" not in repr(opened)
    assert "1234" not in repr(opened)


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
@pytest.mark.parametrize("body", [b"", b"x", b"<a>\xc3\xa6</a>" * 9])
def test_a_response_is_read_in_every_framing(framing: str, body: bytes) -> None:
    answer = read(response(HTTPStatus.OK, (("X-A", "b"),), body, framing))
    assert (answer.status, answer.body, answer.headers["X-A"]) == (200, body, "b")
    assert answer.headers["Connection"] == "close"
    assert ("Content-Length" in answer.headers) == (framing == "length")


def test_an_envelope_is_opened_with_what_is_escaped_in_it() -> None:
    opened = open_envelope(envelope("11NN|AB<&>\"'|", login="a&b", password='"<æ>'))
    assert (opened.login, opened.password, opened.line) == ("a&b", '"<æ>', "11NN|AB<&>\"'|")
    none = open_envelope(envelope("990xxx2.00", login="", password=""))
    assert (none.login, none.password) == (None, None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"99",
        b"<sip><request>990xxx2.00</request></sip>",
        envelope("990xxx2.00")[:-5],
        envelope("990xxx2.00").replace(b"<ns1:sip", b"<!DOCTYPE a><ns1:sip"),
        envelope("990xxx2.00").replace(b"request>", b"answer>"),
        envelope("990xxx2.00").replace(b"</request>", b"</request><request/>"),
        envelope("990xxx2.00").replace(b"990", b"<b/>990"),
        envelope("ø").replace("ø".encode(), b"\xf8"),
    ],
)
def test_what_is_no_envelope_is_refused(body: bytes) -> None:
    with pytest.raises(BadEnvelope):
        open_envelope(body)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_noise_never_breaks_the_readers(seed: int) -> None:
    rng = random.Random(seed)
    noisy = bytearray(post(envelope("990xxx2.00")))
    for _ in range(rng.randint(1, 5)):
        noisy[rng.randrange(len(noisy))] = rng.randrange(256)
    try:
        request = RequestReader().feed(bytes(noisy))
        if request is not None:
            open_envelope(request.body)
    except (HttpRefused, BadEnvelope):
        pass
