"""The sorting belt: Modbus masters beside each other, an edge until it is known, items an hour, and coming back.

Peers: pymodbus 3.16.1, asyncio and blocking, and bare bytes that are not checked, against the same slave in the same run.
The plant then runs for ten minutes in real time, and two more at three times the speed.
"""

from pathlib import Path

from tests.benchmarks.bars import Bar, Outcome, bars_plot, main, middle, percentile, say
from tests.benchmarks.belt_link import floor_s, measured
from tests.benchmarks.belt_masters import MASTERS, slave
from tests.benchmarks.belt_plant import rate, recovery

USUAL_MM_S, FAST_MM_S = 500, 1500


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
    say("plant: the line is pulled, the host is killed")
    back = recovery()
    usual = rate(30 if quick else 600, mm_s=USUAL_MM_S)
    fast = rate(20 if quick else 120, mm_s=FAST_MM_S)
    took = {name: middle(seconds) * 1000 for name, seconds in reads.items()}
    bare = took["ours, without the silence"]
    bars = (
        Bar("40 registers, beside pymodbus on asyncio, without the silence", took["pymodbus 3.16.1, asyncio"] / bare, 1.0, "times as fast", "higher"),
        Bar("40 registers, with the silence of 1.75 ms", took["ours"], 3.0, "ms", "lower"),
        Bar("edge in the plant to event decoded, p99", percentile(lags.events, 0.99) * 1000, 100, "ms", "lower"),
        Bar("decision to its slot in the PLC, p99", percentile(lags.decisions, 0.99) * 1000, 60, "ms", "lower"),
        Bar("line pulled to inlet shut", back.shut, 1.2, "s", "lower"),
        Bar("host killed and started to items taken in", back.again, 5.0, "s", "lower"),
        Bar("items an hour at 0.5 m/s, library system p50 200 ms, p99 800 ms", usual.an_hour, 3600, "items", "higher"),
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
        "line plugged in to items taken in, s": round(back.back, 2),
        "items in all at 0.5 m/s, and by bin": [usual.items, usual.bins],
        "items an hour at 1.5 m/s, and by bin (of 12,800 aimed at)": [
            round(fast.an_hour),
            fast.bins,
        ],
    }
    return Outcome("belt", bars, figures, {"took": took})


def plot(outcome: Outcome, path: Path) -> None:
    bars_plot(
        path, outcome.series["took"], unit="ms for 40 registers (median)", title="Modbus masters"
    )


if __name__ == "__main__":
    main(measure, plot)
