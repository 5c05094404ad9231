"""Draw the sample screens, in one order in a process of its own: `python -m tests.snapshots.draw TURN FOLDER`.

Large glyphs come out of FreeType a shade differently after other sizes have been drawn in the same
process, so a picture is only comparable when everything before it was the same.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.update(
    QT_QPA_PLATFORM="offscreen", QT_QUICK_BACKEND="software", QT_ENABLE_HIGHDPI_SCALING="0"
)

from config.station import ScreenTable
from config.texts import Catalogue
from drivers.service.view import Snapshot
from tests.journeys.screen_reader import ScreenReader
from tests.snapshots.screens import SCREENS
from ui.bridge import Bridge
from ui.window import KioskWindow, application

TURNS = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
CHANGED: dict[str, dict[str, Any]] = {
    "borrow@high-contrast": {"theme": "high_contrast"},
    "borrow@large-text": {"large_text": True},
    "borrow@ar": {"language": "ar"},
}
PICTURES = {
    "portrait": (*SCREENS, *CHANGED),
    "landscape": ("start", "pin-wrong", "borrow", "idle", "end"),
}


def draw(turn: str, folder: Path) -> None:
    """Write NAME.png and NAME.txt, the accessibility tree, for each picture of this turn."""
    app = application()
    width, height = TURNS[turn]
    bridge = Bridge(lambda name, args: None)
    table = ScreenTable(width=width, height=height)
    window = KioskWindow(table, Catalogue.load(), bridge, still=True)
    reader = ScreenReader(window.window)
    window.show()
    for serial, name in enumerate(PICTURES[turn]):
        screen = SCREENS[name.partition("@")[0]]()
        bridge.deliver(Snapshot(serial, replace(screen, **CHANGED.get(name, {}))))
        for _ in range(3):
            app.processEvents()
        window.grab(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text(reader.dump(), encoding="utf-8")
    window.close()


if __name__ == "__main__":
    draw(sys.argv[1], Path(sys.argv[2]))
