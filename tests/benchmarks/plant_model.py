"""The simulated plant by itself, as fast as it goes: what an item costs, by bins and by how long it has run.

A host in the smallest form gives each item one of nine bins, so that a plant with more of them carries items no further:
what is compared is the price of the bins that stand there. The host has the port `SortingBelt`, in virtual time: 16 bins with the
shipping driver over register map v1, and up to 60 with one that has no wire.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

from drivers.errors import RemoteProtocolError
from drivers.modbus_belt.driver import ModbusBelt
from drivers.ports import BeltCommand, Happening, Pack, SortingBelt
from drivers.transport.memory import MemoryTransport
from hw_sim.agenda import Agenda
from hw_sim.devices.belt_image import Belt
from hw_sim.devices.belt_plc import BeltPlc
from hw_sim.plant import Plant
from hw_sim.plant_layout import Layout
from hw_sim.plant_things import Thing
from hw_sim.ports import MemoryPort, WireEnd
from hw_sim.simloop import run
from hw_sim.wire import Line
from tests.benchmarks.pool import ending
from tests.simulation.plain_belt import PlainBelt

BAUD, BITS = 115_200, 11
CYCLE_S, CALL_S = 0.05, 0.02
SLOW_CYCLE_S = HAND_CYCLE_S = 0.2
"""A week is played with a host that asks less often: what is looked at is whether an item comes to cost more."""
USED, MOST_BINS = 9, 60
AHEAD = 4
AN_HOUR = 4200
"""Items that the belt takes in an hour, one after the other."""


WAYS = {Pack.STOPPED: BeltCommand.RESET, Pack.IDLE: BeltCommand.START}
"""What sets a belt going."""

Joined = Callable[[BeltPlc], SortingBelt]
"""A controller at the port, on the running loop."""


def without_a_wire(plc: BeltPlc) -> SortingBelt:
    """Any number of bins."""
    return PlainBelt(plc, call_s=CALL_S)


def over_map_v1(plc: BeltPlc) -> SortingBelt:
    """The shipping driver, registers and frames, over a wire of memory: 16 bins at most."""
    wire = MemoryTransport("belt")
    line = Line(Belt(plc, baud=BAUD), random.Random(1), baud=BAUD, bits_per_byte=BITS)
    MemoryPort(line, cast(WireEnd, wire.far))
    return ModbusBelt(wire, baud=BAUD)


class Model:
    """One plant with its controller and a host that has the port and nothing else."""

    def __init__(
        self, bins: int, joined: Joined, used: int = USED, cycle_s: float = CYCLE_S
    ) -> None:
        self._cycle_s = cycle_s
        self._joined = joined
        self.agenda = Agenda()
        layout = Layout(bins=bins, horn_s=0.5, capacity=10**9)
        self.plant = Plant(layout, self.agenda, random.Random(1))
        self.plc = BeltPlc(self.plant)
        self.landed = 0
        self._used = used
        self._taken = self._fed = 0
        self.plant.landed = self._lands

    def _lands(self, thing: Thing) -> None:
        self.landed += 1
        self.plant.ended.pop(thing.name, None)
        self.plant.bins[thing.bin].things.clear()

    def feed(self) -> None:
        while len(self.plant.inlet) < AHEAD:
            self._fed += 1
            self.plant.feed([self.plant.thing(f"item-{self._fed}")])

    def bin(self, tid: int) -> int:
        return tid % self._used + 1

    def order(self, command: BeltCommand) -> None:
        self.plc.order(command)

    def until(self, landed: int) -> float:
        began = time.process_time()
        run(self._sort(landed))
        return time.process_time() - began

    async def _sort(self, landed: int) -> None:
        belt = self._joined(self.plc)
        await belt.open()
        while self.landed < landed:
            self.feed()
            await asyncio.sleep(self._cycle_s - CALL_S)
            try:
                state = await belt.cycle(taken=self._taken, induct=True, degraded=False)
            except RemoteProtocolError:
                continue  # the controller still echoes the heart-beat of an earlier host
            for event in state.events:
                self._taken = event.sequence
                if event.kind is Happening.INDUCTED:
                    await belt.send(event.item, self.bin(event.item))
            if (command := WAYS.get(state.state)) is not None:
                await belt.command(command)
        await belt.close()
        self.agenda.let_go()


@dataclass(frozen=True, slots=True)
class Ages:
    """Seconds of one core that an item cost."""

    first: float
    last: float
    hours: float
    """How long the plant had run at the end, by its own clock."""
    real: float
    """Times as fast as the clock on the wall, over all."""


def by_hand(hours: float) -> float:
    """Times as fast as the clock on the wall: plant and controller alone, their agenda run without an event loop."""
    model = Model(16, without_a_wire)
    host, plc, taken = PlainBelt(model.plc), model.plc, 0
    began = time.process_time()
    while model.agenda.now < 3600 * hours:
        model.feed()
        model.agenda.run(model.agenda.now + HAND_CYCLE_S)
        host.heard(taken=taken, induct=True)
        state = host.state(taken)
        for event in state.events:
            taken = event.sequence
            if event.kind is Happening.INDUCTED:
                plc.destine(event.item, model.bin(event.item), 0)
        if (command := WAYS.get(state.state)) is not None:
            plc.in_scan(partial(model.order, command))
    if model.landed < 3000 * hours:
        raise RuntimeError(f"only {model.landed} items came to a bin in {hours} hours")
    return model.agenda.now / (time.process_time() - began)


BY_BINS: dict[str, Callable[[], Model]] = {
    "16 bins, map v1": lambda: Model(16, over_map_v1),
    "16 bins, port": lambda: Model(16, without_a_wire),
    "60 bins, port": lambda: Model(MOST_BINS, without_a_wire),
    "60 bins, port, all used": lambda: Model(MOST_BINS, without_a_wire, MOST_BINS),
}


def by_bins(items: int) -> dict[str, float]:
    """Seconds of one core an item, by how many bins there are and how the host is joined; in turns, the least of three."""
    found: dict[str, list[float]] = {name: [] for name in BY_BINS}
    for _ in range(3):
        for name, made in BY_BINS.items():
            model = made()
            model.until(20)  # the first find the belt empty
            found[name].append(model.until(20 + items) / items)
    return {name: min(costs) for name, costs in found.items()}


def by_age(hours: float) -> Ages:
    """The first hour beside the last of so many, with 60 bins at the port: items without a pause. Ends early when it should."""
    model = Model(MOST_BINS, without_a_wire, cycle_s=SLOW_CYCLE_S)
    cost = last = model.until(AN_HOUR) / AN_HOUR
    took = cost * AN_HOUR
    for _ in range(1, max(2, round(hours))):
        if ending():
            break
        done = model.landed
        spent = model.until(done + AN_HOUR)
        last = spent / (model.landed - done)
        took += spent
    return Ages(cost, last, model.agenda.now / 3600, model.agenda.now / took)
