"""Reading aloud, and the keys that go with it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Said(StrEnum):
    """What became of words that were to be said."""

    SAID = "said"
    STOPPED = "stopped"
    """Somebody stopped it, or newer words came."""
    REFUSED = "refused"
    """Private words, and others would have heard them (EN 301 549, 5.1.3.9)."""
    VOICELESS = "voiceless"
    """No voice speaks that language."""


STEP_DB = 6.0
QUIETEST, USUAL, LOUDEST = -1, 0, 3
"""Steps of loudness: 18 dB over the usual one, with a step at 12 (EN 301 549 v3.2.1, 8.2.1.1 and 8.2.1.2)."""


class Speaker(Protocol):
    """A voice. One utterance at a time."""

    async def open(self) -> frozenset[str]:
        """Get ready; the languages that there is a voice for. Safe to repeat. Raises DeviceUnavailable."""
        ...

    async def close(self) -> None: ...

    async def serve(self) -> None:
        """Watch the voice while it is open; ends only with DeviceUnavailable or by cancelling."""
        ...

    def listen(self, *, privately: bool) -> None:
        """From now on the sound goes into one person's ears, or into the room. The last words are forgotten."""
        ...

    def loud(self, step: int) -> None:
        """How loud from the next words on: QUIETEST to LOUDEST, by STEP_DB each. It begins at USUAL."""
        ...

    async def say(
        self, words: str, language: str, *, private: bool = False, interrupt: bool = True
    ) -> Said:
        """Say it to its end. What is being said is stopped first, or waited for without `interrupt`.

        Raises:
            DeviceUnavailable: the voice is gone.
        """
        ...

    async def stop(self) -> None:
        """Be silent now; what waits is dropped too."""
        ...

    async def repeat(self) -> Said:
        """Say the last words again, if they may still be said."""
        ...


@dataclass(frozen=True, slots=True)
class KeyPress:
    """One key went down, by its name in config.access."""

    key: str


class KeyPad(Protocol):
    """Keys that speak when they are pressed."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def presses(self) -> AsyncIterator[KeyPress]:
        """Each press as it comes. Raises DeviceUnavailable at hang-up."""
        ...
