"""The XML around one line of SIP2, both ways. Pure; bounded; no document type, so no entity of anybody's making.

Source: recorded exchanges in the public code bibboxen/bibbox, test/fixtures/fbs.js; the error envelopes by
bibboxen/bibselv, engine/plugins/fbs/response.js. Login and password are attributes of every request.
"""

import re
from html import escape
from xml.parsers.expat import ExpatError, ParserCreate

from drivers.errors import Code, DeviceRefused, LocalProtocolError, RemoteProtocolError
from drivers.ports import Secret
from drivers.sip2.frames import DEVICE, encode
from drivers.sip2.messages import Message

SCHEMA = "http://axiell.com/Schema/sip.xsd"
MOST = 1_048_576
"""Bytes of an answer: an account of a thousand loans is below a quarter of it."""

_REQUEST = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ns1:sip password="{password}" login="{login}"'
    f' xsi:schemaLocation="{SCHEMA}" xmlns:ns1="{SCHEMA}"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<request>{line}</request></ns1:sip>"
)
_TOKEN = re.compile(r"[A-Z][A-Z_]{2,40}")
_CORRELATION = re.compile(r"[0-9a-fA-F-]{8,40}")
_LOGIN = re.compile(
    r"\bLOGIN|UNAUTHORI[SZ]ED|NOT_AUTHENTICATED|FORBIDDEN|ACCESS_DENIED", re.IGNORECASE
)
_CONFLICT = "OPTIMISTIC_LOCK_VIOLATION"
_KEPT = frozenset({"response", "error", "errorCode", "errorType", "correlationId"})


def line_of(request: Message) -> str:
    """A command as FBS wants it: `|` before the first field, no sum, no CR; nine places of summary in 63.

    Raises LocalProtocolError as `drivers.sip2.frames.encode` does, for the same limits hold.
    """
    line = encode(request, error_detection=False, delimiter_first=True)[:-1].decode()
    if request.kind.id == "63":  # the delimiter stands at the tenth place
        last = request.kind.size - 1
        line = line[:last] + line[last + 1 :]
    return line


def request_xml(line: str, login: str, password: Secret) -> bytes:
    """One request. Raises LocalProtocolError: library.encoding for what XML cannot carry."""
    text = _REQUEST.format(
        password=escape(password.reveal()), login=escape(login), line=escape(line, quote=False)
    )
    if any((c < " " and c != "\n") or c in "\ufffe\uffff" for c in text):
        raise LocalProtocolError(DEVICE, Code.LIBRARY_ENCODING, "not for XML")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise LocalProtocolError(DEVICE, Code.LIBRARY_ENCODING, "not for UTF-8") from None


def answer_line(body: bytes) -> str:
    """The SIP2 line in an answer; line breaks inside it are blanks.

    Raises:
        DeviceRefused: an error envelope. library.conflict when another call changed the same record,
            library.login when the login is refused, else library.error. The detail holds FBS's own code and
            correlation id, and never its words: they may name somebody.
        RemoteProtocolError: wire.garbled for what is no envelope, is too long or has a document type.
    """
    found = _elements(body)
    said, error, code = (found.get(name) for name in ("response", "error", "errorCode"))
    if [said, error, code].count(None) != 2:
        raise _garbled("not one response or error", body)
    if said is not None:
        return said.strip().replace("\n", " ")
    words = error if error is not None else f"{code} {found.get('errorType', '')}"
    tokens = list(dict.fromkeys(_TOKEN.findall(words or "")))
    if correlation := _CORRELATION.fullmatch(found.get("correlationId", "")):
        tokens.append(correlation[0])
    if _CONFLICT in tokens:
        kind = Code.LIBRARY_CONFLICT
    else:
        kind = Code.LIBRARY_LOGIN if _LOGIN.search(words or "") else Code.LIBRARY_ERROR
    raise DeviceRefused(DEVICE, kind, " ".join(tokens), body)


def _elements(body: bytes) -> dict[str, str]:
    """Texts of the root's children that say something, by local name."""
    if len(body) > MOST:
        raise _garbled("longer than any answer", b"")
    found: dict[str, str] = {}
    path: list[str] = []

    def started(name: str, _attributes: object) -> None:
        path.append(name.rpartition(" ")[2])
        if len(path) == 2 and path[1] in _KEPT:
            if path[1] in found:
                raise _garbled(f"two of {path[1]}", body)
            found[path[1]] = ""

    def ended(_name: str) -> None:
        path.pop()

    def said(text: str) -> None:
        if len(path) == 2 and path[1] in found:
            pieces[path[1]].append(text)

    def refused(*_: object) -> None:
        raise _garbled("a document type", body)

    pieces: dict[str, list[str]] = {name: [] for name in _KEPT}
    parser = ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = started, ended
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = said, refused
    try:
        parser.Parse(body, True)
    except (ExpatError, LookupError, ValueError) as error:
        raise _garbled(f"not XML ({type(error).__name__})", body) from None
    return {name: "".join(pieces[name]) for name in found}


def _garbled(why: str, body: bytes) -> RemoteProtocolError:
    return RemoteProtocolError(DEVICE, Code.WIRE_GARBLED, why, body)
