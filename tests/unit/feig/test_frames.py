"""Frames of the FEIG host protocol: sourced bytes both ways, and the laws of the framer."""

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.feig import commands
from drivers.feig.frames import LONGEST, Frame, Framer, checksum

VECTORS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "feig.toml").read_text()
)["vector"]
FRAMES = [pytest.param(v, id=v["name"]) for v in VECTORS if v["direction"] != "crc"]
REPLIES = [pytest.param(v, id=v["name"]) for v in VECTORS if v["direction"] == "from_reader"]


def _bit_loop(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc


def _body(meaning: dict[str, Any]) -> bytes:
    """What follows the command, from the fields of a vector."""
    if "body" in meaning:
        return bytes.fromhex(meaning["body"])
    uid = bytes.fromhex(meaning.get("uid", ""))
    if "iso" in meaning:
        body = bytes((meaning["iso"], meaning["mode"])) + uid
        body += bytes(meaning[k] for k in ("afi", "first", "count", "size") if k in meaning)
        memory = bytes.fromhex(meaning.get("memory", ""))
        return body + commands.mirrored(memory, meaning.get("size", 4))
    if "status" not in meaning:
        return b""
    body = bytes((meaning["status"],))
    if "ic_ref" in meaning:
        sizes = (meaning["afi"], meaning["size"] - 1, meaning["count"] - 1, meaning["ic_ref"])
        return body + bytes((meaning["dsfid"],)) + uid + bytes(sizes)
    if "tags" in meaning:
        body += bytes((len(meaning["tags"]),))
        for tag in meaning["tags"]:
            body += bytes((0x03, tag["dsfid"])) + bytes.fromhex(tag["uid"])
    return body + bytes(meaning[k] for k in ("tag_error", "block") if k in meaning)


@pytest.mark.parametrize("vector", FRAMES)
def test_a_frame_is_read_as_its_source_says(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    wanted = Frame(
        meaning["address"], meaning["command"], _body(meaning), meaning.get("advanced", False)
    )
    assert Framer().feed(bytes.fromhex(vector["bytes"])) == [wanted]


@pytest.mark.parametrize("vector", FRAMES)
def test_a_frame_is_built_as_its_source_says(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    frame = Frame(
        meaning["address"], meaning["command"], _body(meaning), meaning.get("advanced", False)
    )
    assert frame.encode().hex() == vector["bytes"]


@pytest.mark.parametrize("vector", REPLIES)
def test_a_reply_says_what_its_source_says(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    (frame,) = Framer().feed(bytes.fromhex(vector["bytes"]))
    assert frame.status == meaning["status"]
    if "tags" in meaning:
        found = [{"uid": str(tag.uid), "dsfid": tag.dsfid} for tag in commands.tags(frame.data)]
        assert found == meaning["tags"]
    if "ic_ref" in meaning:
        info = commands.tag_info(frame.data)
        assert str(info.uid) == meaning["uid"]
        said = (info.dsfid, info.afi, info.block_size, info.blocks, info.ic_ref)
        assert said == tuple(meaning[k] for k in ("dsfid", "afi", "size", "count", "ic_ref"))


@pytest.mark.parametrize("vector", FRAMES)
def test_the_crc_agrees_with_a_bit_loop(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["bytes"])
    assert checksum(data[:-2]) == _bit_loop(data[:-2]) == int.from_bytes(data[-2:], "little")


def test_the_crc_has_its_published_value() -> None:
    (vector,) = [v for v in VECTORS if v["direction"] == "crc"]
    assert checksum(bytes.fromhex(vector["bytes"])) == vector["meaning"]["crc"]


_FRAMES = st.builds(
    Frame, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=300), st.booleans()
).map(lambda f: Frame(f.address, f.command, f.body, f.advanced or len(f.body) > 250))


@given(st.lists(_FRAMES, max_size=4), st.data())
@settings(max_examples=150)
def test_any_chunking_gives_the_same_frames(frames: list[Frame], data: st.DataObject) -> None:
    stream = b"".join(frame.encode() for frame in frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    framer = Framer()
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += framer.feed(stream[start:end])
    assert found == frames
    assert (framer.waiting, framer.dropped) == (b"", 0)


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=6))
@settings(max_examples=150)
def test_noise_is_read_the_same_in_any_chunks(noise: bytes, cuts: list[int]) -> None:
    whole, parts = Framer(), Framer()
    found = whole.feed(noise)
    again: list[Frame] = []
    places = sorted({min(c, len(noise)) for c in cuts})
    for start, end in zip([0, *places], [*places, len(noise)], strict=True):
        again += parts.feed(noise[start:end])
    assert (found, whole.waiting, whole.dropped) == (again, parts.waiting, parts.dropped)


@pytest.mark.parametrize("size", [0, 1, 247, 248, 249, 250, 251, 252, 253, 300])
def test_a_frame_grows_long_at_256_bytes(size: int) -> None:
    frame = Frame(0, 0xB0, bytes(size))
    sent = frame.encode()
    assert (sent[0] == 2) is (size + 5 > 255)
    (found,) = Framer().feed(sent)
    assert (found.body, found.advanced) == (bytes(size), size > 250)


def test_a_frame_that_no_reader_takes_is_refused() -> None:
    assert len(Frame(0, 0, bytes(LONGEST - 7)).encode()) == LONGEST
    with pytest.raises(ValueError, match="longer than any reader"):
        Frame(0, 0, bytes(LONGEST)).encode()


def test_a_wrong_crc_costs_no_more_than_the_frame_it_looks_like() -> None:
    bad = bytearray(Frame(0, 0x52, b"\0").encode())
    bad[-1] ^= 0x10
    good = Frame(0, 0xB0, b"\x01")
    framer = Framer()
    found = framer.feed(bytes(bad) + good.encode() * 400)
    assert found == [good] * len(found)
    assert len(found) >= 400 - LONGEST // 6
    assert framer.dropped >= len(bad)


def test_a_hundred_kilobytes_of_noise_leave_the_buffer_small() -> None:
    noise = random.Random(7).randbytes(100_000)
    framer = Framer()
    for at in range(0, len(noise), 61):
        framer.feed(noise[at : at + 61])
        assert len(framer.waiting) < LONGEST
    framer.reset()
    good = Frame(0, 0xB0, b"\x00")
    assert framer.feed(good.encode()) == [good]


def test_a_frame_behind_a_stray_byte_is_salvaged() -> None:
    good, next_one = Frame(0, 0x52, b"\0"), Frame(0, 0xB0, b"\x01")
    framer = Framer()
    assert framer.feed(b"\x40" + good.encode() + next_one.encode()) == []
    assert framer.salvage() == [good, next_one]
    assert (framer.waiting, framer.dropped) == (b"", 1)


def test_half_a_frame_is_not_salvaged() -> None:
    framer = Framer()
    half = Frame(0, 0xB0, bytes(40)).encode()[:20]
    assert framer.feed(half) == []
    assert framer.salvage() == []
    assert framer.waiting == half


def test_an_empty_reply_has_no_status() -> None:
    assert Frame(0, 0x52).status == -1


class TestShapes:
    def test_other_kinds_of_card_are_left_out_of_an_inventory(self) -> None:
        card = bytes((0x04, 0x00)) + bytes(8)
        book = bytes((0x03, 0x3E)) + bytes.fromhex("e00401501f453d8f")
        assert [str(t.uid) for t in commands.tags(b"\x02" + card + book)] == ["e00401501f453d8f"]

    @pytest.mark.parametrize("data", [b"", b"\x01", b"\x01" + bytes(9), b"\x00\x00"])
    def test_an_inventory_of_another_length_is_broken(self, data: bytes) -> None:
        with pytest.raises(commands.BadReply):
            commands.tags(data)

    @pytest.mark.parametrize("data", [b"", bytes(12), bytes(14)])
    def test_system_information_of_another_length_is_broken(self, data: bytes) -> None:
        with pytest.raises(commands.BadReply):
            commands.tag_info(data)

    @pytest.mark.parametrize(
        "data", [b"", b"\x01", b"\x02\x04" + bytes(10), b"\x01\x00", b"\x01\x04" + bytes(4)]
    )
    def test_blocks_of_another_count_are_broken(self, data: bytes) -> None:
        with pytest.raises(commands.BadReply):
            commands.blocks(data, 1)

    def test_blocks_come_back_in_tag_order(self) -> None:
        wire = bytes.fromhex("0204" + "00" + "04030201" + "01" + "08070605")
        assert commands.blocks(wire, 2) == (4, bytes(range(1, 9)), (1,))
