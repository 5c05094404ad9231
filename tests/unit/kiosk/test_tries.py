"""How long a card, or the machine, must wait after wrong PINs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.station import Lending as Rules
from kiosk.lending.tries import (
    MACHINE,
    MOST_CARDS,
    Tries,
    minutes,
    right_pin,
    wait_s,
    wrong_pin,
)

RULES = Rules()


def wrong(
    *at: float, mark: str = "mark", rules: Rules = RULES, tries: tuple[Tries, ...] = ()
) -> tuple[Tries, ...]:
    for moment in at:
        tries = wrong_pin(tries, mark, moment, rules)
    return tries


@pytest.mark.parametrize(
    ("at", "now", "wait"),
    [
        ((0, 1, 2, 3), 3, 0),
        ((0, 1, 2, 3, 4), 4, 900),
        ((0, 1, 2, 3, 4), 64, 840),
        ((0, 1, 2, 3, 4), 903.5, 0.5),
        ((0, 1, 2, 3, 4), 904, 0),
        ((0, 1, 2, 3, 901), 901, 0),  # the first of them is forgotten
        ((0, 1, 2, 3, 899), 899, 900),
    ],
)
def test_five_wrong_pins_within_a_quarter_of_an_hour_make_the_card_wait(
    at: tuple[float, ...], now: float, wait: float
) -> None:
    assert wait_s(wrong(*at), "mark", now) == wait


def test_each_further_wait_is_twice_as_long_up_to_the_longest() -> None:
    tries: tuple[Tries, ...] = ()
    now, waits = 0.0, []
    for _ in range(5):
        tries = wrong(*(now + n for n in range(5)), tries=tries)
        waits.append(wait_s(tries, "mark", now + 4))
        now += 4 + waits[-1]
    assert waits == [900, 1800, 3600, 3600, 3600]


def test_a_long_quiet_time_begins_anew() -> None:
    tries = wrong(0, 1, 2, 3, 4)
    later = 904 + RULES.pin_block_longest_s
    tries = wrong(*(later + n for n in range(5)), tries=tries)
    assert wait_s(tries, "mark", later + 4) == 900


def test_another_card_is_not_held_back_and_a_right_pin_clears_ones_own() -> None:
    tries = wrong(0, 1, 2, 3, 4)
    assert wait_s(tries, "other", 4) == 0
    assert wait_s(right_pin(wrong(0, 1, 2, 3), "mark"), "mark", 4) == 0
    assert wait_s(wrong(5, tries=right_pin(wrong(0, 1, 2, 3), "mark")), "mark", 5) == 0


def test_many_cards_make_the_machine_wait_whatever_right_pin_comes_between() -> None:
    tries: tuple[Tries, ...] = ()
    for n in range(20):
        assert wait_s(tries, MACHINE, n) == 0
        tries = right_pin(wrong_pin(tries, f"card {n}", n, RULES), "her own")
    assert wait_s(tries, MACHINE, 19) == RULES.machine_block_s
    assert all(wait_s(tries, f"card {n}", 19) == 0 for n in range(20))


def test_what_is_remembered_is_bounded_and_never_loses_the_machine() -> None:
    tries: tuple[Tries, ...] = ()
    for n in range(3 * MOST_CARDS):
        tries = wrong_pin(tries, f"card {n}", 0.001 * n, RULES)
    assert len(tries) <= MOST_CARDS + 1
    assert wait_s(tries, MACHINE, 0.6) > 0


@pytest.mark.parametrize(
    ("seconds", "whole"), [(0, 0), (0.5, 1), (60, 1), (60.1, 2), (899.9, 15), (900, 15)]
)
def test_whole_minutes_are_rounded_up(seconds: float, whole: int) -> None:
    assert minutes(seconds) == whole


@given(st.lists(st.floats(0, 5000), min_size=1, max_size=60), st.floats(0, 4000))
def test_a_wait_never_grows_by_itself_and_ends(moments: list[float], later: float) -> None:
    moments.sort()
    tries = wrong(*moments)
    last = moments[-1]
    first = wait_s(tries, "mark", last)
    assert 0 <= wait_s(tries, "mark", last + later) <= first <= RULES.pin_block_longest_s
    assert wait_s(tries, "mark", last + first + 1) == 0
