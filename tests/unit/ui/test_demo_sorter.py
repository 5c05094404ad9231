"""What the sorting demo tells whoever plays it by hand."""

import json

from hw_sim.scenario import load
from hw_sim.stage import Stage
from ui.demo_sorter import SCENARIO, at_the_plant


def test_the_buttons_that_no_panel_has_are_words_that_the_simulated_plant_takes() -> None:
    told = at_the_plant("unix:/run/ims/control.sock")
    assert "unix:/run/ims/control.sock" in told
    asked = [json.loads(line[line.index("{") :]) for line in told.splitlines() if "{" in line]
    assert [one["do"] for one in asked] == ["e_stop", "e_stop", "empty_belt"]
    assert {"e_stop", "empty_belt"} <= set(Stage(load(SCENARIO)).verbs)
