"""How the simulated belt controller follows items: by encoder pulses, corrected and checked at the eye before each bin.

An item is believed only where an eye saw something as long as it was, about where it should be. Anything else is lost,
and what was seen instead is a stray that rides to the default bin. All of it is known from eyes and encoder alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hw_sim.agenda import Due
from hw_sim.devices.belt_ring import Type
from hw_sim.plant_layout import Layout

TIDS = 0xFFFF
DEBOUNCE_MM = 10
"""An eye that is clear for less than this is still covered."""
SHORTEST_MM = 15
"""Anything shorter is dust in the air."""
JAM_MM = 1000
"""Belt that runs on under a covered eye: nothing is as long as that."""
NEAR_MM, CHUTE_NEAR_MM = 60, 100
"""How far from where it should be an item is still itself, at an eye of the belt and in a chute."""
LENGTH_MM = 40
"""How much longer or shorter an item may look at another eye."""
BEHIND, NO_BIN = 1, 2
"""Why a destination is rejected: it lies behind the item, or there is no such bin."""
DIRTY_MM, DIRTY_TIMES = 12, 3
"""An eye that sees so many items in a row so much too long is dirty."""
INLET, READER = 1, 2
"""Zones; that of bin n is n + 2."""


def zone_of(eye: int) -> int:
    """The zone in which an eye stands: the inlet's, then one before each bin."""
    return eye + 2 if eye else INLET


class Field(Protocol):
    """What the tracking needs of the cabinet it runs in."""

    layout: Layout

    @property
    def encoder(self) -> int: ...

    @property
    def default(self) -> int: ...

    def when(self, pulse: float, do: Callable[[], None]) -> Due:
        """Call in the scan after the encoder has come so far."""
        ...

    def plough(self, bin: int, out: bool) -> None: ...

    def usable(self, bin: int) -> bool: ...

    def say(
        self,
        type: Type,
        zone: int,
        tid: int = 0,
        a: int = 0,
        b: int = 0,
        encoder: int | None = None,
    ) -> None: ...

    def jammed(self, eye: int) -> None: ...

    def dirty(self, eye: int, seen: bool) -> None: ...


@dataclass(slots=True, eq=False)
class Track:
    """One item as the controller believes it. `tid` 0 is a stray."""

    tid: int
    length: float
    front: float
    """Encoder when its front was at the induct eye, corrected at each eye since."""
    next_eye: int = 1
    dest: int = 0
    alt: int = 0
    forced: bool = False
    """Only the default bin will do: a gap fault, a purge, a stray."""
    late: bool = False
    fired: int = 0
    missed: int = 0
    """Bin that it should have gone into and did not."""
    planned: int = 0
    rejected: int = -1
    """Destination that was said to be wrong last; none yet."""
    alive: bool = True


@dataclass(slots=True)
class Eye:
    """One eye behind its filter."""

    front: float | None = None
    fall: float | None = None
    due: Due | None = None


