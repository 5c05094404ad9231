"""HTTP/1.1 as the FBS front needs it: one request in, one response out, pure and bounded.

Source: RFC 9112. Not modelled: chunked requests, `Expect`, a second request on the connection, which FBS
closes after each answer.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

HEAD_LIMIT = 8_192
"""Longest request line and headers, in bytes."""
BODY_LIMIT = 65_536

_LINE = re.compile(r"([A-Z]+) (/\S*) HTTP/1\.[01]")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")


class HttpRefused(ValueError):
    """A request that is answered by its status alone."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request. Header names are in lower case; the body is not shown, for it holds passwords."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class RequestReader:
    """Takes the bytes of one connection until its request is whole; what follows is passed over."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._head: tuple[str, str, dict[str, str], int] | None = None

    def feed(self, data: bytes) -> HttpRequest | None:
        """Take bytes in any chunking; return the request when it is whole.

        Raises:
            HttpRefused: it is no HTTP/1.1, has no length, or is too large.
        """
        self._held += data
        if self._head is None:
            head, end, rest = bytes(self._held).partition(b"\r\n\r\n")
            if len(head) > HEAD_LIMIT:
                raise HttpRefused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            if not end:
                return None
            self._head = _read_head(head.decode("latin-1"))
            self._held = bytearray(rest)
        method, path, headers, length = self._head
        if len(self._held) < length:
            return None
        return HttpRequest(method, path, headers, bytes(self._held[:length]))


def _read_head(head: str) -> tuple[str, str, dict[str, str], int]:
    first, *lines = head.split("\r\n")
    line = _LINE.fullmatch(first)
    headers = [_HEADER.fullmatch(each) for each in lines]
    if not line or not all(headers):
        raise HttpRefused(HTTPStatus.BAD_REQUEST)
    found = {header[1].lower(): header[2] for header in headers if header}
    if "host" not in found or len(found) < len(headers):
        raise HttpRefused(HTTPStatus.BAD_REQUEST)
    length = found.get("content-length", "0" if line[1] in {"GET", "HEAD"} else "")
    if not length.isdecimal() or not length.isascii():
        raise HttpRefused(HTTPStatus.LENGTH_REQUIRED)
    if len(length) > 9 or int(length) > BODY_LIMIT:
        raise HttpRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return line[1], line[2], found, int(length)


def response(
    status: HTTPStatus, headers: Iterable[tuple[str, str]], body: bytes, framing: str = "length"
) -> bytes:
    """One response. The body is framed by its `length`, `chunked`, or by the `close` of the connection."""
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    if framing == "length":
        lines.append(f"Content-Length: {len(body)}")
    elif framing == "chunked":
        lines.append("Transfer-Encoding: chunked")
        half = len(body) // 2
        pieces = [*filter(None, (body[:half], body[half:])), b""]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body
