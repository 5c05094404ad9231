"""The list of what staff must look at: what lies in a wrong crate stays on it, and what was taken in offline leaves it by itself."""

from typing import Any

import pytest

from drivers.ports import BeltInfo
from drivers.store.engine import InlineStore
from sorter.belt import records
from sorter.belt.items import Cause, ItemState, Tracked
from sorter.belt.records import Kept
from sorter.plan.facts import Facts, Library
from tests.simulation.plant import ACCEPT, BOOK, CHILDREN, HELD, Plant, play
from tests.simulation.test_panel_told import body
from tests.store_fixtures import clock, file, key, store

__all__ = ["clock", "file", "key", "store"]

INFO = BeltInfo("1.0", 1, 7, 9, 2000, 500, 450, 750, 2290, 60, 350, 64, 10, (2400, 3000))
DONE = Facts(library=Library.OFFLINE, ok=True)


@pytest.fixture(autouse=True)
def dropped(heard: Any) -> None:
    heard.expect("library.line.dropped", "service.down")


def test_what_fell_wrong_stays_first_and_what_was_taken_in_offline_settles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sorter.belt.records.lying.MOST_EXCEPTIONS", 3)

    async def waiting(plant: Plant) -> int:
        return int((await plant.sorter.request("status", {}))["exceptions"])

    async def story(plant: Plant) -> None:
        plant.world.belt.stuck = {1}
        await plant.sorted(BOOK)
        plant.world.belt.stuck = set()
        await plant.world.stage.do("unplug", {"device": "library"})
        await plant.until(lambda line: line.library.value == "offline", 200)
        for item in (HELD, *[CHILDREN] * 4):
            await plant.sorted(item)
        await plant.until(lambda _line: body(plant).left_out == 3)
        assert [row.state.key for row in body(plant).exceptions] == [
            "sorter.cause.missed",
            "sorter.cause.offline",
            "sorter.cause.offline",
        ]
        assert await waiting(plant) == 6
        await plant.world.stage.do("plug", {"device": "library"})
        await plant.until(lambda line: line.library.value == "online", 200)
        await plant.at_rest(600)
        await plant.until(lambda _line: len(body(plant).exceptions) == 2)
        held = body(plant).exceptions[1]
        assert held.detail is not None
        assert held.detail.key == "sorter.returned.hold", "somebody waits for it"
        assert (body(plant).left_out, await waiting(plant)) == (0, 2)

    play(story, station=ACCEPT)


async def keep(store: InlineStore, state: ItemState, cause: Cause) -> None:
    item = Tracked(1, 1, 200, 200, 0, state, cause=cause, bin=8)
    kept = Kept(INFO, 7, 1, 1, False, False, (item,), frozenset(), False)
    await store.write(lambda txn: records.keep(txn, kept))


@pytest.mark.parametrize("told_first", [True, False])
@pytest.mark.parametrize(
    ("ended", "cause", "facts", "left"),
    [
        (ItemState.CONFIRMED, Cause.OFFLINE, DONE, 0),
        (ItemState.CONFIRMED, Cause.OFFLINE, Facts(library=Library.OFFLINE, ok=False), 1),
        (
            ItemState.CONFIRMED,
            Cause.OFFLINE,
            Facts(library=Library.OFFLINE, ok=True, alert="01"),
            1,
        ),
        (ItemState.MISSED, Cause.MISSED, DONE, 1),
        (ItemState.LOST, Cause.LOST, DONE, 1),
        (ItemState.CONFIRMED, Cause.LATE, DONE, 1),
    ],
)
async def test_only_what_lies_where_it_was_sent_and_is_checked_in_settles_by_itself(
    store: InlineStore,
    told_first: bool,
    ended: ItemState,
    cause: Cause,
    facts: Facts,
    left: int,
) -> None:
    await keep(store, ItemState.DECIDED, Cause.OFFLINE)
    if not told_first:
        await keep(store, ended, cause)
    await store.write(lambda txn: records.answered(txn, 1, facts, late=True))
    if told_first:
        await keep(store, ended, cause)
    assert await store.read(records.waiting) == left
    assert len(await store.read(records.exceptions)) == left
