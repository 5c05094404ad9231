"""The panel on a running plant, by what assistive technology is told: the whole plant in virtual time, the window real.

What goes from the line to the panel goes as the socket's JSON, and back as its requests.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication

from config.load import load_text
from config.texts import Catalogue
from drivers.errors import DeviceError
from drivers.ports import Pack
from drivers.runtime.clock import LoopClock
from drivers.service.view import Snapshot, snapshot_from_json, snapshot_to_json
from sorter.belt import acts
from tests.journeys.screen_reader import ScreenReader
from tests.simulation.whole_plant import STATION, WholePlant, play
from ui.panel.desk import Desk
from ui.panel.face import Contact
from ui.panel.following import Answered, Heard, Lost

ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))


@pytest.fixture(autouse=True)
def trouble(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


class Operator:
    """Somebody at the panel, who hears what it says and presses what it names."""

    def __init__(self, plant: WholePlant, app: QGuiApplication) -> None:
        self._plant, self._app = plant, app
        self._asked: set[asyncio.Task[None]] = set()
        config = load_text(STATION).station
        clock = LoopClock(plant.stage.world.now())
        self.desk = Desk(config, Catalogue.load(), self._ask, clock=clock, still=True)
        self.reader = ScreenReader(self.desk.window.window)
        self.desk.window.show()
        self.follow()

    def follow(self) -> None:
        """Hear the line."""
        self._alive = True
        self._leave = self._plant.sorter.listen(self._told)
        self.settle()

    def deafen(self) -> None:
        """Nothing of the line arrives any more."""
        self._alive = False
        self._leave()

    def _told(self, snapshot: Snapshot) -> None:
        over = snapshot_from_json(snapshot_to_json(snapshot))
        self.desk.told(Heard(over.screen))

    def _ask(self, name: str, args: Mapping[str, Any]) -> None:
        async def answered() -> None:
            try:
                told = Answered(name, await self._plant.sorter.request(name, args))
            except DeviceError as error:
                told = Answered(name, {}, error.code.value)
            self.desk.told(told)

        task = asyncio.get_running_loop().create_task(answered())
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)

    def settle(self) -> None:
        for _ in range(3):
            self._app.processEvents()

    def hears(self) -> str:
        self.settle()
        return " | ".join(self.reader.texts()).translate(ISOLATES)

    async def until(self, *words: str, without: str = "", seconds: float = 60.0) -> None:
        """Let virtual time run until all of that is heard."""
        end = asyncio.get_running_loop().time() + seconds
        while not all(word in self.hears() for word in words) or (
            without and without in self.hears()
        ):
            assert asyncio.get_running_loop().time() < end, f"{words} not in {self.hears()}"
            await asyncio.sleep(0.2)
            if self._alive:
                self.desk.told(Heard())

    def _beat(self) -> None:
        """A sign of life of the line, as the panel asks for it between two pictures."""
        if self._alive:
            self.desk.told(Heard())
        self.settle()

    async def press(self, name: str) -> None:
        self._beat()
        found = [node for node in self.reader.pressables() if node.name.translate(ISOLATES) == name]
        assert found, f"no {name!r}:\n{self.reader.dump()}"
        found[0].interface.actionInterface().doAction("Press")
        self.settle()
        await asyncio.sleep(0.3)
        self.settle()

    def type(self, characters: str) -> None:
        self._beat()
        for character in characters:
            name = {"\n": "ENTER", "-": "MINUS"}.get(character, character)
            self.desk.window.view.keyed.emit(name)
        self.settle()

    def shows(self, name: str) -> object:
        """A property that the window reads."""
        return self.desk.window.view.property(name)

    def why_not(self, name: str) -> str:
        """What is told beside something that cannot be done."""
        self.settle()
        node = self.reader.find(name)
        return node.description.translate(ISOLATES)

    def close(self) -> None:
        self._leave()
        self.desk.close()
        self.settle()


def journey(app: QGuiApplication, story: Any, station: str = STATION) -> None:
    async def whole(plant: WholePlant) -> None:
        operator = Operator(plant, app)
        try:
            await story(plant, operator)
        finally:
            operator.close()

    play(whole, station=station)


def test_a_morning_at_the_panel(qapp: QGuiApplication) -> None:
    """Started by its buttons, items sorted, an exception dealt with, the belt put on pause and stopped."""

    async def story(plant: WholePlant, at: Operator) -> None:
        await at.until("Stoppet")
        await at.press("Nulstil")
        await at.until("Klar til start")
        await at.press("Start")
        await at.until("Kører", "Indkastet er åbent")
        await plant.stage.do("feed", {"count": 4, "every": 1.0})
        await at.until("4 På båndet")
        await plant.until(lambda line: not line.items and line.counts.inducted == 4)
        await at.until("0 På båndet", "4 I dag", "4 Sidste time")
        body: Any = plant.snapshots[-1].screen.body
        for bin in body.bins:
            name = bin.name.args[0][1]
            await at.until(f"Kasse {bin.number}, {name}. Klar. {bin.count} materiale")
        assert sum(bin.count for bin in body.bins) == 4
        await at.press("Pause")
        await at.until("På pause")
        await at.press("Fortsæt")
        await at.until("Kører")
        await at.press("Stop")
        await at.until("Stoppet")

    journey(qapp, story)


def test_what_a_person_must_look_at_is_told_and_dealt_with(qapp: QGuiApplication) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        await at.until("Ingen materialer venter på personalet")
        await plant.stage.do("fault", {"device": "belt", "verb": "no_tag", "args": {"count": 1}})
        await plant.stage.do("feed", {"count": 1})
        await plant.until(lambda line: line.counts.confirmed == 1)
        await at.until(
            "Materiale uden nummer. Chippen kunne ikke læses. Ligger i kasse 9.",
            "Læg materialet på en udlånsautomat, eller aflever det ved skranken.",
            "kl. 10.4",
        )
        await at.press("Klaret")
        await at.until("Ingen materialer venter på personalet")

    journey(qapp, story)


def test_a_crate_is_changed_at_the_panel(qapp: QGuiApplication) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        await plant.stage.do("pull_bin", {"bin": 3})
        await at.until("1 alarm", "Kasse 3 er taget ud", "Kasse 3, Børn. Taget ud.")
        await plant.stage.do("dock_bin", {"bin": 3})
        await at.until("Venter på ny kasse")
        assert not plant.state.bins["children"].usable
        await at.press("Ny kasse er sat på plads")
        await at.until("Ingen alarmer", "Kasse 3, Børn. Klar. 0 materialer.")
        assert plant.state.bins["children"].usable

    journey(qapp, story)


def test_after_an_emergency_stop_the_panel_says_why_it_cannot_go_on(qapp: QGuiApplication) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        await plant.stage.do("feed", {"count": 3, "every": 1.0})
        await plant.until(lambda line: len(line.items) == 2)
        await plant.stage.do("e_stop", {"pressed": True})
        await at.until("Afbrudt", "Nødstop er trykket", "Nødstop sidder på anlægget.")
        assert "nulstil nødstop" not in at.hears().lower()
        await plant.stage.do("e_stop", {"pressed": False})
        await at.until(
            "Materialerne på båndet kan ligge forkert efter et nødstop",
            "Tag alt af båndet, tryk på knappen på styreskabet",
        )
        assert at.why_not("Fejlen er rettet") == "Sig først, at båndet er tømt."
        await at.press("Fejlen er rettet")
        await at.until("Afbrudt")
        await plant.stage.do("empty_belt", {})
        await at.press("Båndet er tømt")
        await at.press("Fejlen er rettet")
        await at.until("Stoppet")

    journey(qapp, story)


def test_a_line_that_goes_silent_makes_the_picture_old_in_words(qapp: QGuiApplication) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        await at.until("Kører")
        at.desk.told(Heard())
        at.settle()
        at.deafen()
        await asyncio.sleep(0.9)
        at.desk.look()
        assert "Billedet er gammelt" not in at.hears()
        await asyncio.sleep(0.2)
        at.desk.look()
        assert "Billedet er gammelt" in at.hears()
        assert at.why_not("Stop") == "Anlægget svarer ikke."
        await at.press("Stop")
        assert plant.is_in(plant.state.belt.state)  # type: ignore[union-attr]
        assert "Kører" in at.hears()
        await asyncio.sleep(6)
        at.desk.look()
        assert "Anlægget har ikke svaret i 7 sekunder" in at.hears()
        at.desk.told(Heard())
        assert "Billedet er gammelt" not in at.hears()
        at.desk.told(Lost(Contact.GONE))
        assert "Ingen forbindelse til anlægget" in at.hears()
        at.follow()
        await at.until("Kører")

    journey(qapp, story)


def test_the_panel_speaks_five_languages_and_is_large_and_strong(qapp: QGuiApplication) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        await at.until("Kører")
        for name, state in (
            ("English", "Running"),
            ("Deutsch", "Läuft"),
            ("Українська", "Працює"),
            ("العربية", "يعمل"),
        ):
            labels = {"English": "Sprog", "Deutsch": "Language", "Українська": "Sprache"}
            await at.press(labels.get(name, "Мова"))
            await at.press(name)
            await at.until(state)
        assert at.shows("rightToLeft")
        await at.press("تباين عالٍ")
        await at.press("نص أكبر")
        assert at.shows("highContrast")
        assert at.shows("largeText")
        await at.until("يعمل")

    journey(qapp, story)


def test_the_keyboard_alone_runs_the_belt(qapp: QGuiApplication) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        await at.until("Kører")
        view = at.desk.window.view
        while at.shows("focused") != "belt.hold":
            view.keyed.emit("TAB")
            at.settle()
        view.keyed.emit("ENTER")
        await at.until("På pause")

    journey(qapp, story)


CHUTES = (
    STATION
    + """
