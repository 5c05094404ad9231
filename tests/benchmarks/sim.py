"""One busy kiosk in virtual time: whole visits one after the other, against the clock on the wall.

A visit is six books, laid two at a time at a person's pace, a receipt, and the next borrower eight seconds
later; shipping drivers, memory wires, the reader and the printer as slow as real ones. Each run is a process
of its own with another hash seed, timed in seconds of one core; a run of the same seed must leave the same
trace: every snapshot, everything that happened in the world, and what the library system was asked. Beside it
an idle kiosk, which only looks at its empty pad.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

from drivers.runtime.log import write_to
from hw_sim.scenario import Scenario, load
from kiosk.lending.rows import RowState
from kiosk.lending.state import Lending, Phase
from tests.benchmarks.bars import Bar, Outcome, bars_plot, main, middle, say
from tests.simulation.rig import Rig, play

BOOKS = 6
LOOK_S = 0.25
IDLE_S = 600.0

HEAD = """
schema_version = 1
name = "busy"
seed = {seed}
today = "2026-11-03T10:42:00+01:00"
[devices.pad]
kind = "feig"
pace = "real"
baud = 38400
[devices.scanner]
kind = "barcode"
[devices.printer]
kind = "escpos"
pace = "real"
profile = "TM-T88V"
[library]
answer_ms = 300
institution = "DK-746100"
user = "kiosk"
password = "not-a-secret"
location = "Borgernes Hus"
"""


def measure(quick: bool) -> Outcome:
    visits, runs = (8, 2) if quick else (40, 5)
    found = []
    for number in range(runs):
        say(f"run {number + 1} of {runs}")
        found.append(_child(seed=1, visits=visits, hash_seed=number))
    other = _child(seed=2, visits=visits, hash_seed=0)
    traces = {run["trace"] for run in found}
    if other["trace"] in traces:
        raise ValueError("two seeds left one trace: the trace holds nothing")
    speed = middle([run["virtual"] / run["core"] for run in found])
    idle = middle([run["idle_virtual"] / run["idle_core"] for run in found])
    bars = (
        Bar("one busy kiosk", speed, 100, "times real time", "higher"),
        Bar("traces of one seed", len(traces), 1, "different", "lower"),
    )
    figures = {
        "runs of the seed": runs,
        "visits a run": visits,
        "a visit, virtual s": round(found[0]["virtual"] / visits, 2),
        "a visit, ms of one core": round(middle([run["core"] for run in found]) / visits * 1000, 1),
        "by the wall, times real time": round(
            middle([run["virtual"] / run["wall"] for run in found]), 1
        ),
        "idle kiosk, times real time": round(idle),
        "trace": found[0]["trace"][:16],
    }
    return Outcome("sim", bars, figures, {"speed": {"busy kiosk": speed, "idle kiosk": idle}})


def _child(seed: int, visits: int, hash_seed: int) -> dict[str, Any]:
    done = subprocess.run(
        (sys.executable, "-m", __spec__.name, "--one", str(seed), str(visits)),
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        stdout=subprocess.PIPE,
        check=True,
    )
    run: dict[str, Any] = json.loads(done.stdout)
    return run


# --- one run, in a process of its own ---------------------------------------------------------------


def one(seed: int, visits: int) -> dict[str, Any]:
    """Warm up with one visit, then time them all."""
    warm = _scenario(seed, 1)
    play(lambda rig: _visits(rig, 1, random.Random(seed)), scenario=warm, seed=seed)
    scenario = _scenario(seed, visits)
    found: dict[str, Any] = {}

    async def story(rig: Rig) -> None:
        happened: list[str] = []
        rig.stage.world.listen(lambda what: happened.append(repr(what)))
        loop = asyncio.get_running_loop()
        begins = loop.time(), time.process_time(), time.perf_counter()
        await _visits(rig, visits, random.Random(seed))
        found["virtual"] = loop.time() - begins[0]
        found["core"] = time.process_time() - begins[1]
        found["wall"] = time.perf_counter() - begins[2]
        truth = await rig.truth()
        if len(truth["devices"]["library"]["loans"]) != visits * BOOKS:
            raise ValueError("the world does not hold all loans")
        if len(truth["devices"]["printer"]["jobs"]) != visits:
            raise ValueError("not every borrower has a receipt")
        trace = [repr(rig.snapshots), *happened, repr(truth)]
        found["trace"] = sha256("\n".join(trace).encode()).hexdigest()
        begins = loop.time(), time.process_time(), 0.0
        await asyncio.sleep(IDLE_S)
        found["idle_virtual"] = loop.time() - begins[0]
        found["idle_core"] = time.process_time() - begins[1]

    play(story, scenario=scenario, seed=seed)
    return found


def _scenario(seed: int, visits: int) -> Scenario:
    lines = [HEAD.format(seed=seed)]
    for visit in range(visits):
        lines.append(
            f'[[patrons]]\ncard = "{_card(visit)}"\ncpr = "300299{visit:04}"\npin = "1234"\n'
            f'name = "Person {visit}"'
        )
        lines += [
            f'[[items]]\nid = "{item}"\ntitle = "Bog {item}"\nauthor = "Palle Prøve"'
            for item in _books(visit)
        ]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "busy.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return load(str(path))


def _card(visit: int) -> str:
    return f"{1000000000 + visit}"


def _books(visit: int) -> list[str]:
    return [f"{5000000000 + visit * BOOKS + number}" for number in range(BOOKS)]


async def _visits(rig: Rig, visits: int, person: random.Random) -> None:
    for visit in range(visits):
        await rig.pause(person.uniform(6, 10))  # the next borrower comes
        await rig.stage.do("scan", {"text": _card(visit)})
        await _until(rig, lambda s: s.phase is Phase.PIN)
        for digit in "1234":
            await rig.pause(person.uniform(0.3, 0.9))
            await rig.kiosk.request("press", {"action": f"key.{digit}"})
        await _until(rig, lambda s: s.phase is Phase.BORROW)
        books = _books(visit)
        for first in range(0, BOOKS, 2):
            await rig.pause(person.uniform(2, 4))
            await rig.lay(*books[first : first + 2])
        await _until(
            rig,
            lambda s: len(s.rows) == BOOKS and all(row.state is RowState.DONE for row in s.rows),
        )
        await rig.pause(person.uniform(2, 4))  # she reads the screen
        await rig.kiosk.request("press", {"action": "finish.print"})
        await _until(rig, lambda s: s.phase is Phase.END)
        await rig.pause(person.uniform(3, 6))
        await rig.lift()
        await _until(rig, lambda s: s.phase is Phase.START)


async def _until(rig: Rig, so: Any, seconds: float = 60.0) -> None:
    """As Rig.until, but it looks less often, so that looking is not what is measured."""
    end = asyncio.get_running_loop().time() + seconds
    state: Lending = rig.state
    while not so(state):
        if asyncio.get_running_loop().time() > end:
            raise TimeoutError(f"on the screen: {rig.words()}")
        await asyncio.sleep(LOOK_S)
        state = rig.state


def plot(outcome: Outcome, path: Path) -> None:
    bars_plot(
        path,
        outcome.series["speed"],
        unit="times real time, on one core",
        title="Virtual time",
        limit=100,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        write_to(sys.stderr, least="warning")
        sys.stdout.write(json.dumps(one(int(sys.argv[2]), int(sys.argv[3]))))
    else:
        main(measure, plot)
