"""The FEIG driver against a far end written from the manual, in virtual time on a memory wire."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from config.device import Device
from drivers.errors import (
    Code,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.feig.driver import FeigReader
from drivers.ports import Capability, Uid
from drivers.runtime.clock import SeededRng, SystemClock
from drivers.transport.memory import MemoryTransport
from hw_sim.simloop import SimLoop

BOOK = Uid(bytes.fromhex("e00401501f453d8f"))
OTHER = Uid(bytes.fromhex("e0040150a05f02b7"))


def _crc(data: bytes) -> bytes:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "little")


def reply(command: int, status: int = 0, data: bytes = b"") -> bytes:
    """A reply from address 0: standard, or advanced above 255 bytes."""
    size = 6 + len(data)
    head = bytes((size, 0)) if size < 256 else b"\x02" + (size + 2).to_bytes(2, "big") + b"\x00"
    frame = head + bytes((command, status)) + data
    return frame + _crc(frame)


@dataclass
class Book:
    """One tag. `mute_afi`: it has a password and refuses in silence."""

    uid: bytes = BOOK.value
    blocks: int = 28
    afi: int = 0x07
    dsfid: int = 0x3E
    memory: bytearray = field(default_factory=bytearray)
    locked: set[int] = field(default_factory=set)
    afi_locked: bool = False
    mute_afi: bool = False
    told: bool = False

    def __post_init__(self) -> None:
        self.memory += bytes(i & 0xFF for i in range(self.blocks * 4 - len(self.memory)))


class FarReader:
    """A reader of the manual: silent on a bad frame, tells each tag once until the field resets."""

    def __init__(self, wire: MemoryTransport, *books: Book) -> None:
        self.books = list(books)
        self.requests: list[bytes] = []
        self.before: Callable[[bytes], bytes | list[bytes] | None] = lambda _request: None
        """Given a request (command and body), answers in the reader's stead; an empty answer is silence."""
        self.after: Callable[[bytes, bytes], bytes] = lambda _request, answer: answer
        self.advanced_only = False
        self._send = wire.far.send
        wire.far.received = self._received

    def commands(self) -> list[str]:
        """What was asked: the command, and after B0 the ISO command."""
        return [r[:2].hex() if r[0] == 0xB0 else r[:1].hex() for r in self.requests]

    def _received(self, data: bytes) -> None:
        advanced = data[0] == 2
        size = data[1] << 8 | data[2] if advanced else data[0]
        if size != len(data) or _crc(data[:-2]) != data[-2:] or (self.advanced_only > advanced):
            return
        request = data[4 if advanced else 2 : -2]
        self.requests.append(request)
        instead = self.before(request)
        if instead is None:
            instead = self.after(request, self._answer(request))
        for piece in [instead] if isinstance(instead, bytes) else instead:
            if piece:
                self._send(piece)

    def _answer(self, request: bytes) -> bytes:
        command, body = request[0], request[1:]
        match command:
            case 0x66:
                return reply(0x66, 0, bytes.fromhex("0203 00 01 4c 0008 0118 0118"))
            case 0x69:
                for book in self.books:
                    book.told = False
                return reply(0x69)
            case 0xB0 if body[0] == 0x01:
                return self._inventory()
            case 0xB0:
                uid, rest = body[2:10], body[10:]
                for book in self.books:
                    if book.uid == uid:
                        return reply(0xB0, *self._addressed(book, body[0], rest))
                return reply(0xB0, 1)
            case _:
                return reply(command)

    def _inventory(self) -> bytes:
        new = [b for b in self.books if not b.told]
        for book in new[:24]:
            book.told = True
        data = bytes((min(len(new), 24),))
        data += b"".join(bytes((3, b.dsfid)) + b.uid for b in new[:24])
        return reply(0xB0, 0x94 if len(new) > 24 else 0 if new else 1, data if new else b"")

    def _addressed(self, book: Book, iso: int, rest: bytes) -> tuple[int, bytes]:
        match iso:
            case 0x2B:
                head = bytes((book.dsfid,)) + book.uid
                return 0, head + bytes((book.afi, 3, book.blocks - 1, 1))
            case 0x23:
                first, count = rest
                if first + count > book.blocks:
                    return 0x95, b"\x10"
                data = bytes((count, 4))
                for at in range(first, first + count):
                    data += bytes((at in book.locked,)) + book.memory[at * 4 : at * 4 + 4][::-1]
                return 0, data
            case 0x24:
                first, count = rest[:2]
                for i in range(count):
                    if first + i in book.locked:
                        return 0x95, bytes((0x12, first + i))
                    at = (first + i) * 4
                    book.memory[at : at + 4] = rest[3 + i * 4 : 7 + i * 4][::-1]
                return 0, b""
            case 0x27:
                if book.afi_locked:
                    return 0x95, b"\x12"
                if book.mute_afi:
                    return 1, b""
                book.afi = rest[0]
                return 0, b""
            case 0x22:
                book.locked.update(range(rest[0], rest[0] + rest[1]))
                return 0, b""
            case _:
                return 0x80, b""


