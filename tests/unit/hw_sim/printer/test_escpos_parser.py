"""The two lanes: whole commands from any pieces, unknown bytes reported, reading always goes on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.devices.escpos_parser import (
    LARGEST_BLOCK,
    BufferedLane,
    Command,
    Op,
    RealTime,
    RealTimeLane,
)

PIECES = (
    b"L\xe5n: R\xf8dgr\xf8d",
    b"\n",
    b"\x00\x00",
    bytes.fromhex("1B 40 1B 74 10 1B 61 01"),
    bytes.fromhex("1B 44 08 10 00"),
    bytes.fromhex("1B 2A 21 02 00 80 00 01 40 00 02"),
    bytes.fromhex("1B 2A 00 02 00 80 01"),
    bytes.fromhex("1B 26 03 41 42 02 01 02 03 04 05 06 00"),
    bytes.fromhex("1D 21 22"),
    bytes.fromhex("1D 76 30 00 02 00 02 00 10 04 1B 40"),
    bytes.fromhex("1D 28 4C 02 00 30 32"),
    bytes.fromhex("1D 28 6B 03 00 31 51 30"),
    bytes.fromhex("1D 6B 04 31 32 00"),
    bytes.fromhex("1D 6B 49 04 7B 42 31 32"),
    bytes.fromhex("1D 38 4C 02 00 00 00 30 32"),
    bytes.fromhex("1D 56 42 00"),
    bytes.fromhex("1D 28 48 06 00 30 30 30 30 30 31"),
    bytes.fromhex("10 04 02"),
    bytes.fromhex("1B 06 01"),
    bytes.fromhex("1D 99"),
)


def joined(commands: list[Command]) -> list[tuple[Op, int, bytes]]:
    """Neighbouring texts count as one, and so do idle bytes: where they are split says nothing."""
    out: list[tuple[Op, int, bytes]] = []
    for command in commands:
        if out and command.op is out[-1][0] and command.op in (Op.TEXT, Op.IGNORED):
            op, offset, raw = out.pop()
            out.append((op, offset, raw + command.raw))
        else:
            out.append((command.op, command.offset, command.raw))
    return out


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=12), st.data())
def test_any_chunking_gives_the_same_commands(pieces: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(pieces)
    whole = BufferedLane().feed(stream)
    lane = BufferedLane()
    cut = data.draw(st.lists(st.integers(0, len(stream)), max_size=8).map(sorted))
    ends = [*cut, len(stream)]
    parts = [stream[a:b] for a, b in zip([0, *cut], ends, strict=True)]
    assert joined([c for part in parts for c in lane.feed(part)]) == joined(whole)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.data())
def test_real_time_commands_are_found_in_any_chunking(noise: bytes, data: st.DataObject) -> None:
    stream = noise + bytes.fromhex("10 04 02") + noise
    whole = [(c.kind, c.raw) for c in RealTimeLane().feed(stream)]
    lane = RealTimeLane()
    at = data.draw(st.integers(0, len(stream)))
    assert [
        (c.kind, c.raw) for part in (stream[:at], stream[at:]) for c in lane.feed(part)
    ] == whole


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_garbage_never_raises_and_nothing_piles_up(noise: bytes) -> None:
    lane = BufferedLane()
    commands = lane.feed(noise)
    offsets = [c.offset for c in commands]
    assert offsets == sorted(set(offsets))
    assert sum(len(c.raw) for c in commands) <= len(noise)
    assert lane.level == 0


def test_a_half_received_band_swallows_nothing_after_enough_nul() -> None:
    lane = BufferedLane()
    lane.feed(bytes.fromhex("1D 76 30 00 48 00 30 00"))
    commands = lane.feed(bytes(0x48 * 0x30) + bytes.fromhex("1B 40"))
    assert commands[-1].op is Op.INITIALIZE


def test_an_unknown_command_is_reported_with_its_offset_and_the_next_is_read() -> None:
    ops = [(c.op, c.offset) for c in BufferedLane().feed(b"ab\x1b\x06\x01\x1b@")]
    assert ops == [(Op.TEXT, 0), (Op.UNKNOWN, 2), (Op.IGNORED, 4), (Op.INITIALIZE, 5)]


def test_an_escape_cut_off_by_another_is_reported_and_the_other_is_read() -> None:
    ops = [(c.op, c.offset) for c in BufferedLane().feed(b"\x1b\x1b@\x1d\x1dV\x00")]
    assert ops == [(Op.UNKNOWN, 0), (Op.INITIALIZE, 1), (Op.UNKNOWN, 3), (Op.CUT, 4)]


def test_an_unknown_block_is_skipped_by_its_length() -> None:
    ops = [c.op for c in BufferedLane().feed(bytes.fromhex("1D 28 5A 03 00 1B 1B 1B 0A"))]
    assert ops == [Op.UNKNOWN, Op.LINE_FEED]


def test_a_block_beyond_the_limit_is_swallowed_not_stored() -> None:
    lane = BufferedLane()
    length = LARGEST_BLOCK + 10
    commands = lane.feed(b"\x1d8L" + length.to_bytes(4, "little"))
    for _ in range(length // 1000):
        commands += lane.feed(bytes(1000))
    commands += lane.feed(bytes(length % 1000) + b"\n")
    assert [c.op for c in commands] == [Op.UNKNOWN, Op.LINE_FEED]
    assert len(commands[0].raw) < 100


def test_clearing_forgets_a_command_half_received() -> None:
    lane = BufferedLane()
    lane.feed(bytes.fromhex("1D 76 30 00 48 00 80 00 01 02"))
    lane.clear()
    assert [c.op for c in lane.feed(b"x\n")] == [Op.TEXT, Op.LINE_FEED]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("10 04 01", RealTime.STATUS),
        ("10 10 04 04", RealTime.STATUS),
        ("10 05 01", RealTime.RECOVER),
        ("10 05 02", RealTime.RECOVER),
        ("10 14 01 00 05", RealTime.PULSE),
        ("10 14 02 01 08", RealTime.POWER_OFF),
        ("10 14 08 01 03 14 01 06 02 08", RealTime.CLEAR),
        ("10 14 08 01 10 04 02", RealTime.STATUS),
    ],
)
def test_real_time_commands(data: str, kind: RealTime) -> None:
    assert [c.kind for c in RealTimeLane().feed(bytes.fromhex(data))] == [kind]


@pytest.mark.parametrize(
    "data", ["10 04 05", "10 05 09", "10 14 01 02 05", "10 14 01 00 09", "04 01"]
)
def test_what_only_looks_like_a_real_time_command(data: str) -> None:
    assert RealTimeLane().feed(bytes.fromhex(data)) == []
