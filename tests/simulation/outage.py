"""An outage of the library system, over both its protocols: how it begins and ends, and what people do meanwhile."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from drivers.ports import Online, Txn
from drivers.service.records import open_cases
from drivers.service.view import actions_of
from drivers.store import journal
from hw_sim.ils.model import Library
from kiosk.lending.backs import BackState
from kiosk.lending.state import Phase
from tests.simulation.rig import STATION, Rig, play

BOOK, OTHER = "3846646425", "3846646433"
LONG = "3846646458"
MORE = ("3846646474", "3846646482")
FINAL = {"effect.confirmed", "effect.refused", "effect.needs_staff"}
BO = "1234567891"
"""Another borrower."""
CARD, CPR = "1234567890", "3002991234"
FBS_STATION = STATION.replace(
    'url = "sip2://memory:1"', 'driver = "fbs"\nurl = "https://fbs.test"'
).replace('location = "HB"', 'location = "hb"')


@dataclass(frozen=True)
class Way:
    """One protocol of the library system."""

    name: str

    def play(self, story: Callable[[Rig], Coroutine[Any, Any, None]], **rig: Any) -> None:
        fbs = self.name == "fbs"
        station = FBS_STATION if fbs else STATION
        scenario = "first-loan-fbs" if fbs else "first-loan"
        play(story, scenario=scenario, station=station, **rig)


def now() -> float:
    return asyncio.get_running_loop().time()


def library(rig: Rig) -> Library:
    """What the library system holds, to change it behind the kiosk's back."""
    held = rig.stage.places["library"].device.library  # type: ignore[attr-defined]
    assert isinstance(held, Library)
    return held


def welcome(rig: Rig) -> None:
    """Bo may borrow as anybody else."""
    bo = library(rig).patrons[BO]
    bo.status_flags, bo.blocked = frozenset(), False


async def lent(rig: Rig, *items: str) -> None:
    """These are on loan to Karen for a week, and their tags are silent."""
    for item in items:
        library(rig).checkout(CARD, item, rig.stage.world.now() - timedelta(days=7))
        for tag in rig.stage.world.items[item].tags:
            tag.afi = 0xC2


async def ends(rig: Rig) -> list[tuple[str, str]]:
    """How each effect that was done offline ended, once each."""

    def read(txn: Txn) -> list[tuple[str, str]]:
        rows = [row for row in journal.rows(txn) if row.kind in FINAL]
        assert len({row.entity for row in rows}) == len(rows), "one end a row"
        return [(row.kind, str(row.payload["answer"])) for row in rows]

    return await rig.store.read(read)


def actions(rig: Rig) -> dict[str, str | None]:
    """What can be pressed, and why not."""
    return {a.id: None if a.reason is None else a.reason.key for a in actions_of(rig.screen)}


async def gone(rig: Rig, how: str = "broken") -> None:
    """The library system goes away: its line breaks, or nothing is answered any more."""
    if how == "broken":
        await rig.stage.do("unplug", {"device": "library"})
    else:
        await rig.fault("library", "silent", count=None)


async def back_again(rig: Rig, how: str = "broken") -> None:
    if how == "broken":
        await rig.stage.do("plug", {"device": "library"})
    else:
        await rig.stage.do("clear", {"device": "library"})


async def away(rig: Rig) -> None:
    await gone(rig)
    await rig.until(lambda s: s.devices.library is Online.OFFLINE, 120)


async def told(rig: Rig) -> None:
    """All that waited has been told."""
    await rig.until(lambda s: s.devices.library is Online.ONLINE, 300)
    assert rig.kiosk._doing.queue().rows == 0


async def asked(rig: Rig, *messages: str) -> list[Any]:
    found = (await rig.truth())["devices"]["library"]["asked"]
    return [line for line in found if line["message"] in messages]


async def cases(rig: Rig) -> list[str]:
    return [f"{case.kind.value} {case.subject}" for case in await rig.store.read(open_cases)]


async def afi(rig: Rig, item: str) -> set[str]:
    return {tag["afi"] for tag in (await rig.truth())["world"]["items"][item]["tags"]}


async def with_card(rig: Rig, card: str = CARD) -> None:
    """Nobody can check a PIN, so none is asked for; what she scanned is."""
    await rig.until(lambda s: s.phase in {Phase.START, Phase.CARD})
    await rig.show_card(card)
    await rig.until(lambda s: s.phase is Phase.BORROW)


async def leave(rig: Rig) -> None:
    await rig.press("finish.none")
    await rig.lift()
    await rig.until(lambda s: s.phase is Phase.START)


async def borrow(rig: Rig, *items: str, card: str = CARD) -> None:
    await with_card(rig, card)
    await rig.lay(*items)
    await rig.until(lambda s: len(s.done) == len(items))
    await leave(rig)


async def give_back(rig: Rig, *items: str) -> None:
    await rig.press("return")
    await rig.lay(*items)
    await rig.until(lambda s: [b.state for b in s.backs] == [BackState.RETURNED] * len(items), 30)
    await leave(rig)
