"""Where things are on the belt, in pulses of its encoder: whose stretch a tag was read in.

Time tells nothing: a belt that slows down or stops would fool it. An item's tag may answer while any of the item lies
in the reader's field. A tag whose read lies in the stretch of one item alone is that item's; in the stretch of two
neighbours it goes to the one in which it is read longer, and where that cannot be told both are doubtful.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from drivers.ports import BeltInfo, Uid
from sorter.belt.items import ENCODER, ItemState, SeenTag, Tracked

SPOKEN_FOR = frozenset(
    {ItemState.READ, ItemState.ASKED, ItemState.DECIDED, ItemState.SENT, ItemState.LATE}
)
"""States in which an item's tags are taken for its own."""
OPEN = frozenset({ItemState.INDUCTED, ItemState.READING})
"""States in which it is not said yet what an item is."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Lengths of a belt in pulses."""

    pulses_a_mm: float
    reader_start: float
    reader_end: float
    diverts: tuple[float, ...]

    @classmethod
    def of(cls, info: BeltInfo) -> "Geometry":
        """From what the belt says of itself, in mm."""
        pulses = info.pulses_a_metre / 1000
        return cls(
            pulses,
            info.reader_start * pulses,
            info.reader_end * pulses,
            tuple(d * pulses for d in info.diverts),
        )

    def front(self, item: Tracked, encoder: int) -> float:
        """How far the item's front has come from the induct eye, in pulses."""
        return (encoder - item.at) % ENCODER

    def in_field(self, item: Tracked, encoder: int, slack: float = 0.0) -> bool:
        """Whether any of the item lies in the reader's field, give or take `slack` pulses."""
        front = self.front(item, encoder)
        tail = front - item.length * self.pulses_a_mm
        return front >= self.reader_start - slack and tail <= self.reader_end + slack

    def behind(self, item: Tracked, encoder: int, pulses: float) -> bool:
        """Whether the item's tail has come so far past the reader's end, or, below 0, is so near before it."""
        tail = self.front(item, encoder) - item.length * self.pulses_a_mm
        return self.reader_end + pulses < tail < ENCODER // 2

    def before(self, item: Tracked, encoder: int, bin: int, margin: float) -> bool:
        """Whether the item will reach the divert of a bin later than `margin` pulses from now."""
        if not 1 <= bin <= len(self.diverts):
            return True  # the end of the line has no divert
        return self.front(item, encoder) + margin < self.diverts[bin - 1]


def claimants(
    geometry: Geometry, items: Iterable[Tracked], encoder: int, slack: float
) -> tuple[Tracked, ...]:
    """Items in whose stretch a tag that answers now may lie."""
    return tuple(i for i in items if geometry.in_field(i, encoder, slack))


def unsure(
    geometry: Geometry, fresh: Tracked, items: Iterable[Tracked], slack: float
) -> tuple[Tracked, ...]:
    """Of the items that are open those with a tag that answered in the stretch of one which was not known of then."""
    found: list[Tracked] = []
    for item in items:
        late = {tag.uid for tag in item.tags if geometry.in_field(fresh, tag.last, slack)}
        if item.state in OPEN and late:
            tags = tuple(replace(t, doubtful=t.doubtful or t.uid in late) for t in item.tags)
            found.append(replace(item, tags=tags))
    return tuple(found)


def contested(
    geometry: Geometry, mine: Tracked, others: Iterable[Tracked], slack: float
) -> Tracked:
    """The item with doubt of tags that answered on in an open item's stretch when it was itself out of the field.

    A reader that reaches too far hears the follower's tag from before the field on, and this one's tag behind it. It is this
    one's without doubt where it was read twice as long in its stretch as in the other's by then.
    """
    later = [tag for other in others if other.state in OPEN for tag in other.tags]
    longest = {
        uid: max(tag.reads for tag in later if tag.uid == uid)
        for uid in {tag.uid for tag in later if geometry.behind(mine, tag.last, slack)}
    }
    tags = tuple(
        replace(tag, doubtful=True) if tag.reads < 2 * longest.get(tag.uid, 0) else tag
        for tag in mine.tags
    )
    return mine if tags == mine.tags else replace(mine, tags=tags)


def resolved(mine: Tracked, others: Iterable[Tracked]) -> Tracked:
    """The item as it leaves the reader: of each tag that answered in its stretch, whether it is its own.

    Read longer in another item's stretch: the other's. As long in both: the follower's, which came into the field later
    and in whose stretch it has answered from the first moment, if this item has a tag that is its own beyond doubt; else
    doubtful. Of an item that has been asked about already: doubtful, for nothing is checked in twice.
    """
    rest = tuple(others)
    rivals = {tag.uid: _longest(tag.uid, rest) for tag in mine.tags}
    surely = any(rivals[tag.uid][0] < tag.reads for tag in mine.tags)
    kept: list[SeenTag] = []
    for tag in mine.tags:
        rival, number = rivals[tag.uid]
        tie = rival == tag.reads
        if rival > tag.reads or (tie and surely and number > mine.number):
            continue
        taken = any(tag.item and o.item == tag.item for o in rest if o.state in SPOKEN_FOR)
        kept.append(replace(tag, doubtful=tag.doubtful or taken or tie))
    return replace(mine, tags=tuple(kept))


def _longest(uid: Uid, items: Iterable[Tracked]) -> tuple[int, int]:
    """How often a tag was read in the stretch of another item at most, and the number of that item."""
    found = ((tag.reads, item.number) for item in items for tag in item.tags if tag.uid == uid)
    return max(found, default=(0, 0))
