"""Cards with a chip, as they answer on the air: NTAG and Ultralight, MIFARE Classic by its number, ISO-DEP.

Sources: ISO/IEC 14443-3 (SAK, UID, random UID whose first byte is 08), ISO/IEC 14443-4 (RATS, blocks), NXP
NTAG213 data sheet (READ 30, GET_VERSION 60, WRITE A2, an unknown command mutes the tag until it is selected
again), NFC Forum Type 2 and Type 4 Tag (where NDEF stands), NDEF text record.

Not modelled: type B and FeliCa, MIFARE authentication, DESFire commands, waiting-time extension.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["ntag213", "ultralight", "classic", "iso-dep"]
KINDS: tuple[Kind, ...] = ("ntag213", "ultralight", "classic", "iso-dep")

_ATQA_SAK: Mapping[Kind, tuple[bytes, int]] = {
    "ntag213": (b"\x00\x44", 0x00),
    "ultralight": (b"\x00\x44", 0x00),
    "classic": (b"\x00\x04", 0x08),
    "iso-dep": (b"\x00\x04", 0x20),
}
"""ATQA (most significant byte first) and SAK."""

_PAGES: Mapping[Kind, int] = {"ntag213": 45, "ultralight": 16}
_NTAG213_VERSION = bytes.fromhex("0004040201000f03")
ATS = bytes.fromhex("067577810280")
"""TL, T0 with TA, TB and TC, then those and one historical byte: 256 bytes a frame."""
SHORT_ATS = bytes.fromhex("0178")

_NDEF_AID = bytes.fromhex("d2760000850101")
_CC_FILE, _NDEF_FILE = 0xE103, 0xE104
_DONE, _NO_FILE, _NO_INSTRUCTION = b"\x90\x00", b"\x6a\x82", b"\x6d\x00"
_CHUNK = 250
"""Bytes of a chained answer's piece."""


def text_record(text: str, language: str = "da") -> bytes:
    """An NDEF message of one short text record in UTF-8 (NFC Forum, Text Record Type Definition)."""
    payload = bytes((len(language),)) + language.encode() + text.encode()
    return bytes((0xD1, 1, len(payload))) + b"T" + payload


