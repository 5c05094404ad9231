"""nfcpy as it is, blocking: open a reader, look for cards, read what is on them. All its exceptions end here.

Source: nfcpy 1.0.4. Its path grammar has no name for a pty or a link below /dev/serial, so a serial reader is
put together by hand. Its `connect` swallows what went wrong, so cards are sensed and activated step by step.
A hang-up is a termios.error, an acknowledgement cut short an IndexError: both are neither OSError nor its own.
"""

import errno
import logging
import re
import termios
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import ndef
import nfc
import nfc.clf
import nfc.clf.pn53x
import nfc.clf.pn532
import nfc.clf.transport
import nfc.tag
import nfc.tag.tt4

from drivers.errors import (
    Code,
    DeviceError,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnavailable,
    LocalProtocolError,
    RemoteProtocolError,
)
from drivers.ports import CardKind, CardReaderInfo, NearCard, Secret
from drivers.transport.faults import from_cause

T = TypeVar("T")

SERIAL_PATH = re.compile(r"/[A-Za-z0-9_.:/+@-]+")
"""nfcpy hands the path to a shell (`stty`): nothing that a shell could understand may stand in it."""
USB_PATH = re.compile(r"usb(:[0-9a-fA-F]{4}(:[0-9a-fA-F]{4})?|:\d{1,3}:\d{1,3})?")

_ISO_DEP = 0x20
_CLASSIC = 0x08
"""Bits of SAK (NXP AN10833)."""
_RANDOM = 0x08
"""First byte of a random UID of four bytes (ISO/IEC 14443-3, 6.5.4)."""
_LIST_TWO = b"\x02\x00"
"""InListPassiveTarget for two cards of type A (UM0701-02, 7.3.5); nfcpy itself always asks for one."""
_BAUD = 115200
_FAST = (921600, 460800, 230400)
_NO_ANSWER = (OSError, IndexError, nfc.clf.pn53x.Chipset.Error)
"""What nfcpy raises while a chip that it does not know yet says nothing, or nothing of use."""
_TRANSIENT = frozenset({errno.EIO, errno.ETIMEDOUT})
"""What nfcpy says when the chip is silent or its frame is broken, whichever it was."""

# nfcpy writes numbers and contents of cards into its log, and errors to standard error
logging.getLogger("nfc").addHandler(logging.NullHandler())
logging.getLogger("nfc").propagate = False
logging.getLogger("nfc").setLevel(logging.CRITICAL)


