"""A belt to play with in tests of the flow: says what happens, in sequence, and keeps what the flow asked for."""

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from drivers.ports import (
    BeltEvent,
    BeltInfo,
    BeltState,
    BinState,
    Happening,
    Mode,
    Online,
    Pack,
    Sign,
    Uid,
)
from drivers.runtime.flow import Effect, Event, Now
from sorter.belt import acts
from sorter.belt.flow import BeltFlow, Rules
from sorter.belt.items import Tracked
from sorter.belt.line import Line
from sorter.plan.decide import Decider
from sorter.plan.edition import load_plan
from sorter.plan.facts import Facts

E = TypeVar("E", bound=Effect)

PLAN = load_plan(Path(str(files("config").joinpath("plans/odense.toml"))))
INFO = BeltInfo(
    map_version="1.0",
    program_version=7,
    boot_id=41,
    zones=12,
    pulses_a_metre=1000,
    nominal_mm_s=500,
    reader_start=300,
    reader_end=600,
    decision_point=1500,
    min_gap=60,
    max_length=350,
    depth=64,
    scan_ms=10,
    diverts=tuple(2000 + 400 * n for n in range(9)),
)
RUNNING = frozenset({Sign.SAFETY_CLOSED, Sign.MOVING, Sign.HOST_ALIVE, Sign.INLET_OPEN})
LENGTH = 210


def uid(n: int) -> Uid:
    return Uid(bytes.fromhex("e00401") + n.to_bytes(5, "big"))


class Play:
    """One line in Execute with a library system that is online; pulses are millimetres here."""

    def __init__(self, rules: Rules = Rules(), *, online: Online = Online.ONLINE) -> None:
        self._flow = BeltFlow(rules)
        self.line = Line.by(Decider(PLAN))
        self.effects: list[Effect] = []
        self.encoder = 10_000
        self.sequence = 0
        self.boot = 41
        self.pack = Pack.EXECUTE
        self.mode = Mode.PRODUCTION
        self.signs = RUNNING
        self.full: set[int] = set()
        self.out: set[int] = set()
        self.tracked = 0
        """Items that the belt says to have on it."""
        self.happen(acts.LinkUp(INFO, 0, 0))
        self.happen(acts.LibraryChanged(online))
        self.say()

    def happen(self, event: Event) -> list[Effect]:
        now = Now(datetime(2026, 11, 3, 9, tzinfo=UTC), self.encoder / 500)
        self.line, effects = self._flow(self.line, event, now)
        self.effects += effects
        assert self.line.conserved
        for effect in effects:
            if isinstance(effect, acts.Keep):
                self.line, _ = self._flow(
                    self.line, acts.Durable(effect.sequence, effect.boot), now
                )
        return list(effects)

    def say(
        self,
        *events: tuple[Happening, int, int, int],
        pending: int | None = None,
        zone: int = 0,
    ) -> list[Effect]:
        """One cycle with these events: kind, tid, a, b."""
        told = []
        for kind, tid, a, b in events:
            self.sequence = (self.sequence + 1) % 65536
            told.append(BeltEvent(self.sequence, kind, zone, tid, a, b, self.encoder))
        return self.happen(acts.Heard(self.state(tuple(told), pending), self.line.durable))

    def state(self, events: tuple[BeltEvent, ...] = (), pending: int | None = None) -> BeltState:
        return BeltState(
            boot_id=self.boot,
            state=self.pack,
            mode=self.mode,
            signs=self.signs,
            alarm=0,
            items=self.tracked,
            mm_s=500,
            encoder=self.encoder,
            bins=tuple(BinState(n in self.full, n not in self.out) for n in range(1, 10)),
            pending=len(events) if pending is None else pending,
            overrun=(pending or 0) > 64,
            events=events,
        )

    def induct(self, tid: int, *, gap: int = 400) -> None:
        self.say((Happening.INDUCTED, tid, LENGTH, gap))

    def move(self, mm: int) -> None:
        self.encoder += mm

    def tag(self, n: int, item: str = "", *, part: int = 1, parts: int = 1, times: int = 3) -> None:
        """It answers so often, each time a little further on."""
        for nth in range(times):
            at = self.encoder + 21 * nth
            self.happen(acts.TagRead(uid(n), item or f"item-{n}", part, parts, "DK-746100", at))

    def arm(self, n: int, armed: bool = True) -> None:
        self.happen(acts.TagArmed(uid(n), armed))

    def through_reader(self, tid: int, *tags: int) -> None:
        """Induct, read and arm one item, and let it leave the reader."""
        self.induct(tid)
        self.move(400)
        self.say((Happening.AT_READER, tid, 0, 0))
        for n in tags:
            self.tag(n)
            self.arm(n)
        self.move(450)
        self.say((Happening.LEFT_READER, tid, 0, 0))

    def answer(self, number: int, facts: Facts) -> None:
        self.happen(acts.CheckedIn(number, facts))

    def routed(self, number: int) -> None:
        self.happen(acts.Routed(number, True))

    def item(self, tid: int) -> Tracked:
        return self.line.items[tid]

    def all(self, kind: type[E]) -> list[E]:
        return [effect for effect in self.effects if isinstance(effect, kind)]
