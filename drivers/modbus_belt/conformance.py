"""Does a PLC keep the contract: each check as data, and each judgement as a pure function of what was seen.

`conforming` gathers what is judged here, over a wire. Checks come in three kinds: those that only read, those that write
what a host writes (they take events, acknowledge alarms, fill the table, give commands that move nothing), and those that move
the belt, which are run only when somebody at the belt allows it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from drivers.modbus_belt import contract, registers
from drivers.modbus_belt.alarms import BY_NUMBER, MOST
from drivers.modbus_belt.contract import ARROWS
from drivers.modbus_belt.registers import BY_NAME, COUNTERS, IDENTITY, STATUS, row, value
from drivers.ports import (
    BIN_ZONE,
    INLET_ZONE,
    READER_ZONE,
    AlarmChange,
    BeltAlarm,
    BeltCommand,
    BeltEvent,
    CommandResult,
    Happening,
    Mode,
    Pack,
    Sign,
)

WORD = 0x10000


class Needs(StrEnum):
    """What a check does to the belt."""

    READ = "read"
    WRITE = "write"
    MOVE = "move"


class Verdict(StrEnum):
    """What came of a check."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a PLC owes: what is expected, in which registers, and where it is written."""

    id: str
    needs: Needs
    expected: str
    registers: tuple[str, ...]
    section: str
    """Page and heading below docs/plc."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether it was as expected, and what was seen. None when nothing could be seen."""

    ok: bool | None
    seen: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and what came of it."""

    check: Check
    verdict: Verdict
    seen: str


R, W, M = Needs

CHECKS: tuple[Check, ...] = (
    Check("identity", R, "magic 0x5342 and major version 1 of the map", ("magic", "map_version"), "registers.md#the-plc-writes"),
    Check("geometry", R, "1 to 16 bins, pulses a metre, reader before the decision point before the diverts, each further on", ("n_bins", "pulses_per_m", "reader_start_mm", "reader_end_mm", "decision_mm", "divert_mm"), "registers.md#the-plc-writes"),
    Check("zones", R, "two zones more than bins: 1 the inlet, 2 the reader, n + 2 bin n", ("n_bins", "n_zones"), "registers.md#the-plc-writes"),
    Check("sizes", R, "a window of 8, a ring of at least 48, a scan of 1 to 100 ms", ("ring_depth", "window", "scan_ms"), "registers.md#the-plc-writes"),
    Check("known-values", R, "a state of 1 to 17, a mode of 1 to 3, no sign that the map does not have", ("state", "mode", "signs"), "registers.md#bits-of-signs"),
    Check("alarms", R, "each alarm that stands is latched, first_out is a latched one or 0 for none, and sign alarm is set while one stands", ("alarms", "latched", "first_out", "signs"), "alarms.md"),
    Check("plc-beat", R, "plc_hb is another at every read and counts with the scan", ("plc_hb", "scan_ms"), "states.md#times"),
    Check("window", R, "each record is empty, or the one that ev_base and its place say", ("ev_base", "events"), "events.md"),
    Check("prompt", R, f"each of 50 reads is answered at once, within {contract.ANSWER_MS} ms beyond the time on the wire", (), "states.md#times"),
    Check("bad-address", R, "exception 2 for register 60000", (), "README.md#the-wire"),
    Check("bad-count", R, "exception 3 for no register at all", (), "README.md#the-wire"),
    Check("bad-function", R, "exception 1 for FC04", (), "README.md#the-wire"),
    Check("bad-crc", R, "no answer to a frame with a wrong CRC", (), "traps.md"),
    Check("other-unit", R, "no answer to a request for another unit", (), "traps.md"),
    Check("half-request", R, "half a request is thrown away, and the whole one after it answered", (), "traps.md"),
    Check("twice", R, "the same request twice is answered twice, with nothing held back for later", (), "traps.md"),
    Check("echo", W, "host_hb_echo is the host_hb that was written, within 0.3 s", ("host_hb", "host_hb_echo"), "states.md#heart-beats-and-the-plcs-watchdog"),
    Check("host-alive", W, "sign host_alive is set while host_hb moves, and cleared 0.8 to 1.5 s after it stands", ("host_hb", "signs"), "states.md#heart-beats-and-the-plcs-watchdog"),
    Check("host-events", W, "event HOST 1 when the host falls silent, HOST 2 when it is back", ("events",), "events.md"),
    Check("host-alarm", W, "alarm 7 is raised when the host falls silent, and cleared when it is back", ("events",), "alarms.md"),
    Check("window-stays", W, "what is not acknowledged is shown again, unchanged", ("ev_ack", "ev_base", "events"), "states.md#the-event-ring-and-its-window"),
    Check("window-moves", W, "what is acknowledged disappears, one by one, and ev_base is the ev_ack that was written", ("ev_ack", "ev_base", "events"), "states.md#the-event-ring-and-its-window"),
    Check("ack-ahead", W, "an ev_ack ahead of ev_head means that nothing is pending: no freeze", ("ev_ack", "signs"), "events.md"),
    Check("unknown-command", W, "command 99 is answered with 2", ("cmd_ack", "cmd_result"), "commands.md"),
    Check("bad-argument", W, "mode 9, bin 99 and alarm 99 are answered with 3", ("cmd_a1", "cmd_result"), "commands.md"),
    Check("wrong-state", W, "a command that this state does not take is answered with 1 and changes nothing", ("cmd_result", "state"), "commands.md"),
    Check("unchecked-command", W, "a command whose cmd_chk differs is not taken", ("cmd_seq", "cmd_chk", "cmd_ack"), "commands.md"),
    Check("repeated-command", W, "a cmd_seq that was answered is not carried out again, whatever else stands there", ("cmd_seq", "cmd_ack", "cmd_result"), "states.md#the-command-mailbox"),
    Check("taken-command", W, "acknowledging all alarms is answered with 0", ("cmd_ack", "cmd_result"), "commands.md"),
    Check("acknowledged", W, "alarm 7 stays latched when it has gone, until it is acknowledged; what stands stays latched", ("alarms", "latched"), "alarms.md"),
    Check("purge", W, "purging is answered with 0 in whatever state it is, and changes no state", ("cmd_result", "state"), "commands.md"),
    Check("table", W, "all slots of the table can be written and read back, and say nothing of items that are not there", ("destinations", "events"), "registers.md#a-slot-of-the-destination-table"),
    Check("reset", M, "Stopped by Reset to Resetting and Idle", ("state",), "states.md#by-command"),
    Check("start", M, "Idle by Start to Starting, and after a horn of 5 s to Execute", ("state",), "states.md#by-command"),
    Check("runs", M, "in Execute the encoder counts, high word first, as fast as the belt says", ("encoder", "mm_s", "pulses_per_m"), "registers.md#the-plc-writes"),
    Check("inlet", M, "the inlet opens while allow_induct is set, and shuts when it is not", ("host_flags", "signs"), "registers.md#the-host-writes"),
    Check("hold", M, "Execute by Hold to Held, by Unhold back", ("state",), "states.md#by-command"),
    Check("suspend", M, "Execute by Suspend to Suspended, which stays while the host lives; by Unsuspend back", ("state",), "states.md#by-command"),
    Check("watchdog-patient", M, "a host silent for 0.6 s changes nothing", ("host_hb", "state"), "states.md#times"),
    Check("watchdog", M, "a host silent for 2.5 s: Suspending, Suspended; when it is back Unsuspending and Execute by itself", ("host_hb", "state"), "states.md#heart-beats-and-the-plcs-watchdog"),
    Check("destination", M, "an item is rejected a bin that is none, and then confirmed at the bin that it is sent to", ("destinations", "events"), "states.md#the-destination-table"),
    Check("complete", M, "Execute by Complete to Complete, by Reset to Idle", ("state",), "states.md#by-command"),
    Check("abort", M, "by Abort to Aborted, which takes no Reset; by Clear to Stopped", ("state", "cmd_result"), "states.md#by-command"),
    Check("host-gone", M, "a host silent for 31 s: Stopped", ("host_hb", "state"), "states.md#times"),
    Check("arrows", M, "every change of state was told by event 13, each began where the one before ended, and each is in the table", ("events", "state"), "states.md#by-cause"),
    Check("event-zones", M, "word 1 of each event has the zone that its kind owes", ("events",), "events.md"),
    Check("sequence", M, "no event was left out, and none came twice", ("ev_head", "events"), "events.md"),
)  # fmt: skip
"""In the order in which they are run."""

OUT_OF_RANGE = (60000, 1)
PROMPT_S = contract.ANSWER_MS / 1000
SILENT = (0.8, 1.5)
"""Between these the watchdog of 1 s must have bitten, seen by reads 50 ms apart."""


# --- judgements ---------------------------------------------------------------------------------------


def identity(words: Sequence[int]) -> Judged:
    """Of registers 0 to 31."""
    magic, version = words[0], words[1]
    ok = magic == registers.MAGIC and version >> 8 == registers.VERSION >> 8
    return Judged(ok, f"magic 0x{magic:04x}, map {version >> 8}.{version & 0xFF}")


def geometry(words: Sequence[int]) -> Judged:
    """Of registers 0 to 31."""

    def of(name: str) -> int:
        return value(name, words, IDENTITY[0])

    bins, pulses = of("n_bins"), of("pulses_per_m")
    diverts = row("divert_mm", words, IDENTITY[0])[:bins]
    along = [of("reader_start_mm"), of("reader_end_mm"), of("decision_mm"), *diverts]
    rising = all(a < b for a, b in pairwise(along))
    ok = 1 <= bins <= registers.MOST_BINS and pulses > 0 and rising
    ok = ok and of("min_gap_mm") > 0 and of("max_length_mm") > 0
    return Judged(ok, f"{bins} bins, {pulses} pulses a metre, at mm {', '.join(map(str, along))}")


def zones(words: Sequence[int]) -> Judged:
    """Of registers 0 to 31."""
    bins, found = (value(n, words, IDENTITY[0]) for n in ("n_bins", "n_zones"))
    return Judged(found == bins + BIN_ZONE, f"{found} zones, {bins} bins")


def alarms(status: Sequence[int], counters: Sequence[int]) -> Judged:
    """Of the status block and of that with the alarms, with nothing between them that changed."""
    first, signs = (value(n, status, STATUS[0]) for n in ("first_out", "signs"))
    standing, latched = (value(n, counters, COUNTERS[0]) for n in ("alarms", "latched"))
    told = bool(signs >> registers.SIGNS.index(Sign.ALARM) & 1)
    ok = not standing & ~latched and told == bool(standing) and bool(first) == bool(latched)
    ok = ok and (not first or (first <= MOST and bool(latched >> first - 1 & 1)))
    said = f"standing {_alarms(standing)}, latched {_alarms(latched)}, first {first}"
    return Judged(ok, said + ("" if told == bool(standing) else ", sign alarm says otherwise"))


def _alarms(bits: int) -> str:
    return str([n for n in range(1, MOST + 1) if bits >> n - 1 & 1])


def host_alarm(events: Sequence[BeltEvent]) -> Judged:
    """Of the events of one silence and its end."""
    told = [e.b for e in events if e.kind is Happening.ALARM and e.a == BeltAlarm.HOST]
    return Judged(told == [AlarmChange.RAISED, AlarmChange.CLEARED], f"alarm 7: {told}")


def acknowledged(before: int, after: int, standing: int) -> Judged:
    """Of the latched alarms after one has gone and after all were acknowledged, and those that stand then."""
    bit = 1 << BeltAlarm.HOST - 1
    ok = bool(before & bit) and after == standing
    return Judged(ok, f"latched {_alarms(before)}, then {_alarms(after)}")


def sizes(words: Sequence[int]) -> Judged:
    """Of registers 0 to 31."""
    depth, window, scan = (value(n, words, 0) for n in ("ring_depth", "window", "scan_ms"))
    ok = window == registers.WINDOW and depth >= 48 and 1 <= scan <= 100
    return Judged(ok, f"window {window}, ring {depth}, scan {scan} ms")


def known_values(status: Sequence[int]) -> Judged:
    """Of the status block."""
    state, mode, signs = (value(n, status, STATUS[0]) for n in ("state", "mode", "signs"))
    ok = state in set(Pack) and mode in set(Mode) and signs >> len(registers.SIGNS) == 0
    return Judged(ok, f"state {state}, mode {mode}, signs 0b{signs:b}")


def plc_beat(beats: Sequence[tuple[float, int]], scan_ms: int) -> Judged:
    """Of heart-beats and the seconds at which they were read, some cycles apart."""
    steps = [(b - a) % WORD for (_, a), (_, b) in pairwise(beats)]
    if len(beats) < 2 or not scan_ms:
        return Judged(None, "too few reads, or no scan")
    took = beats[-1][0] - beats[0][0]
    wanted = took * 1000 / scan_ms
    ok = all(0 < step < WORD // 2 for step in steps) and 0.4 <= sum(steps) / wanted <= 2.5
    still = sum(step == 0 for step in steps)
    return Judged(
        ok,
        f"{sum(steps)} counts in {took:.2f} s where {wanted:.0f} scans fit, {still} reads without",
    )


def window(status: Sequence[int]) -> Judged:
    """Of the status block: records that can be none are named by their place."""
    base = value("ev_base", status, STATUS[0])
    records = row("events", status, STATUS[0])
    bad: list[int] = []
    shown = 0
    ended = False
    for n in range(registers.WINDOW):
        record = records[n * registers.RECORD : (n + 1) * registers.RECORD]
        kind = record[1] & 0xFF
        expected = (base + 1 + n) % WORD
        if kind == 0 or record[0] != record[7]:
            ended = True
        elif record[0] != expected or ended:
            bad.append(n)
        else:
            shown += 1
    said = f"{shown} records after {base}"
    return Judged(not bad, said + (f", wrong in places {bad}" if bad else ""))


def prompt(seconds: Sequence[float], wire_s: float) -> Judged:
    """Of the seconds that reads took, of which the bytes alone take `wire_s`."""
    slow = sum(took > wire_s + PROMPT_S for took in seconds)
    return Judged(not slow, f"slowest {max(seconds) * 1000:.0f} ms, {slow} of {len(seconds)} late")


def exception(said: str, wanted: int) -> Judged:
    """Of the detail of a refusal, or what came instead."""
    found = re.match(r"exception (\d+)", said)
    return Judged(found is not None and int(found[1]) == wanted, said)


def answers(count: int, wanted: int) -> Judged:
    """Of how many frames came."""
    return Judged(count == wanted, f"{count} answers" if count != 1 else "1 answer")


def echo(written: int, echoes: Sequence[tuple[float, int]]) -> Judged:
    """Of the echoes read after a heart-beat was written, with the seconds since."""
    at = next((t for t, e in echoes if e == written), None)
    if at is None:
        return Judged(False, f"wrote {written}, read {[e for _, e in echoes]}")
    return Judged(at <= 0.3, f"after {at:.2f} s")


def host_alive(alive: bool, gone: float | None, back: bool) -> Judged:
    """Of the sign: while beating, seconds until it was cleared in silence, when beating again."""
    ok = alive and back and gone is not None and SILENT[0] <= gone <= SILENT[1]
    fell = "never cleared" if gone is None else f"cleared after {gone:.2f} s"
    return Judged(ok, f"{'set' if alive else 'not set'}, {fell}, {'set' if back else 'not set'} again")  # fmt: skip


def host_events(events: Sequence[BeltEvent]) -> Judged:
    """Of the events of one silence and its end."""
    told = [e.a for e in events if e.kind is Happening.HOST]
    return Judged(told == [1, 2], f"HOST {told}")


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the window: what was acknowledged before, and what it showed."""

    ack: int
    base: int
    shown: tuple[BeltEvent, ...]


