"""Cues as data, and how many of them may sound. Each has its mark on the screen at the same moment.

Playing needs a sound driver that the station's speaker will bring; until one is given nothing sounds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from drivers.service.view import Cue


@dataclass(frozen=True, slots=True)
class Tone:
    """Notes in Hz one after the other (or together), and how long in all."""

    notes: tuple[int, ...]
    milliseconds: int
    together: bool = False


TONES: dict[Cue, Tone] = {
    Cue.ITEM_OK: Tone((659, 880), 180),
    Cue.REFUSED: Tone((494, 330), 250),
    Cue.ATTENTION: Tone((587, 587, 587), 600),
    Cue.DONE: Tone((523, 659, 784), 400, together=True),
    Cue.HOLD: Tone((784, 587, 784), 500),
    Cue.KEY: Tone((1000,), 20),
}

ALWAYS = frozenset({Cue.KEY, Cue.HOLD})
"""A finger waits for the one; the other would be missed in a stack that comes back."""
QUIET_MS = 300
"""At most one cue in this time, so that a stack does not rattle."""


class CuePlayer(Protocol):
    """Plays one cue and returns at once."""

    def play(self, cue: Cue, tone: Tone) -> None: ...


class SilentCues:
    """No sound driver: marks on the screen carry every cue alone."""

    def play(self, cue: Cue, tone: Tone) -> None:
        """Do nothing."""


class RecordedCues:
    """Remembers what was played, for tests and transcripts."""

    def __init__(self) -> None:
        self.played: list[Cue] = []

    def play(self, cue: Cue, tone: Tone) -> None:
        """Remember the cue."""
        self.played.append(cue)


class Cues:
    """Lets a cue through unless another sounded less than QUIET_MS ago. Some sound always."""

    def __init__(self, player: CuePlayer, elapsed_ms: Callable[[], int]) -> None:
        self._player = player
        self._elapsed_ms = elapsed_ms
        self._last: int | None = None

    def play(self, cue: Cue) -> None:
        """Play it now or never."""
        now = self._elapsed_ms()
        if cue not in ALWAYS:
            if self._last is not None and now - self._last < QUIET_MS:
                return
            self._last = now
        self._player.play(cue, TONES[cue])
