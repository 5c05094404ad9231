"""Draw screens in every look on every machine, and judge each: `python -m tests.snapshots.draw SCREENS KEPT FOLDER LAYOUT ...`.

SCREENS is a file of screens by name (JSON, see `tests.snapshots.all_screens`), KEPT the folder of what is kept.
FOLDER gets report.json and every picture that is not as kept.

Each screen of which prints are kept has a window of its own: what it looks like hangs on no other, nor on their
order. All others are shown in one window, as a machine does.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

os.environ.update(
    QT_QPA_PLATFORM="offscreen", QT_QUICK_BACKEND="software", QT_ENABLE_HIGHDPI_SCALING="0"
)

import numpy as np
from PySide6.QtGui import QGuiApplication, QImage

from config.screen import ScreenTable
from config.texts import Catalogue
from drivers.service.view import Ground, Screen, Snapshot, screen_from_json
from tests.journeys.fit import Part, faults, has, parts
from tests.journeys.screen_reader import ScreenReader
from tests.snapshots.judge import (
    OUT_OF_ORDER,
    TEXT,
    Figures,
    faint,
    moved,
    out_of_order,
    pixels,
    small,
    unseen_focus,
)
from tests.snapshots.looks import KEPT, LAYOUTS, LONG, PLAIN, LongWords, looking, looks_of, walked
from ui.bridge import Bridge
from ui.window import KioskWindow, application

CELL = 90
"""A print tells the mean brightness of each cell of a grid, each about so many px wide and high."""
SHADE = 1
"""By how much of 255 a cell may differ. Large glyphs come out of FreeType a shade differently after other sizes have
been drawn: 0.2 at most. A small letter more or less is about 2."""
CONTRAST = ("light da", "high-contrast da", "large-text da")
"""Looks whose pixels are judged for contrast; of what only a walk met, the first that it has."""
ORDERED = ("light da", "light uk", "light ar")
RINGED = ("light da", "high-contrast da")


def print_of(picture: QImage) -> str:
    """What tells two pictures apart, short: two letters for each cell."""
    flat = picture.convertToFormat(QImage.Format.Format_RGB32)
    wide, high = flat.width(), flat.height()
    down, across = grid(wide, high)
    colours = np.frombuffer(flat.constBits(), np.uint8).reshape(down, high // down, wide * 4)
    lines = colours.sum(axis=1, dtype=np.uint32).reshape(down, across, -1, 4)
    cells = lines[..., :3].sum(axis=(2, 3)) / (3 * (wide // across) * (high // down))
    return bytes(np.rint(cells).astype(np.uint8)).hex()


def grid(wide: int, high: int) -> tuple[int, int]:
    """How many cells a print has downwards and across: as many of equal size as come near."""
    down, across = (
        min((n for n in range(1, length) if length % n == 0), key=lambda n: abs(length / n - CELL))
        for length in (high, wide)
    )
    return down, across


def changed_cells(one: str, other: str) -> list[int]:
    """The cells in which two prints differ by more than a shade."""
    here, there = bytes.fromhex(one), bytes.fromhex(other)
    if len(here) != len(there):
        return list(range(max(len(here), len(there))))
    return [n for n, (a, b) in enumerate(zip(here, there, strict=True)) if abs(a - b) > SHADE]


class Drawer:
    """One window."""

    def __init__(self, table: ScreenTable, app: QGuiApplication, words: Catalogue) -> None:
        self._app = app
        self._bridge = Bridge(lambda name, args: None)
        self._serial = 0
        self.table = table
        self.window = KioskWindow(self.table, words, self._bridge, still=True)
        self.reader = ScreenReader(self.window.window)
        self.window.show()

    def show(self, screen: Screen) -> QImage:
        self._serial += 1
        self._bridge.deliver(Snapshot(self._serial, screen))
        for _ in range(3):
            self._app.processEvents()
        return self.window.picture()

    def turn(self, shown: list[Part]) -> Iterator[list[Part]]:
        """What stands on each further page of each list that is shown, the first pages of the others beside it."""
        root = self.window.window.rootObject()
        for item in [part.item for part in shown if has(part.item, "breaks")]:
            for page in range(1, len(item.property("breaks"))):
                item.setProperty("turned", page)
                self._app.processEvents()
                self.window.picture()  # rows take their places when a frame is drawn
                yield parts(root)
            item.setProperty("turned", 0)

    def close(self) -> None:
        self.window.close()
        self._app.processEvents()


@dataclass
class Report:
    """Of one machine: what is wrong, and what to keep, by screen."""

    figures: Figures = field(default_factory=Figures)
    prints: dict[str, dict[str, str]] = field(default_factory=dict)
    trees: dict[str, dict[str, str]] = field(default_factory=dict)


def judge(
    drawer: Drawer, screen: Screen, look: str, picture: QImage, figures: Figures, *, coloured: bool
) -> None:
    """All that can be wrong with what stands now."""
    shown = parts(drawer.window.window.rootObject())
    found = list(faults(shown))
    figures.clipped += len(found)
    found += small(shown, drawer.table.px_per_mm, figures)
    nameless = [n for n in drawer.reader.pressables() if not n.name.strip()]
    figures.unnamed += len(nameless)
    found += [f"nobody can hear what this is: {node.line()}" for node in nameless]
    if coloured:
        least = OUT_OF_ORDER if screen.ground is Ground.INK else TEXT
        found += faint(shown, pixels(picture), least, figures)
    if look in ORDERED:
        wrong = list(out_of_order(shown, screen, mirrored=look.endswith("ar")))
        figures.unordered += len(wrong)
        found += wrong
    if look in RINGED:
        unseen = list(unseen_focus(shown, drawer.window, drawer.table.px_per_mm))
        figures.unringed += len(unseen)
        found += unseen
    for turned in drawer.turn(shown):
        page = [*faults(turned), *small(turned, drawer.table.px_per_mm, figures)]
        page += moved(shown, turned)
        new = [f"on another page, {fault}" for fault in page if fault not in found]
        figures.clipped += len(new)
        found += new
    figures.drawn += 1
    figures.findings += [f"{look}: {fault}" for fault in found]


def draw(screens: dict[str, Screen], kept: Path, folder: Path, layouts: list[str]) -> None:
    app = application()
    words = LongWords.load()
    reports = {}
    for layout in layouts:
        report = reports[layout] = Report()
        alone = {t: s for t, s in screens.items() if layout in KEPT and not walked(t)}
        for title, screen in alone.items():
            drawer = Drawer(LAYOUTS[layout], app, words)
            draw_one(drawer, title, screen, layout, report, kept, folder)
            drawer.close()
        if len(alone) < len(screens):
            drawer = Drawer(LAYOUTS[layout], app, words)
            for title in (each for each in screens if each not in alone):
                draw_one(drawer, title, screens[title], layout, report, kept, folder)
            drawer.close()
    (folder / "report.json").write_text(
        json.dumps({layout: asdict(report) for layout, report in reports.items()}), encoding="utf-8"
    )


def draw_one(
    drawer: Drawer,
    title: str,
    screen: Screen,
    layout: str,
    report: Report,
    kept: Path,
    folder: Path,
) -> None:
    """One screen in all its looks."""
    before = len(report.figures.findings)
    keeps = layout in KEPT and not walked(title)
    old = read_prints(kept, title).get(layout, {}) if keeps else {}
    looks = looks_of(title, layout)
    for look in looks:
        shown = looking(screen, look)
        picture = drawer.show(shown)
        if keeps:
            mark = print_of(picture)
            report.prints.setdefault(title, {})[look] = mark
            if changed_cells(old.get(look, ""), mark) and (old or look == PLAIN):
                picture.save(str(folder / f"{layout} {title}@{look}.png"), "PNG", 80)  # type: ignore[call-overload]
            if look.startswith("light") and LONG not in look:
                report.trees.setdefault(title, {})[look.split()[1]] = drawer.reader.dump()
        coloured = look in CONTRAST or (walked(title) and look == looks[0])
        judge(drawer, shown, look, picture, report.figures, coloured=coloured)
    found = report.figures.findings
    found[before:] = [f"{title}, {fault}" for fault in found[before:]]


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
    draw(read_screens(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
