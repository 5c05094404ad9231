"""What every voice has in common: one utterance at a time, silence before new words, nothing private aloud."""

import asyncio
from typing import Protocol

from drivers.ports import Said
from drivers.ports.speech import LOUDEST, QUIETEST, STEP_DB, USUAL


class Voice(Protocol):
    """A synthesiser, and the way from it to an ear."""

    async def open(self) -> frozenset[str]:
        """Get ready; the languages it has. Raises DeviceUnavailable."""
        ...

    async def close(self) -> None: ...

    async def serve(self) -> None:
        """Watch it; ends only with DeviceUnavailable."""
        ...

    def route(self, *, privately: bool) -> None:
        """Into the headset from now on, or into the room."""
        ...

    def loud(self, share: float) -> None:
        """From the next words on, this share of the most that it can; an amplitude, 0 to 1."""
        ...

    async def utter(self, words: str, language: str) -> bool:
        """Say it to its end. False when `hush` ended it. Raises DeviceUnavailable."""
        ...

    async def hush(self) -> None:
        """End what is being uttered. Safe when nothing is."""
        ...


class Speaking:
    """The Speaker port over a Voice (EN 301 549 v3.2.1, 5.1.3.4, 5.1.3.5, 5.1.3.8 and 5.1.3.9)."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._languages: frozenset[str] = frozenset()
        self._privately = False
        self._step = USUAL
        self._turn = asyncio.Lock()
        self._silences = 0
        """Rises with each stop, so that whoever waited for a turn knows that it is not wanted any more."""
        self._last: tuple[str, str, bool] | None = None

    async def open(self) -> frozenset[str]:
        """Get ready; the languages that there is a voice for. Raises DeviceUnavailable."""
        self._languages = await self._voice.open()
        self._voice.route(privately=self._privately)
        self._voice.loud(share(self._step))
        return self._languages

    async def close(self) -> None:
        """Be silent, forget the last words, let go."""
        self._last = None
        await self.stop()
        await self._voice.close()

    async def serve(self) -> None:
        """Watch the voice; ends only with DeviceUnavailable."""
        await self._voice.serve()

    def listen(self, *, privately: bool) -> None:
        """From now on the sound goes into one person's ears, or into the room. The last words are forgotten."""
        self._privately = privately
        self._last = None
        self._voice.route(privately=privately)

    def loud(self, step: int) -> None:
        """How loud from the next words on, by steps from the usual."""
        self._step = max(QUIETEST, min(LOUDEST, step))
        self._voice.loud(share(self._step))

    async def say(
        self, words: str, language: str, *, private: bool = False, interrupt: bool = True
    ) -> Said:
        """Say it to its end; private words only into a headset. Raises DeviceUnavailable."""
        if private and not self._privately:
            return Said.REFUSED
        if language not in self._languages:
            return Said.VOICELESS
        if interrupt:
            await self.stop()
        asked = self._silences
        async with self._turn:
            if asked != self._silences:
                return Said.STOPPED
            if private and not self._privately:  # the headset went while we waited
                return Said.REFUSED
            self._last = (words, language, private)
            whole = await self._voice.utter(words, language)
        return Said.SAID if whole else Said.STOPPED

    async def stop(self) -> None:
        """Be silent now; what waits is dropped too."""
        self._silences += 1
        await self._voice.hush()

    async def repeat(self) -> Said:
        """Say the last words again; STOPPED when there are none."""
        if self._last is None:
            return Said.STOPPED
        words, language, private = self._last
        return await self.say(words, language, private=private)


def share(step: int) -> float:
    """A step of loudness as an amplitude: the loudest is all that the voice has, and each below it STEP_DB less."""
    return float(10 ** ((step - LOUDEST) * STEP_DB / 20))


def plain(words: str) -> str:
    """Words as a voice takes them: one line, no control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())
