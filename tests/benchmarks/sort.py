"""Sorting: decisions a second beside the rules read anew for each item, and deaths at every point of three check-ins."""

import random
import tempfile
import time
from importlib.resources import files
from pathlib import Path

from sorter.plan.decide import Decider
from sorter.plan.explain import explain
from sorter.plan.facts import Facts
from sorter.plan.plan import load_plan
from tests.benchmarks.bars import Bar, Outcome, bars_plot, in_turn, main, middle, say
from tests.simulation.plant_lives import whole

DECISIONS_A_S = 12_800 / 3600 * 100
"""A hundred times what the fastest belt on record asks for."""
QUICK_POINTS = 12


def measure(quick: bool) -> Outcome:
    """Decisions, then lives."""
    plan = load_plan(Path(str(files("config").joinpath("plans/odense.toml"))))
    rng = random.Random(1)
    facts = [
        Facts(
            sort_bin=rng.choice(["", "101", "102", "103", "104"]),
            alert=rng.choice(["", "", "", "01", "02", "04"]),
            destination=rng.choice(["Tarup", "Dalum", "Ukendt"]),
            call_number=f"{rng.randrange(100)}.{rng.randrange(100)}",
            ok=rng.random() < 0.98,
        )
        for _ in range(500)
    ]
    decide, usable = Decider(plan), frozenset(plan.bins)
    times = in_turn(
        {
            "decider": lambda: [decide(one, usable) for one in facts],
            "rules read anew": lambda: [explain(plan, one) for one in facts],
        },
        rounds=2 if quick else 5,
        seconds=0.3 if quick else 1.0,
    )
    rates = {name: len(facts) / middle(took) for name, took in times.items()}
    tried, broken = _deaths(QUICK_POINTS if quick else None)
    return Outcome(
        "sort",
        (
            Bar("decisions", rates["decider"], DECISIONS_A_S, "a second", "higher"),
            Bar("check-ins lost or doubled", broken, 0, f"of {tried} deaths", "lower"),
        ),
        {"rules read anew, a second": round(rates["rules read anew"]), "deaths": tried},
        {"rates": rates},
    )


def _deaths(most: int | None) -> tuple[int, int]:
    """Die at every point, or at so many spread over all; how many were tried, and how many broke the judge's word."""
    broken = tried = 0
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="ims-bench-") as room:
        points = whole(Path(room) / "whole.db")
        stride = 1 if most is None else max(1, len(points) // most)
        for at in range(0, len(points), stride):
            tried += 1
            try:
                whole(Path(room) / f"{at}.db", (at,))
            except AssertionError as why:
                broken += 1
                say(f"died at {at} {points[at]}: {why}")
    say(f"{tried} deaths in {time.perf_counter() - began:.0f} s")
    return tried, broken


def plot(outcome: Outcome, path: Path) -> None:
    """Decisions a second."""
    bars_plot(path, outcome.series["rates"], unit="decisions a second", title="Sort plan of Odense")


if __name__ == "__main__":
    main(measure, plot)
