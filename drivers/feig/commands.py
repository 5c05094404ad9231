"""Commands, modes and status bytes of FEIG OBID readers (manual H20800), and replies as values."""

from enum import IntEnum

from drivers.ports import Tag, TagInfo, Uid


class Command(IntEnum):
    """Control bytes."""

    BAUD_DETECT = 0x52
    SOFTWARE_VERSION = 0x65
    READER_INFO = 0x66
    RF_RESET = 0x69
    RF = 0x6A
    OUTPUT = 0x71
    ISO = 0xB0


class Iso(IntEnum):
    """ISO 15693 host commands, the first byte after 0xB0."""

    INVENTORY = 0x01
    LOCK_BLOCKS = 0x22
    READ = 0x23
    WRITE = 0x24
    WRITE_AFI = 0x27
    SYSTEM_INFO = 0x2B


class Status(IntEnum):
    """Status bytes that mean something to us."""

    OK = 0x00
    NO_TAG = 0x01
    WRITE_ERROR = 0x03
    ADDRESS = 0x04
    UNKNOWN_COMMAND = 0x80
    SCAN_MODE = 0x82
    RF_COMMUNICATION = 0x83
    RF_WARNING = 0x84
    OVERFLOW = 0x93
    MORE_DATA = 0x94
    ISO_ERROR = 0x95


ADDRESSED = 0x01
"""Mode: the UID follows."""
ADDRESSED_SECURITY = 0x09
"""Mode: the UID follows, and the answer tells which blocks are locked."""
MORE = 0x80
"""Inventory mode bit 7: give the rest of the last inventory."""
ISO_ALREADY_LOCKED, ISO_LOCKED = 0x11, 0x12
"""ISO/IEC 15693-3 error codes that say a block or the AFI is locked."""

BLOCKS_A_REQUEST = 32
"""128 data bytes fit one block command: 32 blocks of 4."""
MOST_BLOCKS = 256
"""A block number is one byte."""

MODELS = {
    40: "LR100",
    41: "LR200",
    71: "PRH100",
    72: "PRH100",
    73: "MR100",
    74: "PR100",
    75: "MR200",
    76: "MR101",
    78: "PR101",
    80: "CPR.M02",
    81: "CPR.02",
    87: "CPR.04",
    88: "CPR.04",
}
"""Reader model by the type byte of its software version."""

_ISO15693 = 0x03
_RECORD = 10


class BadReply(ValueError):
    """The data of a reply do not have the shape that the manual gives them."""


def mirrored(data: bytes, block_size: int) -> bytes:
    """Between tag order and the host protocol, which gives each block most significant byte first."""
    out = bytearray(len(data))
    for i in range(block_size):
        out[i::block_size] = data[block_size - 1 - i :: block_size]
    return bytes(out)


def tags(data: bytes) -> tuple[Tag, ...]:
    """Tags of an inventory answer: N, then N records of type, DSFID, UID. Other kinds of card are left out."""
    if not data or len(data) != 1 + _RECORD * data[0]:
        raise BadReply("an inventory answer is N and N records of ten bytes")
    return tuple(
        Tag(Uid(data[at + 2 : at + _RECORD]), data[at + 1])
        for at in range(1, len(data), _RECORD)
        if data[at] == _ISO15693
    )


def tag_info(data: bytes) -> TagInfo:
    """System information: DSFID, UID, AFI, block size and count (each minus one on the wire), chip."""
    if len(data) != 13:
        raise BadReply("system information has 13 bytes")
    return TagInfo(
        Uid(data[1:9]),
        dsfid=data[0],
        afi=data[9],
        block_size=(data[10] & 0x1F) + 1,
        blocks=data[11] + 1,
        ic_ref=data[12],
    )


def blocks(data: bytes, wanted: int) -> tuple[int, bytes, tuple[int, ...]]:
    """Block size, memory in tag order, and which blocks (counted from 0) are locked."""
    if len(data) < 2:
        raise BadReply("a block answer begins with count and size")
    count, size = data[0], data[1]
    if count != wanted or not size or len(data) != 2 + count * (size + 1):
        raise BadReply(f"{wanted} blocks were asked for, {count} of {size} bytes answered")
    body = data[2:]
    step = size + 1
    out = bytearray(count * size)
    for i in range(size):
        out[i::size] = body[size - i :: step]
    locked = tuple(i for i, security in enumerate(body[::step]) if security & 1)
    return size, bytes(out), locked
