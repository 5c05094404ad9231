"""Frames of the 3M RFID Reader Model 210 and 810 (3M RFID Reader Model 210 Protocol Specification 1.0.0).

::

    D6 | LEN high | LEN low | CMD | body | CRC high | CRC low           LEN counts all bytes after it

The body of a reply begins with an error byte, 00 when all is well. D5 in place of D6 starts the frames by which a
reader is woken up. CRC: polynomial 0x1021, start 0xFFFF, inverted at the end, over all bytes but the first and itself.
"""

from binascii import crc_hqx
from dataclasses import dataclass

from drivers.transport.framing import Framing

REQUEST = 0xD6
"""First byte of every frame but those that wake a reader up."""
WAKE = 0xD5
"""First byte of the frames by which a reader is woken up."""
LONGEST = 4096
"""255 blocks or tags with all that can be told of them are shorter; a length above it is noise."""

_HEAD = 3
_SHORTEST = 3
_INVERTED = 0xFFFF


def checksum(data: bytes) -> int:
    """CRC of the protocol, over length, command and body."""
    return crc_hqx(data, 0xFFFF) ^ _INVERTED


@dataclass(frozen=True, slots=True)
class Frame:
    """One request or reply."""

    command: int
    body: bytes = b""
    start: int = REQUEST

    @property
    def error(self) -> int:
        """First byte of a reply's body; -1 when it has none."""
        return self.body[0] if self.body else -1

    @property
    def data(self) -> bytes:
        """What follows the error byte of a reply."""
        return self.body[1:]

    def encode(self) -> bytes:
        """The bytes on the wire.

        Raises:
            ValueError: longer than any reader takes.
        """
        size = _SHORTEST + len(self.body)
        if _HEAD + size > LONGEST:
            raise ValueError(f"a frame of {_HEAD + size} bytes is longer than any reader takes")
        sent = size.to_bytes(2, "big") + bytes((self.command,)) + self.body
        return bytes((self.start,)) + sent + checksum(sent).to_bytes(2, "big")


class Framer(Framing[Frame]):
    """Cuts a byte stream into frames, and finds its way back after noise by start byte, length and CRC.

    The frames are the same whatever the chunks. At most `LONGEST` bytes wait for the rest of a frame.
    """

    def __init__(self) -> None:
        super().__init__(_length, _frame)


def _length(held: bytes, at: int) -> int | None:
    """Length of the frame that starts here; 0 when none can, None when more bytes must tell."""
    if held[at] not in {REQUEST, WAKE}:
        return 0
    if at + _HEAD > len(held):
        return None
    size = held[at + 1] << 8 | held[at + 2]
    return _HEAD + size if _SHORTEST <= size <= LONGEST - _HEAD else 0


def _frame(raw: bytes) -> Frame | None:
    """The frame in exactly these bytes, or None when the CRC is wrong."""
    if checksum(raw[1:-2]) != int.from_bytes(raw[-2:], "big"):
        return None
    return Frame(raw[3], raw[4:-2], raw[0])
