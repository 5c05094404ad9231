"""What lies at the gate, by its tags: one library item, or why it is given back. Nothing of what is refused is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from drivers.ports import Uid
from drivers.tags import Blank, Decoded, Foreign, Item, Unverified, Usage


class Kind(StrEnum):
    """What one tag is."""

    ITEM = "item"
    CARD = "card"
    """A library's, and not for handing in."""
    STRANGE = "strange"
    """No library's."""
    SILENT = "silent"
    """It answers, and cannot be read or believed."""


class Why(StrEnum):
    """Why something is given back."""

    SEVERAL = "several"
    INCOMPLETE = "incomplete"
    """Parts of a set are not there."""
    CARD = "card"
    STRANGE = "strange"
    UNREAD = "unread"
    """Nothing at it can be read: no tag, or a broken one."""
    STUCK = "stuck"
    """It was let in and did not come onto the belt."""


@dataclass(frozen=True, slots=True)
class GateTag:
    """One tag at the gate."""

    uid: Uid
    kind: Kind
    item: str = ""
    part: int = 1
    parts: int = 1


def tag_of(uid: Uid, found: Decoded, item: str) -> GateTag:
    """A tag as the gate sees it. `item` is its number where it names one that a library could have."""
    match found:
        case Item(usage=Usage.PATRON_CARD):
            return GateTag(uid, Kind.CARD)
        case Item() if item:
            return GateTag(uid, Kind.ITEM, item, found.part, max(1, found.parts))
        case Blank() | Foreign() | Item(crc_ok=None):
            return GateTag(uid, Kind.STRANGE)
        case Item() | Unverified():
            return GateTag(uid, Kind.SILENT)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Let it in, or give it back and why."""

    item: str = ""
    why: Why | None = None


def verdict(tags: Iterable[GateTag]) -> Verdict | None:
    """What to do with what lies at the gate; None while no tag answers. Two things at once are never let in."""
    there = tuple(tags)
    if not there:
        return None
    items = {tag.item for tag in there if tag.kind is Kind.ITEM}
    if len(items) > 1 or (items and any(tag.kind is not Kind.ITEM for tag in there)):
        return Verdict(why=Why.SEVERAL)
    if items:
        wanted = max(tag.parts for tag in there)
        whole = sorted({tag.part for tag in there}) == list(range(1, wanted + 1))
        return Verdict(items.pop()) if whole or wanted == 1 else Verdict(why=Why.INCOMPLETE)
    kinds = {tag.kind for tag in there}
    if Kind.CARD in kinds:
        return Verdict(why=Why.CARD)
    return Verdict(why=Why.STRANGE if Kind.STRANGE in kinds else Why.UNREAD)