class Tracking:
    """All tracks of one belt, oldest first."""

    def __init__(self, field: Field) -> None:
        self.tracks: list[Track] = []
        self.items = self.late = self.missed = self.lost = self.jams = 0
        lay = field.layout
        self._field = field
        self._n = lay.bins
        self._p = lay.pulses
        self._x = [lay.pulses(lay.divert(bin)) if bin else 0.0 for bin in range(lay.bins + 1)]
        self._eye_x = [lay.pulses(lay.eye(zone)) for zone in range(lay.bins + 1)]
        self._eyes = [Eye() for _ in range(2 * lay.bins + 1)]
        self._too_long = [0] * (lay.bins + 1)
        """By eye of the belt, how many items in a row it saw too long."""
        self._tid = 0
        self._last_tail: float | None = None
        self._last: Track | None = None

    @property
    def on_belt(self) -> int:
        """Items that are tracked, without strays."""
        return sum(track.tid != 0 for track in self.tracks)

    # --- eyes

    def edge(self, eye: int, covered: bool, pulse: int) -> None:
        """An eye changed at this count of the encoder."""
        seen = self._eyes[eye]
        if covered:
            if seen.due is not None:
                seen.due.cancel()
            if seen.fall is not None and pulse - seen.fall > self._p(DEBOUNCE_MM):
                self._settle(eye)  # no scan came in between: by the encoder these are two
            if seen.fall is not None:
                seen.fall = None
            elif seen.front is None:
                seen.front = float(pulse)
                self._watch(eye)
        elif seen.front is not None and seen.fall is None:
            seen.fall = float(pulse)
            seen.due = self._field.when(pulse + self._p(DEBOUNCE_MM), lambda: self._settle(eye))

    def watch_again(self) -> None:
        """The belt starts anew: an eye that is still covered may be so for as long as at first."""
        for eye, seen in enumerate(self._eyes):
            if seen.front is not None:
                self._watch(eye)

    def _watch(self, eye: int) -> None:
        front = self._eyes[eye].front

        def still() -> None:
            if self._eyes[eye].front == front and self._eyes[eye].fall is None:
                self.jams += 1
                self._field.jammed(eye)

        self._field.when(self._field.encoder + self._p(JAM_MM), still)

    def _settle(self, eye: int) -> None:
        seen = self._eyes[eye]
        front, tail = seen.front, seen.fall
        if front is None or tail is None:
            return
        seen.front = seen.fall = seen.due = None
        if tail - front < self._p(SHORTEST_MM):
            return
        if eye == 0:
            self._inducted(front, tail)
        elif eye <= self._n:
            self._at_eye(eye, front, tail)
        else:
            self._in_chute(eye - self._n, front, tail)

    # --- the life of a track

    def _inducted(self, front: float, tail: float) -> None:
        lay = self._field.layout
        live = {track.tid for track in self.tracks}
        self._tid = self._tid % TIDS + 1
        while self._tid in live:
            self._tid = self._tid % TIDS + 1
        length = round(lay.mm(tail - front))
        gap = TIDS
        if self._last_tail is not None:
            gap = min(max(round(lay.mm(front - self._last_tail)), 0), TIDS)
        track = Track(self._tid, tail - front, front)
        before, self._last, self._last_tail = self._last, track, tail
        self.tracks.append(track)
        self.items += 1
        self._field.say(Type.INDUCTED, INLET, track.tid, length, gap, int(front))
        close = gap < lay.min_gap
        if close and before is not None and before.alive and not before.forced:
            self._gap_fault(before, round(lay.mm(before.length)), gap)
        if close or length > lay.max_length:
            self._gap_fault(track, length, gap)
        self._on(track, self._p(lay.reader_start), lambda at: self._say(track, Type.AT_READER, at))
        self._on(
            track,
            self._p(lay.reader_end) + track.length,
            lambda at: self._say(track, Type.LEFT_READER, at),
        )
        last = min(self._field.default, max(self._n - 1, 1))
        self._on(track, self._x[last] - self._p(lay.margin), lambda at: self._late(track, at))
        self._expect(track)

    def _gap_fault(self, track: Track, length: int, gap: int) -> None:
        track.forced = True
        self._field.say(Type.GAP_FAULT, INLET, track.tid, length, gap, int(track.front))

    def _on(self, track: Track, distance: float, do: Callable[[float], None]) -> None:
        at = track.front + distance
        self._field.when(at, lambda: do(at) if track.alive else None)

    def _say(self, track: Track, type: Type, at: float) -> None:
        self._field.say(type, READER, track.tid, encoder=int(at))

    def _late(self, track: Track, at: float) -> None:
        if track.dest or track.forced or not track.tid:
            return
        track.late = True
        self.late += 1
        default = self._field.default
        self._field.say(Type.LATE, zone_of(track.next_eye - 1), track.tid, default, 0, int(at))
        self._plan(track)

    def _expect(self, track: Track) -> None:
        """Unless it shows at its next eye, or in the last chute, in time, it is lost."""
        eye = track.next_eye
        lay = self._field.layout
        place = self._eye_x[eye] if eye <= self._n else self._x[self._n] + self._p(lay.chute)
        near = NEAR_MM if eye <= self._n else CHUTE_NEAR_MM
        slack = self._p(near + DEBOUNCE_MM + LENGTH_MM + 10)

        def gone(_at: float) -> None:
            if track.next_eye == eye:
                self._lose(track)

        self._on(track, place + track.length + slack, gone)

    def _lose(self, track: Track) -> None:
        zone = zone_of(track.next_eye - 1)
        self._end(track)
        if track.tid:
            self.lost += 1
            self._field.say(Type.LOST, zone, track.tid, zone)

    def _end(self, track: Track) -> None:
        track.alive = False
        self.tracks.remove(track)

    def _at_eye(self, eye: int, front: float, tail: float) -> None:
        for track in self.tracks:
            if track.next_eye != eye:
                continue
            if abs(front - track.front - self._eye_x[eye]) > self._p(NEAR_MM):
                continue
            if abs(tail - front - track.length) > self._p(LENGTH_MM):
                self._lose(track)
                break
            self._judge(eye, tail - front - track.length)
            if track.fired:
                track.missed, track.fired = track.fired, 0
                self.missed += 1
            track.front = front - self._eye_x[eye]
            track.next_eye = eye + 1
            self._plan(track)
            self._expect(track)
            return
        self._field.say(Type.STRAY, zone_of(eye), 0, zone_of(eye), 0, int(front))
        stray = Track(0, tail - front, front - self._eye_x[eye], eye + 1, forced=True)
        self.tracks.append(stray)
        self.tracks.sort(key=lambda t: t.front)
        self._plan(stray)
        self._expect(stray)

    def _judge(self, eye: int, longer: float) -> None:
        """An eye that sees items longer than the inlet's did is dirty; where the first sees them shorter, the inlet's is."""
        judged = {eye: longer, **({0: -longer} if eye == 1 else {})}
        for one, by in judged.items():
            self._too_long[one] = self._too_long[one] + 1 if by > self._p(DIRTY_MM) else 0
            self._field.dirty(one, self._too_long[one] >= DIRTY_TIMES)

    # --- ploughs

    def destine(self, tid: int, dest: int, alt: int) -> None:
        """Where the host wants an item. Repeating it is harmless; for one that is not here it means nothing."""
        track = next((t for t in self.tracks if t.tid == tid), None)
        if not tid or track is None or (dest, alt) == (track.dest, track.alt):
            return
        if track.forced:
            return  # a gap fault or a purge has been told, and stands
        why = self._objection(track, dest, alt)
        if not why:
            track.dest, track.alt = dest, alt
            self._plan(track)
        elif track.rejected != dest:
            track.rejected = dest
            self._field.say(Type.DEST_REJECTED, zone_of(track.next_eye - 1), tid, why, dest)

    def _objection(self, track: Track, dest: int, alt: int) -> int:
        if not 1 <= dest <= self._n or alt > self._n:
            return NO_BIN
        if track.late or track.missed or track.fired:
            return BEHIND
        margin = self._p(self._field.layout.margin)
        if dest < self._n and self._field.encoder - track.front > self._x[dest] - margin:
            return BEHIND
        return 0

    def _plan(self, track: Track) -> None:
        """Between the eye of a bin and its plough: look again at the last moment, if it may go there."""
        bin = track.next_eye - 1
        if not 1 <= bin < self._n or track.fired or track.planned == bin:
            return
        if bin in {track.dest, track.alt, self._field.default}:
            track.planned = bin
            lead = self._p(self._field.layout.plough_lead)
            self._on(track, self._x[bin] - lead, lambda _at: self._fire(track, bin))

    def _wants(self, track: Track, bin: int) -> bool:
        """Whether it is to leave the belt here, as things are now."""
        usable = self._field.usable
        if not (track.forced or track.late or track.missed):
            for wanted in (track.dest, track.alt):
                if wanted >= bin and usable(wanted):
                    return wanted == bin
        return bin == self._field.default and usable(bin)

    def _fire(self, track: Track, bin: int) -> None:
        if track.fired or track.next_eye != bin + 1:
            return
        track.planned = 0
        if not self._wants(track, bin):
            return
        lay = self._field.layout
        travel = lay.pulses(lay.mm_s * lay.plough_s)
        if self._field.encoder > track.front + self._x[bin] - travel:
            track.missed = (
                bin  # the scan came too late: a plough that moves now would take the next one
            )
            self.missed += 1
            return
        track.fired = bin
        self._field.plough(bin, True)
        self._field.say(Type.DIVERT_FIRED, zone_of(bin), track.tid, bin)
        back = track.front + self._x[bin] + track.length + self._p(5)
        self._field.when(back, lambda: self._field.plough(bin, False))

    def _in_chute(self, bin: int, front: float, tail: float) -> None:
        del tail
        down = self._x[bin] + self._p(self._field.layout.chute)
        near = [
            track
            for track in self.tracks
            if track.next_eye == bin + 1
            and abs(front - track.front - down) <= self._p(CHUTE_NEAR_MM)
        ]
        near.sort(key=lambda t: (t.fired != bin, abs(front - t.front - down)))
        if not near:
            self._field.say(Type.STRAY, zone_of(bin), 0, zone_of(bin), 0, int(front))
            return
        track = near[0]
        self._end(track)
        if not track.tid:
            if bin != self._n:  # a plough that was out for another took it
                self._field.say(Type.STRAY, zone_of(bin), 0, zone_of(bin), 0, int(front))
            return
        wanted = self._wrong(track, bin)
        if wanted:
            self.missed += not track.missed
            self._field.say(Type.MISSED, zone_of(bin), track.tid, wanted, bin, int(front))
        else:
            self._field.say(Type.CONFIRMED, zone_of(bin), track.tid, bin, 0, int(front))

    def _wrong(self, track: Track, bin: int) -> int:
        """The bin that it should have gone into, if this is another."""
        if track.missed:
            return track.missed
        if bin in {track.fired, self._n}:
            return 0  # told to go here, or nothing on the way would take it
        return track.dest or self._field.default

    # --- by command or by hand

    def purge(self) -> None:
        """Everything on the belt goes to the default bin."""
        for track in self.tracks:
            track.forced = True

    def drop(self) -> None:
        """Know of nothing any more: by command, or because somebody at the belt says that nothing lies on it."""
        for track in tuple(self.tracks):
            self._end(track)
