"""What lands on the paper, compared with what python-escpos was asked to print, and read by foreign eyes."""

import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from escpos.printer import Dummy
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hw_sim.devices.escpos_job import Line, Picture, Symbol
from hw_sim.devices.escpos_page import widen
from hw_sim.devices.escpos_symbols import code128_text
from hw_sim.letters import Style, draw_cell
from hw_sim.paper import LONGEST, Paper, picture
from tests.conftest import tool
from tests.unit.hw_sim.printer.bench import CUT, Bench

LINK = "https://odensebib.dk/user/me"
CP1252 = [
    bytes((b,)).decode("cp1252") for b in range(0x20, 0x100) if b not in b"\x81\x8d\x8f\x90\x9d"
]


def composed(compose: Callable[[Any], object]) -> bytes:
    """The bytes of python-escpos 3.1 for the TM-T88V."""
    dummy = Dummy(profile="TM-T88V")
    dummy.hw("INIT")
    dummy.charcode("CP1252")
    compose(dummy)
    output: bytes = dummy.output
    return output


def ink(rows: list[bytes], width: int = 576) -> Image.Image:
    """Mode "1", a set dot is black."""
    return picture(rows, width).point(lambda dot: 255 - dot).convert("1")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.sampled_from(CP1252), min_size=1, max_size=48), min_size=1, max_size=8))
def test_every_line_that_python_escpos_prints_reads_back(lines: list[str]) -> None:
    bench = Bench()
    bench.send(composed(lambda d: [d.textln(line) for line in lines] and d.cut()))
    (job,) = bench.printer.jobs
    assert job.texts == lines
    assert job.unknown == []
    assert job.too_wide == 0


def test_every_code_table_of_the_profile_decodes() -> None:
    for name, text in [
        ("CP858", "Rødgrød € é"),
        ("CP865", "æøåÆØÅ"),
        ("CP1251", "Дякую"),
        ("CP852", "Łódź"),
    ]:
        dummy = Dummy(profile="TM-T88V")
        dummy.charcode(name)
        dummy.textln(text)
        bench = Bench()
        bench.send(dummy.output)
        assert bench.texts == [text]


def test_the_danish_set_replaces_brackets() -> None:
    bench = Bench()
    bench.send(b"\x1bR\x04[\\]{|}#$\n")
    assert bench.texts == ["ÆØÅæøå#$"]


def test_runs_carry_their_style() -> None:
    def compose(d: Any) -> None:
        d.set(bold=True)
        d.text("6 ")
        d.set(bold=False, underline=1)
        d.text("af ")
        d.set(underline=0, custom_size=True, width=2, height=3)
        d.text("7")
        d.set(custom_size=True, width=1, height=1, font="b", invert=True)
        d.textln("!")

    bench = Bench()
    bench.send(composed(compose))
    (line,) = bench.printer.job.lines
    assert [(run.text, run.style) for run in line.runs] == [
        ("6 ", Style(bold=True)),
        ("af ", Style(underline=1)),
        ("7", Style(width=2, height=3)),
        ("!", Style("B", invert=True)),
    ]
    assert len(bench.printer.job.rows) == 72


@pytest.mark.parametrize(("justify", "left"), [(0, 0), (1, 276), (2, 552)])
def test_justification_moves_the_line(justify: int, left: int) -> None:
    bench = Bench()
    bench.send(bytes((0x1B, 0x61, justify)) + b"\x1dB\x01" + b"HH\n")
    rows = ink(bench.printer.job.rows)
    box = rows.getbbox()
    assert box is not None
    assert (box[0], box[2]) == (left, left + 24)


def test_a_line_is_as_high_as_the_spacing_and_never_less_than_its_letters() -> None:
    bench = Bench()
    for command, rows in [
        (b"", 30),
        (b"\x1b3\x40", 64),
        (b"\x1b3\x00", 24),
        (b"\x1b2", 30),
        (b"\x1d!\x01", 48),
    ]:
        before = len(bench.printer.job.rows)
        bench.send(command + b"H\n")
        assert len(bench.printer.job.rows) - before == rows


