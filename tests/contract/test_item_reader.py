"""The ItemReader port: the shipping FEIG driver on the simulated reader, in virtual time.

Each scene ends with the world's own word about its tags, never with the driver's.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any, cast

import pytest

from drivers import tags
from drivers.errors import (
    Code,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    RemoteProtocolError,
)
from drivers.feig.driver import FeigReader
from drivers.ports import Uid
from drivers.transport.memory import MemoryTransport
from hw_sim.devices import feig
from hw_sim.ports import MemoryPort, WireEnd
from hw_sim.simloop import SimLoop
from hw_sim.tagmemory import item_memory
from hw_sim.wire import Line
from hw_sim.world import Item, Tag, World, make_uid
from tests.conftest import Heard

OWNER = "DK746100"


@pytest.fixture(autouse=True)
def trouble(heard: Heard) -> None:
    """Broken wires are this file's subject: what a technician reads of them is expected here."""
    heard.expect("reader.lost", "reader.resynchronised")


class Pad:
    """A reader with books beside it: the driver on one end of a memory wire, the world at the other."""

    def __init__(self, *, real: bool) -> None:
        self.world = World(seed=3)
        self.device = feig.FeigReader(self.world, pace="real" if real else "none")
        self.line = Line(
            self.device, random.Random(3), baud=38400 if real else None, bits_per_byte=11
        )
        self.wire = MemoryTransport("pad")
        self.port = MemoryPort(self.line, cast(WireEnd, self.wire.far))
        self.reader = FeigReader(self.wire)

    def lay(self, count: int = 1, **more: Any) -> list[Tag]:
        """So many new books on the pad."""
        laid = []
        for _ in range(count):
            name = f"{8700000000 + len(self.world.items)}"
            memory = bytearray(item_memory(name, OWNER, **more))
            one = Tag(make_uid(name), memory, item=name, part=1)
            self.world.add(Item(name, "En bog", [one]))
            laid += self.world.lay([name])
        return laid


Scene = Callable[[Pad], Coroutine[Any, Any, None]]


@pytest.fixture(params=[False, True], ids=["at once", "38400 8E1"])
def play(request: pytest.FixtureRequest) -> Callable[[Scene], None]:
    """Runs a scene on an opened pad; a task that is left running fails it."""

    def run(scene: Scene) -> None:
        async def all_of_it() -> None:
            pad = Pad(real=request.param)
            await pad.reader.open()
            async with asyncio.timeout(600):
                await scene(pad)
            await pad.reader.close()
            assert asyncio.all_tasks() == {asyncio.current_task()}

        with asyncio.Runner(loop_factory=SimLoop) as runner:
            runner.run(all_of_it())

    return run


Play = Callable[[Scene], None]


async def _refused(code: Code, action: Coroutine[Any, Any, None]) -> None:
    with pytest.raises(DeviceRefused) as caught:
        await action
    assert caught.value.code is code


@pytest.mark.parametrize("count", [0, 1, 24, 25, 60])
def test_every_tag_on_the_pad_is_told_at_every_poll(play: Play, count: int) -> None:
    async def scene(pad: Pad) -> None:
        there = {tag.uid for tag in pad.lay(count)}
        for _ in range(3):
            found = await pad.reader.inventory()
            assert {tag.uid.value for tag in found} == there
            assert len(found) == count
            assert all(tag.dsfid == 0x3E for tag in found)

    play(scene)


