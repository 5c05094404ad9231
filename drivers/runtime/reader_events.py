"""What a technician reads of an item reader in the log, whatever driver speaks to it."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from drivers.errors import Code
from drivers.runtime.log import Label, LogEvent


@dataclass(frozen=True, slots=True)
class ReaderOpened(LogEvent):
    """An item reader answered and is set up."""

    name: ClassVar[str] = "reader.opened"
    device: Label
    model: Label
    firmware: Label


@dataclass(frozen=True, slots=True)
class ReaderLost(LogEvent):
    """The wire to an item reader broke."""

    name: ClassVar[str] = "reader.lost"
    level: ClassVar[Literal["warning"]] = "warning"
    device: Label
    code: Code


@dataclass(frozen=True, slots=True)
class ReaderResynchronised(LogEvent):
    """The reader answers again after a timeout or a broken answer; the counts are since the wire opened."""

    name: ClassVar[str] = "reader.resynchronised"
    level: ClassVar[Literal["warning"]] = "warning"
    device: Label
    timeouts: int
    garbled: int
    late: int
