"""The desk as a process beside the simulator: who ends whom."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

WAIT_S = 30
OFFSCREEN = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}


@contextmanager
def _simulator(
    directory: Path, *options: str, env: dict[str, str] = OFFSCREEN
) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    command = (sys.executable, "-m", "hw_sim", "--scenario", "empty", "--dir", str(directory))
    with subprocess.Popen(
        (*command, *options), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        try:
            yield child, json.loads(child.stdout.readline())
        finally:
            child.kill()
            child.communicate(timeout=WAIT_S)


def _ask(control: str, **request: object) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as hand:
        hand.settimeout(WAIT_S)
        hand.connect(control.removeprefix("unix:"))
        hand.sendall(json.dumps({"v": 1, **request}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(hand.makefile().readline())
        return answer


@contextmanager
def _desk(control: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        (sys.executable, "-m", "hw_sim.desk", control),
        env=OFFSCREEN,
        stderr=subprocess.PIPE,
        text=True,
    ) as desk:
        try:
            yield desk
        finally:
            desk.kill()


def _until(so: Callable[[], bool]) -> None:
    never = threading.Event()
    for _ in range(WAIT_S * 50):
        if so():
            return
        never.wait(0.02)
    raise AssertionError("it never came")


def _desk_of(pid: int) -> int:
    """The desk that this simulator has started, once it can be closed politely."""
    found: list[int] = []

    def there() -> bool:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        found[:] = [int(child) for child in children if _closable(int(child))]
        return bool(found)

    _until(there)
    return found[0]


def _closable(pid: int) -> bool:
    """It is the desk, and it catches SIGTERM."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text()
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return "hw_sim.desk" in command and bool(caught >> (signal.SIGTERM - 1) & 1)


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "with a parent"])
def test_sigterm_ends_simulator_and_desk_with_0(tmp_path: Path, *, shared: bool) -> None:
    parent = ("--parent-pid", str(os.getpid())) if shared else ()
    with _simulator(tmp_path, "--desk", *parent) as (child, _):
        desk = _desk_of(child.pid)
        child.send_signal(signal.SIGTERM)
        assert child.wait(WAIT_S) == 0
        assert not Path(f"/proc/{desk}").exists()
        assert child.stderr is not None
        assert child.stderr.read() == ""


def test_a_closed_desk_ends_a_simulator_that_nobody_else_started(tmp_path: Path) -> None:
    with _simulator(tmp_path, "--desk") as (child, _):
        desk = _desk_of(child.pid)
        os.kill(desk, signal.SIGTERM)
        assert child.wait(WAIT_S) == 0


def test_a_closed_desk_leaves_a_simulator_that_somebody_else_started(tmp_path: Path) -> None:
    with _simulator(tmp_path, "--desk", "--parent-pid", str(os.getpid())) as (child, ready):
        desk = _desk_of(child.pid)
        os.kill(desk, signal.SIGTERM)
        _until(lambda: not Path(f"/proc/{desk}").exists())
        assert _ask(ready["control"], do="hello")["ok"] is True
        _ask(ready["control"], do="stop")
        assert child.wait(WAIT_S) == 0


def test_the_desk_ends_when_the_simulator_does(tmp_path: Path) -> None:
    with _simulator(tmp_path) as (child, ready), _desk(ready["control"]) as desk:
        _until(lambda: _closable(desk.pid))
        child.kill()
        assert desk.wait(WAIT_S) == 0


def test_without_a_display_it_says_so_and_ends_with_3(tmp_path: Path) -> None:
    bare = {
        key: value
        for key, value in os.environ.items()
        if key not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    }
    with _simulator(tmp_path, "--desk", env=bare) as (child, _):
        _, complaint = child.communicate(timeout=WAIT_S)
        assert child.returncode == 3
        assert complaint == "hw_sim: there is no display to show the desk on\n"
