"""The shipping driver and the simulated printer on one wire, in virtual time.

What is believed is the simulated printer's own state and paper, never the driver's word.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from config.texts import Catalogue
from drivers.errors import Code, DeviceError, DeviceTimeout, DeviceUnavailable
from drivers.escpos.compose import Head, compose, lines_of, qr_rows
from drivers.escpos.driver import EscposPrinter
from drivers.ports import Paper, PaperLine, PaperQr, PrinterState, PrintJob, PrintOutcome
from drivers.service.receipt import paper
from drivers.service.receipt_samples import ACCOUNT, SAMPLES
from drivers.transport.memory import MemoryTransport
from hw_sim.devices.escpos import EscposPrinter as Simulated
from hw_sim.ports import MemoryPort
from hw_sim.simloop import run
from hw_sim.wire import Line

STRIP = paper(SAMPLES["refused"], Catalogue.load())
PROFILES = [
    "TM-T88V",
    "TM-T88III",
    "no-near-end",
    "no-process-id",
    "no-asb",
    "undefined-bits",
    "plain",
]


class Bench:
    """A printer, its driver, and what the driver said of it and when."""

    def __init__(
        self, *, profile: str = "TM-T88V", baud: int = 115200, flow: Any = "none", **more: Any
    ) -> None:
        self.baud, self.flow = baud, flow
        self.device = Simulated(random.Random(1), profile=profile, flow=flow, **more)
        self.line = Line(self.device, random.Random(2), baud=baud)
        self.wire = MemoryTransport("printer")
        # mypy takes an attribute that holds a function for a method
        self.cable = MemoryPort(self.line, self.wire.far)  # type: ignore[arg-type]
        self.driver = EscposPrinter(self.wire, baud=baud, flow=flow)
        self.told: list[tuple[float, PrinterState]] = []
        self.driver.on_change(lambda state: self.told.append((self.now, state)))

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def head(self) -> Head:
        return Head(baud=self.baud, flow_control=self.flow != "none")

    def job(self, id: str = "1", strip: Paper = STRIP) -> PrintJob:
        return compose(id, strip, self.head)

    def printed(self) -> list[list[str]]:
        """The lines on the paper, by cut; the last without one."""
        pages = [*self.device.jobs, self.device.job]
        return [[text for text in page.texts if text] for page in pages]

    async def supervised(self) -> None:
        """What a station does: open, serve, and open again when the wire comes back."""
        while True:
            try:
                await self.driver.open()
                await self.driver.serve()
            except DeviceError:
                await asyncio.sleep(0.5)


@asynccontextmanager
async def served(**options: Any) -> AsyncIterator[Bench]:
    bench = Bench(**options)
    await bench.cable.start()
    keeper = asyncio.create_task(bench.supervised())
    await asyncio.sleep(8)
    try:
        yield bench
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        await bench.driver.close()
        await bench.cable.stop()


def story(told: Callable[[Bench], Coroutine[Any, Any, None]], **options: Any) -> None:
    async def main() -> None:
        async with served(**options) as bench:
            await told(bench)

    run(main())


# --- all is well ------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
def test_a_receipt_prints_and_reads_back_exactly(profile: str) -> None:
    async def told(bench: Bench) -> None:
        assert bench.driver.state() is PrinterState.READY
        assert await bench.driver.print(bench.job()) is PrintOutcome.PRINTED
        assert bench.printed() == [lines_of(STRIP, 48), []]
        page = bench.device.jobs[0]
        assert page.qr == [ACCOUNT]
        assert page.unknown == []
        assert page.too_wide == 0
        assert bench.device.truth()["drawer_pulses"] == 0
        assert bench.device.truth()["lost"] == 0

    story(told, profile=profile)


@pytest.mark.parametrize("baud", [9600, 19200, 38400, 115200])
@pytest.mark.parametrize("flow", ["none", "rtscts", "xonxoff"])
def test_at_every_speed_and_flow_nothing_is_lost(baud: int, flow: str) -> None:
    strip = paper(SAMPLES["long"], Catalogue.load())

    async def told(bench: Bench) -> None:
        assert await bench.driver.print(bench.job(strip=strip)) is PrintOutcome.PRINTED
        assert bench.printed()[0] == lines_of(strip, 48)
        assert bench.device.truth()["lost"] == 0

    story(told, baud=baud, flow=flow)


def test_the_printer_says_who_it_is() -> None:
    async def told(bench: Bench) -> None:
        assert bench.driver.info.maker == "EPSON"
        assert bench.driver.info.model == "TM-T88V"
        assert bench.driver.info.serial == "SIM0000001"
        assert bench.driver.automatic

    story(told)


def test_dots_arrive_as_they_were_drawn() -> None:
    class Noise:
        def rows(self, markup: str, width: int) -> tuple[bytes, ...]:
            dice = random.Random(3)
            return tuple(dice.randbytes((width + 7) // 8) for _ in range(300))

    async def told(bench: Bench) -> None:
        strip = Paper("uk", (PaperLine("Місто"),))
        job = compose("1", strip, bench.head, Noise())
        assert await bench.driver.print(job) is PrintOutcome.PRINTED
        rows = bench.device.jobs[0].rows[:300]
        drawn = Noise().rows("", 576)
        flipped = sum(
            (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_count()
            for a, b in zip(rows, drawn, strict=True)
        )
        assert flipped <= 1
        assert bench.device.truth()["drawer_pulses"] == 0

    story(told)


def test_the_qr_is_the_same_in_letters_and_in_dots() -> None:
    async def told(bench: Bench) -> None:
        job = compose("1", Paper("da", (PaperQr(ACCOUNT),)), bench.head)
        assert await bench.driver.print(job) is PrintOutcome.PRINTED
        assert bench.device.jobs[0].qr == [ACCOUNT]
        rows = bench.device.jobs[0].rows
        inked = [at for at, row in enumerate(rows) if any(row)]
        assert inked[0] >= 24
        assert [*rows[inked[0] : inked[-1] + 1]] == qr_rows(ACCOUNT, 72)[24:-24]

    story(told)


def test_two_presses_print_once() -> None:
    async def told(bench: Bench) -> None:
        job = bench.job()
        first, second = await asyncio.gather(bench.driver.print(job), bench.driver.print(job))
        assert first is second is PrintOutcome.PRINTED
        assert len(bench.device.jobs) == 1
        assert await bench.driver.print(bench.job("2")) is PrintOutcome.PRINTED
        assert len(bench.device.jobs) == 2

    story(told)


# --- faults -----------------------------------------------------------------------------------------

FAULTS = [
    ("paper_end", PrinterState.PAPER_END, PrintOutcome.PAPER_END),
    ("cover", PrinterState.COVER_OPEN, PrintOutcome.COVER_OPEN),
    ("cutter_jam", PrinterState.CUTTER, PrintOutcome.ERROR),
    ("mechanical", PrinterState.ERROR, PrintOutcome.ERROR),
    ("unrecoverable", PrinterState.ERROR, PrintOutcome.ERROR),
]


@pytest.mark.parametrize("profile", ["TM-T88V", "no-asb"])
@pytest.mark.parametrize(("verb", "state", "outcome"), FAULTS)
def test_a_fault_while_idle_is_told_and_nothing_is_sent(
    profile: str, verb: str, state: PrinterState, outcome: PrintOutcome
) -> None:
    async def told(bench: Bench) -> None:
        began = bench.now
        bench.line.fault(verb)
        await asyncio.sleep(1)
        assert bench.driver.state() is state
        assert bench.told[-1][1] is state
        assert bench.told[-1][0] - began <= 1.0
        assert await bench.driver.print(bench.job()) is outcome
        bench.line.clear(verb)
        await asyncio.sleep(5)
        assert bench.driver.state() is PrinterState.READY
        assert bench.printed() == [[]]
        assert await bench.driver.print(bench.job("2")) is PrintOutcome.PRINTED

    story(told, profile=profile)


@pytest.mark.parametrize("profile", ["TM-T88V", "no-asb", "TM-T88III"])
@pytest.mark.parametrize(("verb", "state", "outcome"), FAULTS)
def test_a_fault_in_the_middle_is_told_at_once_and_nothing_is_left_behind(
    profile: str, verb: str, state: PrinterState, outcome: PrintOutcome
) -> None:
    async def told(bench: Bench) -> None:
        began = bench.now
        bench.line.fault(verb, after_mm=30)
        assert await bench.driver.print(bench.job()) is outcome
        assert bench.now - began < 2
        assert state in [s for _, s in bench.told]
        before = bench.printed()
        assert sum(map(len, before)) < len(lines_of(STRIP, 48))
        bench.line.clear(verb)
        await asyncio.sleep(20)
        assert bench.printed() == before, "the receipt of someone who has left"
        assert bench.device.truth()["unprinted"] is False
        assert bench.driver.state() is PrinterState.READY
        assert await bench.driver.print(bench.job("2")) is PrintOutcome.PRINTED
        assert bench.printed()[0] == before[0], "what failed hangs on nobody's slip"
        assert bench.printed()[1] == lines_of(STRIP, 48)

    story(told, profile=profile)


def test_near_end_is_a_warning() -> None:
    async def told(bench: Bench) -> None:
        bench.line.fault("near_end")
        await asyncio.sleep(0.1)
        assert bench.driver.state() is PrinterState.NEAR_END
        assert await bench.driver.print(bench.job()) is PrintOutcome.PRINTED_NEAR_END
        bench.line.fault("refill")
        await asyncio.sleep(0.1)
        assert bench.driver.state() is PrinterState.READY

    story(told)


def test_cover_is_told_before_paper() -> None:
    async def told(bench: Bench) -> None:
        bench.line.fault("paper_end")
        bench.line.fault("cover")
        await asyncio.sleep(0.1)
        assert bench.driver.state() is PrinterState.COVER_OPEN
        bench.line.clear("cover")
        await asyncio.sleep(0.1)
        assert bench.driver.state() is PrinterState.PAPER_END

    story(told)


def test_a_hot_head_is_waited_for_half_a_minute() -> None:
    async def told(bench: Bench) -> None:
        bench.line.fault("head_hot", after_mm=30, seconds=20)
        assert await bench.driver.print(bench.job()) is PrintOutcome.PRINTED
        began = bench.now
        bench.line.fault("head_hot")
        assert await bench.driver.print(bench.job("2")) is PrintOutcome.ERROR
        assert 29 <= bench.now - began <= 31

    story(told)


def test_holding_the_feed_button_only_delays() -> None:
    async def told(bench: Bench) -> None:
        bench.line.fault("feed_held", seconds=1)
        assert await bench.driver.print(bench.job()) is PrintOutcome.PRINTED

    story(told)


# --- silence ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["mute", "stalled"])
def test_silence_while_idle_is_told_within_two_seconds(verb: str) -> None:
    async def told(bench: Bench) -> None:
        began = bench.now
        bench.line.fault(verb)
        await asyncio.sleep(2)
        assert bench.driver.state() is PrinterState.MUTE
        assert bench.told[-1][0] - began <= 1.5
        assert await bench.driver.print(bench.job()) is PrintOutcome.MUTE
        bench.line.clear(verb)
        await asyncio.sleep(5)
        assert bench.driver.state() is PrinterState.READY
        assert bench.driver.automatic

    story(told)


def test_a_printer_that_stalls_in_the_middle_prints_nothing_when_it_wakes() -> None:
    async def told(bench: Bench) -> None:
        async def stall() -> None:
            await asyncio.sleep(0.05)
            bench.line.fault("stalled")

        strip = paper(SAMPLES["long"], Catalogue.load())
        stalling = asyncio.create_task(stall())
        began = bench.now
        assert await bench.driver.print(bench.job(strip=strip)) is PrintOutcome.MUTE
        await stalling
        assert bench.now - began < 3
        bench.line.clear("stalled")
        await asyncio.sleep(10)
        # the line in hand may come out, the library's name; no title does
        assert len(bench.printed()) == 1
        assert len(bench.printed()[0]) <= 1
        assert bench.device.truth()["unprinted"] is False
        assert bench.driver.state() is PrinterState.READY

    story(told)


def test_a_printer_that_never_says_done_is_not_believed() -> None:
    async def told(bench: Bench) -> None:
        bench.line.fault("never_finishes")
        began = bench.now
        assert await bench.driver.print(bench.job()) is PrintOutcome.UNFINISHED
        assert bench.now - began < 6
        bench.line.clear("never_finishes")
        assert await bench.driver.print(bench.job("2")) is PrintOutcome.PRINTED

    story(told)


@pytest.mark.parametrize("seconds", [0.2, 3])
@pytest.mark.parametrize("flow", ["none", "xonxoff"])
def test_after_a_power_cycle_it_is_armed_again(seconds: float, flow: str) -> None:
    async def told(bench: Bench) -> None:
        bench.line.fault("power_cycle", seconds=seconds)
        await asyncio.sleep(8)
        bench.line.fault("cover")
        await asyncio.sleep(1.2)
        assert bench.driver.state() is PrinterState.COVER_OPEN
        bench.line.clear("cover")
        await asyncio.sleep(3)
        assert bench.driver.state() is PrinterState.READY
        assert bench.driver.automatic
        assert await bench.driver.print(bench.job()) is PrintOutcome.PRINTED
        assert bench.printed()[0] == lines_of(STRIP, 48)

    story(told, flow=flow)


def test_a_power_cycle_in_the_middle_is_not_called_printed() -> None:
    async def told(bench: Bench) -> None:
        async def pull() -> None:
            await asyncio.sleep(0.2)
            bench.line.fault("power_cycle", seconds=1)

        pulling = asyncio.create_task(pull())
        outcome = await bench.driver.print(bench.job())
        await pulling
        assert not outcome.printed
        await asyncio.sleep(8)
        assert bench.driver.state() is PrinterState.READY
        assert await bench.driver.print(bench.job("2")) is PrintOutcome.PRINTED

    story(told)


# --- the wire ---------------------------------------------------------------------------------------


def test_a_pulled_cable_in_the_middle_leaves_nothing_behind() -> None:
    async def told(bench: Bench) -> None:
        async def pull() -> None:
            await asyncio.sleep(0.05)
            bench.line.fault("cover")  # so that what was sent is still in the buffer
            await bench.cable.unplug()

        pulling = asyncio.create_task(pull())
        strip = paper(SAMPLES["long"], Catalogue.load())
        assert await bench.driver.print(bench.job(strip=strip)) in {
            PrintOutcome.GONE,
            PrintOutcome.COVER_OPEN,
        }
        await pulling
        assert bench.driver.state() is PrinterState.GONE
        assert await bench.driver.print(bench.job("2")) is PrintOutcome.GONE
        before = bench.printed()
        await bench.cable.plug()
        await asyncio.sleep(5)
        bench.line.clear("cover")
        await asyncio.sleep(5)
        assert bench.printed() == before
        assert bench.driver.state() is PrinterState.READY

    story(told)


def test_a_visit_that_is_torn_down_in_the_middle_leaves_nothing_behind() -> None:
    async def told(bench: Bench) -> None:
        bench.line.fault("cover", after_mm=20)
        printing = asyncio.create_task(bench.driver.print(bench.job()))
        await asyncio.sleep(0.05)
        printing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await printing
        await asyncio.sleep(3)
        before = bench.printed()
        bench.line.clear("cover")
        await asyncio.sleep(5)
        assert bench.printed() == before
        assert await bench.driver.print(bench.job("2")) is PrintOutcome.PRINTED

    story(told)


@pytest.mark.parametrize(
    "noise", ["12", "00", "5f 41", "37 22 30 30", "10 00", "ff 80", "13", "11"]
)
def test_stray_bytes_change_no_outcome(noise: str) -> None:
    async def told(bench: Bench) -> None:
        bench.line.fault("stray_answer", bytes=noise)
        await asyncio.sleep(3)
        assert bench.driver.state() is PrinterState.READY
        assert await bench.driver.print(bench.job()) is PrintOutcome.PRINTED

    story(told)


def test_a_late_answer_is_not_taken_for_the_next() -> None:
    async def told(bench: Bench) -> None:
        for _ in range(5):
            bench.line.fault("late_answer", seconds=0.35)
            await asyncio.sleep(2)
            assert bench.driver.state() is PrinterState.READY
        assert bench.driver.counts.strays >= 1

    story(told)


@pytest.mark.parametrize("verb", ["drop_reply", "corrupt", "half_frame", "garbage"])
def test_a_bad_line_is_lived_with(verb: str) -> None:
    async def told(bench: Bench) -> None:
        for _ in range(5):
            bench.line.fault(verb)
            await asyncio.sleep(1.3)
        await asyncio.sleep(3)
        assert bench.driver.state() is PrinterState.READY
        assert await bench.driver.print(bench.job()) is PrintOutcome.PRINTED

    story(told)


def test_a_mute_printer_does_not_open() -> None:
    async def main() -> None:
        bench = Bench()
        await bench.cable.start()
        bench.line.fault("mute")
        with pytest.raises(DeviceTimeout) as caught:
            await bench.driver.open()
        assert caught.value.code is Code.PRINTER_MUTE
        assert bench.driver.state() is PrinterState.MUTE
        bench.line.clear("mute")
        await bench.driver.open()
        assert bench.driver.state() is PrinterState.READY
        await bench.driver.close()
        assert bench.driver.state() is PrinterState.GONE

    run(main())


def test_a_printer_in_the_middle_of_an_image_is_freed() -> None:
    async def main() -> None:
        bench = Bench()
        await bench.cable.start()
        bench.line.receive(bytes.fromhex("1D 76 30 00 48 00 30 00") + b"\xff" * 100)
        await bench.driver.open()
        assert bench.driver.automatic
        assert await bench.driver.print(bench.job()) is PrintOutcome.PRINTED
        await bench.driver.close()

    run(main())


def test_an_absent_printer_is_said_to_be_absent() -> None:
    async def main() -> None:
        bench = Bench()
        await bench.cable.start()
        await bench.cable.unplug()
        with pytest.raises(DeviceUnavailable):
            await bench.driver.open()
        assert bench.driver.state() is PrinterState.GONE
        assert await bench.driver.print(bench.job()) is PrintOutcome.GONE

    run(main())


def test_a_receipt_in_every_latin_language_reads_back() -> None:
    async def told(bench: Bench) -> None:
        for n, language in enumerate(("da", "en", "de")):
            strip = paper(replace(SAMPLES["refused"], language=language), Catalogue.load())
            assert await bench.driver.print(bench.job(str(n), strip)) is PrintOutcome.PRINTED
            assert bench.printed()[n] == lines_of(strip, 48)

    story(told)
