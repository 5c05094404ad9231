"""What happened here to the database of all branches, and what happened there to this plant: each row once.

The plant's own database comes first: it sorts on while the shared one is away, and what happened waits. Rows are numbered
in the plant's own stream; the shared database takes those after the last that it has, in one transaction, so that a
row whose acknowledgement was lost is not taken twice. What others did is read by its place there, and written here in one
transaction with that place.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from drivers.ports import Store, Txn
from sorter.ims import records
from sorter.ims.records import Row
from sorter.ims.site import Site
from sorter.ledger import Ledger

MOST = 200
"""Rows in one transaction."""


@dataclass(frozen=True, slots=True)
class _Exchanged:
    """What one exchange came to."""

    sent: int
    """The last own row that stands there."""
    top: int
    """The last place there."""
    others: Sequence[Row]


class Sharing:
    """Tells and asks for one plant."""

    def __init__(
        self,
        *,
        site: Site,
        ledger: Ledger,
        shared: Store,
        again_s: float,
        heard: Callable[[], Awaitable[None]],
    ) -> None:
        """`heard` is called when what others did has been written here."""
        self._heard = heard
        self._site = site
        self._ledger = ledger
        self._shared = shared
        self._again_s = again_s
        self._fresh = asyncio.Event()

    def fresh(self) -> None:
        """Something happened here."""
        self._fresh.set()

    async def serve(self, ready: Callable[[], None]) -> None:
        """Exchange until the shared database cannot be reached. Raises DeviceUnavailable."""
        while True:
            self._fresh.clear()
            while await self._exchange():
                ready()
            ready()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._again_s):
                    await self._fresh.wait()

    async def waiting(self) -> int:
        """Own rows that the shared database is not known to have."""

        def count(txn: Txn) -> int:
            stream = records.stream_of(txn)
            sent, _ = records.marks(txn)
            return records.last_of(txn.connection, self._site.station, stream) - sent

        return await self._ledger.read(count)

    async def _exchange(self) -> bool:
        """One exchange; whether there may be more at once."""
        stream = await self._ledger.read(records.stream_of)
        sent, pulled = await self._ledger.read(records.marks)
        rows = await self._ledger.read(lambda txn: self._owed(txn, stream, sent))
        found = await self._told(stream, rows, sent, pulled)
        back = found.top < pulled  # it was put back to an earlier day: read all of it again
        last = 0 if back else pulled
        last = found.others[-1].pos if found.others else last

        def taken(txn: Txn) -> None:
            records.take(txn.connection, found.others)
            records.mark(txn, found.sent, last)

        if (found.sent, last) != (sent, pulled) or found.others:
            await self._ledger.write(taken)
        if found.others:
            await self._heard()
        return back or bool(found.others) or await self.waiting() > 0

    def _owed(self, txn: Txn, stream: str, sent: int) -> Sequence[Row]:
        return records.rows_after(txn.connection, self._site.station, stream, sent, MOST)

    async def _told(self, stream: str, rows: Sequence[Row], sent: int, pulled: int) -> _Exchanged:
        station = self._site.station

        def exchanged(txn: Txn) -> _Exchanged:
            there = records.last_of(txn.connection, station, stream)
            if rows and there >= sent:  # else rows between are missing there, and come first
                records.take(txn.connection, rows)
                there = records.last_of(txn.connection, station, stream)
            others = records.rows_of_others(txn.connection, station, stream, pulled, MOST)
            return _Exchanged(there, records.top(txn.connection), others)

        if rows:
            return await self._shared.write(exchanged)
        return await self._shared.read(exchanged)
