"""One crate and one chute under every spelling: case, spaces and punctuation name nobody else, and what is shown is as printed."""

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.label import PUNCTUATION, bare
from drivers.ports import Txn
from drivers.store.engine import InlineStore
from sorter.ims import records
from sorter.ims.crates import CrateState, Said
from sorter.ims.handling import Do, handled_to_json
from sorter.ims.happened import Happened, What
from sorter.ims.labels import LabelKind, Patterns
from sorter.ims.points import Point, PointChute, point_told
from sorter.ims.records import Row
from sorter.ims.story import crate_shown
from tests.store_fixtures import SetClock
from tests.unit.sorter_ims.depot import BOOK, OTHER, SECOND, SITE, Depot

SPELT = ("K0001", "k0001", " K-0001 ", "K 0001", "k_0001", "K.00-01", "K–0001")


@pytest.fixture
async def depot(store: InlineStore, clock: SetClock) -> Depot:
    return Depot(store, clock)


def wrote(one: Happened, txn: Txn) -> None:
    records.happen(txn, SITE, one)


@given(st.text(alphabet="kK01aA", min_size=1, max_size=8), st.text(PUNCTUATION + " ", max_size=4))
def test_punctuation_and_case_name_nobody_else(label: str, signs: str) -> None:
    spelt = label[:1] + signs + label[1:]
    assert bare(spelt.lower()) == bare(label)
    assert bare(label + "2") != bare(label)


def test_an_items_number_is_not_spelt_otherwise() -> None:
    assert Patterns().label("384664-6425").kind is LabelKind.UNKNOWN


@pytest.mark.parametrize("spelt", SPELT)
async def test_a_crate_is_one_however_it_is_scanned_and_shown_as_printed(
    depot: Depot, spelt: str
) -> None:
    await depot.scan("A-01", "K-0001")
    await depot.falls("adults", BOOK)
    swap = (await depot.scan("A-02", spelt))[-1]
    assert (swap.said, swap.place, swap.crate) == (Said.ELSEWHERE, "A-01", "K-0001")
    swap = (await depot.scan("A-01", spelt))[-1]
    assert (swap.said, swap.count) == (Said.ALREADY, 1)
    shown = await depot.store.read(lambda txn: crate_shown(txn, spelt))
    assert shown is not None
    assert shown.crate.label == "K-0001"
    assert [one.item for one in shown.contents] == [BOOK]


async def test_a_crate_is_received_and_emptied_under_every_spelling(depot: Depot) -> None:
    await depot.scan("A-06", "K-0001")
    await depot.falls("transit", BOOK, "Dalum")
    await depot.scan("A-06", "K-0002")
    found = await depot.do(Do.RECEIVE, "k 0001", "Dalum", (BOOK,))
    assert handled_to_json(found, "k 0001")["crate"] == "K-0001"
    again = await depot.do(Do.RECEIVE, "K0001", "Dalum", (BOOK,))
    assert not again.reception.unexpected, "what was taken out of it is known by its label too"
    await depot.do(Do.EMPTY, "K_0001", "Dalum")
    assert (await depot.crate("K-0001")).state is CrateState.EMPTY
    rows = await depot.store.read(lambda txn: records.crate_of(txn.connection, "K0001"))
    assert rows is None, "nothing stands under another spelling"


@pytest.mark.parametrize("spelt", ["A01", "a 01", "A_01"])
async def test_a_chute_is_the_stations_own_under_every_spelling(depot: Depot, spelt: str) -> None:
    swap = (await depot.scan(spelt, "K-0001"))[-1]
    assert (swap.said, swap.chute, swap.bin) == (Said.DOCKED, "A-01", "adults")


async def test_patterns_that_want_the_hyphen_know_what_was_printed_without_it(
    store: InlineStore, clock: SetClock
) -> None:
    strict = replace(SITE, patterns=Patterns(crate=r"K-\d{4}", chute=r"A-\d{2}"))
    depot = Depot(store, clock, strict)
    await depot.scan("A-01", "K-0001")
    swap = (await depot.scan("A02", "K0001"))[-1]
    assert (swap.said, swap.crate, swap.chute) == (Said.ELSEWHERE, "K-0001", "A-02")
    assert (await depot.scan("K0002"))[-1].said is Said.UNKNOWN_LABEL, "nobody printed that"


async def test_of_two_rows_from_before_the_one_that_moved_last_is_the_crate(depot: Depot) -> None:
    for label, chute in (("K-0001", "A-01"), ("K0001", "A-02")):
        one = Happened(What.DOCKED, depot.clock.now(), SITE.branch, label, chute, fresh=True)
        await depot.store.write(partial(wrote, one))
        depot.clock.move(SECOND)
    await depot.falls("children", OTHER)
    for spelt in ("K-0001", "K0001"):
        shown = await depot.store.read(partial(crate_shown, label=spelt))
        assert shown is not None
        assert (shown.crate.label, shown.crate.items) == ("K0001", (OTHER,))


async def test_two_points_of_a_branch_contest_a_chute_under_two_spellings(depot: Depot) -> None:
    other = Point("other", SITE.branch, "Kælderen", (PointChute("A01", "x", 1),))
    row = Row("other", "s", 1, point_told(other, depot.clock.now()))
    await depot.store.write(lambda txn: records.take(txn.connection, [row]))
    found = await depot.store.read(lambda txn: records.contested(txn.connection, SITE))
    assert {label: one.point for label, one in found.items()} == {"A-01": "Kælderen"}
