"""One world, several lives of its station: crashed at a numbered point, started again, judged by the world.

A point is a moment at which a process can die with a difference: before and after each write of the store,
each command to the library system, each of its answers, each write of a tag and its answer, each step of a payment. A life that has
died does nothing more: whatever it was about to do waits for ever, until the rig tidies it away.
"""

import asyncio
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from drivers.ports import Store, Txn
from drivers.transport.stream import Transport
from hw_sim.ils.model import Library
from hw_sim.scenario import Scenario, load
from hw_sim.stage import Stage
from kiosk.lending.backs import BackState
from kiosk.lending.helds import HeldState
from kiosk.lending.lents import LentState
from kiosk.lending.rows import Reservation, RowState
from kiosk.lending.state import Lending
from tests.simulation.rig import STATION, Rig

T = TypeVar("T")

WRITE_AFI = b"\xb0\x27\x01"
"""ISO 15693 host command, write AFI, addressed (FEIG)."""
MONEY = (b"\x06\x01", b"\x06\x20")
"""Commands to the terminal: take money, tell of the last (ZVT)."""
_IN_ENVELOPE = re.compile(rb"<(?:request|response)>(\d\d)")


class Fuse:
    """Numbers the points of one life and ends it at one of them."""

    def __init__(self, at: int | None = None) -> None:
        self._at = at
        self.points: list[str] = []
        self.blown = asyncio.Event()

    @property
    def died(self) -> tuple[str, ...]:
        """The point at which it ended, if it did."""
        return (self.points[-1],) if self.blown.is_set() else ()

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
        elif self.device == "terminal":
            if self._writing:
                await self._fuse.point(f"terminal {data[:2].hex()} arrived")
        elif self._writing:
            self._writing = False
            await self._fuse.point("pad written")
        return data

    async def write(self, data: bytes) -> None:
        name = f"library {message_id(data)}" if self.device == "library" else "pad write"
        if self.device == "terminal":
            name = f"terminal {data[:2].hex()}"
        counts = (
            self.device == "library"
            or (self.device == "pad" and WRITE_AFI in data)
            or (self.device == "terminal" and data[:2] in MONEY)
        )
        if counts:
            await self._fuse.point(f"{name} before")
        if data[:2] != b"\x80\x00":  # an acknowledgement to the terminal
            self._writing = counts
        await self._wire.write(data)
        if counts:
            await self._fuse.point(f"{name} after")

    async def close(self) -> None:
        await self._wire.close()


_STANDS = {RowState.DONE: True, RowState.UNDONE: False}
_NOBODY_KNOWS = {RowState.UNDO_ARM, RowState.UNDO_ASK, RowState.UNDO_UNKNOWN}


@dataclass
class Told:
    """What a screen has said that stands, by item. The last word counts; one that is being changed is none."""

    loans: dict[str, bool] = field(default_factory=dict)
    """On loan, or not (returned, or undone)."""
    renewed: set[str] = field(default_factory=set)
    reserved: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    """Titles: any copy may have been meant."""

    def hear(self, state: Lending) -> None:
        for row in state.rows:
            if row.state in _STANDS:
                self.loans[row.item] = _STANDS[row.state]
            elif row.state in _NOBODY_KNOWS:
                self.loans.pop(row.item, None)
        for back in state.backs:
            if back.state is BackState.RETURNED:
                self.loans[back.item] = False
            elif back.item:
                self.loans.pop(back.item, None)
        self.renewed |= {lent.item for lent in state.lents if lent.state is LentState.RENEWED}
        self.reserved |= {r.item for r in state.rows if r.reservation is Reservation.PLACED}
        self.cancelled |= {
            held.hold.title for held in state.helds if held.state is HeldState.CANCELLED
        }


@cache
def _read(scenario: str) -> Scenario:
    return load(scenario)


class World:
    """A stage that outlives its stations, their database, and what the borrower was told."""

    def __init__(
        self,
        database: Path,
        *,
        scenario: str = "first-loan",
        station: str = STATION,
        **library: Any,
    ) -> None:
        """`library` changes what the scenario says of the library system, such as `answer_ms`."""
        self.station = station
        loaded = deepcopy(_read(scenario))
        loaded.data["library"].update(library)
        self.stage = Stage(loaded, pace="none")
        self.database = database
        self.lives = 0
        self.told = Told()
        self.elsewhere: set[str] = set()
        """What somebody else has borrowed at another machine since."""

    @property
    def library(self) -> Library:
        """What the library system holds, to change it before anybody comes."""
        held = self.stage.places["library"].device.library  # type: ignore[attr-defined]
        assert isinstance(held, Library)
        return held

    def lent_elsewhere(self, item: str, card: str) -> None:
        """Somebody else borrows what is back at another machine, which makes its tags silent."""
        if not item or item in self.library.loans or item in self.elsewhere:
            return
        borrower = self.library.patrons[card]
        borrower.status_flags, borrower.blocked = frozenset(), False
        assert not self.library.checkout(card, item, self.stage.world.now()).reason
        for tag in self.stage.world.items[item].tags:
            tag.afi = 0xC2
        self.elsewhere.add(item)

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
        rig.kiosk.listen(lambda _: self.told.hear(rig.state))
        playing = asyncio.create_task(story(rig))
        dying = asyncio.create_task(fuse.blown.wait())
        await asyncio.wait({playing, dying}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0.001)  # what has left is on the wire already
        self.told.hear(rig.state)
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
