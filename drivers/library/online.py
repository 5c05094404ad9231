"""How the library system is reached, with hysteresis: one table, one owner, no clock of its own.

One missed call must not close the loans, and one lucky probe must not open them. `hear` gives the next
state for what was heard; `probe_in` says after how many seconds to ask again, `patience` how long that
question waits. In DEGRADED the door is half open: a probe goes at once, and all other calls wait for it.

Silence weighs more than a line that breaks, for it has cost a borrower a whole deadline already. A slow
library system is not a silent one: how long its answers take of late is known, and a probe waits for more
than that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from drivers.ports import Online

GOOD_PROBES = 3
"""In a row and PROBE_S apart, until work goes on."""
PROBE_S = 5.0
SLACK_S = 0.5
"""A probe may be answered faster than the one before it."""
DOUBT_PROBE_S = 2.0
"""Between the probes of a doubt; the first goes at once. Sooner, and a server that restarts looks gone."""
MOST_BACK_OFF_S = 30.0
QUICK_S = 1.5
"""How long a probe waits at least while others wait for it."""
TIMES_USUAL = 3.0
"""A probe may have to make a new line: login, status."""
FADING = 0.8
"""How fast a slow answer is forgotten, by answer."""


class Heard(StrEnum):
    """What there is to be heard about the library system."""

    GOOD = "good"
    """A call or a 99 was answered in time."""
    FAILED = "failed"
    """A call or a 99 failed: the line broke, or was refused, or nonsense came."""
    SILENT = "silent"
    """A call or a 99 waited for as long as it may, and nothing came."""
    CLOSED = "closed"
    """A 98 with online=N or timeout=000, or a login refused: it will not work, whatever we try."""
    QUEUED = "queued"
    """A row waits to be replayed."""
    REPLAYED = "replayed"
    """No row is left to be replayed."""


WEIGHT: Mapping[Heard, int] = MappingProxyType({Heard.FAILED: 2, Heard.SILENT: 3})
"""What each failure adds to the doubt. A good answer takes all doubt away."""
DOUBT = 6
"""Three failures in a row, or two silences."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Go to `to` once `after` good answers in a row were heard, or the doubt has reached it; until then stay."""

    to: Online
    after: int = 1


_S, _H = Online, Heard

TABLE: Mapping[tuple[Online, Heard], Rule] = MappingProxyType(
    {
        (_S.UNKNOWN, _H.GOOD): Rule(_S.ONLINE),
        (_S.UNKNOWN, _H.FAILED): Rule(_S.OFFLINE, DOUBT),
        (_S.UNKNOWN, _H.SILENT): Rule(_S.OFFLINE, DOUBT),
        (_S.UNKNOWN, _H.CLOSED): Rule(_S.OFFLINE),
        (_S.ONLINE, _H.GOOD): Rule(_S.ONLINE),
        (_S.ONLINE, _H.FAILED): Rule(_S.DEGRADED),
        (_S.ONLINE, _H.SILENT): Rule(_S.DEGRADED),
        (_S.ONLINE, _H.CLOSED): Rule(_S.OFFLINE),
        (_S.ONLINE, _H.QUEUED): Rule(_S.REPLAYING),
        (_S.DEGRADED, _H.GOOD): Rule(_S.ONLINE),
        (_S.DEGRADED, _H.FAILED): Rule(_S.OFFLINE, DOUBT),
        (_S.DEGRADED, _H.SILENT): Rule(_S.OFFLINE, DOUBT),
        (_S.DEGRADED, _H.CLOSED): Rule(_S.OFFLINE),
        (_S.OFFLINE, _H.GOOD): Rule(_S.ONLINE, GOOD_PROBES),
        (_S.OFFLINE, _H.FAILED): Rule(_S.OFFLINE),
        (_S.OFFLINE, _H.SILENT): Rule(_S.OFFLINE),
        (_S.OFFLINE, _H.CLOSED): Rule(_S.OFFLINE),
        (_S.REPLAYING, _H.GOOD): Rule(_S.REPLAYING),
        (_S.REPLAYING, _H.FAILED): Rule(_S.DEGRADED),
        (_S.REPLAYING, _H.SILENT): Rule(_S.DEGRADED),
        (_S.REPLAYING, _H.CLOSED): Rule(_S.OFFLINE),
        (_S.REPLAYING, _H.REPLAYED): Rule(_S.ONLINE),
    }
)
"""What is not in the table changes no state. Where it says ONLINE while rows wait, it means REPLAYING."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The state, what speaks for and against it, and how long answers take."""

    online: Online = Online.UNKNOWN
    good: int = 0
    """Good answers in a row that counted."""
    doubt: int = 0
    failed: int = 0
    """Failures in a row."""
    counted_at: float = float("-inf")
    """Monotonic seconds of the last good answer that counted."""
    queued: bool = False
    """Rows wait to be replayed."""
    usual_s: float = 0.0
    """How long the slowest answer of late took."""


