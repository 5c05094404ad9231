"""HTTP/1.1 as far as one POST needs it: the request's bytes, and a reader of the reply. Pure; bounded; any chunking.

Strict where a doubt could join two replies or cut one short (RFC 9112, 6.3); no redirect is followed, no
cookie kept, no compression asked for. Source: RFC 9110 and RFC 9112.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from drivers.errors import Code, LocalProtocolError, RemoteProtocolError
from drivers.sip2.frames import DEVICE

MOST_HEAD = 16_384
MOST_BODY = 1_048_576
HTTPS = 443

_STATUS = re.compile(r"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*", re.DOTALL)
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[^\r\n]*)?")
_DIGITS = re.compile(r"[0-9]{1,9}")
_ENDPOINT = re.compile(r"https://[A-Za-z0-9.\-\[\]:]+(?:/[!-~]*)?")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to post to."""

    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """For the Host header: no port where it is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS else f"{host}:{self.port}"


def endpoint(url: str, institution: str) -> Endpoint:
    """Of `https://HOST[:PORT]`, the path of FBS for this library; a path that is given stands as it is.

    Raises LocalProtocolError: port.bad_url.
    """
    parts = urlsplit(url) if _ENDPOINT.fullmatch(url) else None
    try:
        port = parts.port if parts is not None else None
    except ValueError:
        parts = port = None
    if parts is None or not parts.hostname or port == 0:
        raise LocalProtocolError(DEVICE, Code.PORT_BAD_URL, "url: write https://HOST[:PORT]")
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if path in {"", "/"}:
        path = f"/rest/sip2/{quote(institution, safe='')}"
    return Endpoint(parts.hostname, port or HTTPS, path)


def post(to: Endpoint, body: bytes) -> bytes:
    """The whole request, for one write."""
    head = (
        f"POST {to.path} HTTP/1.1\r\n"
        f"Host: {to.authority}\r\n"
        "User-Agent: ims-kiosk\r\n"
        "Accept: application/xml\r\n"
        "Accept-Encoding: identity\r\n"
        "Content-Type: application/xml\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said."""

    status: int
    request_id: str
    """Header X-RequestId, by which FBS's operator finds the call."""
    body: bytes = field(repr=False)


class ReplyReader:
    """Takes a reply as it comes. One reader a reply.

    Raises RemoteProtocolError: wire.garbled, for what breaks the grammar or is too long.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._status = 0
        self._headers: dict[str, str] = {}
        self._length: int | None = None
        self._chunked = False
        self._body = bytearray()

    @property
    def begun(self) -> bool:
        """Whether anything came at all."""
        return bool(self._status or self._buffer)

    def feed(self, data: bytes) -> Reply | None:
        """Take bytes; the reply once it is whole."""
        self._buffer += data
        while not self._status:
            if not self._head():
                return None
        if self._chunked:
            return self._reply() if self._chunks() else None
        if len(self._buffer) > MOST_BODY:
            raise _garbled("a body longer than any answer")
        if self._length is None:
            return None
        if len(self._buffer) > self._length:
            raise _garbled("more than the length says")
        if len(self._buffer) < self._length:
            return None
        self._body = self._buffer
        return self._reply()

    def end(self) -> Reply:
        """The server closed: the reply, if closing may end it. Never fed after that."""
        if not self._status or self._chunked or self._length is not None:
            raise _garbled("closed in the middle of a reply")
        self._body = self._buffer
        return self._reply()

    def _reply(self) -> Reply:
        return Reply(self._status, self._headers.get("x-requestid", ""), bytes(self._body))

    def _head(self) -> bool:
        """Take one head off the buffer, if it is whole. That of an interim reply (1xx) is dropped."""
        end = self._buffer.find(b"\r\n\r\n")
        if end > MOST_HEAD or (end < 0 and len(self._buffer) > MOST_HEAD):
            raise _garbled("a head longer than any")
        if end < 0:
            return False
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        status = _STATUS.fullmatch(first)
        if status is None:
            raise _garbled("no status line")
        if status[1].startswith("1"):
            return True
        headers: dict[str, str] = {}
        for line in lines:
            found = _HEADER.fullmatch(line)
            if found is None or "\n" in line:
                raise _garbled("a header that is none")
            name = found[1].lower()
            if (
                name in {"content-length", "transfer-encoding"}
                and headers.get(name, found[2]) != (found[2])
            ):
                raise _garbled(f"two of {name}")
            headers[name] = found[2]
        self._status, self._headers = int(status[1]), headers
        self._measure()
        return True

    def _measure(self) -> None:
        """How the body ends (RFC 9112, 6.3)."""
        length, coding = self._headers.get("content-length"), self._headers.get("transfer-encoding")
        if self._headers.get("content-encoding", "identity").lower() != "identity":
            raise _garbled("a body in a coding that was not asked for")
        if coding is not None and (length is not None or coding.lower() != "chunked"):
            raise _garbled("a length that is two things")
        if length is not None and _DIGITS.fullmatch(length) is None:
            raise _garbled("a length that is none")
        if length is not None and int(length) > MOST_BODY:
            raise _garbled("a body longer than any answer")
        self._chunked = coding is not None
        self._length = 0 if self._status in {204, 304} else None if length is None else int(length)

    def _chunks(self) -> bool:
        """Take whole chunks off the buffer; true once the last one and its trailer came (RFC 9112, 7.1)."""
        while True:
            end = self._buffer.find(b"\r\n")
            if end < 0:
                if len(self._buffer) > MOST_HEAD:
                    raise _garbled("a chunk without size")
                return False
            size = _SIZE.fullmatch(self._buffer[:end])
            if size is None:
                raise _garbled("a chunk without size")
            count = int(size[1], 16)
            if len(self._body) + count > MOST_BODY:
                raise _garbled("a body longer than any answer")
            if count == 0:
                trailer = self._buffer[end:]
                if len(trailer) > MOST_HEAD:
                    raise _garbled("a head longer than any")
                return trailer.startswith(b"\r\n\r\n") or b"\r\n\r\n" in trailer[2:]
            whole = end + 2 + count + 2
            if len(self._buffer) < whole:
                return False
            if self._buffer[whole - 2 : whole] != b"\r\n":
                raise _garbled("a chunk of another size")
            self._body += self._buffer[end + 2 : whole - 2]
            del self._buffer[:whole]


def _garbled(why: str) -> RemoteProtocolError:
    return RemoteProtocolError(DEVICE, Code.WIRE_GARBLED, f"HTTP: {why}")
