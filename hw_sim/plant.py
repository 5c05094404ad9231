"""A sorting plant: things on a belt, eyes, ploughs, crates and an inlet, in pulses of the belt's encoder.

Only what is physical: a thing lies where it lies, and goes down the chute whose plough was out when its front came.
Positions are belt pulses, so a belt that stops loses nothing and asks for no time. What the controller is told are
edges of eyes and sensors; where everything really is, only the plant knows.

Not modelled: ramps (the belt stops at once), a plough that moves under a thing, things that turn on the belt.
"""

import random
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from hw_sim.agenda import Agenda, Due, Heap
from hw_sim.faults import Faults, number
from hw_sim.plant_faults import EYE_FAULTS, PLANT_FAULTS, SENSED
from hw_sim.plant_intake import Intake
from hw_sim.plant_layout import Layout
from hw_sim.plant_things import Crate, Kind, Point, Thing
from hw_sim.world import Tag


class Controller(Protocol):
    """Whoever is wired to the plant's eyes and sensors."""

    def edge(self, eye: int, covered: bool, pulse: int) -> None:
        """An eye changed, at this count of the encoder."""
        ...

    def sensed(self) -> None:
        """A sensor of a bin, the safety chain or a switch changed."""
        ...

    def waiting(self) -> None:
        """Something has come to lie at the inlet, or in its gate."""
        ...


