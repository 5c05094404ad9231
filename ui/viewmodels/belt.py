"""A sorting plant as the panel's window reads it: the belt, its items and bins, and what a person must look at."""

# ruff: noqa: N802 - names that QML reads

from PySide6.QtCore import Property, QElapsedTimer, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from config.texts import Text, sentence, text
from drivers.service.view import BeltBody, BeltItem, BinView, Mark, Row
from ui.viewmodels.keyed import KeyedModel, KeyedRows
from ui.viewmodels.wording import ACTION_ROLES, FACT_ROLES, PLANT_ROW_ROLES, Fields, Wording

QML_IMPORT_NAME = "Ims.Views"
QML_IMPORT_MAJOR_VERSION = 1

ITEM_ROLES = ("itemId", "front", "long", "mark", "bin")
BIN_ROLES = (
    "binId",
    "number",
    "called",
    "countWords",
    "stateWord",
    "mark",
    "side",
    "divert",
    "level",
    "levelWords",
    "crate",
    "spoken",
)
LEAST_STEP_MS, MOST_STEP_MS = 50, 400
"""What an item takes from where one snapshot saw it to where the next does: as long as the snapshots are apart."""
CAPTIONS = (
    "legend.unread",
    "legend.asked",
    "legend.decided",
    "legend.staff",
    "induct",
    "reader",
    "decision",
    "exceptions.none",
    "alarms.none",
    "control",
    "e_stop",
)
SIGNS = {
    "away": (0,),
    "play": (3, 6, 12, 14),
    "pause": (10, 11),
    "stop": (1, 2, 7, 15, 17),
    "wait": (4, 5, 13, 16),
    "fault": (8, 9),
}
"""What is drawn beside the state's word, by PackML's numbers (facts of Beckhoff Tc3_PackML)."""


@QmlElement
@QmlUncreatable("made by ScreenView")
class BeltView(QObject):  # type: ignore[operator]
    """The plant. Items and bins keep their delegates while they stay, so an item moves and is not drawn anew."""

    changed = Signal()
    worded = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._body: BeltBody | None = None
        self._language = ""
        self._wording: Wording | None = None
        self._words: dict[str, str] = {}
        self._step = LEAST_STEP_MS
        self._since = QElapsedTimer()
        self._items = KeyedModel(ITEM_ROLES, self)
        self._bins = KeyedModel(BIN_ROLES, self)
        self._facts = KeyedModel(FACT_ROLES, self)
        self._alarms = KeyedRows(PLANT_ROW_ROLES, self)
        self._exceptions = KeyedRows(PLANT_ROW_ROLES, self)

    def show(self, body: BeltBody | None, wording: Wording) -> None:
        if body is not None:
            self._measure(body)
        self._body, self._wording = body, wording
        self._words = self._said(body, wording) if body else {}
        self._items.update([_item(item) for item in body.items] if body else [])
        self._bins.update([_bin(bin, wording) for bin in body.bins] if body else [])
        self._facts.update([wording.fact(fact) for fact in body.facts] if body else [])
        self._alarms.update(
            _to_do(body) if body else (),
            wording.matter,
            wording.action,
            ACTION_ROLES,
        )
        self._exceptions.update(
            body.exceptions if body else (), wording.matter, wording.action, ACTION_ROLES
        )
        self.changed.emit()
        language = wording.language if body else ""
        if language != self._language:
            self._language = language
            self.worded.emit()

    def _measure(self, body: BeltBody) -> None:
        """How long items take to where they are now."""
        if self._body is not None and body.items == self._body.items:
            return
        if self._since.isValid():
            self._step = max(LEAST_STEP_MS, min(MOST_STEP_MS, self._since.elapsed()))
        self._since.start()

    def _said(self, body: BeltBody, wording: Wording) -> dict[str, str]:
        inlet = [wording.shown(body.inlet), *map(wording.shown, body.stops)]
        moves = [wording.shown(text("panel.speed", v=_metres_a_second(body, wording.language)))]
        packml = [wording.shown(text("panel.packml", n=body.state_number))]
        plan = [wording.shown(body.plan)] if body.plan is not None else []
        count, listed = len(_to_do(body)), len(body.exceptions)
        return {
            **{name: wording.shown(text(f"panel.{name}")) for name in CAPTIONS},
            "state": wording.shown(body.state),
            "inlet": sentence(inlet),
            "why": sentence(
                [wording.shown(one) for one in (body.why, body.ends) if one is not None]
            ),
            "pace": "  ".join((*(moves if body.speed_mm_s else ()), *packml, *plan))
            if body.state_number
            else "",
            "notice": wording.shown(body.notice),
            "alarms": wording.shown(text("panel.alarms", n=count)),
            "exceptions": wording.shown(
                text("panel.exceptions.more", n=listed + body.left_out, more=body.left_out)
                if body.left_out
                else text("panel.exceptions")
            ),
        }

    @Property(str, notify=changed)
    def sign(self) -> str:
        number = self._body.state_number if self._body else 0
        return next((sign for sign, numbers in SIGNS.items() if number in numbers), "away")

    @Property(int, notify=changed)
    def lengthMm(self) -> int:
        return max(1, self._body.length_mm) if self._body else 1

    @Property(int, notify=changed)
    def readerFrom(self) -> int:
        return self._body.reader_mm[0] if self._body else 0

    @Property(int, notify=changed)
    def readerTo(self) -> int:
        return self._body.reader_mm[1] if self._body else 0

    @Property(int, notify=changed)
    def decisionMm(self) -> int:
        return self._body.decision_mm if self._body else 0

    @Property(int, notify=changed)
    def stepMs(self) -> int:
        return self._step

    @Property(int, notify=changed)
    def alarmCount(self) -> int:
        return self._alarms.model.rowCount()

    @Slot(str, result=str)
    def caption(self, name: str) -> str:
        """What stands on the drawing and over the lists."""
        return self._words.get(name, "")

    @Property(str, notify=worded)
    def language(self) -> str:
        """What the slots say is asked for anew when it changes."""
        return self._language

    @Property(str, notify=changed)
    def state(self) -> str:
        return self._words.get("state", "")

    @Property(str, notify=changed)
    def why(self) -> str:
        """Why the belt stands, and what ends that; empty where it runs as it should."""
        return self._words.get("why", "")

    @Property(str, notify=changed)
    def inlet(self) -> str:
        return self._words.get("inlet", "")

    @Property(str, notify=changed)
    def pace(self) -> str:
        return self._words.get("pace", "")

    @Property(str, notify=changed)
    def notice(self) -> str:
        return self._words.get("notice", "")

    @Property(str, notify=changed)
    def alarmWords(self) -> str:
        return self._words.get("alarms", "")

    @Property(str, notify=changed)
    def exceptionWords(self) -> str:
        return self._words.get("exceptions", "")

    @Slot(int, result=str)
    def metres(self, n: int) -> str:
        """A number on the scale."""
        return self._say(text("panel.metres", n=n))

    @Slot(int, int, int, result=str)
    def pageLabel(self, first: int, last: int, count: int) -> str:
        """Which rows of how many stand on this page."""
        if first == last:
            return self._say(text("panel.page_one", nth=first, all=count))
        return self._say(text("panel.page", first=first, last=last, all=count))

    @Slot(bool, result=str)
    def turnLabel(self, more: bool) -> str:
        """The page button: to the next rows, or from the last page back to the first."""
        return self._say(text("panel.next" if more else "panel.first"))

    @Property(QObject, constant=True)
    def items(self) -> QObject:
        return self._items

    @Property(QObject, constant=True)
    def bins(self) -> QObject:
        return self._bins

    @Property(QObject, constant=True)
    def facts(self) -> QObject:
        return self._facts

    @Property(QObject, constant=True)
    def alarms(self) -> QObject:
        return self._alarms.model

    @Property(QObject, constant=True)
    def exceptions(self) -> QObject:
        return self._exceptions.model

    def _say(self, words: Text) -> str:
        return self._wording.shown(words) if self._wording else ""


