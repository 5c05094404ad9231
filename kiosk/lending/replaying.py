"""Tells the library system, once it is back, what was done while it was away. Nobody presses anything.

One row after the other, in the order in which they were written down; a row that gets no answer waits, and
holds only its own item. It begins by itself when the library system is reached, also after a restart. What
somebody at the machine does meanwhile goes first (line), unless it is about an item that still waits: then that
item's rows go first.

Each telling: SENT durable -> a look at the item -> the message -> its end, with the case it leaves behind, in one
transaction; a return is SENT after the look, with the due date of the loan that it will end. A row that was on its
way when the machine died is looked at before it is told again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import inf
from typing import ClassVar

from drivers.errors import Code, DeviceError
from drivers.library import replay
from drivers.library.given_back import Left, due_of
from drivers.library.online import up
from drivers.library.replay import Ended, Look, Told, Waits
from drivers.library.settle import Settled, Verb
from drivers.ports import (
    Borrowed,
    Clock,
    LibrarySystem,
    Online,
    Outcome,
    Patron,
    Rng,
    Secret,
    Store,
    Txn,
)
from drivers.runtime.log import LogEvent, log
from drivers.service.cases import CaseKind
from drivers.service.records import count, open_case, open_cases, sealed_in_case, settle_case
from drivers.service.statistics import of_item, of_refusal
from drivers.store import debts, effects
from drivers.store.effects import EffectRow, EffectState
from kiosk.lending.line import Line
from kiosk.lending.offline import Last
from kiosk.lending.settling import (
    ASK_AGAIN_S,
    BORROW,
    COUNTED,
    GIVE_BACK,
    Known,
    known_again,
    write_at_last,
)

FIRST_S = 20.0
"""How long somebody at the machine waits for what her item still has in the queue."""
SEALED_AWAY = "offline.sealed"
"""The envelope has expired, or its key is another one: nobody knows whose loan it was."""


@dataclass(frozen=True, slots=True)
class Replayed(LogEvent):
    """No row is left. Counts since the queue was last empty."""

    name: ClassVar = "offline.replayed"
    confirmed: int
    refused: int


@dataclass(frozen=True, slots=True)
class NotReplayed(LogEvent):
    """A row could not be taken up; it is tried again."""

    name: ClassVar = "offline.not_replayed"
    level: ClassVar = "warning"
    code: Code


@dataclass(slots=True)
class _Waiting:
    """A row, and a keyed hash of whose it is: the card itself stays in its envelope until it is told."""

    row: EffectRow
    mark: str
    since: float
    """Monotonic seconds at which it happened."""
    due_at: float = float("-inf")
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits, for the staff's page."""

    rows: int
    oldest: datetime | None


