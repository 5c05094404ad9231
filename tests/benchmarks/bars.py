"""What every benchmark is made of: figures with their bars, the machine, and one way to run and to tell.

A benchmark is a module with `measure(quick) -> Outcome` and `plot(outcome, path)`; `ims bench NAME` runs it in
a process of its own. Subject and peer take turns in one run, and medians are told, since other work on the
machine then slows both. The file that --json writes: bench, machine, bars (name, value, limit, unit, better,
ok), ok, and figures: what stands beside the bars, which is not judged.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pysqlite3 import dbapi2 as sqlite

from drivers.runtime.log import write_to


class Unfit(Exception):
    """Nothing can be measured in this place; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure and what it must not fall short of. `better` says on which side of the limit is good."""

    name: str
    value: float
    limit: float
    unit: str
    better: Literal["lower", "higher"]

    @property
    def ok(self) -> bool:
        return self.value <= self.limit if self.better == "lower" else self.value >= self.limit


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one benchmark found. `figures` stand beside the bars; `series` are for the plot alone."""

    bench: str
    bars: Sequence[Bar]
    figures: Mapping[str, Any] = field(default_factory=dict)
    series: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return all(bar.ok for bar in self.bars)

    def as_json(self) -> dict[str, Any]:
        return {
            "bench": self.bench,
            "machine": machine(),
            "bars": [
                {**asdict(bar), "value": round(bar.value, 4), "ok": bar.ok} for bar in self.bars
            ],
            "figures": self.figures,
            "ok": self.ok,
        }

    def words(self) -> str:
        """One line a bar, then the figures beside them."""
        lines = []
        for bar in self.bars:
            sign = "<=" if bar.better == "lower" else ">="
            verdict = "ok" if bar.ok else "MISSED"
            value = f"{bar.value:.4g} {bar.unit}".rstrip()
            lines.append(f"{verdict:<7}{bar.name}: {value} (bar {sign} {bar.limit:g})")
        lines += [f"       {name}: {value}" for name, value in self.figures.items()]
        return "\n".join(lines)


def machine() -> dict[str, Any]:
    """The machine that was measured on, and how busy it was."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 0,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite.sqlite_version,
        "load": round(os.getloadavg()[0], 2),
    }


def _cpu() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    return models[0] if models else platform.processor()


def in_turn(
    works: Mapping[str, Callable[[], object]], *, rounds: int, seconds: float
) -> dict[str, list[float]]:
    """Seconds a call of each work takes, once a round, the works taking turns; `seconds` is a round's length."""
    counts: dict[str, int] = {}
    for name, work in works.items():
        count, took = 1, 0.0
        while took < seconds / 4:
            count *= 2
            took = _timed(work, count)
        counts[name] = max(1, round(count * seconds / took))
    times: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        for name, work in works.items():
            times[name].append(_timed(work, counts[name]) / counts[name])
    return times


def _timed(work: Callable[[], object], count: int) -> float:
    turns = range(count)
    began = time.perf_counter()
    for _ in turns:
        work()
    return time.perf_counter() - began


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all are at most as large as."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def say(words: str) -> None:
    """A line of progress."""
    sys.stderr.write(f"bench: {words}\n")
    sys.stderr.flush()


def main(
    measure: Callable[..., Outcome],
    plot: Callable[[Outcome, Path], None],
    *,
    numbers: Sequence[str] = (),
) -> None:
    """Run a benchmark as a program: 0 when all bars are met, 1 when one is missed, 3 where it cannot run.

    `numbers` are names of options of its own; those that are given reach `measure` beside `quick`.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--quick", action="store_true")
    for name in numbers:
        parser.add_argument(f"--{name}", type=int)
    options = parser.parse_args()
    given = {name: getattr(options, name) for name in numbers}
    write_to(sys.stderr, least="error")
    try:
        outcome = measure(
            options.quick, **{name: value for name, value in given.items() if value is not None}
        )
    except Unfit as why:
        say(str(why))
        sys.exit(3)
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        words = json.dumps(outcome.as_json(), ensure_ascii=False, indent=2)
        options.json.write_text(words + "\n", encoding="utf-8")
    if options.plot is not None:
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        plot(outcome, options.plot)
    sys.stdout.write(outcome.words() + "\n")
    sys.exit(0 if outcome.ok else 1)


def figure(width: float = 6.4, height: float = 3.4) -> tuple[Any, Any]:
    """A figure and its axes in the plain look that all plots share."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    return pyplot.subplots(figsize=(width, height), dpi=110, layout="constrained")


def bars_plot(
    path: Path, rows: Mapping[str, float], *, unit: str, title: str, limit: float | None = None
) -> None:
    """Horizontal bars, one a row, with their values; a dashed line at the limit."""
    drawn, axes = figure(height=1.1 + 0.36 * len(rows))
    shown = axes.barh(list(rows), list(rows.values()), color="#1F6F5C", height=0.6)
    axes.bar_label(shown, fmt="%.4g", padding=3)
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.set_title(title, loc="left")
    axes.margins(x=0.15)
    if limit is not None:
        axes.axvline(limit, color="#A03B2A", linestyle="--", linewidth=1)
    drawn.savefig(path)
