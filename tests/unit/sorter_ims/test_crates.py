"""Crates at the chutes, on their way and received, over their tables; scans in the wrong order, twice, of the wrong thing."""

import json
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from drivers.ports import Txn
from drivers.runtime.clock import SeededRng
from drivers.store.engine import InlineStore
from hw_sim.simloop import run
from sorter.ims import records
from sorter.ims.crates import CrateState, Said
from sorter.ims.handling import Do
from sorter.ims.happened import What
from sorter.ims.labels import LabelKind, Patterns
from sorter.ims.records import Row
from sorter.ims.story import crate_shown, story, story_to_json
from sorter.ims.words import swap_words
from tests.store_fixtures import KEY, SetClock
from tests.unit.sorter_ims.depot import BOOK, OTHER, SITE, Depot


@pytest.fixture
async def depot(store: InlineStore, clock: SetClock) -> Depot:
    return Depot(store, clock)


@pytest.mark.parametrize(
    ("text", "kind", "clean"),
    [
        ("3846646425", LabelKind.ITEM, "3846646425"),
        (" k-0012\r", LabelKind.CRATE, "K-0012"),
        ("a-06", LabelKind.CHUTE, "A-06"),
        ("K-12", LabelKind.UNKNOWN, "K-12"),
        ("", LabelKind.UNKNOWN, ""),
    ],
)
def test_a_label_names_its_kind(text: str, kind: LabelKind, clean: str) -> None:
    label = Patterns().label(text)
    assert (label.kind, label.text) == (kind, clean)


@given(st.text(max_size=60))
def test_whatever_is_scanned_is_a_label_that_the_tables_take_or_none(text: str) -> None:
    label = Patterns(item=".*", crate="x{9}", chute="y{9}").label(text)
    assert label.kind in {LabelKind.ITEM, LabelKind.UNKNOWN}
    assert len(label.text) <= 40
    if label.kind is LabelKind.ITEM:
        assert label.text.isascii()


def test_a_label_that_could_be_two_things_is_neither() -> None:
    assert Patterns(item=r"\d+", crate=r"\d{4}").label("0012").kind is LabelKind.UNKNOWN


