"""Dots by Qt: the right size, the same again, every script drawn, isolates invisible."""

import os

import pytest

from config.texts import Catalogue
from drivers.escpos.compose import Head, compose, markup
from drivers.ports import Paper, PaperLine
from drivers.service.receipt import paper
from drivers.service.receipt_samples import SAMPLES
from ui.rasteriser import QtRasteriser


@pytest.fixture(scope="session")
def offscreen() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def rasteriser(offscreen: None, qapp: object) -> QtRasteriser:
    return QtRasteriser()


def drawn(
    rasteriser: QtRasteriser, text: str, width: int = 576, language: str = "da"
) -> tuple[bytes, ...]:
    line = PaperLine(text)
    return rasteriser.rows(markup([line], Paper(language, (line,))), width)


def columns(rows: tuple[bytes, ...]) -> list[int]:
    """Places of the columns that hold ink."""
    ink = 0
    for row in rows:
        ink |= int.from_bytes(row, "big")
    bits = bin(ink)[2:].zfill(len(rows[0]) * 8)
    return [at for at, bit in enumerate(bits) if bit == "1"]


@pytest.mark.parametrize("width", [576, 546, 384])
def test_rows_have_the_bytes_of_the_head(rasteriser: QtRasteriser, width: int) -> None:
    rows = drawn(rasteriser, "Rødgrød på Ærø", width)
    assert {len(row) for row in rows} == {(width + 7) // 8}
    assert 26 <= len(rows) <= 48
    assert columns(rows)[-1] < width


def test_the_same_words_give_the_same_dots(rasteriser: QtRasteriser) -> None:
    assert drawn(rasteriser, "Lykke-Per") == drawn(QtRasteriser(), "Lykke-Per")


@pytest.mark.parametrize("text", ["Lykke-Per", "Місто", "آخر موعد للإرجاع", "Łódź", "İğne"])
def test_every_script_is_drawn_and_no_two_letters_alike(
    rasteriser: QtRasteriser, text: str
) -> None:
    whole = columns(drawn(rasteriser, text))
    assert len(whole) > 40
    tofu = columns(drawn(rasteriser, "\U000f0000" * len(text)))
    assert whole != tofu


def test_arabic_stands_at_the_right(rasteriser: QtRasteriser) -> None:
    assert columns(drawn(rasteriser, "إيصال", language="ar"))[-1] > 560
    assert columns(drawn(rasteriser, "Lykke-Per", language="ar"))[-1] > 560
    assert columns(drawn(rasteriser, "Lykke-Per"))[0] < 16


def test_isolates_take_no_room(rasteriser: QtRasteriser) -> None:
    assert drawn(rasteriser, "\u2068Lykke-Per\u2069") == drawn(rasteriser, "Lykke-Per")


def test_more_than_two_metres_are_a_mistake(rasteriser: QtRasteriser) -> None:
    with pytest.raises(ValueError, match="dot rows"):
        rasteriser.rows("<p>x</p>" * 1400, 576)


def test_an_arabic_receipt_goes_as_dots(rasteriser: QtRasteriser) -> None:
    strip = paper(SAMPLES["arabic"], Catalogue.load())
    job = compose("1", strip, Head(), rasteriser)
    assert len(job.pieces) > 20
    assert sum(piece.count(b"\x1d\x76\x30\x00\x48\x00") for piece in job.pieces) > 20
