"""What the plant's panel shows: the belt as it lies, its bins, what a person must look at, and what can be done now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from config.station import Station
from config.texts import Text, text, verbatim
from drivers.ports import BeltCommand, Sign
from drivers.service.view import (
    Action,
    BeltBody,
    BeltItem,
    BinView,
    Fact,
    Mark,
    Row,
    Screen,
    TimeClass,
    Weight,
    actions_of,
)
from sorter import standing
from sorter.alarms import Alarm, called, nearly_full
from sorter.belt.items import Cause, ItemState, Tracked
from sorter.belt.line import Because, BinUse, Line, Stop
from sorter.belt.pack import Why, against
from sorter.belt.records import Lying
from sorter.day.records import Tally
from sorter.plan.facts import Facts
from sorter.plan.plan import Plan

ONWARD = ("START", "RESET", "UNHOLD", "UNSUSPEND", "CLEAR")
"""What brings the belt on: at most one of them fits a state, and it is the filled button."""

COMMANDS = (*ONWARD, "HOLD", "STOP", "COMPLETE", "PURGE")
"""What an operator can tell the belt. There is no emergency stop among them, and no reset of one."""

_ICONS = {
    "START": "play_arrow",
    "UNHOLD": "play_arrow",
    "UNSUSPEND": "play_arrow",
    "HOLD": "pause",
    "STOP": "stop",
}

_BY_ITSELF = frozenset({Because.HOST, Because.LIBRARY})
"""Causes for which the belt waits, and goes on by itself when they are gone."""

_ALWAYS = frozenset({Stop.BELT, Stop.LINK, Stop.DOUBTED})
_SAID = {
    Because.LIBRARY: _ALWAYS | {Stop.LIBRARY},
    Because.NO_BIN: _ALWAYS | {Stop.BINS},
    Because.STRANDED: _ALWAYS | {Stop.BINS},
}
"""By the cause for which the belt stands, reasons of a shut inlet that are told beside its state already."""

_HELD_BACK = frozenset(Why) - {Why.NO_LINK, Why.STATE}
"""Reasons that are told beside a command; one that the state does not know is not shown."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a snapshot is made of."""

    line: Line
    lying: tuple[Lying, ...]
    alarms: tuple[Alarm, ...]
    waiting: int = 0
    """So many items a person must look at, also those that are not in `lying`."""
    notice: Text | None = None
    """What became of the last press, or of the last scan at the bins."""
    chutes: Mapping[str, str] = field(default_factory=dict)
    """By bin, the label of its chute: its crate is scanned and not confirmed by a press."""
    standing: Mapping[str, str] = field(default_factory=dict)
    """By chute, the label of the crate that stands there."""
    half: bool = False
    """The last scan at the bins can be taken back."""
    since: Mapping[str, datetime] = field(default_factory=dict)
    """By id of an alarm, when it came."""
    tally: Tally = field(default=Tally())


def screen(seen: Seen, config: Station) -> Screen:
    """The panel."""
    line = seen.line
    body = _body(seen)
    actions = _commands(line, half=seen.half)
    spoken = (
        text("sorter.title"),
        body.state,
        *(words for words in (body.why, body.ends) if words is not None),
        body.inlet,
        *body.stops,
        *((body.plan,) if body.plan is not None else ()),
        *((body.notice,) if body.notice is not None else ()),
        *(words for row in (*body.alarms, *body.exceptions) for words in _said(row)),
        *(
            (text("panel.exceptions.more", n=seen.waiting, more=body.left_out),)
            if body.left_out
            else ()
        ),
        *(words for b in body.bins for words in (b.name, b.count_words, b.state)),
        *(words for f in body.facts for words in (f.label, f.value)),
        *(a.label for a in actions),
    )
    shown = Screen(
        name="sorter",
        title=text("sorter.title"),
        body=body,
        time_class=TimeClass.REST,
        place=verbatim(config.station.place),
        corner=verbatim(config.station.name),
        actions=actions,
        spoken=spoken,
        language=config.station.language,
        staff=True,
    )
    return replace(shown, focus=tuple(action.id for action in actions_of(shown)))


