"""The small screen at the inlet, as data: an invitation, what was taken, what was given back and what to do, a thank-you.

Nobody's name stands here, and no title but of what was put in during this visit.
"""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from config.access import Sound
from config.station import Station
from config.texts import Text, text, verbatim
from drivers.ports import PrinterState
from drivers.service.assist import bar, closed_body, language_row
from drivers.service.reading import Pointed
from drivers.service.spoken import script
from drivers.service.view import (
    Action,
    Banner,
    ChoiceBody,
    CountdownBody,
    EndBody,
    Fact,
    Ground,
    Mark,
    MessageBody,
    Part,
    Row,
    RowsBody,
    Screen,
    StartBody,
    TimeClass,
    Weight,
    actions_of,
)
from sorter.inlet.flow import PATIENCE
from sorter.inlet.gate import Why
from sorter.inlet.state import Entry, Inlet, Over, Paper, Phase, Stand, Way

AWAY = "inlet_away"
"""Name of the screen that stands while the line itself cannot be reached."""
GATE, SLOT = "A", "B"
"""Letters on the machine's stickers: where things go in, where paper comes out."""


def screen(
    state: Inlet,
    station: Station,
    languages: tuple[str, ...],
    now: datetime,
    since: datetime,
    pointed: Pointed = Pointed(),
) -> Screen:
    """What to show. Equal arguments give equal screens. `since`: when the inlet shut, where it is."""
    base = _screen_of(state, station, languages, now, since)
    shown = replace(
        base,
        place=verbatim(station.station.place),
        corner=base.corner or verbatim(station.station.name),
        cue=state.cue,
        cue_serial=state.cue_serial,
        cue_db=_cue_db(station.sound, now.astimezone(ZoneInfo(station.station.time_zone)), pointed),
        language=state.language,
        theme="high_contrast" if state.high_contrast else "light",
        large_text=state.large_text,
        reduced_motion=state.high_contrast or state.aloud,
        aloud=state.aloud,
        focused=pointed.focused,
        strip=pointed.strip,
        headset=pointed.headset,
    )
    return replace(
        shown,
        spoken=tuple(script(shown)),
        focus=tuple(action.id for action in actions_of(shown)),
    )


def _cue_db(sound: Sound, local: datetime, pointed: Pointed) -> int | None:
    if not sound.cues:
        return None
    alone = pointed.headset and bool(sound.headset)
    return sound.cue_level if alone or not sound.quiet.holds(local) else None


def _screen_of(
    state: Inlet, station: Station, languages: tuple[str, ...], now: datetime, since: datetime
) -> Screen:
    match state.over:
        case Over.REFUSED:
            return _refused(state, state.refused)
        case Over.HELP:
            return _help(state, station)
        case Over.LANGUAGE:
            return Screen(
                "inlet_language",
                text("language.title"),
                ChoiceBody(language_row(languages, state.language)),
                TimeClass.WORK,
                actions=(Action("close", text("action.back"), Weight.SECONDARY, "arrow_back"),),
                assist=_assist(state),
            )
        case Over.IDLE:
            return _idle(state, station)
        case Over.NOTHING:
            pass
    match state.phase:
        case Phase.VISIT | Phase.FINISHING:
            return _visit(state)
        case Phase.RECEIPT_FAILED:
            return _receipt_failed(state)
        case Phase.END:
            return _end(state)
        case Phase.REST:
            pass
    match state.told_way:
        case Way.OPEN if state.back is not None:  # it was read, and lies there still
            return replace(_refused(state, state.back), actions=())
        case Way.OPEN:
            return _start(state, languages, now)
        case Way.PAUSED:
            return Screen(
                "inlet_paused",
                text("inlet.paused.title"),
                MessageBody((text("inlet.paused.line"),), Mark.RUNNING),
                TimeClass.REST,
                assist=_assist(state),
            )
        case Way.CLOSED:
            return _closed(state, station, since)


