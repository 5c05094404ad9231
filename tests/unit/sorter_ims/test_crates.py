"""Crates at the chutes, on their way and received; scans in the wrong order, twice, of the wrong thing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter.ims.crates import (
    Chute,
    Crate,
    CrateState,
    Depot,
    Said,
    Swap,
    confirmed,
    emptied,
    received,
    scanned,
    sent,
)
from sorter.ims.labels import LabelKind, Patterns

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PATTERNS = Patterns()
BOOK, OTHER = "3846646425", "3846646433"


def depot(**changes: object) -> Depot:
    chutes = {
        "A-01": Chute("A-01", "adults"),
        "A-06": Chute("A-06", "transit", destination="Dalum"),
    }
    plain = Depot("Borgernes Hus", MappingProxyType(chutes))
    return replace(plain, **changes)  # type: ignore[arg-type]


def scan(place: Depot, *texts: str, every: timedelta = SECOND) -> tuple[Depot, list[Swap]]:
    swaps = []
    for n, text in enumerate(texts):
        place, swap = scanned(place, PATTERNS.label(text), NOW + n * every)
        swaps.append(swap)
    return place, swaps


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
    label = PATTERNS.label(text)
    assert (label.kind, label.text) == (kind, clean)


def test_a_label_that_could_be_two_things_is_neither() -> None:
    assert Patterns(item=r"\d+", crate=r"\d{4}").label("0012").kind is LabelKind.UNKNOWN


class TestSwap:
    @pytest.mark.parametrize("pair", [("A-01", "K-0001"), ("K-0001", "A-01")])
    def test_two_scans_in_either_order_dock_a_crate(self, pair: tuple[str, str]) -> None:
        place, swaps = scan(depot(), *pair)
        assert swaps[-1] == Swap(Said.DOCKED, docked="adults")
        crate = place.at("A-01")
        assert crate is not None
        assert (crate.label, crate.state, crate.branch) == (
            "K-0001",
            CrateState.DOCKED,
            "Borgernes Hus",
        )

    def test_the_first_scan_says_what_is_asked_for_next(self) -> None:
        assert scan(depot(), "A-01")[1] == [Swap(Said.CRATE_NEXT)]
        assert scan(depot(), "K-0001")[1] == [Swap(Said.CHUTE_NEXT)]

    def test_the_crate_before_is_closed_with_what_it_holds(self) -> None:
        place, _ = scan(depot(), "A-01", "K-0001")
        place = confirmed(place, "adults", BOOK)
        place, swaps = scan(place, "A-01", "K-0002")
        assert swaps[-1] == Swap(Said.DOCKED, docked="adults", closed="K-0001")
        closed = place.crates["K-0001"]
        assert (closed.state, closed.items, closed.chute) == (CrateState.CLOSED, (BOOK,), "")
        assert place.crates["K-0002"].items == ()

    def test_the_same_crate_at_the_same_chute_again_changes_nothing(self) -> None:
        place, _ = scan(depot(), "A-01", "K-0001")
        again, swaps = scan(place, "K-0001", "A-01")
        assert swaps[-1] == Swap(Said.ALREADY, docked="adults")
        assert again.crates == place.crates

    def test_one_crate_is_at_one_chute(self) -> None:
        place, _ = scan(depot(), "A-01", "K-0001")
        place, swaps = scan(place, "A-06", "K-0001")
        assert swaps[-1] == Swap(Said.ELSEWHERE)
        assert place.at("A-06") is None

    def test_a_crate_with_another_rounds_items_is_not_docked(self) -> None:
        place, _ = scan(depot(), "A-06", "K-0001")
        place = confirmed(place, "transit", BOOK)
        place, _ = scan(place, "A-06", "K-0002")
        place, swaps = scan(place, "A-01", "K-0001")
        assert swaps[-1] == Swap(Said.FULL_OF_OTHER)
        place, swaps = scan(place, "A-06", "K-0001")
        assert swaps[-1].said is Said.DOCKED

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (BOOK, Said.NOT_A_CRATE),
            ("hello", Said.UNKNOWN_LABEL),
            ("A-99", Said.UNKNOWN_CHUTE),
        ],
    )
    def test_a_wrong_scan_is_told_and_forgets_nothing(self, text: str, said: Said) -> None:
        _, swaps = scan(depot(), "A-01", text, "K-0001")
        assert [s.said for s in swaps] == [Said.CRATE_NEXT, said, Said.DOCKED]

    def test_where_crates_are_registered_an_unknown_one_is_refused(self) -> None:
        place, swaps = scan(depot(accept_new=False), "A-01", "K-0001")
        assert swaps[-1] == Swap(Said.UNKNOWN_CRATE)
        assert place.crates == {}

    def test_the_last_of_two_chutes_counts(self) -> None:
        place, _ = scan(depot(), "A-01", "A-06", "K-0001")
        assert place.at("A-01") is None
        assert place.at("A-06") is not None

    def test_a_scan_from_before_lunch_is_no_half_of_a_pair(self) -> None:
        _, swaps = scan(depot(), "A-01", "K-0001", every=timedelta(minutes=30))
        assert [s.said for s in swaps] == [Said.CRATE_NEXT, Said.CHUTE_NEXT]

    def test_a_clock_that_goes_back_makes_no_pair(self) -> None:
        _, swaps = scan(depot(), "A-01", "K-0001", every=-timedelta(minutes=1))
        assert swaps[-1].said is Said.CHUTE_NEXT


class TestContents:
    def test_an_item_lies_in_the_crate_at_its_bin(self) -> None:
        place, _ = scan(depot(), "A-01", "K-0001")
        place = confirmed(place, "adults", BOOK)
        held = place.holding(BOOK)
        assert held is not None
        assert held.label == "K-0001"

    def test_an_item_that_comes_round_again_lies_in_one_crate(self) -> None:
        place, _ = scan(depot(), "A-01", "K-0001", "A-06", "K-0002")
        place = confirmed(confirmed(place, "adults", BOOK), "transit", BOOK)
        assert [c.label for c in place.crates.values() if BOOK in c.items] == ["K-0002"]

    def test_a_bin_without_a_crate_holds_it_nowhere(self) -> None:
        assert confirmed(depot(), "adults", BOOK).holding(BOOK) is None

    def test_told_twice_is_once(self) -> None:
        place, _ = scan(depot(), "A-01", "K-0001")
        place = confirmed(confirmed(place, "adults", BOOK), "adults", BOOK)
        assert place.crates["K-0001"].items == (BOOK,)


class TestReception:
    def on_its_way(self) -> Depot:
        place, _ = scan(depot(), "A-06", "K-0001")
        place = confirmed(confirmed(place, "transit", BOOK), "transit", OTHER)
        place, _ = scan(place, "A-06", "K-0002")
        place, said = sent(place, "K-0001", NOW)
        assert said is Said.DOCKED
        return place

    def test_as_a_whole(self) -> None:
        place, reception = received(self.on_its_way(), "K-0001", "Dalum", NOW)
        assert (reception.said, reception.expected) == (Said.RECEIVED, (BOOK, OTHER))
        assert (reception.missing, reception.unexpected) == ((), ())
        assert place.crates["K-0001"].branch == "Dalum"

    def test_item_by_item_says_what_is_missing_and_what_should_not_be_there(self) -> None:
        _, reception = received(self.on_its_way(), "K-0001", "Dalum", NOW, (BOOK, "1111111111"))
        assert (reception.missing, reception.unexpected) == ((OTHER,), ("1111111111",))

    def test_at_the_wrong_branch_it_must_go_on_and_keeps_what_it_holds(self) -> None:
        place, reception = received(self.on_its_way(), "K-0001", "Tarup", NOW)
        assert (reception.said, reception.onward) == (Said.RECEIVED_ELSEWHERE, "Dalum")
        assert place.crates["K-0001"].items == (BOOK, OTHER)
        assert received(place, "K-0001", "Dalum", NOW)[1].said is Said.RECEIVED

    def test_twice_is_said(self) -> None:
        place, _ = received(self.on_its_way(), "K-0001", "Dalum", NOW)
        assert received(place, "K-0001", "Dalum", NOW)[1].said is Said.RECEIVED_TWICE

    def test_an_unknown_label_and_a_crate_at_a_chute_are_said(self) -> None:
        place = self.on_its_way()
        assert received(place, "K-0099", "Dalum", NOW)[1].said is Said.UNKNOWN_CRATE
        assert received(place, "K-0002", "Dalum", NOW)[1].said is Said.STANDS_AT_CHUTE
        assert sent(place, "K-0002", NOW)[1] is Said.STANDS_AT_CHUTE
        assert sent(place, "K-0099", NOW)[1] is Said.UNKNOWN_CRATE

    def test_emptied_it_begins_another_round(self) -> None:
        place, _ = received(self.on_its_way(), "K-0001", "Dalum", NOW)
        place = emptied(place, "K-0001", NOW)
        assert place.crates["K-0001"] == Crate("K-0001", CrateState.EMPTY, "", "Dalum", "", (), NOW)
        assert emptied(place, "K-0002", NOW) == place


labels = st.sampled_from(["A-01", "A-06", "A-99", "K-0001", "K-0002", "K-0003", BOOK, "nonsense"])
steps = st.one_of(
    st.tuples(st.just("scan"), labels),
    st.tuples(st.just("falls"), st.sampled_from(["adults", "transit", "none"])),
    st.tuples(st.just("sent"), st.sampled_from(["K-0001", "K-0002", "K-0003"])),
    st.tuples(st.just("received"), st.sampled_from(["K-0001", "K-0002", "K-0003"])),
    st.tuples(st.just("emptied"), st.sampled_from(["K-0001", "K-0002", "K-0003"])),
)


@given(st.lists(steps, max_size=40))
def test_whatever_is_scanned_no_crate_is_at_two_chutes_and_no_item_in_two_crates(
    taken: list[tuple[str, str]],
) -> None:
    place = depot()
    for n, (what, arg) in enumerate(taken):
        now = NOW + n * SECOND
        match what:
            case "scan":
                place, _ = scanned(place, PATTERNS.label(arg), now)
            case "falls":
                place = confirmed(place, arg, f"{n % 5:010}")
            case "sent":
                place, _ = sent(place, arg, now)
            case "received":
                seen = None if n % 2 else (f"{n % 5:010}", f"{(n + 1) % 5:010}")
                place, _ = received(place, arg, "Dalum", now, seen)
            case _:
                place = emptied(place, arg, now)
        docked = [c.chute for c in place.crates.values() if c.state is CrateState.DOCKED]
        assert len(docked) == len(set(docked))
        held = [item for c in place.crates.values() for item in c.items]
        assert len(held) == len(set(held))
