"""What only a 3M reader has: its AFI filter, writes that fail by chance, Tag-it tags, tags that know little."""

from typing import cast

import pytest

from drivers import tags
from drivers.bibliotheca.driver import BibliothecaReader
from drivers.errors import Code
from drivers.ports import Capability, Uid
from hw_sim.tagmemory import item_memory
from hw_sim.world import Item, Tag, make_uid
from tests.conftest import Heard
from tests.contract.reader_bench import KINDS, OWNER, Pad, Play, play_on, refused

(BIBLIOTHECA,) = (kind for kind in KINDS if kind.name == "bibliotheca")
TAG_IT = bytes.fromhex("0000000001234567")


@pytest.fixture(params=[False, True], ids=["at once", "19200 8N1"])
def play(request: pytest.FixtureRequest) -> Play:
    return play_on(BIBLIOTHECA, real=request.param)


def test_an_810_and_its_firmware_are_told(play: Play, heard: Heard) -> None:
    async def scene(pad: Pad) -> None:
        assert (pad.who.model, pad.who.firmware) == ("3M-810", "3.2.6")
        assert pad.device.requests == 3
        (opened,) = (event for event in heard.events if event["event"] == "reader.opened")
        assert (opened["model"], opened["firmware"]) == ("3M-810", "3.2.6")

    play(scene)


def test_one_question_tells_whether_anything_is_still_armed(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        first, second = pad.lay(2)
        reader = cast(BibliothecaReader, pad.reader)
        assert Capability.AFI_FILTER in pad.who.capabilities
        await reader.set_security(Uid(first.uid), 0xC2)
        before = pad.device.requests
        assert [tag.uid.value for tag in await reader.inventory(0x07)] == [second.uid]
        assert [tag.uid.value for tag in await reader.inventory(0xC2)] == [first.uid]
        assert await reader.inventory(0xD7) == ()
        assert pad.device.requests == before + 3

    play(scene)


@pytest.mark.parametrize("applied", [False, True])
def test_an_afi_that_fails_by_chance_is_right_in_the_end(play: Play, applied: bool) -> None:
    async def scene(pad: Pad) -> None:
        books = pad.lay(20)
        pad.line.fault("afi_flaky", chance=0.5, applied=applied)
        for book in books:
            await pad.reader.set_security(Uid(book.uid), 0xC2)
            assert book.afi == 0xC2

    play(scene)


def test_a_tag_that_does_not_know_its_size_is_read_all_the_same(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        (book,) = pad.lay()
        pad.line.fault("info_lacks", mask=0x0F)
        info = await pad.reader.info(Uid(book.uid))
        assert (info.afi, info.dsfid, info.block_size, info.blocks) == (0x07, 0x3E, 4, 8)
        assert (await pad.reader.read(Uid(book.uid), 0, 8)).data == bytes(book.memory[:32])

    play(scene)


def test_a_tag_of_eight_blocks_is_smaller_and_not_lost(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        memory = bytearray(item_memory("3846646425", OWNER)[:32])
        small = Tag(make_uid("small"), memory, item="small", part=1)
        pad.world.add(Item("small", "Lille", [small]))
        pad.world.lay(["small"])
        await refused(Code.READER_STATUS, pad.reader.read(Uid(small.uid), 0, 9))
        info = await pad.reader.info(Uid(small.uid))
        found = tags.decode((await pad.reader.read(Uid(small.uid), 0, info.blocks)).data, None, 4)
        assert isinstance(found, tags.Item)
        assert found.id == "3846646425"

    play(scene)


def test_a_tag_it_tag_is_read_and_never_armed(play: Play) -> None:
    async def scene(pad: Pad) -> None:
        old, new = (*pad.lay(uid=TAG_IT), *pad.lay())
        assert {tag.uid.value for tag in await pad.reader.inventory()} == {TAG_IT, new.uid}
        info = await pad.reader.info(Uid(TAG_IT))
        assert (info.block_size, info.blocks) == (4, 8)
        assert (await pad.reader.read(Uid(TAG_IT), 0, 8)).data == bytes(old.memory[:32])
        await refused(Code.TAG_NOT_WRITTEN, pad.reader.set_security(Uid(TAG_IT), 0xC2))
        assert old.afi == 0x07

    play(scene)
