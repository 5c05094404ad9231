"""The simulated 3M reader's commands, faults and times."""

import asyncio
from collections.abc import Callable

import pytest

from hw_sim.devices.bibliotheca_antenna import ERRORS, TAG_COMMANDS
from hw_sim.simloop import run
from hw_sim.world import NOT_SUPPORTED, TagRefuses
from tests.unit.hw_sim.bibliotheca.bench import UID, Host, frame, world_of

# --- inventories


def test_options_of_an_inventory() -> None:
    async def main() -> None:
        host = Host(world_of(2))
        one, two = host.tag("0"), host.tag("1")
        two.dsfid = 0x06
        assert host.tags() == host.tags(options=0x01) == [one.uid, two.uid]
        assert host.ask(0xFE, b"\0\x03") == (
            0,
            b"\0\x03\x02\x3e" + one.uid + b"\x06" + two.uid,
        )
        assert host.ask(0xFE, b"\0\x02") == (0, b"\0\x02\x02\x3e\x06")
        assert host.ask(0xFE, b"\0\x00") == (0, b"\0\x00\x02")
        assert host.ask(0xFE, b"\0\x41\x02") == (0, b"\0\x41\x02" + one.uid + two.uid)
        assert host.ask(0xFE, b"\0\x41\x01") == (0, b"\0\x41\x00")
        assert [
            host.ask(0xFE, d) for d in (b"", b"\0", b"\0\x41", b"\0\x41\x03", b"\0\x01\x02")
        ] == [(0x32, b"")] * 5

    run(main())


def test_an_inventory_asks_for_an_afi_or_a_family() -> None:
    async def main() -> None:
        host = Host(world_of(3))
        for item, afi in (("0", 0x07), ("1", 0xC2), ("2", 0xC7)):
            host.tag(item).afi = afi
        uids = [host.tag(item).uid for item in "012"]
        assert host.tags(afi=0x07) == uids[:1]
        assert host.tags(afi=0xC2) == uids[1:2]
        assert host.tags(afi=0xC0) == uids[1:]
        assert host.tags(afi=0xD7) == []
        host.at(0x09, 0xC2)
        assert host.tags(afi=0x07) == []

    run(main())


def test_sixty_tags_come_in_one_frame_and_every_poll_shows_them() -> None:
    async def main() -> None:
        host = Host(world_of(60))
        assert [len(set(host.tags())) for _ in range(3)] == [60, 60, 60]
        assert host.at(0x01) == (0, b"")
        assert UID not in host.tags()
        host.world.lift(["0"])
        host.world.lay(["0"])
        assert UID in host.tags()

    run(main())


# --- blocks


def test_a_read_shows_number_lock_and_data_as_its_options_say() -> None:
    async def main() -> None:
        host = Host(world_of())
        host.tag().locked.add(1)
        assert host.at(0x02, 0, 2) == (0, bytes.fromhex("02 0000 00010203 0101 04050607"))
        assert host.at(0x02, 0, 2, 4) == (0, bytes.fromhex("0002 00 00010203 01 04050607"))
        assert host.at(0x02, 0, 2, 8) == (0, bytes.fromhex("02 00 00010203 01 04050607"))
        assert host.at(0x02, 1, 1, 12) == (0, bytes.fromhex("0101 04050607"))
        assert host.at(0x02, 27, 2) == (0, bytes.fromhex("02 1b00 6c6d6e6f 1c11 00000000"))
        assert host.at(0x02, 27, 2, 8) == (0x11, b"")
        assert host.at(0x02, 28, 1) == (0x11, b"")
        assert host.at(0x02, 0, 0) == host.at(0x02, 250, 7) == (0x32, b"")

    run(main())


def test_the_biggest_tag_is_read_and_written_whole() -> None:
    async def main() -> None:
        host = Host(world_of(blocks=256))
        answer = host.at(0x02, 1, 255)
        assert answer is not None
        assert len(answer[1]) == 1 + 255 * 6
        assert host.at(0x04, 1, 255, 0, *bytes(255 * 4)) == (0, b"\xff")
        assert not any(host.tag().memory[4:])
        assert host.at(0x02, 2, 255) == (0x32, b"")

    run(main())


