"""One QObject a kind of body: typed properties over frozen values, no decision of their own.

`show(None, …)` empties a view: a body that is not on the screen holds nothing, so that no words of a visit
outlive it.
"""

# ruff: noqa: N802 - names that QML reads

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from config.texts import Text, text
from drivers.service.view import (
    ChoiceBody,
    ClosedBody,
    CountdownBody,
    EndBody,
    EntryBody,
    MessageBody,
    RowsBody,
    StartBody,
)
from ui.viewmodels.keyed import KeyedModel, KeyedRows
from ui.viewmodels.qr import NOTHING, cells
from ui.viewmodels.wording import (
    ACTION_ROLES,
    FACT_ROLES,
    LINE_ROLES,
    PART_ROLES,
    PLACE_ROLES,
    ROW_ROLES,
    SEGMENT_ROLES,
    Wording,
)

QML_IMPORT_NAME = "Ims.Views"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlUncreatable("made by ScreenView")
class StartView(QObject):  # type: ignore[operator]
    """Attract: parts of the machine, choices, languages."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._label = ""
        self._drawing = "pad"
        self._reads = True
        self._parts = KeyedModel(PART_ROLES, self)
        self._choices = KeyedModel(ACTION_ROLES, self)
        self._languages = KeyedModel(ACTION_ROLES, self)

    def show(self, body: StartBody | None, wording: Wording) -> None:
        self._label = wording.shown(body.languages_label) if body else ""
        self._drawing = body.drawing if body else "pad"
        self._reads = body.reads if body else True
        self._parts.update([wording.part(part) for part in body.parts] if body else [])
        self._choices.update([wording.action(a) for a in body.choices] if body else [])
        self._languages.update([wording.action(a) for a in body.languages] if body else [])
        self.changed.emit()

    @Property(str, notify=changed)
    def languagesLabel(self) -> str:
        return self._label

    @Property(str, notify=changed)
    def drawing(self) -> str:
        return self._drawing

    @Property(bool, notify=changed)
    def reads(self) -> bool:
        return self._reads

    @Property(QObject, constant=True)
    def parts(self) -> QObject:
        return self._parts

    @Property(QObject, constant=True)
    def choices(self) -> QObject:
        return self._choices

    @Property(QObject, constant=True)
    def languages(self) -> QObject:
        return self._languages


@QmlElement
@QmlUncreatable("made by ScreenView")
class EntryView(QObject):  # type: ignore[operator]
    """A masked entry and its keypad."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._body: EntryBody | None = None
        self._words: dict[str, str] = {}
        self._keys = KeyedModel(ACTION_ROLES, self)

    def show(self, body: EntryBody | None, wording: Wording) -> None:
        self._body = body
        pieces: dict[str, Text | None] = {}
        if body:
            pieces = {
                "hint": body.waiting or body.hint,
                "confirmed": body.confirmed,
                "notice": body.notice,
                "footnote": body.footnote,
            }
        self._words = {name: wording.shown(words) for name, words in pieces.items()}
        self._keys.update([wording.action(key) for key in body.keys] if body else [])
        self.changed.emit()

    @Property(int, notify=changed)
    def length(self) -> int:
        return self._body.length if self._body else 0

    @Property(int, notify=changed)
    def filled(self) -> int:
        return self._body.filled if self._body else 0

    @Property(bool, notify=changed)
    def masked(self) -> bool:
        return self._body.masked if self._body else True

    @Property(bool, notify=changed)
    def waiting(self) -> bool:
        return self._body is not None and self._body.waiting is not None

    @Property(str, notify=changed)
    def shown(self) -> str:
        return self._body.shown if self._body and not self._body.masked else ""

    @Property(str, notify=changed)
    def hint(self) -> str:
        return self._words.get("hint", "")

    @Property(str, notify=changed)
    def confirmed(self) -> str:
        return self._words.get("confirmed", "")

    @Property(str, notify=changed)
    def notice(self) -> str:
        return self._words.get("notice", "")

    @Property(str, notify=changed)
    def footnote(self) -> str:
        return self._words.get("footnote", "")

    @Property(QObject, constant=True)
    def keys(self) -> QObject:
        return self._keys


