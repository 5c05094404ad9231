"""Library tag data: the memory of an ISO 15693 tag to an item and back. Pure.

Read: ISO 28560-3 / DS/INF 163, ISO 28560-2, 3M RFID 501. Written: ISO 28560-3.
"""

from drivers.tags.decode import accept, blocks_to_read, decode
from drivers.tags.iso28560_3 import write as encode
from drivers.tags.model import (
    Blank,
    Decoded,
    Doubt,
    Extension,
    Foreign,
    Format,
    Item,
    Soundness,
    Unverified,
    Usage,
)

__all__ = [
    "Blank",
    "Decoded",
    "Doubt",
    "Extension",
    "Foreign",
    "Format",
    "Item",
    "Soundness",
    "Unverified",
    "Usage",
    "accept",
    "blocks_to_read",
    "decode",
    "encode",
]