def test_writes_and_locks_of_blocks() -> None:
    async def main() -> None:
        host = Host(world_of())
        assert host.at(0x05, 5, 1, 2, 3, 4) == (0, b"")
        assert host.at(0x07, 6, 5, 6, 7, 8) == (0, b"")
        assert bytes(host.tag().memory[20:28]) == bytes(range(1, 9))
        assert host.at(0x08, 7) == (0, b"")
        assert host.at(0x08, 7) == (0x12, b"")
        assert host.tag().locked == {6, 7}
        assert host.at(0x05, 6, 0, 0, 0, 0) == host.at(0x07, 7, 0, 0, 0, 0) == (0x12, b"")
        assert host.at(0x04, 5, 2, 0, *bytes(8)) == (0x12, b"\x06")
        assert bytes(host.tag().memory[20:28]) == bytes((0, 0, 0, 0, 5, 6, 7, 8))
        assert host.at(0x05, 28, 0, 0, 0, 0) == (0x11, b"")
        assert host.at(0x04, 27, 2, 0, *bytes(8)) == (0x11, b"\x1c")

    run(main())


# --- AFI, DSFID, EAS, info


def test_afi_and_dsfid_are_told_written_and_locked() -> None:
    async def main() -> None:
        host = Host(world_of())
        for get, write, lock, was in ((0x0A, 0x09, 0x06, b"\x07"), (0x0F, 0x0B, 0x0E, b"\x3e")):
            assert host.at(get) == (0, was)
            assert host.at(write, 0xC2) == (0, b"")
            assert host.at(get) == (0, b"\xc2")
            assert [host.at(lock), host.at(lock), host.at(write, 7)] == [
                (0, b""),
                (0x12, b""),
                (0x12, b""),
            ]
            assert host.at(get) == (0, b"\xc2")

    run(main())


def test_a_password_refuses_in_silence() -> None:
    async def main() -> None:
        host = Host(world_of())
        host.tag().afi_password = True
        assert host.at(0x09, 0xC2) == host.at(0x06) == host.at(0x0C, 1) == (0x06, b"")
        assert (host.tag().afi, host.tag().eas) == (0x07, False)

    run(main())


def test_eas_off_and_no_tag_sound_the_same() -> None:
    async def main() -> None:
        host = Host(world_of())
        assert host.at(0x03) == (0x06, b"\0")
        assert host.at(0x0C, 1) == (0, b"")
        assert host.at(0x03) == (0, b"\x01")
        assert host.reader.truth()["tags"] == [{**host.tag().truth(), "eas": True}]
        assert host.at(0x0C, 2) == (0x32, b"")
        assert host.at(0x0C, 0) == (0, b"")
        host.world.clear_pad()
        assert host.at(0x03) == (0x06, b"\0")
        other = bytes.fromhex("e007000001234567")
        host = Host(world_of(uid=other))
        assert host.at(0x03, uid=other) == host.at(0x0C, 1, uid=other) == (0x30, b"")

    run(main())


def test_tag_info_by_its_mask() -> None:
    async def main() -> None:
        host = Host(world_of(blocks=80))
        assert host.at(0x0D, 0x0F) == (0, bytes.fromhex("0f 3e 07 034f 0001"))
        assert host.at(0x0D, 0x06) == (0, bytes.fromhex("06 07 034f"))
        assert host.at(0x0D, 0xF0) == (0, b"\0")
        host.reader.fault("info_lacks", mask=2)
        assert host.at(0x0D, 0x0F) == (0, bytes.fromhex("0d 3e 034f 0001"))

    run(main())


# --- refusals


@pytest.mark.parametrize("name", sorted(set(TAG_COMMANDS) - {"inventory", "quiet", "check_eas"}))
def test_no_transponder_and_wrong_lengths(name: str) -> None:
    async def main() -> None:
        host = Host(world_of())
        command = TAG_COMMANDS[name]
        args = {0x02: (0, 1), 0x04: (0, 1, 0, 0, 0, 0, 0), 0x05: (0,) * 5, 0x07: (0,) * 5}
        rest = args.get(command, (0,) if command in {0x08, 0x09, 0x0B, 0x0C, 0x0D} else ())
        assert host.at(command, *rest) is not None
        assert host.ask(command, UID[:7]) == host.at(command, *rest, 0, 0) == (0x32, b"")
        for fault in (lambda: host.reader.fault("unreadable", item="0"), host.world.clear_pad):
            fault()
            assert host.at(command, *rest) == (0x06, b"")
            host.reader.clear()

    run(main())