class Replaying:
    """The queue of one station. `no_block`: told as what has happened. `mark` stands for a card in memory. No loan
    of this library is shorter than `shortest`.

    `changed` hears of the queue after each change, `registered` of each item that was told, and whether it was lent.
    """

    def __init__(
        self,
        *,
        store: Store,
        library: LibrarySystem,
        line: Line,
        clock: Clock,
        rng: Rng,
        no_block: bool,
        shortest: timedelta,
        mark: Callable[[Secret], str],
        changed: Callable[[Queue], None],
        registered: Callable[[str, bool], None],
    ) -> None:
        self._store = store
        self._library = library
        self._line = line
        self._clock = clock
        self._rng = rng
        self._no_block = no_block
        self._shortest = shortest
        self._mark = mark
        self._changed = changed
        self._registered = registered
        self._rows: dict[str, _Waiting] = {}
        self._urgent: set[str] = set()
        self._news = asyncio.Event()
        self._turned = asyncio.Event()
        self._held: set[str] = set()
        """Rows that are being told, or taken back."""
        self._confirmed = self._refused = 0
        self._task: asyncio.Task[None] | None = None
        library.on_change(self._reached)

    # --- the queue ----------------------------------------------------------------------------------

    async def recover(self) -> int:
        """Take up what earlier runs left, and begin. Returns how many rows wait."""

        def left(txn: Txn) -> list[tuple[EffectRow, str]]:
            known = (known_again(txn, row) for row in effects.queued(txn))
            return [(one.row, self._marked(one.patron)) for one in known]

        for row, mark in await self._store.read(left):
            if row.id not in self._rows:
                age = (self._clock.now() - row.occurred_at).total_seconds()
                self._put(row, mark, max(0.0, age))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._serve(), name="replay")
        return len(self._rows)

    async def stop(self) -> None:
        """Leave the rest for the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def add(self, row: EffectRow, patron: Patron | None) -> None:
        """A row that was just written down; it comes last."""
        self._put(row, self._marked(patron), 0.0)

    def queue(self) -> Queue:
        """How much waits, and since when."""
        first = next(iter(self._rows.values()), None)
        return Queue(len(self._rows), None if first is None else first.row.occurred_at)

    def waited_s(self) -> float:
        """For how long the oldest row has waited. A clock that is set meanwhile changes nothing."""
        first = min((row.since for row in self._rows.values()), default=None)
        return 0.0 if first is None else asyncio.get_running_loop().time() - first

    def last_of(self, item: str, card: Secret | None = None) -> tuple[Last, EffectRow | None]:
        """What was last written down for this item."""
        of_item = [waiting for waiting in self._rows.values() if waiting.row.item == item]
        if not of_item:
            return Last.NOTHING, None
        last = of_item[-1]
        if last.row.verb != BORROW:
            return Last.GIVEN_BACK, last.row
        hers = card is not None and last.mark == self._mark(card)
        return (Last.LENT_TO_HER if hers else Last.LENT), last.row

    def lent_to(self, card: Secret) -> int:
        """How many loans of this card wait."""
        mark = self._mark(card)
        return sum(waiting.mark == mark for waiting in self._rows.values())

    def hurry(self, card: Secret) -> None:
        """Somebody is here: what waits for her goes first."""
        mark = self._mark(card)
        self._urgent |= {w.row.item for w in self._rows.values() if w.mark == mark}
        self._news.set()

    async def first(self, item: str) -> bool:
        """Tell all that waits for this item before anything else is done to it.

        False when it could not be told: the library system is away (again), or did not answer in time.
        """
        try:
            async with asyncio.timeout(FIRST_S):
                while self._waits(item):
                    if not up(self._library.online()):
                        return False
                    self._urgent.add(item)
                    self._news.set()
                    await self._turned.wait()
        except TimeoutError:
            return False
        return True

    async def withdraw(self, item: str) -> bool:
        """Take back a loan that was written down and has not left. True when it will never be told."""
        row = self.last_of(item)[1]
        if row is None or row.verb != BORROW or row.id in self._held:
            return False

        def undo(txn: Txn) -> bool:
            if effects.effect(txn, row.id).state is not EffectState.INTENT:
                return False
            effects.finish(txn, row.id, EffectState.REFUSED, answer=effects.UNDONE)
            debts.close_for_item(txn, item, how="outdated")
            return True

        self._held.add(row.id)
        try:
            undone = await self._store.write(undo)
        finally:
            self._held.discard(row.id)
            self._news.set()
        if undone:
            self._drop(row.id)
        return undone

    async def stands(self, told: EffectRow) -> Borrowed | None:
        """A loan that was written down and has been told since, as its borrower's own; None if it does not stand."""
        ended = await self._store.read(lambda txn: effects.effect(txn, told.id))
        if ended.state is not EffectState.CONFIRMED:
            return None
        async with self._line:
            item = await self._library.item(told.item)
        if item.done and not item.circulation.on_loan:
            return None
        due = item.due or told.nb_due
        return Borrowed(Outcome.ALREADY_DONE, item=told.item, title=item.title, due=due)

    def _waits(self, item: str) -> bool:
        return any(waiting.row.item == item for waiting in self._rows.values())

    def _marked(self, patron: Patron | None) -> str:
        return "" if patron is None else self._mark(patron.card)

    def _put(self, row: EffectRow, mark: str, age: float) -> None:
        self._rows[row.id] = _Waiting(row, mark, asyncio.get_running_loop().time() - age)
        self._changed(self.queue())
        self._library.queued(True)
        self._news.set()

    def _drop(self, id: str) -> None:
        item = self._rows.pop(id).row.item
        self._changed(self.queue())
        if not self._waits(item):
            self._urgent.discard(item)
        if not self._rows:
            log(Replayed(self._confirmed, self._refused))
            self._confirmed = self._refused = 0
            self._library.queued(False)
        self._turn()

    def _turn(self) -> None:
        turned, self._turned = self._turned, asyncio.Event()
        turned.set()
        self._news.set()

    def _reached(self, online: Online) -> None:
        if up(online):
            for waiting in self._rows.values():
                waiting.due_at, waiting.tries = float("-inf"), 0
        self._turn()

    # --- telling ------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._news.clear()
            id: str | None = None
            wait: float | None = None
            if up(self._library.online()):
                rows = [
                    Waits(row_id, w.row.item, w.due_at if row_id not in self._held else inf)
                    for row_id, w in self._rows.items()
                ]
                id, wait = replay.next_of(rows, loop.time(), self._urgent)
            if id is None:
                try:
                    async with asyncio.timeout(None if wait == inf else wait):
                        await self._news.wait()
                except TimeoutError:
                    pass
                continue
            self._held.add(id)
            try:
                await self._tell(self._rows[id])
            except DeviceError as error:
                log(NotReplayed(error.code))
                self._again(self._rows[id])
            finally:
                self._held.discard(id)

    def _again(self, waiting: _Waiting) -> None:
        """Later, and later each time."""
        loop = asyncio.get_running_loop()
        first, longest = ASK_AGAIN_S
        wait = min(longest, first * float(1 << min(waiting.tries, 8)))
        waiting.tries += 1
        waiting.due_at = loop.time() + self._rng.uniform(wait / 2, wait)

    async def _tell(self, waiting: _Waiting) -> None:
        id = waiting.row.id
        known = await write_at_last(self._store, lambda txn: _begin(txn, id))
        if known is None:
            self._drop(id)
            return
        row = known.row
        told = Told(Verb(row.verb), row.item, row.occurred_at, row.nb_due, known.patron)
        if row.verb == BORROW and known.patron is None:
            ended = Ended(Settled.REFUSED, SEALED_AWAY)
        else:
            looked = await (self._look if row.verb == BORROW else self._look_back)(row, told)
            if isinstance(looked, Ended):
                ended = looked
            else:
                due = looked
                if row.state is not EffectState.SENT:
                    await write_at_last(self._store, lambda txn: effects.sent(txn, row.id, due=due))
                async with self._taken(row.item):
                    ended = await replay.tell(self._library, told, no_block=self._no_block)
        if ended.settled is Settled.ASK_AGAIN:
            await write_at_last(self._store, lambda txn: _wait(txn, row.id))
            self._again(waiting)
            return
        await write_at_last(self._store, lambda txn: _end(txn, known, ended))
        self._confirmed += ended.settled is Settled.CONFIRMED
        self._refused += ended.settled is Settled.REFUSED
        self._drop(row.id)
        if ended.settled is Settled.CONFIRMED:
            self._registered(row.item, row.verb == BORROW)

    async def _look(self, row: EffectRow, told: Told) -> Ended | None:
        """A loan: how it ends untold, or that it is to be told."""
        async with self._taken(row.item):
            look = await replay.look(self._library, told)
        return None if look is Look.TELL else Ended(*replay.LOOKED[look])

    async def _look_back(self, row: EffectRow, _: Told) -> Ended | date | None:
        """A return: how it ends untold, or the due date of the loan that telling it will end."""
        async with self._taken(row.item):
            item = await self._library.item(row.item)

        def judged(txn: Txn) -> Ended | None:
            left = effects.left(txn, row)
            if left is None:  # told for the first time
                return Ended(Settled.ASK_AGAIN) if item.outcome in replay.SILENT else None
            return replay.back_ended(item, Left(*left), txn.now, self._shortest)

        return await self._store.read(judged) or due_of(item)

    @asynccontextmanager
    async def _taken(self, item: str) -> AsyncIterator[None]:
        """The line, behind the visit, or before it when the visit waits for this item."""
        if item in self._urgent:
            async with self._line:
                yield
        else:
            async with self._line.spare():
                yield