def _start(state: Inlet, languages: tuple[str, ...], now: datetime) -> Screen:
    parts = [Part(GATE, text("inlet.part.gate"))]
    if state.printer is not None:
        short = "inlet.part.receipt" if state.prints else _no_paper(state.printer)
        parts.append(Part(SLOT, text(short)))
    return Screen(
        "inlet_start",
        text("inlet.start.title"),
        StartBody(
            parts=tuple(parts),
            choices=(),
            languages_label=text("start.languages"),
            languages=language_row(languages, state.language),
            drawing="inlet",
        ),
        TimeClass.REST,
        corner=text("top.clock", now=now.replace(second=0, microsecond=0)),
        assist=_assist(state, language=False),
    )


def _visit(state: Inlet) -> Screen:
    finishing = state.phase is Phase.FINISHING
    taken = state.taken
    title = text("inlet.title", n=taken) if taken else text("inlet.title.first")
    lead = None
    if taken:
        lead = text("inlet.lead.finishing" if finishing else "inlet.lead")
    return Screen(
        "inlet",
        title,
        RowsBody(rows=_rows(state)),
        TimeClass.WORK,
        lead=lead if state.told_way is Way.OPEN or finishing else None,
        banner=_shut_banner(state),
        actions=_ways_to_finish(state, finishing=finishing),
        assist=_assist(state),
    )


def _rows(state: Inlet) -> tuple[Row, ...]:
    """The newest first: it is what just happened."""
    listed = reversed(tuple(enumerate(state.entries, 1)))
    return tuple(_row(entry, n, waiting=state.waiting) for n, entry in listed)


def _row(entry: Entry, number: int, *, waiting: bool) -> Row:
    waits = waiting and entry.stand is Stand.ENTERING
    mark = {
        Stand.ENTERING: Mark.LATER if waits else Mark.RUNNING,
        Stand.TAKEN: Mark.DONE,
        Stand.RETURNED: Mark.DONE,
        Stand.LATER: Mark.LATER,
        Stand.STAFF: Mark.STAFF,
    }[entry.stand]
    title = verbatim(entry.title) if entry.title else text("inlet.row.item", n=number)
    stands = "waiting" if waits else entry.stand.value
    return Row(f"i{entry.id}", mark, title, text(f"inlet.row.{stands}"))


def _shut_banner(state: Inlet) -> Banner | None:
    if state.waiting:
        where = "gate" if state.lies else "inside"
        return Banner(text("inlet.waiting.title"), text(f"inlet.waiting.{where}"))
    match state.told_way:
        case Way.OPEN:
            return None
        case Way.PAUSED:
            return Banner(text("inlet.paused.title"), text("inlet.paused.line"))
        case Way.CLOSED:
            return Banner(text("inlet.closed.title"), text("inlet.closed.kept"))


def _ways_to_finish(state: Inlet, *, finishing: bool) -> tuple[Action, ...]:
    if finishing:
        running = Action(
            "finish.running", text("action.finishing"), Weight.PRIMARY, "print", busy=True
        )
        return (running,)
    if not (state.taken or state.waiting):
        return ()
    if state.printer is None:
        return (Action("finish.none", text("inlet.finish"), Weight.PRIMARY, "check"),)
    none = Action("finish.none", text("action.no_receipt"), Weight.SECONDARY, "receipt_long_off")
    if state.prints:
        return (Action("finish.print", text("action.print"), Weight.PRIMARY, "print"), none)
    reason = text(_no_paper(state.printer))
    paper = Action(
        "finish.print", text("action.print.short"), Weight.SECONDARY, "print", reason=reason
    )
    return (replace(none, weight=Weight.PRIMARY), paper)


def _no_paper(printer: PrinterState) -> str:
    match printer:
        case PrinterState.PAPER_END:
            return "printer.paper_end.short"
        case PrinterState.COVER_OPEN:
            return "printer.cover_open.short"
        case _:
            return "printer.down.short"


def _refused(state: Inlet, refused: Why | None) -> Screen:
    """What came back out, why, and what to do now; never whose fault."""
    why = f"inlet.refused.{refused.value}" if refused is not None else ""
    lines = [text(f"{why}.do")]
    if state.taken:
        lines.append(text("inlet.refused.kept"))
    return Screen(
        "inlet_refused",
        text("inlet.refused.title"),
        MessageBody(tuple(lines), Mark.PUT_BACK),
        TimeClass.WORK,
        lead=text(why),
        actions=(Action("close", text("action.close"), Weight.PRIMARY, "check"),),
        assist=_assist(state),
    )


