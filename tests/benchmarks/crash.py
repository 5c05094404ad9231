"""What is lost or done twice when the station dies: thousands of deaths in virtual time, and real ones by kill -9.

A schedule is one story (sign in, borrow, return, return what another machine lends before this one is back, renew, place
and cancel a hold, an outage, telling of it) over SIP2 or FBS, a numbered point at which the process dies, and points at
which what comes after dies too. Schedules are drawn by number from one seed, so that each can be played again alone. The
library system answers whenever it is asked: then nothing may be lost or done twice, tags and library system agree, and
nothing is left to staff but whose loan the other machine's is.
"""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from hw_sim.simloop import run
from tests.benchmarks.bars import Bar, Outcome, bars_plot, main, say
from tests.benchmarks.pool import pool, quiet
from tests.crash.killing import Killed, killed
from tests.simulation.stories import (
    KINDS,
    STATIONS,
    STORIES,
    Ended,
    Schedule,
    Wrong,
    drawn,
    lived,
)

SEED = 20_261_126
WHOLE, QUICK = (10_000, 200), (300, 6)
"""Schedules and kills of a run."""
WORKERS = 2
CHUNK = 20
SHOWN = 20
"""Wrong schedules that are told in full."""

Lengths = dict[tuple[str, str], tuple[int, int]]


def measure(quick: bool, points: int | None = None, kills: int | None = None) -> Outcome:
    many, usual = QUICK if quick else WHOLE
    schedules = many if points is None else points
    began = time.perf_counter()
    deaths: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    shown: list[str] = []
    played = died = 0
    with pool(WORKERS) as workers:
        lengths = measured(workers)
        say(f"{sum(length for length, _ in lengths.values())} points in {len(lengths)} stories")
        for part in _played(workers, schedules, lengths):
            for number, story, died_at, faults in part:
                played += 1
                died += len(died_at)
                deaths[story] += 1
                wrong.update(kind for kind, _ in faults)
                shown += [f"{number} {story} {died_at}: {words}" for _, words in faults]
            if played % 200 < CHUNK or played == schedules:
                say(f"{played} of {schedules} schedules, {sum(wrong.values())} wrong")
    seconds = time.perf_counter() - began
    real = asyncio.run(killed(usual if kills is None else kills, SEED, say))
    bars = (
        *(Bar(f"{kind}: {what}", wrong[kind], 0, "", "lower") for kind, what in KINDS.items()),
        *_bars_of(real),
    )
    figures = {
        "seed": SEED,
        "schedules": played,
        "deaths": died,
        "schedules a story": dict(sorted(deaths.items())),
        "points a story has": {
            f"{story}, {scenario}": length for (story, scenario), (length, _) in lengths.items()
        },
        "schedules a second": round(played / seconds, 1),
        "real kills": real.kills,
        "of them after a loan or return had left": real.late,
        "wrong": shown[:SHOWN] + real.wrong[:SHOWN],
    }
    return Outcome("crash", bars, figures, {"stories": dict(sorted(deaths.items()))})


def _bars_of(real: Killed) -> Iterator[Bar]:
    if real.kills:
        yield Bar("kill -9: anything lost, doubled or left open", len(real.wrong), 0, "", "lower")


def measured(workers: ProcessPoolExecutor) -> Lengths:
    """How many points each story has, and what comes after it; a story that nothing cuts short must be right."""
    kinds = [(story, scenario) for story in STORIES for scenario in STATIONS]
    return dict(zip(kinds, workers.map(_uncut, kinds), strict=True))


def _uncut(kind: tuple[str, str]) -> tuple[int, int]:
    story, scenario = kind
    with _scratch() as place:
        every = [
            _one(Schedule(story, scenario, which=which), place)
            for which in range(len(STORIES[story].again))
        ]
    for ended in every:
        if ended.wrong:
            raise ValueError(f"{story} over {scenario}, uncut: {ended.wrong}")
    return len(every[0].points), max(len(ended.last) for ended in every)


def _scratch() -> tempfile.TemporaryDirectory[str]:
    """Memory where there is any: what a disk loses is proven elsewhere."""
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)


def _one(schedule: Schedule, place: str) -> Ended:
    database = Path(place) / "station.db"
    try:
        return run(lived(schedule, database))
    finally:
        for file in database.parent.glob("station.db*"):
            file.unlink()


Played = list[tuple[int, str, tuple[str, ...], list[Wrong]]]


def _played(workers: ProcessPoolExecutor, schedules: int, lengths: Lengths) -> Iterator[Played]:
    """All schedules, in a few processes, as they end."""
    parts = [
        workers.submit(_some, range(first, min(first + CHUNK, schedules)), lengths)
        for first in range(0, schedules, CHUNK)
    ]
    for part in as_completed(parts):
        yield part.result()


def _some(numbers: range, lengths: Lengths) -> Played:
    with _scratch() as place:
        return [_fate(number, lengths, place) for number in numbers]


def _fate(
    number: int, lengths: Lengths, place: str
) -> tuple[int, str, tuple[str, ...], list[Wrong]]:
    schedule = drawn(SEED, number, lengths)
    try:
        ended = _one(schedule, place)
    except Exception as error:  # whatever came to no good end is what is looked for
        words = f"{schedule}: {type(error).__name__}: {error}"
        return number, schedule.story, (), [Wrong("stuck", words)]
    return number, schedule.story, ended.died, list(ended.wrong)


def plot(outcome: Outcome, path: Path) -> None:
    bars_plot(
        path,
        outcome.series["stories"],
        unit="schedules, each with one death to three",
        title="Deaths of the station that were judged",
    )


def again(number: int) -> None:
    """Play one schedule again and tell all of it."""
    with pool(WORKERS) as workers:
        schedule = drawn(SEED, number, measured(workers))
    sys.stdout.write(f"{schedule}\n")
    with _scratch() as place:
        ended = _one(schedule, place)
    for name, told in (("died", ended.died), ("wrong", ended.wrong), ("last life", ended.last)):
        sys.stdout.write(f"{name}: {told}\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        quiet()
        again(int(sys.argv[2]))
    else:
        main(measure, plot, numbers=["points", "kills"])
