"""How an open effect ends: by the library system's answer, or by asking until there is one.

An answer that never came is settled in the background, for as long as it takes; the visit may be over by then,
and the machine may have been off in between.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar, TypeVar

from drivers.errors import Code, DeviceUnavailable
from drivers.library.given_back import Left
from drivers.library.settle import Settled, Settlement, Unsettled, Verb, settle
from drivers.ports import (
    Answer,
    Borrowed,
    LibrarySystem,
    Online,
    Outcome,
    Patron,
    Returned,
    Rng,
    Secret,
    Store,
    Txn,
    Uid,
)
from drivers.runtime.flow import Event
from drivers.runtime.log import LogEvent, log
from drivers.service.cases import CaseKind
from drivers.service.records import count, open_case, settle_case
from drivers.service.statistics import What, of_item, of_refusal
from drivers.store import debts, effects
from drivers.store.effects import EffectRow, EffectState
from kiosk.lending import acts
from kiosk.lending.lents import TRY_AGAIN
from kiosk.lending.line import Line
from kiosk.lending.rows import NOT_DONE

T = TypeVar("T")

BORROW, UNDO, GIVE_BACK, RENEW = "borrow", "undo_borrow", "give_back", "renew"
CANCEL_HOLD, PLACE_HOLD = "cancel_hold", "place_hold"
"""Verbs of this flow's open effects."""
ASK_AGAIN_S = (0.5, 30.0)
"""First and longest wait between two questions about the same effect."""
WRITE_AGAIN_S = 5.0
"""Wait until a disk that took nothing is tried again."""

_CASES = {
    BORROW: CaseKind.LOAN_UNKNOWN,
    UNDO: CaseKind.RETURN_UNKNOWN,
    GIVE_BACK: CaseKind.RETURN_UNKNOWN,
    RENEW: CaseKind.RENEWAL_UNKNOWN,
    CANCEL_HOLD: CaseKind.HOLD_UNKNOWN,
    PLACE_HOLD: CaseKind.HOLD_UNKNOWN,
}
"""What staff is asked about while nobody knows."""
COUNTED = {
    BORROW: What.LOAN,
    UNDO: What.UNDO,
    GIVE_BACK: What.RETURN,
    RENEW: What.RENEWAL,
}
"""By verb, what its end counts as."""


@dataclass(frozen=True, slots=True)
class SealedUnread(LogEvent):
    """An envelope that this key does not open: its effect is settled without it, or by staff."""

    name: ClassVar = "effect.sealed_unread"
    level: ClassVar = "warning"
    code: Code


@dataclass(frozen=True, slots=True)
class Known:
    """One open effect, and what its end will need."""

    row: EffectRow
    patron: Patron | None
    uids: tuple[Uid, ...]
    due: date | None = None
    """Of a return: until when the loan runs that it will end, if that was asked before."""


