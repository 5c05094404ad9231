"""Tag memory as libraries write it, against the vectors of the data model."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from hw_sim.scenario import ItemSpec, load
from hw_sim.tagging import tagged
from hw_sim.tagmemory import crc16, extension, item_memory, reversed_blocks

VECTORS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "iso28560.toml").read_text("utf-8")
)["vector"]
WRITTEN = [
    v
    for v in VECTORS
    if v["meaning"].get("format") == "28560-3"
    and v["meaning"].get("crc_ok")
    and "id" in v["meaning"]
]


@pytest.mark.parametrize("vector", WRITTEN, ids=lambda v: v["name"])
def test_what_we_write_is_the_vector(vector: dict[str, Any]) -> None:
    meaning, wanted = vector["meaning"], bytes.fromhex(vector["bytes"])
    written = item_memory(
        meaning["id"],
        meaning["owner"],
        parts=meaning.get("parts", 1),
        part=meaning.get("part", 1),
        usage=meaning.get("usage", 1),
        blocks=len(wanted) // 4,
        reverse=meaning.get("reversed", False),
    )
    assert written.hex() == wanted.hex()


def test_there_are_vectors_to_hold_us() -> None:
    assert {"DK-1", "DK-2", "DK-3", "DK-4", "DK-1r", "DK-3r"} <= {v["name"] for v in WRITTEN}


def test_crc_and_extension_block() -> None:
    assert crc16(b"123456789") == 0x29B1
    assert crc16(b"RFID tag data model") == 0x1AEE
    assert extension(4, ["Hej"]).hex() == "0704004448656a"


def test_a_long_owner_is_cut_on_a_short_tag_and_whole_on_a_long_one() -> None:
    short = item_memory("1", "DK12345678901", blocks=8)
    long = item_memory("1", "DK12345678901", blocks=28)
    assert short[21:32] == b"DK123456789"
    assert long[21:34] == b"DK12345678901"
    assert crc16(short[:19] + short[21:] + b"\0\0") == int.from_bytes(short[19:21], "little")
    assert crc16(long[:19] + long[21:34]) == int.from_bytes(long[19:21], "little")


def test_a_bad_crc_is_the_only_thing_wrong() -> None:
    good = item_memory("42", "DK746100")
    bad = item_memory("42", "DK746100", bad_crc=True)
    assert [n for n in range(len(good)) if good[n] != bad[n]] == [19, 20]


def test_reversing_twice_changes_nothing() -> None:
    memory = item_memory("42", "DK746100")
    assert reversed_blocks(reversed_blocks(memory)) == memory != reversed_blocks(memory)


def test_what_does_not_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="longer than 16"):
        item_memory("1" * 17, "DK746100")
    with pytest.raises(ValueError, match="do not fit"):
        item_memory("1", "DK746100", blocks=8, extensions=[extension(4, ["Hej"])])


def test_a_set_has_a_tag_for_each_part_and_every_uid_is_its_own() -> None:
    item = tagged(ItemSpec(id="1", title="Skak", parts=3))
    assert [tag.part for tag in item.tags] == [1, 2, 3]
    assert [tag.memory[2] for tag in item.tags] == [1, 2, 3]
    assert len({tag.uid for tag in item.tags}) == 3
    assert all(tag.uid[:3] == b"\xe0\x04\x01" and len(tag.uid) == 8 for tag in item.tags)


def test_the_hard_tags_are_what_they_say() -> None:
    items = {spec.id: tagged(spec) for spec in load("hard-tags").items}
    first = {name: item.tags[0] for name, item in items.items()}
    assert first["5000000003"].blocks == 8
    assert not any(first["5000000005"].memory)
    assert first["123456789012"].dsfid == 0x06
    assert not first["5000000009"].readable
    assert sorted(tag.part for tag in items["5000000010"].tags) == [1, 2, 2, 3]
    assert first["5000000011"].afi_locked
    assert first["5000000012"].afi_password
    assert b"titel" in bytes(first["5000000013"].memory)
