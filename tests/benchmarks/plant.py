"""The whole plant in virtual time with faults by seed: mis-sorts, lost and doubled check-ins, and how fast it is played."""

import os
import tempfile
import time
from pathlib import Path

from tests.benchmarks.bars import Bar, Outcome, bars_plot, main, say
from tests.simulation.mornings import run_morning

ITEMS = "IMS_BENCH_ITEMS"
"""Environment variable: how many items in all; else a figure that takes some minutes."""
QUICK, USUAL, A_MORNING = 40, 400, 40


def measure(quick: bool) -> Outcome:
    """Mornings of forty items each, two deaths of the program in each, something wrong with every third item."""
    os.environ.setdefault("IMS_TEST_LIBRARY_PASSWORD", "not-a-secret")
    wanted = int(os.environ.get(ITEMS, QUICK if quick else USUAL))
    right = staff = elsewhere = strange = unseen = 0
    missorted: list[str] = []
    lost: list[str] = []
    doubled: list[str] = []
    broken = items = seed = 0
    began = time.perf_counter()
    while items < wanted:
        seed += 1
        with tempfile.TemporaryDirectory(prefix="ims-bench-") as room:
            try:
                found = run_morning(
                    A_MORNING, seed, faults=0.33, kills=2, database=Path(room) / "plant.db"
                )
            except AssertionError as why:
                broken += 1
                say(f"morning {seed}: {str(why)[:300]}")
                items += A_MORNING
                continue
        items += A_MORNING
        right += found.right
        staff += found.staff
        elsewhere += found.elsewhere
        strange += found.strange
        unseen += found.unseen
        missorted += found.missorted
        lost += found.lost
        doubled += found.doubled
        for word in (*found.missorted, *found.lost, *found.doubled):
            say(f"morning {seed}: {word}")
        say(f"{items} items")
    took = time.perf_counter() - began
    return Outcome(
        "plant",
        (
            Bar("mis-sorts", len(missorted), 0, f"of {items}", "lower"),
            Bar("check-ins lost", len(lost), 0, f"of {items}", "lower"),
            Bar("check-ins doubled", len(doubled), 0, f"of {items}", "lower"),
            Bar("mornings that broke a law", broken, 0, f"of {seed}", "lower"),
        ),
        {
            "in the right bin": right,
            "with the staff or in overflow": staff,
            "taken off, emptied or fed again": elsewhere,
            "another library's tag": strange,
            "with a dead tag, fed with another as one": unseen,
            "items a second, all drivers and wires simulated": round(items / took, 2),
        },
        {"where": {"right bin": right, "staff": staff, "off the belt": elsewhere}},
    )


def plot(outcome: Outcome, path: Path) -> None:
    """Where the items lie."""
    bars_plot(path, outcome.series["where"], unit="items", title="Bad mornings at the plant")


if __name__ == "__main__":
    main(measure, plot)
