"""3M's block RFID 501, as the public code Biblio-RFID reads it: no checksum, so much must fit.

====== ======================================================
byte   field
====== ======================================================
0      04
1      high nibble ordinal of the part, low nibble parts
2      00
3      type of item
4-19   item id, NUL padded
20-23  big-endian: 12 bits branch, 20 bits library
24-27  customer's own number, signed, big-endian
28-31  zero
====== ======================================================
"""

from dataclasses import dataclass

from drivers.tags.model import Format, Item, Usage


@dataclass(frozen=True, slots=True)
class Rfid501:
    """The fields of one block. `kind`: 0 other, 1 book, 2 magazine, 6 CD, and so on."""

    id: str
    part: int
    parts: int
    kind: int
    branch: int
    library: int
    custom: int

    def item(self) -> Item:
        """The part of it that every data model has. 501 names no owner in ISIL form."""
        return Item(Format.RFID_501, self.id, part=self.part, parts=self.parts, usage=Usage.UNKNOWN)


def read(memory: bytes) -> Rfid501 | None:
    """The block, or None when the first 32 bytes are not one."""
    if len(memory) < 32 or memory[0] != 4 or memory[2] or any(memory[28:32]) or memory[3] > 15:
        return None
    name = memory[4:20].rstrip(b"\0")
    if not name.isascii() or not name.decode("ascii").isprintable() or not name:
        return None
    place = int.from_bytes(memory[20:24], "big")
    return Rfid501(
        id=name.decode("ascii"),
        part=memory[1] >> 4,
        parts=memory[1] & 0x0F,
        kind=memory[3],
        branch=place >> 20,
        library=place & 0xFFFFF,
        custom=int.from_bytes(memory[24:28], "big", signed=True),
    )
