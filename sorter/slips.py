"""A slip for an item in its bin: what it is there for. Printed and forgotten; nobody's name is on it."""

from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from config.station import Station
from config.texts import Catalogue, Channel, Text, text
from drivers.errors import DeviceError
from drivers.ports import Clock, Paper, PaperGap, PaperLine, PrintJob, PrintOutcome, ReceiptPrinter
from sorter.belt.items import Cause, Tracked

MOST_OWED = 50
"""Slips that are kept for another try; older ones are given up."""

Compose = Callable[[str, Paper], Awaitable[PrintJob]]


class Slips:
    """Prints the slips of one plant; without a printer there are none, and items go their way all the same."""

    def __init__(
        self,
        printer: ReceiptPrinter | None,
        compose: Compose | None,
        config: Station,
        catalogue: Catalogue,
        clock: Clock,
    ) -> None:
        self._printer = printer
        self._compose = compose
        self._station = config.station
        self._catalogue = catalogue
        self._clock = clock
        self._owed: dict[tuple[int, str], Tracked] = {}
        """Slips that did not come out, in memory alone: after a restart nobody knows what stood on them."""

    @property
    def owed(self) -> int:
        """How many did not come out and can be printed again."""
        return len(self._owed)

    async def __call__(self, item: Tracked, kind: str) -> str:
        """Print one; the printer's own word of how that ended. Once it is out nothing is kept of it."""
        if self._printer is None or self._compose is None:
            return PrintOutcome.GONE.value
        outcome = await self._print(item, kind)
        if outcome.printed:
            self._owed.pop((item.number, kind), None)
        else:
            self._owed[item.number, kind] = item
            while len(self._owed) > MOST_OWED:
                self._owed.pop(next(iter(self._owed)))
        return outcome.value

    async def again(self) -> None:
        """Print those that did not come out, the oldest first, until one does not again."""
        for (_, kind), item in tuple(self._owed.items()):
            if not PrintOutcome(await self(item, kind)).printed:
                return

    async def _print(self, item: Tracked, kind: str) -> PrintOutcome:
        if self._printer is None or self._compose is None:
            return PrintOutcome.GONE
        try:
            job = await self._compose(f"item-{item.number}", self.paper(item, kind))
            return await self._printer.print(job)
        except DeviceError:
            return PrintOutcome.GONE

    def paper(self, item: Tracked, kind: str) -> Paper:
        """What the slip says: what it is for, which item, where it goes, when."""
        language = self._station.language
        now = self._clock.now().astimezone(ZoneInfo(self._station.time_zone))

        def say(words: Text) -> str:
            return self._catalogue.say(words, language, Channel.PAPER)

        rows: list[PaperLine | PaperGap] = [PaperLine(say(_heading(item, kind)), double=True)]
        rows.append(PaperGap())
        if item.item:
            rows.append(PaperLine(say(text("sorter.item", item=item.item)), bold=True))
        if kind == "reason" and item.cause is not Cause.NONE:
            rows.append(PaperLine(say(text(f"sorter.cause.{item.cause.value}"))))
            rows.append(PaperLine(say(text(f"sorter.advice.{item.cause.value}"))))
        if item.facts.call_number:
            rows.append(PaperLine(item.facts.call_number))
        rows.append(PaperGap())
        rows.append(PaperLine(f"{self._station.place}  {now:%d.%m.%Y %H:%M}"))
        return Paper(language, tuple(rows))


def _heading(item: Tracked, kind: str) -> Text:
    if kind == "transit" and item.facts.destination:
        return text("sorter.slip.transit", place=item.facts.destination)
    return text("sorter.slip.transit.open" if kind == "transit" else f"sorter.slip.{kind}")
