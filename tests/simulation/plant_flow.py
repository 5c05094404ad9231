"""The belt's flow over the simulated plant and its controller, without a loop, a wire or a store: a million items' worth.

The flow, its plan and its geometry are those that ship; the controller and everything physical are the simulator's. Between
them stand a reader, a library system and a line in the simplest form, each with its own delays and faults by seed. The
plant says where everything lies; the line's own word counts only as what a person was told.
"""

import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from drivers.ports import BeltCommand, CommandResult, Online, Pack, Sign, Uid
from drivers.runtime.flow import Effect, Event, Now
from hw_sim.agenda import Agenda
from hw_sim.devices.belt_pack import State
from hw_sim.devices.belt_plc import BeltPlc
from hw_sim.odense import MAIN, OWNER, handed_in
from hw_sim.plant import Plant
from hw_sim.plant_layout import Layout
from hw_sim.plant_things import Thing
from hw_sim.world import Tag
from sorter.belt import acts
from sorter.belt.flow import BeltFlow, Rules
from sorter.belt.items import ItemState, Tracked
from sorter.belt.line import Line
from sorter.belt.records import Remembered
from sorter.belt.restart import line_as_left
from sorter.plan.decide import Decider
from sorter.plan.edition import load_plan
from sorter.plan.facts import Facts
from tests.simulation.plain_belt import PlainBelt
from tests.simulation.plant_crates import FullCrates
from tests.simulation.plant_judge import Copy, Found, Judge
from tests.simulation.plant_library import FarLibrary
from tests.simulation.plant_trouble import BELT_FAULTS, ITEM_FAULTS, LATE_ANSWER_S, BadLine
from tests.simulation.plant_truth import BINS, EXCEPTION, HOLDS, ILL, TRANSIT

FAST = Layout(
    mm_s=1500,
    eye_lead=480,
    pitch=500,
    reader_end=850,
    first_divert=3300,
    inlet_gap=180,
    most_items=16,
    horn_s=0.5,
)
"""The record's speed: 16 items on the belt, one every 400 mm."""
USUAL = Layout(horn_s=0.5, first_divert=2400, eye_lead=500)
TODAY = date(2026, 11, 3)
SILENT, ARMED = 0xC2, 0x07
WIRE_S, DISK_S = 0.02, 0.008
CYCLE_S, LINK_S, LOOK_S, OPERATOR_S = 0.05, 1.0, 0.045, 0.5
WALL = datetime(2026, 11, 3, 10, 42, tzinfo=UTC)
SWAPPED_AT = 45
"""Items in a crate that is carried away in time."""
CHUNK = 500
FEED_AHEAD = 6
STUCK_S = 300.0
"""Longer than any trouble stands."""


