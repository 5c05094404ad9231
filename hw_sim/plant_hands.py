"""A plant on a stage: its belt and tunnel reader as devices, and the verbs of the people who stand beside it."""

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from hw_sim.agenda import Agenda
from hw_sim.devices.belt_image import Belt
from hw_sim.devices.belt_plc import BeltPlc
from hw_sim.devices.feig import FeigReader
from hw_sim.plant import Plant
from hw_sim.plant_layout import Layout
from hw_sim.plant_things import Thing
from hw_sim.scenario import ItemSpec
from hw_sim.tagging import tagged
from hw_sim.tunnel import Tunnel
from hw_sim.world import Tag, World

BAUD = 115_200
NO_ITEM_MM = 140.0
"""Length of what is no item: a passport, a phone."""
Verb = Callable[..., Awaitable[dict[str, object]]]

_SPARE = {"two": ("9999999990", "DK746100"), "foreign": ("9999999001", "DK761500")}
"""Item and owner of the tag that a fault adds."""


class PlantHands:
    """One plant with its controller. Verbs raise ValueError or TypeError with what is known."""

    def __init__(self, table: Mapping[str, Any], world: World) -> None:
        self.agenda = Agenda()
        self.plant = Plant(Layout.from_table(table), self.agenda, world.chance("plant"))
        self.plc = BeltPlc(self.plant)
        self.tunnel = Tunnel(world)
        self.plant.tag_in = self._tag_in
        self.plant.tag_out = self.tunnel.leave
        self.gate = Tunnel(world)
        """The field of the reader at the inlet's gate."""
        self.plant.gate_in = self.gate.enter
        self.plant.gate_out = self.gate.leave
        self.plant.spare_tag = self._spare
        self.plant.landed = self._landed
        self._world = world
        self._spares = 0
        self._dropped = 0
        self._fed: set[str] = set()
        self.verbs: Mapping[str, Verb] = {
            "feed": self.feed,
            "drop": self.drop,
            "pull_bin": self.pull_bin,
            "dock_bin": self.dock_bin,
            "fill_bin": self.fill_bin,
            "e_stop": self.e_stop,
            "guard": self.guard,
            "local_key": self.local_key,
            "empty_belt": self.empty_belt,
            "take_off": self.take_off,
            "lay_on": self.lay_on,
        }

    def belt(self, baud: int | None, rng: random.Random) -> Belt:
        """The controller as a device on a wire."""
        belt = Belt(self.plc, baud=baud or BAUD, rng=rng)
        belt.destined = lambda tid, bin: self._world.tell("destined", tid=tid, bin=bin)
        return belt

    def reader(self, role: str, pace: Literal["none", "real"], rng: random.Random) -> FeigReader:
        """The reader in the tunnel, or the one at the gate."""
        field = self.gate if role == "gate" else self.tunnel
        return FeigReader(field, pace=pace, rng=rng, role=role)

    def thing(self, item: str) -> Thing:
        """An item of the world as something that can lie on the belt."""
        if item not in self._world.items:
            raise ValueError(f"no item {item!r}")
        return self.plant.thing(item, tags=self._world.items[item].tags)

    def _spare(self, why: str) -> Tag | None:
        item, owner = _SPARE[why]
        self._spares += 1
        return tagged(ItemSpec(id=f"{int(item) + self._spares}", owner=owner)).tags[0]

    def _tag_in(self, tag: Tag) -> None:
        self.tunnel.enter(tag)
        self._world.tell("in_tunnel", item=tag.item, part=tag.part)

    def _landed(self, thing: Thing) -> None:
        self._world.tell("landed", item=thing.name, where=thing.where, bin=thing.bin)

    # --- verbs

    async def feed(
        self, items: list[str] | str | None = None, count: int = 0, every: float = 0.0
    ) -> dict[str, object]:
        """Bring items to the inlet: those named, or so many that were not there yet, one every so many seconds."""
        if items is None:
            waiting = [item for item in self._world.items if item not in self._fed]
            names = waiting[: _whole("count", count)]
        else:
            names = _names(items)
        busy = {t.name for t in (*self.plant.things, *self.plant.inlet)}
        if twice := sorted(busy & set(names)):
            raise ValueError(f"on the belt or at the inlet already: {', '.join(twice)}")
        things = [self.thing(item) for item in names]
        self.agenda.catch_up()
        self._fed.update(names)
        self.plant.feed(things, float(every))
        self._world.tell("fed", items=names)
        return {"items": names}

    async def drop(self, items: list[str] | str | None = None, what: str = "") -> dict[str, object]:
        """Put items into the inlet as one thing, all in one hand; or what is none: a passport, a phone, junk.

        A passport or a cash card answers on another air interface than a library's tags, junk on none.
        """
        names = [] if items is None else _names(items)
        if bool(names) == bool(what):
            raise ValueError("drop takes items, or what is no item")
        if names:
            first = self.thing(names[0])
            first.tags = [tag for name in names for tag in self._world.items[name].tags]
            thing = first
        else:
            self._dropped += 1
            thing = self.plant.thing(f"{what}-{self._dropped}", NO_ITEM_MM)
        self.agenda.catch_up()
        self._fed.update(names)
        self.plant.feed([thing])
        self._world.tell("fed", items=[thing.name])
        return {"thing": thing.name}

    async def pull_bin(self, bin: int) -> dict[str, object]:
        """Lift the crate of a bin out."""
        self.agenda.catch_up()
        self.plant.pull_bin(_whole("bin", bin))
        return {}

    async def dock_bin(self, bin: int) -> dict[str, object]:
        """Put an empty crate into a bin."""
        self.agenda.catch_up()
        self.plant.dock_bin(_whole("bin", bin))
        return {"crate": self.plant.bins[bin].number}

    async def fill_bin(self, bin: int) -> dict[str, object]:
        """Fill the crate of a bin to the brim by hand: its sensor sees it, and nothing more should go in."""
        self.agenda.catch_up()
        if not 1 <= bin <= self.plant.layout.bins:
            raise ValueError(f"no bin {bin}; there are 1 to {self.plant.layout.bins}")
        self.plant.bins[_whole("bin", bin)].fill(self.plant.layout.capacity)
        self.plc.sensed()
        return {"items": len(self.plant.bins[bin].things)}

    async def e_stop(self, pressed: bool) -> dict[str, object]:
        """Press the emergency stop, or pull it out again."""
        return self._switch("e_stop", pressed)

    async def guard(self, open: bool) -> dict[str, object]:
        """Open a guard, or shut it."""
        return self._switch("guard", open)

    async def local_key(self, on: bool) -> dict[str, object]:
        """Turn the key at the cabinet."""
        self.agenda.catch_up()
        self.plant.turn_key(_yes_no("on", on))
        return {}

    async def empty_belt(self) -> dict[str, object]:
        """Take everything off the belt, and press the button that says so."""
        self.agenda.catch_up()
        items = [thing.name for thing in self.plant.things]
        self.plant.take_all()
        self.plc.emptied()
        return {"items": items}

    async def take_off(self, item: str) -> dict[str, object]:
        """Take one thing off the belt and say nothing."""
        self.agenda.catch_up()
        found = [thing for thing in self.plant.things if thing.name == item]
        if not found:
            raise ValueError(f"{item!r} does not lie on the belt")
        self.plant.take(found[0])
        return {}

    async def lay_on(self, mm: int, item: str = "", length: int = 200) -> dict[str, object]:
        """Lay something on the belt by hand with its front so far behind the induct eye."""
        self.agenda.catch_up()
        tags = self._world.items[item].tags if item in self._world.items else []
        thing = self.plant.add_by_hand(_whole("mm", mm), _whole("length", length), item, tags)
        return {"item": thing.name}

    def _switch(self, verb: str, on: bool) -> dict[str, object]:
        self.agenda.catch_up()
        if _yes_no(verb, on):
            self.plant.fault(verb, {})
        else:
            self.plant.clear(verb)
        return {"safe": self.plant.safe}


def _names(items: object) -> list[str]:
    names = [items] if isinstance(items, str) else items
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return names
    raise TypeError("items is a list of item ids")


def _yes_no(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError(f"{name} is true or false")


def _whole(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise TypeError(f"{name} is a whole number, 0 or more")
