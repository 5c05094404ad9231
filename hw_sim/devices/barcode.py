"""A barcode reader on a serial line: it speaks when somebody shows it a code, and never else.

A line is the AIM symbology identifier (ISO/IEC 15424, such as `]C0` for Code 128), the text in UTF-8, and a
suffix. What the host sends is taken only as the usual software trigger: 16 54 0D on, 16 55 0D off.
Not modelled: presentation mode, beeper, configuration by scanned codes.
"""

import asyncio
import random
from collections.abc import Mapping

from hw_sim.faults import COUNT, Arg, Faults, number
from hw_sim.wire import HangUp, Send
from hw_sim.world import World

BARCODE_FAULTS: Mapping[str, Mapping[str, Arg]] = {
    "split": {"gap": Arg((int, float), 0.02), "count": COUNT},
    "doubled": {"gap": Arg((int, float), 0.0), "count": COUNT},
    "noise": {"size": Arg(int, 8), "count": COUNT},
    "no_suffix": {"count": COUNT},
}
"""split: the line comes in two pieces, `gap` seconds apart. doubled: it comes twice. noise: bytes that no
code has come before it. no_suffix: nothing says where it ends."""

NOISE = b"\x00\x07\x80\xfe\xff"
"""Bytes that no code has."""

TRIGGER_ON, TRIGGER_OFF = b"\x16T\r", b"\x16U\r"


class BarcodeScanner:
    """The reader by the screen. `suffix` is what ends a line."""

    role = "scanner"

    def __init__(
        self, world: World, *, suffix: str = "\r", rng: random.Random | None = None
    ) -> None:
        self._world = world
        self._suffix = suffix.encode()
        self._rng = rng or world.chance(self.role)
        self._faults = Faults(BARCODE_FAULTS)
        self._send: Send | None = None
        self._heard = b""
        self._lit = False
        self.scans = 0
        """Codes shown, whether or not anybody listened."""

    def scan(self, text: str, aim: str = "C0") -> None:
        """Show a code; `aim` without its bracket, empty if the reader is set to send none."""
        self.scans += 1
        self._world.tell("scanned", length=len(text), aim=aim)
        line = f"]{aim}{text}".encode() if aim else text.encode()
        if not self._faults.spend("no_suffix"):
            line += self._suffix
        if noise := self._faults.spend("noise"):
            size = int(number(noise["size"]))
            line = bytes(self._rng.choices(NOISE, k=size)) + line
        again = self._faults.spend("doubled")
        pieces = [(0.0, line)]
        if split := self._faults.spend("split"):
            middle = max(1, len(line) // 2)
            pieces = [(0.0, line[:middle]), (number(split["gap"]), line[middle:])]
        if again:
            pieces.append((pieces[-1][0] + number(again["gap"]), line))
        for seconds, piece in pieces:
            if seconds:
                asyncio.get_running_loop().call_later(seconds, self._out, piece)
            else:
                self._out(piece)

    def _out(self, piece: bytes) -> None:
        if self._send is not None:
            self._send(piece)

    # --- the wire

    def attach(self, send: Send, hang_up: HangUp) -> None:
        self._send = send

    def detach(self) -> None:
        self._send = None
        self._heard = b""

    def receive(self, data: bytes) -> None:
        self._heard = (self._heard + data)[-len(TRIGGER_ON) :]
        if self._heard == TRIGGER_ON:
            self._lit = True
        elif self._heard == TRIGGER_OFF:
            self._lit = False

    # --- faults and truth

    def fault(self, verb: str, **args: object) -> None:
        self._faults.start(verb, args)

    def clear(self, verb: str | None = None) -> None:
        self._faults.clear(verb)

    def faults(self) -> dict[str, object]:
        return self._faults.standing()

    def truth(self) -> dict[str, object]:
        return {"role": self.role, "scans": self.scans, "trigger": self._lit}
