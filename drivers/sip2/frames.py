"""SIP2 on the wire: bytes to messages and back. Pure; bounded; any chunking.

Source: 3M Standard Interchange Protocol 2.00, document revision 2.12, "Message format" and "Appendix A,
error detection". A frame ends with CR. With error detection on, `AY<digit>AZ<four hex digits>` closes
every frame but 96 and 97, which carry AZ alone.
"""

import re
from html import unescape
from unicodedata import normalize
from zlib import adler32

from drivers.errors import Code, LocalProtocolError, RemoteProtocolError
from drivers.sip2.messages import KINDS, Check, Message

DEVICE = "library"
MOST = 65_536
"""Bytes of one received frame: the longest 64 with its lists is far below."""
SEGMENT = 1_024
"""A request stays below this and leaves in one write: some servers parse what one recv(1024) gave."""
VALUE = 255
"""Bytes of one value ("Variable-length fields")."""

_GOOD = Check.GOOD
_BETWEEN = b"\n \x00"
_TAIL = re.compile(rb"(?:AY([0-9]))?AZ([0-9A-Fa-f]{4})\Z")
_ID = re.compile(r"[A-Z][A-Z0-9]")
_PLAIN = re.compile(r"(?:[A-Z][A-Z0-9][^|]*+\|)++")
"""Fields as the standard has them; what does not match is looked at piece by piece."""


class Framer:
    """Cuts a stream into frames at CR; drops line feeds, blanks and NUL around them.

    A frame longer than `most` is dropped up to the next CR and counted in `overlong`.
    """

    __slots__ = ("_buffer", "_most", "_skipping", "overlong")

    def __init__(self, most: int = MOST) -> None:
        self._buffer = bytearray()
        self._most = most
        self._skipping = False
        self.overlong = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes as they come; give every frame they complete, without CR."""
        *ended, rest = data.split(b"\r")
        frames: list[bytes] = []
        for piece in ended:
            self._take(piece)
            if not self._skipping and (frame := bytes(self._buffer.strip(_BETWEEN))):
                frames.append(frame)
            self._buffer.clear()
            self._skipping = False
        self._take(rest)
        return frames

    @property
    def pending(self) -> int:
        """Bytes of a frame that has not ended yet."""
        return len(self._buffer)

    def _take(self, piece: bytes) -> None:
        if self._skipping:
            return
        if len(self._buffer) + len(piece) > self._most:
            self._buffer.clear()
            self._skipping = True
            self.overlong += 1
            return
        self._buffer += piece


def checksum(data: bytes) -> int:
    """Two's complement of the low 16 bits of the sum of all bytes, through the letters `AZ`.

    Adler-32's low half is one plus that sum modulo 65521, which 256 bytes cannot reach.
    """
    if len(data) <= 256:
        return 1 - (adler32(data) & 0xFFFF) & 0xFFFF
    parts = (data[at : at + 256] for at in range(0, len(data), 256))
    return -sum((adler32(part) & 0xFFFF) - 1 for part in parts) & 0xFFFF


def verify(frame: bytes) -> Check:
    """What the frame's checksum says, without looking at anything else."""
    tail = _TAIL.search(frame, max(0, len(frame) - 9))
    if tail is None:
        return Check.ABSENT
    return _GOOD if int(tail[2], 16) == checksum(frame[:-4]) else _wrong(tail[2])


def _wrong(given: bytes) -> Check:
    return Check.ZERO if given == b"0000" else Check.BAD


