"""kill -9 of a real station in real visits, judged by the simulated world: two processes, ptys, loopback, real time.

What must hold is what the schedules in virtual time show at every numbered point; here the moments are spread over a
visit, and the process, its files and its wires are real.
"""

import asyncio
import os
import random
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivers.runtime.clock import SystemClock, SystemRng
from drivers.service.link import StationClient
from drivers.service.records import open_cases
from drivers.service.view import Snapshot
from drivers.store import debts, effects, journal
from drivers.store.engine import InlineStore
from drivers.store.lock import StateLock
from drivers.store.sealed import SealKey
from ui.world import World

ROOT = Path(__file__).parents[2]
BATCH = 12
"""Deaths in one world."""
WITHIN_S = 15.0
START_S = 60.0
"""A start is mostly imports; a busy machine takes long for them."""
STATION = """
schema_version = 1
[station]
id = "kill-1"
kind = "kiosk"
place = "Borgernes Hus"
name = "Automat 2"
seal_key = {{ environment = "IMS_TEST_SEAL_KEY" }}
[devices.pad]
driver = "feig"
url = "{pad}"
[devices.scanner]
driver = "barcode"
url = "{scanner}"
[devices.printer]
driver = "escpos"
url = "{printer}"
[library]
url = "{library}"
user = "kiosk"
password = {{ environment = "IMS_TEST_LIBRARY_PASSWORD" }}
institution = "DK-746100"
location = "HB"
"""
KEY = bytes(range(32))


class Life:
    """One run of the station's process, and its door."""

    def __init__(self, process: asyncio.subprocess.Process, client: StationClient) -> None:
        self.process = process
        self.client = client

    @classmethod
    async def start(cls, file: Path, state: Path) -> "Life":
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ui.cli", "kiosk", "--no-window"),
            *("--station", str(file), "--state", str(state)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=ROOT,
            env={
                **os.environ,
                "IMS_TEST_SEAL_KEY": KEY.hex(),
                "IMS_TEST_LIBRARY_PASSWORD": "not-a-secret",
            },
        )
        assert process.stdout is not None
        try:
            line = (await asyncio.wait_for(process.stdout.readline(), START_S)).decode()
            assert line.startswith("station ready, door "), line
            door = Path(line.removeprefix("station ready, door ").strip())
            return cls(process, await StationClient.connect(door))
        except BaseException:
            process.kill()
            await process.wait()
            raise

    async def until(self, so: Callable[[Snapshot], bool]) -> Snapshot:
        async with asyncio.timeout(WITHIN_S):
            async for snapshot in self.client.snapshots():
                if so(snapshot):
                    return snapshot
        raise AssertionError("the station went away")

    async def press(self, action: str) -> None:
        await self.client.request("press", {"action": action})

    async def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        await asyncio.wait_for(self.process.wait(), WITHIN_S)
        await self.client.close()


SCENARIO = """
schema_version = 1
name = "kills"
seed = 1
today = "2026-11-03T10:42:00+01:00"
[devices.pad]
kind = "feig"
pace = "real"
baud = 38400
[devices.scanner]
kind = "barcode"
[devices.printer]
kind = "escpos"
profile = "TM-T88V"
[library]
answer_ms = 300
institution = "DK-746100"
user = "kiosk"
password = "not-a-secret"
location = "Borgernes Hus"
[[patrons]]
card = "1234567890"
cpr = "3002991234"
pin = "1234"
name = "Karen Testesen"
"""
ITEM = """
[[items]]
id = "{id}"
title = "Bog {id}"
author = "Palle Prøve"
parts = {parts}
"""


@dataclass
class Killed:
    """How many deaths there were, how many after a command had left, and what was wrong afterwards."""

    kills: int = 0
    late: int = 0
    wrong: list[str] = field(default_factory=list)


def shows(name: str) -> Callable[[Snapshot], bool]:
    return lambda snapshot: snapshot.screen.name == name


class Shelf:
    """The items of one world, and what has been done to each in visits that were cut short."""

    def __init__(self, world: World, items: list[str]) -> None:
        self.world = world
        self.items = items
        self.visits: dict[str, list[str]] = {item: [] for item in items}
        """By item, the messages that were asked for, in order."""

    def library(self) -> dict[str, Any]:
        told: dict[str, Any] = self.world.do("truth")["devices"]["library"]
        return told

    def left(self, message: str, item: str) -> int:
        """How often the library system was asked for it."""
        return sum((a["message"], a["item"]) == (message, item) for a in self.library()["asked"])

    def agree(self, items: list[str]) -> bool:
        """The tags of each are as the library system has it."""
        said = self.world.do("truth")
        loans, shelf = said["devices"]["library"]["loans"], said["world"]["items"]
        return all(
            {tag["afi"] for tag in shelf[item]["tags"]} == {"c2" if item in loans else "07"}
            for item in items
        )

    def wrong(self) -> list[str]:
        """What was done more often than asked for, or came of nothing."""
        held, found = self.library(), []
        for item, visits in self.visits.items():
            for message in ("11", "09"):
                done = sum(
                    (a["message"], a["item"], a["outcome"]) == (message, item, "done")
                    for a in held["asked"]
                )
                if done > visits.count(message):
                    found.append(f"{item}: {message} was done {done} times, {visits}")
            if not visits and item in held["loans"]:
                found.append(f"{item} is lent, and nobody asked")
        found += [f"{item} was renewed" for item, loan in held["loans"].items() if loan["renewals"]]
        return found


