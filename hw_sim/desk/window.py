"""The desk's window: application, fonts, and the QML that draws it."""

from importlib.resources import files
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor, QFontDatabase, QGuiApplication
from PySide6.QtQuick import QQuickView
from PySide6.QtQuickControls2 import QQuickStyle

from hw_sim.desk.desk import Desk

ROOM = Path(str(files("hw_sim")))
DEFAULT_SIZE = 1180, 860
SMALLEST_SIZE = 1024, 720
PAGE = "#F6F5F0"


def application() -> QGuiApplication:
    """The one Qt application of this process, with the desk's fonts."""
    app = QGuiApplication.instance()
    if not isinstance(app, QGuiApplication):
        app = QGuiApplication(["hw_sim"])
    if "Noto Sans" not in QFontDatabase.families():
        for path in sorted((ROOM / "fonts").glob("NotoSans-*.ttf")):
            QFontDatabase.addApplicationFont(str(path))
    QQuickStyle.setStyle("Basic")
    return app


def desk_window(desk: Desk) -> QQuickView:
    """A window over `desk`, not yet shown. Raises RuntimeError when the QML does not load."""
    window = QQuickView()
    window.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
    window.setTitle("The desk")
    window.setColor(QColor(PAGE))
    window.setMinimumWidth(SMALLEST_SIZE[0])
    window.setMinimumHeight(SMALLEST_SIZE[1])
    window.resize(*DEFAULT_SIZE)
    window.setInitialProperties({"desk": desk})
    window.setSource(QUrl.fromLocalFile(str(ROOM / "desk" / "Main.qml")))
    if window.status() is not QQuickView.Status.Ready:
        problems = "; ".join(error.toString() for error in window.errors())
        raise RuntimeError(f"the desk's QML does not load: {problems}")
    return window


def put_away(window: QQuickView) -> None:
    """Close the window; its QML goes before the view-model that it reads."""
    window.close()
    window.setSource(QUrl())
    window.deleteLater()
