"""What an ESC/POS printer sends: answers, automatic status, flow control; and how its answers go wrong."""

import asyncio
import random
from collections.abc import Callable
from typing import Literal

from hw_sim.devices.escpos_profile import Profile
from hw_sim.devices.escpos_status import (
    XOFF,
    XON,
    State,
    automatic_status,
    paper_sensor,
    real_time_status,
    wanted,
)
from hw_sim.faults import Faults, number

Flow = Literal["none", "rtscts", "xonxoff"]

_UNDEFINED_QUARTET = b"\x00\x00\x60\x6f"
_UNDEFINED_SENSOR = b"\x60"


class Voice:
    """The sending half of the printer. It remembers what the host asked for and what it was last told."""

    def __init__(self, profile: Profile, rng: random.Random, faults: Faults, flow: Flow) -> None:
        self.send: Callable[[bytes], None] | None = None
        self.silent = False
        """The printer is off or boots."""
        self._profile = profile
        self._rng = rng
        self._faults = faults
        self._flow = flow
        self.power_on(State())

    def power_on(self, state: State) -> None:
        """Automatic status off, nothing told."""
        self._items = 0
        self._told = b""
        self._offline_response = False
        self._was_offline = state.offline
        self._was_busy = False

    def put(self, data: bytes) -> None:
        """Send at once, past every fault."""
        if self.send is not None and not self.silent:
            self.send(data)

    def answer(self, data: bytes) -> None:
        """Send one answer; an empty one is none."""
        if not data:
            return
        late = self._faults.spend("late_answer")
        if late is not None:
            asyncio.get_running_loop().call_later(number(late["seconds"]), self.put, data)
        else:
            self.put(data)

    def barrier(self, data: bytes) -> None:
        """Send an answer that says: what stood before is printed."""
        if self._faults.get("never_finishes") is None:
            self.answer(data)

    def real_time_status(self, state: State, n: int) -> None:
        """Answer DLE EOT n."""
        undefined = bytes((self._profile.undefined_real_time[n - 1],))
        self.answer(self._at_random(bytes((real_time_status(state, n),)), undefined))

    def sensor(self, state: State) -> bytes:
        """The answer to GS r 1 and ESC v."""
        return self._at_random(bytes((paper_sensor(state),)), _UNDEFINED_SENSOR)

    def ask(self, items: int, state: State) -> None:
        """GS a: from now on tell these items; the first quartet goes at once."""
        self._items = items
        self._told = b""
        self.changed(state)

    def ask_offline_response(self, on: bool) -> None:
        """GS ( H fn 49: tell when the printer goes offline."""
        self._offline_response = on

    def changed(self, state: State) -> None:
        """Tell the host what it asked to be told, if there is news."""
        status = automatic_status(state)
        news = wanted(status, self._items)
        if self._items and news != self._told:
            self._told = news
            self.answer(self._at_random(status, _UNDEFINED_QUARTET))
        if state.offline and not self._was_offline and self._offline_response:
            self.answer(b"\x37\x23\x00")
        self._was_offline = state.offline

    def flow(self, busy: bool) -> None:
        """XOFF when the printer becomes busy, XON when it is ready again."""
        if busy != self._was_busy:
            self._was_busy = busy
            if self._flow == "xonxoff":
                self.put(XOFF if busy else XON)

    def booted(self, busy: bool) -> None:
        """XON after power-on."""
        if self._flow == "xonxoff" and not busy:
            self.put(XON)

    def _at_random(self, answer: bytes, undefined: bytes) -> bytes:
        """The answer with its undefined bits at random, where the printer or a fault says so."""
        if not self._profile.undefined_bits and self._faults.get("undefined_bits") is None:
            return answer
        noise = self._rng.randbytes(len(answer))
        return bytes(
            a & ~mask | bits & mask for a, bits, mask in zip(answer, noise, undefined, strict=True)
        )
