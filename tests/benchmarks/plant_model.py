"""The simulated plant by itself, as fast as it goes: what an item costs, by bins and by how long it has run.

A host in the smallest form gives each item one of nine bins, so that a plant with more of them carries items no further:
what is compared is the price of the bins that stand there. Up to 16 over the image of register map v1; 60 at the port.
"""

import random
import time
from dataclasses import dataclass
from functools import partial

from hw_sim.agenda import Agenda
from hw_sim.devices.belt_image import Image
from hw_sim.devices.belt_pack import State
from hw_sim.devices.belt_plc import BeltPlc
from hw_sim.devices.belt_ring import Type
from hw_sim.plant import Plant
from hw_sim.plant_layout import Layout
from hw_sim.plant_things import Thing

CYCLE_S = 0.05
USED = 9
AHEAD = 4
HOST, STATUS = 200, (32, 80)


class Model:
    """One plant with its controller and host, without a clock. `over_map`: the host reads and writes registers."""

    def __init__(self, bins: int, *, over_map: bool) -> None:
        self.agenda = Agenda()
        layout = Layout(bins=bins, horn_s=0.5, capacity=10**9)
        self.plant = Plant(layout, self.agenda, random.Random(1))
        self.plc = BeltPlc(self.plant)
        self.image = Image(self.plc) if over_map else None
        self.landed = 0
        self._taken = self._beat = self._fed = 0
        self.plant.landed = self._lands
        self._step()
        for order, state in ((1, State.IDLE), (2, State.EXECUTE)):
            self.plc.in_scan(partial(self._order, order))
            while self.plc.state is not state:
                self._step()

    def _order(self, order: int) -> None:
        self.plc.order(order)

    def _lands(self, thing: Thing) -> None:
        self.landed += 1
        self.plant.ended.pop(thing.name, None)
        self.plant.bins[thing.bin].things.clear()

    def _step(self) -> None:
        self._beat = (self._beat + 1) % 65536
        if self.image is not None:
            self.image.write(HOST, [self._beat, self._taken, 1])
            self.agenda.run(self.agenda.now + CYCLE_S)
            self.image.read(*STATUS)
        else:
            self.plc.host(self._beat, self._taken, allow=True, degraded=False)
            self.agenda.run(self.agenda.now + CYCLE_S)
        for event in self.plc.ring.after(self._taken):
            self._taken = event.sequence
            if event.type is Type.INDUCTED:
                self.plc.destine(event.tid, event.tid % USED + 1, 0)

    def until(self, landed: int) -> float:
        """Feed until so many have landed in all. Seconds of one core."""
        began = time.process_time()
        while self.landed < landed:
            while len(self.plant.inlet) < AHEAD:
                self._fed += 1
                self.plant.feed([self.plant.thing(f"item-{self._fed}")])
            self._step()
        return time.process_time() - began


@dataclass(frozen=True, slots=True)
class Ages:
    """Seconds of one core that an item cost."""

    first: float
    last: float
    hours: float
    """How long the plant had run at the end, by its own clock."""
    real: float
    """Times as fast as the clock on the wall, over all."""


def by_bins(items: int) -> dict[str, float]:
    """Seconds of one core an item, by how many bins there are and how the host is joined; in turns, the least of three."""
    kinds = {"9 bins, map v1": (9, True), "16 bins, map v1": (16, True), "9 bins, port": (9, False), "60 bins, port": (60, False)}  # fmt: skip
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(3):
        for name, (bins, over_map) in kinds.items():
            found[name].append(Model(bins, over_map=over_map).until(items) / items)
    return {name: min(costs) for name, costs in found.items()}


def by_age(hours: float) -> Ages:
    """The first hour beside the last of so many: items without a pause."""
    model = Model(9, over_map=False)
    an_hour = 4200
    cost = model.until(an_hour) / an_hour
    began = time.process_time()
    before = round(hours * an_hour) - an_hour
    model.until(max(an_hour, before))
    done = model.landed
    last = model.until(done + an_hour) / an_hour
    took = cost * an_hour + time.process_time() - began
    return Ages(cost, last, model.agenda.now / 3600, model.agenda.now / took)
