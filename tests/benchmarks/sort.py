"""Sorting: decisions a second beside the rules read anew for each item; the greatest plan; deaths of the host by thousands.

B4: the host dies at numbered points of three check-ins (either side of a write of the store, of a message to the library
system, of its answer, of a tag's byte, of an event and of a destination), and again while it recovers, drawn by number from
one seed; then a real one is ended by kill -9. Bins and library system judge: nothing lost, nothing done twice.
"""

import random
import tempfile
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, wait
from importlib.resources import files
from pathlib import Path

from sorter.plan.decide import Decider
from sorter.plan.edition import MOST_RULES, load_plan
from sorter.plan.explain import explain
from sorter.plan.facts import Facts
from tests.benchmarks.bars import Bar, Outcome, bars_plot, in_turn, main, middle, say
from tests.benchmarks.pool import Stopping, pool
from tests.benchmarks.sort_kills import Killed, killed
from tests.benchmarks.sort_plan import checked, started
from tests.simulation.plant_lives import chained, whole

DECISIONS_A_S = 12_800 / 3600 * 100
"""A hundred times what the fastest belt on record asks for."""
CHECKED_S, AGAIN_S = 2.5, 5.0
"""By `ims plan check`, most of it the start of a command; and so long the belt's controller waits for its host (B6)."""
QUICK, WHOLE = (24, 2), (10_000, 200)
"""Deaths at numbered points, and by kill -9."""
SEED = 20_261_126
IN_A_ROW, RECOVERY = 10, 120
"""Deaths in one story at most; a later life dies among so many of its first points."""
WORKERS, CHUNK = 2, 20
SHOWN = 20


def measure(quick: bool, points: int | None = None, kills: int | None = None) -> Outcome:
    """Decisions, then lives, then real deaths."""
    usual_points, usual_kills = QUICK if quick else WHOLE
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
    checks = checked(1 if quick else 5, 100, 1000, MOST_RULES)
    away = started(1 if quick else 3)
    died, broken = _deaths(usual_points if points is None else points)
    wanted = usual_points if points is None else points
    try:
        real = killed(usual_kills if kills is None else kills, SEED, say)
    except KeyboardInterrupt:
        say("stopped among the deaths by kill -9: of these nothing is told")
        real = Killed(0, 0, 0, 0, ())
    return Outcome(
        "sort",
        (
            Bar("decisions", rates["decider"], DECISIONS_A_S, "a second", "higher"),
            Bar("greatest plan checked in", checks[MOST_RULES], CHECKED_S, "s", "lower"),
            Bar("host killed and started with the greatest plan, to items taken in", away, AGAIN_S, "s", "lower"),
            Bar("deaths at numbered points, of those asked for", died.total(), wanted, "", "higher"),
            Bar("deaths by kill -9, of those asked for", real.kills, usual_kills if kills is None else kills, "", "higher"),
            Bar("stories in which a check-in was lost or doubled", len(broken), 0, f"with {died.total()} deaths", "lower"),
            Bar("kill -9: lost, doubled or in a wrong bin", len(real.wrong), 0, f"of {real.items} items, {real.kills} deaths", "lower"),
        ),
        {
            "rules read anew, a second": round(rates["rules read anew"]),
            "plans of 100 and of 1,000 rules checked in, s": [round(checks[n], 2) for n in (100, 1000)],
            "deaths by kind of point": dict(died.most_common()),
            "kill -9: items, right bin, staff": [real.items, real.right, real.staff],
            "wrong": [*broken[:SHOWN], *real.wrong[:SHOWN]],
        },
        {"rates": rates},
    )  # fmt: skip


def _deaths(wanted: int) -> tuple[Counter[str], list[str]]:
    """Stories drawn by number until so many deaths have been died: by kind of point, and what the judge found."""
    died: Counter[str] = Counter()
    broken: list[str] = []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="ims-bench-") as room:
        first = len(whole(Path(room) / "whole.db"))
    with pool(WORKERS) as workers, Stopping() as stop:
        number = 0
        under_way: set[Future[tuple[Counter[str], list[str]]]] = set()
        while died.total() < wanted and not stop.now:
            while len(under_way) < 2 * WORKERS:
                under_way.add(workers.submit(_stories, number, number + CHUNK, first))
                number += CHUNK
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for part in done:
                more, faults = part.result()
                died += more
                broken += faults
            say(
                f"{died.total()} of {wanted} deaths after {time.perf_counter() - began:.0f} s, {len(broken)} wrong"
            )
        for left in under_way:
            left.cancel()
    for word in broken:
        say(word)
    return died, broken


def _stories(begin: int, end: int, first: int) -> tuple[Counter[str], list[str]]:
    died: Counter[str] = Counter()
    broken: list[str] = []
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as room:
        for number in range(begin, end):
            points = drawn(number, first)
            try:
                died.update(chained(Path(room) / f"{number}.db", points))
            except AssertionError as why:
                broken.append(f"story {number}, dead at {points}: {str(why)[:300]}")
    return died, broken


def drawn(number: int, first: int) -> tuple[int, ...]:
    """Where the lives of a story die: the first at any of its points, those after it while they recover."""
    rng = random.Random(f"{SEED} {number}")
    again = rng.randint(0, IN_A_ROW - 1)
    return (number % first, *(rng.randrange(RECOVERY) for _ in range(again)))


def plot(outcome: Outcome, path: Path) -> None:
    """Decisions a second."""
    bars_plot(path, outcome.series["rates"], unit="decisions a second", title="Sort plan of Odense")


if __name__ == "__main__":
    main(measure, plot, numbers=("points", "kills"))
