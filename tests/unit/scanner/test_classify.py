"""What a scan is taken for. All numbers are made up: day 30 of month 02, month 99, or day + 60."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.ports import Scan, Secret
from drivers.scanner.classify import (
    Ambiguous,
    Card,
    Cpr,
    ItemNumber,
    Rules,
    Step,
    Unknown,
    What,
    classify,
    is_cpr_shaped,
)

RULES = Rules()
CPR_FAILS_MOD_11, CPR_PASSES_MOD_11 = "3002991234", "3002991232"


def classed(text: str, step: Step, *, aim: str = "C0", rules: Rules = RULES) -> object:
    return classify(Scan(aim, Secret(text)), step, rules)


@pytest.mark.parametrize(
    ("text", "shaped"),
    [
        (CPR_FAILS_MOD_11, True),
        (CPR_PASSES_MOD_11, True),
        ("9002991234", True),
        ("6102991234", True),
        ("9102991234", True),
        ("3002991XX4", True),
        ("3002991xx4", True),
        ("0102001234", True),
        ("3112991234", True),
        ("0002991234", False),
        ("3202991234", False),
        ("6002991234", False),
        ("9202991234", False),
        ("3000991234", False),
        ("3013991234", False),
        ("3846646425", False),
        ("300299123X", False),
        ("30029X1234", False),
        ("300299123", False),
        ("30029912345", False),
        ("", False),
    ],
)
def test_the_shape_of_a_cpr_number(text: str, shaped: bool) -> None:
    assert is_cpr_shaped(text) is shaped


@pytest.mark.parametrize(
    "text", [CPR_FAILS_MOD_11, CPR_PASSES_MOD_11, "300299-1234", "30029912345", "9002991234"]
)
def test_where_a_card_is_asked_for_a_cpr_shape_is_a_cpr_number(text: str) -> None:
    digits = text.replace("-", "")[:10]
    assert classed(text, Step.CARD) == Cpr(Secret(digits))


def test_a_replacement_number_keeps_its_letters() -> None:
    assert classed("3002991xx4", Step.CARD) == Cpr(Secret("3002991XX4"))


@pytest.mark.parametrize(
    ("step", "candidates"),
    [(Step.START, (What.CPR, What.ITEM)), (Step.ITEM, (What.ITEM, What.CPR))],
)
def test_where_both_could_be_meant_it_says_so(step: Step, candidates: tuple[What, ...]) -> None:
    found = classed(CPR_FAILS_MOD_11, step)
    assert isinstance(found, Ambiguous)
    assert found.candidates == candidates
    assert found.as_item() == ItemNumber(CPR_FAILS_MOD_11)
    assert found.as_card() == Cpr(Secret(CPR_FAILS_MOD_11))


@settings(max_examples=150)
@given(
    st.from_regex(
        r"(0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])(0[1-9]|1[0-2])[0-9]{3}([0-9]|[A-Z]){2}[0-9]",
        fullmatch=True,
    ),
    st.sampled_from(Step),
    st.sampled_from(["", "C0", "A0", "I0"]),
)
def test_a_cpr_shape_is_never_an_item_by_its_looks(number: str, step: Step, aim: str) -> None:
    rules = Rules(item_aims=frozenset({"A0", "I0"}))
    found = classed(number, step, aim=aim, rules=rules)
    assert isinstance(found, Cpr | Ambiguous)
    assert number not in repr(found)


def test_an_item_number_is_one_where_no_card_looks_like_it() -> None:
    rules = Rules(item_pattern=r"^3\d{9}$", card_pattern=r"^1\d{9}$")
    assert classed("3846646425", Step.ITEM, rules=rules) == ItemNumber("3846646425")


def test_a_card_is_one_where_no_item_looks_like_it_also_while_items_are_asked_for() -> None:
    rules = Rules(item_pattern=r"^3\d{9}$", card_pattern=r"^1\d{9}$")
    assert classed("1234567890", Step.ITEM, rules=rules) == Card(Secret("1234567890"))
    rules = Rules(card_aims=frozenset({"C0"}))
    assert classed("3846646425", Step.ITEM, aim="C0", rules=rules) == Card(Secret("3846646425"))


def test_where_items_are_asked_for_ten_other_digits_are_likely_one() -> None:
    found = classed("3846646425", Step.ITEM)
    assert isinstance(found, Ambiguous)
    assert found.candidates == (What.ITEM, What.CARD)


def test_ten_other_digits_are_a_card_where_one_is_asked_for() -> None:
    assert classed("3846646425", Step.CARD) == Card(Secret("3846646425"))


def test_ten_other_digits_at_the_start_may_be_either() -> None:
    found = classed("3846646425", Step.START)
    assert isinstance(found, Ambiguous)
    assert found.candidates == (What.CARD, What.ITEM)
    assert found.as_card() == Card(Secret("3846646425"))


def test_the_kind_of_barcode_tells_cards_from_items() -> None:
    rules = Rules(item_aims=frozenset({"A0"}), card_aims=frozenset({"C0"}))
    assert classed("3846646425", Step.START, aim="A0", rules=rules) == ItemNumber("3846646425")
    assert classed("3846646425", Step.START, aim="C0", rules=rules) == Card(Secret("3846646425"))
    assert classed(CPR_FAILS_MOD_11, Step.ITEM, aim="C0", rules=rules) == Cpr(
        Secret(CPR_FAILS_MOD_11)
    )


def test_patterns_of_other_libraries() -> None:
    rules = Rules(item_pattern=r"^B\d{6}$", card_pattern=r"^K\d{4}$")
    assert classed("B123456", Step.START, rules=rules) == ItemNumber("B123456")
    assert classed("K1234", Step.START, rules=rules) == Card(Secret("K1234"))
    assert classed(CPR_FAILS_MOD_11, Step.START, rules=rules) == Cpr(Secret(CPR_FAILS_MOD_11))


@pytest.mark.parametrize("framed", ["{}", ";{}?"])
def test_of_a_magnetic_stripe_only_the_ten_digits_are_kept(framed: str) -> None:
    track = framed.format("12081001" + CPR_FAILS_MOD_11 + "1012345083461010120"[:19])
    found = classed(track, Step.CARD)
    assert found == Cpr(Secret(CPR_FAILS_MOD_11))


@pytest.mark.parametrize("text", ["hello", "123", "https://odensebib.dk", "9" * 40])
def test_anything_else_stays_personal(text: str) -> None:
    found = classed(text, Step.START)
    assert found == Unknown(Secret(text))
    assert text not in repr(found)


def test_nothing_personal_shows_in_a_repr() -> None:
    for step in Step:
        assert CPR_FAILS_MOD_11 not in repr(classed(CPR_FAILS_MOD_11, step))
    assert "3846646425" not in repr(classed("3846646425", Step.CARD))