def test_a_book_that_is_lifted_is_gone_from_the_next_poll(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        first, second = pad.lay(2)
        assert len(await pad.reader.inventory()) == 2
        pad.world.lift([first.item])
        assert [t.uid.value for t in await pad.reader.inventory()] == [second.uid]

    play(scene)


@pytest.mark.parametrize("reversed_blocks", [False, True])
def test_a_tag_is_read_to_an_item(play: Play, reversed_blocks: bool) -> None:
    async def scene(pad: Pad) -> None:
        (book,) = pad.lay(parts=3, part=2, reverse=reversed_blocks)
        uid = Uid(book.uid)
        info = await pad.reader.info(uid)
        assert (info.uid, info.afi, info.dsfid) == (uid, book.afi, book.dsfid)
        assert (info.block_size, info.blocks) == (4, book.blocks)
        memory = await pad.reader.read(uid, 0, tags.blocks_to_read(info.blocks))
        assert memory.data == bytes(book.memory[:36])
        found = tags.decode(memory.data, info.dsfid, info.block_size)
        assert isinstance(found, tags.Item)
        assert (found.id, found.owner, found.part, found.parts) == (book.item, OWNER, 2, 3)
        assert (found.crc_ok, found.reversed) == (True, reversed_blocks)

    play(scene)


def test_a_whole_tag_of_80_blocks_is_read_and_written(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        memory = bytearray(i * 3 & 0xFF for i in range(320))
        large = Tag(make_uid("large"), memory, item="large", part=1)
        pad.world.add(Item("large", "Stor", [large]))
        pad.world.lay(["large"])
        uid = Uid(large.uid)
        assert (await pad.reader.read(uid, 0, 80)).data == bytes(memory)
        new = bytes(i * 5 & 0xFF for i in range(280))
        await pad.reader.write(uid, 5, new)
        assert bytes(large.memory[20:300]) == new
        assert bytes(large.memory[300:]) == bytes(memory[300:])

    play(scene)


def test_what_our_encoder_writes_stands_on_the_tag(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        (book,) = pad.lay()
        wanted = tags.Item(tags.Format.ISO_28560_3, "3846646425", OWNER, 2, 3, crc_ok=True)
        await pad.reader.write(Uid(book.uid), 0, tags.encode(wanted, 36))
        assert bytes(book.memory[:36]) == item_memory("3846646425", OWNER, parts=3, part=2)[:36]

    play(scene)


def test_security_is_written_once_and_only_when_it_is_wrong(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        (book,) = pad.lay()
        uid = Uid(book.uid)
        before = pad.device.requests
        await pad.reader.set_security(uid, 0xC2)
        assert book.afi == 0xC2
        assert pad.device.requests == before + 3
        await pad.reader.set_security(uid, 0xC2)
        assert pad.device.requests == before + 4
        await pad.reader.set_security(uid, 0x07)
        assert book.afi == 0x07

    play(scene)


def test_a_tag_that_leaves_while_it_is_written(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        for applied in (False, True):
            (book,) = pad.lay()
            pad.line.fault("tag_leaves_during", cmd="write_afi", item=book.item, applied=applied)
            await _refused(Code.TAG_LOST, pad.reader.set_security(Uid(book.uid), 0xC2))
            assert book.afi == (0xC2 if applied else 0x07)
            assert not book.on_pad
            pad.world.lay([book.item])
            await pad.reader.set_security(Uid(book.uid), 0xC2)
            assert book.afi == 0xC2

    play(scene)


def test_a_locked_afi_says_so(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        (book,) = pad.lay()
        pad.line.fault("afi_locked", item=book.item)
        await _refused(Code.TAG_LOCKED, pad.reader.set_security(Uid(book.uid), 0xC2))
        assert book.afi == 0x07

    play(scene)


@pytest.mark.parametrize("status", [0x00, 0x01, 0x03])
def test_a_tag_that_refuses_in_silence_is_found_out_by_reading_back(
    play: Play, status: int
) -> None:
    async def scene(pad: Pad) -> None:
        (book,) = pad.lay()
        pad.line.fault("afi_silent", item=book.item, status=status)
        await _refused(Code.TAG_NOT_WRITTEN, pad.reader.set_security(Uid(book.uid), 0xC2))
        assert book.afi == 0x07

    play(scene)


def test_a_locked_block_and_a_block_that_does_not_take(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        (book,) = pad.lay()
        uid = Uid(book.uid)
        await pad.reader.lock(uid, 3, 1)
        assert book.locked == {3}
        await _refused(Code.TAG_LOCKED, pad.reader.write(uid, 2, bytes(12)))
        pad.line.fault("write_fails", block=6)
        await _refused(Code.TAG_NOT_WRITTEN, pad.reader.write(uid, 5, b"abcdefgh"))

    play(scene)


def test_a_tag_behind_metal_spoils_nothing_for_the_others(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        bad, good = pad.lay(2)
        pad.line.fault("unreadable", item=bad.item)
        assert len(await pad.reader.inventory()) == 2
        with pytest.raises(DeviceRefused) as caught:
            await pad.reader.read(Uid(bad.uid), 0, 9)
        assert caught.value.code is Code.TAG_LOST
        await pad.reader.set_security(Uid(good.uid), 0xC2)
        assert (bad.afi, good.afi) == (0x07, 0xC2)

    play(scene)


@pytest.mark.parametrize("verb", ["corrupt", "half_frame", "drop_reply", "garbage"])
def test_a_broken_answer_is_made_good(play: Play, verb: str) -> None:
    async def scene(pad: Pad) -> None:
        there = {tag.uid for tag in pad.lay(30)}
        (uid, *_) = (Uid(value) for value in there)
        pad.line.fault(verb)
        assert {tag.uid.value for tag in await pad.reader.inventory()} == there
        pad.line.fault(verb)
        assert (await pad.reader.info(uid)).uid == uid
        pad.line.fault(verb)
        await pad.reader.set_security(uid, 0xC2)
        assert [tag.afi for tag in pad.world.pad if tag.uid == uid.value] == [0xC2]

    play(scene)


def test_answers_that_are_all_broken_end_in_an_error_and_then_the_pad_works_on(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        pad.lay(2)
        pad.line.fault("corrupt", count=50)
        with pytest.raises((DeviceTimeout, RemoteProtocolError)) as caught:
            await pad.reader.inventory()
        assert caught.value.code in {Code.WIRE_GARBLED, Code.WIRE_SILENT}
        pad.line.clear()
        assert len(await pad.reader.inventory()) == 2

    play(scene)


def test_a_silent_reader_times_out_and_comes_back(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        pad.lay()
        pad.line.fault("mute")
        with pytest.raises(DeviceTimeout):
            await pad.reader.inventory()
        with pytest.raises(DeviceTimeout):
            await pad.reader.open()
        pad.line.clear("mute")
        await pad.reader.open()
        assert len(await pad.reader.inventory()) == 1

    play(scene)


def test_an_answer_that_comes_late_is_never_the_next_ones(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        first, second = pad.lay(2)
        pad.line.fault("delay", seconds=1.6, count=1)
        assert (await pad.reader.info(Uid(first.uid))).uid.value == first.uid
        assert (await pad.reader.info(Uid(second.uid))).uid.value == second.uid
        pad.line.fault("delay", seconds=1.6, count=1)
        await pad.reader.set_security(Uid(first.uid), 0xC2)
        assert (first.afi, second.afi) == (0xC2, 0x07)

    play(scene)


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_hang_up_at_any_answer_and_then_a_new_start(play: Play, after: int) -> None:
    async def scene(pad: Pad) -> None:
        (book,) = pad.lay()
        pad.line.fault("hang_up", after=after)
        try:
            await pad.reader.set_security(Uid(book.uid), 0xC2)
            await pad.reader.info(Uid(book.uid))
        except DeviceUnavailable:
            assert after < 3 or book.afi == 0xC2
        with pytest.raises(DeviceUnavailable):
            await pad.reader.inventory()
        await pad.reader.open()
        await pad.reader.set_security(Uid(book.uid), 0xC2)
        assert book.afi == 0xC2

    play(scene)


def test_a_cable_that_is_pulled_and_put_back(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        pad.lay(2)
        await pad.port.unplug()
        with pytest.raises(DeviceUnavailable):
            await pad.reader.inventory()
        with pytest.raises(DeviceUnavailable):
            await pad.reader.open()
        await pad.port.plug()
        await pad.reader.open()
        assert len(await pad.reader.inventory()) == 2

    play(scene)


@pytest.mark.parametrize(
    ("status", "code"),
    [(0x82, Code.READER_SCAN_MODE), (0x93, Code.READER_OVERFLOW), (0x83, Code.READER_STATUS)],
)
def test_a_reader_that_cannot_is_never_an_empty_pad(play: Play, status: int, code: Code) -> None:
    async def scene(pad: Pad) -> None:
        pad.lay()
        pad.line.fault("status", code=status)
        with pytest.raises(DeviceRefused) as caught:
            await pad.reader.inventory()
        assert caught.value.code is code
        pad.line.clear()
        assert len(await pad.reader.inventory()) == 1

    play(scene)


def test_a_tag_that_is_listed_twice_is_one_tag(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        first, _second = pad.lay(2)
        pad.line.fault("duplicate_uid", item=first.item)
        assert len(await pad.reader.inventory()) == 2

    play(scene)


def test_calls_at_the_same_time_queue(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        books = pad.lay(10)
        await asyncio.gather(
            pad.reader.inventory(),
            *(pad.reader.set_security(Uid(book.uid), 0xC2) for book in books),
            *(pad.reader.read(Uid(book.uid), 0, 9) for book in books),
            pad.reader.inventory(),
        )
        assert {book.afi for book in books} == {0xC2}

    play(scene)


def test_a_field_that_is_off_shows_nothing(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        pad.lay(3)
        await pad.reader.rf(False)
        assert pad.device.truth()["field"] is False
        await pad.reader.rf(True)
        assert len(await pad.reader.inventory()) == 3

    play(scene)
