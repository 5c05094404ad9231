"""The simulated controller and the conformance test were written apart from the same pages: they must agree."""

import asyncio
from typing import cast

import pytest

from drivers.modbus_belt.conformance import Report, Verdict
from drivers.modbus_belt.conforming import Conformance
from drivers.transport.memory import MemoryTransport
from hw_sim.plant_hands import PlantHands
from hw_sim.ports import WireEnd
from hw_sim.scenario import parse
from hw_sim.simloop import SimLoop
from hw_sim.stage import Stage
from tests.conftest import Heard

SCENARIO = """
schema_version = 1
name = "plant"
seed = 5
[devices.belt]
pace = "real"
baud = {baud}
[plant]
horn_s = 5.0
"""


@pytest.fixture(autouse=True)
def _wire_troubles(heard: Heard) -> None:
    heard.expect("belt.drained", "belt.lost")


def judged(baud: int, *, move: bool, pressed: bool = False) -> tuple[Report, PlantHands]:
    async def main() -> tuple[Report, PlantHands]:
        stage = Stage(parse(SCENARIO.format(baud=baud)))
        hands = stage.plant
        assert hands is not None
        wire = MemoryTransport("belt")
        stage.join("belt", cast(WireEnd, wire.far))
        if pressed:
            await hands.e_stop(pressed=True)

        def lay(_words: str) -> None:
            hands.agenda.catch_up()
            hands.plant.feed([hands.plant.thing("book")])

        run = Conformance(wire, baud=baud, move=move, ask=lay)
        try:
            async with asyncio.timeout(900):
                return await run.run(), hands
        finally:
            await stage.close()

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        return runner.run(main())


@pytest.mark.parametrize("baud", [19200, 115200])
def test_the_simulated_controller_keeps_the_contract(baud: int) -> None:
    report, hands = judged(baud, move=True)
    assert [(f.check.id, f.seen) for f in report.findings if f.verdict is not Verdict.KEPT] == []
    assert hands.plant.ended["book"].bin == 2  # the world's word, not the controller's


def test_without_leave_the_world_stands_still() -> None:
    report, hands = judged(115200, move=False)
    assert report.ok
    assert report.count(Verdict.KEPT) == 32
    assert hands.plant.position == 0


def test_a_pressed_emergency_stop_is_respected_and_said() -> None:
    report, hands = judged(115200, move=True, pressed=True)
    assert hands.plant.position == 0
    reset = next(f for f in report.findings if f.check.id == "reset")
    assert (reset.verdict, reset.seen) == (Verdict.NOT_RUN, "an emergency stop is pressed")