Scene = Callable[[FeigReader, FarReader, MemoryTransport], Coroutine[Any, Any, None]]


def play(scene: Scene, *books: Book, opened: bool = True, **settings: Any) -> None:
    """Run a scene in virtual time; a task that is left running fails it."""

    async def all_of_it() -> None:
        wire = MemoryTransport("pad")
        far = FarReader(wire, *books)
        reader = FeigReader(wire, **settings)
        if opened:
            await reader.open()
            far.requests.clear()
        async with asyncio.timeout(600):
            await scene(reader, far, wire)
        await reader.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(all_of_it())


def _once(
    answer: bytes | list[bytes], command: int = 0xB0
) -> Callable[[bytes], bytes | list[bytes] | None]:
    """Answer the first request of this command otherwise."""
    left = [answer]
    return lambda request: left.pop() if left and request[0] == command else None


class TestOpening:
    def test_it_probes_asks_and_switches_the_field_on(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            info = await reader.open()
            assert (info.model, info.firmware) == ("MR101", "2.3")
            assert info.capabilities == {Capability.LOCK, Capability.RF}
            assert far.requests == [b"\x52\x00", b"\x66\x00", b"\x6a\x01"]
            await reader.open()
            assert far.commands() == ["52", "66", "6a"] * 2

        play(scene, opened=False)

    def test_an_older_reader_tells_its_version_only(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            def older(request: bytes) -> bytes | None:
                if request[0] == 0x65:
                    return reply(0x65, 0, bytes.fromhex("0104 00 01 4e 0008"))
                return reply(0x66, 0x80) if request[0] == 0x66 else None

            far.before = older
            info = await reader.open()
            assert (info.model, info.firmware) == ("PR101", "1.4")
            assert Capability.SIGNAL in info.capabilities

        play(scene, opened=False)

    def test_a_reader_that_wants_advanced_frames_gets_them(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            far.advanced_only = True
            await reader.open()
            assert [str(tag.uid) for tag in await reader.inventory()] == [str(BOOK)]

        play(scene, Book(), opened=False)

    def test_a_silent_reader_times_out_and_lets_go_of_the_wire(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, wire: MemoryTransport) -> None:
            far.before = lambda _request: b""
            with pytest.raises(DeviceTimeout) as caught:
                await reader.open()
            assert caught.value.code is Code.WIRE_SILENT
            assert asyncio.get_running_loop().time() == pytest.approx(3.0, abs=0.1)
            with pytest.raises(DeviceUnavailable):
                await wire.write(b"x")

        play(scene, opened=False)

    def test_a_reader_in_scan_mode_says_so(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            far.before = _once(reply(0x6A, 0x82), 0x6A)
            with pytest.raises(DeviceRefused) as caught:
                await reader.open()
            assert caught.value.code is Code.READER_SCAN_MODE

        play(scene, opened=False)

    def test_an_information_that_is_too_short_is_broken(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            far.before = _once(reply(0x66, 0, b"\x01"), 0x66)
            with pytest.raises(RemoteProtocolError):
                await reader.open()

        play(scene, opened=False)

    @pytest.mark.parametrize(("url", "pause"), [("/dev/pad", 0.005), ("socket://pad:10001", 0.0)])
    def test_a_network_needs_no_silence_before_a_request(self, url: str, pause: float) -> None:
        async def scene(_reader: FeigReader, far: FarReader, wire: MemoryTransport) -> None:
            device = Device(driver="feig", url=url)
            reader = FeigReader.from_config(device, wire, SystemClock(), SeededRng(1))
            await reader.open()
            before = asyncio.get_running_loop().time()
            await reader.rf(True)
            assert asyncio.get_running_loop().time() - before == pytest.approx(pause, abs=1e-5)
            assert reader.counts.requests == 4
            await reader.close()

        play(scene, opened=False)


class TestInventory:
    @pytest.mark.parametrize(("tags", "asked"), [(0, 1), (1, 1), (24, 1), (25, 2), (60, 3)])
    def test_every_tag_is_told_once(self, tags: int, asked: int) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            for _ in range(2):
                far.requests.clear()
                found = await reader.inventory()
                assert [tag.uid.value for tag in found] == [book.uid for book in far.books]
                assert far.commands() == ["69"] + ["b001"] * asked
                assert all(r[2] == 0x80 for r in far.requests[2:])

        play(scene, *(Book(uid=b"\xe0\x04\x01" + n.to_bytes(5, "big")) for n in range(tags)))

    def test_a_reader_that_resets_its_field_needs_no_reset(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            await reader.inventory()
            assert far.commands() == ["b001"]

        play(scene, Book(), reset_before_inventory=False)

    def test_a_lost_answer_begins_the_inventory_again(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            left = ["drop the second answer"]

            def lose(request: bytes, answer: bytes) -> bytes:
                if request == b"\xb0\x01\x80" and left:
                    left.pop()
                    return b""
                return answer

            far.after = lose
            assert len(await reader.inventory()) == 30
            assert far.commands() == ["69", "b001", "b001", "52", "69", "b001", "b001"]

        play(scene, *(Book(uid=b"\xe0\x04\x01" + n.to_bytes(5, "big")) for n in range(30)))

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (0x82, Code.READER_SCAN_MODE),
            (0x93, Code.READER_OVERFLOW),
            (0x83, Code.READER_STATUS),
            (0x84, Code.READER_STATUS),
            (0xF1, Code.READER_STATUS),
            (0x04, Code.READER_ADDRESS),
        ],
    )
    def test_a_reader_that_cannot_is_no_empty_pad(self, status: int, code: Code) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            far.before = _once(reply(0xB0, status))
            with pytest.raises(DeviceRefused) as caught:
                await reader.inventory()
            assert caught.value.code is code

        play(scene, Book())

    def test_a_disturbed_field_still_tells_what_it_found(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            record = b"\x03\x3e" + BOOK.value
            far.before = _once(reply(0xB0, 0x83, b"\x02" + record * 2))
            assert [tag.uid for tag in await reader.inventory()] == [BOOK]

        play(scene, Book())

    def test_a_reader_that_always_has_more_is_broken(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            record = b"\x03\x3e" + BOOK.value
            far.after = lambda r, a: reply(0xB0, 0x94, b"\x01" + record) if r[0] == 0xB0 else a
            with pytest.raises(RemoteProtocolError):
                await reader.inventory()

        play(scene, Book())


class TestReading:
    def test_system_information(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            info = await reader.info(BOOK)
            assert (info.uid, info.dsfid, info.afi) == (BOOK, 0x3E, 0x07)
            assert (info.block_size, info.blocks, info.ic_ref) == (4, 28, 1)
            with pytest.raises(DeviceRefused) as caught:
                await reader.info(OTHER)
            assert caught.value.code is Code.TAG_LOST

        play(scene, Book())

    def test_blocks_come_in_tag_order_and_32_to_a_request(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            memory = await reader.read(BOOK, 0, 80)
            assert memory.data == bytes(far.books[0].memory)
            assert (memory.first, memory.block_size) == (0, 4)
            head = b"\xb0\x23\x01" + BOOK.value
            assert far.requests == [head + b for b in (b"\x00\x20", b"\x20\x20", b"\x40\x10")]

        play(scene, Book(blocks=80))

    def test_locks_are_read_where_asked_for(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            memory = await reader.read(BOOK, 2, 3)
            assert memory.locked == {3}
            assert far.requests == [b"\xb0\x23\x09" + BOOK.value + b"\x02\x03"]

        play(scene, Book(locked={1, 3}), read_locks=True)

    def test_a_block_that_is_absent(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            with pytest.raises(DeviceRefused, match="tag error 10") as caught:
                await reader.read(BOOK, 27, 2)
            assert caught.value.code is Code.READER_STATUS

        play(scene, Book())

    @pytest.mark.parametrize(("first", "count"), [(-1, 1), (0, 0), (250, 7)])
    def test_blocks_that_no_tag_has_are_our_bug(self, first: int, count: int) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            with pytest.raises(LocalProtocolError):
                await reader.read(BOOK, first, count)
            assert not far.requests

        play(scene, Book())

    def test_another_count_than_asked_for_is_broken(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            far.before = _once(reply(0xB0, 0, b"\x01\x04\x00abcd"))
            with pytest.raises(RemoteProtocolError) as caught:
                await reader.read(BOOK, 0, 2)
            assert caught.value.code is Code.WIRE_UNEXPECTED

        play(scene, Book())


def _refused(code: Code, action: Callable[[FeigReader], Coroutine[Any, Any, None]]) -> Scene:
    async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
        with pytest.raises(DeviceRefused) as caught:
            await action(reader)
        assert caught.value.code is code
        assert far.commands().count("b027") <= 1
        assert far.commands().count("b024") <= 1

    return scene


class TestSecurity:
    def test_it_is_written_and_read_back(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            await reader.set_security(BOOK, 0xC2)
            assert far.books[0].afi == 0xC2
            assert far.commands() == ["b027", "b02b"]
            await reader.set_security(BOOK, 0xC2)
            assert far.commands() == ["b027", "b02b"] * 2

        play(scene, Book())

    def test_the_field_is_reset_before_the_check_where_asked_for(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            await reader.set_security(BOOK, 0xC2)
            assert far.commands() == ["b027", "69", "b02b"]

        play(scene, Book(), reset_before_check=True)

    def test_a_locked_afi(self) -> None:
        scene = _refused(Code.TAG_LOCKED, lambda r: r.set_security(BOOK, 0xC2))
        play(scene, Book(afi_locked=True))

    def test_a_tag_with_a_password_refuses_in_silence(self) -> None:
        scene = _refused(Code.TAG_NOT_WRITTEN, lambda r: r.set_security(BOOK, 0xC2))
        play(scene, Book(mute_afi=True))

    def test_a_tag_that_is_not_there(self) -> None:
        play(_refused(Code.TAG_LOST, lambda r: r.set_security(BOOK, 0xC2)))

    def test_a_tag_that_leaves_before_the_write(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, wire: MemoryTransport) -> None:
            def leave(request: bytes, answer: bytes) -> bytes:
                far.books.clear()
                return answer

            far.after = leave
            await _refused(Code.TAG_LOST, lambda r: r.set_security(BOOK, 0xC2))(reader, far, wire)

        play(scene, Book())

    @pytest.mark.parametrize("lost", ["request", "answer"])
    def test_what_a_lost_answer_hides_is_read_back_and_never_sent_again(self, lost: str) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            if lost == "answer":
                far.after = lambda r, a: b"" if r[:2] == b"\xb0\x27" else a
                await reader.set_security(BOOK, 0xC2)
                assert far.books[0].afi == 0xC2
            else:
                far.before = lambda r: b"" if r[:2] == b"\xb0\x27" else None
                with pytest.raises(DeviceRefused) as caught:
                    await reader.set_security(BOOK, 0xC2)
                assert caught.value.code is Code.TAG_NOT_WRITTEN
            assert far.commands() == ["b027", "52", "b02b"]

        play(scene, Book())


class TestWriting:
    def test_blocks_are_written_and_read_back(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            data = bytes(range(200, 212))
            await reader.write(BOOK, 2, data)
            assert far.books[0].memory[8:20] == data
            head = b"\xb0\x24\x01" + BOOK.value + b"\x02\x03\x04"
            assert far.requests[1] == head + bytes(
                (203, 202, 201, 200, 207, 206, 205, 204, 211, 210, 209, 208)
            )
            await reader.write(BOOK, 0, bytes(80 * 4))
            assert not any(far.books[0].memory)

        play(scene, Book(blocks=80))

    def test_a_locked_block_is_named(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            with pytest.raises(DeviceRefused, match="block 3") as caught:
                await reader.write(BOOK, 2, bytes(12))
            assert caught.value.code is Code.TAG_LOCKED

        play(scene, Book(locked={3}))

    def test_a_write_error_is_read_back(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            far.before = lambda r: reply(0xB0, 3, b"\x02") if r[1] == 0x24 else None
            with pytest.raises(DeviceRefused, match="block 2") as caught:
                await reader.write(BOOK, 2, b"abcd")
            assert caught.value.code is Code.TAG_NOT_WRITTEN

        play(scene, Book())

    def test_a_lost_answer_is_read_back(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            far.after = lambda r, a: b"" if r[:2] == b"\xb0\x24" else a
            await reader.write(BOOK, 2, b"abcd")
            assert far.commands() == ["b02b", "b024", "52", "b023"]

        play(scene, Book())

    @pytest.mark.parametrize("data", [b"", b"abc"])
    def test_half_blocks_are_our_bug(self, data: bytes) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            with pytest.raises(LocalProtocolError):
                await reader.write(BOOK, 0, data)
            assert "b024" not in far.commands()

        play(scene, Book())


class TestService:
    def test_blocks_are_locked_for_ever(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            await reader.lock(BOOK, 4, 2)
            assert far.books[0].locked == {4, 5}
            far.before = lambda r: reply(0xB0, 3, b"\x06") if r[1] == 0x22 else None
            with pytest.raises(DeviceRefused) as caught:
                await reader.lock(BOOK, 6, 1)
            assert caught.value.code is Code.TAG_NOT_WRITTEN

        play(scene, Book())

    def test_lamps_and_field(self) -> None:
        async def scene(reader: FeigReader, far: FarReader, _wire: MemoryTransport) -> None:
            await reader.signal("ok")
            await reader.rf(False)
            await reader.rf(True)
            assert [r.hex() for r in far.requests] == ["710019000000020000", "6a00", "6a02"]
            far.before = _once(reply(0x71, 0x80), 0x71)
            with pytest.raises(DeviceRefused) as caught:
                await reader.signal("refused")
            assert caught.value.code is Code.READER_UNSUPPORTED
            with pytest.raises(LocalProtocolError):
                await reader.signal("fireworks")

        play(scene, antenna=2)
