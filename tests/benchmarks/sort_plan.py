"""The greatest plan that a plant may run by: how long it is checked, and how long a host with it needs to start again."""

import subprocess
import tempfile
import time
from importlib.resources import files
from pathlib import Path

from sorter.plan.edition import MOST_BYTES, MOST_RULES
from tests.benchmarks.bars import middle, say
from tests.benchmarks.belt_plant import IMS, plant, started_again

ODENSE = files("config").joinpath("plans/odense.toml").read_text(encoding="utf-8")


def of_rules(rules: int, most_bytes: int = MOST_BYTES) -> str:
    """The plan of Odense with rules by call number before its last, until there are so many rules or bytes."""
    at = ODENSE.rindex("[[rules]]")
    room = most_bytes - len(ODENSE.encode())
    more: list[str] = []
    for n in range(rules - ODENSE.count("[[rules]]")):
        rule = f'[[rules]]\nid="r{n}"\nwhen={{call_number={{prefix="{n:05}"}}}}\nto="adults"\n'
        if (room := room - len(rule)) < 0:
            break
        more.append(rule)
    return "".join((ODENSE[:at], *more, ODENSE[at:]))


def greatest() -> str:
    """As many bytes as a plan may have, in as many rules as they hold."""
    return of_rules(MOST_RULES)


def checked(rounds: int, *rules: int) -> dict[int, float]:
    """Seconds that `ims plan check` takes as a command, by the number of rules; the middle of some, in turns."""
    took: dict[int, list[float]] = {n: [] for n in rules}
    with tempfile.TemporaryDirectory(prefix="ims-bench-") as made:
        for _ in range(rounds):
            for n in rules:
                file = Path(made) / f"{n}.toml"
                file.write_text(of_rules(n), encoding="utf-8")
                began = time.perf_counter()
                subprocess.run(
                    (*IMS, "plan", "check", str(file)), check=True, stdout=subprocess.DEVNULL
                )
                took[n].append(time.perf_counter() - began)
    say(f"plans checked: {took}")
    return {n: middle(times) for n, times in took.items()}


def started(deaths: int) -> float:
    """Seconds that a host with the greatest plan is away when it is killed and started at once: the slowest."""
    with plant(60, mm_s=500, plan=greatest()) as one:
        return started_again(one, deaths)
