"""One request and its answer when the wire misbehaves: noise, halves, silence, late answers, a pulled cable."""

import asyncio
from itertools import pairwise

import pytest

from drivers.errors import (
    Code,
    DeviceTimeout,
    DeviceUnavailable,
)
from drivers.feig.commands import Command
from drivers.feig.exchange import ANSWER_S, SILENCE_S
from drivers.feig.frames import Frame
from drivers.runtime.flow import Repeat
from tests.contract import reader_wires
from tests.contract.reader_wires import FEIG, now, play

PROBE, PROBED, INVENTORY = FEIG.probe, FEIG.probed, FEIG.inventory
ONE_TAG, NO_TAG = FEIG.tags, FEIG.nothing
RESET = bytes.fromhex("05ff698901")
RESET_DONE = bytes.fromhex("06006900f6fa")


class Line(reader_wires.Line):
    def __init__(self) -> None:
        super().__init__(FEIG)
        self.say[RESET] = [RESET_DONE] * 99


def test_an_answer_comes_back_with_its_status() -> None:
    async def scene(line: Line) -> None:
        line.say[INVENTORY] = [ONE_TAG, NO_TAG]
        assert (await line.inventory()).data == ONE_TAG[4:-2]
        assert (await line.inventory()).status == 0x01
        assert line.requests == [INVENTORY, INVENTORY]

    play(scene, Line)


def test_the_line_is_quiet_before_each_request() -> None:
    async def scene(line: Line) -> None:
        for _ in range(4):
            await line.exchange.ask(Command.RF_RESET, repeat=Repeat.IDEMPOTENT)
        times = [at for at, _ in line.heard]
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert gaps == pytest.approx([SILENCE_S] * 3, abs=1e-5)

    play(scene, Line)


def test_a_silent_reader_times_out_and_is_probed_before_the_next_request() -> None:
    async def scene(line: Line) -> None:
        with pytest.raises(DeviceTimeout) as caught:
            await line.inventory()
        assert caught.value.code is Code.WIRE_SILENT
        assert now() == pytest.approx(ANSWER_S, abs=0.02)
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).status == 0x01
        assert line.requests == [INVENTORY, PROBE, INVENTORY]
        assert (await line.exchange.ask(Command.RF_RESET, repeat=Repeat.ONCE)).status == 0
        assert line.requests[3:] == [RESET]
        assert line.exchange.counts.timeouts == 1

    play(scene, Line)


def test_an_answer_hidden_behind_noise_is_found() -> None:
    async def scene(line: Line) -> None:
        line.say[INVENTORY] = [b"\x60" + ONE_TAG]
        assert (await line.inventory()).data == ONE_TAG[4:-2]
        assert line.requests == [INVENTORY]
        line.say[INVENTORY] = [b"\x00\x01" + NO_TAG]
        assert (await line.inventory()).status == 0x01

    play(scene, Line)


def test_a_late_answer_is_never_taken_for_the_next() -> None:
    async def scene(line: Line) -> None:
        line.later(ANSWER_S + 0.004, ONE_TAG)
        with pytest.raises(DeviceTimeout):
            await line.inventory()
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).status == 0x01
        assert line.exchange.counts.late == 1

    play(scene, Line)


def test_a_late_answer_during_the_probe_is_dropped_too() -> None:
    async def scene(line: Line) -> None:
        with pytest.raises(DeviceTimeout):
            await line.inventory()
        line.say[PROBE] = [ONE_TAG + PROBED]
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).status == 0x01

    play(scene, Line)


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

    play(scene, Line)


def test_a_cable_pulled_between_requests_is_noticed_by_the_next() -> None:
    async def scene(line: Line) -> None:
        await line.exchange.ask(Command.RF_RESET, repeat=Repeat.ONCE)
        line.wire.far.hang_up()
        await asyncio.sleep(1)
        with pytest.raises(DeviceUnavailable):
            await line.inventory()

    play(scene, Line)


def test_noise_without_end_leaves_the_buffer_small() -> None:
    async def scene(line: Line) -> None:
        for i in range(100):
            line.wire.far.send(bytes((i * 7 + j * j) & 0xFF for j in range(1000)))
        await asyncio.sleep(1)
        line.say[INVENTORY] = [NO_TAG]
        assert (await line.inventory()).status == 0x01

    play(scene, Line)