def _metres_a_second(body: BeltBody, language: str) -> str:
    said = f"{body.speed_mm_s / 1000:.1f}"
    return said if language in {"en", "ar"} else said.replace(".", ",")


def _item(item: BeltItem) -> Fields:
    return {
        "itemId": item.id,
        "front": item.front_mm,
        "long": item.length_mm,
        "mark": item.mark.value,
        "bin": str(item.bin) if item.bin else "",
    }


def _bin(bin: BinView, wording: Wording) -> Fields:
    level = "" if bin.level is None else wording.shown(text("panel.per_cent", n=bin.level))
    name = wording.spoken(bin.name)
    pieces = (text("panel.bin.said", n=bin.number, name=name), bin.state, bin.count_words)
    return {
        "binId": bin.id,
        "number": str(bin.number),
        "called": wording.shown(bin.name),
        "countWords": wording.shown(bin.count_words),
        "stateWord": wording.shown(bin.state),
        "mark": bin.mark.value,
        "side": bin.side,
        "divert": bin.divert_mm,
        "level": -1 if bin.level is None else bin.level,
        "levelWords": level,
        "crate": wording.shown(bin.crate),
        "spoken": sentence(
            (
                *(wording.spoken(piece) for piece in pieces),
                *((level,) if level else ()),
                *((wording.spoken(bin.crate),) if bin.crate is not None else ()),
            )
        ),
    }


def _to_do(body: BeltBody) -> list[Row]:
    """Alarms, and bins that wait for somebody: what cannot wait first."""
    rows = (*_waiting(body.bins), *body.alarms)
    return sorted(rows, key=lambda row: row.mark is not Mark.NOW)


def _waiting(bins: tuple[BinView, ...]) -> tuple[Row, ...]:
    """Bins at which something is to be done, as rows: their boxes have no room for a button."""
    return tuple(
        Row(
            id=f"bin.{bin.id}",
            mark=bin.mark,
            title=bin.name,
            state=bin.state,
            actions=bin.actions,
            kind="matter",
        )
        for bin in bins
        if bin.actions or bin.mark is Mark.LATER
    )
