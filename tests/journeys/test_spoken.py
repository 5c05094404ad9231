"""What is read aloud covers what is seen, on every screen there is (EN 301 549 v3.2.1, 5.1.3.1, 5.1.3.6, 5.1.3.9)."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from config.texts import LANGUAGES, Catalogue, Channel, sentence, text
from drivers.service import reading
from drivers.service.reading import Reading
from drivers.service.spoken import passages, private
from drivers.service.view import RowsBody, Screen
from tests.snapshots.screens import SCREENS
from tests.snapshots.visit import visit

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

CATALOGUE = Catalogue.load()
UNSEEN = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))


@pytest.fixture(scope="session")
def screens() -> dict[str, Screen]:
    return {**{name: make() for name, make in SCREENS.items()}, **visit()}


def said(screen: Screen) -> str:
    """All that can be heard of a screen, each passage as one sentence and its pieces one by one."""
    heard: list[str] = []
    for passage in passages(screen):
        language = passage.language or screen.language
        pieces = [CATALOGUE.say(words, language, Channel.SPEECH) for words in passage.texts]
        heard += [sentence(pieces), *pieces]
    return " | ".join(heard)


@pytest.mark.parametrize("language", ["da", "ar"])
def test_every_visible_text_and_every_icon_is_heard(
    upright: "Stage", screens: dict[str, Screen], language: str
) -> None:
    silent: list[str] = []
    for name, one in screens.items():
        screen = replace(one, language=language)
        upright.show(screen)
        heard, pages = said(screen), _paging(screen)
        for node in upright.reader.nodes():
            words = node.name.translate(UNSEEN).replace("\u2011", "-")
            if words in pages or not words:
                assert words or not node.pressable, f"{name}: an icon without a name"
                continue
            if words not in heard:
                silent.append(f"{name}: {words}")
    assert silent == []


def _paging(screen: Screen) -> set[str]:
    """Words of the window's own pages: who listens hears every row, and the page turns by itself."""

    def says(key: str, **args: str | int) -> str:
        return CATALOGUE.say(text(key, **args), screen.language, Channel.SPEECH)

    found = {says("paging.next"), says("paging.first")}
    rows = screen.body.rows if isinstance(screen.body, RowsBody) else ()
    count = len(rows)
    for first in range(1, count + 1):
        found |= {
            says("paging.label", first=first, last=last, all=count)
            for last in range(first + 1, count + 1)
        }
        found.add(says("paging.label_one", nth=first, all=count))
    for row in rows:
        state, title = (
            CATALOGUE.say(words, screen.language, Channel.SPEECH)
            for words in (row.state, row.title)
        )
        found.add(says("paging.refused_elsewhere", state=state, title=title))
    return found


def test_nothing_private_goes_to_where_others_hear(screens: dict[str, Screen]) -> None:
    for name, one in screens.items():
        screen = replace(one, aloud=True)
        state, step = reading.came(Reading(), screen)
        utterances = list(step.say)
        for _ in range(80):
            state, step = reading.key(state, screen, "down")
            utterances += step.say
        for utterance in utterances:
            assert not utterance.private, name
            ours = {words for p in passages(screen) if p.ours for words in p.texts}
            assert not any(private(words) and words not in ours for words in utterance.texts), name


def test_in_a_headset_everything_is_said_and_what_is_private_is_marked(
    screens: dict[str, Screen],
) -> None:
    screen = replace(screens["borrow"], aloud=True)
    _, step = reading.came(Reading(headset=True), screen)
    titles = [u for u in step.say if any("Lykke-Per" in str(words) for words in u.texts)]
    assert titles
    assert all(utterance.private for utterance in titles)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_words_for_all_that_is_said(screens: dict[str, Screen], language: str) -> None:
    for one in screens.values():
        assert said(replace(one, language=language))
