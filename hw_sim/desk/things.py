"""What lies and stands on the desk, as QObjects for QML: books, cards, devices. Skins over `state`."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtQml import QmlElement, QmlUncreatable

from hw_sim.desk.state import BookState, DeviceState

QML_IMPORT_NAME = "HwSim.Desk"
QML_IMPORT_MAJOR_VERSION = 1

COVERS = ("#8FB8A3", "#E7C1AC", "#CFE0D4", "#F7BF42", "#1F4F3A", "#B3152B", "#DAD6C8")
"""For items whose scenario names no colour."""


@QmlElement
@QmlUncreatable("made by the desk")
class Book(QObject):  # type: ignore[operator]
    """One item: its cover, and where its parts are."""

    changed = Signal()

    def __init__(self, place: int, item: Mapping[str, Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.id = str(item["id"])
        self._place = place
        self.label = str(item["title"]) or self.id
        self._author = str(item["author"])
        self._cover = str(item["cover"]) or COVERS[place % len(COVERS)]
        self._seat = -1
        self.state = BookState(parts=tuple(range(1, item["parts"] + 1)))

    def show(self, state: BookState, seat: int) -> None:
        """`seat` is its place among the items on the pad, -1 when it is not there."""
        if (state, seat) != (self.state, self._seat):
            self.state, self._seat = state, seat
            self.changed.emit()

    def _get_id(self) -> str:
        return self.id

    def _get_place(self) -> int:
        return self._place

    def _get_title(self) -> str:
        return self.label

    def _get_author(self) -> str:
        return self._author

    def _get_cover(self) -> str:
        return self._cover

    def _get_seat(self) -> int:
        return self._seat

    def _get_parts(self) -> list[int]:
        return list(self.state.parts)

    def _get_laid(self) -> list[int]:
        return sorted(self.state.laid)

    def _get_library(self) -> str:
        return self.state.library

    def _get_tags(self) -> str:
        return self.state.tags

    def _get_agrees(self) -> bool:
        return self.state.agrees

    def _get_lent(self) -> bool:
        return bool(self.state.borrower)

    item = Property(str, _get_id, notify=changed)
    place = Property(int, _get_place, notify=changed)
    title = Property(str, _get_title, notify=changed)
    author = Property(str, _get_author, notify=changed)
    cover = Property(str, _get_cover, notify=changed)
    seat = Property(int, _get_seat, notify=changed)
    parts = Property(list, _get_parts, notify=changed)
    laid = Property(list, _get_laid, notify=changed)
    library = Property(str, _get_library, notify=changed)
    tags = Property(str, _get_tags, notify=changed)
    agrees = Property(bool, _get_agrees, notify=changed)
    lent = Property(bool, _get_lent, notify=changed)


@QmlElement
@QmlUncreatable("made by the desk")
class Card(QObject):  # type: ignore[operator]
    """One borrower's card; its PIN is printed on it, since nobody here is real."""

    changed = Signal()

    def __init__(
        self, patron: Mapping[str, Any], chip: str = "", parent: QObject | None = None
    ) -> None:
        """`chip` names the card with a chip that this borrower has as well, if any."""
        super().__init__(parent)
        self.number = str(patron["card"])
        self._chip = chip
        self.holder = str(patron["name"])
        self._pin = str(patron["pin"])
        self._note = ""

    def note(self, words: str) -> None:
        """What a newcomer should know of this borrower."""
        if words != self._note:
            self._note = words
            self.changed.emit()

    def _get_number(self) -> str:
        return self.number

    def _get_name(self) -> str:
        return self.holder

    def _get_pin(self) -> str:
        return self._pin

    def _get_note(self) -> str:
        return self._note

    def _get_chip(self) -> str:
        return self._chip

    card = Property(str, _get_number, notify=changed)
    chip = Property(str, _get_chip, notify=changed)
    name = Property(str, _get_name, notify=changed)
    pin = Property(str, _get_pin, notify=changed)
    noted = Property(str, _get_note, notify=changed)


@QmlElement
@QmlUncreatable("made by the desk")
class Machine(QObject):  # type: ignore[operator]
    """One device: its cable, its state in a word, the faults that stand on it and those there are."""

    changed = Signal()

    def __init__(self, role: str, row: Mapping[str, Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.role = role
        self._known: dict[str, list[str]] = row["faults"]
        self.state = DeviceState(plugged=row["plugged"])

    def show(self, state: DeviceState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()

    def _get_role(self) -> str:
        return self.role

    def _get_plugged(self) -> bool:
        return self.state.plugged

    def _get_word(self) -> str:
        return self.state.word

    def _get_verbs(self) -> list[str]:
        return list(self._known)

    def _get_takes(self) -> list[str]:
        return ["  ".join(f"{arg}=" for arg in args) for args in self._known.values()]

    name = Property(str, _get_role, notify=changed)
    plugged = Property(bool, _get_plugged, notify=changed)
    word = Property(str, _get_word, notify=changed)
    verbs = Property(list, _get_verbs, notify=changed)
    takes = Property(list, _get_takes, notify=changed)
