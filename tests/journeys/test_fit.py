"""A change of look in one window; lines of a title. That every screen fits is judged where all are drawn: tests/snapshots."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from config.texts import Catalogue, text
from drivers.service.view import RowsBody, Screen
from tests.journeys.fit import descendants, faults, lines, parts
from tests.snapshots.screens import borrow
from tests.snapshots.visit import visit

if TYPE_CHECKING:
    from tests.journeys.stage import Stage


@pytest.fixture(scope="session")
def screens() -> dict[str, Screen]:
    return visit()


def _shown(stage: "Stage", screen: Screen) -> Iterator[str]:
    stage.show(screen)
    stage.window.picture()  # once it stands still, it is laid out
    return faults(parts(stage.window.window.rootObject()))


def test_a_change_of_look_settles_in_the_same_window(
    stage: "Stage", screens: dict[str, Screen]
) -> None:
    """Rows were once measured by what is seen, and chased each other for ever when the text grew."""
    body = screens["visit-return"].body
    assert isinstance(body, RowsBody)
    assert len(body.rows) > 2
    for rows in (body.rows[:1], body.rows, ()):
        screen = replace(screens["visit-return"], body=replace(body, rows=rows))
        for large in (False, True, False):
            for theme in ("light", "high_contrast"):
                found = list(_shown(stage, replace(screen, large_text=large, theme=theme)))
                assert found == [], (len(rows), large, theme)


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("language", ["da", "uk", "ar"])
def test_why_tabs_cannot_be_had_is_said_once_and_only_while_it_is_so(
    stage: "Stage", screens: dict[str, Screen], language: str, large: bool
) -> None:
    there = replace(screens["visit-empty"], language=language, large_text=large)
    away = tuple(
        tab if tab.selected else replace(tab, reason=text("tab.offline")) for tab in there.tabs
    )
    assert sum(tab.reason is not None for tab in away) > 1
    words = Catalogue.load().say(text("tab.offline"), language)
    for tabs, times in ((there.tabs, 0), (away, 1), (there.tabs, 0)):
        assert list(_shown(stage, replace(there, tabs=tabs))) == []
        shown = parts(stage.window.window.rootObject())
        assert sum(part.says and part.item.property("text") == words for part in shown) == times


def test_faults_are_found(upright: "Stage") -> None:
    screen = replace(borrow(), title=text("borrow.count", n=5, m=7), place=text("closed.sentence"))
    upright.show(replace(screen, corner=text("closed.sentence")))
    shown = parts(upright.window.window.rootObject())
    assert any(fault.startswith("cut off") for fault in faults(shown))


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("language", ["da", "en"])
def test_no_short_word_stands_alone_on_the_last_line_of_a_title(
    stage: "Stage", screens: dict[str, Screen], language: str, large: bool
) -> None:
    for name in ("visit-start", "visit-card", "visit-empty", "visit-end", "visit-clear"):
        stage.show(screens[name], language=language, large_text=large)
        (title,) = [
            item
            for item in descendants(stage.window.window.rootObject())
            if item.objectName() == "title"
        ]
        (words,) = [child for child in title.childItems() if child.isVisible()]
        long = lines(words)
        assert len(long) == words.property("lineCount")
        assert len(long) < 2 or long[-1] >= 0.4 * max(long), (name, long)
