"""The people beside a simulated plant: what their verbs do, what they are told when they cannot, and the truth."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hw_sim.scenario import ScenarioError, load, parse
from hw_sim.simloop import run
from hw_sim.stage import Stage

SCENARIO = """
schema_version = 1
name = "hands"
[devices.belt]
[devices.tunnel]
[plant]
horn_s = 0.5
[generate]
items = 10
"""


def played(scene: Callable[[Stage], Awaitable[None]]) -> None:
    async def main() -> None:
        stage = Stage(parse(SCENARIO))
        stage.begin()
        await scene(stage)
        await stage.close()

    run(main())


async def belt(stage: Stage) -> dict[str, Any]:
    truth: Any = await stage.do("truth", {})
    found: dict[str, Any] = truth["devices"]["belt"]
    return found


def test_items_are_fed_by_number_or_by_name_and_each_once() -> None:
    async def scene(stage: Stage) -> None:
        first: Any = await stage.do("feed", {"count": 2})
        second: Any = await stage.do("feed", {"count": 1})
        assert len({*first["items"], *second["items"]}) == 3
        with pytest.raises(ValueError, match="at the inlet already"):
            await stage.do("feed", {"items": first["items"]})
        with pytest.raises(ValueError, match="no item"):
            await stage.do("feed", {"items": "99"})
        with pytest.raises(TypeError, match="count is a whole number"):
            await stage.do("feed", {"count": -1})
        places = (await belt(stage))["items"]
        assert {place["where"] for place in places.values()} == {"inlet"}
        assert len(places) == 3

    played(scene)


def test_items_come_one_after_another() -> None:
    async def scene(stage: Stage) -> None:
        await stage.do("feed", {"count": 3, "every": 2.0})
        assert len((await belt(stage))["items"]) == 1
        await asyncio.sleep(3)
        assert len((await belt(stage))["items"]) == 2

    played(scene)


def test_a_crate_is_swapped_and_the_new_one_is_empty() -> None:
    async def scene(stage: Stage) -> None:
        await stage.do("pull_bin", {"bin": 3})
        assert not (await belt(stage))["bins"]["3"]["present"]
        docked = await stage.do("dock_bin", {"bin": 3})
        assert docked == {"crate": 2}
        assert (await belt(stage))["bins"]["3"] == {
            "crate": 2,
            "present": True,
            "full": False,
            "items": [],
        }
        with pytest.raises(ValueError, match="1 to 9"):
            await stage.do("pull_bin", {"bin": 10})

    played(scene)


def test_a_crate_that_is_filled_by_hand_is_full() -> None:
    async def scene(stage: Stage) -> None:
        assert await stage.do("fill_bin", {"bin": 3}) == {"items": 60}
        assert (await belt(stage))["bins"]["3"]["full"]
        with pytest.raises(ValueError, match="1 to 9"):
            await stage.do("fill_bin", {"bin": 0})

    played(scene)


def test_the_emergency_stop_and_the_guard_open_the_chain() -> None:
    async def scene(stage: Stage) -> None:
        assert await stage.do("e_stop", {"pressed": True}) == {"safe": False}
        assert await stage.do("guard", {"open": True}) == {"safe": False}
        assert await stage.do("e_stop", {"pressed": False}) == {"safe": False}
        await asyncio.sleep(1)
        truth = await belt(stage)
        assert (truth["guard_open"], truth["e_stop"], truth["pack"]) == (True, False, "ABORTED")
        assert await stage.do("guard", {"open": False}) == {"safe": True}
        with pytest.raises(TypeError, match="true or false"):
            await stage.do("e_stop", {"pressed": 1})

    played(scene)


def test_things_are_laid_on_and_taken_off_by_hand() -> None:
    async def scene(stage: Stage) -> None:
        name = next(iter(stage.world.items))
        await stage.do("lay_on", {"mm": 500, "item": name})
        unknown = await stage.do("lay_on", {"mm": 1500})
        places = (await belt(stage))["items"]
        assert places[name] == {"where": "belt", "mm": 500, "stuck": False}
        await stage.do("take_off", {"item": name})
        assert (await belt(stage))["items"][name]["where"] == "hands"
        assert await stage.do("empty_belt", {}) == {"items": [unknown["item"]]}
        with pytest.raises(ValueError, match="does not lie on the belt"):
            await stage.do("take_off", {"item": name})

    played(scene)


def test_faults_of_plant_slave_and_wire_stand_side_by_side_and_end_together() -> None:
    async def scene(stage: Stage) -> None:
        for verb, args in (("jam", {"zone": 2}), ("exception", {}), ("duplicate", {})):
            await stage.do("fault", {"device": "belt", "verb": verb, "args": args})
        told: Any = await stage.do("truth", {})
        assert set(told["devices"]["belt"]["faults"]) == {"jam", "exception", "duplicate"}
        assert await stage.do("clear", {"device": "belt"}) == {"faults": {}}
        with pytest.raises(ValueError, match="there are: jam"):
            await stage.do("fault", {"device": "belt", "verb": "flood"})

    played(scene)


def test_a_controller_begins_anew_or_stands_still_and_the_fault_is_over_at_once() -> None:
    async def scene(stage: Stage) -> None:
        assert stage.plant is not None
        plc = stage.plant.plc
        told = await stage.do("fault", {"device": "belt", "verb": "plc_restart"})
        assert told == {"faults": {}}
        assert plc.boot_id == 2
        await asyncio.sleep(1)
        await belt(stage)
        args = {"device": "belt", "verb": "scan_pause", "args": {"seconds": 2}}
        assert await stage.do("fault", args) == {"faults": {}}
        before = plc.heartbeat
        await asyncio.sleep(1)
        await belt(stage)
        assert plc.heartbeat == before
        await asyncio.sleep(2)
        await belt(stage)
        assert plc.heartbeat > before

    played(scene)


def test_a_kiosk_has_no_verbs_of_a_plant() -> None:
    assert "feed" not in Stage(load("empty")).verbs


@pytest.mark.parametrize(
    ("plant", "wrong"),
    [
        ("bins = 0", "1 to 60 bins"),
        ("bins = 17", "room for 16 bins"),
        ("pitch = 300", "pitch must be longer"),
        ("wings = 2", "plant.wings is not known"),
        ('mm_s = "fast"', "plant.mm_s must be a number"),
        ("eye_lead = 300", "eye_lead must be longer"),
    ],
)
def test_a_plant_that_cannot_be_built_is_refused_by_name(plant: str, wrong: str) -> None:
    text = f'schema_version = 1\nname = "odd"\n[devices.belt]\n[plant]\n{plant}\n'
    with pytest.raises(ScenarioError, match=wrong):
        Stage(parse(text))


def test_a_bad_morning_goes_wrong_by_itself() -> None:
    async def main() -> None:
        stage = Stage(load("plant-bad-morning"), pace="none")
        failed: list[object] = []
        stage.world.listen(lambda h: failed.append(h) if h.what == "step_failed" else None)
        stage.begin()
        await asyncio.sleep(100)
        assert {"jam", "false_full"} <= set((await belt(stage))["faults"])
        await asyncio.sleep(105)
        truth = await belt(stage)
        assert truth["e_stop"]
        assert len(truth["items"]) == 60
        assert not failed
        await stage.close()

    run(main())