[ims]
branch = "Borgernes Hus"
[ims.chutes.A-03]
bin = "children"
"""
)


def test_a_crate_with_a_label_is_changed_by_two_scans_that_are_typed(qapp: QGuiApplication) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        await at.until("1 alarm", "A-03", "Børn")
        assert "Ny kasse er sat på plads" not in at.hears()
        at.type("A-03\n")
        await at.until("A-03. Scan kassen nu.")
        at.type("K-0042\n")
        await at.until("K-0042 står ved A-03", "Kasse 3, Børn. Klar. 0 materialer. 0 %. K-0042.")
        assert plant.state.bins["children"].usable

    journey(qapp, story, CHUTES)


def test_the_first_of_two_scans_can_be_taken_back(qapp: QGuiApplication) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        await at.until("1 alarm", "A-03", "Børn")
        at.type("K-0041\n")
        await at.until("K-0041. Scan afkastet nu.")
        await at.press("Fortryd kassebyttet")
        await at.until("Kører", without="Scan afkastet nu")
        assert "Fortryd kassebyttet" not in at.hears()
        at.type("A-03\n")
        await at.until("A-03. Scan kassen nu.")
        at.type("K-0042\n")
        await at.until("K-0042 står ved A-03", without="Fortryd kassebyttet")

    journey(qapp, story, CHUTES)


def test_a_crate_that_is_nearly_full_is_told_before_it_is(qapp: QGuiApplication) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        plant.sorter._put(acts.BinSwapped("children", 55))
        await at.until("Kasse 3, Børn. Snart fuld. 55 materialer.", "Kasse 3 er snart fuld")
        assert plant.state.bins["children"].usable
        await at.until("Hav en tom kasse klar.")

    journey(qapp, story)


def test_where_an_item_is_and_why_there_is_told_step_by_step(qapp: QGuiApplication) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        fed: Any = await plant.stage.do("feed", {"count": 1})
        item: str = fed["items"][0]
        await plant.until(
            lambda line: (
                bool(line.items)
                and line.asked == 0
                and any(one.item for one in line.items.values())
            )
        )
        at.type(f"{item}\n")
        await at.until(f"Materiale {item}", "Ligger på båndet nu.")
        await at.press("Luk")
        await plant.until(lambda line: not line.items)
        await at.press("Find et materiale")
        for digit in item:
            await at.press(digit)
        await at.press("Find")
        truth = await plant.truth()
        lies = truth["devices"]["belt"]["items"][item]["bin"]
        await at.until(
            "Reglen",
            "Kom ind på båndet",
            "Bibliotekssystemet tog det tilbage",
            "Chips: en · Alarm slået til: ja",
        )
        await at.press("Vis de næste")
        await at.until(f"Faldt i kasse {lies}")
        await at.press("Find et andet")
        at.type("9999999999\n")
        await at.until("Materiale 9999999999", "Anlægget har aldrig set det.")
        await at.press("Luk")
        await at.until("Kører")

    journey(qapp, story)


def test_a_jam_says_where_it_is_what_to_do_and_is_over_when_that_was_done(
    qapp: QGuiApplication,
) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        hands = plant.stage.plant
        assert hands is not None
        hands.plant.fault("jam", {"zone": 3})
        await plant.stage.do("feed", {"count": 6, "every": 1.0})
        await at.until(
            "Afbrudt",
            "Noget satte sig fast ved kasse 3. Tag det væk, og tryk så “Fejlen er rettet”.",
            "Noget sidder fast ved kasse 3",
        )
        hands.plant.clear("jam")
        hands.plant.take_all()
        await at.press("Fejlen er rettet")
        await at.until("Stoppet", "Fejlen er rettet. Tryk “Nulstil” og derefter “Start”.")
        await at.until("Noget sidder fast ved kasse 3 (overstået)")
        await at.press("Kvittér")
        await at.until("Ingen alarmer")

    journey(qapp, story)


def test_a_motor_that_trips_and_a_full_crate_for_the_staff_are_told_by_cause_and_remedy(
    qapp: QGuiApplication,
) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        hands = plant.stage.plant
        assert hands is not None
        hands.plant.fault("motor_trip", {})
        await at.until("Motoren slog fra.", "slå motorværnet til i styreskabet")
        hands.plant.clear("motor_trip")
        await at.until("Er årsagen væk, så tryk “Fejlen er rettet”.")
        await plant.run_up()
        hands.plant.fault("false_full", {"bin": 9})
        await at.until("På pause", "Kassen til personalet er fuld eller ude.", "Kasse 9 er fuld")
        hands.plant.clear("false_full")
        await at.until("Tryk “Fortsæt”.")

    journey(qapp, story)


def test_the_belt_waits_for_the_library_system_and_says_so(
    qapp: QGuiApplication,
) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        await plant.stage.fault("library", "silent", {"count": None, "work": False})
        await at.until(
            "Venter",
            "Bibliotekssystemet svarer ikke. Det fortsætter af sig selv, når bibliotekssystemet svarer.",
            seconds=300,
        )
        await plant.stage.clear("library")
        await at.until("Kører", seconds=300)

    journey(qapp, story)


def test_everything_is_sent_to_the_staff_after_an_emergency_stop_and_the_belt_says_when_it_is_empty(
    qapp: QGuiApplication,
) -> None:
    async def story(plant: WholePlant, at: Operator) -> None:
        await plant.run_up()
        await plant.stage.do("feed", {"count": 3, "every": 1.0})
        await plant.until(lambda line: len(line.items) == 3)
        await plant.stage.do("e_stop", {"pressed": True})
        await at.until("Frigiv nødstoppet ved anlægget, når det er sikkert.")
        await plant.stage.do("e_stop", {"pressed": False})
        await at.until("Tag alt af båndet, tryk på knappen på styreskabet")
        await at.press("Kør alt til personalet")
        await at.until("Det er i orden, når båndet selv melder sig tomt.")
        assert plant.state.doubted
        await plant.run_up()
        await at.until("Båndet er ikke meldt tomt efter et nødstop")
        await plant.until(lambda line: not line.doubted)
        await at.until("Indkastet er åbent")
        truth = await plant.truth()
        where = [one["bin"] for one in truth["devices"]["belt"]["items"].values() if one.get("bin")]
        assert where == [9, 9, 9], "by the plant's own word"

    journey(qapp, story)


def test_why_the_belt_stands_and_what_happened_outlive_the_program(
    qapp: QGuiApplication, tmp_path: Path
) -> None:
    async def story(plant: WholePlant) -> None:
        await plant.run_up()
        hands = plant.stage.plant
        assert hands is not None
        hands.plant.fault("jam", {"zone": 3})
        await plant.stage.do("feed", {"count": 6, "every": 1.0})
        await plant.until(lambda _: plant.is_in(Pack.ABORTED))
        await asyncio.sleep(1)
        before = await plant.sorter.request("history", {})
        await plant.kill()
        await plant.start()
        await plant.until(lambda _: plant.is_in(Pack.ABORTED))
        assert (await plant.sorter.request("history", {}))["history"][-20:] == before["history"]
        jams = [row for row in before["history"] if row["what"] == "jam"]
        assert [row["zone"] for row in jams] == [5]
        at = Operator(plant, qapp)
        try:
            await at.until("Noget satte sig fast ved kasse 3.", "Noget sidder fast ved kasse 3")
            said = await plant.sorter.request("status", {})
            assert said["belt"]["why"] == "Noget satte sig fast ved kasse 3."
            assert said["belt"]["alarms"] == [{"number": 5, "name": "jam", "zone": 5}]
            assert "Noget sidder fast ved kasse 3" in [one["what"] for one in said["alarms"]]
            await at.press("Find et materiale")
            await at.press("Hvad er der sket?")
            await at.until("Det seneste på båndet", "Afbrudt", "Noget satte sig fast ved kasse 3.")
            await at.press("Luk")
            await at.until("Afbrudt")
        finally:
            at.close()

    play(story, database=tmp_path / "plant.db")
