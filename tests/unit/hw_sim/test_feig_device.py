"""The simulated FEIG reader against its document: frames, inventories, blocks, security."""

import asyncio
import random
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.devices.feig import FeigReader
from hw_sim.devices.feig_frames import BUFFER, Ear, crc, reply
from hw_sim.simloop import run
from hw_sim.world import Item, Tag, World
from tests.unit.hw_sim.feig_pad import UID, MakeHost, at, pad_of, tag_of

VECTORS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[2] / "vectors" / "feig.toml").read_text("utf-8")
)["vector"]
FRAMES = [v for v in VECTORS if v["direction"] in {"to_reader", "from_reader"}]

# --- the document's own bytes


@pytest.mark.parametrize("vector", FRAMES, ids=lambda v: v["name"])
def test_frames_of_the_document(vector: dict[str, Any]) -> None:
    raw, meaning = bytes.fromhex(vector["bytes"]), vector["meaning"]
    advanced = meaning.get("advanced", False)
    if vector["direction"] == "to_reader":
        (request,) = Ear().feed(raw)
        assert (request.address, request.command) == (meaning["address"], meaning["command"])
        assert request.advanced == advanced
        if "body" in meaning:
            assert request.data.hex() == meaning["body"]
        if "iso" in meaning:
            assert request.data[0] == meaning["iso"]
            assert request.data[1] == meaning["mode"]
        if "uid" in meaning:
            assert request.data[2:10].hex() == meaning["uid"]
    else:
        assert raw[0] != 2, "standard frames only here"
        data = raw[4:-2]
        made = reply(
            meaning["address"], meaning["command"], meaning["status"], data, advanced=False
        )
        assert made == raw


def test_crc_check_value() -> None:
    assert crc(b"123456789") == 0x6F91


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("06ff52000f6e", "06005200fca8"),
        ("05ff698901", "06006900f6fa"),
        ("0fffb02b01e00401501f453d8f3585", "1300b0003ee00401501f453d8f07031b0104ae"),
        ("10ffb02701e00401501f453d8fc27928", "0600b000d572"),
    ],
    ids=["baud detect", "RF reset", "system info", "write AFI"],
)
def test_the_reader_answers_as_printed(asked: str, answered: str, feig_host: MakeHost) -> None:
    async def main() -> bytes:
        host = feig_host(FeigReader(pad_of()))
        host.device.receive(bytes.fromhex(asked))
        return bytes(host.heard)

    assert run(main()).hex() == answered


@pytest.mark.parametrize(
    "vector", [v for v in FRAMES if v["direction"] == "to_reader"], ids=lambda v: v["name"]
)
def test_every_request_of_the_document_is_answered(
    vector: dict[str, Any], feig_host: MakeHost
) -> None:
    async def main() -> tuple[int, bytes]:
        world = World(1)
        uid = bytes.fromhex(vector["meaning"].get("uid", "e004010000000001"))
        world.add(Item("0", "Bog", [Tag(uid, bytearray(112), item="0", part=1)]))
        world.lay(["0"])
        host = feig_host(FeigReader(world))
        host.device.receive(bytes.fromhex(vector["bytes"]))
        answer: tuple[int, bytes] = host.reply()
        if "memory" in vector["meaning"]:
            first = vector["meaning"]["first"] * 4
            wanted = bytes.fromhex(vector["meaning"]["memory"])
            assert bytes(tag_of(world).memory[first : first + len(wanted)]) == wanted
        return answer

    status, data = run(main())
    if vector["name"] == "inventory, more":
        assert status == 0x01, "nothing was left over"
    else:
        assert status == 0x00
        assert vector["name"] != "read 9 blocks" or len(data) == 2 + 9 * 5


def test_no_transponder_and_a_locked_block_as_printed(feig_host: MakeHost) -> None:
    async def main() -> None:
        world = pad_of()
        host = feig_host(FeigReader(world))
        tag_of(world).locked.add(2)
        host.ask(0xB0, at(0x24, 1, 2, 4, *range(8)))
        assert host.heard.hex() == "0800b0951202437d"
        assert bytes(tag_of(world).memory[4:12]) == bytes((3, 2, 1, 0)) + bytes(range(8, 12))
        world.clear_pad()
        host.ask(0xB0, b"\x01\0")
        assert host.heard.hex() == "0600b0015c63"

    run(main())