@QmlElement
@QmlUncreatable("made by ScreenView")
class RowsView(QObject):  # type: ignore[operator]
    """Items as rows and the progress over them. Rows keep their delegates while their ids stay."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._wording: Wording | None = None
        self._serial = 0
        self._count = 0
        self._guide = ""
        self._empty = ""
        self._drawing = "none"
        self._paged = "label"
        self._code = NOTHING
        self._code_words = ""
        self._code_spoken = ""
        self._rows = KeyedRows(ROW_ROLES, self)
        self._segments = KeyedModel(SEGMENT_ROLES, self)
        self._places = KeyedModel(PLACE_ROLES, self)
        self._tabs = KeyedModel(ACTION_ROLES, self)

    def show(self, body: RowsBody | None, wording: Wording) -> None:
        rows = body.rows if body else ()
        self._wording = wording
        self._serial += 1
        self._count = len(rows)
        self._guide = wording.shown(body.guide) if body else ""
        self._empty = wording.shown(body.empty) if body else ""
        self._drawing = body.drawing if body else "none"
        self._paged = "matters" if any(row.kind == "matter" for row in rows) else "label"
        link = body.link if body else None
        self._code = cells(link.address) if link else NOTHING
        self._code_words = wording.shown(link.words) if link else ""
        self._code_spoken = wording.spoken(link.words) if link else ""
        self._rows.update(rows, wording.row, wording.action, ACTION_ROLES)
        progress = body.progress if body else ()
        self._segments.update([{"place": n, "mark": s.mark} for n, s in enumerate(progress)])
        self._places.update(wording.places(body.places) if body else [])
        self._tabs.update([wording.action(tab) for tab in body.tabs] if body else [])
        self.changed.emit()

    @Property(int, notify=changed)
    def serial(self) -> int:
        """Counts what was shown: what the slots say is asked for anew with each."""
        return self._serial

    @Property(int, notify=changed)
    def count(self) -> int:
        return self._count

    @Property(str, notify=changed)
    def guide(self) -> str:
        return self._guide

    @Property(str, notify=changed)
    def empty(self) -> str:
        return self._empty

    @Property(str, notify=changed)
    def drawing(self) -> str:
        return self._drawing

    @Property(QObject, constant=True)
    def rows(self) -> QObject:
        return self._rows.model

    @Property(int, notify=changed)
    def codeCells(self) -> int:
        return self._code.size

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]
    def codeRuns(self) -> list[list[int]]:
        return [list(run) for run in self._code.runs]

    @Property(str, notify=changed)
    def codeWords(self) -> str:
        return self._code_words

    @Property(str, notify=changed)
    def codeSpoken(self) -> str:
        return self._code_spoken

    @Property(QObject, constant=True)
    def segments(self) -> QObject:
        return self._segments

    @Property(QObject, constant=True)
    def places(self) -> QObject:
        return self._places

    @Property(QObject, constant=True)
    def tabs(self) -> QObject:
        return self._tabs

    @Slot(int, int, result=str)
    def pageLabel(self, first: int, last: int) -> str:
        """Which rows of how many stand on this page."""
        if first == last:
            return self._say(text(f"paging.{self._paged}_one", nth=first, all=self._count))
        return self._say(text(f"paging.{self._paged}", first=first, last=last, all=self._count))

    @Slot(bool, result=str)
    def turnLabel(self, more: bool) -> str:
        """The page button: to the next rows, or from the last page back to the first."""
        return self._say(Text("paging.next" if more else "paging.first"))

    @Slot(str, str, result=str)
    def elsewhere(self, title: str, state: str) -> str:
        """A refused row that stands on another page, named beside the guide line."""
        return self._say(Text("paging.refused_elsewhere", (("state", state), ("title", title))))

    def _say(self, words: Text) -> str:
        return self._wording.shown(words) if self._wording else ""


@QmlElement
@QmlUncreatable("made by ScreenView")
class CountdownView(QObject):  # type: ignore[operator]
    """The idle warning."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._left = 0
        self._of = 1
        self._footnote = ""

    def show(self, body: CountdownBody | None, wording: Wording) -> None:
        self._left, self._of = (body.left, body.of) if body else (0, 1)
        self._footnote = wording.shown(body.footnote) if body else ""
        self.changed.emit()

    @Property(int, notify=changed)
    def left(self) -> int:
        return self._left

    @Property(int, notify=changed)
    def of(self) -> int:
        return self._of

    @Property(str, notify=changed)
    def footnote(self) -> str:
        return self._footnote


