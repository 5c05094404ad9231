"""Takes money at the terminal once, and tells the library system of it until it knows.

Two effects a payment. PAY: intent durable -> SENT durable -> the terminal is told -> its answer, or, when none was
heard, its newest booking now and before. TELL_PAID begins in the transaction that ends PAY as paid: what is owed is
asked for and written down -> SENT durable -> message 37 -> its answer, or what is owed now and was owed before. So
money is never asked for again, and what was taken is told until it stands in the books, or staff has it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from drivers.errors import Code, DeviceError, DeviceUnavailable
from drivers.library.online import up
from drivers.library.settle import Settled, owed_of, told_by_account
from drivers.ports import (
    Account,
    Answer,
    Booking,
    Clock,
    LibrarySystem,
    Online,
    Outcome,
    Patron,
    Payment,
    PaymentOutcome,
    Payments,
    Rng,
    Secret,
    Store,
    TerminalStep,
    Txn,
)
from drivers.ports.payments import settled
from drivers.runtime.flow import Effect, Event
from drivers.service.cases import CaseKind
from drivers.service.records import count, open_case, open_cases, sealed_in_case, settle_case
from drivers.service.statistics import of_payment
from drivers.store import effects
from drivers.store.effects import EffectRow, EffectState
from drivers.store.txn import uuid7
from kiosk.lending import acts, records
from kiosk.lending.line import Line
from kiosk.lending.pay_acts import PaidTold, Pay, PayEnd, PayEnded, PayStepped, StopPaying
from kiosk.lending.records import Money
from kiosk.lending.settling import ASK_AGAIN_S, unsealed, write_at_last

PAY, TELL_PAID = "pay", "tell_paid"
"""Verbs of its open effects."""
SURE_S = 15.0
"""A terminal that booked nothing is asked again after so long: it may have been about to."""
SOON_S = 5.0
"""Longest wait between two questions while somebody may wait for the answer."""
STAFF_S = 60.0
"""After so long without knowing, staff is told; the terminal is asked on."""
SEALED_AWAY = "sealed"
"""The envelope has expired, or its key is another one: nobody knows who paid."""
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_CASES = frozenset({CaseKind.PAYMENT_UNKNOWN, CaseKind.PAYMENT_UNTOLD})
_SILENT = frozenset({Outcome.UNKNOWN, Outcome.OFFLINE})
_ENDS = {
    PaymentOutcome.DECLINED: PayEnd.DECLINED,
    PaymentOutcome.STOPPED: PayEnd.STOPPED,
    PaymentOutcome.NOT_BEGUN: PayEnd.GONE,
}


@dataclass(frozen=True, slots=True)
class _Open:
    """A payment from its intent until the library system has it in its books."""

    money: Money
    effect: EffectRow
    patron: Patron | None
    row: str = ""
    """The visit's name for it; empty once no visit waits."""
    by_staff: bool = False
    """A member waits for the answer, and closes the case."""


