"""What a PLC owes beyond its registers: states and what leads between them, commands, events, times.

Tables, from which the pages of docs/plc, the declarations in Structured Text and the conformance test come.

Sources: ANSI/ISA-TR88.00.02 as Beckhoff Tc3_PackML numbers it; OPC 30050, 6.3.7 and 6.3.8. Times and causes are the
contract's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.ports import BeltCommand, CommandResult, Happening, Mode, Pack, Sign

HOST_SILENT_MS = 1000
"""Without a new host_hb for so long, the PLC suspends."""
HOST_GONE_MS = 30000
"""And for so long, it stops."""
HORN_MS = 5000
"""How long the horn sounds before the belt moves."""
ANSWER_MS = 100
"""How long a PLC may take to answer, beyond what the bytes need on the wire."""
GATE_MS = 3000
"""Without a word about what lies in the gate of an open inlet for so long, it is given back."""
INLET_SHUT = 16
"""Above so many pending events nothing more is taken in."""
FROZEN = 40
"""Above so many the belt stands until they are taken; tracking is by pulses, so nothing is lost."""
RING = 64
AHEAD = 60000
"""A distance from ev_ack to ev_head above this means that ev_ack is ahead: nothing is pending."""

SIGN_MEANING: Mapping[Sign, str] = {
    Sign.SAFETY_CLOSED: "the safety chain is closed",
    Sign.E_STOP: "an emergency stop is pressed",
    Sign.GUARD_OPEN: "a guard is open",
    Sign.MOVING: "the belt moves",
    Sign.HOST_ALIVE: "host_hb has changed within the last second",
    Sign.LOCAL_KEY: "the key at the machine is turned: jogging is allowed",
    Sign.WAITING_FOR_HOST: "the belt stands until the host has taken events",
    Sign.ALARM: "an alarm stands",
    Sign.INLET_OPEN: "items are taken in",
}

MODE_MEANING: Mapping[Mode, str] = {
    Mode.PRODUCTION: "sorting",
    Mode.MAINTENANCE: "the fitter's: states as usual, nothing is taken in",
    Mode.MANUAL: "jogging only, and only with the local key",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow of the state diagram. `command` is None where the PLC goes by itself."""

    before: Pack
    after: Pack
    cause: str
    command: BeltCommand | None = None


_NOT_STOPPABLE = {Pack.CLEARING, Pack.STOPPED, Pack.STOPPING, Pack.ABORTING, Pack.ABORTED}
_NOT_ABORTABLE = {Pack.ABORTING, Pack.ABORTED}

_COMMANDED = (
    (BeltCommand.RESET, (Pack.STOPPED, Pack.COMPLETE), Pack.RESETTING),
    (BeltCommand.START, (Pack.IDLE,), Pack.STARTING),
    (BeltCommand.STOP, tuple(p for p in Pack if p not in _NOT_STOPPABLE), Pack.STOPPING),
    (BeltCommand.HOLD, (Pack.EXECUTE,), Pack.HOLDING),
    (BeltCommand.UNHOLD, (Pack.HELD,), Pack.UNHOLDING),
    (BeltCommand.SUSPEND, (Pack.EXECUTE,), Pack.SUSPENDING),
    (BeltCommand.UNSUSPEND, (Pack.SUSPENDED,), Pack.UNSUSPENDING),
    (BeltCommand.ABORT, tuple(p for p in Pack if p not in _NOT_ABORTABLE), Pack.ABORTING),
    (BeltCommand.CLEAR, (Pack.ABORTED,), Pack.CLEARING),
    (BeltCommand.COMPLETE, (Pack.EXECUTE,), Pack.COMPLETING),
)
_DONE = (
    (Pack.CLEARING, Pack.STOPPED),
    (Pack.STARTING, Pack.EXECUTE),
    (Pack.STOPPING, Pack.STOPPED),
    (Pack.ABORTING, Pack.ABORTED),
    (Pack.HOLDING, Pack.HELD),
    (Pack.UNHOLDING, Pack.EXECUTE),
    (Pack.SUSPENDING, Pack.SUSPENDED),
    (Pack.UNSUSPENDING, Pack.EXECUTE),
    (Pack.RESETTING, Pack.IDLE),
    (Pack.COMPLETING, Pack.COMPLETE),
)
_CAUSED = (
    (Pack.EXECUTE, Pack.HOLDING, "the default bin can take nothing"),
    (Pack.EXECUTE, Pack.SUSPENDING, "the host is silent for 1 s"),
    (Pack.SUSPENDED, Pack.UNSUSPENDING, "the host is back after it was silent"),
    (Pack.SUSPENDED, Pack.STOPPING, "the host is silent for 30 s"),
    *(
        (
            p,
            Pack.ABORTING,
            "jam, drive fault, encoder that stands, guard, or the safety chain opens",
        )
        for p in Pack
        if p not in _NOT_ABORTABLE
    ),
)

