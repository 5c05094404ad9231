"""Modbus RTU frames of a master that reads and writes holding registers (FC03 and FC16), and nothing else.

::

    unit | function | fields | CRC low | CRC high            at most 256 bytes, numbers most significant byte first

Sources: MODBUS Application Protocol V1.1b3, 6.3, 6.12 and 7; MODBUS over Serial Line V1.02, 2.5.1 and its appendix on
the CRC (polynomial 0xA001 reflected, start 0xFFFF). An answer carries no number of its request, so it is held
against unit, function, count and address, and a late one can pass only where all of these are the same.
"""

import struct
from dataclasses import dataclass
from functools import partial

from drivers.transport.framing import Framing

READ = 0x03
WRITE = 0x10
EXCEPTION = 0x80
REFUSED = frozenset({READ | EXCEPTION, WRITE | EXCEPTION})
"""Functions of the exceptions to what a host asks for."""
MOST_READ = 125
MOST_WRITTEN = 123
_EXCEPTION_SIZE = 5
_WRITTEN_SIZE = 8


def _table() -> tuple[int, ...]:
    entries = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        entries.append(value)
    return tuple(entries)


_CRC = _table()


def checksum(data: bytes) -> int:
    """CRC-16/MODBUS over everything before it."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


def _closed(body: bytes) -> bytes:
    return body + checksum(body).to_bytes(2, "little")


@dataclass(frozen=True, slots=True)
class Answer:
    """One frame from a slave whose CRC is right."""

    unit: int
    function: int
    body: bytes
    """What stands between function and CRC."""


@dataclass(frozen=True, slots=True)
class Read:
    """FC03: `count` holding registers from `first`, a zero-based address."""

    unit: int
    first: int
    count: int

    function = READ

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST_READ:
            raise ValueError(f"{self.count} registers cannot be read at once")

    def encode(self) -> bytes:
        return _closed(struct.pack(">BBHH", self.unit, READ, self.first, self.count))

    @property
    def answer_size(self) -> int:
        """Bytes of a good answer."""
        return 5 + 2 * self.count

    def answered_by(self, answer: Answer) -> bool:
        """Whether this frame can be the answer: an exception to it, or exactly what was asked for."""
        if answer.unit != self.unit:
            return False
        if answer.function == READ | EXCEPTION:
            return True
        size = 2 * self.count
        return answer.function == READ and len(answer.body) == 1 + size and answer.body[0] == size

    def values(self, answer: Answer) -> tuple[int, ...]:
        """The registers in an answer that `answered_by` let pass."""
        return struct.unpack(f">{self.count}H", answer.body[1:])


@dataclass(frozen=True, slots=True)
class Write:
    """FC16: these values into holding registers from `first` on."""

    unit: int
    first: int
    values: tuple[int, ...]

    function = WRITE
    answer_size = _WRITTEN_SIZE

    def __post_init__(self) -> None:
        if not 1 <= len(self.values) <= MOST_WRITTEN:
            raise ValueError(f"{len(self.values)} registers cannot be written at once")

    def encode(self) -> bytes:
        count = len(self.values)
        return _closed(
            struct.pack(
                f">BBHHB{count}H", self.unit, WRITE, self.first, count, 2 * count, *self.values
            )
        )

    def answered_by(self, answer: Answer) -> bool:
        """Whether this frame can be the answer: an exception to it, or the echo of address and count."""
        if answer.unit != self.unit:
            return False
        if answer.function == WRITE | EXCEPTION:
            return True
        echo = struct.pack(">HH", self.first, len(self.values))
        return answer.function == WRITE and answer.body == echo


@dataclass(frozen=True, slots=True)
class Other:
    """A request that a slave must refuse: any function, any body. Only an exception answers it."""

    unit: int
    function: int
    body: bytes

    answer_size = _EXCEPTION_SIZE

    @property
    def first(self) -> int:
        """The address, where the body begins with one."""
        return int.from_bytes(self.body[:2], "big")

    def encode(self) -> bytes:
        return _closed(bytes((self.unit, self.function)) + self.body)

    def answered_by(self, answer: Answer) -> bool:
        """Whether this frame can be the refusal."""
        return answer.unit == self.unit and answer.function == self.function | EXCEPTION


class Framer(Framing[Answer]):
    """Cuts the answers of slaves out of a byte stream by function, length and CRC; the same whatever the chunks.

    A frame that is not of FC03, FC16 or one of the exceptions `refused` is noise here. At most 255 bytes wait for
    the rest.
    """

    def __init__(self, refused: frozenset[int] = REFUSED) -> None:
        super().__init__(partial(_size, refused=refused), _frame)


def _size(held: bytes, at: int, refused: frozenset[int]) -> int | None:
    """Length of the frame that starts here; 0 when none can, None when more bytes must tell."""
    if at + 1 >= len(held):
        return None
    if held[at + 1] in refused:
        return _EXCEPTION_SIZE
    match held[at + 1]:
        case 0x10:
            return _WRITTEN_SIZE
        case 0x03:
            if at + 2 >= len(held):
                return None
            size = held[at + 2]
            return 5 + size if size and size % 2 == 0 and size <= 2 * MOST_READ else 0
        case _:
            return 0


def _frame(raw: bytes) -> Answer | None:
    """The frame in exactly these bytes, or None when the CRC is wrong."""
    if checksum(raw[:-2]) != int.from_bytes(raw[-2:], "little"):
        return None
    return Answer(raw[0], raw[1], raw[2:-2])
