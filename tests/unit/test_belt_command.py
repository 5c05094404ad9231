"""`ims belt` at the simulated controller, over a pty: words, JSON, exit codes, and that nothing moves without leave."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drivers.modbus_belt.alarms import words
from tests.unit.test_docs import SECTIONS
from ui.cli import app
from ui.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World("plant-nine-bins", tmp_path_factory.mktemp("plant") / "w") as found:
        yield found


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[World]:
    """A plant that no host has ever spoken to: one that fell silent is an alarm of its own."""
    with World("plant-nine-bins", tmp_path / "w") as found:
        yield found


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    words: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.words)
        return found


def ims(world: World, *words: str, answer: float = 2.0) -> Said:
    # a PLC on a busy machine may think for longer
    asked = ["belt", "--url", world.urls["belt"], "--answer", str(answer), *words]
    done = CliRunner().invoke(app, asked, prog_name="ims")
    return Said(done.exit_code, done.stdout)


def keys(verb: str, which: int = 0) -> set[str]:
    return SECTIONS[f"ims belt {verb}"].keys[which]


def test_identify(world: World) -> None:
    said = ims(world, "identify", "--json")
    assert (said.code, set(said.json)) == (0, keys("identify"))
    assert len(said.json["diverts"]) == 9
    assert "9 bins" in ims(world, "identify").words


def test_state(world: World) -> None:
    said = ims(world, "state", "--json")
    assert (said.code, set(said.json)) == (0, keys("state"))
    assert said.json["mode"] == "production"
    assert "Bins full: none" in ims(world, "state").words


def test_a_command_that_is_taken_and_one_that_is_not(world: World) -> None:
    no = ims(world, "command", "unhold", "--json")
    assert (no.code, set(no.json), no.json["result"]) == (1, keys("command"), "wrong_state")
    yes = ims(world, "command", "enable-bin", "4", "0", "--json")
    assert (yes.code, yes.json["result"]) == (0, "ok")
    bad = ims(world, "command", "enable-bin", "99", "1")
    assert (bad.code, "out of range" in bad.words) == (1, True)


def test_an_alarm_is_told_by_cause_and_remedy_and_acknowledged(fresh: World) -> None:
    fresh.do("guard", open=True)
    try:
        said = ims(fresh, "state")
        assert "Alarm 2, the first that came: guard: a guard is open. Do: close it" in said.words
        (one,) = ims(fresh, "state", "--json").json["alarms"]
        assert (one["name"], one["severity"], one["do"][:8]) == ("guard", "now", "close it")
        raised = ims(fresh, "watch", "--take", "--count", "6").words
        assert "raised, guard: a guard is open. Do: close it" in raised
    finally:
        fresh.do("guard", open=False)
    assert "Is over, not acknowledged: alarm 2" in ims(fresh, "state").words
    ims(fresh, "command", "acknowledge-alarm", "0")
    assert "alarm 2" not in ims(fresh, "state").words


def test_a_number_that_no_table_has_is_said_to_be_so() -> None:
    assert words(17, 5) == "alarm 17 at bin 3: in no table; the maker of the PLC program knows it"
    assert words(25) == "alarm 25: the plant's own; the maker of the PLC program knows it"


def test_watch_shows_a_state_and_writes_nothing(world: World) -> None:
    said = ims(world, "watch", "--count", "1", "--json")
    assert (said.code, set(said.json)) == (0, keys("watch"))


def test_watch_takes_what_happens(world: World) -> None:
    ims(world, "command", "reset")
    ims(world, "command", "stop")  # two states each at least, whatever it was before
    said = ims(world, "watch", "--take", "--count", "3", "--json")
    lines = [json.loads(line) for line in said.words.splitlines()]
    events = [line for line in lines if "sequence" in line]
    assert events
    assert {frozenset(e) for e in events} == {frozenset(keys("watch", 1))}


def test_conformance_reads_and_writes_a_report_and_the_world_stands_still(
    world: World, tmp_path: Path
) -> None:
    page = tmp_path / "report.md"
    said = ims(world, "conformance", "--report", str(page), "--json", answer=0.4)
    assert set(said.json) == keys("conformance")
    assert said.json["not_run"] == 15
    verdicts = {c["id"]: c["verdict"] for c in said.json["checks"]}
    assert verdicts["identity"] == verdicts["window-moves"] == verdicts["table"] == "kept"
    assert said.code == (0 if said.json["ok"] else 1)
    assert "| identity | kept |" in page.read_text(encoding="utf-8")
    assert world.do("truth")["devices"]["belt"]["encoder"] == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("command", "emergency-stop"), "there is no command"),
        (("command", "mode", "70000"), "0 to 65535"),
        (("command", "mode", "manual"), "0 to 65535"),
        (("conformance", "--report", "/nowhere/x.md"), "can be written"),
    ],
)
def test_wrong_use_is_said(world: World, words: tuple[str, ...], says: str) -> None:
    said = ims(world, *words, "--json")
    assert said.code == 2
    assert says in json.dumps(said.json["error"])


def test_nobody_there() -> None:
    done = subprocess.run(
        (sys.executable, "-m", "ui.cli", "belt", "--url", "/dev/nothing", "identify"),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 3
    assert done.stdout == b""
