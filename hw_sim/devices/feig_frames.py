"""FEIG OBID frames as the reader sees them: requests in, replies out. Pure.

Source: FEIG manual H20800-16e-ID-B (OBID classic-pro ID CPR family), protocol frames and CRC16. Standard
frame: LEN ADR CMD DATA CRClo CRChi, LEN counting all bytes. Advanced frame: 02 LENhi LENlo ADR CMD DATA
CRClo CRChi; a standard frame cannot be 2 long, so the first byte tells them apart. A reply has STATUS after
CMD. A frame whose CRC is wrong gets no answer: the reader is deaf until the line has been quiet.
"""

from dataclasses import dataclass

ADVANCED = 0x02
STANDARD_MIN = 5
STANDARD_MAX = 255
ADVANCED_MIN = 7
BUFFER = 280
"""RX-BUF and TX-BUF of an MR102; a longer request is noise."""


def _table() -> tuple[int, ...]:
    values = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x8408 if value & 1 else 0)
        values.append(value)
    return tuple(values)


_TABLE = _table()


def crc(data: bytes) -> int:
    """CRC-16 reflected, polynomial 0x8408 from 0xFFFF, no final XOR ("123456789" gives 0x6F91)."""
    value = 0xFFFF
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]
    return value


@dataclass(frozen=True, slots=True)
class Request:
    """What a host asks. `advanced` says in which frame it came."""

    address: int
    command: int
    data: bytes
    advanced: bool


def reply(address: int, command: int, status: int, data: bytes, *, advanced: bool) -> bytes:
    """One reply frame; what does not fit a standard frame leaves as an advanced one."""
    body = bytes((address, command, status)) + data
    if advanced or len(body) + 3 > STANDARD_MAX:
        frame = bytes((ADVANCED,)) + (len(body) + 5).to_bytes(2, "big") + body
    else:
        frame = bytes((len(body) + 3,)) + body
    return frame + crc(frame).to_bytes(2, "little")


class Ear:
    """Cuts requests out of a byte stream. Memory is bounded by the longest request."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._deaf = False

    @property
    def waiting(self) -> bool:
        """In the middle of a frame, or deaf after a bad one."""
        return self._deaf or bool(self._buffer)

    @property
    def deaf(self) -> bool:
        return self._deaf

    def quiet(self) -> None:
        """The line was quiet: forget what began and never ended."""
        self._buffer.clear()
        self._deaf = False

    def feed(self, data: bytes) -> list[Request]:
        """All requests that are now whole. After a bad frame: none, until `quiet`."""
        found: list[Request] = []
        if self._deaf:
            return found
        self._buffer += data
        while self._buffer:
            length, least = self._announced()
            if length is None:
                break
            if not least <= length <= (BUFFER if least == ADVANCED_MIN else STANDARD_MAX):
                self._deafen()
                break
            if len(self._buffer) < length:
                break
            frame = bytes(self._buffer[:length])
            if crc(frame[:-2]) != int.from_bytes(frame[-2:], "little"):
                self._deafen()
                break
            del self._buffer[:length]
            head = 3 if least == ADVANCED_MIN else 1
            found.append(
                Request(frame[head], frame[head + 1], frame[head + 2 : -2], least == ADVANCED_MIN)
            )
        return found

    def _announced(self) -> tuple[int | None, int]:
        if self._buffer[0] != ADVANCED:
            return self._buffer[0], STANDARD_MIN
        if len(self._buffer) < 3:
            return None, ADVANCED_MIN
        return int.from_bytes(self._buffer[1:3], "big"), ADVANCED_MIN

    def _deafen(self) -> None:
        self._buffer.clear()
        self._deaf = True
