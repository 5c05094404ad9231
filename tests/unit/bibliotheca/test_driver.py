"""The driver of 3M readers against a far end written from the specification, in virtual time on a memory wire."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.device import Device
from drivers.bibliotheca.driver import AFI_TRIES, WRITE_TRIES, BibliothecaReader
from drivers.bibliotheca.exchange import PROBE_S
from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.ports import Capability, Uid
from drivers.runtime.clock import SeededRng, SystemClock
from drivers.transport.memory import MemoryTransport
from hw_sim.simloop import SimLoop

BOOK = Uid(bytes.fromhex("e00401501f453d8f"))
OTHER = Uid(bytes.fromhex("e0040150a05f02b7"))
OLD = Uid(bytes.fromhex("0000000001234567"))


def _crc(data: bytes) -> bytes:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return (crc ^ 0xFFFF).to_bytes(2, "big")


def reply(command: int, error: int = 0, data: bytes = b"", start: int = 0xD6) -> bytes:
    """A reply frame."""
    frame = (len(data) + 4).to_bytes(2, "big") + bytes((command, error)) + data
    return bytes((start,)) + frame + _crc(frame)


@dataclass
class Book:
    """One tag. `afi_fails`: how many writes of its AFI do not take; `tells`: mask of what it knows of itself."""

    uid: bytes = BOOK.value
    blocks: int = 28
    afi: int = 0x07
    dsfid: int = 0x3E
    memory: bytearray = field(default_factory=bytearray)
    locked: set[int] = field(default_factory=set)
    afi_fails: int = 0
    writes_fail: int = 0
    tells: int = 0x0F

    def __post_init__(self) -> None:
        self.memory += bytes(i & 0xFF for i in range(self.blocks * 4 - len(self.memory)))


class FarReader:
    """A reader of the specification."""

    def __init__(self, wire: MemoryTransport, *books: Book) -> None:
        self.books = list(books)
        self.requests: list[bytes] = []
        """Start byte, command and body of each request."""
        self.before: Callable[[bytes], bytes | None] = lambda _request: None
        """Answers in the reader's stead; an empty answer is silence."""
        self.after: Callable[[bytes, bytes], bytes] = lambda _request, answer: answer
        self.hardware = bytes((0x0A, 5, 0, 2))
        self._send = wire.far.send
        wire.far.received = self._received

    def commands(self) -> list[str]:
        return [r[1:2].hex() if r[0] == 0xD6 else r[:2].hex() for r in self.requests]

    def _received(self, data: bytes) -> None:
        assert int.from_bytes(data[1:3], "big") == len(data) - 3
        assert _crc(data[1:-2]) == data[-2:]
        request = data[:1] + data[3:-2]
        self.requests.append(request)
        instead = self.before(request)
        if instead is None:
            instead = self.after(request, self._answer(request))
        if instead:
            self._send(instead)

    def _answer(self, request: bytes) -> bytes:
        start, command, body = request[0], request[1], request[2:]
        if start == 0xD5:
            return reply(4, 0, b"\x11" + self.hardware, 0xD5)
        if command == 0x11:
            return reply(0x11, 0, b"\x0a\x03\x02\x06")
        if command == 0x13:
            return reply(0x13, 0, bytes.fromhex("0201010302020300"))
        if command == 0xFE:
            return self._inventory(*body)
        uid, rest = body[:8], body[8:]
        for book in self.books:
            if book.uid == uid:
                error, data = self._addressed(book, command, rest)
                return reply(command, error, data if error else uid + data)
        return reply(command, 6)

    def _inventory(self, afi: int, options: int) -> bytes:
        found = [b for b in self.books if afi in {0, b.afi}]
        data = bytes((afi, options, len(found)))
        for book in found:
            data += (bytes((book.dsfid,)) if options & 2 else b"") + book.uid
        return reply(0xFE, 0, data)

    def _addressed(self, book: Book, command: int, rest: bytes) -> tuple[int, bytes]:
        match command:
            case 0x02:
                first, count = rest
                data = bytes((count,))
                for at in range(first, first + count):
                    if at >= book.blocks:
                        return 0x11, b""
                    data += bytes((at, at in book.locked)) + book.memory[at * 4 : at * 4 + 4]
                return 0, data
            case 0x04:
                first, count = rest[:2]
                if book.writes_fail:
                    book.writes_fail -= 1
                    return 0x16, book.uid + bytes((first,))
                for i in range(count):
                    if first + i in book.locked:
                        return 0x12, book.uid + bytes((first + i,))
                    at = (first + i) * 4
                    book.memory[at : at + 4] = rest[3 + i * 4 : 7 + i * 4]
                return 0, bytes((first + count,))
            case 0x08:
                book.locked.add(rest[0])
                return 0, b""
            case 0x09:
                if book.afi_fails:
                    book.afi_fails -= 1
                    return 0x06, b""
                book.afi = rest[0]
                return 0, b""
            case 0x0A:
                return 0, bytes((book.afi,))
            case 0x0D:
                told = rest[0] & book.tells
                data = bytes((told,))
                parts = (book.dsfid,), (book.afi,), (3, book.blocks - 1), (0, 1)
                for bit, part in enumerate(parts):
                    data += bytes(part) if told >> bit & 1 else b""
                return 0, data
            case _:
                return 2, b""


