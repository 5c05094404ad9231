"""While it is read aloud every screen has a strip, and large text with it: nothing is cut off, covered, small or nameless."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drivers.service.view import Screen, actions_of
from tests.journeys.fit import faults, parts
from tests.snapshots.judge import Figures, small
from tests.snapshots.screens import SCREENS, aloud
from tests.snapshots.visit import LOST, visit

if TYPE_CHECKING:
    from tests.conftest import Heard
    from tests.journeys.stage import Stage


def screens() -> dict[str, Screen]:
    return {**{name: make() for name, make in SCREENS.items()}, **visit()}


@pytest.mark.parametrize("language", ["da", "uk", "ar"])
def test_every_screen_fits_with_the_strip_in_large_text(
    stage: "Stage", language: str, heard: "Heard"
) -> None:
    heard.expect(*LOST)
    found: list[str] = []
    for name, one in screens().items():
        stage.show(aloud(one), language=language, large_text=True)
        stage.window.picture()  # once it stands still, it is laid out
        shown = parts(stage.window.window.rootObject())
        found += [f"{name}: {fault}" for fault in faults(shown)]
        found += [f"{name}: {fault}" for fault in small(shown, stage.table.px_per_mm, Figures())]
        found += [f"{name}: nameless" for node in stage.reader.pressables() if not node.name]
        there = {action.id for action in actions_of(aloud(one))}
        assert {"speech.repeat", "speech.go_on"} <= there
    assert found == []


def test_a_strip_that_stands_on_a_screen_is_told_by_its_names(upright: "Stage") -> None:
    upright.show(replace(aloud(SCREENS["borrow"]()), language="da"))
    for name in ("Gentag", "Fortsæt"):
        upright.reader.press(name)
    assert upright.pressed() == ["speech.repeat", "speech.go_on"]
