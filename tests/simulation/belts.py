"""A belt at its port, in virtual time: things on it, eyes, a reader's field, diverts, a ring of events, a watchdog.

It is the world and not the controller's belief: what lies in a bin stands in `bins`. It is written from the document of
the register map and knows nothing of the flow.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from drivers.errors import Code, DeviceTimeout
from drivers.ports import (
    BeltCommand,
    BeltCounters,
    BeltEvent,
    BeltInfo,
    BeltState,
    BinChange,
    BinState,
    CommandResult,
    Happening,
    Mode,
    Pack,
    Sign,
)

SCAN_S = 0.01
WORD = 65536
DEFAULT_BIN = 9
INFO = BeltInfo(
    map_version="1.0",
    program_version=7,
    boot_id=41,
    zones=12,
    pulses_a_metre=1000,
    nominal_mm_s=500,
    reader_start=300,
    reader_end=600,
    decision_point=1900,
    min_gap=60,
    max_length=350,
    depth=64,
    scan_ms=10,
    diverts=tuple(2000 + 400 * n for n in range(9)),
)
_TO_EXECUTE = {Pack.SUSPENDED, Pack.EXECUTE}


@dataclass(eq=False)
class Thing:
    """What lies on the belt in one place: one item, or several on one another."""

    names: tuple[str, ...]
    tid: int
    front: float = 0.0
    length: int = 210
    passed: set[str] = field(default_factory=set)
    late: bool = False
    bin: int = 0


class Belt:
    """`SortingBelt`, and what a person and a fault can do to it."""

    def __init__(
        self,
        lay: Callable[[tuple[str, ...]], object],
        lift: Callable[[tuple[str, ...]], object],
    ) -> None:
        """`lay` and `lift` put things into the reader's field and take them out."""
        self._lay, self._lift = lay, lift
        self.boot = 41
        self.bins: dict[int, list[str]] = {n: [] for n in range(1, 10)}
        self.things: list[Thing] = []
        self.fed: list[str] = []
        self.state = Pack.EXECUTE
        self.signs = {Sign.SAFETY_CLOSED}
        self.full: set[int] = set()
        self.out: set[int] = set()
        self.stuck: set[int] = set()
        """Diverts that do not move."""
        self.broken = False
        """The wire is cut."""
        self.encoder = 1000.0
        self.commands: list[tuple[BeltCommand, tuple[int, ...]]] = []
        self.opened: list[bool] = []
        """Whether the inlet was open, scan by scan."""
        self._ring: deque[BeltEvent] = deque()
        self._head = 0
        self._tid = 0
        self._destinations: dict[int, tuple[int, int]] = {}
        self._heard_at = float("-inf")
        self._induct = False
        self._task: asyncio.Task[None] | None = None

    # --- people and faults --------------------------------------------------------------------------

    def begin(self) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def inlet(self) -> bool:
        return self._induct and self.state is Pack.EXECUTE

    async def feed(
        self, *names: str, length: int = 210, gap: int = 400, within: float = 60
    ) -> None:
        """Put something on the belt as soon as the inlet is open."""
        async with asyncio.timeout(within):
            while not self.inlet:  # noqa: ASYNC110 - scanned, as a machine does
                await asyncio.sleep(SCAN_S)
        self._tid = self._tid % (WORD - 1) + 1
        self._destinations.pop(self._tid, None)
        self.things.append(Thing(names, self._tid, length=length))
        self.fed += names
        self._tell(Happening.INDUCTED, self._tid, length, gap)
        if gap < INFO.min_gap:
            self._tell(Happening.GAP_FAULT, self._tid)
        await asyncio.sleep((length + 150) / INFO.nominal_mm_s)

    def restart(self) -> None:
        """The controller starts anew: it knows nothing of what lies on the belt."""
        self.boot += 1
        self._ring.clear()
        self._head = 0
        self._destinations.clear()
        for thing in self.things:
            self._lift(thing.names)
        self.things.clear()

    def lift(self, number: int) -> None:
        """A crate is lifted out, and the belt tells of it."""
        self.out.add(number)
        self._tell(Happening.BIN, 0, number, BinChange.OUT)

    def put_back(self, number: int) -> None:
        """A crate stands there again."""
        self.out.discard(number)
        self._tell(Happening.BIN, 0, number, BinChange.IN)

    # --- SortingBelt --------------------------------------------------------------------------------

    async def open(self) -> BeltInfo:
        await self._wire()
        return BeltInfo(**{**{n: getattr(INFO, n) for n in INFO.__slots__}, "boot_id": self.boot})

    async def close(self) -> None:
        await asyncio.sleep(0)

    async def cycle(self, *, taken: int, induct: bool, degraded: bool) -> BeltState:
        del degraded
        await self._wire()
        self._heard_at = asyncio.get_running_loop().time()
        self._induct = induct
        while self._ring and (taken - self._ring[0].sequence) % WORD < WORD // 2:
            self._ring.popleft()
        pending = (self._head - taken) % WORD
        pending = 0 if pending > 60000 else pending
        signs = set(self.signs) | ({Sign.MOVING} if self._moving else set())
        return BeltState(
            boot_id=self.boot,
            state=self.state,
            mode=Mode.PRODUCTION,
            signs=frozenset(signs),
            alarm=0,
            items=len(self.things),
            mm_s=INFO.nominal_mm_s if self._moving else 0,
            encoder=round(self.encoder),
            bins=tuple(BinState(n in self.full, n not in self.out) for n in range(1, 10)),
            pending=pending,
            overrun=pending > INFO.depth,
            events=tuple(self._ring)[:8],
        )

    async def send(self, item: int, bin: int, alternate: int = 0) -> None:
        await self._wire()
        self._destinations[item] = (bin, alternate)

    async def command(self, command: BeltCommand, arguments: Sequence[int] = ()) -> CommandResult:
        await self._wire()
        self.commands.append((command, tuple(arguments)))
        match command:
            case BeltCommand.HOLD if self.state is Pack.EXECUTE:
                self.state = Pack.HELD
            case BeltCommand.UNHOLD if self.state is Pack.HELD:
                self.state = Pack.EXECUTE
            case BeltCommand.BIN_DOCKED if arguments[0] in self.out:
                return CommandResult.NOT_PERMITTED
            case BeltCommand.HOLD | BeltCommand.UNHOLD:
                return CommandResult.WRONG_STATE
            case _:
                pass
        return CommandResult.OK

    async def counters(self) -> BeltCounters:
        await self._wire()
        return BeltCounters(frozenset(), frozenset(), 0, 0, 0, 0, 0, 0)

    async def _wire(self) -> None:
        """The time on the wire, or none at all."""
        if self.broken:
            await asyncio.sleep(0.2)
            raise DeviceTimeout("belt", Code.WIRE_SILENT, "cut")
        await asyncio.sleep(0.01)

    # --- the machine --------------------------------------------------------------------------------

    @property
    def _moving(self) -> bool:
        return self.state in _TO_EXECUTE and Sign.E_STOP not in self.signs

    def _tell(self, kind: Happening, tid: int, a: int = 0, b: int = 0) -> None:
        self._head = (self._head + 1) % WORD
        self._ring.append(BeltEvent(self._head, kind, 0, tid, a, b, round(self.encoder)))

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SCAN_S)
            self.opened.append(self.inlet)
            heard = loop.time() - self._heard_at <= 1.0
            if not heard and self.state is Pack.EXECUTE:
                self.state = Pack.SUSPENDED
            elif heard and self.state is Pack.SUSPENDED:
                self.state = Pack.EXECUTE
            if not self._moving:
                continue
            step = INFO.nominal_mm_s * SCAN_S
            self.encoder += step
            for thing in tuple(self.things):
                thing.front += step
                self._pass(thing)

    def _pass(self, thing: Thing) -> None:
        front = thing.front
        if front >= INFO.reader_start and "in" not in thing.passed:
            thing.passed.add("in")
            self._lay(thing.names)
            self._tell(Happening.AT_READER, thing.tid)
        if front - thing.length >= INFO.reader_end and "out" not in thing.passed:
            thing.passed.add("out")
            self._lift(thing.names)
            self._tell(Happening.LEFT_READER, thing.tid)
        if front >= INFO.decision_point and "decision" not in thing.passed:
            thing.passed.add("decision")
            if thing.tid not in self._destinations:
                thing.late = True
                self._tell(Happening.LATE, thing.tid)
        if thing.late:
            thing.bin = DEFAULT_BIN
        elif thing.tid in self._destinations:
            wanted, alternate = self._destinations[thing.tid]
            thing.bin = alternate if wanted in self.full | self.out and alternate else wanted
        for number, at in enumerate(INFO.diverts, 1):
            if front < at or f"divert{number}" in thing.passed:
                continue
            thing.passed.add(f"divert{number}")
            if number == DEFAULT_BIN or (number == thing.bin and number not in self.stuck):
                self._fall(thing, number)
                return

    def _fall(self, thing: Thing, number: int) -> None:
        self.things.remove(thing)
        self.bins[number] += thing.names
        if number == thing.bin:
            self._tell(Happening.DIVERT_FIRED, thing.tid, number)
            self._tell(Happening.CONFIRMED, thing.tid, number)
        else:
            self._tell(Happening.MISSED, thing.tid, thing.bin, number)
