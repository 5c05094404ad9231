"""espeak-ng as a process: words in on its standard input, a WAV out, a player to the ear (espeak-ng(1)).

Words never stand on a command line, where every user of the machine could read them.
"""

import asyncio
from typing import Self

from config.access import Sound, Speech
from config.texts import LANGUAGES
from drivers.errors import Code, DeviceUnavailable
from drivers.ports import Clock, Rng
from drivers.speech.player import Player, end, found
from drivers.speech.speaking import Speaking, plain

SYNTHESIS_S = 10.0
"""A sentence takes a twentieth of a second; a program that hangs is ended."""


class EspeakVoice:
    """Synthesises sentence by sentence. `languages` are those that the program lists."""

    def __init__(self, speech: Speech, sound: Sound) -> None:
        self._speech = speech
        self._sound = sound
        self._player = Player(sound.player)
        self._device = sound.loudspeaker
        self._share = 1.0
        self._broken: asyncio.Future[None] | None = None
        self._hushes = 0

    async def open(self) -> frozenset[str]:
        """Look for program, voices and player. Raises DeviceUnavailable(port.absent)."""
        self._player.find()
        listed = await self._run("--voices")
        self._broken = asyncio.get_running_loop().create_future()
        return spoken_by(listed.decode("utf-8", "replace"))

    async def close(self) -> None:
        """Silence."""
        self._player.stop()
        if self._broken is not None:
            self._broken.cancel()
            self._broken = None

    async def serve(self) -> None:
        """Until a sentence could not be said."""
        if self._broken is None:
            raise DeviceUnavailable("speaker", Code.PORT_GONE, "not open")
        await asyncio.shield(self._broken)

    def route(self, *, privately: bool) -> None:
        """Which sound device comes next."""
        headset = self._sound.headset or self._sound.loudspeaker
        self._device = headset if privately else self._sound.loudspeaker

    def loud(self, share: float) -> None:
        """The option -a of the next sentence: its amplitude doubles with it, up to the program's own 100."""
        self._share = share

    async def utter(self, words: str, language: str) -> bool:
        """Synthesise, then play. Raises DeviceUnavailable, and so does `serve` then."""
        hushes = self._hushes
        try:
            wav = await self.synthesise(words, language)
            if hushes != self._hushes:
                return False
            return await self._player.play(wav, self._device)
        except DeviceUnavailable as error:
            if self._broken is not None and not self._broken.done():
                self._broken.set_exception(error)
            raise

    async def hush(self) -> None:
        """End the player."""
        self._hushes += 1
        self._player.stop()

    async def synthesise(self, words: str, language: str) -> bytes:
        """The words as a WAV, 22,050 samples a second, 16 bit, mono. Raises DeviceUnavailable."""
        speech = self._speech
        return await self._run(
            *("-v", language, "-s", str(speech.words_a_minute)),
            *("-a", str(max(1, round(speech.volume * self._share)))),
            *("-b", "1", "--stdin", "--stdout"),
            words=plain(words),
        )

    async def _run(self, *options: str, words: str = "") -> bytes:
        process = await asyncio.create_subprocess_exec(
            found("speaker", self._speech.program),
            *options,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(SYNTHESIS_S):
                out, _ = await process.communicate(words.encode())
        except TimeoutError as cause:
            raise DeviceUnavailable("speaker", Code.WIRE_STALLED, self._speech.program) from cause
        finally:
            await end(process)
        if process.returncode or not out:
            raise DeviceUnavailable(
                "speaker", Code.PORT_GONE, f"{self._speech.program} ended with {process.returncode}"
            )
        return out


class EspeakSpeaker(Speaking):
    """The Speaker port over espeak-ng."""

    @classmethod
    def from_config(
        cls, speech: Speech, sound: Sound, *, clock: Clock, rng: Rng, wire: object
    ) -> Self:
        """The driver for a station's `speech` table."""
        del clock, rng, wire  # a program has no wire of ours, and nothing here is left to chance
        return cls(EspeakVoice(speech, sound))


def spoken_by(listed: str) -> frozenset[str]:
    """Our languages among those of `espeak-ng --voices`: the second column, such as `da` or `en-gb`."""
    columns = [line.split() for line in listed.splitlines()[1:]]
    there = {words[1].partition("-")[0] for words in columns if len(words) > 1}
    return frozenset(LANGUAGES) & there
