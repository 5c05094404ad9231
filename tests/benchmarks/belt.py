"""The sorting belt: Modbus masters beside each other, an edge until it is known, items an hour, and coming back.

Peers: pymodbus 3.16.1, asyncio and blocking, and bare bytes that are not checked, against the same slave in the same run.
A whole plant then runs in real time, ten minutes at each of two speeds; what counts as sorted is an item that lies where
the plan says, by the plant's own word.
"""

from pathlib import Path

from tests.benchmarks.bars import Bar, Outcome, bars_plot, main, middle, percentile, say
from tests.benchmarks.belt_link import floor_s, measured
from tests.benchmarks.belt_masters import MASTERS, slave
from tests.benchmarks.belt_plant import Rate, echoes, rate, recovery

USUAL_MM_S, FAST_MM_S = 500, 1500
USUAL_AN_HOUR, FAST_AN_HOUR = 3600, 12_800
LATE_SHARE, CORE_SHARE = 2.0, 25.0
"""Percent: items in the last bin because an answer was late; of one core, what the controller may take at full speed."""
MOST_ON_BELT = 16


def measure(quick: bool, seconds: int | None = None) -> Outcome:
    """Masters, line, a bad minute, and the two speeds for so many seconds each."""
    long = seconds or (25 if quick else 600)
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
    say(f"controller: {items} items, from answer to echo")
    echo = echoes(items)
    say("plant: the line is pulled, the host is killed")
    back = recovery()
    usual = rate(long, mm_s=USUAL_MM_S)
    say(f"at 0.5 m/s: {usual.an_hour:.0f} an hour; {_told(usual)}")
    fast = rate(long, mm_s=FAST_MM_S)
    took = {name: middle(seconds) * 1000 for name, seconds in reads.items()}
    bare = took["ours, without the silence"]
    bars = (
        Bar("40 registers, beside pymodbus on asyncio, without the silence", took["pymodbus 3.16.1, asyncio"] / bare, 1.0, "times as fast", "higher"),
        Bar("40 registers, with the silence of 1.75 ms", took["ours"], 3.0, "ms", "lower"),
        Bar("edge in the plant to event decoded, p99", percentile(lags.events, 0.99) * 1000, 100, "ms", "lower"),
        Bar("decision to its slot in the PLC, p99", percentile(lags.decisions, 0.99) * 1000, 60, "ms", "lower"),
        Bar("library system's answer to destination echoed, p99", percentile(echo.echoed, 0.99) * 1000, 60, "ms", "lower"),
        Bar("line pulled to inlet shut", back.shut, 1.2, "s", "lower"),
        Bar("host killed and started to items taken in", back.again, 5.0, "s", "lower"),
        Bar("items an hour where the plan says, 0.5 m/s", usual.an_hour, USUAL_AN_HOUR, "items", "higher"),
        Bar("items an hour where the plan says, 1.5 m/s", fast.an_hour, FAST_AN_HOUR, "items", "higher"),
        Bar("in the last bin for a late answer, 0.5 m/s", usual.late_share * 100, LATE_SHARE, "%", "lower"),
        Bar("in the last bin for a late answer, 1.5 m/s", fast.late_share * 100, LATE_SHARE, "%", "lower"),
        Bar("in a wrong bin, both speeds", len(usual.wrong) + len(fast.wrong), 0, "items", "lower"),
        Bar("items on the belt at once, 1.5 m/s", fast.most, MOST_ON_BELT, "items", "lower"),
        Bar("controller's share of one core, 1.5 m/s", fast.core * 100, CORE_SHARE, "%", "lower"),
    )  # fmt: skip
    figures = {
        **{
            f"{name}: read 40, written 8, a second": f"{1 / middle(reads[name]):.0f}, {1 / middle(writes[name]):.0f};"
            f" p99 {percentile(reads[name], 0.99) * 1000:.2f}, {percentile(writes[name], 0.99) * 1000:.2f} ms"
            for name in MASTERS
        },
        "edge to event, ms (middle)": round(middle(lags.events) * 1000, 1),
        "decision to slot, ms (middle)": round(middle(lags.decisions) * 1000, 1),
        "library system's answer to destination echoed, ms (middle), of so many": [
            round(middle(echo.echoed) * 1000, 1),
            len(echo.echoed),
        ],
        "tag reading, apart: in the field to its byte written, to the library system asked, ms (middle)": [
            round(middle(echo.armed) * 1000),
            round(middle(echo.asked) * 1000),
        ],
        "one cycle, ms (middle, p99)": [
            round(middle(lags.cycles) * 1000, 1),
            round(percentile(lags.cycles, 0.99) * 1000, 1),
        ],
        "one cycle's bytes and silences alone, ms": round(floor_s() * 1000, 1),
        "line plugged in to items taken in, s": round(back.back, 2),
        "ran for, s each": long,
        "at 0.5 m/s": _told(usual),
        "at 1.5 m/s": _told(fast),
    }
    return Outcome("belt", bars, figures, {"took": took})


def _told(found: Rate) -> str:
    bins = ", ".join(f"{bin}: {items}" for bin, items in found.bins.items())
    return (
        f"{found.items} items, {found.planned} where the plan says ({found.unreadable} with a dead tag), {found.late} late; at most {found.most} on the belt;"
        f" {found.core * 100:.1f} % of a core; by bin {bins}"
    )


def plot(outcome: Outcome, path: Path) -> None:
    bars_plot(
        path, outcome.series["took"], unit="ms for 40 registers (median)", title="Modbus masters"
    )


if __name__ == "__main__":
    main(measure, plot, numbers=("seconds",))
