"""Commands, options and error bytes of 3M 210 and 810 readers (protocol specification 1.0.0), and replies as values."""

from dataclasses import dataclass
from enum import IntEnum

from typing_extensions import override

from drivers.ports import Tag, Uid


class Command(IntEnum):
    """Command bytes; a reply repeats the one it answers."""

    READ = 0x02
    WRITE = 0x04
    LOCK_BLOCK = 0x08
    WRITE_AFI = 0x09
    READ_AFI = 0x0A
    TAG_INFO = 0x0D
    READ_DSFID = 0x0F
    VERSION = 0x11
    SET_UP = 0x13
    INVENTORY = 0xFE


class Error(IntEnum):
    """Error bytes that mean something to us."""

    NONE = 0x00
    NOT_IMPLEMENTED = 0x02
    NO_TAG = 0x06
    """No transponder, or one that refused and said nothing."""
    ABSENT = 0x11
    LOCKED = 0x12
    NOT_READ = 0x15
    NOT_WRITTEN = 0x16
    NOT_SUPPORTED = 0x30
    """The tag does not know the command."""
    FULL = 0xFE


WAKE_UP, WAKE_UP_BODY = 0x04, b"\x00\x11"
"""Command and body of the frame that wakes a reader up (public code Biblio-RFID; in no document)."""
SET_UP = {
    "210": bytes.fromhex("0601000200030004000b000a00"),
    "810": bytes.fromhex("040100020003000400"),
}
"""By model, what field software sends once after waking it up (Signum, Biblio-RFID; in no document)."""
ANY_AFI = 0x00
WITH_UID, WITH_DSFID, AS_SEEN = 0x01, 0x02, 0x04
"""Inventory options: the reply holds each UID; its DSFID before it; and the bit that field software always sets."""
INFO_DSFID, INFO_AFI, INFO_SIZE, INFO_CHIP = 0x01, 0x02, 0x04, 0x08
"""Mask of tag information: what is asked for, and in the reply what is known."""
INFO_ALL = INFO_DSFID | INFO_AFI | INFO_SIZE | INFO_CHIP

BLOCK_SIZE = 4
"""The protocol knows blocks of four bytes only."""
LEAST_BLOCKS = 8
"""What the smallest of all library tags has; told for a tag that does not know its own size."""
BLOCKS_A_REQUEST = 32
MOST_BLOCKS = 256
"""A block number is one byte."""

_VERSION_MARK = 0x0A
_UID = 8
_LAST_LOCK = 0x03
"""Lock bytes above it are error bytes: the block was not read."""


class BadReply(ValueError):
    """The data of a reply do not have the shape that the specification gives them."""


@dataclass(frozen=True, slots=True)
class Version:
    """Of the firmware, or of the hardware in the answer to waking up."""

    major: int
    minor: int
    build: int

    @property
    def model(self) -> str:
        """The model by its hardware, as far as it was seen in the field: 5.0 on an 810, 5.1 and 5.2 on a 210."""
        return "810" if (self.major, self.minor) == (5, 0) else "210"

    @override
    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.build}"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a read: its number, and its data with its lock byte, or the error byte in their stead."""

    number: int
    lock: int
    data: bytes

    @property
    def error(self) -> int:
        return self.lock if self.lock > _LAST_LOCK else 0


@dataclass(frozen=True, slots=True)
class Known:
    """What a tag tells of itself; None where it tells nothing."""

    dsfid: int | None = None
    afi: int | None = None
    block_size: int | None = None
    blocks: int | None = None
    ic_ref: int | None = None


def version(data: bytes) -> Version:
    """The last four bytes: 0A and the version. What comes before them differs from firmware to firmware."""
    if len(data) < 4 or data[-4] != _VERSION_MARK:
        raise BadReply("a version is 0A and three bytes")
    return Version(*data[-3:])


def tags(data: bytes, afi: int, options: int) -> tuple[Tag, ...]:
    """Tags of an inventory answer, as they came: AFI, options, N, then N records of [DSFID] UID.

    A Tag-it tag has four leading zero bytes in its UID. The same tag may come twice.
    """
    size = _UID + bool(options & WITH_DSFID)
    if data[:2] != bytes((afi, options)) or len(data) < 3 or len(data) != 3 + size * data[2]:
        raise BadReply(f"an inventory answer is {afi:02x} {options:02x}, N and N times {size}")
    return tuple(
        Tag(Uid(data[at + size - _UID : at + size]), data[at] if options & WITH_DSFID else None)
        for at in range(3, len(data), size)
    )


def blocks(data: bytes, first: int, wanted: int) -> tuple[Block, ...]:
    """The blocks of a read: UID, N, then N records of number, lock byte, data. Fewer than asked for are fewer."""
    size = 2 + BLOCK_SIZE
    count = data[_UID] if len(data) > _UID else 0
    if not 0 < count <= wanted or len(data) != _UID + 1 + count * size:
        raise BadReply(f"{wanted} blocks were asked for, {count} in {len(data)} bytes answered")
    body = data[_UID + 1 :]
    found = tuple(
        Block(body[at], body[at + 1], body[at + 2 : at + size]) for at in range(0, len(body), size)
    )
    if any(block.number != first + i for i, block in enumerate(found)):
        raise BadReply(f"blocks from {first} were asked for, others answered")
    return found


def byte(data: bytes) -> int:
    """The one byte after the UID: AFI or DSFID."""
    if len(data) != _UID + 1:
        raise BadReply("a UID and one byte were asked for")
    return data[_UID]


def known(data: bytes) -> Known:
    """Tag information: UID, mask of what is known, then DSFID, AFI, size and count (each minus one), chip (2 bytes)."""
    if len(data) <= _UID:
        raise BadReply("tag information begins with UID and mask")
    mask, rest = data[_UID], data[_UID + 1 :]
    widths = {INFO_DSFID: 1, INFO_AFI: 1, INFO_SIZE: 2, INFO_CHIP: 2}
    if mask & ~INFO_ALL or len(rest) != sum(n for bit, n in widths.items() if mask & bit):
        raise BadReply(f"tag information of mask {mask:02x} in {len(rest)} bytes")
    found: dict[int, bytes] = {}
    for bit, width in widths.items():
        if mask & bit:
            found[bit], rest = rest[:width], rest[width:]
    size = found.get(INFO_SIZE)
    return Known(
        dsfid=found[INFO_DSFID][0] if INFO_DSFID in found else None,
        afi=found[INFO_AFI][0] if INFO_AFI in found else None,
        block_size=size[0] + 1 if size else None,
        blocks=size[1] + 1 if size else None,
        ic_ref=int.from_bytes(found[INFO_CHIP], "big") if INFO_CHIP in found else None,
    )
