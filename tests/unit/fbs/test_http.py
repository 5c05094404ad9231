"""One POST and its reply: the bytes, any chunking, and every doubt refused."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import Code, LocalProtocolError, RemoteProtocolError
from drivers.fbs.http import MOST_BODY, MOST_HEAD, Endpoint, Reply, ReplyReader, endpoint, post

FBS = Endpoint("cicero-fbs.com", 443, "/rest/sip2/DK-746100")
GOOD = (
    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/xml;charset=UTF-8\r\n"
    b"Content-Length: 5\r\nX-RequestId: 54a737fc-988f\r\nSet-Cookie: f5=AB; secure\r\n\r\nhello"
)
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-RequestID: 1\r\n\r\n"
    b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n%s\r\n"
)


def _read(data: bytes, sizes: list[int] | None = None, *, closed: bool = False) -> Reply | None:
    reader = ReplyReader()
    reply: Reply | None = None
    for size in [*(sizes or []), len(data)]:
        piece, data = data[:size], data[size:]
        if piece:
            assert reply is None
            reply = reader.feed(piece)
    return reader.end() if closed and reply is None else reply


def test_a_request_in_one_piece() -> None:
    assert post(FBS, b"<x/>") == (
        b"POST /rest/sip2/DK-746100 HTTP/1.1\r\nHost: cicero-fbs.com\r\nUser-Agent: ims-kiosk\r\n"
        b"Accept: application/xml\r\nAccept-Encoding: identity\r\nContent-Type: application/xml\r\n"
        b"Content-Length: 4\r\nConnection: close\r\n\r\n<x/>"
    )
    assert b"\r\nHost: localhost:8443\r\n" in post(Endpoint("localhost", 8443, "/"), b"")
    assert b"\r\nHost: [::1]\r\n" in post(Endpoint("::1", 443, "/"), b"")


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://cicero-fbs.com", FBS),
        ("https://cicero-fbs.com/", FBS),
        ("https://localhost:8443", Endpoint("localhost", 8443, "/rest/sip2/DK-746100")),
        ("https://[::1]:8443", Endpoint("::1", 8443, "/rest/sip2/DK-746100")),
        ("https://h/other/sip?x=1", Endpoint("h", 443, "/other/sip?x=1")),
    ],
)
def test_where_to_post(url: str, found: Endpoint) -> None:
    assert endpoint(url, "DK-746100") == found


@pytest.mark.parametrize(
    "url",
    ["http://h", "https://", "https://h:0", "https://h:99999", "https://h:x", "h", "https://u@h",
     "https://h/a b", "https://h/\r\nX: y"],
)  # fmt: skip
def test_where_not_to_post(url: str) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        endpoint(url, "DK-746100")
    assert caught.value.code is Code.PORT_BAD_URL


def test_an_institution_cannot_leave_its_place_in_the_path() -> None:
    assert endpoint("https://h", "DK/../x y?").path == "/rest/sip2/DK%2F..%2Fx%20y%3F"


@settings(max_examples=100)
@given(st.lists(st.integers(1, 40), max_size=12), st.sampled_from([b"", b"A: b\r\n"]))
def test_a_reply_in_any_pieces(sizes: list[int], trailer: bytes) -> None:
    assert _read(GOOD, sizes) == Reply(200, "54a737fc-988f", b"hello")
    assert _read(CHUNKED % trailer, sizes) == Reply(200, "1", b"hello")
    interim = b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD
    assert _read(interim, sizes) == Reply(200, "54a737fc-988f", b"hello")


@pytest.mark.parametrize("cut", range(1, len(GOOD)))
def test_a_reply_cut_short_is_none(cut: int) -> None:
    with pytest.raises(RemoteProtocolError):
        _read(GOOD[:cut], closed=True)


def test_a_reply_without_length_ends_with_the_connection() -> None:
    data = b"HTTP/1.1 500 Oops\r\n\r\n<error/>"
    assert _read(data) is None
    assert _read(data, closed=True) == Reply(500, "", b"<error/>")
    assert _read(b"HTTP/1.1 204 No\r\n\r\n") == Reply(204, "", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"220 smtp ready\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello world",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1),
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * (MOST_HEAD + 1),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: b\r\n" * 4000,
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 4000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MOST_BODY + 1),
    ],
)  # fmt: skip
def test_a_doubt_is_refused(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        _read(data, closed=True)
    assert caught.value.code is Code.WIRE_GARBLED


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_noise_ends_in_a_reply_or_an_error_of_ours(noise: bytes) -> None:
    for data in (noise, GOOD[:60] + noise, (CHUNKED % b"")[:60] + noise):
        with suppress(RemoteProtocolError):
            _read(data, closed=True)


def test_a_body_stays_out_of_sight() -> None:
    assert "hello" not in repr(_read(GOOD))
