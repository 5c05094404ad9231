"""SIP2 on the wire, as the library system reads and writes it.

Source: 3M Standard Interchange Protocol 2.00, document revision 2.12: a two-letter id, a block of fixed
fields in order, then fields of two-letter id and value, each ended by `|`; CR ends the message. Error
detection adds `AY<digit>AZ<4 hex>` without delimiters. Pure: bytes in, values out, bounded memory.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from typing_extensions import override

LIMIT = 4096
"""Longest message that is read, in bytes without its CR; a longer one is skipped and counted."""

_DATE = 18
_RENEWED = (("ok", 1), ("renewal_ok", 1), ("magnetic", 1), ("desensitize", 1), ("date", _DATE))
_PATRON = (("patron_status", 14), ("language", 3), ("date", _DATE))

BLOCKS: Mapping[str, tuple[tuple[str, int], ...]] = MappingProxyType(
    {
        "93": (("uid_algorithm", 1), ("password_algorithm", 1)),
        "94": (("ok", 1),),
        "99": (("status", 1), ("print_width", 3), ("version", 4)),
        "98": (
            ("online", 1),
            ("checkin_ok", 1),
            ("checkout_ok", 1),
            ("renewal_policy", 1),
            ("status_update_ok", 1),
            ("offline_ok", 1),
            ("timeout", 3),
            ("retries", 3),
            ("date", _DATE),
            ("version", 4),
        ),
        "23": (("language", 3), ("date", _DATE)),
        "24": _PATRON,
        "63": (("language", 3), ("date", _DATE), ("summary", 10)),
        "64": (
            *_PATRON,
            ("holds", 4),
            ("overdue", 4),
            ("charged", 4),
            ("fines", 4),
            ("recalls", 4),
            ("unavailable_holds", 4),
        ),
        "11": (("renewal_policy", 1), ("no_block", 1), ("date", _DATE), ("nb_due", _DATE)),
        "12": _RENEWED,
        "09": (("no_block", 1), ("date", _DATE), ("return_date", _DATE)),
        "10": (("ok", 1), ("resensitize", 1), ("magnetic", 1), ("alert", 1), ("date", _DATE)),
        "29": (("third_party", 1), ("no_block", 1), ("date", _DATE), ("nb_due", _DATE)),
        "30": _RENEWED,
        "65": (("date", _DATE),),
        "66": (("ok", 1), ("renewed", 4), ("unrenewed", 4), ("date", _DATE)),
        "17": (("date", _DATE),),
        "18": (("circulation", 2), ("security", 2), ("fee_type", 2), ("date", _DATE)),
        "15": (("mode", 1), ("date", _DATE)),
        "16": (("ok", 1), ("available", 1), ("date", _DATE)),
        "37": (("date", _DATE), ("fee_type", 2), ("payment_type", 2), ("currency", 3)),
        "38": (("accepted", 1), ("date", _DATE)),
        "35": (("date", _DATE),),
        "36": (("ended", 1), ("date", _DATE)),
        "25": (("date", _DATE),),
        "26": _PATRON,
        "19": (("date", _DATE),),
        "20": (("stored", 1), ("date", _DATE)),
        "01": (("card_retained", 1), ("date", _DATE)),
        "97": (),
        "96": (),
    }
)
"""Every message of the standard: its fixed block as (name, width), in order."""

RESENDS = frozenset({"96", "97"})
"""Messages that carry a checksum and never a sequence number."""

_NOISE = b"\r\n \0"
_TRAILER = re.compile(rb"(?:AY([0-9]))?AZ([0-9A-Fa-f]{4})\Z")
_FORBIDDEN = re.compile("[|\r\n\0]")


class Malformed(ValueError):
    """Bytes that are no message. `id` is what stood in the first two places."""

    def __init__(self, message_id: str, why: str) -> None:
        super().__init__(f"message {message_id!r}: {why}")
        self.id = message_id


class UnknownMessage(Malformed):
    """A message id that the standard does not have."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. Its repr names fields and never shows their values, which may be personal."""

    id: str
    block: Mapping[str, str] = field(default_factory=dict)
    """The fixed block by name, each value exactly as wide as the standard says."""
    fields: tuple[tuple[str, str], ...] = ()
    """(id, value) in wire order; repeated and unknown ones are kept."""
    sequence: str = ""
    """AY, one digit; empty without error detection."""
    sum_right: bool | None = None
    """Whether AZ fits the bytes; None when there was none."""

    def get(self, field_id: str, default: str = "") -> str:
        """Value of the first field of that id."""
        return next((value for name, value in self.fields if name == field_id), default)

    def has(self, field_id: str) -> bool:
        return any(name == field_id for name, _ in self.fields)

    def every(self, field_id: str) -> tuple[str, ...]:
        """Values of all fields of that id, in order."""
        return tuple(value for name, value in self.fields if name == field_id)

    @override
    def __repr__(self) -> str:
        return f"Message({self.id}, fields={' '.join(name for name, _ in self.fields)})"


