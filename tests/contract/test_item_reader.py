"""The ItemReader port: every shipping driver on its simulated reader, in virtual time.

Each scene ends with the world's own word about its tags, never with the driver's.
"""

import asyncio

import pytest

from drivers import tags
from drivers.errors import Code, DeviceTimeout, DeviceUnavailable, RemoteProtocolError
from drivers.ports import Capability, Uid
from hw_sim.tagmemory import item_memory
from hw_sim.world import Item, Tag, make_uid
from tests.conftest import Heard
from tests.contract.reader_bench import KINDS, OWNER, Kind, Pad, Play, play_on, refused


@pytest.fixture(autouse=True)
def trouble(heard: Heard) -> None:
    """Broken wires are this file's subject: what a technician reads of them is expected here."""
    heard.expect("reader.lost", "reader.resynchronised")


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture(params=[False, True], ids=["at once", "at its own speed"])
def play(request: pytest.FixtureRequest, kind: Kind) -> Play:
    return play_on(kind, real=request.param)


@pytest.mark.parametrize("count", [0, 1, 24, 25, 60])
def test_every_tag_on_the_pad_is_told_at_every_poll(play: Play, count: int) -> None:
    async def scene(pad: Pad) -> None:
        there = {tag.uid for tag in pad.lay(count)}
        for _ in range(3):
            found = await pad.reader.inventory()
            assert {tag.uid.value for tag in found} == there
            assert len(found) == count
            assert all(tag.dsfid == pad.kind.dsfid for tag in found)

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


def test_security_is_made_right_in_few_requests_and_may_be_asked_for_again(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        (book,) = pad.lay()
        uid = Uid(book.uid)
        before = pad.device.requests
        await pad.reader.set_security(uid, 0xC2)
        assert book.afi == 0xC2
        assert before + 2 <= pad.device.requests <= before + 3
        await pad.reader.set_security(uid, 0xC2)
        assert book.afi == 0xC2
        assert pad.device.requests <= before + 4
        await pad.reader.set_security(uid, 0x07)
        assert book.afi == 0x07

    play(scene)


def test_a_tag_that_leaves_while_it_is_written(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        for applied in (False, True):
            (book,) = pad.lay()
            pad.line.fault("tag_leaves_during", cmd="write_afi", item=book.item, applied=applied)
            await refused(Code.TAG_LOST, pad.reader.set_security(Uid(book.uid), 0xC2))
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
        await refused(Code.TAG_LOCKED, pad.reader.set_security(Uid(book.uid), 0xC2))
        assert book.afi == 0x07

    play(scene)


@pytest.mark.parametrize("said", [0, 1, 2], ids=["nothing wrong", "no tag", "not written"])
def test_a_tag_that_refuses_in_silence_is_found_out_by_reading_back(play: Play, said: int) -> None:
    async def scene(pad: Pad) -> None:
        (book,) = pad.lay()
        pad.line.fault("afi_silent", item=book.item, status=pad.kind.silent[said])
        await refused(Code.TAG_NOT_WRITTEN, pad.reader.set_security(Uid(book.uid), 0xC2))
        assert book.afi == 0x07

    play(scene)


def test_a_locked_block_and_a_block_that_does_not_take(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        (book,) = pad.lay()
        uid = Uid(book.uid)
        await pad.reader.lock(uid, 3, 1)
        assert book.locked == {3}
        await refused(Code.TAG_LOCKED, pad.reader.write(uid, 2, bytes(12)))
        pad.line.fault("write_fails", block=6)
        await refused(Code.TAG_NOT_WRITTEN, pad.reader.write(uid, 5, b"abcdefgh"))

    play(scene)


def test_a_tag_behind_metal_spoils_nothing_for_the_others(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        bad, good = pad.lay(2)
        pad.line.fault("unreadable", item=bad.item)
        assert len(await pad.reader.inventory()) == 2
        await refused(Code.TAG_LOST, pad.reader.read(Uid(bad.uid), 0, 9))
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
        pad.line.fault("delay", seconds=pad.kind.late_s, count=1)
        assert (await pad.reader.info(Uid(first.uid))).uid.value == first.uid
        assert (await pad.reader.info(Uid(second.uid))).uid.value == second.uid
        pad.line.fault("delay", seconds=pad.kind.late_s, count=1)
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


def test_a_reader_that_cannot_is_never_an_empty_pad(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        pad.lay()
        for status, code in pad.kind.cannot.items():
            pad.line.fault("status", code=status)
            await refused(code, pad.reader.inventory())
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


def test_a_field_that_can_be_switched_off_shows_nothing(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        pad.lay(3)
        if Capability.RF in pad.who.capabilities:
            await pad.reader.rf(False)
            assert pad.device.truth()["field"] is False
            await pad.reader.rf(True)
        else:
            await refused(Code.READER_UNSUPPORTED, pad.reader.rf(False))
        assert len(await pad.reader.inventory()) == 3

    play(scene)
