"""SSIP, the Speech Synthesis Interface Protocol of speech-dispatcher: lines to answers and events. Pure.

Source: Brailcom, "SSIP: Speech Synthesis Interface Protocol", chapters "General Rules", "SSIP Commands" and
"SSIP Message and Event Notification". Lines end with CR LF. An answer is any number of `NNN-data` lines and
one `NNN text`; codes 7xx are events and may stand between two answers.
"""

import re
from dataclasses import dataclass

LONGEST_LINE = 8_192
"""Bytes; a longer line is none of this protocol."""

QUEUED, BEGIN, END, CANCELED = 225, 701, 702, 703
"""Codes that mean something to us; of the others the first digit is enough: 2 is yes."""

_LINE = re.compile(r"(\d{3})([- ])(.*)")


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole answer or event."""

    code: int
    data: tuple[str, ...]
    """What stood on its continued lines."""

    @property
    def done(self) -> bool:
        return 200 <= self.code < 300

    @property
    def event(self) -> bool:
        return 700 <= self.code < 800


class Replies:
    """Bytes in, whole replies out. A line that is none is dropped with what it would have ended."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._data: list[str] = []
        self._code = 0

    def feed(self, data: bytes) -> tuple[Reply, ...]:
        """The replies that these bytes end."""
        self._buffer += data
        *lines, rest = bytes(self._buffer).split(b"\n")
        self._buffer = bytearray(rest[-LONGEST_LINE:] if len(rest) > LONGEST_LINE else rest)
        found = (self._line(line) for line in lines)
        return tuple(reply for reply in found if reply is not None)

    def _line(self, line: bytes) -> Reply | None:
        parts = _LINE.fullmatch(line.rstrip(b"\r").decode("utf-8", "replace"))
        if parts is None or len(line) > LONGEST_LINE:
            self._data, self._code = [], 0
            return None
        code = int(parts[1])
        if code != self._code:
            self._data, self._code = [], code
        if parts[2] == "-":
            self._data = [*self._data[-999:], parts[3]]
            return None
        reply = Reply(code, tuple(self._data))
        self._data, self._code = [], 0
        return reply


def command(words: str) -> bytes:
    """One command line."""
    return f"{words}\r\n".encode()


def message(words: str) -> bytes:
    """The data of a SPEAK: lines of text, a dot at the start of a line doubled, and a line of one dot."""
    lines = [f".{line}" if line.startswith(".") else line for line in words.split("\n")]
    return "".join(f"{line}\r\n" for line in (*lines, ".")).encode()
