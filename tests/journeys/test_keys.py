"""Five keys: up, down, left, right as the eye sees it, and one to press."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.snapshots.screens import SCREENS, borrow, end, pin

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

UP, DOWN = Qt.Key.Key_Up, Qt.Key.Key_Down
LEFT, RIGHT = Qt.Key.Key_Left, Qt.Key.Key_Right


def from_(stage: "Stage", start: str, *keys: Qt.Key) -> str:
    """Where the keys lead from a control."""
    stage.window.view.pointAt(start)
    for key in keys:
        QTest.keyClick(stage.window.window, key)
    return str(stage.window.view.property("focused"))


@pytest.mark.parametrize("language", ["da", "ar"])
def test_the_keypad_is_walked_as_it_lies(stage: "Stage", language: str) -> None:
    stage.show(pin(), language=language)
    assert from_(stage, "key.1", RIGHT) == "key.2"
    assert from_(stage, "key.1", DOWN) == "key.4"
    assert from_(stage, "key.5", LEFT) == "key.4"
    assert from_(stage, "key.5", UP) == "key.2"
    assert from_(stage, "key.8", DOWN) == "key.0"
    assert from_(stage, "key.0", RIGHT) == "key.erase"
    assert from_(stage, "key.1", RIGHT, DOWN, LEFT, UP) == "key.1"


def test_rows_are_walked_downwards_and_buttons_sideways(upright: "Stage") -> None:
    upright.show(borrow())
    assert from_(upright, "undo.1", DOWN) == "undo.2"
    assert from_(upright, "undo.2", DOWN) == "undo.4", "the refused row has no action"
    assert from_(upright, "undo.6", DOWN) == "none"
    assert from_(upright, "none", LEFT) == "print"
    assert from_(upright, "none", UP) == "undo.6"


def test_left_is_left_also_where_the_screen_is_mirrored(upright: "Stage") -> None:
    upright.show(replace(borrow(), language="ar"))
    assert from_(upright, "print", LEFT) == "none"
    assert from_(upright, "none", RIGHT) == "print"
    assert from_(upright, "none", LEFT) == "none", "nothing lies further to the left"


@pytest.mark.parametrize("language", ["da", "ar"])
@pytest.mark.parametrize("name", sorted(set(SCREENS) - {"end", "closed"}))
def test_arrows_reach_every_control(stage: "Stage", name: str, language: str) -> None:
    stage.show(SCREENS[name](), language=language)
    wanted = len(stage.reader.pressables())
    QTest.keyClick(stage.window.window, DOWN)
    reached = {str(stage.window.view.property("focused"))}
    ahead = list(reached)
    while ahead:
        here = ahead.pop()
        for key in (UP, DOWN, LEFT, RIGHT):
            there = from_(stage, here, key)
            if there not in reached:
                reached.add(there)
                ahead.append(there)
    assert len(reached) == wanted


def test_keys_do_nothing_where_nothing_can_be_pressed(upright: "Stage") -> None:
    upright.show(end())
    assert from_(upright, "", DOWN, RIGHT) == ""
