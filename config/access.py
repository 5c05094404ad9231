"""What a station has for people who cannot see or touch the screen: speech, five keys, sound.

Key names are those of Linux's input event codes without `KEY_` (linux/input-event-codes.h); a headset's own
switch says HEADPHONE_INSERT and HEADPHONE_REMOVE. One vocabulary serves the window and the keypad's driver.
"""

from collections import Counter
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from config.part import Part
from config.week import Week

HEADSET_IN, HEADSET_OUT = "HEADPHONE_INSERT", "HEADPHONE_REMOVE"

KEY_NAMES = frozenset(
    (
        *"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        *(f"F{n}" for n in range(1, 25)),
        *("UP", "DOWN", "LEFT", "RIGHT", "ENTER", "KPENTER", "SPACE", "TAB", "ESC", "BACKSPACE"),
        *("HOME", "END", "PAGEUP", "PAGEDOWN", "OK", "SELECT"),
        *("MUTE", "VOLUMEUP", "VOLUMEDOWN", "PLAYPAUSE", "STOPCD", "PAUSE", "PAUSECD"),
        HEADSET_IN,
        HEADSET_OUT,
    )
)
"""Every key that can be given a job."""


DriverName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class Keys(Part):
    """Five keys and what a keypad has beside them: which key does what, by name."""

    up: tuple[str, ...] = Field(("UP",), description="to the one before")
    down: tuple[str, ...] = Field(("DOWN", "TAB"), description="to the next")
    left: tuple[str, ...] = Field(("LEFT",), description="to the one on the left")
    right: tuple[str, ...] = Field(("RIGHT",), description="to the one on the right")
    select: tuple[str, ...] = Field(
        ("ENTER", "KPENTER", "SPACE", "OK", "SELECT"), description="press what the keys point at"
    )
    repeat: tuple[str, ...] = Field(("PLAYPAUSE",), description="say it again")
    stop: tuple[str, ...] = Field(
        ("ESC", "STOPCD", "PAUSE", "PAUSECD"), description="be silent; once more: go on"
    )
    louder: tuple[str, ...] = Field(("VOLUMEUP",), description="speak louder, until the visit ends")
    quieter: tuple[str, ...] = Field(
        ("VOLUMEDOWN",), description="speak less loud, until the visit ends"
    )
    headset_in: tuple[str, ...] = Field((HEADSET_IN,), description="a headset was plugged in")
    headset_out: tuple[str, ...] = Field((HEADSET_OUT,), description="a headset was pulled out")
    again_s: float = Field(
        0, ge=0, le=0.5, description="the same key sooner than this is a trembling hand"
    )

    @model_validator(mode="after")
    def _one_job_each(self) -> "Keys":
        every = [key for keys in self.jobs().values() for key in keys]
        unknown = sorted(set(every) - KEY_NAMES)
        if unknown:
            known = ", ".join(sorted(KEY_NAMES))
            raise ValueError(f"no key {', '.join(unknown)}; there are: {known}")
        twice = sorted(key for key, count in Counter(every).items() if count > 1)
        if twice:
            raise ValueError(f"one key for two jobs: {', '.join(twice)}")
        return self

    def jobs(self) -> dict[str, tuple[str, ...]]:
        """By job, the keys that do it."""
        names = ("up", "down", "left", "right", "select", "repeat", "stop", "louder", "quieter")
        return {name: getattr(self, name) for name in (*names, "headset_in", "headset_out")}


class Speech(Part):
    """Reading aloud. A station without this table reads nothing aloud and offers it nowhere."""

    driver: DriverName = Field(
        "espeak", description="espeak (the program espeak-ng) or speechd (speech-dispatcher)"
    )
    url: str = Field(
        "", description="driver speechd: socket://HOST:PORT, such as socket://127.0.0.1:6560"
    )
    program: str = Field("espeak-ng", description="driver espeak: the program, by name or path")
    words_a_minute: int = Field(150, ge=80, le=400, description="how fast it speaks")
    volume: int = Field(
        100,
        ge=10,
        le=200,
        description="driver espeak: per cent of the voice's own, at the loudest step of the keys",
    )


class Sound(Part):
    """What sounds where. A cue has its mark on the screen too, so a silent machine tells no less."""

    cues: bool = Field(True, description="short sounds for done, refused and the like")
    player: str = Field("aplay", description="program that plays a WAV, by name or path")
    loudspeaker: str = Field(
        "", description="its ALSA device, such as plughw:0; the default if empty"
    )
    headset: str = Field(
        "", description="the keypad's ALSA device; that of the loudspeaker if empty"
    )
    cue_level: int = Field(-12, ge=-40, le=0, description="decibels under full scale")
    quiet: Week = Field(
        Week(), description="hours without cues; speech asked for is never silenced"
    )
