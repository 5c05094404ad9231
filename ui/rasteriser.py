"""Letters to dots with Qt: any script, shaped and ordered right, in the fonts that we bring along.

Implements drivers.ports.Rasteriser. QTextDocument lays out, QPainter draws in grey, and a threshold makes
one bit of it, so that the same words give the same dots on every machine.
"""

import os
from importlib.resources import files

from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QImage,
    QPainter,
    QPalette,
    QTextDocument,
)

FONTS = (
    "NotoSans-Regular.ttf",
    "NotoSans-SemiBold.ttf",
    "NotoSansArabicUI-Regular.ttf",
    "NotoSansArabicUI-Bold.ttf",
)
_BLACK_BELOW = 128
_TALLEST = 16_000
"""Dot rows: two metres of paper. More is a mistake."""


class QtRasteriser:
    """Draws with the process's QGuiApplication, or with one of its own where there is none (offscreen)."""

    def __init__(self) -> None:
        self._application = QGuiApplication.instance()
        if self._application is None:
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
            self._application = QGuiApplication(["ims"])
        families: list[str] = []
        for name in FONTS:
            data = (files("ui") / "fonts" / name).read_bytes()
            number = QFontDatabase.addApplicationFontFromData(data)
            families += [
                family
                for family in QFontDatabase.applicationFontFamilies(number)
                if family not in families
            ]
        self._font = QFont(families)
        self._font.setHintingPreference(QFont.HintingPreference.PreferFullHinting)

    def rows(self, markup: str, width: int) -> tuple[bytes, ...]:
        """The markup (small HTML) as rows of dots, most significant bit first, 1 = black.

        A row has width / 8 bytes, rounded up. Raises ValueError when it would take over two metres of paper.
        """
        document = QTextDocument()
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        document.setDefaultFont(self._font)
        document.setDefaultStyleSheet("p { margin: 0 }")
        document.setHtml(markup)
        document.setPageSize(QSizeF(width, -1))
        document.setTextWidth(width)
        height = int(document.size().height() + 0.999)
        if height > _TALLEST:
            raise ValueError(f"{height} dot rows are more than a receipt has")
        image = QImage(width, max(1, height), QImage.Format.Format_Grayscale8)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        context = QAbstractTextDocumentLayout.PaintContext()
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Text, QColor(Qt.GlobalColor.black))
        context.palette = palette
        document.documentLayout().draw(painter, context)
        painter.end()
        return tuple(_row(image, y) for y in range(height))


def _row(image: QImage, y: int) -> bytes:
    """One line of a grey image as bits; the padding of QImage's lines is left out."""
    line: memoryview = image.constScanLine(y)  # type: ignore[assignment]  # the stub says object
    grey = bytes(line[: image.width()])
    bits = grey.translate(_BITS)
    across = (image.width() + 7) // 8
    return int(bits.ljust(across * 8, b"0"), 2).to_bytes(across, "big")


_BITS = bytes(ord("1") if level < _BLACK_BELOW else ord("0") for level in range(256))