def test_letters_stand_in_their_cells_and_on_one_line() -> None:
    bench = Bench()
    bench.send(b"\x1d!\x11H\x1d!\x00H\n")
    drawn = ink(bench.printer.job.rows)
    big, small = draw_cell("H", Style(width=2, height=2)), draw_cell("H", Style())
    assert drawn.crop((0, 0, 24, 48)).tobytes() == big.tobytes()
    assert drawn.crop((24, 24, 36, 48)).tobytes() == small.tobytes()
    assert drawn.crop((24, 0, 36, 24)).getbbox() is None


def test_a_full_line_goes_on_below_and_is_counted() -> None:
    bench = Bench()
    bench.send(b"x" * 50 + b"\n" + CUT)
    (job,) = bench.printer.jobs
    assert job.texts == ["x" * 48, "x" * 2]
    assert job.too_wide == 1


def test_tabs_and_positions() -> None:
    bench = Bench()
    bench.send(b"\x1dB\x01a\tb\x1b$\x40\x01c\n")
    drawn = ink(bench.printer.job.rows)
    for x in (0, 96, 320):
        assert drawn.crop((x, 0, x + 12, 24)).getbbox() is not None
    assert drawn.crop((12, 0, 96, 24)).getbbox() is None


def test_upside_down_turns_the_line() -> None:
    bench = Bench()
    bench.send(b"H\n\x1b{\x01H\n")
    up, down = bench.printer.job.rows[:24], bench.printer.job.rows[30:54]
    assert ink(up).rotate(180).tobytes() == ink(down).tobytes()


