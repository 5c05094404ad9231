"""The sorting demo's stage: a simulated plant, `ims sorter` as a process of its own, the windows on it.

Nothing of it skips a driver or a door: belt, readers and scanner hang on ptys, library system and printers on loopback, and
the windows follow the line through its socket, as they do in a library.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.load import load
from config.screen import ScreenTable
from config.station import Station
from config.texts import Catalogue
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.store.lock import socket_in
from drivers.store.sealed import make_key_file
from ui.demo_morning import Morning
from ui.door import Door
from ui.outcome import Exit, Fault
from ui.world import World

SCENARIO = "plant-inlet"
PASSWORD = "not-a-secret"
READY_S = 30.0
TICK_MS = 15
INLET = ScreenTable(width=1280, height=1024, px_per_mm=3.4)

STATION = """
schema_version = 1
site = "odense/plant"

[station]
id = "demo-plant"
name = "Sortering"
seal_key = {{ file = "{key}" }}

[devices.belt]
driver = "modbus"
url = "{belt}"

[devices.tunnel]
driver = "feig"
url = "{tunnel}"

[devices.gate]
driver = "feig"
url = "{gate}"

[devices.scanner]
driver = "barcode"
url = "{scanner}"

[devices.printer]
driver = "escpos"
url = "{printer}"

[devices.inlet_printer]
driver = "escpos"
url = "{inlet_printer}"

[library]
url = "{library}"
user = "sorter"
password = {{ file = "{password}" }}
location = "Borgernes Hus"

[ims]
branch = "Borgernes Hus"
[ims.chutes."A-03"]
bin = "children"

[screen]
width = 1920
height = 1080

[inlet]

[nearest]
name = "Automat 3"
metres = 12
direction = "right"
landmark = "Ved trappen"
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A plant with its line at work."""

    world: World
    config: Station
    catalogue: Catalogue
    file: Path
    state: Path


@contextmanager
def stage() -> Iterator[Stage]:
    """Set it up in a directory that goes with it."""
    directory = Path(tempfile.mkdtemp(prefix="ims-demo-"))
    try:
        password = directory / "library.password"
        password.write_text(PASSWORD, encoding="utf-8")
        password.chmod(0o400)
        key = directory / "seal.key"
        make_key_file(key, SystemRng())
        with World(SCENARIO, directory / "world", now=True) as world:
            file, state = directory / "station.toml", directory / "state"
            file.write_text(
                STATION.format(key=key, password=password, **world.urls), encoding="utf-8"
            )
            config = load(file).station
            with _line(file, state):
                yield Stage(world, config, Catalogue.load(config.station.time_zone), file, state)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _line(file: Path, state: Path) -> Iterator[None]:
    """`ims sorter`, until the block is left."""
    child = start("sorter", file, state, log=state.with_suffix(".log"))
    try:
        out = child.stdout
        ready = select.select([out], [], [], READY_S)[0] if out is not None else []
        if out is None or not ready or b"station ready" not in out.readline():
            complaint = state.with_suffix(".log").read_text(errors="replace")[-300:]
            raise Fault(
                Exit.BUG,
                code="sim.ended",
                what=f"The line did not start: {complaint}",
                where="ims demo sorter",
                do="Run ims sorter with a station file of your own to see more.",
            )
        yield
    finally:
        end(child)


def start(
    job: str, file: Path, state: Path, *, log: Path | None = None
) -> "subprocess.Popen[bytes]":
    """A job of `ims` on that station, as a process of its own."""
    words = (sys.executable, "-m", "ui.cli", job, "--station", str(file), "--state", str(state))
    if log is None:
        return subprocess.Popen(words, stdout=subprocess.DEVNULL)
    with log.open("wb") as errors:
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors)


def end(child: "subprocess.Popen[bytes]") -> None:
    """End it, gently first; safe to repeat."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(10)
    if child.stdout is not None:
        child.stdout.close()


