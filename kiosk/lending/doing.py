"""Carries out what the lending flow asks for: durable first, then the wire, then the answer as an event.

Order of a checkout: intent durable -> next in turn -> SENT durable -> the line -> message 11 -> answer, the end
of the effect and the tags' debts in one transaction -> event. An answer that never came is settled by asking (see
settling). As many checkouts are under way as the library system answers at once, each SENT on disk before it leaves.
"""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from config.station import Lending as Rules
from config.station import Offline, Security
from drivers.errors import Code, LocalProtocolError
from drivers.library.given_back import due_of
from drivers.ports import (
    Answer,
    Borrowed,
    Clock,
    Item,
    LibrarySystem,
    Outcome,
    Patron,
    Payments,
    Returned,
    Rng,
    Secret,
    SignIn,
    Store,
    Txn,
    Uid,
)
from drivers.runtime.flow import Effect, Event, Now
from drivers.runtime.log import trace_id
from drivers.service.records import open_case, settle_case
from drivers.store import debts, effects
from drivers.store.effects import EffectRow, EffectState
from drivers.store.txn import uuid7
from kiosk.lending import acts, noting, tries_kept
from kiosk.lending.away import Away
from kiosk.lending.failing import event_of
from kiosk.lending.line import Line
from kiosk.lending.offline import Last
from kiosk.lending.replaying import Queue, Replaying
from kiosk.lending.settling import (
    BORROW,
    CANCEL_HOLD,
    GIVE_BACK,
    PLACE_HOLD,
    RENEW,
    UNDO,
    Known,
    Settling,
)
from kiosk.lending.slips import Failed, Mail, Paper, Slip
from kiosk.lending.tagging import Pad, Tagging
from kiosk.lending.till import TELL_PAID, Till

Answered = TypeVar("Answered", bound=Answer)

PENDING = "item.pending"
JUST_LENT = timedelta(minutes=30)
"""For so long an item that was borrowed here is not taken for one that comes back; one that was refused is."""


