"""How long commands to ISO 15693 tags take in the air, and which tag a fault means: the same for every reader.

Times are computed from ISO/IEC 15693-3 at 26.48 kbit/s and 16 slots, without the reader's own work.
"""

from collections.abc import Mapping
from itertools import pairwise

from hw_sim.world import Tag

INFO_S = 0.0098
"""Get system information."""
READ_S, READ_BLOCK_S = 0.00612, 0.00121
"""A read, and each block of it."""
COMMAND_S, PROGRAM_S = 0.0059, 0.020
"""A short command, and the longest that a tag takes on top to program its memory."""

_FIND_S = ((0, 0.008), (1, 0.014), (5, 0.038), (10, 0.082), (20, 0.185), (40, 0.381))


def find_seconds(tags: int) -> float:
    """Time of one inventory over `tags`, straight between the known points and on past the last."""
    legs = tuple(pairwise(_FIND_S))
    (few, low), (many, high) = next((leg for leg in legs if tags <= leg[1][0]), legs[-1])
    return low + (high - low) * (tags - few) / (many - few)


def meant(args: Mapping[str, object], tag: Tag) -> bool:
    """Whether a fault strikes this tag: `item` is an item's id, a tag's UID in hex, or empty for all."""
    return args["item"] in {"", tag.item, tag.uid.hex()}
