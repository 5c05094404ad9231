"""Reading a tag whole over any reader, and which number of it a library could have given."""

import re

from drivers.errors import Code, DeviceRefused
from drivers.ports import ItemReader, Tag
from drivers.tags import Decoded, Doubt, Item, Unverified, Usage, decode

FIRST_BLOCKS = 9
"""Blocks read first: ISO 28560-3 fills eight of 4 bytes, and an owner may reach into the ninth."""
NUMBER = re.compile(r"[A-Za-z0-9.:/_-]{1,40}")


async def read_whole(reader: ItemReader, tag: Tag) -> Decoded:
    """The blocks that most tags need, at once; only a tag that is smaller or fuller is asked its size. Raises DeviceError."""
    try:
        memory = await reader.read(tag.uid, 0, FIRST_BLOCKS)
    except DeviceRefused as error:
        if error.code is Code.TAG_LOST:
            raise
    else:
        found = decode(memory.data, tag.dsfid, memory.block_size)
        if not (isinstance(found, Unverified) and found.reason is Doubt.CUT):
            return found
    info = await reader.info(tag.uid)
    memory = await reader.read(tag.uid, 0, info.blocks)
    return decode(memory.data, info.dsfid, info.block_size, whole=True)


def number_of(found: Decoded) -> str:
    """The number of the item that a tag names; empty for a card, junk, or a tag that proves nothing."""
    ours = (
        isinstance(found, Item)
        and found.usage != Usage.PATRON_CARD
        and NUMBER.fullmatch(found.id) is not None
    )
    return found.id if ours and isinstance(found, Item) else ""
