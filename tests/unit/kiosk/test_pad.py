"""Presence on the pad: there after one good read, gone after a few missed ones."""

from hypothesis import given
from hypothesis import strategies as st

from drivers.ports import Uid
from kiosk.lending.pad import Moved, Pad, lifted, polled


def uid(n: int) -> Uid:
    return Uid(bytes((0xE0, 4, 1, 0, 0, 0, 0, n)))


A, B, C = uid(1), uid(2), uid(3)


def test_a_tag_is_there_at_once_and_in_order_of_arrival() -> None:
    pad, moved = polled(Pad(), frozenset({B}), 3)
    assert moved == Moved((B,), ())
    pad, moved = polled(pad, frozenset({A, B, C}), 3)
    assert moved == Moved((A, C), ())
    assert [tag for tag, _ in pad.tags] == [B, A, C]


def test_a_tag_that_flickers_is_not_lifted() -> None:
    pad, _ = polled(Pad(), frozenset({A}), 3)
    for _ in range(10):
        for seen in (frozenset[Uid](), frozenset[Uid](), frozenset({A})):
            pad, moved = polled(pad, seen, 3)
            assert moved == Moved((), ())


def test_a_tag_is_gone_with_the_third_miss_in_a_row() -> None:
    pad, _ = polled(Pad(), frozenset({A, B}), 3)
    for _ in range(2):
        pad, moved = polled(pad, frozenset({B}), 3)
        assert moved.removed == ()
    pad, moved = polled(pad, frozenset({B}), 3)
    assert moved == Moved((), (A,))
    assert pad.uids == {B}


def test_a_device_that_knows_it_is_gone_is_believed_and_its_return_is_a_return() -> None:
    pad, _ = polled(Pad(), frozenset({A}), 3)
    pad = lifted(pad, A)
    assert pad.empty
    _, moved = polled(pad, frozenset({A}), 3)
    assert moved.placed == (A,)


@given(
    st.lists(st.frozensets(st.sampled_from((A, B, C))), max_size=30),
    st.integers(min_value=1, max_value=5),
)
def test_what_came_and_went_adds_up_to_what_is_there(
    polls: list[frozenset[Uid]], gone_after: int
) -> None:
    pad, there = Pad(), set[Uid]()
    for n, seen in enumerate(polls):
        pad, moved = polled(pad, seen, gone_after)
        assert not there & set(moved.placed)
        assert set(moved.removed) <= there
        there |= set(moved.placed)
        there -= set(moved.removed)
        assert pad.uids == there
        assert seen <= there
        recent = frozenset[Uid]().union(*polls[max(0, n - gone_after + 1) : n + 1])
        assert there == recent
