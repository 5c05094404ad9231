"""Paper, and the printer that it comes out of."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class PrinterState(StrEnum):
    """What the printer says of itself. Near end is a warning, never a fault."""

    READY = "ready"
    NEAR_END = "near_end"
    PAPER_END = "paper_end"
    COVER_OPEN = "cover_open"
    CUTTER = "cutter"
    ERROR = "error"
    HOT = "hot"
    MUTE = "mute"
    GONE = "gone"

    @property
    def usable(self) -> bool:
        return self in {PrinterState.READY, PrinterState.NEAR_END}


class PrintOutcome(StrEnum):
    """How a job ended, by the printer's own answer after it."""

    PRINTED = "printed"
    PRINTED_NEAR_END = "printed_near_end"
    PAPER_END = "paper_end"
    COVER_OPEN = "cover_open"
    ERROR = "error"
    MUTE = "mute"
    GONE = "gone"
    UNFINISHED = "unfinished"

    @property
    def printed(self) -> bool:
        return self in {PrintOutcome.PRINTED, PrintOutcome.PRINTED_NEAR_END}


@dataclass(frozen=True, slots=True)
class PrinterInfo:
    """Identity as the printer gives it; blank where it does not."""

    maker: str
    model: str
    firmware: str
    serial: str


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line to print. `text` may hold isolates of our own; it wraps at the width of the paper."""

    text: str
    bold: bool = False
    double: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True)
class PaperGap:
    """White between lines, in half lines."""

    halves: int = 2


@dataclass(frozen=True, slots=True)
class PaperQr:
    """A link to scan, centred, with its quiet zone."""

    link: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What a strip of paper says, before anyone decides between letters and dots."""

    language: str
    rows: tuple[PaperLine | PaperGap | PaperQr, ...]
    large: bool = False
    """Large print: capitals of 0.7 degrees at reading distance (EN 301 549, 5.1.4)."""


@dataclass(frozen=True, slots=True)
class PrintJob:
    """Bytes ready for the head, cut into pieces between which the printer may be asked how it is."""

    id: str
    pieces: tuple[bytes, ...]
    rows: int
    """Dot rows the paper advances, for the deadline."""


class ReceiptPrinter(Protocol):
    """A printer that believes its own sensors: a job is printed when it says so after the last byte."""

    async def open(self) -> PrinterInfo: ...

    async def close(self) -> None: ...

    def state(self) -> PrinterState: ...

    def on_change(self, told: Callable[[PrinterState], None]) -> None: ...

    async def serve(self) -> None:
        """Watch the printer while it is open; ends only with DeviceUnavailable or by cancelling."""
        ...

    async def print(self, job: PrintJob) -> PrintOutcome:
        """Send, wait for the printer's word, cancel what is left after a fault. Never raises for paper."""
        ...


class Rasteriser(Protocol):
    """Text in any script to dots, for receipts that a printer's own letters cannot show."""

    def rows(self, markup: str, width: int) -> tuple[bytes, ...]: ...
