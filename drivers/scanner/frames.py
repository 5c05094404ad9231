"""Lines from a barcode reader: bytes to scans, whatever suffix the reader was set to.

A line ends with CR, LF, CR LF or Tab, or when 50 ms pass without a byte. An AIM symbology identifier
(ISO/IEC 15424: `]`, a letter, a modifier) in front of the data is taken off and kept apart.
"""

import re
from dataclasses import dataclass, field

ENDS = frozenset(b"\r\n\t")
IDLE_S = 0.05
LONGEST = 256
"""Bytes of a line; more is noise and dropped to its end."""

_AIM = re.compile(rb"[^\x20-\x7e]*\]([A-Za-z][0-9A-Za-z])")
"""Noise before the identifier, such as of a connector, is no part of any code."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and the AIM identifier without its bracket ("" when none was sent). Blank in a repr."""

    aim: str
    data: bytes = field(repr=False)


class Lines:
    """Turns the stream into lines. Holds at most 256 bytes."""

    def __init__(self) -> None:
        self._open = bytearray()
        self._noise = False

    @property
    def pending(self) -> bool:
        """Whether a line has begun: after 50 ms without a byte call `idle`."""
        return bool(self._open) or self._noise

    def feed(self, data: bytes) -> list[Line]:
        """Lines that these bytes complete."""
        found: list[Line] = []
        for byte in data:
            if byte in ENDS:
                found += self.idle()
            elif not self._noise:
                self._open.append(byte)
                if len(self._open) > LONGEST:
                    self._open.clear()
                    self._noise = True
        return found

    def idle(self) -> list[Line]:
        """The line that ends because nothing more comes."""
        data = bytes(self._open)
        self._open.clear()
        self._noise = False
        aim = _AIM.match(data)
        if aim is not None:
            text = data[aim.end() :]
            return [Line(aim[1].decode("ascii"), text)] if text else []
        return [Line("", data)] if data else []
