"""A plant, its controller and a careful host in one process, as fast as it goes: no loop, no wire, no waiting."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from hw_sim.agenda import Agenda
from hw_sim.devices.belt_pack import State
from hw_sim.devices.belt_plc import BeltPlc, Result
from hw_sim.devices.belt_ring import Event, Type
from hw_sim.plant import Plant
from hw_sim.plant_layout import Layout
from hw_sim.plant_things import Thing
from hw_sim.scenario import ItemSpec
from hw_sim.tagging import tagged
from hw_sim.world import Tag

ENDS = frozenset({Type.CONFIRMED, Type.MISSED, Type.LOST})


@dataclass(slots=True)
class Believed:
    """What the host knows of one item."""

    tid: int
    seen: Counter[str] = field(default_factory=Counter)
    reading: bool = False
    name: str = ""
    dest: int = 0
    gap: bool = False
    end: Event | None = None


class Trial:
    """Runs a plant in steps. `answer_s` is how long a decision takes, by seeded chance."""

    def __init__(
        self,
        layout: Layout | None = None,
        *,
        seed: int = 1,
        tags: bool = True,
        answer_s: Callable[[random.Random], float] = lambda _rng: 0.3,
    ) -> None:
        self.layout = layout or Layout(horn_s=0.5, capacity=10**9)
        self.agenda = Agenda()
        self.rng = random.Random(f"trial {seed}")
        self.plant = Plant(self.layout, self.agenda, random.Random(f"plant {seed}"))
        self.plc = BeltPlc(self.plant)
        self.plant.tag_out = self._tag_out
        self.plant.spare_tag = self._spare
        self.in_field: list[Tag] = []
        self.plant.tag_in = self.in_field.append
        self.items: dict[int, Believed] = {}
        self.ended: list[Believed] = []
        self.removed: list[Believed] = []
        """Taken off the belt by hand: nothing is told of them any more."""
        self.events: list[Event] = []
        self.keep_events = True
        self.counts: Counter[Type] = Counter()
        self.taken = 0
        self.allow = True
        self.silent = False
        self.cycle_s = 0.05
        self._tags = tags
        self._answer_s = answer_s
        self._beat = 0
        self._made = 0

    def _tag_out(self, tag: Tag) -> None:
        if tag in self.in_field:
            self.in_field.remove(tag)

    def _spare(self, why: str) -> Tag:
        self._made += 1
        owner = "DK761500" if why == "foreign" else "DK746100"
        return tagged(ItemSpec(id=f"99{self._made:08}", owner=owner)).tags[0]

    # --- the world

    def things(self, count: int) -> list[Thing]:
        made = []
        for _ in range(count):
            self._made += 1
            name = f"38{self._made:08}"
            tags = tagged(ItemSpec(id=name)).tags if self._tags else []
            made.append(self.plant.thing(name, tags=tags))
        return made

    def feed(self, count: int, every: float = 0.0) -> list[Thing]:
        made = self.things(count)
        self.plant.feed(made, every)
        return made

    def wanted(self, name: str) -> int:
        """The bin of an item, by its name alone."""
        return int(name) % self.layout.bins + 1

    # --- the host

    def step(self, seconds: float = 0) -> None:
        """One cycle of the host."""
        seconds = seconds or self.cycle_s
        if not self.silent:
            self._beat = (self._beat + 1) % 65536
            self.plc.host(self._beat, self.taken, allow=self.allow, degraded=False)
        polls = 2 if self._tags else 1
        for _ in range(polls):
            self.agenda.run(self.agenda.now + seconds / polls)
            if self.in_field:
                for item in self.items.values():
                    if item.reading:
                        item.seen.update(tag.item for tag in self.in_field)
        if not self.silent:
            for event in self.plc.ring.after(self.taken):
                self.taken = event.sequence
                self._event(event)

    def _event(self, event: Event) -> None:
        self.counts[event.type] += 1
        if self.keep_events:
            self.events.append(event)
        if event.type is Type.INDUCTED:
            assert event.tid not in self.items
            self.items[event.tid] = Believed(event.tid)
            if not self._tags:
                self.plc.destine(event.tid, event.tid % self.layout.bins + 1, 0)
        item = self.items.get(event.tid)
        if item is None:
            return
        match event.type:
            case Type.AT_READER:
                item.reading = True
            case Type.LEFT_READER:
                item.reading = False
                self._decide(item)
            case Type.GAP_FAULT:
                item.gap = True
            case _ if event.type in ENDS:
                item.end = event
                self.ended.append(self.items.pop(event.tid))
            case _:
                pass

    def _decide(self, item: Believed) -> None:
        """One tag that answered mostly here, and only if it answered in no neighbour's time as often."""
        if item.gap or not item.seen:
            return
        others = [o for o in (*self.items.values(), *self.ended[-3:]) if o is not item]
        mine = [n for n, c in item.seen.items() if c > max((o.seen[n] for o in others), default=0)]
        rest = [n for n, c in item.seen.items() if any(o.seen[n] == c for o in others)]
        taken = any(o.name in mine for o in others if o.name)
        if len(mine) != 1 or rest or taken or mine[0].startswith("99"):
            return
        item.name = mine[0]
        self.agenda.after(self._answer_s(self.rng), lambda: self._send(item))

    def _send(self, item: Believed) -> None:
        if item.end is None:
            item.dest = self.wanted(item.name)
            self.plc.destine(item.tid, item.dest, 0)

    def order(self, code: int, a1: int = 0, a2: int = 0) -> Result:
        found: list[Result] = []
        self.plc.in_scan(lambda: found.append(self.plc.order(code, a1, a2)))
        self.step()
        assert len(found) == 1
        return found[0]

    def until(self, done: Callable[[], bool], *, seconds: float = 600) -> None:
        end = self.agenda.now + seconds
        while not done():
            assert self.agenda.now < end, (self.state, self.events[-10:])
            self.step()

    def for_(self, seconds: float) -> None:
        end = self.agenda.now + seconds
        while self.agenda.now < end:
            self.step()

    @property
    def state(self) -> State:
        return self.plc.state

    def start(self) -> None:
        """From wherever it stands to Execute, as an operator would: nothing lies on a belt that was in doubt."""
        self.for_(0.3)
        if self.state is State.ABORTED:
            self.plant.release()
            self.plant.take_all()
            self.plc.emptied()
            self.step()
            self.removed += self.items.values()
            self.items.clear()
            assert self.order(9) is Result.OK
            self.until(lambda: self.state is State.STOPPED)
        if self.state in {State.STOPPED, State.COMPLETE}:
            assert self.order(1) is Result.OK
            self.until(lambda: self.state is State.IDLE)
        if self.state is State.IDLE:
            assert self.order(2) is Result.OK
        if self.state is State.HELD:
            assert self.order(5) is Result.OK
        self.until(lambda: self.state is State.EXECUTE)

    @property
    def resting(self) -> bool:
        """Nothing is on its way, and all of it is told."""
        plant = self.plant
        return not (
            plant.inlet or plant.things or self.plc.tracking.tracks or self.plc.ring.pending
        )

    # --- the proof

    def conserved(self) -> None:
        """Inducted = confirmed + missed + lost + on the belt + removed."""
        ends = sum(self.counts[kind] for kind in ENDS) + len(self.removed)
        assert self.counts[Type.INDUCTED] == ends + len(self.items)

    def wrong(self) -> list[str]:
        """Items that lie in a bin where they do not belong, and nobody was told so: by the plant's own word."""
        told: dict[str, set[int]] = {}
        for item in self.ended:
            if item.name and item.end is not None:
                bin = item.end.b if item.end.type is Type.MISSED else item.end.a
                told.setdefault(item.name, set()).add(0 if item.end.type is Type.LOST else bin)
        unread: Counter[int] = Counter()
        for item in self.ended:
            if not item.name and item.end is not None and item.end.type is not Type.CONFIRMED:
                bin = item.end.b if item.end.type is Type.MISSED else 0
                unread[bin] += max(1, len(item.seen))  # two that were fed as one have two tags
        for item in self.removed:
            told.setdefault(item.name, set()).add(0)
            unread[0] += not item.name
        unread[0] += self.counts[Type.STRAY]
        found = []
        for thing in self.plant.ended.values():
            if thing.where != "bin" or thing.bin in {self.layout.bins, self._right(thing.name)}:
                continue
            if thing.name in told:
                if not {0, thing.bin} & told[thing.name]:
                    found.append(f"{thing.name} in {thing.bin}, told {told[thing.name]}")
            elif unread[thing.bin]:
                unread[thing.bin] -= 1  # told as missed: an item that nobody could read lies there
            elif unread[0]:
                unread[0] -= 1
            else:
                found.append(f"{thing.name} in {thing.bin}, never known")
        return found

    def _right(self, name: str) -> int:
        return self.wanted(name) if name.isdigit() else 0
