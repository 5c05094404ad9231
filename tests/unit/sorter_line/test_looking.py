"""Who says to have looked, for strays or after events were lost, has done so for what the panel told of then, and for nothing since."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from drivers.runtime.flow import Event
from drivers.store.engine import InlineStore
from sorter.belt import acts
from sorter.belt.line import Line, Noted, What
from sorter.history import records
from sorter.ledger import Ledger
from sorter.looking import Looking
from tests.unit.sorter_belt.belt import Play
from tests.unit.sorter_line.test_history import SetClock, kept


def looking(store: InlineStore, told: list[None]) -> Looking:
    ledger = Ledger(store, lambda _error: None)
    return Looking(
        ledger, SetClock(), ZoneInfo("Europe/Copenhagen"), lambda: told.append(None), branch=""
    )


def line(**strays: int) -> Line:
    zones = {int(zone[1:]): n for zone, n in strays.items()}
    return replace(Play().line, strays=MappingProxyType(zones))


async def seen(store: InlineStore, what: What = What.STRAYS_SEEN) -> list[int]:
    rows = await store.read(records.latest)
    return [one.noted.number for one in rows if one.noted.what is what]


async def test_it_is_written_down_before_the_line_hears_of_it(tmp_path: Path) -> None:
    store = await kept(tmp_path, Noted(What.STRAY, 4), Noted(What.STRAY, 7))
    put: list[Event] = []
    shown: list[None] = []
    one = looking(store, shown)
    await one.recall()
    assert [strays.zone for strays in (one.strays,) if strays is not None] == [7]
    await one.looked_for(2, lambda: line(z4=1, z7=1), put.append)
    assert put == [acts.StraysSeen({4: 1, 7: 1})]
    assert await seen(store) == [2]
    assert one.strays is None
    assert len(shown) == 2
    await store.close()


async def test_another_that_came_between_the_press_and_its_row_is_not_put_away(
    tmp_path: Path,
) -> None:
    store = await kept(tmp_path, Noted(What.STRAY, 4))
    put: list[Event] = []
    one = looking(store, [])
    await one.looked_for(1, lambda: line(z4=2), put.append)
    await one.looked_for(0, line, put.append)
    assert (put, await seen(store)) == ([], [])
    assert dict((await store.read(records.left)).strays) == {4: 1}
    await store.close()


async def test_that_somebody_looked_after_a_loss_is_written_down_before_the_line_hears_of_it(
    tmp_path: Path,
) -> None:
    store = await kept(tmp_path, Noted(What.EVENTS_LOST, number=6))
    put: list[Event] = []
    one = looking(store, [])
    await one.recall()
    assert [at for at in (one.lost,) if at is not None] == [SetClock().now()]
    await one.looked_on(6, lambda: replace(line(), events_lost=6), put.append)
    assert put == [acts.LossSeen(6)]
    assert await seen(store, What.EVENTS_LOST_SEEN) == [6]
    assert one.lost is None
    await store.close()


async def test_events_that_were_lost_between_the_press_and_its_row_are_not_put_away(
    tmp_path: Path,
) -> None:
    store = await kept(tmp_path, Noted(What.EVENTS_LOST, number=6))
    put: list[Event] = []
    one = looking(store, [])
    await one.looked_on(6, lambda: replace(line(), events_lost=9), put.append)
    await one.looked_on(0, line, put.append)
    assert (put, await seen(store, What.EVENTS_LOST_SEEN)) == ([], [])
    assert (await store.read(records.left)).events_lost == 6
    await store.close()
