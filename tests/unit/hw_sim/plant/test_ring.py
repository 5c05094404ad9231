"""The ring of 64 events and the window of 8 that follows what the host has taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_sim.devices.belt_ring import DEPTH, WINDOW, Event, Ring, Type


def filled(count: int, head: int = 0) -> Ring:
    ring = Ring()
    ring.head = ring.taken = head
    for n in range(count):
        ring.push(Type.AT_READER, 1, n + 1, encoder=n)
    return ring


def read(words: list[int], taken: int) -> list[list[int]]:
    """As a host reads the window: a record counts if both its ends are the number expected and it has a type."""
    found = []
    for n in range(WINDOW):
        record = words[8 * n : 8 * n + 8]
        number = (taken + n + 1) % 65536
        if record[0] == record[7] == number and record[1] & 0xFF:
            found.append(record)
    return found


def test_a_record_is_laid_out_as_the_map_says() -> None:
    event = Event(6, Type.INDUCTED, 0, 37, 210, 210, 123456)
    assert event.words() == [0x0006, 0x0001, 0x0025, 0x00D2, 0x00D2, 0x0001, 0xE240, 0x0006]


def test_the_zone_stands_in_the_high_byte() -> None:
    assert Event(1, Type.LOST, 3, 1, 3, 0, 0).words()[1] == 0x0308


@pytest.mark.parametrize("head", [0, 65530])
@pytest.mark.parametrize("count", [0, 1, 8, 9, 64])
def test_all_events_come_through_the_window_in_order(count: int, head: int) -> None:
    ring = filled(count, head)
    got: list[int] = []
    while records := read(ring.window(), ring.taken):
        got += [record[2] for record in records]
        ring.taken = records[-1][0]
    assert got == list(range(1, count + 1))
    assert ring.pending == 0


def test_a_window_without_events_holds_nothing_that_could_be_taken_for_one() -> None:
    words = Ring().window()
    for n in range(WINDOW):
        record = words[8 * n : 8 * n + 8]
        assert record[1] & 0xFF == 0
        assert record[0] != record[7]


def test_what_was_overrun_is_gone_and_shows_in_what_is_pending() -> None:
    ring = filled(DEPTH + 5)
    assert ring.pending == DEPTH + 5
    assert [record[2] for record in read(ring.window(), 0)] == [6, 7, 8]


def test_a_host_that_is_ahead_has_nothing_pending() -> None:
    ring = filled(3)
    ring.taken = 10
    assert ring.pending == 0
    assert read(ring.window(), 10) == []


@given(st.integers(0, 65535), st.lists(st.integers(0, 8), max_size=40))
def test_any_pace_of_taking_sees_each_event_once(head: int, pace: list[int]) -> None:
    ring = filled(0, head)
    said = seen = 0
    for step in pace:
        for _ in range(step):
            said += 1
            ring.push(Type.STRAY, 0, said)
        for record in read(ring.window(), ring.taken)[: step + 1]:
            seen += 1
            assert record[2] == seen
            ring.taken = record[0]
        if ring.pending > DEPTH - 8:
            break
    assert ring.pending == said - seen
