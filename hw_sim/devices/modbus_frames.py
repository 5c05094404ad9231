"""The slave's side of Modbus RTU: FC03 and FC16, exceptions, CRC. Pure.

Sources: MODBUS Application Protocol V1.1b3, 6.3, 6.12 and 7; MODBUS over Serial Line V1.02, 2.5.1 and its appendix.
"""

from collections.abc import Sequence
from dataclasses import dataclass

READ, WRITE = 0x03, 0x10
MOST_READ, MOST_WRITTEN = 125, 123
LONGEST = 256
BROADCAST = 0

BAD_FUNCTION, BAD_ADDRESS, BAD_VALUE, FAILED, BUSY = 0x01, 0x02, 0x03, 0x04, 0x06


class Refused(Exception):
    """The request is answered with an exception: `code` of the application protocol, 7."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code:02x}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """A whole frame with a right CRC. `values` is None for a read."""

    unit: int
    function: int
    first: int = 0
    count: int = 0
    values: tuple[int, ...] | None = None
    wrong: int = 0
    """Exception code that this request earns by its form alone."""


def crc(data: bytes) -> bytes:
    """CRC-16 with 0xA001 reflected from 0xFFFF, low byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


def request(frame: bytes) -> Request | None:
    """What a frame asks; None for one that is too short, too long, or has a wrong CRC."""
    if not 4 <= len(frame) <= LONGEST or crc(frame[:-2]) != frame[-2:]:
        return None
    unit, function, rest = frame[0], frame[1], frame[2:-2]
    if function not in {READ, WRITE}:
        return Request(unit, function, wrong=BAD_FUNCTION)
    if len(rest) < 4:
        return Request(unit, function, wrong=BAD_VALUE)
    first, count = int.from_bytes(rest[:2]), int.from_bytes(rest[2:4])
    if function == READ:
        right = len(rest) == 4 and 1 <= count <= MOST_READ
        return Request(unit, function, first, count, wrong=0 if right else BAD_VALUE)
    data = rest[5:]
    right = (
        1 <= count <= MOST_WRITTEN and rest[4:5] == bytes((2 * count,)) and len(data) == 2 * count
    )
    values = tuple(int.from_bytes(data[n : n + 2]) for n in range(0, len(data) - 1, 2))
    return Request(unit, function, first, count, values, wrong=0 if right else BAD_VALUE)


def values_read(unit: int, values: Sequence[int]) -> bytes:
    """Answer to FC03."""
    data = b"".join(value.to_bytes(2) for value in values)
    return _whole(bytes((unit, READ, len(data))) + data)


def values_written(unit: int, first: int, count: int) -> bytes:
    """Answer to FC16."""
    return _whole(bytes((unit, WRITE)) + first.to_bytes(2) + count.to_bytes(2))


def refusal(unit: int, function: int, code: int) -> bytes:
    """An exception."""
    return _whole(bytes((unit, function | 0x80, code)))


def _whole(body: bytes) -> bytes:
    return body + crc(body)
