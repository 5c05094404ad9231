"""QR codes and CODE128 as modules, drawn with the public libraries that others scan by."""

from functools import lru_cache

import barcode
import qrcode
from barcode.errors import BarcodeError
from qrcode.exceptions import DataOverflowError

_LEVELS = {
    "L": qrcode.ERROR_CORRECT_L,
    "M": qrcode.ERROR_CORRECT_M,
    "Q": qrcode.ERROR_CORRECT_Q,
    "H": qrcode.ERROR_CORRECT_H,
}


@lru_cache(maxsize=16)
def qr_rows(data: bytes, level: str) -> tuple[int, ...] | None:
    """A QR code, model 2, without quiet zone: one number a row, left module most significant.

    None when the data is too long for a QR code (ISO/IEC 18004).
    """
    code = qrcode.QRCode(error_correction=_LEVELS[level], box_size=1, border=0)
    code.add_data(data)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError):
        return None
    return tuple(int("".join("1" if dark else "0" for dark in row), 2) for row in code.get_matrix())


def code128_text(data: bytes) -> str:
    """What a scanner reads from the data of GS k 73: code sets {A {B {C, and {{ for a brace."""
    text = []
    in_c = False
    bytes_left = iter(data)
    for byte in bytes_left:
        if byte == 0x7B:
            code = next(bytes_left, None)
            if code == 0x7B:
                text.append("{")
            elif code in (0x41, 0x42, 0x43):
                in_c = code == 0x43
        elif in_c:
            text.append(f"{byte:02d}")
        else:
            text.append(chr(byte))
    return "".join(text)


@lru_cache(maxsize=16)
def code128_bars(text: str) -> tuple[int, int] | None:
    """The bars and spaces as one number, left most significant, and how many modules; None if not drawable."""
    try:
        (modules,) = barcode.get("code128", text).build()
    except (BarcodeError, KeyError, ValueError, IndexError):
        return None
    return int(modules, 2), len(modules)
