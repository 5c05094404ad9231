"""The plant's tables: what the belt was last believed to be, each item's way over it, its bins. No borrower in them.

The belt is told to forget an event only when what it made of the items stands here, so a restart goes on from here: with
the items that are on the belt, or, where the controller has started anew, without them.
"""

from sorter.belt.records.answers import answer_of, answered, reported, unreported
from sorter.belt.records.bins import (
    bins_by_number,
    crate_before,
    keep_bins,
    looked,
    settle_bins,
    swap_bin,
    told_bin,
    unseen,
    untold_bins,
)
from sorter.belt.records.decisions import Decided, decided, stay
from sorter.belt.records.kept import Kept, Remembered, keep, linked, remembered
from sorter.belt.records.lying import Lying, exceptions, see, waiting
from sorter.belt.records.tables import items, metadata, trace_of

__all__ = [
    "Decided",
    "Kept",
    "Lying",
    "Remembered",
    "answer_of",
    "answered",
    "bins_by_number",
    "crate_before",
    "decided",
    "exceptions",
    "items",
    "keep",
    "keep_bins",
    "linked",
    "looked",
    "metadata",
    "remembered",
    "reported",
    "see",
    "settle_bins",
    "stay",
    "swap_bin",
    "told_bin",
    "trace_of",
    "unreported",
    "unseen",
    "untold_bins",
    "waiting",
]
