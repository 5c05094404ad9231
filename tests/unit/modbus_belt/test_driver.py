"""What the registers say as values, and what is refused to be believed."""

import asyncio
import tomllib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import Code, DeviceRefused, RemoteProtocolError
from drivers.modbus_belt import registers
from drivers.modbus_belt.driver import IDENTITY_EVERY, ModbusBelt
from drivers.modbus_belt.registers import REGISTERS, Form
from drivers.ports import (
    BeltCommand,
    BeltState,
    BinState,
    CommandResult,
    Happening,
    Mode,
    Pack,
    Sign,
)
from hw_sim.simloop import SimLoop
from tests.unit.modbus_belt.plc import Plc


def play(
    scene: Callable[[Plc, ModbusBelt], Coroutine[Any, Any, None]], *, open: bool = True
) -> None:
    async def all_of_it() -> None:
        plc = Plc()
        belt = ModbusBelt(plc.wire)
        if open:
            await belt.open()
        async with asyncio.timeout(60):
            await scene(plc, belt)
        await belt.close()

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(all_of_it())


async def cycle(belt: ModbusBelt, taken: int = 0) -> BeltState:
    return await belt.cycle(taken=taken, induct=True, degraded=False)


class TestTheTable:
    def test_no_two_registers_share_a_word(self) -> None:
        words = [w for r in REGISTERS for w in range(r.address, r.last + 1)]
        assert len(words) == len(set(words))

    def test_each_name_stands_once(self) -> None:
        assert len({r.name for r in REGISTERS}) == len(REGISTERS)

    def test_bits_fit_into_their_word(self) -> None:
        assert all(len(r.bits) <= 16 for r in REGISTERS if r.form is Form.BITS)

    @pytest.mark.parametrize("block", [registers.IDENTITY, registers.STATUS, registers.COUNTERS])
    def test_each_block_is_read_at_once(self, block: tuple[int, int]) -> None:
        first, count = block
        inside = [r for r in REGISTERS if first <= r.address < first + count]
        assert count <= 80
        assert inside
        listed = {w for r in REGISTERS for w in range(r.address, r.last + 1)}
        assert set(range(first, first + count)) <= listed, "a PLC may refuse what is not listed"


