"""One request and its answer when the wire misbehaves: noise, halves, silence, late answers, a pulled cable."""

from typing import Any

import pytest

from drivers.bibliotheca.commands import Command
from drivers.bibliotheca.exchange import ANSWER_S, PROBE_S
from drivers.bibliotheca.frames import Frame
from drivers.errors import (
    Code,
    DeviceTimeout,
    DeviceUnavailable,
)
from drivers.runtime.flow import Repeat
from tests.contract import reader_wires
from tests.contract.reader_wires import BIBLIOTHECA, now, play

PROBE, PROBED, INVENTORY = BIBLIOTHECA.probe, BIBLIOTHECA.probed, BIBLIOTHECA.inventory
TWO_TAGS, NO_TAG = BIBLIOTHECA.tags, BIBLIOTHECA.nothing
WAKE = bytes.fromhex("d500050400118c66")
AWAKE = bytes.fromhex("d500090400110a0500027250")
UID = bytes.fromhex("e007000001234567")
OTHER = bytes.fromhex("e004000001234567")
READ_AFI = bytes.fromhex("d6000b0ae00700000123456711cb")
AFI_DA = bytes.fromhex("d6000d0a00e007000001234567da485c")


class Line(reader_wires.Line):
    def __init__(self) -> None:
        super().__init__(BIBLIOTHECA)

    async def afi(self) -> Any:
        return await self.exchange.ask(Command.READ_AFI, repeat=Repeat.ONCE, uid=UID)


def test_a_reader_that_is_gone_cannot_be_woken() -> None:
    async def scene(line: Line) -> None:
        line.wire.far.hang_up()
        with pytest.raises(DeviceUnavailable):
            await line.exchange.wake_up()

    play(scene, Line)


def test_an_answer_comes_back_with_its_error() -> None:
    async def scene(line: Line) -> None:
        line.say[INVENTORY] = [TWO_TAGS, NO_TAG]
        assert (await line.inventory()).data == TWO_TAGS[5:-2]
        assert (await line.inventory()).error == 0x06
        assert line.requests == [INVENTORY, INVENTORY]

    play(scene, Line)


def test_a_reader_is_woken_up_with_d5() -> None:
    async def scene(line: Line) -> None:
        line.say[WAKE] = [AWAKE, b""]
        woken = await line.exchange.wake_up()
        assert woken is not None
        assert woken.data == AWAKE[5:-2]
        assert await line.exchange.wake_up() is None
        assert now() == pytest.approx(PROBE_S, abs=0.02)
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).error == 0x06
        assert line.requests == [WAKE, WAKE, PROBE, INVENTORY]

    play(scene, Line)


def test_a_late_answer_to_waking_up_is_no_answer_to_a_write() -> None:
    async def scene(line: Line) -> None:
        write = Frame(0x04, UID + b"\x00\x01\x00abcd")
        line.say[write.encode()] = [AWAKE + Frame(0x04, b"\0" + UID).encode()]
        frame = await line.exchange.ask(Command.WRITE, write.body[8:], repeat=Repeat.ONCE, uid=UID)
        assert (frame.start, frame.data) == (0xD6, UID)
        assert line.exchange.counts.late == 1

    play(scene, Line)


def test_a_silent_reader_times_out_and_is_probed_before_the_next_request() -> None:
    async def scene(line: Line) -> None:
        with pytest.raises(DeviceTimeout) as caught:
            await line.inventory()
        assert caught.value.code is Code.WIRE_SILENT
        assert now() == pytest.approx(ANSWER_S, abs=0.02)
        line.say[INVENTORY] = [NO_TAG, NO_TAG]
        assert (await line.inventory()).error == 0x06
        assert (await line.inventory()).error == 0x06
        assert line.requests == [INVENTORY, PROBE, INVENTORY, INVENTORY]
        assert line.exchange.counts.timeouts == 1

    play(scene, Line)


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

    play(scene, Line)


def test_an_answer_hidden_behind_noise_is_found() -> None:
    async def scene(line: Line) -> None:
        line.say[INVENTORY] = [b"\xd6\x02\x00" + TWO_TAGS, b"\xd5" + NO_TAG]
        assert (await line.inventory()).data == TWO_TAGS[5:-2]
        assert (await line.inventory()).error == 0x06
        assert line.requests == [INVENTORY] * 2

    play(scene, Line)


def test_a_late_answer_is_never_taken_for_the_next() -> None:
    async def scene(line: Line) -> None:
        with pytest.raises(DeviceTimeout):
            await line.inventory()
        line.say[PROBE] = [TWO_TAGS + PROBED]
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).error == 0x06
        assert line.exchange.counts.late == 1

    play(scene, Line)


@pytest.mark.parametrize("error", [b"\x00", b"\x06"])
def test_an_answer_about_another_tag_is_not_ours(error: bytes) -> None:
    async def scene(line: Line) -> None:
        line.say[READ_AFI] = [Frame(0x0A, error + OTHER + b"\x07").encode() + AFI_DA]
        assert (await line.afi()).data == UID + b"\xda"
        assert line.exchange.counts.late == 1

    play(scene, Line)


@pytest.mark.parametrize("data", [b"", UID])
def test_a_refusal_may_name_its_tag_or_not(data: bytes) -> None:
    async def scene(line: Line) -> None:
        line.say[READ_AFI] = [Frame(0x0A, b"\x06" + data).encode()]
        assert (await line.afi()).error == 0x06

    play(scene, Line)
