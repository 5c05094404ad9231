"""The contract as a PLC engineer reads it: pages in Markdown, and declarations in IEC 61131-3 Structured Text.

`python -m drivers.modbus_belt.declare NAME` writes one of `PAGES` to standard output; `... declare belt` gives the
declarations that stand at the head of docs/plc/belt.st.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum

from drivers.modbus_belt import contract, registers
from drivers.modbus_belt.alarms import ALARMS, MOST, OWN
from drivers.modbus_belt.contract import COMMANDS, EVENTS, RESULTS, TIMES
from drivers.modbus_belt.diagrams import DIAGRAMS
from drivers.modbus_belt.registers import REGISTERS, SIGNS, Form, Register, Way
from drivers.ports import Mode, Pack, Sign

MADE = "<!-- Made by python -m drivers.modbus_belt.declare {}: change the table, not this page. -->"
BEGIN = "(* --- declarations made by python -m drivers.modbus_belt.declare belt --- *)"
END = "(* --- end of what is made --- *)"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    first = list(head)
    lines = [f"| {' | '.join(first)} |", "|" + "---|" * len(first)]
    return lines + [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]


def _name(one: IntEnum) -> str:
    return one.name.replace("_", " ").capitalize()


def registers_page() -> str:
    """Every register, its place, who writes it, and what it means."""
    lines = [
        "# Registers",
        "",
        MADE.format("registers"),
        "",
        f"Map version {registers.VERSION >> 8}.{registers.VERSION & 0xFF}. Holding registers only, read by FC03 and"
        " written by FC16. Addresses are zero-based as on the wire: register 0 is what some tools call 40001. Numbers"
        " are unsigned, most significant byte first; a UDINT has its high word first. The host reads at most 80 registers"
        " at once, and writes nothing but what it owns. Whatever is not listed reads as 0 or is refused with exception 2.",
        "",
        "No PLC of any maker has been seen yet. A star marks what has not run in a trial with foreign equipment either.",
    ]
    for way, title in ((Way.PLC, "The PLC writes"), (Way.HOST, "The host writes")):
        rows = [
            (_place(r), f"`{r.name}`" + ("" if r.proven else " \\*"), _form(r), r.meaning)
            for r in REGISTERS
            if r.way is way
        ]
        lines += ["", f"## {title}", "", *_table(("Address", "Name", "Type", "Meaning"), rows)]
    lines += ["", "## Bits of `signs`", ""]
    signs = [(n, f"`{s}`", contract.SIGN_MEANING[Sign(s)]) for n, s in enumerate(SIGNS)]
    lines += _table(("Bit", "Name", "Set while"), signs)
    lines += [
        "",
        "Every bit is read-only. There is no register by which an emergency stop or a guard could be reset: that is done"
        " at the machine, by wire.",
        "",
        "## Modes",
        "",
        *_table(
            ("Number", "Mode", "For"),
            ((int(m), _name(m), contract.MODE_MEANING[m]) for m in Mode),
        ),
        "",
        "## A slot of the destination table",
        "",
        f"{registers.SLOTS} slots of {registers.SLOT_WORDS} registers; an item's slot is its tid mod {registers.SLOTS}, from"
        f" register {registers.BY_NAME['destinations'].address} on.",
        "",
        *_table(
            ("Offset", "Holds"),
            (
                (0, "tid"),
                (1, "bin, 1 to n_bins"),
                (2, "alternate: where it goes when that bin is full at the divert; 0 for the default bin"),
                (3, "tid again"),
            ),
        ),
        "",
        "A slot counts for an item only while both words hold its tid. Whatever else stands there is of another item.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _place(register: Register) -> str:
    last = register.last
    return str(register.address) if last == register.address else f"{register.address}–{last}"


def _form(register: Register) -> str:
    if register.form is Form.RECORDS:
        return f"UINT × {register.count}"
    return str(register.form.value) + (f" × {register.count}" if register.count > 1 else "")


def events_page() -> str:
    """Event records: their form, how they are kept and taken, and what each kind tells."""
    rows = [
        (
            int(e.kind),
            f"`{e.kind.name}`",
            e.zone,
            "tid" if e.tid else "0",
            e.a or "–",
            e.b or "–",
            e.when,
        )
        for e in EVENTS
    ]
    lines = [
        "# Events",
        "",
        MADE.format("events"),
        "",
        "A record has 8 registers:",
        "",
        *_table(
            ("Word", "Holds"),
            (
                (0, "sequence: counts up by one, through 65535 to 0"),
                (1, "zone × 256 + kind"),
                (2, "tid of the item, or 0"),
                (3, "a1"),
                (4, "a2"),
                ("5, 6", "encoder at the edge that made the event, high word first"),
                (7, "the sequence again"),
            ),
        ),
        "",
        "The PLC first writes into word 7 a number that is not the sequence, then words 1 to 6, then 0 and 7. The host takes a record only when words 0 and 7"
        " are the number that it expects and the kind is not 0. An empty place in the window has kind 0 and differing"
        " words 0 and 7.",
        "",
        f"**Ring and window.** The PLC keeps the last {contract.RING} events. The window at register"
        f" {registers.BY_NAME['events'].address} shows the {registers.WINDOW} that follow `ev_ack`, and `ev_base` is the"
        " `ev_ack` from which it was built: sequence s stands in record (s - ev_base - 1) mod 65536. The host writes"
        " `ev_ack` only when an event is on its disk. What it has acknowledged is never shown again; what it has not is"
        f" shown until it has. Pending is (ev_head - ev_ack) mod 65536, and 0 where that is above {contract.AHEAD}.",
        "",
        *_table(("Kind", "Name", "Zone", "Item", "a1", "a2", "When"), rows),
        "",
        "**Zones.** 1 is the inlet, 2 the reader, n + 2 bin n; 0 is no place. The column says which stands in word 1. The host takes it"
        " from there, also where a1 says the same.",
        "",
        "A host passes over a kind that it does not know: it acknowledges it, and decides nothing by it.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def alarms_page() -> str:
    """Every alarm: its number, how soon it matters, its cause, what to do, and how it is raised, latched and ended."""
    rows = [
        (
            int(a.alarm),
            f"`{a.alarm.name}`",
            a.alarm.severity.value,
            "zone" if a.placed else "0",
            a.cause,
            a.do,
            a.then,
            a.until,
        )
        for a in ALARMS
    ]
    head = ("No.", "Name", "Severity", "Zone", "Cause", "What to do", "The PLC", "Cleared when")
    lines = [
        "# Alarms",
        "",
        MADE.format("alarms"),
        "",
        "An alarm is something that a person must do something about. `now`: the belt stands, or sorts wrongly. `today`: it"
        " runs, with less than it could. A PLC that lacks the sensor for one never raises it.",
        "",
        *_table(head, rows),
        "",
        f"{max(a.alarm for a in ALARMS) + 1} to {OWN - 1} are not in use. {OWN} to {MOST} are the plant's own: the host shows"
        " them by number, as it does with every number that it does not know, and hides none.",
        "",
        "**Where.** Zone 1 is the inlet, 2 the reader, n + 2 bin n; 0 is no place. The zone of an ALARM event is that of the"
        " first place where the cause is; of one number at several places only the first is told, and it is cleared with"
        " the last.",
        "",
        "**Standing.** While the cause stands, bit n - 1 of `alarms` is set and sign `alarm` with it. Event 14 tells when it"
        " comes (b = 1) and goes (b = 2).",
        "",
        "**Latched.** Bit n - 1 of `latched` is set with it, and stays when the cause has gone, until command 21 acknowledges"
        " it. `first_out` is the number that was raised first while none was latched: it is the cause, the others may"
        " be what followed. When its latch ends before those of others, it is the lowest of these; 0 when none is left."
        " An acknowledgement ends no cause, moves nothing and resets no safety.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """The command mailbox: how a command is given once, what there is, and what is answered."""
    rows = [
        (int(c.command), _name(c.command), c.arguments or "–", _states(c.where), c.meaning)
        for c in COMMANDS
    ]
    lines = [
        "# Commands",
        "",
        MADE.format("commands"),
        "",
        "The host writes `cmd_seq`, `cmd_code`, `cmd_a1`, `cmd_a2` and `cmd_chk` in one FC16. A command is new when"
        " `cmd_seq` equals `cmd_chk`, is not 0, and differs from `cmd_ack`. The PLC carries it out or refuses it within a"
        " scan, and shows its `cmd_result` and then its `cmd_ack`. The same write again changes nothing. One command is"
        " outstanding at a time. After a restart of the PLC `cmd_ack` is 0; a host that starts goes on from `cmd_ack`.",
        "",
        "Result 0 says that a change of state has begun; that it has been reached is told by `state` and by event 13.",
        "",
        *_table(("Code", "Command", "Arguments", "Taken in", "Meaning"), rows),
        "",
        "Codes from 40 on are the plant's own, for jogging: taken in Manual with the local key, else answered with 4; where"
        " a PLC has none they are unknown (2).",
        "",
        "## Results",
        "",
        *_table(("Result", "Name", "Says"), ((int(r), _name(r), says) for r, says in RESULTS.items())),
        "",
        "The order of the checks: unknown (2), bad argument (3), wrong state (1), safety chain (5), not permitted (4).",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _states(where: frozenset[Pack]) -> str:
    if where == frozenset(Pack):
        return "any state"
    without = [p for p in Pack if p not in where]
    if len(without) <= 5:
        return "all but " + ", ".join(_name(p) for p in without)
    return ", ".join(_name(p) for p in sorted(where))


def states_page() -> str:
    """PackML states, what leads between them, and the signals in time."""
    by_command = [
        (t.command, t.after, sorted(x.before for x in contract.TRANSITIONS if x.command is t.command))
        for t in {t.command: t for t in contract.TRANSITIONS if t.command is not None}.values()
    ]  # fmt: skip
    causes = {t.cause: t for t in contract.TRANSITIONS if t.command is None and t.cause != "done"}
    lines = [
        "# States and signals in time",
        "",
        MADE.format("states"),
        "",
        "PackML, numbered as Beckhoff Tc3_PackML numbers it. **Trap:** OPC 30060 numbers the same states otherwise; do not"
        " mix the two.",
        "",
        "![PackML states, numbered, with commands and causes](states.svg)",
        "",
        *_table(
            ("No.", "State", "Belt", "Leads by itself to"),
            (
                (
                    int(p),
                    _name(p),
                    "may move" if p in contract.MOVING_STATES else "stands",
                    next(
                        (
                            _name(t.after)
                            for t in contract.TRANSITIONS
                            if t.before is p and t.cause == "done"
                        ),
                        "–",
                    ),
                )
                for p in Pack
            ),
        ),
        "",
        "## By command",
        "",
        *_table(
            ("Command", "From", "To"),
            ((_name(c), _states(frozenset(b)), _name(a)) for c, a, b in by_command if c is not None),
        ),
        "",
        "## By cause",
        "",
        *_table(
            ("Cause", "From", "To"),
            (
                (
                    cause,
                    _states(frozenset(x.before for x in contract.TRANSITIONS if x.cause == cause)),
                    _name(t.after),
                )
                for cause, t in causes.items()
            ),
        ),
        "",
        "A short freeze because events wait is no state: the belt stands in Execute and shows `waiting_for_host`.",
        "",
        "## Times",
        "",
        *_table(("What", "How long", "Then"), ((t.what, t.value, t.then) for t in TIMES)),
    ]  # fmt: skip
    for name, diagram in DIAGRAMS.items():
        if name != "states":
            lines += ["", f"## {diagram.title}", "", f"![{diagram.title}]({name}.svg)", ""]
            lines += [diagram.words]
    return "\n".join(lines) + "\n"


# --- Structured Text ----------------------------------------------------------------------------------


def structured_text() -> str:
    """Constants of the whole contract, and the registers themselves."""
    last = max(r.last for r in REGISTERS)
    blocks: tuple[tuple[str, Iterable[tuple[str, int, str]]], ...] = (
        ("addresses of registers", ((f"R_{r.name.upper()}", r.address, r.meaning) for r in REGISTERS)),
        ("masks of signs", ((f"SIGN_{s.upper()}", 1 << n, contract.SIGN_MEANING[Sign(s)]) for n, s in enumerate(SIGNS))),
        ("states", _numbers("ST", Pack)),
        ("modes", _numbers("MODE", Mode)),
        ("events", ((f"EV_{e.kind.name}", int(e.kind), e.when) for e in EVENTS)),
        ("commands", ((f"CMD_{c.command.name}", int(c.command), c.meaning) for c in COMMANDS)),
        ("alarms", (
            *((f"ALARM_{a.alarm.name}", int(a.alarm), a.cause) for a in ALARMS),
            ("ALARM_MOST", MOST, "bits for alarms; above this no number is one"),
        )),
        ("results of commands", ((f"RES_{r.name}", int(r), says) for r, says in RESULTS.items())),
        ("sizes and times", (
            ("MAP_MAGIC", registers.MAGIC, "what register 0 holds"),
            ("MAP_VERSION", registers.VERSION, "of the register map"),
            ("RING_DEPTH", contract.RING, "events kept"),
            ("WINDOW", registers.WINDOW, "events shown"),
            ("RECORD", registers.RECORD, "registers of an event"),
            ("SLOTS", registers.SLOTS, "of the destination table"),
            ("SLOT_WORDS", registers.SLOT_WORDS, "registers of a slot"),
            ("ACK_AHEAD", contract.AHEAD, "above this ev_ack is ahead of ev_head"),
            ("PENDING_INLET_SHUT", contract.INLET_SHUT, "above this nothing is taken in"),
            ("PENDING_FROZEN", contract.FROZEN, "above this the belt stands"),
            ("HOST_SILENT_MS", contract.HOST_SILENT_MS, "then the belt suspends"),
            ("HOST_GONE_MS", contract.HOST_GONE_MS, "then it stops"),
            ("HORN_MS", contract.HORN_MS, "before the belt moves"),
            ("GATE_MS", contract.GATE_MS, "without a word, then the gate gives back what lies in it"),
        )),
    )  # fmt: skip
    lines = [BEGIN, "VAR_GLOBAL CONSTANT"]
    for title, rows in blocks:
        lines.append(f"  (* {title} *)")
        lines += [
            f"  {f'{name} : UINT := {number};':<42} (* {about} *)" for name, number, about in rows
        ]
    lines += [
        "END_VAR",
        "",
        "VAR_GLOBAL",
        f"  HR : ARRAY [0..{last}] OF UINT; (* the holding registers that the Modbus slave serves *)",
        "END_VAR",
        END,
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _numbers(prefix: str, kind: type[IntEnum]) -> Iterable[tuple[str, int, str]]:
    return ((f"{prefix}_{one.name}", int(one), _name(one)) for one in kind)


PAGES: Mapping[str, Callable[[], str]] = {
    "registers": registers_page,
    "events": events_page,
    "alarms": alarms_page,
    "commands": commands_page,
    "states": states_page,
    "belt": structured_text,
    **{f"{name}.svg": diagram.draw for name, diagram in DIAGRAMS.items()},
}
"""What can be made, by name: a page, the declarations, or a picture."""


def main() -> int:
    """Write one page to standard output."""
    if len(sys.argv) != 2 or sys.argv[1] not in PAGES:
        sys.stderr.write(f"usage: python -m drivers.modbus_belt.declare {'|'.join(PAGES)}\n")
        return 2
    sys.stdout.write(PAGES[sys.argv[1]]())
    return 0


if __name__ == "__main__":
    sys.exit(main())
