"""Register map v1: one table, from which the codec, docs/plc and the declarations in Structured Text come.

Holding registers only, read by FC03 and written by FC16. Addresses are zero-based, numbers most significant byte first,
32-bit numbers high word first, at most 80 registers a read. `Way.PLC` registers are the PLC's to write, `Way.HOST` ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

MAGIC = 0x5342
VERSION = 0x0100
MOST_BINS = 16
WINDOW = 8
RECORD = 8
SLOTS = 32
SLOT_WORDS = 4


class Way(Enum):
    """Who writes a register."""

    PLC = "PLC > host"
    HOST = "host > PLC"


class Form(Enum):
    """How the words of a register are read."""

    WORD = "WORD"
    UINT = "UINT"
    UDINT = "UDINT"
    BITS = "BITS"
    RECORDS = "RECORDS"


@dataclass(frozen=True, slots=True)
class Register:
    """One line of the map. `names` are the bits, least significant first, of a register of bits."""

    name: str
    address: int
    way: Way
    meaning: str
    form: Form = Form.UINT
    count: int = 1
    """How many of this form stand in a row."""
    proven: bool = True
    """False where it has not run in a trial with foreign equipment. No PLC of any maker has been seen yet."""
    bits: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        return 2 * self.count if self.form is Form.UDINT else self.count

    @property
    def last(self) -> int:
        return self.address + self.words - 1


SIGNS = (
    "safety_closed",
    "e_stop",
    "guard_open",
    "moving",
    "host_alive",
    "local_key",
    "waiting_for_host",
    "alarm",
    "inlet_open",
)
"""Bits of `signs`, least significant first."""

P, H = Way.PLC, Way.HOST

REGISTERS: tuple[Register, ...] = (
    Register("magic", 0, P, "0x5342; guards against another device", Form.WORD),
    Register("map_version", 1, P, "0x0100; the host refuses an unknown major", Form.WORD),
    Register("program_version", 2, P, "version of the PLC program"),
    Register("boot_id", 3, P, "another at every PLC restart: ids of items are void then", proven=False),
    Register("n_bins", 4, P, "number of bins", proven=False),
    Register("n_zones", 5, P, "number of zones: 1 the inlet, 2 the reader, n + 2 bin n", proven=False),
    Register("pulses_per_m", 6, P, "encoder pulses a metre", proven=False),
    Register("nominal_mm_s", 7, P, "belt speed, mm/s", proven=False),
    Register("reader_start_mm", 8, P, "where the reader's field begins, mm from the induct eye", proven=False),
    Register("reader_end_mm", 9, P, "where it ends, mm from the induct eye", proven=False),
    Register("decision_mm", 10, P, "last moment for bin 1: behind the reader's field and before the first divert, mm from the induct eye", proven=False),
    Register("min_gap_mm", 11, P, "smallest gap between two items", proven=False),
    Register("max_length_mm", 12, P, "longest item", proven=False),
    Register("ring_depth", 13, P, "events that are kept until they are taken (64)", proven=False),
    Register("window", 14, P, "events that one read shows (8)", proven=False),
    Register("scan_ms", 15, P, "length of a PLC scan", proven=False),
    Register("divert_mm", 16, P, "where the divert of bin 1 to 16 stands, mm from the induct eye, each further on than the one before; of the last bin the end of the belt; 0 beyond n_bins", count=16, proven=False),
    Register("plc_hb", 32, P, "counts up with every scan"),
    Register("host_hb_echo", 33, P, "the host_hb that was last seen"),
    Register("state", 34, P, "PackML StateCurrent"),
    Register("mode", 35, P, "PackML UnitModeCurrent: 1 production, 2 maintenance, 3 manual"),
    Register("signs", 36, P, "read-only, also for the PLC's own safety", Form.BITS, bits=SIGNS),
    Register("first_out", 37, P, "number of the first alarm that is latched, 0 for none"),
    Register("items", 38, P, "items on the belt"),
    Register("mm_s", 39, P, "actual speed"),
    Register("encoder", 40, P, "pulses since the start", Form.UDINT),
    Register("bin_full", 42, P, "bit n - 1: bin n is full", Form.WORD),
    Register("bin_present", 43, P, "bit n - 1: a crate stands at bin n", Form.WORD),
    Register("cmd_ack", 44, P, "cmd_seq of the last command that was answered"),
    Register("cmd_result", 45, P, "0 ok, 1 wrong state, 2 unknown, 3 bad argument, 4 not permitted, 5 safety, 6 busy"),
    Register("ev_head", 46, P, "sequence of the newest event"),
    Register("ev_base", 47, P, "the ev_ack from which the window was built", proven=False),
    Register("events", 48, P, "8 records of 8 words: ev_base + 1 to ev_base + 8", Form.RECORDS, count=64),
    Register("alarms", 112, P, "alarms that stand: bit n - 1 is alarm n", Form.UDINT, proven=False),
    Register("latched", 114, P, "alarms that stood, until they are acknowledged: bit n - 1 is alarm n", Form.UDINT, proven=False),
    Register("count_items", 116, P, "items since the start", Form.UDINT, proven=False),
    Register("count_late", 118, P, "items for which no destination came in time", proven=False),
    Register("count_missed", 119, P, "items that passed their divert", proven=False),
    Register("count_lost", 120, P, "items that vanished", proven=False),
    Register("count_jams", 121, P, "jams", proven=False),
    Register("count_crc", 122, P, "frames with a wrong CRC", proven=False),
    Register("host_hb", 200, H, "counts up with every cycle"),
    Register("ev_ack", 201, H, "sequence of the last event that is durable at the host"),
    Register("host_flags", 202, H, "bit 0 items may be taken in, 1 the library system is slow or away", Form.BITS, bits=("allow_induct", "ils_degraded")),
    Register("cmd_seq", 203, H, "1 to 65535; a command is new when it differs from cmd_ack and equals cmd_chk"),
    Register("cmd_code", 204, H, "command"),
    Register("cmd_a1", 205, H, "first argument"),
    Register("cmd_a2", 206, H, "second argument"),
    Register("cmd_chk", 207, H, "the cmd_seq again, written last"),
    Register("destinations", 300, H, "32 slots of tid, dest, alt, tid again; slot = tid mod 32; valid only if both tid are the item's", Form.RECORDS, count=128, proven=False),
)  # fmt: skip

BY_NAME: Mapping[str, Register] = {register.name: register for register in REGISTERS}

IDENTITY = (BY_NAME["magic"].address, 32)
"""First register and count of the block that is read when the line is opened."""
STATUS = (BY_NAME["plc_hb"].address, 80)
"""Of the block that is read in every cycle: status and event window."""
COUNTERS = (BY_NAME["alarms"].address, BY_NAME["count_crc"].last - BY_NAME["alarms"].address + 1)
"""Of the block with alarms and counters, to its last register and no further: what is not in the table a PLC may refuse."""


def value(name: str, words: Sequence[int], first: int) -> int:
    """The number in register `name`, out of `words` read from address `first` on."""
    register = BY_NAME[name]
    at = register.address - first
    if register.form is Form.UDINT:
        return words[at] << 16 | words[at + 1]
    return words[at]


def row(name: str, words: Sequence[int], first: int) -> tuple[int, ...]:
    """All words of register `name`."""
    register = BY_NAME[name]
    at = register.address - first
    return tuple(words[at : at + register.words])