def window_stays(looks: Sequence[Look]) -> Judged:
    """Of looks with one acknowledgement: each shows what the one before did, and perhaps more."""
    if not looks or not looks[-1].shown:
        return Judged(None, "no event was pending")
    ok = all(b.shown[: len(a.shown)] == a.shown for a, b in pairwise(looks)) and all(
        _in_row(look) for look in looks
    )
    numbers = [[e.sequence for e in look.shown] for look in (looks[0], looks[-1])]
    return Judged(ok, f"first {numbers[0]}, last {numbers[1]}")


def window_moves(looks: Sequence[Look]) -> Judged:
    """Of looks whose acknowledgements went on one by one, the last to the end."""
    if not looks:
        return Judged(None, "the host was not silent")
    if any(look.base != look.ack for look in looks):
        return Judged(False, f"ev_base {looks[-1].base} where ev_ack is {looks[-1].ack}")
    if len(looks) < 2:
        return Judged(None, "no event was pending")
    ok = all(look.base == look.ack and _in_row(look) for look in looks)
    by_number = {e.sequence: e for e in looks[0].shown}
    ok = ok and all(by_number.get(e.sequence, e) == e for look in looks for e in look.shown)
    return Judged(
        ok,
        "; ".join(f"ack {k.ack}, base {k.base}: {[e.sequence for e in k.shown]}" for k in looks),
    )


