"""Reading aloud and five keys: what a key, a headset or a new screen makes of what is said and pointed at. Pure.

Up and down go from one stop to the next in reading order; left and right do the same as the eye sees it, so
they change places where the screen is mirrored. A keypad is walked as it lies, in rows of three, and is never
mirrored: right goes through all its keys and begins again, up and down leave it. Stops are rows and controls; past the last comes the first, so nothing holds the keys.

The first key only begins: nothing is pressed by somebody who feels for what there is (EN 301 549, 5.5.2).
"""

from dataclasses import dataclass, replace

from config.texts import Text, text
from drivers.service.spoken import Passage, Utterance, passages, utterance
from drivers.service.view import CountdownBody, EntryBody, Screen, Strip

COLUMNS = 3
"""Of a keypad."""
RIGHT_TO_LEFT = frozenset({"ar"})
HINT = "spoken.hint"
"""Said of what is ours to say and stands on no screen."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was told, and where the keys are."""

    on: bool = False
    headset: bool = False
    focused: str = ""
    """Id of the stop that the keys point at; empty before the first key of a screen."""
    place: int = 0
    """Its place among the stops, for when it goes away."""
    screen: tuple[str, str] = ("", "")
    """Name and language of the screen that was told."""
    told: tuple[tuple[str, tuple[Text, ...]], ...] = ()
    """By passage, its words when they were told."""
    warned: bool = False
    """That others hear, and so not everything is said, was told on this screen."""


@dataclass(frozen=True, slots=True)
class Step:
    """What follows."""

    hush: bool = False
    say: tuple[Utterance, ...] = ()
    press: str = ""
    begin: bool = False
    """Reading aloud is asked for."""
    repeat: bool = False


def came(reading: Reading, screen: Screen) -> tuple[Reading, Step]:
    """A screen stands: a new one is read from the top, of the same one what has changed."""
    if not screen.aloud:
        return Reading(headset=reading.headset), Step(hush=reading.on)
    whole = passages(screen)
    told = tuple((passage.id, passage.texts) for passage in whole)
    here = (screen.name, screen.language)
    before = dict(reading.told)
    if reading.on and here == reading.screen:
        news = [p for p in whole if _is_news(p, before, reading.focused)]
        running = {p.id for p in whole if p.running}
        kept = tuple((id, before.get(id, ()) if id in running else words) for id, words in told)
        after = _still_pointing(replace(reading, told=kept), whole)
        return _telling(after, news, Step())
    first = [p for p in whole if p.at_once and not _known_edge(p, before)]
    after = replace(reading, on=True, screen=here, told=told, focused="", place=0, warned=False)
    hints = [] if reading.on else [text("spoken.welcome")]
    if isinstance(screen.body, EntryBody) and screen.body.masked:
        first = [*first, _hint(text("spoken.keypad"))]
        if not reading.headset:
            after = replace(after, warned=True)
            first.append(_hint(text("spoken.private")))
    return _telling(after, [*map(_hint, hints), *first], Step(hush=True))


def key(reading: Reading, screen: Screen, job: str) -> tuple[Reading, Step]:
    """A key was pressed: whatever is being said stops, and then what the key is for."""
    if not screen.aloud:
        return reading, Step(begin=True)
    if isinstance(screen.body, CountdownBody):
        return reading, Step(hush=True)  # any key says that somebody is here
    stops = tuple(passage for passage in passages(screen) if passage.stop)
    now = next((passage for passage in stops if passage.id == reading.focused), None)
    match job:
        case "repeat":
            return reading, Step(hush=True, repeat=True)
        case "stop":
            return reading, Step(hush=True)
        case "select":
            if now is None:
                return _telling(reading, [_hint(text("spoken.nowhere"))], Step(hush=True))
            action = now.action
            if action is None or action.reason is not None or action.busy:
                return _telling(reading, [now], Step(hush=True))
            return reading, Step(hush=True, press=action.id)
        case _ if not stops:
            return _telling(reading, [_hint(text("spoken.nothing"))], Step(hush=True))
        case _:
            place = _next(reading, screen, [stop.id for stop in stops], job)
            after = replace(reading, focused=stops[place].id, place=place)
            return _telling(after, [stops[place]], Step(hush=True))


