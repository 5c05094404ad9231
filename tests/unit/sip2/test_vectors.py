"""Every vector of tests/vectors/sip2.toml read and, where it may be sent, written again."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from drivers.sip2.frames import checksum, decode, encode, verify
from drivers.sip2.messages import KINDS, Check, Message, Side

VECTORS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "sip2.toml").read_text(encoding="utf-8")
)["vector"]
ALL = [pytest.param(v, id=v["name"]) for v in VECTORS]
CHECKS = {"right": Check.GOOD, "wrong": Check.BAD, "none": Check.ABSENT}


@pytest.mark.parametrize("vector", ALL)
def test_a_vector_is_read(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    got = decode(bytes.fromhex(vector["bytes"]), vector.get("encoding", "utf-8"))
    assert got.kind.id == meaning["id"]
    assert dict(zip(got.kind.parts, got.fixed, strict=True)) == meaning.get("block", {})
    assert [[each[:2], each[2:]] for each in got.fields] == meaning.get("fields", [])
    assert got.seq == meaning.get("ay")
    assert got.check is CHECKS[meaning["sum"]]


@pytest.mark.parametrize("vector", ALL)
def test_a_vector_is_written(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    raw = bytes.fromhex(vector["bytes"])
    kind = KINDS[meaning["id"]]
    whole = Message(
        kind,
        tuple(meaning.get("block", {}).values()),
        tuple(name + value for name, value in meaning.get("fields", [])),
        meaning.get("ay"),
    )
    written = encode(
        whole,
        encoding=vector.get("encoding", "utf-8"),
        error_detection=meaning["sum"] != "none",
    )
    if "apart" in vector["name"]:
        assert written != raw + b"\r"  # we send accents composed
        assert decode(written[:-1]).fields == whole.fields
    elif meaning["sum"] == "wrong":
        assert written == raw[:-4] + meaning["right_sum"].encode() + b"\r"
    else:
        assert written == raw + b"\r"


@pytest.mark.parametrize("vector", ALL)
def test_a_vector_keeps_to_the_table(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    kind = KINDS[meaning["id"]]
    assert (vector["direction"] == "to_library") == (kind.side is Side.SC)
    known = {*kind.required, *kind.optional}
    assert {name for name, _ in meaning.get("fields", [])} <= known


def test_each_message_has_a_vector() -> None:
    assert {v["meaning"]["id"] for v in VECTORS} == set(KINDS)
    assert len(KINDS) == 31


def test_the_sum_counts_bytes_as_a_plain_loop_does() -> None:
    for size in (0, 1, 255, 256, 257, 511, 512, 513, 4000):
        for byte in (0, 1, 0x80, 0xFF):
            data = bytes([byte]) * size
            total = 0
            for each in data:
                total += each
            assert checksum(data) == (0x10000 - total % 0x10000) % 0x10000


def test_sums_are_taken_in_either_case_and_zero_is_told_apart() -> None:
    assert verify(b"941AY3AZfdfa") is Check.GOOD
    assert verify(b"941AY3AZ0000") is Check.ZERO
    assert verify(b"941AY3AZFDFB") is Check.BAD
    assert verify(b"941") is Check.ABSENT
    assert verify(b"AZ") is Check.ABSENT
