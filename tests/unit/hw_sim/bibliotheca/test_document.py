"""The simulated 3M reader against its document: every printed exchange, the frames, and noise."""

import asyncio
import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.devices.bibliotheca import BAUD
from hw_sim.devices.bibliotheca_frames import MOST, Ear, Request, crc, reply, wake_reply
from hw_sim.scenario import load, parse
from hw_sim.simloop import run
from hw_sim.stage import Stage
from hw_sim.wire import Line
from hw_sim.world import Item, Tag, World
from tests.unit.hw_sim.bibliotheca.bench import Host, frame, world_of

SPECIFICATION = "3M RFID Reader Model 210 Protocol Specification 1.0.0"
BIBLIO = "public code dpavlin/Biblio-RFID, Biblio::RFID::Reader::3M810"

EXCHANGES: list[dict[str, Any]] = [
    {
        "name": "wake-up, 810",
        "asked": "d5 0005 040011 8c66",
        "answered": "d5 0009 040011 0a050002 7250",
        "source": BIBLIO,
    },
    {
        "name": "wake-up, 210",
        "asked": "d5 0005 040011 8c66",
        "answered": "d5 0009 040011 0a05021b 972a",
        "model": "210",
        "source": "public code City-of-Helsinki/signum-savotta",
    },
    {
        "name": "set-up, 810",
        "asked": "d6 000c 13 0401000200030004 00 aaf2",
        "answered": "d6 000c 13 00 0201010302020300 e778",
        "source": BIBLIO,
    },
    {
        "name": "set-up, 210",
        "asked": "d6 0010 13 060100020003000400 0b000a00 fdbf",
        "answered": None,
        "model": "210",
        "source": "public code City-of-Helsinki/signum-savotta",
    },
    {
        "name": "version",
        "asked": "d6 0003 11 6420",
        "answered": "d6 0008 11 00 0a030206 3517",
        "source": SPECIFICATION,
    },
    {
        "name": "inventory",
        "asked": "d6 0005 fe 0005 fa40",
        "answered": "d6 0017 fe 00 0005 02 0000000000ad6302 e00700000060 00ae 9ba5",
        "uids": ["0000000000ad6302", "e0070000006000ae"],
        "source": SPECIFICATION,
    },
    {
        "name": "read 2 blocks",
        "asked": "d6 000d 02 0000000001234567 00 02 2def",
        "answered": "d6 0019 02 00 0000000001234567 02 000000112233 010000112233 1b56",
        "uids": ["0000000001234567"],
        "memory": "0011223300112233",
        "source": SPECIFICATION,
    },
    {
        "name": "write 2 blocks",
        "asked": "d6 0016 04 0000000001234567 00 02 00 1234abcd55667788 5e79",
        "answered": "d6 000d 04 00 0000000001234567 01 e1bf",
        "uids": ["0000000001234567"],
        "leaves": "1234abcd55667788",
        "source": SPECIFICATION,
    },
    {
        "name": "get AFI",
        "asked": "d6 000b 0a e007000001234567 11cb",
        "answered": "d6 000d 0a 00 e007000001234567 da 485c",
        "uids": ["e007000001234567"],
        "afi": 0xDA,
        "source": SPECIFICATION,
    },
    {
        "name": "write AFI",
        "asked": "d6 000c 09 e007000001234567 d7 f4f7",
        "answered": "d6 000c 09 00 e007000001234567 83e6",
        "uids": ["e007000001234567"],
        "afi": 0xDA,
        "leaves_afi": 0xD7,
        "source": SPECIFICATION,
    },
    {
        "name": "quiet",
        "asked": "d6 000b 01 e007000001234567 1570",
        "answered": None,
        "uids": ["e007000001234567"],
        "source": SPECIFICATION,
    },
    {
        "name": "EAS off",
        "asked": None,
        "request": (0x03, "e004000001234567"),
        "answered": "d6 000d 03 06 e004000001234567 00 e366",
        "uids": ["e004000001234567"],
        "source": SPECIFICATION,
    },
    {
        "name": "tag info, only the AFI known",
        "asked": "d6 000c 0d e007c10001234567 03 1c4f",
        "answered": "d6 000e 0d 00 e007c10001234567 02 da f616",
        "uids": ["e007c10001234567"],
        "afi": 0xDA,
        "fault": ("info_lacks", {"mask": 1}),
        "source": SPECIFICATION,
    },
    {
        "name": "unknown command",
        "asked": None,
        "request": (0xCC, ""),
        "answered": "d6 0004 cc 02 d484",
        "source": SPECIFICATION,
    },
]
PASS_THROUGH = "d6 0014 14 000b 0006 0000 2320936973120000 07e000 27c3"
PASS_THROUGH_ANSWER = "d6 000c 14 00 83 0005 0055555555 40c3"
PRINTED = [e["asked"] for e in EXCHANGES if e["asked"]] + [PASS_THROUGH]

VECTOR_FILE = Path(__file__).parents[3] / "vectors" / "bibliotheca.toml"
VECTORS: list[dict[str, Any]] = tomllib.loads(VECTOR_FILE.read_text("utf-8"))["vector"]