def _in_row(look: Look) -> bool:
    return all(e.sequence == (look.base + 1 + n) % WORD for n, e in enumerate(look.shown))


def answered(results: Sequence[int | None], wanted: CommandResult) -> Judged:
    """Of the results of commands; None where one was not acknowledged."""
    said = ["not acknowledged" if r is None else f"{r} {_result(r)}" for r in results]
    return Judged(all(r == wanted for r in results), ", ".join(said))


def _result(number: int) -> str:
    try:
        return CommandResult(number).name.lower().replace("_", " ")
    except ValueError:
        return "which the map does not know"


def path(states: Sequence[int], wanted: Sequence[Pack]) -> Judged:
    """Of the states seen one after the other: it ends as wanted, by no other way. A short state may be unseen."""
    seen = [s for n, s in enumerate(states) if n == 0 or s != states[n - 1]]
    allowed = list(wanted)
    ok = bool(seen) and seen[-1] == wanted[-1]
    at = 0
    for state in seen:
        if state not in allowed[at:]:
            ok = False
            break
        at += allowed[at:].index(Pack(state))
    return Judged(ok, " > ".join(_state(s) for s in seen) or "nothing")


def _state(number: int) -> str:
    try:
        return f"{number} {Pack(number).name.capitalize()}"
    except ValueError:
        return str(number)


