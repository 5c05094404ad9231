"""One request and its answer when the wire misbehaves, held by the exchange of every reader."""

import asyncio

import pytest

from drivers.errors import (
    Code,
    DeviceTimeout,
    DeviceUnavailable,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.runtime.flow import Repeat
from drivers.transport.asking import GAP_S
from tests.conftest import Heard
from tests.contract.reader_wires import MANNERS, Line, Manner, now, play


@pytest.fixture(autouse=True)
def wires_may_be_lost(heard: Heard) -> None:
    heard.expect("reader.lost", "reader.resynchronised")


@pytest.fixture(params=MANNERS)
def manner(request: pytest.FixtureRequest) -> Manner:
    return MANNERS[request.param]


def test_an_answer_in_pieces_with_long_pauses_is_one_answer(manner: Manner) -> None:
    async def scene(line: Line) -> None:
        for i in range(len(manner.tags)):
            line.later(0.01 + 0.05 * i, manner.tags[i : i + 1])
        assert (await line.inventory()).data == manner.data
        assert line.exchange.counts.garbled == 0

    play(scene, lambda: Line(manner))


def test_only_an_idempotent_request_is_sent_again(manner: Manner) -> None:
    async def scene(line: Line) -> None:
        line.say[manner.inventory] = [b"", manner.nothing]
        assert (await line.inventory(Repeat.IDEMPOTENT)).data == b""
        assert line.requests == [manner.inventory, manner.probe, manner.inventory]
        with pytest.raises(DeviceTimeout):
            await line.inventory(Repeat.ONCE)
        assert line.requests[3:] == [manner.inventory]

    play(scene, lambda: Line(manner))


def test_a_reader_that_stays_silent_is_given_up_in_bounded_time(manner: Manner) -> None:
    async def scene(line: Line) -> None:
        line.say.clear()
        with pytest.raises(DeviceTimeout):
            await line.inventory(Repeat.IDEMPOTENT)
        assert now() == pytest.approx(manner.given_up_s, abs=0.05)

    play(scene, lambda: Line(manner))


@pytest.mark.parametrize(
    ("manner", "broken"),
    [
        pytest.param(manner, broken, id=f"{name}: {what}")
        for name, manner in MANNERS.items()
        for what, broken in manner.broken.items()
    ],
)
def test_a_broken_answer_is_noticed_when_the_line_falls_silent(
    manner: Manner, broken: bytes
) -> None:
    async def scene(line: Line) -> None:
        line.say[manner.inventory] = [broken, manner.tags]
        with pytest.raises(RemoteProtocolError) as caught:
            await line.inventory()
        assert caught.value.code is Code.WIRE_GARBLED
        assert now() == pytest.approx(GAP_S, abs=0.02)
        assert (await line.inventory()).data == manner.data
        assert line.requests == [manner.inventory, manner.probe, manner.inventory]
        assert line.exchange.counts.garbled == 1

    play(scene, lambda: Line(manner))


def test_a_line_that_never_falls_silent_still_meets_the_deadline(manner: Manner) -> None:
    async def scene(line: Line) -> None:
        for i in range(40):
            line.later(0.1 * i, manner.begins)
        with pytest.raises(RemoteProtocolError):
            await line.inventory()
        assert now() == pytest.approx(manner.answer_s, abs=0.02)

    play(scene, lambda: Line(manner))


def test_frames_that_nobody_asked_for_are_counted_and_dropped(manner: Manner) -> None:
    async def scene(line: Line) -> None:
        line.wire.far.send(manner.tags + manner.nothing)
        await asyncio.sleep(0.1)
        assert line.exchange.counts.late == 2
        line.say[manner.inventory] = [manner.nothing]
        assert (await line.inventory()).data == b""

    play(scene, lambda: Line(manner))


@pytest.mark.parametrize("part", [0.0, 0.1, 0.95])
def test_a_pulled_cable_ends_the_request(manner: Manner, part: float) -> None:
    """After so much of the time in which an answer may come."""
    when = part * manner.answer_s

    async def scene(line: Line) -> None:
        asyncio.get_running_loop().call_later(when, line.wire.far.hang_up)
        with pytest.raises(DeviceUnavailable):
            await line.inventory(Repeat.IDEMPOTENT)
        assert now() == pytest.approx(when, abs=0.02)
        assert not line.exchange.alive
        with pytest.raises(DeviceUnavailable):
            await line.inventory()
        with pytest.raises(DeviceUnavailable):
            await line.exchange.open()
        line.wire.far.plug_in()
        await line.exchange.open()
        line.say[manner.inventory] = [manner.nothing]
        assert (await line.inventory()).data == b""

    play(scene, lambda: Line(manner))


def test_closing_ends_a_request_in_flight(manner: Manner) -> None:
    async def scene(line: Line) -> None:
        asking = asyncio.ensure_future(line.inventory())
        await asyncio.sleep(0.1)
        await line.exchange.close()
        await line.exchange.close()
        with pytest.raises(DeviceUnavailable):
            await asking

    play(scene, lambda: Line(manner))


def test_a_caller_that_gives_up_leaves_no_answer_behind(manner: Manner) -> None:
    async def scene(line: Line) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await line.inventory()
        line.say[manner.probe] = [manner.tags + manner.probed]
        line.say[manner.inventory] = [manner.nothing]
        assert (await line.inventory()).data == b""
        assert line.requests == [manner.inventory, manner.probe, manner.inventory]

    play(scene, lambda: Line(manner))


def test_a_wire_that_takes_no_bytes_is_a_timeout(manner: Manner) -> None:
    async def scene(line: Line) -> None:
        async def stalled(data: bytes) -> None:
            raise DeviceTimeout("pad", Code.WIRE_STALLED, f"{len(data)} bytes")

        setattr(line.wire, "write", stalled)  # noqa: B010 - a method of one object
        with pytest.raises(DeviceTimeout) as caught:
            await line.inventory()
        assert caught.value.code is Code.WIRE_STALLED

    play(scene, lambda: Line(manner))


def test_two_requests_at_once_are_our_bug(manner: Manner) -> None:
    async def scene(line: Line) -> None:
        first = asyncio.ensure_future(line.inventory())
        await asyncio.sleep(0.1)
        with pytest.raises(LocalProtocolError):
            await line.inventory()
        line.wire.far.send(manner.nothing)
        assert (await first).data == b""

    play(scene, lambda: Line(manner))