# --- frames


@given(st.binary(max_size=400), st.integers(1, 40))
@settings(max_examples=100)
def test_any_chunking_hears_the_same(noise: bytes, piece: int) -> None:
    frames = b"".join(bytes.fromhex(v["bytes"]) for v in FRAMES if v["direction"] == "to_reader")
    stream = frames + noise
    whole, cut = Ear(), Ear()
    heard = [r for i in range(0, len(stream), piece) for r in cut.feed(stream[i : i + piece])]
    assert heard == whole.feed(stream)
    assert len(heard) >= sum(v["direction"] == "to_reader" for v in FRAMES)


def test_100_kb_of_noise_is_survived_in_silence(feig_host: MakeHost) -> None:
    async def main() -> None:
        host = feig_host(FeigReader(pad_of()))
        noise = random.Random(5).randbytes(100_000)
        for i in range(0, len(noise), 997):
            host.device.receive(noise[i : i + 997])
        assert not host.heard
        await asyncio.sleep(0.02)
        assert host.ask(0x52, b"\0") == (0, b"")

    run(main())


def test_an_ear_never_keeps_more_than_one_frame() -> None:
    ear = Ear()
    ear.feed(b"\x02" + BUFFER.to_bytes(2, "big"))
    for _ in range(1000):
        ear.feed(bytes(100))
    assert ear.deaf
    assert not ear._buffer


def test_a_bad_crc_is_met_with_silence_and_5_ms_heal_it(
    feig_host: MakeHost, feig_frame: Callable[..., bytes]
) -> None:
    async def main() -> None:
        host = feig_host(FeigReader(pad_of()))
        bad = bytearray(feig_frame(0x65))
        bad[-1] ^= 1
        host.device.receive(bytes(bad))
        host.device.receive(feig_frame(0x65))
        assert not host.heard
        await asyncio.sleep(0.005)
        assert host.ask(0x65) is not None

    run(main())


def test_half_a_frame_is_forgotten_after_12_ms(
    feig_host: MakeHost, feig_frame: Callable[..., bytes]
) -> None:
    async def main() -> None:
        host = feig_host(FeigReader(pad_of()))
        frame = feig_frame(0x65)
        host.device.receive(frame[:3])
        await asyncio.sleep(0.011)
        host.device.receive(frame[3:])
        assert host.reply() is not None
        host.heard.clear()
        host.device.receive(frame[:3])
        await asyncio.sleep(0.013)
        assert host.ask(0x65) is not None

    run(main())


def test_another_address_is_not_ours(feig_host: MakeHost, feig_frame: Callable[..., bytes]) -> None:
    async def main() -> None:
        host = feig_host(FeigReader(pad_of()))
        host.device.receive(feig_frame(0x65, address=7))
        assert not host.heard
        host.device.receive(feig_frame(0x65, address=0))
        assert host.heard

    run(main())


def test_an_idle_reader_has_no_timer(feig_host: MakeHost) -> None:
    async def main() -> float:
        host = feig_host(FeigReader(pad_of()))
        host.tags()
        await asyncio.sleep(30 * 86_400)
        return asyncio.get_running_loop().time()

    assert run(main()) == 30 * 86_400


# --- the reader itself


def test_versions_and_reader_info(feig_host: MakeHost) -> None:
    async def main() -> None:
        host = feig_host(FeigReader(pad_of()))
        status, version = host.ask(0x65)
        assert (status, len(version), version[4]) == (0, 7, 76)
        assert host.ask(0x66, b"\0") == (0, version + b"\x01\x18\x01\x18")
        assert host.ask(0x66, b"\x05") == (0x11, b"")
        assert host.ask(0x66) == (0x81, b"")

    run(main())


def test_unknown_commands_and_lengths_are_refused(feig_host: MakeHost) -> None:
    async def main() -> None:
        host = feig_host(FeigReader(pad_of()))
        assert host.ask(0xBF, bytes(8)) == (0x80, b"")
        assert host.ask(0xB0, b"\x77") == (0x80, b"")
        assert host.ask(0xB0, b"") == (0x80, b"")
        assert host.ask(0xB0, b"\x2b\x01\xe0") == (0x81, b"")
        assert host.ask(0xB0, at(0x27)) == (0x81, b"")
        assert host.ask(0x6A) == (0x81, b"")
        assert host.ask(0x6A, b"\x09") == (0x11, b"")

    run(main())