def hear(reach: Reach, heard: Heard, at: float, took: float = 0.0) -> Reach:
    """The next state.

    Args:
        reach: the present one.
        heard: what was heard.
        at: monotonic seconds; offline, good answers closer than PROBE_S count once.
        took: how many seconds a good answer took.
    """
    if heard in {Heard.QUEUED, Heard.REPLAYED}:
        reach = replace(reach, queued=heard is Heard.QUEUED)
    rule = TABLE.get((reach.online, heard))
    if rule is None:
        return reach
    match heard:
        case Heard.GOOD:
            reach = replace(reach, doubt=0, failed=0, usual_s=max(took, reach.usual_s * FADING))
            if at - reach.counted_at >= PROBE_S - SLACK_S or rule.after == 1:
                reach = replace(reach, good=reach.good + 1, counted_at=at)
            reached = reach.good >= rule.after
        case Heard.FAILED | Heard.SILENT:
            reach = replace(
                reach,
                good=0,
                failed=reach.failed + 1,
                doubt=reach.doubt + WEIGHT[heard],
                counted_at=float("-inf"),
            )
            reached = rule.after == 1 or reach.doubt >= rule.after
        case Heard.CLOSED:
            reach = replace(reach, good=0, failed=reach.failed + 1, counted_at=float("-inf"))
            reached = True
        case _:
            reached = True
    if not reached:
        return reach
    to = Online.REPLAYING if rule.to is Online.ONLINE and reach.queued else rule.to
    if to is reach.online:
        return reach
    if heard in {Heard.FAILED, Heard.SILENT, Heard.CLOSED}:
        return replace(reach, online=to)
    return replace(reach, online=to, good=0, doubt=0, failed=0)


def probe_in(reach: Reach, keep_alive_s: float, dice: float) -> float:
    """Seconds until the next 99. `dice` in 0..1 spreads the kiosks of a house after an outage."""
    match reach.online:
        case Online.ONLINE | Online.REPLAYING:
            return keep_alive_s
        case Online.DEGRADED:
            return 0.0 if reach.failed <= 1 else DOUBT_PROBE_S
        case Online.OFFLINE if not reach.good:
            doubled = min(max(reach.failed - 3, 0), 4)
            back_off = min(PROBE_S * float(1 << doubled), MOST_BACK_OFF_S)
            return back_off * (0.75 + 0.25 * dice)
        case _:
            return PROBE_S


def patience(reach: Reach, answer_s: float) -> float:
    """How long a 99 waits for its answer. Nobody waits for one of an offline line, which has to log in first."""
    match reach.online:
        case Online.DEGRADED:
            return min(answer_s, max(QUICK_S, TIMES_USUAL * reach.usual_s))
        case Online.OFFLINE:
            return 2 * answer_s
        case _:
            return answer_s


def up(online: Online) -> bool:
    """Whether calls are sent and may be answered."""
    return online in {Online.ONLINE, Online.DEGRADED, Online.REPLAYING}
