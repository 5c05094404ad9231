"""A web address as the dark cells of a QR code (ISO/IEC 18004), for the renderer to draw."""

from dataclasses import dataclass
from functools import lru_cache

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode


@dataclass(frozen=True, slots=True)
class Cells:
    """`size` cells a side, and the dark ones as runs: column, row, how many to the right."""

    size: int
    runs: tuple[tuple[int, int, int], ...]


NOTHING = Cells(0, ())


@lru_cache(maxsize=4)
def cells(address: str) -> Cells:
    """The code of an address; nothing for none."""
    if not address:
        return NOTHING
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(address)
    code.make(fit=True)
    matrix = code.get_matrix()
    return Cells(len(matrix), tuple(run for y, row in enumerate(matrix) for run in _runs(y, row)))


def _runs(y: int, row: list[bool]) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for x, dark in enumerate(row):
        if dark and x and row[x - 1]:
            began, _, length = found[-1]
            found[-1] = (began, y, length + 1)
        elif dark:
            found.append((x, y, 1))
    return found
