"""Cards, a reader for them, and whoever serves the CardReader port on it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from drivers.nfc.driver import NfcCardReader
from drivers.ports import CardReader
from hw_sim.scenario import parse
from hw_sim.stage import Stage
from tests.simulation.near_cards import NearCards

CARDS = """
schema_version = 1
name = "cards"
[devices.card]
[[cards]]
name = "library card"
uid = "04A1B2C3D4E5F6"
text = "1234567890"
[[cards]]
name = "old card"
uid = "04000000000001"
kind = "ultralight"
text = "1234567891"
[[cards]]
name = "blank"
uid = "04000000000002"
[[cards]]
name = "key fob"
uid = "A1B2C3D4"
kind = "classic"
[[cards]]
name = "phone"
uid = "08112233"
kind = "iso-dep"
random_uid = true
[[cards]]
name = "bank card"
uid = "04C0FFEE112233"
kind = "iso-dep"
[[cards]]
name = "phone with a library app"
uid = "08445566"
kind = "iso-dep"
text = "1234567890"
random_uid = true
[[cards]]
name = "odd card"
uid = "04C0FFEE112244"
kind = "iso-dep"
short_ats = true
"""

Make = Callable[[Stage, str], CardReader]


@dataclass(frozen=True, slots=True)
class Bench:
    """One reader with its stage."""

    stage: Stage
    reader: CardReader

    async def hold(self, *cards: str) -> None:
        """Just these cards at the reader."""
        await self.stage.do("lift_card", {})
        await self.stage.do("lay_card", {"cards": list(cards)})

    async def seen(self) -> list[tuple[str, list[str]]]:
        """Kind and contents of what is there, once the reader is sure."""
        cards = await self.reader.poll()
        for _ in range(5):
            if any(card.unread for card in cards):
                cards = await self.reader.poll()
        return [(c.kind.value, [said.reveal() for said in c.contents]) for c in cards]


def over_nfcpy(stage: Stage, url: str) -> CardReader:
    del stage
    return NfcCardReader(url, reads_contents=True)


def stand_in(stage: Stage, url: str) -> CardReader:
    del url
    return NearCards(stage.world, reads_contents=True)


@asynccontextmanager
async def bench(make: Make, directory: Path) -> AsyncIterator[Bench]:
    """A stage on ptys, and an open reader."""
    stage = Stage(parse(CARDS))
    urls = await stage.open(directory)
    reader = make(stage, urls["card"])
    try:
        await reader.open()
        yield Bench(stage, reader)
    finally:
        await reader.close()
        await stage.close()
