"""A receipt printer that speaks ESC/POS: sensors, receive buffer, print engine and paper.

Two lanes read the bytes: real-time commands are executed when they arrive, the others in order, when the
engine is free and the printer online. What a fault leaves in the buffer prints after the recovery, unless
DLE DC4 fn 8, DLE ENQ 2 or a power cycle has cleared it.

Not modelled: what hw_sim.devices.escpos_page names; the pause of DLE ENQ and DLE DC4 while a block is being
sent; ink and peeler status; BUSY as a modem line ("rtscts" means that the line waits, `busy` tells it).

Sources: Epson TM-T88III series specification, pages 73-75, 132-135; Epson ESC/POS Application Programming
Guide 10.01, pages 304-335, 429-431; Epson online ESC/POS command reference.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Literal

from hw_sim.devices.escpos_faults import PRINTER_FAULTS, ROLL_MM
from hw_sim.devices.escpos_job import Cut, Job, Step
from hw_sim.devices.escpos_page import Page
from hw_sim.devices.escpos_parser import (
    BufferedLane,
    Command,
    Op,
    RealTime,
    RealTimeCommand,
    RealTimeLane,
)
from hw_sim.devices.escpos_profile import PROFILES, Profile
from hw_sim.devices.escpos_status import State
from hw_sim.devices.escpos_voice import Flow, Voice
from hw_sim.faults import Faults, number
from hw_sim.paper import Paper, draw_rows

Pace = Literal["real", "none"]

NEAR_END_MM = 3_000.0
"""Paper left when the near-end sensor falls."""
BUSY_AT = 128
"""Free bytes in the buffer at which the printer is busy."""
READY_AT = 256
"""Free bytes at which it takes data again."""
LARGEST_LINE = 1024 * 1024
"""Bytes that may wait on the line while the printer is busy; more is lost."""
JOBS_KEPT = 200

_WHILE_OFFLINE = frozenset({Op.INITIALIZE, Op.AUTOMATIC_STATUS, Op.IGNORED, Op.REAL_TIME})
"""Taken also while offline, when nothing waits before them, so that a host can arm a printer at fault."""


class EscposPrinter:
    """The printer as a device of the simulated world (hw_sim.wire.Device).

    `profile` is a model or its name; `dots` overrides the width of its head. `pace` "real" takes the
    model's time to print and cut, on the running loop; "none" prints at once. `flow` is how the printer says
    that it is busy. `busy_offline`: it is busy also while offline (a DIP switch).
    """

    role = "printer"

    def __init__(
        self,
        rng: random.Random,
        *,
        profile: Profile | str = "TM-T88V",
        pace: Pace = "real",
        flow: Flow = "rtscts",
        busy_offline: bool = False,
        dots: int | None = None,
    ) -> None:
        if isinstance(profile, str):
            if profile not in PROFILES:
                raise ValueError(
                    f"no printer profile {profile!r}; there are: {', '.join(PROFILES)}"
                )
            profile = PROFILES[profile]
        self.profile = profile if dots is None else replace(profile, dots=dots)
        self.paper = Paper(self.profile.dots)
        self.jobs: deque[Job] = deque(maxlen=JOBS_KEPT)
        """Finished jobs, oldest first."""
        self.job = Job(1)
        """The job now being printed."""
        self._pace = pace
        self._flow_by = flow
        self._busy_offline = busy_offline
        self._faults = Faults(PRINTER_FAULTS)
        self._voice = Voice(self.profile, rng, self._faults, flow)
        self._not_yet: dict[str, float] = {}
        self._cover_while_printing = False
        self._mm_left = ROLL_MM
        self._rows_printed = 0
        self._cuts = 0
        self._pulses = 0
        self._lost = 0
        self._timer: asyncio.TimerHandle | None = None
        self._moving = False
        self._free_at = 0.0
        self._real_time = RealTimeLane()
        self._lane = BufferedLane()
        self._line = bytearray()
        self._power_on()

    def _power_on(self) -> None:
        self._real_time.reset()
        self._page = Page(self.profile)
        self._steps: deque[Step] = deque()
        self._next: Command | None = None
        self._selected = True
        self._full = False
        self._lane.clear()
        self._line.clear()
        self._voice.power_on(self.state)

    # --- the wire ------------------------------------------------------------------------------------

    def attach(self, send: Callable[[bytes], None], hang_up: Callable[[], None]) -> None:
        """A client connected. The printer itself never hangs up."""
        self._voice.send = send

    def detach(self) -> None:
        """The client is gone; what it has sent still prints."""
        self._voice.send = None

    def receive(self, data: bytes) -> None:
        """Bytes from the client, in pieces of any size."""
        if self._voice.silent:
            return
        if self._active("stalled"):
            self._line += data[: LARGEST_LINE - len(self._line)]
            return
        start = 0
        for command in self._real_time.feed(data):
            self._line += data[start : command.end]
            start = command.end
            self._run()
            self._execute_now(command)
        self._line += data[start:]
        self._run()

    @property
    def busy(self) -> bool:
        """BUSY is up: the line should wait."""
        return self._full or (self._busy_offline and self.state.offline)

    # --- state ---------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """What the sensors and the error circuits say now."""
        return State(
            drawer_high=self._active("drawer"),
            cover_open=self._active("cover"),
            feed_held=self._active("feed_held"),
            waiting=self._active("waiting"),
            near_end=self.profile.near_end_sensor and self._mm_left <= NEAR_END_MM,
            paper_end=self._mm_left <= 0,
            cutter=self._active("cutter_jam"),
            mechanical=self._active("mechanical"),
            unrecoverable=self._active("unrecoverable"),
            auto_recoverable=self._active("head_hot") or self._cover_while_printing,
        )

    def _active(self, verb: str) -> bool:
        return self._faults.get(verb) is not None and verb not in self._not_yet

    def _changed(self) -> None:
        """Tell the host what it asked to be told, if there is news."""
        self._voice.changed(self.state)
        self._tell_flow()

    def _tell_flow(self) -> None:
        free = self.profile.buffer - self._lane.level
        if free <= BUSY_AT:
            self._full = True
        elif free >= READY_AT:
            self._full = False
        self._voice.flow(self.busy)

    # --- real-time lane ------------------------------------------------------------------------------

    def _execute_now(self, command: RealTimeCommand) -> None:
        match command.kind:
            case RealTime.STATUS if command.raw[2] <= 4:
                self._voice.real_time_status(self.state, command.raw[2])
            case RealTime.RECOVER if command.raw[2] in (1, 2):
                self._recover(clear=command.raw[2] == 2)
            case RealTime.PULSE:
                self._pulses += 1
            case RealTime.POWER_OFF:
                self._stop_engine()
                self._power_on()
                self._voice.silent = True
            case RealTime.CLEAR if self.profile.clear_buffers:
                self._clear_buffers()
                self._voice.answer(b"\x37\x25\x00")
            case _:
                pass

    def _recover(self, *, clear: bool) -> None:
        """DLE ENQ: only for the cutter and the mechanics; paper end and a hot head stay as they are."""
        if not (self._active("cutter_jam") or self._active("mechanical")):
            return
        if clear:
            self._clear_buffers()
        for verb in ("cutter_jam", "mechanical"):
            args = self._faults.get(verb)
            if args is not None and not args["stuck"]:
                self._faults.clear(verb)
        self._changed()
        self._run()

    def _clear_buffers(self) -> None:
        self._lane.clear()
        self._line.clear()
        self._steps.clear()
        self._next = None
        self._page.drop_line()
        self._tell_flow()

    # --- buffered lane -------------------------------------------------------------------------------

    def _run(self) -> None:
        """Take bytes in and print, as far as the buffer, the engine and the faults allow."""
        going = True
        while going:
            taken, worked = self._take_in(), self._work()
            self._tell_flow()
            going = taken or worked
        if self._flow_by != "rtscts" or len(self._line) > LARGEST_LINE:
            kept = LARGEST_LINE if self._flow_by == "rtscts" else 0
            self._lost += len(self._line) - kept
            del self._line[kept:]
        self._moving = self._timer is not None

    def _take_in(self) -> bool:
        room = self.profile.buffer - self._lane.level
        if self._flow_by == "rtscts":
            room = 0 if self._full else room - BUSY_AT
        part = bytes(self._line[: max(0, room)])
        del self._line[: len(part)]
        self._lane.push(part)
        return bool(part)

    def _work(self) -> bool:
        """Do one command or one motion; False when there is nothing that can be done now."""
        if self._voice.silent or self._timer is not None or self._active("stalled"):
            return False
        offline = self.state.offline
        if self._steps:
            if offline:
                return False
            self._move(self._steps.popleft())
            return True
        level = self._lane.level
        command = self._next or self._lane.pull()
        self._next = None
        if command is None:
            return self._lane.level < level
        if offline and command.op not in _WHILE_OFFLINE:
            self._next = command
            return False
        self._execute(command)
        return True

    def _execute(self, command: Command) -> None:
        self.job.remember(command.raw)
        if not self._selected and command.op is not Op.PERIPHERAL:
            return
        n = command.params[0] if command.params else 0
        match command.op:
            case Op.AUTOMATIC_STATUS if self.profile.automatic_status:
                self._voice.ask(n, self.state)
            case Op.STATUS if n & 0x0F == 1:
                self._voice.barrier(self._voice.sensor(self.state))
            case Op.STATUS if n & 0x0F == 2:
                self._voice.barrier(bytes((self.state.drawer_high,)))
            case Op.PAPER_SENSOR:
                self._voice.answer(self._voice.sensor(self.state))
            case Op.DRAWER_SENSOR:
                self._voice.answer(bytes((self.state.drawer_high,)))
            case Op.IDENTITY:
                self._voice.answer(self.profile.identity(n))
            case Op.PROCESS_ID if self.profile.process_id:
                self._voice.barrier(b"\x37\x22" + command.data + b"\x00")
            case Op.OFFLINE_RESPONSE if self.profile.process_id:
                self._voice.ask_offline_response(bool(n & 0x03))
            case Op.PERIPHERAL:
                self._selected = bool(n & 1)
            case Op.DRAWER_PULSE:
                self._pulses += 1
            case Op.INITIALIZE if self.profile.initialize_stops_status:
                self._voice.ask(0, self.state)
                self._page.initialize()
            case _:
                self._steps.extend(self._page.execute(command))

    # --- engine --------------------------------------------------------------------------------------

    @property
    def _dots_a_mm(self) -> float:
        return self.profile.dpi / 25.4

    def _move(self, step: Step) -> None:
        """Print one step; the engine is then occupied for the time that it takes."""
        rows = len(step.rows)
        self.paper.advance(step.rows)
        self.job.add(step)
        self._rows_printed += rows
        self._mm_left = max(0.0, self._mm_left - rows / self._dots_a_mm)
        slow = self._faults.get("slow_print")
        speed = number(slow["mm_a_second"]) if slow else self.profile.speed
        seconds = rows / self._dots_a_mm / max(speed, 0.001)
        if isinstance(step.content, Cut):
            seconds += self.profile.cut_seconds
            self._cuts += 1
            self.paper.cut(step.content.kind)
            self.jobs.append(self.job)
            self.job = Job(self.job.number + 1)
        self._occupy(seconds)
        printed = self._rows_printed / self._dots_a_mm
        for verb in [v for v, mm in self._not_yet.items() if mm <= printed]:
            self._begin(verb)
        self._changed()

    def _occupy(self, seconds: float) -> None:
        if self._pace == "real" and seconds:
            loop = asyncio.get_running_loop()
            # a motion follows the last without a pause, also when the timer came late
            begin = self._free_at if self._moving else max(self._free_at, loop.time())
            self._free_at = begin + seconds
            self._timer = loop.call_at(self._free_at, self._motion_done)
        self._moving = True

    def _motion_done(self) -> None:
        self._timer = None
        self._run()

    def _stop_engine(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._moving = False

    # --- faults --------------------------------------------------------------------------------------

    def fault(self, verb: str, **args: object) -> None:
        """Start a fault of PRINTER_FAULTS. Raises ValueError that lists them, or TypeError for its arguments."""
        if verb == "stray_answer":
            self._faults.start(verb, args)
            self._faults.clear(verb)
            self._voice.put(bytes.fromhex(str(args.get("bytes", "12"))))
            return
        started = self._faults.start(verb, args)
        after = number(started.get("after_mm", 0))
        self._not_yet.pop(verb, None)
        match verb:
            case "near_end":
                self._mm_left = min(self._mm_left, NEAR_END_MM + after)
            case "paper_end":
                self._mm_left = after
            case "refill":
                self._faults.clear(verb)
                self._refill(number(started["metres"]) * 1000)
            case "power_cycle":
                self._power_cycle(started["seconds"])
            case _ if after > 0:
                self._not_yet[verb] = self._rows_printed / self._dots_a_mm + after
            case _:
                self._begin(verb)
        self._changed()
        self._run()

    def _begin(self, verb: str) -> None:
        """The fault sets in, now or after some paper; it may pass by itself."""
        self._not_yet.pop(verb, None)
        args = self._faults.get(verb)
        if args is None:
            return
        if verb == "cover":
            self._cover_while_printing = self._moving
        if verb != "late_answer" and args.get("seconds") is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(number(args["seconds"]), self._pass, verb, args)

    def _pass(self, verb: str, args: dict[str, object]) -> None:
        if self._faults.get(verb) is args:
            self.clear(verb)

    def clear(self, verb: str | None = None) -> None:
        """End one fault, or all; a printer that is whole again prints what it still holds."""
        self._faults.clear(verb)
        if verb is None:
            self._not_yet.clear()
        else:
            self._not_yet.pop(verb, None)
        if verb in (None, "near_end", "paper_end"):
            self._refill(ROLL_MM)
        if verb in (None, "cover"):
            self._cover_while_printing = False
        if verb in (None, "power_cycle"):
            self._voice.silent = False
        self._changed()
        if verb in (None, "stalled") and self._line:
            waited = bytes(self._line)
            self._line.clear()
            self.receive(waited)
        self._run()

    def faults(self) -> dict[str, object]:
        """The faults now standing, with their arguments; those that wait for paper are among them."""
        return self._faults.standing()

    def _refill(self, mm: float) -> None:
        self._faults.clear("near_end")
        self._faults.clear("paper_end")
        self._mm_left = mm

    def _power_cycle(self, seconds: object) -> None:
        self._stop_engine()
        self._cover_while_printing = False
        for verb in ("cutter_jam", "mechanical"):
            args = self._faults.get(verb)
            if args is not None and not args["stuck"]:
                self._faults.clear(verb)
        self._power_on()
        boot = self.profile.boot_seconds if self._pace == "real" else 0.0
        boot = boot if seconds is None else number(seconds)
        self._voice.silent = True
        if boot:
            asyncio.get_running_loop().call_later(
                boot, self._booted, self._faults.get("power_cycle")
            )
        else:
            self._booted(self._faults.get("power_cycle"))

    def _booted(self, cycle: dict[str, object] | None) -> None:
        if cycle is None or self._faults.get("power_cycle") is not cycle:
            return
        self._faults.clear("power_cycle")
        self._voice.silent = False
        self._voice.booted(self.busy)

    # --- what a person does and sees -----------------------------------------------------------------

    def tear(self) -> float:
        """Take what hangs out of the printer; the answer is its length in mm."""
        return self.paper.tear() / self._dots_a_mm

    def draw(self, path: Path, job: int | None = None) -> None:
        """Write a PNG: the paper now hanging out, or one job. Raises ValueError for a job not kept."""
        if job is None:
            self.paper.draw(path)
            return
        for kept in (*self.jobs, self.job):
            if kept.number == job:
                draw_rows(
                    kept.rows,
                    self.profile.dots,
                    path,
                    [(len(kept.rows), kept.cut)] if kept.cut else None,
                )
                return
        raise ValueError(f"job {job} is not kept")

    @property
    def _unprinted(self) -> bool:
        """Something received waits, or a line is begun: it would come out before the next receipt."""
        waits = self._steps or self._next or self._lane.level or self._line
        return bool(waits) or self._page.line_begun

    def truth(self) -> dict[str, object]:
        """What the printer has done and is: state, jobs, paper, counters. JSON types."""
        state = self.state
        jobs = [*self.jobs] + ([] if self.job.empty else [self.job])
        return {
            "model": self.profile.model,
            "powered": not self._voice.silent,
            "online": not state.offline and not self._voice.silent,
            "state": asdict(state),
            "printing": self._timer is not None,
            "jobs": [job.report(self._dots_a_mm) for job in jobs],
            "metres": round(self._rows_printed / self._dots_a_mm / 1000, 3),
            "metres_left": round(self._mm_left / 1000, 3),
            "hanging_mm": round(len(self.paper.rows) / self._dots_a_mm, 1),
            "cuts": self._cuts,
            "drawer_pulses": self._pulses,
            "buffer": self._lane.level + len(self._line),
            "unprinted": self._unprinted,
            "lost": self._lost,
            "busy": self.busy,
        }
