"""The sorting belt's line: Modbus masters beside each other, and how soon an edge is known and a decision in place.

Peers: pymodbus 3.16.1, asyncio and blocking, and bare bytes that are not checked, against the same slave in the same run.
"""

from pathlib import Path

from tests.benchmarks.bars import Bar, Outcome, bars_plot, main, middle, percentile, say
from tests.benchmarks.belt_link import floor_s, measured
from tests.benchmarks.belt_masters import MASTERS, slave


def measure(quick: bool) -> Outcome:
    reads: dict[str, list[float]] = {name: [] for name in MASTERS}
    writes: dict[str, list[float]] = {name: [] for name in MASTERS}
    rounds, count = (2, 150) if quick else (5, 600)
    for number in range(rounds):
        say(f"masters, round {number + 1} of {rounds}")
        for name, master in MASTERS.items():
            with slave() as path:
                read, wrote = master(path, count)
            reads[name] += read
            writes[name] += wrote
    items = 12 if quick else 120
    say(f"line: {items} items")
    lags = measured(items)
    took = {name: middle(seconds) * 1000 for name, seconds in reads.items()}
    bare = took["ours, without the silence"]
    bars = (
        Bar("40 registers, beside pymodbus on asyncio, without the silence", took["pymodbus 3.16.1, asyncio"] / bare, 1.0, "times as fast", "higher"),
        Bar("40 registers, with the silence of 1.75 ms", took["ours"], 3.0, "ms", "lower"),
        Bar("edge in the plant to event decoded, p99", percentile(lags.events, 0.99) * 1000, 100, "ms", "lower"),
        Bar("decision to its slot in the PLC, p99", percentile(lags.decisions, 0.99) * 1000, 60, "ms", "lower"),
    )  # fmt: skip
    figures = {
        **{
            f"{name}: read 40, written 8, a second": f"{1 / middle(reads[name]):.0f}, {1 / middle(writes[name]):.0f};"
            f" p99 {percentile(reads[name], 0.99) * 1000:.2f}, {percentile(writes[name], 0.99) * 1000:.2f} ms"
            for name in MASTERS
        },
        "edge to event, ms (middle)": round(middle(lags.events) * 1000, 1),
        "decision to slot, ms (middle)": round(middle(lags.decisions) * 1000, 1),
        "one cycle, ms (middle, p99)": [
            round(middle(lags.cycles) * 1000, 1),
            round(percentile(lags.cycles, 0.99) * 1000, 1),
        ],
        "one cycle's bytes and silences alone, ms": round(floor_s() * 1000, 1),
        "items": items,
    }
    return Outcome("belt", bars, figures, {"took": took})


def plot(outcome: Outcome, path: Path) -> None:
    bars_plot(
        path, outcome.series["took"], unit="ms for 40 registers (median)", title="Modbus masters"
    )


if __name__ == "__main__":
    main(measure, plot)
