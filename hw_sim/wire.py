"""The wire between a port and a simulated device: how fast it is, and how it goes wrong.

A `Device` knows only bytes. A `Line` carries them at the pace of a serial line and owns the faults that
every wire has, so that a device implements only those of its own kind. Ports (hw_sim.ports,
hw_sim.rfc2217) join a line to a pty, a socket or a memory wire. Nothing here waits on its own: when the
line is idle no timer runs, and virtual time can jump.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

from hw_sim.faults import COUNT, UNTIL_CLEARED, Arg, Faults, number

Send = Callable[[bytes], None]
HangUp = Callable[[], None]


class Standing(Protocol):
    """Whatever stands in the world, goes wrong by name, and tells how it is."""

    role: str
    """What it is to the station: "pad", "scanner", "printer", "library", "mail"."""

    def fault(self, verb: str, **args: object) -> None:
        """Start a fault. Raises ValueError that lists the known verbs, or TypeError for its arguments."""
        ...

    def clear(self, verb: str | None = None) -> None:
        """End one fault, or all."""
        ...

    def faults(self) -> dict[str, object]:
        """The faults now standing, with their arguments."""
        ...

    def truth(self) -> dict[str, object]:
        """The device's own state as JSON types: what the world says, for proofs."""
        ...


class Device(Standing, Protocol):
    """The far side of one wire. All calls come from the loop's thread."""

    def attach(self, send: Send, hang_up: HangUp) -> None:
        """A client connected: `send` answers it, `hang_up` ends the connection."""
        ...

    def receive(self, data: bytes) -> None:
        """Bytes from the client, in pieces of any size."""
        ...

    def detach(self) -> None:
        """The client is gone; what was being done for it is dropped."""
        ...


WIRE_FAULTS: Mapping[str, Mapping[str, Arg]] = {
    "drop_reply": {"count": COUNT},
    "corrupt": {"count": COUNT},
    "delay": {"seconds": Arg((int, float)), "count": UNTIL_CLEARED},
    "half_frame": {"count": COUNT},
    "garbage": {"size": Arg(int, 16), "count": COUNT, "now": Arg(bool, False)},
    "hang_up": {"after": Arg(int, 0)},
    "slow": {"baud": Arg(int, 300)},
    "mute": {},
    "duplicate": {"count": COUNT},
    "drop_request": {"count": COUNT},
    "corrupt_request": {"count": COUNT},
}
"""Faults that every wire has. A reply is what the device sends in one call.

drop_reply: the next replies never leave the device. corrupt: one bit of each is flipped. delay: they leave
late. half_frame: only their first half arrives. garbage: noise comes before them, or at once. hang_up: the
connection ends now, or after so many replies. slow: the line carries only so much, both ways. mute: nothing
of the device arrives. duplicate: a reply arrives twice. drop_request: what the client sends next never reaches the
device. corrupt_request: one bit of it is flipped.
"""