def runs(pulses: int, seconds: float, mm_s: int, pulses_per_m: int) -> Judged:
    """Of the encoder over some seconds, and the speed that the PLC says."""
    if not seconds or not pulses_per_m:
        return Judged(None, "nothing measured")
    measured = pulses * 1000 / pulses_per_m / seconds
    ok = mm_s > 0 and 0.7 <= measured / mm_s <= 1.3
    return Judged(ok, f"{measured:.0f} mm/s by the encoder, {mm_s} mm/s as it says")


def arrows(events: Iterable[BeltEvent]) -> Judged:
    """Of all events: changes of state hang together and are in the table."""
    changes = [(e.b, e.a) for e in events if e.kind is Happening.STATE]
    if not changes:
        return Judged(False, "no event 13")
    broken = [f"{_state(a[1])}, then from {_state(b[0])}" for a, b in pairwise(changes) if a[1] != b[0]]  # fmt: skip
    unknown = [f"{_state(a)} > {_state(b)}" for a, b in changes if (a, b) not in ARROWS]
    wrong = [*broken, *unknown]
    return Judged(not wrong, f"{len(changes)} changes" + (f": {'; '.join(wrong)}" if wrong else ""))


def event_zones(events: Sequence[BeltEvent], zones: int) -> Judged:
    """Of all events, and of how many zones the belt has."""
    wrong = [f"{e.kind.name} in {e.zone}" for e in events if not _zone_is_right(e, zones)]
    return Judged(not wrong, f"{len(events)} events" + (f": {', '.join(wrong)}" if wrong else ""))


