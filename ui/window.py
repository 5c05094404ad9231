"""The kiosk's window: one Screen at a time, drawn by ui/qml/Main.qml."""

import os
from functools import cache
from importlib.resources import files
from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QElapsedTimer,
    QEvent,
    QEventLoop,
    QObject,
    QSize,
    Qt,
    QUrl,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QImage, QPainter, QPixmap
from PySide6.QtQuick import QQuickImageProvider, QQuickView
from PySide6.QtSvg import QSvgRenderer
from typing_extensions import override

from config.screen import ScreenTable
from config.texts import Catalogue
from drivers.service.view import Cue, Snapshot
from ui.bridge import Bridge
from ui.sound import CuePlayer, Cues, SilentCues
from ui.viewmodels.screen import ScreenView, key_click

ROOM = Path(str(files("ui")))
FAMILY = "Noto Sans"
ARABIC = "Noto Sans Arabic UI"
TOUCH_EVERY_MS = 1000
_FRAMES_TO_SETTLE = 8


def application() -> QGuiApplication:
    """The one Qt application of this process, with our fonts and one px a px."""
    os.environ.setdefault("QT_ENABLE_HIGHDPI_SCALING", "0")
    # the renderer of the tests, so that what was looked at is what is shown; needs no GPU
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    app = QGuiApplication.instance()
    if not isinstance(app, QGuiApplication):
        app = QGuiApplication(["ims"])
    load_fonts()
    return app


@cache
def load_fonts() -> None:
    """Load the bundled fonts by path, also where the system has some of the family: it may lack a weight. Once.

    Raises FileNotFoundError if one cannot be read.
    """
    for path in sorted((ROOM / "fonts").glob("*.ttf")):
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise FileNotFoundError(path)
    QFont.insertSubstitution(FAMILY, ARABIC)


class Icons(QQuickImageProvider):
    """`image://icons/NAME/RRGGBB`: a bundled icon in one colour, drawn at the size asked for."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Pixmap)

    @override
    def requestPixmap(self, id: str, size: QSize, requestedSize: QSize) -> QPixmap:
        name, _, colour = id.partition("/")
        path = ROOM / "icons" / f"{name}.svg"
        if not path.is_file():
            return QPixmap()
        image = QImage(requestedSize, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        QSvgRenderer(str(path)).render(painter)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(image.rect(), QColor(f"#{colour}"))
        painter.end()
        return QPixmap.fromImage(image)


class KioskWindow(QObject):
    """Shows what the bridge delivers and sends what is pressed. Made and used in the Qt thread.

    `still` stops all motion at its first frame, for pictures.
    """

    def __init__(
        self,
        screen: ScreenTable,
        catalogue: Catalogue,
        bridge: Bridge,
        *,
        cues: CuePlayer | None = None,
        still: bool = False,
    ) -> None:
        super().__init__()
        application()
        self._bridge = bridge
        self._clock = QElapsedTimer()
        self._clock.start()
        self._cues = Cues(cues or SilentCues(), self._clock.elapsed)
        self._cue_serial = 0
        self._touched_at: int | None = None
        self.view = ScreenView(catalogue, self)
        self.view.pressed.connect(self._pressed)
        self.view.touched.connect(self._touched)
        self.view.keyed.connect(self._bridge.key)
        bridge.snapshot.connect(self._deliver)
        window = QQuickView()
        self._window: QQuickView | None = window
        window.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        window.resize(screen.width, screen.height)
        window.setColor(QColor("#F6F5F0"))
        window.setTitle("IMS")
        window.engine().addImageProvider("icons", Icons())
        window.setInitialProperties(
            {"screen": self.view, "pxPerMm": screen.px_per_mm, "still": still}
        )
        window.setSource(QUrl.fromLocalFile(str(ROOM / "qml" / "Main.qml")))
        if window.status() is not QQuickView.Status.Ready:
            problems = "; ".join(error.toString() for error in window.errors())
            raise RuntimeError(f"the window's QML does not load: {problems}")
        self._full = screen.full_screen

    @property
    def window(self) -> QQuickView:
        """The Qt window. Raises RuntimeError after close()."""
        if self._window is None:
            raise RuntimeError("the window is closed")
        return self._window

    def show(self) -> None:
        """Put the window on the screen."""
        if self._full:
            self.window.showFullScreen()
        else:
            self.window.show()

    def picture(self) -> QImage:
        """What stands now, once it stands still.

        Qt places rows and columns only while it draws a frame; what depends on their height is laid out after it.
        So a first frame may be stale, and the one that equals the last is not. What moves is drawn as it is after a few.
        """
        last = self.window.grabWindow()
        for _ in range(_FRAMES_TO_SETTLE):
            QGuiApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
            picture = self.window.grabWindow()
            if picture == last:
                break
            last = picture
        return last

    def grab(self, path: Path) -> None:
        """Write the picture as PNG. Raises OSError if it cannot be written."""
        if not self.picture().save(str(path), "PNG"):  # type: ignore[call-overload]
            raise OSError(f"cannot write {path}")

    def close(self) -> None:
        """Take the window away. The engine goes before the view-models it reads, and with it all that it drew."""
        window, self._window = self._window, None
        if window is not None:
            self._bridge.snapshot.disconnect(self._deliver)
            window.close()
            window.setSource(QUrl())
            window.deleteLater()
            # where no event loop runs, nothing else would ever delete it: 11 MB a window
            QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)

    @Slot(object)
    def _deliver(self, snapshot: Snapshot) -> None:
        screen = snapshot.screen
        self.view.show(screen)
        if screen.cue is not None and screen.cue_serial != self._cue_serial:
            ducked = screen.strip is not None and screen.strip.speaking
            self._cues.play(screen.cue, screen.cue_db, ducked=ducked, headset=screen.headset)
        self._cue_serial = screen.cue_serial

    @Slot(str)
    def _pressed(self, action_id: str) -> None:
        screen = self.view.screen()
        if screen is not None and key_click(self.view.action(action_id)):
            self._cues.play(Cue.KEY, screen.cue_db, headset=screen.headset)
        self._bridge.press(action_id)

    @Slot()
    def _touched(self) -> None:
        now = self._clock.elapsed()
        if self._touched_at is None or now - self._touched_at >= TOUCH_EVERY_MS:
            self._touched_at = now
            self._bridge.touch()
