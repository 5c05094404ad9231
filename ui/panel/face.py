"""What the panel knows and what it does with a press or a key: pure. The line's picture is the line's; the rest is here.

A press of what the line offers goes to the line. How the panel looks, and that the line is not there, is the panel's own.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from config.texts import LANGUAGES, Text, text
from drivers.errors import UNSAVED, Code
from drivers.service.view import BeltBody, Screen, actions_of
from ui.panel.past import Past
from ui.panel.story import Story

OLD_S = 1.0
"""A picture that is older says so and stands still."""
MOST_TYPED = 14
"""Longer than any label of ours."""


class Contact(StrEnum):
    """How the panel and the line stand."""

    LOOKING = "looking"
    """Not heard of yet."""
    HEARD = "heard"
    GONE = "gone"
    """Nobody opens."""
    FULL = "full"
    """Too many are inside, or the line runs as another user."""
    STRANGE = "strange"
    """What it says is not understood."""


class Page(StrEnum):
    """What stands on the window."""

    BELT = "belt"
    FIND = "find"
    STORY = "story"
    LANGUAGE = "language"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to the line."""

    name: str
    args: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """All of it. `line` is the line's picture as it came last."""

    language: str
    contact: Contact = Contact.LOOKING
    line: Screen | None = None
    age_s: float = 0.0
    """How long ago the line was heard last."""
    heard_at: datetime | None = None
    page: Page = Page.BELT
    typed: str = ""
    notice: Text | None = None
    """What became of the last request, where it was not done."""
    asked: str = ""
    """The item whose story the line was asked for."""
    story: Story | None = None
    past: tuple[Past, ...] | None = None
    """What the belt went through, once the line has told it."""
    high_contrast: bool = False
    large_text: bool = False
    focused: str = ""
    roomy: bool = True
    """The screen is large enough for large text."""
    minute: datetime | None = None
    """What the clock in the corner shows."""

    @property
    def old(self) -> bool:
        """The picture cannot be believed any more."""
        return self.age_s > OLD_S

    @property
    def body(self) -> BeltBody | None:
        """The line's plant, where there is one to show."""
        if self.contact is not Contact.HEARD or self.line is None:
            return None
        return self.line.body if isinstance(self.line.body, BeltBody) else None


# --- what is heard ----------------------------------------------------------------------------------


def heard(panel: Panel, line: Screen | None, now: datetime) -> Panel:
    """The line is there: with a new picture, or with none because nothing has changed."""
    found = panel.line if line is None else line
    contact = Contact.HEARD if found is not None else panel.contact
    return replace(panel, contact=contact, line=found, age_s=0.0, heard_at=now)


def aged(panel: Panel, age_s: float) -> Panel:
    """Time has gone by since the line was heard. In whole seconds once it is told in words."""
    shown = age_s if age_s <= OLD_S else float(max(2, int(age_s)))
    return panel if shown <= OLD_S and not panel.old else replace(panel, age_s=shown)


def ticked(panel: Panel, now: datetime) -> Panel:
    """The clock goes on; the same panel within one minute."""
    minute = now.replace(second=0, microsecond=0)
    return panel if minute == panel.minute else replace(panel, minute=minute)


def lost(panel: Panel, why: Contact) -> Panel:
    """The line is not there, or not understood: its picture is worth nothing. What was typed stays."""
    page = Page.BELT if panel.page in {Page.STORY, Page.HISTORY} else panel.page
    return replace(panel, contact=why, line=None, age_s=0.0, notice=None, page=page, story=None)


def refused(panel: Panel, name: str, error: str, *, silent: bool) -> tuple[Panel, tuple[Ask, ...]]:
    """A request was not done, or nobody knows. What is no item's number may be a label."""
    code, panel = panel.asked, replace(panel, asked="")
    if (name, panel.page) in {("item", Page.STORY), ("history", Page.HISTORY)}:
        panel = replace(panel, page=Page.BELT)
    if name == "item" and code and error == Code.STATION_REQUEST.value:
        return panel, (Ask("scan", (("label", code),)),)
    if error in UNSAVED:
        return replace(panel, notice=text("sorter.no.unsaved")), ()
    return replace(panel, notice=text("panel.unanswered" if silent else "panel.refused")), ()


