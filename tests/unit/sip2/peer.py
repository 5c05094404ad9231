"""A library system by script, over a memory wire in virtual time. Its frames are written by hand."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from drivers.ports import Secret
from drivers.sip2.dialect import STANDARD, Dialect
from drivers.sip2.exchange import Link
from drivers.transport.memory import MemoryTransport
from hw_sim.simloop import SimLoop

T = TypeVar("T")

DATE = "20260303    101500"
STATUS = f"98YYYYYY100003{DATE}2.00AOx|BXYYYYYYYYYYYYYYYY|"
ITEM = f"18030001{DATE}AB1|AJName|"
LENT = f"121NNY{DATE}AOx|AA2|AB1|AJName|AH20260331    235959|"
BACK = f"101YNN{DATE}AOx|AB1|AQHB|AJName|"
HANG_UP = b""
"""In a script: end the connection here."""

Script = Callable[[str, str], "list[bytes]"]
"""Text of a request without its tail, and its AY digit, to what is sent back."""


def closed(text: str, ay: str) -> bytes:
    """A frame with its sum taken by a plain loop; without AY when `ay` is empty."""
    body = text.encode() + (b"AY" + ay.encode() if ay else b"") + b"AZ"
    total = 0
    for byte in body:
        total += byte
    return body + f"{-total & 0xFFFF:04X}".encode() + b"\r"


def usual(text: str, ay: str) -> list[bytes]:
    """What a library system in good health answers."""
    answers = {"93": "941", "99": STATUS, "17": ITEM, "11": LENT, "09": BACK}
    return [closed(answers[text[:2]], ay)]


class Peer:
    """The far end. `heard` keeps every request; `script` is what to say, `usual` where it says None."""

    def __init__(self) -> None:
        self.wire = MemoryTransport("library")
        self.wire.far.received = self._received
        self.wire.far.opened = self._opened
        self.heard: list[str] = []
        self.raw: list[bytes] = []
        self.opened = 0
        self.scripts: dict[str, list[Script]] = {}
        self._rest = b""

    def on(self, id_: str, *scripts: Script) -> None:
        """For the next requests of this id, in turn; afterwards as usual."""
        self.scripts[id_] = list(scripts)

    def times(self, id_: str) -> int:
        return sum(text.startswith(id_) for text in self.heard)

    def _opened(self) -> None:
        self.opened += 1
        self._rest = b""

    def _received(self, data: bytes) -> None:
        *frames, self._rest = (self._rest + data).split(b"\r")
        for frame in frames:
            self._answer(frame)

    def _answer(self, frame: bytes) -> None:
        self.raw.append(frame)
        text, ay = frame.decode(), ""
        if text[-6:-4] == "AZ":
            text = text[:-6]
            if text[-3:-1] == "AY":
                text, ay = text[:-3], text[-1]
        self.heard.append(text)
        waiting = self.scripts.get(text[:2])
        script = waiting.pop(0) if waiting else usual
        for piece in script(text, ay):
            if piece == HANG_UP:
                self.hang_up()
                return
            self.wire.far.send(piece)

    def hang_up(self) -> None:
        """End the connection; the next one is taken."""
        self.wire.far.hang_up()
        self.wire.far.plug_in()


def link(peer: Peer, dialect: Dialect = STANDARD, user: str = "kiosk") -> Link:
    return Link(peer.wire, dialect, user=user, password=Secret("pass"), location="HB")


def simulated(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run in virtual time; every task must have ended but those that wait for the line."""
    with asyncio.Runner(loop_factory=SimLoop) as runner:
        return runner.run(work())
