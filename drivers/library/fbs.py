"""The library system over FBS: several calls at once, the whole account in one answer, no session to end."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from typing_extensions import override

from config.station import Library
from drivers.errors import Code, LocalProtocolError
from drivers.fbs.dialect import FBS
from drivers.fbs.exchange import PARALLEL, Posts
from drivers.fbs.http import Endpoint, endpoint
from drivers.library.gateway import TransportFactory
from drivers.library.settle import Settled, borrow_by_account, borrow_by_item
from drivers.library.verbs import Departure, Verbs
from drivers.ports import (
    Account,
    Answer,
    Borrowed,
    Clock,
    Item,
    Listed,
    Loan,
    Outcome,
    Patron,
    Rng,
    Secret,
    SignIn,
)
from drivers.sip2.exchange import LinkLost
from drivers.sip2.frames import DEVICE
from drivers.sip2.messages import Message
from drivers.transport import Transport, open_transport
from drivers.transport.trust import tls_context

_CHANGES = frozenset({"11", "29", "65", "15", "37", "01"})
"""Commands that change a borrower's record."""


_MORE_S = 2.0
"""So long whoever signs in waits for what only 64 tells."""


class FbsGateway(Verbs):
    """ports.LibrarySystem over FBS.

    Calls run side by side. When FBS says that two of them changed one borrower at once, that borrower's calls
    go one by one from then on, until the visit ends. A loan is asked about first, and asked for once more only
    if it was not done; a renewal or a hold is just asked for once more, a payment never.
    """

    def __init__(
        self,
        wire: Callable[[], Transport],
        *,
        to: Endpoint,
        user: str,
        password: Secret,
        institution: str,
        location: str,
        clock: Clock,
        rng: Rng,
        zone: ZoneInfo,
        answer_s: float = 8.0,
        keep_alive_s: float = 30.0,
        parallel: int = PARALLEL,
    ) -> None:
        super().__init__(
            lambda told: Posts(
                wire, FBS, to=to, login=user, password=password, parallel=parallel, told=told
            ),
            FBS,
            institution=institution,
            location=location,
            clock=clock,
            rng=rng,
            zone=zone,
            answer_s=answer_s,
            keep_alive_s=keep_alive_s,
        )
        self.parallel = parallel
        self._borrowers: dict[Secret, _Turns] = {}

    @classmethod
    def from_config(
        cls,
        library: Library,
        *,
        password: Secret,
        clock: Clock,
        rng: Rng,
        zone: ZoneInfo,
        transport_factory: TransportFactory = open_transport,
    ) -> "FbsGateway":
        """The gateway of a station file.

        Raises:
            LocalProtocolError: config.invalid for a dialect that is not this one, port.bad_url.
        """
        if library.dialect not in {None, FBS.name}:
            raise LocalProtocolError(DEVICE, Code.CONFIG_INVALID, "dialect: driver fbs has its own")
        to = endpoint(library.url, library.institution)
        tls = tls_context(library.ca_file, DEVICE)
        host = f"[{to.host}]" if ":" in to.host else to.host
        return cls(
            lambda: transport_factory(f"socket://{host}:{to.port}", device=DEVICE, tls=tls),
            to=to,
            user=library.user,
            password=password,
            institution=library.institution,
            location=library.location,
            clock=clock,
            rng=rng,
            zone=zone,
            answer_s=library.answer_s,
            keep_alive_s=library.keep_alive_s,
        )

    @override
    async def sign_in(self, card: Secret, pin: Secret) -> SignIn:
        """23 says who this is; what only 64 tells, loans and e-mail, is had too where it comes soon."""

        async def work(until: float) -> SignIn:
            now = self._clock.now()
            signed = self._read.sign_in(
                await self._ask(self._say.sign_in(card, pin, now), until), card, pin
            )
            if signed.patron is None:
                return signed
            soon = min(until, asyncio.get_running_loop().time() + _MORE_S)
            try:
                more = self._read.sign_in(
                    await self._ask(self._say.patron(card, pin, now), soon), card, pin
                )
            except LinkLost:
                return signed
            if more.patron is None:
                return signed
            return replace(
                signed, patron=replace(signed.patron, email=more.patron.email), loans=more.loans
            )

        return await self._verb(SignIn, work, unsendable="login.unknown_card")

    @override
    async def account(
        self, patron: Patron, *, in_full: bool = True, listed: Listed = None
    ) -> Account:
        """One answer holds it all, so nothing is told sooner."""

        async def work(until: float) -> Account:
            return await self._account(patron, until)

        return await self._verb(Account, work, unsendable="login.unknown_card")

    @override
    async def end(self, patron: Patron) -> Answer:
        """FBS keeps no session; what is remembered of the borrower here is forgotten."""
        turns = self._borrowers.get(patron.card)
        if turns is not None:
            turns.one_by_one = False
            self._forget(patron.card)
        return Answer(Outcome.DONE)

    async def _account(self, patron: Patron, until: float) -> Account:
        said = await self._ask(self._say.patron(patron.card, patron.pin, self._clock.now()), until)
        signed = self._read.sign_in(said, patron.card, patron.pin)
        if not signed.done:
            return Account(signed.outcome, signed.reason, signed.text)
        return self._read.whole_account(said, self._today())

    # --- two calls that change one borrower -----------------------------------------------------------

    @override
    async def _lend(
        self,
        lend: Callable[[], Coroutine[Any, Any, Borrowed]],
        patron: Patron,
        item: str,
        until: float,
    ) -> Borrowed:
        try:
            return await lend()
        except LinkLost as lost:
            if lost.code is not Code.LIBRARY_CONFLICT:
                raise
            conflict = lost
        try:
            about = await self._item(item, until)
            settled, line = borrow_by_item(about), None
            if settled is None:
                account = await self._account(patron, until)
                settled = borrow_by_account(about, account)
                line = next((loan for loan in account.loans if loan.item == item), None)
        except LinkLost as lost:
            raise _left(lost) from lost
        match settled:
            case Settled.CONFIRMED:
                return _lent(about, line)
            case Settled.REFUSED:
                return await lend()
            case _:
                raise conflict

    @override
    async def _change(self, request: Message, until: float, sent: Departure) -> Message:
        try:
            return await self._ask(request, until, sent)
        except LinkLost as lost:
            if lost.code is not Code.LIBRARY_CONFLICT:
                raise
        try:
            return await self._ask(request, until, sent)
        except LinkLost as lost:
            raise _left(lost) from lost

    @override
    async def _ask(self, request: Message, until: float, sent: Departure | None = None) -> Message:
        if request.kind.id not in _CHANGES:
            return await super()._ask(request, until, sent)
        card = Secret(request.get("AA"))
        turns = self._borrowers.setdefault(card, _Turns())
        try:
            await self._free(turns, request, until)
            with turns.taken():
                return await super()._ask(request, until, sent)
        except LinkLost as lost:
            turns.one_by_one = turns.one_by_one or lost.code is Code.LIBRARY_CONFLICT
            raise
        finally:
            self._forget(card)

    @staticmethod
    async def _free(turns: "_Turns", request: Message, until: float) -> None:
        try:
            async with asyncio.timeout_at(until):
                await turns.free()
        except TimeoutError:
            raise LinkLost(Code.WIRE_SILENT, request.kind.name, sent=False) from None

    def _forget(self, card: Secret) -> None:
        turns = self._borrowers.get(card)
        if turns is not None and turns.idle:
            del self._borrowers[card]


class _Turns:
    """The calls that change one borrower: side by side, or one by one after a conflict."""

    def __init__(self) -> None:
        self.one_by_one = False
        self._running = self._waiting = 0
        self._ended = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether nothing is lost by forgetting it."""
        return not (self.one_by_one or self._running or self._waiting)

    async def free(self) -> None:
        """Until a call may begin."""
        self._waiting += 1
        try:
            while self.one_by_one and self._running:
                self._ended.clear()
                await self._ended.wait()
        finally:
            self._waiting -= 1

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One call."""
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            self._ended.set()


def _left(lost: LinkLost) -> LinkLost:
    """What went wrong after a command that left: whatever this was, that one may have been carried out."""
    return LinkLost(lost.code, lost.detail, sent=True, raw=lost.raw)


def _lent(item: Item, line: Loan | None) -> Borrowed:
    """A loan that was found done."""
    title = (line.title if line is not None else "") or item.title
    due = (line.due if line is not None else None) or item.due
    return Borrowed(Outcome.DONE, item=item.item, title=title, due=due, media=item.media)
