"""What happens to crates and items, as it is written down once and told to all branches."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class What(StrEnum):
    """Kinds of happening."""

    DOCKED = "docked"
    """A crate stands at a chute. `fresh`: it begins a new round, empty."""
    CLOSED = "closed"
    """A crate was taken from its chute, with what it holds."""
    FELL = "fell"
    """An item lies in a bin, and in the crate that stands there."""
    GONE = "gone"
    """An item left the belt, and no bin has it. Where it fell beside one, that is named."""
    SENT = "sent"
    """A crate leaves the branch."""
    RECEIVED = "received"
    """A crate has come to the branch that it was for."""
    ONWARD = "onward"
    """A crate has come to a branch that it was not for, and goes on."""
    FOUND = "found"
    """An item was scanned out of a received crate."""
    MISSING = "missing"
    """An item should have lain in a received crate, and did not."""
    TAKEN_OUT = "taken_out"
    """An item was taken out at its branch of a crate that holds items for others too."""
    EMPTIED = "emptied"
    """What a crate held has been put up."""
    POINT = "point"
    """A sorting point says what it is: its name and its chutes."""
    NETWORK = "network"
    """A plant says how the branches exchange."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One happening at a branch. What it does not tell of is empty."""

    what: What
    at: datetime
    branch: str
    crate: str = ""
    chute: str = ""
    destination: str = ""
    """Branch that the crate, or the item, goes to."""
    item: str = ""
    number: int = 0
    """Of the item's way over the belt."""
    bin: str = ""
    rule: str = ""
    cause: str = ""
    fresh: bool = False
    why: str = ""
    """What the rule looked at, or what a sorting point says, as JSON."""
