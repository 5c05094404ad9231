"""A screen as data: what it says, what can be pressed, what is read aloud, and in which order.

Window, terminal and speaker show the same Screen; tests read it; documents are made from it. Nothing here
knows pixels or Qt. `VERSION` rises when a field changes meaning; a reader refuses a version it does not know.

All that a person can do is an Action with an id; pressing one sends the request `press` with that id.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Discriminator, PlainSerializer, PlainValidator, TypeAdapter

from config.texts import Text

VERSION = 1

Words = Annotated[
    Text,
    PlainSerializer(lambda words: words.to_json()),
    PlainValidator(lambda data: data if isinstance(data, Text) else Text.from_json(data)),
]


class Ground(StrEnum):
    """The colour field. Green and ink are for moments without private content."""

    PAGE = "page"
    GREEN = "green"
    INK = "ink"


class TimeClass(StrEnum):
    """How long the screen may stand untouched; the station's configuration gives the seconds."""

    REST = "rest"
    """Nobody is here: the start screen, out of order."""
    WORK = "work"
    """A visit: the idle warning follows."""
    HELD = "held"
    """A visit whose exchange or tag write is open: no idle clock runs."""
    WARNING = "warning"
    """The idle warning itself: log-out follows."""
    CLOSING = "closing"
    """The end screen: goes by itself."""


class Mark(StrEnum):
    """State as a shape; the word stands beside it, the colour only repeats it."""

    DONE = "done"
    REFUSED = "refused"
    RUNNING = "running"
    PUT_BACK = "put_back"
    PART = "part"
    LATER = "later"
    SEEN = "seen"
    STAFF = "staff"
    HOLD = "hold"
    UNDONE = "undone"
    """Taken back at the person's own word: nothing failed, and nothing waits."""
    NOW = "now"
    """A case that cannot wait; TODAY and SOON are the two after it."""
    TODAY = "today"
    SOON = "soon"
    NONE = "none"


class Cue(StrEnum):
    """A short sound, each with its mark on the screen at the same moment."""

    ITEM_OK = "item_ok"
    REFUSED = "refused"
    ATTENTION = "attention"
    DONE = "done"
    HOLD = "hold"
    """A returned item that somebody waits for: not to the box, to the shelf."""
    KEY = "key"


class Weight(StrEnum):
    """How an action looks. One PRIMARY a screen."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    QUIET = "quiet"
    CHOICE = "choice"
    KEY = "key"
    ASSIST = "assist"


@dataclass(frozen=True, slots=True)
class Action:
    """Something to press. Not possible = `reason` is set: still focusable and spoken, never grey without words."""

    id: str
    label: Words
    weight: Weight
    icon: str = ""
    reason: Words | None = None
    selected: bool = False
    busy: bool = False
    spoken: Words | None = None
    """What assistive technology says; the label if None."""


@dataclass(frozen=True, slots=True)
class Badge:
    """Where an item belongs: what kind of place, and the number that stands on it."""

    kind: Literal["box", "shelf", "staff"]
    number: str
    word: Words


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One piece of the real furniture, from the front; lit when something belongs there."""

    kind: Literal["box", "shelf", "staff"]
    number: str
    name: Words
    count: int
    count_words: Words | None = None
    """How many belong there, "3 her"; None when nothing does."""


@dataclass(frozen=True, slots=True)
class Row:
    """One item: mark, title, state word and detail, and what to do with the thing in your hand."""

    id: str
    mark: Mark
    title: Words
    state: Words
    part: Words | None = None
    detail: Words | None = None
    advice: Words | None = None
    advice_icon: str = ""
    band: Literal["none", "error", "warning"] = "none"
    actions: tuple[Action, ...] = ()
    badge: Badge | None = None
    fraction: tuple[int, int] | None = None
    """Parts here, parts in all: drawn by the part mark."""
    kind: Literal["item", "matter"] = "item"
    """A matter is staff's: its state is a sentence, and what can be done stands as buttons."""
    group: Words | None = None
    """Stands over the first of those that share it."""
    at: Words | None = None
    """When it happened, or since when it stands."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One item in the progress bar, in the order of the rows."""

    mark: Literal["done", "refused", "running", "waiting"]