def _host(exchange: dict[str, Any]) -> Host:
    world = World(1)
    for uid in exchange.get("uids", ()):
        memory = bytearray.fromhex(exchange.get("memory", "")).ljust(112, b"\0")
        tag = Tag(bytes.fromhex(uid), memory, item=uid, part=1, afi=exchange.get("afi", 0x07))
        world.add(Item(uid, "Bog", [tag]))
    world.lay(list(world.items))
    host = Host(world, model=exchange.get("model", "810"))
    if "fault" in exchange:
        verb, args = exchange["fault"]
        host.reader.fault(verb, **args)
    return host


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda e: e["name"])
def test_the_reader_answers_as_printed(exchange: dict[str, Any]) -> None:
    async def main() -> None:
        host = _host(exchange)
        if exchange["asked"]:
            asked = bytes.fromhex(exchange["asked"])
            assert asked == frame(asked[3:-2], start=asked[0])
        else:
            command, data = exchange["request"]
            asked = frame(bytes((command,)) + bytes.fromhex(data))
        answer = host.raw(asked)
        if exchange["answered"]:
            assert answer.hex() == bytes.fromhex(exchange["answered"]).hex()
        else:
            assert answer == frame(answer[3:-2])
            assert answer[3] == asked[3]
        if "leaves" in exchange:
            assert bytes(host.world.pad[0].memory[:8]).hex() == exchange["leaves"]
        if "leaves_afi" in exchange:
            assert host.world.pad[0].afi == exchange["leaves_afi"]

    run(main())


def test_pass_through_is_understood_and_refused() -> None:
    (request,) = Ear().feed(bytes.fromhex(PASS_THROUGH))
    assert (request.command, len(request.data)) == (0x14, 17)
    answer = bytes.fromhex(PASS_THROUGH_ANSWER)
    assert reply(0x14, 0, answer[5:-2]) == answer

    async def main() -> None:
        assert Host(world_of()).ask(0x14, request.data) == (0x02, b"")

    run(main())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["name"])
def test_frames_of_the_shared_vectors(vector: dict[str, Any]) -> None:
    raw, meaning = bytes.fromhex(vector["bytes"]), vector["meaning"]
    if vector["direction"] == "crc":
        assert crc(raw) == meaning["crc"]
    elif vector["direction"] == "to_reader":
        (request,) = Ear().feed(raw)
        assert request == Request(meaning["command"], raw[4:-2], meaning.get("wake", False))
        assert request.data.hex().startswith(meaning.get("uid", ""))
    elif meaning.get("wake"):
        assert wake_reply(meaning["command"], raw[4:-2]) == raw
    else:
        assert reply(meaning["command"], meaning["error"], raw[5:-2]) == raw


def test_crc_check_value_and_the_printed_one() -> None:
    assert crc(b"123456789") == 0xD64E
    assert frame(bytes.fromhex("03000200000003")).hex() == "d600090300020000000312e6"


# --- frames


@given(st.binary(max_size=300), st.integers(1, 40))
@settings(max_examples=100)
def test_any_chunking_hears_the_same(noise: bytes, piece: int) -> None:
    stream = b"".join(bytes.fromhex(asked) for asked in PRINTED) + noise
    whole, cut = Ear(), Ear()
    heard = [r for i in range(0, len(stream), piece) for r in cut.feed(stream[i : i + piece])]
    assert heard == whole.feed(stream)
    assert len(heard) >= len(PRINTED)


@pytest.mark.parametrize("noise", ["random", "starts", "half frames"])
def test_100_kb_of_noise_is_survived(noise: str) -> None:
    async def main() -> None:
        host = Host(world_of())
        data = {
            "random": random.Random(5).randbytes(100_000),
            "starts": b"\xd6" * 100_000,
            "half frames": b"\xd6\x00\xd5" * 33_334,
        }[noise]
        for i in range(0, len(data), 997):
            assert host.raw(data[i : i + 997]) == b""
            assert len(host.reader._ear._buffer) <= 3 + MOST
        await asyncio.sleep(0.11)
        assert host.ask(0x11) == (0, b"\x0a\x03\x02\x06")

    run(main())


def test_a_bad_crc_is_passed_over_in_silence_and_the_next_frame_heard() -> None:
    async def main() -> None:
        host = Host(world_of())
        bad = bytearray(frame(b"\x11"))
        bad[-1] ^= 1
        assert host.raw(bytes(bad)) == b""
        assert host.raw(bytes(bad) + frame(b"\x11")).hex() == "d6000811000a0302063517"

    run(main())


def test_a_false_start_swallows_no_request() -> None:
    async def main() -> None:
        version = frame(b"\x11")
        answer = Host(world_of()).raw(b"\xd6\x00\x0c" + 2 * version)
        assert answer.hex() == 2 * "d6000811000a0302063517"

    run(main())


def test_half_a_frame_is_forgotten_after_100_ms() -> None:
    async def main() -> None:
        host = Host(world_of())
        whole = frame(b"\x11")
        host.raw(whole[:4])
        await asyncio.sleep(0.09)
        assert host.raw(whole[4:])
        host.raw(whole[:4])
        await asyncio.sleep(0.11)
        assert host.ask(0x11)
        assert host.raw(frame(b"\x04\x00\x12", start=0xD5)) == b""

    run(main())


def test_an_idle_reader_has_no_timer() -> None:
    async def main() -> float:
        Host(world_of()).tags()
        await asyncio.sleep(30 * 86_400)
        return asyncio.get_running_loop().time()

    assert run(main()) == 30 * 86_400


def test_a_scenario_has_it_at_19200_8n1() -> None:
    line = Stage(load("first-loan-bibliotheca")).places["pad"].wires
    assert isinstance(line, Line)
    assert (line.baud, line.bits_per_byte) == (BAUD, 10)
    text = 'schema_version = 1\n[devices.pad]\nkind = "bibliotheca"\npace = "real"\n'
    line = Stage(parse(text)).places["pad"].wires
    assert isinstance(line, Line)
    assert line.baud == 19_200
    line = Stage(parse(text), pace="none").places["pad"].wires
    assert isinstance(line, Line)
    assert line.baud is None
