"""How an ESC/POS printer sets a page: commands in, motions of the paper out.

Line mode only. Not modelled: page mode (reported as unknown), user-defined characters, Kanji, rotated
letters, paper that moves back, the gap between head and cutter when a cut is asked without feed.

Source: Epson online ESC/POS command reference; Epson ESC/POS Application Programming Guide 10.01.
"""

from collections.abc import Callable
from itertools import groupby

from PIL import Image

from hw_sim.devices.escpos_job import Cut, Line, Picture, Run, Step, Symbol, Unknown
from hw_sim.devices.escpos_parser import Command, Op
from hw_sim.devices.escpos_profile import Profile
from hw_sim.devices.escpos_symbols import code128_bars, code128_text, qr_rows
from hw_sim.letters import Style, draw_cell

_INTERNATIONAL = {
    1: "#$à°ç§^`éùè¨",
    2: "#$§ÄÖÜ^`äöüß",
    3: "£$@[\\]^`{|}~",
    4: "#$@ÆØÅ^`æøå~",
    5: "#¤ÉÄÖÅÜéäöåü",
    6: "#$@°\\é^ùàòèì",
    7: "₧$@¡Ñ¿^`¨ñ}~",
    8: "#$@[¥]^`{|}~",
    9: "#¤ÉÆØÅÜéæøåü",
    10: "#$ÉÆØÅÜéæøåü",
}
"""ESC R n: what stands for # $ @ [ \\ ] ^ ` { | } ~ (command reference, ESC R)."""
_REPLACED = "#$@[\\]^`{|}~"

_QR_LEVELS = {0x30: "L", 0x31: "M", 0x32: "Q", 0x33: "H"}
_LARGEST_RAW = 16
"""Bytes of an unknown command that the report shows."""


