"""The simulator as a process: its ready line, its ends, and `ims sim` before it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

WAIT_S = 30


def _start(
    *options: str, module: str = "hw_sim", environment: Mapping[str, str] | None = None
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        (sys.executable, "-m", module, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def _ready(child: "subprocess.Popen[str]") -> dict[str, Any]:
    assert child.stdout is not None
    ready: dict[str, Any] = json.loads(child.stdout.readline())
    return ready


def test_it_says_when_all_stand_and_ends_at_sigterm(tmp_path: Path) -> None:
    with _start("--scenario", "first-loan", "--dir", str(tmp_path)) as child:
        ready = _ready(child)
        assert (ready["v"], ready["ready"]) == (1, True)
        roles = {
            "pad",
            "scanner",
            "printer",
            "speaker",
            "keys",
            "terminal",
            "card",
            "library",
            "mail",
        }
        assert set(ready["devices"]) == roles
        assert ready["devices"]["pad"]["url"] == str(tmp_path / "pad")
        assert (tmp_path / "pad").is_char_device()
        assert ready["devices"]["library"]["url"].startswith("sip2://127.0.0.1:")
        assert ready["control"] == f"unix:{tmp_path / 'control.sock'}"
        child.send_signal(signal.SIGTERM)
        rest, complaint = child.communicate(timeout=WAIT_S)
        assert (child.returncode, rest, complaint) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_it_ends_when_told_to_over_the_control_socket(tmp_path: Path) -> None:
    with _start("--scenario", "empty", "--dir", str(tmp_path)) as child:
        path = _ready(child)["control"].removeprefix("unix:")
        with socket.socket(socket.AF_UNIX) as hand:
            hand.settimeout(WAIT_S)
            hand.connect(path)
            hand.sendall(b'{"v":1,"id":1,"do":"stop"}\n')
            assert json.loads(hand.makefile().readline())["ok"] is True
        assert child.wait(WAIT_S) == 0
        child.communicate()


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    with subprocess.Popen((sys.executable, "-c", "input()"), stdin=subprocess.PIPE) as parent:
        options = ("--scenario", "empty", "--dir", str(tmp_path), "--parent-pid", str(parent.pid))
        with _start(*options) as child:
            _ready(child)
            parent.communicate(b"\n", timeout=WAIT_S)
            assert child.wait(WAIT_S) == 0
            child.communicate()


def test_a_scenario_that_cannot_be_used_is_2(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("schema_version = 9", "utf-8")
    with _start("--scenario", str(file)) as child:
        out, complaint = child.communicate(timeout=WAIT_S)
    assert (child.returncode, out) == (2, "")
    assert complaint == "hw_sim: wrong.toml: schema_version: must be 1\n"


def test_ims_sim_lists_runs_and_refuses() -> None:
    with _start("sim", "--list", "--json", module="ui.cli") as child:
        out, _ = child.communicate(timeout=WAIT_S)
    assert {"first-loan", "empty"} <= {s["name"] for s in json.loads(out)["scenarios"]}
    with _start("sim", "--scenario", "empty", "--json", module="ui.cli") as child:
        ready = _ready(child)
        assert ready["ready"] is True
        child.send_signal(signal.SIGTERM)
        assert child.wait(WAIT_S) == 0
        child.communicate()
    assert not Path(ready["devices"]["pad"]["url"]).is_symlink()
    with _start("sim", "--scenario", "none", "--json", module="ui.cli") as child:
        out, _ = child.communicate(timeout=WAIT_S)
    assert child.returncode == 2
    assert json.loads(out)["error"]["code"] == "scenario.bad"


def test_a_desk_without_a_display_is_3_and_says_so() -> None:
    bare = {k: v for k, v in os.environ.items() if "DISPLAY" not in k and k != "QT_QPA_PLATFORM"}
    options = ("sim", "--scenario", "empty", "--desk", "--json")
    with _start(*options, module="ui.cli", environment=bare) as child:
        out, _ = child.communicate(timeout=WAIT_S)
    assert child.returncode == 3
    ready, error = out.splitlines()
    assert json.loads(ready)["ready"] is True
    assert json.loads(error)["error"]["code"] == "sim.no_desk"


@pytest.mark.parametrize("option", ["--list", "--help"])
def test_help_and_list_need_no_scenario(option: str) -> None:
    with _start(option) as child:
        out, _ = child.communicate(timeout=WAIT_S)
    assert child.returncode == 0
    assert out