class Plant:
    """The plant. The controller runs it by `run`, `plough` and `intake`; hands by the other verbs."""

    def __init__(self, layout: Layout, agenda: Agenda, rng: random.Random) -> None:
        self.layout = layout
        self.agenda = agenda
        self.faults = Faults(PLANT_FAULTS)
        self.controller: Controller | None = None
        self.landed: Callable[[Thing], None] = lambda _thing: None
        """Told of each thing that has come to rest in a bin or on the floor."""
        self.tag_in: Callable[[Tag], None] = lambda _tag: None
        self.tag_out: Callable[[Tag], None] = lambda _tag: None
        self.gate_in: Callable[[Tag], None] = lambda _tag: None
        self.gate_out: Callable[[Tag], None] = lambda _tag: None
        self.spare_tag: Callable[[str], Tag | None] = lambda _why: None
        """Makes the tag of a fault: `two` items' tags on one, or a `foreign` library's."""
        self.moving = False
        self.local_key = False
        self.horn = False
        self.things: list[Thing] = []
        """What lies on the belt or in a chute, first come first."""
        self.ended: dict[str, Thing] = {}
        """What has come to rest, or into hands."""
        self.bins = [Crate() for _ in range(layout.bins + 1)]
        """By the bin's number; there is none at 0."""
        self._rng = rng
        self._pulses = Heap()
        self._at = 0.0
        self._since = 0.0
        self._speed = layout.pulses(layout.mm_s)
        self._head: tuple[float, Due] | None = None
        self._covers = [0] * (2 * layout.bins + 1)
        self._shown = [False] * (2 * layout.bins + 1)
        self._out = [False] * (layout.bins + 1)
        self._still = [0.0] * (layout.bins + 1)
        """From when each plough moves no more, by what it has been told."""
        self._stuck: list[Thing] = []
        self._added = 0
        self._line = self._points()
        self.intake = Intake(self, rng)

    def _points(self) -> tuple[Point, ...]:
        lay = self.layout
        found: list[Point] = [
            (lay.pulses(lay.eye(zone)), Kind.ON, zone) for zone in range(lay.bins + 1)
        ]
        found += [(lay.pulses(lay.divert(b)), Kind.PLOUGH, b) for b in range(1, lay.bins)]
        found.append((lay.pulses(lay.divert(lay.bins)), Kind.END, lay.bins))
        return tuple(sorted(found))

    # --- what the controller can do and see

    @property
    def position(self) -> float:
        """How far the belt has come, in pulses, never turning over."""
        if not self.moving:
            return self._at
        return self._at + (self.agenda.now - self._since) * self._speed

    def committed(self, bin: int) -> frozenset[str]:
        """Names of what is so near the plough of a bin, or past it, that this has been told to move for it, or not to."""
        at = self.layout.pulses(self.layout.divert(bin) - self.layout.plough_lead)
        gone = ((one.name, one.held_at, self.position - one.origin) for one in self.things)
        return frozenset(name for name, held, front in gone if (held or front) >= at)

    @property
    def encoder(self) -> int:
        """Whole pulses that the encoder has counted."""
        return int(self.position)

    def when(self, pulse: float, do: Callable[[], None]) -> Due:
        """Call when the belt has come so far: at once if it has."""
        due = self._pulses.add(pulse, do)
        self._arm_belt()
        return due

    def run(self, on: bool) -> None:
        """Start or stop the drive. It does not start while the safety chain is open, or its protection has tripped."""
        if on == self.moving or (on and (not self.safe or self.tripped)):
            return
        self._at, self._since = self.position, self.agenda.now
        self.moving = on
        self._arm_belt()
        self.intake.go_on()

    def plough(self, bin: int, out: bool) -> None:
        """Move a plough; it takes its time."""
        late = 0.0
        if out and self._strikes("missed_divert", "bin", bin):
            self.faults.spend("missed_divert")
            return
        if out and self._strikes("divert_late", "bin", bin):
            spent = self.faults.spend("divert_late") or {}
            late = number(spent["ms"]) / 1000
        at = max(self.agenda.now + late, self._still[bin]) + self.layout.plough_s
        self._still[bin] = at  # one that goes out late comes back after that
        self.agenda.at(at, lambda: self._moved(bin, out))

    def _moved(self, bin: int, out: bool) -> None:
        self._out[bin] = out

    @property
    def safe(self) -> bool:
        """Whether the safety chain is closed."""
        return not self.e_stop and not self.guard_open

    @property
    def tripped(self) -> bool:
        """Whether the motor's protection has switched the drive off."""
        return self.faults.get("motor_trip") is not None

    @property
    def e_stop(self) -> bool:
        return self.faults.get("e_stop") is not None

    @property
    def guard_open(self) -> bool:
        return self.faults.get("guard") is not None

    def bin_full(self, bin: int) -> bool:
        """What the sensor across a crate says."""
        full = len(self.bins[bin].things) >= self.layout.capacity
        return (full and self.bins[bin].present) or self._strikes("false_full", "bin", bin)

    def bin_present(self, bin: int) -> bool:
        return self.bins[bin].present and not self._strikes("bin_pulled", "bin", bin)

    # --- the belt

    def _arm_belt(self) -> None:
        head = self._pulses.head() if self.moving else None
        if head is None:
            if self._head is not None:
                self._head[1].cancel()
                self._head = None
            return
        if self._head is not None:
            if self._head[0] == head.when:
                return
            self._head[1].cancel()
        due = self._since + (head.when - self._at) / self._speed
        self._head = (head.when, self.agenda.at(due, self._reached))

    def _reached(self) -> None:
        if self._head is None:
            return
        upto, self._head = max(self._head[0], self._at), None
        self._at, self._since = upto, self.agenda.now
        while self.moving and (due := self._pulses.head()) is not None and due.when <= upto:
            self._pulses.pop()
            do, due.do = due.do, None
            if do is not None:
                do()
        self._arm_belt()

    def _aim(self, thing: Thing) -> None:
        """Wait for the next point that this thing comes to."""
        if thing.due is not None:
            thing.due.cancel()
            thing.due = None
        if thing.held_at is not None or thing.nth >= len(thing.points):
            return
        distance = thing.points[thing.nth][0]
        if self._stuck and not thing.chute:
            front = self.position - thing.origin
            ahead = [
                s.held_at - s.length
                for s in self._stuck
                if s.held_at is not None and s is not thing
            ]
            wall = min((rear for rear in ahead if rear >= front - 1), default=None)
            if wall is not None and wall < distance:
                thing.due = self.when(thing.origin + wall, lambda: self._stick(thing))
                return
        thing.due = self.when(thing.origin + distance, lambda: self._come(thing))

    def _come(self, thing: Thing) -> None:
        _, kind, which = thing.points[thing.nth]
        thing.nth += 1
        thing.due = None
        match kind:
            case Kind.ON:
                thing.passed.append((which, self.encoder))
                self._cover(which, 1)
                if which <= self.layout.bins:
                    self._at_eye(thing, which)
            case Kind.OFF:
                self._cover(which, -1)
            case Kind.PLOUGH:
                if self._is_out(which):
                    self._divert(thing, which)
            case Kind.END:
                self._divert(thing, which)
            case Kind.LAND:
                self._land(thing, which)
                return
            case Kind.TAG_IN:
                self.tag_in(thing.tags[which])
            case Kind.TAG_OUT:
                self.tag_out(thing.tags[which])
        if thing.where == "belt":
            self._aim(thing)

    def plough_out(self, bin: int) -> bool:
        """What the sensor at a plough says."""
        return self._is_out(bin)

    def _is_out(self, bin: int) -> bool:
        stuck = self.faults.get("divert_stuck")
        if stuck is not None and stuck["bin"] == bin:
            return bool(stuck["out"])
        return self._out[bin]

    def _divert(self, thing: Thing, bin: int) -> None:
        lay = self.layout
        down = lay.pulses(lay.divert(bin) + lay.chute)
        rest = [p for p in thing.points[thing.nth :] if p[1] is Kind.OFF and p[2] <= bin]
        rest += [p for p in thing.points[thing.nth :] if p[1] is Kind.TAG_OUT]
        rest += [
            (down, Kind.ON, lay.bins + bin),
            (down + thing.length, Kind.OFF, lay.bins + bin),
            (down + thing.length + 1, Kind.LAND, bin),
        ]
        thing.points, thing.nth, thing.chute = sorted(rest), 0, bin

    def _land(self, thing: Thing, bin: int) -> None:
        self.things.remove(thing)
        crate = self.bins[bin]
        thing.bin, thing.chute = bin, 0
        if self.bin_present(bin):
            thing.where, thing.crate = "bin", crate.number
            crate.things.append(thing.name)
        else:
            thing.where = "floor"
        self.ended[thing.name] = thing
        self.landed(thing)
        if len(crate.things) == self.layout.capacity:
            self._changed()

    # --- what befalls a thing at an eye

    def _at_eye(self, thing: Thing, zone: int) -> None:
        if self._strikes("jam", "zone", zone):
            spent = self.faults.spend("jam") or {}
            front = self.layout.pulses(self.layout.eye(zone))
            if spent["past"]:
                stop = front + thing.length + self.layout.pulses(30)
                thing.due = None
                self.when(thing.origin + stop, lambda: self._stick(thing))
            else:
                self.when(thing.origin + front + thing.length / 2, lambda: self._stick(thing))
        if self._strikes("slip", "zone", zone):
            spent = self.faults.spend("slip") or {}
            pulses = self.layout.pulses(number(spent["mm"])) * (-1 if spent["ahead"] else 1)
            clear = thing.origin + self.layout.pulses(self.layout.eye(zone)) + thing.length + 30
            self.when(clear, lambda: self._slide(thing, pulses))
        if self._strikes("taken", "zone", zone):
            self.faults.spend("taken")
            clear = thing.origin + self.layout.pulses(self.layout.eye(zone)) + thing.length + 30
            self.when(clear, lambda: self.take(thing))
        if self._strikes("added", "zone", zone):
            spent = self.faults.spend("added") or {}
            behind = self.layout.eye(zone) - self.layout.mm(thing.length) - 40
            self.add_by_hand(behind, number(spent["length"]))

    def _stick(self, thing: Thing) -> None:
        if thing.where != "belt" or thing.chute or thing.held_at is not None:
            return
        thing.held_at = self.position - thing.origin
        self._stuck.append(thing)
        for other in self.things:
            self._aim(other)

    def release(self) -> None:
        """What was stuck moves with the belt again."""
        for thing in self._stuck:
            if thing.held_at is not None:
                thing.origin = self.position - thing.held_at
                thing.held_at = None
        self._stuck = []
        for thing in self.things:
            self._aim(thing)

    def _slide(self, thing: Thing, pulses: float) -> None:
        if thing.where == "belt" and not thing.chute and thing.held_at is None:
            thing.origin += pulses
            self._aim(thing)

    # --- eyes

    def _strikes(self, verb: str, key: str, which: int) -> bool:
        args = self.faults.get(verb)
        return args is not None and args[key] == which

    def _cover(self, eye: int, step: int) -> None:
        before = self._covers[eye] > 0
        self._covers[eye] += step
        after = self._covers[eye] > 0
        if before == after:
            return
        pulses = self.layout.pulses
        if self._strikes("eye_bounce", "eye", eye):
            spent = self.faults.spend("eye_bounce") or {}
            for n in range(int(number(spent["edges"]))):
                shown = before if n % 2 == 0 else after
                at = self.position + (n + 1) * pulses(1)
                self.when(at, lambda shown=shown: self._show(eye, shown))  # type: ignore[misc]
            self.when(
                self.position + pulses(2) * number(spent["edges"]), lambda: self._refresh(eye)
            )
        if after and self._strikes("eye_flicker", "eye", eye):
            spent = self.faults.spend("eye_flicker") or {}
            blind = self.position + pulses(self._rng.uniform(40, 80))
            self.when(blind, lambda: self._show(eye, False))
            self.when(blind + pulses(number(spent["mm"])), lambda: self._refresh(eye))
        dirty = self.faults.get("eye_dirty")
        if not after and dirty is not None and dirty["eye"] == eye:
            self.when(self.position + pulses(number(dirty["mm"])), lambda: self._refresh(eye))
        else:
            self._refresh(eye)

    def _refresh(self, eye: int) -> None:
        self._show(eye, self._covers[eye] > 0)

    def _show(self, eye: int, covered: bool) -> None:
        stuck = self.faults.get("eye_stuck")
        if stuck is not None and stuck["eye"] == eye:
            covered = bool(stuck["covered"])
        if self._shown[eye] != covered:
            self._shown[eye] = covered
            if self.controller is not None:
                self.controller.edge(eye, covered, self.encoder)

    def covered(self, eye: int) -> bool:
        """What an eye says."""
        return self._shown[eye]

    # --- the inlet

    def feed(self, things: Iterable[Thing], every: float = 0.0) -> None:
        """Bring things to the inlet, at once or one every so many seconds."""
        for n, thing in enumerate(things):
            thing.where = "inlet"
            before = self.ended.pop(thing.name, None)
            if before is not None and thing.name in self.bins[before.bin].things:
                self.bins[before.bin].things.remove(thing.name)
            self.intake.bring(thing, after=every * n)

    @property
    def inlet(self) -> deque[Thing]:
        """What waits at the inlet, first come first."""
        return self.intake.queue

    def lay(self, thing: Thing, before_mm: float) -> None:
        """Lay a thing with its front so far before the induct eye."""
        self._spoil(thing)
        thing.where, thing.bin, thing.chute, thing.held_at = "belt", 0, 0, None
        thing.origin = self.position + self.layout.pulses(before_mm)
        thing.entered, thing.passed = self.agenda.now, []
        front = -self.layout.pulses(before_mm)
        eyes = [(at, eye) for at, kind, eye in self._line if kind is Kind.ON]
        points = [p for p in (*self._line, *self._tag_points(thing)) if p[0] >= front]
        points += [
            (at + thing.length, Kind.OFF, eye) for at, eye in eyes if at + thing.length > front
        ]
        thing.points, thing.nth = sorted(points), 0
        self.things.append(thing)
        for at, eye in eyes:
            if at < front < at + thing.length:
                self._cover(eye, 1)
        self._aim(thing)

    def _tag_points(self, thing: Thing) -> list[Point]:
        lay, found = self.layout, []
        reach = 0.0
        if thing.tags and self.faults.get("neighbour_read") is not None:
            reach = lay.pulses(number((self.faults.spend("neighbour_read") or {})["mm"]))
        for n in range(len(thing.tags)):
            inside = thing.length / 2
            found.append((lay.pulses(lay.reader_start) - reach + inside, Kind.TAG_IN, n))
            found.append((lay.pulses(lay.reader_end) + reach + inside, Kind.TAG_OUT, n))
        return found

    def _spoil(self, thing: Thing) -> None:
        """Faults of what is glued to a thing, as it enters."""
        if self.faults.spend("no_tag"):
            thing.tags = []
        if self.faults.spend("foreign_tag"):
            foreign = self.spare_tag("foreign")
            thing.tags = [] if foreign is None else [foreign]
        if self.faults.spend("two_tags"):
            second = self.spare_tag("two")
            if second is not None:
                thing.tags = [*thing.tags, second]

    # --- hands

    def thing(self, name: str, length_mm: float = 0.0, tags: Iterable[Tag] = ()) -> Thing:
        """A new thing; without a length one as long as books are."""
        mm = length_mm or round(min(max(self._rng.gauss(215, 30), 120), 320))
        return Thing(name, self.layout.pulses(mm), list(tags))

    def take(self, thing: Thing) -> None:
        """Take a thing off the belt by hand. An eye over it sees it go."""
        if thing not in self.things:
            return
        self.things.remove(thing)
        if thing.due is not None:
            thing.due.cancel()
            thing.due = None
        if thing in self._stuck:
            self._stuck.remove(thing)
        rest = thing.points[thing.nth :]
        ahead = {which for _, kind, which in rest if kind is Kind.ON}
        for _, kind, which in rest:
            if kind is Kind.OFF and which not in ahead:
                self._cover(which, -1)
            elif kind is Kind.TAG_OUT:
                self.tag_out(thing.tags[which])
        thing.where, thing.chute = "hands", 0
        self.ended[thing.name] = thing
        for other in self.things:
            self._aim(other)

    def take_all(self) -> None:
        """Empty the belt by hand."""
        for thing in tuple(self.things):
            self.take(thing)
        self.intake.forget_last()

    def add_by_hand(
        self, at_mm: float, length_mm: float = 200.0, name: str = "", tags: Iterable[Tag] = ()
    ) -> Thing:
        """Lay something on the belt with its front there."""
        self._added += 1
        thing = self.thing(name or f"added-{self._added}", length_mm, tags)
        self.lay(thing, -at_mm)
        return thing

    def pull_bin(self, bin: int) -> None:
        """Lift a crate out."""
        self._bin(bin).present = False
        self._changed()

    def dock_bin(self, bin: int) -> None:
        """Put an empty crate where there is none, or in place of the one there."""
        crate = self._bin(bin)
        self.bins[bin] = Crate(crate.number + 1)
        self._changed()

    def _bin(self, bin: int) -> Crate:
        if not 1 <= bin <= self.layout.bins:
            raise ValueError(f"no bin {bin}; there are 1 to {self.layout.bins}")
        return self.bins[bin]

    def turn_key(self, on: bool) -> None:
        """Turn the local key at the cabinet."""
        self.local_key = on
        self._changed()

    # --- faults

    def fault(self, verb: str, args: dict[str, object]) -> None:
        """Start a fault. Raises ValueError or TypeError, naming what is known."""
        most = {"bin": self.layout.bins, "zone": self.layout.bins, "eye": 2 * self.layout.bins}
        for key, value in args.items():
            if key in most and isinstance(value, int) and not 0 <= value <= most[key]:
                raise ValueError(f"{verb}: {key} is at most {most[key]}")
        self.faults.start(verb, args)
        self._struck(verb)

    def clear(self, verb: str | None = None) -> None:
        """End one fault, or all; what was stuck goes on."""
        standing = set(self.faults.standing())
        self.faults.clear(verb)
        for ended in standing if verb is None else {verb}:
            self._struck(ended)
        if verb in {None, "jam"}:
            self.release()
        self.intake.go_on()

    def _struck(self, verb: str) -> None:
        if verb in EYE_FAULTS:
            for eye in range(len(self._covers)):
                self._refresh(eye)
        if verb in SENSED:
            if not self.safe or self.tripped:
                self.run(False)
            self._changed()

    def _changed(self) -> None:
        if self.controller is not None:
            self.controller.sensed()

    # --- truth

    def truth(self) -> dict[str, object]:
        """Where everything really is, as JSON types."""
        lay = self.layout
        items: dict[str, object] = {thing.name: {"where": "inlet"} for thing in self.inlet}
        for thing in self.things:
            front = self.position - thing.origin if thing.held_at is None else thing.held_at
            items[thing.name] = {
                "where": "chute" if thing.chute else "belt",
                "mm": round(lay.mm(front)),
                "stuck": thing.held_at is not None,
            }
        for thing in self.ended.values():
            items[thing.name] = {"where": thing.where, "bin": thing.bin, "crate": thing.crate}
        return {
            "moving": self.moving,
            "encoder": self.encoder,
            "inlet_open": self.intake.is_open,
            "e_stop": self.e_stop,
            "guard_open": self.guard_open,
            "items": items,
            "bins": {
                str(n): {
                    "crate": self.bins[n].number,
                    "present": self.bin_present(n),
                    "full": self.bin_full(n),
                    "items": list(self.bins[n].things),
                }
                for n in range(1, lay.bins + 1)
            },
        }