@dataclass(frozen=True, slots=True)
class Banner:
    """One thing does not work, the machine does: short name and what still works."""

    name: Words
    words: Words


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the machine, by the letter on its sticker."""

    letter: str
    label: Words


@dataclass(frozen=True, slots=True)
class Fact:
    """A small label over a large value."""

    label: Words
    value: Words


Drawing = Literal["none", "card", "pad", "lift", "terminal", "terminal-keys"]
"""What the hands do now: a card to the reader, books onto the pad, books off it; a card to the terminal, a PIN on its keys. The words say it too."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Stands over the assist bar while the screen is read aloud: what is being said, and what to do about it."""

    words: tuple[Words, ...]
    actions: tuple[Action, ...]
    speaking: bool = False


@dataclass(frozen=True, slots=True)
class StartBody:
    """Attract: the drawing with the parts named, choices, and the language row."""

    parts: tuple[Part, ...]
    choices: tuple[Action, ...]
    languages_label: Words
    languages: tuple[Action, ...]
    drawing: Literal["pad", "barcode", "card", "inlet"] = "pad"
    """What is shown being done: books onto the pad, a book's barcode to the reader, a card alone, or a book into a hatch."""
    reads: bool = True
    """Something reads cards; else the number of one is typed."""
    kind: Literal["start"] = "start"


@dataclass(frozen=True, slots=True)
class EntryBody:
    """A masked entry and its keypad."""

    length: int
    filled: int
    hint: Words
    keys: tuple[Action, ...]
    confirmed: Words | None = None
    """What is already known, with a tick: "Kortet er læst"."""
    notice: Words | None = None
    """A band above the places: the entry was wrong."""
    waiting: Words | None = None
    """Stands in place of the hint while an answer is awaited."""
    footnote: Words | None = None
    masked: bool = True
    shown: str = ""
    """The characters themselves when not masked, such as a typed item number."""
    kind: Literal["entry"] = "entry"


@dataclass(frozen=True, slots=True)
class Link:
    """A web address to scan, and in words what it is for. It names no person."""

    address: str
    words: Words


@dataclass(frozen=True, slots=True)
class RowsBody:
    """Items as rows, progress above them, pages when they do not fit."""

    rows: tuple[Row, ...]
    progress: tuple[Segment, ...] = ()
    guide: Words | None = None
    empty: Words | None = None
    places: tuple[PlaceView, ...] = ()
    """The furniture, left to right as it stands; never mirrored."""
    link: Link | None = None
    """Beside the rows, for a telephone."""
    page_label: Words | None = None
    """The renderer's page, filled in by it; see ui: `paging.label` with first, last and all, or `paging.label_one` with nth and all."""
    drawing: Drawing = "none"
    """In place of the rows while there are none."""
    tabs: tuple[Action, ...] = ()
    """Over the rows: which of them are listed."""
    kind: Literal["rows"] = "rows"


@dataclass(frozen=True, slots=True)
class CountdownBody:
    """The idle warning: seconds left of seconds in all."""

    left: int
    of: int
    footnote: Words | None = None
    kind: Literal["countdown"] = "countdown"


@dataclass(frozen=True, slots=True)
class EndBody:
    """Remember your things: spines for loans, facts, and where the receipt comes out."""

    spines: int
    facts: tuple[Fact, ...]
    receipt: Part | None = None
    footnote: Words | None = None
    kind: Literal["end"] = "end"


@dataclass(frozen=True, slots=True)
class ClosedBody:
    """Out of order: the nearest other machine, the same sentence in every language, since when, staff code."""

    nearest: Words | None
    direction: Literal["left", "right", "none"]
    distance: Words | None
    landmark: Words | None
    sentences: tuple[Words, ...]
    """Each is said in its own language, in the order of the language row after Danish."""
    since: Words
    code: Words
    nearest_label: Words | None = None
    """Small, over the machine's name: "Den nærmeste"."""
    way_in: Action | None = None
    """For staff, in the corner where the code stands."""
    kind: Literal["closed"] = "closed"


