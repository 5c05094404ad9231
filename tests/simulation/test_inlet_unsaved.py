"""The public inlet while nothing can be written down: what lies there comes back with its reason, and then the inlet is shut."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from drivers.ports import Store
from drivers.store import journal
from sorter.belt.line import Stop
from sorter.inlet.state import Gate, Phase
from tests.simulation.test_inlet import BOOK, CHILDREN, INLET, SHOP, AtInlet
from tests.simulation.test_store_in_trouble import Disk
from tests.simulation.whole_plant import WholePlant
from tests.simulation.whole_plant import play as play_plant


def play(story: Callable[[AtInlet, Disk], Coroutine[Any, Any, None]]) -> None:
    disks: list[Disk] = []

    def through(inner: Store) -> Store:
        disks.append(Disk(inner))
        return disks[-1]

    async def whole(plant: WholePlant) -> None:
        here = AtInlet(plant)
        await plant.run_up()
        await here.screens("inlet_start")
        await story(here, disks[0])
        assert plant.state.conserved

    play_plant(whole, "plant-inlet", station=INLET, through=through)


async def noted(here: AtInlet, kind: str) -> int:
    return len(await here.plant.store.read(partial(journal.rows, kind=kind)))


def test_after_a_refusal_the_inlet_is_shut_and_takes_the_next_when_there_is_room() -> None:
    async def story(here: AtInlet, disk: Disk) -> None:
        disk.full = True
        await here.drop(SHOP)
        await here.screens("inlet_refused")
        assert "ikke ud til at være fra biblioteket" in here.says()
        await here.press("close")
        await here.screens("inlet_closed", 5)
        assert "inlet.store" in here.says()
        assert here.plant.state.stops == {Stop.STORE}
        assert here.state.gate is not Gate.GIVING_BACK

        await here.drop(BOOK)
        await asyncio.sleep(20)
        assert (await here.where(BOOK))["where"] == "inlet", "it is neither taken nor refused"
        assert here.screen.name == "inlet_closed"
        assert not await noted(here, "inlet.given_back")

        disk.full = False
        await here.taken(1)
        await here.plant.at_rest()
        assert await here.asked() == [BOOK]
        assert await noted(here, "inlet.given_back") == 1

    play(story)


def test_a_receipt_is_printed_and_its_visit_ends() -> None:
    async def story(here: AtInlet, disk: Disk) -> None:
        await here.drop(BOOK)
        await here.taken(1)
        await here.plant.at_rest()
        disk.full = True
        await here.press("finish.print")
        await here.until(lambda state: state.phase is Phase.REST, 60)
        assert not here.state.entries
        assert len(await here.printed()) == 1
        await here.screens("inlet_closed")
        disk.full = False
        await here.screens("inlet_start")
        await here.drop(CHILDREN)
        await here.taken(1)
        assert await noted(here, "inlet.receipt") == 1

    play(story)
