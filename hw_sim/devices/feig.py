"""A FEIG OBID reader with one antenna under the pad, as its host sees it.

Source: FEIG manual H20800-16e-ID-B (OBID classic-pro ID CPR family) for commands, status and frames.
Modelled: one request at a time, silence after a bad frame, 24 tags to a standard inventory reply and then
status 94, each block most significant byte first, silenced tags until the field resets, ONT (configuration
block 5, byte 11), faults by name.

Not modelled: scan mode's unasked frames, PRESC, any configuration but ONT, EAS, passwords given by the host
(command BF is refused as unknown), loss of settings when the cable is pulled (the reader keeps its power).
Assumed: with anticollision off two tags spoil each other's answer (status 83); an empty field takes 8 ms to
find out; versions and hardware type; a configuration written to EEPROM counts from the next CPU reset.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Literal

from hw_sim.devices.feig_antenna import LENGTH, OK, PARAMETER, UNKNOWN, Answer, Antenna
from hw_sim.devices.feig_frames import BUFFER, Ear, Request, reply
from hw_sim.wire import HangUp, Send
from hw_sim.world import Happening, World

MODEL_MR101 = 76
"""Software type in the version answer: which reader it is."""

BAD_BLOCK_READ, BAD_BLOCK_WRITE = 0x15, 0x16

_ONT_BLOCK, _ONT_BYTE = 5, 11
_CONFIG_BLOCKS, _CONFIG_SIZE = 16, 14
_EEPROM, _ALL_BLOCKS = 0x80, 0x40

_HALF_FRAME_S = 0.012
"""A longer gap between two characters ends a frame that never ended."""
_DEAF_S = 0.005
"""So long must the line be quiet before a new request (PSST)."""
_FIELD_OFF_S = 0.015
"""RF reset takes the field off for so long."""


class FeigReader:
    """The reader on the pad. `pace` "real" takes the time that the air takes; "none" answers at once."""

    def __init__(
        self,
        world: World,
        *,
        pace: Literal["none", "real"] = "none",
        rng: random.Random | None = None,
        address: int = 0,
        role: str = "pad",
    ) -> None:
        self.role = role
        self.antenna = Antenna(world, rng or world.chance(role))
        self.requests = 0
        """Requests answered, for proofs of how often the host asked."""
        self._world = world
        self._real = pace == "real"
        self._address = address
        self._ear = Ear()
        self._send: Send | None = None
        self._queue: deque[Request] = deque()
        self._air_timer: asyncio.TimerHandle | None = None
        self._ear_timer: asyncio.TimerHandle | None = None
        self._stop_waiting: Callable[[], None] | None = None
        self._outputs = ""
        self._eeprom = _factory_configuration()
        self._ram = dict(self._eeprom)

    # --- the wire

    def attach(self, send: Send, hang_up: HangUp) -> None:
        self._send = send

    def detach(self) -> None:
        self._send = None
        self._queue.clear()
        self._ear.quiet()
        for timer in (self._air_timer, self._ear_timer):
            if timer is not None:
                timer.cancel()
        self._air_timer = self._ear_timer = None
        self._end_waiting()

    def receive(self, data: bytes) -> None:
        if self._ear_timer is not None:
            self._ear_timer.cancel()
            self._ear_timer = None
        for request in self._ear.feed(data):
            if request.address in {self._address, 0xFF}:
                self._queue.append(request)
        if self._ear.waiting:
            silence = _DEAF_S if self._ear.deaf else _HALF_FRAME_S
            self._ear_timer = asyncio.get_running_loop().call_later(silence, self._ear.quiet)
        self._serve()

    def _serve(self) -> None:
        while self._queue and self._air_timer is None and self._stop_waiting is None:
            seconds = self._seconds(self._queue[0]) if self._real else 0.0
            if seconds:
                self._air_timer = asyncio.get_running_loop().call_later(seconds, self._air_done)
            else:
                self._finish(self._queue.popleft())

    def _air_done(self) -> None:
        self._air_timer = None
        self._finish(self._queue.popleft())
        self._serve()

    def _seconds(self, request: Request) -> float:
        if request.command == 0xB0:
            return self.antenna.seconds(request.data)
        return _FIELD_OFF_S if request.command in {0x63, 0x64, 0x69} else 0.0

    def _finish(self, request: Request) -> None:
        patience = self.antenna.waits(request.data) if request.command == 0xB0 else 0.0
        if patience:
            self._wait_for_tag(request, patience)
        else:
            self._tell(request)

    def _tell(self, request: Request) -> None:
        status, data = self._answer(request)
        self.requests += 1
        if self._send is not None:
            self._send(
                reply(self._address, request.command, status, data, advanced=request.advanced)
            )

    def _wait_for_tag(self, request: Request, seconds: float) -> None:
        """Inventory with NTFC: hold the answer until something is laid down or the time is up."""

        def done() -> None:
            self._end_waiting()
            self._tell(request)
            self._serve()

        def heard(happening: Happening) -> None:
            if happening.what == "laid" and happening.details["uids"]:
                done()

        patience = asyncio.get_running_loop().call_later(seconds, done)
        unlisten = self._world.listen(heard)

        def stop() -> None:
            patience.cancel()
            unlisten()

        self._stop_waiting = stop

    def _end_waiting(self) -> None:
        if self._stop_waiting is not None:
            self._stop_waiting()
            self._stop_waiting = None

    # --- commands

    def _answer(self, request: Request) -> Answer:
        data = request.data
        match request.command:
            case 0x52:
                return (OK, b"") if data == b"\0" else (LENGTH, b"")
            case 0x63 | 0x64:
                self._ram = dict(self._eeprom)
                self._heed_configuration()
                self.antenna.field = True
                self.antenna.reset()
                return OK, b""
            case 0x69:
                self.antenna.reset()
                return OK, b""
            case 0x65:
                return OK, _version()
            case 0x66:
                return self._reader_info(data)
            case 0x6A:
                return self._switch_field(data)
            case 0x71:
                return self._set_outputs(data, exactly=8)
            case 0x72:
                return self._set_outputs(data, exactly=2 + 4 * data[1] if len(data) > 1 else 2)
            case 0x74:
                return OK, b"\0"
            case 0x80 | 0x81 | 0x82 | 0x83:
                return self._configure(request.command, data)
            case 0xB0:
                return self.antenna.answer(data, advanced=request.advanced)
            case _:
                return UNKNOWN, b""

    def _reader_info(self, data: bytes) -> Answer:
        if data == b"\0":
            return OK, _version() + BUFFER.to_bytes(2, "big") * 2
        if data == b"\x80":
            return OK, (self._world.seed & 0xFFFFFFFF).to_bytes(4, "big")
        return (PARAMETER if len(data) == 1 else LENGTH), b""

    def _switch_field(self, data: bytes) -> Answer:
        if len(data) != 1:
            return LENGTH, b""
        if data[0] > 2:
            return PARAMETER, b""
        self.antenna.reset()
        self.antenna.field = data[0] != 0
        return OK, b""

    def _set_outputs(self, data: bytes, *, exactly: int) -> Answer:
        if len(data) != exactly:
            return LENGTH, b""
        self._outputs = data.hex()
        self._world.tell("signal", device=self.role, outputs=self._outputs)
        return OK, b""

    def _configure(self, command: int, data: bytes) -> Answer:
        if len(data) != (1 + _CONFIG_SIZE if command == 0x81 else 1):
            return LENGTH, b""
        block = data[0] & 0x3F
        if block >= _CONFIG_BLOCKS:
            return (BAD_BLOCK_READ if command == 0x80 else BAD_BLOCK_WRITE), b""
        every = command in {0x82, 0x83} and bool(data[0] & _ALL_BLOCKS)
        blocks = range(_CONFIG_BLOCKS) if every else (block,)
        kept = self._eeprom if data[0] & _EEPROM else self._ram
        match command:
            case 0x80:
                return OK, kept[block]
            case 0x81:
                kept[block] = data[1:]
            case 0x82:
                self._eeprom.update({n: self._ram[n] for n in blocks})
            case _:
                kept.update({n: _factory_configuration()[n] for n in blocks})
        self._heed_configuration()
        return OK, b""

    def _heed_configuration(self) -> None:
        self.antenna.ont = self._ram[_ONT_BLOCK][_ONT_BYTE]

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
            "field": self.antenna.field,
            "ont": self.antenna.ont,
            "outputs": self._outputs,
            "requests": self.requests,
            "tags": [tag.truth() for tag in self._world.tags()],
        }


def _factory_configuration() -> dict[int, bytes]:
    blocks = {n: bytes(_CONFIG_SIZE) for n in range(_CONFIG_BLOCKS)}
    ont = bytearray(_CONFIG_SIZE)
    ont[_ONT_BYTE] = 0x05
    blocks[_ONT_BLOCK] = bytes(ont)
    return blocks


def _version() -> bytes:
    """Software revision 2, development revision, hardware type, software type, transponder types 2."""
    return bytes((0x01, 0x00, 0x00, 0x01, MODEL_MR101, 0x00, 0x08))
