"""Every verb of the port LibrarySystem over messages of SIP2, whatever carries them.

A verb never raises for what the library system says or fails to say. A command that may have left and got
no answer is UNKNOWN, one that never left is OFFLINE; the exchange repeats only what the dialect allows.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from drivers.errors import Code, LocalProtocolError, RemoteProtocolError
from drivers.library.answers import Answers, closed
from drivers.library.commands import Commands
from drivers.library.given_back import CHECKED_IN
from drivers.library.online import Heard, Reach, hear, patience, probe_in
from drivers.ports import (
    Account,
    Answer,
    Borrowed,
    Clock,
    Hold,
    Item,
    LibraryStatus,
    Listed,
    Online,
    Outcome,
    Patron,
    RenewedAll,
    Returned,
    Rng,
    Secret,
    SignIn,
)
from drivers.sip2.dialect import Dialect
from drivers.sip2.exchange import LinkLost
from drivers.sip2.messages import Message

A = TypeVar("A", bound=Answer)
Sent = Callable[[], None] | None

_SOON_S = 1e-3
"""Closer than this is now: a wait of no time at all would spin."""


class Line(Protocol):
    """An exchange: drivers.sip2.exchange.Link or drivers.fbs.exchange.Posts."""

    async def call(self, request: Message, *, within: float, sent: Sent = None) -> Message:
        """The answer within so many seconds in all. Raises LinkLost, LocalProtocolError."""
        ...

    async def drop(self) -> None:
        """Hang up, where there is something to hang up."""
        ...


class Verbs(ABC):
    """The port but for the account, whose lists come differently. `serve()` keeps the line alive."""

    parallel = 1
    """How many verbs are answered at once."""

    def __init__(
        self,
        line: Callable[[Callable[[Message], None]], Line],
        dialect: Dialect,
        *,
        institution: str,
        location: str,
        clock: Clock,
        rng: Rng,
        zone: ZoneInfo,
        answer_s: float,
        keep_alive_s: float,
    ) -> None:
        """`line` makes the exchange; it is given who must be told of every 98."""
        self._link = line(self._told)
        self._say = Commands(dialect, institution, location, zone)
        self._read = Answers(dialect, zone)
        self._clock, self._rng, self._zone = clock, rng, zone
        self._answer_s, self._keep_alive_s = answer_s, keep_alive_s
        self._reach = Reach()
        self._failed_at = float("-inf")
        self._listeners: list[Callable[[Online], None]] = []
        self._changed = asyncio.Event()
        self._turned = asyncio.Event()
        """Set at the next change of state, and then another one."""
        self._probe_at = float("-inf")
        self._serving = False

    # --- the line -----------------------------------------------------------------------------------

    async def serve(self) -> None:
        """Connect, keep the line alive, notice when it is gone and when it is back. Ends when cancelled."""
        self._serving = True
        try:
            while True:
                wait = self._probe_at - asyncio.get_running_loop().time()
                if wait < _SOON_S:
                    await self._status(patience(self._reach, self._answer_s))
                    self._plan()
                    continue
                self._changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._changed.wait()
        finally:
            self._serving = False
            await self.close()

    def _today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()

    async def close(self) -> None:
        """Hang up. Safe to repeat."""
        await self._link.drop()

    def online(self) -> Online:
        return self._reach.online

    def on_change(self, told: Callable[[Online], None]) -> None:
        """Have `told` called with each new state, from the core loop."""
        self._listeners.append(told)

    async def decided(self, within: float) -> Online:
        """The state, once there is no doubt about it any more, or so many seconds have gone by."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._serving and self._reach.online is Online.DEGRADED:
                    await self._turned.wait()
        return self._reach.online

    def queued(self, rows: bool) -> None:
        """Rows wait to be replayed, or none does: the difference between REPLAYING and ONLINE."""
        self._hear(Heard.QUEUED if rows else Heard.REPLAYED)

    async def status(self) -> LibraryStatus:
        """Ask how it is, whatever is believed of it so far."""
        return await self._status(self._answer_s)

    # --- verbs --------------------------------------------------------------------------------------

    async def sign_in(self, card: Secret, pin: Secret) -> SignIn:
        async def work(until: float) -> SignIn:
            said = await self._ask(self._say.sign_in(card, pin, self._clock.now()), until)
            return self._read.sign_in(said, card, pin)

        return await self._verb(SignIn, work, unsendable="login.unknown_card")

    @abstractmethod
    async def account(
        self, patron: Patron, *, in_full: bool = True, listed: Listed = None
    ) -> Account:
        """Loans, holds and fees, with titles and days as far as time allows, or as the lists have them alone."""

    async def item(self, item: str) -> Item:
        async def work(until: float) -> Item:
            return await self._item(item, until)

        return await self._verb(Item, work)

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
        departure = Departure(sent)

        async def work(until: float) -> Borrowed:
            request = self._say.borrow(
                patron,
                item,
                occurred,
                fee_ok=fee_ok,
                cancel=cancel,
                no_block=no_block,
                nb_due=nb_due,
            )

            async def lend() -> Borrowed:
                said = self._read.about(await self._ask(request, until, departure), item)
                return self._read.borrowed(said, item, fee_ok=fee_ok)

            return await self._lend(lend, patron, item, until)

        return await self._verb(Borrowed, work)

    async def give_back(
        self,
        item: str,
        *,
        occurred: datetime,
        cancel: bool = False,
        no_block: bool = False,
        sent: Sent = None,
    ) -> Returned:
        departure = Departure(sent)

        async def work(until: float) -> Returned:
            request = self._say.give_back(
                item, self._clock.now(), occurred, cancel=cancel, no_block=no_block
            )
            said = self._read.about(await self._ask(request, until, departure), item)
            returned = self._read.returned(said, item)
            if departure.tries > 1 and returned.outcome is Outcome.REFUSED and returned.title:
                return await self._after_two_tries(returned, item, until)
            return returned

        return await self._verb(Returned, work)

    async def renew(
        self, patron: Patron, item: str, *, occurred: datetime, sent: Sent = None
    ) -> Borrowed:
        async def work(until: float) -> Borrowed:
            request = self._say.renew(patron, item, occurred)
            said = self._read.about(await self._change(request, until, Departure(sent)), item)
            return self._read.renewed(said, item)

        return await self._verb(Borrowed, work)

    async def renew_all(
        self, patron: Patron, *, occurred: datetime, sent: Sent = None
    ) -> RenewedAll:
        async def work(until: float) -> RenewedAll:
            request = self._say.renew_all(patron, occurred)
            return self._read.renewed_all(await self._change(request, until, Departure(sent)))

        return await self._verb(RenewedAll, work)

    async def hold(
        self, patron: Patron, item: str, *, pickup: str, occurred: datetime, sent: Sent = None
    ) -> Answer:
        async def work(until: float) -> Answer:
            request = self._say.hold(patron, item, occurred, pickup=pickup)
            said = self._read.about(await self._change(request, until, Departure(sent)), item)
            return self._read.plain(said, said.part("ok") == "1", "hold.refused")

        return await self._verb(Answer, work)

    async def cancel(
        self, patron: Patron, hold: Hold, *, occurred: datetime, sent: Sent = None
    ) -> Answer:
        async def work(until: float) -> Answer:
            request = self._say.cancel(patron, hold, occurred)
            said = await self._change(request, until, Departure(sent))
            if hold.item:
                self._read.about(said, hold.item)
            return self._read.plain(said, said.part("ok") == "1", "hold.not_cancelled")

        return await self._verb(Answer, work)

    async def pay(
        self,
        patron: Patron,
        amount: int,
        *,
        transaction: str,
        occurred: datetime,
        sent: Sent = None,
    ) -> Answer:
        async def work(until: float) -> Answer:
            request = self._say.pay(patron, amount, transaction, occurred)
            said = await self._ask(request, until, Departure(sent))
            return self._read.plain(said, said.part("accepted") == "Y", "pay.refused")

        return await self._verb(Answer, work)

    async def block_card(
        self, card: Secret, *, reason: str, occurred: datetime, sent: Sent = None
    ) -> Answer:
        async def work(until: float) -> Answer:
            request = self._say.block_card(card, reason, occurred)
            return self._read.plain(await self._ask(request, until, Departure(sent)), True, "")

        return await self._verb(Answer, work)

    async def placed(self, item: str, place: str, field: str = "CH") -> Answer:
        async def work(until: float) -> Answer:
            request = self._say.placed(item, place, field, self._clock.now())
            said = self._read.about(await self._ask(request, until), item)
            return self._read.plain(said, said.part("stored") == "1", "item.unknown")

        return await self._verb(Answer, work)

    async def end(self, patron: Patron) -> Answer:
        async def work(until: float) -> Answer:
            said = await self._ask(self._say.end(patron, self._clock.now()), until)
            return self._read.plain(said, said.part("ended") == "Y", "session.not_ended")

        return await self._verb(Answer, work)

    # --- how a verb ends ----------------------------------------------------------------------------

    async def _verb(
        self,
        kind: type[A],
        work: Callable[[float], Coroutine[Any, Any, A]],
        *,
        unsendable: str = "item.unknown",
        within: float | None = None,
        though_offline: bool = False,
    ) -> A:
        if self._reach.online is Online.OFFLINE and not though_offline:
            return kind(Outcome.OFFLINE, code=Code.LIBRARY_OFFLINE)
        began = asyncio.get_running_loop().time()
        until = began + (self._answer_s if within is None else within)
        if not though_offline and await self.decided(until - began) is Online.OFFLINE:
            return kind(Outcome.OFFLINE, code=Code.LIBRARY_OFFLINE)
        try:
            answer = await work(until)
        except LinkLost as lost:
            self._lost(lost.code, began)
            return kind(Outcome.UNKNOWN if lost.sent else Outcome.OFFLINE, code=lost.code)
        except LocalProtocolError as error:
            return kind(Outcome.REFUSED, unsendable, code=error.code)
        except RemoteProtocolError as error:
            await self._link.drop()
            self._lost(error.code, began)
            return kind(Outcome.UNKNOWN, code=error.code)
        return answer

    def _lost(self, code: Code, began: float) -> None:
        """Calls that failed side by side are one failure; a conflict of two writers is none."""
        if code is Code.LIBRARY_LOGIN:
            self._hear(Heard.CLOSED)
        elif code is Code.LIBRARY_CONFLICT:
            self._hear(Heard.GOOD)
        elif self.parallel == 1 or began >= self._failed_at:
            self._failed_at = asyncio.get_running_loop().time()
            self._hear(Heard.SILENT if code is Code.WIRE_SILENT else Heard.FAILED)

    async def _lend(
        self,
        lend: Callable[[], Coroutine[Any, Any, Borrowed]],
        patron: Patron,
        item: str,
        until: float,
    ) -> Borrowed:
        """One loan, by `lend`, which sends 11."""
        return await lend()

    async def _change(self, request: Message, until: float, sent: "Departure") -> Message:
        """A renewal, a hold or the end of one: what does no harm when it is done twice."""
        return await self._ask(request, until, sent)

    async def _ask(
        self, request: Message, until: float, sent: "Departure | None" = None
    ) -> Message:
        began = asyncio.get_running_loop().time()
        if until <= began:
            raise LinkLost(Code.WIRE_SILENT, request.kind.name, sent=False)
        said = await self._link.call(request, within=until - began, sent=sent)
        if said.kind.id != "98" or not closed(said):
            self._hear(Heard.GOOD, asyncio.get_running_loop().time() - began)
        return said

    async def _item(self, item: str, until: float) -> Item:
        said = await self._ask(self._say.item(item, self._clock.now()), until)
        return self._read.item(self._read.about(said, item), item)

    async def _after_two_tries(self, returned: Returned, item: str, until: float) -> Returned:
        """The try that got no answer may have done what the second one found done."""
        try:
            now = await self._item(item, until)
        except LinkLost as lost:
            self._hear(Heard.FAILED)
            return replace(returned, outcome=Outcome.UNKNOWN, reason="", code=lost.code)
        if now.circulation in CHECKED_IN:
            return replace(returned, outcome=Outcome.ALREADY_DONE, reason="")
        return returned

    # --- being reached ------------------------------------------------------------------------------

    async def _status(self, within: float) -> LibraryStatus:
        async def work(until: float) -> LibraryStatus:
            said = await self._ask(self._say.status(), until)
            return self._read.status(said, self._reach.online)

        return await self._verb(LibraryStatus, work, within=within, though_offline=True)

    def _plan(self) -> None:
        """The next 99 comes so long after the last word, good or bad."""
        wait = probe_in(self._reach, self._keep_alive_s, self._rng.uniform(0.0, 1.0))
        self._probe_at = asyncio.get_running_loop().time() + wait

    def _told(self, status: Message) -> None:
        self._hear(Heard.CLOSED if closed(status) else Heard.GOOD)

    def _hear(self, heard: Heard, took: float = 0.0) -> None:
        before = self._reach.online
        self._reach = hear(self._reach, heard, self._clock.monotonic(), took)
        self._plan()
        if self._reach.online is not before:
            self._changed.set()
            turned, self._turned = self._turned, asyncio.Event()
            turned.set()
            for told in self._listeners:
                told(self._reach.online)


class Departure:
    """Counts how often a command left, and tells its owner the first time."""

    def __init__(self, sent: Sent) -> None:
        self._sent = sent
        self.tries = 0

    def __call__(self) -> None:
        self.tries += 1
        if self._sent is not None and self.tries == 1:
            self._sent()
