"""ISO 28560-3 with the Danish profile DS/INF 163: one fixed block, a CRC, extension blocks after it.

====== ==================================================================
byte   field
====== ==================================================================
0      high nibble content parameter (1), low nibble type of usage
1      number of parts in the item
2      ordinal of this part, from 1
3-18   primary item identifier, UTF-8, NUL padded
19-20  CRC, low byte first
21-33  owner: ISIL without hyphen, NUL padded (21-31 on a 32-byte tag)
34-    extension blocks
====== ==================================================================

CRC-16, polynomial 0x1021, start 0xFFFF, over bytes 0-18 and 21-33; bytes 32 and 33 count as zero when the
tag has only 32. (Field order, nibble order and CRC as in the public code libdanrfid.)
"""

from binascii import crc_hqx

from drivers.tags.model import Doubt, Extension, Format, Item, Soundness, Unverified

SHORT = 32
"""Bytes of the truncated form."""
BASIC = 34
"""Bytes of the whole basic block."""

_FORMAT = Format.ISO_28560_3
_NONE: tuple[Extension, ...] = ()


def turned(memory: bytes, block_size: int) -> bytes:
    """The bytes of each memory block in reverse order; a last, partial block is filled with zeros."""
    memory += bytes(-len(memory) % block_size)
    out = bytearray(len(memory))
    for i in range(block_size):
        out[i::block_size] = memory[block_size - 1 - i :: block_size]
    return bytes(out)


def read(memory: bytes, *, reversed: bool = False) -> Item | Unverified | None:
    """The item on a tag whose CRC is right; None when it is wrong. At least 32 bytes, in tag order."""
    block = memory[:BASIC] if len(memory) >= BASIC else memory[:SHORT] + b"\0\0"
    if crc_hqx(block[:19] + block[21:], 0xFFFF) != block[19] | block[20] << 8:
        return None
    item = _item(block, memory, True, reversed)
    return item if _legible(item) else Unverified(item, Doubt.TEXT)


def guess(memory: bytes, *, reversed: bool = False) -> Item | None:
    """What the block would say if its CRC were right; None when it does not look like one at all."""
    block = memory[:BASIC] if len(memory) >= BASIC else memory[:SHORT] + b"\0\0"
    if block[0] >> 4 != 1 and block[0] & 0x0F != 1:
        return None
    item = _item(block, memory, False, reversed)
    return item if _legible(item) and item.id.isascii() else None


def write(item: Item, size: int, reversed: bool | None = None, block_size: int = 4) -> bytes:
    """Memory of `size` bytes that holds the item: basic block, CRC, extensions as they are, zeros.

    Byte order and nibble order are the item's own unless `reversed` says otherwise.

    Raises:
        ValueError: a field is too long for the tag, a number does not fit, or an extension was only read in part.
    """
    if item.format is not _FORMAT:
        raise ValueError(f"only {_FORMAT.value} is written, not {item.format.value}")
    if size < SHORT or size % block_size:
        raise ValueError(f"a tag has whole blocks and at least {SHORT} bytes, not {size}")
    identifier, owner = item.id.encode(), item.owner.encode()
    room = 13 if size >= BASIC else 11
    if not identifier or not item.id.isprintable() or len(identifier) > 16:
        raise ValueError("an item id is 1 to 16 bytes of printable UTF-8")
    if len(owner) > room or not item.owner.isprintable():
        raise ValueError(f"an owner is at most {room} bytes of printable UTF-8 on this tag")
    if not (0 <= item.part <= 255 and 0 <= item.parts <= 255):
        raise ValueError("part and parts are 0 to 255")
    if not (0 <= item.usage <= 15 and 0 <= item.version <= 15):
        raise ValueError("usage and version are 0 to 15")
    high, low = (item.usage, item.version) if item.nibbles_swapped else (item.version, item.usage)
    first = bytes((high << 4 | low, item.parts, item.part)) + identifier.ljust(16, b"\0")
    last = owner.ljust(13, b"\0")
    crc = crc_hqx(first + last, 0xFFFF).to_bytes(2, "little")
    if any(e.soundness is Soundness.CUT for e in item.extensions):
        raise ValueError("an extension block was read only in part: read the whole tag first")
    memory = first + crc + last + b"".join(e.raw for e in item.extensions)
    if item.extensions and len(memory) > size:
        raise ValueError(f"the extension blocks do not fit in {size} bytes")
    memory = memory[:size].ljust(size, b"\0")
    return (
        turned(memory, block_size) if (item.reversed if reversed is None else reversed) else memory
    )


def _item(block: bytes, memory: bytes, crc_ok: bool, reversed: bool) -> Item:
    first = block[0]
    swapped = first & 0x0F == 1 and first >> 4 != 1
    extensions = _NONE
    title = ""
    if len(memory) > BASIC and memory[BASIC]:
        extensions = _extensions(memory)
        title = next(
            (
                e.fields[0]
                for e in extensions
                if e.soundness is Soundness.GOOD and e.id == Extension.TITLE
            ),
            "",
        )
    return Item(
        _FORMAT,
        block[3:19].rstrip(b"\0").decode("utf-8", "replace"),
        block[21:].rstrip(b"\0").decode("utf-8", "replace"),
        block[2],
        block[1],
        first >> 4 if swapped else first & 0x0F,
        crc_ok,
        reversed,
        len(memory) < BASIC,
        swapped,
        first & 0x0F if swapped else first >> 4,
        extensions,
        title,
    )


def _legible(item: Item) -> bool:
    name, owner = item.id, item.owner
    return (
        bool(name) and name.isprintable() and owner.isprintable() and "\ufffd" not in name + owner
    )


def _extensions(memory: bytes) -> tuple[Extension, ...]:
    """Blocks up to a zero length. One with a wrong checksum is skipped by its length, and kept."""
    found = []
    at = BASIC
    while at < len(memory) and memory[at]:
        raw = memory[at : at + memory[at]]
        if len(raw) < memory[at]:
            found.append(Extension(raw, Soundness.CUT))
            break
        if len(raw) < 4:
            found.append(Extension(memory[at:].rstrip(b"\0"), Soundness.BAD))
            break
        check = 0
        for byte in raw:
            check ^= byte
        found.append(Extension(raw, Soundness.BAD if check else Soundness.GOOD))
        at += len(raw)
    return tuple(found)
