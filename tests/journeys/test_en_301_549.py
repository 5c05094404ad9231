"""A check for each clause of EN 301 549 v3.2.1 that software can meet, by its number, over every sample screen."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from config.access import Keys, Sound
from config.load import load_text
from config.station import Devices
from config.station import Lending as Rules
from config.texts import LANGUAGES, Catalogue, Channel, text
from drivers.escpos.paper import plain
from drivers.keypad.frames import EV_KEY, RECORD, Presses
from drivers.ports import PaperLine, Said
from drivers.ports.speech import LOUDEST, STEP_DB, USUAL
from drivers.service import reading
from drivers.service.reading import Reading
from drivers.service.receipt import as_typed, paper
from drivers.service.receipt import script as receipt_script
from drivers.service.receipt_samples import SAMPLES
from drivers.service.spoken import passages, script, utterance
from drivers.service.view import (
    CountdownBody,
    Cue,
    EntryBody,
    Mark,
    MessageBody,
    RowsBody,
    Screen,
    actions_of,
)
from drivers.speech.recording import RecordingVoice
from drivers.speech.speaking import Speaking
from hw_sim.simloop import run
from kiosk import view
from kiosk.lending.state import Lending
from kiosk.view.rows import Words
from tests.en_301_549 import CLAUSES, report
from tests.journeys.flows import FLOWS
from tests.simulation.rig import STATION
from tests.simulation.tables import proven
from tests.snapshots.judge import EDGE, GAP_MM, PRIMARY_MM, SMALLEST_MM, TEXT, contrast, luminance
from tests.snapshots.screens import SCREENS
from ui.sound import TONES

ROOT = Path(__file__).parents[2]
CATALOGUE = Catalogue.load()
STATION_ = load_text(STATION).station
WORDS = Words(CATALOGUE.keys(), LANGUAGES)
JOBS = ("up", "down", "left", "right", "select", "repeat", "stop")
Check = Callable[[], None]
CHECKS: dict[str, Check] = {}


def clause(number: str) -> Callable[[Check], Check]:
    def keep(check: Check) -> Check:
        CHECKS[number] = check
        return check

    return keep


def screens() -> list[Screen]:
    return [make() for make in SCREENS.values()]


def aloud() -> list[Screen]:
    """As they stand while they are read aloud and led by keys."""
    return [replace(screen, aloud=True) for screen in screens()]


def told(screen: Screen, *, headset: bool = True) -> tuple[Reading, list[str]]:
    """What is said when it comes."""
    state, step = reading.came(Reading(headset=headset), screen)
    words = [CATALOGUE.say(w, screen.language, Channel.SPEECH) for u in step.say for w in u.texts]
    return state, words


def stops(screen: Screen, job: str) -> list[str]:
    """Where one key leads, until it comes round."""
    state, _ = told(screen)
    found: list[str] = []
    for _ in range(100):
        state, _ = reading.key(state, screen, job)
        if state.focused in found or not state.focused:
            return found
        found.append(state.focused)
    raise AssertionError(f"a focus trap on {screen.name}")


@clause("5.1.2.2")
def every_step_by_ear() -> None:
    for flow in FLOWS.values():
        proven(flow.ear)


@clause("5.1.3.1")
def seen_is_heard() -> None:
    for screen in screens():
        heard = set(script(screen))
        assert screen.title in heard
        for action in actions_of(screen):
            said = action.spoken or action.label
            assert any(said == w or said in dict(w.args).values() for w in heard), action.id


@clause("5.1.3.2")
def a_headset_begins() -> None:
    _, step = reading.plugged(Reading(), into=True)
    assert step.begin


@clause("5.1.3.3")
def speech_follows_the_focus() -> None:
    for screen in aloud():
        state, _ = told(screen)
        for _ in range(8):
            state, step = reading.key(state, screen, "down")
            assert not state.focused or [u.of for u in step.say] == [state.focused]


@clause("5.1.3.4")
def interrupted_and_repeated() -> None:
    for screen in aloud():
        state, _ = told(screen)
        _, again = reading.key(state, screen, "repeat")
        _, silent = reading.key(state, screen, "stop")
        assert again.repeat or isinstance(screen.body, CountdownBody)
        assert silent.hush
        assert not silent.say
    assert Keys().repeat
    assert Keys().stop


@clause("5.1.3.5")
def silence_first() -> None:
    for screen in aloud():
        state, step = reading.came(Reading(), screen)
        assert step.hush
        for job in JOBS:
            assert reading.key(state, screen, job)[1].hush, (screen.name, job)
        assert reading.touched(state)[1].hush


@clause("5.1.3.6")
def icons_have_words() -> None:
    for screen in screens():
        for action in actions_of(screen):
            for language in LANGUAGES:
                said = CATALOGUE.say(action.spoken or action.label, language, Channel.SPEECH)
                assert said.strip(), action.id


@clause("5.1.3.8")
def masked_entry() -> None:
    screen = SCREENS["pin"]()
    digits = [p for p in passages(screen) if p.id.startswith("key.") and p.id != "key.erase"]
    assert len(digits) == 10
    assert all(utterance(digit, privately=False) is None for digit in digits)
    assert all(utterance(digit, privately=True) is not None for digit in digits)


@clause("5.1.3.9")
def private_words_are_refused() -> None:
    async def story() -> None:
        voice = RecordingVoice()
        speaker = Speaking(voice)
        await speaker.open()
        assert await speaker.say("Lykke-Per", "da", private=True) is Said.REFUSED
        assert voice.uttered == []

    run(story())


@clause("5.1.3.10")
def cues_are_short() -> None:
    assert max(tone.milliseconds for tone in TONES.values()) <= 1000
    assert Sound().cue_level < 0


@clause("5.1.3.11")
def keys_for_loudness() -> None:
    assert Keys().louder
    assert Keys().quieter
    for language in LANGUAGES:
        assert "3" in CATALOGUE.say(text("spoken.volume", n=3, m=5), language, Channel.SPEECH)


@clause("5.1.3.13")
def loudness_goes_back() -> None:
    async def story() -> None:
        voice = RecordingVoice()
        speaker = Speaking(voice)
        await speaker.open()
        for step in (LOUDEST, USUAL):
            speaker.loud(step)
            await speaker.say("Lån", "da")
        loud, usual = (one.share for one in voice.uttered)
        assert 20 * math.log10(loud / usual) == pytest.approx(18)

    run(story())


@clause("5.1.3.14")
def in_the_screens_language() -> None:
    start = SCREENS["start"]()
    own = {p.language for p in passages(start) if p.id.startswith("language.")}
    assert own == set(LANGUAGES)
    for language in LANGUAGES:
        said = CATALOGUE.say(start.title, language, Channel.SPEECH)
        assert said != CATALOGUE.say(start.title, "da", Channel.SPEECH) or language == "da"


@clause("5.1.3.15")
def errors_are_told() -> None:
    wrong = next(screen for screen in aloud() if getattr(screen.body, "notice", None))
    assert isinstance(wrong.body, EntryBody)
    assert wrong.body.notice is not None
    assert CATALOGUE.say(wrong.body.notice, "da", Channel.SPEECH) in told(wrong)[1]
    for screen in screens():
        rows = screen.body.rows if isinstance(screen.body, RowsBody) else ()
        for row in rows:
            if row.mark is Mark.REFUSED and row.band == "error":
                assert row.detail or row.advice, (screen.name, row.id)


@clause("5.1.3.16")
def the_receipt_is_heard() -> None:
    words = told(next(s for s in aloud() if s.name == "end"))[1]
    assert any("materiale" in said for said in words)
    assert any("december" in said or "november" in said for said in words)
    for sample in SAMPLES.values():
        printed = paper(sample, CATALOGUE).rows
        heard = [
            CATALOGUE.say(part, sample.language, Channel.SPEECH)
            for breath in receipt_script(sample, CATALOGUE)
            for part in breath
        ]
        link = as_typed(sample.account_link)
        lines = [plain(row.text) for row in printed if isinstance(row, PaperLine)]
        assert [line for line in lines if line != link] == heard, "all of it, in its order"


@clause("5.1.4")
def larger_text() -> None:
    """Cap height of the typeface 0.714 em; the sheet gives 7.3 mm at 600 mm."""
    assert 600 * math.tan(math.radians(0.7)) == pytest.approx(7.33, abs=0.01)
    for screen in screens():
        if screen.assist and not screen.staff:
            assert "assist.larger" in {action.id for action in screen.assist}, screen.name


@clause("5.1.5")
def each_sound_has_its_sign() -> None:
    signs = {Cue.ITEM_OK: Mark.DONE, Cue.REFUSED: Mark.REFUSED, Cue.HOLD: Mark.HOLD}
    over = {"help", "inlet_help"}  # opened after the sound; its sign stands beneath
    cued = [one for one in screens() if one.cue in signs and one.name not in over]
    assert cued
    for screen in cued:
        assert screen.cue is not None
        if isinstance(screen.body, RowsBody):
            assert signs[screen.cue] in {row.mark for row in screen.body.rows}, screen.name
        else:  # one thing that is to be taken out again
            assert isinstance(screen.body, MessageBody)
            assert screen.body.mark in {signs[screen.cue], Mark.PUT_BACK}, screen.name


@clause("5.1.6.1")
def five_keys_reach_all() -> None:
    for screen in aloud():
        if isinstance(screen.body, CountdownBody):
            continue  # any key says that somebody is here
        keys = {action.id for action in actions_of(screen) if action.id.startswith("key.")}
        wanted = {action.id for action in actions_of(screen)} - keys
        assert wanted <= set(stops(screen, "down")), screen.name


@clause("5.1.6.2")
def the_focus_is_never_held() -> None:
    for screen in aloud():
        if not isinstance(screen.body, CountdownBody | EntryBody):
            assert sorted(stops(screen, "down")) == sorted(stops(screen, "up"))


@clause("5.1.7")
def nothing_listens() -> None:
    assert not {"microphone", "voice", "dictation"} & set(Devices.model_fields)


@clause("5.2")
def access_begins_by_itself() -> None:
    for screen in screens():
        for job in JOBS:
            _, step = reading.key(Reading(), replace(screen, aloud=False), job)
            assert step.begin
            assert not step.press


@clause("5.3")
def no_biometrics() -> None:
    ways = set(Devices.model_fields)
    assert {"scanner", "card", "keys"} <= ways
    assert not {"camera", "fingerprint", "face", "iris", "palm"} & ways


@clause("5.5.2")
def the_first_press_only_speaks() -> None:
    for screen in aloud():
        state, _ = told(screen)
        _, step = reading.key(state, screen, "select")
        assert not step.press, screen.name


@clause("5.6")
def what_is_on_says_so() -> None:
    on = [a for s in screens() for a in (*s.assist, *s.tabs) if a.selected]
    assert on
    for screen in screens():
        for passage in passages(screen):
            if passage.action is not None and passage.action.selected:
                said = passage.texts[0].key
                assert said in {"assist.on", "spoken.chosen"}, passage.id


@clause("5.7")
def a_held_key_is_one_press() -> None:
    down = [RECORD.pack(1_790_000_000, 0, EV_KEY, 108, value) for value in (1, 2, 2, 2, 0)]
    assert Presses().feed(b"".join(down)) == ("DOWN",)


@clause("5.8")
def a_trembling_hand() -> None:
    assert Keys(again_s=0.5).again_s == 0.5
    with pytest.raises(ValueError, match="again_s"):
        Keys(again_s=0.6)


@clause("5.9")
def one_key_one_job() -> None:
    every = [key for keys in Keys().jobs().values() for key in keys]
    assert len(every) == len(set(every))


@clause("8.1.3")
def a_shape_and_a_word() -> None:
    for screen in screens():
        rows = screen.body.rows if isinstance(screen.body, RowsBody) else ()
        for row in rows:
            assert CATALOGUE.say(row.state, "da").strip(), row.id


@clause("8.2.1")
def eighteen_decibels() -> None:
    assert (LOUDEST - USUAL) * STEP_DB >= 18
    assert any(step * STEP_DB == 12 for step in range(USUAL, LOUDEST))


@clause("11.1.4.3")
@clause("11.1.4.11")
def themes() -> None:
    """What every screen's pixels are judged by, and that the judge can say no."""
    white, grey = luminance(np.array([0xFFFFFF, 0x949494], np.uint32))
    assert TEXT >= 4.5
    assert EDGE >= 3
    assert contrast(np.array([0.0]), float(white))[0] == pytest.approx(21)
    assert EDGE < contrast(np.array([grey]), float(white))[0] < TEXT


