"""The table of an item's life: whole, without a trap, and drawn."""

import pytest

from drivers.errors import LocalProtocolError
from drivers.ports import Uid
from kiosk.lending import draw
from kiosk.lending.rows import (
    BORROWED,
    BUSY,
    TABLE,
    UNCOUNTED,
    UNSETTLED,
    Happening,
    Part,
    Row,
    RowState,
    can,
    moved,
)

ENDS = {
    RowState.DONE,
    RowState.REFUSED,
    RowState.SKIPPED,
    RowState.UNDONE,
    RowState.STAFF,
    RowState.GONE,
}
ANSWERED = {RowState.ASKING, RowState.TAG_WRITE, RowState.UNDO_ARM, RowState.UNDO_ASK}
"""A handler always answers these, with an event of its own when it fails (doing.failed)."""


def uid(n: int) -> Uid:
    return Uid(bytes((0xE0, 4, 1, 0, 0, 0, 0, n)))


def test_the_drawn_page_is_current() -> None:
    assert draw.PAGE.read_text(encoding="utf-8") == draw.page(), "run python -m kiosk.lending.draw"


def test_every_state_has_its_line_and_every_happening_is_used() -> None:
    assert set(TABLE) == set(RowState)
    assert {happening for edges in TABLE.values() for happening in edges} == set(Happening)


def test_every_state_can_be_reached() -> None:
    reached = {RowState.SEEN, RowState.UNREAD}
    while more := {after for state in reached for after in TABLE[state].values()} - reached:
        reached |= more
    assert reached == set(RowState)


def test_every_state_that_waits_has_a_way_out_in_time() -> None:
    assert UNSETTLED.isdisjoint(ENDS)
    for state in UNSETTLED - ANSWERED:
        assert Happening.TIMED_OUT in TABLE[state], state


def test_from_every_state_that_holds_a_visit_time_and_answers_lead_out() -> None:
    outcomes = {
        Happening.TIMED_OUT,
        Happening.REFUSED,
        Happening.VERIFIED,
        Happening.TRIES_SPENT,
        Happening.CANCEL_REFUSED,
        Happening.LOANED,
        Happening.NO_ANSWER,
    }
    for state in UNSETTLED:
        reached = {state}
        while (
            more := {after for s in reached for why, after in TABLE[s].items() if why in outcomes}
            - reached
        ):
            reached |= more
        assert reached & ENDS, state


def test_a_tag_is_written_only_for_a_loan_that_stands() -> None:
    into = {
        (state, why)
        for state, edges in TABLE.items()
        for why, to in edges.items()
        if to is RowState.TAG_WRITE
    }
    assert {why for _, why in into} == {
        Happening.LOANED,
        Happening.TAG_BACK,
        Happening.CANCEL_REFUSED,
    }
    assert RowState.WAIT_TAG in BORROWED


def test_groups_do_not_contradict_each_other() -> None:
    assert BUSY < UNSETTLED
    assert UNCOUNTED.isdisjoint(BORROWED | UNSETTLED)
    assert not TABLE[RowState.GONE]
    assert not TABLE[RowState.STAFF]


def test_what_is_not_in_the_table_cannot_happen() -> None:
    row = Row("r1", "1", state=RowState.DONE)
    assert not can(row, Happening.LOANED)
    with pytest.raises(LocalProtocolError, match="done: loaned"):
        moved(row, Happening.LOANED)


@pytest.mark.parametrize(
    ("here", "parts", "whole_sets", "complete"),
    [
        ((), 1, True, True),
        ((1,), 1, True, True),
        ((1, 2, 3), 3, True, True),
        ((3, 1, 2), 3, True, True),
        ((1, 2), 3, True, False),
        ((1, 1, 2), 3, True, False),
        ((1, 2, 3, 3), 3, True, True),
        ((2,), 3, False, True),
    ],
)
def test_when_an_item_is_whole(
    here: tuple[int, ...], parts: int, whole_sets: bool, complete: bool
) -> None:
    tags = tuple(Part(uid(n), number) for n, number in enumerate(here))
    assert Row("r1", "1", parts=parts, tags=tags).complete(whole_sets) is complete


def test_a_part_that_was_lifted_is_not_here() -> None:
    tags = (Part(uid(1), 1), Part(uid(2), 2, here=False))
    row = Row("r1", "1", parts=2, tags=tags)
    assert row.here == 1
    assert not row.complete(True)
    assert row.complete(False)
    assert not row.all_verified