def plugged(reading: Reading, *, into: bool) -> tuple[Reading, Step]:
    """A headset was plugged in, which asks for reading aloud; or pulled out, and what was private stops."""
    after = replace(reading, headset=into, warned=False)
    return after, Step(hush=not into, begin=into)


def touched(reading: Reading) -> tuple[Reading, Step]:
    """A finger came: the keys point nowhere, and what is being said stops."""
    return replace(reading, focused=""), Step(hush=True)


@dataclass(frozen=True, slots=True)
class Pointed:
    """What it adds to a screen: where the keys are, and what is being said."""

    focused: str = ""
    strip: Strip | None = None
    headset: bool = False


# --- pieces -----------------------------------------------------------------------------------------


def _hint(words: Text) -> Passage:
    return Passage(HINT, (words,))


def _is_news(passage: Passage, before: dict[str, tuple[Text, ...]], focused: str) -> bool:
    if passage.running or passage.id.startswith("top.") or before.get(passage.id) == passage.texts:
        return False
    return passage.action is None or passage.id == focused


def _known_edge(passage: Passage, before: dict[str, tuple[Text, ...]]) -> bool:
    """Library, machine and greeting stand on every screen: once is enough."""
    return passage.id.startswith("top.") and before.get(passage.id) == passage.texts


def _still_pointing(reading: Reading, whole: tuple[Passage, ...]) -> Reading:
    """What the keys pointed at may have gone: then at what has taken its place."""
    ids = [passage.id for passage in whole if passage.stop]
    if not reading.focused:
        return reading
    if reading.focused in ids:
        return replace(reading, place=ids.index(reading.focused))
    place = min(reading.place, len(ids) - 1)
    return replace(reading, focused=ids[place] if ids else "", place=max(0, place))


def _telling(reading: Reading, what: list[Passage], step: Step) -> tuple[Reading, Step]:
    said: list[Utterance] = []
    for passage in what:
        one = utterance(passage, privately=reading.headset)
        if one is not None:
            said.append(one)
        hidden = one is None or (len(one.texts) < len(passage.texts) and not passage.number)
        if hidden and not reading.warned:
            reading = replace(reading, warned=True)
            said.append(Utterance(HINT, (text("spoken.private"),)))
        elif one is None and len(what) == 1:
            said.append(Utterance(HINT, (text("spoken.hidden"),)))
    return reading, replace(step, say=tuple(said))


def _next(reading: Reading, screen: Screen, ids: list[str], job: str) -> int:
    """Where a direction leads."""
    step = {"down": 1, "up": -1, "right": 1, "left": -1}[job]
    if reading.focused not in ids:
        return 0 if step > 0 else len(ids) - 1
    here = ids.index(reading.focused)
    pad = [action.id for action in screen.body.keys] if isinstance(screen.body, EntryBody) else []
    if reading.focused not in pad:
        mirrored = job in {"left", "right"} and screen.language in RIGHT_TO_LEFT
        return (here - step if mirrored else here + step) % len(ids)
    first = ids.index(pad[0])
    if job in {"left", "right"}:
        return first + (here - first + step) % len(pad)
    cell = _cell(pad.index(reading.focused), len(pad))
    there = _at(cell + step * COLUMNS, len(pad))
    if there is not None:
        return first + there
    return (first + len(pad) if step > 0 else first - 1) % len(ids)


def _cell(place: int, keys: int) -> int:
    """The cell in which a key lies: the last two, 0 and erase, stand one to the right; lower left is empty."""
    return place + 1 if place >= keys - 2 else place


def _at(cell: int, keys: int) -> int | None:
    """The key in a cell."""
    return next((place for place in range(keys) if _cell(place, keys) == cell), None)
