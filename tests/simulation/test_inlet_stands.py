"""The belt stands while a thing is between the gate and the belt's first eye: its borrower is told, and it is hers when it is in."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sorter.inlet.gate import Why
from sorter.inlet.state import Phase, Way
from tests.simulation.test_inlet import BOOK, CHILDREN, AtInlet, play

Stop = Callable[[AtInlet], Awaitable[None]]

LONG_S = 24.0
"""Longer than a thing may take from the gate onto a belt that runs."""


async def pause(here: AtInlet) -> None:
    await here.plant.press("belt.hold")


async def e_stop(here: AtInlet) -> None:
    await here.plant.stage.do("e_stop", {"pressed": True})


async def jam(here: AtInlet) -> None:
    """It lies under the first eye and does not come past it: what has lain there is for staff to look at."""
    await here.plant.stage.do("fault", {"device": "belt", "verb": "jam", "args": {"zone": 0}})


async def go_on(here: AtInlet, *, empty: bool) -> None:
    """Staff puts it right, and takes off what lies there or leaves it."""
    plant = here.plant
    await plant.stage.do("clear", {"device": "belt", "verb": "jam"})
    await plant.stage.do("e_stop", {"pressed": False})
    await asyncio.sleep(1)
    if empty:
        await plant.stage.do("empty_belt", {})
    elif plant.stage.plant is not None:
        plant.stage.plant.plc.emptied()  # the button at the cabinet, and nobody has looked behind the gate
    await plant.run_up()


async def behind_the_gate(here: AtInlet, stop: Stop) -> None:
    """A book has left the gate, and the belt stops before its first eye has seen it."""
    await here.drop(BOOK)
    for _ in range(500):
        await asyncio.sleep(0.01)
        if (await here.where(BOOK))["where"] != "inlet":
            break
    await stop(here)
    await here.until(lambda state: state.told_way is not Way.OPEN)
    assert [entry.number for entry in here.state.entries] == [0], "the belt has told of nothing"


STOPS = pytest.mark.parametrize("stop", [pause, e_stop, jam])


@STOPS
def test_it_is_said_awaited_and_hers_when_it_is_in(stop: Stop) -> None:
    async def story(here: AtInlet) -> None:
        await behind_the_gate(here, stop)
        for _ in range(4):
            assert "er inde i maskinen" in here.says()
            await asyncio.sleep(LONG_S / 4)
            await here.work.request("touch", {})
        await go_on(here, empty=False)
        await here.taken(1)
        assert here.state.refused is None
        read = stop is not jam
        assert ("Lykke-Per" if read else "Personalet ser på det") in here.says()
        await here.drop(CHILDREN)
        await here.taken(2)
        await here.press("finish.print")
        await here.screens("inlet_end")
        (receipt,) = await here.printed()
        assert f"{1 + read} af 2 afleveret" in " | ".join(receipt)
        assert read or BOOK in " | ".join(receipt)
        await here.plant.at_rest()
        assert await here.asked() == [BOOK, CHILDREN][not read :]

    play(story)


@STOPS
def test_a_receipt_of_whoever_leaves_meanwhile_names_it_and_the_next_gets_nothing_of_it(
    stop: Stop,
) -> None:
    async def story(here: AtInlet) -> None:
        await behind_the_gate(here, stop)
        await here.press("finish.print")
        await here.screens("inlet_end")
        await here.until(lambda state: state.phase is Phase.REST)
        lines = " | ".join((await here.printed())[0])
        assert BOOK in lines
        assert "Registreres, når maskinen kører igen" in lines
        await here.drop(CHILDREN)
        await asyncio.sleep(LONG_S)
        seen = len(here.shown)
        await go_on(here, empty=False)
        await here.taken(1)
        assert [entry.item for entry in here.state.entries] == [CHILDREN]
        assert not any("Lykke-Per" in here.says(shown.screen) for shown in here.shown[seen:])
        await here.plant.at_rest()
        assert await here.asked() == [BOOK, CHILDREN][stop is jam :]

    play(story)


@pytest.mark.parametrize("stop", [pause, e_stop])
def test_what_staff_took_off_meanwhile_is_asked_for(stop: Stop) -> None:
    async def story(here: AtInlet) -> None:
        await behind_the_gate(here, stop)
        await go_on(here, empty=True)
        await here.screens("inlet_refused")
        assert here.state.refused is Why.STUCK
        assert not here.state.entries
        await here.plant.at_rest()
        assert not await here.asked()

    play(story)
