"""What a library writes into a tag: the Danish data model of ISO 28560-3 (DS/INF 163), made here from scratch.

Basic block: byte 0 content parameter and type of usage, 1 parts, 2 this part, 3-18 item id, 19-20 CRC (low
byte first), 21-33 owner as ISIL without hyphen. The CRC is CRC-16 0x1021 from 0xFFFF over bytes 0-18 and
21-33; a tag of 32 bytes ends inside the owner, and counts what is missing as 0. Extension blocks follow at
byte 34. Some older Danish tags have the bytes of each 4-byte block the other way round.
"""

from collections.abc import Iterable

BLOCK = 4
"""Bytes in a memory block of the tags modelled here."""

_ID = slice(3, 19)
_CRC = slice(19, 21)
_OWNER = slice(21, 34)
_BASIC = 34


def crc16(data: bytes) -> int:
    """CRC-16 with polynomial 0x1021 from 0xFFFF, most significant bit first ("123456789" gives 0x29B1)."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ (0x1021 if crc & 0x8000 else 0)
        crc &= 0xFFFF
    return crc


def item_memory(
    item: str,
    owner: str,
    *,
    parts: int = 1,
    part: int = 1,
    usage: int = 1,
    blocks: int = 28,
    extensions: Iterable[bytes] = (),
    reverse: bool = False,
    bad_crc: bool = False,
) -> bytes:
    """The whole user memory of one tag, `blocks` x 4 bytes. Raises ValueError for what does not fit."""
    size = blocks * BLOCK
    basic = bytearray(_BASIC)
    basic[0] = 0x10 | usage
    basic[1] = parts
    basic[2] = part
    basic[_ID] = _padded(item, 16)
    basic[_OWNER] = _padded(owner, 13)
    basic[size:] = bytes(len(basic[size:]))
    crc = crc16(bytes(basic[: _CRC.start] + basic[_CRC.stop :])) ^ (0x0101 if bad_crc else 0)
    basic[_CRC] = crc.to_bytes(2, "little")
    memory = bytes(basic[:size]) + b"".join(extensions)
    if len(memory) > size:
        raise ValueError(f"{len(memory)} bytes do not fit into a tag of {size}")
    memory = memory.ljust(size, b"\0")
    return reversed_blocks(memory) if reverse else memory


def extension(block_id: int, fields: Iterable[str]) -> bytes:
    """An extension block: length, id (low byte first), XOR of the whole block = 0, NUL-separated fields."""
    body = "\0".join(fields).encode()
    head = bytes((len(body) + 4,)) + block_id.to_bytes(2, "little")
    check = 0
    for byte in head + body:
        check ^= byte
    return head + bytes((check,)) + body


def reversed_blocks(memory: bytes) -> bytes:
    """The same memory with the bytes of each block the other way round."""
    return b"".join(memory[i : i + BLOCK][::-1] for i in range(0, len(memory), BLOCK))


def _padded(text: str, size: int) -> bytes:
    raw = text.encode()
    if len(raw) > size:
        raise ValueError(f"{text!r} is longer than {size} bytes")
    return raw.ljust(size, b"\0")
