"""One request and its answer when the wire misbehaves: noise, halves, silence, late answers, a pulled cable."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from drivers.bibliotheca.commands import Command
from drivers.bibliotheca.exchange import ANSWER_S, PROBE_S, Exchange
from drivers.bibliotheca.frames import Frame
from drivers.errors import (
    Code,
    DeviceTimeout,
    DeviceUnavailable,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.runtime.flow import Repeat
from drivers.transport.asking import GAP_S
from drivers.transport.memory import MemoryTransport
from hw_sim.simloop import SimLoop

PROBE = bytes.fromhex("d60003116420")
PROBED = bytes.fromhex("d6000811000a0302063517")
WAKE = bytes.fromhex("d500050400118c66")
AWAKE = bytes.fromhex("d500090400110a0500027250")
INVENTORY = bytes.fromhex("d60005fe0005fa40")
TWO_TAGS = bytes.fromhex("d60017fe000005020000000000ad6302e0070000006000ae9ba5")
NO_TAG = Frame(0xFE, b"\x06").encode()
UID = bytes.fromhex("e007000001234567")
OTHER = bytes.fromhex("e004000001234567")
READ_AFI = bytes.fromhex("d6000b0ae00700000123456711cb")
AFI_DA = bytes.fromhex("d6000d0a00e007000001234567da485c")


class Line:
    """The far end of a wire: what came, and what is said to each kind of request."""

    def __init__(self) -> None:
        self.wire = MemoryTransport("pad")
        self.exchange = Exchange(self.wire)
        self.requests: list[bytes] = []
        self.say: dict[bytes, list[bytes]] = {PROBE: [PROBED] * 99}
        """Answers to a request in turn; when none is left, silence."""
        self.wire.far.received = self._received

    def later(self, seconds: float, data: bytes) -> None:
        asyncio.get_running_loop().call_later(seconds, self.wire.far.send, data)

    async def inventory(self, repeat: Repeat = Repeat.ONCE) -> Frame:
        return await self.exchange.ask(Command.INVENTORY, b"\x00\x05", repeat=repeat)

    async def afi(self) -> Frame:
        return await self.exchange.ask(Command.READ_AFI, repeat=Repeat.ONCE, uid=UID)

    def _received(self, data: bytes) -> None:
        self.requests.append(data)
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


def test_an_answer_comes_back_with_its_error() -> None:
    async def scene(line: Line) -> None:
        line.say[INVENTORY] = [TWO_TAGS, NO_TAG]
        assert (await line.inventory()).data == TWO_TAGS[5:-2]
        assert (await line.inventory()).error == 0x06
        assert line.requests == [INVENTORY, INVENTORY]

    play(scene)


def test_a_reader_is_woken_up_with_d5() -> None:
    async def scene(line: Line) -> None:
        line.say[WAKE] = [AWAKE, b""]
        woken = await line.exchange.wake_up()
        assert woken is not None
        assert woken.data == AWAKE[5:-2]
        assert await line.exchange.wake_up() is None
        assert _now() == pytest.approx(PROBE_S, abs=0.02)
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).error == 0x06
        assert line.requests == [WAKE, WAKE, PROBE, INVENTORY]

    play(scene)


def test_a_late_answer_to_waking_up_is_no_answer_to_a_write() -> None:
    async def scene(line: Line) -> None:
        write = Frame(0x04, UID + b"\x00\x01\x00abcd")
        line.say[write.encode()] = [AWAKE + Frame(0x04, b"\0" + UID).encode()]
        frame = await line.exchange.ask(Command.WRITE, write.body[8:], repeat=Repeat.ONCE, uid=UID)
        assert (frame.start, frame.data) == (0xD6, UID)
        assert line.exchange.counts.late == 1

    play(scene)


def test_an_answer_in_pieces_with_long_pauses_is_one_answer() -> None:
    async def scene(line: Line) -> None:
        for i in range(len(TWO_TAGS)):
            line.later(0.01 + 0.05 * i, TWO_TAGS[i : i + 1])
        assert (await line.inventory()).data == TWO_TAGS[5:-2]
        assert line.exchange.counts.garbled == 0

    play(scene)


def test_a_silent_reader_times_out_and_is_probed_before_the_next_request() -> None:
    async def scene(line: Line) -> None:
        with pytest.raises(DeviceTimeout) as caught:
            await line.inventory()
        assert caught.value.code is Code.WIRE_SILENT
        assert _now() == pytest.approx(ANSWER_S, abs=0.02)
        line.say[INVENTORY] = [NO_TAG, NO_TAG]
        assert (await line.inventory()).error == 0x06
        assert (await line.inventory()).error == 0x06
        assert line.requests == [INVENTORY, PROBE, INVENTORY, INVENTORY]
        assert line.exchange.counts.timeouts == 1

    play(scene)


def test_a_reader_that_was_busy_is_probed_once_more() -> None:
    async def scene(line: Line) -> None:
        with pytest.raises(DeviceTimeout):
            await line.inventory()
        line.say[PROBE] = [b"", PROBED]
        line.later(0.3, TWO_TAGS)
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).error == 0x06
        assert line.requests == [INVENTORY, PROBE, PROBE, INVENTORY]
        assert line.exchange.counts.late == 1

    play(scene)


def test_only_an_idempotent_request_is_sent_again() -> None:
    async def scene(line: Line) -> None:
        line.say[INVENTORY] = [b"", NO_TAG]
        assert (await line.inventory(Repeat.IDEMPOTENT)).error == 0x06
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
        assert _now() == pytest.approx(ANSWER_S + 2 * PROBE_S, abs=0.05)

    play(scene)


@pytest.mark.parametrize(
    "broken",
    [TWO_TAGS[:-1] + b"\xa4", TWO_TAGS[:9], b"\x00\xff\x01", b"\xd6\x07\xff"],
    ids=["wrong CRC", "half", "noise", "a long length"],
)
def test_a_broken_answer_is_noticed_when_the_line_falls_silent(broken: bytes) -> None:
    async def scene(line: Line) -> None:
        line.say[INVENTORY] = [broken, TWO_TAGS]
        with pytest.raises(RemoteProtocolError) as caught:
            await line.inventory()
        assert caught.value.code is Code.WIRE_GARBLED
        assert _now() == pytest.approx(GAP_S, abs=0.02)
        assert (await line.inventory()).data == TWO_TAGS[5:-2]
        assert line.requests == [INVENTORY, PROBE, INVENTORY]
        assert line.exchange.counts.garbled == 1

    play(scene)


def test_an_answer_hidden_behind_noise_is_found() -> None:
    async def scene(line: Line) -> None:
        line.say[INVENTORY] = [b"\xd6\x02\x00" + TWO_TAGS, b"\xd5" + NO_TAG]
        assert (await line.inventory()).data == TWO_TAGS[5:-2]
        assert (await line.inventory()).error == 0x06
        assert line.requests == [INVENTORY] * 2

    play(scene)


def test_a_line_that_never_falls_silent_still_meets_the_deadline() -> None:
    async def scene(line: Line) -> None:
        for i in range(40):
            line.later(0.1 * i, b"\xd6")
        with pytest.raises(RemoteProtocolError):
            await line.inventory()
        assert _now() == pytest.approx(ANSWER_S, abs=0.02)

    play(scene)


def test_a_late_answer_is_never_taken_for_the_next() -> None:
    async def scene(line: Line) -> None:
        with pytest.raises(DeviceTimeout):
            await line.inventory()
        line.say[PROBE] = [TWO_TAGS + PROBED]
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).error == 0x06
        assert line.exchange.counts.late == 1

    play(scene)


@pytest.mark.parametrize("error", [b"\x00", b"\x06"])
def test_an_answer_about_another_tag_is_not_ours(error: bytes) -> None:
    async def scene(line: Line) -> None:
        line.say[READ_AFI] = [Frame(0x0A, error + OTHER + b"\x07").encode() + AFI_DA]
        assert (await line.afi()).data == UID + b"\xda"
        assert line.exchange.counts.late == 1

    play(scene)


@pytest.mark.parametrize("data", [b"", UID])
def test_a_refusal_may_name_its_tag_or_not(data: bytes) -> None:
    async def scene(line: Line) -> None:
        line.say[READ_AFI] = [Frame(0x0A, b"\x06" + data).encode()]
        assert (await line.afi()).error == 0x06

    play(scene)


def test_frames_that_nobody_asked_for_are_counted_and_dropped() -> None:
    async def scene(line: Line) -> None:
        line.wire.far.send(TWO_TAGS + NO_TAG)
        await asyncio.sleep(0.1)
        assert line.exchange.counts.late == 2
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).error == 0x06

    play(scene)


@pytest.mark.parametrize("when", [0.0, 0.2, 1.9])
def test_a_pulled_cable_ends_the_request(when: float) -> None:
    async def scene(line: Line) -> None:
        asyncio.get_running_loop().call_later(when, line.wire.far.hang_up)
        with pytest.raises(DeviceUnavailable):
            await line.inventory(Repeat.IDEMPOTENT)
        assert _now() == pytest.approx(when, abs=0.02)
        assert not line.exchange.alive
        with pytest.raises(DeviceUnavailable):
            await line.exchange.wake_up()
        with pytest.raises(DeviceUnavailable):
            await line.exchange.open()
        line.wire.far.plug_in()
        await line.exchange.open()
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).error == 0x06

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
        line.say[PROBE] = [TWO_TAGS + PROBED]
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).error == 0x06
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
        assert (await first).error == 0x06

    play(scene)
