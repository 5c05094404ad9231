"""Of which crates the belt must still hear that they are known, over a restart of the program."""

from drivers.ports import BeltInfo, Txn
from drivers.store.engine import InlineStore
from sorter.belt import records

INFO = BeltInfo("1.0", 1, 7, 9, 2000, 500, 450, 750, 2290, 60, 350, 64, 10, (2400, 3000))
BINS = {"adults": 1, "exception": 2}


async def begun(store: InlineStore) -> None:
    def begin(txn: Txn) -> None:
        records.settle_bins(txn, BINS)
        records.linked(txn, INFO, 0, known=False, reports=True)

    await store.write(begin)


async def test_after_a_restart_of_the_belt_it_is_told_of_the_crates_without_a_label_again(
    store: InlineStore,
) -> None:
    await begun(store)
    assert await store.read(records.untold_bins) == ()
    await store.write(lambda txn: records.unseen(txn, frozenset({"adults"})))
    assert await store.read(records.untold_bins) == (2,)
    await store.write(lambda txn: records.told_bin(txn, 2))
    assert await store.read(records.untold_bins) == ()
