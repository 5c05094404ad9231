"""Printer models that the simulated printer can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

TABLES: Mapping[int, str] = MappingProxyType(
    {
        0: "cp437",
        2: "cp850",
        5: "cp865",
        13: "cp857",
        15: "iso8859_7",
        16: "cp1252",
        17: "cp866",
        18: "cp852",
        19: "cp858",
        32: "cp720",
        37: "cp864",
        40: "iso8859_15",
        46: "cp1251",
        49: "cp1255",
        50: "cp1256",
    }
)
"""Code tables of TM-T88V and TM-T20II: the number in ESC t, decimal, and Python's codec."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What one model is and can do. Dots are those of the head; speeds in mm a second."""

    model: str
    maker: str = "EPSON"
    model_id: int = 0x20
    type_id: int = 0x02
    """Bit 1: the printer has an autocutter."""
    firmware_id: int = 0x01
    firmware: str = "10.00 ESC/POS"
    serial: str = "SIM0000001"
    fonts: str = ""
    dots: int = 576
    dpi: int = 180
    motion: int = 180
    """Vertical and horizontal motion units in an inch; models differ, some have 360."""
    speed: float = 250.0
    cut_seconds: float = 0.4
    boot_seconds: float = 3.0
    cutter_mm: float = 14.0
    """From the head to the cutter: what a cut with feed pushes out first."""
    buffer: int = 4096
    tables: Mapping[int, str] = field(default_factory=lambda: TABLES)
    near_end_sensor: bool = True
    process_id: bool = True
    clear_buffers: bool = True
    """Knows DLE DC4 fn 8."""
    automatic_status: bool = True
    initialize_stops_status: bool = False
    """ESC @ switches automatic status off, as on some other makers' printers."""
    undefined_bits: bool = False
    """Bits that the document leaves undefined come out at random."""
    undefined_real_time: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Such bits in the answers to DLE EOT 1 to 4; those of automatic status are the same on all."""

    def identity(self, n: int) -> bytes:
        """The answer to GS I n: one byte, or a block of text; empty for an n without meaning."""
        match n:
            case 0x01 | 0x31:
                return bytes((self.model_id,))
            case 0x02 | 0x32:
                return bytes((self.type_id,))
            case 0x03 | 0x33:
                return bytes((self.firmware_id,))
            case 0x41 | 0x42 | 0x43 | 0x44 | 0x45:
                texts = (self.firmware, self.maker, self.model, self.serial, self.fonts)
                return b"\x5f" + texts[n - 0x41].encode("ascii") + b"\x00"
            case _:
                return b""


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "TM-T88V": Profile("TM-T88V"),
        "TM-T20II": Profile("TM-T20II", dpi=203, motion=203, speed=200.0),
        "TM-T88III": Profile(
            "TM-T88III",
            process_id=False,
            speed=150.0,
            undefined_bits=True,
            undefined_real_time=(0x60, 0x00, 0x04, 0x00),
        ),
        "no-near-end": Profile("TM-T88V", near_end_sensor=False),
        "no-process-id": Profile("TM-T88V", process_id=False),
        "no-asb": Profile("TM-T88V", automatic_status=False),
        "undefined-bits": Profile("TM-T88V", undefined_bits=True),
        "plain": Profile(
            "TM-T88V",
            near_end_sensor=False,
            process_id=False,
            clear_buffers=False,
            automatic_status=False,
        ),
    }
)
