"""The simulated FEIG reader in trouble, and how long it takes."""

import asyncio
from collections.abc import Callable
from typing import Literal

import pytest

from hw_sim.devices.feig import FeigReader
from hw_sim.devices.feig_antenna import FEIG_FAULTS, TAG_COMMANDS
from hw_sim.simloop import run
from hw_sim.world import World
from tests.unit.hw_sim.feig_pad import UID, Host, MakeHost, at, pad_of, tag_of

# --- faults


def test_a_tag_leaves_before_or_after_the_write(feig_host: MakeHost) -> None:
    async def main() -> None:
        world = pad_of(2)
        reader = FeigReader(world)
        host = feig_host(reader)
        reader.fault("tag_leaves_during", cmd="write_afi", item="0")
        assert host.ask(0xB0, at(0x27, 0xC2, uid=tag_of(world, "1").uid)) == (0, b"")
        assert host.ask(0xB0, at(0x27, 0xC2)) == (0x01, b"")
        assert (tag_of(world).afi, tag_of(world).on_pad) == (0x07, False)
        world.lay(["0"])
        reader.fault("tag_leaves_during", cmd="write_afi", item="0", applied=True)
        assert host.ask(0xB0, at(0x27, 0xC2)) == (0x01, b"")
        assert (tag_of(world).afi, tag_of(world).on_pad) == (0xC2, False)
        assert reader.faults() == {}

    run(main())


def test_writes_fail_where_told(feig_host: MakeHost) -> None:
    async def main() -> None:
        world = pad_of()
        reader = FeigReader(world)
        host = feig_host(reader)
        reader.fault("write_fails", block=2, count=1)
        assert host.ask(0xB0, at(0x24, 1, 2, 4, *bytes(8))) == (0x03, b"\x02")
        assert bytes(tag_of(world).memory[4:12]) == bytes(4) + bytes(range(8, 12))
        assert host.ask(0xB0, at(0x24, 1, 2, 4, *bytes(8))) == (0, b"")
        reader.fault("afi_locked")
        assert host.ask(0xB0, at(0x27, 0xC2)) == (0x95, b"\x12")
        reader.clear("afi_locked")
        reader.fault("afi_silent", status=0, count=1)
        assert host.ask(0xB0, at(0x27, 0xC2)) == (0, b"")
        assert tag_of(world).afi == 0x07
        assert host.ask(0xB0, at(0x27, 0xC2)) == (0, b"")
        assert tag_of(world).afi == 0xC2

    run(main())


def test_a_status_is_forced_for_all_or_for_one_command(feig_host: MakeHost) -> None:
    async def main() -> None:
        reader = FeigReader(pad_of())
        host = feig_host(reader)
        reader.fault("status", code=0x82)
        host.ask(0xB0, b"\x01\0")
        assert host.heard.hex() == "0600b082cfd5"
        reader.fault("status", code=0x83, cmd="read", count=1)
        assert host.tags()[0] == 0
        assert host.ask(0xB0, at(0x23, 0, 1)) == (0x83, b"")
        assert host.ask(0xB0, at(0x23, 0, 1))[0] == 0

    run(main())


def test_doubled_unreadable_and_weak_tags(feig_host: MakeHost) -> None:
    async def main() -> None:
        world = pad_of(2)
        reader = FeigReader(world)
        host = feig_host(reader)
        reader.fault("duplicate_uid", item="0")
        assert sorted(host.tags()[1]) == sorted([UID, UID, tag_of(world, "1").uid])
        reader.clear()
        reader.fault("unreadable", item=UID.hex())
        assert host.ask(0xB0, at(0x23, 0, 1)) == (0x01, b"")
        assert host.ask(0xB0, at(0x2B)) == (0x01, b"")
        reader.clear()
        tag_of(world).readable = False
        assert host.ask(0xB0, at(0x2B)) == (0x01, b"")
        reader.fault("weak", item="0", count=2)
        seen = []
        for _ in range(3):
            host.ask(0x69)
            seen.append(len(host.tags()[1]))
        assert seen == [1, 1, 2]

    run(main())


def test_faults_name_what_they_know() -> None:
    reader = FeigReader(World(1))
    with pytest.raises(ValueError, match="tag_leaves_during"):
        reader.fault("explode")
    with pytest.raises(TypeError, match="write_afi"):
        reader.fault("status", code=1, cmd="dance")
    with pytest.raises(TypeError, match="needs block"):
        reader.fault("write_fails")
    assert set(TAG_COMMANDS.values()) == {0x01, 0x02, *range(0x22, 0x2D)}
    assert all(FEIG_FAULTS)


# --- time


async def _took(data: bytes, host: Host) -> float:
    """Seconds from the question to its answer."""
    loop = asyncio.get_running_loop()
    answered = asyncio.Event()

    def arrived(_data: bytes) -> None:
        answered.set()

    host.device.attach(arrived, lambda: None)
    began = loop.time()
    host.ask(0xB0, data)
    assert not answered.is_set()
    await answered.wait()
    host.device.attach(host.heard.extend, lambda: None)
    return loop.time() - began


@pytest.mark.parametrize(
    ("count", "data", "milliseconds"),
    [
        (1, b"\x01\0", 14),
        (5, b"\x01\0", 38),
        (10, b"\x01\0", 82),
        (20, b"\x01\0", 185),
        (1, at(0x2B), 9.8),
        (1, at(0x23, 0, 8), 15.8),
        (1, at(0x23, 0, 28), 40),
    ],
)
def test_the_air_takes_its_time(
    count: int, data: bytes, milliseconds: float, feig_host: MakeHost
) -> None:
    async def main() -> float:
        return await _took(data, feig_host(FeigReader(pad_of(count), pace="real")))

    assert run(main()) * 1000 == pytest.approx(milliseconds, abs=0.2)


def test_writing_takes_6_to_26_ms_and_the_tag_may_leave_meanwhile(feig_host: MakeHost) -> None:
    async def main() -> None:
        world = pad_of()
        host = feig_host(FeigReader(world, pace="real"))
        assert 5.9 <= await _took(at(0x27, 0xC2), host) * 1000 <= 26.1
        assert host.ask(0xB0, at(0x27, 0x07)) is None
        world.clear_pad()
        await asyncio.sleep(0.03)
        assert host.reply() == (0x01, b"")
        assert tag_of(world).afi == 0xC2

    run(main())


@pytest.mark.parametrize("pace", ["none", "real"])
def test_requests_are_answered_one_after_the_other(
    pace: Literal["none", "real"], feig_host: MakeHost, feig_frame: Callable[..., bytes]
) -> None:
    async def main() -> bytes:
        host = feig_host(FeigReader(pad_of(), pace=pace))
        host.device.receive(feig_frame(0xB0, b"\x01\0") + feig_frame(0x69) + feig_frame(0x65))
        await asyncio.sleep(1)
        return bytes(host.heard)

    heard = run(main())
    commands = []
    while heard:
        commands.append(heard[2])
        heard = heard[heard[0] :]
    assert commands == [0xB0, 0x69, 0x65]


def test_what_was_asked_dies_with_the_connection(feig_host: MakeHost) -> None:
    async def main() -> None:
        reader = FeigReader(pad_of(), pace="real")
        first = feig_host(reader)
        first.ask(0xB0, b"\x01\0")
        reader.detach()
        second = feig_host(reader)
        await asyncio.sleep(1)
        assert (first.heard, second.heard) == (b"", b"")

    run(main())
