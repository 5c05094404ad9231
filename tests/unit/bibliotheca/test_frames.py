"""Frames of the 3M 210 and 810 protocol: sourced bytes both ways, and the laws of the framer."""

import random
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bibliotheca import commands
from drivers.bibliotheca.frames import LONGEST, REQUEST, WAKE, Frame, Framer, checksum

VECTORS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "bibliotheca.toml").read_text()
)["vector"]
FRAMES = [pytest.param(v, id=v["name"]) for v in VECTORS if v["direction"] != "crc"]
REPLIES = [pytest.param(v, id=v["name"]) for v in VECTORS if v["direction"] == "from_reader"]


def _bit_loop(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc ^ 0xFFFF


def _frame(meaning: dict[str, Any]) -> Frame:
    """The frame of a vector, from its fields in the order of the wire."""
    body = bytes((meaning["error"],)) if "error" in meaning else b""
    body += bytes.fromhex(meaning.get("uid", ""))
    body += bytes(meaning[k] for k in ("mask", "first", "count", "afi", "options") if k in meaning)
    if "tags" in meaning:
        body += bytes((len(meaning["tags"]),)) + bytes.fromhex("".join(meaning["tags"]))
    for block in meaning.get("blocks", ()):
        body += bytes((block["number"], block["lock"])) + bytes.fromhex(block["data"])
    body += bytes.fromhex(meaning.get("rest", ""))
    if "version" in meaning:
        body += bytes((0x0A, *meaning["version"]))
    return Frame(meaning["command"], body, WAKE if meaning.get("wake") else REQUEST)


@pytest.mark.parametrize("vector", FRAMES)
def test_a_frame_is_read_as_its_source_says(vector: dict[str, Any]) -> None:
    assert Framer().feed(bytes.fromhex(vector["bytes"])) == [_frame(vector["meaning"])]


@pytest.mark.parametrize("vector", FRAMES)
def test_a_frame_is_built_as_its_source_says(vector: dict[str, Any]) -> None:
    assert _frame(vector["meaning"]).encode().hex() == vector["bytes"]


@pytest.mark.parametrize("vector", REPLIES)
def test_a_reply_says_what_its_source_says(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    (frame,) = Framer().feed(bytes.fromhex(vector["bytes"]))
    assert frame.error == meaning["error"]
    if "version" in meaning:
        found = commands.version(frame.data)
        assert [found.major, found.minor, found.build] == meaning["version"]
    if "tags" in meaning:
        tags = commands.tags(frame.data, meaning["afi"], meaning["options"])
        assert [str(tag.uid) for tag in tags] == meaning["tags"]
        assert {tag.dsfid for tag in tags} == {None}
    if "blocks" in meaning:
        blocks = commands.blocks(frame.data, 0, meaning["count"])
        assert [(b.number, b.lock, b.data.hex(), b.error) for b in blocks] == [
            (b["number"], b["lock"], b["data"], 0) for b in meaning["blocks"]
        ]
    if "mask" in meaning:
        assert commands.known(frame.data) == commands.Known(afi=meaning["afi"])
    elif meaning["command"] == commands.Command.READ_AFI:
        assert commands.byte(frame.data) == meaning["afi"]


def test_what_is_sent_once_after_waking_up_is_as_seen() -> None:
    seen = {v["name"]: v["meaning"]["rest"] for v in VECTORS if v["meaning"].get("command") == 0x13}
    assert commands.SET_UP["810"].hex() == seen["set up an 810, request"]
    assert commands.SET_UP["210"].hex() == seen["set up a 210, request"]


@pytest.mark.parametrize("vector", FRAMES)
def test_the_crc_agrees_with_a_bit_loop(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["bytes"])
    assert checksum(data[1:-2]) == _bit_loop(data[1:-2]) == int.from_bytes(data[-2:], "big")


def test_the_crc_has_its_published_value() -> None:
    (vector,) = [v for v in VECTORS if v["direction"] == "crc"]
    assert checksum(bytes.fromhex(vector["bytes"])) == vector["meaning"]["crc"]


_FRAMES = st.builds(
    Frame, st.integers(0, 255), st.binary(max_size=300), st.sampled_from((REQUEST, WAKE))
)


def _in_pieces(framer: Framer, stream: bytes, cuts: list[int]) -> list[Frame]:
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    return [f for start, end in pairwise(places) for f in framer.feed(stream[start:end])]


@given(st.lists(_FRAMES, max_size=4), st.lists(st.integers(0, 1300), max_size=8))
@settings(max_examples=150)
def test_any_chunking_gives_the_same_frames(frames: list[Frame], cuts: list[int]) -> None:
    framer = Framer()
    assert _in_pieces(framer, b"".join(frame.encode() for frame in frames), cuts) == frames
    assert (framer.waiting, framer.dropped) == (b"", 0)


@given(
    st.lists(st.sampled_from((b"\xd6", b"\xd5", b"\x00", b"\x07", b"\xff")), max_size=80),
    st.lists(st.integers(0, 80), max_size=6),
)
@settings(max_examples=150)
def test_noise_is_read_the_same_in_any_chunks(noise: list[bytes], cuts: list[int]) -> None:
    whole, parts, stream = Framer(), Framer(), b"".join(noise)
    assert whole.feed(stream) == _in_pieces(parts, stream, cuts)
    assert (whole.waiting, whole.dropped) == (parts.waiting, parts.dropped)


@pytest.mark.parametrize("size", [0, 1, 252, 253, 254, 300, LONGEST - 6])
def test_a_length_has_two_bytes(size: int) -> None:
    frame = Frame(0x02, bytes(size))
    sent = frame.encode()
    assert int.from_bytes(sent[1:3], "big") == size + 3 == len(sent) - 3
    assert Framer().feed(sent) == [frame]


def test_a_frame_that_no_reader_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than any reader"):
        Frame(0x02, bytes(LONGEST - 5)).encode()


def test_a_frame_after_noise_without_a_start_byte_is_found_at_once() -> None:
    good = Frame(0xFE, b"\x00\x00\x05\x00")
    framer = Framer()
    assert framer.feed(bytes(range(0xD0)) + good.encode()) == [good]
    assert framer.dropped == 0xD0


def test_a_wrong_crc_costs_that_frame_only() -> None:
    bad = bytearray(Frame(0x11).encode())
    bad[-1] ^= 0x10
    good = Frame(0x11, b"\x00\x0a\x05\x00\x02")
    assert Framer().feed(bytes(bad) + good.encode()) == [good]


def test_a_hundred_kilobytes_of_noise_leave_the_buffer_small() -> None:
    noise = random.Random(7).randbytes(100_000)
    framer = Framer()
    for at in range(0, len(noise), 61):
        framer.feed(noise[at : at + 61])
        assert len(framer.waiting) < LONGEST
    framer.reset()
    good = Frame(0x11)
    assert framer.feed(good.encode()) == [good]


def test_a_frame_behind_a_false_start_is_salvaged() -> None:
    good, next_one = Frame(0x11, b"\0"), Frame(0xFE, b"\x06")
    framer = Framer()
    assert framer.feed(b"\xd6\x01\x00" + good.encode() + next_one.encode()) == []
    assert framer.salvage() == [good, next_one]
    assert (framer.waiting, framer.dropped) == (b"", 3)


def test_half_a_frame_is_not_salvaged() -> None:
    framer = Framer()
    half = Frame(0x02, bytes(40)).encode()[:20]
    assert framer.feed(half) == []
    assert framer.salvage() == []
    assert framer.waiting == half


def test_an_empty_reply_has_no_error() -> None:
    assert Frame(0x11).error == -1


class TestShapes:
    UID = bytes.fromhex("e00401501f453d8f")

    def test_the_dsfid_comes_before_the_uid(self) -> None:
        (tag,) = commands.tags(b"\x07\x07\x01\x3e" + self.UID, 0x07, 0x07)
        assert (tag.uid.value, tag.dsfid) == (self.UID, 0x3E)

    @pytest.mark.parametrize(
        "data",
        [b"", b"\x00\x05", b"\x00\x05\x01", b"\x00\x05\x00\x00", b"\x00\x07\x00", b"\xc2\x05\x00"],
    )
    def test_an_inventory_of_another_shape_is_broken(self, data: bytes) -> None:
        with pytest.raises(commands.BadReply):
            commands.tags(data, 0x00, 0x05)

    @pytest.mark.parametrize("data", [b"", b"\x05\x00\x02", b"\x0b\x05\x00\x02"])
    def test_a_version_has_its_mark(self, data: bytes) -> None:
        with pytest.raises(commands.BadReply):
            commands.version(data)

    def test_models_are_told_by_the_versions_that_were_seen(self) -> None:
        seen = {(5, 0, 2): "810", (5, 2, 27): "210", (5, 1, 25): "210"}
        assert {v: commands.Version(*v).model for v in seen} == seen

    @pytest.mark.parametrize(
        "rest",
        ["", "00", "01", "0100001122", "03" + "00" * 18, "010500aabbccdd", "0100009a0b0c0d0e"],
    )
    def test_blocks_of_another_shape_are_broken(self, rest: str) -> None:
        with pytest.raises(commands.BadReply):
            commands.blocks(self.UID + bytes.fromhex(rest), 0, 2)

    def test_a_lock_byte_above_three_is_an_error(self) -> None:
        rest = bytes.fromhex("02" + "0403aabbccdd" + "051100000000")
        held, absent = commands.blocks(self.UID + rest, 4, 9)
        assert (held.lock, held.error, held.data.hex()) == (3, 0, "aabbccdd")
        assert (absent.number, absent.error) == (5, 0x11)

    def test_all_that_a_tag_can_tell(self) -> None:
        data = self.UID + bytes.fromhex("0f3e07031b0001")
        assert commands.known(data) == commands.Known(0x3E, 0x07, 4, 28, 1)

    @pytest.mark.parametrize("rest", ["", "03aa", "01aabb", "10", "04aa"])
    def test_tag_information_of_another_shape_is_broken(self, rest: str) -> None:
        with pytest.raises(commands.BadReply):
            commands.known(self.UID + bytes.fromhex(rest))

    @pytest.mark.parametrize("data", [b"", bytes(8), bytes(10)])
    def test_one_byte_is_one_byte(self, data: bytes) -> None:
        with pytest.raises(commands.BadReply):
            commands.byte(data)