@st.composite
def images(draw: st.DrawFn) -> Image.Image:
    width, height = draw(st.integers(1, 64)), draw(st.integers(1, 40))
    noise = random.Random(draw(st.integers(0, 2**32))).randbytes((width + 7) // 8 * height)
    return Image.frombytes("1", (width, height), noise)


@settings(max_examples=60, deadline=None)
@given(images(), st.sampled_from(["bitImageRaster", "graphics", "bitImageColumn"]))
def test_images_come_out_dot_for_dot(image: Image.Image, implementation: str) -> None:
    bench = Bench()
    bench.send(composed(lambda d: d.image(image, impl=implementation)))
    job = bench.printer.job
    black = image.point(lambda dot: 0 if dot else 255)
    drawn = ink(job.rows).crop((0, 0, *image.size))
    assert drawn.tobytes() == black.tobytes()
    assert job.unknown == []
    if implementation != "bitImageColumn":
        # python-escpos sends whole bytes of a row
        assert [(p.width + 7) // 8 for p in job.pictures] == [(image.width + 7) // 8]


def test_an_image_split_in_bands_has_no_gap() -> None:
    image = Image.new("1", (512, 300), 0)
    bench = Bench()
    bench.send(composed(lambda d: d.image(image, fragment_height=128)))
    job = bench.printer.job
    assert [p.height for p in job.pictures] == [128, 128, 44]
    assert job.rows == [b"\xff" * 64 + bytes(8)] * 300


def test_a_doubled_image_doubles_each_dot() -> None:
    bench = Bench()
    bench.send(bytes.fromhex("1D 76 30 03 01 00 01 00 A1"))
    assert bench.printer.job.rows == [bytes.fromhex("CC 03") + bytes(70)] * 2
    assert widen(0b101, 3) == 0b111000111


def test_an_image_wider_than_the_head_is_clipped_and_counted() -> None:
    bench = Bench()
    bench.send(bytes.fromhex("1D 76 30 00 4A 00 01 00") + b"\xff" * 74)
    assert bench.printer.job.pictures == [Picture(592, 1, clipped=True)]
    assert bench.printer.job.rows == [b"\xff" * 72]


def test_a_narrow_head_prints_no_dot_beyond_it() -> None:
    bench = Bench(dots=420)
    bench.send(bytes.fromhex("1D 76 30 00 36 00 01 00") + b"\xff" * 54)
    assert picture(bench.printer.job.rows, 420).size == (420, 1)
    assert bench.printer.job.rows == [b"\xff" * 52 + b"\xf0"]


def test_native_qr_and_barcode_are_reported_with_what_a_scanner_reads(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def compose(d: Any) -> None:
        d.qr(LINK, native=True, size=6)
        d.barcode("{B3912345678", "CODE128", function_type="B")
        d.barcode("4006381333931", "EAN13", function_type="B")
        d.cut(mode="PART")

    bench = Bench()
    bench.send(composed(compose))
    (job,) = bench.printer.jobs
    assert job.symbols == [
        Symbol("qr", LINK),
        Symbol("code128", "3912345678"),
        Symbol("barcode 67", "4006381333931"),
    ]
    assert job.cut == "partial"
    assert "hardware barcode" in capsys.readouterr().out


def test_code_sets_of_code128() -> None:
    assert code128_text(b"{C\x0c\x22{BAb{{") == "1234Ab{"


@pytest.mark.parametrize("native", [True, False])
def test_a_drawn_qr_can_be_scanned(native: bool, tmp_path: Path) -> None:
    zbarimg = tool("zbarimg")
    bench = Bench()
    bench.send(
        composed(
            lambda d: [d.set(align="center"), d.text("\n\n"), d.qr(LINK, native=native, size=6)]
        )
        + b"\n" * 6
    )
    bench.printer.draw(tmp_path / "paper.png")
    read = subprocess.run(
        [zbarimg, "--quiet", "--raw", tmp_path / "paper.png"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert read.stdout.strip() == LINK


def test_too_much_for_a_qr_code_is_reported() -> None:
    bench = Bench()
    data = b"\x31\x50\x30" + b"\xe5" * 4000
    bench.send(b"\x1d(k" + len(data).to_bytes(2, "little") + data + b"\x1d(k\x03\x001Q0")
    assert len(bench.printer.job.unknown) == 1


def test_cuts_split_jobs_and_the_log_keeps_every_byte() -> None:
    bench = Bench()
    first, second = b"En\n\x1b\x06" + CUT, b"To\n" + CUT
    bench.send(first + second)
    one, two = bench.printer.jobs
    assert (one.texts, two.texts) == (["En"], ["To"])
    assert (bytes(one.log), bytes(two.log)) == (first, second)
    assert [(u.offset, u.raw) for u in one.unknown] == [(3, b"\x1b\x06")]


def test_a_cut_with_feed_pushes_the_print_to_the_cutter() -> None:
    bench = Bench()
    bench.send(b"En\n\x1dVB\x00")
    (job,) = bench.printer.jobs
    assert job.cut == "partial"
    assert len(job.rows) == 30 + round(14 * 180 / 25.4)


def test_tearing_takes_what_hangs_out(tmp_path: Path) -> None:
    bench = Bench()
    bench.send(b"En\n" + CUT + b"To\n")
    bench.printer.draw(tmp_path / "hanging.png")
    with Image.open(tmp_path / "hanging.png") as image:
        assert image.size == (576, 60)
        assert image.getpixel((0, 0)) == 255
        assert 128 in image.crop((0, 30, 576, 31)).tobytes()
    assert bench.printer.tear() == pytest.approx(60 * 25.4 / 180)
    assert bench.printer.truth()["hanging_mm"] == 0
    assert bench.texts == ["En", "To"]
    bench.printer.draw(tmp_path / "job.png", job=1)
    with Image.open(tmp_path / "job.png") as image:
        assert image.size == (576, 30)
    with pytest.raises(ValueError, match="job 9"):
        bench.printer.draw(tmp_path / "none.png", job=9)


def test_paper_that_nobody_tears_does_not_pile_up() -> None:
    paper = Paper(576)
    for _ in range(30):
        paper.advance((paper.blank,) * 5000)
        paper.cut("full")
    assert len(paper.rows) <= 2 * LONGEST
    assert paper.cuts[-1] == (len(paper.rows), "full")
    assert paper.cuts[0][0] > 0


def test_empty_lines_are_lines() -> None:
    bench = Bench()
    bench.send(b"En\n\nTo\n\x1bd\x03")
    assert bench.printer.job.contents == [
        Line(bench.printer.job.lines[0].runs),
        Line(()),
        Line(bench.printer.job.lines[2].runs),
    ]


def test_letters_of_danish_are_not_blank_and_differ() -> None:
    cells = [draw_cell(letter, Style()).tobytes() for letter in "æøåÆØÅaoA"]
    assert len(set(cells)) == 9
    assert bytes(48) not in cells
