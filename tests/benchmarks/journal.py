"""Journal rows until they are durable, beside bare SQLite of the same module, mode and file system.

Bare: one INSERT of a row of the same columns in a transaction of its own, WAL with synchronous=FULL, no
triggers, no hash chain, in one thread. Ours: the shipping store with its thread, one producer that waits for
each row, and forty at once. They take turns in every round. A file system without fsync is refused.
"""

import asyncio
import os
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite

from drivers.ports import Txn
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.store import journal
from drivers.store.engine import ThreadStore, open_store
from drivers.store.sealed import SealKey
from tests.benchmarks.bars import Bar, Outcome, Unfit, bars_plot, main, middle, percentile, say

PRODUCERS = 40
NO_DISK = frozenset({"tmpfs", "ramfs", "overlay"})
TRACE = "01a1a0c9-797e-7a67-836f-9b540d6be211"
PAYLOAD: Mapping[str, str | int | bool | None] = {
    "verb": "borrow",
    "item": "3846646425",
    "session": TRACE,
    "no_block": False,
}


def measure(quick: bool) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="ims-bench-") as name:
        place = Path(name)
        kind = file_system(place)
        if kind in NO_DISK:
            raise Unfit(
                f"{place} is on {kind}, where fsync waits for no disk; set TMPDIR to a directory on one"
            )
        return asyncio.run(_measure(place, kind, quick))


async def _measure(place: Path, kind: str, quick: bool) -> Outcome:
    rounds, each = (5, 60) if quick else (20, 200)
    bare = _Bare(place / "bare.db")
    store = open_store(
        place / "ours.db",
        clock=SystemClock(),
        rng=SystemRng(),
        key=SealKey(secrets.token_bytes(32)),
    )
    rates: dict[str, list[float]] = {"bare": [], "one": [], "forty": []}
    waits: dict[str, list[float]] = {"bare": [], "one": [], "forty": []}
    works: dict[str, Callable[[], Awaitable[list[float]]]] = {
        "bare": lambda: _alone(bare, each),
        "one": lambda: _together(store, 1, each),
        "forty": lambda: _together(store, PRODUCERS, each * 5),
    }
    try:
        for number in range(rounds + 1):  # the first warms up
            say(f"round {number} of {rounds}")
            for name, work in works.items():
                began = time.perf_counter()
                took = await work()
                seconds = time.perf_counter() - began
                if number:
                    rates[name].append(len(took) / seconds)
                    waits[name] += took
    finally:
        await store.close()
        bare.close()
    rate = {name: middle(of) for name, of in rates.items()}
    bars = (
        Bar(
            "one producer beside bare SQLite",
            rate["one"] / rate["bare"],
            0.3,
            "of its rate",
            "higher",
        ),
        Bar(
            "forty producers beside bare SQLite",
            rate["forty"] / rate["bare"],
            3,
            "times its rate",
            "higher",
        ),
    )
    labels = {"bare": "bare SQLite", "one": "one producer", "forty": "forty producers"}
    figures: dict[str, Any] = {"file system": kind, "rounds": rounds}
    figures |= {f"{labels[name]}, rows/s": round(of) for name, of in rate.items()}
    for name, of in waits.items():
        figures[f"{labels[name]}, queue to durable, ms (p50, p99)"] = [
            round(percentile(of, 0.5) * 1000, 2),
            round(percentile(of, 0.99) * 1000, 2),
        ]
    return Outcome("journal", bars, figures, {"rate": {labels[k]: v for k, v in rate.items()}})


class _Bare:
    """What the same bytes cost without us."""

    def __init__(self, path: Path) -> None:
        self._line = sqlite.connect(str(path), isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._line.execute(f"PRAGMA {pragma}")
        self._line.execute(
            "CREATE TABLE journal (seq INTEGER PRIMARY KEY, id TEXT, wall TEXT, mono_us INTEGER,"
            " boot_id TEXT, kind TEXT, version INTEGER, entity TEXT, trace TEXT, payload TEXT,"
            " prev_hash BLOB, hash BLOB) STRICT"
        )
        self._seq = 0

    def write(self) -> None:
        self._seq += 1
        payload = '{"item":"3846646425","no_block":false,"session":"01a1a0c9-797e-7a67-836f-9b540d6be211","verb":"borrow"}'
        row = (self._seq, TRACE, "2026-11-03T10:42:00.000000+01:00", 1, TRACE, "effect.intent", 1)
        self._line.execute("BEGIN IMMEDIATE")
        self._line.execute(
            "INSERT INTO journal VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (*row, TRACE, TRACE, payload, bytes(32), bytes(32)),
        )
        self._line.execute("COMMIT")

    def close(self) -> None:
        self._line.close()


async def _alone(bare: _Bare, count: int) -> list[float]:
    """Seconds that each row took."""
    return [_timed(bare.write) for _ in range(count)]


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


async def _together(store: ThreadStore, producers: int, count: int) -> list[float]:
    """Seconds from asking to durable of each row, `producers` asking at a time."""
    took: list[float] = []

    async def produce() -> None:
        for _ in range(count // producers):
            began = time.perf_counter()
            await store.write(_append)
            took.append(time.perf_counter() - began)

    await asyncio.gather(*(produce() for _ in range(producers)))
    return took


def _append(txn: Txn) -> None:
    journal.append(txn, "effect.intent", entity=TRACE, trace=TRACE, payload=PAYLOAD)


def file_system(place: Path) -> str:
    """The type of the file system that `place` is on."""
    best, kind = "", "unknown"
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _, mount, of_type, *_ = line.split()
        inside = os.path.commonpath((mount, place.resolve())) == mount
        if inside and len(mount) >= len(best):
            best, kind = mount, of_type
    return kind


def plot(outcome: Outcome, path: Path) -> None:
    bars_plot(
        path,
        outcome.series["rate"],
        unit="durable rows a second (median of rounds)",
        title="Journal, WAL with synchronous=FULL",
    )


if __name__ == "__main__":
    main(measure, plot)
