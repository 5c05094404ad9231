"""Cues as data: one for each thing that happens, short, told apart, and never lost in a stack."""

from drivers.service.view import Cue
from ui.sound import DUCKED_DB, QUIET_MS, TONES, Cues, RecordedCues

LONGEST_MS = 1000
"""No sound over a second: EN 301 549, 5.1.3.10 allows three."""


def test_every_cue_has_its_own_short_tone() -> None:
    assert set(TONES) == set(Cue)
    assert all(0 < tone.milliseconds <= LONGEST_MS for tone in TONES.values())
    assert len({(tone.notes, tone.together) for tone in TONES.values()}) == len(TONES)


def test_a_hold_is_heard_right_after_another_item() -> None:
    at = [0]
    player = RecordedCues()
    cues = Cues(player, lambda: at[0])
    for moment, cue in ((0, Cue.ITEM_OK), (QUIET_MS - 1, Cue.HOLD), (QUIET_MS, Cue.ITEM_OK)):
        at[0] = moment
        cues.play(cue, -12)
    assert player.played == [Cue.ITEM_OK, Cue.HOLD, Cue.ITEM_OK]


def test_silence_plays_nothing_and_speech_lowers_the_rest() -> None:
    player = RecordedCues()
    cues = Cues(player, lambda: 0)
    cues.play(Cue.DONE, None)
    cues.play(Cue.DONE, -12)
    cues.play(Cue.KEY, -12, ducked=True)
    assert list(zip(player.played, player.decibels, strict=True)) == [
        (Cue.DONE, -12),
        (Cue.KEY, -12 + DUCKED_DB),
    ]