class Page:
    """Settings, the line being set, and the stores for QR codes and graphics."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._pitch = (profile.dots + 7) // 8
        self._do: dict[Op, Callable[[Command], list[Step]]] = {
            Op.TEXT: self._text,
            Op.LINE_FEED: lambda _: self._print(self._spacing, line=True),
            Op.FEED_LINES: lambda c: self._print(c.params[0] * self._spacing),
            Op.FEED_UNITS: lambda c: self._print(self._down(c.params[0])),
            Op.REVERSE_FEED: lambda _: self._print(0),
            Op.TAB: self._tab,
            Op.FORM_FEED: lambda _: self._print(self._spacing),
            Op.CUT: self._cut,
            Op.RASTER: self._raster,
            Op.RASTER_ROW: self._raster_row,
            Op.COLUMN_IMAGE: self._column_image,
            Op.GRAPHICS: self._graphics,
            Op.CODE_2D: self._code_2d,
            Op.BARCODE: self._barcode,
            Op.UNKNOWN: self._unknown,
            Op.PAGE_MODE: self._unknown,
        }
        self._graphic: tuple[list[int], Picture, int] | None = None
        self.initialize()

    def initialize(self) -> None:
        """ESC @: every setting as at power-on, the line being set is lost."""
        self.style = Style()
        self.table = 0
        self._international = 0
        self._double_strike = False
        self._emphasis = False
        self._justify = 0
        self._right_spacing = 0
        self._units = (self._profile.motion, self._profile.motion)
        self._spacing = round(self._profile.dpi / 6)
        self._left = 0
        self._area = self._profile.dots
        self._tabs: tuple[int, ...] = tuple(range(8, 256, 8))
        self._qr_module = 3
        self._qr_level = 0x30
        self._qr_data = b""
        self._bar_height = 162
        self._bar_width = 3
        self._bar_text = 0
        self._bar_font = 0
        self._image = (0, 0, 0, False)
        self._image_left = 0
        self.drop_line()

    def drop_line(self) -> None:
        """Forget the line being set: the print buffer was cleared."""
        self._x = 0
        self._characters: list[tuple[str, Style]] = []
        self._pieces: list[tuple[int, Image.Image]] = []

    @property
    def line_begun(self) -> bool:
        """Letters wait for the line feed that prints them."""
        return bool(self._pieces)

    def execute(self, command: Command) -> list[Step]:
        """Do one command of the page; what the paper must do follows, in order."""
        action = self._do.get(command.op)
        if action is not None:
            return action(command)
        if command.op is Op.INITIALIZE:
            self.initialize()
        elif command.params:
            self._set(command.op, command.params)
        elif command.op is Op.DEFAULT_LINE_SPACING:
            self._spacing = round(self._profile.dpi / 6)
        return []

    # --- settings ------------------------------------------------------------------------------------

    def _set(self, op: Op, params: tuple[int, ...]) -> None:
        n = params[0]
        number = n + 256 * params[1] if len(params) > 1 else n
        match op:
            case Op.CODE_TABLE:
                self.table = n
            case Op.INTERNATIONAL:
                self._international = n
            case Op.RIGHT_SPACING:
                self._right_spacing = self._across(n)
            case Op.LINE_SPACING:
                self._spacing = self._down(n)
            case Op.LINE_SPACING_60:
                self._spacing = round(n * self._profile.dpi / 60)
            case Op.LINE_SPACING_360:
                self._spacing = round(n * self._profile.dpi / 360)
            case Op.MOTION_UNITS:
                default = self._profile.motion
                self._units = (params[0] or default, params[1] or default)
            case Op.JUSTIFY if not self._pieces:
                self._justify = n & 3
            case Op.LEFT_MARGIN if not self._pieces:
                self._left = min(self._across(number), self._profile.dots - 24)
                self._area = min(self._area, self._profile.dots - self._left)
            case Op.AREA_WIDTH if not self._pieces:
                self._area = max(24, min(self._across(number), self._profile.dots - self._left))
            case Op.ABSOLUTE_POSITION:
                self._x = min(self._across(number), self._area)
            case Op.RELATIVE_POSITION:
                signed = number - 65536 if number >= 32768 else number
                self._x = max(0, min(self._x + self._across(signed), self._area))
            case Op.BARCODE_HEIGHT:
                self._bar_height = max(1, n)
            case Op.BARCODE_WIDTH:
                self._bar_width = min(max(n, 1), 6)
            case Op.BARCODE_TEXT:
                self._bar_text = n & 3
            case Op.BARCODE_TEXT_FONT:
                self._bar_font = n & 1
            case Op.TAB_STOPS:
                self._tabs = params
            case _:
                self._set_style(op, n)

    def _set_style(self, op: Op, n: int) -> None:
        s = self.style
        font, width, height, underline = s.font, s.width, s.height, s.underline
        invert, upside_down = s.invert, s.upside_down
        match op:
            case Op.PRINT_MODE:
                font = "B" if n & 0x01 else "A"
                self._emphasis = bool(n & 0x08)
                height = 2 if n & 0x10 else 1
                width = 2 if n & 0x20 else 1
                underline = 1 if n & 0x80 else 0
            case Op.SIZE:
                width, height = (n >> 4 & 7) + 1, (n & 7) + 1
            case Op.FONT:
                font = "B" if n & 1 else "A"
            case Op.BOLD:
                self._emphasis = bool(n & 1)
            case Op.DOUBLE_STRIKE:
                self._double_strike = bool(n & 1)
            case Op.UNDERLINE:
                underline = min(n & 3, 2)
            case Op.INVERT:
                invert = bool(n & 1)
            case Op.UPSIDE_DOWN if not self._pieces:
                upside_down = bool(n & 1)
            case _:
                return
        bold = self._emphasis or self._double_strike
        self.style = Style(font, width, height, bold, underline, invert, upside_down)

    def _across(self, units: int) -> int:
        return round(units * self._profile.dpi / self._units[0])

    def _down(self, units: int) -> int:
        return round(units * self._profile.dpi / self._units[1])

    # --- text ----------------------------------------------------------------------------------------

    def decode(self, data: bytes) -> str:
        """The bytes in the code table and international set that stand now."""
        text = data.decode(self._profile.tables.get(self.table, "cp437"), errors="replace")
        if special := _INTERNATIONAL.get(self._international):
            text = text.translate(str.maketrans(_REPLACED, special))
        return text

    def _text(self, command: Command) -> list[Step]:
        steps: list[Step] = []
        for character in self.decode(command.data):
            width = self.style.cell[0]
            if self._pieces and self._x + width > self._area:
                steps += self._print(self._spacing, line=True, wrapped=True)
            self._characters.append((character, self.style))
            self._pieces.append((self._x, draw_cell(character, self.style)))
            self._x += width + self._right_spacing
        return steps

    def _tab(self, _: Command) -> list[Step]:
        cell = self.style.cell[0] + self._right_spacing
        stop = next((s * cell for s in self._tabs if s * cell > self._x), None)
        if stop is not None and stop <= self._area:
            self._characters.append(("\t", self.style))
            self._x = stop
        return []

    def _print(self, feed: int, *, line: bool = False, wrapped: bool = False) -> list[Step]:
        """Print the line being set and move the paper at least `feed` dots."""
        if not self._pieces:
            self.drop_line()
            blank = (bytes(self._pitch),) * feed
            return [Step(blank, Line(()) if line else None)] if blank or line else []
        height = max(piece.height for _, piece in self._pieces)
        canvas = Image.new("1", (self._pitch * 8, height))
        width = max(x + piece.width for x, piece in self._pieces)
        left = self._shift(width)
        for x, piece in self._pieces:
            canvas.paste(piece, (left + x, height - piece.height))
        if self.style.upside_down:
            canvas = canvas.crop((0, 0, self._profile.dots, height)).rotate(180)
            canvas = canvas.crop((0, 0, self._pitch * 8, height))
        dots = canvas.tobytes()
        rows = [dots[i : i + self._pitch] for i in range(0, len(dots), self._pitch)]
        rows += [bytes(self._pitch)] * max(0, feed - height)
        content = None
        if self._characters:
            grouped = groupby(self._characters, key=lambda pair: pair[1])
            runs = tuple(Run("".join(c for c, _ in pairs), style) for style, pairs in grouped)
            content = Line(runs, wrapped)
        self.drop_line()
        return [Step(tuple(rows), content)]

    def _shift(self, width: int) -> int:
        """Where something of this width begins, by the margin and the justification."""
        free = max(0, self._area - width)
        return self._left + (0, free // 2, free, 0)[self._justify]

    def _cut(self, command: Command) -> list[Step]:
        kind, *feed = command.params
        steps = self._print(self._spacing, line=True) if self._pieces else []
        if feed:
            to_cutter = round(self._profile.cutter_mm * self._profile.dpi / 25.4)
            steps.append(Step((bytes(self._pitch),) * (to_cutter + self._down(feed[0]))))
        return [*steps, Step((), Cut("partial" if kind else "full"))]

    def _unknown(self, command: Command) -> list[Step]:
        return [Step((), Unknown(command.offset, command.raw[:_LARGEST_RAW]))]

    # --- images --------------------------------------------------------------------------------------

    def _row(self, value: int, width: int, left: int) -> bytes:
        """A row with `value`, `width` dots wide, from dot `left` on; what stands outside is lost."""
        places = self._pitch * 8 - left - width
        row = value << places if places >= 0 else value >> -places
        beyond = self._pitch * 8 - min(self._profile.dots, self._left + self._area)
        return (row >> beyond << beyond).to_bytes(self._pitch, "big")

    def _raster(self, command: Command) -> list[Step]:
        mode, row_bytes, rows = command.params
        width = row_bytes * 8 * (2 if mode & 1 else 1)
        steps = self._print(self._spacing, line=True) if self._pieces else []
        self._image_left = self._shift(width)
        self._image = (mode & 3, row_bytes * 8, rows, width > self._area)
        self._image_row = 0
        return steps

    def _raster_row(self, command: Command) -> list[Step]:
        mode, width, rows, clipped = self._image
        value = int.from_bytes(command.data, "big")
        if mode & 1:
            value = widen(value, 2)
        row = self._row(value, width * (2 if mode & 1 else 1), self._image_left)
        self._image_row += 1
        last = self._image_row == rows
        return [
            Step((row,) * (2 if mode & 2 else 1), Picture(width, rows, clipped) if last else None)
        ]

    def _column_image(self, command: Command) -> list[Step]:
        mode, columns = command.params
        tall = 3 if mode & 0x20 else 1
        image = Image.frombytes("1", (tall * 8, columns), command.data) if columns else None
        if image is not None:
            # a column's first byte is its top: turn the columns, stored as rows, upright
            upright = image.transpose(Image.Transpose.TRANSPOSE)
            size = (columns * (1 if mode & 1 else 2), 24)
            self._pieces.append((self._x, upright.resize(size, Image.Resampling.NEAREST)))
            self._x += size[0]
        return []

    def _graphics(self, command: Command) -> list[Step]:
        data = command.data
        match data[1:2]:
            case b"\x70" if len(data) >= 10:
                return self._store_graphics(command)
            case b"\x02" | b"\x32":
                return self._print_graphics()
            case _:
                return self._unknown(command)

    def _store_graphics(self, command: Command) -> list[Step]:
        _, _, _, scale_x, scale_y, _, x_low, x_high, y_low, y_high = command.data[:10]
        width, height = x_low + 256 * x_high, y_low + 256 * y_high
        pitch = (width + 7) // 8
        dots = command.data[10:]
        if len(dots) != pitch * height or scale_x not in (1, 2) or scale_y not in (1, 2):
            return self._unknown(command)
        rows = []
        for start in range(0, len(dots), pitch or 1):
            value = int.from_bytes(dots[start : start + pitch], "big") >> (pitch * 8 - width)
            rows += [widen(value, scale_x)] * scale_y
        clipped = width * scale_x > self._area
        self._graphic = (rows, Picture(width, height, clipped), width * scale_x)
        return []

    def _print_graphics(self) -> list[Step]:
        if self._graphic is None:
            return []
        rows, picture, width = self._graphic
        self._graphic = None
        return self._symbol_steps(rows, width, picture)

    def _symbol_steps(self, rows: list[int], width: int, content: Picture | Symbol) -> list[Step]:
        steps = self._print(self._spacing, line=True) if self._pieces else []
        left = self._shift(width)
        steps += [Step((self._row(value, width, left),)) for value in rows]
        return [*steps, Step((), content)]

    # --- codes ---------------------------------------------------------------------------------------

    def _code_2d(self, command: Command) -> list[Step]:
        if len(command.data) < 3:
            return self._unknown(command)
        match command.data[:2]:
            case b"\x31\x41":
                pass
            case b"\x31\x43":
                self._qr_module = min(max(command.data[2], 1), 16)
            case b"\x31\x45":
                self._qr_level = command.data[2]
            case b"\x31\x50":
                self._qr_data = command.data[3:]
            case b"\x31\x51":
                return self._print_qr(command)
            case _:
                return self._unknown(command)
        return []

    def _print_qr(self, command: Command) -> list[Step]:
        if not self._qr_data:
            return []
        modules = qr_rows(self._qr_data, _QR_LEVELS.get(self._qr_level, "L"))
        if modules is None:
            return self._unknown(command)
        size = self._qr_module
        rows = [widen(value, size) for value in modules for _ in range(size)]
        payload = self._qr_data.decode("utf-8", errors="replace")
        return self._symbol_steps(rows, len(modules) * size, Symbol("qr", payload))

    def _barcode(self, command: Command) -> list[Step]:
        (system,) = command.params
        if system != 0x49:
            kind = f"barcode {system}"
            return [Step((), Symbol(kind, command.data.decode("latin-1")))]
        text = code128_text(command.data)
        bars = code128_bars(text)
        if bars is None:
            return self._unknown(command)
        value, modules = bars
        width = modules * self._bar_width
        rows = [widen(value, self._bar_width)] * self._bar_height
        steps = self._symbol_steps(rows, width, Symbol("code128", text))
        label = Step(self._label(text), None) if self._bar_text else None
        if label and self._bar_text & 1:
            steps.insert(0, label)
        if label and self._bar_text & 2:
            steps.append(label)
        return steps

    def _label(self, text: str) -> tuple[bytes, ...]:
        style = Style("B" if self._bar_font else "A")
        width, height = style.cell
        canvas = Image.new("1", (self._pitch * 8, height))
        left = self._shift(width * len(text))
        for place, character in enumerate(text):
            canvas.paste(draw_cell(character, style), (left + place * width, 0))
        dots = canvas.tobytes()
        return tuple(dots[i : i + self._pitch] for i in range(0, len(dots), self._pitch))


def widen(value: int, times: int) -> int:
    """Every bit of `value` repeated `times` times."""
    if times == 1 or not value:
        return value
    return int("".join(bit * times for bit in f"{value:b}"), 2)
