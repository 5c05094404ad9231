"""How the library system is reached, with hysteresis: one table, one owner, no clock of its own.

One missed call must not close the loans, and one lucky probe must not open them. `hear` gives the next
state for what was heard; `probe_in` says after how many seconds to ask again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from drivers.ports import Online

FAILURES = 3
"""In a row, until work stops."""
GOOD_PROBES = 3
"""In a row and PROBE_S apart, until work goes on."""
PROBE_S = 5.0
SLACK_S = 0.5
"""A probe may be answered faster than the one before it."""
MOST_BACK_OFF_S = 30.0


class Heard(StrEnum):
    """What there is to be heard about the library system."""

    GOOD = "good"
    """A call or a 99 was answered in time."""
    FAILED = "failed"
    """A call or a 99 failed or came too late."""
    CLOSED = "closed"
    """A 98 with online=N or timeout=000, or a login refused: it will not work, whatever we try."""
    REPLAYED = "replayed"
    """No row is left to be replayed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Go to `to` once this was heard `after` times in a row; until then stay."""

    to: Online
    after: int = 1


TABLE: Mapping[tuple[Online, Heard], Rule] = MappingProxyType(
    {
        (Online.UNKNOWN, Heard.GOOD): Rule(Online.ONLINE),
        (Online.UNKNOWN, Heard.FAILED): Rule(Online.OFFLINE, FAILURES),
        (Online.UNKNOWN, Heard.CLOSED): Rule(Online.OFFLINE),
        (Online.ONLINE, Heard.GOOD): Rule(Online.ONLINE),
        (Online.ONLINE, Heard.FAILED): Rule(Online.DEGRADED),
        (Online.ONLINE, Heard.CLOSED): Rule(Online.OFFLINE),
        (Online.DEGRADED, Heard.GOOD): Rule(Online.ONLINE),
        (Online.DEGRADED, Heard.FAILED): Rule(Online.OFFLINE, FAILURES),
        (Online.DEGRADED, Heard.CLOSED): Rule(Online.OFFLINE),
        (Online.OFFLINE, Heard.GOOD): Rule(Online.REPLAYING, GOOD_PROBES),
        (Online.OFFLINE, Heard.FAILED): Rule(Online.OFFLINE),
        (Online.OFFLINE, Heard.CLOSED): Rule(Online.OFFLINE),
        (Online.REPLAYING, Heard.GOOD): Rule(Online.REPLAYING),
        (Online.REPLAYING, Heard.FAILED): Rule(Online.OFFLINE),
        (Online.REPLAYING, Heard.CLOSED): Rule(Online.OFFLINE),
        (Online.REPLAYING, Heard.REPLAYED): Rule(Online.ONLINE),
    }
)
"""What is not in the table changes nothing."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The state, and how often the last thing was heard in a row."""

    online: Online = Online.UNKNOWN
    good: int = 0
    failed: int = 0
    counted_at: float = float("-inf")
    """Monotonic seconds of the last good answer that counted."""


def hear(reach: Reach, heard: Heard, at: float) -> Reach:
    """The next state. `at` is monotonic seconds; offline, good answers closer than PROBE_S count once."""
    rule = TABLE.get((reach.online, heard))
    if rule is None:
        return reach
    good, failed, counted_at = reach.good, reach.failed, reach.counted_at
    if heard is Heard.GOOD:
        failed = 0
        if at - counted_at >= PROBE_S - SLACK_S or rule.after == 1:
            good, counted_at = good + 1, at
    else:
        good, failed, counted_at = 0, failed + 1, float("-inf")
    reached = (good if heard is Heard.GOOD else failed) >= rule.after
    online = rule.to if reached else reach.online
    if online is not reach.online and heard in {Heard.GOOD, Heard.REPLAYED}:
        good = failed = 0
    return Reach(online, good, failed, counted_at)


def probe_in(reach: Reach, keep_alive_s: float, dice: float) -> float:
    """Seconds until the next 99. `dice` in 0..1 spreads the kiosks of a house after an outage."""
    if reach.online in {Online.ONLINE, Online.REPLAYING}:
        return keep_alive_s
    if reach.online is not Online.OFFLINE or reach.good:
        return PROBE_S
    doubled = min(max(reach.failed - FAILURES, 0), 4)
    back_off = min(PROBE_S * float(1 << doubled), MOST_BACK_OFF_S)
    return back_off * (0.75 + 0.25 * dice)