Scene = Callable[[BibliothecaReader, FarReader, MemoryTransport], Coroutine[Any, Any, None]]


def play(scene: Scene, *books: Book, opened: bool = True, **settings: Any) -> None:
    """Run a scene in virtual time; a task that is left running fails it."""

    async def all_of_it() -> None:
        wire = MemoryTransport("pad")
        far = FarReader(wire, *books)
        reader = BibliothecaReader(wire, **settings)
        if opened:
            await reader.open()
            far.requests.clear()
        async with asyncio.timeout(600):
            await scene(reader, far, wire)
        await reader.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(all_of_it())


async def _refused(code: Code, action: Coroutine[Any, Any, object], match: str = ".") -> None:
    with pytest.raises(DeviceRefused, match=match) as caught:
        await action
    assert caught.value.code is code


def _always(command: int, answer: bytes) -> Callable[[bytes], bytes | None]:
    return lambda request: answer if request[:2] == bytes((0xD6, command)) else None


class TestOpening:
    def test_it_wakes_up_asks_and_sets_up(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            info = await reader.open()
            assert (info.model, info.firmware) == ("3M-810", "3.2.6")
            assert info.capabilities == {Capability.AFI_FILTER, Capability.LOCK}
            assert [r.hex() for r in far.requests] == [
                "d5040011",
                "d611",
                "d613040100020003000400",
            ]
            await reader.open()
            assert far.commands() == ["d504", "11", "13"] * 2

        play(scene, opened=False)

    def test_a_210_is_set_up_as_one(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            far.hardware = bytes((0x0A, 5, 2, 27))
            assert (await reader.open()).model == "3M-210"
            assert far.requests[-1].hex() == "d6130601000200030004000b000a00"

        play(scene, opened=False)

    @pytest.mark.parametrize("answer", [b"", reply(0x13, 2), b"\xd6\x00", reply(0x13, 0, b"?")])
    def test_what_no_document_tells_may_fail(self, answer: bytes) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            far.before = _always(0x13, answer)
            assert (await reader.open()).firmware == "3.2.6"
            assert len(await reader.inventory()) == 1

        play(scene, Book(), opened=False)

    @pytest.mark.parametrize("answer", [b"", reply(4, 2, b"", 0xD5), reply(4, 0, b"?", 0xD5)])
    def test_a_reader_that_is_not_known_is_not_set_up(self, answer: bytes) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            far.before = lambda r: answer if r[0] == 0xD5 else None
            assert (await reader.open()).model == "3M-210/810"
            assert far.commands() == ["d504", "11"]

        play(scene, opened=False)

    def test_set_up_is_left_out_when_not_wanted(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            await reader.open()
            assert far.commands() == ["d504", "11"]

        play(scene, opened=False, set_up=False)

    def test_a_silent_reader_times_out_and_lets_go_of_the_wire(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, wire: MemoryTransport) -> None:
            far.before = lambda _request: b""
            with pytest.raises(DeviceTimeout) as caught:
                await reader.open()
            assert caught.value.code is Code.WIRE_SILENT
            assert asyncio.get_running_loop().time() == pytest.approx(3 * PROBE_S, abs=0.1)
            with pytest.raises(DeviceUnavailable):
                await wire.write(b"x")

        play(scene, opened=False)

    def test_a_version_of_another_shape_is_broken(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            far.before = _always(0x11, reply(0x11, 0, b"\x05\x00\x02"))
            with pytest.raises(RemoteProtocolError):
                await reader.open()

        play(scene, opened=False)

    def test_a_station_file_makes_one(self) -> None:
        async def scene(_r: BibliothecaReader, far: FarReader, wire: MemoryTransport) -> None:
            device = Device(driver="bibliotheca", url="/dev/pad")
            reader = BibliothecaReader.from_config(device, wire, SystemClock(), SeededRng(1))
            await reader.open()
            assert reader.counts.requests == 3
            assert len(far.requests) == 3
            await reader.close()

        play(scene, opened=False)


class TestInventory:
    @pytest.mark.parametrize("tags", [0, 1, 60])
    def test_every_tag_is_told_once_at_every_poll(self, tags: int) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            for _ in range(2):
                found = await reader.inventory()
                assert [tag.uid.value for tag in found] == [book.uid for book in far.books]
            assert [r.hex() for r in far.requests] == ["d6fe0005"] * 2

        play(scene, *(Book(uid=b"\xe0\x04\x01" + n.to_bytes(5, "big")) for n in range(tags)))

    def test_a_tag_that_is_listed_twice_is_one_tag(self) -> None:
        async def scene(reader: BibliothecaReader, _far: FarReader, _w: MemoryTransport) -> None:
            assert [tag.uid for tag in await reader.inventory()] == [BOOK, OTHER]

        play(scene, Book(), Book(uid=OTHER.value), Book())

    def test_tags_are_asked_for_by_their_afi(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            assert [tag.uid for tag in await reader.inventory(0xC2)] == [OTHER]
            assert await reader.inventory(0xD7) == ()
            assert [r.hex() for r in far.requests] == ["d6fec205", "d6fed705"]

        play(scene, Book(), Book(uid=OTHER.value, afi=0xC2))

    def test_a_dsfid_is_told_when_it_is_asked_for(self) -> None:
        async def scene(reader: BibliothecaReader, _far: FarReader, _w: MemoryTransport) -> None:
            (tag,) = await reader.inventory()
            assert (tag.uid, tag.dsfid) == (BOOK, 0x3E)

        play(scene, Book(), ask_dsfid=True)

    def test_an_empty_pad_may_be_told_as_no_transponder(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            far.before = _always(0xFE, reply(0xFE, 6))
            assert await reader.inventory() == ()

        play(scene)

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (0xFE, Code.READER_OVERFLOW),
            (0x0F, Code.READER_STATUS),
            (0xFD, Code.READER_STATUS),
            (0x02, Code.READER_UNSUPPORTED),
        ],
    )
    def test_a_reader_that_cannot_is_no_empty_pad(self, error: int, code: Code) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            far.before = _always(0xFE, reply(0xFE, error))
            await _refused(code, reader.inventory(), f"error {error:02x}")

        play(scene, Book())

    def test_an_answer_to_another_question_is_broken(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            far.before = _always(0xFE, reply(0xFE, 0, b"\xc2\x05\x00"))
            with pytest.raises(RemoteProtocolError):
                await reader.inventory()

        play(scene, Book())


class TestReading:
    def test_what_a_tag_tells_of_itself(self) -> None:
        async def scene(reader: BibliothecaReader, _far: FarReader, _w: MemoryTransport) -> None:
            info = await reader.info(BOOK)
            assert (info.uid, info.dsfid, info.afi) == (BOOK, 0x3E, 0x07)
            assert (info.block_size, info.blocks, info.ic_ref) == (4, 28, 1)
            await _refused(Code.TAG_LOST, reader.info(OTHER))

        play(scene, Book())

    def test_a_tag_that_knows_only_its_afi_is_as_small_as_any(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            info = await reader.info(BOOK)
            assert (info.dsfid, info.afi, info.block_size, info.blocks) == (0, 0x07, 4, 8)
            far.before = _always(0x0D, reply(0x0D, 0x30))
            info = await reader.info(BOOK)
            assert (info.dsfid, info.afi, info.block_size, info.blocks) == (0, 0x07, 4, 8)
            assert far.commands() == ["0d", "0f", "0d", "0a", "0f"]

        play(scene, Book(tells=0x02))

    def test_blocks_come_in_tag_order_with_their_locks_and_32_to_a_request(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            memory = await reader.read(BOOK, 0, 80)
            assert memory.data == bytes(far.books[0].memory)
            assert (memory.first, memory.block_size, set(memory.locked)) == (0, 4, {3, 40})
            assert [r[-2:].hex() for r in far.requests] == ["0020", "2020", "4010"]
            assert (await reader.read(BOOK, 78, 2)).data == bytes(far.books[0].memory[312:])

        play(scene, Book(blocks=80, locked={3, 40}))

    def test_a_tag_it_tag_is_read_and_never_armed(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            assert [tag.uid for tag in await reader.inventory()] == [OLD]
            info = await reader.info(OLD)
            assert (info.afi, info.block_size, info.blocks) == (0, 4, 8)
            assert (await reader.read(OLD, 0, info.blocks)).data == bytes(far.books[0].memory)
            far.requests.clear()
            await _refused(Code.TAG_NOT_WRITTEN, reader.set_security(OLD, 0xC2), "no AFI")
            assert far.requests == []

        play(scene, Book(uid=OLD.value, blocks=8))

    def test_a_block_that_is_absent_is_no_lost_tag(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            await _refused(Code.READER_STATUS, reader.read(BOOK, 0, 9), "error 11")
            far.after = lambda r, a: reply(2, 6) if a == reply(2, 0x11) else a
            await _refused(Code.READER_STATUS, reader.read(BOOK, 0, 9), "error 11")
            await _refused(Code.TAG_LOST, reader.read(OTHER, 0, 9))
            held = BOOK.value + b"\x01\x00\x00abcd"
            far.before = _always(0x02, reply(2, 0, held))
            await _refused(Code.READER_STATUS, reader.read(BOOK, 0, 9), "block 1, error 11")
            far.before = _always(0x02, reply(2, 0, BOOK.value + b"\x01\x00\x15" + bytes(4)))
            await _refused(Code.READER_STATUS, reader.read(BOOK, 0, 1), "block 0, error 15")

        play(scene, Book(blocks=8))

    @pytest.mark.parametrize(("first", "count"), [(0, 0), (-1, 2), (250, 7)])
    def test_blocks_that_cannot_be_are_our_bug(self, first: int, count: int) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            with pytest.raises(LocalProtocolError):
                await reader.read(BOOK, first, count)
            assert far.requests == []

        play(scene, Book())


class TestSecurity:
    def test_it_is_written_once_read_back_and_only_when_wrong(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            await reader.set_security(BOOK, 0xC2)
            assert far.books[0].afi == 0xC2
            assert far.commands() == ["0a", "09", "0a"]
            await reader.set_security(BOOK, 0xC2)
            assert far.commands() == ["0a", "09", "0a", "0a"]

        play(scene, Book())

    def test_an_810_that_fails_is_asked_again_after_each_look(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            await reader.set_security(BOOK, 0xC2)
            assert far.books[0].afi == 0xC2
            assert far.commands() == ["0a"] + ["09", "0a"] * 5

        play(scene, Book(afi_fails=4))

    def test_a_tag_that_refuses_in_silence_is_given_up(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            await _refused(Code.TAG_NOT_WRITTEN, reader.set_security(BOOK, 0xC2), "AFI is 07")
            assert far.commands().count("09") == AFI_TRIES

        play(scene, Book(afi_fails=10_000))

    def test_a_locked_afi_is_tried_once(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            far.before = _always(0x09, reply(0x09, 0x12))
            await _refused(Code.TAG_LOCKED, reader.set_security(BOOK, 0xC2))
            assert far.commands() == ["0a", "09", "0a"]

        play(scene, Book())

    def test_what_a_lost_answer_hides_is_read_back_and_not_sent_again(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            far.after = lambda r, a: b"" if r[1] == 0x09 else a
            await reader.set_security(BOOK, 0xC2)
            assert far.books[0].afi == 0xC2
            assert far.commands() == ["0a", "09", "11", "0a"]

        play(scene, Book())

    def test_a_reader_that_is_silent_to_writes_is_given_up_in_bounded_time(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            far.before = _always(0x09, b"")
            await _refused(Code.TAG_NOT_WRITTEN, reader.set_security(BOOK, 0xC2))
            assert asyncio.get_running_loop().time() < 5

        play(scene, Book())

    def test_a_tag_that_leaves_is_lost(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            def leave(request: bytes, answer: bytes) -> bytes:
                if request[1] == 0x09:
                    far.books.clear()
                return answer

            far.after = leave
            await _refused(Code.TAG_LOST, reader.set_security(BOOK, 0xC2))
            await _refused(Code.TAG_LOST, reader.set_security(BOOK, 0xC2))

        play(scene, Book())

    def test_a_tag_that_misses_one_question_is_asked_again(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            far.before = lambda r: reply(0x0A, 6) if far.commands() == ["0a", "09", "0a"] else None
            await reader.set_security(BOOK, 0xC2)
            assert far.commands() == ["0a", "09", "0a", "0a"]

        play(scene, Book())


class TestWriting:
    def test_blocks_are_written_in_tag_order_and_read_back(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            await reader.write(BOOK, 2, bytes(range(200, 208)))
            assert far.books[0].memory[8:16] == bytes(range(200, 208))
            assert far.requests[0][10:].hex() == "020200" + bytes(range(200, 208)).hex()
            assert far.commands() == ["04", "02"]
            await reader.write(BOOK, 0, bytes(80 * 4))
            assert not any(far.books[0].memory)

        play(scene, Book(blocks=80))

    @pytest.mark.parametrize("more", [b"", b"\x03"])
    def test_an_answer_with_or_without_the_block_is_good(self, more: bytes) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            far.after = lambda r, a: reply(4, 0, BOOK.value + more) if r[1] == 4 else a
            await reader.write(BOOK, 2, b"abcd")
            assert far.commands() == ["04", "02"]

        play(scene, Book())

    def test_a_write_that_fails_is_tried_again_a_few_times(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            await reader.write(BOOK, 2, b"abcd")
            assert far.commands() == ["04", "02"] * 3
            far.books[0].writes_fail = 100
            far.requests.clear()
            await _refused(Code.TAG_NOT_WRITTEN, reader.write(BOOK, 5, b"efgh"), "block 5")
            assert far.commands() == ["04", "02"] * WRITE_TRIES

        play(scene, Book(writes_fail=2))

    def test_a_locked_block_is_named_even_by_a_reader_that_does_not_say_so(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            await _refused(Code.TAG_LOCKED, reader.write(BOOK, 3, b"abcd"), "block 3")
            far.before = _always(0x04, reply(4, 0x16, BOOK.value))
            await _refused(Code.TAG_LOCKED, reader.write(BOOK, 3, b"abcd"), "block 3")
            assert far.commands() == ["04", "02"] * 2

        play(scene, Book(locked={3}))

    @pytest.mark.parametrize("data", [b"", b"abc"])
    def test_half_blocks_are_our_bug(self, data: bytes) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            with pytest.raises(LocalProtocolError):
                await reader.write(BOOK, 0, data)
            assert far.requests == []

        play(scene, Book())


class TestService:
    def test_blocks_are_locked_for_ever(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            await reader.lock(BOOK, 4, 3)
            assert far.books[0].locked == {4, 5, 6}
            assert far.commands() == ["02", "08", "08", "02"]
            far.before = _always(0x08, reply(8, 0x16))
            await _refused(Code.TAG_NOT_WRITTEN, reader.lock(BOOK, 7, 1), "block 7")

        play(scene, Book(locked={5}))

    def test_there_are_no_lamps_and_no_switch_for_the_field(self) -> None:
        async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
            await _refused(Code.READER_UNSUPPORTED, reader.signal("ok"))
            await _refused(Code.READER_UNSUPPORTED, reader.rf(False))
            assert far.requests == []

        play(scene, Book())


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=40)), min_size=1, max_size=12))
@settings(max_examples=100, deadline=None)
def test_whatever_a_reader_answers_only_errors_of_the_tree_come_out(
    answers: list[tuple[bool, bytes]],
) -> None:
    async def scene(reader: BibliothecaReader, far: FarReader, _w: MemoryTransport) -> None:
        left = list(answers)

        def strange(request: bytes) -> bytes | None:
            if request[1] == 0x11 or not left:
                return None
            about_it, body = left.pop()
            return reply(request[1], 0, (BOOK.value if about_it else b"") + body)

        far.before = strange
        for ask in (
            reader.inventory(),
            reader.info(BOOK),
            reader.read(BOOK, 0, 9),
            reader.set_security(BOOK, 0xC2),
            reader.write(BOOK, 2, b"abcd"),
            reader.lock(BOOK, 5, 1),
        ):
            with contextlib.suppress(DeviceError):
                await ask
        left.clear()
        assert [tag.uid for tag in await reader.inventory()] == [BOOK]

    play(scene, Book())
