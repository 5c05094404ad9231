"""What a scanned label names: an item, a crate, a chute, or nothing that is known here.

Each kind has a pattern in configuration. A label that fits two kinds is nobody's: the patterns are at fault, and a
person must not find out by a crate that was taken for an item.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from config.label import bare

WRITABLE = re.compile(r"[A-Z0-9.:/_-]{1,40}")
"""What a label may be at all: the journal takes nothing else."""


class LabelKind(StrEnum):
    """Kinds of label."""

    ITEM = "item"
    CRATE = "crate"
    CHUTE = "chute"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Label:
    """One scan, cleaned."""

    kind: LabelKind
    text: str


@dataclass(frozen=True, slots=True)
class Patterns:
    """Regular expressions over the whole label, upper case."""

    item: str = r"\d{10}"
    crate: str = r"K-?\d{4}"
    chute: str = r"A-?\d{2}"

    def label(self, scanned: str) -> Label:
        """What was scanned. Letters in either case; white space around it does not count.

        A crate or chute may be spelt with other spaces and punctuation than its pattern has.
        """
        text = scanned.strip().upper()
        kinds = self._kinds(text)
        if not kinds:
            kinds = self._kinds(bare(text))
            if kinds in ([LabelKind.CRATE], [LabelKind.CHUTE]):
                return Label(kinds[0], bare(text))
            kinds = []
        return Label(kinds[0] if len(kinds) == 1 else LabelKind.UNKNOWN, text[:40])

    def _kinds(self, text: str) -> list[LabelKind]:
        """The kinds whose pattern it fits."""
        if not WRITABLE.fullmatch(text):
            return []
        return [
            kind
            for kind, pattern in (
                (LabelKind.ITEM, self.item),
                (LabelKind.CRATE, self.crate),
                (LabelKind.CHUTE, self.chute),
            )
            if re.fullmatch(pattern, text, re.ASCII)
        ]
