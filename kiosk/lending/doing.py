"""Carries out what the lending flow asks for: durable first, then the wire, then the answer as an event.

Order of a checkout: intent durable -> next in turn -> SENT durable -> the line -> message 11 -> answer, the end
of the effect and the tags' debts in one transaction -> event. An answer that never came is settled by asking,
in the background, for as long as it takes; the visit may be over by then. As many checkouts are under way as
the library system answers at once, each SENT on disk before it leaves.
"""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Protocol, TypeVar
from zoneinfo import ZoneInfo

from config.station import Security
from drivers.errors import Code, DeviceError, DeviceUnavailable, LocalProtocolError
from drivers.library.settle import Settled, Settlement, Unsettled, Verb, settle
from drivers.ports import (
    Account,
    Borrowed,
    Clock,
    LibrarySystem,
    Online,
    Outcome,
    Patron,
    PrintOutcome,
    Returned,
    Rng,
    Secret,
    SignIn,
    Store,
    Txn,
    Uid,
)
from drivers.runtime.flow import Effect, Event
from drivers.runtime.log import LogEvent, log, trace_id
from drivers.service.cases import CaseKind
from drivers.service.records import open_case, settle_case
from drivers.store import debts, effects, journal
from drivers.store.effects import EffectRow, EffectState
from drivers.store.pledge import pledge
from drivers.store.txn import uuid7
from drivers.tags import Decoded
from kiosk.lending import acts

T = TypeVar("T")

BORROW, UNDO, GIVE_BACK, RENEW = "borrow", "undo_borrow", "give_back", "renew"
"""Verbs of this flow's open effects."""
ASK_AGAIN_S = (0.5, 30.0)
"""First and longest wait between two questions about the same effect."""
WRITE_AGAIN_S = 5.0
"""Wait until a disk that took nothing is tried again."""
PENDING = "item.pending"
JUST_LENT = timedelta(minutes=30)
"""For so long an item that was borrowed here is not taken for one that comes back."""


@dataclass(frozen=True, slots=True)
class SealedUnread(LogEvent):
    """An envelope that this key does not open: its effect is settled without it, or by staff."""

    name: ClassVar = "effect.sealed_unread"
    level: ClassVar = "warning"
    code: Code


class Pad(Protocol):
    """What this module needs of kiosk.pad_work."""

    async def read(self, uid: Uid) -> Decoded: ...

    async def set_security(self, uid: Uid, afi: int) -> None: ...


class Paper(Protocol):
    """Prints what a visit came to."""

    async def __call__(
        self,
        job_id: str,
        what: acts.PrintReceipt | acts.PrintReturns | acts.PrintLoans,
        at: datetime,
    ) -> PrintOutcome: ...


@dataclass(frozen=True, slots=True)
class _Known:
    """One effect that must be settled, and what its end will need."""

    row: EffectRow
    patron: Patron | None
    uids: tuple[Uid, ...]


