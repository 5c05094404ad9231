"""How long a card must wait after wrong PINs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.lending.sign_in import blocked_minutes
from kiosk.lending.state import Tries


@pytest.mark.parametrize(
    ("after", "count", "minutes"),
    [
        (0, 4, 0),
        (0, 5, 15),
        (0, 6, 15),
        (0.5, 5, 15),
        (60, 5, 14),
        (60.1, 5, 14),
        (840, 5, 1),
        (899.9, 5, 1),
        (900, 5, 0),
        (5000, 5, 0),
    ],
)
def test_whole_minutes_are_rounded_up(after: float, count: int, minutes: int) -> None:
    tries = (Tries("other", 9, 100.0), Tries("mark", count, 100.0))
    assert blocked_minutes(100.0 + after, tries, "mark", 900.0, 5) == minutes


def test_another_card_is_not_held_back() -> None:
    assert blocked_minutes(0.0, (Tries("other", 9, 0.0),), "mark", 900.0, 5) == 0
    assert blocked_minutes(0.0, (), "mark", 900.0, 5) == 0


@given(st.floats(0, 2000), st.floats(0, 2000), st.floats(0, 3600))
def test_the_wait_never_grows_and_ends_with_the_block(
    since: float, later: float, block_s: float
) -> None:
    tries = (Tries("mark", 5, since),)
    first = blocked_minutes(since, tries, "mark", block_s, 5)
    then = blocked_minutes(since + later, tries, "mark", block_s, 5)
    assert 0 <= then <= first
    assert (then == 0) == (since + block_s - (since + later) <= 0)
