"""Check-ins: exactly once by a durable intent, and an answer for each, however late.

Intent durable -> SENT durable -> message 09 -> the answer and the end of the row in one transaction -> event. What was
sent and not answered is asked about (17) before anything is sent again, also after a restart; an item that is not on
loan after our own SENT was checked in by it, and one that may be somebody else's loan by now is staff's (given_back).
What could not be sent is promised: it waits with what was taken in while the library system was away, and is told when
it is back, with its own date.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from drivers.errors import Code, LocalProtocolError
from drivers.library import given_back, replay
from drivers.library.given_back import CHECKED_IN, Again, Left, alert_of, due_of
from drivers.library.online import up
from drivers.library.replay import Told, Waits
from drivers.library.settle import Settled, Verb
from drivers.ports import (
    Clock,
    Item,
    LibrarySystem,
    Online,
    Outcome,
    Returned,
    Rng,
    Secret,
    Txn,
)
from drivers.runtime.flow import Event
from drivers.service.cases import CaseKind
from drivers.service.records import count, open_case, settle_case
from drivers.service.statistics import What, of_item, of_refusal
from drivers.store import effects
from drivers.store.effects import EffectRow, EffectState
from sorter.belt import acts, records
from sorter.ledger import Ledger
from sorter.plan.facts import Facts, Library

GIVE_BACK = Verb.GIVE_BACK.value
KNOWN_S = 2.0
"""So long a check-in waits after a start until it is known whether the library system can be reached."""
FIRST_S = 0.5
"""First wait between two questions about the same check-in."""
_SILENT = frozenset({Outcome.UNKNOWN, Outcome.OFFLINE})


@dataclass(frozen=True, slots=True)
class Queued:
    """What waits for the library system."""

    rows: int
    oldest: datetime | None


class CheckingIn:
    """The check-ins of one plant.

    Args:
        station_id: the plant, as the journal names it.
        ledger: where rows are written.
        library: who is told.
        clock: for the moment of a return.
        rng: for the waits between questions.
        zone: local time.
        no_block: what was done offline is told as what has happened.
        shortest: no loan of this library is shorter.
        longest_s: longest wait between two questions.
        waited_for: whether the item of this number still waits on the belt for its answer.
        put: takes answers that come after their handler.
        heard: hears of each answer for who stands at the inlet: number, title, whether it was taken back, whether it
            is only written down so far. A title goes nowhere else.
    """

    def __init__(
        self,
        *,
        station_id: str,
        ledger: Ledger,
        library: LibrarySystem,
        clock: Clock,
        rng: Rng,
        zone: ZoneInfo,
        no_block: bool,
        shortest: timedelta,
        longest_s: float,
        waited_for: Callable[[int], bool],
        put: Callable[[Event], None],
        heard: Callable[[int, str, bool, bool], None] = lambda _number, _title, _done, _later: None,
    ) -> None:
        self._heard_of = heard
        self._station_id = station_id
        self._ledger = ledger
        self._library = library
        self._clock = clock
        self._rng = rng
        self._zone = zone
        self._no_block = no_block
        self._shortest = shortest
        self._longest_s = longest_s
        self._waited_for = waited_for
        self._put = put
        self._under_way: dict[int, asyncio.Task[Facts]] = {}
        """By the number of the item on the belt."""
        self._rows: dict[str, EffectRow] = {}
        """What was promised, in the order in which it was written down."""
        self._due: dict[str, float] = {}
        self._waits: dict[str, float] = {}
        self._news = asyncio.Event()
        self._known = asyncio.Event()
        self._replaying: asyncio.Task[None] | None = None
        library.on_change(self._reached)

    # --- what the line asks for ---------------------------------------------------------------------

    async def check_in(self, number: int, item: str) -> Event:
        """Take an item back. Returns when there is an answer, however long that takes."""
        return acts.CheckedIn(number, await asyncio.shield(self._begin(number, item)))

    async def queue(self, number: int, item: str) -> None:
        """Promise it: the library system is away."""
        row = await self._ledger.write(lambda txn: self._intend(txn, number, item, no_block=True))
        if row is not None and not row.state.final:
            self._add(row)
        self._heard_of(number, "", True, True)

    async def recover(self, live: dict[int, str]) -> int:
        """Take up what the last run left. Returns how many rows were open.

        Args:
            live: items on the belt by number that are to be asked about; a row of theirs is gone on with.
        """
        open_rows = await self._ledger.read(effects.open_rows)
        for row in await self._ledger.read(effects.queued):
            self._add(row)
        for row in open_rows:
            if row.verb == GIVE_BACK and not row.no_block:
                number = int(row.session, 16)
                live.pop(number, None)
                self._behind(number, row.item)
        for number, item in live.items():
            self._behind(number, item)
        self._replaying = asyncio.get_running_loop().create_task(self._replay(), name="replay")
        return len(open_rows)

    async def stop(self) -> None:
        """Leave what is open for the next start."""
        tasks = [*self._under_way.values()]
        if self._replaying is not None:
            tasks.append(self._replaying)  # type: ignore[arg-type]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def queued(self) -> Queued:
        """How much waits to be told, and since when."""
        first = next(iter(self._rows.values()), None)
        return Queued(len(self._rows), None if first is None else first.occurred_at)

    # --- one check-in -------------------------------------------------------------------------------

    def _begin(self, number: int, item: str) -> "asyncio.Task[Facts]":
        """The one task of an item: a second who asks gets the first one's answer."""
        task = self._under_way.get(number)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._whole(number, item))
            self._under_way[number] = task
            task.add_done_callback(lambda _: self._under_way.pop(number, None))
        return task

    def _behind(self, number: int, item: str) -> None:
        """Go on with what an earlier run began; the answer is told when it comes."""

        def over(task: "asyncio.Task[Facts]") -> None:
            if not task.cancelled() and task.exception() is None:
                self._put(acts.CheckedIn(number, task.result()))

        self._begin(number, item).add_done_callback(over)

    async def _whole(self, number: int, item: str) -> Facts:
        row = await self._ledger.write(lambda txn: self._intend(txn, number, item))
        if (
            row is None
        ):  # another check-in of this very item is not answered yet, and stands for this one
            return Facts(library=Library.LATE)
        if row.no_block:
            if not row.state.final:
                self._add(row)
            self._heard_of(number, "", True, True)
            return Facts(library=Library.OFFLINE)
        match row.state:
            case EffectState.INTENT:
                return await self._send(row, number)
            case EffectState.SENT | EffectState.UNKNOWN | EffectState.SETTLING:
                return await self._settle(row, number)
            case _:
                known = await self._ledger.read(lambda txn: records.answer_of(txn, number))
                return known or Facts(library=Library.LATE)

    def _intend(
        self, txn: Txn, number: int, item: str, *, no_block: bool = False
    ) -> EffectRow | None:
        """The row of this item's way over the belt, the one there is or a new one; None if the item has another."""
        session = f"{number:x}"
        there = effects.of_session(txn, GIVE_BACK, session)
        if there is not None:
            return there
        try:
            return effects.open_effect(
                txn,
                verb=GIVE_BACK,
                item=item,
                device=self._station_id,
                session=session,
                trace=records.trace_of(number),
                occurred_at=self._clock.now().astimezone(self._zone),
                no_block=no_block,
            )
        except LocalProtocolError as error:
            if error.code is Code.STORE_REFUSED:
                return None
            raise

    async def _until_known(self) -> None:
        """After a start nobody has heard of the library system yet; that is not the same as that it is away."""
        if self._library.online() is Online.UNKNOWN:
            try:
                async with asyncio.timeout(KNOWN_S):
                    await self._known.wait()
            except TimeoutError:
                pass

    async def _send(self, row: EffectRow, number: int) -> Facts:
        await self._until_known()
        await self._ledger.write(lambda txn: effects.sent(txn, row.id))
        answer = await self._library.give_back(row.item, occurred=row.occurred_at)
        return await self._heard(row, number, answer)

    async def _heard(self, row: EffectRow, number: int, answer: Returned) -> Facts:
        """Write down what the library system said; no answer at all is asked about until there is one."""
        if answer.outcome is Outcome.OFFLINE:
            promised = await self._ledger.write(
                lambda txn: effects.promise(txn, row.id, left=False)
            )
            if promised is not None and not promised.state.final:
                self._add(promised)
            self._heard_of(number, "", True, True)
            return Facts(library=Library.OFFLINE)
        if answer.outcome is Outcome.UNKNOWN:
            return await self._settle(row, number)
        facts = facts_of_answer(answer)
        late = not self._waited_for(number)

        def end(txn: Txn) -> None:
            _finish(txn, row, done=answer.done, reason=answer.reason, media=answer.media)
            records.answered(txn, number, facts, late=late)

        await self._ledger.write(end)
        self._heard_of(number, answer.title, answer.done, False)
        return facts

    async def _settle(self, row: EffectRow, number: int) -> Facts:
        """Ask until it is known. Only an item that is still on this very loan is sent once more."""

        def taken_up(txn: Txn) -> None:
            if effects.effect(txn, row.id).state is EffectState.SENT:
                effects.unknown(txn, row.id)
            effects.settling(txn, row.id)

        await self._ledger.write(taken_up)
        wait = FIRST_S
        while True:
            if self._library.online() is not Online.OFFLINE:
                found = await self._library.item(row.item)
                judged = await self._ledger.read(partial(self._again, row=row, found=found))
                if judged in {Again.BACK, Again.STAFF}:
                    return await self._settled(row, number, found)
                if judged is Again.TELL:
                    answer = await self._library.give_back(row.item, occurred=row.occurred_at)
                    if answer.outcome not in _SILENT:
                        return await self._heard(row, number, answer)
            await asyncio.sleep(self._rng.uniform(wait / 2, wait))
            wait = min(self._longest_s, wait * 2)

    def _again(self, txn: Txn, row: EffectRow, found: Item) -> Again:
        left = effects.left(txn, row)
        return given_back.again(found, left and Left(*left), txn.now, self._shortest)

    async def _settled(self, row: EffectRow, number: int, found: Item) -> Facts:
        """It is checked in: by our own message, whose answer was lost with its routing. Else staff sees to it."""
        back = found.done and found.circulation in CHECKED_IN
        facts = Facts(
            library=Library.LATE,
            ok=back,
            alert=alert_of(found),
            location=found.permanent_location,
            media=found.media,
        )
        late = not self._waited_for(number)

        def end(txn: Txn) -> None:
            if back:
                _finish(txn, row, done=True, reason="", media=found.media)
            else:
                effects.finish(txn, row.id, EffectState.NEEDS_STAFF, answer="not_settled")
                open_case(txn, CaseKind.RETURN_UNKNOWN, row.item, effect=row.id, trace=row.trace)
            records.answered(txn, number, facts, late=late)

        await self._ledger.write(end)
        self._heard_of(number, found.title, back, False)
        return facts

    # --- what was promised --------------------------------------------------------------------------

    def _add(self, row: EffectRow) -> None:
        self._rows[row.id] = row
        self._library.queued(True)
        self._news.set()

    def _reached(self, online: Online) -> None:
        if online is not Online.UNKNOWN:
            self._known.set()
        if up(online):
            self._due.clear()
            self._waits.clear()
        self._news.set()

    async def _replay(self) -> None:
        """Tell what was promised, in order, whenever the library system can be reached."""
        loop = asyncio.get_running_loop()
        while True:
            self._news.clear()
            id: str | None = None
            wait: float | None = None
            if up(self._library.online()):
                rows = [
                    Waits(row.id, row.item, self._due.get(row.id, float("-inf")))
                    for row in self._rows.values()
                ]
                id, wait = replay.next_of(rows, loop.time())
            if id is None:
                try:
                    async with asyncio.timeout(wait):
                        await self._news.wait()
                except TimeoutError:
                    pass
                continue
            if not await self._tell(self._rows[id]):
                again = self._waits[id] = min(self._longest_s, self._waits.get(id, FIRST_S / 2) * 2)
                self._due[id] = loop.time() + self._rng.uniform(again / 2, again)

    async def _tell(self, row: EffectRow) -> bool:
        """One row. False: not answered, it is told again later."""
        number = int(row.session, 16)
        found = await self._library.item(row.item)
        if found.outcome in _SILENT:
            return False

        def begin(txn: Txn) -> replay.Ended | None:
            left = effects.left(txn, row)
            judged = left and replay.back_ended(found, Left(*left), txn.now, self._shortest)
            if effects.effect(txn, row.id).state is EffectState.SENT:
                effects.unknown(txn, row.id)
            if effects.effect(txn, row.id).state is not EffectState.INTENT:
                effects.settling(txn, row.id)
            if judged is None:
                effects.sent(txn, row.id, due=due_of(found))
            return judged

        ended = await self._ledger.write(begin)
        if ended is None:
            told = Told(Verb.GIVE_BACK, row.item, row.occurred_at)
            ended = await replay.tell(self._library, told, no_block=self._no_block)
        if ended.settled is Settled.ASK_AGAIN:
            return await self._unheard(row)
        end = ended
        facts = Facts(library=Library.OFFLINE, ok=end.settled is Settled.CONFIRMED)
        if end.returned is not None:
            facts = facts_of_answer(end.returned, library=Library.OFFLINE)
        await self._ledger.write(lambda txn: _replayed(txn, row, number, end, facts))
        self._rows.pop(row.id, None)
        if not self._rows:
            self._library.queued(False)
        self._put(acts.CheckedIn(number, facts))
        return True

    async def _unheard(self, row: EffectRow) -> bool:
        def wait(txn: Txn) -> None:
            if effects.effect(txn, row.id).state is EffectState.SENT:
                effects.unknown(txn, row.id)

        await self._ledger.write(wait)
        return False


