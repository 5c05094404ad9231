"""What is read again whenever something has ended, and each minute: what a person must look at, and what the day came to."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from drivers.errors import DeviceError
from drivers.ports import Clock, Txn
from drivers.runtime.flow import Event
from drivers.runtime.log import log
from sorter.belt import acts, records
from sorter.belt.line import Line, Noted, What
from sorter.belt.records import Lying
from sorter.day import records as day
from sorter.day.records import Tally
from sorter.history import records as history
from sorter.history.logged import log_event
from sorter.history.stood import Stood, Strays
from sorter.ims import records as ims_records
from sorter.ledger import Ledger

EVERY_S = 60.0
"""The last hour goes on while nothing happens."""
SOON_S = 0.5
"""What happens together is looked at once: items end four times a second on the fastest belt."""


class Looking:
    """Of one line. `told` hears that there is something to show."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        zone: ZoneInfo,
        told: Callable[[], None],
        *,
        branch: str,
    ) -> None:
        self._ledger, self._clock, self._zone, self._told = ledger, clock, zone, told
        self._branch = branch
        self.standing: Mapping[str, str] = {}
        """By chute, the label of the crate that stands there."""
        self.lying: tuple[Lying, ...] = ()
        self.waiting = 0
        """So many items a person must look at, also those that are not in `lying`."""
        self.tally = Tally()
        self.stood: Mapping[int, Stood] = {}
        """When and where each of the belt's own alarms stood last."""
        self.strays: Strays | None = None
        """When things were seen that are no items, and that nobody has looked for."""
        self.lost: datetime | None = None
        """When the first of the belt's events was lost after which nobody has looked."""
        self._coming = False

    async def soon(self) -> None:
        """Once, in a moment; whoever asks meanwhile is answered by the same look."""
        if self._coming:
            return
        self._coming = True
        try:
            await asyncio.sleep(SOON_S)
        finally:
            self._coming = False
        await self.look()

    async def look(self) -> None:
        """Once. A disk that cannot be read leaves what was seen before."""
        now = self._clock.now()
        midnight = now.astimezone(self._zone).replace(hour=0, minute=0, second=0).astimezone(UTC)
        with suppress(DeviceError):
            self.lying, self.waiting, self.tally, self.standing = await self._ledger.read(
                lambda txn: (
                    records.exceptions(txn),
                    records.waiting(txn),
                    day.tally(txn, midnight, now - timedelta(hours=1)),
                    ims_records.docked_labels(txn.connection, self._branch),
                )
            )
            self._told()

    async def recall(self) -> None:
        """What is written down of the belt's own alarms, of strays and of lost events, once: as it begins, and when one came or went."""
        with suppress(DeviceError):
            self.stood, self.strays, self.lost = await self._ledger.read(
                lambda txn: (history.stood(txn), history.strays(txn), history.lost_since(txn))
            )
            self._told()

    async def looked_for(
        self, strays: int, state: Callable[[], Line], put: Callable[[Event], None]
    ) -> None:
        """A person has looked for so many strays: written down, then `put`. Raises DeviceUnavailable(store).

        Where another has come since it was said, nobody has looked for that one: nothing comes of it, and the panel tells of all.
        """

        def event() -> Event | None:
            line = state()
            return acts.StraysSeen(line.strays) if strays and line.astray == strays else None

        await self._seen(Noted(What.STRAYS_SEEN, number=strays), event, put)

    async def looked_on(
        self, events: int, state: Callable[[], Line], put: Callable[[Event], None]
    ) -> None:
        """The same on the belt, after so many events were lost. Raises DeviceUnavailable(store)."""

        def event() -> Event | None:
            return acts.LossSeen(events) if events and state().events_lost == events else None

        await self._seen(Noted(What.EVENTS_LOST_SEEN, number=events), event, put)

    async def _seen(
        self, noted: Noted, event: Callable[[], Event | None], put: Callable[[Event], None]
    ) -> None:
        """`event`: what the line hears of it; None where it is another by now."""

        def seen(txn: Txn) -> Event | None:
            found = event()
            if found is not None:
                history.write(txn, (noted,))
            return found

        found = await self._ledger.soon(seen)
        if found is not None:
            put(found)
            log(log_event(noted))
            await self.recall()

    async def run(self) -> None:
        """Each minute, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.look()
