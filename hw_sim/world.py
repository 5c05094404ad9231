"""The small world the devices stand in: books with tags, what lies on the pad, cards, a clock and chance.

Physics only: a tag answers or is silent, keeps its memory, forgets that it was silenced when it leaves the
field. What a reader makes of that is the reader's business. Everything that happens is told to whoever
listens, in order. The same seed and the same script give the same world.
"""

import asyncio
import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hw_sim.chipcards import ChipCard

DEFAULT_START = datetime.fromisoformat("2026-11-03T10:42:00+01:00")
"""Wall time at the start when a scenario names none."""

# ISO/IEC 15693-3, 7.4.2: what a tag says when it will not
NOT_SUPPORTED = 0x01
BLOCK_ABSENT = 0x10
ALREADY_LOCKED = 0x11
LOCKED = 0x12


class TagRefuses(Exception):
    """The tag answered with an error code of ISO/IEC 15693-3, 7.4.2, perhaps for one block."""

    def __init__(self, code: int, block: int | None = None) -> None:
        super().__init__(f"tag error {code:02x}, block {block}")
        self.code = code
        self.block = block


class TagSilent(Exception):
    """The tag did not answer: gone, out of reach, or guarded by a password that nobody gave."""


@dataclass(slots=True, eq=False)
class Tag:
    """One ISO 15693 tag. `part` 0 means that its data names none."""

    uid: bytes
    memory: bytearray
    item: str = ""
    part: int = 0
    block_size: int = 4
    afi: int = 0x07
    dsfid: int = 0x3E
    ic_ref: int = 0x01
    locked: set[int] = field(default_factory=set)
    afi_locked: bool = False
    afi_password: bool = False
    dsfid_locked: bool = False
    eas: bool = False
    """Electronic article surveillance: answers a gate of the maker's kind (NXP)."""
    readable: bool = True
    """False: it answers an inventory and nothing else, as behind metal."""
    quiet: bool = False
    selected: bool = False
    on_pad: bool = False

    @property
    def blocks(self) -> int:
        return len(self.memory) // self.block_size

    def leave_field(self) -> None:
        """Power is gone: states that live in the field are forgotten (ISO/IEC 15693-3, 9.1)."""
        self.quiet = self.selected = False

    def read(self, block: int) -> bytes:
        self._reach(block)
        at = block * self.block_size
        return bytes(self.memory[at : at + self.block_size])

    def write(self, block: int, data: bytes) -> None:
        self._reach(block)
        if block in self.locked:
            raise TagRefuses(LOCKED, block)
        at = block * self.block_size
        self.memory[at : at + self.block_size] = data

    def lock(self, block: int) -> None:
        self._reach(block)
        if block in self.locked:
            raise TagRefuses(ALREADY_LOCKED, block)
        self.locked.add(block)

    def write_afi(self, afi: int) -> None:
        self._reach()
        if self.afi_password:
            raise TagSilent
        if self.afi_locked:
            raise TagRefuses(LOCKED)
        self.afi = afi

    def lock_afi(self) -> None:
        self._reach()
        if self.afi_password:
            raise TagSilent
        if self.afi_locked:
            raise TagRefuses(ALREADY_LOCKED)
        self.afi_locked = True

    def write_dsfid(self, dsfid: int) -> None:
        self._reach()
        if self.dsfid_locked:
            raise TagRefuses(LOCKED)
        self.dsfid = dsfid

    def lock_dsfid(self) -> None:
        self._reach()
        if self.dsfid_locked:
            raise TagRefuses(ALREADY_LOCKED)
        self.dsfid_locked = True

    def _reach(self, block: int = 0) -> None:
        if not self.readable:
            raise TagSilent
        if block >= self.blocks:
            raise TagRefuses(BLOCK_ABSENT, block)

    def truth(self) -> dict[str, object]:
        return {
            "uid": self.uid.hex(),
            "item": self.item,
            "part": self.part,
            "afi": f"{self.afi:02x}",
            "on_pad": self.on_pad,
        }


