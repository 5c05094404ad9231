"""Attention cases: what the machine cannot put right alone, for a person to look at. Never who it concerned.

A case names a kind and a subject (an item, a device's role); its texts say what it means for people and
what to do (config/texts/cases.toml). There is one open case a kind and subject; the same again only counts
up. How a case is kept stands in records.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from config.texts import Text, text


class Priority(IntEnum):
    """How soon somebody should look."""

    NOW = 1
    TODAY = 2
    SOON = 3


class CaseKind(StrEnum):
    """What kind of help is asked for."""

    LOAN_UNKNOWN = "loan_unknown"
    RETURN_UNKNOWN = "return_unknown"
    RENEWAL_UNKNOWN = "renewal_unknown"
    HOLD_UNKNOWN = "hold_unknown"
    PAYMENT_UNKNOWN = "payment_unknown"
    PAYMENT_UNTOLD = "payment_untold"
    """Money was taken, and the library system does not take it into its books."""
    REPLAY_REFUSED = "replay_refused"
    REPLAY_NOT_LENT = "replay_not_lent"
    REPLAY_MISPLACED = "replay_misplaced"
    STILL_ARMED = "still_armed"
    STILL_DISARMED = "still_disarmed"
    SET_INCOMPLETE = "set_incomplete"
    CALLED = "called"
    """Somebody at the machine asks for a person."""
    LEFT_BEHIND = "left_behind"
    TAG_UNREADABLE = "tag_unreadable"
    DEVICE_FAULTED = "device_faulted"
    PAPER_OUT = "paper_out"
    LIBRARY_OFFLINE = "library_offline"
    MAIL_UNSENT = "mail_unsent"
    DISK_LOW = "disk_low"
    JOURNAL_BROKEN = "journal_broken"
    CLOCK_WRONG = "clock_wrong"
    PIN_GUESSED = "pin_guessed"
    """So many wrong PINs that the machine takes none for a while."""
    SQLITE_OLD = "sqlite_old"


PRIORITY: Mapping[CaseKind, Priority] = {
    CaseKind.LOAN_UNKNOWN: Priority.TODAY,
    CaseKind.RETURN_UNKNOWN: Priority.TODAY,
    CaseKind.RENEWAL_UNKNOWN: Priority.TODAY,
    CaseKind.HOLD_UNKNOWN: Priority.SOON,
    CaseKind.PAYMENT_UNKNOWN: Priority.NOW,
    CaseKind.PAYMENT_UNTOLD: Priority.TODAY,
    CaseKind.REPLAY_REFUSED: Priority.TODAY,
    CaseKind.REPLAY_NOT_LENT: Priority.TODAY,
    CaseKind.REPLAY_MISPLACED: Priority.TODAY,
    CaseKind.STILL_ARMED: Priority.NOW,
    CaseKind.STILL_DISARMED: Priority.TODAY,
    CaseKind.SET_INCOMPLETE: Priority.TODAY,
    CaseKind.CALLED: Priority.NOW,
    CaseKind.LEFT_BEHIND: Priority.NOW,
    CaseKind.TAG_UNREADABLE: Priority.SOON,
    CaseKind.DEVICE_FAULTED: Priority.NOW,
    CaseKind.PAPER_OUT: Priority.TODAY,
    CaseKind.LIBRARY_OFFLINE: Priority.TODAY,
    CaseKind.MAIL_UNSENT: Priority.TODAY,
    CaseKind.DISK_LOW: Priority.NOW,
    CaseKind.JOURNAL_BROKEN: Priority.NOW,
    CaseKind.CLOCK_WRONG: Priority.NOW,
    CaseKind.PIN_GUESSED: Priority.NOW,
    CaseKind.SQLITE_OLD: Priority.SOON,
}


class CaseVerb(StrEnum):
    """What a person can have the machine do about a case; texts `staff.verb.*`."""

    MEND = "mend"
    """Lay the item on the pad: its security byte is written as the library system says of the item now."""
    CANCEL = "cancel"
    """Lay the item on the pad: it is armed, and its loan is cancelled."""
    ASK = "ask"
    """Ask the library system how the item stands."""
    REPLAY = "replay"
    """Tell the library system once more what it refused."""
    RESTART = "restart"
    """Start the device again."""
    REFILL = "refill"
    """Paper was put in."""


VERBS: Mapping[CaseKind, tuple[CaseVerb, ...]] = {
    CaseKind.LOAN_UNKNOWN: (CaseVerb.ASK, CaseVerb.MEND, CaseVerb.CANCEL),
    CaseKind.RETURN_UNKNOWN: (CaseVerb.ASK, CaseVerb.MEND),
    CaseKind.RENEWAL_UNKNOWN: (CaseVerb.ASK,),
    CaseKind.PAYMENT_UNTOLD: (CaseVerb.REPLAY,),
    CaseKind.REPLAY_REFUSED: (CaseVerb.REPLAY, CaseVerb.ASK, CaseVerb.MEND),
    CaseKind.REPLAY_NOT_LENT: (CaseVerb.ASK,),
    CaseKind.REPLAY_MISPLACED: (CaseVerb.ASK,),
    CaseKind.STILL_ARMED: (CaseVerb.MEND, CaseVerb.CANCEL),
    CaseKind.STILL_DISARMED: (CaseVerb.MEND,),
    CaseKind.SET_INCOMPLETE: (CaseVerb.ASK,),
    CaseKind.TAG_UNREADABLE: (CaseVerb.ASK,),
    CaseKind.DEVICE_FAULTED: (CaseVerb.RESTART,),
    CaseKind.PAPER_OUT: (CaseVerb.REFILL,),
}
"""By kind, the most hopeful first. A kind that is not named is looked after by hand, and closed with a reason."""


def verbs(kind: CaseKind) -> tuple[CaseVerb, ...]:
    """What can be tried for a case of this kind."""
    return VERBS.get(kind, ())


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """How a case ended; texts `case.reason.*`."""

    SOLVED = "solved"
    GONE = "gone"
    """It went away by itself: paper put in, the device answers again."""
    NOT_SO = "not_so"
    """Somebody looked and found nothing wrong."""
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `seen` counts how often the same was met while it was open."""

    id: str
    kind: CaseKind
    subject: str
    priority: Priority
    effect: str | None
    trace: str
    state: CaseState
    seen: int
    opened_at: datetime
    taken_by: str | None
    closed_by: str | None
    closed_at: datetime | None
    reason: CloseReason | None


def heading(kind: CaseKind) -> Text:
    """What it means for people, in one line."""
    return text(f"case.{kind.value}.short")


def meaning(kind: CaseKind) -> Text:
    """What it means for people."""
    return text(f"case.{kind.value}.what")


def remedy(kind: CaseKind) -> Text:
    """What to do now."""
    return text(f"case.{kind.value}.do")
