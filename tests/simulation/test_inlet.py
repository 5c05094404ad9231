"""The public inlet of a whole plant in virtual time: what a borrower puts in, what she is told, and what the world says."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from config.texts import Channel
from drivers.service.spoken import script
from drivers.service.view import Screen, Snapshot
from sorter.inlet.state import Inlet, Phase
from sorter.inlet_work import InletWork
from tests.simulation.whole_plant import CATALOGUE, STATION, WholePlant
from tests.simulation.whole_plant import play as play_plant

BOOK, CHILDREN, HELD, SET, FOREIGN = (
    "3846646001",
    "3846646002",
    "3846646003",
    "3846646004",
    "3846646006",
)
SHOP, CARD = "3846646008", "3846646009"
INLET = (
    STATION.replace(
        "[library]",
        """
[devices.gate]
driver = "feig"
url = "memory://gate"
[devices.inlet_printer]
driver = "escpos"
url = "memory://inlet_printer"
[devices.printer]
driver = "escpos"
url = "memory://printer"
[library]""",
    ).replace('location = "HB"', 'location = "Borgernes Hus"')
    + """
[inlet]
[nearest]
name = "Automat 3"
metres = 12
direction = "right"
"""
)


HEARD = (
    INLET
    + """
[devices.keys]
driver = "evdev"
url = "memory://keys"
[speech]
driver = "speechd"
url = "memory://speaker"
"""
)
"""With a voice and five keys."""


class AtInlet:
    """Somebody who stands before it."""

    def __init__(self, plant: WholePlant) -> None:
        self.plant = plant
        self.shown: list[Snapshot] = []
        self.work.listen(self.shown.append)

    @property
    def work(self) -> InletWork:
        found = self.plant.sorter.inlet
        assert found is not None
        return found

    @property
    def state(self) -> Inlet:
        return self.work.state

    @property
    def screen(self) -> Screen:
        return self.shown[-1].screen

    def says(self, screen: Screen | None = None) -> str:
        shown = screen or self.screen
        return " | ".join(CATALOGUE.say(w, shown.language, Channel.PAPER) for w in script(shown))

    async def drop(self, *items: str, what: str = "") -> None:
        args: dict[str, Any] = {"what": what} if what else {"items": list(items)}
        await self.plant.stage.do("drop", args)

    async def press(self, action: str) -> None:
        assert action in self.screen.focus, f"no {action} on {self.screen.name}"
        await self.work.request("press", {"action": action})
        await asyncio.sleep(0.3)

    async def until(self, so: Callable[[Inlet], bool], seconds: float = 30.0) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not so(self.state):
            assert loop.time() < end, f"not within {seconds} s: {self.state}"
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)

    async def screens(self, name: str, seconds: float = 60.0) -> None:
        await self.until(lambda _: self.shown[-1].screen.name == name, seconds)

    async def taken(self, count: int) -> None:
        await self.until(lambda state: state.taken == count and state.answered)

    async def where(self, item: str) -> Any:
        return (await self.plant.truth())["devices"]["belt"]["items"][item]

    async def asked(self) -> list[str]:
        library = (await self.plant.truth())["devices"]["library"]
        return [a["item"] for a in library["asked"] if a["message"] == "09"]

    async def printed(self, role: str = "inlet_printer") -> list[list[str]]:
        return [job["texts"] for job in (await self.plant.truth())["devices"][role]["jobs"]]


def play(story: Callable[[AtInlet], Coroutine[Any, Any, None]], station: str = INLET) -> None:
    async def whole(plant: WholePlant) -> None:
        here = AtInlet(plant)
        await plant.run_up()
        await here.screens("inlet_start")
        await story(here)
        assert plant.state.conserved

    play_plant(whole, "plant-inlet", station=station)


def test_things_go_in_one_after_the_other_and_are_thanked_for() -> None:
    async def story(here: AtInlet) -> None:
        await here.drop(BOOK)
        await here.taken(1)
        assert "Lykke-Per" in here.says()
        await here.drop(CHILDREN)
        await here.taken(2)
        assert "2 materialer er taget imod" in here.says()
        await here.press("finish.none")
        assert here.screen.name == "inlet_end"
        await here.screens("inlet_start")
        await here.plant.at_rest()
        assert (await here.where(BOOK))["bin"] == 1
        assert (await here.where(CHILDREN))["bin"] == 3
        assert sorted(await here.asked()) == [BOOK, CHILDREN]
        assert not await here.printed()

    play(story)


def test_a_receipt_lists_titles_and_no_person() -> None:
    async def story(here: AtInlet) -> None:
        await here.drop(BOOK)
        await here.drop(HELD)
        await here.taken(2)
        await here.press("finish.print")
        await here.until(lambda state: state.phase is Phase.REST)
        (paper,) = await here.printed()
        lines = " | ".join(paper)
        assert "Lykke-Per" in lines
        assert "Det forsømte forår" in lines
        assert "2 af 2 afleveret" in lines
        assert not here.state.entries
        await here.plant.at_rest()
        (slip,) = await here.printed("printer")
        assert f"Materiale {HELD}" in slip

    play(story)


def test_two_at_once_are_given_back_and_nothing_is_checked_in() -> None:
    async def story(here: AtInlet) -> None:
        await here.drop(BOOK, CHILDREN)
        await here.screens("inlet_refused")
        assert "mere end én ting" in here.says()
        assert (await here.where(BOOK))["where"] == "hands"
        await here.plant.at_rest()
        assert not await here.asked()

    play(story)


def test_a_set_goes_in_whole() -> None:
    async def story(here: AtInlet) -> None:
        await here.drop(SET)
        await here.taken(1)
        await here.plant.at_rest()
        assert (await here.where(SET))["bin"] == 2

    play(story)


def test_what_is_no_librarys_is_given_back_with_its_reason() -> None:
    async def story(here: AtInlet) -> None:
        for drop, words in (
            ({"items": [SHOP]}, "ikke ud til at være fra biblioteket"),
            ({"items": [CARD]}, "Det er et kort"),
            ({"what": "passport"}, "kan ikke læse"),
            ({"what": "cash-card"}, "kan ikke læse"),
        ):
            await here.plant.stage.do("drop", drop)
            await here.screens("inlet_refused")
            assert words in here.says()
            await here.press("close")
            assert here.screen.name == "inlet_start"
        assert here.plant.state.counts.inducted == 0
        assert not await here.asked()

    play(story)


def test_another_librarys_item_is_taken() -> None:
    async def story(here: AtInlet) -> None:
        await here.drop(FOREIGN)
        await here.taken(1)
        await here.plant.at_rest()
        assert (await here.where(FOREIGN))["bin"] == 7

    play(story)


def test_a_refusal_in_between_keeps_what_was_taken() -> None:
    async def story(here: AtInlet) -> None:
        await here.drop(BOOK)
        await here.drop(what="passport")
        await here.screens("inlet_refused")
        assert "er taget imod" in here.says()
        await here.drop(CHILDREN)
        await here.taken(2)
        assert here.screen.name == "inlet"

    play(story)


def test_the_next_sees_nothing_of_the_one_before() -> None:
    async def story(here: AtInlet) -> None:
        await here.press("language.en")
        await here.drop(BOOK)
        await here.taken(1)
        await here.screens("inlet_idle")
        assert "Lykke-Per" not in here.says()
        await here.screens("inlet_start")
        assert here.screen.language == "da"
        seen = len(here.shown)
        await here.drop(CHILDREN)
        await here.taken(1)
        assert not any("Lykke-Per" in here.says(s.screen) for s in here.shown[seen:])

    play(story)


def test_a_belt_that_stops_closes_the_inlet_and_says_where_else() -> None:
    async def story(here: AtInlet) -> None:
        await here.plant.press("belt.stop")
        await here.screens("inlet_closed")
        assert "Automat 3" in here.says()
        await here.drop(BOOK)
        await asyncio.sleep(20)
        assert (await here.where(BOOK))["where"] == "inlet"
        await here.plant.run_up()
        await here.taken(1)

    play(story)


def test_a_reader_at_the_gate_that_dies_shuts_the_inlet_until_it_is_back(heard: Any) -> None:
    heard.expect("service.down", "reader.lost", "device.gone")

    async def story(here: AtInlet) -> None:
        await here.plant.stage.do("unplug", {"device": "gate"})
        await here.screens("inlet_closed")
        assert "inlet.gate" in here.says()
        await here.plant.stage.do("plug", {"device": "gate"})
        await here.screens("inlet_start")
        await here.drop(BOOK)
        await here.taken(1)

    play(story)


def test_a_printer_without_paper_says_so_and_takes_nothing_from_the_visit(heard: Any) -> None:
    heard.expect("printer.fault", "service.down")

    async def story(here: AtInlet) -> None:
        await here.plant.stage.do("fault", {"device": "inlet_printer", "verb": "paper_end"})
        await here.drop(BOOK)
        await here.taken(1)
        await here.until(lambda state: not state.prints)
        assert "Papiret er slut" in here.says()
        await here.press("finish.none")
        await here.screens("inlet_start")

    play(story)


def test_without_a_library_system_the_inlet_is_closed_or_takes_for_later(heard: Any) -> None:
    heard.expect("library.line.dropped", "library.offline", "service.down")
    accept = INLET.replace('plan = "odense"', 'plan = "odense"\noffline = "accept"')

    async def away(here: AtInlet) -> None:
        await here.plant.stage.do("unplug", {"device": "library"})
        await here.screens("inlet_closed", 120)
        assert "inlet.library" in here.says()

    async def later(here: AtInlet) -> None:
        await here.plant.stage.do("unplug", {"device": "library"})
        await here.plant.until(lambda line: line.library.value == "offline")
        await here.drop(BOOK)
        await here.taken(1)
        assert "Registreres senere" in here.says()

    play(away)
    play(later, accept)


def test_nothing_of_the_screens_acts_reaches_the_belt() -> None:
    async def story(here: AtInlet) -> None:
        await here.work.request("press", {"action": "belt.stop"})
        await here.work.request("press", {"action": "finish.print"})
        await asyncio.sleep(1)
        assert here.screen.name == "inlet_start"
        assert here.plant.state.induct

    play(story)


async def heard_so_far(here: AtInlet) -> str:
    speaker = (await here.plant.truth())["devices"]["speaker"]
    return " | ".join(m["text"] for m in speaker["heard"])


async def hears(here: AtInlet, *words: str) -> None:
    """Wait, touching nothing, until all of it was said."""
    said = ""
    for _ in range(600):
        said = await heard_so_far(here)
        if all(word in said for word in words):
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"never said: {words}; but: {said}")


async def key(here: AtInlet, name: str) -> None:
    await here.plant.stage.do("key", {"key": name})
    await asyncio.sleep(0.3)


def test_by_an_ear_and_five_keys_from_the_first_thing_to_the_receipt() -> None:
    async def story(here: AtInlet) -> None:
        await here.plant.stage.do("headset", {"plugged": True})
        await hears(here, "Oplæsning er slået til", "Læg én ting i ad gangen")
        assert here.state.large_text
        await here.drop(BOOK, CHILDREN)
        await hears(here, "Tag det ud igen", "mere end én ting", "én ad gangen")
        await here.drop(BOOK)
        await here.taken(1)
        await hears(here, "1 materiale er taget imod", "Lykke-Per")
        for _ in range(20):
            if here.screen.focused == "finish.print":
                break
            await key(here, "down")
        await key(here, "select")
        await hears(here, "Tak for det", "Tag din kvittering")
        await here.until(lambda state: state.phase is Phase.REST, 60)
        assert not here.state.aloud
        assert len(await here.printed()) == 1

    play(story, HEARD)


def test_on_the_open_loudspeaker_no_title_is_said() -> None:
    async def story(here: AtInlet) -> None:
        await key(here, "select")
        await hears(here, "Oplæsning er slået til")
        await here.drop(BOOK)
        await here.taken(1)
        await hears(here, "1 materiale er taget imod")
        await asyncio.sleep(20)
        assert "Lykke-Per" not in await heard_so_far(here)

    play(story, HEARD)
