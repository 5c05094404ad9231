"""What lies on a belt and what stands at its bins: things with their tags, and crates."""

from dataclasses import dataclass, field
from enum import IntEnum

from hw_sim.agenda import Due
from hw_sim.world import Tag


class Kind(IntEnum):
    """What a thing's front or tail comes to."""

    ON = 0
    OFF = 1
    PLOUGH = 2
    END = 3
    LAND = 4
    TAG_IN = 5
    TAG_OUT = 6


Point = tuple[float, Kind, int]
"""How far the front has come from the induct eye, what is there, and which."""


@dataclass(slots=True, eq=False)
class Thing:
    """Something that can lie on the belt. `where` is inlet, belt, bin, floor, or hands."""

    name: str
    length: float
    """Pulses."""
    tags: list[Tag] = field(default_factory=list)
    where: str = "inlet"
    bin: int = 0
    crate: int = 0
    origin: float = 0.0
    """Belt position at which its front is at the induct eye."""
    held_at: float | None = None
    """Where its front is stuck while the belt runs on under it."""
    entered: float = 0.0
    passed: list[tuple[int, int]] = field(default_factory=list)
    """Each eye that its front came to since it was laid there, and the encoder then; a chute's is the bins' number and its own."""
    points: list[Point] = field(default_factory=list)
    nth: int = 0
    due: Due | None = None
    chute: int = 0
    """Bin whose chute it is in."""


@dataclass(slots=True)
class Crate:
    """What stands at a bin. `number` counts crates of that bin."""

    number: int = 1
    present: bool = True
    things: list[str] = field(default_factory=list)

    def fill(self, capacity: int) -> None:
        """Put in by hand what there is still room for."""
        self.things += [f"by hand {n}" for n in range(capacity - len(self.things))]
