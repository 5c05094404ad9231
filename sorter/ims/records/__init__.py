"""Tables of branches, sorting points, chutes, crates and items: what happened, what came of it, and what is asked of it.

The same tables stand in a plant's own database and in the one that branches share. Functions run on the store's thread, in the
transaction that they are given.
"""

from sorter.ims.records.lying import (
    Placed,
    contents,
    crate_of,
    docked,
    docked_at,
    docked_labels,
    place_of,
    printed,
    taken_from,
    taken_out,
)
from sorter.ims.records.points import (
    Owner,
    contested,
    gone_point,
    network,
    point_of_chute,
    points,
    tell,
)
from sorter.ims.records.scans import forget_scan, scan_label
from sorter.ims.records.streams import (
    DIRECT,
    Row,
    add,
    happen,
    happen_there,
    last_of,
    mark,
    marks,
    rows_after,
    rows_of_others,
    story_of,
    stream_of,
    take,
    top,
)
from sorter.ims.records.tables import metadata

__all__ = [
    "DIRECT",
    "Owner",
    "Placed",
    "Row",
    "add",
    "contents",
    "contested",
    "crate_of",
    "docked",
    "docked_at",
    "docked_labels",
    "forget_scan",
    "gone_point",
    "happen",
    "happen_there",
    "last_of",
    "mark",
    "marks",
    "metadata",
    "network",
    "place_of",
    "point_of_chute",
    "points",
    "printed",
    "rows_after",
    "rows_of_others",
    "scan_label",
    "story_of",
    "stream_of",
    "take",
    "taken_from",
    "taken_out",
    "tell",
    "top",
]
