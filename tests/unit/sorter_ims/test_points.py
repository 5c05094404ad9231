"""Sorting points and branches as plants tell of them: whole, newest first, and never twice."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.ports import Txn
from drivers.store.engine import InlineStore
from sorter.ims import records
from sorter.ims.happened import Happened, What
from sorter.ims.points import (
    Point,
    PointChute,
    network_heard,
    network_told,
    next_stop,
    point_heard,
    point_told,
)
from sorter.ims.records import Row
from sorter.ims.routes import Branch, Exchange, Network
from sorter.ims.site import Site

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
SITE = Site("bh-sorter", "Borgernes Hus", point="Sortering")
CHUTES = (
    PointChute("A-01", "adults", 1),
    PointChute("A-06", "transit", 6, "Dalum"),
)
POINT = Point("bh-sorter", "Borgernes Hus", "Sortering", CHUTES, AT)
CENTRAL = Network(
    {
        "Borgernes Hus": Branch("Borgernes Hus", plant=True),
        "Dalum": Branch("Dalum"),
        "Tarup": Branch("Tarup"),
    },
    Exchange.CENTRAL,
    "Borgernes Hus",
)


async def known(store: InlineStore) -> tuple[Point, ...]:
    return await store.read(lambda txn: records.points(txn.connection))


async def heard(store: InlineStore, *told: Happened, station: str = "bh-sorter") -> None:
    def take(txn: Txn) -> None:
        last = records.last_of(txn.connection, station, "s")
        for n, one in enumerate(told, last + 1):
            records.take(txn.connection, [Row(station, "s", n, one)])

    await store.write(take)


def test_a_point_is_heard_as_it_was_told() -> None:
    assert point_heard("bh-sorter", point_told(POINT, AT)) == POINT
    told = network_told(CENTRAL, "Borgernes Hus", AT)
    assert network_heard(told) == (
        "Borgernes Hus",
        {"Borgernes Hus": True, "Dalum": False, "Tarup": False},
    )


async def test_a_plant_tells_of_itself_once_and_again_when_it_is_another(
    store: InlineStore,
) -> None:
    def tell(point: Point) -> Any:
        return lambda txn: records.tell(txn, SITE, point_told(point, txn.now))

    for _ in range(3):
        await store.write(tell(POINT))
    rows = await store.read(lambda txn: records.rows_of_others(txn.connection, "", "", 0, 10))
    assert [row.happened.what for row in rows] == [What.POINT]
    (found,) = await known(store)
    assert (found.name, found.chutes) == ("Sortering", CHUTES)
    fewer = Point("bh-sorter", "Borgernes Hus", "Sortering", CHUTES[:1])
    await store.write(tell(fewer))
    (found,) = await known(store)
    assert found.chutes == CHUTES[:1]


async def test_what_is_told_late_changes_nothing_that_is_newer(store: InlineStore) -> None:
    older = Point("bh-sorter", "Borgernes Hus", "Gammel", CHUTES[:1])
    await heard(store, point_told(POINT, AT), point_told(older, AT - timedelta(hours=1)))
    await heard(store, network_told(CENTRAL, "Borgernes Hus", AT))
    plain = Network({"Dalum": Branch("Dalum")})
    await heard(store, network_told(plain, "Dalum", AT - timedelta(hours=1)), station="d")
    (found,) = await known(store)
    assert found.name == "Sortering"
    network = await store.read(lambda txn: records.network(txn.connection))
    assert network == CENTRAL
    await heard(store, network_told(plain, "Dalum", AT + timedelta(hours=1)), station="d")
    assert await store.read(lambda txn: records.network(txn.connection)) == plain


async def test_the_crate_at_a_chute_is_told_with_it_and_points_do_not_mix(
    store: InlineStore,
) -> None:
    other = Point("dalum-sorter", "Dalum", "Dalum", (PointChute("A-01", "alt", 1),))
    await heard(store, point_told(POINT, AT))
    await heard(store, point_told(other, AT), station="dalum-sorter")
    docked = Happened(What.DOCKED, AT, "Borgernes Hus", "K-0001", "A-01", fresh=True)
    await heard(store, docked)
    ours, theirs = await known(store)
    assert [chute.crate for chute in ours.chutes] == ["K-0001", ""]
    assert [chute.crate for chute in theirs.chutes] == [""]
    named = await store.read(
        lambda txn: [
            records.point_of_chute(txn.connection, branch, "A-01")
            for branch in ("Borgernes Hus", "Dalum", "Tarup")
        ]
    )
    assert named == ["Sortering", "Dalum", ""]


@pytest.mark.parametrize(
    ("network", "here", "to", "by"),
    [
        (CENTRAL, "Dalum", "Tarup", "Borgernes Hus"),
        (CENTRAL, "Borgernes Hus", "Tarup", "Tarup"),
        (CENTRAL, "Dalum", "Dalum", ""),
        (CENTRAL, "Dalum", "Faaborg", "Faaborg"),
        (None, "Dalum", "Tarup", "Tarup"),
        (None, "Dalum", "Dalum", ""),
    ],
)
def test_the_next_stop_is_the_sorting_branch_where_all_exchange_by_it(
    network: Network | None, here: str, to: str, by: str
) -> None:
    assert next_stop(network, here, to) == by


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_what_no_point_would_say_is_passed_over(why: str) -> None:
    from sorter.ims.records.standing import apply

    class Nobody:
        def execute(self, *_: object) -> None:
            raise AssertionError("something was written")

    for what in (What.POINT, What.NETWORK):
        apply(Nobody(), "x", Happened(what, AT, "x", why=why))
