"""The printer's bytes to frames: one stream, four kinds of answer, told apart by their fixed bits.

Each reply byte carries its class (Citizen CBM1000 manual, appendix 3; Epson ESC/POS Application
Programming Guide 10.01, pages 304-335 and 429-431):

========================= ============ =====================================================
what                      bits 7..0    test
========================= ============ =====================================================
XON, XOFF                 11, 13 (hex) equal; may stand anywhere, also inside the others
answer to DLE EOT         0**1**10     b & 93 == 12
automatic status (ASB)    0**1**00     b & 93 == 10, then three bytes with b & 90 == 0
answer in buffer order    0**0****     b & 90 == 0 (GS r, GS I 1 to 3)
block                     header .. 00 headers 35 37 3B 3D 5F
========================= ============ =====================================================

No clock stands here: `feed` is told the time, because a block that does not end within 500 ms is noise.
"""

from dataclasses import dataclass

XON, XOFF = 0x11, 0x13
BLOCK_HEADERS = frozenset(b"\x35\x37\x3b\x3d\x5f")
BLOCK_LIMIT = 128
BLOCK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Flow:
    """XON (the printer takes bytes) or XOFF (it does not). An XON also follows power-on."""

    open: bool


@dataclass(frozen=True, slots=True)
class RealTime:
    """Answer to DLE EOT n. It does not say which n: ask one at a time."""

    bits: int


@dataclass(frozen=True, slots=True)
class AutoStatus:
    """Automatic status back (GS a): sent when enabled, and at each change."""

    quartet: bytes


@dataclass(frozen=True, slots=True)
class InOrder:
    """One byte that answers a command of the print buffer, in its turn."""

    bits: int


@dataclass(frozen=True, slots=True)
class Block:
    """Header, text and the closing 00 (which is left out): identity, process id, buffers cleared."""

    header: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Unknown:
    """A byte of no class: noise."""

    byte: int


Frame = Flow | RealTime | AutoStatus | InOrder | Block | Unknown


def is_real_time(byte: int) -> bool:
    return byte & 0x93 == 0x12


def is_auto_status_first(byte: int) -> bool:
    return byte & 0x93 == 0x10


def is_in_order(byte: int) -> bool:
    return byte & 0x90 == 0


class Classifier:
    """Turns the stream into frames. Holds at most one unfinished frame of 130 bytes.

    Any split of the stream gives the same frames; XON and XOFF anywhere change no other frame; noise costs
    at most the frame it runs into, and nothing once the line was still for 500 ms.
    """

    def __init__(self) -> None:
        self._open = bytearray()
        self._since = 0.0

    @property
    def pending(self) -> int:
        """Bytes of the unfinished frame."""
        return len(self._open)

    def feed(self, data: bytes, at: float) -> list[Frame]:
        """Frames completed by `data`, which arrived at `at` (monotonic seconds)."""
        frames: list[Frame] = []
        if self._open and at - self._since > BLOCK_SECONDS:
            frames += [Unknown(byte) for byte in self._open]
            self._open.clear()
        waiting = bytearray(
            reversed(data)
        )  # a stack, so that what does not fit can be looked at again
        while waiting:
            byte = waiting.pop()
            if byte in {XON, XOFF}:
                frames.append(Flow(byte == XON))
            elif not self._open:
                self._start(byte, at, frames)
            elif self._open[0] in BLOCK_HEADERS:
                self._in_block(byte, waiting, frames)
            else:
                self._in_quartet(byte, waiting, frames)
        return frames

    def _start(self, byte: int, at: float, frames: list[Frame]) -> None:
        if byte in BLOCK_HEADERS or is_auto_status_first(byte):
            self._open.append(byte)
            self._since = at
        elif is_real_time(byte):
            frames.append(RealTime(byte))
        elif is_in_order(byte):
            frames.append(InOrder(byte))
        else:
            frames.append(Unknown(byte))

    def _in_block(self, byte: int, waiting: bytearray, frames: list[Frame]) -> None:
        if byte == 0:
            frames.append(Block(self._open[0], bytes(self._open[1:])))
            self._open.clear()
        elif 0x20 <= byte <= 0x7F and len(self._open) < BLOCK_LIMIT:
            self._open.append(byte)
        else:
            self._drop_first(byte, waiting, frames)

    def _in_quartet(self, byte: int, waiting: bytearray, frames: list[Frame]) -> None:
        if not is_in_order(byte):
            self._drop_first(byte, waiting, frames)
            return
        self._open.append(byte)
        if len(self._open) == 4:
            frames.append(AutoStatus(bytes(self._open)))
            self._open.clear()

    def _drop_first(self, byte: int, waiting: bytearray, frames: list[Frame]) -> None:
        """The frame was none: its first byte is noise, the rest and `byte` are looked at anew."""
        frames.append(Unknown(self._open[0]))
        waiting.append(byte)
        waiting += bytes(reversed(self._open[1:]))
        self._open.clear()
