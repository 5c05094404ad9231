"""The belt's link stands on what the contract owes, and on nothing that a PLC may refuse."""

import asyncio

from typing_extensions import override

from drivers.errors import Code, DeviceRefused
from drivers.ports import BeltCounters, BeltInfo
from drivers.runtime.flow import Event
from hw_sim.scenario import parse
from hw_sim.simloop import run
from hw_sim.stage import Stage
from sorter.belt import acts
from sorter.belt.line import Line
from sorter.belt_work import BeltWork
from sorter.plan.decide import Decider
from tests.simulation.plain_belt import PlainBelt
from tests.unit.sorter_belt.belt import PLAN

SCENARIO = """
schema_version = 1
name = "plant"
seed = 5
[devices.belt]
[plant]
horn_s = 0.5
"""


class Refusing(PlainBelt):
    """A belt that keeps no list of its alarms and counts nothing."""

    asked = 0

    @override
    async def counters(self) -> BeltCounters:
        self.asked += 1
        detail = "exception 2 (illegal data address) at 112"
        raise DeviceRefused("belt", Code.BELT_EXCEPTION, detail)


def test_a_belt_that_refuses_its_list_of_alarms_stays_linked_and_is_asked_again() -> None:
    put: list[Event] = []

    async def linked(_info: BeltInfo, _taken: int, _same: bool) -> None:
        return

    async def main() -> None:
        stage = Stage(parse(SCENARIO))
        assert stage.plant is not None
        belt = Refusing(stage.plant.plc)
        line = Line.by(Decider(PLAN))
        work = BeltWork(
            belt, state=lambda: line, put=put.append, linked=linked, cycle_s=0.05, link_s=1.0
        )
        serving = asyncio.create_task(work.serve(lambda: None))
        await asyncio.sleep(5)
        assert not serving.done(), serving
        assert belt.asked >= 4
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await stage.close()

    run(main())
    assert sum(isinstance(one, acts.LinkUp) for one in put) == 1
    assert sum(isinstance(one, acts.Heard) for one in put) > 50
    assert not any(isinstance(one, acts.Counted) for one in put)
