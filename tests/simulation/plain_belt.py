"""The simulated controller at the port, without a wire between: any number of bins, and far faster than one."""

import asyncio
from collections.abc import Sequence

from drivers.ports import (
    BeltCommand,
    BeltCounters,
    BeltEvent,
    BeltInfo,
    BeltState,
    BinState,
    CommandResult,
    Happening,
    Mode,
    Pack,
    Sign,
)
from hw_sim.devices.belt_plc import BeltPlc
from hw_sim.devices.belt_ring import DEPTH, WORD

SIGNS = tuple(Sign)
"""In the order of the bits of the controller's status."""


class PlainBelt:
    """`SortingBelt` on a controller in this process. `most` events are told at once; a call takes `call_s`."""

    def __init__(self, plc: BeltPlc, *, call_s: float = 0.02, most: int = 8) -> None:
        self._plc = plc
        self._call_s = call_s
        self._most = most
        self._beat = 0

    async def open(self) -> BeltInfo:
        self._plc.plant.agenda.hang_on(asyncio.get_running_loop())
        return self.info

    @property
    def info(self) -> BeltInfo:
        plc, lay = self._plc, self._plc.layout
        return BeltInfo(
            map_version="1.0",
            program_version=plc.program,
            boot_id=plc.boot_id,
            zones=lay.bins + 2,
            pulses_a_metre=lay.pulses_a_metre,
            nominal_mm_s=lay.mm_s,
            reader_start=lay.reader_start,
            reader_end=lay.reader_end,
            decision_point=lay.decision_point,
            min_gap=lay.min_gap,
            max_length=lay.max_length,
            depth=DEPTH,
            scan_ms=lay.scan_ms,
            diverts=tuple(lay.divert(bin) for bin in range(1, lay.bins + 1)),
        )

    async def close(self) -> None:
        self._plc.plant.agenda.let_go()

    async def cycle(self, *, taken: int, induct: bool, degraded: bool) -> BeltState:
        self._plc.plant.agenda.catch_up()
        self.heard(taken=taken, induct=induct, degraded=degraded)
        await self._pass()
        return self.state(taken)

    def heard(self, *, taken: int, induct: bool, degraded: bool = False) -> None:
        """The host's block, for whoever runs the agenda by hand."""
        self._beat = (self._beat + 1) % WORD
        self._plc.host(self._beat, taken, allow=induct, degraded=degraded)

    def state(self, taken: int) -> BeltState:
        """What the belt says now to one who has everything up to `taken`."""
        plc = self._plc
        bins = range(1, plc.layout.bins + 1)
        return BeltState(
            boot_id=plc.boot_id,
            state=Pack(plc.state),
            mode=Mode(plc.mode),
            signs=frozenset(sign for n, sign in enumerate(SIGNS) if plc.bits >> n & 1),
            alarm=plc.first_out,
            items=plc.tracking.on_belt,
            mm_s=plc.mm_s,
            encoder=plc.encoder % 2**32,
            bins=tuple(BinState(full=n in plc.full, present=n not in plc.out) for n in bins),
            pending=plc.ring.pending,
            overrun=plc.ring.pending > DEPTH,
            events=tuple(
                BeltEvent(e.sequence, Happening(e.type), e.zone, e.tid, e.a, e.b, e.encoder % 2**32)
                for e in plc.ring.after(taken, self._most)
            ),
        )

    async def send(self, item: int, bin: int, alternate: int = 0) -> None:
        self._plc.plant.agenda.catch_up()
        self._plc.destine(item, bin, alternate)
        await self._pass()

    async def command(self, command: BeltCommand, arguments: Sequence[int] = ()) -> CommandResult:
        a1, a2 = (*arguments, 0, 0)[:2]
        found: list[int] = []
        self._plc.plant.agenda.catch_up()
        self._plc.in_scan(lambda: found.append(self._plc.order(command, a1, a2)))
        while not found:
            await self._pass()
        return CommandResult(found[0])

    async def counters(self) -> BeltCounters:
        plc, track = self._plc, self._plc.tracking
        return BeltCounters(
            alarms=frozenset(map(int, plc.active)),
            latched=frozenset(map(int, plc.latched)),
            items=track.items,
            late=track.late,
            missed=track.missed,
            lost=track.lost,
            jams=track.jams,
            garbled=plc.garbled,
        )

    async def _pass(self) -> None:
        await asyncio.sleep(self._call_s)
        self._plc.plant.agenda.catch_up()
