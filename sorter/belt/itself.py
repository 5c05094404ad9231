"""The belt itself, beside its items: what it tells of its alarms and states, of events it had to forget, of its restart, and when
the line lets it wait. Each takes the line and gives it as it is then, with what is to be written down.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from drivers.ports import BeltCommand, BeltEvent, BeltInfo, BeltState, Happening, Online, Pack
from sorter.belt import because
from sorter.belt.line import Because, Line, Noted, Reason, Stop, What


def heard(line: Line, event: BeltEvent) -> tuple[Line, tuple[Noted, ...]]:
    """An event that is about no item of ours."""
    match event.kind:
        case Happening.JAM:
            return line, (Noted(What.JAM, event.zone),)
        case Happening.STRAY:
            counts = replace(line.counts, strays=line.counts.strays + 1)
            strays = {**line.strays, event.zone: line.strays.get(event.zone, 0) + 1}
            line = replace(line, counts=counts, strays=MappingProxyType(strays))
            return line, (Noted(What.STRAY, event.zone),)
        case Happening.ALARM:
            line, noted = because.alarm_heard(line, event)
            if noted.what is What.RAISED and event.a in because.CHAIN:
                line = mistrusted(line)
            return line, (noted,)
        case Happening.STATE:
            line, changed = because.state_heard(line, event)
            return line, () if changed is None else (changed,)
        case _:
            return line, ()


def looked_for(line: Line, zones: Mapping[int, int]) -> Line:
    """A person has looked for so many strays by zone; what came meanwhile stands on."""
    left = {zone: n - zones.get(zone, 0) for zone, n in line.strays.items()}
    return replace(line, strays=MappingProxyType({zone: n for zone, n in left.items() if n > 0}))


def overran(line: Line, belt: BeltState, info: BeltInfo) -> tuple[Line, tuple[Noted, ...]]:
    """Whether events were lost for good since the last cycle; told once, however long it takes to catch up."""
    before, line = line.overran, replace(line, overran=belt.overrun)
    if before or not belt.overrun:
        return line, ()
    lost = belt.pending - info.depth
    line = replace(line, events_lost=line.events_lost + lost, reason=Reason(Because.BEFORE))
    return line, (Noted(What.EVENTS_LOST, number=lost),)


def looked_on(line: Line, events: int) -> Line:
    """A person has looked on the belt after so many events were lost; what was lost meanwhile stands on."""
    return replace(line, events_lost=max(0, line.events_lost - events))


def restarted(line: Line) -> tuple[Line, tuple[Noted, ...]]:
    """The controller has begun anew: it knows of no alarm and no command."""
    line = replace(
        line,
        reason=Reason(Because.POWER),
        alarms=MappingProxyType({}),
        latched=frozenset(),
        wanted=None,
        suspended=False,
        overran=True,  # until it is told anew what was taken, it counts from what the boot before was told
    )
    return line, (Noted(What.RESTARTED),)


def mistrusted(line: Line) -> Line:
    """The safety chain has opened, now or while nobody listened: what lies on the belt may have been moved by hand."""
    if line.purged or (line.items and not line.doubted):
        return replace(line, doubted=True, purged=False)
    return line


def emptied(line: Line, belt: BeltState) -> Line:
    """A belt that was purged is believed again when it says itself that nothing is left on it; one that was emptied has said so."""
    if line.unforgotten and not (belt.items and belt.state in {Pack.ABORTING, Pack.ABORTED}):
        line = replace(line, unforgotten=False)
    if line.purged and not belt.items and not line.items:
        return replace(line, doubted=False, purged=False)
    return line


def said_empty(line: Line) -> Line:
    """A person at the belt says that nothing lies on it."""
    counts = line.belt is not None and line.belt.items > 0
    return replace(line, doubted=False, purged=False, unforgotten=counts)


def waiting(line: Line) -> tuple[Line, BeltCommand | None]:
    """While the library system is away, and the plant takes nothing in then, the belt waits; and what it is told for that."""
    belt = line.belt
    if belt is None or not line.link:
        return line, None
    away = Stop.LIBRARY in line.stops
    if belt.state not in {Pack.EXECUTE, Pack.SUSPENDING, Pack.SUSPENDED}:
        return replace(line, suspended=False) if line.suspended else line, None
    known = (
        line.library is not Online.UNKNOWN
    )  # who starts has not asked yet: the inlet is shut meanwhile
    if away and known and belt.state is Pack.EXECUTE and not line.suspended:
        return replace(line, suspended=True), BeltCommand.SUSPEND
    if not away and belt.state is Pack.SUSPENDED and line.suspended:
        return replace(line, suspended=False), BeltCommand.UNSUSPEND
    return line, None


def not_told(line: Line, command: BeltCommand) -> Line:
    """A command was refused, or nobody knows whether the belt has heard it: nothing happens because of it."""
    if line.wanted is not None and line.wanted[0] is command:
        line = replace(line, wanted=None)
    if command in {BeltCommand.SUSPEND, BeltCommand.UNSUSPEND}:
        line = replace(line, suspended=command is BeltCommand.UNSUSPEND)
    return line
