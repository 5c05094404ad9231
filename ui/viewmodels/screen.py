"""The QObject over one Screen: typed properties for QML, a thin skin without a decision of its own.

`ScreenView.show` takes a frozen Screen and changes only what differs.
"""

# ruff: noqa: N802, N815 - names that QML reads

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from config.texts import Catalogue
from drivers.service.view import (
    Action,
    ChoiceBody,
    ClosedBody,
    CountdownBody,
    EndBody,
    EntryBody,
    MessageBody,
    RowsBody,
    Screen,
    StartBody,
    Weight,
    actions_of,
)
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

NEXT_PAGE = "page.next"
"""The renderer's own action: it turns the page and is never sent."""


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

    def __init__(self, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._screen: Screen | None = None
        self._focused = ""
        self._by_keys = False
        self._words: dict[str, str] = {}
        self._actions = KeyedModel(ACTION_ROLES, self)
        self._tabs = KeyedModel(ACTION_ROLES, self)
        self._assist = KeyedModel(ACTION_ROLES, self)
        self._start = StartView(self)
        self._entry = EntryView(self)
        self._rows = RowsView(self)
        self._countdown = CountdownView(self)
        self._end = EndView(self)
        self._closed = ClosedView(self)
        self._message = MessageView(self)

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
        self._words = {name: wording.shown(words) for name, words in pieces.items()}
        self._actions.update([wording.action(action) for action in screen.actions])
        self._tabs.update([wording.action(action) for action in screen.tabs])
        self._assist.update([wording.action(action) for action in screen.assist])
        body = screen.body
        self._start.show(body if isinstance(body, StartBody) else None, wording)
        self._entry.show(body if isinstance(body, EntryBody) else None, wording)
        self._rows.show(body if isinstance(body, RowsBody) else None, wording)
        self._countdown.show(body if isinstance(body, CountdownBody) else None, wording)
        self._end.show(body if isinstance(body, EndBody) else None, wording)
        self._closed.show(body if isinstance(body, ClosedBody) else None, wording)
        message = body if isinstance(body, MessageBody | ChoiceBody) else None
        self._message.show(message, wording)
        self.changed.emit()
        if before is None or before.name != screen.name:
            self.replaced.emit()
        order = self._order()
        if self._focused not in order:
            self._focus(order[0] if self._by_keys and order else "")

    def screen(self) -> Screen | None:
        """What stands now."""
        return self._screen

    def _order(self) -> list[str]:
        """Screen.focus, with the page button after the last control of the rows."""
        if self._screen is None:
            return []
        order = list(self._screen.focus)
        if isinstance(self._screen.body, RowsBody):
            inside = {action.id for row in self._screen.body.rows for action in row.actions}
            tabs = {tab.id for tab in self._screen.body.tabs}
            over = inside or tabs
            last = max((n for n, name in enumerate(order) if name in over), default=-1)
            order.insert(last + 1, NEXT_PAGE)
        return order

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

    @Slot(str)
    def pointAt(self, action_id: str) -> None:
        """The keys point at this control; the empty id takes the ring away."""
        self._by_keys = bool(action_id)
        self._focus(action_id)

    def action(self, action_id: str) -> Action | None:
        """The action of that id on this screen."""
        actions = actions_of(self._screen) if self._screen else ()
        return next((action for action in actions if action.id == action_id), None)

    @Property("QStringList", notify=changed)  # type: ignore[arg-type]
    def focusOrder(self) -> list[str]:
        return self._order()

    @Property(str, notify=focusChanged)
    def focused(self) -> str:
        return self._focused

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


def key_click(action: Action | None) -> bool:
    """Whether pressing this sounds like a key."""
    return action is not None and action.weight is Weight.KEY
