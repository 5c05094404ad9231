"""Ten books laid at once on the station that ships, in real time over ptys and loopback: until all are lent.

The clock runs in the simulated world: from its "laid" to the last "afi" of its tags, both in its own time. The
library system takes 300 ms an answer on one SIP2 line; a station can do no better than the sum of its ten
answers. Floor in the same run: a bare socket that asks the same ten checkouts one after the other.
"""

import json
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from config.load import load_text
from config.texts import Catalogue
from drivers.runtime.clock import SystemRng
from drivers.service.view import RowsBody, Snapshot
from drivers.store.sealed import make_key_file
from tests.benchmarks.bars import Bar, Outcome, figure, main, middle, say
from ui.running import Running
from ui.world import World

SCENARIO = "stack-10"
TODAY = "2026-11-03T10:42:00+01:00"
"""When the world's own time begins."""
BOOKS = 10
ANSWER_S = 0.3
ON_LOAN = "c2"
PATIENCE_S = 30.0

STATION = """
schema_version = 1
site = "odense/borgernes-hus"

[station]
id = "bench-1"
name = "Automat 1"

[devices.pad]
driver = "feig"
url = "{pad}"

[devices.scanner]
driver = "barcode"
url = "{scanner}"

[devices.printer]
driver = "escpos"
url = "{printer}"

[library]
url = "{library}"
user = "kiosk"
password = {{ file = "{password}" }}

[nearest]
name = "Automat 2"
metres = 12
direction = "right"
landmark = "Ved trappen"
"""


class Events:
    """What happens in the world, by its own clock; read in a thread, so that nothing waits for us."""

    def __init__(self, control: str) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._line.connect(control.removeprefix("unix:"))
        self._line.sendall(b'{"v":1,"id":1,"do":"subscribe"}\n')
        self.heard: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for line in self._line.makefile("rb"):
            event = json.loads(line)
            if "event" in event:
                self.heard.append(event)

    def of(self, what: str) -> list[dict[str, Any]]:
        return [event for event in tuple(self.heard) if event["event"] == what]

    def close(self) -> None:
        self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._line.close()


class Visit:
    """One station in one world, with its newest snapshot and the times of its inventories."""

    def __init__(self, world: World, events: Events, running: Running) -> None:
        self.world = world
        self.events = events
        self.running = running
        self.polls: list[float] = []
        self._newest: Snapshot | None = None
        self._news = threading.Condition()

    def told(self, snapshot: Snapshot) -> None:
        with self._news:
            self._newest = snapshot
            self._news.notify_all()

    def until(self, so: Callable[[Snapshot], bool]) -> None:
        """Wait for a screen. Raises TimeoutError."""
        with self._news:
            if not self._news.wait_for(
                lambda: self._newest is not None and so(self._newest), PATIENCE_S
            ):
                seen = self._newest.screen.name if self._newest else "nothing"
                raise TimeoutError(f"the station stands at {seen}")

    def on(self, screen: str) -> None:
        self.until(lambda snapshot: snapshot.screen.name == screen)

    def press(self, action: str) -> None:
        self.running.send("press", {"action": action})

    def sign_in(self) -> None:
        self.on("start")
        self.world.do("scan", text="1234567890")
        self.on("pin")
        for digit in "1234":
            self.press(f"key.{digit}")
        self.on("borrow")

    def watch_polls(self) -> None:
        """Note when each inventory ends, in the station's own time."""
        pad = self.running._kiosk._pad  # type: ignore[union-attr]
        polled = pad._polled  # type: ignore[union-attr]

        def noted(uids: Any) -> None:
            self.polls.append(time.monotonic())
            polled(uids)

        pad._polled = noted  # type: ignore[union-attr]


def _nobody(_: Snapshot) -> None:
    pass


@contextmanager
def visit(also: Callable[[Snapshot], None] = _nobody) -> Iterator[Visit]:
    """A simulator as a child process and the shipping station in this one; `also` is told each snapshot."""
    directory = Path(tempfile.mkdtemp(prefix="ims-bench-"))
    try:
        password = directory / "library.password"
        password.write_text("not-a-secret", encoding="utf-8")
        password.chmod(0o400)
        key = make_key_file(directory / "seal.key", SystemRng())
        with World(SCENARIO, directory / "world") as world:
            config = load_text(STATION.format(password=password, **world.urls)).station
            events = Events(f"unix:{directory / 'world' / 'control.sock'}")
            running = Running(
                config,
                catalogue=Catalogue.load(config.station.time_zone),
                state=directory / "state",
                key=key,
            )
            one = Visit(world, events, running)

            def told(snapshot: Snapshot) -> None:
                also(snapshot)
                one.told(snapshot)

            running.start(told, lambda: None)
            one.watch_polls()
            try:
                yield one
            finally:
                running.stop()
                events.close()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def measure(quick: bool) -> Outcome:
    runs = []
    floors = []
    count = 3 if quick else 5
    for number in range(count):
        say(f"run {number + 1} of {count}")
        runs.append(_run(number))
        floors.append(_floor())
    wanted = BOOKS * ANSWER_S
    took = middle([run["seconds"] for run in runs])
    bars = (
        Bar("ten books on loan and disarmed", took / wanted, 1.15, "times the answers", "lower"),
        Bar(
            "longest between two inventories",
            max(run["longest_gap"] for run in runs),
            0.5,
            "s",
            "lower",
        ),
    )
    figures = {
        "seconds of each run": [round(run["seconds"], 3) for run in runs],
        "sum of the ten answers, s": wanted,
        "bare socket, ten checkouts, s": round(middle(floors), 3),
        "beside the bare socket, times": round(took / middle(floors), 3),
        "before the first question, s": round(middle([run["first"] for run in runs]), 3),
        "between two questions, s": round(middle([run["between"] for run in runs]), 4),
        "after the last question, s": round(middle([run["last"] for run in runs]), 3),
        "on the screen after the last tag, s": round(middle([run["shown"] for run in runs]), 3),
    }
    return Outcome("stack", bars, figures, {"run": runs[-1]})