@clause("11.2.2.1")
def warned_and_extended() -> None:
    assert Rules().warning_s >= 20
    with pytest.raises(ValueError, match="warning_s"):
        Rules(warning_s=19)
    idle = next(s for s in aloud() if s.name == "idle")
    assert idle.actions[0].id == "continue"


@clause("11.2.3.1")
def no_motion() -> None:
    for state, still in (
        (Lending(), False),
        (Lending(aloud=True), True),
        (Lending(high_contrast=True), True),
    ):
        shown = view.screen(state, STATION_, WORDS, datetime(2026, 11, 3, tzinfo=UTC), 0.0)
        assert shown.reduced_motion is still


@clause("11.2.4.7")
@clause("11.2.5.2")
def every_control_can_be_pointed_at() -> None:
    for screen in screens():
        assert set(screen.focus) == {action.id for action in actions_of(screen)}, screen.name


@clause("11.3.3.1")
def a_refusal_can_be_mended() -> None:
    ids = {action.id.split(".")[0] for screen in screens() for action in actions_of(screen)}
    assert {"undo", "key", "back", "close"} <= ids
    assert any(action.id == "key.erase" for action in actions_of(SCREENS["pin"]()))


@clause("WCAG 2.2, 2.5.8")
def weights() -> None:
    assert SMALLEST_MM >= 12
    assert PRIMARY_MM >= 20
    assert GAP_MM >= 2
    for screen in screens():
        primary = [a for a in screen.actions if a.weight.value == "primary"]
        assert len(primary) <= 1, screen.name