def checksum(covered: bytes) -> str:
    """AZ over all bytes from the first through the letters `AZ` (the standard, appendix on checksums)."""
    return f"{-sum(covered) & 0xFFFF:04X}"


def decode(frame: bytes, encoding: str = "utf-8") -> Message:
    """Read one message without its CR. Bytes that the encoding lacks become U+FFFD.

    Raises:
        UnknownMessage: the id is not of the standard.
        Malformed: the fixed block is cut short.
    """
    message_id = frame[:2].decode("latin-1")
    shape = BLOCKS.get(message_id)
    if shape is None:
        raise UnknownMessage(message_id, "unknown id")
    trailer = _TRAILER.search(frame)
    sequence, sum_right, body = "", None, frame
    if trailer:
        body = frame[: trailer.start()]
        sequence = (trailer[1] or b"").decode("ascii")
        sum_right = (sum(frame[:-4]) + int(trailer[2], 16)) & 0xFFFF == 0
    block, at = {}, 2
    for name, width in shape:
        value = body[at : at + width]
        if len(value) < width:
            raise Malformed(message_id, f"fixed block ends inside {name}")
        block[name] = value.decode("latin-1")
        at += width
    fields = tuple(
        (part[:2].decode("latin-1"), part[2:].decode(encoding, "replace"))
        for part in body[at:].split(b"|")
        if len(part) >= 2
    )
    return Message(message_id, block, fields, sequence, sum_right)


def encode(
    message: Message, encoding: str = "utf-8", *, sums: bool = False, raw_bars: bool = False
) -> bytes:
    """Write one message with its CR; `sums` adds AY (except to 96 and 97) and AZ.

    Letters that the encoding lacks become `?`, as servers do. `raw_bars` lets a `|` through in a value.

    Raises:
        ValueError: a fixed field of the wrong width, or a control character or `|` in a value.
    """
    out = bytearray(message.id.encode("ascii"))
    for name, width in BLOCKS[message.id]:
        value = message.block[name]
        if len(value) != width:
            raise ValueError(f"message {message.id}: {name} must be {width} wide")
        out += value.encode("latin-1", "replace")
    for name, value in message.fields:
        if _FORBIDDEN.search(value.replace("|", "") if raw_bars else value):
            raise ValueError(f"message {message.id}: {name} holds a delimiter")
        out += f"{name}{value}|".encode(encoding, "replace")
    if sums:
        if message.id not in RESENDS:
            out += f"AY{message.sequence or '0'}".encode("ascii")
        out += b"AZ"
        out += checksum(bytes(out)).encode("ascii")
    return bytes(out) + b"\r"


class Framer:
    """Cuts a byte stream at CR. Line feeds, blanks and NULs between messages are skipped."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.too_long = 0
        """Messages that were skipped because they passed the limit."""
        self._limit = limit
        self._rest = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes in any chunking; return the messages they complete, without CR."""
        *whole, self._rest = (self._rest + data).split(b"\r")
        frames = [frame for part in whole if (frame := self._whole(part))]
        self._rest = b"" if self._skipping else self._rest.lstrip(_NOISE)
        if len(self._rest) > self._limit:
            self.too_long += 1
            self._skipping, self._rest = True, b""
        return frames

    def _whole(self, part: bytes) -> bytes:
        if self._skipping:
            self._skipping = False
            return b""
        frame = part.lstrip(_NOISE)
        if len(frame) > self._limit:
            self.too_long += 1
            return b""
        return frame.rstrip(b"\n\0")

    def take_rest(self) -> bytes:
        """Give up what has come without a CR yet (servers that parse whatever one read gave)."""
        rest, self._rest = self._rest, b""
        return rest


def stamp(at: datetime) -> str:
    """A date as the standard writes it: `YYYYMMDD`, four blanks for local time, `HHMMSS`."""
    return at.strftime("%Y%m%d    %H%M%S")


def moment(text: str, local: datetime) -> datetime | None:
    """Read an 18-character date; blanks mean the zone of `local`, `Z` UTC. None if it is none."""
    try:
        naive = datetime.strptime(text[:8] + text[12:], "%Y%m%d%H%M%S")  # noqa: DTZ007 - zone follows
    except ValueError:
        return None
    return naive.replace(tzinfo=UTC if text[8:12] == "   Z" else local.tzinfo)
