"""Several links to one library system, used as one: a question takes a link that is free and best reached.

SIP2 has one question under way a link, so a machine that must not wait behind a slow answer needs several. The pool
is reached as well as its best link; each link keeps its own state.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime

from drivers.ports import (
    Account,
    Answer,
    Borrowed,
    Hold,
    Item,
    LibraryStatus,
    LibrarySystem,
    Listed,
    Online,
    Patron,
    RenewedAll,
    Returned,
    Secret,
    SignIn,
)

Sent = Callable[[], None] | None

_BEST = (Online.ONLINE, Online.REPLAYING, Online.DEGRADED, Online.UNKNOWN, Online.OFFLINE)


class Pool:
    """`ports.LibrarySystem` over links that are all alike."""

    def __init__(self, links: Sequence[LibrarySystem]) -> None:
        self._links = tuple(links)
        self.parallel = sum(link.parallel for link in links)
        self._busy = dict.fromkeys(range(len(links)), 0)
        self._freed = asyncio.Condition()
        self._listeners: list[Callable[[Online], None]] = []
        self._told = Online.UNKNOWN
        for link in links:
            link.on_change(lambda _online: self._changed())

    # --- links --------------------------------------------------------------------------------------

    async def serve(self) -> None:
        async with asyncio.TaskGroup() as group:
            for link in self._links:
                group.create_task(link.serve())

    def online(self) -> Online:
        return min((link.online() for link in self._links), key=_BEST.index)

    def on_change(self, told: Callable[[Online], None]) -> None:
        self._listeners.append(told)

    async def decided(self, within: float) -> Online:
        await self._links[self._best()].decided(within)
        return self.online()

    def queued(self, rows: bool) -> None:
        for link in self._links:
            link.queued(rows)

    def _changed(self) -> None:
        online = self.online()
        if online is not self._told:
            self._told = online
            for told in self._listeners:
                told(online)

    def _best(self) -> int:
        return min(
            self._busy,
            key=lambda n: (_BEST.index(self._links[n].online()), self._busy[n]),
        )

    @asynccontextmanager
    async def _link(self) -> AsyncIterator[LibrarySystem]:
        """A link with room, the best reached one first; else wait for one."""
        async with self._freed:
            await self._freed.wait_for(self._room)
            n = min(self._room(), key=lambda n: (_BEST.index(self._links[n].online()), n))
            self._busy[n] += 1
        try:
            yield self._links[n]
        finally:
            self._busy[n] -= 1
            await self._tell_free()

    def _room(self) -> list[int]:
        return [n for n, calls in self._busy.items() if calls < self._links[n].parallel]

    async def _tell_free(self) -> None:
        async with self._freed:
            self._freed.notify()

    # --- verbs --------------------------------------------------------------------------------------

    async def sign_in(self, card: Secret, pin: Secret) -> SignIn:
        async with self._link() as link:
            return await link.sign_in(card, pin)

    async def account(
        self, patron: Patron, *, in_full: bool = True, listed: Listed = None
    ) -> Account:
        async with self._link() as link:
            return await link.account(patron, in_full=in_full, listed=listed)

    async def item(self, item: str) -> Item:
        async with self._link() as link:
            return await link.item(item)

    async def borrow(
        self,
        patron: Patron,
        item: str,
        *,
        occurred: datetime,
        fee_ok: bool = False,
        cancel: bool = False,
        no_block: bool = False,
        nb_due: date | None = None,
        sent: Sent = None,
    ) -> Borrowed:
        async with self._link() as link:
            return await link.borrow(
                patron,
                item,
                occurred=occurred,
                fee_ok=fee_ok,
                cancel=cancel,
                no_block=no_block,
                nb_due=nb_due,
                sent=sent,
            )

    async def give_back(
        self,
        item: str,
        *,
        occurred: datetime,
        cancel: bool = False,
        no_block: bool = False,
        sent: Sent = None,
    ) -> Returned:
        async with self._link() as link:
            return await link.give_back(
                item, occurred=occurred, cancel=cancel, no_block=no_block, sent=sent
            )

    async def renew(
        self, patron: Patron, item: str, *, occurred: datetime, sent: Sent = None
    ) -> Borrowed:
        async with self._link() as link:
            return await link.renew(patron, item, occurred=occurred, sent=sent)

    async def renew_all(
        self, patron: Patron, *, occurred: datetime, sent: Sent = None
    ) -> RenewedAll:
        async with self._link() as link:
            return await link.renew_all(patron, occurred=occurred, sent=sent)

    async def hold(
        self, patron: Patron, item: str, *, pickup: str, occurred: datetime, sent: Sent = None
    ) -> Answer:
        async with self._link() as link:
            return await link.hold(patron, item, pickup=pickup, occurred=occurred, sent=sent)

    async def cancel(
        self, patron: Patron, hold: Hold, *, occurred: datetime, sent: Sent = None
    ) -> Answer:
        async with self._link() as link:
            return await link.cancel(patron, hold, occurred=occurred, sent=sent)

    async def pay(
        self,
        patron: Patron,
        amount: int,
        *,
        transaction: str,
        occurred: datetime,
        sent: Sent = None,
    ) -> Answer:
        async with self._link() as link:
            return await link.pay(
                patron, amount, transaction=transaction, occurred=occurred, sent=sent
            )

    async def block_card(
        self, card: Secret, *, reason: str, occurred: datetime, sent: Sent = None
    ) -> Answer:
        async with self._link() as link:
            return await link.block_card(card, reason=reason, occurred=occurred, sent=sent)

    async def placed(self, item: str, place: str, field: str = "CH") -> Answer:
        async with self._link() as link:
            return await link.placed(item, place, field)

    async def status(self) -> LibraryStatus:
        async with self._link() as link:
            return await link.status()

    async def end(self, patron: Patron) -> Answer:
        async with self._link() as link:
            return await link.end(patron)
