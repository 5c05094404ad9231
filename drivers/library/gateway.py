"""The library system over one line of SIP2: one outstanding message, lists in pages, titles by asking."""

import asyncio
import ssl
from dataclasses import replace
from typing import Protocol
from zoneinfo import ZoneInfo

from typing_extensions import override

from config.station import Library
from drivers.errors import Code, LocalProtocolError, RemoteProtocolError
from drivers.library.answers import amount, hold_with_details, with_details
from drivers.library.online import Heard
from drivers.library.verbs import Verbs
from drivers.ports import (
    Account,
    Clock,
    Fee,
    Hold,
    HoldState,
    Item,
    Listed,
    Loan,
    Outcome,
    Patron,
    Rng,
    Secret,
)
from drivers.sip2.dialect import DIALECTS, Dialect
from drivers.sip2.exchange import Link, LinkLost
from drivers.sip2.frames import DEVICE
from drivers.sip2.messages import Message
from drivers.transport import Transport, open_transport
from drivers.transport.trust import tls_context

_MOST_PAGES = 10
_LEAST_FOR_A_QUESTION_S = 1.0
"""A question cut short costs the line; with less time than this none is begun."""


class TransportFactory(Protocol):
    """Makes the wire for a URL: drivers.transport.open_transport, or a test's own."""

    def __call__(
        self, url: str, *, device: str, tls: ssl.SSLContext | None = None
    ) -> Transport: ...


class Gateway(Verbs):
    """ports.LibrarySystem over SIP2. `serve()` keeps the line alive; without it verbs still work."""

    def __init__(
        self,
        transport: Transport,
        dialect: Dialect,
        *,
        user: str,
        password: Secret,
        institution: str,
        location: str,
        clock: Clock,
        rng: Rng,
        zone: ZoneInfo,
        answer_s: float = 8.0,
        keep_alive_s: float = 30.0,
    ) -> None:
        super().__init__(
            lambda told: Link(
                transport, dialect, user=user, password=password, location=location, told=told
            ),
            dialect,
            institution=institution,
            location=location,
            clock=clock,
            rng=rng,
            zone=zone,
            answer_s=answer_s,
            keep_alive_s=keep_alive_s,
        )

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
    ) -> "Gateway":
        """The gateway of a station file.

        Raises:
            LocalProtocolError: config.invalid for a dialect that does not exist, port.bad_url.
        """
        dialect = DIALECTS.get(library.dialect or "standard")
        if dialect is None:
            raise LocalProtocolError(
                DEVICE, Code.CONFIG_INVALID, f"dialect: one of {', '.join(DIALECTS)}"
            )
        tls = tls_context(library.ca_file, DEVICE) if library.tls else None
        url = library.url.replace("sip2://", "socket://", 1)
        return cls(
            transport_factory(url, device=DEVICE, tls=tls),
            dialect,
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
    async def account(
        self, patron: Patron, *, in_full: bool = True, listed: Listed = None
    ) -> Account:
        """Lists hold bare numbers: those are told first, then each item is asked for while time allows."""

        async def work(until: float) -> Account:
            charged, said = await self._list(patron, "charged", "AU", until)
            signed = self._read.sign_in(said, patron.card, patron.pin)
            if not signed.done:
                return Account(signed.outcome, signed.reason, signed.text)
            overdue: tuple[str, ...] = ()
            ready: tuple[str, ...] = ()
            waiting: tuple[str, ...] = ()
            fees: tuple[Fee, ...] = ()
            if _count(said, "overdue"):
                overdue, _ = await self._list(patron, "overdue", "AT", until)
            if _count(said, "holds"):
                ready, _ = await self._list(patron, "holds", "AS", until)
            if _count(said, "unavailable_holds"):
                waiting, _ = await self._list(patron, "unavailable_holds", "CD", until)
            if _count(said, "fines"):
                fees = self._read.fees((await self._list(patron, "fines", "AV", until))[1])
            holds = [Hold(item, "", HoldState.READY) for item in ready]
            holds += [Hold(item, "", HoldState.WAITING) for item in waiting]
            lines = [Loan(item, "", None) for item in charged]
            bare = Account(
                Outcome.DONE,
                text=signed.text,
                loans=tuple(lines),
                overdue=frozenset(overdue),
                holds=tuple(holds),
                fees=fees,
                owed=amount(said.get("BV")),
                currency=said.get("BH"),
            )
            if not in_full:
                return bare
            if listed is not None:
                listed(bare)
            # holds first: they are few, and where to fetch one stands in its item alone
            half_way = until - self._answer_s / 2
            known = await self._items((*ready, *waiting, *charged), half_way)
            today = self._today()
            return replace(
                bare,
                loans=tuple(
                    with_details(line, known[line.item]) if line.item in known else line
                    for line in lines
                ),
                holds=tuple(
                    hold_with_details(hold, known[hold.item], today) if hold.item in known else hold
                    for hold in holds
                ),
            )

        return await self._verb(Account, work, unsendable="login.unknown_card")

    async def _list(
        self, patron: Patron, wanted: str, id_: str, until: float
    ) -> tuple[tuple[str, ...], Message]:
        """One list of the account in full, and the first 64."""
        page = self._say.dialect.summary_page
        found: dict[str, None] = {}
        first: Message | None = None
        for number in range(_MOST_PAGES):
            request = self._say.patron(
                patron.card, patron.pin, self._clock.now(), wanted, 1 + number * page
            )
            said = await self._ask(request, until)
            first = first or said
            before = len(found)
            found |= dict.fromkeys(self._read.entries(said, id_))
            # a server that knows no BP and BQ sends the same page again
            if len(said.all(id_)) < page or len(found) == before:
                break
        assert first is not None  # noqa: S101 - at least one page was asked for
        return tuple(found), first

    async def _items(self, items: tuple[str, ...], until: float) -> dict[str, Item]:
        """What each item says of itself. Lists hold bare ids, so each is asked for while time lasts."""
        loop = asyncio.get_running_loop()
        known: dict[str, Item] = {}
        for item in items:
            if until - loop.time() < _LEAST_FOR_A_QUESTION_S:
                break
            try:
                known[item] = await self._item(item, until)
            except LinkLost:
                self._hear(Heard.FAILED)
                break
            except RemoteProtocolError:
                await self._link.drop()
                break
            except LocalProtocolError:
                continue
        return known


def _count(said: Message, part: str) -> bool:
    """Whether a list is worth asking for; blanks mean that the count is not supported."""
    return said.part(part).strip("0") != ""
