"""The language is chosen for one visit: offered at the start, changed in the middle, Danish for the next."""

import pytest

from config.texts import LANGUAGES
from drivers.service.view import actions_of
from kiosk.lending.state import Phase
from tests.simulation.rig import Rig, play


def offered(rig: Rig) -> list[str]:
    return [a.id for a in actions_of(rig.screen) if a.id.startswith("language.")]


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_visit_is_in_the_language_chosen_and_the_next_in_danish(language: str) -> None:
    async def story(rig: Rig) -> None:
        every = [f"language.{code}" for code in LANGUAGES]
        assert offered(rig) == every
        await rig.press(f"language.{language}")
        await rig.sign_in()
        await rig.until(lambda s: s.phase is Phase.BORROW)
        assert rig.screen.language == language
        await rig.press("assist.language")
        assert offered(rig) == every
        (chosen,) = [a.id for a in actions_of(rig.screen) if a.id in every and a.selected]
        assert chosen == f"language.{language}"
        await rig.press("close")
        await rig.lay("3846646425")
        await rig.until(lambda s: bool(s.counted) and not s.unsettled)
        await rig.press("finish.none")
        await rig.until(lambda s: s.phase is Phase.END)
        assert rig.screen.language == language
        await rig.lift()
        await rig.until(lambda s: s.phase is Phase.START)
        assert rig.screen.language == "da"

    play(story)


def test_a_language_chosen_by_somebody_who_then_left_does_not_stay() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("language.ar")
        assert rig.screen.language == "ar"
        await rig.until(lambda s: s.language == "da", 400)
        assert rig.state.phase is Phase.START

    play(story)
