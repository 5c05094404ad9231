"""A reader of cards that are held to it (ISO/IEC 14443)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.ports.secret import Secret


class CardKind(StrEnum):
    """How a card speaks, as far as its first answer tells."""

    TYPE_2 = "type_2"
    """NTAG, Ultralight."""
    CLASSIC = "classic"
    """MIFARE Classic and what looks like it: of use for its number alone."""
    TYPE_4A = "type_4a"
    """ISO-DEP: payment cards, phones, passports, DESFire."""
    TYPE_4B = "type_4b"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CardReaderInfo:
    """Who answers at the other end."""

    model: str
    chip: str


@dataclass(frozen=True, slots=True)
class NearCard:
    """One card in the field. Personal: its number may be somebody's."""

    uid: Secret
    """Hex, capitals, in the order in which the air carries it (ISO/IEC 14443-3)."""
    kind: CardKind
    random: bool
    """The number is another one at each look: first byte 08 (ISO/IEC 14443-3, 6.5.4), or type B's."""
    contents: tuple[Secret, ...] = ()
    """Texts and links of its NDEF message, in order; empty too where nobody asked for them."""
    unread: bool = False
    """It lies there and could not be read yet: badly held, or about to leave."""


class CardReader(Protocol):
    """A reader beside the screen. One call at a time."""

    async def open(self) -> CardReaderInfo:
        """Connect and ask who answers. Safe to repeat. Raises DeviceUnavailable, DeviceTimeout."""
        ...

    async def close(self) -> None:
        """Let go; never raises."""
        ...

    async def poll(self) -> tuple[NearCard, ...]:
        """The cards in the field now, at most two of them; two are not read.

        Raises:
            DeviceUnavailable: the reader is gone.
            DeviceTimeout, RemoteProtocolError: it did not answer, or not to be understood; it may next time.
        """
        ...

    async def transceive(self, apdu: bytes) -> bytes:
        """One command to an ISO-DEP card in the field, and its answer with both status bytes.

        Raises:
            DeviceRefused: card.lost when it left, or is no card of that kind.
        """
        ...
