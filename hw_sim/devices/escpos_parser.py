"""What an ESC/POS printer understands: the real-time lane and the buffered lane.

The two lanes read the same bytes. The real-time lane sees each byte as it arrives, also those inside
image data; the buffered lane takes whole commands, in order, when the printer has time for them.

Sources: Epson ESC/POS Application Programming Guide 10.01, pages 304-335, 380, 394-395, 429-431; Epson
online ESC/POS command reference. Lengths of commands outside these pages are from the same reference.
"""

from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass
from enum import StrEnum

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D

LARGEST_BLOCK = 512 * 1024
"""A longer GS 8 L or GS ( is swallowed and reported, not stored."""


class RealTime(StrEnum):
    """A command that is executed when its last byte arrives."""

    STATUS = "status"
    RECOVER = "recover"
    PULSE = "pulse"
    POWER_OFF = "power_off"
    CLEAR = "clear"


_PATTERNS: tuple[tuple[RealTime, tuple[Collection[int], ...]], ...] = (
    (RealTime.STATUS, ((DLE,), (0x04,), range(1, 5))),
    (RealTime.STATUS, ((DLE,), (0x04,), (0x07, 0x08, 0x12), range(256))),
    (RealTime.RECOVER, ((DLE,), (0x05,), range(3))),
    (RealTime.PULSE, ((DLE,), (0x14,), (0x01,), range(2), range(1, 9))),
    (RealTime.POWER_OFF, ((DLE,), (0x14,), (0x02,), (0x01,), (0x08,))),
    (RealTime.CLEAR, tuple((b,) for b in bytes.fromhex("10 14 08 01 03 14 01 06 02 08"))),
)
_LENGTHS = {0x04: 1, 0x05: 1}  # bytes after DLE x
_DC4_LENGTHS = {0x01: 2, 0x02: 2, 0x08: 7}  # bytes after DLE DC4 fn


@dataclass(frozen=True, slots=True)
class RealTimeCommand:
    """A real-time command and where in the chunk its last byte stood."""

    kind: RealTime
    raw: bytes
    end: int
    """Index in the fed chunk just after the last byte."""


