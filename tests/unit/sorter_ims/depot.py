"""A plant's crates over their tables, for tests: scans at the bins, items that fall, crates in somebody's hands."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import MappingProxyType

from drivers.ports import Txn
from drivers.store.engine import InlineStore
from sorter.ims import records
from sorter.ims.crates import Chute, Crate, Swap
from sorter.ims.handling import Do, Handled, handle
from sorter.ims.happened import Happened, What
from sorter.ims.reception import Reception
from sorter.ims.site import Site
from tests.store_fixtures import SetClock

SECOND = timedelta(seconds=1)
BOOK, OTHER = "3846646425", "3846646433"
CHUTES = {
    "A-01": Chute("A-01", "adults"),
    "A-02": Chute("A-02", "children"),
    "A-06": Chute("A-06", "transit", destination="Dalum"),
}
SITE = Site("bh-sorter", "Borgernes Hus", MappingProxyType(CHUTES))


class Depot:
    """A plant's crates, in its own database."""

    def __init__(self, store: InlineStore, clock: SetClock, site: Site = SITE) -> None:
        self.store = store
        self.clock = clock
        self.site = site
        self.untouched: frozenset[str] = frozenset()
        self.onward: frozenset[str] = frozenset()

    async def scan(self, *texts: str, every: timedelta = SECOND) -> list[Swap]:
        swaps = []
        for text in texts:
            label = self.site.label(text)
            scan = partial(
                records.scan_label,
                site=self.site,
                label=label,
                untouched=self.untouched,
                onward=self.onward,
            )
            swaps.append(await self.store.write(scan))
            self.clock.move(every)
        return swaps

    async def falls(
        self, bin: str, item: str, destination: str = "", rule: str = "", why: str = ""
    ) -> None:
        def fell(txn: Txn) -> None:
            chute = self.site.chute_of(bin)
            crate = (
                records.docked_at(txn.connection, self.site.branch, chute.label) if chute else ""
            )
            one = Happened(
                What.FELL,
                txn.now,
                self.site.branch,
                crate,
                destination=destination,
                item=item,
                bin=bin,
                rule=rule,
                why=why,
            )
            records.happen(txn, self.site, one)

        await self.store.write(fell)
        self.clock.move(SECOND)

    async def falls_beside(self, bin: str, item: str) -> None:
        """No crate stood there."""

        def gone(txn: Txn) -> None:
            chute, branch = self.site.chute_of(bin), self.site.branch
            label = chute.label if chute else ""
            one = Happened(What.GONE, txn.now, branch, chute=label, item=item, bin=bin)
            records.happen(txn, self.site, replace(one, cause="no_crate"))

        await self.store.write(gone)
        self.clock.move(SECOND)

    async def do(
        self, what: Do, label: str, branch: str = "", items: tuple[str, ...] | None = None
    ) -> Handled:
        def done(txn: Txn) -> Handled:
            found = handle(txn, branch or self.site.branch, label, what, items)
            records.happen(txn, self.site, *found.happened)
            return found

        found = await self.store.write(done)
        self.clock.move(SECOND)
        return found

    async def receive(
        self, label: str, branch: str, items: tuple[str, ...] | None = None
    ) -> Reception:
        return (await self.do(Do.RECEIVE, label, branch, items)).reception

    async def crate(self, label: str) -> Crate:
        found = await self.store.read(lambda txn: records.crate_of(txn.connection, label))
        assert found is not None
        return found

    async def at(self, chute: str) -> str:
        return await self.store.read(
            lambda txn: records.docked_at(txn.connection, self.site.branch, chute)
        )

    async def place(self, item: str) -> tuple[str, str, str, str]:
        """Branch, crate, where it goes and by which rule."""
        place = await self.store.read(lambda txn: records.place_of(txn.connection, item))
        assert place is not None
        return (place.branch, place.crate, place.destination, place.rule)

    async def lies(self, item: str) -> str:
        place = await self.store.read(lambda txn: records.place_of(txn.connection, item))
        return "" if place is None else place.crate
