"""What a technician reads of a belt's wire in the log."""

from dataclasses import dataclass
from typing import ClassVar

from drivers.runtime.reader_events import ReaderLost, ReaderOpened, ReaderResynchronised


@dataclass(frozen=True, slots=True)
class BeltOpened(ReaderOpened):
    """A PLC answered and keeps a map that we know."""

    name: ClassVar[str] = "belt.opened"


@dataclass(frozen=True, slots=True)
class BeltLost(ReaderLost):
    """The wire to the PLC broke."""

    name: ClassVar[str] = "belt.lost"


@dataclass(frozen=True, slots=True)
class BeltDrained(ReaderResynchronised):
    """After a timeout or a broken answer the line has rested and is used again."""

    name: ClassVar[str] = "belt.drained"
