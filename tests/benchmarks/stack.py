"""Ten books laid at once on the station that ships, in real time over ptys and loopback: until all are lent.

The clock runs in the simulated world: from its "laid" to the last "afi" of its tags, both in its own time. The
library system takes 300 ms an answer. On one SIP2 line a station can do no better than the sum of its ten answers;
floor in the same run: a bare socket that asks the same ten checkouts one after the other. FBS takes three calls at once.
"""

import json
import re
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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

SCENARIOS = Path(__file__).parents[2] / "hw_sim" / "scenarios"
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
driver = "{driver}"
url = "{library}"
{authority}
user = "kiosk"
password = {{ file = "{password}" }}

[nearest]
name = "Automat 2"
metres = 12
direction = "right"
landmark = "Ved trappen"
"""


@dataclass(frozen=True, slots=True)
class Setup:
    """A library system and the speed of the item reader's line."""

    driver: str
    baud: int

    @property
    def name(self) -> str:
        return f"{self.driver} at {self.baud} baud"

    def scenario(self, directory: Path) -> Path:
        """The bundled scenario with this speed, as a file."""
        bundled = "stack-10-fbs" if self.driver == "fbs" else "stack-10"
        text = (SCENARIOS / f"{bundled}.toml").read_text(encoding="utf-8")
        text, changed = re.subn(r"baud = \d+", f"baud = {self.baud}", text)
        if changed != 1:
            raise ValueError(f"{bundled} does not say the reader's speed once")
        file = directory / "scenario.toml"
        file.write_text(text, encoding="utf-8")
        return file


SIP2 = Setup("sip2", 38400)
FBS = Setup("fbs", 38400)
FBS_FAST = Setup("fbs", 115200)


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
        pad = self.running._station._pad  # type: ignore[union-attr]
        polled = pad._polled

        def noted(uids: Any) -> None:
            self.polls.append(time.monotonic())
            polled(uids)

        pad._polled = noted


def _nobody(_: Snapshot) -> None:
    pass


@contextmanager
def visit(also: Callable[[Snapshot], None] = _nobody, setup: Setup = SIP2) -> Iterator[Visit]:
    """A simulator as a child process and the shipping station in this one; `also` is told each snapshot."""
    directory = Path(tempfile.mkdtemp(prefix="ims-bench-"))
    try:
        password = directory / "library.password"
        password.write_text("not-a-secret", encoding="utf-8")
        password.chmod(0o400)
        key = make_key_file(directory / "seal.key", SystemRng())
        scenario = setup.scenario(directory)
        with World(str(scenario), directory / "world") as world:
            ca = world.authorities.get("library")
            authority = f'ca_file = "{ca}"' if ca else ""
            config = load_text(
                STATION.format(
                    password=password, driver=setup.driver, authority=authority, **world.urls
                )
            ).station
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
    runs: dict[Setup, list[dict[str, Any]]] = {SIP2: [], FBS: [], FBS_FAST: []}
    floors = []
    count = 2 if quick else 5
    for number in range(count):
        say(f"run {number + 1} of {count}")
        for setup, done in runs.items():
            done.append(_run(setup, number))
        floors.append(_floor())
    wanted = BOOKS * ANSWER_S
    took = {setup: middle([run["seconds"] for run in done]) for setup, done in runs.items()}
    sip2 = runs[SIP2]
    gap = max(run["longest_gap"] for done in runs.values() for run in done)
    bars = (
        Bar("ten books on loan and disarmed, sip2", took[SIP2] / wanted, 1.15, "times the answers", "lower"),
        Bar(f"ten books, {FBS.name}", took[FBS], 2.0, "s", "lower"),
        Bar(f"ten books, {FBS_FAST.name}", took[FBS_FAST], 1.7, "s", "lower"),
        Bar("longest between two inventories", gap, 0.5, "s", "lower"),
    )  # fmt: skip
    figures = {
        **{
            f"seconds of each run, {setup.name}": [round(run["seconds"], 3) for run in done]
            for setup, done in runs.items()
        },
        "sum of the ten answers, s": wanted,
        "four rounds of three answers, s": 4 * ANSWER_S,
        "bare socket, ten checkouts, s": round(middle(floors), 3),
        "sip2 beside the bare socket, times": round(took[SIP2] / middle(floors), 3),
    }
    for setup, done in runs.items():
        for what, key in (
            ("before the first question", "first"),
            ("after the last question", "last"),
            ("on the screen after the last tag", "shown"),
            ("longest between two inventories", "longest_gap"),
        ):
            figures[f"{what}, {setup.name}, s"] = round(middle([run[key] for run in done]), 3)
    figures["between two questions, sip2, s"] = round(middle([run["between"] for run in sip2]), 4)
    return Outcome("stack", bars, figures, {setup.name: done[-1] for setup, done in runs.items()})


def _run(setup: Setup, number: int) -> dict[str, Any]:
    with visit(setup=setup) as one:
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
        with World(str(SIP2.scenario(directory)), directory / "world") as world:
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
    """One run of each: when each book was asked for and disarmed, and when the pad was looked at."""
    drawn, _ = figure(height=2.2 * len(outcome.series))
    drawn.clear()
    books = range(1, BOOKS + 1)
    rows = drawn.subplots(len(outcome.series))
    for axes, (name, run) in zip(rows, outcome.series.items(), strict=True):
        axes.plot(run["asked"], books, "o", color="#5B6770", label="asked for")
        axes.plot(run["afi"], books, "s", color="#1F6F5C", label="tag disarmed")
        axes.plot(
            run["polls"], [0] * len(run["polls"]), "|", color="#A03B2A", label="pad looked at"
        )
        axes.set_ylabel("book")
        axes.set_title(f"Ten books at once, {name}", loc="left")
        axes.set_xlim(-0.6, BOOKS * ANSWER_S + 0.8)
    rows[0].legend(loc="lower right", frameon=False)
    rows[-1].set_xlabel("seconds since the stack was laid")
    drawn.savefig(path)


if __name__ == "__main__":
    main(measure, plot)
