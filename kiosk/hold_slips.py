"""Prints the slips of reserved items: what stands on them, and what came of it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from config.station import Station
from config.texts import Catalogue, Channel, Text, text
from drivers.escpos.paper import isolated
from drivers.ports import Clock, Paper, PaperGap, PaperLine, PrintOutcome, Rng, Store, Txn
from drivers.runtime.flow import Effect, Event
from drivers.store import journal
from drivers.store.txn import uuid7
from kiosk.lending.acts import HoldSlipEnded, PrintHoldSlip

FORM = "hold_slip"


class HoldSlips:
    """Handlers for one station. `put_on_paper` prints a strip by its id; it never raises."""

    def __init__(
        self,
        config: Station,
        catalogue: Catalogue,
        *,
        store: Store,
        clock: Clock,
        rng: Rng,
        put_on_paper: Callable[[str, Paper], Awaitable[PrintOutcome]],
    ) -> None:
        self._station = config.station
        self._catalogue = catalogue
        self._store = store
        self._clock = clock
        self._rng = rng
        self._put_on_paper = put_on_paper

    def handlers(self) -> Mapping[type[Effect], Callable[[Any], Awaitable[Event | None]]]:
        """By effect, what carries it out."""
        return {PrintHoldSlip: self._print}

    def failed(self, effect: Effect) -> Event | None:
        """The event for a slip whose handler raised: the person is not sent for paper that never comes."""
        return HoldSlipEnded(effect.row, False) if isinstance(effect, PrintHoldSlip) else None

    async def _print(self, effect: PrintHoldSlip) -> Event:
        job = uuid7(self._clock.now(), self._rng.bytes(10))

        def asked(txn: Txn) -> None:
            journal.append(
                txn, "receipt.asked", entity=job, trace=job, payload={"form": FORM, "rows": 1}
            )

        await self._store.write(asked)
        outcome = await self._put_on_paper(job, self.paper(effect))

        def ended(txn: Txn) -> None:
            came = {"form": FORM, "outcome": outcome.value}
            journal.append(txn, "receipt.ended", entity=job, trace=job, payload=came)

        await self._store.write(ended)
        return HoldSlipEnded(effect.row, outcome.printed)

    def paper(self, slip: PrintHoldSlip) -> Paper:
        """The slip in the station's language: it is read by whoever shelves or sends the item."""
        station = self._station
        occurred = slip.occurred.astimezone(ZoneInfo(station.time_zone))

        def say(words: Text) -> str:
            return isolated(self._catalogue.say(words, station.language, Channel.SCREEN))

        when = text("hold_slip.when", machine=station.name, day=occurred.date(), time=slip.occurred)
        number = say(text("hold_slip.item", item=slip.item))
        return Paper(
            station.language,
            (
                PaperLine(say(text("hold_slip.heading")), double=True),
                PaperGap(2),
                PaperLine(isolated(slip.title), bold=True) if slip.title else PaperGap(0),
                PaperLine(number),
                PaperGap(1),
                PaperLine(say(_where(slip, station.place)), bold=True),
                PaperLine(say(when)),
            ),
        )


def _where(slip: PrintHoldSlip, place: str) -> Text:
    if not slip.away:
        return text("hold_slip.here", place=place)
    if slip.destination:
        return text("hold_slip.sent", place=slip.destination)
    return text("hold_slip.on")