def _help(state: Inlet, station: Station) -> Screen:
    keys = ["inlet.help.1", "inlet.help.2", "inlet.help.3"]
    if state.printer is not None:
        keys.append("inlet.help.4")
    counter = station.help.counter
    where = text("staff.where.line", where=counter) if counter else text("help.staff")
    return Screen(
        "inlet_help",
        text("help.title"),
        MessageBody((*map(text, keys), where)),
        TimeClass.WORK,
        actions=(Action("close", text("action.close"), Weight.PRIMARY, "check"),),
        assist=_assist(state),
    )


def _idle(state: Inlet, station: Station) -> Screen:
    inlet = station.inlet
    of = int((inlet.warning_s if inlet is not None else 0) * (PATIENCE if state.patient else 1))
    return Screen(
        "inlet_idle",
        text("idle.title"),
        CountdownBody(state.idle_left, max(of, state.idle_left), _kept(state)),
        TimeClass.WARNING,
        lead=text("inlet.idle.lead", s=state.idle_left),
        actions=(
            Action("continue", text("action.continue"), Weight.PRIMARY, "check"),
            Action("finish.none", text("inlet.finish"), Weight.SECONDARY, "logout"),
        ),
        assist=_assist(state),
    )


def _kept(state: Inlet) -> Text:
    """What of this visit is sure, whoever leaves."""
    return text("inlet.waiting.kept" if state.waiting else "inlet.idle.footnote")


def _receipt_failed(state: Inlet) -> Screen:
    """The list instead of the paper, for as long as somebody reads it."""
    ways = [Action("finish.none", text("action.finish"), Weight.PRIMARY, "check")]
    if state.prints:
        again = Action("finish.print", text("action.print_again"), Weight.PRIMARY, "print")
        ways = [again, replace(ways[0], weight=Weight.SECONDARY)]
    return Screen(
        "inlet_receipt_failed",
        text("receipt_failed.title"),
        RowsBody(rows=_rows(state)),
        TimeClass.CLOSING,
        lead=_kept(state),
        actions=tuple(ways),
        assist=_assist(state),
    )


def _end(state: Inlet) -> Screen:
    receipt: Text | None = None
    if state.paper is Paper.PRINTED:
        receipt = text("end.take_receipt")
    elif state.paper is Paper.PRINTING:
        receipt = text("end.printing")
    facts = []
    if state.farewell:
        facts.append(Fact(text("inlet.end.taken"), text("end.items", n=state.farewell)))
    if state.farewell_waiting:
        waiting = text("end.items", n=state.farewell_waiting)
        facts.append(Fact(text("inlet.end.waiting"), waiting))
    return Screen(
        "inlet_end",
        text("inlet.end.title"),
        EndBody(
            0,
            tuple(facts),
            Part(SLOT, receipt) if receipt is not None else None,
        ),
        TimeClass.CLOSING,
        ground=Ground.GREEN,
    )


def away(station: Station, since: datetime) -> Screen:
    """What a window shows while the line does not answer it."""
    shown = replace(
        _shut(AWAY, station, "line", since),
        place=verbatim(station.station.place),
        corner=verbatim(station.station.name),
        language=station.station.language,
    )
    return replace(shown, spoken=tuple(script(shown)))


def _closed(state: Inlet, station: Station, since: datetime) -> Screen:
    return _shut("inlet_closed", station, state.why_shut, since)


def _shut(name: str, station: Station, why: str, since: datetime) -> Screen:
    return Screen(
        name,
        text("inlet.closed.title"),
        closed_body(
            station.nearest,
            sentence="inlet.closed.sentence",
            since=text("closed.since", since=since.replace(second=0, microsecond=0)),
            code=text("closed.code", code=f"inlet.{why}"),
        ),
        TimeClass.REST,
        ground=Ground.INK,
        lead=text("inlet.closed.lead"),
    )


def _assist(state: Inlet, *, language: bool = True) -> tuple[Action, ...]:
    return bar(
        helping=state.over is Over.HELP,
        choosing=state.over is Over.LANGUAGE,
        large_text=state.large_text,
        high_contrast=state.high_contrast,
        aloud=state.aloud,
        voice=state.voice,
        language=language,
    )
