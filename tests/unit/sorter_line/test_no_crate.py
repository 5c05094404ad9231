"""What fell where no crate stood, as it is written down: in no count, told to nobody as lying in a bin, first of what is looked for."""

from dataclasses import replace

import pytest

from config.texts import LANGUAGES, Catalogue, Channel
from drivers.ports import BeltInfo, Txn, Uid
from drivers.store.engine import InlineStore
from sorter import view
from sorter.belt import records
from sorter.belt.items import Cause, ItemState, SeenTag, Tracked
from sorter.belt.records import Kept
from sorter.day import records as day
from sorter.plan.facts import Facts, Library
from tests.store_fixtures import SetClock

INFO = BeltInfo("1.0", 1, 7, 9, 2000, 500, 450, 750, 2290, 60, 350, 64, 10, (2400, 3000))
BINS = {"adults": 1, "exception": 2}
TAG = SeenTag(Uid(bytes.fromhex("e004010000000001")), "3846646425")
FELL = Tracked(
    1, 1, 200, 200, 0, ItemState.MISSED, tags=(TAG,), cause=Cause.NO_CRATE, bin=1
)  # fmt: skip
CATALOGUE = Catalogue.load()


def kept(*items: Tracked, boot: int = 7, stands: tuple[tuple[int, bool | None], ...] = ()) -> Kept:
    number = max((item.number for item in items), default=0)
    return Kept(INFO, boot, number, number, False, False, items, frozenset(), True, stands)


async def begun(store: InlineStore) -> None:
    def begin(txn: Txn) -> None:
        records.settle_bins(txn, BINS)
        records.linked(txn, INFO, 0, known=False, reports=True)
        records.unseen(txn, frozenset())

    await store.write(begin)


async def stands(store: InlineStore) -> dict[int, bool | None]:
    uses = await store.read(records.bins_by_number)
    return {number: use.stands for number, use in uses.items()}


async def test_it_counts_in_no_bin_and_the_library_system_is_told_of_none(
    store: InlineStore,
) -> None:
    await begun(store)
    lies = replace(FELL, number=2, tid=2, state=ItemState.CONFIRMED, cause=Cause.NONE)
    await store.write(lambda txn: records.keep(txn, kept(FELL, lies)))
    uses = await store.read(records.bins_by_number)
    assert uses[1].count == 1, "what lies there"
    assert [one.number for one in await store.read(records.unreported)] == [2]


async def test_it_stands_before_what_lies_where_the_belt_said(
    store: InlineStore, clock: SetClock
) -> None:
    await begun(store)
    other = replace(FELL, number=2, tid=2, state=ItemState.CONFIRMED, cause=Cause.REFUSED)
    await store.write(lambda txn: records.keep(txn, kept(FELL, other)))
    found = await store.read(records.exceptions)
    assert [one.cause for one in found] == [Cause.NO_CRATE, Cause.REFUSED]
    midnight = clock.now().replace(hour=0, minute=0)
    tally = await store.read(lambda txn: day.tally(txn, midnight, midnight))
    assert (tally.today, tally.exceptions, tally.missed, tally.lost) == (2, 2, 0, 0), (
        "it fell into no wrong crate"
    )


async def test_its_row_says_where_to_look_and_whether_it_is_returned(store: InlineStore) -> None:
    await begun(store)
    await store.write(lambda txn: records.keep(txn, kept(FELL)))

    async def said(language: str = "da") -> tuple[str, ...]:
        (lying,) = await store.read(records.exceptions)
        row = view._exception(lying)
        found = (row.state, row.part, row.detail, row.advice)
        assert all(one is not None for one in found)
        return tuple(CATALOGUE.say(one, language, Channel.PAPER) for one in found if one)

    assert await said() == (
        "Faldt, hvor ingen kasse stod",
        "På gulvet ved kasse 1",
        "Endnu ikke afleveret",
        "Se på gulvet under afkastet og i den kasse, der blev taget ud. Læg det på båndet igen.",
    )
    facts = Facts(library=Library.ANSWERED, ok=True)
    await store.write(lambda txn: records.answered(txn, 1, facts, late=False))
    assert (await said())[2] == "Afleveret"
    assert len({await said(language) for language in LANGUAGES}) == len(LANGUAGES)


async def test_what_the_belt_told_of_a_crate_is_kept_with_its_event(store: InlineStore) -> None:
    await begun(store)
    assert await stands(store) == {1: None, 2: None}, "the first reading says it"
    await store.write(lambda txn: records.keep(txn, kept(stands=((1, False), (2, True)))))
    assert await stands(store) == {1: False, 2: True}
    await store.write(lambda txn: records.keep(txn, kept(boot=6, stands=((1, True),))))
    assert await stands(store) == {1: False, 2: True}, "of the boot before it means nothing"
    await store.write(lambda txn: records.unseen(txn, frozenset({"adults"})))
    assert await stands(store) == {1: None, 2: None}


async def test_of_a_bin_that_the_plan_has_no_more_nothing_is_known(store: InlineStore) -> None:
    await begun(store)
    await store.write(lambda txn: records.keep(txn, kept(stands=((1, False), (2, True)))))
    await store.write(lambda txn: records.settle_bins(txn, {"exception": 2}))
    assert await stands(store) == {1: None, 2: True}
    await store.write(lambda txn: records.settle_bins(txn, BINS))
    assert await stands(store) == {1: None, 2: True}


@pytest.mark.parametrize(
    ("state", "cause", "lies"),
    [
        (ItemState.CONFIRMED, Cause.NONE, True),
        (ItemState.CONFIRMED, Cause.MISSED, True),
        (ItemState.MISSED, Cause.MISSED, True),
        (ItemState.MISSED, Cause.NO_CRATE, False),
        (ItemState.LOST, Cause.LOST, False),
        (ItemState.REMOVED, Cause.REMOVED, False),
        (ItemState.SENT, Cause.NONE, False),
    ],
)
def test_whether_it_lies_in_its_bin(state: ItemState, cause: Cause, lies: bool) -> None:
    assert replace(FELL, state=state, cause=cause).lies is lies