@dataclass(frozen=True, slots=True)
class DarkBody:
    """Nothing at all: the screen is black until somebody comes."""

    kind: Literal["dark"] = "dark"


@dataclass(frozen=True, slots=True)
class MessageBody:
    """A few sentences, such as help."""

    lines: tuple[Words, ...]
    mark: Mark = Mark.NONE
    drawing: Drawing = "none"
    kind: Literal["message"] = "message"


@dataclass(frozen=True, slots=True)
class ChoiceBody:
    """A set of equal choices, such as languages."""

    choices: tuple[Action, ...]
    wide: bool = False
    """Sentences, one under the other; else names, side by side."""
    kind: Literal["choice"] = "choice"


@dataclass(frozen=True, slots=True)
class BeltItem:
    """One item on a belt: where its front and its tail are, and where it goes."""

    id: str
    front_mm: int
    """From the induct eye."""
    length_mm: int
    mark: Mark
    """NONE: not read yet; RUNNING: an answer is awaited; DONE: its bin is known; STAFF: a person must look at it."""
    bin: int
    """Number of the bin it goes to; 0 while that is not decided."""


@dataclass(frozen=True, slots=True)
class BinView:
    """One bin of a sorting plant, at its divert."""

    id: str
    number: int
    name: Words
    kind: str
    divert_mm: int
    """Where its divert stands; the last bin takes what comes to the end of the belt."""
    count: int
    count_words: Words
    mark: Mark
    """DONE: it can take something. All others need a person."""
    state: Words
    actions: tuple[Action, ...] = ()
    side: Literal["left", "right", "end"] = "left"
    """Of the belt, seen in the direction of travel; the end of the belt takes what no divert moved."""
    level: int | None = None
    """Per cent of what the crate takes; None where nobody has said how much that is."""
    crate: Words | None = None
    """Label of the crate that stands there, where crates have labels."""


@dataclass(frozen=True, slots=True)
class BeltBody:
    """A sorting plant: the belt as it lies, what is on it, its bins, and what a person must look at."""

    state_number: int
    """PackML's number of the belt's state; 0 without contact."""
    state: Words
    length_mm: int
    reader_mm: tuple[int, int]
    decision_mm: int
    speed_mm_s: int
    inlet_open: bool
    inlet: Words
    stops: tuple[Words, ...]
    """Why the inlet is shut."""
    items: tuple[BeltItem, ...]
    bins: tuple[BinView, ...]
    exceptions: tuple[Row, ...]
    """What a person must look at: what, why, where it lies, what the library system said, what to do."""
    alarms: tuple[Row, ...]
    facts: tuple[Fact, ...]
    notice: Words | None = None
    """What became of the last command, where it was not done."""
    plan: Words | None = None
    """By which edition of the sort plan is decided."""
    why: Words | None = None
    """Why the belt is in its state; None where it runs as it should."""
    ends: Words | None = None
    """What ends that: the next thing to do, or that nothing need be done."""
    left_out: int = 0
    """So many more exceptions there are than are listed."""
    kind: Literal["belt"] = "belt"


Body = Annotated[
    StartBody
    | EntryBody
    | RowsBody
    | CountdownBody
    | EndBody
    | ClosedBody
    | DarkBody
    | MessageBody
    | ChoiceBody
    | BeltBody,
    Discriminator("kind"),
]


