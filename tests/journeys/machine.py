"""The shipping kiosk in its window, driven by what assistive technology is told and by nothing else.

The simulated world is a process of its own; the station runs in the core thread over ptys and loopback.
Names may hold isolates on the screen; a person does not hear them, so they are left out here too.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest

from config.load import load_text
from config.texts import Catalogue
from drivers.runtime.clock import SystemRng
from drivers.store.sealed import make_key_file
from tests.conftest import Heard
from tests.journeys.screen_reader import Node, ScreenReader
from ui.bridge import Bridge
from ui.commands.demo import PASSWORD, STATION
from ui.running import Running
from ui.window import KioskWindow
from ui.world import World

START = "Læg dine materialer på pladen, eller scan dit kort"
TAB = QAccessible.Role.RadioButton
WAIT_S = 40.0
POLL_MS = 10
ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))


@dataclass(frozen=True)
class Place:
    """Where a machine stands: a scenario of the simulated world, and what its station file has more."""

    scenario: str = "first-loan"
    more: str = ""


class Machine:
    """A kiosk, its world, and a screen reader on it."""

    def __init__(self, world: World, window: KioskWindow, running: Running | None = None) -> None:
        self.world = world
        self.running = running
        self.reader = ScreenReader(window.window)

    def heard(self) -> list[str]:
        """Names and descriptions of everything on the screen, in reading order."""
        return [
            words.translate(ISOLATES)
            for node in self.reader.nodes()
            for words in (node.name, node.description)
            if words
        ]

    def wait_for(self, *texts: str, seconds: float = WAIT_S) -> None:
        """Until all of these are read out."""

        def missing() -> str:
            heard = " | ".join(self.heard())
            left = [text for text in texts if text not in heard]
            return f"not heard: {left}\n{self.reader.dump()}" if left else ""

        self._wait(missing, seconds)

    def wait_without(self, *texts: str, seconds: float = WAIT_S) -> None:
        """Until none of these is read out."""

        def left() -> str:
            heard = " | ".join(self.heard())
            found = [text for text in texts if text in heard]
            return f"still heard: {found}\n{self.reader.dump()}" if found else ""

        self._wait(left, seconds)

    def wait_until(self, so: Callable[[], bool], seconds: float = WAIT_S) -> None:
        """Until something is so in the world."""
        self._wait(lambda: "" if so() else f"not so\n{self.reader.dump()}", seconds)

    def _wait(self, lacks: Callable[[], str], seconds: float) -> None:
        """Let Qt work until nothing lacks, and come back to Python in between, where a time limit of the test is heard."""
        end = time.monotonic() + seconds
        while lack := lacks():
            assert time.monotonic() < end, lack
            QTest.qWait(POLL_MS)

    def press(self, name: str, role: QAccessible.Role = QAccessible.Role.Button) -> None:
        """Press it as soon as it is there: exactly one of that role and name."""

        def lacks() -> str:
            found = self._named(name, role)
            return "" if len(found) == 1 else f"{len(found)} of {name!r}\n{self.reader.dump()}"

        self._wait(lacks, WAIT_S)
        (node,) = self._named(name, role)
        node.interface.actionInterface().doAction("Press")

    def _named(self, name: str, role: QAccessible.Role) -> list[Node]:
        return [
            node
            for node in self.reader.pressables()
            if node.role is role and node.name.translate(ISOLATES) == name
        ]

    # --- what nearly every visit has

    def enters(self, digits: str) -> None:
        for digit in digits:
            self.press(digit)

    def signs_in(self, way: str = "Lån", *, card: str = "1234567890", pin: str = "1234") -> None:
        """From the start screen: a way, the card, the PIN."""
        self.wait_for(START)
        self.press(way)
        self.wait_for("Scan dit sundhedskort eller lånerkort")
        self.world.do("scan", text=card)
        self.wait_for("Indtast din pinkode")
        self.enters(pin)

    def ends(self, by: str = "Uden kvittering") -> None:
        """Finish, take everything off the pad, and see the start screen."""
        self.press(by)
        self.wait_without(by)
        self.world.do("lift")
        self.wait_for("Hjælp", "Aflevér")

    def truth(self, device: str) -> dict[str, Any]:
        """What one simulated device knows."""
        found: dict[str, Any] = self.world.do("truth")["devices"][device]
        return found

    def loans(self) -> dict[str, Any]:
        found: dict[str, Any] = self.truth("library")["loans"]
        return found


@pytest.fixture
def machine(
    request: pytest.FixtureRequest,
    qapp: QGuiApplication,
    tmp_path: Path,
    heard: Heard,
) -> Iterator[Machine]:
    """A machine; another place than the usual by indirect parameter."""
    heard.expect("library.line.dropped", "service.down", "reader.lost", "reader.resynchronised")
    place: Place = getattr(request, "param", Place())
    password = tmp_path / "library.password"
    password.write_text(PASSWORD)
    password.chmod(0o400)
    key = make_key_file(tmp_path / "seal.key", SystemRng())
    with World(place.scenario, tmp_path / "world") as world:
        station = STATION.format(password=password, ca=world.authorities["mail"], **world.urls)
        config = load_text(station + place.more).station
        soon = config.lending.model_copy(update={"end_s": 2})  # nobody reads the last screen here
        config = config.model_copy(update={"lending": soon})
        catalogue = Catalogue.load()
        running = Running(config, catalogue=catalogue, state=tmp_path / "state", key=key)
        bridge = Bridge(running.send)
        window = KioskWindow(config.screen, catalogue, bridge, still=True)
        window.show()
        try:
            running.start(bridge.deliver, lambda: None)
            yield Machine(world, window, running)
        finally:
            running.stop()
            window.close()


def at(scenario: str = "first-loan", more: str = "") -> pytest.MarkDecorator:
    """A journey at another place than the usual."""
    return pytest.mark.parametrize(
        "machine", [Place(scenario, more)], indirect=True, ids=[scenario]
    )
