"""Cues as data, how many of them may sound, and a program that plays them. Each has its mark on the screen too.

A cue is a synthesised WAV given to a player process; nothing waits for it, and where no player or no sound
card is, nothing sounds and nothing fails.
"""

import io
import math
import shutil
import subprocess
import wave
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from struct import pack
from typing import Protocol

from config.access import Sound
from drivers.service.view import Cue
from drivers.speech.player import command


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
DUCKED_DB = -12
"""How much lower a cue is while something is being said."""
RATE = 22_050
EDGE_S = 0.005
"""A note begins and ends this softly, or it would click."""
MOST_PLAYERS = 4
"""Players that may still be at it; a sound card that is stuck gets no more."""


class CuePlayer(Protocol):
    """Plays one cue, so many decibels under full scale, and returns at once. `headset`: one is in."""

    def play(self, cue: Cue, tone: Tone, decibel: int, *, headset: bool = False) -> None: ...


class SilentCues:
    """No player: marks on the screen carry every cue alone."""

    def play(self, cue: Cue, tone: Tone, decibel: int, *, headset: bool = False) -> None:
        """Do nothing."""


class RecordedCues:
    """Remembers what was played, for tests and transcripts."""

    def __init__(self) -> None:
        self.played: list[Cue] = []
        self.decibels: list[int] = []
        self.headset: list[bool] = []

    def play(self, cue: Cue, tone: Tone, decibel: int, *, headset: bool = False) -> None:
        """Remember the cue."""
        self.played.append(cue)
        self.decibels.append(decibel)
        self.headset.append(headset)


class ProcessCues:
    """Gives each cue to a player process of its own."""

    def __init__(self, sound: Sound, path: str) -> None:
        self._commands = {
            False: command(path, sound.loudspeaker),
            True: command(path, sound.headset or sound.loudspeaker),
        }
        self._wav = cache(wav)
        for tone in TONES.values():
            for decibel in (sound.cue_level, sound.cue_level + DUCKED_DB):
                self._wav(tone, decibel)  # made now, so that the first one does not wait
        self._playing: list[subprocess.Popen[bytes]] = []

    def play(self, cue: Cue, tone: Tone, decibel: int, *, headset: bool = False) -> None:
        """Start the player, or do nothing when players hang."""
        self._playing = [player for player in self._playing if player.poll() is None]
        if len(self._playing) >= MOST_PLAYERS:
            return
        with suppress(OSError):  # a program that went away makes no sound
            player = subprocess.Popen(
                self._commands[headset],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            self._playing.append(player)
            if player.stdin is not None:
                with player.stdin:  # a cue is shorter than a pipe is deep: this does not wait
                    player.stdin.write(self._wav(tone, decibel))

    def close(self) -> None:
        """End what still sounds."""
        for player in self._playing:
            player.kill()
            player.wait()
        self._playing.clear()


def cue_player(sound: Sound) -> CuePlayer:
    """The player of a station's `sound` table; a silent one where cues are off or the program is not there."""
    path = shutil.which(sound.player) if sound.cues else None
    return SilentCues() if path is None else ProcessCues(sound, path)


def wav(tone: Tone, decibel: int) -> bytes:
    """A tone as a WAV, 16 bit, mono, so many decibels under full scale (IBM/Microsoft RIFF WAVE, 1991)."""
    peak = 32_767 * 10 ** (decibel / 20)
    samples = [round(peak * value) for value in _samples(tone)]
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(pack(f"<{len(samples)}h", *samples))
    return out.getvalue()


def _samples(tone: Tone) -> Iterator[float]:
    """Between -1 and 1."""
    steps = [tone.notes] if tone.together else [(note,) for note in tone.notes]
    length = tone.milliseconds / 1000 / len(steps)
    for notes in steps:
        for n in range(round(length * RATE)):
            at = n / RATE
            edge = min(1.0, at / EDGE_S, (length - at) / EDGE_S)
            yield edge * sum(math.sin(2 * math.pi * note * at) for note in notes) / len(notes)


class Cues:
    """Lets a cue through unless another sounded less than QUIET_MS ago. Some sound always."""

    def __init__(self, player: CuePlayer, elapsed_ms: Callable[[], int]) -> None:
        self._player = player
        self._elapsed_ms = elapsed_ms
        self._last: int | None = None

    def play(
        self, cue: Cue, decibel: int | None, *, ducked: bool = False, headset: bool = False
    ) -> None:
        """Play it now or never; `decibel` None is silence, `ducked`: something is being said meanwhile."""
        if decibel is None:
            return
        now = self._elapsed_ms()
        if cue not in ALWAYS:
            if self._last is not None and now - self._last < QUIET_MS:
                return
            self._last = now
        decibel += DUCKED_DB if ducked else 0
        self._player.play(cue, TONES[cue], decibel, headset=headset)