class Doing:
    """Handlers for one station. `put` takes the events of work that outlives its handler, `pickup` names this branch."""

    def __init__(
        self,
        *,
        station_id: str,
        zone: ZoneInfo,
        rules: Rules,
        security: Security,
        offline: Offline,
        ask_first: bool,
        shortest_loan: timedelta,
        store: Store,
        library: LibrarySystem,
        pad: Pad,
        paper: Paper,
        mail: Mail,
        clock: Clock,
        rng: Rng,
        put: Callable[[Event], None],
        terminal: Payments | None = None,
        pickup: str = "",
    ) -> None:
        self._pickup = pickup
        self._station_id = station_id
        self._zone = zone
        self._store = store
        self._library = library
        self._paper = paper
        self._mailing = mail
        self._clock = clock
        self._rng = rng
        self._rules = rules
        self._put = put
        self._mark_key = rng.bytes(32)
        self._ask_first = ask_first
        self._line = Line(library.parallel)
        """One call each, as many as the library system answers at once."""
        self._next = asyncio.Lock()
        self._settling = Settling(
            store=store,
            library=library,
            line=self._line,
            rng=rng,
            on_loan=security.on_loan,
            shortest=shortest_loan,
            put=put,
        )
        self._replaying = Replaying(
            store=store,
            library=library,
            line=self._line,
            clock=clock,
            rng=rng,
            no_block=offline.no_block,
            shortest=shortest_loan,
            mark=self.mark,
            changed=lambda queue: put(acts.Waiting(queue.rows, queue.oldest)),
            registered=lambda item, lent: put(acts.Registered(item, lent)),
        )
        self._away = Away(
            rules=offline,
            station_id=station_id,
            zone=zone,
            on_loan=security.on_loan,
            store=store,
            library=library,
            replaying=self._replaying,
            settling=self._settling,
            put=put,
        )
        self._in_doubt: set[str] = set()
        """Rows whose command has the line, until its answer is written down."""
        self._visit = ""
        self.till = Till(
            station_id=station_id,
            zone=zone,
            store=store,
            terminal=terminal,
            library=library,
            line=self._line,
            clock=clock,
            rng=rng,
            mark=self.mark,
            visit=lambda: self._visit,
            doubts=self._in_doubt,
            put=put,
        )
        self._tagging = Tagging(
            pad=pad,
            store=store,
            library=library,
            line=self._line,
            queued=self._away.on_loan,
            security=security,
            visit=lambda: self._visit,
        )
        self._began = clock.monotonic()
        """When the visit began (monotonic)."""

    def handlers(self) -> Mapping[type[Effect], Callable[[Any], Awaitable[Event | None]]]:
        """By effect, who carries it out."""
        table: dict[type[Effect], Callable[[Any], Awaitable[Event | None]]] = {
            acts.BeginVisit: self._begin_visit,
            acts.EndVisit: self._end_visit,
            acts.GiveCard: self._give_card,
            acts.AskSignIn: self._sign_in,
            acts.GoOn: self._away.go_on,
            acts.AskTitle: self._ask_title,
            acts.AskNumber: self._ask_number,
            acts.Borrow: self._borrow,
            acts.TakeBack: self._take_back,
            **self._tagging.handlers(),
            acts.PrintSlip: self._print,
            acts.MailSlip: self._mail,
            **self.till.handlers(),
            acts.Renew: self._renew,
            acts.CancelHold: self._cancel_hold,
            acts.PlaceHold: self._place_hold,
            acts.AskStatus: self._ask_status,
            acts.GiveBack: self._give_back,
            acts.KeepTries: self._keep_tries,
            acts.OpenCase: self._open_case,
            acts.SettleCase: self._settle_case,
        }
        return {kind: self._traced(handler) for kind, handler in table.items()}

    def failed(self, effect: Effect, error: Exception) -> Event | None:
        """The event for an effect whose handler raised: the flow must never wait for ever."""
        return event_of(effect, error, self._doubt)

    def _doubt(self, row: str) -> Outcome:
        """UNKNOWN for a row whose command may have been done, and is being settled; else nothing was asked."""
        if row not in self._in_doubt:
            return Outcome.REFUSED
        self._in_doubt.discard(row)
        return Outcome.UNKNOWN

    def mark(self, scanned: Secret) -> str:
        """Stands for a scanned text where it must be remembered."""
        return hmac.new(self._mark_key, scanned.reveal().encode(), hashlib.sha256).hexdigest()[:32]

    async def recover(self) -> int:
        """Take up what the last run left open. Returns how many effects must be asked about or replayed."""
        await self._recall_tries()
        left = await self._settling.recover() + await self.till.recover()
        return left + await self._replaying.recover()

    async def _recall_tries(self) -> None:
        now = Now(self._clock.now(), self._clock.monotonic())
        self._mark_key = await self._store.read(tries_kept.mark_key)
        self._put(
            acts.TriesKept(
                await self._store.read(lambda txn: tries_kept.kept(txn, now, self._rules))
            )
        )

    async def _keep_tries(self, effect: acts.KeepTries) -> None:
        await self._store.write(
            lambda txn: tries_kept.keep(txn, effect.tries, effect.at, self._rules)
        )

    def queue(self) -> Queue:
        """What was done offline and is not told yet."""
        return self._replaying.queue()

    async def stop(self) -> None:
        """Leave what is being settled or replayed for the next start."""
        await self._away.stop()
        await self._replaying.stop()
        await self._settling.stop()
        await self.till.stop()

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
        self._began = self._clock.monotonic()

    async def _end_visit(self, effect: acts.EndVisit) -> None:
        visit, self._visit = self._visit, ""
        seconds = self._clock.monotonic() - self._began
        at = self._clock.now().astimezone(self._zone)
        await self._store.write(lambda txn: noting.visit_ended(txn, visit, effect, at, seconds))
        if effect.patron is not None:
            async with self._line:
                await self._library.end(effect.patron)

    async def _sign_in(self, effect: acts.AskSignIn) -> Event:
        answer = await self._signed_in(effect)
        visit = self._visit
        if answer.done:
            await self._store.write(lambda txn: noting.visit_started(txn, visit, effect.card))
        elif answer.outcome is Outcome.REFUSED:
            at = self._clock.now().astimezone(self._zone)
            await self._store.write(lambda txn: noting.sign_in_refused(txn, visit, at))
        return acts.SignedIn(answer)

    async def _settle_case(self, effect: acts.SettleCase) -> None:
        await self._store.write(lambda txn: settle_case(txn, effect.kind, effect.subject))

    async def _signed_in(self, effect: acts.AskSignIn) -> SignIn:
        """Who this is, by the library system, or by nobody while it is away."""
        if effect.offline and not self._away.now:
            return SignIn(Outcome.OFFLINE, acts.ASK_PIN)
        if not self._away.now:
            self._replaying.hurry(effect.card)
            async with self._line:
                answer = await self._library.sign_in(effect.card, effect.pin)
            silent = answer.outcome in {Outcome.UNKNOWN, Outcome.OFFLINE}
            if not silent or not await self._away.decided():
                return answer
        return self._away.sign_in(effect)

    async def _open_case(self, effect: acts.OpenCase) -> None:
        visit = self._visit
        await self._store.write(
            lambda txn: open_case(txn, effect.kind, effect.subject, trace=visit)
        )

    async def _print(self, effect: acts.PrintSlip) -> Event:
        slip = self._local(effect.slip)
        visit, job = self._visit, uuid7(self._clock.now(), self._rng.bytes(10))
        await self._store.write(
            lambda txn: noting.receipt_asked(txn, job, visit, "paper", slip.size)
        )
        outcome = await self._paper(job, slip)
        await self._store.write(
            lambda txn: noting.paper_ended(txn, job, visit, outcome, slip.occurred)
        )
        return acts.Printed(outcome, None if outcome.printed else Failed(slip, effect.to))

    async def _mail(self, effect: acts.MailSlip) -> Event:
        id = uuid7(self._clock.now(), self._rng.bytes(10))
        visit = self._visit or id  # asked for after the visit has ended
        await self._mailing(id, self._local(effect.slip), effect.to, visit=visit)
        return acts.Mailed()

    def _local(self, slip: Slip) -> Slip:
        return replace(slip, occurred=slip.occurred.astimezone(self._zone))

    # --- loans --------------------------------------------------------------------------------------

    async def _ask_status(self, effect: acts.AskStatus) -> Event:
        if not effect.row and await self._store.read(lambda txn: self._just_lent(txn, effect.item)):
            return acts.StatusKnown(effect.row, False)
        queued = self._away.on_loan(effect.item)
        if queued is not None and self._away.now:
            return acts.StatusKnown(effect.row, queued)
        if queued is not None:
            await self._replaying.first(effect.item)
        async with self._line:
            item = await self._library.item(effect.item)
        if item.outcome in {Outcome.UNKNOWN, Outcome.OFFLINE}:
            return acts.StatusKnown(effect.row, None)
        on_loan, ours = item.done and item.circulation.on_loan, item.reason != "item.unknown"
        if effect.row and ours and not on_loan:
            # armed for a return that ended no loan: its tags stay armed, and owe nobody silence
            await self._store.write(
                lambda txn: debts.close_for_item(txn, effect.item, how="outdated")
            )
        return acts.StatusKnown(effect.row, on_loan, ours, item.title, item.due)

    def _just_lent(self, txn: Txn, item: str) -> bool:
        """Lent here a moment ago: whoever lays it down again does not bring it back."""
        lent = effects.newest_of(txn, BORROW, item)
        if lent is None or lent.state in {EffectState.REFUSED, EffectState.NEEDS_STAFF}:
            return False
        return txn.now - lent.occurred_at < JUST_LENT

    async def _renew(self, effect: acts.Renew) -> Event:
        if not await self._replaying.first(effect.item):
            return acts.Renewed(effect.row, Borrowed(Outcome.REFUSED, PENDING, item=effect.item))
        known = await self._intend(
            RENEW, effect.item, effect.patron, (), effect.occurred, effect.due
        )
        if known is None:
            return acts.Renewed(effect.row, Borrowed(Outcome.REFUSED, PENDING, item=effect.item))
        answer = await self._carry_out(
            known,
            effect.row,
            lambda: self._library.renew(effect.patron, effect.item, occurred=known.row.occurred_at),
        )
        return acts.Renewed(effect.row, answer)

    async def _cancel_hold(self, effect: acts.CancelHold) -> Event:
        hold = effect.hold
        known = await self._intend(CANCEL_HOLD, hold.key, effect.patron, (), effect.occurred)
        if known is None:
            return acts.HoldCancelled(effect.row, Answer(Outcome.REFUSED, PENDING))
        answer = await self._carry_out(
            known,
            effect.row,
            lambda: self._library.cancel(effect.patron, hold, occurred=known.row.occurred_at),
        )
        return acts.HoldCancelled(effect.row, answer)

    async def _place_hold(self, effect: acts.PlaceHold) -> Event:
        known = await self._intend(PLACE_HOLD, effect.item, effect.patron, (), effect.occurred)
        if known is None:
            return acts.HoldPlaced(effect.row, Answer(Outcome.REFUSED, PENDING))
        answer = await self._carry_out(
            known,
            effect.row,
            lambda: self._library.hold(
                effect.patron,
                effect.item,
                pickup=self._pickup,
                occurred=known.row.occurred_at,
            ),
        )
        return acts.HoldPlaced(effect.row, answer)

    async def _give_back(self, effect: acts.GiveBack) -> Event:
        if not await self._replaying.first(effect.item) or self._away.now:
            return await self._away.take_back(effect, self._visit)
        stood = await self.ask_item(effect.item) if self._ask_first else Item(Outcome.REFUSED)
        if stood.outcome in {Outcome.UNKNOWN, Outcome.OFFLINE} and await self._away.decided():
            return await self._away.take_back(effect, self._visit)
        known = await self._intend(GIVE_BACK, effect.item, None, (), effect.occurred)
        if known is None:
            return acts.GaveBack(effect.row, Returned(Outcome.REFUSED, PENDING, item=effect.item))
        known = replace(known, due=due_of(stood))
        answer = await self._carry_out(
            known,
            effect.row,
            lambda: self._library.give_back(effect.item, occurred=known.row.occurred_at),
        )
        return acts.GaveBack(effect.row, answer)

    async def _give_card(self, effect: acts.GiveCard) -> Event:
        return acts.CardGiven(effect.number, self.mark(effect.number))

    async def _ask_title(self, effect: acts.AskTitle) -> Event | None:
        async with self._line:
            item = await self._library.item(effect.item)
        return acts.TitleKnown(effect.row, item.title) if item.done and item.title else None

    async def _ask_number(self, effect: acts.AskNumber) -> Event:
        async with self._line:
            item = await self._library.item(effect.number.reveal())
        silent = item.outcome in {Outcome.UNKNOWN, Outcome.OFFLINE}
        return acts.NumberKnown(effect.number, None if silent else item.done)

    async def _borrow(self, effect: acts.Borrow) -> Event:
        if self._settling.returning(effect.item):
            return acts.Loaned(effect.row, Borrowed(Outcome.REFUSED, PENDING, item=effect.item))
        last, told = self._replaying.last_of(effect.item, effect.patron.card)
        if (
            not await self._replaying.first(effect.item)
            or self._away.now
            or effect.patron.unchecked
        ):
            return await self._away.lend(effect, self._visit)
        if last is Last.LENT_TO_HER and told is not None:
            hers = await self._replaying.stands(told)
            if hers is not None:
                return acts.Loaned(effect.row, hers)
        known = await self._intend(BORROW, effect.item, effect.patron, effect.uids, effect.occurred)
        if known is None:
            return acts.Loaned(effect.row, Borrowed(Outcome.REFUSED, PENDING, item=effect.item))
        answer = await self._carry_out(
            known,
            effect.row,
            lambda: self._library.borrow(
                effect.patron,
                effect.item,
                occurred=known.row.occurred_at,
                fee_ok=effect.fee_ok,
            ),
        )
        return acts.Loaned(effect.row, answer)

    async def _take_back(self, effect: acts.TakeBack) -> Event:
        if await self._away.undo(effect.item):
            return acts.Cancelled(effect.row, True)
        if not await self._replaying.first(effect.item):
            return acts.Cancelled(effect.row, False)
        known = await self._intend(UNDO, effect.item, effect.patron, (), effect.occurred)
        if known is None:
            return acts.Cancelled(effect.row, False)
        answer = await self._carry_out(
            known,
            effect.row,
            lambda: self._library.give_back(
                effect.item, occurred=known.row.occurred_at, cancel=True
            ),
        )
        if answer.outcome is Outcome.UNKNOWN:
            return acts.Cancelled(effect.row, None)
        return acts.Cancelled(effect.row, answer.done or await self._gone(effect.item, answer))

    async def _gone(self, item: str, answer: Returned) -> bool:
        """Whether a cancel was refused because the loan is gone already: then the tag must stay armed."""
        if answer.outcome is not Outcome.REFUSED:
            return False
        async with self._line:
            found = await self._library.item(item)
        if not found.done or found.circulation.on_loan:
            return False
        await self._store.write(lambda txn: debts.close_for_item(txn, item, how="outdated"))
        return True

    async def cancel_loan(self, item: str) -> bool | None:
        """Cancel whoever's loan of an item, as an effect of its own. None: no answer, and settled behind."""
        known = await self._intend(UNDO, item, None, (), self._clock.now())
        if known is None:
            return False
        answer = await self._carry_out(
            known,
            "",
            lambda: self._library.give_back(item, occurred=known.row.occurred_at, cancel=True),
        )
        return None if answer.outcome is Outcome.UNKNOWN else answer.done

    async def again(self, subject: str, sealed: Mapping[str, Secret]) -> bool | None:
        """Tell once more what was refused, as a row of its own. Whether it stands now; None: no answer, told behind.

        `sealed` is what the case keeps of it: `verb`, `occurred_at`, and the `card` of a loan or a payment.
        """
        if sealed["verb"].reveal() == TELL_PAID:
            return await self.till.tell_again(subject, sealed)
        return await self._away.tell_again(subject, sealed)

    async def ask_item(self, item: str) -> Item:
        """How the library system says that an item stands, in its turn."""
        async with self._line:
            return await self._library.item(item)

    async def _carry_out(
        self, known: Known, row_id: str, call: Callable[[], Awaitable[Answered]]
    ) -> Answered:
        """Send one command in its turn, and write down what came of it.

        What did not leave is sent once more if the library system is there after all, and told later if not.
        """
        async with self._kept(known, row_id):
            async with self._turn(known, row_id):
                answer = await call()
            if answer.outcome is Outcome.OFFLINE:
                if await self._away.decided():
                    kept = await self._away.keep(known, left=False)
                    if kept is not None:
                        return cast("Answered", kept)
                else:
                    async with self._turn(known, row_id):
                        answer = await call()
            await self._settling.answered(known, row_id, answer)
        return answer

    @asynccontextmanager
    async def _kept(self, known: Known, row_id: str) -> AsyncIterator[None]:
        """An effect whose answer cannot be written down, or was no answer at all, is settled behind."""
        try:
            yield
        except Exception:
            self._settling.behind(known, row_id if row_id in self._in_doubt else "")
            raise
        self._in_doubt.discard(row_id)

    @asynccontextmanager
    async def _turn(self, known: Known, row_id: str) -> AsyncIterator[None]:
        """A line for one effect, which is SENT on disk before it has the line.

        So the disk works while the answer before is awaited. Only the next in turn is marked so early: whoever is
        found SENT after a crash must be asked about.
        """
        async with self._next:
            await self._store.write(lambda txn: effects.sent(txn, known.row.id, due=known.due))
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
    ) -> Known | None:
        """Make the intent durable. None when the same is still open for this item.

        `due` is the date before a renewal; it stands in the row's date column, for settling.
        """
        # what staff does belongs to no visit: each deed is one of its own
        visit = self._visit or uuid7(self._clock.now(), self._rng.bytes(10))
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
            return Known(await self._store.write(intend), patron, uids)
        except LocalProtocolError as error:
            if error.code is Code.STORE_REFUSED:
                return None
            raise
