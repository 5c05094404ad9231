"""kill -9 of a real plant's host at any moment, also while it starts: judged by the plant and the library system.

Simulator and `ims sorter` are processes of their own, in real time over pseudo-terminals and loopback TCP. Items go in all the
while; the host is killed at moments drawn by a seed and started again at once. When all has come to rest the world says where
each item lies, what the library system was asked, and which loans stand.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from hw_sim.scenario import load
from tests.benchmarks.belt_plant import plant, running
from tests.simulation.plant_truth import EXCEPTION, OVERFLOW, wanted_bin

SORTS_S, STARTS_S = (0.3, 4.0), (0.1, 1.2)
"""From running to the next death, and of every third from its start: it dies while it starts."""
REST_S = 120.0


@dataclass(frozen=True, slots=True)
class Killed:
    """What came of it. `wrong` must be empty."""

    kills: int
    items: int
    right: int
    staff: int
    wrong: tuple[str, ...]


def killed(kills: int, seed: int, told: Callable[[str], None]) -> Killed:
    """Kill so often while items are sorted, then let everything come to rest and judge."""
    if not kills:
        return Killed(0, 0, 0, 0, ())
    rng = random.Random(f"sort kills {seed}")
    items = 4 * kills + 20
    with plant(items, mm_s=500) as one:
        rows = {row["id"]: row for row in load(str(one.directory / "scenario.toml")).data["items"]}
        one.world.do("feed", count=items)
        for n in range(kills):
            if n % 3:
                one.until(running, within=REST_S)
            time.sleep(rng.uniform(*(SORTS_S if n % 3 else STARTS_S)))
            one.crash()
            one.begin()
            if (n + 1) % 20 == 0 or n + 1 == kills:
                told(f"{n + 1} of {kills} deaths by kill -9")
        one.until(running, within=REST_S)

        def at_rest(truth: dict[str, object]) -> bool:
            places = truth["items"]
            return isinstance(places, dict) and not any(
                place["where"] in {"belt", "chute"} for place in places.values()
            )

        one.world.do("unplug", device="belt")  # the inlet shuts, and the belt runs empty
        one.until(at_rest, within=REST_S)
        one.world.do("plug", device="belt")
        time.sleep(8)  # what was asked and not answered is asked about
        truth = one.world.do("truth")["devices"]
    return _judged(kills, truth["belt"]["items"], truth["library"], rows)


def _judged(kills: int, places: dict[str, dict[str, object]], library: dict, rows: dict) -> Killed:  # type: ignore[type-arg]
    done = Counter(a["item"] for a in library["asked"] if (a["message"], a["outcome"]) == ("09", "done"))  # fmt: skip
    wrong = [f"{item}: checked in {n} times" for item, n in done.items() if n > 1]
    right = staff = 0
    for item, place in places.items():
        if place["where"] != "bin":
            continue
        bin, wanted = place["bin"], wanted_bin(rows[item], library["items"][item]["status"])
        if bin in {EXCEPTION, OVERFLOW}:
            staff += 1
        elif bin == wanted:
            right += 1
            if item in library["loans"]:
                wrong.append(f"{item}: lies in {bin} and is on loan")
        else:
            wrong.append(f"{item}: lies in {bin}, belongs in {wanted}")
    return Killed(kills, right + staff, right, staff, tuple(wrong))
