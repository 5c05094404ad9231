"""Time, flow control and the buffer, in virtual time."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hw_sim.devices.escpos import EscposPrinter
from hw_sim.devices.escpos_profile import PROFILES
from hw_sim.simloop import run
from tests.unit.hw_sim.printer.bench import ARM, BARRIER, CLEAR, CUT, READY

XON, XOFF = b"\x11", b"\x13"


class Host:
    """A client that waits for answers and knows when they came."""

    def __init__(self, **options: Any) -> None:
        self.printer = EscposPrinter(random.Random(3), **options)
        self.answers: list[tuple[float, bytes]] = []
        self._news = asyncio.Event()
        self.printer.attach(self._received, lambda: None)

    def _received(self, data: bytes) -> None:
        self.answers.append((asyncio.get_running_loop().time(), data))
        self._news.set()

    def send(self, data: bytes) -> None:
        self.printer.receive(data)

    async def answer(self) -> tuple[float, bytes]:
        while not self.answers:
            self._news.clear()
            await self._news.wait()
        return self.answers.pop(0)

    @property
    def flow(self) -> list[bytes]:
        return [data for _, data in self.answers if data in (XON, XOFF)]


def virtual(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await test()

    run(main())


def test_the_barrier_comes_when_the_paper_has_come_out() -> None:
    async def main() -> None:
        host = Host()
        host.send(b"\x1bd\x64" + BARRIER)  # 100 lines of 1/6 inch
        when, answer = await host.answer()
        assert answer == b"\x00"
        assert when == pytest.approx(100 * 25.4 / 6 / PROFILES["TM-T88V"].speed)

    virtual(main)


def test_a_cut_takes_its_time() -> None:
    async def main() -> None:
        host = Host()
        host.send(CUT + BARRIER)
        when, _ = await host.answer()
        assert when == pytest.approx(PROFILES["TM-T88V"].cut_seconds)

    virtual(main)


def test_a_band_prints_row_by_row_and_stops_at_the_row_where_the_paper_ends() -> None:
    async def main() -> None:
        host = Host()
        host.printer.fault("paper_end", after_mm=10)
        host.send(ARM + bytes.fromhex("1D 76 30 00 48 00 80 00") + b"\xff" * 72 * 128 + BARRIER)
        assert (await host.answer())[1] == bytes.fromhex("10 00 03 0F")
        when, answer = await host.answer()
        assert answer == bytes.fromhex("18 00 0F 0F")
        assert len(host.printer.job.rows) == 71
        assert when == pytest.approx(10 / 250, rel=0.05)

    virtual(main)


def test_a_process_id_comes_after_the_print_and_in_order() -> None:
    async def main() -> None:
        host = Host()
        first = bytes.fromhex("1D 28 48 06 00 30 30 30 30 30 31")
        host.send(b"Bog\n" + first + b"Bog\n" + first[:-1] + b"2")
        answers = [await host.answer(), await host.answer()]
        assert [a for _, a in answers] == [b"\x37\x220001\x00", b"\x37\x220002\x00"]
        assert answers[0][0] == pytest.approx(answers[1][0] / 2)

    virtual(main)


def test_status_is_answered_while_printing() -> None:
    async def main() -> None:
        host = Host()
        host.send(b"\x1bd\x64")
        host.send(bytes.fromhex("10 04 01"))
        assert await host.answer() == (0.0, b"\x12")

    virtual(main)


def test_the_cover_opened_while_printing_is_told_apart() -> None:
    async def main() -> None:
        host = Host()
        host.send(ARM + b"\x1bd\x64")
        await host.answer()
        host.printer.fault("cover")
        assert (await host.answer())[1] == bytes.fromhex("38 40 00 0F")
        host.printer.clear("cover")
        assert (await host.answer())[1] == READY

    virtual(main)


def test_xoff_at_128_free_and_xon_at_256_free() -> None:
    async def main() -> None:
        host = Host(flow="xonxoff")
        host.send(b"\x1bd\xff")  # a second of feeding: the buffer fills meanwhile
        host.send(b"x" * (4096 - 129))
        assert host.flow == []
        host.send(b"x")
        assert host.flow == [XOFF]
        assert host.printer.truth()["buffer"] == 4096 - 128
        host.send(b"y" * 200)
        assert host.printer.truth()["lost"] == 72
        assert host.printer.busy
        host.answers.clear()
        await asyncio.sleep(60)
        assert host.flow == [XON]

    virtual(main)


@pytest.mark.parametrize("busy_offline", [False, True])
def test_going_offline_is_busy_only_when_the_switch_says_so(busy_offline: bool) -> None:
    async def main() -> None:
        host = Host(flow="xonxoff", busy_offline=busy_offline)
        host.printer.fault("cover")
        host.printer.clear("cover")
        assert host.flow == ([XOFF, XON] if busy_offline else [])

    virtual(main)


def test_no_flow_bytes_for_going_offline_while_the_buffer_is_full() -> None:
    async def main() -> None:
        host = Host(flow="xonxoff", busy_offline=True)
        host.send(b"\x1bd\xff" + b"x" * 4000)
        host.printer.fault("cover")
        host.printer.clear("cover")
        assert host.flow == [XOFF]

    virtual(main)


def test_with_a_busy_line_nothing_is_lost_and_nothing_is_left_behind() -> None:
    async def main() -> None:
        host = Host(flow="rtscts")
        host.send(b"\x1bd\xff" + b"Bog\n" * 3000)
        assert host.printer.busy
        await asyncio.sleep(60)
        assert len(host.printer.job.lines) == 3000
        assert host.printer.truth()["lost"] == 0
        host.send(b"\x1bd\xff" + b"Bog\n" * 3000 + CLEAR)
        assert host.printer.truth()["buffer"] == 0

    virtual(main)


def test_an_image_larger_than_the_buffer_goes_through() -> None:
    async def main() -> None:
        host = Host()
        size = 72 * 480 + 10
        head = (
            b"\x1d8L" + size.to_bytes(4, "little") + bytes.fromhex("30 70 30 01 01 31 40 02 E0 01")
        )
        host.send(b"Bog\n" * 20 + head + b"\xaa" * 72 * 480 + b"\x1d\x28L\x02\x000\x02" + BARRIER)
        when, _ = await host.answer()
        assert host.printer.job.rows[-480:] == [b"\xaa" * 72] * 480
        assert when == pytest.approx((20 * 30 + 480) * 25.4 / 180 / 250)

    virtual(main)


def test_a_slow_head_takes_longer() -> None:
    async def main() -> None:
        host = Host()
        host.printer.fault("slow_print", mm_a_second=1)
        host.send(b"\n" + BARRIER)
        when, _ = await host.answer()
        assert when == pytest.approx(25.4 / 6)

    virtual(main)


def test_a_hot_head_cools_by_itself_and_the_job_goes_on() -> None:
    async def main() -> None:
        host = Host()
        host.printer.fault("head_hot", after_mm=5, seconds=20)
        host.send(b"Bog\n" * 5 + BARRIER)
        when, _ = await host.answer()
        assert 20 < when < 21
        assert host.printer.faults() == {}

    virtual(main)


def test_a_power_cycle_boots_for_a_while_and_says_xon() -> None:
    async def main() -> None:
        host = Host(flow="xonxoff")
        host.send(ARM)
        await host.answer()
        host.printer.fault("power_cycle", seconds=2)
        host.send(bytes.fromhex("10 04 01"))
        assert host.answers == []
        assert await host.answer() == (2.0, XON)
        host.printer.fault("cover")
        assert host.answers == []

    virtual(main)


def test_a_late_answer_comes_late_once() -> None:
    async def main() -> None:
        host = Host()
        host.printer.fault("late_answer", seconds=0.4)
        host.send(bytes.fromhex("10 04 01"))
        assert await host.answer() == (0.4, b"\x12")
        host.send(bytes.fromhex("10 04 01"))
        assert await host.answer() == (0.4, b"\x12")

    virtual(main)
