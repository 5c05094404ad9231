"""What differs from one library system to the next, as data. A new backend is a record here, not code.

Sources: 3M Standard Interchange Protocol 2.00 rev. 2.12; Koha C4/SIP/ILS/Transaction/*.pm and
C4/Circulation.pm; Evergreen OpenILS::SIP; folio-org/edge-sip2 README and templates; the Danish words as in
the public code bibboxen/bibselv. Where a source is silent the standard's own row stands.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType


class ErrorDetection(StrEnum):
    """AY and AZ: not sent; sent and demanded; sent, and only counted when wrong.

    A server whose first answer on a line has no AZ does without, and so does that line from then on.
    """

    OFF = "off"
    ON = "on"
    WARN = "warn"


class ClockRule(StrEnum):
    """How a moment stands on the wire: local time with four blanks (preferred), or UTC with `Z`."""

    LOCAL = "local"
    UTC = "utc"


@dataclass(frozen=True, slots=True)
class Said:
    """A pattern of the screen line AF and the reason key it stands for, in the answers named."""

    pattern: re.Pattern[str]
    reason: str
    answers: frozenset[str] = frozenset({"10", "12", "16", "30", "38"})


@dataclass(frozen=True, slots=True)
class Routing:
    """A pattern of AF in a checkin response that tells alert type (CV) and destination (CT, group 1)."""

    pattern: re.Pattern[str]
    alert_type: str


@dataclass(frozen=True, slots=True)
class Dialect:
    """One backend's ways."""

    name: str
    encoding: str = "utf-8"
    error_detection: ErrorDetection = ErrorDetection.ON
    clock: ClockRule = ClockRule.LOCAL
    never: frozenset[str] = frozenset()
    """Fields this backend must not be sent."""
    language: str = "009"
    """Asked for in 23 and 63: Danish."""
    currency: str = "DKK"
    nb_due_days: int = 31
    """The due date that a loan or renewal names; it binds only when no-block is Y."""
    resent: frozenset[str] = frozenset({"23", "63", "17", "99", "35", "01", "09"})
    """Commands that may be sent again blindly after an unknown outcome."""
    due_formats: tuple[str, ...] = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y")
    """Forms of the free-format due date AH, after `YYYYMMDD` has been tried."""
    reasons: tuple[Said, ...] = ()
    routing: tuple[Routing, ...] = ()
    id_prefix: re.Pattern[str] = re.compile(r"(?!)")
    """Stripped from AA and AB of answers, such as `LN:`."""
    renewal_flag: bool = False
    """A 30 with ok=1 is a renewal only when its second place is Y."""
    alert_by_ok: bool = False
    """Alert in a 10 says no more than that ok is 0."""
    summary_page: int = 50
    """Entries asked for at a time (BP to BQ)."""
    print_width: str = "080"
    """Sent in 99."""
    layouts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Commands whose fields must be just these in this order, empty where there is nothing to say."""
    sign_in_by: str = "63"
    """The command that tells whether card and PIN are right: 63, or 23, whose answer holds less."""
    denied_together: bool = False
    """The first four flags of a borrower's status mean something only when all four are set."""
    parted: bool = False
    """CH holds the title; it, AQ and list entries have parts between `%`; one 63 brings all lists."""


def screen_line(pattern: str, reason: str, *answers: str) -> Said:
    """A rule for AF, whatever its case; for all answers where none is named."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return Said(compiled, reason, frozenset(answers)) if answers else Said(compiled, reason)


_REASONS = (
    # codes of FBS and Koha, which stand alone or before a colon
    screen_line(r"^\[?BEFORE_RENEW_PERIOD\b", "lend.already_yours", "12"),
    screen_line(r"^\[?BEFORE_RENEW_PERIOD\b|\btoo_soon\b", "renew.too_early", "30"),
    screen_line(r"^\[?MATERIAL_NOT_FOUND\b|\bUNKNOWN_BARCODE\b", "item.unknown"),
    screen_line(r"^NOT_FOR_LOAN\b", "item.not_loanable", "12", "30"),
    screen_line(r"^DEBT\b", "patron.flag_10", "12", "30"),
    screen_line(r"^TOO_MANY\b", "patron.flag_5", "12"),
    screen_line(r"^(DEBARRED|GNA|EXPIRED)\b", "patron.blocked"),
    # words, Danish and English
    screen_line(r"^reserve(ret|d)\b|holds? .*another|outstanding holds", "renew.reserved", "30"),
    screen_line(r"^reserve(ret|d)$|(reserved|hold) .*another", "item.reserved", "12"),
    screen_line(r"(allerede lånt|have this item already)", "lend.already_yours", "12"),
    screen_line(r"\b(udlånes ikke|not for loan|reference only)\b", "item.not_loanable", "12", "30"),
    screen_line(r"\b(er udlånt|is on loan|checked out to another)\b", "item.on_loan", "12"),
    screen_line(
        r"(materialet|item|barcode)\b.*\b(kendes ikke|not (known|found))\b", "item.unknown"
    ),
    screen_line(r"\b(lånt så meget|borrowed all|too many items)\b", "patron.flag_5", "12"),
    screen_line(r"\b(skylder|you owe|outstanding fines)\b", "patron.flag_10", "12", "30"),
    screen_line(r"\b(kan ikke låne|may not borrow)\b", "patron.flag_0", "12"),
    screen_line(r"\b(kan ikke forny|may not renew)\b", "patron.flag_1", "30"),
    screen_line(r"\b(spærret|blocked|barred|meldt tabt|reported lost)\b", "patron.blocked"),
    screen_line(
        r"\b(flere gange|no renewals|maximum renewals|too_many)\b", "renew.max_reached", "30"
    ),
    screen_line(r"\b(for tidligt|too early)\b", "renew.too_early", "30"),
    screen_line(r"\b(ikke dit|not yours)\b", "renew.not_yours", "30"),
)

STANDARD = Dialect("standard", reasons=_REASONS)
KOHA = replace(
    STANDARD, name="koha", error_detection=ErrorDetection.WARN, renewal_flag=True, alert_by_ok=True
)
EVERGREEN = replace(STANDARD, name="evergreen", error_detection=ErrorDetection.WARN)
FOLIO = replace(STANDARD, name="folio", error_detection=ErrorDetection.OFF)

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {dialect.name: dialect for dialect in (STANDARD, KOHA, EVERGREEN, FOLIO)}
)
"""By the name a station file gives."""


def reason_of(dialect: Dialect, answer: str, texts: tuple[str, ...]) -> str:
    """The reason key that the screen lines of this answer stand for; empty when none is known."""
    for said in dialect.reasons:
        if answer in said.answers and any(said.pattern.search(text) for text in texts):
            return said.reason
    return ""