def facts_of_answer(answer: Returned, *, library: Library = Library.ANSWERED) -> Facts:
    """The answer's part of a decision."""
    return Facts(
        library=library,
        ok=answer.done,
        alert=answer.alert_type or ("00" if answer.alert else ""),
        destination=answer.destination,
        sort_bin=answer.sort_bin,
        location=" ".join((answer.permanent_location, *answer.shelf)).strip(),
        collection=answer.collection,
        call_number=answer.call_number,
        media=answer.media,
        text=answer.text,
    )


def _finish(txn: Txn, row: EffectRow, *, done: bool, reason: str, media: str) -> None:
    if done:
        effects.finish(txn, row.id, EffectState.CONFIRMED)
        count(txn, *of_item(What.RETURN, row.occurred_at, media))
        settle_case(txn, CaseKind.RETURN_UNKNOWN, row.item, keep_effects=True)
    else:
        effects.finish(txn, row.id, EffectState.REFUSED, answer=reason)
        count(txn, *of_refusal("return", row.occurred_at, reason or "other"))


def _replayed(txn: Txn, row: EffectRow, number: int, ended: replay.Ended, facts: Facts) -> None:
    """The end of a promised row, and what staff must know of it, in one transaction."""
    records.answered(txn, number, facts, late=True)
    if ended.settled is Settled.NEEDS_STAFF:
        effects.finish(txn, row.id, EffectState.NEEDS_STAFF, answer="not_settled")
        open_case(txn, CaseKind.RETURN_UNKNOWN, row.item, effect=row.id, trace=row.trace)
        return
    if ended.settled is Settled.REFUSED:
        _finish(txn, row, done=False, reason=ended.reason, media="")
        told = {
            "verb": row.verb,
            "item": row.item,
            "occurred_at": row.occurred_at.isoformat(timespec="seconds"),
            "reason": ended.reason,
        }
        sealed = {name: Secret(value) for name, value in told.items()}
        open_case(
            txn,
            CaseKind.REPLAY_REFUSED,
            row.item,
            effect=row.id,
            trace=row.trace,
            sealed=sealed,
        )
        return
    media = ended.returned.media if ended.returned is not None else ""
    _finish(txn, row, done=True, reason=ended.reason, media=media)
    if facts.alert or facts.destination:
        open_case(txn, CaseKind.REPLAY_MISPLACED, row.item, trace=row.trace)
