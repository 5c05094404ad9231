"""What tags are owed, and that the journal tells of each."""

from dataclasses import replace

import pytest

from drivers.errors import LocalProtocolError
from drivers.ports import Txn, Uid
from drivers.store import debts, journal
from drivers.store.debts import Debt
from drivers.store.engine import InlineStore

ONE, OTHER, THIRD = (Uid(bytes.fromhex(f"e00401000000000{n}")) for n in (1, 2, 3))


def owe(txn: Txn, uid: Uid, item: str = "5010000011", wanted: int = 0xC2) -> Debt:
    return debts.open_debt(txn, uid=uid, wanted=wanted, why="borrow", item=item, trace="7ace")


async def test_a_debt_is_found_by_its_tag_until_it_is_paid(store: InlineStore) -> None:
    debt = await store.write(lambda txn: owe(txn, ONE))
    await store.write(lambda txn: owe(txn, OTHER, "5010000029"))
    assert await store.read(lambda txn: debts.debts_for(txn, (ONE, THIRD))) == (debt,)
    assert await store.read(lambda txn: debts.debts_for(txn, ())) == ()
    assert await store.write(lambda txn: debts.close_debt(txn, ONE))
    assert not await store.write(lambda txn: debts.close_debt(txn, ONE))
    assert [d.uid for d in await store.read(debts.open_debts)] == [OTHER]
    told = [(r.kind, r.payload.get("how")) for r in await store.read(journal.rows)][1:]
    assert told == [("debt.opened", None), ("debt.opened", None), ("debt.closed", "paid")]


async def test_the_newer_debt_of_a_tag_replaces_the_older(store: InlineStore) -> None:
    await store.write(lambda txn: owe(txn, ONE, wanted=0xC2))
    newer = await store.write(lambda txn: owe(txn, ONE, wanted=0x07))
    assert await store.read(debts.open_debts) == (newer,)
    told = [r.payload.get("how") for r in await store.read(journal.rows) if r.kind == "debt.closed"]
    assert told == ["replaced"]


async def test_a_newer_loan_or_return_voids_the_debts_of_all_parts(store: InlineStore) -> None:
    first = await store.write(lambda txn: owe(txn, ONE))
    await store.write(lambda txn: owe(txn, OTHER))
    await store.write(lambda txn: owe(txn, THIRD, "5010000029"))
    gone = await store.write(lambda txn: debts.close_for_item(txn, "5010000011", how="returned"))
    assert set(gone) == {first, replace(first, uid=OTHER)}
    assert [d.uid for d in await store.read(debts.open_debts)] == [THIRD]


async def test_a_debt_of_an_effect_that_is_not_there_is_refused(store: InlineStore) -> None:
    with pytest.raises(LocalProtocolError):
        await store.write(
            lambda txn: debts.open_debt(
                txn, uid=ONE, wanted=7, why="return", item="1", trace="", effect="none"
            )
        )
