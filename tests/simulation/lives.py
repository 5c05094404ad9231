"""One world, several lives of its station: crashed at a numbered point, started again, judged by the world.

A point is a moment at which a process can die with a difference: before and after each write of the store,
each command to the library system, each of its answers, each write of a tag and its answer. A life that has
died does nothing more: whatever it was about to do waits for ever, until the rig tidies it away.
"""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from drivers.ports import Store, Txn
from drivers.service.records import open_cases
from drivers.store import debts, effects, journal
from drivers.transport.stream import Transport
from hw_sim.scenario import load
from hw_sim.stage import Stage
from kiosk.lending.rows import RowState
from kiosk.lending.state import Phase
from tests.simulation.rig import STATION, Rig

T = TypeVar("T")

BOOK, OTHER, SET = "3846646425", "3846646433", "3846646466"
ALL = (BOOK, OTHER, SET)
ON_LOAN, IN_STOCK = "c2", "07"
WRITE_AFI = b"\xb0\x27\x01"
"""ISO 15693 host command, write AFI, addressed (FEIG)."""
_IN_ENVELOPE = re.compile(rb"<(?:request|response)>(\d\d)")


class Fuse:
    """Numbers the points of one life and ends it at one of them."""

    def __init__(self, at: int | None = None) -> None:
        self._at = at
        self.points: list[str] = []
        self.blown = asyncio.Event()

    async def point(self, name: str) -> None:
        if not self.blown.is_set():
            self.points.append(name)
            if len(self.points) - 1 != self._at:
                return
            self.blown.set()
        await asyncio.get_running_loop().create_future()


class FusedStore:
    """`ports.Store` with a point on either side of each write."""

    def __init__(self, store: Store, fuse: Fuse) -> None:
        self._store = store
        self._fuse = fuse

    async def write(self, unit: Callable[[Txn], T]) -> T:
        await self._fuse.point("store before")
        value = await self._store.write(unit)
        await self._fuse.point("store after")
        return value

    async def read(self, unit: Callable[[Txn], T]) -> T:
        return await self._store.read(unit)

    async def close(self) -> None:
        await self._store.close()


def message_id(data: bytes) -> str:
    """Of a frame of SIP2, or of the line in an envelope of FBS."""
    found = _IN_ENVELOPE.search(data)
    return (found[1] if found else data[:2]).decode()


class FusedWire:
    """A transport with points around what matters on it: every SIP2 frame, and tag writes on the pad."""

    def __init__(self, wire: Transport, fuse: Fuse) -> None:
        self.device = wire.device
        self._wire = wire
        self._fuse = fuse
        self._writing = False

    async def open(self) -> None:
        await self._wire.open()

    async def read(self) -> bytes:
        data = await self._wire.read()
        if self.device == "library":
            await self._fuse.point(f"library {message_id(data)} arrived")
        elif self._writing:
            self._writing = False
            await self._fuse.point("pad written")
        return data

    async def write(self, data: bytes) -> None:
        name = f"library {message_id(data)}" if self.device == "library" else "pad write"
        counts = self.device == "library" or (self.device == "pad" and WRITE_AFI in data)
        if counts:
            await self._fuse.point(f"{name} before")
        self._writing = counts
        await self._wire.write(data)
        if counts:
            await self._fuse.point(f"{name} after")

    async def close(self) -> None:
        await self._wire.close()


class World:
    """A stage that outlives its stations, their database, and what the borrower was told."""

    def __init__(
        self,
        database: Path,
        *,
        repeat_loan: str = "renew",
        scenario: str = "first-loan",
        station: str = STATION,
    ) -> None:
        self.station = station
        loaded = load(scenario)
        loaded.data["library"]["repeat_loan"] = repeat_loan
        self.stage = Stage(loaded, pace="none")
        self.database = database
        self.lives = 0
        self.told: dict[str, RowState] = {}
        """By item, the last final word that a borrower saw."""

    async def live(self, story: Callable[[Rig], Any], *, crash_at: int | None = None) -> Fuse:
        """One life: start, play `story` or die at the point, and be gone."""
        fuse = Fuse(crash_at)
        self.lives += 1
        rig = Rig(
            stage=self.stage,
            database=self.database,
            seed=self.lives,
            station=self.station,
            wrap=lambda wire: FusedWire(wire, fuse),
            through=lambda store: FusedStore(store, fuse),
        )
        if self.lives == 1:
            self.stage.begin()
        await rig.start()
        playing = asyncio.create_task(story(rig))
        dying = asyncio.create_task(fuse.blown.wait())
        await asyncio.wait({playing, dying}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0.001)  # what has left is on the wire already
        for row in rig.state.rows:
            if row.state in {RowState.DONE, RowState.UNDONE, RowState.REFUSED}:
                self.told[row.item] = row.state
        died = not playing.done()
        for task in (playing, dying):
            task.cancel()
        await rig.kill()
        ended = (await asyncio.gather(playing, dying, return_exceptions=True))[0]
        if isinstance(ended, Exception) and not died:
            raise ended
        return fuse

    async def truth(self) -> Any:
        return await self.stage.do("truth", {})


