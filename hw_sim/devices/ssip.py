"""A speech service that speaks SSIP over TCP, as speech-dispatcher does, and keeps what was heard.

Written from Brailcom's "SSIP: Speech Synthesis Interface Protocol". A client sends lines; SPEAK is answered
230 and then takes lines up to one of a single dot, with a leading dot doubled. Messages are said one after the
other; each begins and ends with an event of three lines if NOTIFICATION is on. It speaks 14 characters a second.
Not modelled: priorities other than one queue, pausing, history, sound icons, several clients at once.
"""

import asyncio
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from hw_sim.faults import UNTIL_CLEARED, Arg, Faults
from hw_sim.wire import HangUp, Send
from hw_sim.world import World

SSIP_FAULTS: Mapping[str, Mapping[str, Arg]] = {"refuse": {"count": UNTIL_CLEARED}}
"""refuse: messages are not taken (300)."""

CHARACTERS_A_SECOND = 14.0
VOICES = {"da": "Danish", "en": "English", "de": "German", "uk": "Ukrainian", "ar": "Arabic"}


@dataclass(slots=True)
class Message:
    """One message. `end` is "" while it waits or sounds, then "said" or "canceled"."""

    number: int
    language: str
    text: str
    at: float
    end: str = ""
    begun: bool = False
    volume: int = 100
    headset: bool = False
    """Whether it began in a headset."""


class SpeechService:
    """The ear of the world: `heard` is all that anybody could have heard, in order."""

    role = "speaker"

    def __init__(self, world: World, *, rng: random.Random | None = None) -> None:
        del rng  # nothing here is left to chance
        self._world = world
        self._faults = Faults(SSIP_FAULTS)
        self._send: Send | None = None
        self._heard = b""
        self._data: list[str] | None = None
        self._language, self._volume = "en", 100
        self._notify = False
        self._waiting: deque[Message] = deque()
        self._now: Message | None = None
        self._ending: asyncio.TimerHandle | None = None
        self.heard: list[Message] = []
        self.headset = False
        """Whether a headset is in the jack: told by the keypad."""

    # --- the wire

    def attach(self, send: Send, hang_up: HangUp) -> None:
        self._send = send
        self._heard, self._data = b"", None
        self._language, self._volume, self._notify = "en", 100, False

    def detach(self) -> None:
        self._cancel()
        self._send = None

    def receive(self, data: bytes) -> None:
        *lines, self._heard = (self._heard + data).split(b"\r\n")
        for line in lines:
            self._line(line.decode("utf-8", "replace"))

    def _line(self, line: str) -> None:
        if self._data is None:
            self._command(line.split(" "))
        elif line == ".":
            text, self._data = "\n".join(self._data), None
            self._message(text)
        else:
            self._data.append(line.removeprefix(".") if line.startswith("..") else line)

    def _command(self, words: list[str]) -> None:
        match [word.upper() for word in words]:
            case ["SET", "SELF", "CLIENT_NAME", _]:
                self._answer("208 OK CLIENT NAME SET")
            case ["SET", "SELF", "NOTIFICATION", "ALL", state]:
                self._notify = state == "ON"
                self._answer("220 OK NOTIFICATION SET")
            case ["SET", "SELF", "LANGUAGE", _]:
                self._language = words[3]
                self._answer("201 OK LANGUAGE SET")
            case ["SET", "SELF", "RATE", _]:
                self._answer("203 OK RATE SET")
            case ["SET", "SELF", "VOLUME", volume]:
                self._volume = max(-100, min(100, int(volume)))
                self._answer("218 OK VOLUME SET")
            case ["LIST", "SYNTHESIS_VOICES"]:
                rows = [f"249-{name}\t{code}\tnone" for code, name in VOICES.items()]
                self._answer(*rows, "249 OK VOICE LIST SENT")
            case ["SPEAK"] if self._faults.spend("refuse") is not None:
                self._answer("300 ERR INTERNAL")
            case ["SPEAK"]:
                self._data = []
                self._answer("230 OK RECEIVING DATA")
            case ["CANCEL", "SELF"]:
                self._cancel()
                self._answer("213 OK CANCELED")
            case ["QUIT"]:
                self._answer("231 HAPPY HACKING")
            case _:
                self._answer("500 ERR INVALID COMMAND")

    def _answer(self, *lines: str) -> None:
        if self._send is not None:
            self._send("".join(f"{line}\r\n" for line in lines).encode())

    # --- speaking

    def _message(self, text: str) -> None:
        one = Message(len(self.heard) + 1, self._language, text, self._world.seconds())
        one.volume = self._volume
        self.heard.append(one)
        self._waiting.append(one)
        self._answer(f"225-{one.number}", "225 OK MESSAGE QUEUED")
        self._next()

    def _next(self) -> None:
        if self._now is not None or not self._waiting:
            return
        one = self._now = self._waiting.popleft()
        one.begun, one.headset = True, self.headset
        self._world.tell("spoken", language=one.language, text=one.text, headset=self.headset)
        self._event(one, 701, "BEGIN")
        seconds = len(one.text) / CHARACTERS_A_SECOND
        self._ending = asyncio.get_running_loop().call_later(seconds, self._said)

    def _said(self) -> None:
        self._ended("said", 702, "END")
        self._next()

    def _cancel(self) -> None:
        for one in self._waiting:
            one.end = "canceled"
            self._event(one, 703, "CANCELED")
        self._waiting.clear()
        self._ended("canceled", 703, "CANCELED")

    def _ended(self, how: str, code: int, word: str) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        one, self._now = self._now, None
        if one is not None:
            one.end = how
            self._event(one, code, word)

    def _event(self, one: Message, code: int, word: str) -> None:
        if self._notify:
            self._answer(f"{code}-{one.number}", f"{code}-1", f"{code} {word}")

    # --- faults and truth

    def fault(self, verb: str, **args: object) -> None:
        self._faults.start(verb, args)

    def clear(self, verb: str | None = None) -> None:
        self._faults.clear(verb)

    def faults(self) -> dict[str, object]:
        return self._faults.standing()

    def truth(self) -> dict[str, object]:
        return {
            "role": self.role,
            "headset": self.headset,
            "speaking": self._now.text if self._now is not None else "",
            "heard": [
                {
                    **{"at": round(m.at, 2), "language": m.language, "text": m.text, "end": m.end},
                    **{"volume": m.volume, "headset": m.headset},
                }
                for m in self.heard
                if m.begun
            ],
        }
