"""What happened to a belt as a technician reads it in the log: an alarm by its name, a state by its cause."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from drivers.ports import BeltAlarm
from drivers.runtime.log import Label, LogEvent
from sorter.belt.line import Because, Noted, What

ALARMS_PAGE = Label("docs/plc/alarms.md")


@dataclass(frozen=True, slots=True)
class BeltAlarmed(LogEvent):
    """An alarm of the belt came or went; what each asks for stands on the page."""

    name: ClassVar[str] = "belt.alarm"
    alarm: Label
    """Its name; one that is in no table is called unknown."""
    number: int
    severity: Label
    zone: int
    raised: bool
    page: Label = ALARMS_PAGE


@dataclass(frozen=True, slots=True)
class BeltChanged(LogEvent):
    """The belt went into another state, and why."""

    name: ClassVar[str] = "belt.state"
    state: Label
    because: Because
    zone: int


@dataclass(frozen=True, slots=True)
class BeltJammed(LogEvent):
    """Something is stuck."""

    name: ClassVar[str] = "belt.jam"
    zone: int


@dataclass(frozen=True, slots=True)
class BeltStray(LogEvent):
    """An eye has seen something that is no item of ours."""

    name: ClassVar[str] = "belt.stray"
    zone: int


@dataclass(frozen=True, slots=True)
class BeltStraysSeen(LogEvent):
    """A person has looked for so many of them."""

    name: ClassVar[str] = "belt.strays_seen"
    count: int


@dataclass(frozen=True, slots=True)
class BeltRestarted(LogEvent):
    """The controller began anew: what lay on the belt is no longer known."""

    name: ClassVar[str] = "belt.restarted"


@dataclass(frozen=True, slots=True)
class BeltEventsLost(LogEvent):
    """More happened than the belt keeps until it is taken: events are gone for good."""

    name: ClassVar[str] = "belt.events_lost"
    level: ClassVar[Literal["debug", "info", "warning", "error"]] = "warning"
    count: int


@dataclass(frozen=True, slots=True)
class BeltEventsLostSeen(LogEvent):
    """A person has looked on the belt after so many events were lost."""

    name: ClassVar[str] = "belt.events_lost_seen"
    count: int


@dataclass(frozen=True, slots=True)
class LineUnbalanced(LogEvent):
    """Items that came onto the belt are not all accounted for: a fault of this program."""

    name: ClassVar[str] = "belt.unbalanced"
    level: ClassVar[Literal["debug", "info", "warning", "error"]] = "error"


def log_event(noted: Noted) -> LogEvent:
    """The log event of what was noted."""
    match noted.what:
        case What.RAISED | What.CLEARED:
            known = BeltAlarm(noted.number) if noted.number in set(BeltAlarm) else None
            return BeltAlarmed(
                Label(known.name.lower() if known is not None else "unknown"),
                noted.number,
                Label(known.severity.value if known is not None else "unknown"),
                noted.zone,
                noted.what is What.RAISED,
            )
        case What.STATE:
            state = noted.state.name.lower() if noted.state is not None else "unknown"
            return BeltChanged(Label(state), noted.reason.because, noted.zone)
        case What.JAM:
            return BeltJammed(noted.zone)
        case What.STRAY:
            return BeltStray(noted.zone)
        case What.STRAYS_SEEN:
            return BeltStraysSeen(noted.number)
        case What.RESTARTED:
            return BeltRestarted()
        case What.EVENTS_LOST:
            return BeltEventsLost(noted.number)
        case What.EVENTS_LOST_SEEN:
            return BeltEventsLostSeen(noted.number)
        case What.UNBALANCED:
            return LineUnbalanced()
