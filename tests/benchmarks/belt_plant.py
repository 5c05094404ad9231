"""A whole plant in real time: items an hour, and how soon it runs again when its host or its line has gone.

Simulator and `ims sorter` are processes of their own, joined by pseudo-terminals at the pace of their lines and by
loopback TCP to a library system whose answers take as long as real ones. Whatever is counted is the plant's own word.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.runtime.clock import SystemRng
from drivers.store.lock import socket_in
from drivers.store.sealed import make_key_file
from hw_sim.scenario import load
from tests.benchmarks.bars import say
from tests.benchmarks.stack import Events
from tests.simulation.plant_truth import EXCEPTION, OVERFLOW, wanted_bin
from ui.door import Door
from ui.world import World

SCENARIO = """
schema_version = 1
name = "bench-belt"
seed = 1
today = "2026-11-03T10:42:00+01:00"
[devices.belt]
kind = "plc"
pace = "real"
baud = 115200
[devices.tunnel]
kind = "feig"
pace = "real"
baud = {baud}
[plant]
mm_s = {mm_s}
horn_s = 0.5
capacity = 100000
{built}
[generate]
items = {items}
[library]
answer_ms = 200
answer_p99_ms = 800
stall_share = 0.005
stall_s = 3.0
institution = "DK-746100"
name = "Odense Biblioteker"
user = "sorter"
password = "not-a-secret"
encoding = "utf-8"
location = "Borgernes Hus"
[library.bins]
hold = "105"
reject = "109"
"""
STATION = """
schema_version = 1
site = "odense/plant"
[station]
id = "bench-plant"
name = "Sortering"
seal_key = {{ file = "{key}" }}
[devices.belt]
driver = "modbus"
url = "{belt}"
baud = 115200
[devices.tunnel]
driver = "feig"
url = "{tunnel}"
baud = {baud}
[library]
url = "{library}"
user = "sorter"
password = {{ file = "{password}" }}
"""
IMS = (sys.executable, "-m", "ui.cli")
PATIENCE_S = 30.0
LOOK_S = 0.02
DEATHS = 3
ECHOED_SHARE = 0.8
"""Of the items, at least: others have a dead tag, or their answer came when they lay in a bin."""


BUILT = {
    500: "eye_lead = 500\nfirst_divert = 2400",
    1500: "eye_lead = 480\npitch = 500\nreader_end = 850\nfirst_divert = 3300\ninlet_gap = 180\nmost_items = 16",
}
"""By mm/s: how the plant is built. At the record's speed the reader sees 400 mm, the first plough gives an answer a second and more, items follow
each other every 400 mm, and no more than 16 lie on the belt, which is what a ring of 64 carries."""


@dataclass
class Plant:
    """The world, the plant's host as a process, and what happens in the world."""

    world: World
    events: Events
    station: Path
    directory: Path
    host: "subprocess.Popen[bytes] | None" = None

    def begin(self) -> None:
        """Start the host; it finds the belt as it is."""
        with (self.directory / "host.log").open("ab") as told:
            self.host = subprocess.Popen(
                (*IMS, "sorter", "--station", str(self.station), "--state", str(self.directory / "state")),
                stdout=told,
                stderr=told,
            )  # fmt: skip

    def crash(self) -> None:
        """What a power cut does to the host."""
        host, self.host = self.host, None
        if host is not None:
            os.kill(host.pid, signal.SIGKILL)
            host.wait()

    def press(self, command: str, *, until: Callable[[dict[str, Any]], bool]) -> None:
        """As an operator at the panel does, again each second until the plant is so. Raises TimeoutError."""
        path = socket_in(self.directory / "state")
        began = time.monotonic()
        while not until(truth := self.truth()):
            if time.monotonic() - began > PATIENCE_S:
                raise TimeoutError(f"{command}: {json.dumps(truth)[:160]}")
            with suppress(OSError), Door(path, "ims bench") as door:
                door.request("press", action=f"belt.{command}")
            time.sleep(1)

    def truth(self) -> dict[str, Any]:
        """How the plant really is."""
        return self.world.do("truth", device="belt")

    def until(self, so: Callable[[dict[str, Any]], bool], within: float = PATIENCE_S) -> float:
        """Seconds until the plant is so. Raises TimeoutError."""
        began = time.monotonic()
        while not so(truth := self.truth()):
            if time.monotonic() - began > within:
                said = (self.directory / "host.log").read_text("utf-8")[-600:]
                raise TimeoutError(f"{json.dumps(truth)[:160]} {said}")
            time.sleep(LOOK_S)
        return time.monotonic() - began


