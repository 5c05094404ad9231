"""`ims sorter` in a process of its own: nothing of Qt, its door open, ended by `ims station stop`."""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

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
url = "{no}/belt"
[devices.tunnel]
driver = "feig"
url = "{no}/tunnel"
[library]
url = "sip2://127.0.0.1:1"
institution = "DK-746100"
[sorter]
plan = "{plan}"
"""
CHILD = """
import sys
from ui.cli import app
try:
    app(prog_name="ims", args=sys.argv[1:])
finally:
    loaded = [name for name in sys.modules if name.partition(".")[0] in {"PySide6", "shiboken6"}]
    kiosk = [name for name in sys.modules if name.partition(".")[0] == "kiosk"]
    print("QT", len(loaded), "KIOSK", len(kiosk))
"""


def ims(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        (sys.executable, "-c", CHILD, *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def asked(*words: str) -> str:
    done = ims(*words)
    out, _ = done.communicate(timeout=50)
    return out


def file_of(tmp_path: Path, plan: str = "odense") -> str:
    path = tmp_path / "station.toml"
    text = STATION.format(key=tmp_path / "seal.key", no=tmp_path, plan=plan)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_it_runs_without_qt_and_is_asked_and_stopped_through_its_door(tmp_path: Path) -> None:
    station, state = file_of(tmp_path), str(tmp_path / "state")
    asked("sorter", "--station", station, "--make-key")
    with ims("sorter", "--station", station, "--state", state, "--json") as plant:
        assert plant.stdout is not None
        assert plant.stderr is not None
        try:
            assert "station ready" in plant.stdout.readline()
            status = asked("station", "status", "--state", state, "--json")
            found = json.loads(status.partition("QT")[0])
            assert (found["station"], found["inlet"]) == ("plant-1", "shut")
            assert found["devices"]["belt"]["code"] == "port.absent"
            asked("station", "stop", "--state", state)
            out = plant.stdout.read()
        finally:
            plant.kill()
            plant.stderr.read()
    assert "QT 0 KIOSK 0" in out


def test_a_plan_that_is_none_is_told_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text("profile = 'x'\n", encoding="utf-8")
    station = file_of(tmp_path, str(tmp_path / "plan.toml"))
    asked("sorter", "--station", station, "--make-key")
    done = ims("sorter", "--station", station, "--state", str(tmp_path / "state"))
    out, error = done.communicate(timeout=50)
    assert done.returncode == 2
    assert "The sort plan is not valid" in out + error


def test_a_plan_that_could_put_a_doubtful_item_on_a_shelf_runs_no_belt(tmp_path: Path) -> None:
    """It can be read, and is not fit: the rule is named before anything moves."""
    whole = files("config").joinpath("plans/odense.toml").read_text(encoding="utf-8")
    rules = whole.split("[[rules]]")
    kept = [rule for rule in rules if 'id = "not-armed"' not in rule]
    assert len(kept) == len(rules) - 1
    plan = tmp_path / "plan.toml"
    plan.write_text("[[rules]]".join(kept), encoding="utf-8")
    station = file_of(tmp_path, str(plan))
    asked("sorter", "--station", station, "--make-key")
    process = ims("sorter", "--station", station, "--state", str(tmp_path / "state"))
    out, error = process.communicate(timeout=50)
    assert process.returncode == 2, out + error
    assert "The sort plan is not valid" in out + error
    assert "an item that is not armed" in out + error


def test_a_plan_that_was_broken_since_the_last_run_is_an_alarm_and_the_last_good_one_runs(
    tmp_path: Path,
) -> None:
    file, state = tmp_path / "plan.toml", str(tmp_path / "state")
    whole = files("config").joinpath("plans/odense.toml").read_text(encoding="utf-8")
    file.write_text(whole, encoding="utf-8")
    station = file_of(tmp_path, str(file))
    asked("sorter", "--station", station, "--make-key")
    found, log = [], ""
    for toml in (whole, whole.replace('to = "holds"', 'to = "hold"')):
        file.write_text(toml, encoding="utf-8")
        with ims("sorter", "--station", station, "--state", state) as plant:
            assert plant.stdout is not None
            assert plant.stderr is not None
            try:
                assert "station ready" in plant.stdout.readline()
                status = asked("station", "status", "--state", state, "--json")
                found.append(json.loads(status.partition("QT")[0])["plan"])
                asked("station", "stop", "--state", state)
                plant.stdout.read()
                log = plant.stderr.read()
            finally:
                plant.kill()
    good, broken = found
    assert good["refused"] is None
    assert broken["fingerprint"] == good["fingerprint"]
    assert broken["refused"]["why"] == "no_plan"
    (problem,) = broken["refused"]["problems"]
    assert "rule hold-here: no bin 'hold', did you mean 'holds'?" in problem
    assert '"plan.refused"' in log
