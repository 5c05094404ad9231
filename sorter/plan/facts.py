"""What a decision may look at: the tag, the library system's answer, the machine. Nothing of a borrower."""

from dataclasses import dataclass
from enum import StrEnum

from sorter.ims.routes import Sort


class Tags(StrEnum):
    """What the reader saw of one tracked item."""

    NONE = "none"
    ONE = "one"
    SET = "set"
    """All parts of one set."""
    INCOMPLETE = "incomplete"
    CONFLICTING = "conflicting"
    """Tags of several items, or a tag that may be the neighbour's."""


class Library(StrEnum):
    """What became of the check-in."""

    ANSWERED = "answered"
    LATE = "late"
    """No answer before the last divert that could still be chosen."""
    OFFLINE = "offline"
    """Taken in while the library system is away; checked in later."""
    UNASKED = "unasked"
    """Never asked: there is nothing that may be checked in."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One item at the moment of its decision. Texts are empty, lengths 0 where nothing is known."""

    tags: Tags = Tags.ONE
    armed: bool = True
    """Every tag reads back as in stock."""
    library: Library = Library.ANSWERED
    ok: bool = True
    """The library system took it back."""
    alert: str = ""
    """Alert type (SIP2 CV): 01 hold here, 02 hold elsewhere, 03 interlibrary, 04 other branch, 99 other."""
    destination: str = ""
    """Where it is sent (SIP2 CT)."""
    sort_bin: str = ""
    """The library system's own bin (SIP2 CL)."""
    location: str = ""
    """Permanent location (SIP2 AQ)."""
    collection: str = ""
    """SIP2 CR."""
    call_number: str = ""
    """SIP2 CS."""
    media: str = ""
    """Media type (SIP2 CK)."""
    owner_isil: str = ""
    """Owner as the tag says it."""
    branch: str = ""
    """Branch at which it is returned."""
    text: str = ""
    """The library system's own words."""
    next_stop: str = ""
    """Branch into whose crate it goes, by the plan's exchange; empty where it stays, or the destination is no branch."""
    sort: str = ""
    """How finely it is sorted here, by the plan's exchange: primary by branch, secondary by where it stands."""
    part: int = 1
    """Of a set, the first part that was read."""
    parts: int = 1
    """So many parts belong to it, as its tags say; 1 for an item by itself."""
    usage: str = ""
    """What the item is for, as the tag says it (ISO 28560-1, type of usage)."""
    length_mm: int = 0


CIRCULATION = "circulation"
USAGES = {
    0: "acquisition",
    1: CIRCULATION,
    2: "not_for_circulation",
    3: "local_3",
    4: "local_4",
    5: "future",
    6: "unknown",
    7: "discarded",
    8: "patron_card",
    9: "equipment",
}
"""Types of usage of ISO 28560-1 by their value in ISO 28560-3; 10 to 15 are reserved."""
RESERVED_USAGE = "reserved"

TEXTS = frozenset(
    {
        "tags", "library", "alert", "destination", "sort_bin", "location", "collection",
        "call_number", "media", "owner_isil", "branch", "text", "next_stop", "sort", "usage",
    }
)  # fmt: skip
FLAGS = frozenset({"armed", "ok"})
NUMBERS = frozenset({"part", "parts", "length_mm"})
CHOICES = {
    "tags": frozenset(Tags),
    "library": frozenset(Library),
    "sort": frozenset({"", Sort.PRIMARY, Sort.SECONDARY}),
    "usage": frozenset({"", *USAGES.values(), RESERVED_USAGE}),
}
"""Texts that can be one of a few words only."""