class TestSwap:
    @pytest.mark.parametrize("pair", [("A-01", "K-0001"), ("K-0001", "A-01")])
    async def test_two_scans_in_either_order_dock_a_crate(
        self, depot: Depot, pair: tuple[str, str]
    ) -> None:
        first, second = await depot.scan(*pair)
        assert first.said is (Said.CRATE_NEXT if pair[0] == "A-01" else Said.CHUTE_NEXT)
        assert (second.said, second.bin, second.count) == (Said.DOCKED, "adults", 0)
        crate = await depot.crate("K-0001")
        assert (crate.state, crate.chute, crate.branch) == (
            CrateState.DOCKED,
            "A-01",
            "Borgernes Hus",
        )

    async def test_the_crate_before_is_closed_with_what_it_holds(self, depot: Depot) -> None:
        await depot.scan("A-01", "K-0001")
        await depot.falls("adults", BOOK)
        swap = (await depot.scan("A-01", "K-0002"))[-1]
        assert (swap.said, swap.bin, swap.closed) == (Said.DOCKED, "adults", "K-0001")
        closed = await depot.crate("K-0001")
        assert (closed.state, closed.items, closed.chute) == (CrateState.CLOSED, (BOOK,), "")
        assert (await depot.crate("K-0002")).items == ()

    async def test_a_crate_scanned_twice_changes_nothing(self, depot: Depot) -> None:
        await depot.scan("A-01", "K-0001")
        await depot.falls("adults", BOOK)
        swap = (await depot.scan("K-0001", "A-01"))[-1]
        assert (swap.said, swap.bin, swap.count) == (Said.ALREADY, "adults", 1)
        assert (await depot.crate("K-0001")).items == (BOOK,)

    async def test_the_same_label_twice_in_a_row_asks_for_the_other(self, depot: Depot) -> None:
        swaps = await depot.scan("K-0001", "K-0001", "A-01")
        assert [s.said for s in swaps] == [Said.CHUTE_NEXT, Said.AGAIN, Said.DOCKED]

    async def test_one_crate_at_two_chutes_is_refused_by_the_name_of_the_first(
        self, depot: Depot
    ) -> None:
        await depot.scan("A-01", "K-0001")
        for _ in range(2):
            swap = (await depot.scan("A-06", "K-0001"))[-1]
            assert (swap.said, swap.place, swap.bin) == (Said.ELSEWHERE, "A-01", "")
        assert await depot.at("A-06") == ""

    async def test_a_crate_with_items_for_another_branch_is_taken_only_when_said_twice(
        self, depot: Depot
    ) -> None:
        await depot.scan("A-06", "K-0001")
        await depot.falls("transit", BOOK)
        await depot.scan("A-06", "K-0002")
        swap = (await depot.scan("A-01", "K-0001"))[-1]
        assert (swap.said, swap.place, swap.count) == (Said.FULL_OF_OTHER, "Dalum", 1)
        assert await depot.lies(BOOK) == "K-0001"
        swap = (await depot.scan("K-0001", "A-01"))[-1]
        assert (swap.said, swap.count) == (Said.DOCKED, 0)
        assert (await depot.crate("K-0001")).items == ()
        assert await depot.lies(BOOK) == ""

    async def test_a_doubt_from_before_lunch_is_not_said_twice(self, depot: Depot) -> None:
        await depot.scan("A-06", "K-0001")
        await depot.falls("transit", BOOK)
        await depot.scan("A-06", "K-0002", "A-01", "K-0001")
        depot.clock.move(timedelta(minutes=30))
        assert (await depot.scan("A-01", "K-0001"))[-1].said is Said.FULL_OF_OTHER

    async def test_put_back_where_it_was_it_goes_on_with_what_it_holds(self, depot: Depot) -> None:
        await depot.scan("A-06", "K-0001")
        await depot.falls("transit", BOOK)
        await depot.scan("A-06", "K-0002")
        swap = (await depot.scan("A-06", "K-0001"))[-1]
        assert (swap.said, swap.count) == (Said.DOCKED, 1)
        assert (await depot.crate("K-0001")).items == (BOOK,)

    async def test_put_back_where_it_was_it_goes_on_to_several_branches_too(
        self, depot: Depot
    ) -> None:
        depot.onward = frozenset({"A-02"})
        await depot.scan("A-02", "K-0001")
        await depot.falls("children", BOOK)
        await depot.scan("A-02", "K-0002")
        swap = (await depot.scan("A-02", "K-0001"))[-1]
        assert (swap.said, swap.count, swap.closed) == (Said.DOCKED, 1, "K-0002")
        assert (await depot.crate("K-0001")).items == (BOOK,)

    @pytest.mark.parametrize("chute", ["A-01", "A-02", "A-06"])
    async def test_one_for_several_branches_is_taken_anew_only_when_said_twice(
        self, depot: Depot, chute: str
    ) -> None:
        """At another chute at once, and an hour later at its own."""
        depot.onward = frozenset({"A-02"})
        await depot.scan("A-02", "K-0001")
        await depot.falls("children", BOOK)
        await depot.scan("A-02", "K-0002")
        if chute == "A-02":
            depot.clock.move(timedelta(hours=2))
        swap = (await depot.scan(chute, "K-0001"))[-1]
        assert (swap.said, swap.place, swap.count) == (Said.FULL_OF_OTHER, "", 1)
        assert swap_words(swap).key == "crates.said.full_of_other.several"
        assert await depot.lies(BOOK) == "K-0001"
        assert (await depot.scan(chute, "K-0001"))[-1].said is Said.DOCKED
        assert await depot.lies(BOOK) == ""

    async def test_one_of_the_house_that_is_put_at_a_chute_for_several_branches_is_empty(
        self, depot: Depot
    ) -> None:
        depot.onward = frozenset({"A-02"})
        await depot.scan("A-01", "K-0001")
        await depot.falls("adults", BOOK)
        await depot.scan("A-01", "K-0002")
        swap = (await depot.scan("A-02", "K-0001"))[-1]
        assert (swap.said, swap.count) == (Said.DOCKED, 0)
        assert await depot.lies(BOOK) == ""

    async def test_one_that_stays_in_the_house_comes_back_empty(self, depot: Depot) -> None:
        await depot.scan("A-01", "K-0001")
        await depot.falls("adults", BOOK)
        await depot.scan("A-01", "K-0002")
        swap = (await depot.scan("A-02", "K-0001"))[-1]
        assert (swap.said, swap.count) == (Said.DOCKED, 0)
        assert await depot.lies(BOOK) == ""

    async def test_one_that_was_sent_and_stands_here_again_was_emptied_there(
        self, depot: Depot
    ) -> None:
        await depot.scan("A-06", "K-0001")
        await depot.falls("transit", BOOK)
        await depot.scan("A-06", "K-0002")
        assert (await depot.do(Do.SEND, "K-0001")).said is Said.SENT
        assert (await depot.scan("A-01", "K-0001"))[-1].said is Said.DOCKED
        found = await depot.store.read(lambda txn: story(txn, BOOK))
        assert (found.branch, found.crate) == ("Dalum", None)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (BOOK, Said.NOT_A_CRATE),
            ("hello", Said.UNKNOWN_LABEL),
            ("A-99", Said.UNKNOWN_CHUTE),
        ],
    )
    async def test_a_wrong_scan_is_told_and_forgets_nothing(
        self, depot: Depot, text: str, said: Said
    ) -> None:
        swaps = await depot.scan("A-01", text, "K-0001")
        assert [s.said for s in swaps] == [Said.CRATE_NEXT, said, Said.DOCKED]

    async def test_where_crates_are_registered_an_unknown_one_is_refused(
        self, store: InlineStore, clock: SetClock
    ) -> None:
        depot = Depot(store, clock, replace(SITE, accept_new=False))
        swap = (await depot.scan("A-01", "K-0001"))[-1]
        assert (swap.said, swap.crate) == (Said.UNKNOWN_CRATE, "K-0001")
        assert await depot.at("A-01") == ""

    async def test_the_last_of_two_chutes_counts(self, depot: Depot) -> None:
        await depot.scan("A-01", "A-06", "K-0001")
        assert (await depot.at("A-01"), await depot.at("A-06")) == ("", "K-0001")

    async def test_a_scan_from_before_lunch_is_no_half_of_a_pair(self, depot: Depot) -> None:
        swaps = await depot.scan("A-01", "K-0001", every=timedelta(minutes=30))
        assert [s.said for s in swaps] == [Said.CRATE_NEXT, Said.CHUTE_NEXT]

    async def test_a_clock_that_goes_back_makes_no_pair(self, depot: Depot) -> None:
        swaps = await depot.scan("A-01", "K-0001", every=-timedelta(minutes=1))
        assert swaps[-1].said is Said.CHUTE_NEXT


