"""The QObject over one Screen: typed properties for QML, a thin skin without a decision of its own.

`ScreenView.show` takes a frozen Screen and changes only what differs.
"""

# ruff: noqa: N802, N815 - names that QML reads

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from config.texts import Catalogue, sentence
from drivers.service.view import (
    Action,
    BeltBody,
    ChoiceBody,
    ClosedBody,
    CountdownBody,
    DarkBody,
    EndBody,
    EntryBody,
    MessageBody,
    RowsBody,
    Screen,
    StartBody,
    Weight,
    actions_of,
)
from ui.keys import NAMES
from ui.viewmodels.belt import BeltView
from ui.viewmodels.bodies import (
    ClosedView,
    CountdownView,
    EndView,
    EntryView,
    MessageView,
    RowsView,
    StartView,
)
from ui.viewmodels.keyed import KeyedModel
from ui.viewmodels.wording import ACTION_ROLES, RIGHT_TO_LEFT, Wording

QML_IMPORT_NAME = "Ims.Views"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlUncreatable("made by the window")
class ScreenView(QObject):  # type: ignore[operator]
    """The screen that stands now, and which of its controls the keys point at."""

    changed = Signal()
    replaced = Signal()
    """Another screen stands, not the same one changed."""
    focusChanged = Signal()
    pressed = Signal(str)
    touched = Signal()
    keyed = Signal(str)
    """A key, by its name in config.access."""

    def __init__(self, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._screen: Screen | None = None
        self._focused = ""
        self._sentence = ""
        self._words: dict[str, str] = {}
        self._actions = KeyedModel(ACTION_ROLES, self)
        self._tabs = KeyedModel(ACTION_ROLES, self)
        self._assist = KeyedModel(ACTION_ROLES, self)
        self._strip = KeyedModel(ACTION_ROLES, self)
        self._start = StartView(self)
        self._entry = EntryView(self)
        self._rows = RowsView(self)
        self._countdown = CountdownView(self)
        self._end = EndView(self)
        self._closed = ClosedView(self)
        self._message = MessageView(self)
        self._belt = BeltView(self)

    def show(self, screen: Screen) -> None:
        """Stand this screen; equal screens change nothing."""
        before, self._screen = self._screen, screen
        if screen == before:
            return
        wording = Wording(self._catalogue, screen.language)
        banner = screen.banner
        pieces = {
            "title": screen.title,
            "lead": screen.lead,
            "place": screen.place,
            "corner": screen.corner,
            "caption": screen.caption,
            "bannerName": banner.name if banner else None,
            "bannerWords": banner.words if banner else None,
        }
        dark = isinstance(screen.body, DarkBody)
        self._words = {name: "" if dark else wording.shown(words) for name, words in pieces.items()}
        self._actions.update([wording.action(action) for action in screen.actions])
        self._tabs.update([wording.action(action) for action in screen.tabs])
        self._assist.update([wording.action(action) for action in screen.assist])
        strip = screen.strip
        self._strip.update([wording.action(a) for a in strip.actions] if strip else [])
        self._sentence = sentence(wording.shown(words) for words in strip.words) if strip else ""
        body = screen.body
        self._start.show(body if isinstance(body, StartBody) else None, wording)
        self._entry.show(body if isinstance(body, EntryBody) else None, wording)
        self._rows.show(body if isinstance(body, RowsBody) else None, wording)
        self._countdown.show(body if isinstance(body, CountdownBody) else None, wording)
        self._end.show(body if isinstance(body, EndBody) else None, wording)
        self._closed.show(body if isinstance(body, ClosedBody) else None, wording)
        message = body if isinstance(body, MessageBody | ChoiceBody) else None
        self._message.show(message, wording)
        self._belt.show(body if isinstance(body, BeltBody) else None, wording)
        self.changed.emit()
        if before is None or before.name != screen.name:
            self.replaced.emit()
        if before is None or before.focused != screen.focused or self._focused != screen.focused:
            self._focus(screen.focused)

    def screen(self) -> Screen | None:
        """What stands now."""
        return self._screen

    def _focus(self, action_id: str) -> None:
        if action_id != self._focused:
            self._focused = action_id
            self.focusChanged.emit()

    @Slot(str)
    def press(self, action_id: str) -> None:
        """A control was pressed and released on itself."""
        if self._screen and any(action.id == action_id for action in actions_of(self._screen)):
            self.pressed.emit(action_id)

    @Slot()
    def touch(self) -> None:
        """Somebody is here. A finger also takes the focus ring away."""
        self.touched.emit()

    @Slot(int, bool, result=bool)
    def key(self, key: int, again: bool) -> bool:
        """A key went down; one that is held is pressed once. False for a key that has no name."""
        name = NAMES.get(key, "")
        if name and not again:
            self.keyed.emit(name)
        return bool(name)

    @Slot(str)
    def pointAt(self, action_id: str) -> None:
        """The keys point at this control; the empty id takes the ring away."""
        self._focus(action_id)

    def action(self, action_id: str) -> Action | None:
        """The action of that id on this screen."""
        actions = actions_of(self._screen) if self._screen else ()
        return next((action for action in actions if action.id == action_id), None)

    @Property(str, notify=focusChanged)
    def focused(self) -> str:
        return self._focused

    @Property(int, notify=focusChanged)
    def focusedRow(self) -> int:
        """The place of the row that the keys are in; -1 for none."""
        body = self._screen.body if self._screen else None
        for place, row in enumerate(body.rows if isinstance(body, RowsBody) else ()):
            if self._focused in {f"row.{row.id}", *(action.id for action in row.actions)}:
                return place
        return -1

    @Property(bool, notify=changed)
    def stripped(self) -> bool:
        """The strip of reading aloud stands."""
        return self._screen is not None and self._screen.strip is not None

    @Property(bool, notify=changed)
    def speaking(self) -> bool:
        strip = self._screen.strip if self._screen else None
        return strip is not None and strip.speaking

    @Property(str, notify=changed)
    def sentence(self) -> str:
        return self._sentence

    @Property(str, notify=changed)
    def name(self) -> str:
        return self._screen.name if self._screen else ""

    @Property(str, notify=changed)
    def kind(self) -> str:
        return self._screen.body.kind if self._screen else ""

    @Property(str, notify=changed)
    def ground(self) -> str:
        return self._screen.ground.value if self._screen else "page"

    @Property(str, notify=changed)
    def title(self) -> str:
        return self._words.get("title", "")

    @Property(str, notify=changed)
    def lead(self) -> str:
        return self._words.get("lead", "")

    @Property(str, notify=changed)
    def place(self) -> str:
        return self._words.get("place", "")

    @Property(str, notify=changed)
    def corner(self) -> str:
        return self._words.get("corner", "")

    @Property(str, notify=changed)
    def caption(self) -> str:
        return self._words.get("caption", "")

    @Property(str, notify=changed)
    def bannerName(self) -> str:
        return self._words.get("bannerName", "")

    @Property(str, notify=changed)
    def bannerWords(self) -> str:
        return self._words.get("bannerWords", "")

    @Property(bool, notify=changed)
    def staff(self) -> bool:
        return self._screen is not None and self._screen.staff

    @Property(bool, notify=changed)
    def rightToLeft(self) -> bool:
        return self._screen is not None and self._screen.language in RIGHT_TO_LEFT

    @Property(bool, notify=changed)
    def highContrast(self) -> bool:
        return self._screen is not None and self._screen.theme == "high_contrast"

    @Property(bool, notify=changed)
    def largeText(self) -> bool:
        return self._screen is not None and self._screen.large_text

    @Property(bool, notify=changed)
    def reducedMotion(self) -> bool:
        return self._screen is not None and (
            self._screen.reduced_motion or self._screen.theme == "high_contrast"
        )

    @Property(QObject, constant=True)
    def actions(self) -> QObject:
        return self._actions

    @Property(QObject, constant=True)
    def tabs(self) -> QObject:
        return self._tabs

    @Property(QObject, constant=True)
    def stripActions(self) -> QObject:
        return self._strip

    @Property(QObject, constant=True)
    def assist(self) -> QObject:
        return self._assist

    @Property(StartView, constant=True)
    def start(self) -> StartView:
        return self._start

    @Property(EntryView, constant=True)
    def entry(self) -> EntryView:
        return self._entry

    @Property(RowsView, constant=True)
    def rows(self) -> RowsView:
        return self._rows

    @Property(CountdownView, constant=True)
    def countdown(self) -> CountdownView:
        return self._countdown

    @Property(EndView, constant=True)
    def end(self) -> EndView:
        return self._end

    @Property(ClosedView, constant=True)
    def closed(self) -> ClosedView:
        return self._closed

    @Property(MessageView, constant=True)
    def message(self) -> MessageView:
        return self._message

    @Property(BeltView, constant=True)
    def belt(self) -> BeltView:
        return self._belt


def key_click(action: Action | None) -> bool:
    """Whether pressing this sounds like a key."""
    return action is not None and action.weight is Weight.KEY
