"""The far end of a wire, for the driver's own tests: registers, and what the wire does to its answers."""

import asyncio
import struct
from collections.abc import Callable

from drivers.modbus_belt.frames import checksum
from drivers.transport.memory import MemoryTransport


class Plc:
    """Answers FC03 and FC16 out of `words`. `scan` runs before each read, as a PLC's program would."""

    def __init__(self) -> None:
        self.wire = MemoryTransport("belt")
        self.wire.far.received = self._received
        self.words = dict.fromkeys(range(512), 0)
        self.requests: list[bytes] = []
        self.delays: list[float | None] = []
        """How long the next answers take; None for none at all."""
        self.garble: list[Callable[[bytes], bytes]] = []
        self.scan: Callable[[], None] = self.beat
        identity = [0x5342, 0x0100, 7, 41, 9, 12, 2000, 500, 300, 500, 900, 60, 350, 64, 8, 10]
        self.put(0, identity + [1000 + 400 * n for n in range(9)])
        self.put(34, [6, 1, 0b1_0001_1001])

    def put(self, first: int, values: list[int]) -> None:
        self.words.update(enumerate(values, first))

    def beat(self) -> None:
        """One scan: the heart-beat counts, the host's is echoed, a new command is acknowledged."""
        self.words[32] = (self.words[32] + 1) % 65536
        self.words[33] = self.words[200]
        self.words[47] = self.words[201]
        if self.words[203] == self.words[207] != self.words[44]:
            self.words[44] = self.words[203]
            self.words[45] = 2 if self.words[204] > 40 else 0

    def event(self, sequence: int, kind: int, item: int = 0, a: int = 0, b: int = 0) -> None:
        """Put an event where the window of the present acknowledgement shows it."""
        self.words[46] = sequence
        at = 48 + 8 * ((sequence - self.words[201] - 1) % 65536)
        self.put(at, [sequence, kind, item, a, b, 1, 0xE240, sequence])

    def _received(self, raw: bytes) -> None:
        self.requests.append(raw)
        assert checksum(raw[:-2]) == int.from_bytes(raw[-2:], "little")
        unit, function, first, count = struct.unpack(">BBHH", raw[:6])
        if function == 3:
            self.scan()
            values = [self.words[first + n] for n in range(count)]
            body = bytes((unit, 3, 2 * count)) + struct.pack(f">{count}H", *values)
        else:
            self.put(first, list(struct.unpack(f">{count}H", raw[7:-2])))
            body = raw[:6]
        answer = body + checksum(body).to_bytes(2, "little")
        if self.garble:
            answer = self.garble.pop(0)(answer)
        delay = self.delays.pop(0) if self.delays else 0.0
        if delay is not None:
            asyncio.get_running_loop().call_later(delay, self.wire.far.send, answer)
