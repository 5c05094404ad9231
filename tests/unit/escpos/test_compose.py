"""Paper to bytes: the vectors of python-escpos 3.1, pieces and bands, live commands, hostile titles."""

import hashlib
import logging
import os
import subprocess
import sys
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import LocalProtocolError
from drivers.escpos.compose import (
    LIVE_COMMANDS,
    Head,
    bands,
    compose,
    composer,
    defused,
    lines_of,
    markup,
    needs_raster,
    qr_rows,
)
from drivers.escpos.paper import isolated, plain, width_of, wrap
from drivers.ports import Paper, PaperGap, PaperLine, PaperQr

VECTORS: dict[str, bytes] = {
    vector["name"]: bytes.fromhex(vector["bytes"])
    for vector in tomllib.loads(
        (Path(__file__).parents[2] / "vectors" / "escpos.toml").read_text(encoding="utf-8")
    )["vector"]
}
LINK = "https://odensebib.dk/user/me"
PROLOGUE = bytes.fromhex("1B 40 1D 61 FF 1B 74 10")
CUT = bytes.fromhex("1B 64 06 1D 56 00")


class Drawn:
    """A rasteriser that makes eight known rows and keeps what it was asked to draw."""

    def __init__(self, row: bytes = b"\x00\xff") -> None:
        self.asked: list[str] = []
        self.row = row

    def rows(self, markup: str, width: int) -> tuple[bytes, ...]:
        self.asked.append(markup)
        across = (width + 7) // 8
        return ((self.row * across)[:across],) * 8


def page(*rows: PaperLine | PaperGap | PaperQr, language: str = "da", large: bool = False) -> Paper:
    return Paper(language, rows, large)


def composed(paper: Paper, head: Head = Head(), **more: Any) -> bytes:
    return b"".join(compose("1", paper, head, **more).pieces)


# --- what the library makes -------------------------------------------------------------------------


def test_the_vectors_of_the_library_stand() -> None:
    printer = composer("TM-T88V")
    printer.charcode("CP1252")
    assert printer.output == VECTORS["code page CP1252"]
    printer.clear()
    printer.text("Lån: Rødgrød på Ærø")
    assert printer.output == VECTORS["text in CP1252"]
    printer.clear()
    printer.text("Lån – “Året” … 10 €")
    assert printer.output == VECTORS["typographic text in CP1252"]
    printer.clear()
    printer.qr(LINK, native=True, size=6)
    parts = ("QR model 2", "QR module 6", "QR level L", "QR store", "QR print")
    assert printer.output == b"".join(VECTORS[part] for part in parts)
    printer.clear()
    printer.cut()
    assert printer.output == VECTORS["cut with feed"] == CUT


def test_a_whole_receipt_of_the_library_is_what_it_was() -> None:
    printer = composer("TM-T88V")
    printer.hw("INIT")
    printer.charcode("CP1252")
    printer.set(align="center")
    printer.set(align="center", bold=True)
    printer.textln("Borgernes Hus")
    printer.set(align="left", bold=False)
    for line in (
        "Automat 2   20. december 2026 kl. 10.42",
        "Rødgrød på Ærø",
        "  Afleveres senest 17. januar 2027",
        "1 af 1 lånt",
    ):
        printer.textln(line)
    printer.cut()
    assert printer.output == VECTORS["receipt G1"]
    assert (
        hashlib.sha256(printer.output).hexdigest()
        == "01626299441e995cc764215255b3869e0cc98466e0125429119bb041f14f6746"
    )


