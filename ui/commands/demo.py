"""`ims demo`: the main job with simulated devices, by hand in two windows or as one scripted visit.

Nothing of it skips a driver: the simulator is a process of its own, reached over ptys and loopback, and the
station that is shown is the one that ships.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from config.access import Speech
from config.load import load_text
from config.station import Station
from config.texts import Catalogue
from drivers.runtime.clock import SystemRng
from drivers.service.view import Snapshot
from drivers.store.sealed import make_key_file
from ui.commands.kiosk import with_window
from ui.demo_visit import Visit
from ui.ending import has_display
from ui.outcome import Exit, finish, run
from ui.running import Running
from ui.world import World

SCENARIO = "first-loan"
PASSWORD = "not-a-secret"
AUDIBLE = Speech()
"""By hand it is heard for real where it can be; else the simulated world hears it alone."""
TICK_MS = 15

STATION = """
schema_version = 1
site = "odense/borgernes-hus"

[station]
id = "demo-1"
name = "Automat 2"

[devices.pad]
driver = "feig"
url = "{pad}"

[devices.scanner]
driver = "barcode"
url = "{scanner}"

[devices.printer]
driver = "escpos"
url = "{printer}"

[devices.card]
url = "{card}"

[devices.keys]
driver = "evdev"
url = "{keys}"

[devices.terminal]
driver = "zvt"
url = "{terminal}"

[speech]
driver = "speechd"
url = "{speaker}"

[library]
url = "{library}"
user = "kiosk"
password = {{ file = "{password}" }}

[mail]
url = "{mail}"
ca_file = "{ca}"
sender = "kvittering@odense.example"
user = "kiosk"
password = {{ file = "{password}" }}

[nearest]
name = "Automat 3"
metres = 12
direction = "right"
landmark = {{ da = "Ved trappen", en = "By the stairs", de = "An der Treppe", uk = "Біля сходів", ar = "عند الدرج" }}
"""


class What(StrEnum):
    """What there is a demo of."""

    KIOSK = "kiosk"
    SORTER = "sorter"


def command(
    what: Annotated[What, typer.Argument(help="what to show")] = What.KIOSK,
    headless: Annotated[
        bool, typer.Option("--headless", help="play one scripted visit without a display")
    ] = False,
    out: Annotated[
        str, typer.Option(metavar="DIR", help="where pictures and summary go")
    ] = "out/demo",
    as_json: Annotated[bool, typer.Option("--json", help="the summary on standard output")] = False,
) -> None:
    """Show the main job with simulated devices: by hand with a display, scripted without."""

    def sorter() -> None:
        from ui import demo_sorter

        if headless or not has_display():
            found = demo_sorter.scripted(Path(out))
            said = demo_sorter.words(found, Path(out))
            finish(found, said, as_json=as_json, exit_code=_as_it_went(found))
        finish({"ended": True}, "ended", as_json=as_json, exit_code=Exit(demo_sorter.by_hand()))

    def kiosk() -> None:
        if headless or not has_display():
            summary = _scripted(Path(out))
            words = _words(summary, Path(out))
            finish(
                summary,
                words,
                as_json=as_json,
                exit_code=_as_it_went(summary),
            )
        code = _by_hand()
        finish({"ended": True}, "ended", as_json=as_json, exit_code=Exit(code))

    run(sorter if what is What.SORTER else kiosk, as_json=as_json)


def _as_it_went(summary: dict[str, Any]) -> Exit:
    return Exit.DONE if summary["ok"] else Exit.REFUSED


@dataclass(frozen=True, slots=True)
class _Stage:
    world: World
    config: Station
    running: Running
    catalogue: Catalogue


@contextmanager
def _stage(*, desk: bool) -> Iterator[_Stage]:
    """A world and a station in it, in a directory that goes with them."""
    directory = Path(tempfile.mkdtemp(prefix="ims-demo-"))
    try:
        password = directory / "library.password"
        password.write_text(PASSWORD, encoding="utf-8")
        password.chmod(0o400)
        key = make_key_file(directory / "seal.key", SystemRng())
        with World(SCENARIO, directory / "world", desk=desk, now=True) as world:
            config = load_text(
                STATION.format(password=password, ca=world.authorities["mail"], **world.urls),
                "the demo's station",
            ).station
            if desk and all(map(shutil.which, (AUDIBLE.program, config.sound.player))):
                config = config.model_copy(update={"speech": AUDIBLE})
            catalogue = Catalogue.load(config.station.time_zone)
            running = Running(
                config,
                catalogue=catalogue,
                state=directory / "state",
                key=key,
                rasteriser=_rasteriser,
            )
            try:
                yield _Stage(world, config, running, catalogue)
            finally:
                running.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _rasteriser() -> Any:
    from ui.rasteriser import QtRasteriser

    return QtRasteriser()


def _by_hand() -> int:
    with _stage(desk=True) as stage:
        return with_window(stage.running, stage.config, "the demo", beside=True)


def _scripted(out: Path) -> dict[str, Any]:
    """One visit, offscreen, with a picture of every screen."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_QUICK_BACKEND"] = "software"
    from PySide6.QtCore import QEventLoop, QTimer

    from ui.bridge import Bridge
    from ui.window import KioskWindow, application

    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    app = application()
    with _stage(desk=False) as stage:
        bridge = Bridge(stage.running.send)
        window = KioskWindow(stage.config.screen, stage.catalogue, bridge, still=True)

        def tick() -> None:
            loop = QEventLoop()
            QTimer.singleShot(TICK_MS, loop.quit)
            loop.exec()
            app.processEvents()

        visit = Visit(
            stage.world,
            press=bridge.press,
            grab=window.grab,
            tick=tick,
            seconds=time.monotonic,
            out=out,
            catalogue=stage.catalogue,
        )

        def shown(snapshot: Snapshot) -> None:
            visit.shown(snapshot)

        bridge.snapshot.connect(shown)
        window.show()
        stage.running.start(bridge.deliver, lambda: None)
        try:
            summary = visit.play()
        finally:
            stage.running.stop()
            window.close()
    (out / "summary.json").write_text(
        json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    return summary


def _words(summary: dict[str, Any], out: Path) -> str:
    lines = [f"{step['seconds']:7.2f} s  {step['name']}" for step in summary["steps"]]
    lines.append(f"{summary['seconds']:7.2f} s  in all")
    if summary["ok"]:
        lines.append(
            f"The world agrees: {len(summary['loans'])} loans, tags and paper as they should be."
        )
    else:
        lines += [f"Not so: {failure}" for failure in summary["failures"]]
    lines.append(f"Pictures, receipt and summary.json are in {out}.")
    return "\n".join(lines)
