"""Titles as catalogues really hold them, and worse, in every form of a receipt."""

import unicodedata
from datetime import date
from email import message_from_bytes, policy

import pytest

from config.texts import LANGUAGES, Catalogue, Channel
from drivers.escpos.compose import Head, compose, dot_rows, lines_of, needs_raster
from drivers.notify.message import composed
from drivers.ports import Letter, Secret
from drivers.service.receipt import Kind, Receipt, ReceiptLine, mail, paper, receipt, script
from drivers.service.receipt_samples import ACCOUNT, AT
from ui.rasteriser import QtRasteriser

WORDS = Catalogue.load()
ARABIC = "\u0623\u0644\u0641 \u0644\u064a\u0644\u0629 \u0648\u0644\u064a\u0644\u0629"
"""A thousand and one nights."""
STRANGE = {
    "drawer": "Lykke\x1bp\x00\x19\xfa-Per",
    "live": "Lykke\x10\x14\x01\x00\x05-Per",
    "lines": "Lykke-Per\r\nBcc: x@example.org\r\n.\r\n",
    "override": "Lykke-Per \u202eneprap\u202c",
    "isolates": "\u2067\u2067\u2067Lykke-Per",
    "markup": "<img src=x> & </p> Lykke-Per",
    "braces": "{n} {0.__class__} Lykke-Per",
    "long": "Lykke-Per " + "og endnu en bog " * 40,
    "one word": "Lykke-Per" + "x" * 500,
    "arabic": f"{ARABIC} Lykke-Per",
}


def of(title: str, language: str = "da") -> Receipt:
    line = ReceiptLine(title, due=date(2026, 12, 1))
    return receipt(
        Kind.LOAN,
        "Borgernes Hus",
        "Automat 2",
        AT,
        (line,),
        language=language,
        account_link=ACCOUNT,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", STRANGE)
def test_every_form_stays_whole(name: str, language: str, qapp: object) -> None:
    what = of(STRANGE[name], language)
    strip = paper(what, WORDS)
    assert all(len(line) <= 48 for line in lines_of(strip, 48))
    assert "Lykke" in " ".join(lines_of(strip, 48))
    rows = dot_rows(strip, Head(), QtRasteriser())
    assert 500 < len(rows) < 1800, "a title takes some lines and not the roll"
    words = mail(what, WORDS)
    assert "\r" not in words.body
    assert "Lykke" in words.body
    heard = [
        WORDS.say(part, language, Channel.SPEECH)
        for breath in script(what, WORDS)
        for part in breath
    ]
    assert any("Lykke" in sentence for sentence in heard)
    for form in (words.subject, *heard):
        assert not any(unicodedata.category(char) in {"Cc", "Cf"} for char in form)
    letter = Letter(
        "1", Secret("k@example.org"), Secret(words.subject), Secret(words.body), language, AT
    )
    read = message_from_bytes(
        composed(letter, sender="a@b.dk", sender_name=what.library), policy=policy.default
    )
    assert read["Bcc"] is None
    assert read.get_content().replace("\r\n", "\n") == words.body


def test_an_arabic_title_turns_a_danish_receipt_into_dots_and_leaves_its_dates_as_they_were(
    qapp: object,
) -> None:
    strip = paper(of(STRANGE["arabic"]), WORDS)
    assert needs_raster(strip)
    job = compose("1", strip, Head(), QtRasteriser())
    assert b"\x1d\x76\x30" in b"".join(job.pieces)
    assert "Afleveres senest 1. december 2026" in lines_of(strip, 48)


def test_titles_keep_their_order_and_no_control_character_reaches_the_port() -> None:
    for name in ("drawer", "live", "lines"):
        sent = b"".join(compose("1", paper(of(STRANGE[name]), WORDS), Head()).pieces)
        assert b"\x1bp" not in sent
        assert b"\x10\x14" not in sent