def _said(row: Row) -> tuple[Text, ...]:
    return tuple(w for w in (row.at, row.title, row.state, row.detail, row.part, row.advice) if w)


def _body(seen: Seen) -> BeltBody:
    line, plan = seen.line, seen.line.decide.plan
    info, belt = line.info, line.belt
    linked = line.link and belt is not None
    diverts = info.diverts if info is not None else ()
    last = max(diverts, default=0)
    stands = standing.why(line)
    said = frozenset() if stands.ends is None else _SAID.get(line.reason.because, _ALWAYS)
    return BeltBody(
        state_number=belt.state.value if linked and belt is not None else 0,
        state=text(
            f"sorter.state.{belt.state.name.lower()}"
            if linked and belt is not None
            else "sorter.state.away"
        ),
        length_mm=last,
        reader_mm=(info.reader_start, info.reader_end) if info is not None else (0, 0),
        decision_mm=info.decision_point if info is not None else 0,
        speed_mm_s=belt.mm_s if belt is not None and Sign.MOVING in belt.signs else 0,
        inlet_open=line.induct,
        inlet=text("sorter.inlet.open" if line.induct else "sorter.inlet.shut"),
        stops=tuple(
            text(f"sorter.stop.{stop.value}")
            for stop in Stop
            if stop in line.stops and stop not in said
        ),
        items=tuple(
            _item(item, line) for item in sorted(line.items.values(), key=lambda i: i.number)
        ),
        bins=tuple(
            _bin(name, use, plan, diverts, *_labels(seen, name))
            for name, use in sorted(line.bins.items(), key=lambda pair: pair[1].number)
        ),
        exceptions=tuple(_exception(one) for one in seen.lying),
        left_out=max(0, seen.waiting - len(seen.lying)),
        alarms=tuple(_alarm(one, seen.since.get(one.id)) for one in seen.alarms),
        facts=(
            Fact(text("sorter.count.on_belt"), verbatim(str(len(line.items)))),
            *(
                Fact(text(f"sorter.count.{name}"), verbatim(str(getattr(seen.tally, name))))
                for name in ("hour", "today", "exceptions", "missed", "lost")
            ),
        ),
        notice=seen.notice,
        plan=text("plan.name", plan=line.decide.name),
        why=stands.why,
        ends=stands.ends,
    )


def _item(item: Tracked, line: Line) -> BeltItem:
    front = 0
    if line.geometry is not None and line.belt is not None:
        pulses = line.geometry.front(item, line.belt.encoder)
        front = round(pulses / line.geometry.pulses_a_mm)
    bound = item.decision.bin if item.decision is not None else None
    if item.cause is Cause.REMOVED:  # it is purged
        bound = line.decide.plan.exception
    match item.state:
        case ItemState.INDUCTED | ItemState.READING:
            mark = Mark.NONE
        case ItemState.DECIDED | ItemState.SENT:
            mark = Mark.DONE
        case ItemState.READ | ItemState.ASKED:
            mark = Mark.RUNNING
        case _:
            mark = Mark.STAFF
    if item.cause is not Cause.NONE:
        mark = Mark.STAFF
    return BeltItem(
        id=str(item.number),
        front_mm=front,
        length_mm=item.length,
        mark=mark,
        bin=line.bins[bound].number if bound is not None else 0,
    )


def _labels(seen: Seen, name: str) -> tuple[str, str]:
    """Of a bin's chute, and of the crate that stands there."""
    chute = seen.chutes.get(name, "")
    return chute, seen.standing.get(chute, "")


