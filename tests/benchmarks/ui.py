"""The window: from starting the process to the first frame, from a touch to what is seen, and the longest stall.

Offscreen and drawn in software, as on a machine without a graphics card; each in a process of its own. Floor of
the first frame: Python, Qt and one rectangle of QML. The stall is measured while a stack of ten is lent, beside a
process that only watches the clock at the same time: what both suffer is the machine's.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drivers.runtime.clock import SystemRng
from drivers.runtime.log import write_to
from drivers.store.sealed import make_key_file
from tests.benchmarks.bars import Bar, Outcome, bars_plot, main, middle, percentile, say
from tests.benchmarks.stack import SIP2, STATION, _all_done, visit
from ui.world import World

OFFSCREEN = {
    **os.environ,
    "QT_QPA_PLATFORM": "offscreen",
    "QT_QUICK_BACKEND": "software",
    "QT_ENABLE_HIGHDPI_SCALING": "0",
}
TOUCHED = "assist.contrast"
TICK_MS = 1
WORTH_TELLING_S = 0.004


def measure(quick: bool) -> Outcome:
    starts, bare = _first_frames(3 if quick else 9)
    worked = _worked(20 if quick else 120)
    p99 = percentile(worked["feedback"], 0.99)
    bars = (
        Bar("process start to first frame", middle(starts), 1.5, "s", "lower"),
        Bar("touch to feedback, p99", p99 * 1000, 100, "ms", "lower"),
        Bar(
            "longest stall during the stack, above idle",
            max(0.0, worked["stall"] - worked["idle_stall"]) * 1000,
            50,
            "ms",
            "lower",
        ),
    )
    answers = worked["answer"]
    figures = {
        "first frame, s (least, most)": [round(min(starts), 3), round(max(starts), 3)],
        "Qt with one rectangle, first frame, s": round(middle(bare), 3),
        "touches": len(worked["feedback"]),
        "touch to feedback, p50, ms": round(percentile(worked["feedback"], 0.5) * 1000, 1),
        "release to the station's answer on the screen, ms (p50, p99)": [
            round(percentile(answers, 0.5) * 1000, 1),
            round(percentile(answers, 0.99) * 1000, 1),
        ],
        "longest stall, ms": round(worked["stall"] * 1000, 1),
        "longest stall of the idle process, ms": round(worked["idle_stall"] * 1000, 1),
        "frames during the stack": worked["frames"],
    }
    took = {
        "first frame, s": middle(starts),
        "one rectangle, s": middle(bare),
        "touch to feedback, p99, s": p99,
        "longest stall, s": worked["stall"],
    }
    return Outcome("ui", bars, figures, {"took": took})


def _first_frames(count: int) -> tuple[list[float], list[float]]:
    starts: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory(prefix="ims-bench-") as name:
        place = Path(name)
        password = place / "library.password"
        password.write_text("not-a-secret", encoding="utf-8")
        password.chmod(0o400)
        make_key_file(place / "seal.key", SystemRng())
        with World(str(SIP2.scenario(place)), place / "world") as world:
            station = STATION.format(
                driver="sip2", authority="", password=password, **world.urls
            ).replace(
                'name = "Automat 1"\n',
                f'name = "Automat 1"\nseal_key = {{ file = "{place / "seal.key"}" }}\n',
            )
            file = place / "station.toml"
            file.write_text(station, encoding="utf-8")
            for number in range(count + 1):  # the first warms the file caches
                say(f"start {number} of {count}")
                state = str(place / f"state-{number}")
                first = _until_frame("--first", str(file), state)
                floor = _until_frame("--bare")
                if number:
                    starts.append(first)
                    bare.append(floor)
    return starts, bare


def _until_frame(*arguments: str) -> float:
    began = time.monotonic()
    done = subprocess.run(
        (sys.executable, "-m", __spec__.name, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=OFFSCREEN,
        check=False,
        timeout=60,
    )
    return float(done.stdout.splitlines()[0]) - began


def _worked(touches: int) -> dict[str, Any]:
    """Touches and a stack in one process with a window, and the clock watched by another at the same time."""
    say("touches, then a stack of ten")
    command = (sys.executable, "-m", __spec__.name)
    with subprocess.Popen(
        (*command, "--idle"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=OFFSCREEN
    ) as idle:
        try:
            done = subprocess.run(
                (*command, "--work", str(touches)),
                stdout=subprocess.PIPE,
                env=OFFSCREEN,
                check=True,
                timeout=300,
            )
            stalls, _ = idle.communicate(timeout=30)
        finally:
            idle.kill()
    worked: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    begin, end = worked["during"]
    alone = [gap for at, gap in json.loads(stalls) if begin <= at <= end]
    worked["idle_stall"] = max(alone, default=WORTH_TELLING_S)
    return worked


# --- in a process of its own ------------------------------------------------------------------------


def first_frame(station: str, state: str) -> None:
    """`ims kiosk` as it ships, until its window has shown a frame."""
    from ui import window
    from ui.cli import main as ims

    show = window.KioskWindow.show

    def watched(self: window.KioskWindow) -> None:
        self.window.frameSwapped.connect(_tell_and_quit)
        show(self)

    window.KioskWindow.show = watched  # type: ignore[method-assign]
    sys.argv = ["ims", "kiosk", "--station", station, "--state", state]
    ims()


def bare_frame() -> None:
    """What Python and Qt alone take."""
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtQuick import QQuickView

    app = QGuiApplication([])
    view = QQuickView()
    view.resize(1080, 1920)
    with tempfile.NamedTemporaryFile("w", suffix=".qml") as file:
        file.write('import QtQuick\nRectangle { color: "#F6F5F0" }\n')
        file.flush()
        view.setSource(QUrl.fromLocalFile(file.name))
    view.frameSwapped.connect(_tell_and_quit)
    view.show()
    app.exec()


def _tell_and_quit() -> None:
    from PySide6.QtGui import QGuiApplication

    sys.stdout.write(f"{time.monotonic()}\n")
    sys.stdout.flush()
    QGuiApplication.quit()


class Stalls:
    """Watches the main thread's clock: a tick that comes late was held up for so long."""

    def __init__(self, also: Callable[[], object] = lambda: None) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._also = also

        self.found: list[tuple[float, float]] = []
        self._last = time.monotonic()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self._last > WORTH_TELLING_S:
            self.found.append((now, now - self._last))
        self._last = now
        self._also()


