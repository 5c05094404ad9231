"""Register map v1 of the belt as a memory image, and the belt as a device on a wire.

Holding registers from 0, big-endian, 32 bits high word first. What is read is as the last scan left it; what is written
counts from the next scan on. The map has room for 16 bins.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence

from typing_extensions import override

from hw_sim.devices.belt_plc import BeltPlc
from hw_sim.devices.belt_ring import DEPTH, WINDOW, WORD
from hw_sim.devices.modbus_frames import BAD_ADDRESS, Refused, Request
from hw_sim.devices.modbus_slave import SLAVE_FAULTS, ModbusSlave
from hw_sim.faults import number
from hw_sim.plant_faults import CONTROLLER_FAULTS, PLANT_FAULTS
from hw_sim.wire import HangUp, Send

MAGIC, MAP_VERSION = 0x5342, 0x0100
MOST_BINS = 16
IDENTITY, STATUS, HOST, TABLE = 0, 32, 200, 300
"""First registers of the four blocks."""
STATUS_END, HOST_END = 128, 208
SLOTS, SLOT = 32, 4
BELT_FAULTS = {**PLANT_FAULTS, **SLAVE_FAULTS}


class Image:
    """The registers of one controller."""

    def __init__(self, plc: BeltPlc) -> None:
        if plc.layout.bins > MOST_BINS:
            raise ValueError(
                f"register map v1 has room for {MOST_BINS} bins, not {plc.layout.bins}"
            )
        self.plc = plc
        self._written = [0] * (HOST_END - HOST)
        self._table = [0] * (SLOTS * SLOT)
        self._ack = self._result = 0
        self._waiting = False

    def restart(self) -> None:
        """All that was written is forgotten."""
        self._written = [0] * (HOST_END - HOST)
        self._table = [0] * (SLOTS * SLOT)
        self._ack = self._result = 0
        self._waiting = False

    def garbled(self) -> None:
        self.plc.garbled += 1

    def read(self, first: int, count: int) -> list[int]:
        for start, block in (
            (IDENTITY, self._readable),
            (HOST, lambda: self._written),
            (TABLE, lambda: self._table),
        ):
            words: list[int] = block()
            if start <= first and first + count <= start + len(words):
                return words[first - start : first - start + count]
        raise Refused(BAD_ADDRESS)

    def write(self, first: int, values: Sequence[int]) -> None:
        end = first + len(values)
        if first >= HOST and end <= HOST_END:
            self._written[first - HOST : end - HOST] = values
            self._host_block(first, end)
        elif first >= TABLE and end <= TABLE + len(self._table):
            self._table[first - TABLE : end - TABLE] = values
            for slot in range((first - TABLE) // SLOT, (end - 1 - TABLE) // SLOT + 1):
                tid, dest, alt, again = self._table[slot * SLOT : (slot + 1) * SLOT]
                if tid and tid == again and tid % SLOTS == slot:
                    self.plc.destine(tid, dest, alt)
        else:
            raise Refused(BAD_ADDRESS)

    def _host_block(self, first: int, end: int) -> None:
        beat, taken, flags = self._written[:3]
        if first <= HOST + 2:
            self.plc.host(beat, taken, allow=bool(flags & 1), degraded=bool(flags & 2))
        if end > HOST + 3 and not self._waiting:
            self._waiting = True
            self.plc.in_scan(self._mailbox)

    def _mailbox(self) -> None:
        self._waiting = False
        sequence, code, a1, a2, check = self._written[3:8]
        if sequence not in {0, self._ack} and sequence == check:
            self._result = self.plc.order(code, a1, a2)
            self._ack = sequence

    # --- the blocks that the host reads

    def _readable(self) -> list[int]:
        return self._identity() + self._status()

    def _identity(self) -> list[int]:
        lay, plc = self.plc.layout, self.plc
        diverts = [lay.divert(bin) for bin in range(1, lay.bins + 1)]
        words = [MAGIC, MAP_VERSION, plc.program, plc.boot_id, lay.bins, lay.bins + 2]
        words += [lay.pulses_a_metre, lay.mm_s, lay.reader_start, lay.reader_end]
        words += [lay.decision_point, lay.min_gap, lay.max_length, DEPTH, WINDOW, lay.scan_ms]
        return words + diverts + [0] * (MOST_BINS - len(diverts))

    def _status(self) -> list[int]:
        plc = self.plc
        bins = range(1, plc.layout.bins + 1)
        words = [plc.heartbeat, plc.host_hb, plc.state, plc.mode, plc.bits, plc.first_out]
        words += [plc.tracking.on_belt, plc.mm_s, *_double(plc.encoder)]
        words += [_bits(n - 1 for n in plc.full), _bits(n - 1 for n in bins if n not in plc.out)]
        words += [self._ack, self._result, plc.ring.head, plc.ring.taken, *plc.ring.window()]
        words += [*_double(_bits(a - 1 for a in plc.active))]
        words += [*_double(_bits(a - 1 for a in plc.latched))]
        track = plc.tracking
        words += [*_double(track.items), track.late, track.missed, track.lost, track.jams]
        words += [plc.garbled]
        words = [word % WORD for word in words]
        return words + [0] * (STATUS_END - STATUS - len(words))


class Belt(ModbusSlave):
    """The belt as its host sees it: a slave with this image, and every fault of the plant behind it."""

    role = "belt"

    def __init__(
        self, plc: BeltPlc, *, baud: int | None = None, rng: random.Random | None = None
    ) -> None:
        self.plc = plc
        self.image = Image(plc)
        self.destined: Callable[[int, int], None] = lambda _tid, _bin: None
        """Hears of each destination that was written and echoed: an item's id and its bin."""
        super().__init__(self.image, baud=baud, rng=rng)

    @override
    def attach(self, send: Send, hang_up: HangUp) -> None:
        self.plc.plant.agenda.hang_on(asyncio.get_running_loop())
        super().attach(send, hang_up)

    @override
    def _answer(self, asked: Request) -> bytes:
        self.plc.plant.agenda.catch_up()
        answer = super()._answer(asked)
        self.plc.plant.agenda.catch_up()
        if asked.values is not None and asked.first >= TABLE and len(asked.values) == SLOT:
            self.destined(*asked.values[:2])
        return answer

    # --- faults and truth

    @override
    def fault(self, verb: str, **args: object) -> None:
        plant = self.plc.plant
        plant.agenda.catch_up()
        if verb in SLAVE_FAULTS:
            super().fault(verb, **args)
        elif verb in CONTROLLER_FAULTS:
            given = plant.faults.start(verb, args)
            plant.faults.clear(verb)
            if verb == "plc_restart":
                self.image.restart()
                self.plc.restart()
            else:
                self.plc.pause(number(given["seconds"]))
        elif verb in PLANT_FAULTS:
            plant.fault(verb, args)
        else:
            raise ValueError(f"no fault {verb!r}; there are: {', '.join(BELT_FAULTS)}")
        plant.agenda.catch_up()

    @override
    def clear(self, verb: str | None = None) -> None:
        self.plc.plant.agenda.catch_up()
        if verb is None or verb in SLAVE_FAULTS:
            super().clear(verb)
        if verb is None or verb not in SLAVE_FAULTS:
            self.plc.plant.clear(verb)
        self.plc.plant.agenda.catch_up()

    @override
    def faults(self) -> dict[str, object]:
        return {**self.plc.plant.faults.standing(), **super().faults()}

    def truth(self) -> dict[str, object]:
        self.plc.plant.agenda.catch_up()
        return {"role": self.role, "pack": self.plc.state.name, **self.plc.plant.truth()}


def _double(value: int) -> tuple[int, int]:
    return value >> 16 & 0xFFFF, value & 0xFFFF


def _bits(places: Iterable[int]) -> int:
    return sum(1 << place for place in places)