@dataclass(slots=True, eq=False)
class ChipCard:
    """One card. `text` is what its NDEF text record says; empty means that it holds none."""

    name: str
    uid: bytes
    kind: Kind = "ntag213"
    text: str = ""
    holder: str = ""
    """Number of the borrower's card, for the desk."""
    random_uid: bool = False
    """A phone or a passport: another number at each look, the first byte 08."""
    short_ats: bool = False
    near: bool = False
    """It lies on the reader."""
    rng: random.Random = field(default_factory=lambda: random.Random(0), repr=False)
    _memory: bytearray = field(default_factory=bytearray, repr=False)
    _muted: bool = False
    _talking: bool = False
    """RATS was answered."""
    _block: int = 1
    _last: bytes = b""
    _command: bytearray = field(default_factory=bytearray)
    _answer: bytes = b""
    _file: int = 0
    _selected: bool = False

    def __post_init__(self) -> None:
        if len(self.uid) not in {4, 7}:
            raise ValueError(f"card {self.name}: a UID has 4 or 7 bytes, not {len(self.uid)}")
        if self.random_uid and self.kind != "iso-dep":
            raise ValueError(f"card {self.name}: only iso-dep has a random UID")
        if self.kind in _PAGES:
            self._memory = _type_2_memory(self.uid, _PAGES[self.kind], self.text)

    @property
    def atqa(self) -> bytes:
        return _ATQA_SAK[self.kind][0]

    @property
    def sak(self) -> int:
        return _ATQA_SAK[self.kind][1]

    def power_down(self) -> None:
        """The field went off, or the card left it."""
        self._muted = self._talking = self._selected = False
        self._block, self._last, self._answer, self._file = 1, b"", b"", 0
        self._command.clear()
        if self.random_uid:
            self.uid = b"\x08" + self.rng.randbytes(3)

    def select(self) -> None:
        """It is chosen in the anticollision: a tag that was muted listens again."""
        self._muted = self._talking = False

    def exchange(self, frame: bytes) -> bytes | None:
        """What it answers to one frame, without check bytes; None is silence."""
        if not frame or self._muted:
            return None
        if self.kind in _PAGES:
            return self._type_2(frame)
        return self._iso_dep(frame) if self.kind == "iso-dep" else None

    # --- NTAG and Ultralight

    def _type_2(self, frame: bytes) -> bytes | None:
        match frame[0]:
            case 0x30 if len(frame) == 2:
                pages = len(self._memory) // 4
                if frame[1] >= pages:
                    return b"\x00"
                twice = self._memory * 2
                return bytes(twice[frame[1] * 4 : frame[1] * 4 + 16])
            case 0xA2 if len(frame) == 6 and 4 <= frame[1] < len(self._memory) // 4:
                self._memory[frame[1] * 4 : frame[1] * 4 + 4] = frame[2:]
                return b"\x0a"
            case 0x60 if self.kind == "ntag213" and len(frame) == 1:
                return _NTAG213_VERSION
            case _:
                self._muted = True
                return None

    # --- ISO-DEP

    def _iso_dep(self, frame: bytes) -> bytes | None:
        head = frame[0]
        if head == 0xE0:
            self._talking, self._block = True, 1
            return SHORT_ATS if self.short_ats else ATS
        if not self._talking:
            return None
        if head & 0xE2 == 0x02:
            return self._information(head, frame[1:])
        if head & 0xE6 == 0xA2:
            return self._receipt(head)
        if head & 0xF7 == 0xC2:
            self._talking = False
            return frame
        return None

    def _information(self, head: int, data: bytes) -> bytes:
        """An I-block: one piece of a command, or the last of it."""
        self._block ^= 1
        self._command += data
        if head & 0x10:
            self._last = bytes((0xA2 | self._block,))
        else:
            self._answer = self._apdu(bytes(self._command))
            self._command.clear()
            self._last = self._next_piece()
        return self._last

    def _receipt(self, head: int) -> bytes:
        """An R-block (ISO/IEC 14443-4, 7.5.4.3): say it again, say that you are there, or go on with the chain."""
        if head & 1 == self._block:
            return self._last or bytes((0xA2 | self._block,))
        if head & 0x10:
            return bytes((0xA2 | self._block,))
        self._block ^= 1
        self._last = self._next_piece()
        return self._last

    def _next_piece(self) -> bytes:
        piece, self._answer = self._answer[:_CHUNK], self._answer[_CHUNK:]
        return bytes((0x02 | self._block | (0x10 if self._answer else 0),)) + piece

    def _apdu(self, apdu: bytes) -> bytes:
        if len(apdu) < 4:
            return b"\x67\x00"
        ins, p1, p2 = apdu[1:4]
        if ins == 0xA4:
            data = apdu[5 : 5 + apdu[4]] if len(apdu) > 4 else b""
            return self._select(p1, data)
        if ins == 0xB0 and self._selected:
            return self._read_binary(p1 << 8 | p2, apdu[4] if len(apdu) > 4 else 0)
        return _NO_INSTRUCTION

    def _select(self, p1: int, data: bytes) -> bytes:
        if p1 == 0x04:
            self._selected = bool(self.text) and data == _NDEF_AID
            return _DONE if self._selected else _NO_FILE
        if self._selected and data in {b"\xe1\x03", b"\xe1\x04"}:
            self._file = int.from_bytes(data, "big")
            return _DONE
        return _NO_FILE

    def _read_binary(self, offset: int, count: int) -> bytes:
        message = text_record(self.text)
        whole = {
            _CC_FILE: bytes.fromhex("000f20003b00340406e104010000ff"),
            _NDEF_FILE: len(message).to_bytes(2, "big") + message,
        }.get(self._file, b"")
        return whole[offset : offset + (count or 256)] + _DONE

    def truth(self) -> dict[str, object]:
        return {"name": self.name, "kind": self.kind, "near": self.near}


def _type_2_memory(uid: bytes, pages: int, text: str) -> bytearray:
    """Number, lock bytes, capability container, and one NDEF message in its TLV (NFC Forum, Type 2 Tag)."""
    memory = bytearray(pages * 4)
    full = (uid + bytes(7))[:7]
    memory[0:3], memory[4:8] = full[:3], full[3:7]
    memory[3] = 0x88 ^ full[0] ^ full[1] ^ full[2]
    memory[8] = full[3] ^ full[4] ^ full[5] ^ full[6]
    room = pages * 4 - 16 - (20 if pages == 45 else 0)
    memory[12:16] = bytes((0xE1, 0x10, room // 8, 0x00))
    message = text_record(text) if text else b""
    data = bytes((0x03, len(message))) + message + b"\xfe"
    if len(data) > room:
        raise ValueError(f"the text of a card does not fit into {room} bytes")
    memory[16 : 16 + len(data)] = data
    return memory
