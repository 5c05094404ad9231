"""Crates of a simulated plant that are filled to the brim by hand, and what may still fall into them."""

from functools import partial

from hw_sim.devices.belt_plc import BeltPlc
from hw_sim.plant_things import Thing

SENSOR_S = 0.5
"""So long a crate looks full before it is: the reference program's time for a sensor of a bin."""
FULL_S = 1.5
"""So long a full crate may take something: the sensor waits, and what is at the plough goes on."""


class FullCrates:
    """Since when which crate is full, and what its plough had moved for by the scan in which the sensor could tell."""

    def __init__(self, plc: BeltPlc) -> None:
        self._plc, self._plant = plc, plc.plant
        self._agenda = plc.plant.agenda
        self._since: dict[int, float] = {}
        self._gone: dict[int, frozenset[str]] = {}

    def fill(self, bin: int) -> None:
        """To the brim, and nobody comes. Nothing is put in where no crate stands, or one is full already."""
        if bin in self._since or not self._plant.bins[bin].present:
            return
        now = self._agenda.now
        self._plant.bins[bin].fill(self._plant.layout.capacity)
        self._since[bin], self._gone[bin] = now, self._plant.committed(bin)
        self._plc.sensed()
        self._plc.in_scan(partial(self._senses, bin, now))

    def _senses(self, bin: int, since: float) -> None:
        told = partial(self._plc.in_scan, partial(self._told, bin, since))
        self._agenda.after(SENSOR_S, told)

    def _told(self, bin: int, since: float) -> None:
        if self._since.get(bin) == since:
            self._gone[bin] |= self._plant.committed(bin)

    def carry_away(self, bin: int) -> None:
        """Somebody comes, and docks an empty one."""
        self._since.pop(bin, None)
        self._plant.pull_bin(bin)
        self._agenda.after(2, partial(self._plant.dock_bin, bin))

    def late(self, thing: Thing) -> float:
        """For how many seconds too many its crate was full when this fell in; 0 if it had to."""
        since = self._since.get(thing.bin)
        if since is None or thing.name in self._gone[thing.bin]:
            return 0
        full = self._agenda.now - since
        return full if full > FULL_S else 0