class Doing:
    """Handlers for one station. `put` takes the events of work that outlives its handler."""

    def __init__(
        self,
        *,
        station_id: str,
        zone: ZoneInfo,
        security: Security,
        store: Store,
        library: LibrarySystem,
        pad: Pad,
        paper: Paper,
        clock: Clock,
        rng: Rng,
        put: Callable[[Event], None],
    ) -> None:
        self._station_id = station_id
        self._zone = zone
        self._security = security
        self._store = store
        self._library = library
        self._pad = pad
        self._paper = paper
        self._clock = clock
        self._rng = rng
        self._put = put
        self._line = asyncio.Semaphore(library.parallel)
        """One call each, as many as the library system answers at once."""
        self._next = asyncio.Lock()
        self._behind: set[asyncio.Task[None]] = set()
        self._in_doubt: set[str] = set()
        """Rows whose command has the line, until its answer is written down."""
        self._visit = ""
        self._mark_key = rng.bytes(32)

    def handlers(self) -> Mapping[type[Effect], Callable[[Any], Awaitable[Event | None]]]:
        """By effect, who carries it out."""
        table: dict[type[Effect], Callable[[Any], Awaitable[Event | None]]] = {
            acts.BeginVisit: self._begin_visit,
            acts.EndVisit: self._end_visit,
            acts.ReadTag: self._read_tag,
            acts.AskSignIn: self._sign_in,
            acts.AskTitle: self._ask_title,
            acts.Borrow: self._borrow,
            acts.TakeBack: self._take_back,
            acts.SetSecurity: self._set_security,
            acts.PayDebt: self._pay_debt,
            acts.PrintReceipt: self._print,
            acts.PrintReturns: self._print,
            acts.PrintLoans: self._print,
            acts.AskAccount: self._ask_account,
            acts.Renew: self._renew,
            acts.AskStatus: self._ask_status,
            acts.GiveBack: self._give_back,
            acts.OpenCase: self._open_case,
        }
        return {kind: self._traced(handler) for kind, handler in table.items()}

    def failed(self, effect: Effect, error: Exception) -> Event | None:
        """The event for an effect whose handler raised: the flow must never wait for ever."""
        code = error.code if isinstance(error, DeviceError) else Code.BUG
        match effect:
            case acts.Borrow(row=row, item=item):
                return acts.Loaned(row, Borrowed(self._doubt(row), "ils.offline", item=item))
            case acts.TakeBack(row=row):
                return acts.Cancelled(row, None if self._doubt(row) is Outcome.UNKNOWN else False)
            case acts.SetSecurity(row=row, uid=uid, afi=afi):
                return acts.TagNotWritten(row, uid, afi, code)
            case acts.ReadTag(uid=uid):
                return acts.TagUnread(uid, code)
            case acts.PayDebt(uid=uid):
                return acts.DebtPaid(uid)
            case acts.AskSignIn():
                return acts.SignedIn(SignIn(Outcome.OFFLINE, "ils.offline"))
            case acts.PrintReceipt(rows=rows):
                return acts.Printed(PrintOutcome.ERROR, rows)
            case acts.PrintReturns() | acts.PrintLoans():
                return acts.Printed(PrintOutcome.ERROR)
            case acts.AskAccount():
                return acts.AccountKnown(Account(Outcome.OFFLINE, "ils.offline"))
            case acts.Renew(row=row, item=item):
                return acts.Renewed(row, Borrowed(self._doubt(row), "ils.offline", item=item))
            case acts.AskStatus(row=row):
                return acts.StatusKnown(row, False)
            case acts.GiveBack(row=row, item=item):
                return acts.GaveBack(row, Returned(self._doubt(row), "ils.offline", item=item))
            case _:
                return None

    def _doubt(self, row: str) -> Outcome:
        """UNKNOWN for a row whose command may have been done, and is being settled; else nothing was asked."""
        if row not in self._in_doubt:
            return Outcome.REFUSED
        self._in_doubt.discard(row)
        return Outcome.UNKNOWN

    def mark(self, scanned: Secret) -> str:
        """Stands for a scanned text where it must be remembered: keyed with a key of this run alone."""
        return hmac.new(self._mark_key, scanned.reveal().encode(), hashlib.sha256).hexdigest()[:32]

    async def stop(self) -> None:
        """Leave what is being settled for the next start."""
        for task in self._behind:
            task.cancel()
        await asyncio.gather(*self._behind, return_exceptions=True)

    def _traced(
        self, handler: Callable[[Any], Awaitable[Event | None]]
    ) -> Callable[[Any], Awaitable[Event | None]]:
        async def traced(effect: Effect) -> Event | None:
            trace_id.set(self._visit)
            return await handler(effect)

        return traced

    # --- visits -------------------------------------------------------------------------------------

    async def _begin_visit(self, _: acts.BeginVisit) -> None:
        self._visit = uuid7(self._clock.now(), self._rng.bytes(10))

    async def _end_visit(self, effect: acts.EndVisit) -> None:
        visit, self._visit = self._visit, ""
        reason = "timed_out" if effect.timed_out else "finished"
        if effect.patron is None and not effect.returned:
            return
        await self._store.write(
            lambda txn: journal.append(
                txn,
                "visit.ended",
                entity=visit,
                trace=visit,
                payload={
                    "reason": reason,
                    "borrowed": effect.done,
                    "returned": effect.returned,
                    "renewed": effect.renewed,
                },
            )
        )
        if effect.patron is not None:
            async with self._line:
                await self._library.end(effect.patron)

    async def _sign_in(self, effect: acts.AskSignIn) -> Event:
        async with self._line:
            answer = await self._library.sign_in(effect.card, effect.pin)
        visit = self._visit
        if answer.done:
            await self._store.write(lambda txn: _note_visit(txn, visit, effect.card))
        elif answer.outcome is Outcome.REFUSED:
            await self._store.write(
                lambda txn: journal.append(
                    txn, "sign_in.refused", trace=visit, payload={"reason": "card_or_pin"}
                )
            )
        return acts.SignedIn(answer)

    async def _open_case(self, effect: acts.OpenCase) -> None:
        visit = self._visit
        await self._store.write(lambda txn: open_case(txn, effect.kind, effect.item, trace=visit))

    async def _print(
        self, effect: acts.PrintReceipt | acts.PrintReturns | acts.PrintLoans
    ) -> Event:
        rows = effect.rows if isinstance(effect, acts.PrintReceipt) else ()
        match effect:
            case acts.PrintReceipt():
                count = len(rows)
            case acts.PrintReturns(backs=backs):
                count = len(backs)
            case acts.PrintLoans(lents=lents):
                count = len(lents)
        visit, job = self._visit, uuid7(self._clock.now(), self._rng.bytes(10))
        await self._store.write(
            lambda txn: journal.append(
                txn,
                "receipt.asked",
                entity=job,
                trace=visit,
                payload={"form": "paper", "rows": count},
            )
        )
        at = effect.occurred.astimezone(self._zone)
        outcome = await self._paper(job, effect, at)
        await self._store.write(
            lambda txn: journal.append(
                txn,
                "receipt.ended",
                entity=job,
                trace=visit,
                payload={"form": "paper", "outcome": outcome.value},
            )
        )
        return acts.Printed(outcome, () if outcome.printed else rows)

    # --- tags ---------------------------------------------------------------------------------------

    async def _read_tag(self, effect: acts.ReadTag) -> Event:
        uid = effect.uid
        try:
            decoded = await self._pad.read(uid)
        except DeviceError as error:
            return acts.TagUnread(uid, error.code)
        owed = await self._store.read(lambda txn: debts.debts_for(txn, (uid,)))
        return acts.TagRead(uid, decoded, any(debt.trace != self._visit for debt in owed))

    async def _set_security(self, effect: acts.SetSecurity) -> Event:
        failed = await self._secure(effect.uid, effect.afi, effect.item, effect.row, self._visit)
        if failed is not None:
            return acts.TagNotWritten(effect.row, effect.uid, effect.afi, failed)
        return acts.TagWritten(effect.row, effect.uid, effect.afi)

    async def _secure(self, uid: Uid, afi: int, item: str, row: str, trace: str) -> Code | None:
        """Owe the tag its byte, write it, and owe it no more; the code when it did not read back."""
        silent = afi == self._security.on_loan

        def owe(txn: Txn) -> None:
            if not any(debt.wanted == afi for debt in debts.debts_for(txn, (uid,))):
                debts.open_debt(txn, uid=uid, wanted=afi, why="visit", item=item, trace=trace)

        await self._store.write(owe)
        try:
            await self._pad.set_security(uid, afi)
        except DeviceError as error:
            return error.code

        def paid(txn: Txn) -> None:
            debts.close_debt(txn, uid)
            settle_case(txn, CaseKind.STILL_ARMED if silent else CaseKind.STILL_DISARMED, item)
            if row and not silent:
                # armed for an undo: until the loan is cancelled it stands, and the tag owes it silence
                debts.open_debt(
                    txn,
                    uid=uid,
                    wanted=self._security.on_loan,
                    why="undo",
                    item=item,
                    trace=trace,
                )

        await self._store.write(paid)
        return None

    async def _pay_debt(self, effect: acts.PayDebt) -> Event:
        """A tag in debt may be either way: it gets what the library system says of its item now."""
        uid = effect.uid
        for debt in await self._store.read(lambda txn: debts.debts_for(txn, (uid,))):
            async with self._line:
                item = await self._library.item(debt.item)
            if not item.done:
                continue
            on_loan = item.circulation.on_loan
            wanted = self._security.on_loan if on_loan else self._security.in_stock
            # under the debt's own trace: what cannot be written now is still an earlier visit's debt
            await self._secure(uid, wanted, debt.item, "", debt.trace)
        return acts.DebtPaid(uid)

    # --- loans --------------------------------------------------------------------------------------

    async def _ask_status(self, effect: acts.AskStatus) -> Event:
        if not effect.row and await self._store.read(lambda txn: self._just_lent(txn, effect.item)):
            return acts.StatusKnown(effect.row, False)
        async with self._line:
            item = await self._library.item(effect.item)
        return acts.StatusKnown(effect.row, item.done and item.circulation.on_loan)

    def _just_lent(self, txn: Txn, item: str) -> bool:
        """Lent here a moment ago: whoever lays it down again does not bring it back."""
        lent = effects.newest_of(txn, BORROW, item)
        return lent is not None and txn.now - lent.occurred_at < JUST_LENT

    async def _ask_account(self, effect: acts.AskAccount) -> Event:
        async with self._line:
            return acts.AccountKnown(await self._library.account(effect.patron))

    async def _renew(self, effect: acts.Renew) -> Event:
        known = await self._intend(
            RENEW, effect.item, effect.patron, (), effect.occurred, effect.due
        )
        if known is None:
            return acts.Renewed(effect.row, Borrowed(Outcome.REFUSED, PENDING, item=effect.item))
        async with self._kept(known, effect.row):
            async with self._turn(known, effect.row):
                answer = await self._library.renew(
                    effect.patron, effect.item, occurred=known.row.occurred_at
                )
            match answer.outcome:
                case Outcome.DONE | Outcome.ALREADY_DONE:
                    await self._store.write(
                        lambda txn: _renewed(txn, known.row, answer.transaction)
                    )
                case Outcome.REFUSED | Outcome.OFFLINE:
                    await self._store.write(lambda txn: _refuse(txn, known.row, answer.reason))
                case Outcome.UNKNOWN:
                    await self._store.write(lambda txn: effects.unknown(txn, known.row.id))
                    self._settle_behind(known, effect.row)
        return acts.Renewed(effect.row, answer)

    async def _give_back(self, effect: acts.GiveBack) -> Event:
        known = await self._intend(GIVE_BACK, effect.item, None, (), effect.occurred)
        if known is None:
            return acts.GaveBack(effect.row, Returned(Outcome.REFUSED, PENDING, item=effect.item))
        async with self._kept(known, effect.row):
            async with self._turn(known, effect.row):
                answer = await self._library.give_back(effect.item, occurred=known.row.occurred_at)
            match answer.outcome:
                case Outcome.DONE | Outcome.ALREADY_DONE:
                    await self._store.write(lambda txn: _taken(txn, known.row))
                case Outcome.REFUSED | Outcome.OFFLINE:
                    await self._store.write(lambda txn: _refuse(txn, known.row, answer.reason))
                case Outcome.UNKNOWN:
                    await self._store.write(lambda txn: effects.unknown(txn, known.row.id))
                    self._settle_behind(known, effect.row)
        return acts.GaveBack(effect.row, answer)

    async def _ask_title(self, effect: acts.AskTitle) -> Event | None:
        async with self._line:
            item = await self._library.item(effect.item)
        return acts.TitleKnown(effect.row, item.title) if item.done and item.title else None

    async def _borrow(self, effect: acts.Borrow) -> Event:
        known = await self._intend(BORROW, effect.item, effect.patron, effect.uids, effect.occurred)
        if known is None:
            return acts.Loaned(effect.row, Borrowed(Outcome.REFUSED, PENDING, item=effect.item))
        async with self._kept(known, effect.row):
            async with self._turn(known, effect.row):
                answer = await self._library.borrow(
                    effect.patron, effect.item, occurred=known.row.occurred_at
                )
            match answer.outcome:
                case Outcome.DONE | Outcome.ALREADY_DONE:
                    await self._store.write(
                        lambda txn: self._lent(txn, known, answer.transaction, answer.desensitize)
                    )
                case Outcome.REFUSED | Outcome.OFFLINE:
                    await self._store.write(lambda txn: _refuse(txn, known.row, answer.reason))
                case Outcome.UNKNOWN:
                    await self._store.write(lambda txn: effects.unknown(txn, known.row.id))
                    self._settle_behind(known, effect.row)
        return acts.Loaned(effect.row, answer)

    async def _take_back(self, effect: acts.TakeBack) -> Event:
        known = await self._intend(UNDO, effect.item, effect.patron, (), effect.occurred)
        if known is None:
            return acts.Cancelled(effect.row, False)
        async with self._kept(known, effect.row):
            async with self._turn(known, effect.row):
                answer = await self._library.give_back(
                    effect.item, occurred=known.row.occurred_at, cancel=True
                )
            match answer.outcome:
                case Outcome.DONE | Outcome.ALREADY_DONE:
                    await self._store.write(lambda txn: _undone(txn, known.row))
                    return acts.Cancelled(effect.row, True)
                case Outcome.REFUSED | Outcome.OFFLINE:
                    await self._store.write(lambda txn: _refuse(txn, known.row, answer.reason))
                    return acts.Cancelled(effect.row, False)
                case Outcome.UNKNOWN:
                    await self._store.write(lambda txn: effects.unknown(txn, known.row.id))
                    self._settle_behind(known, effect.row)
                    return acts.Cancelled(effect.row, None)

    @asynccontextmanager
    async def _kept(self, known: _Known, row_id: str) -> AsyncIterator[None]:
        """An effect whose answer cannot be written down, or was no answer at all, is settled behind."""
        try:
            yield
        except Exception:
            self._settle_behind(known, row_id if row_id in self._in_doubt else "")
            raise
        self._in_doubt.discard(row_id)

    @asynccontextmanager
    async def _turn(self, known: _Known, row_id: str) -> AsyncIterator[None]:
        """A line for one effect, which is SENT on disk before it has the line.

        So the disk works while the answer before is awaited. Only the next in turn is marked so early: whoever is
        found SENT after a crash must be asked about.
        """
        async with self._next:
            await self._store.write(lambda txn: effects.sent(txn, known.row.id))
            await self._line.acquire()
        self._in_doubt.add(row_id)
        try:
            yield
        finally:
            self._line.release()

    async def _intend(
        self,
        verb: str,
        item: str,
        patron: Patron | None,
        uids: tuple[Uid, ...],
        occurred: datetime,
        due: date | None = None,
    ) -> _Known | None:
        """Make the intent durable. None when the same is still open for this item.

        `due` is the date before a renewal; it stands in the row's date column, for settling.
        """
        visit = self._visit
        sealed = None
        if patron is not None:
            told = Secret(" ".join(map(str, uids)))
            sealed = {"card": patron.card, "pin": patron.pin, "uids": told}

        def intend(txn: Txn) -> EffectRow:
            return effects.open_effect(
                txn,
                verb=verb,
                item=item,
                device=self._station_id,
                session=visit,
                trace=visit,
                occurred_at=occurred.astimezone(self._zone),
                nb_due=due,
                sealed=sealed,
            )

        try:
            return _Known(await self._store.write(intend), patron, uids)
        except LocalProtocolError as error:
            if error.code is Code.STORE_REFUSED:
                return None
            raise

    def _lent(self, txn: Txn, known: _Known, transaction: str, silence: bool) -> None:
        """The loan stands: end the effect and owe each tag its byte, in one transaction."""
        row = known.row
        effects.finish(txn, row.id, EffectState.CONFIRMED, transaction=transaction)
        debts.close_for_item(txn, row.item, how="outdated")
        if silence:
            for uid in known.uids:
                debts.open_debt(
                    txn,
                    uid=uid,
                    wanted=self._security.on_loan,
                    why="loan",
                    item=row.item,
                    trace=row.trace,
                    effect=row.id,
                )

    # --- what was in flight -------------------------------------------------------------------------

    async def recover(self) -> int:
        """Take up what the last run left open. Returns how many effects must be asked about.

        An intent that was never sent ends as refused: nothing left the process. All else is asked about, without
        the borrower's card if the key of the envelope is another one now: staff decides what the item cannot tell.
        """

        def left_open(txn: Txn) -> list[tuple[EffectRow, dict[str, Secret] | None]]:
            found = []
            for row in effects.open_rows(txn):
                if row.state is EffectState.INTENT:
                    effects.finish(txn, row.id, EffectState.REFUSED, answer="not_sent")
                    continue
                if row.state is EffectState.SENT:
                    row = effects.unknown(txn, row.id)
                found.append((row, _unsealed(txn, row.id)))
            return found

        open_rows = await self._store.write(left_open)
        for row, sealed in open_rows:
            patron: Patron | None = None
            uids: tuple[Uid, ...] = ()
            if sealed is not None and "card" in sealed:
                patron = Patron(sealed["card"], sealed["pin"])
                uids = tuple(Uid(bytes.fromhex(u)) for u in sealed["uids"].reveal().split())
            self._settle_behind(_Known(row, patron, uids), "")
        return len(open_rows)

    def _settle_behind(self, known: _Known, row_id: str) -> None:
        task = asyncio.get_running_loop().create_task(self._settle(known, row_id))
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    async def _settle(self, known: _Known, row_id: str) -> None:
        """Ask until there is an answer, end the effect, and tell the flow if its visit still stands."""
        wait, longest = ASK_AGAIN_S
        if not await self._write_at_last(lambda txn: _take_up(txn, known.row.id)):
            return
        found = await self._ask(known)
        while found.settled is Settled.ASK_AGAIN:
            await asyncio.sleep(self._rng.uniform(wait / 2, wait))
            wait = min(longest, wait * 2)
            if self._library.online() is not Online.OFFLINE:
                found = await self._ask(known)
        match found.settled:
            case Settled.CONFIRMED if known.row.verb == UNDO:
                await self._write_at_last(lambda txn: _undone(txn, known.row))
            case Settled.CONFIRMED if known.row.verb == RENEW:
                await self._write_at_last(lambda txn: _renewed(txn, known.row, ""))
            case Settled.CONFIRMED if known.row.verb == GIVE_BACK:
                await self._write_at_last(lambda txn: _taken(txn, known.row))
            case Settled.CONFIRMED:
                await self._write_at_last(lambda txn: self._lent(txn, known, "", True))
            case Settled.REFUSED:
                await self._write_at_last(lambda txn: _refuse(txn, known.row, "not_done"))
            case _:
                await self._write_at_last(lambda txn: _to_staff(txn, known.row))
        if row_id:
            self._put(_settled(known.row, row_id, found))

    async def _write_at_last(self, unit: Callable[[Txn], T]) -> T:
        """Write, and wait for a disk that is full or broken: what is being settled must not be forgotten."""
        while True:
            try:
                return await self._store.write(unit)
            except DeviceUnavailable:
                await asyncio.sleep(WRITE_AGAIN_S)

    async def _ask(self, known: _Known) -> Settlement:
        row = known.row
        async with self._line:
            if row.verb == UNDO:
                item = await self._library.item(row.item)
                if not item.done:
                    silent = item.outcome in {Outcome.UNKNOWN, Outcome.OFFLINE}
                    return Settlement(Settled.ASK_AGAIN if silent else Settled.NEEDS_STAFF)
                still = item.circulation.on_loan
                return Settlement(
                    Settled.REFUSED if still else Settled.CONFIRMED, item.title, item.due
                )
            unsettled = Unsettled(
                Verb(row.verb), row.item, row.occurred_at, known.patron, row.nb_due
            )
            return await settle(self._library, unsettled)


