"""Why the belt stands as it does, and which of its alarms do: what the line makes of events STATE and ALARM.

A state says what a belt does, and never why. The cause is what stood when it changed: an alarm, a sign of the safety
chain, a command that was given here. What nothing here can have caused was done at the machine.

Sources: ANSI/ISA-TR88.00.02; the causes of Held (from within), Suspended (from outside) and Aborted as docs/plc has them.
"""

from dataclasses import replace
from types import MappingProxyType

from drivers.ports import AlarmChange, BeltAlarm, BeltCommand, BeltCounters, BeltEvent, Pack, Sign
from sorter.belt.line import Because, Line, Noted, Reason, What

_ABORTS = {
    BeltAlarm.E_STOP: Because.E_STOP,
    BeltAlarm.GUARD: Because.GUARD,
    BeltAlarm.SAFETY: Because.SAFETY,
    BeltAlarm.DRIVE: Because.DRIVE,
    BeltAlarm.ENCODER: Because.ENCODER,
    BeltAlarm.JAM: Because.JAM,
}
"""Alarms that abort, the gravest first."""
CHAIN = frozenset({BeltAlarm.E_STOP, BeltAlarm.GUARD, BeltAlarm.SAFETY})
"""After which what lies on the belt is doubted."""
_SIGNED = {Sign.E_STOP: Because.E_STOP, Sign.GUARD_OPEN: Because.GUARD}
_FOLLOWS = {
    BeltCommand.HOLD: Pack.HOLDING,
    BeltCommand.SUSPEND: Pack.SUSPENDING,
    BeltCommand.STOP: Pack.STOPPING,
    BeltCommand.ABORT: Pack.ABORTING,
    BeltCommand.COMPLETE: Pack.COMPLETING,
    BeltCommand.CLEAR: Pack.CLEARING,
    BeltCommand.RESET: Pack.RESETTING,
    BeltCommand.START: Pack.STARTING,
    BeltCommand.UNHOLD: Pack.UNHOLDING,
    BeltCommand.UNSUSPEND: Pack.UNSUSPENDING,
}
"""What a command leads to, where it does."""
_STAYS = frozenset({Pack.ABORTED, Pack.HELD, Pack.SUSPENDED, Pack.COMPLETE})
"""States whose cause is that of the state which led to them."""
BITS = 32
"""Alarms with a higher number are told by events alone."""


def alarm_heard(line: Line, event: BeltEvent) -> tuple[Line, Noted]:
    """An event ALARM: one came or went."""
    standing = dict(line.alarms)
    if event.b == AlarmChange.RAISED:
        standing[event.a] = event.zone
        what, latched = What.RAISED, line.latched | {event.a}
    else:
        standing.pop(event.a, None)
        what, latched = What.CLEARED, line.latched
    line = replace(line, alarms=MappingProxyType(standing), latched=latched)
    return line, Noted(what, event.zone, event.a)


def alarms_read(line: Line, counters: BeltCounters) -> Line:
    """The belt's own list. One of which no event was heard stands too, at a place that nobody has told."""
    own = {n: zone for n, zone in line.alarms.items() if n > BITS}
    standing = {n: line.alarms.get(n, 0) for n in sorted(counters.alarms)}
    latched = counters.latched | frozenset(n for n in line.latched if n > BITS)
    if {**standing, **own} == line.alarms and latched == line.latched:
        return line
    return replace(line, alarms=MappingProxyType({**standing, **own}), latched=latched)


def put_away(line: Line, number: int) -> Line:
    """One that the belt tells by events alone is acknowledged here: the belt keeps no bit of it, and stands no more."""
    return replace(line, latched=line.latched - ({number} - set(line.alarms)))


def state_heard(line: Line, event: BeltEvent) -> tuple[Line, Noted | None]:
    """An event STATE: the line knows why from now on. None of a state that the map does not have."""
    if event.a not in set(Pack):
        return line, None
    state = Pack(event.a)
    reason = line.reason if state in _STAYS else _reason(line, state, event.b)
    told = line.wanted
    if told is not None and _FOLLOWS.get(told[0]) is state:
        told = None
    line = replace(line, reason=reason, wanted=told)
    return line, Noted(What.STATE, reason.zone, reason.alarm, state, reason)


def _reason(line: Line, state: Pack, before: int) -> Reason:
    told, by_person = line.wanted or (None, False)
    asked = told is not None and _FOLLOWS.get(told) is state
    match state:
        case Pack.ABORTING:
            return _aborted(line, asked)
        case Pack.HOLDING if BeltAlarm.NO_BIN in line.alarms:
            return Reason(Because.NO_BIN)
        case Pack.HOLDING if asked and not by_person:
            return Reason(Because.STRANDED)
        case Pack.SUSPENDING if asked and not by_person:
            return Reason(Because.LIBRARY)
        case Pack.SUSPENDING if not asked and BeltAlarm.HOST in line.alarms:
            return Reason(Because.HOST)
        case Pack.STOPPING if not asked and BeltAlarm.HOST in line.alarms:
            return Reason(Because.HOST_GONE)
        case Pack.HOLDING | Pack.SUSPENDING | Pack.STOPPING:
            return Reason(Because.OPERATOR if asked else Because.MACHINE)
        case Pack.STOPPED if before == Pack.CLEARING:
            return Reason(Because.CLEARED)
        case Pack.STOPPED:
            return line.reason
        case Pack.COMPLETING:
            return Reason(Because.EMPTY)
        case Pack.CLEARING:
            return line.reason
        case _:
            return Reason()


def _aborted(line: Line, asked: bool) -> Reason:
    """The gravest that stands; what the belt calls the first of several comes before what followed from it."""
    first = line.belt.alarm if line.belt is not None else 0
    standing = [n for n in _ABORTS if n in line.alarms]
    if first in standing:
        standing.remove(BeltAlarm(first))
        standing.insert(0, BeltAlarm(first))
    if standing:
        return Reason(_ABORTS[standing[0]], line.alarms[standing[0]])
    signs = line.belt.signs if line.belt is not None else frozenset()
    for sign, because in _SIGNED.items():
        if sign in signs:
            return Reason(because)
    if asked:
        return Reason(Because.OPERATOR)
    own = next((n for n in line.alarms if n not in set(BeltAlarm)), 0)
    return Reason(Because.ALARM, line.alarms[own], own) if own else Reason(Because.MACHINE)