def test_configuration_is_kept_and_comes_back(feig_host: MakeHost) -> None:
    async def main() -> None:
        host = feig_host(FeigReader(pad_of()))
        status, block = host.ask(0x80, b"\x05")
        assert (status, len(block), block[11]) == (0, 14, 0x05)
        changed = block[:11] + b"\x04" + block[12:]
        assert host.ask(0x81, b"\x05" + changed) == (0, b"")
        assert host.ask(0x80, b"\x05") == (0, changed)
        assert host.ask(0x80, b"\x85") == (0, block)
        host.ask(0x63)
        assert host.ask(0x80, b"\x05") == (0, block)
        host.ask(0x81, b"\x05" + changed)
        host.ask(0x82, b"\x05")
        host.ask(0x63)
        assert host.ask(0x80, b"\x05") == (0, changed)
        host.ask(0x83, b"\x45")
        assert host.ask(0x80, b"\x05") == (0, block)
        assert host.ask(0x80, b"\x3f") == (0x15, b"")
        assert host.ask(0x81, b"\x3f" + bytes(14)) == (0x16, b"")

    run(main())


def test_outputs_are_taken_and_shown_in_the_truth(feig_host: MakeHost) -> None:
    async def main() -> None:
        reader = FeigReader(pad_of())
        host = feig_host(reader)
        assert host.ask(0x71, bytes.fromhex("0001000000000005")) == (0, b"")
        assert reader.truth()["outputs"] == "0001000000000005"
        assert host.ask(0x72, bytes.fromhex("010101010005")) == (0, b"")
        assert host.ask(0x74) == (0, b"\0")

    run(main())


# --- inventories


def test_only_new_tags_are_reported_until_the_field_resets(feig_host: MakeHost) -> None:
    async def main() -> None:
        world = pad_of(3)
        host = feig_host(FeigReader(world))
        assert len(host.tags()[1]) == 3
        assert host.tags() == (0x01, [])
        world.lift(["1"])
        world.lay(["1"])
        assert host.tags() == (0, [tag_of(world, "1").uid])
        host.ask(0x69)
        assert len(host.tags()[1]) == 3

    run(main())


def test_without_new_only_every_inventory_shows_all(feig_host: MakeHost) -> None:
    async def main() -> None:
        host = feig_host(FeigReader(pad_of(3)))
        host.ask(0x81, b"\x05" + bytes(11) + b"\x04\0\0")
        assert [len(host.tags()[1]) for _ in range(3)] == [3, 3, 3]
        host.ask(0x81, b"\x05" + bytes(14))
        assert host.tags() == (0x83, [])

    run(main())


@pytest.mark.parametrize(("advanced", "most"), [(False, 24), (True, 27)])
def test_sixty_tags_come_in_three_frames(advanced: bool, most: int, feig_host: MakeHost) -> None:
    async def main() -> None:
        world = pad_of(60)
        host = feig_host(FeigReader(world))
        first = host.tags(0x00, advanced=advanced)
        second = host.tags(0x80, advanced=advanced)
        third = host.tags(0x80, advanced=advanced)
        assert [first[0], second[0], third[0]] == [0x94, 0x94, 0x00]
        assert [len(first[1]), len(second[1])] == [most, most]
        every = {uid for _, uids in (first, second, third) for uid in uids}
        assert every == {tag.uid for tag in world.tags()}
        assert host.tags(0x80, advanced=advanced) == (0x01, [])

    run(main())


@pytest.mark.parametrize("count", [24, 25])
def test_the_edge_of_a_standard_frame(count: int, feig_host: MakeHost) -> None:
    async def main() -> None:
        host = feig_host(FeigReader(pad_of(count)))
        status, uids = host.tags()
        assert (status, len(uids)) == ((0x00 if count == 24 else 0x94), 24)
        assert host.heard[0] == 247

    run(main())


def test_rf_off_hides_the_pad(feig_host: MakeHost) -> None:
    async def main() -> None:
        host = feig_host(FeigReader(pad_of(2)))
        host.ask(0x6A, b"\0")
        assert host.tags() == (0x01, [])
        assert host.ask(0xB0, at(0x2B)) == (0x01, b"")
        host.ask(0x6A, b"\x01")
        assert len(host.tags()[1]) == 2

    run(main())