@QmlElement
@QmlUncreatable("made by ScreenView")
class EndView(QObject):  # type: ignore[operator]
    """Remember your things."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._spines = 0
        self._letter = ""
        self._receipt = ""
        self._footnote = ""
        self._facts = KeyedModel(FACT_ROLES, self)

    def show(self, body: EndBody | None, wording: Wording) -> None:
        self._spines = body.spines if body else 0
        receipt = body.receipt if body else None
        self._letter = receipt.letter if receipt else ""
        self._receipt = wording.shown(receipt.label) if receipt else ""
        self._footnote = wording.shown(body.footnote) if body else ""
        self._facts.update([wording.fact(fact) for fact in body.facts] if body else [])
        self.changed.emit()

    @Property(int, notify=changed)
    def spines(self) -> int:
        return self._spines

    @Property(str, notify=changed)
    def receiptLetter(self) -> str:
        return self._letter

    @Property(str, notify=changed)
    def receipt(self) -> str:
        return self._receipt

    @Property(str, notify=changed)
    def footnote(self) -> str:
        return self._footnote

    @Property(QObject, constant=True)
    def facts(self) -> QObject:
        return self._facts


@QmlElement
@QmlUncreatable("made by ScreenView")
class ClosedView(QObject):  # type: ignore[operator]
    """Out of order."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._direction = "none"
        self._words: dict[str, str] = {}
        self._sentences = KeyedModel(LINE_ROLES, self)
        self._way_in = KeyedModel(ACTION_ROLES, self)

    def show(self, body: ClosedBody | None, wording: Wording) -> None:
        self._direction = body.direction if body else "none"
        pieces: dict[str, Text | None] = {}
        if body:
            pieces = {
                "nearestLabel": body.nearest_label,
                "nearest": body.nearest,
                "distance": body.distance,
                "landmark": body.landmark,
                "since": body.since,
                "code": body.code,
            }
        self._words = {name: wording.shown(words) for name, words in pieces.items()}
        self._sentences.update(wording.sentences(body.sentences) if body else [])
        way_in = body.way_in if body else None
        self._way_in.update([wording.action(way_in)] if way_in else [])
        self.changed.emit()

    @Property(str, notify=changed)
    def direction(self) -> str:
        return self._direction

    @Property(str, notify=changed)
    def nearestLabel(self) -> str:
        return self._words.get("nearestLabel", "")

    @Property(str, notify=changed)
    def nearest(self) -> str:
        return self._words.get("nearest", "")

    @Property(str, notify=changed)
    def distance(self) -> str:
        return self._words.get("distance", "")

    @Property(str, notify=changed)
    def landmark(self) -> str:
        return self._words.get("landmark", "")

    @Property(str, notify=changed)
    def since(self) -> str:
        return self._words.get("since", "")

    @Property(str, notify=changed)
    def code(self) -> str:
        return self._words.get("code", "")

    @Property(QObject, constant=True)
    def sentences(self) -> QObject:
        return self._sentences

    @Property(QObject, constant=True)
    def wayIn(self) -> QObject:
        return self._way_in


@QmlElement
@QmlUncreatable("made by ScreenView")
class MessageView(QObject):  # type: ignore[operator]
    """A few sentences, or a set of equal choices."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._mark = "none"
        self._drawing = "none"
        self._wide = False
        self._lines = KeyedModel(LINE_ROLES, self)
        self._choices = KeyedModel(ACTION_ROLES, self)

    def show(self, body: MessageBody | ChoiceBody | None, wording: Wording) -> None:
        message = body if isinstance(body, MessageBody) else None
        choice = body if isinstance(body, ChoiceBody) else None
        self._mark = message.mark.value if message else "none"
        self._drawing = message.drawing if message else "none"
        self._wide = choice.wide if choice else False
        self._lines.update(wording.lines(message.lines) if message else [])
        self._choices.update([wording.action(a) for a in choice.choices] if choice else [])
        self.changed.emit()

    @Property(bool, notify=changed)
    def wide(self) -> bool:
        return self._wide

    @Property(str, notify=changed)
    def mark(self) -> str:
        return self._mark

    @Property(str, notify=changed)
    def drawing(self) -> str:
        return self._drawing

    @Property(QObject, constant=True)
    def lines(self) -> QObject:
        return self._lines

    @Property(QObject, constant=True)
    def choices(self) -> QObject:
        return self._choices