def decode(frame: bytes, encoding: str = "utf-8") -> Message:
    """A frame as a message. Its checksum is judged, not enforced: that is the link's to decide.

    Values come NFC-normalised, `&#124;` as `|`. A raw `|` inside a value is saved when no field id can
    follow it. Raises RemoteProtocolError: wire.unexpected for an unknown id, wire.garbled for a block that
    is too short or a field without id.
    """
    tail = _TAIL.search(frame, len(frame) - 9 if len(frame) > 9 else 0)
    if tail is None:
        text, seq, check = frame.decode(encoding, "replace"), None, Check.ABSENT
    else:
        text = frame[: tail.start()].decode(encoding, "replace")
        number, given = tail.groups()
        seq = None if number is None else number[0] - 48
        check = _GOOD if int(given, 16) == checksum(frame[:-4]) else _wrong(given)
    if not text.isascii():
        text = normalize("NFC", text)
    kind = KINDS.get(text[:2])
    if kind is None:
        raise RemoteProtocolError(DEVICE, Code.WIRE_UNEXPECTED, "unknown message", frame)
    size = kind.size
    if len(text) < size:
        raise RemoteProtocolError(DEVICE, Code.WIRE_GARBLED, f"{kind.id} is too short", frame)
    body = text[size:]
    if _PLAIN.fullmatch(body):
        parts = body.split("|")
        parts.pop()
    else:
        parts = _rescued(body)
        if body and not parts:
            raise RemoteProtocolError(DEVICE, Code.WIRE_GARBLED, f"{kind.id}: no field", frame)
    if "&#124;" in body:
        parts = [part.replace("&#124;", "|") for part in parts]
    return Message(kind, kind.split(text), tuple(parts), seq, check)


def _rescued(body: str) -> list[str]:
    """Fields of a block whose values hold raw delimiters; empty when it does not start with a field."""
    parts: list[str] = []
    for piece in body.split("|"):
        if _ID.match(piece):
            parts.append(piece)
        elif piece and not parts:
            return []
        elif piece:
            parts[-1] += f"|{piece}"
    return parts


def encode(
    message: Message,
    *,
    encoding: str = "utf-8",
    error_detection: bool = True,
    delimiter_first: bool = False,
) -> bytes:
    """A message as one frame with CR; every field ends with `|`, also the last.

    Raises LocalProtocolError: library.encoding for a text that the charset cannot carry (a `?` in its
    place would be another person or item), wire.garbled for a block of wrong width, a value that holds
    what the wire forbids or is longer than 255 bytes, or a frame of 1024 bytes and more.
    """
    kind, fields = message.kind, message.fields
    if tuple(map(len, message.fixed)) != kind.widths:
        raise _unsendable(kind.id, "a fixed part has the wrong width")
    first = bool(delimiter_first and fields)
    text = kind.id + "".join(message.fixed) + ("|" if first else "")
    if fields:
        text += "|".join(fields) + "|"
    if not text.isprintable():
        _forbid_control(message)
    if text.count("|") != len(fields) + first:
        raise _unsendable(kind.id, "a value holds the delimiter")
    try:
        frame = text.encode(encoding)
        if len(frame) > VALUE and any(len(each.encode(encoding)) > VALUE + 2 for each in fields):
            raise _unsendable(kind.id, "a value is too long")
    except UnicodeEncodeError:
        raise LocalProtocolError(
            DEVICE, Code.LIBRARY_ENCODING, f"{kind.id} does not fit {encoding}"
        ) from None
    if error_detection:
        if message.seq is not None:
            frame += b"AY%dAZ" % message.seq
        else:
            frame += b"AZ"
        frame += b"%04X" % checksum(frame)
    frame += b"\r"
    if len(frame) >= SEGMENT:
        raise _unsendable(kind.id, "the message is too long")
    return frame


def _forbid_control(message: Message) -> None:
    for each in (*message.fixed, *message.fields):
        if any(c < " " or "\x7f" <= c < "\xa0" for c in each):
            raise _unsendable(message.kind.id, "a value holds a control character")


def _unsendable(id_: str, why: str) -> LocalProtocolError:
    return LocalProtocolError(DEVICE, Code.WIRE_GARBLED, f"{id_}: {why}")


def sendable(value: str) -> str:
    """What may go out of a value that came from a card, a tag or a keyboard: no delimiter, no control."""
    return normalize(
        "NFC", "".join(c for c in value if c >= " " and c != "|" and not "\x7f" <= c < "\xa0")
    ).strip()


def clean(value: str) -> str:
    """A received text as people read it: entities resolved, control characters gone, at most 255 letters."""
    plain = "".join(c if c.isprintable() else " " for c in unescape(value))
    return " ".join(normalize("NFC", plain).split())[:VALUE]
