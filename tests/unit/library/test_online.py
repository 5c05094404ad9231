"""The table of being reached: work stops late, and starts again later; a slow library system is not a silent one."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.library import draw
from drivers.library.online import (
    DOUBT,
    TABLE,
    WEIGHT,
    Heard,
    Reach,
    hear,
    patience,
    probe_in,
    up,
)
from drivers.ports import Online

ANSWER_S = 8.0


def _after(reach: Reach, *heard: tuple[Heard, float]) -> Reach:
    for what, at in heard:
        reach = hear(reach, what, at)
    return reach


def test_the_first_good_status_opens_at_once() -> None:
    assert hear(Reach(), Heard.GOOD, 0).online is Online.ONLINE


@pytest.mark.parametrize("state", [Online.ONLINE, Online.REPLAYING])
@pytest.mark.parametrize(
    ("failures", "after"),
    [
        ((Heard.FAILED,), Online.DEGRADED),
        ((Heard.SILENT,), Online.DEGRADED),
        ((Heard.FAILED, Heard.FAILED), Online.DEGRADED),
        ((Heard.FAILED, Heard.SILENT), Online.DEGRADED),
        ((Heard.FAILED, Heard.FAILED, Heard.FAILED), Online.OFFLINE),
        ((Heard.SILENT, Heard.SILENT), Online.OFFLINE),
        ((Heard.SILENT, Heard.FAILED, Heard.FAILED), Online.OFFLINE),
    ],
)
def test_one_failure_brings_doubt_and_enough_of_it_the_end(
    state: Online, failures: tuple[Heard, ...], after: Online
) -> None:
    reach = _after(
        Reach(state, queued=state is Online.REPLAYING), *((heard, 0.0) for heard in failures)
    )
    assert reach.online is after
    if after is Online.DEGRADED:
        assert hear(reach, Heard.GOOD, 1).online is state, "and a good answer ends the doubt"
        assert hear(reach, Heard.GOOD, 1).doubt == 0


def test_failures_are_counted_anew_after_a_good_call() -> None:
    reach = Reach(Online.ONLINE)
    for at in range(10):
        reach = _after(reach, (Heard.FAILED, at), (Heard.FAILED, at), (Heard.GOOD, at))
        assert reach.online is Online.ONLINE


@pytest.mark.parametrize("queued", [True, False])
def test_three_good_probes_five_seconds_apart_open_again(queued: bool) -> None:
    reach = _after(
        Reach(Online.OFFLINE, failed=3, queued=queued), (Heard.GOOD, 100), (Heard.GOOD, 101)
    )
    assert (reach.online, reach.good) == (Online.OFFLINE, 1)
    reach = hear(reach, Heard.GOOD, 105)
    assert reach.online is Online.OFFLINE
    reach = hear(reach, Heard.GOOD, 110)
    assert reach.online is (Online.REPLAYING if queued else Online.ONLINE)
    assert hear(reach, Heard.REPLAYED, 110).online is Online.ONLINE
    assert hear(reach, Heard.FAILED, 110).online is Online.DEGRADED


def test_a_failure_between_them_starts_the_count_again() -> None:
    reach = _after(
        Reach(Online.OFFLINE),
        (Heard.GOOD, 0), (Heard.GOOD, 5), (Heard.FAILED, 10), (Heard.GOOD, 15), (Heard.GOOD, 20),
    )  # fmt: skip
    assert reach.online is Online.OFFLINE
    assert hear(reach, Heard.GOOD, 25).online is Online.ONLINE


def test_rows_that_wait_are_remembered_in_every_state() -> None:
    for state in Online:
        queued = hear(Reach(state), Heard.QUEUED, 0)
        assert queued.queued
        assert not hear(queued, Heard.REPLAYED, 0).queued
    away = _after(Reach(Online.ONLINE), (Heard.QUEUED, 0), (Heard.SILENT, 1), (Heard.SILENT, 2))
    assert away.online is Online.OFFLINE
    back = _after(away, (Heard.GOOD, 10), (Heard.GOOD, 15), (Heard.GOOD, 20))
    assert back.online is Online.REPLAYING


@pytest.mark.parametrize("state", list(Online))
def test_a_library_that_says_it_is_closed_is_closed(state: Online) -> None:
    assert hear(Reach(state), Heard.CLOSED, 0).online is Online.OFFLINE


def test_the_table_names_every_state_and_nothing_else_changes_one() -> None:
    for state in Online:
        for heard in (Heard.GOOD, Heard.FAILED, Heard.SILENT, Heard.CLOSED):
            assert (state, heard) in TABLE
        if state is not Online.REPLAYING:
            assert hear(Reach(state), Heard.REPLAYED, 0) == Reach(state)


def test_probes_are_spaced() -> None:
    assert probe_in(Reach(Online.ONLINE), 30, 0.5) == 30
    assert probe_in(Reach(Online.REPLAYING), 30, 0.5) == 30
    assert probe_in(Reach(Online.DEGRADED, failed=1), 30, 0.5) == 0, "others wait for it"
    assert probe_in(Reach(Online.DEGRADED, failed=2), 30, 0.5) == 2
    assert probe_in(Reach(), 30, 0.5) == 5
    assert probe_in(Reach(Online.OFFLINE, good=1), 30, 0.5) == 5
    waits = [probe_in(Reach(Online.OFFLINE, failed=n), 30, 1.0) for n in range(3, 9)]
    assert waits == [5, 10, 20, 30, 30, 30]
    assert probe_in(Reach(Online.OFFLINE, failed=9), 30, 0.0) == 22.5


@pytest.mark.parametrize(
    ("usual", "waits"), [(0.0, 1.5), (0.3, 1.5), (1.0, 3.0), (2.0, 6.0), (3.0, 8.0)]
)
def test_a_probe_of_a_slow_system_waits_longer_and_others_never_less_than_a_call(
    usual: float, waits: float
) -> None:
    assert patience(Reach(Online.DEGRADED, usual_s=usual), ANSWER_S) == waits
    assert patience(Reach(Online.ONLINE, usual_s=usual), ANSWER_S) == ANSWER_S
    assert patience(Reach(Online.OFFLINE, usual_s=usual), ANSWER_S) == 2 * ANSWER_S


def test_how_slow_it_is_is_learned_at_once_and_forgotten_slowly() -> None:
    reach = hear(Reach(Online.ONLINE), Heard.GOOD, 0, took=3.0)
    assert reach.usual_s == 3.0
    for at in range(20):
        reach = hear(reach, Heard.GOOD, at, took=0.2)
    assert reach.usual_s == 0.2


def test_a_silent_line_is_away_within_ten_seconds_of_the_call_that_met_it() -> None:
    reach = hear(Reach(Online.ONLINE, usual_s=0.4), Heard.SILENT, ANSWER_S)
    at = ANSWER_S + probe_in(reach, 30, 1.0) + patience(reach, ANSWER_S)
    assert hear(reach, Heard.SILENT, at).online is Online.OFFLINE
    assert at <= 10


def test_a_broken_line_is_away_within_five_seconds() -> None:
    reach, at = hear(Reach(Online.ONLINE), Heard.FAILED, 0), 0.0
    while reach.online is not Online.OFFLINE:
        at += probe_in(reach, 30, 1.0)
        reach = hear(reach, Heard.FAILED, at)
    assert at <= 5


@given(st.lists(st.sampled_from([Heard.GOOD, Heard.FAILED, Heard.SILENT]), max_size=60))
def test_it_never_closes_on_less_than_enough_doubt_nor_opens_within_ten_seconds(
    heard: list[Heard],
) -> None:
    reach = Reach(Online.ONLINE)
    states = [(reach.online, 0.0)]
    for n, what in enumerate(heard):
        reach = hear(reach, what, n * 5.0)
        states.append((reach.online, n * 5.0))
    closed_at = 0.0
    bad = 0
    for ((was, _), (now, at)), what in zip(pairwise(states), heard, strict=True):
        bad = 0 if what is Heard.GOOD else bad + WEIGHT[what]
        if up(was) and not up(now):
            closed_at = at
            assert bad >= DOUBT
        if not up(was) and up(now):
            assert at - closed_at >= 10


def test_the_drawn_page_is_current() -> None:
    assert draw.PAGE.read_text(encoding="utf-8") == draw.page(), (
        "run python -m drivers.library.draw"
    )
