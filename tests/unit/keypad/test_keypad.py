"""Input events: records of the kernel's documents, any pieces, noise; the driver on a simulated keypad and a file."""

import os
import struct
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.access import HEADSET_IN, HEADSET_OUT, KEY_NAMES, Keys
from drivers.errors import Code, DeviceUnavailable
from drivers.keypad.driver import EvdevKeyPad
from drivers.keypad.frames import NAMES, Presses
from drivers.transport.input_device import InputTransport
from drivers.transport.memory import MemoryTransport
from hw_sim.devices.keypad import Keypad
from hw_sim.ports import MemoryPort
from hw_sim.simloop import run
from hw_sim.wire import Line
from hw_sim.world import World


def record(kind: int, code: int, value: int) -> bytes:
    """linux/input.h: two longs of time, u16 type, u16 code, s32 value."""
    return struct.pack("<qqHHi", 1_790_000_000, 5, kind, code, value)


# linux/input-event-codes.h: EV_KEY 1, KEY_DOWN 108, KEY_ENTER 28; EV_SW 5, SW_HEADPHONE_INSERT 2
SYN = record(0, 0, 0)
DOWN = record(1, 108, 1) + SYN + record(1, 108, 0) + SYN
ENTER = record(1, 28, 1) + SYN + record(1, 28, 2) + SYN + record(1, 28, 0) + SYN
JACK = record(5, 2, 1) + SYN + record(5, 2, 0) + SYN


def test_a_press_is_told_once_its_release_and_repeats_never() -> None:
    assert Presses().feed(DOWN + ENTER) == ("DOWN", "ENTER")


def test_the_jack_says_in_and_out() -> None:
    assert Presses().feed(JACK) == (HEADSET_IN, HEADSET_OUT)


@given(st.lists(st.integers(1, 30), max_size=40))
def test_any_pieces_give_the_same_presses(sizes: list[int]) -> None:
    whole, presses, at = DOWN + JACK + ENTER, Presses(), 0
    found: list[str] = []
    for size in [*sizes, len(whole)]:
        found += presses.feed(whole[at : at + size])
        at += size
    assert tuple(found) == Presses().feed(whole)


@given(st.binary(max_size=400))
def test_after_noise_it_finds_its_way(noise: bytes) -> None:
    presses = Presses()
    presses.feed(noise)
    assert presses.feed(SYN * 3 + DOWN * 3 + SYN)[-1:] == ("DOWN",)


def test_every_name_is_one_that_a_station_file_may_use() -> None:
    assert set(NAMES.values()) <= KEY_NAMES
    assert {key for keys in Keys().jobs().values() for key in keys} <= KEY_NAMES


def test_the_simulated_keypad_says_the_same() -> None:
    async def story() -> None:
        world = World(1)
        device = Keypad(world)
        wire = MemoryTransport("keys")
        MemoryPort(Line(device, world.chance("wire")), wire.far, "keys")  # type: ignore[arg-type]
        driver = EvdevKeyPad(wire)
        await driver.open()
        device.fault("held", repeats=4)
        for key in ("up", "down", "left", "right", "select", "repeat", "stop"):
            device.press(key)
        device.plug(True)
        device.plug(False)
        async with aclosing(driver.presses()) as presses:  # type: ignore[type-var]
            heard = [(await anext(presses)).key for _ in range(9)]
        keys = ["UP", "DOWN", "LEFT", "RIGHT", "ENTER", "PLAYPAUSE", "ESC"]
        assert heard == [*keys, HEADSET_IN, HEADSET_OUT]
        await driver.close()

    run(story())


async def test_a_device_file_is_read_as_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "event0"
    os.mkfifo(path)
    driver = EvdevKeyPad(InputTransport("keys", str(path)))
    await driver.open()
    far = os.open(path, os.O_WRONLY)
    async with aclosing(driver.presses()) as presses:  # type: ignore[type-var]
        os.write(far, DOWN[:30])
        os.write(far, DOWN[30:])
        assert (await anext(presses)).key == "DOWN"
        os.close(far)
        with pytest.raises(DeviceUnavailable) as raised:
            await anext(presses)
    assert raised.value.code is Code.PORT_GONE
    await driver.close()


async def test_a_device_that_is_not_there_is_named(tmp_path: Path) -> None:
    driver = EvdevKeyPad(InputTransport("keys", str(tmp_path / "none")))
    with pytest.raises(DeviceUnavailable, match="none") as raised:
        await driver.open()
    assert raised.value.code is Code.PORT_ABSENT
