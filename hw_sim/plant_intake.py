"""Where things come onto the belt of a plant: who waits, a gate that may stand there, and the gaps that it makes."""

import random
from collections import deque
from typing import TYPE_CHECKING

from hw_sim.agenda import Due
from hw_sim.faults import number

if TYPE_CHECKING:
    from hw_sim.plant import Plant
    from hw_sim.plant_things import Thing

HANDS_S = 0.4
"""From an empty gate to the next thing in it."""


class Intake:
    """The inlet of one plant. The controller runs it by `gate`, and, where it is guarded, `let_in` and `refuse`."""

    def __init__(self, plant: "Plant", rng: random.Random) -> None:
        self.queue: deque[Thing] = deque()
        """What waits, first come first; the first may lie in the gate."""
        self.is_open = False
        self._plant = plant
        self._rng = rng
        self._last: Thing | None = None
        """What was laid on the belt last."""
        self._feeding: Due | None = None
        self._in_gate: Thing | None = None
        self._coming: Due | None = None
        self._released = False

    # --- the controller

    def gate(self, is_open: bool) -> None:
        """Open or shut the inlet."""
        self.is_open = is_open
        self.go_on()

    def let_in(self) -> bool:
        """The gate lets in what lies in it, as soon as there is room on the belt; False when nothing does.

        Where none stands, what waits goes in by itself.
        """
        if not self._plant.layout.guarded:
            return bool(self.queue)
        if self._in_gate is None:
            return False
        if self._plant.faults.spend("gate_taken"):
            self._give_back()
            return True
        self._released = True
        self.go_on()
        return True

    def refuse(self) -> bool:
        """The gate gives back what waits at it; False when nothing does."""
        if not self.queue or (self._plant.layout.guarded and self._in_gate is None):
            return False
        self._give_back()
        return True

    def _give_back(self) -> None:
        """The first who waits has her thing in her hands again."""
        thing = self.queue.popleft()
        thing.where = "hands"
        self._plant.ended[thing.name] = thing
        self._leave_gate()

    @property
    def lies_in_gate(self) -> bool:
        """Something lies in the gate and has not been let in."""
        return self._in_gate is not None and not self._released

    # --- people

    def bring(self, thing: "Thing", *, after: float = 0.0) -> None:
        """Somebody comes with a thing, now or in so many seconds."""
        if after:
            self._plant.agenda.after(after, lambda: self._wait(thing))
        else:
            self._wait(thing)

    def _wait(self, thing: "Thing") -> None:
        self.queue.append(thing)
        if self._plant.layout.guarded:
            self._come()
            return
        self._tell()
        self.go_on()

    def _come(self) -> None:
        """The first who waits puts her thing into the gate, when it is empty."""
        if self._in_gate is None and self._coming is None and self.queue:
            self._coming = self._plant.agenda.after(HANDS_S, self._lie)

    def _lie(self) -> None:
        self._coming = None
        if not self.queue:
            return
        self._in_gate = self.queue[0]
        for tag in self._in_gate.tags:
            self._plant.gate_in(tag)
        self._tell()

    def _leave_gate(self) -> None:
        if self._in_gate is not None:
            for tag in self._in_gate.tags:
                self._plant.gate_out(tag)
        self._in_gate, self._released = None, False
        if self._plant.layout.guarded:
            self._come()

    def _tell(self) -> None:
        if self._plant.controller is not None:
            self._plant.controller.waiting()

    # --- onto the belt

    def go_on(self) -> None:
        """Something that mattered has changed: lay the next thing on the belt when there is room."""
        if self.queue and self._lets_in and self._feeding is None:
            at = max(self._room_at(), self._plant.position)
            self._feeding = self._plant.when(at, self._feed)

    def forget_last(self) -> None:
        """The belt is empty: there is room."""
        self._last = None

    @property
    def _lets_in(self) -> bool:
        plant = self._plant
        let_in = not plant.layout.guarded or (
            self._released and plant.faults.get("gate_stuck") is None
        )
        return self.is_open and plant.moving and let_in

    def _room_at(self) -> float:
        """Belt position at which the next thing can be laid behind the last."""
        plant, lay = self._plant, self._plant.layout
        if self._last is None:
            return plant.position
        gap = lay.inlet_gap
        if (short := plant.faults.get("short_gap")) is not None:
            gap = int(number(short["mm"]))
        return self._last.origin + self._last.length + lay.pulses(gap) - lay.pulses(lay.lead_in)

    def _feed(self) -> None:
        self._feeding = None
        if not (self.queue and self._lets_in):
            return
        plant, lead_in = self._plant, self._plant.layout.lead_in
        if self._last is not None:
            plant.faults.spend("short_gap")
        thing = self.queue.popleft()
        self._leave_gate()
        plant.lay(thing, lead_in)
        self._last = thing
        if self.queue and plant.faults.spend("double_feed"):
            second = self.queue.popleft()
            plant.lay(second, lead_in + self._rng.uniform(0, 30))
            if second.origin + second.length > thing.origin + thing.length:
                self._last = second
        self.go_on()