class PlantFlow:
    """One run. `belt_every` and `item_every`: something goes wrong with the belt, or an item, once in so many items."""

    def __init__(
        self,
        seed: int,
        *,
        layout: Layout = FAST,
        belt_every: float = 150,
        item_every: float = 25,
    ) -> None:
        self.rng = random.Random(f"plant flow {seed}")
        self.seed = seed
        self.agenda = Agenda()
        self.plant = Plant(layout, self.agenda, random.Random(f"plant {seed}"))
        self.plc = BeltPlc(self.plant)
        self.full = FullCrates(self.plc)
        self.belt = PlainBelt(self.plc)
        plan = load_plan(Path(str(files("config").joinpath("plans/odense.toml"))))
        self.decide = Decider(plan)
        self.flow = BeltFlow(Rules(branch=MAIN))
        self.line = Line.by(self.decide)
        self.judge = Judge(bins=layout.bins, pulses_a_mm=layout.pulses(1), run=f"seed {seed}")
        self.copies: dict[str, Copy] = {}
        self.library = FarLibrary(self)
        self.item_faults: tuple[str, ...] = ITEM_FAULTS
        self.last_result: CommandResult | None = None
        self._belt_every, self._item_every = belt_every, item_every
        self._rows = self._handed_in()
        self._field: list[Tag] = []
        self._asked_of: dict[bytes, int] = {}
        self._spares = 0
        self._left = 0
        self._to_revive: tuple[Tracked, ...] = ()
        self._answered: set[bytes] = set()  # tags that it was told of while the wire spoke
        self._landed: deque[Copy] = deque()
        self._silent_until = 0.0
        self._heard_at = self._linked_at = 0.0
        self.wire = BadLine(self.agenda, self.rng)
        self.life = 0
        """Of the host: what an earlier one had begun ends with it, but for what the world goes on with."""
        self.dead_until = 0.0
        self._wall = WALL
        self._kept = Remembered()
        self._kept_items: dict[int, Tracked] = {}
        self._unheard: list[Tracked] = []
        """Strays of which nothing stands in the journal yet."""
        self._trouble_until = 0.0
        self._troubles: list[tuple[float, float]] = []
        plant = self.plant
        plant.tag_in, plant.tag_out = self._tag_in, self._tag_out
        plant.spare_tag = self._spare
        plant.landed = self._lands

    # --- running --------------------------------------------------------------------------------------

    def run(self, items: int, told: Callable[[int], None] = lambda _: None) -> Found:
        """Feed so many, put right what goes wrong, until everything has come to rest."""
        self._left = items
        self.put(acts.LinkUp(self.belt.info, 0, 0))
        self.put(acts.LibraryChanged(Online.ONLINE))
        agenda = self.agenda
        agenda.after(0, self._cycle)
        agenda.after(0, self._look)
        agenda.after(0, self._operate)
        agenda.after(0.5, self._feed)
        next_word, quiet, moved, before = 5000, 0, 0.0, (0, 0)
        while quiet < 60:
            agenda.run(agenda.now + 1)
            done = items - self._left
            if before != (done, self.line.counts.inducted):
                moved, before = agenda.now, (done, self.line.counts.inducted)
            if agenda.now > moved + STUCK_S and not quiet:
                raise AssertionError(
                    f"stuck: {self.plc.state.name}, {self.plant.faults.standing()}, {self.line}"
                )
            if done >= next_word:
                told(done)
                next_word += 5000
            rest = not (self._left or self.plant.inlet or self.plant.things or self.line.items)
            quiet = quiet + 1 if rest else 0
        self.library.back()
        agenda.run(agenda.now + 10)
        for copy in self._landed:
            self._judge(copy)
        self.found.items = items
        if vanished := sorted(name for name, copy in self.copies.items() if not copy.judged):
            raise AssertionError(f"seed {self.seed}: vanished: {vanished}")
        for copy in self.copies.values():
            self.judge.lent(copy)
        return self.found

    def put(self, event: Event) -> None:
        before = self.line
        now = Now(self._wall, self.agenda.now)
        self.line, effects = self.flow(before, event, now)
        if not self.line.conserved:
            raise AssertionError(f"not conserved after {event}: {self.line.counts}")
        for effect in effects:
            self._carry_out(effect)

    def _after(self, seconds: float, event: Event) -> None:
        self.later(seconds, partial(self.put, event))

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Something that the host does: not, if it has died by then."""
        life = self.life
        self.agenda.after(seconds, lambda: do() if life == self.life else None)

    # --- what the flow asks for -----------------------------------------------------------------------

    def _carry_out(self, effect: Effect) -> None:
        rng = self.rng
        match effect:
            case acts.Keep():
                strays, self._unheard = self._unheard, []
                self.later(DISK_S, partial(self._keep, effect, strays))
            case acts.Arm(uid=uid):
                self.later(rng.uniform(0.05, 0.09), partial(self._arm, uid, 2))
            case acts.CheckIn(number=number, item=item):
                self._count(number, item)
                self.later(0.01, partial(self.library.ask, number, item))
            case acts.Queue(number=number, item=item):
                self.library.promise(number, item)
            case acts.Route():
                self.later(rng.uniform(0.015, 0.06), partial(self._route, effect))
            case acts.Tell(command=command, arguments=arguments):
                self.later(0.06, partial(self._order, command, arguments))
            case acts.Except(item=item) if not item.number:
                self._unheard.append(item)
            case _:
                pass

    def _count(self, number: int, item: str) -> None:
        if (copy := self.copies.get(item)) is not None:
            copy.asked[self.life, number] += 1

    def _keep(self, effect: acts.Keep, strays: list[Tracked]) -> None:
        """It stands in the journal now, and a person is told what came to its end."""
        line, kept = self.line, self._kept_items
        for item in effect.items:
            if item.ended:
                kept.pop(item.number, None)
                self.judge.ended(item)
            else:
                kept[item.number] = item
        for stray in strays:
            self.judge.stray(stray)
        known = self._kept.info is None or self._kept.info.boot_id in {0, effect.boot}
        self._kept = Remembered(
            info=line.info if known else self._kept.info,
            taken=effect.sequence if known else self._kept.taken,
            number=max([self._kept.number, *(i.number for i in effect.items)]),
            doubted=line.doubted,
            purged=line.purged,
            bins=line.bins,
        )
        self.put(acts.Durable(effect.sequence, effect.boot))

    def _die(self, seconds: float) -> None:
        """kill -9, and it starts again so much later with what stood in its journal."""
        self.life += 1
        self.dead_until = self._silent_until = self.agenda.now + seconds
        self._unheard = []
        self.line = replace(self.line, link=False)
        self.later(seconds, self._begin_again)

    def _begin_again(self) -> None:
        self.line = line_as_left(
            self.decide, replace(self._kept, items=tuple(self._kept_items.values())), {}
        )
        away = self.agenda.now < self.library.away_until
        self.put(acts.LibraryChanged(Online.OFFLINE if away else Online.ONLINE))
        self._to_revive = tuple(self.line.items.values())
        asked = {i.number: i.item for i in self._to_revive if i.state is ItemState.ASKED}
        for number, item in {**self.library.sent, **asked}.items():
            self.later(self.rng.uniform(0.1, 0.4), partial(self.library.ask, number, item))

    def _revive(self) -> None:
        """As the line does when the belt answers again."""
        items, self._to_revive = self._to_revive, ()
        for item in items:
            for tag in item.tags:
                if tag.armed is None and tag.item:
                    self.later(self.rng.uniform(0.05, 0.09), partial(self._arm, tag.uid, 2))

    def _arm(self, uid: Uid, tries: int) -> None:
        tag = next((tag for tag in self._field if tag.uid == uid.value), None)
        if tag is not None and tag.readable and self.rng.random() > 0.01:
            tag.afi = ARMED
            self.put(acts.TagArmed(uid, True))
        elif tries > 1:
            self.later(0.045, partial(self._arm, uid, tries - 1))
        else:
            self.put(acts.TagArmed(uid, False))

    def _route(self, effect: acts.Route) -> None:
        again = acts.Routed(effect.number, False)
        if self._dumb or not self.line.link:
            self._after(LATE_ANSWER_S, again)
            return
        if (busy := self.wire.free_at - self.agenda.now) > 0:
            self.later(busy, partial(self._route, effect))
            return
        come = self.wire.carries()
        for _ in range(come):
            self.plc.destine(effect.tid, effect.bin, effect.alternate)
        if self.wire.answers(come):
            self._after(0.005, acts.Routed(effect.number, True))
        else:
            self._after(LATE_ANSWER_S, again)

    def _order(self, command: BeltCommand, arguments: tuple[int, ...]) -> None:
        if self._dumb:
            return
        a1, a2 = (*arguments, 0, 0)[:2]

        def now() -> None:
            self.last_result = CommandResult(self.plc.order(command, a1, a2))
            self._after(0.02, acts.Told(command, self.last_result))

        self.plc.in_scan(now)

    # --- the host's cycle -------------------------------------------------------------------------------

    @property
    def _dumb(self) -> bool:
        return self.agenda.now < self._silent_until

    def _cycle(self) -> None:
        now, line = self.agenda.now, self.line
        self.agenda.after(CYCLE_S, self._cycle)
        if not self._dumb and now >= self.wire.free_at:
            come = self.wire.carries()
            for _ in range(come):
                self.belt.heard(taken=line.durable, induct=line.induct)
            if self.wire.answers(
                come
            ):  # the status is read after the scan that took what was written
                for _ in range(2 if self.rng.random() < self.wire.doubles else 1):
                    self.later(WIRE_S, partial(self._hear, line.durable))
        if line.link and now - self._heard_at > LINK_S and now >= self.dead_until:
            self.put(acts.LinkDown())

    def _hear(self, taken: int) -> None:
        line, plc = self.line, self.plc
        self._heard_at = self.agenda.now
        known = line.info is not None and line.info.boot_id == plc.boot_id
        if not (line.link and known):
            self._linked_at = self.agenda.now
            if line.durable != line.heard:
                return  # all that was heard must be durable before the wire is opened anew
            if line.link:
                self.put(acts.LinkDown())
            info, mark = self.belt.info, line.heard if known else plc.ring.head
            self._kept = replace(self._kept, info=info, taken=mark)
            self.put(acts.LinkUp(info, mark, line.number))
            return
        self.put(acts.Heard(self.belt.state(taken), taken))
        if self._to_revive:
            self._revive()

    # --- the tunnel -------------------------------------------------------------------------------------

    def _tag_in(self, tag: Tag) -> None:
        if tag not in self._field:
            self._field.append(tag)

    def _tag_out(self, tag: Tag) -> None:
        if tag in self._field:
            self._field.remove(tag)
            self._asked_of.pop(tag.uid, None)

    def _look(self) -> None:
        self.agenda.after(self.rng.uniform(LOOK_S - 0.005, LOOK_S + 0.02), self._look)
        if not self._field or not self.line.link or self.agenda.now < self.dead_until:
            return
        encoder = (self.plant.encoder + self.rng.randint(-20, 20)) % 2**32
        for tag in tuple(self._field):
            if not tag.readable:
                tries = self._asked_of[tag.uid] = self._asked_of.get(tag.uid, 0) + 1
                if tries >= 3:
                    self.put(acts.TagRead(Uid(tag.uid), "", 1, 1, "", encoder))
                continue
            self._answered |= set() if self._dumb else {tag.uid}
            owner = "DK-761500" if tag.eas else "DK-746100"
            parts = tag.block_size
            self.put(acts.TagRead(Uid(tag.uid), tag.item, tag.part, parts, owner, encoder))

    def _spare(self, why: str) -> Tag:
        self._spares += 1
        return self._tag(f"99{self._spares:08}", 1, 1, foreign=why == "foreign")

    def _tag(
        self, item: str, part: int, parts: int, *, foreign: bool = False, readable: bool = True
    ) -> Tag:
        """Its memory is not read here: `block_size` says of how many parts, `eas` whether another library's."""
        uid = (int(item) * 10 + part).to_bytes(8)
        return Tag(uid, bytearray(), item, part, parts, SILENT, eas=foreign, readable=readable)

    # --- items ------------------------------------------------------------------------------------------

    def _handed_in(self) -> Iterator[tuple[str, dict[str, Any]]]:
        chunk = n = 0
        while True:
            for row in handed_in(CHUNK, self.seed * 100_000 + chunk, TODAY):
                n += 1
                yield f"{n:010}", row
            chunk += 1

    def _feed(self) -> None:
        self.agenda.after(0.1, self._feed)
        while self._left and len(self.plant.inlet) < FEED_AHEAD:
            self._left -= 1
            copy = self._copy(*next(self._rows))
            self.copies[copy.thing.name] = copy
            if self.rng.random() * self._item_every < 1:
                self._spoil(copy)
            if self.rng.random() * self._belt_every < 1:
                fault = self.rng.choice(BELT_FAULTS)
                self.agenda.after(self.rng.uniform(0, 1), partial(self.strike, *fault))
            self.plant.feed([copy.thing])

    def _copy(self, name: str, row: dict[str, Any]) -> Copy:
        foreign = row["owner"] != OWNER
        parts = row.get("parts", 1)
        dead = row.get("readable") is False
        tags = [
            self._tag(name, part, parts, foreign=foreign, readable=not dead)
            for part in range(1, parts + 1)
        ]
        alert = destination = ""
        wanted = BINS[row["sort_bin"]]
        if row.get("reserved"):
            here = row["pickup"] == MAIN
            alert, destination = ("01", MAIN) if here else ("02", row["pickup"])
            wanted = HOLDS if here else TRANSIT
        elif row["location"] != MAIN and not row["floats"]:
            alert, destination, wanted = "04", row["location"], TRANSIT
        if foreign:
            wanted = ILL
        if dead:
            wanted = EXCEPTION
        facts = Facts(alert=alert, destination=destination, sort_bin=row["sort_bin"])
        thing = self.plant.thing(name, tags=tags)
        return Copy(thing, facts, wanted, foreign, dead=dead)

    def _spoil(self, copy: Copy) -> None:
        """Something befalls an item, by its tags or its answer."""
        fault = copy.fault = self.rng.choice(self.item_faults)
        thing = copy.thing
        self.found.faults[fault] += 1
        match fault:
            case "no_tag":
                thing.tags, copy.wanted, copy.dead = [], EXCEPTION, True
            case "two_tags":
                thing.tags.append(self._spare("two"))
                copy.wanted = EXCEPTION
            case "foreign_tag":
                thing.tags, copy.wanted, copy.dead = [self._spare("foreign")], ILL, False
            case "dies" if thing.tags:
                for tag in thing.tags:
                    tag.readable = False
                copy.wanted, copy.dead = EXCEPTION, True
            case "refused" if copy.wanted != ILL and not copy.dead:
                copy.facts, copy.wanted = Facts(ok=False), EXCEPTION
            case "late" | "lost" | "doubled":
                pass
            case _:
                copy.fault = ""

    # --- trouble ----------------------------------------------------------------------------------------

    def strike(self, verb: str, args: dict[str, Any], seconds: float) -> None:
        """Something goes wrong with the belt, for so long at most."""
        agenda, plant = self.agenda, self.plant
        if plant.faults.get(verb) is not None:
            return
        self.found.faults[verb] += 1
        self._trouble(seconds)
        match verb:
            case "restart":
                self.plc.restart()
            case "pause":
                self.plc.pause(args["seconds"])
            case "mute":
                self._silent_until = agenda.now + args["seconds"]
            case "lossy":
                self.wire.loss = args["share"]
                agenda.after(seconds, partial(setattr, self.wire, "loss", 0.0))
            case "corrupt":
                self.wire.garbles = args["share"]
                agenda.after(seconds, partial(setattr, self.wire, "garbles", 0.0))
            case "duplicate":
                self.wire.doubles = args["share"]
                agenda.after(seconds, partial(setattr, self.wire, "doubles", 0.0))
            case "delay":
                self.wire.lag = (args["share"], args["seconds"])
                agenda.after(seconds, partial(setattr, self.wire, "lag", (0.0, 0.0)))
            case "kill":
                self._die(args["seconds"])
            case "clock":
                self._wall += timedelta(seconds=args["jump"])
            case "bin_full":
                self.full.fill(args["bin"])
                agenda.after(seconds, partial(self.full.carry_away, args["bin"]))
            case "away":
                self.library.away_until = agenda.now + seconds
                agenda.after(seconds, self.library.back)
            case "stall":
                self.library.stall_until = agenda.now + seconds
            case "swap":
                plant.pull_bin(args["bin"])
                agenda.after(seconds, partial(plant.dock_bin, args["bin"]))
            case "operator_stop":
                self.put(acts.Wanted(BeltCommand.STOP))
            case "operator_hold":
                self.put(acts.Wanted(BeltCommand.HOLD))
            case "purge":
                self.put(acts.Wanted(BeltCommand.PURGE))
            case _:
                plant.fault(verb, args)
                agenda.after(seconds, partial(plant.clear, verb))

    def _trouble(self, seconds: float) -> None:
        """Whatever is on the belt from now on, and for so long, may have been touched."""
        now = self.agenda.now
        until = now + seconds + 1
        if self._troubles and self._troubles[-1][1] >= now:
            began, ends = self._troubles.pop()
            self._troubles.append((began, max(ends, until)))
        else:
            self._troubles.append((now, until))
        if len(self._troubles) > 50:
            del self._troubles[:25]

    def _touched(self, copy: Copy) -> bool:
        """Whether trouble of the belt, its line, its host or the library system had to do with it."""
        return any(
            copy.fed_at < until and copy.landed_at > began for began, until in self._troubles
        )

    def _operate(self) -> None:
        """Whoever stands at the plant, twice a second: clears what stopped it, empties what is not believed, starts it."""
        self.agenda.after(OPERATOR_S, self._operate)
        line, plc = self.line, self.plc
        if line.belt is None or not line.link or self.agenda.now < self.dead_until:
            self._trouble(0)
            return
        bins = range(1, self.plant.layout.bins + 1)
        closed = any(self.plant.bin_full(bin) or not self.plant.bin_present(bin) for bin in bins)
        if plc.state is not State.EXECUTE or closed:
            self._trouble(0)
        signs = line.belt.signs
        safe = Sign.SAFETY_CLOSED in signs and Sign.E_STOP not in signs
        aborted = line.belt.state is Pack.ABORTED
        refused = self.last_result not in {None, CommandResult.OK}
        if (line.doubted and safe) or (aborted and refused):
            self._trouble(0)
            self.plant.take_all()
            plc.emptied()
            self.put(acts.Emptied())
            self.last_result = None
        if aborted and self.plant.faults.get("jam") is None:
            self.plant.release()  # nobody clears a jam without pulling loose what is stuck
        for pack, command in (
            (Pack.ABORTED, BeltCommand.CLEAR),
            (Pack.STOPPED, BeltCommand.RESET),
            (Pack.COMPLETE, BeltCommand.RESET),
            (Pack.IDLE, BeltCommand.START),
            (Pack.HELD, BeltCommand.UNHOLD),
        ):
            if line.belt.state is pack:
                self.put(acts.Wanted(command))
        for name, use in line.bins.items():
            if use.present and not use.enabled:
                self.put(acts.BinSwapped(name))
        # what was said while nobody listened takes a while to be told
        told = self.agenda.now > self._linked_at + 5
        while told and self._landed and self._landed[0].landed_at < self.agenda.now - 12:
            self._judge(self._landed.popleft())
        self._forget()

    # --- the judge --------------------------------------------------------------------------------------

    @property
    def found(self) -> Found:
        return self.judge.found

    def _lands(self, thing: Thing) -> None:
        self.plant.ended.pop(thing.name, None)
        self.judge.into(thing, self.full.late(thing))
        crate = self.plant.bins[thing.bin]
        if SWAPPED_AT <= len(crate.things) < self.plant.layout.capacity:
            crate.things.clear()
        glued = self.judge.rests(thing, self.plant.things)
        copy = self.copies.get(thing.name)  # it may be checked in later still
        if copy is None:
            return
        copy.fed_at, copy.landed_at, copy.glued = thing.entered, self.agenda.now, glued
        copy.bin = thing.bin if thing.where == "bin" else 0
        copy.unheard = self._answered.isdisjoint(tag.uid for tag in thing.tags)
        copy.silent = any(tag.afi != ARMED for tag in thing.tags)
        self._landed.append(copy)

    def _forget(self) -> None:
        """What hands took off goes to the staff and is not fed again."""
        self.judge.forget(self.plant.encoder)
        for name in tuple(self.plant.ended):
            thing = self.plant.ended.pop(name)
            self.judge.rests(thing, self.plant.things)
            copy = self.copies.get(name)
            if copy is not None and thing.where != "bin":
                copy.landed_at, copy.bin = self.agenda.now, 0
                self._landed.append(copy)

    def _judge(self, copy: Copy) -> None:
        calm = not self._touched(copy)
        self.judge.judge(copy, untouched=calm and not copy.fault, calm=calm)
        copy.judged = True
        if not (copy.owed and copy.on_loan):  # the others are looked at again at the end
            self.copies.pop(copy.thing.name, None)
