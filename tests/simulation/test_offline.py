"""Borrowing and returning while the library system is away, and telling it when it is back: over both its protocols."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from drivers.ports import Online
from drivers.service.records import open_cases
from drivers.store import debts, effects
from kiosk.lending.backs import BackState
from kiosk.lending.state import Phase
from tests.simulation.rig import STATION, Rig, play

BOOK, OTHER, SET = "3846646425", "3846646433", "3846646466"
CARD, PIN = "1234567890", "1234"
FBS_STATION = STATION.replace(
    'url = "sip2://memory:1"', 'driver = "fbs"\nurl = "https://fbs.test"'
).replace('location = "HB"', 'location = "hb"')


@pytest.fixture(autouse=True)
def lines_may_drop(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


@dataclass(frozen=True)
class Way:
    """One protocol of the library system."""

    name: str

    def play(self, story: Callable[[Rig], Coroutine[Any, Any, None]], more: str = "") -> None:
        fbs = self.name == "fbs"
        station = FBS_STATION if fbs else STATION
        scenario = "first-loan-fbs" if fbs else "first-loan"
        play(story, scenario=scenario, station=station + more)


@pytest.fixture(params=["sip2", "fbs"])
def way(request: pytest.FixtureRequest) -> Way:
    return Way(request.param)


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
    """Nobody can check a PIN, so none is asked for."""
    await rig.until(lambda s: s.phase in {Phase.START, Phase.CARD})
    await rig.scan(card)
    await rig.until(lambda s: s.phase is Phase.BORROW)


async def leave(rig: Rig) -> None:
    await rig.press("finish.none")
    await rig.lift()
    await rig.until(lambda s: s.phase is Phase.START)


async def borrow(rig: Rig, *items: str) -> None:
    await with_card(rig)
    await rig.lay(*items)
    await rig.until(lambda s: len(s.done) == len(items))
    await leave(rig)


async def give_back(rig: Rig, *items: str) -> None:
    await rig.press("return")
    await rig.lay(*items)
    await rig.until(lambda s: [b.state for b in s.backs] == [BackState.RETURNED] * len(items), 30)
    await leave(rig)


def test_what_is_borrowed_offline_is_told_by_itself_as_it_happened(way: Way) -> None:
    async def story(rig: Rig) -> None:
        await away(rig)
        assert "Nødsystem" in rig.words()
        assert "Du kan låne og aflevere. Det registreres senere." in rig.words()
        before = rig.stage.world.now()
        await with_card(rig)
        await rig.lay(BOOK, OTHER)
        await rig.until(lambda s: len(s.done) == 2)
        assert "Lånt, registreres senere" in rig.words()
        assert "Foreløbig frist" in rig.words()
        assert await afi(rig, BOOK) == {"c2"}
        await leave(rig)
        assert await rig.loans() == {}
        after = rig.stage.world.now()
        await rig.pause(20)
        await back_again(rig)
        await told(rig)
        loans = await rig.loans()
        assert set(loans) == {BOOK, OTHER}
        due = (before + timedelta(days=31)).date().isoformat()
        assert {loan["due"] for loan in loans.values()} == {due}
        for line in await asked(rig, "11"):
            assert line["no_block"]
            assert line["outcome"] == "done"
            assert (
                before - timedelta(seconds=1) <= datetime.fromisoformat(line["occurred"]) <= after
            )
        assert await rig.store.read(effects.open_rows) == ()
        assert await rig.store.read(debts.open_debts) == ()
        assert await cases(rig) == []

    way.play(story)
