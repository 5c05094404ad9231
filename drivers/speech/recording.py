"""A voice that makes no sound and remembers what it was told: for tests."""

import asyncio
from dataclasses import dataclass

from config.texts import LANGUAGES

SECONDS_A_CHARACTER = 0.07
"""About 150 words a minute."""


@dataclass(slots=True)
class Uttered:
    """One utterance, and how it went into the ear."""

    words: str
    language: str
    privately: bool
    share: float
    whole: bool = False


class RecordingVoice:
    """Takes its time on the loop's clock. `log` also holds the silences between, as "hush"."""

    def __init__(self, languages: frozenset[str] = frozenset(LANGUAGES)) -> None:
        self._languages = languages
        self._privately = False
        self._share = 1.0
        self._hushed: asyncio.Event | None = None
        self.uttered: list[Uttered] = []
        self.log: list[str] = []

    async def open(self) -> frozenset[str]:
        """Ready at once."""
        return self._languages

    async def close(self) -> None:
        """Nothing to let go of."""

    async def serve(self) -> None:
        """Never fails."""
        await asyncio.Event().wait()

    def route(self, *, privately: bool) -> None:
        """Remembered with each utterance."""
        self._privately = privately

    def loud(self, share: float) -> None:
        """Remembered with each utterance."""
        self._share = share

    async def utter(self, words: str, language: str) -> bool:
        """Wait as long as a voice would speak."""
        uttered = Uttered(words, language, self._privately, self._share)
        self.uttered.append(uttered)
        self.log.append(words)
        self._hushed = asyncio.Event()
        try:
            async with asyncio.timeout(len(words) * SECONDS_A_CHARACTER):
                await self._hushed.wait()
        except TimeoutError:
            uttered.whole = True
        return uttered.whole

    async def hush(self) -> None:
        """End the wait."""
        self.log.append("hush")
        if self._hushed is not None:
            self._hushed.set()
