"""What a library tag says, whatever data model it is written in."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Format(StrEnum):
    """Data models that are read. Only ISO 28560-3 is written."""

    ISO_28560_3 = "28560-3"
    """Fixed block, with the Danish profile DS/INF 163."""
    ISO_28560_2 = "28560-2"
    """Objects of ISO/IEC 15962."""
    RFID_501 = "rfid-501"
    """3M's own block, without a checksum."""


class Usage(IntEnum):
    """Type of usage (ISO 28560-1, type of usage; values of ISO 28560-3). 10 to 15 are reserved."""

    ACQUISITION = 0
    CIRCULATION = 1
    NOT_FOR_CIRCULATION = 2
    LOCAL_3 = 3
    LOCAL_4 = 4
    FUTURE = 5
    UNKNOWN = 6
    DISCARDED = 7
    PATRON_CARD = 8
    EQUIPMENT = 9


class Soundness(StrEnum):
    """How an extension block was found."""

    GOOD = "good"
    BAD = "bad"
    """Its checksum or length is wrong; kept as found."""
    CUT = "cut"
    """It goes on past the memory that was read."""


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension block of ISO 28560-3: length, id (low byte first), XOR checksum, fields.

    `raw` is the whole block as found, so that one we do not understand is written back unchanged.
    """

    raw: bytes
    soundness: Soundness = Soundness.GOOD

    LIBRARY = 1
    ACQUISITION = 2
    SUPPLEMENT = 3
    TITLE = 4
    ILL = 5

    @classmethod
    def of(cls, block_id: int, fields: tuple[str, ...]) -> "Extension":
        """A structured block: UTF-8 fields, NUL between them, empty ones at the end left out."""
        data = "\0".join(fields).rstrip("\0").encode()
        if not 0 <= block_id <= 0xFFFF or len(data) > 251:
            raise ValueError("an extension block has a two-byte id and at most 251 bytes of fields")
        head = bytes((4 + len(data), block_id & 0xFF, block_id >> 8))
        check = 0
        for byte in head + data:
            check ^= byte
        return cls(head + bytes((check,)) + data)

    @property
    def id(self) -> int:
        """Block id; -1 when the block is too short to say."""
        return int.from_bytes(self.raw[1:3], "little") if len(self.raw) >= 3 else -1

    @property
    def fields(self) -> tuple[str, ...]:
        """The NUL-separated fields; bytes that are no UTF-8 become U+FFFD."""
        return tuple(self.raw[4:].decode("utf-8", "replace").split("\0"))


@dataclass(frozen=True, slots=True)
class Item:
    """A tag that names a library item.

    `part` counts from 1; `parts` 0 or 1 is a single item. `owner` is the ISIL as it stands on the tag: for
    ISO 28560-3 without its hyphen. `crc_ok` is None where the data model has no checksum.
    """

    format: Format
    id: str
    owner: str = ""
    part: int = 1
    parts: int = 1
    usage: int = Usage.CIRCULATION
    """A `Usage`, or a reserved value 10 to 15 as found."""
    crc_ok: bool | None = None
    reversed: bool = False
    """The bytes of each memory block stand in reverse order, as some suppliers wrote them."""
    truncated: bool = False
    """The memory held only the 32 bytes of the short form."""
    nibbles_swapped: bool = False
    """Usage and version stand in each other's half of byte 0; kept when written back."""
    version: int = 1
    """Content parameter; 1 is the only one published."""
    extensions: tuple[Extension, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """A tag as it left the factory."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A tag that is none of ours. Its bytes are not kept: it may be somebody's card."""


class Doubt(StrEnum):
    """Why a tag is not believed."""

    CRC = "crc"
    """The checksum is wrong."""
    TEXT = "text"
    """The checksum is right but id or owner is empty or no printable UTF-8."""
    CUT = "cut"
    """The data go on past the memory that was read: read the whole tag and decode again."""
    MALFORMED = "malformed"
    """It starts as an ISO 28560-2 tag and breaks its rules later."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """A best guess that nothing on the tag proves. Never written to."""

    guess: Item
    reason: Doubt


Decoded = Item | Blank | Foreign | Unverified
