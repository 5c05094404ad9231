"""The reference program on a bench: docs/plc/belt.st runs, books lie on its belt, and a Modbus slave serves its registers."""

import asyncio
import struct
from dataclasses import dataclass
from pathlib import Path

from drivers.modbus_belt.frames import checksum
from drivers.modbus_belt.registers import BY_NAME, REGISTERS
from drivers.transport.memory import MemoryTransport
from tests.unit.plc.st import Machine

SOURCE = Path(__file__).parents[3] / "docs/plc/belt.st"
SCAN_S = 0.01
STEP_MM = 5.0
"""In a scan, at 500 mm/s."""
PULSES_A_MM = 2
LISTED = {word for r in REGISTERS for word in range(r.address, r.last + 1)}


@dataclass
class Book:
    front: float
    length: float


class Bench:
    """The PLC with its machine. `scan()` is one cycle of 10 ms."""

    def __init__(self) -> None:
        self.plc = Machine(SOURCE.read_text(encoding="utf-8"), "Belt")
        self.plc["InSafetyClosed"] = True
        self.bins: dict[int, list[float]] = {n: [] for n in range(1, 10)}
        self.books: list[Book] = []
        self.answer_s = 0.004
        self.stuck: set[int] = set()
        """Diverts that do not move."""
        self.swung: set[int] = set()
        """Diverts that are out."""
        self.slipping = False
        """The belt moves no more, whatever drives it."""
        self.smeared = 0
        """So many scans longer a bin's eye sees each item."""
        self._covered = dict.fromkeys(range(1, 10), 0)
        for n in range(1, 17):
            self.plc["SensorCrate"][n] = True

    # --- the machine ---

    def lay(self, length: float = 200.0, *, behind: float = 0.0) -> None:
        """A book on the belt, `behind` mm before the inlet's eye."""
        self.books.append(Book(-behind - STEP_MM, length))

    def cover(self, bin: int, scans: int) -> None:
        """Something stands in front of a bin's eye."""
        self._covered[bin] = scans

    def scan(self, times: int = 1) -> None:
        for _ in range(times):
            self._move()
            self.plc.scan()

    def _move(self) -> None:
        plc = self.plc
        for bin in range(1, 9):
            if bin not in self.stuck:
                (self.swung.add if plc["OutDivert"][bin] else self.swung.discard)(bin)
            plc["SensorDivert"][bin] = bin in self.swung
        if plc["OutBelt"] and not self.slipping:
            plc["InEncoder"] = (plc["InEncoder"] + int(STEP_MM * PULSES_A_MM)) % (1 << 32)
            for book in tuple(self.books):
                before, book.front = book.front, book.front + STEP_MM
                self._pass(book, before)
        plc["EyeInlet"] = any(b.front >= 0 > b.front - b.length for b in self.books)
        for bin, scans in self._covered.items():
            plc["EyeBin"][bin] = scans > 0
            self._covered[bin] = max(0, scans - 1)

    def _pass(self, book: Book, before: float) -> None:
        for bin in range(1, 10):
            at = self.plc["divertMm"][bin]
            open_ = bin == 9 or bin in self.swung
            if before < at <= book.front and open_:
                self.books.remove(book)
                self.bins[bin].append(book.length)
                self._covered[bin] = int(book.length / STEP_MM) + self.smeared
                return

    # --- the registers ---

    def __getitem__(self, name: str) -> int:
        return int(self.plc["HR"][BY_NAME[name].address])

    def write(self, name: str, *values: int) -> None:
        first = BY_NAME[name].address
        self.plc["HR"][first : first + len(values)] = list(values)

    def beat(self) -> None:
        """The host lives: another heart-beat, everything is taken, items may come."""
        self.write("host_hb", (self["host_hb"] + 1) % 65536, self["ev_head"], 1)

    def events(self) -> list[tuple[int, int, int, int]]:
        """Every event so far, from the ring itself: kind, tid, a1, a2."""
        head = self.plc["evHead"]
        assert head < 64, "the ring has gone round"
        found = [self.plc["ring"][n] for n in range(1, head + 1)]
        return [(r["head"] % 256, r["tid"], r["a"], r["b"]) for r in found]

    # --- the wire ---

    def served(self) -> MemoryTransport:
        """A wire on which a slave, unit 1, serves the registers; the PLC runs while the loop does."""
        wire = MemoryTransport("belt")
        wire.far.received = lambda raw: self._answer(wire, raw)
        return wire

    async def run(self) -> None:
        while True:
            self.scan()
            await asyncio.sleep(SCAN_S)

    def _answer(self, wire: MemoryTransport, raw: bytes) -> None:
        if len(raw) < 4 or checksum(raw[:-2]) != int.from_bytes(raw[-2:], "little") or raw[0] != 1:
            return
        body = self._body(raw[1], raw[2:-2])
        if body is not None:
            frame = b"\x01" + body
            answer = frame + checksum(frame).to_bytes(2, "little")
            asyncio.get_running_loop().call_later(self.answer_s, wire.far.send, answer)

    def _body(self, function: int, rest: bytes) -> bytes | None:
        if function not in {3, 16}:
            return bytes((function | 0x80, 1))
        if len(rest) < 4:
            return None
        first, count = struct.unpack(">HH", rest[:4])
        registers = self.plc["HR"]
        if not 1 <= count <= (125 if function == 3 else 123):
            return bytes((function | 0x80, 3))
        if not LISTED.issuperset(range(first, first + count)):
            return bytes((function | 0x80, 2))  # as strict as the page of registers allows
        if function == 3:
            words = registers[first : first + count]
            return bytes((3, 2 * count)) + struct.pack(f">{count}H", *words)
        if len(rest) != 5 + 2 * count:
            return None
        registers[first : first + count] = struct.unpack(f">{count}H", rest[5:])
        return b"\x10" + rest[:4]
