"""How a sorting plant is built: where its eyes, reader, ploughs and bins stand along the belt."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

LAST_MOMENT_SCANS = 3
"""A plough must be chosen so many scans of the controller before it has to move."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Lengths in mm from the induct eye. The last bin stands at the end of the belt and has no plough."""

    bins: int = 9
    pulses_a_metre: int = 2000
    mm_s: int = 500
    max_length: int = 350
    min_gap: int = 60
    reader_start: int = 450
    reader_end: int = 750
    first_divert: int = 2400
    pitch: int = 600
    """From one plough to the next."""
    eye_lead: int = 460
    """So far before each plough its eye looks across the belt: longer than an item, so that its length is known."""
    chute: int = 100
    """From a plough to the eye in its chute."""
    lead_in: int = 100
    """From where the inlet lays an item to the induct eye."""
    inlet_gap: int = 280
    """Gap that the inlet makes between items."""
    plough_s: float = 0.05
    """A plough takes so long to move."""
    scan_ms: int = 10
    horn_s: float = 5.0
    """The horn sounds for so long before the belt starts."""
    capacity: int = 60
    """Items to a crate."""
    guarded: bool = False
    """A gate stands at the inlet: it lets in what it is told to, one thing at a time, and gives back the rest."""
    gate_s: float = 3.0
    """Without a word about what lies at the gate, it gives it back."""
    most_items: int = 30
    """The inlet shuts at so many items on the belt: of 32 two would share a slot of the destination table."""

    def __post_init__(self) -> None:
        if not 1 <= self.bins <= 60:
            raise ValueError(f"a plant has 1 to 60 bins, not {self.bins}")
        if self.eye_lead <= self.max_length + self.plough_lead:
            raise ValueError("eye_lead must be longer than an item and the way of its plough")
        if self.bins > 1 and self.pitch <= self.eye_lead:
            raise ValueError("pitch must be longer than eye_lead")
        if self.reader_start < self.max_length + 20:
            raise ValueError("reader_start must be past the longest item at the induct eye")

    @property
    def plough_lead(self) -> int:
        """How far before its divert an item is when the plough is told to move."""
        return 30 + int(self.mm_s * (self.plough_s + self.scan_ms / 1000))

    @property
    def margin(self) -> int:
        """An item closer than this to a divert can no longer be sent there."""
        return self.plough_lead + LAST_MOMENT_SCANS * self.scan_ms * self.mm_s // 1000

    @property
    def decision_point(self) -> int:
        """The last moment for the first bin."""
        return self.divert(1) - self.margin

    def divert(self, bin: int) -> int:
        """Where a bin's plough stands; of the last bin, the end of the belt."""
        return self.first_divert + (bin - 1) * self.pitch

    def eye(self, zone: int) -> int:
        """Where the eye of a zone looks: 0 is the induct eye, then one before each bin."""
        return 0 if zone == 0 else self.divert(zone) - self.eye_lead

    def pulses(self, mm: float) -> float:
        return mm * self.pulses_a_metre / 1000

    def mm(self, pulses: float) -> float:
        return pulses * 1000 / self.pulses_a_metre

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "Layout":
        """From a scenario's `[plant]`. Raises ValueError for a key or value that cannot be."""
        known = {f.name: f for f in fields(cls)}
        for key, value in table.items():
            if key not in known:
                raise ValueError(f"plant.{key} is not known; there are: {', '.join(known)}")
            default = known[key].default
            if isinstance(default, bool):
                if not isinstance(value, bool):
                    raise ValueError(f"plant.{key} must be true or false, not {value!r}")
                continue
            wanted = (int, float) if isinstance(default, float) else int
            if not isinstance(value, wanted) or isinstance(value, bool) or value < 0:
                raise ValueError(f"plant.{key} must be a number, not {value!r}")
        return cls(**table)