def test_an_inventory_may_wait_for_a_tag(feig_host: MakeHost) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        world = pad_of(1)
        world.clear_pad()
        host = feig_host(FeigReader(world))
        assert host.ask(0xB0, b"\x01\x40\x1e") is None
        loop.call_later(1.0, world.lay, ["0"])
        await asyncio.sleep(1.0)
        assert host.reply() is not None
        world.clear_pad()
        assert host.ask(0xB0, b"\x01\x40\x1e") is None
        await asyncio.sleep(2.9)
        assert host.reply() is None
        await asyncio.sleep(0.2)
        assert host.reply() == (0x01, b"")

    run(main())


# --- blocks and security


def test_each_block_travels_most_significant_byte_first(feig_host: MakeHost) -> None:
    async def main() -> None:
        world = pad_of()
        host = feig_host(FeigReader(world))
        tag_of(world).locked.add(1)
        assert host.ask(0xB0, at(0x23, 0, 2)) == (0, bytes.fromhex("0204 00 03020100 00 07060504"))
        secure = host.ask(0xB0, at(0x23, 0, 2, mode=9))
        assert secure == (0, bytes.fromhex("0204 00 03020100 01 07060504"))
        assert host.ask(0xB0, at(0x2C, 0, 2)) == (0, b"\x02\x00\x01")
        assert host.ask(0xB0, at(0x24, 5, 1, 4, 1, 2, 3, 4)) == (0, b"")
        assert bytes(tag_of(world).memory[20:24]) == b"\x04\x03\x02\x01"

    run(main())


def test_big_tags_are_read_32_blocks_at_a_time(feig_host: MakeHost) -> None:
    async def main() -> None:
        host = feig_host(FeigReader(pad_of(blocks=80)))
        assert host.ask(0xB0, at(0x2B))[1][10:12] == b"\x03\x4f"
        assert len(host.ask(0xB0, at(0x23, 0, 32))[1]) == 2 + 32 * 5
        assert host.ask(0xB0, at(0x23, 0, 33)) == (0x11, b"")
        assert host.ask(0xB0, at(0x23, 79, 2)) == (0x95, b"\x10\x50")

    run(main())


def test_locks_hold(feig_host: MakeHost) -> None:
    async def main() -> None:
        world = pad_of()
        host = feig_host(FeigReader(world))
        assert host.ask(0xB0, at(0x22, 3, 2)) == (0, b"")
        assert host.ask(0xB0, at(0x22, 4, 1)) == (0x95, b"\x11\x04")
        assert host.ask(0xB0, at(0x24, 3, 1, 4, 0, 0, 0, 0)) == (0x95, b"\x12\x03")
        assert host.ask(0xB0, at(0x28)) == (0, b"")
        assert host.ask(0xB0, at(0x27, 0xC2)) == (0x95, b"\x12")
        assert host.ask(0xB0, at(0x28)) == (0x95, b"\x11")
        assert host.ask(0xB0, at(0x29, 0x06)) == (0, b"")
        assert host.ask(0xB0, at(0x2A)) == (0, b"")
        assert host.ask(0xB0, at(0x29, 0x3E)) == (0x95, b"\x12")
        assert (tag_of(world).afi, tag_of(world).dsfid) == (0x07, 0x06)

    run(main())


def test_a_password_refuses_in_silence(feig_host: MakeHost) -> None:
    async def main() -> None:
        world = pad_of()
        host = feig_host(FeigReader(world))
        tag_of(world).afi_password = True
        assert host.ask(0xB0, at(0x27, 0xC2)) == (0x01, b"")
        assert tag_of(world).afi == 0x07

    run(main())


def test_quiet_select_and_reset_to_ready(feig_host: MakeHost) -> None:
    async def main() -> None:
        world = pad_of(2)
        host = feig_host(FeigReader(world))
        assert host.ask(0xB0, at(0x02)) == (0, b"")
        assert host.tags()[1] == [tag_of(world, "1").uid]
        assert host.ask(0xB0, at(0x25)) == (0, b"")
        assert host.ask(0xB0, b"\x27\x02\xc2") == (0, b"")
        assert [tag_of(world, n).afi for n in "01"] == [0xC2, 0x07]
        assert host.ask(0xB0, at(0x26)) == (0, b"")
        assert host.tags()[1] == [UID]

    run(main())
