"""Whose a tag is when two items lie close behind one another in the reader's field."""

from dataclasses import replace

from sorter.belt.items import ItemState, SeenTag, Tracked
from sorter.belt.where import Geometry, contested, resolved
from tests.unit.sorter_belt.belt import uid


def item(number: int, *tags: tuple[int, int], state: ItemState = ItemState.READING) -> Tracked:
    """An item with tags: which, and how often it answered in this item's stretch."""
    seen = tuple(SeenTag(uid(n), f"item-{n}", reads=reads) for n, reads in tags)
    return Tracked(number, number, 210, 150, 0, state, seen)


def own(found: Tracked) -> list[tuple[str, bool]]:
    return [(tag.item, tag.doubtful) for tag in found.tags]


def test_the_followers_tag_is_the_followers() -> None:
    first, second = item(1, (1, 10), (2, 4)), item(2, (1, 4), (2, 4))
    assert own(resolved(first, [second])) == [("item-1", False)]
    left = replace(resolved(first, [second]), state=ItemState.ASKED)
    later = replace(second, tags=tuple(replace(t, reads=t.reads + 6 * (t.item == "item-2")) for t in second.tags))  # fmt: skip
    assert own(resolved(later, [left])) == [("item-2", False)]


def test_without_a_tag_beyond_doubt_as_long_in_both_stays_doubtful() -> None:
    first, second = item(1, (2, 4)), item(2, (2, 4))
    assert own(resolved(first, [second])) == [("item-2", True)]


def test_the_one_before_never_gives_a_tie_to_itself() -> None:
    second, first = item(2, (2, 9), (1, 4)), item(1, (1, 4))
    assert own(resolved(second, [first])) == [("item-2", False), ("item-1", True)]


def test_what_has_been_asked_about_is_not_asked_about_again() -> None:
    asked = item(1, (1, 3), state=ItemState.ASKED)
    assert own(resolved(item(2, (1, 8)), [asked])) == [("item-1", True)]


def test_a_tag_that_answers_on_behind_an_item_is_doubted_by_whoever_of_the_followers_read_it_longest() -> (
    None
):
    belt = Geometry(2, 900, 1700, ())
    first, second, third = item(1, (3, 6)), item(2, (3, 5)), item(3, (3, 1))
    on = [
        replace(one, tags=tuple(replace(tag, last=2300) for tag in one.tags))
        for one in (second, third)
    ]
    assert own(contested(belt, first, on, 80)) == [("item-3", True)]
    assert own(contested(belt, first, on[1:], 80)) == [("item-3", False)]