class TestContents:
    async def test_an_item_that_comes_round_again_lies_in_one_crate(self, depot: Depot) -> None:
        await depot.scan("A-01", "K-0001", "A-06", "K-0002")
        await depot.falls("adults", BOOK)
        await depot.falls("transit", BOOK)
        assert (await depot.crate("K-0001")).items == ()
        assert (await depot.crate("K-0002")).items == (BOOK,)

    async def test_a_bin_without_a_crate_is_a_place_too(self, depot: Depot) -> None:
        await depot.falls("adults", BOOK)
        found = await depot.store.read(lambda txn: story(txn, BOOK))
        assert found.place is not None
        assert (found.place.bin, found.place.crate, found.branch) == (
            "adults",
            "",
            "Borgernes Hus",
        )

    async def test_beside_a_bin_it_lies_in_none_and_is_there_until_it_is_found(
        self, depot: Depot
    ) -> None:
        await depot.scan("A-01", "K-0001", "A-06", "K-0002")
        await depot.falls_beside("adults", BOOK)
        assert (await depot.crate("K-0001")).items == ()
        found = await depot.store.read(lambda txn: story(txn, BOOK))
        told = story_to_json(found, {"adults": "Voksen"})
        where, (gone,) = told["where"], told["history"]
        assert (where["bin"], where["beside"], where["bin_name"], where["crate"]) == (
            "",
            "adults",
            "Voksen",
            "",
        )
        assert (told["why"]["cause"], gone["what"], gone["bin"], gone["chute"]) == (
            "no_crate",
            "gone",
            "adults",
            "A-01",
        )
        await depot.falls("transit", OTHER, destination="Dalum")
        await depot.scan("A-06", "K-0003")
        await depot.do(Do.SEND, "K-0002")
        await depot.receive("K-0002", "Dalum", (OTHER, BOOK))
        told = story_to_json(await depot.store.read(lambda txn: story(txn, BOOK)), {})
        assert (told["where"]["beside"], told["why"]["cause"]) == ("", "")


