"""Which number a card gives, by the rules of a station."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.station import CardDevice
from drivers.ports import CardKind, NearCard, Secret
from drivers.service.card_numbers import NoNumber, number_of

URL = "/dev/kiosk/card0"


def card(uid: str = "04A1B2C3D4E5F6", *said: str, random: bool = False) -> NearCard:
    return NearCard(Secret(uid), CardKind.TYPE_2, random, tuple(map(Secret, said)))


@pytest.mark.parametrize(
    ("pattern", "said", "number"),
    [
        ("", ("1234567890",), "1234567890"),
        ("", (" 1234567890\n",), "1234567890"),
        (r"\d{10}$", ("https://bibliotek.example/k/1234567890",), "1234567890"),
        (r"kort=(\d+)", ("https://bibliotek.example/?kort=42&x=7",), "42"),
        (r"^\d{10}$", ("Velkommen", "1234567890"), "1234567890"),
    ],
)
def test_the_number_stands_in_text_or_link(
    pattern: str, said: tuple[str, ...], number: str
) -> None:
    rules = CardDevice(url=URL, number_pattern=pattern)
    assert number_of(card("04A1B2C3D4E5F6", *said), rules) == Secret(number)


@pytest.mark.parametrize(
    ("order", "form", "digits", "number"),
    [
        ("air", "hex", 0, "0102AB"),
        ("reversed", "hex", 0, "AB0201"),
        ("air", "decimal", 0, "66219"),
        ("air", "decimal", 10, "0000066219"),
        ("reversed", "decimal", 10, "0011207169"),
    ],
)
def test_the_number_is_made_of_the_uid_as_the_library_writes_it(
    order: str, form: str, digits: int, number: str
) -> None:
    rules = CardDevice.model_validate(
        {
            "url": URL,
            "number_from": "uid",
            "uid_order": order,
            "uid_form": form,
            "uid_digits": digits,
        }
    )
    assert number_of(card("0102AB"), rules) == Secret(number)


def test_a_number_that_changes_is_nobodys() -> None:
    rules = CardDevice(url=URL, number_from="uid")
    assert number_of(card("08A1B2C3", random=True), rules) is NoNumber.PHONE
    assert number_of(card("08A1B2C3", random=True), CardDevice(url=URL)) is NoNumber.PHONE
    assert number_of(card("A1B2C3D4"), CardDevice(url=URL)) is NoNumber.STRANGER


def test_a_phone_that_says_a_card_number_is_taken_at_its_word_and_asked_for_the_pin() -> None:
    found = number_of(card("08A1B2C3", "1234567890", random=True), CardDevice(url=URL))
    assert found == Secret("1234567890")


def test_a_number_that_does_not_look_like_one_is_a_strangers() -> None:
    rules = CardDevice(url=URL, number_from="uid", number_pattern="^04")
    assert number_of(card("A1B2C3D4"), rules) is NoNumber.STRANGER
    assert number_of(card("04", "hej"), CardDevice(url=URL, number_pattern=r"^\d+$")) is (
        NoNumber.STRANGER
    )


@given(st.binary(min_size=1, max_size=10), st.text(max_size=30), st.booleans())
def test_any_card_gives_a_number_or_a_reason_and_shows_neither(
    uid: bytes, said: str, from_uid: bool
) -> None:
    rules = CardDevice(url=URL, number_from="uid" if from_uid else "ndef")
    near = card(uid.hex().upper(), said)
    found = number_of(near, rules)
    assert isinstance(found, NoNumber) or found
    assert uid.hex().upper() not in repr(near) or len(uid) < 3
