"""APDUs of ZVT and the fields in them: bytes to values and back. Pure.

Source: ECR-Interface ZVT-Protocol PA00P015 (13.09), "Definitions", "Summary of utilised BMPs"; transport over
TCP by PA00P016, where an APDU stands alone, without the DLE and check sum of a serial line. Amounts and numbers
are packed decimal, the most significant digit first.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.errors import Code, RemoteProtocolError

DEVICE = "terminal"
REGISTRATION, AUTHORIZATION, REPEAT_RECEIPT = 0x0600, 0x0601, 0x0620
STOP = 0x06B0
"""Abort of the command that runs, by the station."""
STATUS, INTERMEDIATE, COMPLETION, ABORT = 0x040F, 0x04FF, 0x060F, 0x061E
ACK = 0x8000
REFUSED = 0x84
"""First byte of a refusal; the second is the reason."""
AMOUNT, TRACE, RESULT, TERMINAL, CURRENCY, RECEIPT = 0x04, 0x0B, 0x27, 0x29, 0x49, 0x87
_TLV = 0x06

_CLASSES = frozenset({0x04, 0x05, 0x06, 0x08, 0x0F, 0x80, 0x84})
"""First bytes of control fields that there are; all else between APDUs is noise."""
_LONG = 0xFF
_FIXED = {
    0x01: 1, 0x02: 1, 0x03: 1, 0x04: 6, 0x05: 1, 0x0B: 3, 0x0C: 3, 0x0D: 2, 0x0E: 2, 0x17: 2,
    0x19: 1, 0x27: 1, 0x29: 4, 0x2A: 15, 0x37: 3, 0x3A: 2, 0x3B: 8, 0x3D: 3, 0x49: 2, 0x87: 2,
    0x88: 3, 0x8A: 1, 0x8C: 1, 0xA0: 1, 0xAA: 3, 0xBA: 5, 0xC2: 1, 0xC3: 1, 0xC4: 1, 0xC5: 1,
    0xD0: 1, 0xE0: 1, 0xEB: 8, 0xF9: 20, 0xFA: 20, 0xFC: 1,
}  # fmt: skip
"""BMP -> bytes of its value."""
_TWO_DIGITS = frozenset({0x22, 0x23, 0x2D, 0x8B, 0xA7, 0xD1, 0xD2, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5})
_THREE_DIGITS = frozenset({0x24, 0x3C, 0x60, 0x92, 0x9A, 0xAF})
"""BMPs whose length stands before the value, a digit a byte, each as F0 to F9."""


@dataclass(frozen=True, slots=True)
class Apdu:
    """One message: its control field and its data."""

    control: int
    data: bytes = b""

    def encode(self) -> bytes:
        """The bytes of it. A length from 255 on takes three."""
        size = len(self.data)
        length = bytes((size,)) if size < _LONG else b"\xff" + size.to_bytes(2, "little")
        return self.control.to_bytes(2, "big") + length + self.data


class Framer:
    """Cuts the stream into APDUs, the same whatever the chunks. One APDU holds at most 65 540 bytes."""

    def __init__(self) -> None:
        self._held = b""
        self.dropped = 0
        """Bytes that belonged to no APDU."""

    @property
    def waiting(self) -> bytes:
        """Bytes of an APDU that is not whole yet."""
        return self._held

    def feed(self, data: bytes) -> list[Apdu]:
        """The APDUs that are whole now."""
        self._held += data
        found: list[Apdu] = []
        while self._held:
            if self._held[0] not in _CLASSES:
                self._held = self._held[1:]
                self.dropped += 1
                continue
            head, size = _size(self._held)
            if head == 0 or len(self._held) < head + size:
                break
            control = int.from_bytes(self._held[:2], "big")
            found.append(Apdu(control, self._held[head : head + size]))
            self._held = self._held[head + size :]
        return found


def _size(held: bytes) -> tuple[int, int]:
    """Where the data begins and how long it is; 0 while the head is not whole."""
    if len(held) < 3 or (held[2] == _LONG and len(held) < 5):
        return 0, 0
    if held[2] == _LONG:
        return 5, int.from_bytes(held[3:5], "little")
    return 3, held[2]


def decimal(value: int, size: int) -> bytes:
    """A number as packed decimal in so many bytes. Raises ValueError when it does not fit."""
    digits = f"{value:0{2 * size}}"
    if len(digits) != 2 * size or value < 0:
        raise ValueError(f"{value} does not fit into {size} bytes")
    return bytes.fromhex(digits)


def number(packed: bytes) -> int:
    """The number in packed decimal. Raises RemoteProtocolError for what is none."""
    text = packed.hex()
    if not text.isdecimal():
        raise RemoteProtocolError(DEVICE, Code.WIRE_GARBLED, "no packed decimal", packed)
    return int(text)


def fields(data: bytes) -> Mapping[int, bytes]:
    """The BMPs of a data block up to its TLV container, which is left alone.

    Raises RemoteProtocolError: a BMP of unknown length, or one that is cut off.
    """
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != _TLV:
        bmp = data[at]
        begin, size = _extent(data, at)
        if begin + size > len(data):
            raise RemoteProtocolError(DEVICE, Code.WIRE_GARBLED, f"BMP {bmp:02x} cut off", data)
        found.setdefault(bmp, data[begin : begin + size])
        at = begin + size
    return found


def _extent(data: bytes, at: int) -> tuple[int, int]:
    bmp = data[at]
    if bmp in _FIXED:
        return at + 1, _FIXED[bmp]
    places = 2 if bmp in _TWO_DIGITS else 3 if bmp in _THREE_DIGITS else 0
    digits = data[at + 1 : at + 1 + places]
    if not places or len(digits) < places or any(not 0xF0 <= digit <= 0xF9 for digit in digits):
        raise RemoteProtocolError(DEVICE, Code.WIRE_GARBLED, f"BMP {bmp:02x} is not known", data)
    size = int("".join(str(digit - 0xF0) for digit in digits))
    return at + 1 + places, size
