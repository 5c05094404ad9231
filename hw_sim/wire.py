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

Send = Callable[[bytes], None]
HangUp = Callable[[], None]


class Device(Protocol):
    """The far side of one wire. All calls come from the loop's thread."""

    role: str
    """What it is to the station: "pad", "scanner", "printer", "library"."""

    def attach(self, send: Send, hang_up: HangUp) -> None:
        """A client connected: `send` answers it, `hang_up` ends the connection."""
        ...

    def receive(self, data: bytes) -> None:
        """Bytes from the client, in pieces of any size."""
        ...

    def detach(self) -> None:
        """The client is gone; what was being done for it is dropped."""
        ...

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


WIRE_FAULTS: Mapping[str, str] = {
    "drop_reply": "count=1: the next replies never leave the device",
    "corrupt": "count=1: one bit of each of the next replies is flipped",
    "delay": "seconds, count=None: replies leave late (None: until cleared)",
    "half_frame": "count=1: only the first half of the next replies arrives",
    "garbage": "size=16, count=1, now=False: noise before the next replies, or at once",
    "hang_up": "after=0: the connection ends now, or after so many replies",
    "slow": "baud: the line carries only so much, both ways",
    "mute": "nothing of the device arrives, until cleared",
}
"""Wire fault -> its arguments. A reply is what the device sends in one call."""


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
        self._faults: dict[str, dict[str, object]] = {}
        self._client: tuple[Send, HangUp] | None = None
        self._in = _Way(self._arrived_at_device)
        self._out = _Way(self._arrived_at_client)

    # --- the port's side

    def connect(self, send: Send, hang_up: HangUp) -> None:
        """A client is there; its bytes go in by `receive`, ours come out by `send`."""
        self._client = (send, hang_up)
        self.device.attach(self.reply, self._ended_by_device)

    def receive(self, data: bytes) -> None:
        """Bytes from the client."""
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
        match verb:
            case "drop_reply" | "corrupt" | "half_frame":
                self._start(verb, args, count=1)
            case "delay":
                self._start(verb, args, seconds=None, count=None)
                if args.get("seconds") is None:
                    del self._faults[verb]
                    raise TypeError("delay takes seconds")
            case "garbage":
                self._start(verb, args, size=16, count=1, now=False)
                if self._faults[verb]["now"]:
                    size = _number(self._faults.pop(verb)["size"])
                    self._leave(self._rng.randbytes(int(size)))
            case "hang_up":
                self._start(verb, args, after=0)
                if not self._faults[verb]["after"]:
                    del self._faults[verb]
                    self._cut()
            case "slow":
                self._start(verb, args, baud=300)
            case "mute":
                self._start(verb, args)
            case _:
                try:
                    self.device.fault(verb, **args)
                except ValueError as error:
                    raise ValueError(f"{error}; of the wire: {', '.join(WIRE_FAULTS)}") from None

    def clear(self, verb: str | None = None) -> None:
        """End one fault, or all of wire and device."""
        if verb is None:
            self._faults.clear()
            self.device.clear()
        elif verb in WIRE_FAULTS:
            self._faults.pop(verb, None)
        else:
            self.device.clear(verb)

    def faults(self) -> dict[str, object]:
        """Every standing fault with its arguments; a count is what is left of it."""
        return {**{k: dict(v) for k, v in self._faults.items()}, **self.device.faults()}

    # --- towards the client

    def reply(self, data: bytes) -> None:
        """Send one reply of the device, through whatever faults stand."""
        if self._client is None or "mute" in self._faults:
            return
        if self._spend("drop_reply"):
            self._after_reply()
            return
        if self._spend("corrupt"):
            data = _flip(data, self._rng)
        if self._spend("half_frame"):
            data = data[: max(1, len(data) // 2)]
        noise = self._faults.get("garbage")
        if noise is not None and self._spend("garbage"):
            data = self._rng.randbytes(int(_number(noise["size"]))) + data
        late = self._faults.get("delay")
        wait = 0.0
        if late is not None and self._spend("delay"):
            wait = _number(late["seconds"])
        self._leave(data, wait)
        self._after_reply()

    def _leave(self, data: bytes, wait: float = 0.0) -> None:
        if self._client is not None:
            self._out.put(data, self._seconds(data), wait)

    def _after_reply(self) -> None:
        args = self._faults.get("hang_up")
        if args is not None:
            left = int(_number(args["after"])) - 1
            args["after"] = left
            if left <= 0:
                del self._faults["hang_up"]
                self._out.put(None, 0.0)

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
        baud = _number(slow["baud"]) if slow is not None else self.baud
        return len(data) * self.bits_per_byte / baud if baud else 0.0

    def _start(self, verb: str, given: dict[str, object], **defaults: object) -> None:
        unknown = set(given) - set(defaults)
        if unknown:
            raise TypeError(f"{verb} takes {WIRE_FAULTS[verb]}; not {', '.join(sorted(unknown))}")
        for value in given.values():
            if value is not None:
                _number(value)
        self._faults[verb] = {**defaults, **given}

    def _spend(self, verb: str) -> bool:
        args = self._faults.get(verb)
        if args is None:
            return False
        if args["count"] is not None:
            left = int(_number(args["count"])) - 1
            args["count"] = left
            if left <= 0:
                del self._faults[verb]
        return True


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


def _number(value: object) -> float:
    if isinstance(value, int | float):
        number = float(value)
        if number >= 0:
            return number
    raise TypeError(f"a number of 0 or more is wanted, not {value!r}")
