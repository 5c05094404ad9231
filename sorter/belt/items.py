"""One item on the belt, from the induct eye to the bin that confirmed it."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from drivers.ports import Uid
from sorter.plan.decide import Decision
from sorter.plan.facts import Facts, Tags


class ItemState(StrEnum):
    """How far an item has come.

    ::

        INDUCTED -> READING -> READ -> ASKED -> DECIDED -> SENT -> CONFIRMED | MISSED | LOST | REMOVED
                            `-> NO_READ | CONFLICT -> DECIDED                LATE -> CONFIRMED | MISSED | LOST | REMOVED
    """

    INDUCTED = "inducted"
    READING = "reading"
    """In the reader's field."""
    READ = "read"
    """One item is known; its tags are being armed."""
    NO_READ = "no_read"
    CONFLICT = "conflict"
    ASKED = "asked"
    """The library system has been asked to take it back."""
    DECIDED = "decided"
    SENT = "sent"
    """The belt knows its destination."""
    LATE = "late"
    """It passed its divert without a destination: the default bin takes it."""
    CONFIRMED = "confirmed"
    MISSED = "missed"
    LOST = "lost"
    REMOVED = "removed"
    """Taken off by hand, or the belt no longer knows it."""


ENCODER = 1 << 32
"""Where the belt's encoder begins anew."""

ENDED = frozenset({ItemState.CONFIRMED, ItemState.MISSED, ItemState.LOST, ItemState.REMOVED})
"""States of items that are no longer on the belt."""


class Cause(StrEnum):
    """Why an item is no ordinary one: what the exception list says."""

    NONE = "none"
    NO_READ = "no_read"
    CONFLICT = "conflict"
    INCOMPLETE = "incomplete"
    NOT_ARMED = "not_armed"
    REFUSED = "refused"
    LATE = "late"
    OFFLINE = "offline"
    GAP = "gap"
    MISSED = "missed"
    NO_CRATE = "no_crate"
    """It fell where no crate stood: it lies on the floor, at the bin that is named."""
    LOST = "lost"
    RESTART = "restart"
    REJECTED = "rejected"
    REMOVED = "removed"
    FULL = "full"
    """Its bin took nothing: it lies in the next of the rule's chain."""
    PLAN = "plan"
    """A rule of the plan sends it to the staff."""


BY_PLAN = frozenset({Cause.NONE, Cause.FULL, Cause.PLAN})
"""Causes that a new decision replaces."""


@dataclass(frozen=True, slots=True)
class SeenTag:
    """A tag that is taken for this item's."""

    uid: Uid
    item: str
    part: int = 1
    parts: int = 1
    owner: str = ""
    reads: int = 1
    """In how many places it answered inside the item's stretch of the belt: the longer dwell wins. A belt that stands adds none."""
    last: int = 0
    """Encoder at the last of them."""
    armed: bool | None = None
    """None until its security byte has been read back."""
    doubtful: bool = False
    """It may as well be the neighbour's."""
    usage: str = ""
    """What the item is for, as the tag says it."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """One item that the belt tracks as `tid`. `number` counts all items of the plant and never begins anew."""

    number: int
    tid: int
    length: int
    gap: int
    at: int
    """Encoder at the edge of the induct eye, pulses."""
    state: ItemState = ItemState.INDUCTED
    tags: tuple[SeenTag, ...] = ()
    facts: Facts = field(default=Facts())
    decision: Decision | None = None
    reach: frozenset[str] = frozenset()
    """Bins that could take it and that it could still come to when it was decided about."""
    cause: Cause = Cause.NONE
    refused_route: bool = False
    bin: int = 0
    """Number of the bin whose eye saw it come; 0 while none has."""
    earlier: bool = False
    """It fell into the crate that stood there before the one that is known now."""

    @property
    def item(self) -> str:
        """What it is, by its tags; empty where they say nothing or contradict each other."""
        found = {tag.item for tag in self.tags if not tag.doubtful}
        return found.pop() if len(found) == 1 else ""

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def lies(self) -> bool:
        """Whether it lies in its bin, and so in the crate that stood there."""
        came = self.state in {ItemState.CONFIRMED, ItemState.MISSED}
        return came and self.cause is not Cause.NO_CRATE

    @property
    def armed(self) -> bool | None:
        """Whether each of its tags reads back armed; None while one is open."""
        if any(tag.armed is False for tag in self.tags):
            return False
        return None if any(tag.armed is None for tag in self.tags) else True

    def verdict(self) -> Tags:
        """What its tags say together, once it has left the reader."""
        if not any(tag.item for tag in self.tags):
            return Tags.NONE
        if not all(tag.item for tag in self.tags):
            return Tags.CONFLICTING
        if any(tag.doubtful for tag in self.tags) or len({tag.item for tag in self.tags}) > 1:
            return Tags.CONFLICTING
        parts = {tag.parts for tag in self.tags}
        if len(parts) > 1:
            return Tags.CONFLICTING
        numbers = sorted(tag.part for tag in self.tags)
        whole = parts.pop()
        if whole <= 1:
            return Tags.ONE if len(self.tags) == 1 else Tags.CONFLICTING
        if len(set(numbers)) != len(numbers):
            return Tags.CONFLICTING
        return Tags.SET if numbers == list(range(1, whole + 1)) else Tags.INCOMPLETE

    def with_tag(self, seen: SeenTag, apart: float) -> "Tracked":
        """The same after a tag answered: a new one, or the known one so many pulses further on."""
        for n, tag in enumerate(self.tags):
            if tag.uid == seen.uid:
                if not apart <= (seen.last - tag.last) % ENCODER < ENCODER // 2:
                    return self
                again = replace(tag, reads=tag.reads + 1, last=seen.last)
                return replace(self, tags=(*self.tags[:n], again, *self.tags[n + 1 :]))
        return replace(self, tags=(*self.tags, seen))

    def with_armed(self, uid: Uid, armed: bool) -> "Tracked":
        return replace(
            self,
            tags=tuple(replace(tag, armed=armed) if tag.uid == uid else tag for tag in self.tags),
        )
