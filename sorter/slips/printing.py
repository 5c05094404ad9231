"""A slip for an item in its bin: what it is there for. Printed and forgotten; nobody's name is on it."""

from collections.abc import Awaitable, Callable, Iterable
from zoneinfo import ZoneInfo

from config.station import Station
from config.texts import Catalogue, Channel, Text, text
from drivers.errors import DeviceError
from drivers.ports import (
    Clock,
    Paper,
    PaperGap,
    PaperLine,
    PrintJob,
    PrintOutcome,
    ReceiptPrinter,
    Txn,
)
from sorter.belt.items import Cause, Tracked
from sorter.belt.records import trace_of
from sorter.ledger import Ledger
from sorter.slips import records
from sorter.slips.slip import Slip, slip_of

Compose = Callable[[str, Paper], Awaitable[PrintJob]]
_CERTAIN = frozenset(
    {PrintOutcome.PAPER_END, PrintOutcome.COVER_OPEN, PrintOutcome.ERROR, PrintOutcome.GONE}
)
"""Ends after which a slip certainly did not come out whole."""


class Slips:
    """Prints the slips of one plant; without a printer there are none, and items go their way all the same.

    A slip is promised in the transaction that ends its item. One that a dead program left behind is printed by the next
    one by itself where it never went to the printer; where it may have come out, a person says whether it is missing.
    """

    def __init__(
        self,
        printer: ReceiptPrinter | None,
        compose: Compose | None,
        config: Station,
        catalogue: Catalogue,
        clock: Clock,
        ledger: Ledger,
    ) -> None:
        self._printer = printer
        self._compose = compose
        self._station = config.station
        self._catalogue = catalogue
        self._clock = clock
        self._ledger = ledger
        self._owed: dict[tuple[int, str], Slip] = {}
        """Those that did not come out, as far as is known."""
        self._left: tuple[Slip, ...] = ()
        """Those that the last run did not begin to print."""

    @property
    def _prints(self) -> bool:
        return self._printer is not None and self._compose is not None

    @property
    def owed(self) -> int:
        """How many did not come out and can be printed again."""
        return len(self._owed)

    def owe(self, txn: Txn, ended: Iterable[Tracked]) -> None:
        """Promise the slips of items that end in this transaction."""
        if not self._prints:
            return
        for item in ended:
            if (slip := slip_of(item)) is not None:
                records.owe(txn, slip)

    async def recover(self) -> None:
        """What the last run left."""
        if not self._prints:
            return
        found = await self._ledger.read(records.owed)
        self._owed = {slip.key: slip for slip, _ in found}
        self._left = tuple(slip for slip, begun in found if not begun)

    async def ready(self) -> None:
        """The printer answers: what the last run did not come to is printed now."""
        left, self._left = self._left, ()
        for slip in left:
            if slip.key in self._owed:
                await self._whole(slip)

    async def __call__(self, item: Tracked, kind: str) -> None:
        """Print one. Once it is out nothing is kept of it."""
        await self._whole(Slip.of(item, kind))

    async def again(self) -> None:
        """Print those that did not come out, the oldest first, until one does not again."""
        for slip in tuple(self._owed.values()):
            if not await self._whole(slip):
                return

    async def _whole(self, slip: Slip) -> bool:
        """Whether it came out, by the printer's own word; written down before it goes to it, and after."""
        outcome = PrintOutcome.GONE
        if self._prints:
            for _ in range(2):  # the transaction that promises it may stand behind the first try
                if await self._ledger.write(lambda txn: records.begin(txn, slip)):
                    break
            else:
                return True  # it is out already, or was given up
            outcome = await self._print(slip)
        if outcome.printed or not self._prints:
            self._owed.pop(slip.key, None)
        else:
            self._owed[slip.key] = slip
            while len(self._owed) > records.MOST_OWED:
                self._owed.pop(next(iter(self._owed)))
        trace, out, certain = trace_of(slip.number), outcome.printed, outcome in _CERTAIN
        await self._ledger.write(
            lambda txn: records.end(txn, slip, outcome.value, trace, out=out, known=certain)
        )
        return out

    async def _print(self, slip: Slip) -> PrintOutcome:
        if self._printer is None or self._compose is None:
            return PrintOutcome.GONE
        try:
            job = await self._compose(f"item-{slip.number}", self.paper(slip))
            return await self._printer.print(job)
        except DeviceError:
            return PrintOutcome.GONE

    def paper(self, slip: Slip) -> Paper:
        """What the slip says: what it is for, which item, where it goes, when."""
        language = self._station.language
        now = self._clock.now().astimezone(ZoneInfo(self._station.time_zone))

        def say(words: Text) -> str:
            return self._catalogue.say(words, language, Channel.PAPER)

        rows: list[PaperLine | PaperGap] = [PaperLine(say(_heading(slip)), double=True)]
        rows.append(PaperGap())
        if slip.item:
            rows.append(PaperLine(say(text("sorter.item", item=slip.item)), bold=True))
        if slip.form == "reason" and slip.cause is not Cause.NONE:
            rows.append(PaperLine(say(text(f"sorter.cause.{slip.cause.value}"))))
            rows.append(PaperLine(say(text(f"sorter.advice.{slip.cause.value}"))))
        if slip.call_number:
            rows.append(PaperLine(slip.call_number))
        rows.append(PaperGap())
        rows.append(PaperLine(f"{self._station.place}  {now:%d.%m.%Y %H:%M}"))
        return Paper(language, tuple(rows))


def _heading(slip: Slip) -> Text:
    if slip.form == "transit" and slip.destination:
        return text("sorter.slip.transit", place=slip.destination)
    return text(
        "sorter.slip.transit.open" if slip.form == "transit" else f"sorter.slip.{slip.form}"
    )
