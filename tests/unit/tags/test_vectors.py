"""Library tags as public code wrote and read them, in both directions."""

import tomllib
from binascii import crc_hqx
from pathlib import Path
from typing import Any

import pytest

from drivers.tags import Extension, Format, Item, decode, encode
from drivers.tags.iso28560_2 import Compaction, objects, unpack

VECTORS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "iso28560.toml").read_text()
)["vector"]


def _of(*directions: str) -> list[Any]:
    return [pytest.param(v, id=v["name"]) for v in VECTORS if v["direction"] in directions]


def _bit_loop(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


@pytest.mark.parametrize("vector", _of("both", "read"))
def test_a_tag_says_what_its_source_says(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    wanted = Item(**{**meaning, "format": Format(meaning["format"])})
    assert decode(bytes.fromhex(vector["bytes"]), whole=True) == wanted


@pytest.mark.parametrize("vector", _of("both"))
def test_what_a_tag_says_is_written_as_its_source_wrote_it(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    memory = bytes.fromhex(vector["bytes"])
    item = Item(**{**meaning, "format": Format(meaning["format"])})
    assert encode(item, len(memory)) == memory


@pytest.mark.parametrize("vector", _of("both"))
def test_the_crc_agrees_with_a_bit_loop(vector: dict[str, Any]) -> None:
    memory = bytes.fromhex(vector["bytes"])
    if vector["meaning"].get("reversed"):
        memory = b"".join(memory[i : i + 4][::-1] for i in range(0, len(memory), 4))
    memory += bytes(2)
    assert _bit_loop(memory[:19] + memory[21:34]) == int.from_bytes(memory[19:21], "little")


@pytest.mark.parametrize("vector", _of("crc"))
def test_the_crc_has_its_published_value(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["bytes"])
    wanted = int(vector["meaning"]["crc"], 16)
    assert crc_hqx(data, 0xFFFF) == _bit_loop(data) == wanted
    assert crc_hqx(b"123456789", 0xFFFF) == _bit_loop(b"123456789") == 0x29B1


@pytest.mark.parametrize("vector", [p for p in _of("read") if "objects" in p.values[0]])
def test_every_object_of_a_28560_2_tag_is_read(vector: dict[str, Any]) -> None:
    found, doubt = objects(bytes.fromhex(vector["bytes"]))
    assert doubt is None
    assert {str(o.oid): o.text() for o in found} == vector["objects"]


@pytest.mark.parametrize("vector", _of("text"))
def test_packed_text_is_unpacked(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    assert (
        unpack(Compaction(meaning["compaction"]), bytes.fromhex(vector["bytes"])) == meaning["text"]
    )


@pytest.mark.parametrize("vector", _of("extension"))
def test_an_extension_block_both_ways(vector: dict[str, Any]) -> None:
    raw, meaning = bytes.fromhex(vector["bytes"]), vector["meaning"]
    block = Extension.of(meaning["id"], tuple(meaning["fields"]))
    assert block.raw == raw
    assert (block.id, list(block.fields)) == (meaning["id"], meaning["fields"])
