"""kill -9 of a real plant's host at any moment, also while it starts: judged by the plant and the library system.

Simulator and `ims sorter` are processes of their own, in real time over pseudo-terminals and loopback TCP. Items go in all the
while; the host is killed at moments drawn by a seed and started again at once. When all has come to rest the world says where
each item lies, what the library system was asked, and which loans stand; and the host's journal, read when it has ended, must
agree: each item on the belt ended once, its check-in settled once, and nothing left open.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from drivers.library.settle import Verb
from drivers.ports import Txn
from drivers.runtime.clock import SystemClock, SystemRng
from drivers.store import journal, tables
from drivers.store.copy import read_copy
from drivers.store.effects import EffectState
from hw_sim.scenario import load
from sorter.belt import records
from tests.benchmarks.belt_plant import plant, running
from tests.simulation.plant_truth import EXCEPTION, OVERFLOW, wanted_bin

SORTS_S, STARTS_S = (0.3, 4.0), (0.1, 1.2)
"""From running to the next death, and of every third from its start: it dies while it starts."""
REST_S = 120.0
AHEAD = 6
"""Items that wait at the inlet."""


@dataclass(frozen=True, slots=True)
class Killed:
    """What came of it. `wrong` must be empty."""

    kills: int
    items: int
    right: int
    staff: int
    wrong: tuple[str, ...]


def killed(kills: int, seed: int, told: Callable[[str], None]) -> Killed:
    """Kill so often while items are sorted, then let everything come to rest and judge."""
    if not kills:
        return Killed(0, 0, 0, 0, ())
    rng = random.Random(f"sort kills {seed}")
    items = 4 * kills + 20
    with plant(items, mm_s=500) as one:
        rows = {row["id"]: row for row in load(str(one.directory / "scenario.toml")).data["items"]}
        for n in range(kills):
            waiting = sum(i["where"] == "inlet" for i in one.truth()["items"].values())
            one.world.do("feed", count=max(0, AHEAD - waiting))
            if n % 3:
                one.until(running, within=REST_S)
            time.sleep(rng.uniform(*(SORTS_S if n % 3 else STARTS_S)))
            one.crash()
            one.begin()
            if (n + 1) % 20 == 0 or n + 1 == kills:
                told(f"{n + 1} of {kills} deaths by kill -9")
        one.until(running, within=REST_S)

        def at_rest(truth: dict[str, object]) -> bool:
            places = truth["items"]
            return isinstance(places, dict) and not any(
                place["where"] in {"inlet", "belt", "chute"} for place in places.values()
            )

        one.until(at_rest, within=REST_S)
        time.sleep(8)  # what was asked and not answered is asked about
        truth = one.world.do("truth")["devices"]
        one.crash()
        kept = read_copy(one.directory / "state", kept_of, clock=SystemClock(), rng=SystemRng())
    if kept is None:
        raise ValueError("the host left no journal")
    found = _judged(kills, truth["belt"]["items"], truth["library"], rows)
    return replace(found, wrong=(*found.wrong, *disagreed(kept, truth["library"])))


@dataclass(frozen=True, slots=True)
class Written:
    """What the host's own journal holds."""

    items: tuple[tuple[int, str, bool], ...]
    """Of each item that was on the belt: number, what it is, whether it has ended."""
    ends: tuple[int, ...]
    """Numbers of the items of whose end there is a row."""
    check_ins: tuple[tuple[str, EffectState], ...]
    """Item and state of each check-in that was ever meant."""
    broken: str
    """What is wrong with the chain; empty for nothing."""


def kept_of(txn: Txn) -> Written:
    """Everything that the judge looks at, in one transaction."""
    rows = txn.connection.execute(records.items.select()).all()
    ends: list[int] = []
    last = 0
    while found := journal.rows(txn, since=last, kind="item.ended"):
        last = found[-1].seq
        ends += [int(row.payload["number"] or 0) for row in found]
    meant = tables.effects.select().where(tables.effects.c.verb == Verb.GIVE_BACK.value)
    back = txn.connection.execute(meant).all()
    chain = journal.verify(txn)
    return Written(
        tuple((row.number, row.item, row.ended is not None) for row in rows),
        tuple(ends),
        tuple((row.item, EffectState(row.state)) for row in back),
        "" if chain.whole else f"{chain}",
    )


def disagreed(kept: Written, library: Mapping[str, Any]) -> list[str]:
    """Where the host's journal is not whole, or says other than the library system."""
    done = {a["item"] for a in library["asked"] if (a["message"], a["outcome"]) == ("09", "done")}
    settled = Counter(item for item, state in kept.check_ins if state is EffectState.CONFIRMED)
    wrong = [f"journal: {kept.broken}"] if kept.broken else []
    wrong += [
        f"journal: item {n} has not ended: {item}" for n, item, ended in kept.items if not ended
    ]
    wrong += [
        f"journal: item {n} ended {times} times"
        for n, times in Counter(kept.ends).items()
        if times > 1
    ]
    wrong += [
        f"journal: no end of item {n}"
        for n, _, ended in kept.items
        if ended and n not in set(kept.ends)
    ]
    wrong += [
        f"journal: {item} stands as {state.value}"
        for item, state in kept.check_ins
        if not state.final
    ]
    wrong += [
        f"journal: {item} settled {times} times" for item, times in settled.items() if times > 1
    ]
    wrong += [
        f"journal: {item} was checked in and is not settled" for item in sorted(done - set(settled))
    ]
    wrong += [
        f"journal: {item} is settled and was not checked in" for item in sorted(set(settled) - done)
    ]
    return wrong


def _judged(kills: int, places: dict[str, dict[str, object]], library: dict, rows: dict) -> Killed:  # type: ignore[type-arg]
    done = Counter(a["item"] for a in library["asked"] if (a["message"], a["outcome"]) == ("09", "done"))  # fmt: skip
    wrong = [f"{item}: checked in {n} times" for item, n in done.items() if n > 1]
    right = staff = 0
    for item, place in places.items():
        if place["where"] != "bin":
            continue
        bin, wanted = place["bin"], wanted_bin(rows[item], library["items"][item]["status"])
        if bin in {EXCEPTION, OVERFLOW}:
            staff += 1
        elif bin == wanted:
            right += 1
            if item in library["loans"]:
                wrong.append(f"{item}: lies in {bin} and is on loan")
        else:
            wrong.append(f"{item}: lies in {bin}, belongs in {wanted}")
    return Killed(kills, right + staff, right, staff, tuple(wrong))
