"""Draw every screen in every look for one machine, and judge each: `python -m tests.snapshots.draw LAYOUT SCREENS KEPT FOLDER`.

SCREENS is a file of screens by name (JSON, see `tests.snapshots.all_screens`), KEPT the folder of what is kept.
FOLDER gets report.json and every picture that is not as kept.

Large glyphs come out of FreeType a shade differently after other sizes have been drawn, so each screen has a
window and fonts of its own: what one screen looks like hangs on no other, nor on their order.
"""

import json
import os
import sys
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from zlib import crc32

os.environ.update(
    QT_QPA_PLATFORM="offscreen", QT_QUICK_BACKEND="software", QT_ENABLE_HIGHDPI_SCALING="0"
)

import numpy as np
from PySide6.QtGui import QFontDatabase, QGuiApplication, QImage

from config.texts import Catalogue
from drivers.service.view import Ground, Screen, Snapshot, screen_from_json
from tests.journeys.fit import faults
from tests.journeys.screen_reader import ScreenReader
from tests.snapshots.judge import (
    OUT_OF_ORDER,
    TEXT,
    Figures,
    faint,
    out_of_order,
    pixels,
    small,
    unseen_focus,
)
from tests.snapshots.looks import LAYOUTS, LONG, LOOKS, PLAIN, LongWords, looking
from ui.bridge import Bridge
from ui.window import KioskWindow, application, load_fonts

ACROSS, DOWN = 6, 8
"""A print holds a mark for each cell of this grid, so that it can be said where a picture changed."""
VISITED = ("light da", f"light {LONG}", "large-text uk", "large-text ar", "high-contrast ar")
"""Looks of the screens that only a visit shows: not kept, but judged."""
SEEN = ("light da", "high-contrast da", "large-text da", "light ar", "high-contrast ar", "light uk")
"""Looks whose pixels are judged for contrast: colours do not hang on the language."""


def print_of(picture: QImage) -> str:
    """What tells two pictures apart, short: 12 letters for the whole, two for each cell."""
    sums = [
        crc32(np.ascontiguousarray(cell).tobytes())
        for row in np.array_split(pixels(picture), DOWN)
        for cell in np.array_split(row, ACROSS, axis=1)
    ]
    whole = sha256(np.array(sums, np.uint32).tobytes()).hexdigest()[:12]
    return f"{whole}:{''.join(f'{part & 0xFF:02x}' for part in sums)}"


def changed_cells(one: str, other: str) -> list[int]:
    """The cells in which two prints differ."""
    here, there = one.partition(":")[2], other.partition(":")[2]
    return [n for n in range(ACROSS * DOWN) if here[2 * n : 2 * n + 2] != there[2 * n : 2 * n + 2]]


class Drawer:
    """One screen in one window of its own."""

    def __init__(self, layout: str, app: QGuiApplication, words: Catalogue) -> None:
        QFontDatabase.removeAllApplicationFonts()
        load_fonts.cache_clear()
        load_fonts()
        self._app = app
        self._bridge = Bridge(lambda name, args: None)
        self._serial = 0
        self.table = LAYOUTS[layout]
        self.window = KioskWindow(self.table, words, self._bridge, still=True)
        self.reader = ScreenReader(self.window.window)
        self.window.show()

    def show(self, screen: Screen) -> QImage:
        self._serial += 1
        self._bridge.deliver(Snapshot(self._serial, screen))
        for _ in range(3):
            self._app.processEvents()
        return self.window.window.grabWindow()

    def close(self) -> None:
        self.window.close()
        self._app.processEvents()


def judge(drawer: Drawer, screen: Screen, look: str, picture: QImage, figures: Figures) -> None:
    """All that can be wrong with what stands now."""
    root = drawer.window.window.rootObject()
    found = list(faults(root))
    figures.clipped += len(found)
    found += small(root, drawer.table.px_per_mm, figures)
    nameless = [n for n in drawer.reader.pressables() if not n.name.strip()]
    figures.unnamed += len(nameless)
    found += [f"nobody can hear what this is: {node.line()}" for node in nameless]
    if look in SEEN:
        least = OUT_OF_ORDER if screen.ground is Ground.INK else TEXT
        found += faint(root, pixels(picture), least, figures)
    if look in {"light da", "light ar"}:
        found += out_of_order(root, screen, mirrored=look.endswith("ar"))
    if look in {"light da", "high-contrast da"}:
        found += unseen_focus(drawer.window, drawer.table.px_per_mm)
    figures.drawn += 1
    figures.findings += [f"{look}: {fault}" for fault in found]


def draw(layout: str, screens: dict[str, Screen], kept: Path, folder: Path) -> None:
    app = application()
    words = LongWords.load()
    figures = Figures()
    prints: dict[str, dict[str, str]] = {}
    trees: dict[str, dict[str, str]] = {}
    for title, screen in screens.items():
        visited = title.startswith("walk ")
        old = {} if visited else read_prints(kept, title).get(layout, {})
        before = len(figures.findings)
        drawer = Drawer(layout, app, words)
        for look in VISITED if visited else LOOKS:
            shown = looking(screen, look)
            picture = drawer.show(shown)
            if not visited:
                mark = print_of(picture)
                prints.setdefault(title, {})[look] = mark
                if old.get(look) != mark and (old or look == PLAIN):
                    picture.save(str(folder / f"{title}@{look}.png"), "PNG", 80)  # type: ignore[call-overload]
                if look.startswith("light") and LONG not in look:
                    trees.setdefault(title, {})[look.split()[1]] = drawer.reader.dump()
            judge(drawer, shown, look, picture, figures)
        drawer.close()
        for n in range(before, len(figures.findings)):
            figures.findings[n] = f"{title}, {figures.findings[n]}"
    report = {"figures": asdict(figures), "prints": prints, "trees": trees}
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")


def read_prints(kept: Path, title: str) -> dict[str, dict[str, str]]:
    """By layout and look."""
    file = kept / "prints" / f"{title}.json"
    found: dict[str, dict[str, str]] = (
        json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    )
    return found


def read_screens(file: Path) -> dict[str, Screen]:
    data = json.loads(file.read_text(encoding="utf-8"))
    return {title: screen_from_json(screen) for title, screen in data.items()}


if __name__ == "__main__":
    draw(sys.argv[1], read_screens(Path(sys.argv[2])), Path(sys.argv[3]), Path(sys.argv[4]))
