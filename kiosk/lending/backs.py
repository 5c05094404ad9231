"""The life of one item that comes back: a table from state and event to the next state.

Arm first, then check in: inside the library an armed item is always right, and an item whose check-in is
refused is made silent again if it is still on loan, so that nobody sets off the gate with a book that is
hers. What is not in the table cannot happen; docs/reference/lending-states.md is drawn from it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from drivers.errors import Code, LocalProtocolError
from kiosk.lending.rows import Thing


class BackState(StrEnum):
    """Where a returned item stands."""

    UNREAD = "unread"
    INCOMPLETE = "incomplete"
    """Parts of a set are missing."""
    ARMING = "arming"
    """The tags are being armed and read back."""
    ASKING = "asking"
    """Armed; the library system is being told."""
    WAIT_TAG = "wait_tag"
    """A tag is not known to be armed: the item must come back to the pad."""
    UNKNOWN = "unknown"
    """No answer to the check-in. Being settled by doing it again, which is safe."""
    CHECKING = "checking"
    """Refused: is it still on loan?"""
    SILENCING = "silencing"
    """Refused and still on loan: being made silent again."""
    RETURNED = "returned"
    REFUSED = "refused"
    STAFF = "staff"
    GONE = "gone"
    """Lifted before anything was done."""


class BackEvent(StrEnum):
    """What can happen to a returned item."""

    GO = "go"
    PART_MISSING = "part_missing"
    LIFTED = "lifted"
    READ = "read"
    VERIFIED = "verified"
    TAG_LOST = "tag_lost"
    TAG_BACK = "tag_back"
    TIMED_OUT = "timed_out"
    TURNED_AWAY = "turned_away"
    """Nothing is taken back now, so nothing was armed."""
    TAKEN = "taken"
    """Checked in."""
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    STILL_LENT = "still_lent"
    NOT_LENT = "not_lent"
    PLACED_AGAIN = "placed_again"


_S, _E = BackState, BackEvent

TABLE: dict[BackState, dict[BackEvent, BackState]] = {
    _S.UNREAD: {_E.READ: _S.ARMING, _E.LIFTED: _S.GONE},
    _S.INCOMPLETE: {_E.GO: _S.ARMING},
    _S.ARMING: {
        _E.VERIFIED: _S.ASKING,
        _E.TAG_LOST: _S.WAIT_TAG,
        _E.PART_MISSING: _S.INCOMPLETE,
        _E.TURNED_AWAY: _S.REFUSED,
    },
    _S.WAIT_TAG: {_E.TAG_BACK: _S.ARMING, _E.TIMED_OUT: _S.STAFF},
    _S.ASKING: {
        _E.TAKEN: _S.RETURNED,
        _E.REFUSED: _S.CHECKING,
        _E.NO_ANSWER: _S.UNKNOWN,
    },
    _S.UNKNOWN: {
        _E.TAKEN: _S.RETURNED,
        _E.REFUSED: _S.CHECKING,
        _E.TIMED_OUT: _S.STAFF,
    },
    _S.CHECKING: {
        _E.STILL_LENT: _S.SILENCING,
        _E.NOT_LENT: _S.REFUSED,
        _E.TIMED_OUT: _S.STAFF,
    },
    _S.SILENCING: {_E.VERIFIED: _S.REFUSED, _E.TAG_LOST: _S.STAFF},
    _S.RETURNED: {},
    _S.REFUSED: {_E.PLACED_AGAIN: _S.ARMING},
    _S.STAFF: {},
    _S.GONE: {},
}

BUSY = frozenset({_S.ARMING, _S.ASKING, _S.UNKNOWN, _S.CHECKING, _S.SILENCING})
"""A write or an exchange is open."""
UNSETTLED = BUSY | {_S.WAIT_TAG}


@dataclass(frozen=True, slots=True)
class Back(Thing):
    """One item that comes back."""

    state: BackState = BackState.ARMING
    title: str = ""
    reason: str = ""
    place: str = ""
    """Id of the place it belongs to."""
    held: bool = False
    """Somebody has reserved it."""
    slip: bool = False
    """A slip to lie in it is being printed, or has been."""
    later: bool = False
    """Written down while the library system is away; nobody knows yet whether somebody has reserved it."""
    elsewhere: bool = False
    """It belongs to another library."""


def moved(back: Back, event: BackEvent) -> Back:
    """The item after `event`. Raises LocalProtocolError when the table has no such edge."""
    try:
        return replace(back, state=TABLE[back.state][event])
    except KeyError:
        raise LocalProtocolError("kiosk", Code.BUG, f"{back.state}: {event}") from None


def can(back: Back, event: BackEvent) -> bool:
    """True when the table has this edge."""
    return event in TABLE[back.state]
