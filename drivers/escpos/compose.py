"""A strip of paper to bytes: all letters, or all dots, never a mixture, so that the widths agree.

python-escpos composes and does nothing else: its `Dummy` opens no port. It is imported late, because the
import takes 0.4 s, puts a handler on the root logger and makes a directory, which are taken off again. Its traps that matter
here: the code page is always forced (AUTO prints ø from a Turkish page), INIT comes once and first, sizes
are set before styles, and text is stripped of every control and format character before it gets there.
"""

import html
import logging
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from config.device import Device
from config.texts import words
from drivers.errors import Code, LocalProtocolError
from drivers.escpos.paper import WHOLE, in_cp1252, isolated, plain, wrap
from drivers.ports import Paper, PaperGap, PaperLine, PaperQr, PrintJob, Rasteriser
from drivers.runtime.log import LogEvent, log

_PICKLES = "ESCPOS_CAPABILITIES_PICKLE_DIR"
"""Where python-escpos keeps its cache; without it, in a new directory each time."""
INIT = b"\x1b\x40"
STATUS_BACK = b"\x1d\x61\xff"
"""Automatic status back, all items: set again after each INIT, which clears it on some printers."""
FONT_A_DOTS = 12
HALF_LINE_DOTS = 15
LINE_DOTS = 34
"""Dot rows of one line at 203 dpi (30 at 180 dpi): the larger, for the deadline."""
SMALLEST_BUFFER = 4096
"""Bytes a printer takes before it says stop; without flow control nothing may be sent beyond it."""
QR_MODULE_DOTS = 6
QR_QUIET_DOTS = 24
QUIET_HALF_LINES = 2
"""30 dots, at least the 24 that are owed."""
QR_MOST_MODULES = 61
CUT_FEED_DOTS = 6 * LINE_DOTS
BODY_PX, LARGE_PX = 26, 55
"""Letter sizes in dots: body, and capitals 4.9 mm high at 8 dots a mm (0.7 degrees at 400 mm)."""

LIVE_COMMANDS = (
    b"\x10\x14\x01",
    b"\x10\x14\x02\x01\x08",
    b"\x10\x14\x08\x01",
    b"\x10\x05\x00",
    b"\x10\x05\x01",
    b"\x10\x05\x02",
)
"""Real-time commands that a printer carries out even inside image data: drawer, power, clear, recover."""


@dataclass(frozen=True, slots=True)
class DotFlipped(LogEvent):
    """An image held a live command; one dot in it was flipped, the only permitted difference."""

    name = "printer.dot_flipped"
    count: int


