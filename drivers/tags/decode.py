"""From the memory of a tag to what it says: the data models in the order in which they can be told apart."""

import re

from drivers.tags import iso28560_2, iso28560_3, rfid501
from drivers.tags.model import Blank, Decoded, Doubt, Foreign, Item, Unverified

DSFID_ISO_28560_2 = 0x06
"""Data storage format that announces ISO 28560-2; seen in the field, trusted only as a hint."""

_EMPTY = (bytes(24), b"\x55" * 24)
_FOREIGN = Foreign()
_BLANK = Blank()


def decode(
    memory: bytes, dsfid: int | None = None, block_size: int = 4, *, whole: bool = False
) -> Decoded:
    """What a tag says. Never raises, whatever the bytes.

    `memory` starts at block 0 in tag order. `whole` says that it is all the tag has; without it, data that
    go on past its end give `Unverified(..., CUT)`: read the whole tag and decode again. The format byte
    `dsfid` only settles which guess is the better one, since old tags have it wrong.

    Order: blank, ISO 28560-3, the same with reversed blocks, ISO 28560-2, RFID 501, best guess.
    """
    if memory[:24] in _EMPTY:
        return _BLANK
    if len(memory) < iso28560_3.SHORT:
        return _short(memory, dsfid, whole)
    found: Decoded | None = iso28560_3.read(memory)
    if found is not None:
        return found
    turned = iso28560_3.turned(memory, block_size if block_size > 0 else 4)
    found = iso28560_3.read(turned, reversed=True)
    if found is not None:
        return found
    packed = _packed(memory, whole)
    if isinstance(packed, Item) or (packed is not None and dsfid == DSFID_ISO_28560_2):
        return packed
    legacy = rfid501.read(memory)
    if legacy is not None:
        return legacy.item()
    guess = iso28560_3.guess(memory) or iso28560_3.guess(turned, reversed=True)
    if guess is not None:
        return Unverified(guess, Doubt.CRC)
    return packed or _FOREIGN


def accept(decoded: Decoded, policy: str, pattern: str) -> Item | None:
    """The item that a station may act on, or None.

    `policy` is `never` (only proven tags) or `if_id_matches` (also a guess whose whole id matches the
    regular expression `pattern`, for branches with old tags of a broken CRC).
    """
    match decoded:
        case Item():
            return decoded
        case Unverified(guess, Doubt.CRC) if policy == "if_id_matches":
            return guess if re.fullmatch(pattern, guess.id, re.ASCII) else None
        case _:
            return None


def blocks_to_read(total_blocks: int) -> int:
    """Blocks to read first: 9 where there are more than 8, for an owner may reach into the ninth."""
    return min(total_blocks, 9)


def _short(memory: bytes, dsfid: int | None, whole: bool) -> Decoded:
    """Fewer bytes than any fixed block has: only objects can be whole here."""
    packed = _packed(memory, whole)
    if isinstance(packed, Item) or (packed is not None and dsfid == DSFID_ISO_28560_2):
        return packed
    guess = iso28560_3.guess(memory.ljust(iso28560_3.SHORT, b"\0")) if memory else None
    return packed or _FOREIGN if guess is None else Unverified(guess, Doubt.CUT)


def _packed(memory: bytes, whole: bool) -> Item | Unverified | None:
    found = iso28560_2.read(memory, whole=whole)
    if found is None:
        return None
    item, doubt = found
    return item if doubt is None else Unverified(item, doubt)