class TestReception:
    async def on_its_way(self, depot: Depot) -> None:
        await depot.scan("A-06", "K-0001")
        await depot.falls("transit", BOOK, destination="Dalum")
        await depot.falls("transit", OTHER, destination="Tarup")
        await depot.scan("A-06", "K-0002")

    async def test_as_a_whole(self, depot: Depot) -> None:
        await self.on_its_way(depot)
        done = await depot.do(Do.RECEIVE, "K-0001", "Dalum")
        assert (done.said, done.reception.expected) == (Said.RECEIVED, (BOOK, OTHER))
        assert (done.reception.missing, done.reception.unexpected) == ((), ())
        assert done.onward == ((OTHER, "Tarup"),)
        crate = await depot.crate("K-0001")
        assert (crate.state, crate.branch) == (CrateState.RECEIVED, "Dalum")
        assert (await depot.store.read(lambda txn: story(txn, BOOK))).branch == "Dalum"

    async def test_item_by_item_says_what_is_missing_and_what_should_not_be_there(
        self, depot: Depot
    ) -> None:
        await self.on_its_way(depot)
        reception = await depot.receive("K-0001", "Dalum", (BOOK, "1111111111", BOOK))
        assert (reception.missing, reception.unexpected) == ((OTHER,), ("1111111111",))
        assert set((await depot.crate("K-0001")).items) == {BOOK, "1111111111"}
        missing = await depot.store.read(lambda txn: story(txn, OTHER))
        assert missing.place is not None
        assert (missing.place.crate, missing.place.cause) == ("", "missing")
        assert [row.happened.what for row in missing.rows][-1] is What.MISSING

    async def test_received_as_a_whole_its_items_may_still_be_scanned(self, depot: Depot) -> None:
        await self.on_its_way(depot)
        await depot.receive("K-0001", "Dalum")
        reception = await depot.receive("K-0001", "Dalum", (BOOK,))
        assert (reception.said, reception.missing) == (Said.RECEIVED, (OTHER,))

    async def test_at_the_wrong_branch_it_must_go_on_and_keeps_what_it_holds(
        self, depot: Depot
    ) -> None:
        await self.on_its_way(depot)
        reception = await depot.receive("K-0001", "Tarup")
        assert (reception.said, reception.onward) == (Said.RECEIVED_ELSEWHERE, "Dalum")
        crate = await depot.crate("K-0001")
        assert (crate.items, crate.state, crate.branch) == ((BOOK, OTHER), CrateState.SENT, "Tarup")
        assert (await depot.receive("K-0001", "Dalum")).said is Said.RECEIVED

    async def test_twice_is_said_with_the_branch(self, depot: Depot) -> None:
        await self.on_its_way(depot)
        await depot.receive("K-0001", "Dalum")
        again = await depot.receive("K-0001", "Dalum")
        assert (again.said, again.place) == (Said.RECEIVED_TWICE, "Dalum")

    @pytest.mark.parametrize("do", list(Do))
    async def test_an_unknown_label_and_a_crate_at_a_chute_are_said(
        self, depot: Depot, do: Do
    ) -> None:
        await self.on_its_way(depot)
        assert (await depot.do(do, "K-0099")).said is Said.UNKNOWN_CRATE
        done = await depot.do(do, "K-0002")
        assert (done.said, done.reception.place) == (Said.STANDS_AT_CHUTE, "Borgernes Hus, A-06")

    async def test_emptied_it_begins_another_round(self, depot: Depot) -> None:
        await self.on_its_way(depot)
        await depot.do(Do.SEND, "K-0001")
        assert (await depot.do(Do.EMPTY, "K-0001", "Dalum")).said is Said.NOT_HERE
        await depot.receive("K-0001", "Dalum")
        assert (await depot.do(Do.EMPTY, "K-0001", "Dalum")).said is Said.EMPTIED
        crate = await depot.crate("K-0001")
        assert (crate.state, crate.branch, crate.destination, crate.items) == (
            CrateState.EMPTY,
            "Dalum",
            "",
            (),
        )

    async def test_the_story_of_an_item_tells_of_its_crate_while_it_lay_there(
        self, depot: Depot
    ) -> None:
        await self.on_its_way(depot)
        await depot.do(Do.SEND, "K-0001")
        await depot.receive("K-0001", "Dalum")
        await depot.do(Do.EMPTY, "K-0001", "Dalum")
        await depot.scan("A-01", "K-0001")
        found = await depot.store.read(lambda txn: story(txn, BOOK))
        assert [row.happened.what for row in found.rows] == [
            What.FELL,
            What.CLOSED,
            What.SENT,
            What.RECEIVED,
            What.EMPTIED,
        ]
        assert found.branch == "Dalum"