def running(truth: dict[str, Any]) -> bool:
    """The belt runs and takes items in: it executes, and its host lives."""
    return bool(truth["moving"] and truth["inlet_open"])


@contextmanager
def plant(items: int, *, mm_s: int, baud: int = 115200, plan: str = "") -> Iterator[Plant]:
    """A plant that runs, with so many items that may be handed in. `baud` is the tunnel reader's, `plan` the text of its plan."""
    with tempfile.TemporaryDirectory(prefix="ims-bench-") as made:
        directory = Path(made)
        password = directory / "library.password"
        password.write_text("not-a-secret", encoding="utf-8")
        password.chmod(0o400)
        key = directory / "seal.key"
        make_key_file(key, SystemRng())
        scenario = directory / "scenario.toml"
        words = SCENARIO.format(items=items, mm_s=mm_s, baud=baud, built=BUILT[mm_s])
        scenario.write_text(words, "utf-8")
        with World(str(scenario), directory / "world") as world:
            station = directory / "station.toml"
            words = STATION.format(key=key, password=password, baud=baud, **world.urls)
            if plan:
                (directory / "plan.toml").write_text(plan, "utf-8")
                words += f'[sorter]\nplan = "{directory / "plan.toml"}"\n'
            station.write_text(words, "utf-8")
            events = Events(f"unix:{directory / 'world' / 'control.sock'}")
            one = Plant(world, events, station, directory)
            one.begin()
            try:
                one.press("reset", until=lambda truth: truth["pack"] == "IDLE")
                one.press("start", until=running)
                yield one
            finally:
                one.crash()
                events.close()


@dataclass(frozen=True, slots=True)
class Rate:
    """What one run came to, by the plant's own word and the library system's."""

    items: int
    """That landed in a bin."""
    planned: int
    """Of these, in the bin that the plan names for them."""
    unreadable: int
    """With a dead tag: the plan names the staff's bin for them."""
    late: int
    """In the staff's or the overflow bin though their tag is sound: the answer came too late, or the tag could not be told apart or armed in time."""
    wrong: tuple[str, ...]
    """In a bin that is neither."""
    an_hour: float
    """Items an hour that landed where the plan says."""
    core: float
    """Share of one core that the controller took."""
    most: int
    """Items on the belt at once, at most."""
    bins: dict[int, int]

    @property
    def late_share(self) -> float:
        return self.late / self.items


def rate(seconds: float, *, mm_s: int) -> Rate:
    """Feed the belt for so long, and look where each item landed."""
    enough = int(seconds * mm_s / 370) + 60
    with plant(enough, mm_s=mm_s) as one:
        rows = {row["id"]: row for row in load(str(one.directory / "scenario.toml")).data["items"]}
        if one.host is None:
            raise ValueError("the host did not start")
        one.world.do("feed", count=enough)
        one.until(lambda truth: any(i["where"] == "bin" for i in truth["items"].values()))
        began, spent, most = time.monotonic(), _cpu_s(one.host.pid), 0
        said = began
        while (gone := time.monotonic() - began) < seconds:
            time.sleep(min(2.0, seconds - gone))
            places = one.truth()["items"].values()
            most = max(most, sum(i["where"] == "belt" for i in places))
            if time.monotonic() - said > 15:
                said = time.monotonic()
                landed = sum(i["where"] == "bin" for i in places)
                say(f"{mm_s / 1000} m/s: {landed} items after {gone:.0f} s")
        core = (_cpu_s(one.host.pid) - spent) / (time.monotonic() - began)
        truth = one.world.do("truth")["devices"]
        landed = [e for e in one.events.of("landed") if e.get("bin")]
    library = truth["library"]
    planned = late = unreadable = 0
    wrong: list[str] = []
    for event in landed:
        row = rows[event["item"]]
        dead = row.get("readable") is False
        unreadable += dead
        wanted = EXCEPTION if dead else wanted_bin(row, library["items"][row["id"]]["status"])
        if event["bin"] == wanted:
            planned += 1
        elif event["bin"] in {OVERFLOW, EXCEPTION}:
            late += 1
        else:
            wrong.append(f"{event['item']}: lies in {event['bin']}, belongs in {wanted}")
    if len(landed) < 10:
        raise ValueError(f"only {len(landed)} items landed in {seconds} s")
    took = landed[-1]["at"] - landed[0]["at"]
    return Rate(
        len(landed),
        planned,
        unreadable,
        late,
        tuple(wrong),
        planned * (len(landed) - 1) / len(landed) * 3600 / took,
        core,
        most,
        dict(sorted(Counter(int(e["bin"]) for e in landed).items())),
    )


