"""Modbus RTU frames: sourced bytes both ways, the laws of the framer, and what an answer is held against."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus_belt.frames import Answer, Framer, Read, Write, checksum

VECTORS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "modbus.toml").read_text()
)["vector"]


def of(*directions: str) -> list[Any]:
    return [pytest.param(v, id=v["name"]) for v in VECTORS if v["direction"] in directions]


def request_of(meaning: dict[str, Any]) -> Read | Write:
    if "read" in meaning:
        return Read(*meaning["read"])
    unit, first, values = meaning["write"]
    return Write(unit, first, tuple(values))


def framed(unit: int, function: int, body: bytes) -> bytes:
    raw = bytes((unit, function)) + body
    return raw + checksum(raw).to_bytes(2, "little")


@pytest.mark.parametrize("vector", of("crc", "request", "answer"))
def test_the_checksum_is_the_sources(vector: dict[str, Any]) -> None:
    raw = bytes.fromhex(vector["bytes"])
    assert checksum(raw[:-2]) == int.from_bytes(raw[-2:], "little")


@pytest.mark.parametrize("vector", of("request"))
def test_a_request_is_built_as_its_source_says(vector: dict[str, Any]) -> None:
    assert request_of(vector["meaning"]).encode() == bytes.fromhex(vector["bytes"])


@pytest.mark.parametrize("vector", of("answer"))
def test_an_answer_says_what_its_source_says(vector: dict[str, Any]) -> None:
    meaning, framer = vector["meaning"], Framer()
    (answer,) = framer.feed(bytes.fromhex(vector["bytes"]))
    request = request_of(meaning)
    assert request.answered_by(answer)
    if "exception" in meaning:
        assert (answer.function, answer.body[0]) == (request.function | 0x80, meaning["exception"])
    elif isinstance(request, Read):
        assert request.values(answer) == tuple(meaning["values"])
    assert (framer.dropped, framer.waiting) == (0, b"")


OTHERS = [
    ("another unit", framed(2, 3, b"\x06" + bytes(6))),
    ("another function", framed(1, 16, bytes.fromhex("006b0003"))),
    ("another count", framed(1, 3, b"\x08" + bytes(8))),
    ("an exception of another function", framed(1, 0x90, b"\x02")),
]


@pytest.mark.parametrize(("what", "raw"), OTHERS, ids=[o[0] for o in OTHERS])
def test_what_is_no_answer_to_the_read_is_not_taken_for_one(what: str, raw: bytes) -> None:
    (answer,) = Framer().feed(raw)
    assert not Read(1, 107, 3).answered_by(answer)


@pytest.mark.parametrize("body", ["00010003", "00020002", "00010001"])
def test_an_echo_of_another_address_or_count_is_no_answer_to_the_write(body: str) -> None:
    (answer,) = Framer().feed(framed(17, 16, bytes.fromhex(body)))
    assert not Write(17, 1, (10, 258)).answered_by(answer)


@pytest.mark.parametrize("count", [0, 126])
def test_no_more_is_read_than_a_frame_holds(count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} registers"):
        Read(1, 0, count)


def test_no_more_is_written_than_a_frame_holds() -> None:
    assert len(Write(1, 0, (0,) * 123).encode()) <= 256
    with pytest.raises(ValueError, match="124 registers"):
        Write(1, 0, (0,) * 124)


answers = st.one_of(
    st.builds(
        lambda unit, words: framed(unit, 3, bytes((2 * len(words),)) + b"".join(w.to_bytes(2, "big") for w in words)),
        st.integers(0, 255),
        st.lists(st.integers(0, 65535), min_size=1, max_size=125),
    ),
    st.builds(lambda unit, body: framed(unit, 16, body), st.integers(0, 255), st.binary(min_size=4, max_size=4)),
    st.builds(
        lambda unit, function, code: framed(unit, function, bytes((code,))),
        st.integers(0, 255),
        st.sampled_from([0x83, 0x90]),
        st.integers(0, 255),
    ),
)  # fmt: skip


@given(st.lists(answers, max_size=4), st.data())
def test_any_chunking_gives_the_same_frames(raws: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(raws)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    framer, found = Framer(), list[Answer]()
    for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += framer.feed(stream[a:b])
    assert found == Framer().feed(stream)
    assert len(found) == len(raws)


@given(st.binary(max_size=2000))
def test_noise_leaves_the_buffer_small(noise: bytes) -> None:
    framer = Framer()
    frames = framer.feed(noise)
    assert len(framer.waiting) < 256
    taken = sum(4 + len(frame.body) for frame in frames)
    assert framer.dropped + len(framer.waiting) + taken == len(noise)


quiet_noise = st.lists(
    st.sampled_from([b for b in range(256) if b not in {0x03, 0x10, 0x83, 0x90}]), max_size=40
).map(bytes)


@given(quiet_noise, st.binary(min_size=4, max_size=4))
def test_noise_that_is_no_function_hides_no_frame(noise: bytes, body: bytes) -> None:
    framer = Framer()
    assert framer.feed(noise + framed(1, 16, body)) == [Answer(1, 16, body)]
    assert framer.dropped == len(noise)


def test_a_frame_behind_a_false_head_is_found_when_the_line_rests() -> None:
    good = framed(1, 16, bytes.fromhex("00c80002"))
    framer = Framer()
    assert framer.feed(b"\x01\x03\xfa" + good) == []
    assert framer.salvage() == [Answer(1, 16, bytes.fromhex("00c80002"))]
    assert (framer.waiting, framer.dropped) == (b"", 3)