async def visit(rig: Rig) -> None:
    """Sign in, borrow two books and a set, undo one, finish with a receipt."""
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(*ALL)
    await rig.until(lambda s: len(s.done) == 3)
    row = next(row for row in rig.state.rows if row.item == OTHER)
    await rig.press(f"undo.{row.id}")
    await rig.until(lambda s: len(s.done) == 2 and not s.unsettled)
    await rig.press("finish.print")
    await rig.until(lambda s: s.phase is Phase.END)
    await rig.lift()
    await rig.until(lambda s: s.phase is Phase.START)


async def _at_rest(rig: Rig) -> None:
    """Let the station settle what it finds: nothing open in its books, nothing owed on the pad."""
    await rig.until(lambda s: s.phase in {Phase.START, Phase.CARD})
    for _ in range(300):
        if not await rig.store.read(effects.open_rows):
            return
        await rig.pause(0.2)
    raise AssertionError("an effect is still open while the library system is reachable")


async def seen_again(rig: Rig) -> None:
    """Recover; then everything is taken away and laid on the pad once more, and nobody signs in."""
    await _at_rest(rig)
    await rig.lift()
    await rig.until(lambda s: s.pad.empty and not s.rows)
    await rig.lay(*ALL)
    await rig.until(lambda s: len(s.rows) == 3 and all(row.complete(True) for row in s.rows))
    await rig.until(lambda s: not s.owing)
    await rig.pause(1)
    await judge(rig)


async def signed_in_again(rig: Rig) -> None:
    """Recover; then the same borrower begins anew with all her items."""
    await _at_rest(rig)
    await rig.lift()
    await rig.until(lambda s: s.pad.empty and not s.rows)
    await rig.sign_in()
    await rig.until(lambda s: s.phase is Phase.BORROW)
    await rig.lay(*ALL)
    await rig.until(lambda s: len(s.rows) == 3 and not s.unsettled and not s.owing)
    await rig.pause(1)
    await judge(rig)
    assert set(await rig.loans()) == set(ALL)


async def judge(rig: Rig) -> None:
    """Tags and library system agree; the station's books are closed and whole."""
    truth = await rig.truth()
    loans = truth["devices"]["library"]["loans"]
    for item in ALL:
        tags = {tag["afi"] for tag in truth["world"]["items"][item]["tags"]}
        assert tags == {ON_LOAN if item in loans else IN_STOCK}, (item, tags, item in loans)
    assert not await rig.store.read(effects.open_rows)
    assert not await rig.store.read(debts.open_debts)
    assert not await rig.store.read(open_cases)
    assert rig.store.boot.chain.whole
    assert (await rig.store.read(journal.verify)).whole


async def judge_lending(world: World, *, again: bool = False) -> None:
    """Nothing was lost that the borrower was told of, and nothing was done twice."""
    library = (await world.truth())["devices"]["library"]
    assert all(loan["renewals"] == 0 for loan in library["loans"].values()), library["loans"]
    for item in ALL:
        lent = [a for a in library["asked"] if a["item"] == item and a["message"] == "11"]
        done = [a for a in lent if a["outcome"] == "done"]
        assert len(done) <= (2 if again and item == OTHER else 1), (item, lent)
        if world.told.get(item) is RowState.DONE and item != OTHER:
            assert item in library["loans"], f"{item} was lent, and is not"
    if not again and world.told.get(OTHER) is RowState.UNDONE:
        assert OTHER not in library["loans"], "the undone loan stands"