class RealTimeLane:
    """Finds real-time commands in any stream of bytes; keeps at most ten."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[RealTimeCommand]:
        found = []
        for index, byte in enumerate(data):
            if not self._held and byte != DLE:
                continue
            self._held.append(byte)
            while self._held:
                kinds = [
                    (kind, len(pattern) == len(self._held))
                    for kind, pattern in _PATTERNS
                    if len(pattern) >= len(self._held)
                    and all(b in allowed for b, allowed in zip(self._held, pattern, strict=False))
                ]
                if not kinds:
                    del self._held[0]
                    continue
                kind, whole = kinds[0]
                if whole:
                    found.append(RealTimeCommand(kind, bytes(self._held), index + 1))
                    self._held.clear()
                break
        return found

    def reset(self) -> None:
        self._held.clear()


class Op(StrEnum):
    """What a buffered command does, in the words of the command reference."""

    TEXT = "text"
    IGNORED = "ignored"
    UNKNOWN = "unknown"
    REAL_TIME = "real_time"
    LINE_FEED = "line_feed"
    CARRIAGE_RETURN = "carriage_return"
    TAB = "tab"
    FORM_FEED = "form_feed"
    INITIALIZE = "initialize"
    PRINT_MODE = "print_mode"
    UNDERLINE = "underline"
    BOLD = "bold"
    DOUBLE_STRIKE = "double_strike"
    INVERT = "invert"
    UPSIDE_DOWN = "upside_down"
    FONT = "font"
    SIZE = "size"
    JUSTIFY = "justify"
    CODE_TABLE = "code_table"
    INTERNATIONAL = "international"
    RIGHT_SPACING = "right_spacing"
    DEFAULT_LINE_SPACING = "default_line_spacing"
    LINE_SPACING = "line_spacing"
    LINE_SPACING_60 = "line_spacing_60"
    LINE_SPACING_360 = "line_spacing_360"
    FEED_UNITS = "feed_units"
    FEED_LINES = "feed_lines"
    REVERSE_FEED = "reverse_feed"
    TAB_STOPS = "tab_stops"
    LEFT_MARGIN = "left_margin"
    AREA_WIDTH = "area_width"
    ABSOLUTE_POSITION = "absolute_position"
    RELATIVE_POSITION = "relative_position"
    MOTION_UNITS = "motion_units"
    PERIPHERAL = "peripheral"
    DRAWER_PULSE = "drawer_pulse"
    BUZZER = "buzzer"
    CUT = "cut"
    COLUMN_IMAGE = "column_image"
    RASTER = "raster"
    RASTER_ROW = "raster_row"
    GRAPHICS = "graphics"
    CODE_2D = "code_2d"
    BARCODE = "barcode"
    BARCODE_HEIGHT = "barcode_height"
    BARCODE_WIDTH = "barcode_width"
    BARCODE_TEXT = "barcode_text"
    BARCODE_TEXT_FONT = "barcode_text_font"
    AUTOMATIC_STATUS = "automatic_status"
    STATUS = "status"
    IDENTITY = "identity"
    PROCESS_ID = "process_id"
    OFFLINE_RESPONSE = "offline_response"
    PAPER_SENSOR = "paper_sensor"
    DRAWER_SENSOR = "drawer_sensor"
    PAGE_MODE = "page_mode"
    SETTING = "setting"
    """Understood and of no effect on this printer."""


_CONTROLS = {
    0x09: Op.TAB,
    0x0A: Op.LINE_FEED,
    0x0C: Op.FORM_FEED,
    0x0D: Op.CARRIAGE_RETURN,
}


def _is_printable(byte: int) -> bool:
    return byte >= 0x20


def _is_idle(byte: int) -> bool:
    """Control bytes without meaning outside a command."""
    return byte < 0x20 and byte not in _CONTROLS and byte not in (DLE, ESC, FS, GS)


_FIXED: dict[tuple[int, int], tuple[Op, int]] = {
    (ESC, 0x0C): (Op.PAGE_MODE, 0),
    (ESC, 0x20): (Op.RIGHT_SPACING, 1),
    (ESC, 0x21): (Op.PRINT_MODE, 1),
    (ESC, 0x24): (Op.ABSOLUTE_POSITION, 2),
    (ESC, 0x25): (Op.SETTING, 1),
    (ESC, 0x2B): (Op.LINE_SPACING_360, 1),
    (ESC, 0x2D): (Op.UNDERLINE, 1),
    (ESC, 0x32): (Op.DEFAULT_LINE_SPACING, 0),
    (ESC, 0x33): (Op.LINE_SPACING, 1),
    (ESC, 0x3D): (Op.PERIPHERAL, 1),
    (ESC, 0x3F): (Op.SETTING, 1),
    (ESC, 0x40): (Op.INITIALIZE, 0),
    (ESC, 0x41): (Op.LINE_SPACING_60, 1),
    (ESC, 0x42): (Op.BUZZER, 2),
    (ESC, 0x45): (Op.BOLD, 1),
    (ESC, 0x47): (Op.DOUBLE_STRIKE, 1),
    (ESC, 0x4A): (Op.FEED_UNITS, 1),
    (ESC, 0x4B): (Op.REVERSE_FEED, 1),
    (ESC, 0x4C): (Op.PAGE_MODE, 0),
    (ESC, 0x4D): (Op.FONT, 1),
    (ESC, 0x52): (Op.INTERNATIONAL, 1),
    (ESC, 0x53): (Op.SETTING, 0),
    (ESC, 0x54): (Op.SETTING, 1),
    (ESC, 0x56): (Op.SETTING, 1),
    (ESC, 0x57): (Op.PAGE_MODE, 8),
    (ESC, 0x5C): (Op.RELATIVE_POSITION, 2),
    (ESC, 0x61): (Op.JUSTIFY, 1),
    (ESC, 0x63): (Op.SETTING, 2),
    (ESC, 0x64): (Op.FEED_LINES, 1),
    (ESC, 0x65): (Op.REVERSE_FEED, 1),
    (ESC, 0x70): (Op.DRAWER_PULSE, 3),
    (ESC, 0x72): (Op.SETTING, 1),
    (ESC, 0x74): (Op.CODE_TABLE, 1),
    (ESC, 0x75): (Op.DRAWER_SENSOR, 1),
    (ESC, 0x76): (Op.PAPER_SENSOR, 0),
    (ESC, 0x7B): (Op.UPSIDE_DOWN, 1),
    (FS, 0x21): (Op.SETTING, 1),
    (FS, 0x26): (Op.SETTING, 0),
    (FS, 0x2D): (Op.SETTING, 1),
    (FS, 0x2E): (Op.SETTING, 0),
    (FS, 0x43): (Op.SETTING, 1),
    (FS, 0x53): (Op.SETTING, 2),
    (FS, 0x57): (Op.SETTING, 1),
    (GS, 0x21): (Op.SIZE, 1),
    (GS, 0x24): (Op.PAGE_MODE, 2),
    (GS, 0x3A): (Op.SETTING, 0),
    (GS, 0x42): (Op.INVERT, 1),
    (GS, 0x45): (Op.SETTING, 1),
    (GS, 0x48): (Op.BARCODE_TEXT, 1),
    (GS, 0x49): (Op.IDENTITY, 1),
    (GS, 0x4C): (Op.LEFT_MARGIN, 2),
    (GS, 0x50): (Op.MOTION_UNITS, 2),
    (GS, 0x54): (Op.SETTING, 1),
    (GS, 0x57): (Op.AREA_WIDTH, 2),
    (GS, 0x5C): (Op.PAGE_MODE, 2),
    (GS, 0x61): (Op.AUTOMATIC_STATUS, 1),
    (GS, 0x62): (Op.SETTING, 1),
    (GS, 0x66): (Op.BARCODE_TEXT_FONT, 1),
    (GS, 0x68): (Op.BARCODE_HEIGHT, 1),
    (GS, 0x72): (Op.STATUS, 1),
    (GS, 0x77): (Op.BARCODE_WIDTH, 1),
    (GS, 0x7C): (Op.SETTING, 1),
}


@dataclass(frozen=True, slots=True)
class Command:
    """One buffered command. A raster image is its head and then one RASTER_ROW for each row."""

    op: Op
    offset: int
    """Where its first byte stood in the stream since power-on."""
    raw: bytes
    params: tuple[int, ...] = ()
    """The command's numbers, in the reference's order; two-byte numbers already joined for images."""
    data: bytes = b""


_Need = Generator[Command | None, None, bytes]
_Parse = Generator[Command | None, None, Command]


class BufferedLane:
    """Cuts the stream into commands; unknown ones are reported and the reading goes on after them.

    `push` stores bytes, `pull` takes the next whole command. What `pull` cannot yet complete it has
    taken out of the buffer all the same: so a printer takes an image larger than its buffer.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._raw = bytearray()
        self._offset = 0
        self._start = 0
        self._rows = 0
        self._row_bytes = 0
        self._commands = self._grammar()

    def push(self, data: bytes) -> None:
        self._buffer += data

    def pull(self) -> Command | None:
        """The next whole command; None when more bytes are needed."""
        return next(self._commands)

    def feed(self, data: bytes) -> list[Command]:
        """Every command that these bytes complete."""
        self.push(data)
        return list(iter(self.pull, None))

    @property
    def level(self) -> int:
        """Bytes stored and not yet taken."""
        return len(self._buffer)

    def clear(self) -> None:
        """Forget what is stored, and a command half received."""
        self._offset += len(self._buffer)
        self._buffer.clear()
        self._raw.clear()
        self._rows = 0
        self._commands = self._grammar()

    # --- the grammar: each method yields None while it waits for bytes -------------------------------

    def _grammar(self) -> Generator[Command | None, None, None]:
        while True:
            self._start = self._offset
            self._raw.clear()
            (first,) = yield from self._take(1)
            if first in (ESC, FS, GS):
                yield (yield from self._escape(first))
            elif first == DLE:
                yield (yield from self._real_time())
            elif first in _CONTROLS:
                yield self._done(_CONTROLS[first])
            elif first < 0x20:
                self._run_of(_is_idle)
                yield self._done(Op.IGNORED)
            else:
                self._run_of(_is_printable)
                yield self._done(Op.TEXT, data=bytes(self._raw))
            while self._rows:
                self._rows -= 1
                self._start = self._offset
                self._raw.clear()
                row = yield from self._take(self._row_bytes)
                yield self._done(Op.RASTER_ROW, data=row)

    def _take(self, n: int) -> _Need:
        begin = len(self._raw)
        while True:
            missing = n - (len(self._raw) - begin)
            chunk = self._buffer[:missing]
            del self._buffer[:missing]
            self._raw += chunk
            self._offset += len(chunk)
            if len(chunk) == missing:
                return bytes(self._raw[begin:])
            yield None

    def _run_of(self, belongs: Callable[[int], bool]) -> None:
        """Take the bytes in the buffer that go on with what was begun."""
        length = next((i for i, b in enumerate(self._buffer) if not belongs(b)), len(self._buffer))
        self._raw += self._buffer[:length]
        del self._buffer[:length]
        self._offset += length

    def _put_back(self) -> None:
        self._buffer[:0] = self._raw[-1:]
        del self._raw[-1:]
        self._offset -= 1

    def _done(self, op: Op, params: tuple[int, ...] = (), data: bytes = b"") -> Command:
        return Command(op, self._start, bytes(self._raw), params, data)

    def _real_time(self) -> _Parse:
        """A real-time command met in order: the other lane has executed it already."""
        (second,) = yield from self._take(1)
        if second in _LENGTHS:
            (n,) = yield from self._take(_LENGTHS[second])
            if second == 0x04 and n in (0x07, 0x08, 0x12):
                yield from self._take(1)
            return self._done(Op.REAL_TIME)
        if second == 0x14:
            (fn,) = yield from self._take(1)
            if fn in _DC4_LENGTHS:
                yield from self._take(_DC4_LENGTHS[fn])
                return self._done(Op.REAL_TIME)
            return self._done(Op.UNKNOWN)
        self._put_back()
        return self._done(Op.IGNORED)

    def _escape(self, lead: int) -> _Parse:
        (code,) = yield from self._take(1)
        if (lead, code) in _FIXED:
            op, count = _FIXED[lead, code]
            params = yield from self._take(count)
            return self._done(op, tuple(params))
        match lead, code:
            case (0x1B, 0x44):
                return (yield from self._tab_stops())
            case (0x1B, 0x26):
                return (yield from self._user_characters())
            case (0x1B, 0x2A):
                return (yield from self._column_image())
            case (0x1B, 0x69 | 0x6D):
                return self._done(Op.CUT, (1,))
            case (0x1D, 0x56):
                return (yield from self._cut())
            case (0x1D, 0x6B):
                return (yield from self._barcode())
            case (0x1D, 0x76):
                return (yield from self._raster())
            case (_, 0x28):
                return (yield from self._block(lead))
            case (0x1D, 0x38):
                return (yield from self._long_block())
            case (_, 0x10 | 0x1B | 0x1C | 0x1D):
                self._put_back()
                return self._done(Op.UNKNOWN)
            case _:
                return self._done(Op.UNKNOWN)

    def _tab_stops(self) -> _Parse:
        stops = bytearray()
        while len(stops) < 32:
            (stop,) = yield from self._take(1)
            if stop == 0:
                break
            stops.append(stop)
        return self._done(Op.TAB_STOPS, tuple(stops))

    def _user_characters(self) -> _Parse:
        height, first, last = yield from self._take(3)
        for _ in range(first, last + 1):
            (width,) = yield from self._take(1)
            yield from self._take(height * width)
            del self._raw[16:]
        return self._done(Op.SETTING)

    def _column_image(self) -> _Parse:
        mode, low, high = yield from self._take(3)
        if mode not in (0x00, 0x01, 0x20, 0x21):
            return self._done(Op.UNKNOWN)
        columns = low + 256 * high
        data = yield from self._take(columns * (3 if mode & 0x20 else 1))
        return self._done(Op.COLUMN_IMAGE, (mode, columns), data)

    def _cut(self) -> _Parse:
        (kind,) = yield from self._take(1)
        if kind in (0x00, 0x01, 0x30, 0x31):
            return self._done(Op.CUT, (kind & 1,))
        if kind in (0x41, 0x42, 0x61, 0x62, 0x67, 0x68):
            (feed,) = yield from self._take(1)
            # the odd letters of each pair cut through, the even ones leave a point
            return self._done(Op.CUT, (0 if kind in (0x41, 0x61, 0x67) else 1, feed))
        return self._done(Op.UNKNOWN)

    def _barcode(self) -> _Parse:
        (system,) = yield from self._take(1)
        if system <= 6:
            data = bytearray()
            while len(data) < 255:
                (byte,) = yield from self._take(1)
                if byte == 0:
                    break
                data.append(byte)
            return self._done(Op.BARCODE, (system,), bytes(data))
        if 0x41 <= system <= 0x4E:
            (count,) = yield from self._take(1)
            text = yield from self._take(count)
            return self._done(Op.BARCODE, (system,), text)
        return self._done(Op.UNKNOWN)

    def _raster(self) -> _Parse:
        (zero,) = yield from self._take(1)
        if zero != 0x30:
            return self._done(Op.UNKNOWN)
        mode, x_low, x_high, y_low, y_high = yield from self._take(5)
        self._row_bytes = x_low + 256 * x_high
        self._rows = y_low + 256 * y_high if self._row_bytes else 0
        return self._done(Op.RASTER, (mode, self._row_bytes, self._rows))

    def _block(self, lead: int) -> _Parse:
        function, low, high = yield from self._take(3)
        data = yield from self._take(low + 256 * high)
        if lead == GS:
            if function == 0x4C:
                return self._done(Op.GRAPHICS, data=data)
            if function == 0x6B:
                return self._done(Op.CODE_2D, data=data)
            if function == 0x48 and data[:2] == b"\x30\x30" and len(data) == 6:
                return self._done(Op.PROCESS_ID, data=data[2:])
            if function == 0x48 and data[:2] == b"\x31\x30" and len(data) == 3:
                return self._done(Op.OFFLINE_RESPONSE, (data[2],))
        return self._done(Op.UNKNOWN)

    def _long_block(self) -> _Parse:
        (function,) = yield from self._take(1)
        if function != 0x4C:
            return self._done(Op.UNKNOWN)
        length = int.from_bytes((yield from self._take(4)), "little")
        if length <= LARGEST_BLOCK:
            return self._done(Op.GRAPHICS, data=(yield from self._take(length)))
        while length:
            part = min(length, 4096)
            yield from self._take(part)
            del self._raw[16:]
            length -= part
        return self._done(Op.UNKNOWN)