def test_what_the_tag_says_becomes_the_readers_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(code: int) -> Callable[..., None]:
        def refuses(*_: object) -> None:
            raise TagRefuses(code)

        return refuses

    async def main() -> None:
        host = Host(world_of())
        for code, error in {**ERRORS, 0x0F: 0x0F, 0xA5: 0x0F}.items():
            monkeypatch.setattr(type(host.tag()), "lock_afi", refuse(code))
            assert host.at(0x06) == (error, b"")
        assert ERRORS[NOT_SUPPORTED] == 0x21

    run(main())


def test_version_takes_nothing_and_unknown_commands_are_refused() -> None:
    async def main() -> None:
        host = Host(world_of())
        assert host.ask(0x11, b"\0") == (0x32, b"")
        assert host.ask(0x13, b"\x01\x01\0") == (0x32, b"")
        assert host.ask(0x55) == (0x02, b"")
        old = Host(world_of(), model="210")
        assert old.ask(0x13, bytes.fromhex("040100020003000400")) == (0x02, b"")

    run(main())


# --- faults


def test_a_tag_leaves_before_or_after_the_write() -> None:
    async def main() -> None:
        host = Host(world_of(2))
        host.reader.fault("tag_leaves_during", cmd="write_afi", item="0")
        assert host.at(0x09, 0xC2, uid=host.tag("1").uid) == (0, b"")
        assert host.at(0x09, 0xC2) == (0x06, b"")
        assert (host.tag().afi, host.tag().on_pad) == (0x07, False)
        host.world.lay(["0"])
        host.reader.fault("tag_leaves_during", cmd="write_afi", item="0", applied=True)
        assert host.at(0x09, 0xC2) == (0x06, b"")
        assert (host.tag().afi, host.tag().on_pad) == (0xC2, False)
        assert host.reader.faults() == {}

    run(main())


def test_a_tag_leaves_before_or_after_it_was_found() -> None:
    async def main() -> None:
        host = Host(world_of(2))
        host.reader.fault("tag_leaves_during", cmd="inventory", item="0", applied=True)
        assert len(host.tags()) == 2
        assert len(host.tags()) == 1
        host.reader.fault("tag_leaves_during", cmd="inventory")
        assert host.tags() == []

    run(main())


def test_writes_fail_where_told() -> None:
    async def main() -> None:
        host = Host(world_of())
        host.reader.fault("write_fails", block=2, count=1)
        assert host.at(0x04, 1, 2, 0, *bytes(8)) == (0x16, b"\x02")
        assert bytes(host.tag().memory[4:12]) == bytes(4) + bytes(range(8, 12))
        assert host.at(0x04, 1, 2, 0, *bytes(8)) == (0, b"\x02")
        host.reader.fault("afi_locked")
        assert host.at(0x09, 0xC2) == (0x12, b"")
        host.reader.clear("afi_locked")
        host.reader.fault("afi_silent", count=1)
        assert host.at(0x09, 0xC2) == (0x06, b"")
        host.reader.fault("afi_silent", status=0, count=1)
        assert host.at(0x09, 0xC2) == (0, b"")
        assert host.tag().afi == 0x07
        assert host.at(0x09, 0xC2) == (0, b"")
        assert host.tag().afi == 0xC2

    run(main())


def test_a_flaky_afi_takes_sooner_or_later() -> None:
    async def main() -> None:
        host = Host(world_of())
        host.reader.fault("afi_flaky", chance=0.8)
        answers = [host.at(0x09, 0xC2) for _ in range(50)]
        assert set(answers) == {(0, b""), (0x06, b"")}
        assert 25 <= answers.count((0x06, b"")) < 50
        host.reader.fault("afi_flaky", chance=1.0, count=2)
        assert [host.at(0x09, 0x07) for _ in range(3)] == [(6, b""), (6, b""), (0, b"")]
        host.reader.fault("afi_flaky", chance=1, applied=True, count=1)
        assert host.at(0x09, 0xC2) == (0x06, b"")
        assert host.at(0x0A) == (0, b"\xc2")

    run(main())


