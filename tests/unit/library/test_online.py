"""The table of being reached: work stops late, and starts again later."""

import pytest

from drivers.library.online import TABLE, Heard, Reach, hear, probe_in
from drivers.ports import Online


def _after(reach: Reach, *heard: tuple[Heard, float]) -> Reach:
    for what, at in heard:
        reach = hear(reach, what, at)
    return reach


def test_the_first_good_status_opens_at_once() -> None:
    assert hear(Reach(), Heard.GOOD, 0).online is Online.ONLINE


def test_one_failure_degrades_three_in_a_row_close() -> None:
    reach = hear(Reach(Online.ONLINE), Heard.FAILED, 0)
    assert reach.online is Online.DEGRADED
    reach = hear(reach, Heard.FAILED, 5)
    assert reach.online is Online.DEGRADED
    assert hear(reach, Heard.GOOD, 6) == Reach(Online.ONLINE, counted_at=6)
    assert hear(reach, Heard.FAILED, 10).online is Online.OFFLINE


def test_failures_are_counted_anew_after_a_good_call() -> None:
    reach = Reach(Online.ONLINE)
    for at in range(10):
        reach = _after(reach, (Heard.FAILED, at), (Heard.FAILED, at), (Heard.GOOD, at))
        assert reach.online is Online.ONLINE


def test_three_good_probes_five_seconds_apart_open_again() -> None:
    reach = _after(Reach(Online.OFFLINE, failed=3), (Heard.GOOD, 100), (Heard.GOOD, 101))
    assert (reach.online, reach.good) == (Online.OFFLINE, 1)
    reach = hear(reach, Heard.GOOD, 105)
    assert reach.online is Online.OFFLINE
    reach = hear(reach, Heard.GOOD, 110)
    assert reach.online is Online.REPLAYING
    assert hear(reach, Heard.REPLAYED, 110).online is Online.ONLINE
    assert hear(reach, Heard.FAILED, 110).online is Online.OFFLINE


def test_a_failure_between_them_starts_the_count_again() -> None:
    reach = _after(
        Reach(Online.OFFLINE),
        (Heard.GOOD, 0), (Heard.GOOD, 5), (Heard.FAILED, 10), (Heard.GOOD, 15), (Heard.GOOD, 20),
    )  # fmt: skip
    assert reach.online is Online.OFFLINE
    assert hear(reach, Heard.GOOD, 25).online is Online.REPLAYING


@pytest.mark.parametrize("state", list(Online))
def test_a_library_that_says_it_is_closed_is_closed(state: Online) -> None:
    assert hear(Reach(state), Heard.CLOSED, 0).online is Online.OFFLINE


def test_the_table_names_every_state_and_nothing_else_changes_one() -> None:
    for state in Online:
        for heard in (Heard.GOOD, Heard.FAILED, Heard.CLOSED):
            assert (state, heard) in TABLE
        if state is not Online.REPLAYING:
            assert hear(Reach(state), Heard.REPLAYED, 0) == Reach(state)


def test_probes_are_spaced() -> None:
    assert probe_in(Reach(Online.ONLINE), 30, 0.5) == 30
    assert probe_in(Reach(Online.DEGRADED, failed=1), 30, 0.5) == 5
    assert probe_in(Reach(), 30, 0.5) == 5
    assert probe_in(Reach(Online.OFFLINE, good=1), 30, 0.5) == 5
    waits = [probe_in(Reach(Online.OFFLINE, failed=n), 30, 1.0) for n in range(3, 9)]
    assert waits == [5, 10, 20, 30, 30, 30]
    assert probe_in(Reach(Online.OFFLINE, failed=9), 30, 0.0) == 22.5
