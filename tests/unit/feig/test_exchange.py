"""One request and its answer when the wire misbehaves: noise, halves, silence, late answers, a pulled cable."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest

from drivers.errors import (
    Code,
    DeviceTimeout,
    DeviceUnavailable,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.feig.commands import Command
from drivers.feig.exchange import ANSWER_S, SILENCE_S, Exchange
from drivers.feig.frames import Frame
from drivers.runtime.flow import Repeat
from drivers.transport.asking import GAP_S
from drivers.transport.memory import MemoryTransport
from hw_sim.simloop import SimLoop

PROBE = bytes.fromhex("06ff52000f6e")
PROBED = bytes.fromhex("06005200fca8")
RESET = bytes.fromhex("05ff698901")
RESET_DONE = bytes.fromhex("06006900f6fa")
INVENTORY = bytes.fromhex("07ffb001001c56")
ONE_TAG = bytes.fromhex("1100b000010300e0040150a05f02b7d7be")
NO_TAG = bytes.fromhex("0600b0015c63")
ASKED = b"\x01\x00"


class Line:
    """The far end of a wire: what came, when, and what is said to each kind of request."""

    def __init__(self) -> None:
        self.wire = MemoryTransport("pad")
        self.exchange = Exchange(self.wire)
        self.heard: list[tuple[float, bytes]] = []
        self.say: dict[bytes, list[bytes]] = {PROBE: [PROBED] * 99, RESET: [RESET_DONE] * 99}
        """Answers to a request in turn; when none is left, silence."""
        self.wire.far.received = self._received

    @property
    def requests(self) -> list[bytes]:
        return [data for _, data in self.heard]

    def later(self, seconds: float, data: bytes) -> None:
        asyncio.get_running_loop().call_later(seconds, self.wire.far.send, data)

    async def inventory(self, repeat: Repeat = Repeat.ONCE) -> Frame:
        return await self.exchange.ask(Command.ISO, ASKED, repeat=repeat)

    def _received(self, data: bytes) -> None:
        self.heard.append((asyncio.get_running_loop().time(), data))
        if (left := self.say.get(data)) and (answer := left.pop(0)):
            self.wire.far.send(answer)


def play(scene: Callable[[Line], Coroutine[Any, Any, None]]) -> None:
    async def all_of_it() -> None:
        line = Line()
        await line.exchange.open()
        async with asyncio.timeout(600):
            await scene(line)
        await line.exchange.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(all_of_it())


def _now() -> float:
    return asyncio.get_running_loop().time()


def test_an_answer_comes_back_with_its_status() -> None:
    async def scene(line: Line) -> None:
        line.say[INVENTORY] = [ONE_TAG, NO_TAG]
        assert (await line.inventory()).data == ONE_TAG[4:-2]
        assert (await line.inventory()).status == 0x01
        assert line.requests == [INVENTORY, INVENTORY]

    play(scene)


def test_the_line_is_quiet_before_each_request() -> None:
    async def scene(line: Line) -> None:
        for _ in range(4):
            await line.exchange.ask(Command.RF_RESET, repeat=Repeat.IDEMPOTENT)
        times = [at for at, _ in line.heard]
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert gaps == pytest.approx([SILENCE_S] * 3, abs=1e-5)

    play(scene)


def test_an_answer_in_pieces_with_long_pauses_is_one_answer() -> None:
    async def scene(line: Line) -> None:
        for i in range(len(ONE_TAG)):
            line.later(0.01 + 0.05 * i, ONE_TAG[i : i + 1])
        assert (await line.inventory()).data == ONE_TAG[4:-2]
        assert line.exchange.counts.garbled == 0

    play(scene)


def test_a_silent_reader_times_out_and_is_probed_before_the_next_request() -> None:
    async def scene(line: Line) -> None:
        with pytest.raises(DeviceTimeout) as caught:
            await line.inventory()
        assert caught.value.code is Code.WIRE_SILENT
        assert _now() == pytest.approx(ANSWER_S, abs=0.02)
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).status == 0x01
        assert line.requests == [INVENTORY, PROBE, INVENTORY]
        assert (await line.exchange.ask(Command.RF_RESET, repeat=Repeat.ONCE)).status == 0
        assert line.requests[3:] == [RESET]
        assert line.exchange.counts.timeouts == 1

    play(scene)


def test_only_an_idempotent_request_is_sent_again() -> None:
    async def scene(line: Line) -> None:
        line.say[INVENTORY] = [b"", NO_TAG]
        assert (await line.inventory(Repeat.IDEMPOTENT)).status == 0x01
        assert line.requests == [INVENTORY, PROBE, INVENTORY]
        with pytest.raises(DeviceTimeout):
            await line.inventory(Repeat.ONCE)
        assert line.requests[3:] == [INVENTORY]

    play(scene)


def test_a_reader_that_stays_silent_is_given_up_in_bounded_time() -> None:
    async def scene(line: Line) -> None:
        line.say.clear()
        with pytest.raises(DeviceTimeout):
            await line.inventory(Repeat.IDEMPOTENT)
        assert _now() == pytest.approx(2 * ANSWER_S, abs=0.05)

    play(scene)


@pytest.mark.parametrize(
    "broken",
    [
        ONE_TAG[:-1] + b"\xbf",
        ONE_TAG[:9],
        b"\x00\xff\x01",
        b"\x02\x07\xff",
        NO_TAG[:2] + b"\xb1" + NO_TAG[3:],
    ],
    ids=["wrong CRC", "half", "noise", "a long length", "a flipped command"],
)
def test_a_broken_answer_is_noticed_when_the_line_falls_silent(broken: bytes) -> None:
    async def scene(line: Line) -> None:
        line.say[INVENTORY] = [broken, ONE_TAG]
        with pytest.raises(RemoteProtocolError) as caught:
            await line.inventory()
        assert caught.value.code is Code.WIRE_GARBLED
        assert _now() == pytest.approx(GAP_S, abs=0.02)
        assert (await line.inventory()).data == ONE_TAG[4:-2]
        assert line.requests == [INVENTORY, PROBE, INVENTORY]
        assert line.exchange.counts.garbled == 1

    play(scene)


def test_an_answer_hidden_behind_noise_is_found() -> None:
    async def scene(line: Line) -> None:
        line.say[INVENTORY] = [b"\x60" + ONE_TAG]
        assert (await line.inventory()).data == ONE_TAG[4:-2]
        assert line.requests == [INVENTORY]
        line.say[INVENTORY] = [b"\x00\x01" + NO_TAG]
        assert (await line.inventory()).status == 0x01

    play(scene)


def test_a_line_that_never_falls_silent_still_meets_the_deadline() -> None:
    async def scene(line: Line) -> None:
        for i in range(40):
            line.later(0.1 * i, b"\x40")
        with pytest.raises(RemoteProtocolError):
            await line.inventory()
        assert _now() == pytest.approx(ANSWER_S, abs=0.02)

    play(scene)


def test_a_late_answer_is_never_taken_for_the_next() -> None:
    async def scene(line: Line) -> None:
        line.later(ANSWER_S + 0.004, ONE_TAG)
        with pytest.raises(DeviceTimeout):
            await line.inventory()
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).status == 0x01
        assert line.exchange.counts.late == 1

    play(scene)


def test_a_late_answer_during_the_probe_is_dropped_too() -> None:
    async def scene(line: Line) -> None:
        with pytest.raises(DeviceTimeout):
            await line.inventory()
        line.say[PROBE] = [ONE_TAG + PROBED]
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).status == 0x01

    play(scene)


def test_an_answer_about_another_tag_is_not_ours() -> None:
    def about(uid: str) -> bytes:
        return Frame(0, 0xB0, b"\0\x3e" + bytes.fromhex(uid) + b"\x07\x03\x1b\x01").encode()

    async def scene(line: Line) -> None:
        ours, other = "e00401501f453d8f", "e0040150a05f02b7"
        body = b"\x2b\x01" + bytes.fromhex(ours)
        line.say[Frame(0xFF, 0xB0, body).encode()] = [about(other) + about(ours)]
        frame = await line.exchange.ask(
            Command.ISO, body, repeat=Repeat.ONCE, uid=bytes.fromhex(ours)
        )
        assert frame.data[1:9].hex() == ours
        assert line.exchange.counts.late == 1

    play(scene)


def test_frames_that_nobody_asked_for_are_counted_and_dropped() -> None:
    async def scene(line: Line) -> None:
        line.wire.far.send(ONE_TAG + NO_TAG)
        await asyncio.sleep(0.1)
        assert line.exchange.counts.late == 2
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).status == 0x01

    play(scene)


@pytest.mark.parametrize("when", [0.0, 0.2, 1.4])
def test_a_pulled_cable_ends_the_request(when: float) -> None:
    async def scene(line: Line) -> None:
        asyncio.get_running_loop().call_later(when, line.wire.far.hang_up)
        with pytest.raises(DeviceUnavailable):
            await line.inventory(Repeat.IDEMPOTENT)
        assert _now() == pytest.approx(when, abs=0.02)
        assert not line.exchange.alive
        with pytest.raises(DeviceUnavailable):
            await line.inventory()
        with pytest.raises(DeviceUnavailable):
            await line.exchange.open()
        line.wire.far.plug_in()
        await line.exchange.open()
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).status == 0x01

    play(scene)


def test_a_cable_pulled_between_requests_is_noticed_by_the_next() -> None:
    async def scene(line: Line) -> None:
        await line.exchange.ask(Command.RF_RESET, repeat=Repeat.ONCE)
        line.wire.far.hang_up()
        await asyncio.sleep(1)
        with pytest.raises(DeviceUnavailable):
            await line.inventory()

    play(scene)


def test_closing_ends_a_request_in_flight() -> None:
    async def scene(line: Line) -> None:
        asking = asyncio.ensure_future(line.inventory())
        await asyncio.sleep(0.1)
        await line.exchange.close()
        await line.exchange.close()
        with pytest.raises(DeviceUnavailable):
            await asking

    play(scene)


def test_a_caller_that_gives_up_leaves_no_answer_behind() -> None:
    async def scene(line: Line) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await line.inventory()
        line.say[PROBE] = [ONE_TAG + PROBED]
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).status == 0x01
        assert line.requests == [INVENTORY, PROBE, INVENTORY]

    play(scene)


def test_a_wire_that_takes_no_bytes_is_a_timeout() -> None:
    async def scene(line: Line) -> None:
        async def stalled(data: bytes) -> None:
            raise DeviceTimeout("pad", Code.WIRE_STALLED, f"{len(data)} bytes")

        setattr(line.wire, "write", stalled)  # noqa: B010 - a method of one object
        with pytest.raises(DeviceTimeout) as caught:
            await line.inventory()
        assert caught.value.code is Code.WIRE_STALLED

    play(scene)


def test_two_requests_at_once_are_our_bug() -> None:
    async def scene(line: Line) -> None:
        first = asyncio.ensure_future(line.inventory())
        await asyncio.sleep(0.1)
        with pytest.raises(LocalProtocolError):
            await line.inventory()
        line.wire.far.send(NO_TAG)
        assert (await first).status == 0x01

    play(scene)


def test_noise_without_end_leaves_the_buffer_small() -> None:
    async def scene(line: Line) -> None:
        for i in range(100):
            line.wire.far.send(bytes((i * 7 + j * j) & 0xFF for j in range(1000)))
        await asyncio.sleep(1)
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).status == 0x01

    play(scene)
