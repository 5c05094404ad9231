"""What a visit does while the library system is away: written down, with what was promised, and told later.

The row is durable before the borrower is told that it stands. What had left and was not answered becomes such a
row too, once the library system is known to be away: then it is looked at before it is told again.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from config.station import Offline
from drivers.ports import (
    Borrowed,
    LibrarySystem,
    Online,
    Outcome,
    Patron,
    Returned,
    Secret,
    SignIn,
    Store,
    Txn,
)
from drivers.runtime.flow import Event
from drivers.service.cases import CaseKind
from drivers.service.records import open_case, settle_case
from drivers.store import debts, effects
from drivers.store.effects import EffectRow, EffectState
from kiosk.lending import acts
from kiosk.lending.offline import Asked, Last, due_of, lends_for, may_lend
from kiosk.lending.replaying import Replaying
from kiosk.lending.settling import BORROW, GIVE_BACK, Known, Settling, owe_silence, write_at_last

DECIDED_S = 10.0
"""How long an answer that did not come waits for the word whether the library system is away."""
CASE_AFTER_S = 300.0
"""How long it must be away until staff is told."""

_CAME_TO_NOTHING = frozenset({EffectState.REFUSED, EffectState.NEEDS_STAFF})


class Away:
    """The offline side of one station."""

    def __init__(
        self,
        *,
        rules: Offline,
        station_id: str,
        zone: ZoneInfo,
        on_loan: int,
        store: Store,
        library: LibrarySystem,
        replaying: Replaying,
        settling: Settling,
        put: Callable[[Event], None],
    ) -> None:
        self._rules = rules
        self._station_id = station_id
        self._zone = zone
        self._on_loan = on_loan if rules.disarm else None
        self._store = store
        self._library = library
        self._replaying = replaying
        self._settling = settling
        self._put = put
        self._one = asyncio.Lock()
        """The judgement and the row that it allows are one step."""
        self._since = 0.0
        self._staff_told = True
        """A case about it may be open, also from an earlier run."""
        self._timers: list[asyncio.TimerHandle] = []
        self._writing: set[asyncio.Task[None]] = set()
        library.on_change(self._turned)

    async def stop(self) -> None:
        """Forget the timers; what waits is durable."""
        for timer in self._timers:
            timer.cancel()
        for task in self._writing:
            task.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)

    @property
    def now(self) -> bool:
        """The library system is away."""
        return self._library.online() is Online.OFFLINE

    @property
    def lends(self) -> bool:
        """Loans may be written down: it is allowed, and the library system has not been away for too long."""
        return self._rules.lend and lends_for(self._rules, self._waited_s()) > 0

    def _waited_s(self) -> float:
        away = asyncio.get_running_loop().time() - self._since if self.now else 0.0
        return max(away, self._replaying.waited_s())

    def _turned(self, online: Online) -> None:
        """It went, or came back: staff hears of a long absence, and of its end."""
        loop = asyncio.get_running_loop()
        for timer in self._timers:
            timer.cancel()
        self._timers = []
        if online is Online.OFFLINE:
            self._since = loop.time()
            left = lends_for(self._rules, self._waited_s())
            self._put(acts.OfflineLends(left > 0))
            self._timers = [
                loop.call_later(left, lambda: self._put(acts.OfflineLends(lends=False))),
                loop.call_later(CASE_AFTER_S, self._tell_staff),
            ]
        elif online is not Online.DEGRADED and self._staff_told:
            self._staff_told = False
            self._write(_well_again)

    def _tell_staff(self) -> None:
        self._staff_told = True
        self._write(_gone_for_long)

    def _write(self, unit: Callable[[Txn], None]) -> None:
        task = asyncio.get_running_loop().create_task(write_at_last(self._store, unit))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    # --- who is here --------------------------------------------------------------------------------

    def sign_in(self, effect: acts.AskSignIn) -> SignIn:
        """Somebody whom nobody can check. A PIN is kept only where it is to be sent with her loans."""
        if not self.lends:
            return SignIn(Outcome.OFFLINE, "card.offline")
        if effect.by_hand and not self._rules.typed_cards:
            return SignIn(Outcome.OFFLINE, "card.not_typed")
        if re.fullmatch(self._rules.card_pattern, effect.card.reveal()) is None:
            return SignIn(Outcome.OFFLINE, "card.not_believed")
        if effect.doubtful:
            return SignIn(Outcome.OFFLINE, acts.ASK_WHAT)
        kept = effect.pin if self._rules.pin == "kept" else Secret("")
        return SignIn(Outcome.DONE, patron=Patron(effect.card, kept))

    async def decided(self) -> bool:
        """Whether the library system is away, once that is known."""
        return await self._library.decided(DECIDED_S) is Online.OFFLINE

    # --- loans and returns --------------------------------------------------------------------------

    async def lend(self, effect: acts.Borrow, visit: str) -> acts.Loaned:
        """Write a loan down, within the limits."""
        occurred = effect.occurred.astimezone(self._zone)
        due = due_of(self._rules, occurred)
        sealed = {
            "card": effect.patron.card,
            "pin": effect.patron.pin,
            "uids": Secret(" ".join(map(str, effect.uids))),
        }

        def unit(txn: Txn) -> EffectRow | str:
            reason = judged(txn, visit, occurred)
            if reason:
                return reason
            row = effects.open_effect(
                txn,
                verb=BORROW,
                item=effect.item,
                device=self._station_id,
                session=visit,
                trace=visit,
                occurred_at=occurred,
                nb_due=due,
                no_block=True,
                sealed=sealed,
            )
            owe_silence(txn, Known(row, effect.patron, effect.uids), self._on_loan)
            return row

        async with self._one:
            last, before = self._replaying.last_of(effect.item, effect.patron.card)
            if last is Last.LENT_TO_HER and before is not None:
                return acts.Loaned(effect.row, self._lent(before, again=True))
            judged = self._judging(effect.item, effect.patron)
            row = await self._store.write(unit)
            if isinstance(row, str):
                return acts.Loaned(effect.row, Borrowed(Outcome.REFUSED, row, item=effect.item))
            self._replaying.add(row, effect.patron)
        return acts.Loaned(effect.row, self._lent(row))

    def _lent(self, row: EffectRow, *, again: bool = False) -> Borrowed:
        return Borrowed(
            Outcome.ALREADY_DONE if again else Outcome.DONE,
            item=row.item,
            due=row.nb_due,
            desensitize=self._rules.disarm,
            later=True,
        )

    def _judging(self, item: str, patron: Patron) -> Callable[[Txn, str, datetime], str]:
        """The judgement over one loan: memory is asked here, for a unit runs in the store's own thread."""
        last, _ = self._replaying.last_of(item, patron.card)
        of_borrower = self._replaying.lent_to(patron.card)
        lends = self.lends

        def judged(txn: Txn, visit: str, occurred: datetime) -> str:
            asked = Asked(
                last=last,
                of_visit=effects.count_offline(txn, BORROW, session=visit),
                of_borrower=of_borrower,
                of_day=effects.count_offline(txn, BORROW, day=occurred.date()),
                lends=lends,
            )
            return may_lend(self._rules, asked)

        return judged

    async def take_back(self, effect: acts.GiveBack, visit: str) -> acts.GaveBack:
        """Write a return down. Twice without a loan between is once."""
        if not self._rules.take_back:
            return acts.GaveBack(
                effect.row, Returned(Outcome.REFUSED, "ils.offline", item=effect.item)
            )
        back = Returned(Outcome.DONE, item=effect.item, later=True)

        def unit(txn: Txn) -> EffectRow:
            debts.close_for_item(txn, effect.item, how="outdated")
            return effects.open_effect(
                txn,
                verb=GIVE_BACK,
                item=effect.item,
                device=self._station_id,
                session=visit,
                trace=visit,
                occurred_at=effect.occurred.astimezone(self._zone),
                no_block=True,
            )

        async with self._one:
            if self._replaying.last_of(effect.item)[0] is not Last.GIVEN_BACK:
                self._replaying.add(await self._store.write(unit), None)
        return acts.GaveBack(effect.row, back)

    async def keep(self, known: Known, *, left: bool = True) -> Borrowed | Returned | None:
        """What left, or was about to (not `left`), and was not answered: promise it, within the limits.

        None: it may not be.
        """
        row = known.row
        lends = row.verb == BORROW and known.patron is not None
        if not lends and not (row.verb == GIVE_BACK and self._rules.take_back):
            return None
        due = due_of(self._rules, row.occurred_at) if lends else None

        def unit(txn: Txn) -> EffectRow | None:
            if judged is not None and judged(txn, row.session, row.occurred_at):
                return None
            promised = effects.promise(txn, row.id, nb_due=due, left=left)
            if promised is not None:
                owe_silence(txn, known, self._on_loan)
            return promised

        async with self._one:
            judged = None if known.patron is None else self._judging(row.item, known.patron)
            promised = await self._store.write(unit)
            if promised is None:
                return None
            self._settling.leave(known)
            self._replaying.add(promised, known.patron)
        if lends:
            return self._lent(promised)
        return Returned(Outcome.DONE, item=row.item, later=True)

    async def tell_again(self, item: str, sealed: Mapping[str, Secret]) -> bool | None:
        """Staff has put right what stood in the way: a refused row is told once more, with its own moment.

        A row of its own, for the refused one has ended. True when it was taken, now or behind an earlier try; None
        while there is no answer: it waits with all the others.
        """
        told = {name: value.reveal() for name, value in sealed.items()}
        patron = Patron(sealed["card"], Secret("")) if "card" in sealed else None
        kept = {"card": patron.card, "pin": patron.pin, "uids": Secret("")} if patron else None
        due, occurred = told.get("due"), datetime.fromisoformat(told["occurred_at"])

        def unit(txn: Txn) -> tuple[EffectRow, bool]:
            tried = [
                row
                for row in effects.of_item(txn, told["verb"], item)
                if row.occurred_at == occurred and row.state not in _CAME_TO_NOTHING
            ]
            if tried:
                return tried[-1], False
            row = effects.open_effect(
                txn,
                verb=told["verb"],
                item=item,
                device=self._station_id,
                session=txn.new_id(),
                trace="",
                occurred_at=occurred,
                nb_due=date.fromisoformat(due) if due else None,
                no_block=True,
                sealed=kept,
            )
            return row, True

        row, new = await self._store.write(unit)
        if new:
            self._replaying.add(row, patron)
        if not await self._replaying.first(item):
            return None
        ended = await self._store.read(lambda txn: effects.effect(txn, row.id))
        return ended.state is EffectState.CONFIRMED

    async def go_on(self, effect: acts.GoOn) -> Event | None:
        """A row of the visit that waits for an answer goes on, if it may."""
        known = self._settling.doubt(effect.row)
        kept = None if known is None else await self.keep(known)
        match kept:
            case Borrowed():
                return acts.Loaned(effect.row, kept, settled=True)
            case Returned():
                return acts.GaveBack(effect.row, kept)
            case _:
                return None

    async def undo(self, item: str) -> bool:
        """Take back a loan of this visit that was only written down."""
        return await self._replaying.withdraw(item)

    def on_loan(self, item: str) -> bool | None:
        """Whether an item is lent, as far as this machine's own rows say."""
        match self._replaying.last_of(item)[0]:
            case Last.NOTHING:
                return None
            case Last.GIVEN_BACK:
                return False
            case _:
                return True


def _gone_for_long(txn: Txn) -> None:
    open_case(txn, CaseKind.LIBRARY_OFFLINE, "library")


def _well_again(txn: Txn) -> None:
    settle_case(txn, CaseKind.LIBRARY_OFFLINE, "library")
