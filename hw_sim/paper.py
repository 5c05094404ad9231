"""The paper that hangs out of a printer: rows of dots, cuts, and a person's hand that tears it off."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw

LONGEST = 40_000
"""Rows kept at least, some 5 m; older paper has fallen to the floor."""

CutKind = Literal["full", "partial"]


Cuts = list[tuple[int, CutKind]]
"""Rows printed before each cut, and how it was cut."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Paper from one tear to the next. `fallen` rows of its beginning are kept no more."""

    number: int
    rows: list[bytes]
    cuts: Cuts
    fallen: int = 0

    @property
    def length(self) -> int:
        return self.fallen + len(self.rows)

    def since(self, row: int, most: int) -> tuple[int, list[bytes]]:
        """At most so many rows from `row` on, counted from the tear; and where they really begin."""
        begin = min(max(row, self.fallen), self.length)
        return begin, self.rows[begin - self.fallen : begin - self.fallen + most]


class Paper:
    """Printed rows since the last tear, newest last. One bit a dot, most significant left, 1 = black."""

    def __init__(self, dots: int) -> None:
        self.dots = dots
        self.pitch = (dots + 7) // 8
        """Bytes of one row."""
        self.rows: list[bytes] = []
        self.cuts: Cuts = []
        self._number = 1
        self._fallen = 0
        self._torn: Sheet | None = None

    @property
    def blank(self) -> bytes:
        return bytes(self.pitch)

    def advance(self, rows: tuple[bytes, ...]) -> None:
        self.rows.extend(rows)
        if len(self.rows) > 2 * LONGEST:
            fallen = len(self.rows) - LONGEST
            del self.rows[:fallen]
            self.cuts = [(row - fallen, kind) for row, kind in self.cuts if row > fallen]
            self._fallen += fallen

    def cut(self, kind: CutKind) -> None:
        self.cuts.append((len(self.rows), kind))

    def tear(self) -> int:
        """Take what hangs out; the answer is its length in rows."""
        self._torn = self.hanging
        self.rows = []
        self.cuts = []
        self._number += 1
        self._fallen = 0
        return len(self._torn.rows)

    @property
    def hanging(self) -> Sheet:
        """What hangs out now; it grows, and the next tear makes the next number."""
        return Sheet(self._number, self.rows, self.cuts, self._fallen)

    def sheet(self, number: int) -> Sheet:
        """What hangs out, or what was torn off last. Raises ValueError for any other."""
        for sheet in (self.hanging, self._torn):
            if sheet is not None and sheet.number == number:
                return sheet
        raise ValueError(f"sheet {number} is not kept; sheet {self._number} hangs out")

    def draw(self, path: Path) -> None:
        """Write what hangs out as a PNG."""
        draw_rows(self.rows, self.dots, path, self.cuts)


def picture(rows: list[bytes], dots: int) -> Image.Image:
    """The rows as an image, mode "L": white paper, black dots, one pixel a dot."""
    pitch = (dots + 7) // 8
    height = max(1, len(rows))
    ink = Image.frombytes("1", (pitch * 8, height), b"".join(rows) or bytes(pitch))
    return ink.convert("L").point(lambda dot: 255 - dot).crop((0, 0, dots, height))


def draw_rows(rows: list[bytes], dots: int, path: Path, cuts: Cuts | None = None) -> None:
    """Write rows as a PNG with a grey dashed line at each cut; a partial cut keeps its middle."""
    image = picture(rows, dots)
    pen = ImageDraw.Draw(image)
    for row, kind in cuts or []:
        y = min(row, image.height - 1)
        for x in range(0, dots, 16):
            if kind == "full" or abs(x + 4 - dots // 2) > 24:
                pen.line((x, y, x + 7, y), fill=128)
    image.save(path, format="PNG")
