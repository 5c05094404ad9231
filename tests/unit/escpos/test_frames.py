"""The laws of the classifier, over streams made of every kind of answer."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.escpos.frames import (
    AutoStatus,
    Block,
    Classifier,
    Flow,
    Frame,
    InOrder,
    RealTime,
    Unknown,
)

REAL_TIME = st.sampled_from([b for b in range(256) if b & 0x93 == 0x12]).map(
    lambda b: (bytes((b,)), RealTime(b))
)
IN_ORDER_BYTES = st.sampled_from([b for b in range(256) if b & 0x90 == 0])
FIRST = st.sampled_from([b for b in range(256) if b & 0x93 == 0x10])
QUARTET = st.builds(
    lambda first, rest: (bytes((first, *rest)), AutoStatus(bytes((first, *rest)))),
    FIRST,
    st.lists(IN_ORDER_BYTES, min_size=3, max_size=3),
)
BLOCK = st.builds(
    lambda header, text: (bytes((header,)) + text + b"\0", Block(header, text)),
    st.sampled_from(b"\x35\x37\x3b\x3d\x5f"),
    st.binary(max_size=20).map(lambda raw: bytes(0x20 + b % 0x60 for b in raw)),
)
IN_ORDER = IN_ORDER_BYTES.map(lambda b: (bytes((b,)), InOrder(b)))
ANSWERS = st.lists(st.one_of(REAL_TIME, QUARTET, BLOCK, IN_ORDER), max_size=12)


def frames_of(*pieces: bytes, at: float = 0.0) -> list[Frame]:
    classifier = Classifier()
    return [frame for piece in pieces for frame in classifier.feed(piece, at)]


def test_every_byte_alone_has_one_class() -> None:
    for byte in range(256):
        frames = frames_of(bytes((byte,)))
        if byte in {0x11, 0x13}:
            assert frames == [Flow(byte == 0x11)]
        elif byte & 0x93 == 0x12:
            assert frames == [RealTime(byte)]
        elif byte & 0x93 == 0x10 or byte in b"\x35\x37\x3b\x3d\x5f":
            assert frames == []
        elif byte & 0x90 == 0:
            assert frames == [InOrder(byte)]
        else:
            assert frames == [Unknown(byte)]


@settings(max_examples=100)
@given(ANSWERS)
def test_a_clean_stream_gives_its_answers(answers: list[tuple[bytes, Frame]]) -> None:
    assert frames_of(b"".join(raw for raw, _ in answers)) == [frame for _, frame in answers]


@settings(max_examples=150)
@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=20))
def test_any_split_of_any_stream_gives_the_same_frames(stream: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    assert frames_of(*pieces) == frames_of(stream)


@settings(max_examples=150)
@given(
    st.binary(max_size=100),
    st.lists(st.tuples(st.integers(0, 100), st.sampled_from(b"\x11\x13")), max_size=10),
)
def test_flow_control_anywhere_changes_no_other_frame(
    stream: bytes, marks: list[tuple[int, int]]
) -> None:
    stream = bytes(b for b in stream if b not in {0x11, 0x13})
    mixed = bytearray(stream)
    for at, mark in marks:
        mixed.insert(min(at, len(mixed)), mark)
    others = [f for f in frames_of(bytes(mixed)) if not isinstance(f, Flow)]
    assert others == frames_of(stream)


@settings(max_examples=150)
@given(st.binary(max_size=300), ANSWERS)
def test_noise_costs_nothing_once_the_line_was_still(
    noise: bytes, answers: list[tuple[bytes, Frame]]
) -> None:
    classifier = Classifier()
    classifier.feed(noise, 0.0)
    found = classifier.feed(b"".join(raw for raw, _ in answers), 0.6)
    assert [f for f in found if not isinstance(f, Unknown)] == [frame for _, frame in answers]


@settings(max_examples=150)
@given(st.binary(max_size=100), st.one_of(REAL_TIME, QUARTET, BLOCK), ANSWERS)
def test_noise_costs_at_most_the_frame_it_runs_into(
    noise: bytes, touched: tuple[bytes, Frame], answers: list[tuple[bytes, Frame]]
) -> None:
    """One question is open at a time, and after a miss the line is still: so this is one answer lost."""
    classifier = Classifier()
    classifier.feed(noise + touched[0], 0.0)
    found = classifier.feed(b"".join(raw for raw, _ in answers), 0.6)
    assert [f for f in found if not isinstance(f, Unknown)] == [frame for _, frame in answers]


@settings(max_examples=50)
@given(st.binary(max_size=2000))
def test_memory_is_bounded(stream: bytes) -> None:
    classifier = Classifier()
    classifier.feed(stream, 0.0)
    assert classifier.pending <= 128


def test_a_long_block_is_noise_to_its_first_byte() -> None:
    frames = frames_of(b"\x5f" + b"A" * 128 + b"\x12")
    assert frames[0] == Unknown(0x5F)
    assert frames[-1] == RealTime(0x12)


def test_a_first_byte_without_its_three_is_dropped_and_the_rest_kept() -> None:
    assert frames_of(b"\x10\x00\x12") == [Unknown(0x10), InOrder(0), RealTime(0x12)]
    assert frames_of(b"\x10\x18\x00\x0f\x0f") == [Unknown(0x10), AutoStatus(b"\x18\x00\x0f\x0f")]


def test_an_xoff_inside_a_quartet_and_a_block() -> None:
    assert frames_of(b"\x10\x00\x13\x00\x0f") == [Flow(False), AutoStatus(b"\x10\x00\x00\x0f")]
    assert frames_of(b"\x37\x22\x30\x11\x30\x30\x31\x00") == [Flow(True), Block(0x37, b'"0001')]