def _bin(
    name: str, use: BinUse, plan: Plan, diverts: tuple[int, ...], chute: str, crate: str
) -> BinView:
    if not use.present:
        mark, state = Mark.PUT_BACK, "out"
    elif not use.enabled:
        mark, state = Mark.LATER, "scan"
    elif use.full:
        mark, state = Mark.NOW, "full"
    elif nearly_full(plan, name, use):
        mark, state = Mark.TODAY, "nearly"
    else:
        mark, state = Mark.DONE, "ok"
    swap = Action(f"bin.{name}", text("sorter.do.swap"), Weight.SECONDARY)
    known = plan.bins[name]
    last = use.number == len(diverts)
    return BinView(
        id=name,
        number=use.number,
        name=called(plan, name, use.number),
        kind=known.kind,
        divert_mm=diverts[use.number - 1] if use.number <= len(diverts) else 0,
        count=use.count,
        count_words=text("sorter.bin.count", n=use.count),
        mark=mark,
        state=text("crates.bin.scan", chute=chute)
        if chute and state == "scan"
        else text(f"sorter.bin.{state}"),
        actions=(swap,) if state == "scan" and not chute else (),
        side="end" if last else known.side or ("left" if use.number % 2 else "right"),
        crate=verbatim(crate) if crate else None,
        level=None if known.capacity is None else min(100, 100 * use.count // known.capacity),
    )


def _exception(one: Lying) -> Row:
    return Row(
        id=str(one.number),
        mark=Mark.STAFF,
        title=text("sorter.item", item=one.item) if one.item else text("sorter.item.unnamed"),
        state=text(f"sorter.cause.{one.cause.value}"),
        part=_place(one),
        detail=_answered(one),
        advice=text(f"sorter.advice.{one.cause.value}"),
        at=None if one.ended is None else text("sorter.at", at=one.ended),
        actions=(Action(f"seen.{one.number}", text("sorter.do.seen"), Weight.SECONDARY),),
        kind="matter",
    )


def _place(one: Lying) -> Text | None:
    """In which bin it lies, or at which one on the floor; None where nobody knows."""
    if not one.bin:
        return None
    return text("sorter.lies.beside" if one.cause is Cause.NO_CRATE else "sorter.lies", n=one.bin)


def _answered(one: Lying) -> Text | None:
    """What the library system said of it. Where the advice cannot tell whether it is returned, this does."""
    if one.answer is not None:
        return _answer(one.answer)
    return text("sorter.unanswered") if one.cause is Cause.NO_CRATE else None


def _answer(facts: Facts) -> Text:
    """What the library system said, also where it came too late for the belt."""
    if not facts.ok:
        return text("sorter.not_returned")
    match facts.alert:
        case "01":
            return text("sorter.returned.hold")
        case "02" | "03" | "04":
            return text("sorter.returned.sent")
        case _:
            return text("sorter.returned")


def _alarm(one: Alarm, since: datetime | None) -> Row:
    return Row(
        one.id,
        one.mark,
        one.what,
        one.do,
        detail=one.detail,
        at=None if since is None else text("sorter.since", at=since),
        actions=one.actions,
        kind="matter",
    )


def _commands(line: Line, *, half: bool) -> tuple[Action, ...]:
    """What can be done in this state; what safety or a doubt stands against is shown with the reason."""
    found: list[Action] = []
    for name in COMMANDS:
        why = against(line, BeltCommand[name])
        if name == "UNSUSPEND" and line.reason.because in _BY_ITSELF:
            continue
        if why is not None and why not in _HELD_BACK:
            continue
        weight = Weight.PRIMARY if name in ONWARD else Weight.SECONDARY
        reason = None if why is None else standing.objection(why)
        found.append(
            Action(
                f"belt.{name.lower()}",
                text(f"sorter.do.belt.{name.lower()}"),
                weight,
                _ICONS.get(name, ""),
                reason=reason,
            )
        )
    if half:
        found.append(Action("swap.undo", text("sorter.do.swap.undo"), Weight.SECONDARY, "undo"))
    if line.doubted:
        found.append(Action("emptied", text("sorter.do.emptied"), Weight.SECONDARY))
    return tuple(found)
