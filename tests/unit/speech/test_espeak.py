"""espeak-ng as it is installed, and a player that keeps what it is given: no sound card is needed."""

import array
import asyncio
import io
import math
import stat
import sys
import wave
from pathlib import Path

import pytest

from config.access import Sound, Speech
from config.texts import LANGUAGES, Catalogue, Channel, text
from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Said
from drivers.ports.speech import LOUDEST, QUIETEST, USUAL
from drivers.speech.espeak import EspeakSpeaker, EspeakVoice, spoken_by
from drivers.speech.speaking import Speaking, share
from tests.conftest import tool

CATALOGUE = Catalogue.load()


def player(folder: Path, script: str) -> str:
    """A program in the place of aplay."""
    path = folder / "player"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def seconds(wav: bytes) -> float:
    """Length by the samples that are there: the program streams, so its header knows no length."""
    with wave.open(io.BytesIO(wav)) as sound:
        rate: int = sound.getframerate()
        width: int = sound.getsampwidth()
    return (len(wav) - 44) / rate / width


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_language_sounds_for_about_as_long_as_it_takes_to_say(language: str) -> None:
    tool("espeak-ng")
    voice = EspeakVoice(Speech(), Sound())
    short = CATALOGUE.say(text("action.borrow"), language, Channel.SPEECH)
    long = CATALOGUE.say(text("spoken.welcome"), language, Channel.SPEECH)
    brief = await voice.synthesise(short, language)
    whole = await voice.synthesise(long, language)
    assert 0.3 < seconds(brief) < 3
    assert 5 < seconds(whole) < 25
    assert max(whole[44:]) > 0, "not silence"


async def test_words_go_to_the_player_and_never_onto_a_command_line(tmp_path: Path) -> None:
    tool("espeak-ng")
    kept = tmp_path / "sound.wav"
    asked = tmp_path / "asked"
    program = player(tmp_path, f'echo "$@" >> {asked}; cat > {kept}')
    sound = Sound(player=program, loudspeaker="plughw:0", headset="plughw:1")
    speaker = Speaking(EspeakVoice(Speech(), sound))
    assert {"da", "en", "de", "uk", "ar"} <= await speaker.open()
    assert await speaker.say("Lykke-Per", "da") is Said.SAID
    assert seconds(kept.read_bytes()) > 0.3
    speaker.listen(privately=True)
    await speaker.say("Lykke-Per", "da", private=True)
    await speaker.close()
    assert asked.read_text().splitlines() == ["-q -D plughw:0 -", "-q -D plughw:1 -"]


async def test_stop_ends_the_player_at_once(tmp_path: Path) -> None:
    tool("espeak-ng")
    begun = tmp_path / "begun"
    program = player(tmp_path, f"touch {begun}; exec sleep 50")
    speaker = Speaking(EspeakVoice(Speech(), Sound(player=program)))
    await speaker.open()
    saying = asyncio.create_task(speaker.say("Noget langt", "da"))
    while not begun.exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)
    await speaker.stop()
    assert await saying is Said.STOPPED
    await speaker.close()


async def test_a_sound_card_that_is_gone_ends_the_service(tmp_path: Path) -> None:
    tool("espeak-ng")
    speaker = Speaking(EspeakVoice(Speech(), Sound(player=player(tmp_path, "exit 1"))))
    await speaker.open()
    serving = asyncio.create_task(speaker.serve())
    with pytest.raises(DeviceUnavailable):
        await speaker.say("Goddag", "da")
    with pytest.raises(DeviceUnavailable):
        await serving
    await speaker.close()


@pytest.mark.parametrize(
    ("speech", "sound"),
    [
        (Speech(program="no-such-voice"), Sound(player="sh")),
        (Speech(), Sound(player="no-such-player")),
    ],
)
async def test_a_missing_program_is_named(speech: Speech, sound: Sound) -> None:
    speaker = EspeakSpeaker(EspeakVoice(speech, sound))
    with pytest.raises(DeviceUnavailable, match="no-such") as raised:
        await speaker.open()
    assert raised.value.code is Code.PORT_ABSENT


def test_voices_are_told_by_their_second_column() -> None:
    listed = (
        "Pty Language       Age/Gender VoiceName          File                 Other Languages\n"
        " 5  da              --/M      Danish             gmq/da               \n"
        " 2  en-gb           --/M      English_(Great_Britain) gmw/en          (en 2)\n"
        " 5  sv              --/M      Swedish            gmq/sv               \n"
    )
    assert spoken_by(listed) == {"da", "en"}
    assert spoken_by("") == frozenset()


async def test_steps_of_loudness_reach_18_decibels_over_the_usual_with_a_step_at_12() -> None:
    """EN 301 549 v3.2.1, 8.2.1.1 and 8.2.1.2, measured in what the program makes; nothing is cut off."""
    tool("espeak-ng")
    voice = EspeakVoice(Speech(), Sound())
    levels = []
    for step in range(QUIETEST, LOUDEST + 1):
        voice.loud(share(step))
        wav = await voice.synthesise("Læg dine materialer på pladen", "da")
        found = array.array("h", wav[44:])
        if sys.byteorder == "big":
            found.byteswap()
        assert max(map(abs, found)) < 32_767
        levels.append(10 * math.log10(sum(one * one for one in found) / len(found)))
    over = [level - levels[USUAL - QUIETEST] for level in levels]
    assert over == sorted(over)
    assert over[0] < 0
    assert over[-1] >= 18
    assert any(12 <= one < 18 for one in over)