def test_an_error_is_forced_for_all_or_for_one_command() -> None:
    async def main() -> None:
        host = Host(world_of())
        host.reader.fault("status", code=0xFE)
        assert host.ask(0xFE, b"\0\x05") == (0xFE, b"")
        assert host.at(0x0A) == (0xFE, b"")
        host.reader.fault("status", code=0x15, cmd="read", count=1)
        assert host.tags() == [UID]
        assert [host.at(0x02, 0, 1)[0] for _ in range(2)] == [0x15, 0]  # type: ignore[index]

    run(main())


def test_doubled_and_weak_tags() -> None:
    async def main() -> None:
        host = Host(world_of(2))
        host.reader.fault("duplicate_uid", item="0")
        assert sorted(host.tags()) == sorted([UID, UID, host.tag("1").uid])
        host.reader.clear()
        host.reader.fault("weak", item="0", count=2)
        assert [len(host.tags()) for _ in range(3)] == [1, 1, 2]

    run(main())


def test_faults_name_what_they_know() -> None:
    async def main() -> None:
        reader = Host(world_of()).reader
        with pytest.raises(ValueError, match="afi_flaky"):
            reader.fault("explode")
        with pytest.raises(TypeError, match="write_afi"):
            reader.fault("status", code=1, cmd="dance")
        with pytest.raises(TypeError, match="needs mask"):
            reader.fault("info_lacks")

    run(main())


# --- time


@pytest.mark.parametrize(
    ("count", "body", "least", "most"),
    [
        (1, b"\xfe\0\x25", 14, 14),
        (1, b"\xfe\0\x05", 22, 22),
        (10, b"\xfe\0\x25", 82, 82),
        (1, b"\x02" + UID + b"\0\x08", 15.8, 15.8),
        (1, b"\x0a" + UID, 9.8, 9.8),
        (1, b"\x09" + UID + b"\xc2", 5.9, 25.9),
        (1, b"\x07" + UID + bytes(5), 11.8, 51.8),
        (1, b"\x04" + UID + b"\0\x02\0" + bytes(8), 11.8, 51.8),
        (1, b"\x01" + UID, 5.9, 5.9),
        (1, b"\x11", 0, 0),
        (1, b"\xfe\0", 0, 0),
    ],
)
def test_the_air_takes_its_time(count: int, body: bytes, least: float, most: float) -> None:
    async def main() -> float:
        host = Host(world_of(count), pace="real")
        answered: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        now = asyncio.get_running_loop().time
        host.reader.attach(lambda _: answered.set_result(now()), lambda: None)
        began = now()
        host.raw(frame(body))
        return 1000 * (await answered - began)

    assert least - 0.1 <= run(main()) <= most + 0.1


def test_a_request_during_another_is_ignored_and_the_tag_may_leave_meanwhile() -> None:
    async def main() -> None:
        host = Host(world_of(), pace="real")
        host.reader.receive(frame(b"\x09" + UID + b"\xc2") + frame(b"\x11"))
        host.reader.receive(frame(b"\xfe\0\x05"))
        host.world.clear_pad()
        await asyncio.sleep(1)
        assert host.reply(0x09) == (0x06, UID)
        assert host.tag().afi == 0x07
        truth = host.reader.truth()
        assert (truth["requests"], truth["ignored"]) == (1, 2)

    run(main())


def test_what_was_asked_dies_with_the_connection() -> None:
    async def main() -> None:
        host = Host(world_of(), pace="real")
        host.raw(frame(b"\xfe\0\x05"))
        host.reader.receive(b"\xd6\0")
        host.reader.detach()
        second = bytearray()
        host.reader.attach(second.extend, lambda: None)
        await asyncio.sleep(1)
        assert not host.heard
        assert not second
        host.reader.receive(frame(b"\x11"))
        assert second

    run(main())
