"""The panel's own mind: what a press, a key and silence make of it; the line's picture is never changed by it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.texts import LANGUAGES, Catalogue, text
from drivers.service.view import BeltBody, actions_of
from tests.snapshots import plant
from tests.snapshots.plant import on, shown
from ui.panel import face
from ui.panel.face import MOST_TYPED, OLD_S, Ask, Contact, Page, Panel
from ui.panel.story import Story

NOW = datetime(2026, 11, 3, 9, 42, tzinfo=UTC)
CATALOGUE = Catalogue.load()


def words(panel: Panel) -> str:
    screen = shown(panel)
    pieces = [screen.title, *(screen.body.lines if hasattr(screen.body, "lines") else ())]
    pieces += [screen.banner.name, screen.banner.words] if screen.banner else []
    return " ".join(CATALOGUE.say(piece, "da") for piece in pieces)


def typing(panel: Panel, code: str) -> Panel:
    for character in code:
        name = "MINUS" if character == "-" else character
        panel, asks = face.key(panel, name, ())
        assert asks == ()
    return panel


# --- how old the picture is -----------------------------------------------------------------------


@given(st.floats(0, OLD_S))
def test_a_young_picture_is_the_same_picture(age: float) -> None:
    panel = on()
    assert face.aged(panel, age) is panel
    assert shown(panel).banner is None


@given(st.floats(OLD_S, 1e6, exclude_min=True))
def test_an_old_picture_says_so_stands_still_and_offers_nothing(age: float) -> None:
    panel = face.aged(on(), age)
    screen = shown(panel)
    assert "Billedet er gammelt" in words(panel)
    assert f"{max(2, int(age))}" in words(panel)
    assert screen.reduced_motion
    of_line = [a for a in actions_of(screen) if not a.id.startswith("panel.")]
    assert of_line
    assert all(a.reason == text("panel.old.reason") for a in of_line)
    for action in actions_of(screen):
        assert face.press(panel, action.id)[1] == ()


def test_a_sign_of_life_makes_the_same_picture_true_again() -> None:
    panel = face.heard(face.aged(on(), 30), None, NOW)
    assert shown(panel) == shown(on())


def test_what_is_told_in_words_changes_once_a_second() -> None:
    panel = face.aged(on(), 3.1)
    assert face.aged(panel, 3.9) == panel
    assert face.aged(panel, 4.0) != panel


def test_the_clock_in_the_corner_goes_by_minutes() -> None:
    panel = face.ticked(on(), NOW)
    corner = shown(panel).corner
    assert corner is not None
    assert "10.42" in CATALOGUE.say(corner, "da")
    assert face.ticked(panel, NOW.replace(second=59)) is panel
    assert face.ticked(panel, NOW.replace(minute=43)) is not panel


# --- no line ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", [Contact.GONE, Contact.FULL, Contact.STRANGE, Contact.LOOKING])
def test_without_a_line_nothing_of_the_belt_is_shown(why: Contact) -> None:
    panel = face.lost(on(), why)
    screen = shown(panel)
    assert not isinstance(screen.body, BeltBody)
    assert "Se på båndet selv" in words(panel)
    assert face.press(panel, "belt.stop")[1] == ()


def test_a_sign_of_life_alone_is_no_picture() -> None:
    assert face.heard(face.lost(on(), Contact.GONE), None, NOW).body is None


def test_it_comes_back_with_the_line() -> None:
    again = face.heard(face.lost(on(), Contact.GONE), plant.line(plant.PLANT, plant.RUNNING), NOW)
    assert shown(again) == shown(on())


# --- presses ----------------------------------------------------------------------------------------


def test_what_the_line_offers_goes_to_the_line_and_nothing_else() -> None:
    panel = on()
    assert face.press(panel, "belt.stop")[1] == (Ask("press", (("action", "belt.stop"),)),)
    assert face.press(panel, "belt.start")[1] == ()
    assert face.press(panel, "seen.31")[1] == (Ask("press", (("action", "seen.31"),)),)


def test_what_the_line_says_no_to_is_not_asked() -> None:
    why = text("sorter.no.e_stop")
    panel = on(actions=(plant.do("start", why=why),))
    assert face.press(panel, "belt.start")[1] == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_panels_look_is_its_own(language: str) -> None:
    panel, _ = face.press(on(), "panel.language")
    assert shown(panel).name == "panel_language"
    panel, asks = face.press(panel, f"language.{language}")
    assert (shown(panel).language, asks) == (language, ())
    panel, _ = face.press(panel, "panel.contrast")
    panel, _ = face.press(panel, "panel.larger")
    assert (shown(panel).theme, shown(panel).large_text) == ("high_contrast", True)
    assert shown(panel).reduced_motion


def test_every_action_that_is_shown_can_be_reached_by_keys() -> None:
    for make in plant.PLANT_SCREENS.values():
        screen = make()
        assert set(screen.focus) == {action.id for action in actions_of(screen)}


def test_the_keys_go_round_and_press_what_they_point_at() -> None:
    focus = shown(on()).focus
    panel = on()
    for wanted in (*focus, focus[0]):
        panel, _ = face.key(panel, "TAB", focus)
        assert panel.focused == wanted
    panel, _ = face.key(panel, "UP", focus)
    assert panel.focused == focus[-1]
    at = replace(on(), focused="belt.hold")
    assert face.key(at, "ENTER", focus)[1] == (Ask("press", (("action", "belt.hold"),)),)


# --- scans ------------------------------------------------------------------------------------------


def test_a_scan_that_is_typed_goes_to_the_line_as_it_is() -> None:
    panel, asks = face.key(typing(on(), "A-04"), "ENTER", ())
    assert asks == (Ask("scan", (("label", "A-04"),)),)
    assert panel.typed == ""


def test_the_same_by_the_keypad_on_the_screen() -> None:
    panel, _ = face.press(on(), "panel.find")
    for digit in "38466":
        panel, _ = face.press(panel, f"key.{digit}")
    panel, _ = face.press(panel, "key.erase")
    panel, asks = face.press(panel, "panel.send")
    assert asks == (Ask("item", (("item", "3846"),)),)
    assert panel.page is Page.STORY
    assert shown(panel).lead == text("panel.story.waiting")


# --- the story of an item ---------------------------------------------------------------------------


def asked(item: str) -> Panel:
    return face.key(typing(on(), item), "ENTER", ())[0]


def test_a_number_that_is_no_items_may_be_a_label() -> None:
    panel, asks = face.refused(asked("0042"), "item", "station.request", silent=False)
    assert asks == (Ask("scan", (("label", "0042"),)),)
    assert panel.page is Page.BELT


def test_the_story_is_shown_of_the_item_that_was_asked_for_and_of_no_other() -> None:
    panel = face.told(asked("3846646425"), Story(item="3846646426"))
    assert shown(panel).lead == text("panel.story.waiting")
    panel = face.told(panel, Story(item="3846646425"))
    assert shown(panel).lead == text("panel.story.unknown")
    left, _ = face.press(panel, "panel.back")
    assert left.story is None
    assert face.told(left, Story(item="3846646425")) == left


def test_a_line_that_goes_takes_the_story_along() -> None:
    assert face.lost(asked("3846646425"), Contact.GONE).page is Page.BELT


def test_a_scan_is_not_sent_while_the_picture_is_old_or_there_is_none() -> None:
    for panel in (face.aged(on(), 5), face.lost(on(), Contact.GONE)):
        assert face.key(typing(panel, "A-04"), "ENTER", ())[1] == ()


@given(st.lists(st.sampled_from([*"AZ09", "MINUS", "BACKSPACE", "ESC", "F5", "TAB", "æ"])))
def test_no_keys_make_more_than_a_label_or_anything_else(keys: list[str]) -> None:
    panel = on()
    for name in keys:
        panel, _ = face.key(panel, name, ())
    assert len(panel.typed) <= MOST_TYPED
    assert panel.typed.replace("-", "").isalnum() or set(panel.typed) <= {"-"}
    assert panel.line == on().line


def test_what_was_not_done_is_said_until_the_next_press() -> None:
    panel, asks = face.refused(on(), "press", "station.request", silent=False)
    assert asks == ()
    body = shown(panel).body
    assert isinstance(body, BeltBody)
    assert body.notice == text("panel.refused")
    body = shown(face.press(panel, "belt.hold")[0]).body
    assert isinstance(body, BeltBody)
    assert body.notice is None


def test_a_press_that_cannot_be_saved_says_so() -> None:
    panel, asks = face.refused(on(), "press", "store.full", silent=False)
    assert asks == ()
    assert panel.notice == text("sorter.no.unsaved")
