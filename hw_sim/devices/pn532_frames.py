"""Frames of a PN532 on a serial line, as the chip sees them: commands in, replies out. Pure.

Source: NXP UM0701-02 (PN532 User Manual), 6.2.1: information frames `00 00 FF LEN LCS TFI PD.. DCS 00` with
LEN + LCS = 0 and TFI + PD.. + DCS = 0 (mod 256); extended ones `00 00 FF FF FF LENm LENl LCS ..`; ACK
`00 00 FF 00 FF 00`, NACK `00 00 FF FF 00 00`, syntax error `00 00 FF 01 FF 7F 81 00`. TFI is D4 from the
host, D5 to it; a reply's first byte is the command plus one.
"""

from dataclasses import dataclass

ACK = bytes.fromhex("0000ff00ff00")
NACK = bytes.fromhex("0000ffff0000")
SYNTAX_ERROR = bytes.fromhex("0000ff01ff7f8100")

LONGEST = 265
"""TFI and data of an extended frame: 1 + 264."""
_START = b"\x00\xff"
_TO_CHIP, _TO_HOST = 0xD4, 0xD5


@dataclass(frozen=True, slots=True)
class Command:
    """What the host asks."""

    code: int
    data: bytes


class Again(Command):
    """A NACK: the host did not read our last answer."""


class Abort(Command):
    """An ACK of the host: stop what you do for it."""


class Wrong(Command):
    """A frame whose data do not add up: a syntax error."""


def reply(code: int, data: bytes = b"") -> bytes:
    """The frame that answers command `code`."""
    body = bytes((_TO_HOST, code + 1)) + data
    if len(body) <= 0xFF:
        head = bytes((len(body), -len(body) & 0xFF))
    else:
        size = len(body).to_bytes(2, "big")
        head = b"\xff\xff" + size + bytes((-sum(size) & 0xFF,))
    return b"\x00\x00\xff" + head + body + bytes((-sum(body) & 0xFF, 0))


class Ear:
    """Cuts commands out of a byte stream. What is no frame is passed over, a byte at a time."""

    def __init__(self) -> None:
        self._heard = bytearray()

    def reset(self) -> None:
        self._heard.clear()

    def feed(self, data: bytes) -> list[Command]:
        """The commands that these bytes complete."""
        self._heard += data
        found: list[Command] = []
        while True:
            at = self._heard.find(_START)
            if at < 0:
                del self._heard[: max(0, len(self._heard) - 1)]
                return found
            del self._heard[:at]
            used, command = self._first()
            if not used:
                return found
            del self._heard[:used]
            if command is not None:
                found.append(command)

    def _first(self) -> tuple[int, Command | None]:
        """Bytes used of a stream that begins with a start code, and what they are; 0 when more must come."""
        heard = self._heard
        if len(heard) < 4:
            return 0, None
        length, check = heard[2], heard[3]
        if (length, check) == (0x00, 0xFF):
            return 4, Abort(0, b"")
        if (length, check) == (0xFF, 0x00):
            return 4, Again(0, b"")
        begin = 4
        if (length, check) == (0xFF, 0xFF):
            if len(heard) < 7:
                return 0, None
            length, begin = heard[4] << 8 | heard[5], 7
            if sum(heard[4:7]) & 0xFF or length > LONGEST:
                return 2, None
        elif (length + check) & 0xFF:
            return 2, None
        end = begin + length + 1
        if len(heard) < end:
            return 0, None
        body = bytes(heard[begin : end - 1])
        if sum(heard[begin:end]) & 0xFF or len(body) < 2 or body[0] != _TO_CHIP:
            return end, Wrong(0, b"")
        return end, Command(body[1], body[2:])
