"""Clocks that are set back or go apart: what is decided on the present state stands, and what is told late does not."""

from datetime import timedelta

import pytest

from drivers.ports import Txn
from drivers.runtime.clock import SeededRng
from drivers.store.engine import InlineStore
from sorter.ims import records
from sorter.ims.crates import CrateState, Said
from sorter.ims.handling import Do, Handled, handle
from sorter.ims.happened import Happened, What
from sorter.ims.records import Row
from tests.store_fixtures import KEY, SetClock
from tests.unit.sorter_ims.depot import BOOK, OTHER, Depot

HOUR = timedelta(hours=1)


@pytest.fixture
async def depot(store: InlineStore, clock: SetClock) -> Depot:
    return Depot(store, clock)


async def test_a_swap_after_the_clock_was_set_back_changes_what_it_says(depot: Depot) -> None:
    depot.clock.move(2 * HOUR)
    await depot.scan("A-01", "K-0001")
    await depot.falls("adults", OTHER)
    depot.clock.move(-2 * HOUR)
    swap = (await depot.scan("A-01", "K-0002"))[-1]
    assert (swap.said, swap.closed) == (Said.DOCKED, "K-0001")
    assert await depot.at("A-01") == "K-0002"
    assert (await depot.crate("K-0001")).state is CrateState.CLOSED
    await depot.falls("adults", BOOK)
    assert await depot.lies(BOOK) == "K-0002"
    await depot.falls("adults", OTHER)
    assert await depot.lies(OTHER) == "K-0002", "it came round again"


async def test_a_crate_that_begins_again_before_its_items_fell_holds_none_of_them(
    depot: Depot,
) -> None:
    await depot.scan("A-06", "K-0001")
    depot.clock.move(HOUR)
    await depot.falls("transit", BOOK)
    depot.clock.move(-HOUR)
    await depot.scan("A-06", "K-0002")
    await depot.receive("K-0001", "Dalum")
    assert (await depot.do(Do.EMPTY, "K-0001", "Dalum")).said is Said.EMPTIED
    assert (await depot.crate("K-0001")).items == ()
    assert (await depot.place(BOOK))[:2] == ("Dalum", "")


async def test_put_back_at_once_it_goes_on_though_the_clock_was_set_back(depot: Depot) -> None:
    depot.clock.move(4 * HOUR)
    await depot.scan("A-06", "K-0001")
    await depot.falls("transit", BOOK)
    await depot.scan("A-06", "K-0002")
    depot.clock.move(-4 * HOUR)
    swap = (await depot.scan("A-06", "K-0001"))[-1]
    assert (swap.said, swap.count) == (Said.DOCKED, 1)


async def test_a_branch_whose_clock_is_slow_receives_what_it_is_told_it_received(
    depot: Depot,
) -> None:
    """Straight in the shared database; a third branch is told the same, in whatever order."""
    await depot.scan("A-06", "K-0001")
    await depot.falls("transit", BOOK, destination="Dalum")
    await depot.scan("A-06", "K-0002")
    await depot.do(Do.SEND, "K-0001")
    depot.clock.move(-HOUR)

    def at_dalum(do: Do, items: tuple[str, ...] | None, txn: Txn) -> Handled:
        done = handle(txn, "Dalum", "K-0001", do, items)
        records.happen_there(txn.connection, "dalum", *done.happened)
        return done

    done = await depot.store.write(lambda txn: at_dalum(Do.RECEIVE, (OTHER,), txn))
    assert (done.said, done.reception.missing) == (Said.RECEIVED, (BOOK,))
    crate = await depot.crate("K-0001")
    assert (crate.state, crate.branch, crate.items) == (CrateState.RECEIVED, "Dalum", (OTHER,))
    done = await depot.store.write(lambda txn: at_dalum(Do.RECEIVE, None, txn))
    assert done.said is Said.RECEIVED_TWICE
    rows = await depot.store.read(
        lambda txn: records.rows_of_others(txn.connection, "", "", 0, 10_000)
    )
    theirs = [row for row in rows if row.station == "dalum"]
    ours = [row for row in rows if row.station != "dalum"]
    third = InlineStore(clock=depot.clock, rng=SeededRng(3), key=KEY)
    await third.write(lambda txn: records.take(txn.connection, theirs))
    await third.write(lambda txn: records.take(txn.connection, ours))
    there = await third.read(lambda txn: records.crate_of(txn.connection, "K-0001"))
    assert there is not None
    assert (there.state, there.branch, there.items) == (crate.state, crate.branch, crate.items)
    await third.close()


async def test_what_is_told_late_from_elsewhere_keeps_its_own_moment(depot: Depot) -> None:
    at = depot.clock.now()
    depot.clock.move(HOUR)
    await depot.scan("A-01", "K-0001")
    late = Happened(What.DOCKED, at, "Dalum", crate="K-0001", chute="A-01", fresh=True)
    await depot.store.write(
        lambda txn: records.take(txn.connection, [Row("dalum", "first", 1, late)])
    )
    crate = await depot.crate("K-0001")
    assert (crate.state, crate.branch) == (CrateState.DOCKED, "Borgernes Hus")