@dataclass(frozen=True, slots=True)
class Head:
    """What the printer in front of us can print.

    `band_rows` is the tallest image in one piece, `piece_bytes` the longest stretch before the printer
    may be asked how it is: one second on the wire.
    """

    width_dots: int = 576
    columns: int = 48
    profile: str = ""
    baud: int | None = None
    flow_control: bool = False

    @classmethod
    def of(cls, device: Device) -> Self:
        """The head of a station's `printer` table; font A is 12 dots wide."""
        serial = device.url.startswith(("/", "rfc2217://"))
        return cls(
            device.width_dots,
            device.width_dots // FONT_A_DOTS,
            device.profile,
            device.baud or (9600 if serial else None),
            device.flow in {"rtscts", "xonxoff"},
        )

    @property
    def piece_bytes(self) -> int:
        most = 8192 if self.flow_control else SMALLEST_BUFFER - 128
        return most if self.baud is None else max(256, min(most, self.baud // 10))

    @property
    def band_rows(self) -> int:
        row = (self.width_dots + 7) // 8
        most = 128 if self.flow_control else 48
        return max(1, min(most, (self.piece_bytes - 8) // row))


def compose(
    job_id: str,
    paper: Paper,
    head: Head,
    rasteriser: Rasteriser | None = None,
    *,
    raster: bool | None = None,
) -> PrintJob:
    """The bytes of one receipt: prologue, body, cut, in pieces that end where a command ends.

    Letters when CP1252 holds every character and the print is not large, else dots. `raster` True asks
    for dots where letters would do. Raises LocalProtocolError when dots are needed and nobody draws them.
    """
    dots = raster or needs_raster(paper)
    if dots and rasteriser is None:
        raise LocalProtocolError("printer", Code.BUG, "this receipt needs a rasteriser")
    printer = composer(head.profile)
    pieces: list[bytes] = [INIT + STATUS_BACK + _taken(printer, lambda: printer.charcode("CP1252"))]
    if dots and rasteriser is not None:
        rows = dot_rows(paper, head, rasteriser)
        pieces += bands(rows, head)
        advanced = len(rows)
    else:
        body, advanced = _letters(printer, paper, head)
        pieces += body
    pieces.append(_taken(printer, printer.cut))
    return PrintJob(job_id, tuple(_joined(pieces, head.piece_bytes)), advanced + CUT_FEED_DOTS)


def needs_raster(paper: Paper) -> bool:
    """Whether the printer's own letters cannot show this paper."""
    return paper.large or not all(
        in_cp1252(row.text) for row in paper.rows if isinstance(row, PaperLine)
    )


def lines_of(paper: Paper, columns: int) -> list[str]:
    """The lines as letters print them, for tests, e-mail and the screen."""
    found: list[str] = []
    for row in paper.rows:
        if isinstance(row, PaperLine):
            found += wrap(row.text, columns // 2 if row.double else columns)
    return found


def composer(profile: str) -> Any:
    """python-escpos' Dummy for a profile, without what its import does to the process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    from escpos import capabilities
    from escpos.printer import Dummy

    if _PICKLES not in os.environ:
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)  # read once, left for ever
    root.handlers[:] = handlers
    root.setLevel(level)
    return Dummy(profile=profile or "default")


def _taken(printer: Any, act: Any) -> bytes:
    """What `act` added to the composer's output, taken out of it."""
    printer.clear()
    act()
    output: bytes = printer.output
    printer.clear()
    return output


# --- letters ----------------------------------------------------------------------------------------


def _letters(printer: Any, paper: Paper, head: Head) -> tuple[list[bytes], int]:
    printer.charcode("CP1252")  # the composer's own idea of the page; its bytes are in the prologue
    pieces: list[bytes] = []
    rows = 0
    for row in paper.rows:
        printer.clear()
        match row:
            case PaperLine():
                lines = wrap(row.text, head.columns // 2 if row.double else head.columns)
                _style(printer, row, on=True)
                for line in lines:
                    printer.text(plain(line) + "\n")
                _style(printer, row, on=False)
                rows += LINE_DOTS * len(lines) * (2 if row.double else 1)
            case PaperGap(halves=halves):
                _half_lines(printer, halves)
                rows += HALF_LINE_DOTS * halves
            case PaperQr(link=link):
                _half_lines(printer, QUIET_HALF_LINES)
                printer.set(align="center")
                printer.qr(_link(link), ec=1, size=QR_MODULE_DOTS, native=True)
                printer.set(align="left")
                _half_lines(printer, QUIET_HALF_LINES)
                rows += QR_MOST_MODULES * QR_MODULE_DOTS
        pieces.append(printer.output)
    printer.clear()
    return pieces, rows


def _half_lines(printer: Any, halves: int) -> None:
    printer.line_spacing(HALF_LINE_DOTS)
    printer.text("\n" * halves)
    printer.line_spacing()


def _style(printer: Any, row: PaperLine, *, on: bool) -> None:
    if row.double:
        size = 2 if on else 1
        printer.set(custom_size=True, width=size, height=size)
    if row.bold:
        printer.set(bold=on)
    if row.centred:
        printer.set(align="center" if on else "left")


def _link(link: str) -> str:
    """A link as a QR code may hold it: printable ASCII, or it is our bug."""
    if not (link.isascii() and link.isprintable() and link):
        raise LocalProtocolError("printer", Code.BUG, "a link must be printable ASCII")
    return link


# --- dots -------------------------------------------------------------------------------------------


def bands(rows: Sequence[bytes], head: Head) -> list[bytes]:
    """Image commands (GS v 0) for 1-bit rows, 1 = black, with no live command inside."""
    found: list[bytes] = []
    flipped = 0
    for start in range(0, len(rows), head.band_rows):
        band = rows[start : start + head.band_rows]
        across, down = len(band[0]), len(band)
        data, flips = defused(b"".join(band))
        flipped += flips
        header = b"\x1d\x76\x30\x00" + across.to_bytes(2, "little") + down.to_bytes(2, "little")
        found.append(header + data)
    if flipped:
        log(DotFlipped(flipped))
    return found


def defused(image: bytes) -> tuple[bytes, int]:
    """The image without live commands, and how many dots were flipped for it.

    The lowest bit of the second byte is flipped: 14 becomes 15 and 05 becomes 04, neither of which, after
    a 10, is carried out (10 04 only asks for status, at the cost of a stray answer).
    """
    data = bytearray(image)
    flips = 0
    for command in LIVE_COMMANDS:
        at = data.find(command)
        while at >= 0:
            data[at + 1] ^= 0x01
            flips += 1
            at = data.find(command, at + 1)
    return bytes(data), flips


def dot_rows(paper: Paper, head: Head, rasteriser: Rasteriser) -> list[bytes]:
    """The whole paper as 1-bit rows, 1 = black: for the printer, and for a picture on a screen."""
    across = (head.width_dots + 7) // 8
    rows: list[bytes] = []
    block: list[PaperLine | PaperGap] = []
    for row in (*paper.rows, None):
        if isinstance(row, PaperLine | PaperGap):
            block.append(row)
            continue
        if block:
            rows += rasteriser.rows(markup(block, paper), head.width_dots)
            block = []
        if row is not None:
            rows += qr_rows(row.link, across)
    return rows


def markup(rows: Iterable[PaperLine | PaperGap], paper: Paper) -> str:
    """The rows as the small HTML that the rasteriser draws; isolates stay, they only steer direction."""
    direction = "rtl" if paper.language == "ar" else "ltr"
    body = LARGE_PX if paper.large else BODY_PX
    found: list[str] = []
    for row in rows:
        if isinstance(row, PaperGap):
            size = max(1, body * row.halves // 2)
            found.append(f'<p style="font-size:{size}px;line-height:{size}px">&nbsp;</p>')
            continue
        size = body * (5 if paper.large else 7) // 4 if row.double else body
        weight = 600 if row.bold else 400
        align = "center" if row.centred else "right" if direction == "rtl" else "left"
        text = _unbroken(isolated(row.text))
        found.append(
            f'<p dir="{direction}" align="{align}"'
            f' style="font-size:{size}px;font-weight:{weight}">{html.escape(text)}</p>'
        )
    return "".join(found)


def _unbroken(text: str) -> str:
    """No-break spaces inside a date, so that the drawing never cuts a date either."""
    kept: list[str] = []
    inside: list[bool] = []
    for char in text:
        if char in WHOLE or char == words.FSI:
            inside.append(char in WHOLE)
        elif char == words.PDI and inside:
            inside.pop()
        kept.append("\u00a0" if char == " " and any(inside) else char)
    return "".join(kept)


def qr_rows(link: str, across: int) -> list[bytes]:
    """A QR code of level M as rows of `across` bytes, centred, 24 dots free above and below."""
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=1, border=0)
    code.add_data(_link(link))
    code.make(fit=True)
    blank = bytes(across)
    rows = [blank] * QR_QUIET_DOTS
    for modules in code.get_matrix():
        line = "".join(("1" if dark else "0") * QR_MODULE_DOTS for dark in modules)
        left = (across * 8 - len(line)) // 2
        bits = ("0" * left + line).ljust(across * 8, "0")
        rows += [int(bits, 2).to_bytes(across, "big")] * QR_MODULE_DOTS
    return rows + [blank] * QR_QUIET_DOTS


def _joined(pieces: Iterable[bytes], most: int) -> Iterable[bytes]:
    """Neighbours joined up to `most` bytes: fewer questions in between, still at command boundaries."""
    joined = b""
    for piece in pieces:
        if joined and len(joined) + len(piece) > most:
            yield joined
            joined = b""
        joined += piece
    if joined:
        yield joined