TRANSITIONS: tuple[Transition, ...] = (
    *(
        Transition(before, after, command.name.capitalize(), command)
        for command, befores, after in _COMMANDED
        for before in befores
    ),
    *(Transition(before, after, "done") for before, after in _DONE),
    *(Transition(*arrow) for arrow in _CAUSED),
)
"""Every arrow that there may be."""

ARROWS: frozenset[tuple[Pack, Pack]] = frozenset((t.before, t.after) for t in TRANSITIONS)

MOVING_STATES = frozenset(
    {Pack.STARTING, Pack.EXECUTE, Pack.UNHOLDING, Pack.UNSUSPENDING, Pack.SUSPENDING}
    | {Pack.SUSPENDED, Pack.COMPLETING}
)
"""States in which the belt may move."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """One line of the table of commands."""

    command: BeltCommand
    arguments: str
    meaning: str
    where: frozenset[Pack] = frozenset(Pack)
    """States in which it is taken; elsewhere it is answered with 1, wrong state."""


def _pack(command: BeltCommand, meaning: str) -> CommandLine:
    befores = {t.before for t in TRANSITIONS if t.command is command}
    return CommandLine(command, "", meaning, frozenset(befores))


COMMANDS: tuple[CommandLine, ...] = (
    _pack(BeltCommand.RESET, "make ready"),
    _pack(BeltCommand.START, "horn, then the belt runs; refused with 5 while the safety chain is open, with 4 in mode Manual"),
    _pack(BeltCommand.STOP, "shut the inlet and stop"),
    _pack(BeltCommand.HOLD, "stop for a cause of the machine's own"),
    _pack(BeltCommand.UNHOLD, "go on; refused with 5 while the safety chain is open, with 4 while the default bin can take nothing"),
    _pack(BeltCommand.SUSPEND, "shut the inlet for a cause from outside; what lies on the belt runs on"),
    _pack(BeltCommand.UNSUSPEND, "go on"),
    _pack(BeltCommand.ABORT, "stop at once"),
    _pack(BeltCommand.CLEAR, "leave Aborted; refused with 5 while the safety chain is open or the drive is at fault, with 4 after the chain was open, until a person at the machine has said that the belt is empty, or it was purged"),
    _pack(BeltCommand.COMPLETE, "shut the inlet and run empty"),
    CommandLine(BeltCommand.MODE, "a1 = 1, 2 or 3", "mode", frozenset({Pack.STOPPED, Pack.IDLE})),
    CommandLine(BeltCommand.ACKNOWLEDGE_ALARM, "a1 = number, 0 for all", "an operator has seen the alarm: it is no longer latched, unless its cause still stands; refused with 3 above 32"),
    CommandLine(BeltCommand.ENABLE_BIN, "a1 = bin, a2 = 1 or 0", "use a bin, or do not"),
    CommandLine(BeltCommand.BIN_DOCKED, "a1 = bin", "an empty crate stands there and was scanned: the bin is used again; refused with 4 while none stands there"),
    CommandLine(BeltCommand.DEFAULT_BIN, "a1 = bin", "where an item goes for which no destination came"),
    CommandLine(BeltCommand.GATE, "a1 = 1 release, 2 refuse", "what the gate of the inlet does with the item in it; where one stands, nothing goes in without a release, and what nothing was said about for 3 s while the inlet is open is given back. Release is answered with 1 while the inlet is shut or nothing lies in the gate, Refuse with 1 while nothing does: then nothing happens, and no REFUSED is told"),
    CommandLine(BeltCommand.PURGE, "", "everything on the belt goes to the default bin, whatever it was given to, but what a divert is set for already; once the safety chain is closed again, this too ends the doubt that Clear waits for"),
    CommandLine(BeltCommand.DROP_TRACKING, "", "forget what lies on the belt: a person has taken it off", frozenset({Pack.STOPPED, Pack.IDLE})),
)  # fmt: skip

RESULTS: Mapping[CommandResult, str] = {
    CommandResult.OK: "done, or begun where it leads to another state",
    CommandResult.WRONG_STATE: "not in this state",
    CommandResult.UNKNOWN: "no such command",
    CommandResult.BAD_ARGUMENT: "an argument is out of range",
    CommandResult.NOT_PERMITTED: "needs somebody at the machine",
    CommandResult.SAFETY: "the safety chain is open, or the drive is at fault",
    CommandResult.BUSY: "later, the PLC is at another command",
}


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of the table of events. `zone` is what stands in word 1; `tid` says whether it is about an item."""

    kind: Happening
    zone: str
    tid: bool
    a: str
    b: str
    when: str