async def test_why_an_item_lies_there_is_told_with_what_the_rule_looked_at(depot: Depot) -> None:
    why = json.dumps({"alert": "04", "destination": "Dalum"})
    await depot.falls("transit", BOOK, rule="branch", why=why, destination="Dalum")
    found = await depot.store.read(lambda txn: story(txn, BOOK))
    assert found.place is not None
    assert (found.place.rule, found.facts) == (
        "branch",
        {"alert": "04", "destination": "Dalum"},
    )


labels = st.sampled_from(["A-01", "A-06", "A-99", "K-0001", "K-0002", "K-0003", BOOK, "nonsense"])
steps = st.one_of(
    st.tuples(st.just("scan"), labels),
    st.tuples(st.just("falls"), st.sampled_from(["adults", "transit", "none"])),
    st.tuples(st.sampled_from(list(Do)), st.sampled_from(["K-0001", "K-0002", "K-0003"])),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=30), st.randoms(use_true_random=False))
def test_whatever_happens_no_crate_is_at_two_chutes_and_rows_in_any_order_come_to_the_same(
    taken: list[tuple[str, str]], chance: Random
) -> None:
    """The rows of two branches may arrive in any order that keeps each branch's own; a newer moment always stands."""

    async def story_of_all() -> None:
        clock = SetClock()
        store = InlineStore(clock=clock, rng=SeededRng(1), key=KEY)
        depot = Depot(store, clock)
        for n, (what, arg) in enumerate(taken):
            match what:
                case "scan":
                    await depot.scan(arg)
                case "falls":
                    await depot.falls(arg, f"{n % 5:010}")
                case _:
                    seen = None if n % 2 else (f"{n % 5:010}", f"{(n + 1) % 5:010}")
                    await depot.do(Do(what), arg, ("Borgernes Hus", "Dalum")[n % 2], seen)
        rows = await store.read(
            lambda txn: records.rows_after(
                txn.connection, SITE.station, records.stream_of(txn), 0, 10_000
            )
        )
        ours = await _crates(store)
        docked = [c for c in ours.values() if c[0] == "docked"]
        assert len({c[1] for c in docked}) == len(docked)
        other = InlineStore(clock=clock, rng=SeededRng(2), key=KEY)
        streams: dict[str, list[Row]] = {}
        for row in rows:
            mine = streams.setdefault(row.happened.branch, [])
            mine.append(replace(row, station=row.happened.branch, seq=len(mine) + 1))
        arriving = []
        while any(streams.values()):
            branch = chance.choice(sorted(name for name, mine in streams.items() if mine))
            arriving.append(streams[branch].pop(0))
        assert await other.write(lambda txn: records.take(txn.connection, arriving)) == len(rows)
        assert await other.write(lambda txn: records.take(txn.connection, arriving)) == 0
        assert await _crates(other) == ours
        await other.close()
        await store.close()

    run(story_of_all())


async def _crates(store: InlineStore) -> dict[str, tuple[str, str, str, tuple[str, ...]]]:
    def read(txn: Txn) -> dict[str, tuple[str, str, str, tuple[str, ...]]]:
        found = {}
        for label in ("K-0001", "K-0002", "K-0003"):
            crate = records.crate_of(txn.connection, label)
            if crate is not None:
                found[label] = (crate.state.value, crate.chute, crate.branch, crate.items)
        return found

    return await store.read(read)


async def test_where_is_it_needs_no_walk_through_all_that_happened(depot: Depot) -> None:
    """A year has over a million rows: every question about an item or a crate goes by an index."""
    asked: list[str] = []

    def ask(txn: Txn) -> None:
        def seen(
            connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
        ) -> None:
            del connection, cursor, context, many
            plan = txn.connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            asked.extend(row[3] for row in plan if "ims_" in row[3])

        event.listen(txn.connection, "before_cursor_execute", seen)
        story(txn, BOOK)
        crate_shown(txn, "K-0001")
        event.remove(txn.connection, "before_cursor_execute", seen)

    await depot.scan("A-01", "K-0001")
    await depot.falls("adults", BOOK)
    await depot.store.read(ask)
    assert len(asked) >= 5
    asked.remove(
        "SCAN ims_crates"
    )  # once, for its label in any spelling: there are as many as crates
    assert [step for step in asked if not step.startswith("SEARCH")] == []