def _settled(row: EffectRow, row_id: str, found: Settlement) -> Event:
    """What settling found, as the answer that never came."""
    confirmed = found.settled is Settled.CONFIRMED
    match row.verb:
        case "undo_borrow":
            return acts.Cancelled(row_id, confirmed)
        case "renew":
            outcome = Outcome.DONE if confirmed else Outcome.REFUSED
            again = Borrowed(outcome, "" if confirmed else "renew.refused", item=row.item)
            return acts.Renewed(row_id, replace(again, title=found.title, due=found.due))
        case "give_back":
            answer = found.returned or Returned(Outcome.REFUSED, "return.refused", item=row.item)
            outcome = Outcome.DONE if confirmed else Outcome.REFUSED
            return acts.GaveBack(row_id, replace(answer, outcome=outcome))
        case _:
            outcome = Outcome.DONE if confirmed else Outcome.REFUSED
            reason = "" if confirmed else "lend.refused"
            lent = Borrowed(outcome, reason, item=row.item, title=found.title, due=found.due)
            return acts.Loaned(row_id, lent, settled=True)


def _renewed(txn: Txn, row: EffectRow, transaction: str) -> None:
    effects.finish(txn, row.id, EffectState.CONFIRMED, transaction=transaction)


def _taken(txn: Txn, row: EffectRow) -> None:
    """The return stands; what earlier visits owed this item's tags is void."""
    effects.finish(txn, row.id, EffectState.CONFIRMED)
    debts.close_for_item(txn, row.item, how="outdated")