def _zone_is_right(event: BeltEvent, zones: int) -> bool:
    match event.kind:
        case Happening.INDUCTED | Happening.GAP_FAULT | Happening.REFUSED:
            return event.zone == INLET_ZONE
        case Happening.AT_READER | Happening.LEFT_READER:
            return event.zone == READER_ZONE
        case Happening.DIVERT_FIRED | Happening.CONFIRMED | Happening.BIN:
            return event.zone == event.a + BIN_ZONE
        case Happening.MISSED:
            return event.zone == event.b + BIN_ZONE
        case Happening.LOST | Happening.STRAY | Happening.JAM:
            return event.zone == event.a
        case Happening.LATE | Happening.DEST_REJECTED:
            return INLET_ZONE <= event.zone <= zones
        case Happening.STATE | Happening.HOST:
            return event.zone == 0
        case Happening.ALARM:
            line = BY_NUMBER.get(event.a)
            return event.zone <= zones and (line is None or bool(event.zone) == line.placed)
        case _:
            return True


def sequence(events: Sequence[BeltEvent]) -> Judged:
    """Of all events in the order in which they were taken."""
    numbers = [e.sequence for e in events]
    gaps = [(a, b) for a, b in pairwise(numbers) if b != (a + 1) % WORD]
    return Judged(not gaps, f"{len(numbers)} events" + (f", gaps at {gaps}" if gaps else ""))


