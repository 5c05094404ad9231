"""The gate of a public inlet does not do what it says, or does not say what it does: a thing is taken back, sticks, or goes in unanswered."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from drivers.errors import Code, RemoteProtocolError
from drivers.ports import BeltCommand, CommandResult
from sorter.belt_work import BeltWork
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


LATE_S = 3.0
"""Longer than a thing needs from the gate onto the belt."""


@pytest.mark.parametrize(
    ("heard", "answer_s", "answered"),
    [(True, 0.0, False), (True, LATE_S, False), (True, LATE_S, True), (False, 0.0, False)],
    ids=["answer lost", "answer lost late", "answer late", "word lost"],
)
def test_what_goes_in_without_an_answer_is_said_and_on_the_receipt_once(
    monkeypatch: pytest.MonkeyPatch, heard: bool, answer_s: float, answered: bool
) -> None:
    command = BeltWork.command
    lost = RemoteProtocolError("belt", Code.WIRE_UNEXPECTED, "command 25 is not acknowledged")
    first = True

    async def over_a_bad_wire(
        belt: BeltWork, word: BeltCommand, arguments: Sequence[int]
    ) -> CommandResult:
        nonlocal first
        if word is not BeltCommand.GATE or not first:
            return await command(belt, word, arguments)
        first = False
        result = await command(belt, word, arguments) if heard else None
        await asyncio.sleep(answer_s)
        if result is None or not answered:
            raise lost
        return result

    monkeypatch.setattr(BeltWork, "command", over_a_bad_wire)

    async def story(here: AtInlet) -> None:
        await here.drop(BOOK)
        await here.taken(1)
        assert "Lykke-Per" in here.says()
        await here.drop(CHILDREN)
        await here.taken(2)
        await asyncio.sleep(15)
        assert here.state.refused is None
        assert "gate" not in alarms(here)
        await here.press("finish.print")
        await here.screens("inlet_end")
        (receipt,) = await here.printed()
        assert "2 af 2 afleveret" in " | ".join(receipt)
        await here.plant.at_rest()
        assert await here.asked() == [BOOK, CHILDREN]

    play(story)
