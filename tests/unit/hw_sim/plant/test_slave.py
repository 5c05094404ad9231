"""The RTU slave: vectors, silence between frames, what is answered, refused, or passed over."""

import asyncio
import tomllib
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_sim.devices import modbus_frames as frames
from hw_sim.devices.modbus_slave import ModbusSlave, silence
from hw_sim.simloop import run

VECTORS = tomllib.loads(
    (Path(__file__).parents[3] / "vectors/modbus.toml").read_text(encoding="utf-8")
)["vector"]


def vectors(direction: str) -> list[Any]:
    return [pytest.param(v, id=v["name"]) for v in VECTORS if v["direction"] == direction]


class Memory:
    """Registers 0 to 499, each with its own number as its value."""

    def __init__(self) -> None:
        self.words = list(range(500))
        self.bad = 0

    def read(self, first: int, count: int) -> list[int]:
        if first + count > len(self.words):
            raise frames.Refused(frames.BAD_ADDRESS)
        return self.words[first : first + count]

    def write(self, first: int, values: Sequence[int]) -> None:
        if first + len(values) > len(self.words):
            raise frames.Refused(frames.BAD_ADDRESS)
        self.words[first : first + len(values)] = values

    def garbled(self) -> None:
        self.bad += 1


class Line:
    """A slave with somebody who listens."""

    def __init__(self, unit: int = 1, baud: int | None = 115200) -> None:
        self.memory = Memory()
        self.slave = ModbusSlave(self.memory, unit=unit, baud=baud)
        self.heard: list[bytes] = []
        self.slave.attach(self.heard.append, lambda: None)

    async def say(self, *pieces: bytes, apart: float = 0.0) -> list[bytes]:
        for piece in pieces:
            self.slave.receive(piece)
            if apart:
                await asyncio.sleep(apart)
        await asyncio.sleep(0.02)
        heard, self.heard[:] = list(self.heard), []
        return heard


def played(scene: Callable[[Line], Coroutine[Any, Any, None]], **line: Any) -> None:
    async def main() -> None:
        await scene(Line(**line))

    run(main())


def frame(text: str) -> bytes:
    body = bytes.fromhex(text)
    return body + frames.crc(body)


@pytest.mark.parametrize("vector", vectors("crc"))
def test_the_crc_of_the_standard(vector: dict[str, Any]) -> None:
    whole = bytes.fromhex(vector["bytes"])
    assert frames.crc(whole[:-2]) == whole[-2:]


@pytest.mark.parametrize("vector", vectors("request"))
def test_a_request_is_understood(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    asked = frames.request(bytes.fromhex(vector["bytes"].replace(" ", "")))
    assert asked is not None
    assert not asked.wrong
    if "read" in meaning:
        assert [asked.unit, asked.first, asked.count] == meaning["read"]
        assert asked.values is None
    else:
        assert [asked.unit, asked.first, list(asked.values or ())] == meaning["write"]


@pytest.mark.parametrize("vector", vectors("answer"))
def test_an_answer_is_made(vector: dict[str, Any]) -> None:
    meaning = vector["meaning"]
    function = frames.READ if "read" in meaning else frames.WRITE
    unit, first = (meaning.get("read") or meaning["write"])[:2]
    if "exception" in meaning:
        made = frames.refusal(unit, function, meaning["exception"])
    elif function == frames.READ:
        made = frames.values_read(unit, meaning["values"])
    else:
        made = frames.values_written(unit, first, len(meaning["write"][2]))
    assert made == bytes.fromhex(vector["bytes"])


def test_a_frame_in_pieces_is_one_frame_and_silence_ends_it() -> None:
    async def scene(line: Line) -> None:
        whole = frame("010300000002")
        assert await line.say(whole[:3], whole[3:], apart=0.001) == [frame("01030400000001")]
        assert await line.say(whole[:3], whole[3:], apart=0.003) == []
        assert line.memory.bad == 2

    played(scene)


def test_two_frames_without_silence_between_are_none() -> None:
    async def scene(line: Line) -> None:
        whole = frame("010300000002")
        assert await line.say(whole + whole) == []
        assert len(await line.say(whole)) == 1

    played(scene)


@pytest.mark.parametrize(
    ("baud", "ms"), [(9600, 4.01), (19200, 2.005), (38400, 1.75), (115200, 1.75)]
)
def test_t35_is_three_and_a_half_characters_up_to_19200_baud(baud: int, ms: float) -> None:
    assert silence(baud) * 1000 == pytest.approx(ms, abs=0.01)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("010401f30001", "018401"),
        ("011700000001", "019701"),
        ("010301f30002", "018302"),
        ("010300000000", "018303"),
        ("01030000007e", "018303"),
        ("0110000000010100", "019003"),
        ("01100000000104000a0102", "019003"),
        ("011000000000 00", "019003"),
        ("011001f3000204000a0102", "019002"),
        ("0103", "018303"),
    ],
)
def test_what_is_wrong_by_its_form_is_refused(request_: str, answer: str) -> None:
    async def scene(line: Line) -> None:
        assert await line.say(frame(request_)) == [frame(answer)]

    played(scene)


def test_another_unit_and_a_broken_frame_are_met_with_silence() -> None:
    async def scene(line: Line) -> None:
        assert await line.say(frame("020300000002")) == []
        assert line.memory.bad == 0
        whole = bytearray(frame("010300000002"))
        whole[3] ^= 1
        assert await line.say(bytes(whole)) == []
        assert line.memory.bad == 1

    played(scene)


def test_a_broadcast_is_obeyed_and_not_answered() -> None:
    async def scene(line: Line) -> None:
        assert await line.say(frame("001000010001020007")) == []
        assert line.memory.words[1] == 7

    played(scene)


def test_the_longest_frames_fit() -> None:
    async def scene(line: Line) -> None:
        (answer,) = await line.say(frame("01030000007d"))
        assert len(answer) == 255
        values = bytes(2 * 123)
        assert await line.say(frame(f"01100000007bf6{values.hex()}")) == [frame("01100000007b")]

    played(scene)


def test_a_busy_slave_answers_late_and_reads_its_registers_then() -> None:
    async def scene(line: Line) -> None:
        line.slave.fault("busy_s", seconds=0.35, count=1)
        assert await line.say(frame("010300010001")) == []
        assert await line.say(frame("0110000100010200ff")) == [frame("011000010001")]
        await asyncio.sleep(0.4)
        assert line.heard == [frame("01030200ff")]

    played(scene)


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_noise_is_never_answered_as_if_it_were_a_request(noise: list[bytes]) -> None:
    async def scene(line: Line) -> None:
        for piece in noise:
            heard = await line.say(piece)
            asked = frames.request(piece)
            assert bool(heard) == (asked is not None and asked.unit == 1)
        assert len(await line.say(frame("010300000002"))) == 1

    played(scene)


@given(st.binary(max_size=260))
def test_any_bytes_are_a_request_or_none(data: bytes) -> None:
    asked = frames.request(data)
    whole = data + frames.crc(data)
    again = frames.request(whole)
    assert (again is not None) == (2 <= len(data) <= 254)
    if asked is not None and not asked.wrong:
        assert asked.count >= 1