def destination(tid: int | None, wanted: int, events: Sequence[BeltEvent]) -> Judged:
    """Of the events after a bad and then a good destination was written for an item."""
    if tid is None:
        return Judged(None, "no item was laid on the belt in time")
    mine = [e for e in events if e.item == tid]
    rejected = any(e.kind is Happening.DEST_REJECTED for e in mine)
    ends = [e for e in mine if e.kind in {Happening.CONFIRMED, Happening.MISSED, Happening.LOST}]
    ok = rejected and len(ends) == 1 and ends[0].kind is Happening.CONFIRMED and ends[0].a == wanted
    said = ", ".join(f"{e.kind.name} {e.a}" for e in mine) or "nothing"
    return Judged(ok, f"item {tid} to bin {wanted}: {said}")


def refused(state: Pack) -> tuple[int, ...]:
    """Commands that `state` does not take and that would not make a belt move if it did."""
    still = {BeltCommand.HOLD, BeltCommand.COMPLETE, BeltCommand.CLEAR}
    return tuple(
        int(line.command)
        for line in contract.COMMANDS
        if line.command in still and state not in line.where
    )


# --- what comes of it ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, in the order of the checks."""

    identity: Mapping[str, int | str]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(f.verdict is not Verdict.BROKEN for f in self.findings)

    def count(self, verdict: Verdict) -> int:
        return sum(f.verdict is verdict for f in self.findings)

    def as_dict(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "identity": dict(self.identity),
            "kept": self.count(Verdict.KEPT),
            "broken": self.count(Verdict.BROKEN),
            "not_run": self.count(Verdict.NOT_RUN),
            "checks": [
                {
                    "id": f.check.id,
                    "needs": f.check.needs.value,
                    "verdict": f.verdict.value,
                    "expected": f.check.expected,
                    "seen": f.seen,
                    "registers": {n: BY_NAME[n].address for n in f.check.registers},
                    "section": f"docs/plc/{f.check.section}",
                }
                for f in self.findings
            ],
        }

    def summary(self) -> str:
        """One line."""
        return (
            f"{self.count(Verdict.KEPT)} kept, {self.count(Verdict.BROKEN)} broken,"
            f" {self.count(Verdict.NOT_RUN)} not run."
        )

    def markdown(self) -> str:
        """The report as a page."""
        lines = ["# Does this PLC keep the contract?", "", self.summary(), ""]
        lines += [f"- {name}: {number}" for name, number in self.identity.items()]
        lines += ["", "| Check | | Expected | Seen | Registers | Section |", "|---|---|---|---|---|---|"]  # fmt: skip
        for f in self.findings:
            where = ", ".join(f"{n} ({BY_NAME[n].address})" for n in f.check.registers) or "–"
            seen = f.seen.replace("|", "\\|")
            verdict = f.verdict.value.replace("_", " ")
            if f.verdict is Verdict.BROKEN:
                verdict = f"**{verdict}**"
            lines.append(
                f"| {f.check.id} | {verdict} | {f.check.expected} | {seen} | {where} |"
                f" docs/plc/{f.check.section} |"
            )
        return "\n".join(lines) + "\n"