class Line:
    """Joins one port to one device: carries bytes at `baud` and does the wire's faults.

    `baud` None means no pacing: bytes arrive in the same call. `bits_per_byte` is 10 for 8N1, 11 for 8E1.
    The line is free again at max(free, now) + bytes x bits / baud, in each direction.
    """

    def __init__(
        self,
        device: Device,
        rng: random.Random,
        *,
        baud: int | None = None,
        bits_per_byte: int = 10,
    ) -> None:
        self.device = device
        self.baud = baud
        self.bits_per_byte = bits_per_byte
        self._rng = rng
        self._faults = Faults(WIRE_FAULTS)
        self._client: tuple[Send, HangUp] | None = None
        self._in = _Way(self._arrived_at_device)
        self._out = _Way(self._arrived_at_client)

    # --- the port's side

    def connect(self, send: Send, hang_up: HangUp) -> None:
        """A client is there; its bytes go in by `receive`, ours come out by `send`."""
        self._client = (send, hang_up)
        self.device.attach(self.reply, self._ended_by_device)

    def receive(self, data: bytes) -> None:
        """Bytes from the client, in the pieces in which they came."""
        if self._faults.spend("drop_request"):
            return
        if self._faults.spend("corrupt_request"):
            data = _flip(data, self._rng)
        self._in.put(data, self._seconds(data))

    def disconnect(self) -> None:
        """The client is gone; what is still on the line is lost. Safe to repeat."""
        if self._client is None:
            return
        self._client = None
        self._in.drop()
        self._out.drop()
        self.device.detach()

    @property
    def connected(self) -> bool:
        return self._client is not None

    # --- faults: the wire's own, else the device's

    def fault(self, verb: str, **args: object) -> None:
        """Start a fault of the wire or of the device. Raises ValueError or TypeError, naming what is known."""
        if verb not in WIRE_FAULTS:
            try:
                self.device.fault(verb, **args)
            except ValueError as error:
                raise ValueError(f"{error}; of the wire: {', '.join(WIRE_FAULTS)}") from None
            return
        started = self._faults.start(verb, args)
        if verb == "garbage" and started["now"]:
            self._faults.clear(verb)
            self._leave(self._rng.randbytes(int(number(started["size"]))))
        elif verb == "hang_up" and not started["after"]:
            self._faults.clear(verb)
            self._cut()

    def clear(self, verb: str | None = None) -> None:
        """End one fault, or all of wire and device."""
        if verb is None:
            self._faults.clear()
            self.device.clear()
        elif verb in WIRE_FAULTS:
            self._faults.clear(verb)
        else:
            self.device.clear(verb)

    def faults(self) -> dict[str, object]:
        """Every standing fault with its arguments; a count is what is left of it."""
        return {**self._faults.standing(), **self.device.faults()}

    # --- towards the client

    def reply(self, data: bytes) -> None:
        """Send one reply of the device, through whatever faults stand."""
        if self._client is None or self._faults.get("mute") is not None:
            return
        if not self._faults.spend("drop_reply"):
            if self._faults.spend("corrupt"):
                data = _flip(data, self._rng)
            if self._faults.spend("half_frame"):
                data = data[: max(1, len(data) // 2)]
            if noise := self._faults.spend("garbage"):
                data = self._rng.randbytes(int(number(noise["size"]))) + data
            late = self._faults.spend("delay")
            self._leave(data, number(late["seconds"]) if late else 0.0)
            if self._faults.spend("duplicate"):
                self._leave(data)
        if ending := self._faults.get("hang_up"):
            left = int(number(ending["after"])) - 1
            ending["after"] = left
            if left <= 0:
                self._faults.clear("hang_up")
                self._out.put(None, 0.0)

    def _leave(self, data: bytes, wait: float = 0.0) -> None:
        if self._client is not None:
            self._out.put(data, self._seconds(data), wait)

    def _arrived_at_client(self, data: bytes | None) -> None:
        if data is None:
            self._cut()
        elif self._client is not None:
            self._client[0](data)

    def _arrived_at_device(self, data: bytes | None) -> None:
        if data is not None and self._client is not None:
            self.device.receive(data)

    def _ended_by_device(self) -> None:
        self._out.put(None, 0.0)

    def _cut(self) -> None:
        if self._client is not None:
            hang_up = self._client[1]
            self.disconnect()
            hang_up()

    # --- small parts

    def _seconds(self, data: bytes) -> float:
        slow = self._faults.get("slow")
        baud = number(slow["baud"]) if slow else self.baud
        return len(data) * self.bits_per_byte / baud if baud else 0.0


class _Way:
    """One direction of a line: keeps order, and knows when the wire is free again."""

    def __init__(self, arrived: Callable[[bytes | None], None]) -> None:
        self._arrived = arrived
        self._under_way: deque[bytes | None] = deque()
        self._free_at = 0.0
        self._trip = 0

    def put(self, data: bytes | None, seconds: float, wait: float = 0.0) -> None:
        """Let `data` arrive after `wait` and `seconds` on the wire; None is the end of the connection."""
        if not (seconds or wait or self._under_way):
            self._arrived(data)
            return
        loop = asyncio.get_running_loop()
        self._free_at = max(self._free_at, loop.time() + wait) + seconds
        self._under_way.append(data)
        # equal times may fire in any order: each timer takes the oldest, so bytes never overtake
        loop.call_at(self._free_at, self._next, self._trip)

    def drop(self) -> None:
        """Lose what is under way."""
        self._under_way.clear()
        self._free_at = 0.0
        self._trip += 1

    def _next(self, trip: int) -> None:
        if trip == self._trip:
            self._arrived(self._under_way.popleft())


def _flip(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return data
    place = rng.randrange(len(data) * 8)
    wrong = bytearray(data)
    wrong[place // 8] ^= 1 << (place % 8)
    return bytes(wrong)