def told(panel: Panel, story: Story) -> Panel:
    """The line has told of the item that was asked for; a story of another comes too late."""
    if panel.page is not Page.STORY or story.item != panel.asked:
        return panel
    return replace(panel, story=story)


def recalled(panel: Panel, past: tuple[Past, ...]) -> Panel:
    """The line has told what the belt went through."""
    return replace(panel, past=past) if panel.page is Page.HISTORY else panel


# --- what a person does -----------------------------------------------------------------------------


def press(panel: Panel, action: str) -> tuple[Panel, tuple[Ask, ...]]:
    """A control was pressed."""
    panel = replace(panel, focused="", notice=None)
    verb, _, rest = action.partition(".")
    match verb, rest:
        case "panel", "contrast":
            return replace(panel, high_contrast=not panel.high_contrast), ()
        case "panel", "larger":
            return replace(panel, large_text=not panel.large_text), ()
        case "panel", "language" | "find":
            page = Page(rest)
            return replace(panel, page=Page.BELT if panel.page is page else page), ()
        case "panel", "back":
            return replace(panel, page=Page.BELT, typed="", asked="", story=None, past=None), ()
        case "panel", "history" if panel.body is not None and not panel.old:
            asked = replace(panel, page=Page.HISTORY, typed="", past=None)
            return asked, (Ask("history", ()),)
        case "panel", "send":
            return _sent(panel)
        case "language", language if language in LANGUAGES:
            return replace(panel, language=language, page=Page.BELT), ()
        case "key", "erase":
            return replace(panel, typed=panel.typed[:-1]), ()
        case "key", digit if len(digit) == 1:
            return _typed(panel, digit), ()
        case _:
            return panel, _of_line(panel, action)


def _of_line(panel: Panel, action: str) -> tuple[Ask, ...]:
    """A press that the line must hear: it stands on its picture, may be done, and the picture is true."""
    if panel.old or panel.body is None or panel.line is None:
        return ()
    offered = {one.id for one in actions_of(panel.line) if one.reason is None}
    return (Ask("press", (("action", action),)),) if action in offered else ()


def key(panel: Panel, name: str, focus: tuple[str, ...]) -> tuple[Panel, tuple[Ask, ...]]:
    """A key went down, of a person or of a scanner that types. `focus` is the order of what can be pressed."""
    match name:
        case "ENTER" | "KPENTER" if panel.typed:
            return _sent(panel)
        case "ENTER" | "KPENTER" | "SPACE" | "SELECT":
            return press(panel, panel.focused) if panel.focused in focus else (panel, ())
        case "BACKSPACE":
            return replace(panel, typed=panel.typed[:-1]), ()
        case "ESC":
            return press(panel, "panel.back")
        case "TAB" | "DOWN" | "RIGHT" | "UP" | "LEFT" if focus:
            step = -1 if name in {"UP", "LEFT"} else 1
            here = focus.index(panel.focused) if panel.focused in focus else -1 if step > 0 else 0
            return replace(panel, focused=focus[(here + step) % len(focus)]), ()
        case "MINUS":
            return _typed(panel, "-"), ()
        case one if len(one) == 1 and one.isalnum() and one.isascii():
            return _typed(panel, one), ()
        case _:
            return panel, ()


def _typed(panel: Panel, character: str) -> Panel:
    return replace(panel, typed=(panel.typed + character)[:MOST_TYPED])


def _sent(panel: Panel) -> tuple[Panel, tuple[Ask, ...]]:
    """What was typed or scanned goes to the line, which knows its labels. Only an item's is a number alone."""
    panel, code = replace(panel, typed="", page=Page.BELT, notice=None), panel.typed
    if not code or panel.body is None:
        return panel, ()
    if panel.old:
        return replace(panel, notice=text("panel.old.reason")), ()
    if code.isdecimal():
        panel = replace(panel, page=Page.STORY, asked=code, story=None)
        return panel, (Ask("item", (("item", code),)),)
    return panel, (Ask("scan", (("label", code),)),)
