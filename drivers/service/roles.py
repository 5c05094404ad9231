"""Who may do what behind the staff sign-in."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a member of staff is to the machine."""

    VIEWER = "viewer"
    """Looks, touches nothing."""
    STAFF = "staff"
    """Stands by the borrowers: cases, paper, a stuck item."""
    TECHNICIAN = "technician"
    """Keeps the devices."""
    ADMIN = "admin"
    """Also decides who is staff."""


class Act(StrEnum):
    """What a member of staff can do. Each is journaled with who did it."""

    LOOK = "look"
    TAKE_CASE = "take_case"
    CLOSE_CASE = "close_case"
    SEE_BORROWER = "see_borrower"
    """Open what is sealed with a case: whose loan could not be registered."""
    TELL_AGAIN = "tell_again"
    """Tell the library system once more what it refused."""
    OPEN_MACHINE = "open_machine"
    CLOSE_MACHINE = "close_machine"
    REPRINT = "reprint"
    CANCEL_LOAN = "cancel_loan"
    """Take a loan back that should not have been."""
    WRITE_TAG = "write_tag"
    LOCK_TAG = "lock_tag"
    FIELD = "field"
    DIAGNOSE = "diagnose"
    RESTART = "restart"
    REFILL = "refill"
    """Paper put in: the counter begins anew."""
    APPROVE_SET = "approve_set"
    """Lend a set with parts missing."""
    UNBLOCK = "unblock"
    """Let a card try its PIN again."""
    SETTINGS = "settings"
    """Sound and screen, until midnight."""
    MANAGE_STAFF = "manage_staff"


_VIEWER = frozenset({Act.LOOK})
_STAFF = _VIEWER | {
    Act.TAKE_CASE,
    Act.CLOSE_CASE,
    Act.SEE_BORROWER,
    Act.TELL_AGAIN,
    Act.OPEN_MACHINE,
    Act.CLOSE_MACHINE,
    Act.REPRINT,
    Act.CANCEL_LOAN,
    Act.WRITE_TAG,
    Act.REFILL,
    Act.APPROVE_SET,
    Act.UNBLOCK,
    Act.SETTINGS,
}
_TECHNICIAN = _STAFF | {Act.LOCK_TAG, Act.FIELD, Act.DIAGNOSE, Act.RESTART}

ALLOWED: Mapping[Role, frozenset[Act]] = {
    Role.VIEWER: _VIEWER,
    Role.STAFF: _STAFF,
    Role.TECHNICIAN: _TECHNICIAN,
    Role.ADMIN: _TECHNICIAN | {Act.MANAGE_STAFF},
}


def allowed(role: Role, act: Act) -> bool:
    """True when the role may do it."""
    return act in ALLOWED[role]
