"""Frames of a 3M 210 / 810 reader as the reader sees them: requests in, replies out. Pure.

Source: "3M RFID Reader Model 210 Protocol Specification" 1.0.0 (2009). D6, LEN (2, high byte first), command,
data, CRC (2, high byte first); LEN counts what follows it. A reply has an error byte after the command. The
wake-up and its answer begin with D5 and have no error byte.
Assumed: bytes that make no frame are passed over in silence.
"""

from binascii import crc_hqx
from dataclasses import dataclass

WAKE, START = 0xD5, 0xD6

MOST = 14 + 255 * 4
"""LEN of the longest request there can be: 255 blocks to write. A longer one is noise."""
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What a host asks; `wake` when it came in a frame of the wake-up."""

    command: int
    data: bytes
    wake: bool = False


def crc(data: bytes) -> int:
    """CRC-16 0x1021 from 0xFFFF, inverted at the end ("123456789" gives 0xD64E). The start byte is not in it."""
    return crc_hqx(data, 0xFFFF) ^ 0xFFFF


def reply(command: int, error: int, data: bytes = b"") -> bytes:
    """One reply frame."""
    return _frame(START, bytes((command, error)) + data)


def wake_reply(command: int, data: bytes) -> bytes:
    """The answer to a wake-up."""
    return _frame(WAKE, bytes((command,)) + data)


def _frame(start: int, body: bytes) -> bytes:
    counted = (len(body) + 2).to_bytes(2, "big") + body
    return bytes((start,)) + counted + crc(counted).to_bytes(2, "big")


class Ear:
    """Cuts requests out of a byte stream. Memory is bounded by the longest request."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def waiting(self) -> bool:
        """In the middle of a frame."""
        return bool(self._buffer)

    def quiet(self) -> None:
        """The line was quiet: forget what began and never ended."""
        self._buffer.clear()

    def feed(self, data: bytes) -> list[Request]:
        """All requests that are now whole."""
        found: list[Request] = []
        for at in range(0, len(data), MOST):
            self._buffer += data[at : at + MOST]
            self._cut(found)
        return found

    def _cut(self, found: list[Request]) -> None:
        buffer, at = self._buffer, 0
        while at < len(buffer):
            if buffer[at] not in {WAKE, START}:
                at += 1
                continue
            if len(buffer) - at < 3:
                break
            length = int.from_bytes(buffer[at + 1 : at + 3], "big")
            if not _LEAST <= length <= MOST:
                at += 1
                continue
            end = at + 3 + length
            if len(buffer) < end:
                break
            counted, check = bytes(buffer[at + 1 : end - 2]), buffer[end - 2 : end]
            if crc(counted) != int.from_bytes(check, "big"):
                at += 1
                continue
            found.append(Request(counted[2], counted[3:], buffer[at] == WAKE))
            at = end
        del buffer[:at]