@dataclass(frozen=True, slots=True)
class Screen:
    """All that a window, a terminal and a speaker need. Frozen; equal screens need no redraw."""

    name: str
    """Stable name of the kind of screen: start, card, pin, borrow, idle, end, closed, help, language, clear_pad, staff_cases."""
    title: Words
    body: Body
    time_class: TimeClass
    ground: Ground = Ground.PAGE
    place: Words | None = None
    """Start of the top line: the library."""
    corner: Words | None = None
    """End of the top line: the machine, or the greeting; a clock on the start screen."""
    lead: Words | None = None
    banner: Banner | None = None
    caption: Words | None = None
    """Over the action bar: "Færdig? Afslut og log ud"."""
    tabs: tuple[Action, ...] = ()
    """Parts of the account, one of them selected; while somebody is signed in."""
    actions: tuple[Action, ...] = ()
    assist: tuple[Action, ...] = ()
    spoken: tuple[Words, ...] = ()
    """The script: covers every visible text, in reading order."""
    focus: tuple[str, ...] = ()
    """Ids of all actions in focus order."""
    cue: Cue | None = None
    cue_serial: int = 0
    """Rises with each cue, so that the same cue twice is two sounds."""
    cue_db: int | None = -12
    """How loud it is, in decibels under full scale; None: cues are silent now."""
    language: str = "da"
    theme: Literal["light", "high_contrast"] = "light"
    large_text: bool = False
    reduced_motion: bool = False
    aloud: bool = False
    """Read aloud and led by keys: somebody cannot see or touch it."""
    focused: str = ""
    """What the keys point at: the id of an action, or `row.ID`."""
    strip: Strip | None = None
    headset: bool = False
    """A headset is plugged in: what sounds, sounds there."""
    staff: bool = False
    """A staff screen: a black band holds the top line."""
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a station publishes after each step: the screen, and what is not for citizens."""

    serial: int
    screen: Screen
    devices: tuple[tuple[str, str], ...] = ()
    """Role and state of each device, for `ims station`."""
    library: str = "unknown"
    visit: bool = False
    version: int = field(default=VERSION)


_SCREEN = TypeAdapter(Screen)
_SNAPSHOT = TypeAdapter(Snapshot)


def screen_to_json(screen: Screen) -> dict[str, Any]:
    """A plain object of JSON types."""
    data: dict[str, Any] = _SCREEN.dump_python(screen, mode="json")
    return data


def screen_from_json(data: dict[str, Any]) -> Screen:
    """The screen back. Raises ValueError for another version or shape."""
    if data.get("version") != VERSION:
        raise ValueError(f"screen version {data.get('version')!r}, this program reads {VERSION}")
    return _SCREEN.validate_python(data)


def snapshot_to_json(snapshot: Snapshot) -> dict[str, Any]:
    """A plain object of JSON types."""
    data: dict[str, Any] = _SNAPSHOT.dump_python(snapshot, mode="json")
    return data


def snapshot_from_json(data: dict[str, Any]) -> Snapshot:
    """The snapshot back. Raises ValueError for another version or shape."""
    if data.get("version") != VERSION:
        raise ValueError(f"snapshot version {data.get('version')!r}, this program reads {VERSION}")
    return _SNAPSHOT.validate_python(data)


def actions_of(screen: Screen) -> tuple[Action, ...]:
    """Every action on the screen, in reading order."""
    inner: tuple[Action, ...] = ()
    body = screen.body
    match body:
        case StartBody(choices=choices, languages=languages):
            inner = (*choices, *languages)
        case EntryBody(keys=keys):
            inner = keys
        case RowsBody(rows=rows, tabs=tabs):
            inner = (*tabs, *(action for row in rows for action in row.actions))
        case ClosedBody(way_in=way_in) if way_in is not None:
            inner = (way_in,)
        case ChoiceBody(choices=choices):
            inner = choices
        case BeltBody():
            first = [row for row in body.alarms if row.mark is Mark.NOW]
            then = [row for row in body.alarms if row.mark is not Mark.NOW]
            stops: tuple[Row | BinView, ...] = (*first, *body.bins, *then, *body.exceptions)
            inner = tuple(action for stop in stops for action in stop.actions)
        case CountdownBody() | EndBody() | ClosedBody() | DarkBody() | MessageBody():
            pass
    strip = screen.strip.actions if screen.strip is not None else ()
    return (*inner, *screen.tabs, *screen.actions, *strip, *screen.assist)