@clause("WCAG 2.2, 3.2.6")
def help_in_one_place() -> None:
    for screen in screens():
        if screen.assist and not screen.staff:
            assert screen.assist[0].id == "assist.help", screen.name


@clause("WCAG 2.2, 3.3.8")
def no_riddle() -> None:
    body = SCREENS["pin"]().body
    assert isinstance(body, EntryBody)
    assert [key.id for key in body.keys[:3]] == ["key.1", "key.2", "key.3"]


@clause("12.1.1")
def documented() -> None:
    for page in ("docs/explanation/accessibility.md", "docs/da/tilgaengelighed.md"):
        assert "EN 301 549" in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [each.number for each in CLAUSES if each.software])
def test_clause(number: str) -> None:
    CHECKS[number]()
    (one,) = (each for each in CLAUSES if each.number == number)
    if one.by:  # the check that bears its number may be all
        proven(one.by)


def test_each_clause_stands_once_and_no_check_without_one() -> None:
    numbers = [each.number for each in CLAUSES]
    assert len(numbers) == len(set(numbers))
    assert set(CHECKS) == {each.number for each in CLAUSES if each.software}


def test_the_report_is_current() -> None:
    page = (ROOT / "docs/reference/en-301-549.md").read_text(encoding="utf-8")
    assert page == report(), "python -m tests.en_301_549 > docs/reference/en-301-549.md"
