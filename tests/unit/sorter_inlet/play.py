"""One inlet, stepped by hand: what it asks for is kept, timers run when told."""

from datetime import UTC, datetime

from config.inlet import Inlet as Rules
from config.load import load_text
from config.texts import LANGUAGES, Catalogue, Channel, Text
from drivers.ports import PrinterState, Uid
from drivers.runtime.flow import Effect, Event, Now, SetTimer, StopTimer, TimerFired
from drivers.service.spoken import script
from drivers.service.view import Screen
from sorter.inlet import acts, view
from sorter.inlet.flow import TOLD_S, InletFlow
from sorter.inlet.gate import GateTag, Kind
from sorter.inlet.state import Inlet, Stand, Way

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
CATALOGUE = Catalogue.load()
STATION = load_text(
    """
    schema_version = 1
    [station]
    id = "plant-1"
    kind = "sorter"
    place = "Borgernes Hus"
    name = "Aflevering"
    [devices.belt]
    driver = "modbus"
    url = "memory://belt"
    [devices.tunnel]
    driver = "feig"
    url = "memory://tunnel"
    [devices.gate]
    driver = "feig"
    url = "memory://gate"
    [library]
    url = "sip2://memory:1"
    institution = "DK-746100"
    [sorter]
    plan = "odense"
    [inlet]
    [help]
    counter = "Skranken i stuen"
    [nearest]
    name = "Automat 3"
    metres = 12
    direction = "right"
    landmark = "Ved trappen"
    """
).station


def uid(n: int) -> Uid:
    return Uid(bytes([0xE0, 4, 1, 0, 0, 0, n // 256, n % 256]))


def book(n: int, part: int = 1, parts: int = 1) -> GateTag:
    return GateTag(uid(n * 10 + part), Kind.ITEM, f"item-{n}", part, parts)


def other(kind: Kind, n: int = 900) -> GateTag:
    return GateTag(uid(n), kind)


class Play:
    def __init__(self, *, printer: PrinterState | None = PrinterState.READY) -> None:
        self.flow = InletFlow(Rules(), "da")
        self.state = Inlet("da", printer=printer)
        self.effects: list[Effect] = []
        self.timers: dict[str, float] = {}
        self.number = 0
        self.at = 0.0
        """Seconds."""
        self.way(Way.OPEN)
        self.at = TOLD_S
        self.look(times=1)

    def put(self, *events: Event) -> None:
        for event in events:
            self.state, effects = self.flow(self.state, event, Now(NOW, self.at))
            for effect in effects:
                match effect:
                    case SetTimer(name=name, seconds=seconds):
                        self.timers[name] = seconds
                    case StopTimer(name=name):
                        self.timers.pop(name, None)
                    case _:
                        self.effects.append(effect)

    def all(self, kind: type[Effect]) -> list[Effect]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def fire(self, name: str) -> None:
        assert name in self.timers, f"no timer {name}: {self.timers}"
        del self.timers[name]
        self.put(TimerFired(name))

    def press(self, action: str) -> None:
        assert action in self.screen().focus, f"no {action} on {self.screen().name}"
        self.put(acts.Pressed(action))

    def way(self, way: Way, why: str = "") -> None:
        self.put(acts.WayChanged(way, why))

    def look(self, *tags: GateTag, times: int = 2) -> None:
        for _ in range(times):
            self.put(acts.Looked(frozenset(tags)))

    def drop(self, *tags: GateTag, title: str = "", stand: Stand = Stand.RETURNED) -> int:
        """Put a thing in that is taken; with a title the library system has answered too."""
        self.look(*tags)
        self.put(acts.Opened(True), acts.Looked(frozenset()))
        self.number += 1
        self.put(acts.Entered(self.number))
        if title:
            self.put(acts.Came(self.number, stand, title))
        return self.number

    def screen(self) -> Screen:
        return view.screen(self.state, STATION, LANGUAGES, NOW, NOW)

    def says(self) -> str:
        """Everything that stands on the screen, in its language."""
        shown = self.screen()
        return " | ".join(CATALOGUE.say(w, shown.language, Channel.PAPER) for w in script(shown))


def words(text: Text, language: str = "da") -> str:
    return CATALOGUE.say(text, language, Channel.PAPER)
