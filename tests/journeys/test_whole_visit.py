"""The shipping kiosk in its window, driven by what assistive technology is told and by nothing else.

The simulated world is a process of its own; the station runs in the core thread over ptys and loopback.
Names may hold isolates on the screen; a person does not hear them, so they are left out here too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QAccessible, QGuiApplication
from pytestqt.qtbot import QtBot

from config.load import load_text
from config.texts import Catalogue
from drivers.runtime.clock import SystemRng
from drivers.store.sealed import make_key_file
from tests.conftest import Heard
from tests.journeys.screen_reader import Node, NotOnScreen, ScreenReader
from ui.bridge import Bridge
from ui.commands.demo import PASSWORD, STATION
from ui.running import Running
from ui.window import KioskWindow
from ui.world import World

START = "Læg dine materialer på pladen, eller scan dit kort"
WAIT_MS = 20_000
ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))
LENT = 6


class Machine:
    """A kiosk, its world, and a screen reader on it."""

    def __init__(
        self, world: World, window: KioskWindow, qtbot: QtBot, running: Running | None = None
    ) -> None:
        self.world = world
        self.running = running
        self.reader = ScreenReader(window.window)
        self._qtbot = qtbot

    def heard(self) -> list[str]:
        return [text.translate(ISOLATES) for text in self.reader.texts()]

    def wait_for(self, *texts: str) -> None:
        """Until all of these are read out."""

        def there() -> None:
            heard = " | ".join(self.heard())
            missing = [text for text in texts if text not in heard]
            assert not missing, f"not heard: {missing}\n{self.reader.dump()}"

        self._qtbot.waitUntil(there, timeout=WAIT_MS)

    def press(self, name: str, role: QAccessible.Role = QAccessible.Role.Button) -> None:
        found = [
            node
            for node in self.reader.pressables()
            if node.role is role and node.name.translate(ISOLATES) == name
        ]
        if len(found) != 1:
            raise NotOnScreen(f"{len(found)} of {name!r}\n{self.reader.dump()}")
        _do(found[0])


def _do(node: Node) -> None:
    node.interface.actionInterface().doAction("Press")


@pytest.fixture
def machine(
    request: pytest.FixtureRequest,
    qapp: QGuiApplication,
    qtbot: QtBot,
    tmp_path: Path,
    heard: Heard,
) -> Iterator[Machine]:
    heard.expect("library.line.dropped", "service.down", "reader.lost", "reader.resynchronised")
    password = tmp_path / "library.password"
    password.write_text(PASSWORD)
    password.chmod(0o400)
    key = make_key_file(tmp_path / "seal.key", SystemRng())
    with World(getattr(request, "param", "first-loan"), tmp_path / "world") as world:
        config = load_text(
            STATION.format(password=password, ca=world.authorities["mail"], **world.urls)
        ).station
        catalogue = Catalogue.load()
        running = Running(config, catalogue=catalogue, state=tmp_path / "state", key=key)
        bridge = Bridge(running.send)
        window = KioskWindow(config.screen, catalogue, bridge, still=True)
        window.show()
        try:
            running.start(bridge.deliver, lambda: None)
            yield Machine(world, window, qtbot, running)
        finally:
            running.stop()
            window.close()


def loans(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.do("truth")["devices"]["library"]["loans"]
    return found


def test_a_blind_borrower_borrows_a_stack(machine: Machine) -> None:
    machine.wait_for("Læg dine materialer på pladen, eller scan dit kort")
    machine.press("Lån")
    machine.wait_for("Scan dit sundhedskort eller lånerkort")
    machine.world.do("scan", text="1234567890")
    machine.wait_for("Indtast din pinkode", "Kortet er læst")
    for digit in "1234":
        machine.press(digit)
    machine.wait_for("Læg dine materialer på pladen", "Hej Karen")
    items = [item["id"] for item in machine.world.do("hello")["items"]]
    machine.world.do("lay", items=items)
    machine.wait_for("6 af 7 lånt", "Reserveret af en anden låner", "Lykke-Per")
    assert len(loans(machine.world)) == LENT
    machine.press("Print kvittering")
    machine.wait_for("Husk dine materialer og dit kort", "Tag din kvittering")
    assert "Hej Karen" not in machine.heard()
    assert not any("Lykke-Per" in text for text in machine.heard())
    machine.world.do("lift")
    machine.wait_for("Læg dine materialer på pladen, eller scan dit kort")
    (job,) = machine.world.do("truth")["devices"]["printer"]["jobs"]
    assert "6 af 7 lånt" in job["texts"]


def test_undo_by_its_spoken_name_and_in_english(machine: Machine) -> None:
    machine.wait_for("Læg dine materialer på pladen, eller scan dit kort")
    machine.press("English", QAccessible.Role.RadioButton)
    machine.wait_for("Place your items on the pad, or scan your card")
    machine.world.do("scan", text="1234567890")
    machine.wait_for("Enter your PIN")
    for digit in "1234":
        machine.press(digit)
    machine.wait_for("Hello Karen")
    machine.world.do("lay", items=["3846646425"])
    machine.wait_for("1 of 1 borrowed")
    machine.press("Undo borrowing Lykke-Per")
    machine.wait_for("Undone")
    assert loans(machine.world) == {}
    machine.press("Log out")
    machine.wait_for("Remember your card")


def test_a_card_with_a_chip_signs_in_and_a_phone_is_told_kindly(machine: Machine) -> None:
    machine.wait_for(START)
    machine.world.do("tap_card", card="phone")
    machine.wait_for("Telefoner og pas kan ikke bruges her")
    machine.world.do("lift_card")
    machine.world.do("tap_card", card="karen")
    machine.wait_for("Indtast din pinkode", "Kortet er læst")
    for digit in "1234":
        machine.press(digit)
    machine.wait_for("Hej Karen")
    machine.press("Log ud")
    machine.wait_for("Husk dit kort")


def test_the_number_of_a_card_is_typed(machine: Machine) -> None:
    machine.wait_for(START)
    machine.press("Lån")
    machine.wait_for("Scan dit sundhedskort eller lånerkort", "hold kortet mod kortlæseren")
    machine.press("Tast nummer")
    machine.wait_for("Tast nummeret på dit kort")
    for n, digit in enumerate("3002991234", 1):
        machine.press(digit)
        if n < 10:
            machine.wait_for(f"{n} af 10 cifre")
    machine.wait_for("Indtast din pinkode", "Nummeret er tastet")
    assert not any("3002991234" in text for text in machine.heard())


def test_pulled_cables_are_said_in_every_language(machine: Machine) -> None:
    machine.wait_for("Læg dine materialer på pladen, eller scan dit kort")
    for device in ("pad", "scanner"):
        machine.world.do("unplug", device=device)
    machine.wait_for(
        "Ude af drift",
        "This machine is out of order.",
        "Dieser Automat ist außer Betrieb.",
        "port.",
    )


@pytest.mark.parametrize("machine", ["account"], indirect=True)
def test_a_borrower_finds_her_holds_takes_one_lets_one_go_and_hears_what_she_owes(
    machine: Machine,
) -> None:
    machine.wait_for(START)
    machine.press("Reserveringer")
    machine.wait_for("Scan dit sundhedskort eller lånerkort")
    machine.world.do("scan", text="1234567890")
    machine.wait_for("Indtast din pinkode")
    for digit in "1234":
        machine.press(digit)
    machine.wait_for("2 klar til dig", "Hent før 10. november 2039", "Klar på Dalum Bibliotek")
    machine.wait_for("Reserveringen er udløbet", "Havets hus")
    machine.press("Annullér reserveringen af Havets hus")
    machine.wait_for("Vil du annullere reserveringen?", "Havets hus")
    machine.press("Ja, annullér")
    machine.wait_for("Annulleret")
    machine.world.do("lay", items=["3846646425"])
    machine.wait_for("1 af 1 lånt")
    tab = QAccessible.Role.RadioButton
    machine.press("Reserveret", tab)
    machine.wait_for("1 klar til dig", "Rødgrød på Ærø")
    assert not any("Lykke-Per" in text for text in machine.heard())
    machine.press("Gebyrer", tab)
    machine.wait_for("Du skylder 32,50 kr.", "Danmarks historie i 50 kort. 12,50 kr.")
    machine.press("Uden kvittering")
    machine.wait_for("Husk dine materialer og dit kort")
    assert not any("kr." in text for text in machine.heard())
    library = machine.world.do("truth")["devices"]["library"]
    assert library["loans"]["3846646425"]["patron_card"] == "1234567890"
    held = [hold["item"] for hold in library["holds"] if hold["patron_card"] == "1234567890"]
    assert sorted(held) == ["3846646433", "3846646458", "3846646482"]


def test_staff_closes_the_machine_by_what_is_read_out(machine: Machine) -> None:
    assert machine.running is not None
    member = {"verb": "add", "role": "staff", "card": "8877665544", "pin": "739146"}
    machine.running.send("staff", member)
    machine.wait_for("Læg dine materialer på pladen, eller scan dit kort")
    machine.press("Hjælp")
    machine.wait_for("For personalet")
    machine.press("For personalet")
    machine.wait_for("Scan dit personalekort")
    machine.world.do("scan", text="8877665544")
    machine.wait_for("Indtast din personalekode")
    for digit in "739146":
        machine.press(digit)
    machine.press("Log ind")
    machine.wait_for("Ingen sager venter.", "Personale", "2 minutter uden berøring")
    machine.press("Enheder")
    machine.wait_for("Pladen", "Printeren", "I drift")
    machine.press("Tag ud af drift")
    machine.wait_for("Hvorfor skal den lukkes?")
    machine.press("Rengøring")
    machine.wait_for("Taget ud af drift: Rengøring")
    machine.press("Log ud")
    machine.wait_for("Ude af drift", "Rengøring", "Dieser Automat ist außer Betrieb.")
    machine.press("For personalet")
    machine.wait_for("Scan dit personalekort")
