"""Lines of a barcode reader: every suffix, any split, bounded memory."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.scanner.frames import Line, Lines

TEXT = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="]"),
    min_size=1,
    max_size=40,
)


@pytest.mark.parametrize("suffix", [b"\r", b"\n", b"\r\n", b"\t"])
def test_every_suffix_ends_a_line(suffix: bytes) -> None:
    lines = Lines()
    assert lines.feed(b"]C03846646425" + suffix) == [Line("C0", b"3846646425")]
    assert not lines.pending


@pytest.mark.parametrize(
    ("raw", "aim", "data"),
    [
        (b"3846646425", "", b"3846646425"),
        (b"]A0X1", "A0", b"X1"),
        (b"]I0123", "I0", b"123"),
        (b"]]x", "", b"]]x"),
        (b"\x00\xff]C0123", "C0", b"123"),
    ],
)
def test_the_identifier_is_taken_off(raw: bytes, aim: str, data: bytes) -> None:
    assert Lines().feed(raw + b"\r") == [Line(aim, data)]


def test_a_pause_ends_a_line_and_nothing_is_no_line() -> None:
    lines = Lines()
    assert lines.feed(b"123") == []
    assert lines.pending
    assert lines.idle() == [Line("", b"123")]
    assert lines.idle() == []
    assert lines.feed(b"\r\n\r\n]C0\r") == []


def test_too_long_a_line_is_noise_to_its_end() -> None:
    lines = Lines()
    assert lines.feed(b"9" * 10_000) == []
    assert lines.pending
    assert lines.feed(b"9\r123\r") == [Line("", b"123")]
    assert lines.feed(b"9" * 256 + b"\r") == [Line("", b"9" * 256)]


def test_a_line_does_not_show_what_it_holds() -> None:
    assert "3002991234" not in repr(Line("C0", b"3002991234"))


@settings(max_examples=100)
@given(
    st.lists(TEXT, max_size=5),
    st.sampled_from(["\r", "\n", "\r\n", "\t"]),
    st.lists(st.integers(0, 200)),
)
def test_any_split_gives_the_same_lines(texts: list[str], suffix: str, cuts: list[int]) -> None:
    stream = "".join(text + suffix for text in texts).encode()
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    lines = Lines()
    found = [line for a, b in pairwise(edges) for line in lines.feed(stream[a:b])]
    assert found == [Line("", text.encode()) for text in texts]
