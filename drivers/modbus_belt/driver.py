"""`SortingBelt` over register map v1: what the registers say becomes values, and the other way round.

What a PLC shows is believed only when it is fresh: its heart-beat has moved on, it echoes a heart-beat of ours that
is not old, and its window was built from an acknowledgement that we sent. Else the answer of an earlier cycle passed
for this one's, and the cycle says so. No state is kept but the wire's own, learned anew at every open.
"""

from collections import deque
from collections.abc import Sequence
from enum import IntEnum
from typing import TypeVar

from config.sorter import Belt
from drivers.errors import Code, DeviceError, DeviceRefused, RemoteProtocolError
from drivers.modbus_belt import registers
from drivers.modbus_belt.alarms import MOST
from drivers.modbus_belt.events import BeltOpened
from drivers.modbus_belt.exchange import ANSWER_S, Exchange
from drivers.modbus_belt.frames import Read, Write
from drivers.modbus_belt.registers import BY_NAME, COUNTERS, IDENTITY, RECORD, STATUS, row, value
from drivers.ports import (
    BeltCommand,
    BeltCounters,
    BeltEvent,
    BeltInfo,
    BeltState,
    BinState,
    Clock,
    CommandResult,
    Happening,
    Mode,
    Pack,
    Rng,
    Sign,
)
from drivers.runtime.log import Label, log
from drivers.transport.stream import Transport

E = TypeVar("E", bound=IntEnum)

WORD = 0x10000
AHEAD = 60000
"""More events than this are pending only when the acknowledgement is ahead of the belt: none are."""
COMMAND_POLLS = 20
"""Reads until a command counts as unanswered."""
RECENT = 4
"""Cycles after which an echo is too old to prove a round trip."""
IDENTITY_EVERY = 20
"""Cycles between two looks at the boot id, so that a restart is seen within a second."""
KINDS = {int(kind): kind for kind in Happening}
_SLOT = registers.SLOT_WORDS