def open_books(database: Path) -> tuple[int, int]:
    """Effects that have not ended and debts that are not paid, as the file says while the station runs."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reading:
        ended = "('confirmed', 'refused', 'needs_staff')"
        (open_,) = reading.execute(
            f"select count(*) from effects where state not in {ended}"
        ).fetchone()
        (owed,) = reading.execute("select count(*) from tag_debts").fetchone()
    return int(open_), int(owed)


def owed_to(database: Path, items: list[str]) -> list[str]:
    """Those of the items whose tags are owed a byte, as the file says while the station runs."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reading:
        owed = {item for (item,) in reading.execute("select item from tag_debts")}
    return sorted(owed.intersection(items))


async def eventually(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not so():  # noqa: ASYNC110 - another process and a world outside it: there is no event
            await asyncio.sleep(0.1)


async def borrowed(life: Life, shelf: Shelf, item: str) -> None:
    """Sign in with one item on the pad."""
    shelf.world.do("scan", text="1234567890")
    await life.until(shows("pin"))
    shelf.world.do("lay", items=[item])
    for digit in "1234":
        await life.press(f"key.{digit}")


async def returned(life: Life, shelf: Shelf, item: str) -> None:
    """Bring one item back."""
    await life.press("return")
    await life.until(shows("return"))
    shelf.world.do("lay", items=[item])


async def batch(place: Path, kills: int, first: int, chance: random.Random, found: Killed) -> None:
    """So many deaths in one world, each in a visit about one item; then one life that ends well."""
    items = [f"{3846700000 + n}" for n in range(kills)]
    scenario, file, state = place / "kills.toml", place / "station.toml", place / "state"
    scenario.write_text(
        SCENARIO
        + "".join(ITEM.format(id=item, parts=1 + 2 * (n % 4 == 3)) for n, item in enumerate(items))
    )
    with World(str(scenario), place / "w", now=True) as world:
        file.write_text(STATION.format(**world.urls))
        shelf = Shelf(world, items)
        fresh = list(items)
        for n in range(kills):
            lent = sorted(shelf.library()["loans"])
            back = bool(lent) and n % 3 == 2
            item = chance.choice(lent) if back else fresh.pop(0)
            message, visit = ("09", returned) if back else ("11", borrowed)
            before = shelf.left(message, item)
            life = await Life.start(file, state)
            try:
                await life.until(shows("start"))
                await visit(life, shelf, item)
                shelf.visits[item].append(message)
                await asyncio.sleep(0.1 + 1.5 * ((first + n) * 0.618 % 1))
            finally:
                await life.end(signal.SIGKILL)
            world.do("lift")
            found.kills += 1
            found.late += shelf.left(message, item) > before
        stood = {item: item in shelf.library()["loans"] for item in items}
        await recovered(file, state, shelf, found)
        found.wrong += shelf.wrong()
        found.wrong += [
            f"{item} was lent, and is not"
            for item, was in stood.items()
            if was and shelf.visits[item][-1] == "11" and item not in shelf.library()["loans"]
        ]
    found.wrong += await books(state)


async def recovered(file: Path, state: Path, shelf: Shelf, found: Killed) -> None:
    """The last life settles what it finds; every item is laid down once more, and nobody signs in."""
    life = await Life.start(file, state)
    database = state / "station.db"
    try:
        await life.until(shows("start"))
        await eventually(lambda: open_books(database)[0] == 0)
        for first in range(0, len(shelf.items), 6):
            some = shelf.items[first : first + 6]
            shelf.world.do("lay", items=some)
            await eventually(lambda some=some: shelf.agree(some))  # type: ignore[misc]
            # a tag may be right while the station still owes it: only a read back ends the debt, so it stays in reach
            await eventually(lambda some=some: not owed_to(database, some))  # type: ignore[misc]
            await eventually(lambda: open_books(database)[0] == 0)
            shelf.world.do("lift")
        await eventually(lambda: open_books(database) == (0, 0))
    except TimeoutError:
        found.wrong.append(f"not at rest: {open_books(database)} open and owed, {shelf.visits}")
    finally:
        await life.end(signal.SIGTERM)
    if life.process.returncode != 0:
        found.wrong.append(f"the last life ended with {life.process.returncode}")


async def books(state: Path) -> list[str]:
    """What the station's own file has left open."""
    lock = StateLock(state)
    store = InlineStore(lock.database, clock=SystemClock(), rng=SystemRng(), key=SealKey(KEY))
    try:
        found = [f"open: {row.verb}" for row in await store.read(effects.open_rows)]
        found += [f"owed: {debt.item}" for debt in await store.read(debts.open_debts)]
        found += [f"case: {case.kind.value}" for case in await store.read(open_cases)]
        if not (await store.read(journal.verify)).whole:
            found.append("the chain of the journal is broken")
    finally:
        await store.close()
        lock.release()
    return found


async def killed(kills: int, seed: int, say: Callable[[str], None] = lambda _: None) -> Killed:
    """Kill a station so many times, at moments spread over its visits."""
    chance, found = random.Random(seed), Killed()
    for first in range(0, kills, BATCH):
        with tempfile.TemporaryDirectory(prefix="ims-kill-") as place:
            await batch(Path(place), min(BATCH, kills - first), first, chance, found)
        say(f"{found.kills} of {kills} real kills, {len(found.wrong)} wrong")
    return found