def _run(number: int) -> dict[str, Any]:
    with visit() as one:
        items = [item["id"] for item in one.world.do("hello")["items"]]
        one.sign_in()
        time.sleep(0.5 + number * 0.057)  # begin at another place between two polls each time
        one.world.do("lay", items=items)
        laid_here = time.monotonic()
        one.until(_all_done)
        done_here = time.monotonic()
        truth = one.world.do("truth")
        (laid,) = one.events.of("laid")
        written = one.events.of("afi")
        polls = [at for at in one.polls if at < done_here]
    _judge(truth, written)
    asked = [a for a in truth["devices"]["library"]["asked"] if a["message"] == "11"]
    zero = datetime.fromisoformat(TODAY).timestamp() + laid["at"]
    asked_at = [datetime.fromisoformat(a["at"]).timestamp() - zero for a in asked]
    afi_at = [event["at"] - laid["at"] for event in written]
    during = [at for at in polls if at >= laid_here - 0.5]
    gaps = [b - a for a, b in pairwise(during)]
    return {
        "seconds": afi_at[-1],
        "asked": asked_at,
        "afi": afi_at,
        "polls": [at - laid_here for at in during],
        "first": asked_at[0],
        "between": middle([b - a for a, b in pairwise(asked_at)]),
        "last": afi_at[-1] - asked_at[-1],
        "shown": done_here - laid_here - afi_at[-1],
        "longest_gap": max(gaps),
    }


def _all_done(snapshot: Snapshot) -> bool:
    body = snapshot.screen.body
    return (
        isinstance(body, RowsBody)
        and len(body.rows) == BOOKS
        and all(row.mark == "done" for row in body.rows)
    )


def _judge(truth: dict[str, Any], written: list[dict[str, Any]]) -> None:
    """The world's word that all is as it should be. Raises ValueError when it is not."""
    library = truth["devices"]["library"]
    tags = [tag for item in truth["world"]["items"].values() for tag in item["tags"]]
    if len(library["loans"]) != BOOKS or any(tag["afi"] != ON_LOAN for tag in tags):
        raise ValueError("the world does not hold ten loans and ten silent tags")
    if len(written) != BOOKS:
        raise ValueError(f"{len(written)} tags were written, not {BOOKS}")


def _floor() -> float:
    """Ten checkouts by a bare socket that knows its bytes, on a fresh world of the same scenario."""
    directory = Path(tempfile.mkdtemp(prefix="ims-bench-"))
    try:
        with World(SCENARIO, directory) as world:
            host, _, port = world.urls["library"].removeprefix("sip2://").partition(":")
            with socket.create_connection((host, int(port))) as line:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                answers = line.makefile("rb")
                line.sendall(b"9300CNkiosk|COnot-a-secret|\r")
                _until_cr(answers)
                began = time.perf_counter()
                for number in range(1, BOOKS + 1):
                    line.sendall(
                        b"11NN20261103    104200                  AODK-746100|AA1234567890|"
                        b"AB40000000%02d|AC|AD1234|\r" % number
                    )
                    if not _until_cr(answers).startswith(b"121"):
                        raise ValueError("the library system refused the bare socket")
                return time.perf_counter() - began
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _until_cr(answers: Any) -> bytes:
    got = b""
    while not got.endswith(b"\r"):
        got += answers.read(1)
    return got


def plot(outcome: Outcome, path: Path) -> None:
    """One run: when each book was asked for and disarmed, and when the pad was looked at."""
    run = outcome.series["run"]
    drawn, axes = figure()
    books = range(1, BOOKS + 1)
    axes.plot(run["asked"], books, "o", color="#5B6770", label="asked for")
    axes.plot(run["afi"], books, "s", color="#1F6F5C", label="tag disarmed")
    axes.plot(run["polls"], [0] * len(run["polls"]), "|", color="#A03B2A", label="pad looked at")
    axes.axvline(BOOKS * ANSWER_S, color="#A03B2A", linestyle="--", linewidth=1)
    axes.set_xlabel("seconds since the stack was laid (dashed: the ten answers alone)")
    axes.set_ylabel("book")
    axes.set_title("Ten books at once", loc="left")
    axes.legend(loc="upper left", frameon=False)
    drawn.savefig(path)


if __name__ == "__main__":
    main(measure, plot)
