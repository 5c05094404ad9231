"""A receipt printer's letters as dots: one cell for each character, from a bundled monospaced face.

Tests compare texts and the dots of images, never the shape of a letter.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Font = Literal["A", "B"]

_CELLS: dict[Font, tuple[int, int, int, int]] = {"A": (12, 24, 20, 19), "B": (9, 17, 15, 14)}
"""Cell width and height, size of the face, base line from the top; in dots."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a character is printed. Sizes are multiples of the cell, 1 to 8."""

    font: Font = "A"
    width: int = 1
    height: int = 1
    bold: bool = False
    underline: int = 0
    """Dots of the line under the character: 0, 1 or 2."""
    invert: bool = False
    upside_down: bool = False

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of one character in dots."""
        width, height, _, _ = _CELLS[self.font]
        return width * self.width, height * self.height


@lru_cache(maxsize=4)
def _face(font: Font, bold: bool) -> ImageFont.FreeTypeFont:
    name = "DejaVuSansMono-Bold.ttf" if bold else "DejaVuSansMono.ttf"
    data = files("hw_sim").joinpath("fonts", name).read_bytes()
    # the basic layout needs no shaping library and puts every glyph into its own cell
    return ImageFont.truetype(BytesIO(data), _CELLS[font][2], layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def draw_cell(character: str, style: Style) -> Image.Image:
    """The character's cell: mode "1", a set dot is black. Do not change the image: it is kept."""
    width, height, _, base = _CELLS[style.font]
    cell = Image.new("1", (width, height))
    pen = ImageDraw.Draw(cell)
    pen.fontmode = "1"
    if not character.isspace():
        pen.text((0, base), character, fill=1, font=_face(style.font, style.bold), anchor="ls")
    if style.underline:
        pen.rectangle((0, height - style.underline, width, height), fill=1)
    if style.invert:
        cell = cell.point(lambda dot: 0 if dot else 255)
    return cell.resize(style.cell, Image.Resampling.NEAREST)
