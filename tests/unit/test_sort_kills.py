"""The judge of the plant's deaths by kill -9 reads the host's journal: each thing that must not stand there is said."""

import pytest

from drivers.store.effects import EffectState
from tests.benchmarks.sort_kills import Written, disagreed

CONFIRMED, SENT = EffectState.CONFIRMED, EffectState.SENT
ITEMS = ((1, "a", True), (2, "b", True))
SETTLED = (("a", CONFIRMED), ("b", EffectState.REFUSED))
LIBRARY = {
    "asked": [
        {"item": "a", "message": "09", "outcome": "done"},
        {"item": "b", "message": "09", "outcome": "refused"},
        {"item": "a", "message": "17", "outcome": "done"},
    ]
}


def test_a_journal_that_agrees_is_right() -> None:
    assert disagreed(Written(ITEMS, (1, 2), SETTLED, ""), LIBRARY) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (Written(ITEMS, (1, 2), SETTLED, "row 7"), "row 7"),
        (Written(((1, "a", True), (2, "b", False)), (1,), SETTLED, ""), "2 has not ended"),
        (Written(ITEMS, (1, 2, 2), SETTLED, ""), "2 ended 2 times"),
        (Written(ITEMS, (1,), SETTLED, ""), "no end of item 2"),
        (Written(ITEMS, (1, 2), (*SETTLED, ("c", SENT)), ""), "c stands as sent"),
        (Written(ITEMS, (1, 2), (*SETTLED, ("a", CONFIRMED)), ""), "a settled 2 times"),
        (Written(ITEMS, (1, 2), SETTLED[1:], ""), "a was checked in and is not settled"),
        (Written(ITEMS, (1, 2), (("a", CONFIRMED), ("b", CONFIRMED)), ""), "b is settled and was"),
    ],
)
def test_what_must_not_stand_there_is_said(written: Written, said: str) -> None:
    (found,) = disagreed(written, LIBRARY)
    assert said in found
