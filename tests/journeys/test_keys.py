"""Five keys in the window: where they lead, what shows where they are, and what is pressed."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest

from drivers.service import reading
from drivers.service.reading import Reading
from drivers.service.view import CountdownBody, actions_of
from tests.snapshots.screens import SCREENS, borrow, borrow_many, end, idle, pin
from tests.snapshots.visit import LOST, visit

if TYPE_CHECKING:
    from tests.conftest import Heard
    from tests.journeys.stage import Stage

UP, DOWN = Qt.Key.Key_Up, Qt.Key.Key_Down
LEFT, RIGHT = Qt.Key.Key_Left, Qt.Key.Key_Right


def from_(stage: "Stage", start: str, *keys: Qt.Key) -> str:
    """Where the keys lead from a control."""
    stage.points_at(start)
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
    assert from_(upright, "row.1", DOWN, DOWN) == "row.2"
    assert from_(upright, "row.2", RIGHT) == "undo.2"
    assert from_(upright, "row.3", DOWN) == "row.4", "the refused row has no action, and is heard"
    assert from_(upright, "undo.6", DOWN, DOWN) == "print"
    assert from_(upright, "none", LEFT) == "print"
    assert from_(upright, "print", UP) == "row.7"


def test_left_is_left_also_where_the_screen_is_mirrored(upright: "Stage") -> None:
    upright.show(replace(borrow(), language="ar"))
    assert from_(upright, "print", LEFT) == "none"
    assert from_(upright, "none", RIGHT) == "print"
    assert from_(upright, "print", DOWN) == "none", "down is onward in every language"


@pytest.mark.parametrize("name", sorted(set(SCREENS) - {"end", "closed", "idle", "inlet-idle"}))
def test_arrows_reach_every_control(stage: "Stage", name: str) -> None:
    for language in ("da", "ar"):
        stage.show(SCREENS[name](), language=language)
        arrows_reach_every_control(stage, name)


def arrows_reach_every_control(stage: "Stage", name: str) -> None:
    wanted = {action.id for action in actions_of(SCREENS[name]())}
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
    assert wanted <= reached


def test_a_row_on_another_page_is_shown_when_the_keys_come_to_it(stage: "Stage") -> None:
    stage.show(borrow_many())
    for row in ("row.12", "row.1", "undo.8"):
        assert from_(stage, row) == row
        stage.window.picture()  # once it stands still, it is laid out
        titles = " ".join(stage.reader.texts())
        assert f"bind {row.split('.')[1]}" in titles


def test_a_held_key_is_one_press(upright: "Stage") -> None:
    upright.show(pin())
    held = QKeyEvent(QKeyEvent.Type.KeyPress, RIGHT.value, Qt.KeyboardModifier.NoModifier, "", True)
    upright.points_at("key.1")
    upright.app.sendEvent(upright.window.window, held)
    assert upright.window.view.property("focused") == "key.1"


def test_a_finger_takes_the_ring_away(upright: "Stage") -> None:
    upright.show(borrow())
    upright.points_at("undo.1")
    QTest.mouseClick(upright.window.window, Qt.MouseButton.LeftButton, pos=QPoint(500, 10))
    assert upright.window.view.property("focused") == ""


def test_on_the_idle_warning_any_key_is_a_sign_of_life_and_presses_nothing(
    upright: "Stage",
) -> None:
    upright.show(idle())
    for key in (Qt.Key.Key_Return, DOWN, Qt.Key.Key_Return):
        QTest.keyClick(upright.window.window, key)
    assert upright.pressed() == []


def test_keys_do_nothing_where_nothing_can_be_pressed(upright: "Stage") -> None:
    upright.show(end())
    assert from_(upright, "", DOWN, RIGHT) == ""


def test_no_screen_holds_the_keys(heard: "Heard") -> None:
    """From every stop the keys lead to every control, and so out of any part of a screen (WCAG 2.2, 2.1.2)."""
    heard.expect(*LOST)
    for name, screen in {**{n: make() for n, make in SCREENS.items()}, **visit()}.items():
        if isinstance(screen.body, CountdownBody):
            continue  # any key is a sign of life there
        screen = replace(screen, aloud=True)
        new, _ = reading.came(Reading(), screen)
        first, _ = reading.key(new, screen, "down")
        leads: dict[str, set[str]] = {}
        ahead = [first]
        while ahead:
            here = ahead.pop()
            if here.focused not in leads:
                there = [
                    reading.key(here, screen, job)[0] for job in ("up", "down", "left", "right")
                ]
                leads[here.focused] = {each.focused for each in there}
                ahead += there
        for start in leads:
            reached, new_ones = {start}, {start}
            while new_ones:
                new_ones = set().union(*(leads[each] for each in new_ones)) - reached
                reached |= new_ones
            assert {action.id for action in actions_of(screen)} <= reached, (name, start)
