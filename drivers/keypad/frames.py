"""Linux input events: bytes to presses. Pure.

Source: linux/input.h (struct input_event: two longs of time, u16 type, u16 code, s32 value) and
linux/input-event-codes.h. On a 64-bit system a record has 24 bytes, in the byte order of the machine.
"""

import struct

from config.access import HEADSET_IN, HEADSET_OUT

RECORD = struct.Struct("=qqHHi")
EV_KEY, EV_SW = 1, 5
LAST_TYPE = 0x1F
LAST_SECOND = 1 << 33
"""Of a clock that can be believed: what stands beyond is no record, but the middle of one."""
SW_HEADPHONE_INSERT = 2
PRESSED = 1
"""Value of a key that goes down; 0 is up, 2 is the system's own repeat, which nobody asked for here."""

_ROWS = {2: "1234567890", 16: "QWERTYUIOP", 30: "ASDFGHJKL", 44: "ZXCVBNM"}
NAMES: dict[int, str] = {
    **{first + n: key for first, keys in _ROWS.items() for n, key in enumerate(keys)},
    **{59 + n: f"F{n + 1}" for n in range(10)},
    **{87: "F11", 88: "F12"},
    **{183 + n: f"F{13 + n}" for n in range(12)},
    **{1: "ESC", 14: "BACKSPACE", 15: "TAB", 28: "ENTER", 57: "SPACE", 96: "KPENTER"},
    **{102: "HOME", 103: "UP", 104: "PAGEUP", 105: "LEFT", 106: "RIGHT", 107: "END"},
    **{108: "DOWN", 109: "PAGEDOWN", 113: "MUTE", 114: "VOLUMEDOWN", 115: "VOLUMEUP"},
    **{119: "PAUSE", 164: "PLAYPAUSE", 166: "STOPCD", 201: "PAUSECD"},
    **{352: "OK", 353: "SELECT"},
}
"""Code of a key -> its name in config.access."""


class Presses:
    """Bytes in, names of pressed keys out. After garbage it looks for the next record byte by byte."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> tuple[str, ...]:
        """The keys that these bytes complete."""
        self._buffer += data
        found = []
        while len(self._buffer) >= RECORD.size:
            seconds, microseconds, kind, code, value = RECORD.unpack_from(self._buffer)
            if (
                not 0 < seconds < LAST_SECOND
                or not 0 <= microseconds < 1_000_000
                or kind > LAST_TYPE
            ):
                del self._buffer[0]
                continue
            del self._buffer[: RECORD.size]
            name = _name(kind, code, value)
            if name:
                found.append(name)
        return tuple(found)


def _name(kind: int, code: int, value: int) -> str:
    if kind == EV_KEY and value == PRESSED:
        return NAMES.get(code, "")
    if kind == EV_SW and code == SW_HEADPHONE_INSERT:
        return HEADSET_IN if value else HEADSET_OUT
    return ""
