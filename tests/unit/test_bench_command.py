"""`ims bench`: names, the shape of what it writes, and its ends. The figures are judged by nobody here."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.benchmarks.bars import Bar, Outcome
from ui.cli import app


def ims(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["bench", *arguments])
    return result.exit_code, result.output


def test_without_a_name_it_lists_what_there_is() -> None:
    code, said = ims()
    assert code == 0
    assert [line.split()[0] for line in said.splitlines()] == [
        "codecs",
        "stack",
        "journal",
        "ui",
        "sim",
        "ux",
        "belt",
        "crash",
        "sort",
        "plant",
    ]


def test_an_unknown_name_is_wrong_use() -> None:
    code, said = ims("nothing")
    assert code == 2
    assert "codecs, stack, journal, ui, sim, ux, belt" in said


@pytest.mark.timeout(120)
def test_the_file_has_the_documented_shape(tmp_path: Path) -> None:
    file = tmp_path / "codecs.json"
    code, _ = ims("codecs", "--quick", "--json", str(file))
    told = json.loads(file.read_text(encoding="utf-8"))
    assert set(told) == {"bench", "machine", "bars", "figures", "ok"}
    assert told["bench"] == "codecs"
    assert set(told["machine"]) == {"cpu", "cores", "kernel", "python", "sqlite", "load"}
    assert len(told["bars"]) == 4
    for bar in told["bars"]:
        assert set(bar) == {"name", "value", "limit", "unit", "better", "ok"}
        assert bar["value"] > 0
    assert told["ok"] is all(bar["ok"] for bar in told["bars"])
    assert code == (0 if told["ok"] else 1)


@pytest.mark.parametrize(
    ("value", "better", "ok"),
    [(2, "lower", False), (1, "lower", True), (1, "higher", True), (0.5, "higher", False)],
)
def test_a_bar_is_met_on_its_good_side(value: float, better: str, ok: bool) -> None:
    bar = Bar("a", value, 1, "s", better)  # type: ignore[arg-type]
    assert bar.ok is ok
    assert Outcome("b", [bar]).as_json()["ok"] is ok
