"""A Modbus RTU slave: holding registers behind one wire, frames told apart by silence alone.

Source: MODBUS over Serial Line V1.02, 2.5.1: a frame ends with 3.5 characters of silence, 1.75 ms above 19200 baud.
A frame with a wrong CRC, for another unit, or without an end is passed over in silence; a broadcast is not answered.
Not modelled: t1.5 inside a frame, for a wire brings whole pieces.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Protocol

from hw_sim.devices import modbus_frames as frames
from hw_sim.faults import COUNT, UNTIL_CLEARED, Arg, Faults, number
from hw_sim.wire import HangUp, Send

BITS = 11
"""8E1."""

SLAVE_FAULTS: Mapping[str, Mapping[str, Arg]] = {
    "exception": {"code": Arg(int, frames.BUSY), "count": COUNT},
    "other_unit": {"count": COUNT},
    "busy_s": {"seconds": Arg((int, float)), "count": UNTIL_CLEARED},
}
"""exception: a request is refused with that code. other_unit: an answer carries another unit's number. busy_s: the slave
reads its registers only after so long, and answers then."""


class Registers(Protocol):
    """Holding registers. Both raise `modbus_frames.Refused`."""

    def read(self, first: int, count: int) -> list[int]: ...

    def write(self, first: int, values: Sequence[int]) -> None: ...

    def garbled(self) -> None:
        """A frame came with a wrong CRC."""
        ...


def silence(baud: int | None) -> float:
    """Seconds of silence that end a frame (t3.5)."""
    return 3.5 * BITS / baud if baud and baud <= 19200 else 0.00175


class ModbusSlave:
    """The slave's end of the wire."""

    def __init__(
        self,
        registers: Registers,
        *,
        unit: int = 1,
        baud: int | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.unit = unit
        self.answered = 0
        self._faults = Faults(SLAVE_FAULTS)
        self._registers = registers
        self._silence = silence(baud)
        self._rng = rng
        self._send: Send | None = None
        self._heard = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._busy: list[asyncio.TimerHandle] = []

    def attach(self, send: Send, hang_up: HangUp) -> None:
        self._send = send

    def detach(self) -> None:
        self._send = None
        self._heard.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for timer in self._busy:
            timer.cancel()
        self._busy.clear()

    def receive(self, data: bytes) -> None:
        if self._timer is not None:
            self._timer.cancel()
        # one byte over the longest is enough to know that it is no frame
        self._heard += data[: frames.LONGEST + 1 - len(self._heard)]
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._silence, self._silent)

    def _silent(self) -> None:
        """The line has been silent for t3.5: what was heard is a frame or nothing."""
        self._timer = None
        frame = bytes(self._heard)
        self._heard.clear()
        asked = frames.request(frame)
        if asked is None:
            self._registers.garbled()
            return
        if asked.unit not in {self.unit, frames.BROADCAST}:
            return
        if late := self._faults.spend("busy_s"):
            loop = asyncio.get_running_loop()
            self._busy = [timer for timer in self._busy if timer.when() > loop.time()]
            self._busy.append(loop.call_later(number(late["seconds"]), self._serve, asked))
        else:
            self._serve(asked)

    def _serve(self, asked: frames.Request) -> None:
        answer = self._answer(asked)
        if asked.unit != frames.BROADCAST and self._send is not None:
            self.answered += 1
            if self._faults.spend("other_unit"):
                body = bytes((answer[0] % 247 + 1,)) + answer[1:-2]
                answer = body + frames.crc(body)
            self._send(answer)

    def _answer(self, asked: frames.Request) -> bytes:
        try:
            if forced := self._faults.spend("exception"):
                raise frames.Refused(int(number(forced["code"])))
            if asked.wrong:
                raise frames.Refused(asked.wrong)
            if asked.values is None:
                if asked.unit == frames.BROADCAST:
                    raise frames.Refused(frames.BAD_FUNCTION)
                return frames.values_read(
                    asked.unit, self._registers.read(asked.first, asked.count)
                )
            self._registers.write(asked.first, asked.values)
            return frames.values_written(asked.unit, asked.first, asked.count)
        except frames.Refused as no:
            return frames.refusal(asked.unit, asked.function, no.code)

    # --- faults

    def fault(self, verb: str, **args: object) -> None:
        self._faults.start(verb, args)

    def clear(self, verb: str | None = None) -> None:
        self._faults.clear(verb)

    def faults(self) -> dict[str, object]:
        return self._faults.standing()
