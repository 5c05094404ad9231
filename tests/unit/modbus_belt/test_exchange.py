"""The strict master when the wire misbehaves: late, lost, doubled and broken answers, noise, a pulled cable."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from drivers.errors import (
    Code,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    RemoteProtocolError,
)
from drivers.modbus_belt.exchange import ANSWER_S, Exchange, silence_s
from drivers.modbus_belt.frames import Read, Write, checksum
from hw_sim.simloop import SimLoop
from tests.unit.modbus_belt.plc import Plc

HUNDRED = Read(1, 100, 4)
FIVE_HUNDRED = Read(1, 500, 4)
MOST_WIRE_S = 0.01
"""A frame of these tests takes less than this at 115200 baud."""


def play(scene: Callable[[Plc, Exchange], Coroutine[Any, Any, None]]) -> None:
    async def all_of_it() -> None:
        plc = Plc()
        plc.put(100, [1, 2, 3, 4])
        plc.put(500, [5, 6, 7, 8])
        exchange = Exchange(plc.wire, baud=115200)
        await exchange.open()
        async with asyncio.timeout(60):
            await scene(plc, exchange)
        await exchange.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(all_of_it())


def _now() -> float:
    return asyncio.get_running_loop().time()


def test_registers_are_read_and_written() -> None:
    async def scene(plc: Plc, exchange: Exchange) -> None:
        assert await exchange.read(HUNDRED) == (1, 2, 3, 4)
        await exchange.write(Write(1, 100, (9, 10)))
        assert await exchange.read(HUNDRED) == (9, 10, 3, 4)

    play(scene)


@pytest.mark.parametrize("late", [0.15, 0.2, 0.3, 0.35])
def test_an_answer_that_comes_late_is_never_taken_for_the_next(late: float) -> None:
    async def scene(plc: Plc, exchange: Exchange) -> None:
        plc.delays = [late]
        try:
            assert await exchange.read(HUNDRED) == (1, 2, 3, 4)  # by its second request
        except DeviceTimeout:
            pytest.fail("asked again, it answers")
        assert await exchange.read(FIVE_HUNDRED) == (5, 6, 7, 8)
        assert exchange.counts.late >= (1 if late < 0.3 else 0)

    play(scene)


def test_the_common_masters_mistake_is_not_made() -> None:
    """Busy for 0.35 s with a timeout of 0.3 s: pymodbus and minimalmodbus gave 100 to 103 for 500 to 503."""

    async def all_of_it() -> None:
        plc = Plc()
        plc.put(100, [1, 2, 3, 4])
        plc.put(500, [5, 6, 7, 8])
        exchange = Exchange(plc.wire, baud=115200, answer_s=0.3)
        await exchange.open()
        plc.delays = [0.35, 0.35, 0.0]
        with pytest.raises(DeviceTimeout):
            await exchange.read(HUNDRED)
        assert await exchange.read(FIVE_HUNDRED) == (5, 6, 7, 8)
        await exchange.close()

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(all_of_it())


def test_nothing_is_sent_before_the_line_has_rested_a_whole_timeout() -> None:
    sent: list[float] = []

    async def scene(plc: Plc, exchange: Exchange) -> None:
        plc.delays = [None]
        plc.scan = lambda: sent.append(_now())
        await exchange.read(HUNDRED)
        assert len(sent) == 2
        assert sent[1] - sent[0] >= 2 * ANSWER_S

    play(scene)


def test_silence_is_said_after_two_tries() -> None:
    async def scene(plc: Plc, exchange: Exchange) -> None:
        plc.delays = [None] * 9
        with pytest.raises(DeviceTimeout, match=r"wire\.silent"):
            await exchange.read(HUNDRED)
        assert len(plc.requests) == 2
        assert exchange.counts.timeouts == 2

    play(scene)


def _flip(answer: bytes) -> bytes:
    return answer[:4] + bytes((answer[4] ^ 1,)) + answer[5:]


BROKEN = [
    ("a flipped bit", _flip),
    ("a lost end", lambda answer: answer[:-3]),
    ("a lost head", lambda answer: answer[3:]),
    ("noise alone", lambda answer: b"\xff\x00\xa5"),
    ("another unit", lambda answer: _crc(b"\x02" + answer[1:-2])),
    ("another count", lambda answer: _crc(answer[:2] + b"\x02" + answer[3:5])),
]


def _crc(body: bytes) -> bytes:
    return body + checksum(body).to_bytes(2, "little")


@pytest.mark.parametrize(("what", "garble"), BROKEN, ids=[b[0] for b in BROKEN])
def test_a_broken_answer_is_asked_for_again(what: str, garble: Callable[[bytes], bytes]) -> None:
    async def scene(plc: Plc, exchange: Exchange) -> None:
        plc.garble = [garble]
        assert await exchange.read(HUNDRED) == (1, 2, 3, 4)
        assert len(plc.requests) == 2
        plc.garble = [garble, garble]
        with pytest.raises((DeviceTimeout, RemoteProtocolError)):
            await exchange.read(HUNDRED)

    play(scene)


def test_a_doubled_answer_is_not_the_next_requests() -> None:
    async def scene(plc: Plc, exchange: Exchange) -> None:
        plc.garble = [lambda answer: answer * 2]
        assert await exchange.read(HUNDRED) == (1, 2, 3, 4)
        assert await exchange.read(Read(1, 500, 3)) == (5, 6, 7)
        assert exchange.counts.late == 1

    play(scene)


def test_noise_before_an_answer_does_not_hide_it() -> None:
    async def scene(plc: Plc, exchange: Exchange) -> None:
        plc.garble = [lambda answer: b"\x00\xff" + answer]
        assert await exchange.read(HUNDRED) == (1, 2, 3, 4)
        assert len(plc.requests) == 1

    play(scene)


def test_a_line_that_never_rests_is_said_and_not_waited_for() -> None:
    async def scene(plc: Plc, exchange: Exchange) -> None:
        async def chatter() -> None:
            while True:
                plc.wire.far.send(b"\xff")
                await asyncio.sleep(0.05)

        plc.delays = [None] * 9
        talking = asyncio.create_task(chatter())
        began = _now()
        with pytest.raises((DeviceTimeout, RemoteProtocolError)):
            await exchange.read(HUNDRED)
        assert _now() - began < 10
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)

    play(scene)


def test_the_slaves_no_is_the_answer() -> None:
    async def scene(plc: Plc, exchange: Exchange) -> None:
        plc.garble = [lambda _: bytes.fromhex("018302c0f1")]
        with pytest.raises(DeviceRefused, match=r"exception 2 .illegal data address. at 100") as no:
            await exchange.read(HUNDRED)
        assert no.value.code is Code.BELT_EXCEPTION
        assert len(plc.requests) == 1

    play(scene)


def test_a_pulled_cable_ends_the_request() -> None:
    async def scene(plc: Plc, exchange: Exchange) -> None:
        plc.delays = [None]
        asyncio.get_running_loop().call_later(MOST_WIRE_S, plc.wire.far.hang_up)
        with pytest.raises(DeviceUnavailable):
            await exchange.read(HUNDRED)

    play(scene)


@pytest.mark.parametrize(
    ("baud", "seconds"), [(9600, 0.00401), (19200, 0.002005), (115200, 0.00175)]
)
def test_the_silence_between_frames(baud: int, seconds: float) -> None:
    assert silence_s(baud) == pytest.approx(seconds, rel=1e-3)
