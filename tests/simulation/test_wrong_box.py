"""Something laid in a box where it does not belong: who can know it, and what is done where nobody can.

A kiosk senses no box: it says of each item where it goes, on the screen for as long as the visit lasts and on the receipt. The
plant that a box is emptied onto is the first to see it.
"""

from dataclasses import replace
from typing import Any

import pytest

from hw_sim.ils.device import LibraryDevice
from kiosk.lending.backs import BackState
from kiosk.lending.state import Phase
from sorter.belt import records
from sorter.belt.items import Cause
from tests.simulation import plant as plants
from tests.simulation.rig import Rig, play
from tests.simulation.test_returning import lend
from tests.simulation.test_tags_in_trouble import BOOK, OTHER, cases

EXCEPTION = 9


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


def test_what_a_kiosk_took_back_and_lies_in_the_box_of_the_belt_is_shown_to_staff() -> None:
    """It was to go into another box. The belt finds it checked in already, so a person looks at it, and it is armed."""

    async def story(plant: plants.Plant) -> None:
        library = plant.world.stage.places["library"].device
        assert isinstance(library, LibraryDevice)
        assert plants.BOOK in await plant.world.loans()
        library.library.checkin(plants.BOOK, plant.world.stage.world.now())  # at a kiosk
        await plant.sorted(plants.BOOK, plants.CHILDREN)
        assert plant.world.belt.bins[EXCEPTION] == [plants.BOOK], "the next one goes its own way"
        assert [one.cause for one in await plant.store.read(records.exceptions)] == [Cause.REFUSED]
        assert await plant.world.asked() == [
            (plants.BOOK, "done"),
            (plants.BOOK, "item.not_on_loan"),
            (plants.CHILDREN, "done"),
        ]
        assert await plant.world.armed(plants.BOOK)

    plants.play(story)


def test_a_kiosk_says_where_each_goes_until_the_end_and_on_paper_since_it_sees_no_box() -> None:
    async def story(rig: Rig) -> None:
        device = rig.stage.places["library"].device
        assert isinstance(device, LibraryDevice)
        await lend(rig, BOOK, OTHER)
        device.library.rules = replace(device.library.rules, branches={"HB": "Borgernes Hus"})
        device.library.items[OTHER].location = "Dalum"
        await rig.press("return")
        await rig.lay(BOOK, OTHER)
        await rig.until(lambda s: [b.state for b in s.backs] == [BackState.RETURNED] * 2)
        places = {back.item: back.place for back in rig.state.backs}
        assert len(set(places.values())) == 2, "two boxes"
        await rig.lift()
        await rig.until(lambda s: s.pad.empty)
        assert {f"Kasse {place}" for place in places.values()} <= set(rig.words().split(" | "))
        await rig.press("finish.print")
        await rig.until(lambda s: s.phase is Phase.START, 90)
        (job,) = (await rig.truth())["devices"]["printer"]["jobs"]
        for place in places.values():
            assert any(f"asse {place}" in line for line in job["texts"])
        assert await cases(rig) == [], "nobody is told of what nobody can see"

    play(story)
