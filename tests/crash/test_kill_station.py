"""kill -9 of a real station at seeded moments of a real visit; judged by the simulated world afterwards.

Two processes and real time: ptys, loopback, the door of the station, SIGKILL. What must hold is what
tests/simulation/test_crash_schedules.py shows at every point; here the moments are few and the process real.
"""

import asyncio
import os
import random
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from drivers.runtime.clock import SystemClock, SystemRng
from drivers.service.link import StationClient
from drivers.service.view import Snapshot
from drivers.store import debts, effects, journal
from drivers.store.engine import InlineStore
from drivers.store.lock import StateLock
from drivers.store.sealed import SealKey
from ui.world import World

ROOT = Path(__file__).parents[2]
ROUNDS = (
    "3846646425",
    "3846646433",
    "3846646458",
    "3846646466",
    "3846646474",
    "3846646482",
)
"""One item a visit; the fourth is a set of three."""
SEED = 20_261_103
WITHIN_S = 15.0
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
        line = (await asyncio.wait_for(process.stdout.readline(), WITHIN_S)).decode()
        assert line.startswith("station ready, door "), line
        door = Path(line.removeprefix("station ready, door ").strip())
        return cls(process, await StationClient.connect(door))

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


def shows(name: str) -> Callable[[Snapshot], bool]:
    return lambda snapshot: snapshot.screen.name == name


def truth(world: World) -> tuple[dict[str, Any], dict[str, set[str]]]:
    """Loans by item, and the security bytes of each item's tags."""
    said = world.do("truth")
    items = said["world"]["items"]
    tags = {item: {tag["afi"] for tag in items[item]["tags"]} for item in ROUNDS}
    return said["devices"]["library"], tags


def agree(world: World) -> bool:
    """Each item's tags are as the library system has it."""
    library, tags = truth(world)
    return tags == {item: {"c2" if item in library["loans"] else "07"} for item in ROUNDS}


def open_books(database: Path) -> tuple[int, int]:
    """Effects that have not ended and debts that are not paid, as the file says while the station runs."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reading:
        ended = "('confirmed', 'refused', 'needs_staff')"
        (open_,) = reading.execute(
            f"select count(*) from effects where state not in {ended}"
        ).fetchone()
        (owed,) = reading.execute("select count(*) from tag_debts").fetchone()
    return int(open_), int(owed)


async def eventually(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not so():  # noqa: ASYNC110 - another process and a world outside it: there is no event
            await asyncio.sleep(0.1)


async def killed(world: World, file: Path, state: Path, item: str, after_s: float) -> None:
    """Sign in with one item on the pad, and kill the station so long after the last key."""
    life = await Life.start(file, state)
    try:
        await life.until(shows("start"))
        world.do("scan", text="1234567890")
        await life.until(shows("pin"))
        world.do("lay", items=[item])
        for digit in "1234":
            await life.press(f"key.{digit}")
        await asyncio.sleep(after_s)
    finally:
        await life.end(signal.SIGKILL)
    assert life.process.returncode == -signal.SIGKILL
    world.do("lift")


@pytest.mark.timeout(150)
async def test_kill_9_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    state, file = tmp_path / "state", tmp_path / "station.toml"
    with World("first-loan", tmp_path / "w", now=True) as world:
        file.write_text(STATION.format(**world.urls))
        for n, item in enumerate(ROUNDS):
            await killed(world, file, state, item, 0.15 + 0.22 * n + chance.uniform(0.0, 0.2))
        library, _ = truth(world)
        lent_early = set(library["loans"])
        assert lent_early, "no kill came after a loan: the moments prove nothing"
        assert lent_early != set(ROUNDS), "no kill came before a loan: the moments prove nothing"

        life = await Life.start(file, state)
        try:
            await life.until(shows("start"))
            await eventually(lambda: open_books(state / "station.db")[0] == 0)
            world.do("lay", items=list(ROUNDS))
            await eventually(lambda: agree(world) and open_books(state / "station.db") == (0, 0))
        finally:
            await life.end(signal.SIGTERM)
        assert life.process.returncode == 0

        library, _ = truth(world)
        assert lent_early <= set(library["loans"]), "a loan that was given is gone"
        assert all(loan["renewals"] == 0 for loan in library["loans"].values())
        for item in ROUNDS:
            asked = [a for a in library["asked"] if (a["message"], a["item"]) == ("11", item)]
            assert len(asked) <= 1, asked

    lock = StateLock(state)
    store = InlineStore(lock.database, clock=SystemClock(), rng=SystemRng(), key=SealKey(KEY))
    assert (await store.read(journal.verify)).whole
    assert await store.read(effects.open_rows) == ()
    assert await store.read(debts.open_debts) == ()
    await store.close()
    lock.release()
