"""Letters that are owed: on disk and sealed before anyone is told that they will be sent, tried until taken.

Each letter is an open effect (drivers.store.effects) whose envelope holds address and text; its end erases
them. The mail server's answer ends it; a temporary no is tried again with growing waits, and after
`give_up` staff is asked. A letter is sent again after a broken line too, although it may have arrived:
SMTP cannot tell, and asks the sender to repeat (RFC 5321, 4.5.4.1; RFC 1047). It keeps its Message-ID then.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from drivers.errors import Code, DeviceError, DeviceUnavailable
from drivers.ports import Clock, Delivery, Letter, Notifier, Rng, Secret, Store, Txn
from drivers.service.cases import CaseKind
from drivers.service.records import count, open_case
from drivers.service.statistics import of_receipt
from drivers.store import effects, journal
from drivers.store.effects import EffectRow, EffectState

MAIL = "mail_receipt"
"""Verb of its open effects; the item is the letter's id."""
SUBJECT = "mail"
"""Subject of its cases: never whom it concerns."""
TRY_AGAIN_S = (30.0, 1800.0)
"""First and longest wait between two tries at one letter. A server that greylists wants a minute or more."""


@dataclass(slots=True)
class _Plan:
    """When a letter is tried next (monotonic), and how long to wait after that."""

    at: float
    wait: float


class Outbox:
    """Keeps letters, and sends them while `serve` runs."""

    def __init__(
        self,
        *,
        station_id: str,
        store: Store,
        notifier: Notifier,
        clock: Clock,
        rng: Rng,
        give_up: timedelta,
    ) -> None:
        self._station_id = station_id
        self._store = store
        self._notifier = notifier
        self._clock = clock
        self._rng = rng
        self._give_up = give_up
        self._fresh = asyncio.Event()
        self._plans: dict[str, _Plan] = {}

    async def keep(self, letter: Letter, *, rows: int, visit: str) -> None:
        """Owe this letter. Durable when it returns. Raises DeviceError when nothing can be written."""

        def kept(txn: Txn) -> None:
            effects.open_effect(
                txn,
                verb=MAIL,
                item=letter.id,
                device=self._station_id,
                session=visit,
                trace=visit,
                occurred_at=letter.at,
                sealed={
                    "to": letter.to,
                    "subject": letter.subject,
                    "body": letter.body,
                    "language": Secret(letter.language),
                },
            )
            journal.append(
                txn,
                "receipt.asked",
                entity=letter.id,
                trace=visit,
                payload={"form": "email", "rows": rows},
            )

        await self._store.write(kept)
        self._fresh.set()

    async def serve(self, ready: Callable[[], None]) -> None:
        """Look for the server, then send what is owed, until the server fails. Run it under a supervisor.

        Raises:
            DeviceError: why no letter can be sent now; what is owed is kept.
        """
        await self._retire()
        await self._notifier.check()
        ready()
        while True:
            self._fresh.clear()
            await self._round()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._until_next()):
                    await self._fresh.wait()

    async def _retire(self) -> None:
        """Give up what is too old, although no server is there to refuse it."""
        for row in await self._store.read(_owed):
            if self._too_old(row):
                await self._store.write(partial(_given_up, row=row, answer="given_up"))

    async def _round(self) -> None:
        """Every letter whose time has come, the oldest first."""
        rows = await self._store.read(_owed)
        now = self._clock.monotonic()
        self._plans = {
            row.id: self._plans.get(row.id) or _Plan(now, TRY_AGAIN_S[0]) for row in rows
        }
        for row in rows:
            plan = self._plans[row.id]
            if plan.at <= self._clock.monotonic():
                plan.at = self._clock.monotonic() + self._rng.uniform(plan.wait / 2, plan.wait)
                plan.wait = min(TRY_AGAIN_S[1], plan.wait * 2)
                await self._try(row)

    async def _try(self, row: EffectRow) -> None:
        letter = await self._store.read(lambda txn: _letter(txn, row))
        if letter is None:
            await self._store.write(partial(_given_up, row=row, answer="sealed_unread"))
            return
        await self._store.write(lambda txn: _leaving(txn, row))
        try:
            delivery = await self._notifier.send(letter)
        except DeviceError:
            await self._store.write(lambda txn: self._answered(txn, row, Delivery.LATER))
            raise
        if await self._store.write(lambda txn: self._answered(txn, row, delivery)):
            self._plans.pop(row.id, None)

    def _answered(self, txn: Txn, row: EffectRow, delivery: Delivery) -> bool:
        """Write down what the server said; whether that was the end of it."""
        match delivery:
            case Delivery.ACCEPTED:
                effects.finish(txn, row.id, EffectState.CONFIRMED)
                _say_ended(txn, row, "sent")
                count(txn, *of_receipt(row.occurred_at, "email"))
            case Delivery.NO_SUCH_ADDRESS:
                _refused(txn, row, "no_such_address")
            case Delivery.REFUSED:
                _given_up(txn, row, "refused")
            case _ if self._too_old(row):
                _given_up(txn, row, "given_up")
            case Delivery.UNKNOWN:
                if effects.effect(txn, row.id).state is EffectState.SENT:
                    effects.unknown(txn, row.id)
            case Delivery.LATER:
                pass
        return effects.effect(txn, row.id).state.final

    def _too_old(self, row: EffectRow) -> bool:
        return self._clock.now() - row.occurred_at > self._give_up

    def _until_next(self) -> float | None:
        """Seconds until a letter is tried again; None when only a new one can ask for it."""
        first = min((plan.at for plan in self._plans.values()), default=None)
        return None if first is None else max(0.1, first - self._clock.monotonic())


# --- units of the store -----------------------------------------------------------------------------


def _owed(txn: Txn) -> tuple[EffectRow, ...]:
    return tuple(row for row in effects.open_rows(txn) if row.verb == MAIL)


def _letter(txn: Txn, row: EffectRow) -> Letter | None:
    """The letter out of its envelope; None once that has expired or belongs to another key."""
    try:
        found = effects.sealed_of(txn, row.id)
    except DeviceUnavailable as error:
        if error.code is not Code.STORE_KEY:
            raise
        return None
    if found is None:
        return None
    return Letter(
        row.item,
        found["to"],
        found["subject"],
        found["body"],
        found["language"].reveal(),
        row.occurred_at,
    )


def _leaving(txn: Txn, row: EffectRow) -> None:
    """It is about to leave (once more)."""
    if effects.effect(txn, row.id).state in {EffectState.UNKNOWN, EffectState.SETTLING}:
        effects.settling(txn, row.id)
    else:
        effects.sent(txn, row.id)


def _refused(txn: Txn, row: EffectRow, answer: str) -> None:
    if effects.effect(txn, row.id).state is EffectState.UNKNOWN:
        effects.settling(txn, row.id)
    effects.finish(txn, row.id, EffectState.REFUSED, answer=answer)
    _say_ended(txn, row, answer)
    count(txn, *of_receipt(row.occurred_at, "email_failed"))


def _given_up(txn: Txn, row: EffectRow, answer: str) -> None:
    """Nobody tries again: the receipt did not come, and staff is told that e-mail needs a look."""
    _refused(txn, row, answer)
    open_case(txn, CaseKind.MAIL_UNSENT, SUBJECT, trace=row.trace)


def _say_ended(txn: Txn, row: EffectRow, outcome: str) -> None:
    journal.append(
        txn,
        "receipt.ended",
        entity=row.item,
        trace=row.trace,
        payload={"form": "email", "outcome": outcome},
    )
