"""FEIG OBID host frames (manual H20800, "Structure of the protocol").

::

    standard   LEN | ADR | CMD | body | CRC low | CRC high              LEN counts all bytes
    advanced   02 | LEN high | LEN low | ADR | CMD | body | CRC low | CRC high

The body of a reply begins with the status. A standard frame is never 2 bytes long, so 02 tells the two
apart. CRC: polynomial 0x8408 (reflected), start 0xFFFF, over all bytes before it.
"""

from binascii import crc_hqx
from dataclasses import dataclass

from drivers.transport.framing import Framing

ANY_READER = 0xFF
"""Address that every reader answers to, with its own address in the reply."""

LONGEST = 2048
"""No reader has a buffer as long as this; a length above it is noise."""

_START_ADVANCED = 0x02
_SHORTEST = 5
_SHORTEST_ADVANCED = 7

_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def checksum(data: bytes) -> int:
    """CRC of the host protocol: the mirror of crc_hqx, which is some 80 times faster than a bit loop."""
    mirrored = crc_hqx(data.translate(_MIRROR), 0xFFFF)
    return _MIRROR[mirrored & 0xFF] << 8 | _MIRROR[mirrored >> 8]


@dataclass(frozen=True, slots=True)
class Frame:
    """One request or reply."""

    address: int
    command: int
    body: bytes = b""
    advanced: bool = False

    @property
    def status(self) -> int:
        """First byte of a reply's body; -1 when it has none."""
        return self.body[0] if self.body else -1

    @property
    def data(self) -> bytes:
        """What follows the status of a reply."""
        return self.body[1:]

    def encode(self) -> bytes:
        """The bytes on the wire; an advanced frame when asked for or when a standard one cannot hold it.

        Raises:
            ValueError: longer than any reader takes.
        """
        size = _SHORTEST + len(self.body)
        if self.advanced or size > 255:
            size += 2
            if size > LONGEST:
                raise ValueError(f"a frame of {size} bytes is longer than any reader takes")
            head = bytes((_START_ADVANCED, size >> 8, size & 0xFF, self.address, self.command))
        else:
            head = bytes((size, self.address, self.command))
        return (sent := head + self.body) + checksum(sent).to_bytes(2, "little")


class Framer(Framing[Frame]):
    """Cuts a byte stream into frames, and finds its way back after noise by length and CRC.

    The frames are the same whatever the chunks. At most `LONGEST` bytes wait for the rest of a frame.
    """

    def __init__(self) -> None:
        super().__init__(_length, _frame)


def _length(held: bytes, at: int) -> int | None:
    """Length of the frame that starts here; 0 when none can, None when more bytes must tell."""
    first = held[at]
    if first == _START_ADVANCED:
        if at + 3 > len(held):
            return None
        size = held[at + 1] << 8 | held[at + 2]
        return size if _SHORTEST_ADVANCED <= size <= LONGEST else 0
    return first if first >= _SHORTEST else 0


def _frame(raw: bytes) -> Frame | None:
    """The frame in exactly these bytes, or None when the CRC is wrong."""
    if crc_hqx(raw.translate(_MIRROR), 0xFFFF):  # over a frame and its own CRC it is zero
        return None
    if raw[0] == _START_ADVANCED:
        return Frame(raw[3], raw[4], raw[5:-2], True)
    return Frame(raw[1], raw[2], raw[3:-2])
