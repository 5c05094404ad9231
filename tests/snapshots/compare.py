"""A picture of a difference: what is kept, what was drawn, and frames around the parts that changed."""

from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from tests.snapshots.draw import changed_cells, grid

FRAME = (214, 0, 120)


def shrink(picture: Path, to: Path) -> None:
    """Half as wide and high in 128 colours: enough for the eye, small enough for the repository."""
    whole = Image.open(picture).convert("RGB").reduce(2)
    whole.quantize(128, dither=Image.Dither.NONE).save(to, optimize=True)


def side_by_side(
    was: Path | None, new: Path, to: Path, *, marks: tuple[str, str], same: bool
) -> None:
    """Write kept and drawn beside one another, framed where the prints differ, and the difference of the two.

    The kept picture may be of another look; then there is no difference to draw.
    """
    drawn = Image.open(new).convert("RGB")
    wide, high = drawn.size
    before = Image.open(was).convert("RGB").resize((wide, high)) if was is not None else None
    framed = drawn.copy()
    pen = ImageDraw.Draw(framed)
    down, across = grid(wide, high)
    for cell in changed_cells(*marks):
        row, column = divmod(cell, across)
        left, top = column * wide // across, row * high // down
        pen.rectangle(
            (left, top, left + wide // across, top + high // down), outline=FRAME, width=4
        )
    pictures = [picture for picture in (before, framed) if picture is not None]
    if same and before is not None:
        pictures.append(
            ImageChops.difference(before, drawn).point(
                lambda level: 0 if level < 32 else min(255, level * 3)
            )
        )
    sheet = Image.new("RGB", (len(pictures) * (wide + 20), high), "white")
    for number, picture in enumerate(pictures):
        sheet.paste(picture, (number * (wide + 20), 0))
    sheet.save(to)
