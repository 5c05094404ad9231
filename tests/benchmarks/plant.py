"""A million items over the simulated plant with every fault on, judged by where they lie; bad mornings over every wire.

B3 and B5: the belt's flow and its plan, over the simulated controller and plant, in seeds over two processes: nothing in a
wrong bin unseen, nothing on a shelf with a silent tag, each exception with its cause, the conservation law at every event.
Then whole mornings over every driver and wire, where the program dies too; and what the model of the plant costs.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

from tests.benchmarks.bars import Bar, Outcome, bars_plot, main, say
from tests.benchmarks.plant_model import Ages, by_age, by_bins, by_hand
from tests.benchmarks.pool import Pool, pool, until_stopped
from tests.simulation.mornings import run_morning
from tests.simulation.plant_flow import FAST, USUAL, PlantFlow
from tests.simulation.plant_judge import Found
from tests.simulation.plant_truth import Verdict

QUICK, WHOLE = 3000, 1_000_000
A_PART, QUICK_PART = 20_000, 1500
SLOW_EVERY = 20
"""Every so many parts run on a belt of 0.5 m/s; the others at 1.5 m/s with 16 items on it."""
WORKERS = 2
MORNINGS, A_MORNING = 10, 40
WEEK_H, QUICK_H = 168.0, 2.0
RIGHT_SHARE = 98.0
UNTOUCHED_SHARE, STAFF_SHARE, TOLD_SHARE, ALARMED_SHARE = 70.0, 5.0, 1.0, 0.1
"""Percent of all items: a line that says that something is wrong where nothing is excuses itself of nothing."""
FLAT = 1.5
FAST_ENOUGH = 1000
SHOWN = 20
WORDS = 900


def measure(quick: bool, items: int | None = None) -> Outcome:
    """So many items in all, beside mornings and the model."""
    os.environ.setdefault("IMS_TEST_LIBRARY_PASSWORD", "not-a-secret")
    wanted = items or (QUICK if quick else WHOLE)
    part = min(QUICK_PART if quick else A_PART, wanted)
    say("the model, by bins")
    bins = by_bins(200 if quick or items else 2000)
    alone = by_hand(0.1 if quick or items else 2.0)
    began = time.perf_counter()
    with pool(WORKERS) as workers:
        age = workers.submit(by_age, QUICK_H if quick or items else WEEK_H)
        found, broken = _flows(workers, wanted, part)
        played = found.items
        mornings = _mornings(1 if quick or played < wanted else MORNINGS)
        ages = age.result()
    took = time.perf_counter() - began
    for word in (*mornings.missorted, *mornings.lost, *mornings.doubled):
        say(word[:WORDS])
    right = 100 * found.untouched_right / max(1, found.untouched)

    def share(items: int) -> float:
        return 100 * items / max(1, found.items)

    return Outcome(
        "plant",
        (
            Bar("items played, of those asked for", played, wanted, "", "higher"),
            Bar("in a wrong bin, unseen", len(found.unseen), 0, f"of {found.items}", "lower"),
            Bar("on a shelf with a silent tag", len(found.silent), 0, f"of {found.items}", "lower"),
            Bar("on a shelf and still on loan", len(found.still_lent), 0, "", "lower"),
            Bar("checked in twice", len(found.doubled), 0, "", "lower"),
            Bar("sent into a crate that was full", len(found.overfilled), 0, "", "lower"),
            Bar("with the staff without a cause, or told for another", len(found.unexplained), 0, "", "lower"),
            Bar("in a wrong bin though no fault touched it, told or not", len(found.wronged), 0, "", "lower"),
            Bar("on the floor or in hands, and in a bin by the line's word", len(found.believed), 0, "", "lower"),
            Bar("runs that broke the conservation law or stood still", len(broken), 0, "", "lower"),
            Bar("in their planned bin, of those that no fault touched", right, RIGHT_SHARE, "%", "higher"),
            Bar("touched by no fault", share(found.untouched), UNTOUCHED_SHARE, "%", "higher"),
            Bar("with the staff or in overflow, and not meant for them", share(found.staff), STAFF_SHARE, "%", "lower"),
            Bar("in another bin or lost, and a person was told", share(found.told), TOLD_SHARE, "%", "lower"),
            Bar("taken off, emptied, on the floor", share(found.off), TOLD_SHARE, "%", "lower"),
            Bar("told of for nothing", share(found.alarmed), ALARMED_SHARE, "%", "lower"),
            Bar("with a dead tag, fed with another as one: nothing can tell", found.undetectable, 2 + found.items // 20_000, "", "lower"),
            Bar("mornings over every wire: mis-sorts, lost or doubled check-ins", len(mornings.missorted) + len(mornings.lost) + len(mornings.doubled), 0, "", "lower"),
            Bar("plant and controller alone", alone, FAST_ENOUGH, "times real time", "higher"),
            Bar("60 bins beside 16, through the port", bins["60 bins, port"] / bins["16 bins, port"], FLAT, "times an item's cost", "lower"),
            Bar("60 bins through the port beside 16 over map v1", bins["60 bins, port"] / bins["16 bins, map v1"], FLAT, "times an item's cost", "lower"),
            Bar(f"hour {ages.hours:.0f} beside the first", ages.last / ages.first, FLAT, "times an item's cost", "lower"),
        ),
        _figures(found, mornings, bins, ages, took),
        {"where": {"right bin": found.right, "staff, overflow": found.staff, "told where": found.told, "off the belt": found.off}},
    )  # fmt: skip


def _figures(
    found: Found, mornings: Verdict, bins: dict[str, float], ages: Ages, took: float
) -> dict[str, object]:
    return {
        "items, right bin, staff or overflow": [found.items, found.right, found.staff],
        "in another bin or lost, and a person was told; taken off, emptied, on the floor": [
            found.told,
            found.off,
        ],
        "with a dead tag, fed with another as one": found.undetectable,
        "with the staff as a stray, and confirmed in its own bin": found.misbelieved,
        "untouched by any fault, and of them late": [found.untouched, found.late],
        "not in their bin or unnamed with the staff, by the word that told a person": dict(
            found.excused.most_common()
        ),
        "in a wrong bin with a silent tag, and a person was told where": found.silent_told,
        "faults": dict(found.faults.most_common()),
        "causes": dict(found.causes.most_common()),
        "items a second, flow and plant, two processes, with the week beside": round(
            found.items / took
        ),
        "model alone, items a second of one core": {
            name: round(1 / cost) for name, cost in bins.items()
        },
        "model with a host on a loop, times real time, and hours played": [
            round(ages.real),
            round(ages.hours),
        ],
        "mornings: right, staff, elsewhere": [mornings.right, mornings.staff, mornings.elsewhere],
        "wrong": found.wrong[:SHOWN],
    }


def _flows(workers: Pool, items: int, part: int) -> tuple[Found, list[str]]:
    found, broken, done = Found(), [], 0
    began = time.perf_counter()
    for future in until_stopped(workers, _parts(workers, items, part)):
        one = future.result()
        done += part
        if isinstance(one, str):
            broken.append(one)
        else:
            found = found.plus(one)
        for word in [one] if isinstance(one, str) else one.wrong:
            say(word[:WORDS])
        say(
            f"{min(done, items)} of {items} items after {time.perf_counter() - began:.0f} s,"
            f" {len(found.wrong) + len(broken)} wrong"
        )
    return found, broken


def _parts(workers: Pool, items: int, part: int) -> Iterator[Future[Found | str]]:
    for seed, first in enumerate(range(0, items, part), start=1):
        yield workers.submit(_flow, seed, min(part, items - first))


def _flow(seed: int, items: int) -> Found | str:
    """One run, or what law it broke."""
    try:
        return PlantFlow(seed, layout=FAST if seed % SLOW_EVERY else USUAL).run(items)
    except AssertionError as why:
        return f"seed {seed}: {str(why)[:600]}"


def _mornings(count: int) -> Verdict:
    """Mornings of forty items each, two deaths of the program in each, something wrong with every third item."""
    whole = Verdict(0, 0, 0, 0, 0, (), (), ())
    for seed in range(1, count + 1):
        with tempfile.TemporaryDirectory(prefix="ims-bench-") as room:
            try:
                one = run_morning(
                    A_MORNING, seed, faults=0.33, kills=2, database=Path(room) / "plant.db"
                )
            except AssertionError as why:
                one = Verdict(0, 0, 0, 0, 0, (f"morning {seed}: {str(why)[:300]}",), (), ())
        whole = whole.plus(one)
        say(f"morning {seed} of {count}")
    return whole


def plot(outcome: Outcome, path: Path) -> None:
    """Where the items lie."""
    bars_plot(path, outcome.series["where"], unit="items", title="Items over a plant with faults")


if __name__ == "__main__":
    main(measure, plot, numbers=("items",))
