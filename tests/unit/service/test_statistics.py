"""Counting: without anybody in it, an hour and a type never joined, added up over months and machines."""

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.ports import Txn
from drivers.runtime.clock import SeededRng
from drivers.service.records import count, counts_of
from drivers.service.statistics import (
    FEW,
    RARE,
    Count,
    VisitEnd,
    What,
    end_of,
    month,
    of_item,
    of_receipt,
    of_refusal,
    of_visit,
    share,
)
from drivers.store.engine import InlineStore
from drivers.store.sealed import SealKey
from hw_sim.simloop import run
from tests.store_fixtures import SetClock

AT = datetime(2026, 11, 3, 10, 44, tzinfo=ZoneInfo("Europe/Copenhagen"))


def test_an_item_counts_in_its_hour_and_by_its_type_in_its_month_and_nowhere_as_both() -> None:
    hour, whole = of_item(What.LOAN, AT, "001")
    assert (hour.period, hour.kind) == ("2026-11-03T10", "")
    assert (whole.period, whole.kind) == ("2026-11", "001")


@given(st.text(max_size=80), st.text(max_size=80))
def test_what_another_system_says_is_a_short_word_or_not_told_apart(
    media: str, reason: str
) -> None:
    for one in (*of_item(What.RETURN, AT, media), *of_refusal("loan", AT, reason)):
        assert re.fullmatch(r"[a-z0-9_.]{0,70}", one.kind)


def test_a_month_adds_up_and_takes_off_what_was_undone() -> None:
    lent = [c for _ in range(7) for c in of_item(What.LOAN, AT, "001")]
    undone = of_item(What.UNDO, AT.replace(hour=10), "001")
    back = [c for _ in range(2) for c in of_item(What.RETURN, AT.replace(hour=11), "006")]
    other = of_item(What.LOAN, AT.replace(month=12), "001")
    visits = (
        *of_visit(AT, VisitEnd.DONE, 25),
        *of_visit(AT, VisitEnd.ABANDONED, 95),
    )
    found = month("2026-11", (*lent, *undone, *back, *other, *visits, *of_receipt(AT, "paper")))
    assert (found.total(What.LOAN), found.total(What.RETURN), found.total(What.VISIT)) == (6, 2, 2)
    assert found.by_hour[What.LOAN][10] == 6
    assert found.by_hour[What.RETURN][11] == 2
    assert found.by_type[What.LOAN] == {"001": 6}
    assert found.by_type[What.RETURN] == {RARE: 2}, "a type met twice is not named"
    assert found.visits == {"done": 1, "abandoned": 1}
    assert found.lengths == {"30": 1, "120": 1}
    assert found.mean_seconds == 60
    assert found.receipts == {"paper": 1}


@given(st.dictionaries(st.sampled_from(("001", "002", "006", "other")), st.integers(0, 20)))
def test_no_type_is_named_that_was_met_seldom_and_none_is_lost(types: dict[str, int]) -> None:
    counts = [Count("2026-11", What.LOAN, kind, n) for kind, n in types.items()]
    named = month("2026-11", counts).by_type[What.LOAN]
    assert sum(named.values()) == sum(types.values())
    assert all(n >= FEW for kind, n in named.items() if kind != RARE)


@pytest.mark.parametrize(
    ("done", "timed_out", "end"),
    [
        (2, False, VisitEnd.DONE),
        (2, True, VisitEnd.LEFT_DONE),
        (0, False, VisitEnd.LOOKED),
        (0, True, VisitEnd.ABANDONED),
    ],
)
def test_how_a_visit_ended(done: int, timed_out: bool, end: VisitEnd) -> None:
    assert end_of(done=done, timed_out=timed_out) is end


def test_the_share_needs_a_figure_of_the_library() -> None:
    assert share(93, 100) == 0.93
    assert share(93, 0) is None


def test_an_empty_month_is_a_month() -> None:
    found = month("2026-11", ())
    assert (found.total(What.LOAN), found.mean_seconds) == (0, None)


def stored(*units: Callable[[Txn], object], of: str = "2026-11") -> tuple[Count, ...]:
    async def whole() -> tuple[Count, ...]:
        store = InlineStore(clock=SetClock(), rng=SeededRng(1), key=SealKey(bytes(32)))
        try:
            for unit in units:
                try:
                    await store.write(unit)
                except ZeroDivisionError:
                    pass
            return await store.read(lambda txn: counts_of(txn, of))
        finally:
            await store.close()

    return run(whole())


def test_counts_stand_with_their_transaction_or_not_at_all() -> None:
    def broken(txn: Txn) -> None:
        count(txn, Count("2026-11", What.LOAN, "001"))
        _ = 1 // 0

    one = Count("2026-11", What.LOAN, "001")
    assert stored(lambda txn: count(txn, one), broken, lambda txn: count(txn, one, one)) == (
        Count("2026-11", What.LOAN, "001", 3),
    )


def test_a_month_is_read_with_its_hours_and_without_its_neighbours() -> None:
    periods = ("2026-10", "2026-11", "2026-11-30T23", "2026-12-01T00", "2026-1%")
    rows = stored(lambda txn: count(txn, *(Count(p, What.VISIT) for p in periods[:4])))
    assert [row.period for row in rows] == ["2026-11", "2026-11-30T23"]
