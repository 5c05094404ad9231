"""Crates in somebody's hands: for several branches, sent and emptied where they are not, received by scan."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from drivers.store.engine import InlineStore
from sorter.ims.crates import Chute, CrateState, Said
from sorter.ims.handling import Do
from sorter.ims.happened import What
from sorter.ims.story import story
from tests.store_fixtures import SetClock
from tests.unit.sorter_ims.depot import BOOK, OTHER, SITE, Depot

STRAY = "3846646441"
HERE = "Borgernes Hus"


@pytest.fixture
async def depot(store: InlineStore, clock: SetClock) -> Depot:
    return Depot(store, clock)


@pytest.fixture
async def mixed(store: InlineStore, clock: SetClock) -> Depot:
    """K-0001 is filled for several branches: a book for Dalum, one for Tarup."""
    chutes = {"A-06": Chute("A-06", "transit"), "A-01": Chute("A-01", "adults")}
    depot = Depot(store, clock, replace(SITE, chutes=MappingProxyType(chutes)))
    await depot.scan("A-06", "K-0001")
    await depot.falls("transit", BOOK, destination="Dalum", rule="branch")
    await depot.falls("transit", OTHER, destination="Tarup", rule="branch")
    await depot.scan("A-06", "K-0002")
    return depot


async def closed(depot: Depot, *items: str) -> None:
    """K-0001 is filled for Dalum and closed."""
    await depot.scan("A-06", "K-0001")
    for item in items:
        await depot.falls("transit", item, destination="Dalum", rule="branch")
    await depot.scan("A-06", "K-0002")


class TestForSeveralBranches:
    async def test_what_is_for_this_branch_leaves_it_here_and_the_rest_goes_on(
        self, mixed: Depot
    ) -> None:
        done = await mixed.do(Do.RECEIVE, "K-0001", "Dalum")
        assert (done.said, done.onward) == (Said.RECEIVED, ((OTHER, "Tarup"),))
        assert await mixed.place(BOOK) == ("Dalum", "", "Dalum", "branch")
        assert (await mixed.do(Do.SEND, "K-0001", "Dalum")).said is Said.SENT
        assert await mixed.place(BOOK) == ("Dalum", "", "Dalum", "branch")
        done = await mixed.do(Do.RECEIVE, "K-0001", "Tarup")
        assert (done.reception.expected, done.onward) == ((OTHER,), ())
        await mixed.do(Do.EMPTY, "K-0001", "Tarup")
        assert (await mixed.place(BOOK))[0] == "Dalum"
        assert (await mixed.place(OTHER))[0] == "Tarup"

    async def test_one_that_went_on_and_nobody_said_so_is_received_at_the_next(
        self, mixed: Depot
    ) -> None:
        await mixed.do(Do.RECEIVE, "K-0001", "Dalum")
        done = await mixed.do(Do.RECEIVE, "K-0001", "Tarup")
        assert (done.said, done.reception.expected) == (Said.RECEIVED, (OTHER,))
        again = await mixed.do(Do.RECEIVE, "K-0001", "Dalum")
        assert (again.said, again.reception.place) == (Said.RECEIVED_TWICE, "Tarup")

    @pytest.mark.parametrize("whole_first", [False, True])
    async def test_by_scan_it_is_the_same_also_after_it_was_received_as_a_whole(
        self, mixed: Depot, *, whole_first: bool
    ) -> None:
        if whole_first:
            await mixed.do(Do.RECEIVE, "K-0001", "Dalum")
        done = await mixed.do(Do.RECEIVE, "K-0001", "Dalum", (BOOK,))
        assert done.reception.missing == (OTHER,)
        assert (done.reception.unexpected, done.onward) == ((), ())
        assert (await mixed.place(BOOK))[:2] == ("Dalum", "")
        assert (await mixed.place(OTHER))[1] == ""

    async def test_its_story_says_that_it_was_taken_out(self, mixed: Depot) -> None:
        await mixed.do(Do.RECEIVE, "K-0001", "Dalum")
        await mixed.do(Do.SEND, "K-0001", "Dalum")
        found = await mixed.store.read(lambda txn: story(txn, BOOK))
        assert [row.happened.what for row in found.rows][-1] is What.TAKEN_OUT
        assert (found.branch, found.crate) == ("Dalum", None)


class TestWhereItIsNot:
    @pytest.mark.parametrize("do", [Do.SEND, Do.EMPTY])
    @pytest.mark.parametrize("branch", [HERE, "Tarup"])
    async def test_received_at_dalum_it_is_neither_sent_nor_emptied_elsewhere(
        self, depot: Depot, do: Do, branch: str
    ) -> None:
        await closed(depot, BOOK)
        await depot.receive("K-0001", "Dalum")
        before = await depot.crate("K-0001")
        done = await depot.do(do, "K-0001", branch)
        assert (done.said, done.reception.place) == (Said.AT_OTHER_BRANCH, "Dalum")
        assert await depot.crate("K-0001") == before

    @pytest.mark.parametrize("do", [Do.SEND, Do.EMPTY])
    async def test_closed_here_it_is_neither_sent_nor_emptied_there(
        self, depot: Depot, do: Do
    ) -> None:
        await closed(depot, BOOK)
        done = await depot.do(do, "K-0001", "Tarup")
        assert (done.said, done.reception.place) == (Said.AT_OTHER_BRANCH, HERE)
        assert await depot.lies(BOOK) == "K-0001"

    @pytest.mark.parametrize("do", [Do.SEND, Do.EMPTY])
    async def test_on_its_way_it_is_received_first(self, depot: Depot, do: Do) -> None:
        await closed(depot, BOOK)
        await depot.do(Do.SEND, "K-0001")
        done = await depot.do(do, "K-0001", "Dalum")
        assert (done.said, done.reception.place) == (Said.NOT_HERE, "Dalum")

    @pytest.mark.parametrize("do", [Do.SEND, Do.EMPTY])
    @pytest.mark.parametrize("branch", ["Dalum", "Tarup"])
    async def test_an_empty_one_stays_where_it_is(self, depot: Depot, do: Do, branch: str) -> None:
        await closed(depot, BOOK)
        await depot.receive("K-0001", "Dalum")
        await depot.do(Do.EMPTY, "K-0001", "Dalum")
        done = await depot.do(do, "K-0001", branch)
        assert (done.said, done.reception.place) == (Said.HOLDS_NOTHING, "Dalum")
        assert (await depot.crate("K-0001")).state is CrateState.EMPTY


class TestByScan:
    async def test_nothing_scanned_is_asked_about_and_nothing_is_missing(
        self, depot: Depot
    ) -> None:
        await closed(depot, BOOK)
        done = await depot.do(Do.RECEIVE, "K-0001", "Dalum", ())
        assert (done.said, done.reception.expected) == (Said.NOTHING_SCANNED, (BOOK,))
        assert (await depot.crate("K-0001")).state is CrateState.CLOSED
        assert await depot.place(BOOK) == (HERE, "K-0001", "Dalum", "branch")

    async def test_missing_and_scanned_after_all_it_has_its_rule_and_destination(
        self, depot: Depot
    ) -> None:
        await closed(depot, BOOK, OTHER)
        await depot.receive("K-0001", "Dalum", (OTHER,))
        assert await depot.lies(BOOK) == ""
        await depot.receive("K-0001", "Dalum", (OTHER, BOOK))
        assert await depot.place(BOOK) == ("Dalum", "K-0001", "Dalum", "branch")
        found = await depot.store.read(lambda txn: story(txn, BOOK))
        assert found.place is not None
        assert found.place.cause == ""

    async def test_what_should_not_be_there_goes_on_to_where_it_belongs(self, depot: Depot) -> None:
        await closed(depot, BOOK)
        await depot.falls("adults", OTHER, destination="Tarup", rule="branch")
        done = await depot.do(Do.RECEIVE, "K-0001", "Dalum", (BOOK, OTHER))
        assert (done.reception.unexpected, done.onward) == ((OTHER,), ((OTHER, "Tarup"),))
        assert await depot.place(OTHER) == ("Dalum", "K-0001", "Tarup", "branch")

    async def test_packed_by_hand_what_was_scanned_is_kept(self, depot: Depot) -> None:
        await closed(depot, BOOK)
        await depot.receive("K-0001", "Dalum")
        await depot.do(Do.EMPTY, "K-0001", "Dalum")
        done = await depot.do(Do.RECEIVE, "K-0001", "Tarup", (STRAY, BOOK))
        assert (done.said, done.reception.by_hand) == (Said.RECEIVED, True)
        crate = await depot.crate("K-0001")
        assert (crate.state, crate.branch) == (CrateState.RECEIVED, "Tarup")
        assert set(crate.items) == {STRAY, BOOK}
        assert (await depot.do(Do.RECEIVE, "K-0001", "Tarup")).said is Said.RECEIVED_TWICE


class TestDoubts:
    async def test_back_after_days_it_is_asked_whether_it_is_empty(self, depot: Depot) -> None:
        await closed(depot, BOOK)
        depot.clock.move(timedelta(days=3))
        swap = (await depot.scan("A-06", "K-0001"))[-1]
        assert (swap.said, swap.place, swap.count) == (Said.FULL_OF_OTHER, "Dalum", 1)
        swap = (await depot.scan("A-06", "K-0001"))[-1]
        assert (swap.said, swap.count) == (Said.DOCKED, 0)

    async def test_how_long_it_counts_as_put_back_is_configured(
        self, store: InlineStore, clock: SetClock
    ) -> None:
        depot = Depot(store, clock, replace(SITE, put_back_within=timedelta(minutes=1)))
        await closed(depot, BOOK)
        clock.move(timedelta(minutes=2))
        assert (await depot.scan("A-06", "K-0001"))[-1].said is Said.FULL_OF_OTHER

    async def test_a_chute_whose_crate_was_never_lifted_out_is_doubted_until_said_twice(
        self, depot: Depot
    ) -> None:
        await depot.scan("A-01", "K-0001")
        await depot.falls("adults", BOOK)
        depot.untouched = frozenset({"A-01"})
        swap = (await depot.scan("A-01", "K-0002"))[-1]
        assert (swap.said, swap.place, swap.bin) == (Said.NOT_LIFTED, "K-0001", "")
        assert await depot.lies(BOOK) == "K-0001"
        assert await depot.at("A-01") == "K-0001"
        assert (await depot.scan("A-02", "K-0002"))[-1].said is Said.DOCKED, "the right chute now"
        assert (await depot.scan("A-01", "K-0003"))[-1].said is Said.NOT_LIFTED
        assert (await depot.scan("K-0003", "A-01"))[-1].said is Said.DOCKED

    async def test_one_doubt_overruled_does_not_overrule_another(self, depot: Depot) -> None:
        await closed(depot, BOOK)
        await depot.scan("A-01", "K-0003")
        depot.untouched = frozenset({"A-01"})
        said = [(await depot.scan("A-01", "K-0001"))[-1].said for _ in range(3)]
        assert said == [Said.NOT_LIFTED, Said.FULL_OF_OTHER, Said.DOCKED]
