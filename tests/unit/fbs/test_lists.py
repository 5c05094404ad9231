"""Values in parts: counted from both ends, whatever the title holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.fbs.lists import FINE, LOAN, PROPERTIES, READY, WAITING, entry, places

PLAIN = st.text(st.characters(exclude_characters="%|", exclude_categories=["C"]), max_size=20)
ANY = st.text(st.characters(exclude_characters="|", exclude_categories=["C"]), max_size=20)


@pytest.mark.parametrize(
    ("value", "leading", "head", "title", "author", "dk5"),
    [
        (
            "3846646425%20260331%Lykke-Per%Pontoppidan, Henrik%a%xx%sk",
            LOAN,
            ("3846646425", "20260331"),
            "Lykke-Per",
            "Pontoppidan, Henrik",
            "sk",
        ),
        ("1%20260331%Uden forfatter%%m%th%77.7", LOAN, ("1", "20260331"), "Uden forfatter", "", "77.7"),
        ("100 % sukker%Holm, Anna%a%xx%61.36", PROPERTIES, (), "100 % sukker", "Holm, Anna", "61.36"),
        ("50%%%A%a%xx%1", PROPERTIES, (), "50%%", "A", "1"),
        ("%289097%20160920%175.00%%%%%", FINE, ("", "289097", "20160920", "175.00"), "", "", ""),
        (
            "5%6%Hylde 7%20260310%DK-746100 - Dalum%T%A%a%xx%sk",
            READY,
            ("5", "6", "Hylde 7", "20260310", "DK-746100 - Dalum"),
            "T",
            "A",
            "sk",
        ),
        ("5%%20260601%T%A%a%xx%sk", WAITING, ("5", "", "20260601"), "T", "A", "sk"),
        ("3000000001", LOAN, ("3000000001", ""), "", "", ""),
        ("1%20260331%T", LOAN, ("1", "20260331"), "T", "", ""),
        ("Titel alene", PROPERTIES, (), "Titel alene", "", ""),
        ("", PROPERTIES, (), "", "", ""),
    ],
)  # fmt: skip
def test_a_value_in_its_parts(
    value: str, leading: int, head: tuple[str, ...], title: str, author: str, dk5: str
) -> None:
    got = entry(value, leading)
    assert (got.head, got.title, got.author, got.dk5) == (head, title, author, dk5)


@settings(max_examples=200)
@given(st.lists(PLAIN, min_size=2, max_size=2), ANY, st.lists(PLAIN, min_size=4, max_size=4))
def test_a_title_may_hold_what_divides(head: list[str], title: str, tail: list[str]) -> None:
    got = entry("%".join([*head, title, *tail]), LOAN)
    assert list(got.head) == head
    assert got.title == title
    assert [got.author, got.general, got.special, got.dk5] == tail


def test_titles_stay_out_of_sight() -> None:
    assert "Lykke" not in repr(entry("1%2%Lykke-Per%Henrik%a%xx%sk", LOAN))
    assert "Henrik" not in repr(entry("1%2%Lykke-Per%Henrik%a%xx%sk", LOAN))


def test_a_place_has_four_parts() -> None:
    assert places("Hovedbiblioteket%Voksen%Krimi%") == ("Hovedbiblioteket", "Voksen", "Krimi", "")
    assert places("Dalum") == ("Dalum", "", "", "")
    assert places("") == ("", "", "", "")
    assert places("a%b%c%d%e") == ("a", "b", "c", "d%e")
