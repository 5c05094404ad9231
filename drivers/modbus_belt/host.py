"""A host in the smallest form: heart-beats out, status and events in, one command at a time, all of it remembered.

What the conformance test asks a PLC through. It decides nothing, and judges nothing.
"""

import asyncio
from collections.abc import Callable

from drivers.modbus_belt import registers
from drivers.modbus_belt.driver import events_in
from drivers.modbus_belt.exchange import Exchange, silence_s
from drivers.modbus_belt.frames import Read, Write
from drivers.modbus_belt.registers import BY_NAME, STATUS, row, value
from drivers.ports import BeltEvent, Pack, Sign
from drivers.transport.stream import Transport

CYCLE_S = 0.05
_REFUSED = frozenset({0x83, 0x84, 0x90})
_TAKEN_S = 1.0
_SIGNS = {Sign(name): 1 << n for n, name in enumerate(registers.SIGNS)}


class NotRun(Exception):
    """A check cannot be run here and now; the text says why."""


class Host:
    """A host in the smallest form: heart-beats out, status and events in, all of it remembered."""

    def __init__(self, transport: Transport, *, unit: int, baud: int, answer_s: float) -> None:
        self.wire = transport
        self.unit = unit
        self.exchange = Exchange(transport, baud=baud, answer_s=answer_s, refused=_REFUSED)
        self.answer_s = answer_s
        self.wire_s = (8 + Read(unit, *STATUS).answer_size) * 11 / baud + 2 * silence_s(baud)
        """What one read of the status takes on the wire, silences included."""
        self.status: tuple[int, ...] = ()
        self.ack = 0
        self.taken: list[BeltEvent] = []
        self.states: list[int] = []
        self.induct = False
        self._beat = 0

    @staticmethod
    def now() -> float:
        return asyncio.get_running_loop().time()

    def of(self, name: str) -> int:
        return value(name, self.status, STATUS[0])

    def sign(self, sign: Sign) -> bool:
        return bool(self.of("signs") & _SIGNS[sign])

    @property
    def pack(self) -> Pack:
        state = self.of("state")
        if state not in set(Pack):
            raise NotRun(f"state {state} is not known")
        return Pack(state)

    async def read(self, block: tuple[int, int]) -> tuple[int, ...]:
        return await self.exchange.read(Read(self.unit, *block))

    async def write(self, name: str, *values: int) -> None:
        await self.exchange.write(Write(self.unit, BY_NAME[name].address, values))

    async def look(self) -> tuple[int, ...]:
        """One read of the status; nothing is written."""
        self.status = await self.read(STATUS)
        self.states.append(self.of("state"))
        return self.status

    def shown(self) -> tuple[BeltEvent, ...]:
        """Events in the window that was read last."""
        base = self.of("ev_base")
        return events_in(row("events", self.status, STATUS[0]), base, base)

    async def beat(self, *, take: bool = True) -> int:
        """One cycle. Events that are shown are taken, unless `take` is False."""
        self._beat = self._beat % 65535 + 1
        await self.write("host_hb", self._beat, self.ack, int(self.induct))
        await self.look()
        if take:
            base = self.of("ev_base")
            for event in events_in(row("events", self.status, STATUS[0]), base, self.ack):
                self.taken.append(event)
                self.ack = event.sequence
        return self._beat

    async def live(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Beat for so long, or until something holds: whether it did."""
        end = self.now() + seconds
        while self.now() < end:
            await self.beat()
            if until():
                return True
            await asyncio.sleep(CYCLE_S)
        return until()

    async def silent(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Only read for so long."""
        end = self.now() + seconds
        while self.now() < end:
            await self.look()
            if until():
                return True
            await asyncio.sleep(CYCLE_S)
        return until()

    async def tell(self, code: int, a1: int = 0, a2: int = 0) -> int | None:
        """Give a command: its result, or None when it is not acknowledged in time."""
        sequence = self.of("cmd_ack") % 65535 + 1
        await self.write("cmd_seq", sequence, code, a1, a2, sequence)
        taken = await self.live(_TAKEN_S, lambda: self.of("cmd_ack") == sequence)
        return self.of("cmd_result") if taken else None

    async def shout(self, raw: bytes, seconds: float) -> int:
        """Send bytes that no request of ours are, and count the frames that come."""
        before = self.exchange.counts.late
        await self.wire.write(raw)
        await asyncio.sleep(seconds)
        return self.exchange.counts.late - before
