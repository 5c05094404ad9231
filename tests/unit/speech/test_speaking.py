"""The Speaker port over a voice that remembers: silence before words, nothing private aloud, say it again."""

import asyncio

import pytest

from drivers.ports import Said
from drivers.speech.recording import RecordingVoice
from drivers.speech.speaking import Speaking
from hw_sim.simloop import run


def test_private_words_are_refused_where_others_hear() -> None:
    async def story() -> None:
        voice = RecordingVoice()
        speaker = Speaking(voice)
        await speaker.open()
        assert await speaker.say("Lykke-Per", "da", private=True) is Said.REFUSED
        assert voice.uttered == []
        speaker.listen(privately=True)
        assert await speaker.say("Lykke-Per", "da", private=True) is Said.SAID
        assert [(one.words, one.privately) for one in voice.uttered] == [("Lykke-Per", True)]

    run(story())


def test_a_headset_pulled_out_while_words_wait_keeps_them_back() -> None:
    async def story() -> None:
        voice = RecordingVoice()
        speaker = Speaking(voice)
        await speaker.open()
        speaker.listen(privately=True)
        first = asyncio.create_task(speaker.say("Et", "da", interrupt=False))
        second = asyncio.create_task(speaker.say("Lykke-Per", "da", private=True, interrupt=False))
        await asyncio.sleep(0)
        speaker.listen(privately=False)
        assert await first is Said.SAID
        assert await second is Said.REFUSED

    run(story())


def test_silence_comes_before_new_words() -> None:
    async def story() -> None:
        voice = RecordingVoice()
        speaker = Speaking(voice)
        await speaker.open()
        old = asyncio.create_task(speaker.say("Noget langt, som ingen hører til ende", "da"))
        waiting = asyncio.create_task(speaker.say("Det næste", "da", interrupt=False))
        await asyncio.sleep(0.5)
        assert await speaker.say("Nyt", "da") is Said.SAID
        assert await old is Said.STOPPED
        assert await waiting is Said.STOPPED
        assert voice.log == ["hush", "Noget langt, som ingen hører til ende", "hush", "Nyt"]

    run(story())


def test_the_last_words_are_said_again_and_forgotten_when_the_listener_changes() -> None:
    async def story() -> None:
        voice = RecordingVoice()
        speaker = Speaking(voice)
        await speaker.open()
        assert await speaker.repeat() is Said.STOPPED
        speaker.listen(privately=True)
        await speaker.say("Lykke-Per", "da", private=True)
        assert await speaker.repeat() is Said.SAID
        speaker.listen(privately=False)
        assert await speaker.repeat() is Said.STOPPED
        assert [one.words for one in voice.uttered] == ["Lykke-Per"] * 2

    run(story())


@pytest.mark.parametrize("language", ["so", ""])
def test_a_language_without_a_voice_is_not_said_in_another(language: str) -> None:
    async def story() -> None:
        voice = RecordingVoice(frozenset({"da"}))
        speaker = Speaking(voice)
        await speaker.open()
        assert await speaker.say("Hello", language) is Said.VOICELESS
        assert voice.uttered == []

    run(story())