def idle() -> None:
    """Watch the clock until standard input ends."""
    from PySide6.QtGui import QGuiApplication

    app = QGuiApplication([])
    over = threading.Event()
    stalls = Stalls(lambda: app.quit() if over.is_set() else None)

    def wait() -> None:
        sys.stdin.buffer.read()
        over.set()

    threading.Thread(target=wait, daemon=True).start()
    app.exec()
    sys.stdout.write(json.dumps(stalls.found))


def work(touches: int) -> None:
    """Touches on the start screen, then a stack of ten, in the window that ships."""
    from ui.bridge import Bridge
    from ui.window import KioskWindow, application

    app = application()
    seen: list[str] = []
    bridge = Bridge(lambda name, args: one.running.send(name, args))  # noqa: PLW0108 - not made yet
    bridge.snapshot.connect(lambda snapshot: seen.append(snapshot.screen.name))
    with visit(bridge.deliver) as one:
        window = KioskWindow(one.running._config.screen, one.running._catalogue, bridge)
        frames: list[float] = []
        window.window.frameSwapped.connect(lambda: frames.append(time.monotonic()))
        window.show()
        with _letting_live(app) as live:
            live(lambda: seen[-1:] == ["start"] and bool(frames))
            found = _touch(window, frames, touches, live)
            stalls = Stalls()
            lent = threading.Event()
            during: list[float] = []

            def person() -> None:
                one.sign_in()
                during.append(time.monotonic())
                one.world.do("lay", items=[item["id"] for item in one.world.do("hello")["items"]])
                one.until(_all_done)
                during.append(time.monotonic())
                lent.set()

            threading.Thread(target=person, daemon=True).start()
            live(lent.is_set)
        window.close()
    begin, end = during
    gaps = [gap for at, gap in stalls.found if begin <= at <= end]
    found |= {
        "during": during,
        "stall": max(gaps, default=WORTH_TELLING_S),
        "frames": sum(begin <= at <= end for at in frames),
    }
    sys.stdout.write("\n" + json.dumps(found) + "\n")


@contextmanager
def _letting_live(app: Any) -> Iterator[Callable[[Callable[[], bool]], None]]:
    """Gives a function that lets Qt run until something is so."""
    from PySide6.QtCore import QEventLoop, QTimer

    def live(so: Callable[[], bool], seconds: float = 30.0) -> None:
        loop = QEventLoop(app)
        look = QTimer()
        end = time.monotonic() + seconds
        look.timeout.connect(lambda: loop.quit() if so() or time.monotonic() > end else None)
        look.start(TICK_MS)
        loop.exec()
        if not so():
            raise TimeoutError("the window does not come to it")

    yield live


def _touch(window: Any, frames: list[float], touches: int, live: Any) -> dict[str, Any]:
    """Press, wait for a frame, let go, wait for the station's answer on the screen; then a short rest."""
    from PySide6.QtCore import QPointF, Qt
    from PySide6.QtTest import QTest

    view = window.window
    feedback: list[float] = []
    answer: list[float] = []
    changed: list[float] = []
    window.view.changed.connect(lambda: changed.append(time.monotonic()))
    for _ in range(touches):
        rest = time.monotonic() + 0.25
        live(lambda until=rest: time.monotonic() > until)
        item = _control(view.contentItem(), TOUCHED)
        place = item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()
        before = len(frames)
        began = time.monotonic()
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=place)
        live(lambda count=before: len(frames) > count)
        feedback.append(frames[before] - began)
        changed.clear()
        let_go = time.monotonic()
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=place)
        live(lambda: bool(changed) and frames[-1] > changed[0])
        answer.append(next(at for at in frames if at > changed[0]) - let_go)
    return {"feedback": feedback, "answer": answer}


def _control(under: Any, action: str) -> Any:
    if under.isVisible():
        if under.property("actionId") == action:
            return under
        for child in under.childItems():
            if (found := _control(child, action)) is not None:
                return found
    return None


def plot(outcome: Outcome, path: Path) -> None:
    bars_plot(path, outcome.series["took"], unit="seconds", title="The window")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--first", station, state]:
            first_frame(station, state)
        case ["--bare"]:
            bare_frame()
        case ["--idle"]:
            idle()
        case ["--work", touches]:
            write_to(sys.stderr, least="warning")
            work(int(touches))
        case _:
            main(measure, plot)