def _begin(txn: Txn, id: str) -> Known | None:
    """About to be looked at and told, with what is sealed of it. None when it has ended meanwhile."""
    row = effects.effect(txn, id)
    match row.state:
        case EffectState.INTENT if row.verb == GIVE_BACK:
            return known_again(txn, row)
        case EffectState.SENT if row.verb == GIVE_BACK:
            effects.unknown(txn, id)
            return known_again(txn, effects.settling(txn, id))
        case EffectState.INTENT | EffectState.SENT:
            return known_again(txn, effects.sent(txn, id))
        case EffectState.UNKNOWN | EffectState.SETTLING:
            return known_again(txn, effects.settling(txn, id))
        case _:
            return None


def _wait(txn: Txn, id: str) -> None:
    """No answer: it may have been done."""
    if effects.effect(txn, id).state is EffectState.SENT:
        effects.unknown(txn, id)


def _end(txn: Txn, known: Known, ended: Ended) -> None:
    """The end of a row, and what staff must know of it, in one transaction."""
    row = known.row
    if ended.settled is Settled.REFUSED:
        effects.finish(txn, row.id, EffectState.REFUSED, answer=ended.reason)
        if _told_to_staff(txn, row):
            return  # staff has had it told once more, and it was refused again
        count(txn, *of_refusal(COUNTED[row.verb].value, row.occurred_at, ended.reason))
        open_case(
            txn,
            CaseKind.REPLAY_REFUSED,
            row.item,
            effect=row.id,
            trace=row.trace,
            sealed=_what_is_known(known, ended.reason),
        )
        return
    if ended.settled is Settled.NEEDS_STAFF:
        effects.finish(txn, row.id, EffectState.NEEDS_STAFF, answer="not_settled")
        open_case(txn, CaseKind.RETURN_UNKNOWN, row.item, effect=row.id, trace=row.trace)
        return
    effects.finish(
        txn,
        row.id,
        EffectState.CONFIRMED,
        answer=ended.reason,
        transaction=ended.transaction,
    )
    if not ended.not_on_loan:
        media = ended.returned.media if ended.returned is not None else ""
        count(txn, *of_item(COUNTED[row.verb], row.occurred_at, media))
    if row.verb != GIVE_BACK:
        return
    settle_case(txn, CaseKind.SET_INCOMPLETE, row.item)
    in_doubt = settle_case(txn, CaseKind.REPLAY_REFUSED, row.item)
    back = ended.returned
    if back is not None and (back.alert_type or back.destination or back.alert):
        open_case(txn, CaseKind.REPLAY_MISPLACED, row.item, trace=row.trace)
    elif ended.not_on_loan and in_doubt is None and effects.effect(txn, row.id).attempts == 1:
        # told before, it may have been this very row that ended the loan
        open_case(txn, CaseKind.REPLAY_NOT_LENT, row.item, trace=row.trace)


def _told_to_staff(txn: Txn, row: EffectRow) -> bool:
    """Whether an open case keeps this very loan or return already."""
    moment = row.occurred_at.isoformat(timespec="seconds")
    return any(
        (kept["verb"].reveal(), kept["occurred_at"].reveal()) == (row.verb, moment)
        for case in open_cases(txn)
        if case.kind is CaseKind.REPLAY_REFUSED and case.subject == row.item
        for kept in sealed_in_case(txn, case.id)
    )


def _what_is_known(known: Known, reason: str) -> dict[str, Secret]:
    """All that staff needs to put it right by hand."""
    row = known.row
    told = {
        "verb": row.verb,
        "item": row.item,
        "occurred_at": row.occurred_at.isoformat(timespec="seconds"),
        "due": "" if row.nb_due is None else row.nb_due.isoformat(),
        "reason": reason,
    }
    found = {name: Secret(value) for name, value in told.items()}
    if known.patron is not None:
        found["card"] = known.patron.card
    return found