class Frontend:
    """One reader. Every method blocks and raises drivers.errors only. Not usable after a DeviceUnavailable."""

    def __init__(self, device: str, url: str, *, reads_contents: bool) -> None:
        """Nothing is opened yet. Raises LocalProtocolError for a url that is none."""
        if not (SERIAL_PATH.fullmatch(url) or USB_PATH.fullmatch(url)):
            raise LocalProtocolError(device, Code.PORT_BAD_URL, url)
        self._device = device
        self._url = url
        self._reads_contents = reads_contents
        self._clf: Any = None
        self._seen: tuple[NearCard, ...] = ()
        self._empty = False
        """The last look found a card without contents: believed when the next one finds the same."""
        self._tag: Any = None

    def open(self) -> CardReaderInfo:
        """Connect, and let the chip say who it is."""
        try:
            self._clf = self._connected()
            chip = str(self._clf.device.chipset_name)
            maker = (self._clf.device.vendor_name, self._clf.device.product_name)
        except DeviceError:
            raise
        except Exception as cause:
            raise from_cause(self._device, cause, self._url) from cause
        return CardReaderInfo(" ".join(name for name in maker if name) or chip, chip)

    def _connected(self) -> Any:
        clf = nfc.ContactlessFrontend()
        if self._url.startswith("usb"):
            try:
                found = clf.open(self._url)
            except FileNotFoundError as cause:
                raise DeviceUnavailable(
                    self._device, Code.PORT_ABSENT, "the system has no libusb-1.0"
                ) from cause
            if not found:
                raise DeviceUnavailable(self._device, Code.PORT_ABSENT, self._url)
            return clf
        line = nfc.clf.transport.TTY(self._url)
        try:
            try:
                clf.device = nfc.clf.pn532.init(line)
            except _NO_ANSWER:
                self._slow_down(line)
                clf.device = nfc.clf.pn532.init(line)
        except _NO_ANSWER as cause:
            with suppress(Exception):
                line.close()
            raise DeviceTimeout(self._device, Code.WIRE_SILENT, "no PN532 answers there") from cause
        clf.device._path = self._url  # noqa: SLF001  # nfcpy's own repr needs it
        return clf

    def _slow_down(self, line: Any) -> None:
        """A chip whose last host was killed still speaks fast; nfcpy begins at 115200 and would never find it."""
        for baud in _FAST:
            line.open(self._url, baud)
            with suppress(*_NO_ANSWER):
                chip = nfc.clf.pn532.Chipset(line, logger=logging.getLogger("nfc"))
                chip.set_serial_baudrate(_BAUD)
                return

    def look(self) -> tuple[NearCard, ...]:
        """The cards in the field now. A card that lies still is read once."""
        return self._guarded(self._look)

    def apdu(self, command: bytes) -> bytes:
        """One command to an ISO-DEP card."""
        return self._guarded(lambda: self._apdu(command))

    def close(self) -> None:
        """Let go; never raises. nfcpy raises here when the cable is out."""
        clf, self._clf = self._clf, None
        self._tag = None
        if clf is None:
            return
        line = getattr(getattr(clf.device, "chipset", None), "transport", None)
        with suppress(Exception):
            clf.close()
        with suppress(Exception):
            if line is not None:
                line.close()

    def _guarded(self, work: Callable[[], T]) -> T:
        """The one place where whatever nfcpy lets through becomes an error of ours."""
        if self._clf is None:
            raise DeviceUnavailable(self._device, Code.PORT_GONE, "not open")
        try:
            return work()
        except DeviceError:
            raise
        except (IndexError, nfc.clf.pn53x.Chipset.Error) as cause:
            raise RemoteProtocolError(
                self._device, Code.WIRE_GARBLED, type(cause).__name__
            ) from cause
        except Exception as cause:
            if (
                isinstance(cause, OSError)
                and not isinstance(cause, termios.error)
                and cause.errno in _TRANSIENT
            ):
                raise DeviceTimeout(self._device, Code.WIRE_SILENT, "no answer") from cause
            raise from_cause(self._device, cause, self._url) from cause

    # --- looking

    def _look(self) -> tuple[NearCard, ...]:
        self._tag = None
        target = self._sense()
        if target is None:
            self._seen, self._empty = (), False
            return ()
        card = _card(target)
        if self._is_known(card):
            return self._seen
        others = self._listed(target)
        if len(others) > 1:
            self._seen, self._empty = (), False
            return others
        if self._reads_contents and card.kind is not CardKind.CLASSIC:
            found = self._read(card)
            if found is None:
                self._seen = ()
                return ()
            card = found
        self._seen = () if card.unread else (card,)
        return (card,)

    def _is_known(self, card: NearCard) -> bool:
        if len(self._seen) != 1:
            return False
        (seen,) = self._seen
        if card.random and seen.random:
            return card.kind is seen.kind
        return card.uid == seen.uid

    def _sense(self) -> Any:
        return self._clf.sense(nfc.clf.RemoteTarget("106A"), nfc.clf.RemoteTarget("106B"))

    def _listed(self, target: Any) -> tuple[NearCard, ...]:
        """The cards of type A that a PN53x finds when it is asked for two. Others look for one at a time."""
        chip = getattr(self._clf.device, "chipset", None)
        if (
            not target.brty.endswith("A")
            or not isinstance(chip, nfc.clf.pn53x.Chipset)
            or chip.in_list_passive_target_max_target < 2
        ):
            return ()
        self._clf.device.mute()
        answer = bytes(chip.command(0x4A, _LIST_TWO, 1.0))
        found: list[NearCard] = []
        at = 1
        while len(found) < answer[0] and len(answer) > at + 4:
            sak, size = answer[at + 3], answer[at + 4]
            found.append(_type_a(answer[at + 5 : at + 5 + size], sak))
            at += 5 + size
        return tuple(found)

    def _read(self, card: NearCard) -> NearCard | None:
        """The card with what it says, or marked as unread; None when it has left meanwhile."""
        target = self._sense()
        if target is None:
            return None
        contents = self._contents(target)
        if contents:
            self._empty = False
            return NearCard(card.uid, card.kind, card.random, contents)
        if self._sense() is None:
            return None
        unsure = contents is None or not self._empty
        self._empty = contents is not None
        return NearCard(card.uid, card.kind, card.random, unread=unsure)

    def _contents(self, target: Any) -> tuple[Secret, ...] | None:
        """Texts and links of the card's NDEF message; None when it could not be read to the end."""
        try:
            tag = nfc.tag.activate(self._clf, target)
            if tag is None:
                return None
            message = tag.ndef
            return () if message is None else _said(message.octets)
        except (nfc.clf.CommunicationError, nfc.tag.TagCommandError, IndexError):
            return None  # it left, or its first answer is too short for nfcpy (an ATS without TB)

    def _apdu(self, command: bytes) -> bytes:
        if self._tag is None:
            target = self._sense()
            tag = nfc.tag.activate(self._clf, target) if target is not None else None
            if not isinstance(tag, nfc.tag.tt4.Type4Tag):
                raise DeviceRefused(self._device, Code.CARD_LOST, "no ISO-DEP card is near")
            self._tag = tag
        try:
            answer = self._tag.transceive(command)
        except (nfc.clf.CommunicationError, nfc.tag.TagCommandError) as cause:
            self._tag = None
            raise DeviceRefused(self._device, Code.CARD_LOST, "the card left") from cause
        return bytes(answer or b"")


def _card(target: Any) -> NearCard:
    if target.brty.endswith("B"):
        # the PUPI may be made afresh at each activation (ISO/IEC 14443-3, 7.9.2), and is on passports
        return NearCard(_hex(target.sensb_res[1:5]), CardKind.TYPE_4B, random=True)
    if target.rid_res:
        return NearCard(_hex(target.rid_res[2:6]), CardKind.OTHER, random=False)
    return _type_a(bytes(target.sdd_res), target.sel_res[0])


def _type_a(uid: bytes, sak: int) -> NearCard:
    random = len(uid) == 4 and uid[0] == _RANDOM
    if sak & _ISO_DEP:
        kind = CardKind.TYPE_4A
    elif sak & _CLASSIC:
        kind = CardKind.CLASSIC
    elif sak == 0:
        kind = CardKind.TYPE_2
    else:
        kind = CardKind.OTHER
    return NearCard(_hex(uid), kind, random)


def _hex(uid: bytes) -> Secret:
    return Secret(bytes(uid).hex().upper())


def _said(octets: bytes) -> tuple[Secret, ...]:
    """Texts and links of an NDEF message; what is not NDEF says nothing."""
    found: list[Secret] = []
    try:
        for record in ndef.message_decoder(octets, errors="relax"):
            if isinstance(record, ndef.TextRecord):
                found.append(Secret(record.text))
            elif isinstance(record, ndef.UriRecord):
                found.append(Secret(record.iri))
    except (ndef.DecodeError, ValueError):
        pass
    return tuple(found)
