"""Frames of the 3M RFID Reader Model 210 and 810 (3M RFID Reader Model 210 Protocol Specification 1.0.0).

::

    D6 | LEN high | LEN low | CMD | body | CRC high | CRC low           LEN counts all bytes after it

The body of a reply begins with an error byte, 00 when all is well. D5 in place of D6 starts the frames by which a
reader is woken up. CRC: polynomial 0x1021, start 0xFFFF, inverted at the end, over all bytes but the first and itself.
"""

from binascii import crc_hqx
from dataclasses import dataclass

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


class Framer:
    """Cuts a byte stream into frames, and finds its way back after noise by start byte, length and CRC.

    The frames are the same whatever the chunks. At most `LONGEST` bytes wait for the rest of a frame.
    """

    def __init__(self) -> None:
        self._held = b""
        self.dropped = 0
        """Bytes that belonged to no frame, since the start."""

    @property
    def waiting(self) -> bytes:
        """Bytes of a frame that is not whole yet, or noise that looks like one."""
        return self._held

    def feed(self, data: bytes) -> list[Frame]:
        """All frames that `data` completes, in order."""
        held = self._held + data
        frames: list[Frame] = []
        at, end = 0, len(held)
        while at < end:
            size = _length(held, at)
            if size is None or (size and at + size > end):
                break
            frame = _frame(held[at : at + size]) if size else None
            if frame is None:
                at += 1
                self.dropped += 1
            else:
                at += size
                frames.append(frame)
        self._held = held[at:]
        return frames

    def salvage(self) -> list[Frame]:
        """Frames further on in the waiting bytes, when what stands before them must be noise.

        For a line that fell silent inside a frame: a stray start byte and length hide a good frame.
        """
        held = self._held
        for at in range(1, len(held)):
            size = _length(held, at)
            if size and at + size <= len(held) and (frame := _frame(held[at : at + size])):
                self.dropped += at
                self._held = b""
                return [frame, *self.feed(held[at + size :])]
        return []

    def reset(self) -> None:
        """Forget what waits: a new exchange begins."""
        self.dropped += len(self._held)
        self._held = b""


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