class Panel:
    """The panel's window in a process of its own, which is asked for pictures."""

    def __init__(self, file: Path, state: Path) -> None:
        self._child = subprocess.Popen(
            (sys.executable, "-m", "ui.pictured", str(file), str(state)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def grab(self, path: Path) -> None:
        """Write what stands on it now as PNG."""
        if self._child.stdin is None or self._child.stdout is None:
            return
        self._child.stdin.write(f"{path}\n")
        self._child.stdin.flush()
        self._child.stdout.readline()

    def close(self) -> None:
        """End it."""
        if self._child.stdin is not None:
            self._child.stdin.close()
        try:
            self._child.wait(15)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(10)
        if self._child.stdout is not None:
            self._child.stdout.close()


def scripted(out: Path) -> dict[str, Any]:
    """The morning, offscreen, with pictures and summary.json."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_QUICK_BACKEND"] = "software"
    from PySide6.QtCore import QEventLoop, QTimer

    from ui.inlet import InletRun
    from ui.window import application

    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    app = application()

    def tick() -> None:
        loop = QEventLoop()
        QTimer.singleShot(TICK_MS, loop.quit)
        loop.exec()
        app.processEvents()

    with stage() as here, Door(socket_in(here.state), "ims demo sorter") as line:
        inlet = InletRun(here.config, here.catalogue, here.state, screen=INLET, still=True)
        panel = Panel(here.file, here.state)

        def grab(window: str, path: Path) -> None:
            (panel.grab if window == "panel" else inlet.window.grab)(path)

        def shown() -> str:
            return "" if inlet.shown is None else inlet.shown.name

        inlet.start()
        try:
            morning = Morning(
                here.world,
                line,
                inlet=shown,
                press=inlet.press,
                grab=grab,
                tick=tick,
                seconds=SystemClock().monotonic,
                out=out,
            )
            summary = morning.play()
        finally:
            panel.close()
            inlet.stop()
    (out / "summary.json").write_text(
        json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    return summary


def words(summary: dict[str, Any], out: Path) -> str:
    """What the morning came to, for a person."""
    lines = [f"{step['seconds']:7.2f} s  {step['name']}" for step in summary["steps"]]
    lines.append(f"{summary['seconds']:7.2f} s  in all")
    if summary["ok"]:
        lines.append(
            f"The world agrees: {len(summary['items'])} items in their bins, each checked in once,"
            f" {summary['mis_sorts']} in a wrong one."
        )
    else:
        lines += [f"Not so: {failure}" for failure in summary["failures"]]
    lines.append(f"Pictures and summary.json are in {out}.")
    return "\n".join(lines)


def at_the_plant(control: str) -> str:
    """Where the buttons are that no panel has, for whoever plays."""
    return f"""\
Emergency stop and control cabinet are at the plant, not on the panel. This plant is simulated; tell it, one line of JSON each, at
{control} (docs/reference/control-protocol.md shows how):
  the emergency stop is pressed                                 {{"v":1,"id":1,"do":"e_stop","pressed":true}}
  it is pulled out again                                        {{"v":1,"id":2,"do":"e_stop","pressed":false}}
  the belt is emptied, and the button on the cabinet pressed    {{"v":1,"id":3,"do":"empty_belt"}}
"""


def by_hand() -> int:
    """The line with its two windows, each a process; borrowers come by themselves until a window is closed."""
    with stage() as here, Door(socket_in(here.state), "ims demo sorter") as line:
        sys.stderr.write(at_the_plant(here.world.control))
        windows = [start(job, here.file, here.state) for job in ("panel", "inlet")]
        out = Path(tempfile.mkdtemp(prefix="ims-demo-out-"))
        try:
            morning = Morning(
                here.world,
                line,
                inlet=lambda: str(_face(here.state)["screen"]),
                press=lambda action: _press(here.state, action),
                grab=lambda _window, _path: None,
                tick=lambda: _while_open(windows),
                seconds=SystemClock().monotonic,
                out=out,
            )
            morning.play()
            while all(window.poll() is None for window in windows):
                _while_open(windows)
        except Closed:
            pass
        finally:
            shutil.rmtree(out, ignore_errors=True)
            for window in windows:
                end(window)
    return Exit.DONE


class Closed(Exception):
    """A window of the demo was closed: it is over."""


def _while_open(windows: "list[subprocess.Popen[bytes]]") -> None:
    for window in windows:
        try:
            window.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        raise Closed


def _face(state: Path) -> dict[str, Any]:
    with Door(socket_in(state), "ims demo sorter") as door:
        door.request("face", name="inlet")
        return dict(door.request("status"))


def _press(state: Path, action: str) -> None:
    with Door(socket_in(state), "ims demo sorter") as door:
        door.request("face", name="inlet")
        door.request("press", action=action)
