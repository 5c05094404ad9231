"""ISO 28560-2: a run of objects encoded by ISO/IEC 15962, each with its own compaction.

Object: precursor (bit 7 pad byte follows, bits 6-4 compaction, bits 3-0 object id) [id - 15 when the low
nibble is 15] [pad length] length, data, pad. A precursor of 00 ends the run.
"""

from dataclasses import dataclass
from enum import IntEnum

from drivers.tags.model import Doubt, Format, Item, Usage


class Oid(IntEnum):
    """Relative object ids that are looked at (ISO 28560-1, data elements)."""

    ID = 1
    CONTENT = 2
    OWNER = 3
    SET = 4
    USAGE = 5
    ILL_INSTITUTION = 11
    TITLE = 17


class Compaction(IntEnum):
    """How an object's text was made short (ISO/IEC 15962, compaction codes)."""

    APPLICATION = 0
    INTEGER = 1
    NUMERIC = 2
    FIVE_BIT = 3
    SIX_BIT = 4
    SEVEN_BIT = 5
    OCTETS = 6
    UTF8 = 7


@dataclass(frozen=True, slots=True)
class Object:
    """One object: its id, how it is packed, and its bytes."""

    oid: int
    compaction: Compaction
    data: bytes

    def text(self) -> str:
        """The object's value. A bitmap (content parameter) is given in hexadecimal.

        Raises:
            ValueError: the bytes break the rules of the compaction.
        """
        if self.compaction is Compaction.APPLICATION:
            if self.oid in {Oid.OWNER, Oid.ILL_INSTITUTION}:
                return isil(self.data)
            return self.data.hex()
        return unpack(self.compaction, self.data)


def objects(memory: bytes, *, whole: bool = True) -> tuple[tuple[Object, ...], Doubt | None]:
    """The run of objects, and what is wrong with its end.

    A 00 ends it well, and so does the end of the memory when that is `whole`: all that the tag has.
    """
    found: list[Object] = []
    seen: set[int] = set()
    at, end = 0, len(memory)
    while at < end:
        precursor = memory[at]
        if precursor == 0:
            return tuple(found), None
        at += 1
        oid = precursor & 0x0F
        extra = (oid == 15) + (precursor >> 7)
        if at + extra >= end:
            return tuple(found), Doubt.CUT
        if oid == 15:
            oid += memory[at]
            at += 1
        pad = 0
        if precursor & 0x80:
            pad = memory[at]
            at += 1
        size = memory[at]
        at += 1
        if oid in seen or size == 0:
            return tuple(found), Doubt.MALFORMED
        if at + size > end:
            return tuple(found), Doubt.CUT
        seen.add(oid)
        found.append(Object(oid, Compaction(precursor >> 4 & 7), memory[at : at + size]))
        at += size + pad
    return tuple(found), None if whole else Doubt.CUT


def read(memory: bytes, *, whole: bool) -> tuple[Item, Doubt | None] | None:
    """The item that the run of objects names, and what is doubtful about it; None when it starts otherwise."""
    found, doubt = objects(memory, whole=whole)
    if not found or found[0].oid != Oid.ID:
        return None
    texts: dict[int, str] = {}
    for one in found:
        try:
            texts[one.oid] = one.text()
        except ValueError:
            doubt = Doubt.MALFORMED
    name = texts.get(Oid.ID, "")
    if not name or not name.isprintable():
        return None
    parts, part = 1, 1
    if (digits := texts.get(Oid.SET, "")) != "":
        if digits.isascii() and digits.isdecimal() and len(digits) <= 6:
            digits = digits.zfill(len(digits) + len(digits) % 2)
            half = len(digits) // 2
            parts, part = int(digits[:half]), int(digits[half:])
        else:
            doubt = Doubt.MALFORMED
    owner, title = texts.get(Oid.OWNER, ""), texts.get(Oid.TITLE, "")
    if not owner.isprintable():
        doubt = Doubt.MALFORMED
    item = Item(
        Format.ISO_28560_2,
        name,
        owner,
        part,
        parts,
        _usage(found),
        title=title if title.isprintable() else "",
    )
    return item, doubt


def unpack(compaction: Compaction, data: bytes) -> str:
    """Text of packed bytes (ISO/IEC 15962, compaction schemes). Raises ValueError."""
    match compaction:
        case Compaction.INTEGER:
            number = int.from_bytes(data, "big")
            if len(data) > 8 or number < 10 or data[0] == 0:
                raise ValueError("an integer has 2 to 19 digits and no leading zero")
            return str(number)
        case Compaction.NUMERIC:
            digits = data.hex().removesuffix("f")
            if not digits.isdecimal():
                raise ValueError("a numeric string has digits only")
            return digits
        case Compaction.FIVE_BIT:
            codes = _groups(data, 5)
            if codes and codes[-1] == 0:
                codes.pop()
            if 0 in codes:
                raise ValueError("code 0 stands for nothing")
            return "".join(chr(c + 64) for c in codes)
        case Compaction.SIX_BIT:
            codes = _groups(data, 6)
            if len(data) % 3 == 0 and codes and codes[-1] == 32:
                codes.pop()  # six pad bits 100000 read as a space
            return "".join(chr(c + 64 if c < 32 else c) for c in codes)
        case Compaction.SEVEN_BIT:
            codes = _groups(data, 7)
            if len(data) % 7 == 0 and codes and codes[-1] in {0, 127}:
                codes.pop()
            return "".join(map(chr, codes))
        case Compaction.OCTETS:
            return data.decode("latin-1")
        case Compaction.UTF8:
            return data.decode("utf-8")
        case Compaction.APPLICATION:
            return data.hex()


_UPPER = "-ABCDEFGHIJKLMNOPQRSTUVWXYZ:"
_LOWER = "-abcdefghijklmnopqrstuvwxyz/"
_NUMERIC = "0123456789-:"
_TABLES = {
    # table: (bits, characters, then the code after them: (other table, only for one character))
    "upper": (
        5,
        _UPPER,
        (("lower", False), ("lower", True), ("numeric", False), ("numeric", True)),
    ),
    "lower": (
        5,
        _LOWER,
        (("upper", False), ("upper", True), ("numeric", False), ("numeric", True)),
    ),
    "numeric": (
        4,
        _NUMERIC,
        (("upper", False), ("upper", True), ("lower", False), ("lower", True)),
    ),
}


def isil(data: bytes) -> str:
    """An ISIL in its own compaction: 5-bit letters in two cases and 4-bit digits (ISO 28560-2, annex on ISIL)."""
    bits = int.from_bytes(data, "big")
    left = len(data) * 8
    text = []
    latched = table = "upper"
    while left >= _TABLES[table][0]:
        width, letters, turns = _TABLES[table]
        left -= width
        code = bits >> left & (1 << width) - 1
        if code < len(letters):
            text.append(letters[code])
            table = latched
        else:
            table, once = turns[code - len(letters)]
            if not once:
                latched = table
    return "".join(text)


def _groups(data: bytes, width: int) -> list[int]:
    bits = int.from_bytes(data, "big")
    total = len(data) * 8
    mask = (1 << width) - 1
    return [bits >> total - width * (i + 1) & mask for i in range(total // width)]


def _usage(found: tuple[Object, ...]) -> int:
    """Main category of usage: the high nibble of the first byte."""
    return next((o.data[0] >> 4 for o in found if o.oid == Oid.USAGE), Usage.UNKNOWN)