class Till:
    """The payments of one station.

    `doubts` gets the name of a payment while the terminal may be taking money, for whoever must say what a failure
    means; `put` takes the events of work that outlives its handler.
    """

    def __init__(
        self,
        *,
        station_id: str,
        zone: ZoneInfo,
        store: Store,
        terminal: Payments | None,
        library: LibrarySystem,
        line: Line,
        clock: Clock,
        rng: Rng,
        mark: Callable[[Secret], str],
        visit: Callable[[], str],
        doubts: set[str],
        put: Callable[[Event], None],
    ) -> None:
        self._station_id = station_id
        self._zone = zone
        self._store = store
        self._terminal = terminal
        self._library = library
        self._line = line
        self._clock = clock
        self._rng = rng
        self._mark = mark
        self._visit = visit
        self._doubts = doubts
        self._put = put
        self._open: dict[str, _Open] = {}
        """By reference."""
        self._behind: dict[str, asyncio.Task[None]] = {}
        self._taking = asyncio.Lock()
        self._turned = asyncio.Event()
        library.on_change(self._reached)

    def handlers(self) -> Mapping[type[Effect], Callable[[Any], Awaitable[Event | None]]]:
        """By effect, who carries it out."""
        return {
            Pay: self._pay,
            StopPaying: self._stop,
            acts.AskAccount: self._account,
        }

    def open(self) -> int:
        """How many payments are not known to be in the library system's books."""
        return len(self._open)

    async def recover(self) -> int:
        """Take up what the last run left open. Returns how many payments there are."""

        def left_open(txn: Txn) -> list[_Open]:
            found = []
            for row in effects.open_rows(txn):
                if row.verb == PAY and row.state is EffectState.INTENT:
                    effects.finish(txn, row.id, EffectState.REFUSED, answer="not_sent")
                elif row.verb in {PAY, TELL_PAID}:
                    if row.state is EffectState.SENT:
                        row = effects.unknown(txn, row.id)
                    found.append(_Open(records.money(txn, row.item), row, _patron(txn, row.id)))
            return found

        for one in await self._store.write(left_open):
            self._take_up(one)
        return len(self._open)

    async def stop(self) -> None:
        """Leave the rest for the next start."""
        tasks = tuple(self._behind.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- the account --------------------------------------------------------------------------------

    async def _account(self, effect: acts.AskAccount) -> Event:
        card = effect.patron.card
        async with self._line:
            account = await self._library.account(
                effect.patron, listed=lambda lists: self._put(acts.AccountListed(lists, card))
            )
        return acts.AccountKnown(account, await self._held(card), card)

    async def _held(self, card: Secret) -> int:
        """What this borrower has paid, or may have, and the library system's books do not say."""
        mark = self._mark(card)
        found = {
            reference: one.money.amount
            for reference, one in self._open.items()
            if one.patron is not None and self._mark(one.patron.card) == mark
        }

        def with_staff(txn: Txn) -> dict[str, int]:
            return {
                case.subject: int(kept["amount"].reveal())
                for case in open_cases(txn)
                if case.kind in _CASES
                for kept in _kept(txn, case.id)
                if "card" in kept and self._mark(kept["card"]) == mark
            }

        return sum({**found, **await self._store.read(with_staff)}.values())

    # --- the money ----------------------------------------------------------------------------------

    async def _pay(self, effect: Pay) -> Event:
        if self._terminal is None or self._taking.locked():
            return PayEnded(effect.row, PayEnd.GONE)
        async with self._taking:
            return await self._take(effect, self._terminal)

    async def _take(self, effect: Pay, terminal: Payments) -> Event:
        """Only what is owed at this moment is taken, and only while no other payment is in doubt."""
        if await self._held(effect.patron.card):
            return PayEnded(effect.row, PayEnd.HELD)
        if any(one.effect.verb == PAY for one in self._open.values()):
            return PayEnded(effect.row, PayEnd.GONE)  # its newest booking must stay comparable
        async with self._line:
            account = await self._library.account(effect.patron, in_full=False)
        if not account.done:
            return PayEnded(effect.row, PayEnd.AWAY)
        if owed_of(account) != effect.amount:
            return PayEnded(effect.row, PayEnd.CHANGED, account)
        try:
            before = await terminal.last()
        except DeviceError:
            return PayEnded(effect.row, PayEnd.GONE)
        one = await self._begin(effect, before)
        self._open[one.money.reference] = one
        self._doubts.add(effect.row)
        try:
            payment = await terminal.pay(
                effect.amount, told=lambda step: self._stepped(effect.row, step)
            )
            ended = await self._ended(one, payment)
        except Exception:
            self._take_up(one)
            raise
        self._doubts.discard(effect.row)
        return ended

    def _stepped(self, row: str, step: TerminalStep) -> None:
        self._put(PayStepped(row, step))

    async def _stop(self, _: StopPaying) -> None:
        if self._terminal is not None:
            await self._terminal.abort()

    async def _begin(self, effect: Pay, before: Booking | None) -> _Open:
        occurred = effect.occurred.astimezone(self._zone)
        reference = self._reference(occurred, effect.amount)
        visit = self._visit() or uuid7(self._clock.now(), self._rng.bytes(10))

        def intend(txn: Txn) -> _Open:
            money = records.begin(txn, reference, effect.amount, before)
            row = effects.open_effect(
                txn,
                verb=PAY,
                item=reference,
                device=self._station_id,
                session=visit,
                trace=visit,
                occurred_at=occurred,
                sealed=_sealed(effect.patron),
            )
            return _Open(money, row, effect.patron, effect.row)

        one = await self._store.write(intend)
        return replace(
            one, effect=await self._store.write(lambda t: effects.sent(t, one.effect.id))
        )

    def _reference(self, at: datetime, amount: int) -> str:
        """Day, time, hundredths, and four letters so that no two are the same; people read it out to each other."""
        letters = "".join(_LETTERS[byte % len(_LETTERS)] for byte in self._rng.bytes(4))
        return f"{at:%y%m%d-%H%M}-{amount}-{letters}"

    async def _ended(self, one: _Open, payment: Payment) -> Event:
        if payment.outcome is PaymentOutcome.PAID and payment.booking is not None:
            await self._booked(one, payment.booking)
            return PayEnded(one.row, PayEnd.PAID)
        end = _ENDS.get(payment.outcome)
        if end is None:
            self._take_up(one)
            return PayEnded(one.row, PayEnd.UNKNOWN)
        answer = f"terminal.{payment.code}" if payment.code else end.value
        await write_at_last(
            self._store,
            lambda txn: effects.finish(txn, one.effect.id, EffectState.REFUSED, answer=answer),
        )
        del self._open[one.money.reference]
        return PayEnded(one.row, end)

    async def _booked(self, one: _Open, booking: Booking) -> None:
        """The money is taken: that, and that the library system must be told, in one transaction."""

        def paid(txn: Txn) -> _Open:
            row = one.effect
            effects.finish(txn, row.id, EffectState.CONFIRMED, transaction=str(booking.receipt))
            count(txn, *of_payment(row.occurred_at, one.money.amount))
            settle_case(txn, CaseKind.PAYMENT_UNKNOWN, row.item)
            money = records.booked(txn, row.item, booking)
            return replace(one, money=money, effect=_to_tell(txn, row, one.patron))

        self._take_up(await write_at_last(self._store, paid))

    # --- told once more by staff --------------------------------------------------------------------

    async def tell_again(self, reference: str, sealed: Mapping[str, Secret]) -> bool | None:
        """Staff has put right what stood in the way: tell of a payment that was refused once more, as a row of its own.

        True when the library system has it now, also from before; None when it gives no answer, and is told behind.
        """
        if reference in self._open:
            return None
        if "card" not in sealed:
            return False
        patron = Patron(sealed["card"], Secret(""))
        occurred = datetime.fromisoformat(sealed["occurred_at"].reveal())

        def unit(txn: Txn) -> _Open | None:
            told = effects.of_item(txn, TELL_PAID, reference)
            if any(row.state is EffectState.CONFIRMED for row in told):
                return None
            visit = txn.new_id()
            row = effects.open_effect(
                txn,
                verb=TELL_PAID,
                item=reference,
                device=self._station_id,
                session=visit,
                trace=visit,
                occurred_at=occurred,
                sealed=_sealed(patron),
            )
            return _Open(records.money(txn, reference), row, patron, by_staff=True)

        one = await self._store.write(unit)
        if one is None:
            return True
        self._open[reference] = one
        end = None
        try:
            if up(self._library.online()):
                end = await self._tell_once(one)
        finally:
            if end is None:
                self._take_up(replace(one, by_staff=False))
        if end is None:
            return None
        del self._open[reference]
        return end is EffectState.CONFIRMED

    # --- behind the visit ---------------------------------------------------------------------------

    def _take_up(self, one: _Open) -> None:
        """Find out what became of the money, or tell the library system of it, for as long as it takes."""
        reference = one.money.reference
        self._open[reference] = one
        work = self._settle if one.effect.verb == PAY else self._tell
        task = asyncio.get_running_loop().create_task(work(one), name=f"till {one.effect.verb}")
        self._behind[reference] = task

        def over(ended: asyncio.Task[None]) -> None:
            if self._behind.get(reference) is ended:
                del self._behind[reference]

        task.add_done_callback(over)

    async def _settle(self, one: _Open) -> None:
        """Ask the terminal for its newest booking."""
        loop = asyncio.get_running_loop()
        began, nothing_since, in_doubt = loop.time(), None, False
        wait, longest = ASK_AGAIN_S
        await write_at_last(self._store, lambda txn: _settling(txn, one.effect.id))
        while True:
            found, booking = await self._newest(one.money)
            if found is PaymentOutcome.PAID and booking is not None:
                await self._booked(one, booking)
                self._tell_visit(one, PayEnd.PAID)
                return
            if found is PaymentOutcome.DECLINED:
                nothing_since = loop.time() if nothing_since is None else nothing_since
                if loop.time() - nothing_since >= SURE_S:
                    await write_at_last(self._store, lambda txn: _not_taken(txn, one.effect))
                    self._closed(one, PayEnd.DECLINED)
                    return
            if found is PaymentOutcome.UNKNOWN or self._terminal is None:
                await write_at_last(self._store, lambda txn: _to_staff(txn, one))
                self._closed(one, PayEnd.STAFF)
                return
            if not in_doubt and loop.time() - began >= STAFF_S:
                in_doubt = True
                await write_at_last(self._store, lambda txn: _in_doubt(txn, one))
            await asyncio.sleep(self._rng.uniform(wait / 2, wait))
            wait = min(longest if in_doubt else SOON_S, wait * 2)

    async def _newest(self, money: Money) -> tuple[PaymentOutcome | None, Booking | None]:
        """What the terminal's newest booking says of a payment; None while it does not answer."""
        if self._terminal is None:
            return None, None
        try:
            now = await self._terminal.last()
        except DeviceError:
            return None, None
        before = None if money.before is None else Booking(0, money.before)
        return settled(money.amount, before, now), now

    async def _tell(self, one: _Open) -> None:
        """Tell the library system: at once for somebody who waits, and whenever it can be reached."""
        wait, longest = ASK_AGAIN_S
        while True:
            while not up(self._library.online()):
                await self._turned.wait()
            end = await self._tell_once(one)
            if end is not None:
                self._told(one, done=end is EffectState.CONFIRMED)
                return
            await asyncio.sleep(self._rng.uniform(wait / 2, wait))
            wait = min(longest, wait * 2)

    async def _tell_once(self, one: _Open) -> EffectState | None:
        """One try at it. How it ended, or None: try again."""
        reference, patron = one.money.reference, one.patron
        row = await self._store.read(lambda txn: _open_row(txn, reference))
        if row is None:
            return EffectState.CONFIRMED
        if patron is None:
            await write_at_last(self._store, lambda txn: _untold(txn, one, row, SEALED_AWAY))
            return EffectState.REFUSED
        if row.state is not EffectState.INTENT:
            return await self._look(one, row, patron)
        account: Account = await self._ask(
            one, lambda: self._library.account(patron, in_full=False)
        )
        if account.outcome in _SILENT:
            return None
        owed = owed_of(account)
        await write_at_last(self._store, lambda txn: _leaves(txn, reference, row, owed))
        answer: Answer = await self._ask(
            one,
            lambda: self._library.pay(
                patron, one.money.amount, transaction=reference, occurred=row.occurred_at
            ),
        )
        match answer.outcome:
            case Outcome.DONE | Outcome.ALREADY_DONE:
                await write_at_last(self._store, lambda txn: _known(txn, one, row))
                return EffectState.CONFIRMED
            case Outcome.REFUSED:
                await write_at_last(self._store, lambda txn: _untold(txn, one, row, answer.reason))
                return EffectState.REFUSED
            case Outcome.OFFLINE:
                await write_at_last(self._store, lambda txn: _anew(txn, row, patron, "not_sent"))
            case Outcome.UNKNOWN:
                await write_at_last(self._store, lambda txn: effects.unknown(txn, row.id))
        return None

    async def _look(self, one: _Open, row: EffectRow, patron: Patron) -> EffectState | None:
        """It was told, and nobody knows whether it was heard: what is owed says so."""
        await write_at_last(self._store, lambda txn: _settling(txn, row.id))
        account: Account = await self._ask(
            one, lambda: self._library.account(patron, in_full=False)
        )
        money = await self._store.read(lambda txn: records.money(txn, row.item))
        match told_by_account(money.amount, money.owed, account):
            case Settled.CONFIRMED:
                await write_at_last(self._store, lambda txn: _known(txn, one, row))
                return EffectState.CONFIRMED
            case Settled.REFUSED:
                await write_at_last(self._store, lambda txn: _anew(txn, row, patron, "not_done"))
                return None
            case Settled.NEEDS_STAFF:
                await write_at_last(self._store, lambda txn: _to_staff(txn, one, row))
                return EffectState.NEEDS_STAFF
            case _:
                return None

    async def _ask(self, one: _Open, call: Callable[[], Awaitable[Any]]) -> Any:
        """A call in its turn: before others' for somebody who waits."""
        waits = self._open.get(one.money.reference, one).row
        if waits:
            async with self._line:
                return await call()
        async with self._line.spare():
            return await call()

    def _told(self, one: _Open, *, done: bool) -> None:
        self._open.pop(one.money.reference, None)
        if one.row:
            self._put(PaidTold(one.row, done))

    def _closed(self, one: _Open, end: PayEnd) -> None:
        self._open.pop(one.money.reference, None)
        self._tell_visit(one, end)

    def _tell_visit(self, one: _Open, end: PayEnd) -> None:
        if one.row:
            self._put(PayEnded(one.row, end))

    def _reached(self, _: Online) -> None:
        turned, self._turned = self._turned, asyncio.Event()
        turned.set()


# --- what is written down -----------------------------------------------------------------------------


def _sealed(patron: Patron | None) -> dict[str, Secret] | None:
    return None if patron is None else {"card": patron.card, "pin": patron.pin}


def _patron(txn: Txn, id: str) -> Patron | None:
    sealed = unsealed(txn, id)
    return None if not sealed else Patron(sealed["card"], sealed["pin"])


def _kept(txn: Txn, case: str) -> tuple[Mapping[str, Secret], ...]:
    """What a case keeps; nothing where its key is another one by now."""
    try:
        return sealed_in_case(txn, case)
    except DeviceUnavailable as error:
        if error.code is not Code.STORE_KEY:
            raise
        return ()


def _open_row(txn: Txn, reference: str) -> EffectRow | None:
    rows = (row for row in effects.open_rows(txn) if row.verb == TELL_PAID)
    return next((row for row in rows if row.item == reference), None)


def _to_tell(txn: Txn, paid: EffectRow, patron: Patron | None) -> EffectRow:
    return effects.open_effect(
        txn,
        verb=TELL_PAID,
        item=paid.item,
        device=paid.device,
        session=paid.session,
        trace=paid.trace,
        occurred_at=paid.occurred_at,
        sealed=_sealed(patron),
    )


def _anew(txn: Txn, row: EffectRow, patron: Patron, why: str) -> None:
    """It is not in the books: another "once", as an intent of its own."""
    effects.finish(txn, row.id, EffectState.REFUSED, answer=why)
    _to_tell(txn, row, patron)


def _settling(txn: Txn, id: str) -> None:
    if effects.effect(txn, id).state is EffectState.SENT:
        effects.unknown(txn, id)
    effects.settling(txn, id)


def _leaves(txn: Txn, reference: str, row: EffectRow, owed: int | None) -> None:
    records.about_to_tell(txn, reference, owed)
    effects.sent(txn, row.id)


def _known(txn: Txn, one: _Open, row: EffectRow) -> None:
    effects.finish(txn, row.id, EffectState.CONFIRMED, transaction=row.item)
    if not one.by_staff:
        settle_case(txn, CaseKind.PAYMENT_UNTOLD, one.money.reference)


def _not_taken(txn: Txn, row: EffectRow) -> None:
    effects.finish(txn, row.id, EffectState.REFUSED, answer="not_taken")
    settle_case(txn, CaseKind.PAYMENT_UNKNOWN, row.item)


def _untold(txn: Txn, one: _Open, row: EffectRow, why: str) -> None:
    """The money is taken and the library system will not have it: staff puts it right."""
    if row.state in {EffectState.UNKNOWN, EffectState.SETTLING}:
        _settling(txn, row.id)
    effects.finish(txn, row.id, EffectState.REFUSED, answer=why)
    _case(txn, CaseKind.PAYMENT_UNTOLD, one, row)


def _to_staff(txn: Txn, one: _Open, row: EffectRow | None = None) -> None:
    """Nobody can say what became of it by asking."""
    row = row or one.effect
    effects.finish(txn, row.id, EffectState.NEEDS_STAFF, answer="not_settled")
    settle_case(txn, CaseKind.PAYMENT_UNTOLD, one.money.reference)
    _case(txn, CaseKind.PAYMENT_UNKNOWN, one, row)


def _in_doubt(txn: Txn, one: _Open) -> None:
    _case(txn, CaseKind.PAYMENT_UNKNOWN, one, one.effect)


def _case(txn: Txn, kind: CaseKind, one: _Open, row: EffectRow) -> None:
    """All that is known, for staff. Of the card that paid nothing is."""
    money = records.money(txn, one.money.reference)
    told = {
        "verb": row.verb,
        "reference": money.reference,
        "amount": str(money.amount),
        "receipt": "" if money.receipt is None else str(money.receipt),
        "occurred_at": row.occurred_at.isoformat(timespec="seconds"),
    }
    sealed = {name: Secret(value) for name, value in told.items()}
    if one.patron is not None:
        sealed["card"] = one.patron.card
    open_case(txn, kind, money.reference, trace=row.trace, sealed=sealed)
