"""Scenario files: the bundled ones stand, and a wrong one says everything that is wrong with it."""

from pathlib import Path

import pytest

from hw_sim.scenario import ScenarioError, bundled, load, parse
from hw_sim.stage import Stage

GOOD = """
schema_version = 1
name = "test"
seed = 7
today = 2026-11-03T10:42:00+01:00
[devices.pad]
kind = "feig"
pace = "real"
baud = 38400
[library]
institution = "DK-746100"
[[items]]
id = "3846646425"
title = "Lykke-Per"
parts = 2
loan_days = 7
[[patrons]]
card = "1234567890"
pin = "1234"
[[steps]]
at = 2
do = "lift"
[[steps]]
at = 1.5
do = "lay"
items = ["3846646425"]
"""


@pytest.mark.parametrize("name", sorted(bundled()))
def test_every_bundled_scenario_stands(name: str) -> None:
    scenario = load(name)
    assert scenario.name == name
    assert scenario.about
    stage = Stage(scenario)
    if name.startswith("plant-"):
        assert {"belt", "tunnel"} <= set(stage.places)
        return
    assert set(stage.places) - {"mail", "card", "terminal"} == {
        "pad",
        "scanner",
        "printer",
        "speaker",
        "keys",
        "library",
    }
    assert len(stage.world.items) == len(scenario.items)


def test_the_reference_visit_is_there() -> None:
    scenario = load("first-loan")
    titles = {item.title: item for item in scenario.items}
    assert len(titles) == 7
    assert titles["Skak for begyndere"].parts == 3
    assert scenario.today.isoformat() == "2026-11-03T10:42:00+01:00"
    assert [row["title"] for row in scenario.data["items"] if row.get("reserved")] == [
        "Danmarks historie i 50 kort"
    ]
    assert scenario.patrons[0]["name"] == "Karen Testesen"


def test_a_good_file_is_read_whole() -> None:
    scenario = parse(GOOD)
    assert (scenario.name, scenario.seed) == ("test", 7)
    assert scenario.devices["pad"].baud == 38400
    assert scenario.items[0].parts == 2
    assert [(step.at, step.do) for step in scenario.steps] == [(1.5, "lay"), (2.0, "lift")]
    assert scenario.steps[0].args == {"items": ["3846646425"]}
    assert scenario.has_library


def test_all_that_is_wrong_is_said_at_once() -> None:
    text = """
schema_version = 2
colour = "red"
today = "tomorrow"
[devices.pad]
kind = "3m"
baud = "fast"
[devices.toaster]
kind = "x"
[[items]]
title = "no id"
parts = 0
[[items]]
id = "1"
format = "foreign"
raw = "zz"
[[items]]
id = "1"
afi = 256
colour = "A"
[[patrons]]
nickname = "Bo"
[[steps]]
do = "lay"
"""
    with pytest.raises(ScenarioError) as failed:
        parse(text, "wrong.toml")
    lines = str(failed.value).splitlines()
    keys = [line.split(": ")[1] for line in lines]
    assert all(line.startswith("wrong.toml: ") for line in lines)
    assert sorted(keys) == sorted(
        [
            "colour",
            "schema_version",
            "today",
            "devices.pad.baud",
            "devices.pad.kind",
            "devices.toaster",
            "items[0].id",
            "items[0].parts",
            "items[1].raw",
            "items[2].id",
            "items[2].afi",
            "items[2].colour",
            "steps[0].at",
            "patrons[0].nickname",
        ]
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("= 1", "wrong.toml: "),
        ("schema_version = 1\nitems = 3", r"items: must be tables"),
        ("schema_version = 1\ntoday = 2026-11-03T10:42:00", "needs a date, a time and an offset"),
        ("schema_version = 1\nname = 3", "name: must be str"),
    ],
)
def test_one_wrong_thing(line: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        parse(line, "wrong.toml")


def test_an_unknown_file_names_the_bundled_ones(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="first-loan"):
        load(tmp_path / "none.toml")


def test_a_file_is_read_by_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD, "utf-8")
    assert load(file).name == "test"


def test_what_no_tag_can_hold_is_a_scenario_error() -> None:
    text = GOOD.replace('id = "3846646425"', f'id = "{"1" * 17}"', 1)
    with pytest.raises(ScenarioError, match="longer than 16"):
        Stage(parse(text))
