"""Draw the screens of a visit and samples, in one order in a process of its own: `python -m tests.snapshots.draw TURN FOLDER`.

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
from tests.snapshots.staff import staff
from tests.snapshots.visit import visit
from ui.bridge import Bridge
from ui.window import KioskWindow, application

TURNS = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
CHANGED: dict[str, dict[str, Any]] = {
    "high-contrast": {"theme": "high_contrast"},
    "large-text": {"large_text": True},
    "ar": {"language": "ar"},
}
VISIT = (
    "start",
    "card",
    "empty",
    "borrow",
    "end",
    "clear",
    "return",
    "holds",
    "ask-cancel",
    "fees",
    "fee-on-loan",
)
STAFF = ("cases", "case", "pad", "reason", "devices-closed", "closed", "pin-wrong", "empty")
UNDRAWN = {"start", "end", "borrow-empty", "borrow-many", "help", "language"}
"""A visit shows these itself, or there is little to see."""
PICTURES = {
    "portrait": (
        *(name for name in SCREENS if name not in UNDRAWN),
        *(f"borrow@{change}" for change in CHANGED),
        *(f"visit-{name}" for name in VISIT),
        "visit-card@high-contrast",
        "visit-holds@large-text",
        "visit-fees@ar",
        "visit-number",
        "visit-number@large-text",
        *(f"staff-{name}" for name in STAFF),
        *(f"staff-cases@{change}" for change in CHANGED),
    ),
    "landscape": (
        "pin-wrong",
        "idle",
        "borrow@large-text",
        *(f"visit-{name}" for name in ("start", "card", "borrow", "end", "return", "holds")),
        "visit-card@ar",
        "visit-number",
        "visit-number@ar",
        "staff-cases",
        "staff-devices",
        "staff-cases@ar",
    ),
}


def draw(turn: str, folder: Path) -> None:
    """Write NAME.png and NAME.txt, the accessibility tree, for each picture of this turn."""
    real = visit() | staff()
    app = application()
    width, height = TURNS[turn]
    bridge = Bridge(lambda name, args: None)
    table = ScreenTable(width=width, height=height)
    window = KioskWindow(table, Catalogue.load(), bridge, still=True)
    reader = ScreenReader(window.window)
    window.show()
    for serial, name in enumerate(PICTURES[turn]):
        base, _, change = name.partition("@")
        screen = real[base] if base in real else SCREENS[base]()
        bridge.deliver(Snapshot(serial, replace(screen, **CHANGED.get(change, {}))))
        for _ in range(3):
            app.processEvents()
        # 0: packed as small as it goes
        window.window.grabWindow().save(str(folder / f"{name}.png"), "PNG", 0)  # type: ignore[call-overload]
        (folder / f"{name}.txt").write_text(reader.dump(), encoding="utf-8")
    window.close()


if __name__ == "__main__":
    draw(sys.argv[1], Path(sys.argv[2]))
