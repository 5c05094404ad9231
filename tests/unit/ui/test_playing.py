"""Cues as they sound: notes, length, loudness, and a player that is not there."""

import array
import io
import stat
import sys
import wave
from itertools import pairwise
from pathlib import Path

import pytest

from config.access import KEY_NAMES, Sound
from drivers.service.view import Cue
from ui.keys import NAMES
from ui.sound import DUCKED_DB, RATE, TONES, ProcessCues, SilentCues, cue_player, wav


def samples(data: bytes) -> "array.array[int]":
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, RATE)
        found = array.array("h", sound.readframes(sound.getnframes()))
    if sys.byteorder == "big":
        found.byteswap()
    return found


def crossings(found: "array.array[int]") -> int:
    """How often the wave goes upwards through nought: its notes, counted."""
    return sum(a < 0 <= b for a, b in pairwise(found))


@pytest.mark.parametrize("cue", Cue)
def test_a_cue_is_as_long_as_it_says_and_at_most_a_second(cue: Cue) -> None:
    found = samples(wav(TONES[cue], -12))
    assert len(found) / RATE == pytest.approx(TONES[cue].milliseconds / 1000, abs=0.002)
    assert len(found) / RATE <= 1, "EN 301 549, 5.1.3.10 allows three"
    assert found[0] == 0, "no click"


def test_two_notes_go_up_for_done_and_down_for_refused() -> None:
    for cue, rising in ((Cue.ITEM_OK, True), (Cue.REFUSED, False)):
        found = samples(wav(TONES[cue], -12))
        half = len(found) // 2
        assert (crossings(found[:half]) < crossings(found[half:])) is rising


def test_it_is_so_many_decibels_lower_while_something_is_said() -> None:
    loud = max(samples(wav(TONES[Cue.DONE], -12)))
    low = max(samples(wav(TONES[Cue.DONE], -12 + DUCKED_DB)))
    assert loud / low == pytest.approx(10 ** (12 / 20), rel=0.01)


def program(folder: Path, script: str) -> str:
    path = folder / "player"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_player_process_gets_the_wav(tmp_path: Path) -> None:
    kept = tmp_path / "cue.wav"
    sound = Sound(player=program(tmp_path, f"cat > {kept}"), cue_level=-6)
    player = cue_player(sound)
    assert isinstance(player, ProcessCues)
    player.play(Cue.DONE, TONES[Cue.DONE], -6)
    for process in player._playing:
        process.wait(20)
    assert kept.read_bytes() == wav(TONES[Cue.DONE], -6)


def test_players_that_hang_get_no_more(tmp_path: Path) -> None:
    sound = Sound(player=program(tmp_path, "exec sleep 60"))
    player = cue_player(sound)
    assert isinstance(player, ProcessCues)
    for _ in range(9):
        player.play(Cue.KEY, TONES[Cue.KEY], -12)
    assert len(player._playing) == 4
    player.close()


def test_without_the_program_nothing_sounds_and_nothing_fails() -> None:
    for sound in (Sound(player="no-such-player"), Sound(cues=False, player="sh")):
        player = cue_player(sound)
        assert isinstance(player, SilentCues)
        player.play(Cue.DONE, TONES[Cue.DONE], -12)


def test_every_key_of_the_window_has_a_name_that_a_station_file_may_use() -> None:
    assert set(NAMES.values()) <= KEY_NAMES


def test_a_cue_goes_into_the_headset_while_one_is_in(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    path = program(tmp_path, f'cat > /dev/null\necho "$@" >> {asked}')
    for headset in (False, True):
        cues = cue_player(Sound(player=path, loudspeaker="plughw:0", headset="plughw:1"))
        assert isinstance(cues, ProcessCues)
        cues.play(Cue.DONE, TONES[Cue.DONE], -12, headset=headset)
        for playing in cues._playing:
            playing.wait(30)
    assert asked.read_text().splitlines() == [f"-q -D plughw:{n} -" for n in (0, 1)]