class Settling:
    """Ends the effects of one station.

    Args:
        store: where they stand.
        library: who is asked.
        line: held during a call.
        rng: for the waits between questions.
        on_loan: AFI byte of a lent item, owed to the tags of a loan.
        shortest: no loan of this library is shorter.
        put: takes what was found, as the answer that never came.
    """

    def __init__(
        self,
        *,
        store: Store,
        library: LibrarySystem,
        line: Line,
        rng: Rng,
        on_loan: int,
        shortest: timedelta,
        put: Callable[[Event], None],
    ) -> None:
        self._shortest = shortest
        self._store = store
        self._library = library
        self._line = line
        self._rng = rng
        self._on_loan = on_loan
        self._put = put
        self._behind: dict[str, asyncio.Task[None]] = {}
        """By effect."""
        self._doubts: dict[str, Known] = {}
        """By the row of a visit that waits for it."""
        self._returns: dict[str, str] = {}
        """Items whose return is being settled, by effect."""

    async def stop(self) -> None:
        """Leave what is being settled for the next start."""
        tasks = tuple(self._behind.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def recover(self) -> int:
        """Take up what the last run left open. Returns how many effects must be asked about.

        An intent that was never sent ends as refused: nothing left the process. All else is asked about, without
        the borrower's card if the key of the envelope is another one now: staff decides what the item cannot tell.
        What was done offline is replayed, not settled.
        """

        def left_open(txn: Txn) -> list[Known]:
            found = []
            for row in effects.open_rows(txn):
                if row.no_block or row.verb not in _CASES:
                    continue  # replayed, or another service's, such as a letter that is owed
                if row.state is EffectState.INTENT:
                    effects.finish(txn, row.id, EffectState.REFUSED, answer="not_sent")
                    continue
                if row.state is EffectState.SENT:
                    row = effects.unknown(txn, row.id)
                found.append(known_again(txn, row))
            return found

        open_rows = await self._store.write(left_open)
        for known in open_rows:
            self.behind(known, "")
        return len(open_rows)

    async def answered(self, known: Known, row_id: str, answer: Answer) -> None:
        """Write down what the library system said; no answer at all is settled behind."""
        match answer.outcome:
            case Outcome.DONE | Outcome.ALREADY_DONE:
                transaction, silence = "", True
                if isinstance(answer, Borrowed):
                    transaction, silence = answer.transaction, answer.desensitize
                media: str | None = None
                if isinstance(answer, Borrowed | Returned) and _new(known.row, answer):
                    media = answer.media
                await self._store.write(
                    lambda txn: self._done(txn, known, transaction, silence, media)
                )
            case Outcome.REFUSED | Outcome.OFFLINE:
                await self._store.write(lambda txn: _refused(txn, known.row, answer))
            case Outcome.UNKNOWN:
                await self._store.write(lambda txn: effects.unknown(txn, known.row.id))
                self.behind(known, row_id)

    def behind(self, known: Known, row_id: str) -> None:
        """Settle in the background. `row_id` is the row of a visit that waits for it, or empty."""
        id = known.row.id
        if row_id:
            self._doubts[row_id] = known
        if known.row.verb == GIVE_BACK:
            self._returns[id] = known.row.item
        task = asyncio.get_running_loop().create_task(self._settle(known, row_id))
        self._behind[id] = task

        def over(_: asyncio.Task[None]) -> None:
            self._behind.pop(id, None)
            self._returns.pop(id, None)
            self._doubts.pop(row_id, None)

        task.add_done_callback(over)

    def doubt(self, row_id: str) -> Known | None:
        """The effect that the row of a visit waits for, if it is being settled."""
        return self._doubts.get(row_id)

    def returning(self, item: str) -> bool:
        """Its return is told again until it is answered: a loan made meanwhile would be ended by it."""
        return item in self._returns.values()

    def leave(self, known: Known) -> None:
        """Settle it no more: it was promised, and will be replayed."""
        task = self._behind.get(known.row.id)
        if task is not None:
            task.cancel()

    async def _settle(self, known: Known, row_id: str) -> None:
        """Ask until there is an answer, end the effect, and tell the flow if its visit still stands."""
        wait, longest = ASK_AGAIN_S
        if not await write_at_last(self._store, lambda txn: _take_up(txn, known.row.id)):
            return
        found = await self._ask(known)
        while found.settled is Settled.ASK_AGAIN:
            await asyncio.sleep(self._rng.uniform(wait / 2, wait))
            wait = min(longest, wait * 2)
            if self._library.online() is not Online.OFFLINE:
                found = await self._ask(known)
        await write_at_last(self._store, lambda txn: self._end(txn, known, found.settled))
        if row_id:
            self._put(_settled(known.row, row_id, found))

    def _end(self, txn: Txn, known: Known, settled: Settled) -> None:
        """What was found, and the case that a visit left behind meanwhile, in one transaction."""
        row = effects.effect(txn, known.row.id)
        if row.no_block:
            return  # promised while it was asked about
        kind = _CASES[row.verb]
        match settled:
            case Settled.CONFIRMED:
                self._done(txn, known, "", True)
            case Settled.REFUSED:
                _refuse(txn, row, "not_done")
            case _:
                effects.finish(txn, row.id, EffectState.NEEDS_STAFF, answer="not_settled")
                open_case(txn, kind, row.item, effect=row.id, trace=row.trace)
                return
        settle_case(txn, kind, row.item, keep_effects=True)

    def _done(
        self, txn: Txn, known: Known, transaction: str, silence: bool, media: str | None = ""
    ) -> None:
        """It stands: end the effect; what tags owed of this item is void, and a loan's tags owe their byte.

        It is counted as an item of this material type, or not at all when `media` is None.
        """
        row = known.row
        effects.finish(txn, row.id, EffectState.CONFIRMED, transaction=transaction)
        if media is not None and row.verb in COUNTED:
            count(txn, *of_item(COUNTED[row.verb], row.occurred_at, media))
        if row.verb in {RENEW, CANCEL_HOLD, PLACE_HOLD}:
            return
        owe_silence(txn, known, self._on_loan if silence else None)
        if row.verb == GIVE_BACK:
            settle_case(txn, CaseKind.SET_INCOMPLETE, row.item)

    async def _ask(self, known: Known) -> Settlement:
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
            if row.verb == GIVE_BACK:
                unsettled = await self._store.read(
                    lambda txn: self._as_it_left(txn, unsettled, row)
                )
            return await settle(self._library, unsettled)

    def _as_it_left(self, txn: Txn, unsettled: Unsettled, row: EffectRow) -> Unsettled:
        left = effects.left(txn, row)
        known = None if left is None else Left(*left)
        return replace(unsettled, left=known, now=txn.now, shortest=self._shortest)


def owe_silence(txn: Txn, known: Known, on_loan: int | None) -> None:
    """What tags owed of this item is void; those of a loan owe its byte, unless they stay armed (None)."""
    row = known.row
    debts.close_for_item(txn, row.item, how="outdated")
    if row.verb != BORROW or on_loan is None:
        return
    for uid in known.uids:
        debts.open_debt(
            txn,
            uid=uid,
            wanted=on_loan,
            why="loan",
            item=row.item,
            trace=row.trace,
            effect=row.id,
        )


async def write_at_last(store: Store, unit: Callable[[Txn], T]) -> T:
    """Write, and wait for a disk that is full or broken: what is being settled must not be forgotten."""
    while True:
        try:
            return await store.write(unit)
        except DeviceUnavailable:
            await asyncio.sleep(WRITE_AGAIN_S)


def known_again(txn: Txn, row: EffectRow) -> Known:
    """An open effect with what its envelope still holds, after a restart."""
    sealed = unsealed(txn, row.id)
    if sealed is None or "card" not in sealed:
        return Known(row, None, ())
    uids = tuple(Uid(bytes.fromhex(uid)) for uid in sealed["uids"].reveal().split())
    return Known(row, Patron(sealed["card"], sealed["pin"]), uids)


def _settled(row: EffectRow, row_id: str, found: Settlement) -> Event:
    """What settling found, as the answer that never came."""
    confirmed = found.settled is Settled.CONFIRMED
    lost = found.settled is Settled.REFUSED
    outcome = Outcome.DONE if confirmed else Outcome.REFUSED

    def reason(when_lost: str, when_unclear: str) -> str:
        return "" if confirmed else when_lost if lost else when_unclear

    match row.verb:
        case "undo_borrow":
            return acts.Cancelled(row_id, confirmed)
        case "renew":
            again = Borrowed(outcome, reason(TRY_AGAIN, "renew.refused"), item=row.item)
            return acts.Renewed(row_id, replace(again, title=found.title, due=found.due))
        case "cancel_hold":
            why = reason(TRY_AGAIN, "hold.not_cancelled")
            return acts.HoldCancelled(row_id, Answer(outcome, why))
        case "place_hold":
            return acts.HoldPlaced(row_id, Answer(outcome, reason(TRY_AGAIN, "hold.refused")))
        case "give_back":
            answer = found.returned or Returned(Outcome.REFUSED, "return.refused", item=row.item)
            return acts.GaveBack(row_id, replace(answer, outcome=outcome))
        case _:
            why = reason(NOT_DONE, "lend.refused")
            lent = Borrowed(outcome, why, item=row.item, title=found.title, due=found.due)
            return acts.Loaned(row_id, lent, settled=True)


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


def unsealed(txn: Txn, id: str) -> dict[str, Secret] | None:
    """What was sealed with an effect; None too when the key does not fit."""
    try:
        return effects.sealed_of(txn, id)
    except DeviceUnavailable as error:
        if error.code is not Code.STORE_KEY:
            raise
        log(SealedUnread(error.code))
        return None


def _new(row: EffectRow, answer: Borrowed | Returned) -> bool:
    """Whether something was done now. A loan that she had already is none."""
    return answer.outcome is Outcome.DONE or row.verb != BORROW


def _refused(txn: Txn, row: EffectRow, answer: Answer) -> None:
    """It was refused, or could not be asked; and why, for the statistics."""
    _refuse(txn, row, answer.reason)
    offline = answer.outcome is Outcome.OFFLINE
    reason = answer.reason or ("ils.offline" if offline else "other")
    if row.verb in COUNTED:
        count(txn, *of_refusal(COUNTED[row.verb].value, row.occurred_at, reason))


def _refuse(txn: Txn, row: EffectRow, reason: str) -> None:
    effects.finish(txn, row.id, EffectState.REFUSED, answer=reason)
