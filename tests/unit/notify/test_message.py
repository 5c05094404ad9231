"""Addresses and messages: what can be written to, what is shown, and that no word of ours makes a header."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.notify.address import masked, on_the_wire, usable
from drivers.notify.message import composed
from drivers.ports import Letter, Secret
from drivers.service.receipt import _clean

AT = datetime(2026, 11, 3, 9, 44, tzinfo=UTC)


def letter(*, to: str = "k@example.org", subject: str = "x", body: str = "y\n") -> Letter:
    return Letter("id-1", Secret(to), Secret(subject), Secret(body), "da", AT)


def written(what: Letter, name: str = "Borgernes Hus") -> bytes:
    return composed(what, sender="kvittering@odense.example", sender_name=name)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("karen.testesen@example.org", "k…@e…"),
        ("a+b@x.dk", "a…@x…"),
        ("karen@rødgrød.dk", "k…@r…"),
        ("karen@localhost", ""),
        ("Karen <k@x.dk>", ""),
        ("k@x.dk, l@x.dk", ""),
        ('"k k"@x.dk', ""),
        ("kåren@x.dk", ""),
        ("k..k@x.dk", ""),
        ("k@-x.dk", ""),
        ("k@x.dk\n", ""),
        ("k" * 250 + "@x.dk", ""),
        ("", ""),
    ],
)
def test_an_address_is_usable_or_not_and_never_shown_whole(address: str, shown: str) -> None:
    assert masked(Secret(address)) == shown
    assert usable(Secret(address)) is bool(shown)


def test_a_domain_of_another_script_goes_in_its_ascii_form() -> None:
    assert on_the_wire(Secret("karen@rødgrød.dk")) == "karen@xn--rdgrd-vuad.dk"


@given(st.text(max_size=80))
def test_what_is_usable_is_one_word_and_a_mask_tells_two_letters(address: str) -> None:
    if usable(Secret(address)):
        assert re.fullmatch(r"[^\s<>,;:()\[\]\"\\]+@[^\s@]+", address)
        assert len(masked(Secret(address))) == 5


@given(title=st.text(max_size=500), body=st.text(max_size=500))
def test_no_word_of_ours_makes_a_header_or_ends_the_message(title: str, body: str) -> None:
    data = written(letter(subject=_clean(title), body=body), name=_clean(title))
    assert data.isascii()
    assert not re.search(rb"[^\r]\n|\r[^\n]", data)
    head, _, _ = data.partition(b"\r\n\r\n")
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert sorted(names) == sorted(
        (
            *(b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted"),
            *(b"Content-Language", b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version"),
        )
    )


def test_a_line_end_in_a_header_is_an_error_and_not_a_header() -> None:
    with pytest.raises(ValueError, match="Header"):
        written(letter(subject="x\r\nBcc: a@b.dk"))


def test_it_reads_back() -> None:
    body = "Rødgrød på Ærø\n\u0414\u0440\u0443\u043a\n\u0622\u062e\u0631\n"
    found = message_from_bytes(
        written(letter(subject="Kvittering, 3. november", body=body)), policy=policy.default
    )
    assert found["Subject"] == "Kvittering, 3. november"
    assert found.get_content() == body.replace("\n", "\r\n")
