"""The controller of the simulated belt: PackML, watchdogs, alarms, tracking, and the ring of events.

Written from the description of the belt's register map v1. It knows only eyes, encoder, sensors of bins and the safety
chain, and acts once a scan; counts of the encoder are latched at each edge.

Not modelled: an encoder that stands while the belt moves, more than one inlet, a conveyor in segments.
"""

import math
from collections.abc import Callable
from enum import IntEnum
from functools import partial

from hw_sim.agenda import Due
from hw_sim.devices.belt_pack import MOVES, RUNS, Order, Pack, State
from hw_sim.devices.belt_ring import WORD, Ring, Type
from hw_sim.devices.belt_tracking import INLET, Tracking, zone_of
from hw_sim.plant import Plant

HOST_LOST_S, HOST_GONE_S = 1.0, 30.0
"""Without a new heart-beat of the host: Suspending, then Stopping."""
INLET_PENDING, BELT_PENDING = 16, 40
"""Above so many events that nobody took the inlet shuts, and the belt stands still."""
FULL_S = 0.5
"""So long must a bin look full before it is."""
JOG_S = 0.5

FULL, FREE, OUT, IN = 1, 2, 3, 4
LOST, BACK = 1, 2
TOLD_TO, NO_WORD = 1, 2
"""Why the gate gave something back."""
RAISED, CLEARED = 1, 2


PLOUGH_LATE_S = 0.3
"""A plough must be where it was told to be by then."""
MOST_ALARMS = 32


class Alarm(IntEnum):
    """Alarm numbers; the bit of an alarm is its number less one."""

    E_STOP = 1
    GUARD = 2
    DRIVE = 4
    JAM = 5
    NO_BIN = 6
    HOST = 7
    DIVERT = 8
    EYE = 9


class Result(IntEnum):
    """How a command ended."""

    OK = 0
    WRONG_STATE = 1
    UNKNOWN = 2
    BAD_ARGUMENT = 3
    NOT_PERMITTED = 4
    SAFETY = 5
    BUSY = 6


class Mode(IntEnum):
    """Unit modes."""

    PRODUCTION = 1
    MAINTENANCE = 2
    MANUAL = 3


