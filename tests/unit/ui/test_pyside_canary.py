"""PySide6 6.12.0 loses references to None and True on CPython 3.11 and aborts; this says so in a child."""

import os
import subprocess
import sys

CHILD = """
import sys
from PySide6.QtCore import QCoreApplication, QObject, Signal

class Bell(QObject):
    rung = Signal()

app = QCoreApplication([])
bell = Bell()
bell.rung.connect(lambda: None)
before = sys.getrefcount(None), sys.getrefcount(True)
for _ in range(200):
    app.processEvents()
    bell.rung.emit()
print(before[0] - sys.getrefcount(None), before[1] - sys.getrefcount(True))
"""


def test_qt_keeps_none_and_true() -> None:
    child = subprocess.run(
        [sys.executable, "-c", CHILD],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert child.returncode == 0, child.stderr
    lost = [int(number) for number in child.stdout.split()]
    assert len(lost) == 2
    assert all(number < 100 for number in lost), f"references lost in 200 rounds: {lost}"