def _take_up(txn: Txn, id: str) -> bool:
    """Whether this open effect is to be asked about. One that never left ends as refused."""
    match effects.effect(txn, id).state:
        case EffectState.INTENT:
            effects.finish(txn, id, EffectState.REFUSED, answer="not_sent")
            return False
        case EffectState.SENT:
            effects.unknown(txn, id)
        case _:
            pass
    effects.settling(txn, id)
    return True


def _unsealed(txn: Txn, id: str) -> dict[str, Secret] | None:
    """What was sealed with an effect; None too when the key does not fit."""
    try:
        return effects.sealed_of(txn, id)
    except DeviceUnavailable as error:
        if error.code is not Code.STORE_KEY:
            raise
        log(SealedUnread(error.code))
        return None


def _note_visit(txn: Txn, visit: str, card: Secret) -> None:
    journal.append(
        txn,
        "visit.started",
        entity=visit,
        trace=visit,
        payload={"patron": pledge(txn, card), "means": "card"},
    )


def _undone(txn: Txn, row: EffectRow) -> None:
    """The loan is cancelled: end the effect, and its armed tags owe nothing."""
    effects.finish(txn, row.id, EffectState.CONFIRMED)
    debts.close_for_item(txn, row.item, how="outdated")


def _refuse(txn: Txn, row: EffectRow, reason: str) -> None:
    effects.finish(txn, row.id, EffectState.REFUSED, answer=reason)


def _to_staff(txn: Txn, row: EffectRow) -> None:
    effects.finish(txn, row.id, EffectState.NEEDS_STAFF, answer="not_settled")
    kind = {
        BORROW: CaseKind.LOAN_UNKNOWN,
        UNDO: CaseKind.RETURN_UNKNOWN,
        GIVE_BACK: CaseKind.RETURN_UNKNOWN,
        RENEW: CaseKind.RENEWAL_UNKNOWN,
    }[row.verb]
    open_case(txn, kind, row.item, effect=row.id, trace=row.trace)