def test_composing_leaves_the_log_the_standard_output_and_the_disk_alone(tmp_path: Path) -> None:
    code = (
        "import logging; from drivers.escpos.compose import compose, Head;"
        "from drivers.ports import Paper, PaperLine;"
        "compose('1', Paper('da', (PaperLine('Lån'),)), Head());"
        "assert logging.getLogger().handlers == [], logging.getLogger().handlers;"
        "assert logging.getLogger().level == logging.WARNING"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert list(tmp_path.iterdir()) == []
    assert logging.getLogger("escpos").handlers == []


# --- letters ----------------------------------------------------------------------------------------


def test_letters_byte_for_byte() -> None:
    paper = page(
        PaperLine("Ærø", bold=True),
        PaperLine("1 af 1 lånt", double=True),
        PaperGap(1),
        PaperLine("midt", centred=True),
    )
    assert composed(paper).hex(" ") == (
        PROLOGUE
        + b"\x1b\x45\x01\xc6r\xf8\n\x1b\x45\x00"
        + b"\x1d\x21\x111 af 1 l\xe5nt\n\x1d\x21\x00"
        + b"\x1b\x33\x0f\n\x1b\x32"
        + b"\x1b\x61\x01midt\n\x1b\x61\x00"
        + CUT
    ).hex(" ")


def test_the_native_qr_stands_free_and_says_the_link() -> None:
    level_m = bytes.fromhex("1D 28 6B 03 00 31 45 31")
    free = b"\x1b\x33\x0f\n\n\x1b\x32"
    parts = [VECTORS["QR model 2"], VECTORS["QR module 6"], level_m, VECTORS["QR store"]]
    qr = b"".join([*parts, VECTORS["QR print"]])
    assert composed(page(PaperQr(LINK))) == (
        PROLOGUE + free + b"\x1b\x61\x01" + qr + b"\x1b\x61\x00" + free + CUT
    )


def test_a_decomposed_letter_prints_as_one() -> None:
    assert b"L\xe5n" in composed(page(PaperLine("La\u030an")))


@pytest.mark.parametrize("link", ["", "https://x/\x10\x14", "https://bücher.dk"])
def test_a_link_that_is_no_address_is_our_bug(link: str) -> None:
    with pytest.raises(LocalProtocolError):
        compose("1", page(PaperQr(link)), Head())


def test_the_code_page_slot_follows_the_profile() -> None:
    assert composed(page(PaperLine("x")), Head(profile="NT-5890K")).startswith(
        bytes.fromhex("1B 40 1D 61 FF 1B 74 47")
    )


# --- all letters, or all dots -----------------------------------------------------------------------


def test_one_character_outside_the_page_turns_the_whole_receipt_into_dots() -> None:
    drawn = Drawn()
    data = composed(page(PaperLine("Lykke-Per"), PaperLine("Місто")), rasteriser=drawn)
    assert len(drawn.asked) == 1
    assert "Lykke-Per" in drawn.asked[0]
    assert "Місто" in drawn.asked[0]
    assert b"Lykke" not in data
    assert data.startswith(PROLOGUE + bytes.fromhex("1D 76 30 00 48 00 08 00"))
    assert data.endswith(CUT)


def test_large_print_is_dots() -> None:
    assert needs_raster(page(PaperLine("Lån"), large=True))
    assert not needs_raster(page(PaperLine("Lån – €")))


def test_dots_without_a_rasteriser_are_our_bug() -> None:
    with pytest.raises(LocalProtocolError):
        compose("1", page(PaperLine("Місто")), Head())


def test_the_markup_escapes_and_says_the_direction() -> None:
    made = markup([PaperLine("<b>&\u2068Ærø\u2069", bold=True)], page(language="ar"))
    assert "&lt;b&gt;&amp;\u2068Ærø\u2069" in made
    assert 'dir="rtl"' in made
    assert "font-weight:600" in made


def test_a_date_is_never_broken_in_dots_either() -> None:
    made = markup([PaperLine("senest \u20661. december 2026\u2069")], page())
    assert "senest \u20661.\u00a0december\u00a02026\u2069" in made


# --- pieces and bands -------------------------------------------------------------------------------


def image(rows: int, across: int = 72) -> list[bytes]:
    return [bytes((y % 256 & 0xE0,)) * across for y in range(rows)]


def test_the_band_heads_are_the_library_s() -> None:
    made = bands(image(300), Head(flow_control=True))
    assert [band[:8] for band in made] == [
        *[bytes.fromhex("1D 76 30 00 48 00 71 00")] * 2,
        bytes.fromhex("1D 76 30 00 48 00 4A 00"),
    ]
    small = bands([b"\x80\x80\x00", b"\0\0\0", b"\0\0\x01"], Head(width_dots=24))
    assert small == [VECTORS["raster 24 x 3"]]


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        (Head(), 48),
        (Head(baud=115200), 48),
        (Head(baud=9600), 13),
        (Head(baud=115200, flow_control=True), 113),
    ],
)
def test_a_band_is_at_most_a_second_and_fits_the_buffer(head: Head, rows: int) -> None:
    assert head.band_rows == rows
    for band in bands(image(200), head):
        assert len(band) <= head.piece_bytes
        if not head.flow_control:
            assert len(band) <= 4096 - 128
        if head.baud is not None:
            assert len(band) * 10 / head.baud <= 1.0


def test_dots_read_back_are_the_dots_drawn() -> None:
    rows = image(100)
    found: list[bytes] = []
    for band in bands(rows, Head(baud=9600)):
        across, down = int.from_bytes(band[4:6], "little"), int.from_bytes(band[6:8], "little")
        found += [band[8 + y * across : 8 + (y + 1) * across] for y in range(down)]
    assert found == rows