EVENTS: tuple[EventLine, ...] = (
    EventLine(Happening.INDUCTED, "1", True, "length, mm", "gap before it, mm", "the item's end has passed the induct eye; the encoder is that of its front edge"),
    EventLine(Happening.AT_READER, "2", True, "", "", "its front is at reader_start_mm"),
    EventLine(Happening.LEFT_READER, "2", True, "", "", "its end has passed reader_end_mm"),
    EventLine(Happening.LATE, "where it is", True, "the default bin", "", "no destination that can still be reached: it goes to the default bin"),
    EventLine(Happening.DIVERT_FIRED, "a1 + 2", True, "bin", "", "the divert of a bin is set for it"),
    EventLine(Happening.CONFIRMED, "a1 + 2", True, "bin", "", "the eye of the bin that it was to go to has seen it"),
    EventLine(Happening.MISSED, "a2 + 2", True, "bin that was wanted", "bin that it went to", "the eye of another bin has seen it"),
    EventLine(Happening.LOST, "a1", True, "zone", "", "no eye has seen it where it should have been"),
    EventLine(Happening.STRAY, "a1", False, "zone", "", "an eye has seen something that was never inducted"),
    EventLine(Happening.JAM, "a1", False, "zone", "", "an eye is covered for too long while the belt runs"),
    EventLine(Happening.GAP_FAULT, "1", True, "length, mm", "gap, mm", "too long or too near to the one before: perhaps two items; it goes to the default bin"),
    EventLine(Happening.BIN, "a1 + 2", False, "bin", "1 full, 2 free, 3 out, 4 in", "a sensor of a bin has changed, debounced"),
    EventLine(Happening.STATE, "0", False, "new state", "old state", "StateCurrent has changed"),
    EventLine(Happening.ALARM, "of the cause, or 0", False, "number of the alarm", "1 raised, 2 cleared", "an alarm came or went; the zone is where, if it is of one place"),
    EventLine(Happening.REFUSED, "1", False, "1 told to, 2 no word in time", "", "the gate has given something back"),
    EventLine(Happening.HOST, "0", False, "1 lost, 2 back", "", "the watchdog on host_hb"),
    EventLine(Happening.DEST_REJECTED, "where it is", True, "1 too late, 2 no such bin", "bin that was written", "an item's slot holds what cannot be: a bin that lies behind it, or a bin or an alternate that is none; once for each destination. Of an item that goes to the default bin in any case nothing is told"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Time:
    """One line of the table of times."""

    what: str
    value: str
    then: str


TIMES: tuple[Time, ...] = (
    Time("host cycle", "50 ms; 146 ms at 19,200 baud", "one write of the host block, one read of 80 registers"),
    Time("PLC scan", "10 ms", "far shorter than the smallest gap takes at full speed"),
    Time("host_hb stands", "1 s", "inlet shut; from Execute Suspending: the belt runs on, items keep their destination or take the default bin"),
    Time("host_hb stands", "30 s", "from Suspended Stopping"),
    Time("host_hb moves again", "at once", "Unsuspending by itself, if silence was the cause"),
    Time("plc_hb stands", "1 s", "the host shows the link as down and asks for no check-in"),
    Time("answer to a request", f"{ANSWER_MS} ms beyond the time on the wire", "the host waits until the line rests as long again, then asks once more"),
    Time("horn before the belt moves", "5 s", "in Starting"),
    Time("more than 16 events pending", "at once", "inlet shut"),
    Time("more than 40 events pending", "at once", "belt stands, sign waiting_for_host; goes on by itself"),
)  # fmt: skip
