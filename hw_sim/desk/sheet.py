"""A sheet of receipt paper as the desk has it, and the item that paints it: the printer's own dots."""

from PySide6.QtCore import Property, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPen, qRgb
from PySide6.QtQml import QmlElement, QmlUncreatable
from PySide6.QtQuick import QQuickItem, QQuickPaintedItem
from typing_extensions import override

QML_IMPORT_NAME = "HwSim.Desk"
QML_IMPORT_MAJOR_VERSION = 1

MOST_SHOWN = 4_000
"""Rows painted at most, some 50 cm; what came before is only behind."""

PAPER, INK, CUT = qRgb(255, 255, 255), qRgb(26, 26, 26), Qt.GlobalColor.gray


@QmlElement
@QmlUncreatable("made by the desk")
class Sheet(QObject):  # type: ignore[operator]
    """Rows of dots from one tear to the next; grows while it hangs out of the printer."""

    changed = Signal()

    def __init__(self, number: int, dots: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.number = number
        self.length = 0
        """Rows that have come, counted from the tear."""
        self.across = dots
        self._pitch = (dots + 7) // 8
        self._data = bytearray()
        self._cuts: tuple[int, ...] = ()

    def grow(self, since: int, data: bytes, cuts: tuple[int, ...]) -> None:
        """Rows from `since` on; what lies between them and what is here has fallen to the floor."""
        if since > self.length:
            self._data.clear()
        if data or cuts != self._cuts:
            self._data += data
            self.length = since + len(data) // self._pitch
            del self._data[: max(0, len(self._data) - MOST_SHOWN * self._pitch)]
            self._cuts = cuts
            self.changed.emit()

    def height(self) -> int:
        """Rows that are shown."""
        return len(self._data) // self._pitch

    rows = Property(int, height, notify=changed)

    def _dots(self) -> int:
        return self.across

    dots = Property(int, _dots, notify=changed)

    def shown_cuts(self) -> list[int]:
        """Rows, of those shown, at which the paper was cut."""
        fallen = self.length - self.height()
        return [cut - fallen for cut in self._cuts if cut > fallen]

    def image(self) -> QImage:
        """White paper, black dots, one pixel a dot; null while nothing is printed."""
        if not self._data:
            return QImage()
        mono = QImage(
            bytes(self._data), self.across, self.height(), self._pitch, QImage.Format.Format_Mono
        )
        mono.setColorTable([PAPER, INK])
        return mono.copy()


@QmlElement
class PaperView(QQuickPaintedItem):
    """Paints a sheet as wide as the item is; its implicit height follows the paper."""

    sheetChanged = Signal()  # noqa: N815

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._sheet: Sheet | None = None
        self._scaled = QImage()
        self._scaled_from: tuple[int, int] | None = None
        self.widthChanged.connect(self._measure)

    def get_sheet(self) -> Sheet | None:
        return self._sheet

    def set_sheet(self, sheet: Sheet | None) -> None:
        if sheet is self._sheet:
            return
        if self._sheet is not None:
            self._sheet.changed.disconnect(self._measure)
        self._sheet = sheet
        self._scaled_from = None
        if sheet is not None:
            sheet.changed.connect(self._measure)
        self._measure()
        self.sheetChanged.emit()

    sheet = Property(QObject, get_sheet, set_sheet, notify=sheetChanged)

    def _measure(self) -> None:
        sheet = self._sheet
        height = sheet.height() * self.width() / sheet.across if sheet else 0.0
        self.setImplicitHeight(round(height))
        self.update()

    @override
    def paint(self, painter: QPainter) -> None:
        sheet = self._sheet
        if sheet is None or not sheet.height():
            return
        ratio = self.window().effectiveDevicePixelRatio()
        size = QSize(round(self.width() * ratio), round(self.height() * ratio))
        key = (sheet.length, size.width())
        if key != self._scaled_from:
            image = sheet.image().convertToFormat(QImage.Format.Format_RGB32)
            if size.width() < image.width():  # averages, so that thin strokes stay
                image = image.scaled(
                    size,
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            self._scaled, self._scaled_from = image, key
        painter.drawImage(QRectF(0, 0, self.width(), self.height()), self._scaled)
        painter.setPen(QPen(CUT, 1, Qt.PenStyle.DashLine))
        for cut in sheet.shown_cuts():
            y = min(cut * self.width() / sheet.across, self.height() - 1)
            painter.drawLine(0, round(y), round(self.width()), round(y))
