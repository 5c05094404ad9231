"""A receipt printer that speaks ESC/POS: believed by its sensors, and by its answer after the last byte.

What the printer says unasked (automatic status) and what it answers to questions are folded into one
`Sensors`; the state is read off it. Faults are states, not exceptions. A job that cannot be finished is
taken out of the printer's buffer, because otherwise, when the roll is changed, it prints the receipt of
a person who has left.

Rules of opening, polling and flow: Epson ESC/POS Application Programming Guide 10.01, pages 304-335 and
429-431; Citizen CBM1000 manual (a 4 KB buffer is busy with 128 bytes left).
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from config.device import Device
from drivers.errors import Code, DeviceError, DeviceTimeout, DeviceUnavailable
from drivers.escpos.compose import INIT, SMALLEST_BUFFER, STATUS_BACK
from drivers.escpos.exchange import Counts, Exchange, F
from drivers.escpos.frames import AutoStatus, Block, Flow, InOrder
from drivers.escpos.sensors import (
    Sensors,
    is_offline,
    of_auto_status,
    of_real_time,
    with_paper_sensor,
)
from drivers.ports import Clock, PrinterInfo, PrinterState, PrintJob, PrintOutcome, Rng
from drivers.runtime.log import LogEvent, log
from drivers.transport.stream import Transport

PAPER_SENSOR = b"\x1d\x72\x01"
"""GS r 1: answered in its turn, so also a barrier."""
PROCESS_ID = b"\x1d\x28\x48\x06\x00\x30\x30"
"""GS ( H fn 48 and four digits: answered when everything before it is printed."""
CUT_OFF = b"\x1b\x40\x1d\x56\x42\x00"
"""Reset, then feed to the cutter and cut (GS V 66): a slip that failed half-way is nobody's next one."""
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 fn 8: clear all buffers, carried out at once; nothing may be sent until it is answered."""
CLEARED = Block(0x37, b"\x25")
RECOVER_CLEAR = b"\x10\x05\x02"
"""DLE ENQ 2: recover and clear; carried out after recoverable errors only."""
IDENTITY = (0x42, 0x43, 0x41, 0x44)
"""GS I n: maker, model, firmware, serial number."""

IDLE_POLL_S = 0.5
QUARTET_S = 2.0
IDENTITY_S = 0.5
CLEAR_S = 1.0
HOT_S = 30.0
SPARE_S = 2.0
"""Seconds a job may take beyond what wire and head need."""
ROWS_PER_S = 1000
"""Dot rows a slow head prints in a second: 140 mm/s at 7 dots a mm."""
NUL_PADDING, NUL_PIECE = 8192, 1024
"""Ends any half-received image of ours, without filling a small printer's buffer."""

_KNOWS_PROCESS_ID = re.compile(
    r"TM-(T20|T70|T82|T88(IV|V)|T90|T100|m[135]0|P[268]0|L90|L100|J2000)"
)

_FAULTS = {
    PrinterState.COVER_OPEN: PrintOutcome.COVER_OPEN,
    PrinterState.PAPER_END: PrintOutcome.PAPER_END,
    PrinterState.CUTTER: PrintOutcome.ERROR,
    PrinterState.ERROR: PrintOutcome.ERROR,
    PrinterState.MUTE: PrintOutcome.MUTE,
    PrinterState.GONE: PrintOutcome.GONE,
}


@dataclass(frozen=True, slots=True)
class PrinterChanged(LogEvent):
    name = "printer.changed"
    state: PrinterState


@dataclass(frozen=True, slots=True)
class JobEnded(LogEvent):
    name = "printer.job"
    outcome: PrintOutcome
    sent: int
    """Bytes."""
    seconds: float


@dataclass(slots=True)
class _Progress:
    """One job under way: until when it must be done, when to ask next, since when the head is hot."""

    until: float
    ask_at: float
    hot_since: float | None = None


class EscposPrinter:
    """ReceiptPrinter over one wire. `serve` polls while idle and ends when the wire does.

    Args:
        transport: the wire, not opened.
        baud: its speed, for deadlines; None when the wire needs no time (TCP).
        flow: "none", "rtscts" or "xonxoff"; with "none" at most a small printer's buffer is sent ahead.
        process_id: whether the printer knows process ids; None decides by the model it names.
        rows_per_s: dot rows the head prints in a second.
    """

    BAUD = 9600
    PARITY = "none"

    def __init__(
        self,
        transport: Transport,
        *,
        baud: int | None = None,
        flow: str = "none",
        process_id: bool | None = None,
        rows_per_s: int = ROWS_PER_S,
    ) -> None:
        self._wire = Exchange(transport, self._heard, baud=baud)
        self._device = transport.device
        self._byte_s = 0.0 if baud is None else 10 / baud
        self._flow = flow
        self._process_id = process_id
        self._by_id = bool(process_id)
        self._rows_per_s = rows_per_s
        self._line = asyncio.Lock()
        self._news = asyncio.Event()
        self._told: list[Callable[[PrinterState], None]] = []
        self._last = PrinterState.GONE
        self._running: dict[str, asyncio.Future[PrintOutcome]] = {}
        self._leftover = False
        self._uncut = False
        self._serial = 0
        self._info = PrinterInfo("", "", "", "")
        self._forget()

    @classmethod
    def from_config(cls, device: Device, transport: Transport, clock: Clock, rng: Rng) -> Self:
        """The driver for a station's `printer` table."""
        del clock, rng  # time is the loop's, and nothing here is left to chance
        serial = device.url.startswith(("/", "rfc2217://"))
        return cls(
            transport,
            baud=device.baud or (cls.BAUD if serial else None),
            flow=device.flow or "none",
        )

    # --- the port

    async def open(self) -> PrinterInfo:
        """Connect, learn the state, switch automatic status on, ask who it is. Safe to repeat.

        Raises:
            DeviceUnavailable: nobody at the other end.
            DeviceTimeout: printer.mute, when it answers nothing at all; wire.stalled.
        """
        async with self._line:
            self._forget()
            await self._wire.open()
            answers = await self._look()
            if answers and self._leftover:
                await self._clear()
            if not await self._arm():
                if not answers:
                    self._publish()
                    raise DeviceTimeout(self._device, Code.PRINTER_MUTE, "no answer to DLE EOT")
                if not self._sensors.offline:
                    await self._end_half_command()
            await self._identify()
            self._publish()
            return self._info

    async def close(self) -> None:
        """Let go. A job that was cut off is taken out of the printer's buffer, if it still listens."""
        if self._leftover and not self._wire.gone:
            try:
                await self._wire.send(CLEAR)
            except DeviceError:
                pass
        await self._wire.close()
        self._publish()

    def state(self) -> PrinterState:
        if self._wire.gone:
            return PrinterState.GONE
        if self._stalled or not self._answering:
            return PrinterState.MUTE
        return self._sensors.state

    def on_change(self, told: Callable[[PrinterState], None]) -> None:
        self._told.append(told)

    async def serve(self) -> None:
        """Ask twice a second how the printer is, until the wire goes.

        Raises:
            DeviceUnavailable: the far end is gone, or took no bytes and must be opened anew.
        """
        while True:
            lost = await self._wire.lost(IDLE_POLL_S)
            if lost is not None:
                self._publish()
                raise lost
            async with self._line:
                try:
                    await self._poll()
                except DeviceTimeout as error:
                    self._stalled = True
                    self._publish()
                    raise DeviceUnavailable(self._device, error.code, "took no bytes") from error
            if self._stalled:
                raise DeviceUnavailable(self._device, Code.WIRE_STALLED, "took no bytes")

    async def print(self, job: PrintJob) -> PrintOutcome:
        """Send the job and wait for the printer's word. A second call with the same id gets the same word.

        Not to be repeated after UNFINISHED or MUTE without asking: it may have printed.
        """
        running = self._running.get(job.id)
        if running is not None:
            return await asyncio.shield(running)
        loop = asyncio.get_running_loop()
        running = self._running[job.id] = loop.create_future()
        outcome = PrintOutcome.UNFINISHED
        began = loop.time()
        try:
            async with self._line:
                outcome = await self._job(job)
            return outcome
        finally:
            running.set_result(outcome)
            del self._running[job.id]
            log(JobEnded(outcome, sum(map(len, job.pieces)), round(loop.time() - began, 3)))

    # --- for technicians

    @property
    def info(self) -> PrinterInfo:
        """Identity as learned at the last open."""
        return self._info

    @property
    def sensors(self) -> Sensors:
        """Every bit that the printer reports."""
        return self._sensors

    @property
    def counts(self) -> Counts:
        """Strays, unknown bytes and misses since the driver was made."""
        return self._wire.counts

    @property
    def automatic(self) -> bool:
        """Whether the printer tells changes by itself; else all four questions are asked at each poll."""
        return self._armed

    # --- what is known

    def _forget(self) -> None:
        """All of the wire's state, which is learned anew at every open."""
        self._sensors = Sensors()
        self._answering = False
        self._armed = False
        self._arm_again = False
        self._stalled = False
        self._held = False
        self._quartets = 0

    def _heard(self, frame: AutoStatus | Flow) -> None:
        if isinstance(frame, AutoStatus):
            self._sensors = of_auto_status(frame.quartet)
            self._quartets += 1
            self._answering = self._armed = True
        elif frame.open:
            # without an XOFF before it, an XON is the first word after power-on
            self._arm_again = self._arm_again or not self._held
            self._held = False
        else:
            self._held = self._flow == "xonxoff"
        self._stir()
        self._publish()

    def _stir(self, _: object = None) -> None:
        self._news.set()

    def _publish(self) -> None:
        state = self.state()
        if state != self._last:
            self._last = state
            log(PrinterChanged(state))
            for told in self._told:
                told(state)

    # --- asking

    async def _look(self) -> bool:
        """Ask how it is; whether it answers at all. All four questions when automatic status cannot be trusted."""
        printer = await self._wire.real_time(1)
        if printer is None:
            self._arm_again = True
            printer = await self._wire.real_time(1)
        self._answering = printer is not None
        if printer is None:
            self._armed = False
            self._publish()
            return False
        if not (self._armed and is_offline(printer) == self._sensors.offline):
            before = self._quartets
            answers = [await self._wire.real_time(n) for n in (2, 3, 4)]
            cause, error, paper = answers
            if self._quartets == before:
                self._arm_again = self._arm_again or self._armed
                self._armed = False
                if cause is not None and error is not None and paper is not None:
                    self._sensors = of_real_time(printer, cause, error, paper)
        self._publish()
        return True

    async def _poll(self) -> None:
        if not await self._look():
            return
        if self._leftover:
            await self._clear()
        if self._arm_again and not self._sensors.offline:
            self._arm_again = False
            await self._arm()
            if not self._info.model:
                await self._identify()

    async def _arm(self) -> bool:
        """Reset and switch automatic status on; whether it answered. Offline it would not be carried out."""
        if self._answering and self._sensors.offline:
            self._arm_again = True
            return False
        return await self._wire.ask(INIT + STATUS_BACK, AutoStatus, QUARTET_S) is not None

    async def _end_half_command(self) -> None:
        """The printer may wait for the rest of an image: fill it with nothing, then try again."""
        for _ in range(NUL_PADDING // NUL_PIECE):
            await self._wire.send(bytes(NUL_PIECE))
            await asyncio.sleep(self._wire.wire_s)
        await self._arm()

    async def _identify(self) -> None:
        """Ask maker, model, firmware, serial; blank where it does not say, and all blank while offline."""
        if self._sensors.offline:
            self._arm_again = True
            return
        found: list[str] = []
        for n in IDENTITY:
            block = await self._wire.ask(bytes((0x1D, 0x49, n)), Block, IDENTITY_S)
            if block is None:
                break
            found.append(block.text.decode("ascii", "replace") if block.header == 0x5F else "")
        self._info = PrinterInfo(*(found + [""] * 4)[:4])
        if self._process_id is None:
            self._by_id = bool(_KNOWS_PROCESS_ID.match(self._info.model))

    # --- a job

    async def _job(self, job: PrintJob) -> PrintOutcome:
        try:
            outcome = await self._attempt(job)
        except DeviceTimeout:
            self._stalled = True
            outcome = _FAULTS.get(self._sensors.state, PrintOutcome.MUTE)
        except DeviceUnavailable:
            outcome = PrintOutcome.GONE
        self._publish()
        return outcome

    async def _attempt(self, job: PrintJob) -> PrintOutcome:
        if self._wire.gone:
            return PrintOutcome.GONE
        if not await self._look():
            return PrintOutcome.MUTE
        if self._leftover:
            await self._clear()
        now = asyncio.get_running_loop().time()
        size = sum(map(len, job.pieces))
        needs = size * self._byte_s + job.rows / self._rows_per_s + SPARE_S
        progress = _Progress(now + needs, now + IDLE_POLL_S)
        cool = await self._until(lambda: self.state() is not PrinterState.HOT, progress)
        fault = cool or _FAULTS.get(self.state())
        if fault is not None:
            return fault
        if self._uncut:
            await self._wire.send(CUT_OFF)
        self._leftover = self._uncut = True
        fault = await self._send(job, progress)
        if fault is PrintOutcome.MUTE:
            await self._wire.send(CLEAR)  # for when it wakes up; asked again when it answers
            return fault
        if fault is not None:
            await self._clear()
            return fault
        self._leftover = self._uncut = False
        near = self._sensors.near_end
        return PrintOutcome.PRINTED_NEAR_END if near else PrintOutcome.PRINTED

    async def _send(self, job: PrintJob, progress: _Progress) -> PrintOutcome | None:
        """None when the printer has said that all of it is printed, else what came in between."""
        ahead = 0
        for n, piece in enumerate(job.pieces):
            if n and not await self._look():
                return PrintOutcome.MUTE
            fault = await self._until(self._may_send, progress)
            if (
                fault is None
                and self._flow == "none"
                and ahead + len(piece) > SMALLEST_BUFFER - 128
            ):
                fault = await self._barrier(progress)
                ahead = 0
            if fault is not None:
                return fault
            await self._wire.send(piece)
            ahead += len(piece)
        return await self._end(progress)

    def _may_send(self) -> bool:
        return not self._held and self.state().usable

    async def _barrier(self, progress: _Progress) -> PrintOutcome | None:
        """Wait until the printer has worked off all that was sent; None when it has."""
        return await self._answer(PAPER_SENSOR, self._sensed, InOrder, progress)

    async def _end(self, progress: _Progress) -> PrintOutcome | None:
        """The mark after the last byte: the paper sensor in its turn, then the process id where there is one."""
        fault = await self._barrier(progress)
        if fault is not None or not self._by_id:
            return fault
        self._serial = self._serial % 9999 + 1
        digits = b"%04d" % self._serial
        confirmed = Block(0x37, b"\x22" + digits)
        progress.until = asyncio.get_running_loop().time() + SPARE_S
        fault = await self._answer(
            PROCESS_ID + digits, lambda block: block == confirmed, Block, progress
        )
        if fault is PrintOutcome.UNFINISHED:
            self._by_id = False  # it knows no process ids; its word of the sensor stands
            return None
        return fault

    def _sensed(self, frame: InOrder) -> bool:
        if not self._armed:
            self._sensors = with_paper_sensor(self._sensors, frame.bits)
        return True

    async def _answer(
        self, command: bytes, right: Callable[[F], bool], kind: type[F], progress: _Progress
    ) -> PrintOutcome | None:
        """Send a command of the print buffer and wait for the right answer; None when it came."""
        answer = self._wire.expect(kind)
        answer.add_done_callback(self._stir)
        await self._wire.send(command)
        while True:
            fault = await self._until(answer.done, progress)
            if fault is not None:
                self._wire.forget(kind)
                return fault
            if right(answer.result()):
                return None
            answer = self._wire.expect(kind)
            answer.add_done_callback(self._stir)

    async def _until(self, done: Callable[[], bool], progress: _Progress) -> PrintOutcome | None:
        """Wait for `done`; None then, else the fault, silence or lateness that came first."""
        loop = asyncio.get_running_loop()
        while not done():
            state, now = self.state(), loop.time()
            fault = _FAULTS.get(state)
            if fault is not None:
                return fault
            if state is PrinterState.HOT:
                progress.hot_since = now if progress.hot_since is None else progress.hot_since
                limit = progress.hot_since + HOT_S
                if now >= limit:
                    return PrintOutcome.ERROR
            else:
                if progress.hot_since is not None:
                    progress.until += now - progress.hot_since
                    progress.hot_since = None
                limit = progress.until
                if now >= limit:
                    return PrintOutcome.UNFINISHED
            if now >= progress.ask_at:
                if not await self._look():
                    return PrintOutcome.MUTE
                progress.ask_at = loop.time() + IDLE_POLL_S
                continue
            self._news.clear()
            try:
                async with asyncio.timeout(min(progress.ask_at, limit) - now):
                    await self._news.wait()
            except TimeoutError:
                pass
        return None

    async def _clear(self) -> None:
        """Take what is left of a job out of the printer, so that it never prints later."""
        answer = await self._wire.ask(CLEAR, Block, CLEAR_S)
        if answer != CLEARED:
            await self._wire.send(RECOVER_CLEAR)
        self._leftover = False
        self._arm_again = True
