"""What an ESC/POS printer says about itself: its state, and the bytes of every status answer.

Sources: Epson TM-T88III series specification, pages 73-75 and 133-135; Epson ESC/POS Application
Programming Guide 10.01, pages 304-335 (DLE EOT, GS a, GS r).
"""

from dataclasses import dataclass

XON = b"\x11"
XOFF = b"\x13"

# GS a n: what the host wants to hear of (Application Programming Guide, page 318)
ITEM_DRAWER = 0x01
ITEM_ONLINE = 0x02
ITEM_ERROR = 0x04
ITEM_PAPER = 0x08
ITEM_PANEL = 0x40

_ITEMS = {
    ITEM_DRAWER: b"\x04\x00\x00\x00",
    ITEM_ONLINE: b"\x68\x01\x00\x00",
    ITEM_ERROR: b"\x00\x6c\x00\x00",
    ITEM_PAPER: b"\x00\x00\x0f\x00",
    ITEM_PANEL: b"\x00\x02\x00\x00",
}
"""The ASB bits that each item of GS a reports."""


@dataclass(frozen=True, slots=True)
class State:
    """The printer's sensors and errors at one moment. States add: the answers OR their bits."""

    drawer_high: bool = False
    cover_open: bool = False
    feed_held: bool = False
    waiting: bool = False
    """Waits for the FEED button before it goes online again."""
    near_end: bool = False
    paper_end: bool = False
    cutter: bool = False
    mechanical: bool = False
    unrecoverable: bool = False
    auto_recoverable: bool = False
    """The head is hot, or the cover was opened while printing."""

    @property
    def error(self) -> bool:
        return self.cutter or self.mechanical or self.unrecoverable or self.auto_recoverable

    @property
    def offline(self) -> bool:
        return self.cover_open or self.feed_held or self.waiting or self.paper_end or self.error


def real_time_status(state: State, n: int) -> int:
    """The answer to DLE EOT n, 1 to 4 (Application Programming Guide, pages 304-309)."""
    match n:
        case 1:
            bits = _bits(
                (0x04, state.drawer_high),
                (0x08, state.offline),
                (0x20, state.waiting),
                (0x40, state.feed_held),
            )
        case 2:
            bits = _bits(
                (0x04, state.cover_open),
                (0x08, state.feed_held),
                (0x20, state.paper_end),
                (0x40, state.error),
            )
        case 3:
            bits = _bits(
                (0x04, state.mechanical),
                (0x08, state.cutter),
                (0x20, state.unrecoverable),
                (0x40, state.auto_recoverable),
            )
        case 4:
            bits = _bits((0x0C, state.near_end), (0x60, state.paper_end))
        case _:
            raise ValueError(f"DLE EOT has n 1 to 4, not {n}")
    return 0x12 | bits


def automatic_status(state: State) -> bytes:
    """The four bytes of automatic status back (Application Programming Guide, pages 318-325)."""
    return bytes(
        (
            0x10
            | _bits(
                (0x04, state.drawer_high),
                (0x08, state.offline),
                (0x20, state.cover_open),
                (0x40, state.feed_held),
            ),
            _bits(
                (0x01, state.waiting),
                (0x02, state.feed_held),
                (0x04, state.mechanical),
                (0x08, state.cutter),
                (0x20, state.unrecoverable),
                (0x40, state.auto_recoverable),
            ),
            _bits((0x03, state.near_end), (0x0C, state.paper_end)),
            0x0F,
        )
    )


def paper_sensor(state: State) -> int:
    """The answer to GS r 1 and ESC v (Application Programming Guide, pages 334-335)."""
    return _bits((0x03, state.near_end), (0x0C, state.paper_end))


def wanted(status: bytes, items: int) -> bytes:
    """The part of an automatic status that the items of GS a ask for: two equal parts, no news."""
    masks = [mask for item, mask in _ITEMS.items() if items & item]
    return bytes(b & _union(masks, place) for place, b in enumerate(status))


def _union(masks: list[bytes], place: int) -> int:
    bits = 0
    for mask in masks:
        bits |= mask[place]
    return bits


def _bits(*pairs: tuple[int, bool]) -> int:
    return sum(bit for bit, stands in pairs if stands)