@dataclass(slots=True, eq=False)
class Item:
    """One thing that can be lent, with the tags glued to its parts."""

    id: str
    title: str
    tags: list[Tag]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened in the world, `at` seconds after its start."""

    at: float
    what: str
    details: dict[str, object]

    def as_json(self) -> dict[str, object]:
        return {"at": round(self.at, 6), "event": self.what, **self.details}


def make_uid(name: str) -> bytes:
    """A UID for a made-up tag, always the same for the same name: E0 04 (NXP) 01, then five bytes."""
    return b"\xe0\x04\x01" + hashlib.sha256(name.encode()).digest()[:5]


class World:
    """All that is physical. Change it only by its verbs; read `pad` and `items` freely."""

    def __init__(self, seed: int = 1, start: datetime = DEFAULT_START) -> None:
        self.seed = seed
        self.start = start
        self.items: dict[str, Item] = {}
        self.pad: list[Tag] = []
        """Tags on the pad, in the order they came."""
        self.cards: dict[str, ChipCard] = {}
        self.near: list[ChipCard] = []
        """Chip cards on the card reader, in the order they came."""
        self._began: float | None = None
        self._listeners: list[Callable[[Happening], None]] = []

    def chance(self, name: str) -> random.Random:
        """A source of chance of its own for `name`, so that one device's draws never move another's."""
        return random.Random(f"{self.seed}/{name}")

    def seconds(self) -> float:
        """Loop seconds since the world was first asked for the time."""
        now = asyncio.get_running_loop().time()
        if self._began is None:
            self._began = now
        return now - self._began

    def now(self) -> datetime:
        """Wall time in the world."""
        return self.start + timedelta(seconds=self.seconds())

    def jump(self, seconds: float) -> None:
        """Put every clock on a wall of the world forward by so much, or back; nothing else notices."""
        self.start += timedelta(seconds=seconds)
        self.tell("clock_jumped", seconds=seconds)

    # --- things and people

    def add(self, item: Item) -> None:
        """Bring an item into the world. Raises ValueError when its id or a tag's UID is taken."""
        if item.id in self.items:
            raise ValueError(f"item {item.id!r} is there already")
        taken = {tag.uid for tag in self.tags()}
        for tag in item.tags:
            if tag.uid in taken:
                raise ValueError(f"tag {tag.uid.hex()} is there already")
        self.items[item.id] = item

    def tags(self) -> list[Tag]:
        return [tag for item in self.items.values() for tag in item.tags]

    def lay(self, items: Sequence[str], parts: Iterable[int] | None = None) -> list[Tag]:
        """Lay items on the pad, all their parts or those named. Raises ValueError for an unknown item."""
        came = [tag for tag in self._named(items, parts) if not tag.on_pad]
        for tag in came:
            tag.on_pad = True
            self.pad.append(tag)
        self.tell("laid", items=list(items), uids=[tag.uid.hex() for tag in came])
        return came

    def lift(self, items: Sequence[str], parts: Iterable[int] | None = None) -> list[Tag]:
        """Take items off the pad, all their parts or those named. Raises ValueError for an unknown item."""
        return self.remove(self._named(items, parts))

    def remove(self, tags: Iterable[Tag]) -> list[Tag]:
        """Take just these tags off the pad; those that lay there are returned."""
        gone = [tag for tag in tags if tag.on_pad]
        for tag in gone:
            tag.on_pad = False
            self.pad.remove(tag)
            tag.leave_field()
        items = list(dict.fromkeys(tag.item for tag in gone))
        self.tell("lifted", items=items, uids=[tag.uid.hex() for tag in gone])
        return gone

    def clear_pad(self) -> list[Tag]:
        """Take everything off the pad."""
        return self.remove(list(self.pad))

    # --- cards with a chip

    def add_card(self, card: ChipCard) -> None:
        """Bring a card into the world. Raises ValueError when its name is taken."""
        if card.name in self.cards:
            raise ValueError(f"card {card.name!r} is there already")
        card.rng = self.chance(f"card {card.name}")
        self.cards[card.name] = card

    def lay_cards(self, names: Sequence[str]) -> None:
        """Hold cards to the reader, and keep them there. Raises ValueError for an unknown one."""
        for card in self._cards(names):
            if not card.near:
                card.near = True
                card.power_down()
                self.near.append(card)
        self.tell("card_laid", cards=list(names))

    def lift_cards(self, names: Sequence[str] | None = None) -> None:
        """Take cards away from the reader; without names, all of them."""
        gone = list(self.near) if names is None else self._cards(names)
        for card in gone:
            if card.near:
                card.near = False
                card.power_down()
                self.near.remove(card)
        self.tell("card_lifted", cards=[card.name for card in gone])

    def _cards(self, names: Sequence[str]) -> list[ChipCard]:
        unknown = [name for name in names if name not in self.cards]
        if unknown:
            raise ValueError(
                f"no card {', '.join(map(repr, unknown))}; there are: {', '.join(self.cards) or 'none'}"
            )
        return [self.cards[name] for name in names]

    def _named(self, items: Sequence[str], parts: Iterable[int] | None) -> list[Tag]:
        unknown = [item for item in items if item not in self.items]
        if unknown:
            raise ValueError(
                f"no item {', '.join(map(repr, unknown))}; there are: {', '.join(self.items) or 'none'}"
            )
        wanted = None if parts is None else set(parts)
        tags = [tag for item in items for tag in self.items[item].tags]
        if wanted is None:
            return tags
        absent = wanted - {tag.part for tag in tags}
        if absent:
            raise ValueError(f"no part {', '.join(map(str, sorted(absent)))} of {', '.join(items)}")
        return [tag for tag in tags if tag.part in wanted]

    # --- who wants to know

    def listen(self, told: Callable[[Happening], None]) -> Callable[[], None]:
        """Call `told` for all that happens from now on; returns what ends it."""
        self._listeners.append(told)
        return lambda: self._listeners.remove(told)

    def tell(self, what: str, **details: object) -> None:
        """Something happened: tell whoever listens."""
        happening = Happening(self.seconds(), what, details)
        for told in tuple(self._listeners):
            told(happening)

    def truth(self) -> dict[str, object]:
        """Where everything is and what every tag says, as JSON types."""
        return {
            "now": self.now().isoformat(),
            "items": {
                item.id: {
                    "on_pad": sum(tag.on_pad for tag in item.tags),
                    "tags": [tag.truth() for tag in item.tags],
                }
                for item in self.items.values()
            },
            "cards": [card.truth() for card in self.cards.values()],
        }
