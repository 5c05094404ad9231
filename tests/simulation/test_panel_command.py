"""`ims panel` as a process: it waits for its line, and whatever becomes of it changes nothing on the belt."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.runtime.clock import SystemRng
from drivers.service.link import StationClient
from drivers.store.lock import socket_in
from drivers.store.sealed import make_key_file
from ui.world import World

SCENARIO = """
schema_version = 1
name = "short-plant"
about = "A quick belt with few bins"
seed = 1
today = "2026-11-03T10:42:00+01:00"
[devices.belt]
kind = "plc"
pace = "none"
[devices.tunnel]
kind = "feig"
pace = "none"
[plant]
bins = 9
mm_s = 1000
horn_s = 0.1
[generate]
items = 12
[library]
answer_ms = 20
institution = "DK-746100"
name = "Odense Biblioteker"
user = "sorter"
password = "not-a-secret"
encoding = "utf-8"
location = "Borgernes Hus"
"""
STATION = """
schema_version = 1
[station]
id = "plant-1"
kind = "sorter"
place = "Borgernes Hus"
name = "Sortering"
seal_key = {{ file = "{key}" }}
[devices.belt]
driver = "modbus"
url = "{belt}"
[devices.tunnel]
driver = "feig"
url = "{tunnel}"
[library]
url = "{library}"
user = "sorter"
password = {{ file = "{password}" }}
institution = "DK-746100"
[sorter]
plan = "odense"
"""
KIOSK = Path(__file__).parents[2] / "config/sites/example-station.toml"
WAIT_S = 60.0
NOWHERE = {"belt": "/dev/null", "tunnel": "/dev/zero", "library": "sip2://127.0.0.1:1"}


def ims(*words: str, **more: str) -> "subprocess.Popen[str]":
    command = "import sys; from ui.cli import app; app(prog_name='ims', args=sys.argv[1:])"
    return subprocess.Popen(
        (sys.executable, "-c", command, *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **more},
    )


@contextmanager
def running(*words: str, ready: str) -> "Iterator[subprocess.Popen[str]]":
    """A process that has said it is ready; whatever is left of it is ended."""
    with ims(*words) as child:
        try:
            assert child.stdout is not None
            line = child.stdout.readline()
            assert ready in line, (line, child.stderr.read() if child.stderr else "")
            yield child
        finally:
            child.kill()
            child.communicate()


@pytest.fixture
def short() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ims") as found:
        yield Path(found)


def test_a_kiosk_has_no_panel_of_this_kind() -> None:
    child = ims("panel", "--station", str(KIOSK))
    _, words = child.communicate(timeout=WAIT_S)
    assert child.returncode == 2
    assert "this station is a kiosk, not a sorting plant" in words


def test_without_a_display_it_says_so(short: Path) -> None:
    file = station_file(short, NOWHERE)
    child = ims("panel", "--station", file, QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
    _, words = child.communicate(timeout=WAIT_S)
    assert child.returncode == 2
    assert "there is no display" in words


def test_it_waits_for_a_line_that_is_not_there_and_ends_when_it_is_told(short: Path) -> None:
    file = station_file(short, NOWHERE)
    with running(
        "panel", "--station", file, "--state", str(short / "s"), ready="panel ready"
    ) as child:
        child.send_signal(signal.SIGTERM)
        assert child.wait(WAIT_S) == 0
    assert not (short / "s").exists(), "it makes nothing where the line keeps its own"


def station_file(short: Path, urls: dict[str, str]) -> str:
    password = short / "library.password"
    password.write_text("not-a-secret", encoding="utf-8")
    password.chmod(0o400)
    make_key_file(short / "seal.key", SystemRng())
    file = short / "station.toml"
    file.write_text(
        STATION.format(key=short / "seal.key", password=password, **urls), encoding="utf-8"
    )
    return str(file)


async def asked(state: Path, name: str, args: dict[str, Any] | None = None) -> Any:
    client = await StationClient.connect(socket_in(state))
    try:
        return await client.request(name, args or {})
    finally:
        await client.close()


def status(state: Path) -> Any:
    return asyncio.run(asked(state, "status"))


def until(state: Path, so: Any) -> Any:
    end = time.monotonic() + WAIT_S
    while True:
        found = status(state)
        if so(found):
            return found
        assert time.monotonic() < end, found
        time.sleep(0.05)


def press(state: Path, action: str) -> None:
    asyncio.run(asked(state, "press", {"action": action}))


def test_a_panel_that_is_killed_changes_nothing_on_the_belt(short: Path) -> None:
    """kill -9 while items lie on the belt: all of them come to their bins, and another panel takes its place."""
    scenario, state = short / "short-plant.toml", short / "state"
    scenario.write_text(SCENARIO, encoding="utf-8")
    with ExitStack() as all_of_it:
        world = all_of_it.enter_context(World(str(scenario), short / "world", now=True))
        file = station_file(short, world.urls)
        panel = ("panel", "--station", file, "--state", str(state))
        line = all_of_it.enter_context(
            running("sorter", "--station", file, "--state", str(state), ready="station ready")
        )
        first = all_of_it.enter_context(running(*panel, ready="panel ready"))
        for before, action, after in (
            ("stopped", "belt.reset", "idle"),
            ("idle", "belt.start", "execute"),
        ):
            until(state, lambda s, before=before: s["belt"]["state"] == before)
            press(state, action)
            until(state, lambda s, after=after: s["belt"]["state"] == after)
        fed = world.do("feed", count=6, every=0.7)["items"]
        until(state, lambda s: s["belt"]["items"] >= 2)
        first.kill()
        assert first.wait(WAIT_S) == -signal.SIGKILL
        second = all_of_it.enter_context(running(*panel, ready="panel ready"))
        found = until(state, lambda s: s["counts"]["confirmed"] == len(fed))
        assert (found["belt"]["state"], found["belt"]["items"], found["inlet"]) == (
            "execute",
            0,
            "open",
        )
        assert (found["counts"]["missed"], found["counts"]["lost"]) == (0, 0)
        truth = world.do("truth")["devices"]["belt"]["items"]
        assert all(truth[item]["where"] == "bin" for item in fed)
        second.send_signal(signal.SIGTERM)
        assert second.wait(WAIT_S) == 0
        assert line.poll() is None
        assert status(state)["belt"]["state"] == "execute"


def test_the_line_loads_nothing_of_the_panel() -> None:
    """And the panel nothing of the line: neither can take the other down."""
    code = "import sys, {0}; found = [n for n in sys.modules if n.startswith({1!r})]; print(found)"
    for module, others in (
        ("sorter.line", ("ui", "PySide6")),
        ("ui.panel.desk", ("sorter.line", "sorter.doing", "sqlalchemy", "serial")),
    ):
        done = subprocess.run(
            (sys.executable, "-c", code.format(module, others)),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == "[]", done.stdout
