"""A morning at the plant with anything that can go wrong, by chance and by seed, and a person who puts it right."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from drivers.ports import Pack, Sign
from hw_sim.scenario import Scenario, load
from hw_sim.simloop import run
from tests.simulation.plant_trouble import HANDS, LIBRARY, MORNING_FAULTS, TUNNEL
from tests.simulation.plant_truth import Verdict, believed, judge, told_of
from tests.simulation.whole_plant import WholePlant


def scenario_of(items: int, seed: int) -> Scenario:
    """The plant with nine bins and so many items on their way back."""
    loaded = load("plant-nine-bins")
    if loaded.seed == seed and len(loaded.items) >= items:
        return loaded
    return replace(loaded, seed=seed)


FULL = 40
"""A crate with more in it is carried away once its sensor says that it is full."""


AT_CABINET = {"belt.ends.cabinet", "belt.ends.forget", "sorter.no.cabinet"}
"""What the panel says where the controller wants it said at the machine that the belt is empty."""


class Operator:
    """Whoever stands at the plant: clears what stopped it, empties it when it is not believed, starts it again."""

    def __init__(self, plant: WholePlant) -> None:
        self._plant = plant

    def _told(self) -> set[str]:
        """What the panel says to do, by key."""
        body: Any = self._plant.snapshots[-1].screen.body
        return {words.key for words in (body.ends, body.notice) if words is not None}

    async def look(self) -> None:
        plant, line = self._plant, self._plant.state
        if line.link and line.belt is not None:
            safe = Sign.SAFETY_CLOSED in line.belt.signs and Sign.E_STOP not in line.belt.signs
            if line.doubted and safe:
                await plant.stage.do("empty_belt", {})
                await plant.press("emptied")
            if plant.is_in(Pack.ABORTED) and self._told() & AT_CABINET:
                await plant.stage.do("empty_belt", {})
            for pack, action in (
                (Pack.ABORTED, "belt.clear"),
                (Pack.STOPPED, "belt.reset"),
                (Pack.IDLE, "belt.start"),
                (Pack.HELD, "belt.unhold"),
            ):
                if plant.is_in(pack):
                    await plant.press(action)
        truth = (await plant.truth())["devices"]["belt"]["bins"]
        for name, use in line.bins.items():
            full = use.full and len(truth[str(use.number)]["items"]) > FULL
            if full and use.present:
                await plant.stage.do("pull_bin", {"bin": use.number})
                await plant.stage.do("dock_bin", {"bin": use.number})
            if use.present and not use.enabled:
                await plant.press(f"bin.{name}")


async def morning(
    items: int, seed: int, *, faults: float = 0.3, database: Path | None = None, kills: int = 0
) -> tuple[Verdict, WholePlant]:
    """Feed so many items; before each, with that chance something goes wrong. `kills`: the program dies so often."""
    rng = random.Random(f"morning {seed}")
    plant = WholePlant(scenario_of(items, seed), database=database)
    plant.stage.begin()
    await plant.start()
    operator = Operator(plant)
    standing: list[tuple[float, str]] = []
    loop = asyncio.get_running_loop()
    foreign = dead = 0
    deaths = set(rng.sample(range(items), kills))
    hands = plant.stage.plant
    assert hands is not None

    async def a_while(seconds: float) -> None:
        end = loop.time() + seconds
        while loop.time() < end:
            await asyncio.sleep(0.5)
            for at, verb in tuple(standing):
                if loop.time() >= at:
                    standing.remove((at, verb))
                    await plant.stage.do("clear", {"device": "belt", "verb": verb})
            await operator.look()

    await a_while(8)
    for n in range(items):
        if rng.random() < faults:
            where = rng.random()
            if where < 0.2:
                verb, args = rng.choice(LIBRARY)
                await plant.stage.do("fault", {"device": "library", "verb": verb, "args": args})
            elif where < 0.25:
                verb, args = rng.choice(TUNNEL)
                await plant.stage.do("fault", {"device": "tunnel", "verb": verb, "args": args})
            elif where < 0.35:
                verb, args = rng.choice(HANDS)
                await plant.stage.do(verb, args)
            else:
                verb, args, seconds = rng.choice(MORNING_FAULTS)
                if verb not in {v for _, v in standing}:
                    await plant.stage.do("fault", {"device": "belt", "verb": verb, "args": args})
                    foreign += verb == "foreign_tag"
                    dead += verb == "no_tag"
                    if seconds:
                        standing.append((loop.time() + seconds, verb))
        await plant.stage.do("feed", {"count": 1})
        await a_while(rng.uniform(1.0, 3.0))
        if n in deaths:
            await plant.kill()
            await asyncio.sleep(rng.uniform(0.1, 4.0))
            await plant.start()
    for _ in range(240):
        await a_while(5)
        if not (standing or plant.state.items or hands.plant.things or hands.plant.inlet):
            break
    await plant.at_rest()
    truth = await plant.truth()
    rows = {row["id"]: row for row in plant.scenario.data["items"]}
    told = await plant.store.read(told_of)
    verdict = judge(truth, rows, foreign=foreign, dead=dead, told=told)
    belief = await plant.store.read(believed)
    for item, bin in belief.items():
        place = truth["devices"]["belt"]["items"].get(item)
        if item in rows and place is not None and place["where"] == "bin":
            assert place["bin"] == bin, f"{item} lies in {place['bin']}, believed in {bin}"
    assert plant.state.conserved
    return verdict, plant


def run_morning(items: int, seed: int, **how: Any) -> Verdict:
    """One morning in virtual time."""

    async def whole() -> Verdict:
        verdict, plant = await morning(items, seed, **how)
        await plant.stop()
        await plant.stage.close()
        return verdict

    return run(whole())
