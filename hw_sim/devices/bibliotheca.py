"""A 3M 210 / 810 reader (Bibliotheca) with one antenna under the pad, as its host sees it.

Source: "3M RFID Reader Model 210 Protocol Specification" 1.0.0 (2009); the wake-up (D5) and set-up (13) from
public code dpavlin/Biblio-RFID, which the specification does not have.
Modelled: one request at a time (another one meanwhile is ignored), silence after a bad frame, an inventory's
AFI filter and options, lock bytes, tag info by mask, EAS of NXP tags, faults by name.

Not modelled: ISO pass-through (refused as not implemented), factory locks, cancelling, Tag-it beyond its UID,
any set-up but the captured one.
Assumed: a wrong length is error 32 without data, every other error carries the UID; a tag silenced by command
01 stays so until it leaves the field; a block past the end has its error as lock byte, and only the first one
fails the whole read; the last block written stands in the answer, as in the specification's example (its text
has one more); 100 ms of silence end a frame that never ended; a 210 refuses the set-up.
"""

import asyncio
import random
from collections.abc import Mapping
from typing import Literal

from hw_sim.devices.bibliotheca_antenna import (
    NOT_IMPLEMENTED,
    OK,
    PARAMETER,
    TAG_COMMANDS,
    Answer,
    Antenna,
)
from hw_sim.devices.bibliotheca_frames import Ear, Request, reply, wake_reply
from hw_sim.wire import HangUp, Send
from hw_sim.world import World

Model = Literal["810", "210"]

BAUD = 19_200
"""The only speed of its line, 8N1."""

_HARDWARE: Mapping[Model, bytes] = {"810": bytes((5, 0, 2)), "210": bytes((5, 2, 0x1B))}
_FIRMWARE = bytes((3, 2, 6))
_VERSION = 0x0A
"""Stands before a version."""

_WAKE = Request(0x04, b"\x00\x11", wake=True)
_SET_UP = bytes.fromhex("040100020003000400")
_SET_UP_ANSWER = bytes.fromhex("0201010302020300")

_HALF_FRAME_S = 0.1


class BibliothecaReader:
    """The reader on the pad. `pace` "real" takes the time that the air takes; "none" answers at once."""

    role = "pad"

    def __init__(
        self,
        world: World,
        *,
        pace: Literal["none", "real"] = "none",
        rng: random.Random | None = None,
        model: Model = "810",
    ) -> None:
        self.antenna = Antenna(world, rng or world.chance(self.role))
        self.requests = 0
        """Requests answered, for proofs of how often the host asked."""
        self.ignored = 0
        """Requests that came while another was being done."""
        self._world = world
        self._real = pace == "real"
        self._model = model
        self._ear = Ear()
        self._send: Send | None = None
        self._busy: asyncio.TimerHandle | None = None
        self._ear_timer: asyncio.TimerHandle | None = None

    # --- the wire

    def attach(self, send: Send, hang_up: HangUp) -> None:
        self._send = send

    def detach(self) -> None:
        self._send = None
        self._ear.quiet()
        for timer in (self._busy, self._ear_timer):
            if timer is not None:
                timer.cancel()
        self._busy = self._ear_timer = None

    def receive(self, data: bytes) -> None:
        if self._ear_timer is not None:
            self._ear_timer.cancel()
            self._ear_timer = None
        for request in self._ear.feed(data):
            self._begin(request)
        if self._ear.waiting:
            loop = asyncio.get_running_loop()
            self._ear_timer = loop.call_later(_HALF_FRAME_S, self._ear.quiet)

    def _begin(self, request: Request) -> None:
        if self._busy is not None:
            self.ignored += 1
            return
        for_tags = not request.wake and request.command in TAG_COMMANDS.values()
        seconds = 0.0
        if self._real and for_tags:
            seconds = self.antenna.seconds(request.command, request.data)
        if seconds:
            self._busy = asyncio.get_running_loop().call_later(seconds, self._air_done, request)
        else:
            self._tell(request)

    def _air_done(self, request: Request) -> None:
        self._busy = None
        self._tell(request)

    def _tell(self, request: Request) -> None:
        if request.wake:
            if request != _WAKE:
                return
            frame = wake_reply(
                request.command, request.data + bytes((_VERSION,)) + _HARDWARE[self._model]
            )
        else:
            frame = reply(request.command, *self._answer(request.command, request.data))
        self.requests += 1
        if self._send is not None:
            self._send(frame)

    def _answer(self, command: int, data: bytes) -> Answer:
        if command in TAG_COMMANDS.values():
            return self.antenna.answer(command, data)
        if command == 0x11:
            return (PARAMETER, b"") if data else (OK, bytes((_VERSION,)) + _FIRMWARE)
        if command == 0x13 and self._model == "810":
            return (OK, _SET_UP_ANSWER) if data == _SET_UP else (PARAMETER, b"")
        return NOT_IMPLEMENTED, b""

    # --- faults and truth

    def fault(self, verb: str, **args: object) -> None:
        self.antenna.start_fault(verb, args)

    def clear(self, verb: str | None = None) -> None:
        self.antenna.faults.clear(verb)

    def faults(self) -> dict[str, object]:
        return self.antenna.faults.standing()

    def truth(self) -> dict[str, object]:
        return {
            "role": self.role,
            "model": self._model,
            "requests": self.requests,
            "ignored": self.ignored,
            "tags": [{**tag.truth(), "eas": tag.eas} for tag in self._world.tags()],
        }