class TestOpening:
    def test_who_answers_is_told(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            info = await belt.open()
            assert (info.map_version, info.program_version, info.boot_id) == ("1.0", 7, 41)
            assert info.diverts == tuple(1000 + 400 * n for n in range(9))
            assert (info.reader_start, info.reader_end, info.decision_point) == (300, 500, 900)
            assert (info.pulses_a_metre, info.nominal_mm_s, info.depth) == (2000, 500, 64)

        play(scene, open=False)

    @pytest.mark.parametrize(
        ("register", "holds", "says"),
        [
            (0, 0x1234, "register 0 holds 1234, not 5342"),
            (1, 0x0200, "register map 2.0 is not known"),
            (4, 17, "17 bins"),
            (6, 0, "0 pulses a metre"),
        ],
    )
    def test_another_device_is_refused_by_name(self, register: int, holds: int, says: str) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.words[register] = holds
            with pytest.raises(DeviceRefused, match=says) as refused:
                await belt.open()
            assert refused.value.code is Code.BELT_OTHER

        play(scene, open=False)

    def test_a_later_minor_map_is_taken(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.words[1] = 0x0103
            assert (await belt.open()).map_version == "1.3"

        play(scene, open=False)


class TestCycle:
    def test_the_status_becomes_values(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.put(37, [12, 3, 498, 2, 0x1234, 0b1, 0b1_1111_1110])
            state = await cycle(belt)
            assert (state.state, state.mode) == (Pack.EXECUTE, Mode.PRODUCTION)
            assert state.signs == {
                Sign.SAFETY_CLOSED,
                Sign.MOVING,
                Sign.HOST_ALIVE,
                Sign.INLET_OPEN,
            }
            assert (state.alarm, state.items, state.mm_s) == (12, 3, 498)
            assert state.encoder == 0x21234
            assert state.bins[:2] == (BinState(True, False), BinState(False, True))
            assert len(state.bins) == 9

        play(scene)

    def test_the_host_block_goes_out_in_one_write(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            await belt.cycle(taken=5, induct=True, degraded=True)
            assert [plc.words[n] for n in (200, 201, 202)] == [1, 5, 3]
            await belt.cycle(taken=6, induct=False, degraded=False)
            assert [plc.words[n] for n in (200, 201, 202)] == [2, 6, 0]

        play(scene)

    def test_an_event_is_read_as_the_vector_says(self) -> None:
        (vector,) = (
            v
            for v in tomllib.loads(
                (Path(__file__).parents[2] / "vectors" / "modbus.toml").read_text()
            )["vector"]
            if v["direction"] == "event"
        )

        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            raw = bytes.fromhex(vector["bytes"])
            words = [int.from_bytes(raw[n : n + 2], "big") for n in range(0, 16, 2)]
            plc.words[46] = 6
            plc.put(48, words)
            (event,) = (await cycle(belt, 5)).events
            assert {
                "sequence": event.sequence,
                "kind": int(event.kind),
                "zone": event.zone,
                "item": event.item,
                "a": event.a,
                "b": event.b,
                "encoder": event.encoder,
            } == vector["meaning"]

        play(scene)

    def test_events_come_once_in_order_and_through_zero(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.words[201] = 65534
            for sequence in (65535, 0, 1):
                plc.event(sequence, Happening.CONFIRMED, item=9, a=4)
            state = await cycle(belt, 65534)
            assert [e.sequence for e in state.events] == [65535, 0, 1]
            assert state.pending == 3
            assert (await cycle(belt, 1)).events == ()

        play(scene)

    @pytest.mark.parametrize("broken", [0, 1, 7])
    def test_a_record_that_is_half_written_waits(self, broken: int) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.event(1, Happening.INDUCTED, item=1)
            plc.event(2, Happening.INDUCTED, item=2)
            plc.words[48 + 8 + broken] = 0
            assert [e.item for e in (await cycle(belt)).events] == [1]

        play(scene)

    def test_an_event_of_a_later_map_is_taken_as_unknown(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.event(1, 99, item=3)
            (event,) = (await cycle(belt)).events
            assert (event.kind, event.item) == (Happening.UNKNOWN, 3)

        play(scene)

    @pytest.mark.parametrize(
        ("head", "taken", "pending", "overrun"),
        [(10, 4, 6, False), (2, 65530, 8, False), (70, 4, 66, True), (4, 10, 0, False)],
    )
    def test_what_is_pending(self, head: int, taken: int, pending: int, overrun: bool) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.words[46] = head
            state = await cycle(belt, taken)
            assert (state.pending, state.overrun) == (pending, overrun)

        play(scene)

    def test_a_heart_beat_that_stands_still_is_not_believed(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            await cycle(belt)
            beat = plc.words[32]

            def stuck() -> None:
                plc.beat()
                plc.words[32] = beat

            plc.scan = stuck
            with pytest.raises(RemoteProtocolError, match="stands still"):
                await cycle(belt)

        play(scene)

    def test_an_old_echo_is_not_believed(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            def deaf() -> None:
                plc.beat()
                plc.words[33] = 60000

            plc.scan = deaf
            with pytest.raises(RemoteProtocolError, match="old heart-beat"):
                await cycle(belt)

        play(scene)

    def test_a_status_doubled_on_the_wire_is_not_the_next_cycles(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            kept: list[bytes] = []

            def keep(answer: bytes) -> bytes:
                kept.append(answer)
                return answer

            await cycle(belt)
            plc.garble = [lambda a: a, keep]
            await cycle(belt)
            plc.garble = [lambda a: a, lambda a: kept[0]]
            with pytest.raises(RemoteProtocolError, match="stands still"):
                await cycle(belt)
            assert (await cycle(belt)).state is Pack.EXECUTE

        play(scene)

    def test_a_restart_of_the_plc_is_seen_at_once_by_its_heart_beat(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.words[32] = 5000
            assert (await cycle(belt)).boot_id == 41
            plc.words[32], plc.words[3] = 0, 42
            assert (await cycle(belt)).boot_id == 42

        play(scene)

    def test_a_restart_that_hides_is_seen_within_a_second(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            await cycle(belt)
            plc.words[3] = 42
            seen = [(await cycle(belt)).boot_id for _ in range(IDENTITY_EVERY)]
            assert seen[-1] == 42

        play(scene)

    def test_a_restart_is_seen_at_once_by_events_that_cannot_be(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.words[46] = 20_000
            assert not (await cycle(belt, 20_000)).overrun
            plc.words[46], plc.words[3] = 5, 42
            assert (await cycle(belt, 20_000)).boot_id == 42

        play(scene)

    @pytest.mark.parametrize("register", [34, 35])
    def test_a_state_or_mode_the_map_does_not_know_is_said(self, register: int) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.words[register] = 77
            with pytest.raises(RemoteProtocolError, match="is 77"):
                await cycle(belt)

        play(scene)


class TestTelling:
    @pytest.mark.parametrize(("item", "slot"), [(37, 320), (32, 300), (31, 424), (65535, 424)])
    def test_a_destination_goes_into_the_items_slot(self, item: int, slot: int) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            await belt.send(item, 4, 8)
            assert [plc.words[slot + n] for n in range(4)] == [item, 4, 8, item]

        play(scene)

    def test_an_item_without_an_id_is_a_bug(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            with pytest.raises(ValueError, match="1 to 65535"):
                await belt.send(0, 4)

        play(scene)

    def test_a_command_is_answered(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            assert await belt.command(BeltCommand.RESET) is CommandResult.OK
            assert [plc.words[n] for n in range(203, 208)] == [1, 1, 0, 0, 1]
            assert await belt.command(BeltCommand.ENABLE_BIN, (4, 2)) is CommandResult.OK
            assert [plc.words[n] for n in range(203, 208)] == [2, 22, 4, 2, 2]

        play(scene)

    def test_numbering_goes_on_from_the_plcs_last_command(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.words[44] = 65535
            await belt.open()
            await belt.command(BeltCommand.START)
            assert plc.words[203] == 1

        play(scene, open=False)

    def test_a_command_that_is_never_acknowledged_is_said(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.scan = lambda: None
            with pytest.raises(RemoteProtocolError, match="command 2 is not acknowledged"):
                await belt.command(BeltCommand.START)

        play(scene)

    def test_counters(self) -> None:
        async def scene(plc: Plc, belt: ModbusBelt) -> None:
            plc.put(112, [0, 3, 0, 7, 1, 0x86A0, 5, 4, 3, 2, 1])
            counters = await belt.counters()
            assert counters.alarms == {1, 2}
            assert counters.latched == {1, 2, 3}
            assert counters.items == 100000
            assert (counters.late, counters.missed, counters.lost) == (5, 4, 3)
            assert (counters.jams, counters.garbled) == (2, 1)

        play(scene)
