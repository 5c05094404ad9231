"""The belt's line in real time: from an edge in the plant to its event here, from a decision to its slot in the PLC.

The simulated plant and its controller stand in this process, the shipping driver speaks to them over a pseudo-terminal at
the pace of 115,200 baud 8E1, the controller scans every 10 ms, the host's cycle is 50 ms. When an edge happened is the
plant's own word: the count of its encoder. A decision comes at any moment of a cycle, after a delay drawn by a seed.
"""

import asyncio
import random
import tempfile
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from drivers.ports import BeltEvent, BeltInfo, BeltState, Happening, SortingBelt
from tests.contract.belt_bench import BAUD, Host, over_a_pty

T = TypeVar("T")


@dataclass
class Lags:
    """Seconds, one each."""

    events: list[float] = field(default_factory=list)
    decisions: list[float] = field(default_factory=list)
    cycles: list[float] = field(default_factory=list)


class Shared:
    """A belt whose wire a cycle and a decision share, one after the other, as the line's link does."""

    def __init__(self, belt: SortingBelt) -> None:
        self._belt = belt
        self._wire = asyncio.Lock()

    async def _alone(self, call: Awaitable[T]) -> T:
        async with self._wire:
            return await call

    async def cycle(self, *, taken: int, induct: bool, degraded: bool) -> BeltState:
        return await self._alone(self._belt.cycle(taken=taken, induct=induct, degraded=degraded))

    async def send(self, item: int, bin: int, alternate: int = 0) -> None:
        await self._alone(self._belt.send(item, bin, alternate))


def measured(items: int) -> Lags:
    """Sort so many items and take the times."""
    lags, chance = Lags(), random.Random(7)

    async def scene(host: Host) -> None:
        loop = asyncio.get_running_loop()
        await host.start()
        shared = Shared(host.belt)
        info = host.info
        a_second = info.pulses_a_metre * info.nominal_mm_s / 1000
        deciding: set[asyncio.Task[None]] = set()

        async def decided(tid: int) -> None:
            await asyncio.sleep(0.2 + chance.random() * 0.3)
            began = loop.time()
            await shared.send(tid, 1 + tid % len(info.diverts))
            lags.decisions.append(loop.time() - began)

        def heard(event: BeltEvent, encoder: int) -> None:
            if event.kind is not Happening.INDUCTED:
                return
            lags.events.append((encoder - _end(event, info)) / a_second)
            task = asyncio.create_task(decided(event.item))
            deciding.add(task)
            task.add_done_callback(deciding.discard)

        host.feed(items)
        taken, ended = host.taken, 0
        while ended < items:
            began = loop.time()
            state = await shared.cycle(taken=taken, induct=True, degraded=False)
            lags.cycles.append(loop.time() - began)
            host.hands.agenda.catch_up()
            for event in state.events:
                taken = event.sequence
                heard(event, host.plant.encoder)
                ended += event.kind in {Happening.CONFIRMED, Happening.MISSED, Happening.LOST}
            await asyncio.sleep(max(0.0, 0.05 - loop.time() + began))
        await asyncio.gather(*deciding)

    with tempfile.TemporaryDirectory(prefix="ims-bench-") as directory:
        over_a_pty(scene, Path(directory))
    return lags


def _end(event: BeltEvent, info: BeltInfo) -> float:
    """Where the encoder stood when the end of an item passed the inlet's eye, which is what makes its event."""
    return event.encoder + event.a * info.pulses_a_metre / 1000


def floor_s() -> float:
    """What one cycle's bytes take on the wire, with their silences."""
    wire = 11 / BAUD
    return (8 + 165 + 15 + 8) * wire + 4 * 0.00175