def _cpu_s(pid: int) -> float:
    """Seconds of a core that a process has taken."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Echoes:
    """Seconds, one an item, by the world's own clock; each wire at its pace."""

    echoed: list[float]
    """From the library system's answer leaving it until the controller's echo of the destination has left the line."""
    armed: list[float]
    """From a tag coming into the reader's field until its byte is written: read whole first."""
    asked: list[float]
    """From the same until the library system is asked: the item must have left the reader."""


ECHO_S = 8 * 11 / 115_200
"""The echo of a write, on the wire."""


def echoes(items: int) -> Echoes:
    """Sort so many items by the real controller, and take the times of each."""
    with plant(items, mm_s=500) as one:
        one.world.do("feed", count=items)
        one.until(
            lambda truth: sum(i["where"] == "bin" for i in truth["items"].values()) == items,
            within=PATIENCE_S + 3 * items,
        )
        came: dict[str, float] = {}
        for event in one.events.of("in_tunnel"):
            came.setdefault(event["item"], event["at"])
        tids = {item: number for number, item in enumerate(came, start=1)}
        at = {
            what: {e["item"]: e["at"] for e in one.events.of(what)}
            for what in ("afi", "asked", "answered")
        }
        sent = one.events.of("destined")
    found = Echoes([], [], [])
    for item, tid in tids.items():
        answered = at["answered"].get(item)
        after = [
            e["at"]
            for e in sent
            if e["tid"] == tid and answered is not None and e["at"] >= answered
        ]
        if after and answered is not None:
            found.echoed.append(min(after) - answered + ECHO_S)
        if item in at["afi"]:
            found.armed.append(at["afi"][item] - came[item])
        if item in at["asked"]:
            found.asked.append(at["asked"][item] - came[item])
    if len(found.echoed) < items * ECHOED_SHARE:
        raise ValueError(f"only {len(found.echoed)} of {items} destinations were seen")
    return found


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds."""

    shut: float
    """From the line being pulled until the inlet is shut."""
    back: float
    """From the line being plugged in until items are taken in."""
    again: float
    """From the host being killed, and started at once, until items are taken in: the slowest of three."""


def recovery() -> Recovery:
    """Pull the line, plug it in, kill the host and start it, with items on the belt."""
    with plant(200, mm_s=500) as one:
        one.world.do("feed", count=200)
        time.sleep(3)
        one.world.do("unplug", device="belt")
        shut = one.until(lambda truth: not truth["inlet_open"])
        time.sleep(2)
        one.world.do("plug", device="belt")
        back = one.until(running)
        return Recovery(shut, back, started_again(one, DEATHS))


def started_again(one: Plant, deaths: int) -> float:
    """Seconds from the host being killed, and started at once, until items are taken in: the slowest of these deaths."""
    took = []
    for _ in range(deaths):
        time.sleep(3)
        began = time.monotonic()
        one.crash()
        one.begin()
        one.until(lambda truth: not truth["inlet_open"])
        one.until(running)
        took.append(time.monotonic() - began)
    return max(took)