def test_pieces_end_where_commands_end_and_stay_short() -> None:
    lines = [PaperLine(f"Bind {n}", bold=True) for n in range(500)]
    job = compose("1", page(*lines), Head(baud=9600))
    assert max(map(len, job.pieces)) <= 960
    assert all(piece.endswith((b"\x1b\x45\x00", CUT)) for piece in job.pieces)
    assert job.rows > 500 * 30


@pytest.mark.parametrize("command", LIVE_COMMANDS)
def test_a_live_command_in_an_image_loses_one_dot(command: bytes) -> None:
    raw = b"\x00" * 30 + command + b"\x00" * 34
    safe, flips = defused(raw)
    assert flips == 1
    assert not any(live in safe for live in LIVE_COMMANDS)
    assert sum((a ^ b).bit_count() for a, b in zip(raw, safe, strict=True)) == 1


@settings(max_examples=100)
@given(st.lists(st.sampled_from([0x10, 0x14, 0x05, 0x01, 0x02, 0x08, 0x00]), max_size=144))
def test_no_image_holds_a_live_command(data: list[int]) -> None:
    rows = [bytes(data).ljust(144, b"\0")[:72], bytes(data).ljust(144, b"\0")[72:]]
    for band in bands(rows, Head()):
        assert not any(live in band for live in LIVE_COMMANDS)


def test_the_qr_rows_are_centred_with_24_dots_free() -> None:
    rows = qr_rows(LINK, 72)
    assert rows[:24] == rows[-24:] == [bytes(72)] * 24
    assert len(rows) == 48 + 29 * 6
    bits = bin(int.from_bytes(rows[24], "big"))[2:].zfill(576)
    assert bits.index("1") == 576 - 1 - bits.rindex("1") == (576 - 29 * 6) // 2


# --- words ------------------------------------------------------------------------------------------

HOSTILE = st.text(
    st.one_of(
        st.characters(max_codepoint=0xFF),
        st.characters(categories=["Cc", "Cf"]),
        st.sampled_from("\x1b\x10\x14\x1dp\x00\u200f\u202e\u2066\u2069\u2011\u00a0æøå"),
    ),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(HOSTILE)
def test_no_control_or_format_character_of_a_title_reaches_the_port(title: str) -> None:
    paper = page(PaperLine(title))
    if needs_raster(paper):
        drawn = Drawn()
        composed(paper, rasteriser=drawn)
        shown = drawn.asked[0]
        kept = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf"}}
        assert kept <= {"\u2066", "\u2067", "\u2068", "\u2069"}
    else:
        body = composed(paper).removeprefix(PROLOGUE).removesuffix(CUT)
        text = body.decode("cp1252")
        assert not any(unicodedata.category(c) in {"Cc", "Cf"} for c in text.replace("\n", ""))


def test_the_drawer_stays_shut() -> None:
    body = composed(page(PaperLine("x\x1b\x70\x00\x19\xfa y \x10\x14\x01\x00\x05")))
    assert b"\x1bp" not in body
    assert not any(live in body for live in LIVE_COMMANDS)


def test_spaces_and_hyphens_of_every_kind_are_plain_ones() -> None:
    assert plain("a\u00a0b\u2003c\td\u2028e") == "a b c d e"
    assert plain("e\u2011mail") == "e-mail"
    assert isolated("a\u2066 b\u2069\u200f") == "a\u2066 b\u2069"


@settings(max_examples=150)
@given(
    st.text(st.characters(categories=["L", "M", "N", "P", "Zs"]), max_size=120), st.integers(4, 48)
)
def test_wrapped_lines_fit_and_lose_nothing(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width_of(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == plain(text).replace(" ", "")


def test_wrapping_breaks_at_spaces_and_never_in_a_date() -> None:
    assert wrap("Afleveres senest \u206610. november 2026\u2069", 20) == [
        "Afleveres senest",
        "10. november 2026",
    ]
    assert wrap("et langtordsomikkekanstå her", 10) == ["et", "langtordso", "mikkekanst", "å her"]
    assert wrap("", 10) == [""]


def test_a_wide_letter_counts_two_and_a_mark_none() -> None:
    assert width_of("日本") == 4
    assert width_of("q\u0307") == 1


def test_lines_of_a_paper_are_what_letters_print() -> None:
    paper = page(
        PaperLine("et to tre fire", double=True), PaperGap(), PaperLine("fem"), PaperQr(LINK)
    )
    assert lines_of(paper, 16) == ["et to", "tre fire", "fem"]
    assert b"et to\ntre fire\n" in composed(paper, Head(columns=16))