class BeltPlc:
    """The program. `host`, `destine` and `order` are what comes by the wire; the rest comes from the plant."""

    def __init__(self, plant: Plant, *, boot_id: int = 1, program: int = 1) -> None:
        self.plant = plant
        self.layout = plant.layout
        self.program = program
        self.boot_id = boot_id
        self._paused_until = 0.0
        self._scan_due: Due | None = None
        plant.controller = self
        self._boot()

    def _boot(self) -> None:
        lay = self.layout
        self._pack = Pack(self.plant.agenda, lay.horn_s, self._changed)
        self.ring = Ring()
        self.tracking = Tracking(self)
        self.mode = Mode.PRODUCTION
        self.default = lay.bins
        self.full = {b for b in range(1, lay.bins + 1) if self.plant.bin_full(b)}
        self.out = {b for b in range(1, lay.bins + 1) if not self.plant.bin_present(b)}
        self.disabled = set(self.out)
        """Bins that are not used: by command, or until a crate is docked."""
        self.active: dict[Alarm, int] = {}
        """Alarms that stand, and the zone of each."""
        self.latched: set[Alarm] = set()
        self.first_out = 0
        self.garbled = 0
        self.host_hb = 0
        self.host_alive = False
        self.frozen = False
        self._allow = self._degraded = False
        self._host_at = -math.inf
        self._by_host = False
        """Suspended because the host was silent."""
        self._untrusted = False
        self._jogging = False
        self._open = False
        self._turn_at_gate = 0
        self._gate_from = 0.0
        """Since when something lies in the gate of an open inlet."""
        self._complete_from = 0.0
        self._told: dict[int, bool] = {}
        """By bin, whether its plough was last told to be out."""
        self._bad_ploughs: dict[int, bool] = {}
        """By bin, where its plough did not come to when it was told: out, or back in."""
        self._dirty: list[int] = []
        """Eyes that see items too long."""
        self._inbox: list[Callable[[], None]] = []
        if not self.plant.safe:
            self._later(self._sense)

    def restart(self) -> None:
        """Power comes back: nothing is remembered but the number of boots."""
        self._pack.halt()
        self.plant.run(False)
        self.plant.intake.gate(False)
        for bin in range(1, self.layout.bins):
            self.plant.plough(bin, False)
        self.boot_id = self.boot_id % 0xFFFF + 1
        self._boot()

    def pause(self, seconds: float) -> None:
        """No scan for so long."""
        self._paused_until = self.plant.agenda.now + seconds

    # --- scans

    @property
    def heartbeat(self) -> int:
        """Scans since power-on, in 16 bits; it stands while no scan is made."""
        scans = int(self.plant.agenda.now * 1000 / self.layout.scan_ms + 1e-6)
        if self.plant.agenda.now < self._paused_until:
            return self._beat
        self._beat = scans % WORD
        return self._beat

    _beat = 0

    def in_scan(self, do: Callable[[], None]) -> None:
        """Do it in the next scan, in the order of asking."""
        self._later(do)

    def _later(self, do: Callable[[], None]) -> None:
        """Do it in the next scan."""
        self._inbox.append(do)
        if self._scan_due is None:
            scan = self.layout.scan_ms / 1000
            now = self.plant.agenda.now
            at = (math.floor(now / scan + 1e-6) + 1) * scan
            self._scan_due = self.plant.agenda.at(max(at, self._paused_until), self._scan)

    def _scan(self) -> None:
        self._scan_due = None
        now = self.plant.agenda.now
        if now < self._paused_until:
            self._scan_due = self.plant.agenda.at(self._paused_until, self._scan)
            return
        work, self._inbox = self._inbox, []
        for do in work:
            do()
        self._act()

    def _act(self) -> None:
        """Outputs, from what is known now."""
        pack, tracking = self._pack, self.tracking
        self._watch_default()
        empty = not tracking.tracks
        if pack.state is State.COMPLETING and empty and self.plant.encoder >= self._complete_from:
            pack.done()
        self.frozen = self.ring.pending > BELT_PENDING and pack.state in RUNS
        rest = pack.state is State.SUSPENDED and empty
        self.plant.run((pack.state in RUNS and not self.frozen and not rest) or self._jogging)
        before = self._open
        self._open = (
            pack.state is State.EXECUTE
            and self._allow
            and self.host_alive
            and not self.frozen
            and self.ring.pending <= INLET_PENDING
            and len(tracking.tracks) < self.layout.most_items
        )
        if self._open and not before:
            self._gate_from = self.plant.agenda.now
        self.plant.intake.gate(self._open)

    def _watch_default(self) -> None:
        self.alarm(Alarm.NO_BIN, raised=not self.usable(self.default))
        if self._pack.state is State.EXECUTE and not self.usable(self.default):
            self._pack.give(Order.HOLD)

    # --- what the plant tells

    def edge(self, eye: int, covered: bool, pulse: int) -> None:
        self._later(lambda: self.tracking.edge(eye, covered, pulse))

    def sensed(self) -> None:
        self._later(self._sense)

    def waiting(self) -> None:
        """Something waits at the inlet: the gate opens by itself when it may, or, guarded, waits for a word of the host."""
        if self.layout.guarded:
            self._turn_at_gate += 1
            self._gate_from = self.plant.agenda.now
            turn = self._turn_at_gate
            self.plant.agenda.after(self.layout.gate_s, lambda: self._ask_gate(turn))

    def _ask_gate(self, turn: int) -> None:
        """No word of the host while the inlet is open: what lies in the gate is given back."""
        if turn != self._turn_at_gate or not self.plant.intake.lies_in_gate:
            return
        due = self._gate_from + self.layout.gate_s
        if not self._open or self.plant.agenda.now < due - 1e-9:
            at = max(due, self.plant.agenda.now + self.layout.gate_s / 4)
            self.plant.agenda.at(at, lambda: self._ask_gate(turn))
        elif self.plant.intake.refuse():
            self.say(Type.REFUSED, INLET, 0, NO_WORD)

    def _sense(self) -> None:
        self.alarm(Alarm.E_STOP, raised=self.plant.e_stop)
        self.alarm(Alarm.GUARD, raised=self.plant.guard_open)
        self.alarm(Alarm.DRIVE, raised=self.plant.tripped)
        if not self.plant.safe:
            self._untrusted = True  # somebody may have reached in
        if not self.plant.safe or self.plant.tripped:
            self._pack.give(Order.ABORT)
        for bin in range(1, self.layout.bins + 1):
            present = self.plant.bin_present(bin)
            if present == (bin in self.out):
                (self.out.discard if present else self.out.add)(bin)
                if not present:
                    self.disabled.add(bin)  # until a crate is docked
                self.say(Type.BIN, zone_of(bin), 0, bin, IN if present else OUT)
            if self.plant.bin_full(bin) != (bin in self.full):
                self.plant.agenda.after(FULL_S, partial(self._later, partial(self._level, bin)))

    def _level(self, bin: int) -> None:
        full = self.plant.bin_full(bin)
        if full != (bin in self.full):
            (self.full.add if full else self.full.discard)(bin)
            self.say(Type.BIN, zone_of(bin), 0, bin, FULL if full else FREE)

    # --- what the tracking needs

    @property
    def encoder(self) -> int:
        return self.plant.encoder

    def when(self, pulse: float, do: Callable[[], None]) -> Due:
        boot = self.boot_id
        return self.plant.when(pulse, lambda: self._later(do) if boot == self.boot_id else None)

    def plough(self, bin: int, out: bool) -> None:
        """Move a plough, and see by its sensor whether it came."""
        self.plant.plough(bin, out)
        self._told[bin] = out
        boot = self.boot_id

        def look() -> None:
            if boot != self.boot_id or self._told.get(bin) is not out:
                return
            if self.plant.plough_out(bin) is not out:
                self._bad_ploughs[bin] = out
            elif self._bad_ploughs.get(bin) is out:
                del self._bad_ploughs[bin]
            self._ploughs_judged()

        self.plant.agenda.after(PLOUGH_LATE_S, lambda: self._later(look))

    def _ploughs_judged(self) -> None:
        self.alarm(
            Alarm.DIVERT,
            raised=bool(self._bad_ploughs),
            at=zone_of(next(iter(self._bad_ploughs))) if self._bad_ploughs else 0,
        )

    def dirty(self, eye: int, seen: bool) -> None:
        """An eye sees items too long, or sees them right again."""
        if seen and eye not in self._dirty:
            self._dirty.append(eye)
        elif not seen and eye in self._dirty:
            self._dirty.remove(eye)
        self.alarm(
            Alarm.EYE, raised=bool(self._dirty), at=zone_of(self._dirty[0]) if self._dirty else 0
        )

    def usable(self, bin: int) -> bool:
        """Whether a bin takes something now."""
        return (
            1 <= bin <= self.layout.bins
            and bin not in self.full
            and bin not in self.out
            and bin not in self.disabled
        )

    def say(
        self,
        type: Type,
        zone: int,
        tid: int = 0,
        a: int = 0,
        b: int = 0,
        encoder: int | None = None,
    ) -> None:
        self.ring.push(type, zone, tid, a, b, self.encoder if encoder is None else encoder)

    def jammed(self, eye: int) -> None:
        where = zone_of(eye if eye <= self.layout.bins else eye - self.layout.bins)
        self.say(Type.JAM, where, 0, where)
        self.alarm(Alarm.JAM, raised=True, at=where)
        self._pack.give(Order.ABORT)

    # --- alarms and states

    def alarm(self, alarm: Alarm, *, raised: bool, at: int = 0) -> None:
        """An alarm's cause came or went in a zone; its latch stays until it is acknowledged."""
        if raised == (alarm in self.active):
            return
        if raised:
            self.active[alarm] = at
            self.latched.add(alarm)
            self.first_out = self.first_out or alarm
        else:
            at = self.active.pop(alarm)
        self.say(Type.ALARM, at, 0, alarm, RAISED if raised else CLEARED)

    @property
    def state(self) -> State:
        return self._pack.state

    @property
    def inlet_open(self) -> bool:
        return self._open

    def _changed(self, new: State, old: State) -> None:
        self.say(Type.STATE, 0, 0, new, old)
        match new:
            case State.ABORTING:
                for bin in range(1, self.layout.bins):
                    self.plant.plough(bin, False)
            case State.COMPLETING:
                self._complete_from = self.encoder + self.layout.pulses(600)
                self.plant.when(self._complete_from, lambda: self._later(lambda: None))
            case State.STARTING:
                self.tracking.watch_again()
            case State.EXECUTE if not self.host_alive:
                self._suspend()
            case State.SUSPENDED if self._by_host and self.host_alive:
                self._pack.give(Order.UNSUSPEND)
            case State.SUSPENDED:
                self._later(self._stop_if_gone)
            case _:
                pass
        self.plant.horn = new is State.STARTING
        self._later(lambda: None)

    # --- the host

    def host(self, beat: int, taken: int, *, allow: bool, degraded: bool) -> None:
        """The host's block was written."""
        self._later(lambda: self._heard(beat, taken, allow, degraded))

    def _heard(self, beat: int, taken: int, allow: bool, degraded: bool) -> None:
        self.ring.taken = taken
        self._allow, self._degraded = allow, degraded
        if beat == self.host_hb:
            return
        self.host_hb = beat
        watched = self.host_alive
        self._host_at = self.plant.agenda.now
        if not watched:
            self.host_alive = True
            self.say(Type.HOST, 0, 0, BACK)
            self.alarm(Alarm.HOST, raised=False)
            self.plant.agenda.after(HOST_LOST_S, self._watchdog)
            if self._by_host and self._pack.state is State.SUSPENDED:
                self._pack.give(Order.UNSUSPEND)

    def _watchdog(self) -> None:
        if not self.host_alive:
            return
        due = self._host_at + HOST_LOST_S
        if self.plant.agenda.now < due - 1e-9:
            self.plant.agenda.at(due, self._watchdog)
        else:
            self._later(self._host_lost)

    def _host_lost(self) -> None:
        if self.plant.agenda.now < self._host_at + HOST_LOST_S - 1e-9:
            self.plant.agenda.at(self._host_at + HOST_LOST_S, self._watchdog)
            return
        self.host_alive = False
        self.say(Type.HOST, 0, 0, LOST)
        self.alarm(Alarm.HOST, raised=True)
        heard = self._host_at
        boot = self.boot_id
        self.plant.agenda.at(
            heard + HOST_GONE_S, lambda: self._later(lambda: self._host_gone(heard, boot))
        )
        self._suspend()

    def _suspend(self) -> None:
        if self._pack.give(Order.SUSPEND):
            self._by_host = True

    def _host_gone(self, heard: float, boot: int) -> None:
        if boot == self.boot_id and heard == self._host_at:
            self._stop_if_gone()

    def _stop_if_gone(self) -> None:
        """From Suspended alone: in any other state the belt stands, or runs empty."""
        gone = self.plant.agenda.now >= self._host_at + HOST_GONE_S - 1e-9
        if gone and self._pack.state is State.SUSPENDED:
            self._pack.give(Order.STOP)

    def destine(self, tid: int, dest: int, alt: int) -> None:
        """A valid entry stands in the destination table."""
        self._later(lambda: self.tracking.destine(tid, dest, alt))

    # --- commands

    def order(self, code: int, a1: int = 0, a2: int = 0) -> Result:
        """Carry out one command; called in a scan."""
        if 1 <= code <= 10:
            return self._pack_order(Order(code))
        match code:
            case 20:
                return self._set_mode(a1)
            case 21:
                return self._acknowledge(a1)
            case 22 | 23 | 24:
                return self._bin_order(code, a1, a2)
            case 25:
                return self._gate_order(a1)
            case 26:
                self.tracking.purge()
                self._untrusted = not self.plant.safe
                return Result.OK
            case 27:
                if self._pack.state not in {State.STOPPED, State.IDLE}:
                    return Result.WRONG_STATE
                self.tracking.drop()
                return Result.OK
            case _ if 40 <= code < 50:
                return self._jog()
            case _:
                return Result.UNKNOWN

    def _pack_order(self, order: Order) -> Result:
        if not self._pack.may(order):
            return Result.WRONG_STATE
        if order in MOVES and not (self.plant.safe and not self.plant.tripped):
            return Result.SAFETY
        if order is Order.CLEAR and self._untrusted:
            return Result.NOT_PERMITTED
        if order is Order.START and self.mode is Mode.MANUAL:
            return Result.NOT_PERMITTED
        if order is Order.UNHOLD and not self.usable(self.default):
            return Result.NOT_PERMITTED
        if order is Order.CLEAR:
            self.alarm(Alarm.JAM, raised=False)
        if order is Order.RESET:  # a plough that still sticks is found again
            self._bad_ploughs.clear()
            self._ploughs_judged()
        if order in {Order.SUSPEND, Order.UNSUSPEND}:
            self._by_host = False
        self._pack.give(order)
        return Result.OK

    def _set_mode(self, mode: int) -> Result:
        if mode not in set(Mode):
            return Result.BAD_ARGUMENT
        if self._pack.state not in {State.STOPPED, State.IDLE}:
            return Result.WRONG_STATE
        self.mode = Mode(mode)
        return Result.OK

    def _acknowledge(self, code: int) -> Result:
        if code > MOST_ALARMS:
            return Result.BAD_ARGUMENT
        self.latched = {a for a in self.latched if a in self.active or code not in {0, a}}
        if self.first_out not in self.latched:
            self.first_out = min(self.latched, default=0)
        return Result.OK

    def _bin_order(self, code: int, bin: int, on: int) -> Result:
        if not 1 <= bin <= self.layout.bins:
            return Result.BAD_ARGUMENT
        if code == 22:
            if on not in {0, 1}:
                return Result.BAD_ARGUMENT
            (self.disabled.discard if on else self.disabled.add)(bin)
        elif code == 23:
            if bin in self.out:
                return Result.NOT_PERMITTED
            self.disabled.discard(bin)
        else:
            self.default = bin
        return Result.OK

    def _gate_order(self, what: int) -> Result:
        if what == 1:
            let_in = self._open and self.plant.intake.let_in()
            return Result.OK if let_in else Result.WRONG_STATE
        if what != 2:
            return Result.BAD_ARGUMENT
        if not self.plant.intake.refuse():
            return Result.WRONG_STATE
        self.say(Type.REFUSED, INLET, 0, TOLD_TO)
        return Result.OK

    def _jog(self) -> Result:
        if self.mode is not Mode.MANUAL or not self.plant.local_key:
            return Result.NOT_PERMITTED
        if not self.plant.safe:
            return Result.SAFETY
        if self._jogging:
            return Result.BUSY
        self._jogging = True

        def over() -> None:
            self._jogging = False

        self.plant.agenda.after(JOG_S, lambda: self._later(over))
        return Result.OK

    def emptied(self) -> None:
        """The button at the cabinet: nothing lies on the belt."""

        def done() -> None:
            self.tracking.drop()
            self._untrusted = not self.plant.safe

        self._later(done)

    # --- what the host may read

    @property
    def bits(self) -> int:
        """Register 36."""
        plant = self.plant
        signs = (
            plant.safe,
            plant.e_stop,
            plant.guard_open,
            plant.moving,
            self.host_alive,
            plant.local_key,
            self.frozen,
            bool(self.active),
            self._open,
        )
        return sum(sign << n for n, sign in enumerate(signs))

    @property
    def mm_s(self) -> int:
        return self.layout.mm_s if self.plant.moving else 0