class ModbusBelt:
    """A belt whose PLC keeps register map v1."""

    BAUD = 115200
    PARITY = "even"
    """8E1, what Modbus over Serial Line asks for where nothing else is agreed."""

    def __init__(
        self,
        transport: Transport,
        *,
        unit: int = 1,
        baud: int = 115200,
        answer_s: float = ANSWER_S,
    ) -> None:
        """Nothing is opened yet.

        Args:
            transport: the wire.
            unit: the slave's address, 1 to 247.
            baud: symbols a second on the wire.
            answer_s: how long the PLC may think, on top of the wire's own time.
        """
        self._device = transport.device
        self._exchange = Exchange(transport, baud=baud, answer_s=answer_s)
        self._unit = unit
        self._info: BeltInfo | None = None
        self._beat = 0
        self._beats: deque[int] = deque(maxlen=RECENT)
        self._acks: deque[int] = deque(maxlen=RECENT)
        self._plc_beat: int | None = None
        self._sequence = 0
        self._since_identity = 0

    @classmethod
    def from_config(
        cls, device: Belt, transport: Transport, clock: Clock, rng: Rng
    ) -> "ModbusBelt":
        """The belt of a station file. Time comes from the loop, and nothing here needs chance."""
        del clock, rng
        baud = device.baud or cls.BAUD
        return cls(transport, unit=device.unit, baud=baud, answer_s=device.answer_s)

    @property
    def exchange(self) -> Exchange:
        """The wire, for its counts."""
        return self._exchange

    async def open(self) -> BeltInfo:
        """Open the wire, make sure of who answers, and go on from its last command.

        Raises:
            DeviceRefused: belt.other when what answers keeps no map that we know.
        """
        await self._exchange.open()
        try:
            self._info = await self._identity()
            status = await self._read(STATUS)
        except DeviceError:
            await self.close()
            raise
        self._sequence = value("cmd_ack", status, STATUS[0])
        self._beats.clear()
        self._acks.clear()
        self._acks.append(value("ev_base", status, STATUS[0]))
        self._plc_beat = None
        self._since_identity = 0
        info = self._info
        log(
            BeltOpened(
                Label(self._device),
                Label(f"map-{info.map_version}"),
                Label(str(info.program_version)),
            )
        )
        return info

    async def close(self) -> None:
        """Let go of the wire. Never raises."""
        await self._exchange.close()

    async def cycle(self, *, taken: int, induct: bool, degraded: bool) -> BeltState:
        """One write of ours and one read of status and events; as `SortingBelt.cycle`.

        Raises:
            RemoteProtocolError: wire.unexpected when what was read is not of this cycle.
        """
        info = self._known()
        self._beat = (self._beat + 1) % WORD
        self._beats.append(self._beat)
        self._acks.append(taken)
        flags = int(induct) | int(degraded) << 1
        await self._write("host_hb", (self._beat, taken, flags))
        words = await self._read(STATUS)
        self._since_identity += 1
        ahead = (value("ev_head", words, STATUS[0]) - taken) % WORD > info.depth
        if not self._fresh(words) or ahead or self._since_identity >= IDENTITY_EVERY:
            before, info = info, await self._identity()
            self._info, self._since_identity = info, 0
            if info.boot_id != before.boot_id:  # what was read may be of the boot before
                words = await self._read(STATUS)
        return self._state(info, words, taken)

    @property
    def acknowledged(self) -> int:
        """The event up to which the belt had been told to forget when it was opened, or since."""
        return self._acks[-1] if self._acks else 0

    async def look(self) -> BeltState:
        """One read and nothing written: what the belt shows to whoever only watches."""
        words = await self._read(STATUS)
        return self._state(self._known(), words, value("ev_base", words, STATUS[0]))

    async def send(self, item: int, bin: int, alternate: int = 0) -> None:
        """As `SortingBelt.send`: the item's slot of the destination table, whole, in one write."""
        if not 1 <= item < WORD:
            raise ValueError(f"an item's id is 1 to 65535, not {item}")
        first = BY_NAME["destinations"].address + item % registers.SLOTS * _SLOT
        values = (item, bin, alternate, item)
        await self._exchange.write(Write(self._unit, first, values))

    async def command(self, command: BeltCommand, arguments: Sequence[int] = ()) -> CommandResult:
        """As `SortingBelt.command`; one command is outstanding at a time.

        Raises:
            RemoteProtocolError: wire.unexpected when the PLC never acknowledges it.
        """
        self._sequence = self._sequence % (WORD - 1) + 1
        a1, a2 = (*arguments, 0, 0)[:2]
        await self._write("cmd_seq", (self._sequence, command, a1, a2, self._sequence))
        ack = BY_NAME["cmd_ack"].address
        for _ in range(COMMAND_POLLS):
            acked, result = await self._exchange.read(Read(self._unit, ack, 2))
            if acked == self._sequence:
                return self._one_of(CommandResult, result, "cmd_result")
        detail = f"command {command} is not acknowledged"
        raise RemoteProtocolError(self._device, Code.WIRE_UNEXPECTED, detail)

    async def counters(self) -> BeltCounters:
        """As `SortingBelt.counters`."""
        words = await self._read(COUNTERS)

        def of(name: str) -> int:
            return value(name, words, COUNTERS[0])

        return BeltCounters(
            alarms=_numbers(of("alarms")),
            latched=_numbers(of("latched")),
            items=of("count_items"),
            late=of("count_late"),
            missed=of("count_missed"),
            lost=of("count_lost"),
            jams=of("count_jams"),
            garbled=of("count_crc"),
        )

    def _known(self) -> BeltInfo:
        if self._info is None:
            raise RuntimeError("the belt has not been opened")
        return self._info

    def _fresh(self, words: Sequence[int]) -> bool:
        """Whether a block is of this cycle. Raises RemoteProtocolError where it cannot be.

        False means that the PLC may have started anew: its heart-beat went back, or its window begins at no
        acknowledgement of ours.
        """
        beat = value("plc_hb", words, STATUS[0])
        before, self._plc_beat = self._plc_beat, beat
        if before is not None and beat == before:
            detail = "the heart-beat of the PLC stands still"
            raise RemoteProtocolError(self._device, Code.WIRE_UNEXPECTED, detail)
        if value("host_hb_echo", words, STATUS[0]) not in self._beats:
            raise RemoteProtocolError(
                self._device, Code.WIRE_UNEXPECTED, "the PLC echoes an old heart-beat"
            )
        went_on = before is None or (beat - before) % WORD < WORD // 2
        return went_on and value("ev_base", words, STATUS[0]) in self._acks

    async def _identity(self) -> BeltInfo:
        words = await self._read(IDENTITY)

        def of(name: str) -> int:
            return value(name, words, IDENTITY[0])

        if of("magic") != registers.MAGIC:
            detail = f"register 0 holds {of('magic'):04x}, not {registers.MAGIC:04x}"
            raise DeviceRefused(self._device, Code.BELT_OTHER, detail)
        version = of("map_version")
        if version >> 8 != registers.VERSION >> 8:
            detail = f"register map {version >> 8}.{version & 0xFF} is not known"
            raise DeviceRefused(self._device, Code.BELT_OTHER, detail)
        bins = of("n_bins")
        if not 1 <= bins <= registers.MOST_BINS or not of("pulses_per_m"):
            detail = f"{bins} bins and {of('pulses_per_m')} pulses a metre cannot be"
            raise DeviceRefused(self._device, Code.BELT_OTHER, detail)
        return BeltInfo(
            map_version=f"{version >> 8}.{version & 0xFF}",
            program_version=of("program_version"),
            boot_id=of("boot_id"),
            zones=of("n_zones"),
            pulses_a_metre=of("pulses_per_m"),
            nominal_mm_s=of("nominal_mm_s"),
            reader_start=of("reader_start_mm"),
            reader_end=of("reader_end_mm"),
            decision_point=of("decision_mm"),
            min_gap=of("min_gap_mm"),
            max_length=of("max_length_mm"),
            depth=of("ring_depth"),
            scan_ms=of("scan_ms"),
            diverts=row("divert_mm", words, IDENTITY[0])[:bins],
        )

    def _state(self, info: BeltInfo, words: Sequence[int], taken: int) -> BeltState:
        def of(name: str) -> int:
            return value(name, words, STATUS[0])

        pending = (of("ev_head") - taken) % WORD
        if pending > AHEAD:
            pending = 0
        full, present = of("bin_full"), of("bin_present")
        return BeltState(
            boot_id=info.boot_id,
            state=self._one_of(Pack, of("state"), "state"),
            mode=self._one_of(Mode, of("mode"), "mode"),
            signs=frozenset(
                Sign(name) for n, name in enumerate(registers.SIGNS) if of("signs") >> n & 1
            ),
            alarm=of("first_out"),
            items=of("items"),
            mm_s=of("mm_s"),
            encoder=of("encoder"),
            bins=tuple(
                BinState(bool(full >> n & 1), bool(present >> n & 1))
                for n in range(len(info.diverts))
            ),
            pending=pending,
            overrun=pending > info.depth,
            events=events_in(row("events", words, STATUS[0]), of("ev_base"), taken),
        )

    def _one_of(self, kind: type[E], number: int, name: str) -> E:
        try:
            return kind(number)
        except ValueError:
            detail = f"{name} is {number}, which the map does not know"
            raise RemoteProtocolError(self._device, Code.WIRE_UNEXPECTED, detail) from None

    async def _read(self, block: tuple[int, int]) -> tuple[int, ...]:
        return await self._exchange.read(Read(self._unit, *block))

    async def _write(self, name: str, values: tuple[int, ...]) -> None:
        await self._exchange.write(Write(self._unit, BY_NAME[name].address, values))


def _numbers(bits: int) -> frozenset[int]:
    """Numbers of the alarms whose bits are set: that of alarm n is n - 1."""
    return frozenset(n for n in range(1, MOST + 1) if bits >> n - 1 & 1)


def events_in(window: Sequence[int], base: int, taken: int) -> tuple[BeltEvent, ...]:
    """The records after `taken`, in order, up to the first that is missing or half written."""
    found: list[BeltEvent] = []
    for n in range(registers.WINDOW):
        record = window[n * RECORD : (n + 1) * RECORD]
        expected = (base + 1 + n) % WORD
        sequence, kind, item, a, b, high, low, check = record
        if sequence != expected or check != expected or kind & 0xFF == 0:
            break
        if (expected - taken - 1) % WORD > WORD // 2:
            continue  # durable here already: the window is of an acknowledgement before
        found.append(
            BeltEvent(
                sequence,
                KINDS.get(kind & 0xFF, Happening.UNKNOWN),
                kind >> 8,
                item,
                a,
                b,
                high << 16 | low,
            )
        )
    return tuple(found)
