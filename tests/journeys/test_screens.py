"""Every sample screen, met as a person without sight, with one finger, or with five keys."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from config.texts import Catalogue, Channel, verbatim
from drivers.service.view import Mark, RowsBody, Screen, Segment, Weight, actions_of
from tests.journeys.fit import descendants
from tests.snapshots.screens import SCREENS, borrow, borrow_many, end, pin, start
from ui.viewmodels.wording import Wording

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

ALL = sorted(SCREENS)
PAGING = {"Vis de næste", "Vis de første", "Show the next", "Show the first"}


def names(screen: Screen) -> list[str]:
    wording = Wording(Catalogue.load(), screen.language)
    return [wording.spoken(action.spoken or action.label) for action in actions_of(screen)]


def in_px(stage: "Stage", millimetres: float) -> float:
    return millimetres * stage.table.px_per_mm


@pytest.mark.parametrize("name", ALL)
def test_each_action_is_pressed_by_its_name(stage: "Stage", name: str) -> None:
    screen = SCREENS[name]()
    stage.show(screen)
    wanted = dict(zip([a.id for a in actions_of(screen)], names(screen), strict=True))
    turns = 0
    for _ in range(4):
        here = {node.name: node for node in stage.reader.pressables()}
        for action_id, said in list(wanted.items()):
            if said in here:
                stage.reader.press(said, here[said].role)
                assert stage.pressed()[-1] == action_id
                del wanted[action_id]
        if not wanted:
            break
        (turn,) = PAGING & set(here)
        stage.reader.press(turn)
        stage.settle()
        turns += 1
    assert not wanted, f"not reachable: {wanted}"
    assert turns == 0 or isinstance(screen.body, RowsBody)


@pytest.mark.parametrize("name", ALL)
def test_what_can_be_pressed_has_a_name_is_large_enough_and_in_reach(
    stage: "Stage", name: str
) -> None:
    screen = SCREENS[name]()
    stage.show(screen)
    nodes = stage.reader.nodes()
    assert [node.line() for node in nodes if not node.name] == []
    assert {node.name for node in nodes if node.pressable} - PAGING <= set(names(screen))
    if stage.table.height > stage.table.width:
        for node in stage.reader.pressables():
            assert node.y >= in_px(stage, 60), node
    large_enough_and_apart(stage, screen)
    stage.show(screen, large_text=True)
    stage.window.picture()  # a frame is laid out anew when it is drawn
    large_enough_and_apart(stage, screen)


def large_enough_and_apart(stage: "Stage", screen: Screen) -> None:
    primary = {
        Wording(Catalogue.load(), "da").spoken(a.spoken or a.label)
        for a in actions_of(screen)
        if a.weight is Weight.PRIMARY
    }
    nodes = stage.reader.pressables()
    for node in nodes:
        least = in_px(stage, 20 if node.name in primary else 12)
        assert min(node.width, node.height) >= least, node
        assert node.x >= 0, node
        assert node.y >= 0, node
        assert node.x + node.width <= stage.table.width, node
        assert node.y + node.height <= stage.table.height, node
    for n, one in enumerate(nodes):
        for other in nodes[n + 1 :]:
            apart = max(
                other.x - one.x - one.width,
                one.x - other.x - other.width,
                other.y - one.y - one.height,
                one.y - other.y - other.height,
            )
            assert apart >= in_px(stage, 2), (one.line(), other.line(), apart)


@pytest.mark.parametrize("name", [name for name in ALL if not name.endswith("idle")])
def test_keys_walk_the_screens_own_order_and_the_ring_is_where_they_are(
    stage: "Stage", name: str
) -> None:
    screen = SCREENS[name]()
    stage.show(screen)
    said = dict(zip([a.id for a in actions_of(screen)], names(screen), strict=True))
    first = ""
    walked: list[str] = []
    for _ in range(60):
        QTest.keyClick(stage.window.window, Qt.Key.Key_Tab)
        stage.settle()
        here = str(stage.window.view.property("focused"))
        if here == first:
            break
        first = first or here
        walked.append(here)
        focused = [node.name for node in stage.reader.nodes() if node.focused]
        assert len(focused) == (1 if here else 0), "one thing has the ring"
        assert not here or here not in said or focused == [said[here]]
    else:
        raise AssertionError(f"a focus trap: {walked}")
    reached = [stop for stop in walked if stop in said and not stop.startswith("key.")]
    assert reached == [a.id for a in actions_of(screen) if not a.id.startswith("key.")]


def test_keys_go_back_and_press(upright: "Stage") -> None:
    upright.show(borrow())
    down, up, enter = Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return
    for key in (down, down, down, up, enter):
        QTest.keyClick(upright.window.window, key)
    assert upright.pressed() == ["undo.1"]


def test_keys_still_work_when_the_focused_row_has_gone(upright: "Stage") -> None:
    upright.show(borrow())
    for _ in range(2):
        QTest.keyClick(upright.window.window, Qt.Key.Key_Tab)
    assert upright.window.view.action("undo.1") is not None
    upright.show(pin())
    QTest.keyClick(upright.window.window, Qt.Key.Key_Tab)
    QTest.keyClick(upright.window.window, Qt.Key.Key_Space)
    assert len(upright.pressed()) == 1


def test_a_finger_acts_on_release_and_may_slide_off(upright: "Stage") -> None:
    upright.show(borrow())
    node = upright.reader.find("Print kvittering")
    middle = QPoint(node.x + node.width // 2, node.y + node.height // 2)
    window = upright.window.window
    QTest.mousePress(window, Qt.MouseButton.LeftButton, pos=middle)
    upright.settle()
    held = window.grabWindow().pixelColor(node.x + 40, middle.y()).name()
    assert held == "#12321f", "the pressed colour shows at once"
    assert upright.pressed() == []
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, pos=middle)
    assert upright.pressed() == ["print"]

    QTest.mousePress(window, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(window, middle + QPoint(0, -300))
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, pos=middle + QPoint(0, -300))
    assert upright.pressed() == ["print"], "sliding off cancels"
    assert ("touch", {}) in upright.sent


def test_an_action_that_is_not_possible_says_why_and_can_be_pressed(upright: "Stage") -> None:
    upright.show(SCREENS["borrow-states"]())
    assert upright.reader.find("Print").description == "Papiret er slut"
    upright.reader.press("Print")
    assert upright.pressed() == ["print"]


def test_pages_hold_every_row_once_and_name_the_refused_elsewhere(upright: "Stage") -> None:
    screen = borrow_many()
    upright.show(screen, large_text=True)
    seen: list[str] = []
    for _ in range(20):
        rows = [n.name for n in upright.reader.nodes() if n.role is QAccessible.Role.ListItem]
        texts = upright.reader.texts()
        here = any("Danmarks historie" in row for row in rows)
        named = any(t.startswith("Ikke lånt: Danmarks historie") for t in texts)
        assert here != named
        label = next(text for text in texts if text.startswith("Materiale "))
        last = "" if len(rows) == 1 else f" til {len(seen) + len(rows)}"
        assert label == f"Materiale {len(seen) + 1}{last} af 12"
        seen += rows
        if "Vis de første" in texts:
            break
        upright.reader.press("Vis de næste")
        upright.settle()
    assert len(seen) == len(set(seen)) == 12
    assert upright.pressed() == [], "turning the page is the renderer's own matter"


def test_a_row_keeps_its_delegate_while_another_changes(upright: "Stage") -> None:
    screen = borrow()
    upright.show(screen)

    def delegates() -> list[QQuickItem]:
        items = descendants(upright.window.window.rootObject())
        return [item for item in items if item.property("rowId")]

    before = delegates()
    body = screen.body
    assert isinstance(body, RowsBody)
    changed = replace(body.rows[-1], mark=Mark.DONE)
    upright.show(
        replace(
            screen,
            body=replace(
                body,
                rows=(*body.rows[:-1], changed, replace(changed, id="8")),
                progress=(*body.progress, Segment("waiting")),
            ),
        )
    )
    after = delegates()
    assert after[:7] == before
    assert len(after) == 8


def test_nothing_of_a_visit_stays_after_the_end(upright: "Stage") -> None:
    upright.show(borrow())
    upright.show(end())
    upright.show(start())
    kept = " ".join(
        str(item.property(field))
        for item in descendants(upright.window.window.rootObject())
        for field in ("text", "title", "spoken", "label")
    )
    for private in ("Karen", "Lykke-Per", "Rødgrød", "Havets hus"):
        assert private not in kept
        assert private not in str(upright.window.view.rows.rows.rows())  # type: ignore[attr-defined]


def test_each_language_reads_its_own_words(upright: "Stage") -> None:
    for language in ("da", "en", "de", "uk", "ar"):
        screen = replace(borrow(), language=language)
        upright.show(screen)
        said = Catalogue.load().say(screen.title, language, Channel.SPEECH)
        assert upright.reader.find(said, QAccessible.Role.Heading).name == said


def test_right_to_left_mirrors_the_screen_but_not_the_keypad(upright: "Stage") -> None:
    upright.show(borrow(), language="ar")
    first, second = (
        upright.reader.find(name)
        for name in names(replace(borrow(), language="ar"))
        if name in ("طباعة الإيصال", "بدون إيصال")
    )
    assert first.x > second.x
    upright.show(pin(), language="ar")
    one, two = upright.reader.find("1"), upright.reader.find("2")
    assert one.x < two.x


def test_cues_sound_once_each(upright: "Stage") -> None:
    upright.show(borrow())
    upright.show(borrow(), title=borrow().title)
    assert [cue.value for cue in upright.cues.played] == ["item_ok"]


def test_two_quiet_actions_that_become_one_leave_the_row_as_if_it_had_always_had_one(
    stage: "Stage", qtbot: QtBot
) -> None:
    def places() -> list[tuple[str, int, int, int]]:
        return [(n.name, n.x, n.y, n.width) for n in stage.reader.nodes()]

    one = borrow()
    assert isinstance(one.body, RowsBody)
    first, *rest = one.body.rows
    more = replace(first.actions[0], id="ask.1", label=verbatim("Spørg personalet"))
    two = replace(first, actions=(*first.actions, more))
    before = replace(one, body=replace(one.body, rows=(two, *rest)))
    stage.show(one)
    wanted = places()
    stage.show(start())
    stage.show(before)
    assert places() != wanted
    stage.show(one)
    qtbot.waitUntil(lambda: places() == wanted)
