"""How a command that runs on ends: by SIGTERM or Ctrl-C, with its window, or with what it shows."""

import os
import signal
import threading

from ui.outcome import bad_input

LOOK_MS = 200


def told_to_end() -> threading.Event:
    """What is set from now on by SIGTERM and SIGINT, and by whoever else ends this process."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    return over


def window_until(over: threading.Event) -> None:
    """Serve the window until it is closed or `over` is set, also where that was before."""
    from PySide6.QtCore import QTimer

    from ui.window import application

    app = application()
    look = QTimer()  # also lets Python see signals while Qt waits
    look.timeout.connect(lambda: app.quit() if over.is_set() else None)
    look.start(LOOK_MS)
    app.exec()
    look.stop()


def has_display() -> bool:
    """Whether a window can be seen, or was asked for offscreen."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(os.environ.get(name) for name in names)


def need_display(do: str = "Run it in a graphical session.") -> None:
    """Raises Fault where no window can be seen."""
    if not has_display():
        raise bad_input(
            "there is no display.",
            where="DISPLAY, WAYLAND_DISPLAY and QT_QPA_PLATFORM",
            do=do,
            code="display.absent",
        )
