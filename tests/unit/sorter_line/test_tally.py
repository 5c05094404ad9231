"""What a day came to, counted from the items that are kept: over midnight, over a restart, and of nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from drivers.ports import BeltInfo
from drivers.store.engine import InlineStore
from sorter.belt import records
from sorter.belt.items import Cause, ItemState, Tracked
from sorter.belt.records import Kept
from sorter.day import records as day
from sorter.day.records import Tally
from tests.store_fixtures import SetClock

MIDNIGHT = datetime(2026, 11, 3, 23, 0, tzinfo=UTC)
"""In Odense the fourth of November begins."""
INFO = BeltInfo("1.0", 1, 7, 9, 2000, 500, 450, 750, 2290, 60, 350, 64, 10, (2400, 3000))


async def fell(
    store: InlineStore, number: int, state: ItemState, cause: Cause = Cause.NONE
) -> None:
    """An item comes onto the belt and leaves it at once."""
    for ended in (False, True):
        item = Tracked(
            number, number, 200, 200, 0, state if ended else ItemState.INDUCTED, cause=cause, bin=1
        )
        kept = Kept(INFO, 7, number, number, False, False, (item,), frozenset(), False)
        await store.write(lambda txn, kept=kept: records.keep(txn, kept))  # type: ignore[misc]


async def tally(store: InlineStore, clock: SetClock) -> Tally:
    hour = clock.now() - timedelta(hours=1)
    return await store.read(lambda txn: day.tally(txn, MIDNIGHT, hour))


async def test_a_plant_that_never_sorted_has_counted_nothing(
    store: InlineStore, clock: SetClock
) -> None:
    assert await tally(store, clock) == Tally()


@pytest.mark.parametrize("many", [1, 40])
async def test_the_hour_goes_over_midnight_and_the_day_does_not(
    store: InlineStore, clock: SetClock, many: int
) -> None:
    clock.wall = MIDNIGHT - timedelta(hours=30)
    for number in range(1, many + 1):  # days ago
        await fell(store, number, ItemState.CONFIRMED)
    clock.wall = MIDNIGHT - timedelta(minutes=10)
    await fell(store, many + 1, ItemState.MISSED, Cause.MISSED)
    clock.wall = MIDNIGHT + timedelta(minutes=20)
    await fell(store, many + 2, ItemState.CONFIRMED)
    await fell(store, many + 3, ItemState.CONFIRMED, Cause.LATE)
    await fell(store, many + 4, ItemState.LOST, Cause.LOST)
    assert await tally(store, clock) == Tally(hour=4, today=3, exceptions=2, missed=0, lost=1)
    clock.move(timedelta(hours=2))
    assert await tally(store, clock) == Tally(hour=0, today=3, exceptions=2, missed=0, lost=1)
