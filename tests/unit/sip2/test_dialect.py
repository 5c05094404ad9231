"""Screen lines to reason keys, each with a text in the catalogue."""

import pytest

from config.texts import Catalogue
from drivers.sip2.dialect import DIALECTS, STANDARD, reason_of


@pytest.mark.parametrize(
    ("answer", "line", "reason"),
    [
        ("12", "[BEFORE_RENEW_PERIOD]", "lend.already_yours"),
        ("30", "[BEFORE_RENEW_PERIOD]", "renew.too_early"),
        ("12", "MATERIAL_NOT_FOUND", "item.unknown"),
        ("10", "[MATERIAL_NOT_FOUND]", "item.unknown"),
        ("12", "Reserveret", "item.reserved"),
        ("30", "Reserveret", "renew.reserved"),
        ("12", "Item is on hold shelf for another patron.", "item.reserved"),
        ("12", "Item is reserved for another patron upon return.", "item.reserved"),
        (
            "12",
            "Item already checked out to another patron.  Please return item for check-in.",
            "item.on_loan",
        ),
        ("12", "Outstanding Fines block issue", "patron.flag_10"),
        ("12", "NOT_FOR_LOAN: 1", "item.not_loanable"),
        ("12", "DEBARRED: 1", "patron.blocked"),
        ("30", "Item unavailable due to outstanding holds", "renew.reserved"),
        ("30", "Item has reached maximum renewals", "renew.max_reached"),
        ("10", "Reserveret", ""),
        ("10", "Sendes til Dalum", ""),
        ("12", "Noget helt andet", ""),
        ("12", "", ""),
    ],
)
def test_a_line_and_its_reason(answer: str, line: str, reason: str) -> None:
    assert reason_of(STANDARD, answer, (line,)) == reason


def test_each_reason_has_words() -> None:
    catalogue = Catalogue.load()
    for dialect in DIALECTS.values():
        for said in dialect.reasons:
            assert f"reason.{said.reason}" in catalogue


def test_wrong_card_and_wrong_pin_read_alike() -> None:
    catalogue = Catalogue.load()
    card = catalogue.entry("reason.login.unknown_card").forms
    assert card == catalogue.entry("reason.login.wrong_pin").forms


def test_nothing_that_cannot_be_undone_is_sent_twice() -> None:
    for name, dialect in DIALECTS.items():
        assert dialect.name == name
        assert not dialect.resent & {"11", "29", "65", "15", "37"}
