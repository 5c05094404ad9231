"""What the status bits say, and which one thing to tell people first.

Bits after Epson TM-T88III series specification, pages 73-75 and 133-135, and ESC/POS Application
Programming Guide 10.01, pages 304-309 (DLE EOT), 318-325 (GS a), 334-335 (GS r). Which bits are undefined
varies by model, so only the bits used here are looked at, and paired bits count only as a pair.
"""

from dataclasses import dataclass, replace

from drivers.ports import PrinterState


@dataclass(frozen=True, slots=True)
class Sensors:
    """All that the printer reports of itself, from whichever answer it came."""

    offline: bool = False
    cover_open: bool = False
    paper_end: bool = False
    near_end: bool = False
    cutter: bool = False
    mechanical: bool = False
    unrecoverable: bool = False
    hot: bool = False
    """A fault that goes by itself: the head is too hot (or, with the cover, it was opened while printing)."""
    feeding: bool = False
    waiting: bool = False
    """Waits for online recovery: the FEED button, or a command."""
    drawer_high: bool = False

    @property
    def state(self) -> PrinterState:
        """Cover before paper, because the paper sensor lies while it is open; paper before other errors."""
        if self.cover_open:
            return PrinterState.COVER_OPEN
        if self.paper_end:
            return PrinterState.PAPER_END
        if self.cutter:
            return PrinterState.CUTTER
        if self.mechanical or self.unrecoverable or self.waiting:
            return PrinterState.ERROR
        if self.hot:
            return PrinterState.HOT
        if self.offline and not self.feeding:
            return PrinterState.ERROR
        return PrinterState.NEAR_END if self.near_end else PrinterState.READY


def of_auto_status(quartet: bytes) -> Sensors:
    """Four bytes of automatic status back."""
    printer, error, paper, _ = quartet
    return Sensors(
        offline=bool(printer & 0x08),
        cover_open=bool(printer & 0x20),
        paper_end=paper & 0x0C == 0x0C,
        near_end=paper & 0x03 == 0x03,
        cutter=bool(error & 0x08),
        mechanical=bool(error & 0x04),
        unrecoverable=bool(error & 0x20),
        hot=bool(error & 0x40),
        feeding=bool(printer & 0x40 or error & 0x02),
        waiting=bool(error & 0x01),
        drawer_high=bool(printer & 0x04),
    )


def of_real_time(printer: int, cause: int, error: int, paper: int) -> Sensors:
    """The answers to DLE EOT 1, 2, 3 and 4."""
    return Sensors(
        offline=bool(printer & 0x08),
        cover_open=bool(cause & 0x04),
        paper_end=bool(cause & 0x20) or paper & 0x60 == 0x60,
        near_end=paper & 0x0C == 0x0C,
        cutter=bool(error & 0x08),
        mechanical=bool(cause & 0x40 and error & 0x04),  # undefined on TM-T88III
        unrecoverable=bool(error & 0x20),
        hot=bool(error & 0x40),
        feeding=bool(cause & 0x08),
        waiting=bool(printer & 0x08 and printer & 0x20),  # undefined on TM-T88III
        drawer_high=bool(printer & 0x04),
    )


def is_offline(printer: int) -> bool:
    """The offline bit of the answer to DLE EOT 1."""
    return bool(printer & 0x08)


def with_paper_sensor(sensors: Sensors, answer: int) -> Sensors:
    """`sensors` with the near-end pair of a GS r 1 answer; its end pair differs by maker and is left alone."""
    return replace(sensors, near_end=answer & 0x03 == 0x03)
