"""Glues tags onto the items of a scenario: which memory, AFI and UID each part gets."""

from hw_sim.scenario import CHIPS, ItemSpec
from hw_sim.tagmemory import BLOCK, extension, item_memory
from hw_sim.world import Item, Tag, make_uid

_TITLE = 4
"""Extension block that holds the title."""
_DSFID = {"28560-3": 0x3E, "28560-2": 0x06, "foreign": 0x00, "blank": 0x00}


def tagged(spec: ItemSpec) -> Item:
    """The item with one tag for each part, and one more for a duplicate. Raises ValueError if it cannot fit."""
    if spec.format == "28560-3":
        parts = list(range(1, spec.parts + 1))
        if spec.duplicate_part:
            parts.append(spec.duplicate_part)
    else:
        parts = [0] * spec.parts
    tags = [_tag(spec, part, nth) for nth, part in enumerate(parts, start=1)]
    return Item(spec.id, spec.title, tags)


def _tag(spec: ItemSpec, part: int, nth: int) -> Tag:
    return Tag(
        uid=make_uid(f"{spec.id}/{nth}"),
        memory=bytearray(_memory(spec, part)),
        item=spec.id,
        part=part,
        block_size=BLOCK,
        afi=spec.afi,
        dsfid=_DSFID[spec.format] if spec.dsfid is None else spec.dsfid,
        afi_locked=spec.afi_locked,
        afi_password=spec.afi_password,
        readable=spec.readable,
    )


def _memory(spec: ItemSpec, part: int) -> bytes:
    blocks = CHIPS[spec.chip]
    if spec.format != "28560-3":
        return bytes.fromhex(spec.raw).ljust(blocks * BLOCK, b"\0")
    return item_memory(
        spec.id,
        spec.owner,
        parts=spec.parts,
        part=part,
        usage=spec.usage,
        blocks=blocks,
        extensions=[extension(_TITLE, [spec.title])] if spec.title_block else [],
        reverse=spec.reversed,
        bad_crc=spec.bad_crc,
    )
