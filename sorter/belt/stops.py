"""Why the inlet is shut, as the line stands."""

from dataclasses import replace

from drivers.ports import Online, Pack
from sorter.belt.line import Line, Stop

_SET = frozenset({Stop.GATE, Stop.STORE, Stop.OPERATOR})
"""Set and lifted by what happens, and not by how the line stands."""


def told(line: Line, stop: Stop, *, holds: bool) -> Line:
    """The same with a stop that something beside the belt sets or lifts."""
    return replace(line, stops=line.stops | {stop} if holds else line.stops - {stop})


def held(line: Line, *, accept_offline: bool, most_asked: int, most_pending: int) -> Line:
    """The same with all that shuts its inlet now."""
    belt = line.belt
    exception = line.bins[line.decide.plan.exception]
    away = line.library in {Online.OFFLINE, Online.UNKNOWN}
    found = {
        Stop.LINK: not line.link,
        Stop.BELT: belt is None or belt.state is not Pack.EXECUTE,
        Stop.LIBRARY: away and not accept_offline,
        Stop.BINS: not exception.usable or line.stranded,
        Stop.EVENTS: belt is not None and belt.pending > most_pending,
        Stop.DOUBTED: line.doubted,
        Stop.QUEUE: line.asked >= most_asked,
        Stop.PLAN: line.misfits,
    }
    stops = frozenset(stop for stop, holds in found.items() if holds) | (line.stops & _SET)
    return line if stops == line.stops else replace(line, stops=stops)
