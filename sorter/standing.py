"""Why the belt stands, in words, and what ends that: what an operator reads beside its state."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from config.texts import Text, text
from drivers.ports import (
    BIN_ZONE,
    INLET_ZONE,
    READER_ZONE,
    BeltAlarm,
    BeltCommand,
    CommandResult,
    Pack,
    Sign,
)
from sorter.belt.line import Because, Line, Reason
from sorter.belt.pack import ALLOWED, Why, idle_mode

_RUNS = frozenset({Pack.EXECUTE, Pack.STARTING, Pack.UNHOLDING, Pack.UNSUSPENDING})


@dataclass(frozen=True, slots=True)
class Stands:
    """Why, and what a person does about it. Neither where the belt runs as it should."""

    why: Text | None = None
    ends: Text | None = None


def place(zone: int) -> Text:
    """Where a zone is, with its preposition."""
    if zone == INLET_ZONE:
        return text("belt.place.inlet")
    if zone == READER_ZONE:
        return text("belt.place.reader")
    return (
        text("belt.place.bin", n=zone - BIN_ZONE)
        if zone > BIN_ZONE
        else text("belt.place.somewhere")
    )


MOST_COUNTED = 14
"""Letters that bins may take with how many things came to each; beyond that they are named in spans alone."""


def places(zones: Mapping[int, int]) -> Text:
    """Where zones are, with how many things were seen in each as long as that is short."""
    bins = {zone - BIN_ZONE: n for zone, n in sorted(zones.items()) if zone > BIN_ZONE}
    found = [place(zone) for zone in sorted(zones) if zone <= BIN_ZONE]
    if len(bins) > 1:
        found.append(text("belt.places", bins=_named(bins)))
    else:
        found += [place(number + BIN_ZONE) for number in bins]
    return reduce(lambda a, b: text("belt.places.and", a=a, b=b), found)


def _named(bins: Mapping[int, int]) -> str:
    counted = ", ".join(f"{n} ({count})" if count > 1 else str(n) for n, count in bins.items())
    if len(counted) <= MOST_COUNTED:
        return counted
    spans: list[list[int]] = []
    for n in bins:
        if spans and n == spans[-1][-1] + 1:
            spans[-1].append(n)
        else:
            spans.append([n])
    return ", ".join(f"{s[0]}–{s[-1]}" if len(s) > 1 else str(s[0]) for s in spans)


def do(command: str) -> Text:
    """What stands on the button of a command."""
    return text(f"sorter.do.belt.{command}")


def why(line: Line) -> Stands:
    """Of the line as it is now."""
    belt = line.belt
    if belt is None or not line.link:
        return Stands(text("belt.because.link"), text("belt.ends.link"))
    if belt.state is Pack.EXECUTE and Sign.WAITING_FOR_HOST in belt.signs:
        return Stands(text("belt.because.frozen"), text("belt.ends.itself"))
    if belt.state in ALLOWED[BeltCommand.MODE] and idle_mode(line) is not None:
        return Stands(cause(line.reason), text("belt.ends.press", do=text("sorter.do.production")))
    match belt.state:
        case state if state in _RUNS:
            return Stands()
        case Pack.IDLE:
            return Stands(None, text("belt.ends.press", do=do("start")))
        case Pack.RESETTING:
            return Stands()
        case Pack.ABORTED | Pack.ABORTING:
            return Stands(cause(line.reason), _out_of_aborted(line))
        case Pack.HELD:
            return Stands(cause(line.reason), _out_of_held(line))
        case Pack.SUSPENDED | Pack.SUSPENDING:
            return Stands(cause(line.reason), _out_of_suspended(line))
        case Pack.STOPPED | Pack.COMPLETE:
            start = text("belt.ends.start", first=do("reset"), then=do("start"))
            return Stands(cause(line.reason), start)
        case _:
            return Stands(cause(line.reason))


def cause(reason: Reason) -> Text | None:
    """Why, in one sentence."""
    match reason.because:
        case Because.NONE:
            return None
        case Because.JAM:
            return text("belt.because.jam", place=place(reason.zone))
        case Because.ALARM:
            return text("belt.because.alarm", n=reason.alarm)
        case because:
            return text(f"belt.because.{because.value}")


_CHAIN = frozenset({Because.E_STOP, Because.GUARD, Because.SAFETY})
"""Causes after which somebody must say at the machine that the belt is empty."""


def _out_of_aborted(line: Line) -> Text:
    """The next step, one at a time: first what safety asks for, then what is in doubt, then the command."""
    signs = line.belt.signs if line.belt is not None else frozenset()
    if Sign.E_STOP in signs:
        return text("belt.ends.release")
    if Sign.GUARD_OPEN in signs:
        return text("belt.ends.close")
    if Sign.SAFETY_CLOSED not in signs:
        return text("belt.ends.call")
    if BeltAlarm.DRIVE in line.alarms:
        return text("belt.ends.drive")
    if line.doubted and not line.purged:
        return text("belt.ends.empty", do=text("sorter.do.emptied"), purge=do("purge"))
    if line.unforgotten:
        return text("belt.ends.forget", do=do("clear"))
    if line.reason.because in _CHAIN and not line.purged and not line.items:
        return text("belt.ends.cabinet", do=do("clear"))
    if line.reason.because is Because.JAM:
        return text("belt.ends.free", do=do("clear"))
    return text("belt.ends.clear", do=do("clear"))


def _out_of_held(line: Line) -> Text:
    if BeltAlarm.NO_BIN in line.alarms or line.stranded:
        return text("belt.ends.crate", do=do("unhold"))
    return text("belt.ends.press", do=do("unhold"))


def _out_of_suspended(line: Line) -> Text:
    if line.reason.because is Because.LIBRARY:
        return text("belt.ends.library")
    if line.reason.because is Because.HOST:
        return text("belt.ends.itself")
    return text("belt.ends.press", do=do("unsuspend"))


def objection(why: Why) -> Text:
    """Why a command is not given."""
    return text(f"sorter.no.{why.value}")


def unheard() -> Text:
    """Nobody knows whether the belt has heard a command."""
    return text("sorter.no.silent")


def unsaved() -> Text:
    """It could not be written down, so it was not done."""
    return text("sorter.no.unsaved")


def refused(line: Line, command: BeltCommand, result: CommandResult) -> Text | None:
    """What the belt answered, as what a person can do about it; None where it did it."""
    signs = line.belt.signs if line.belt is not None else frozenset()
    match result, command:
        case CommandResult.OK, _:
            return None
        case CommandResult.WRONG_STATE, _:
            return text("sorter.no.state")
        case CommandResult.SAFETY, _ if Sign.E_STOP in signs:
            return text("sorter.no.e_stop")
        case CommandResult.SAFETY, _ if Sign.GUARD_OPEN in signs:
            return text("sorter.no.guard")
        case CommandResult.SAFETY, _ if BeltAlarm.DRIVE in line.alarms:
            return text("sorter.no.drive")
        case CommandResult.SAFETY, _:
            return text("sorter.no.safety")
        case CommandResult.NOT_PERMITTED, BeltCommand.CLEAR:
            return text("sorter.no.cabinet")
        case CommandResult.NOT_PERMITTED, BeltCommand.UNHOLD:
            return text("sorter.no.crate")
        case CommandResult.NOT_PERMITTED, _:
            return text("sorter.no.at_machine")
        case CommandResult.BUSY, _:
            return text("sorter.no.busy")
        case _:
            return text("sorter.no.not_known", n=int(result))
