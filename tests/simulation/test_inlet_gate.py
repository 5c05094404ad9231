"""The gate of a public inlet does not do what it says: a thing is taken back out of it, or it sticks."""

import asyncio
from typing import Any

from sorter.inlet.gate import Why
from tests.simulation.test_inlet import BOOK, CHILDREN, AtInlet, play


async def fault(here: AtInlet, verb: str, **args: Any) -> None:
    await here.plant.stage.do("fault", {"device": "belt", "verb": verb, "args": args})


def alarms(here: AtInlet) -> set[str]:
    return {row.id for row in here.plant.snapshots[-1].screen.body.alarms}  # type: ignore[union-attr]


def test_a_book_that_is_taken_back_out_of_the_gate_is_on_no_receipt() -> None:
    async def story(here: AtInlet) -> None:
        await fault(here, "gate_taken")
        await here.drop(BOOK)
        await here.until(lambda state: bool(state.entries))
        await asyncio.sleep(3)
        await here.drop(CHILDREN)
        await here.taken(1)
        assert [entry.item for entry in here.state.entries] == [CHILDREN]
        await here.press("finish.print")
        await here.screens("inlet_end")
        (receipt,) = await here.printed()
        assert not any(BOOK in line for line in receipt)
        assert await here.asked() == [CHILDREN]

    play(story)


def test_a_gate_that_sticks_is_said_at_both_screens_until_it_lets_in() -> None:
    async def story(here: AtInlet) -> None:
        await fault(here, "gate_stuck")
        await here.drop(BOOK)
        await here.screens("inlet_refused")
        assert here.state.refused is Why.STUCK
        await asyncio.sleep(1)
        assert "gate" in alarms(here)
        await here.plant.stage.do("clear", {"device": "belt", "verb": "gate_stuck"})
        await here.taken(1)
        await asyncio.sleep(1)
        assert "gate" not in alarms(here)
        assert await here.asked() == [BOOK]

    play(story)
