"""The screen for a state of the lending flow. Pure: state, station and moment in, service.view values out.

The script read aloud covers every visible text in reading order; focus order is reading order. Nothing of a
person beyond the first name stands here, and nothing at all on start, idle, end and out-of-order screens.
"""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from config.station import Station
from config.texts import LANGUAGES, Text, text, verbatim
from drivers.errors import Code
from drivers.ports import Online, PrinterState
from drivers.service.view import (
    Action,
    Banner,
    ChoiceBody,
    ClosedBody,
    CountdownBody,
    EndBody,
    EntryBody,
    Fact,
    Ground,
    Mark,
    MessageBody,
    Part,
    PlaceView,
    RowsBody,
    Screen,
    StartBody,
    TimeClass,
    Weight,
    actions_of,
)
from kiosk.lending import rows as lending_rows
from kiosk.lending.backs import BackState
from kiosk.lending.lents import LentState
from kiosk.lending.rows import RowState
from kiosk.lending.sign_in import blocked_minutes
from kiosk.lending.state import Lending, Over, Phase, ReceiptState
from kiosk.spoken import script
from kiosk.view_rows import Words, back_row, item_row, lent_in_short, lent_row, segment_of

MOST_SPINES = 8
MOST_SEGMENTS = 12


def screen(
    state: Lending, station: Station, words: Words, now: datetime, monotonic: float
) -> Screen:
    """What to show. Equal arguments give equal screens, so an unchanged screen needs no redraw."""
    base = _screen_of(state, station, words, now, monotonic)
    shown = replace(
        base,
        place=verbatim(station.station.place),
        corner=base.corner or verbatim(station.station.name),
        cue=state.cue,
        cue_serial=state.cue_serial,
        language=state.language,
        theme="high_contrast" if state.high_contrast else "light",
        large_text=state.large_text,
        reduced_motion=state.high_contrast,
    )
    return replace(
        shown,
        spoken=tuple(script(shown)),
        focus=tuple(action.id for action in actions_of(shown)),
    )


def _screen_of(
    state: Lending, station: Station, words: Words, now: datetime, monotonic: float
) -> Screen:
    match state.over:
        case Over.LANGUAGE:
            return _language(state, words)
        case Over.HELP:
            return _help(state)
        case Over.IDLE:
            return _idle(state, station)
        case Over.ASK_SCAN:
            return _ask_scan(state)
        case Over.NOTHING:
            pass
    match state.phase:
        case Phase.STARTING:
            return Screen(
                "starting",
                text("starting.title"),
                MessageBody((text("starting.line"),)),
                TimeClass.REST,
            )
        case Phase.CLOSED:
            return _closed(state, station, now)
        case Phase.START:
            return _start(state, words, now)
        case Phase.LOOKING:
            return Screen(
                "looking",
                text("looking.title"),
                MessageBody((text("looking.line"),)),
                TimeClass.HELD,
                assist=_assist(state),
            )
        case Phase.LOANS:
            return _loans(state, station, words)
        case Phase.RETURN:
            return _return(state, station, words)
        case Phase.CARD:
            return _card(state, station, monotonic)
        case Phase.PIN:
            return _pin(state, station)
        case Phase.BLOCKED:
            return _blocked(state)
        case Phase.BORROW | Phase.FINISHING:
            return _borrow(state, station, words)
        case Phase.RECEIPT_FAILED:
            return _receipt_failed(state, words)
        case Phase.END:
            return _end(state)
        case Phase.CLEAR:
            return Screen(
                "clear_pad",
                text("clear.title"),
                MessageBody((text("clear.line"),), Mark.PUT_BACK, drawing="lift"),
                TimeClass.CLOSING,
            )


# --- actions ----------------------------------------------------------------------------------------


def _primary(id: str, key: str, icon: str = "") -> Action:
    return Action(id, text(key), Weight.PRIMARY, icon)


def _secondary(id: str, key: str, icon: str = "") -> Action:
    return Action(id, text(key), Weight.SECONDARY, icon)


def _assist(state: Lending, *, language: bool = True) -> tuple[Action, ...]:
    def one(id: str, key: str, icon: str, *, on: bool = False) -> Action:
        spoken = text("assist.on", what=text(key)) if on else None
        return Action(id, text(key), Weight.ASSIST, icon, selected=on, spoken=spoken)

    bar = [one("assist.help", "assist.help", "help", on=state.over is Over.HELP)]
    if language:
        bar.append(
            one("assist.language", "assist.language", "language", on=state.over is Over.LANGUAGE)
        )
    bar.append(one("assist.larger", "assist.larger", "text_increase", on=state.large_text))
    bar.append(one("assist.contrast", "assist.contrast", "contrast", on=state.high_contrast))
    return tuple(bar)


def _languages(state: Lending, words: Words) -> tuple[Action, ...]:
    return tuple(
        Action(
            f"language.{language}",
            text(f"language.name_{language}"),
            Weight.CHOICE,
            selected=language == state.language,
        )
        for language in LANGUAGES
        if language in words.languages
    )


# --- screens ----------------------------------------------------------------------------------------


def _start(state: Lending, words: Words, now: datetime) -> Screen:
    return Screen(
        "start",
        text("start.title"),
        StartBody(
            parts=(Part("A", text("start.pad")), Part("B", text("start.card"))),
            choices=(
                Action("borrow", text("action.borrow"), Weight.CHOICE, "book"),
                Action("return", text("action.return"), Weight.CHOICE, "inbox"),
                Action("loans", text("action.loans"), Weight.CHOICE, "autorenew"),
            ),
            languages_label=text("start.languages"),
            languages=_languages(state, words),
        ),
        TimeClass.REST,
        corner=text("top.clock", now=now.replace(second=0, microsecond=0)),
        banner=_printer_banner(state),
        assist=_assist(state, language=False),
    )


def _card(state: Lending, station: Station, monotonic: float) -> Screen:
    count = len(state.counted)
    lines: list[Text] = []
    if state.visit.notice:
        lines.append(_notice(state, station, monotonic))
    lines.append(text("card.where"))
    return Screen(
        "card",
        text("card.title"),
        MessageBody(
            tuple(lines), Mark.PUT_BACK if state.visit.notice else Mark.NONE, drawing="card"
        ),
        TimeClass.WORK,
        lead=text("card.items", n=count) if count else None,
        banner=_printer_banner(state),
        actions=(_secondary("back", "action.back", "arrow_back"),),
        assist=_assist(state),
    )


def _pin(state: Lending, station: Station) -> Screen:
    visit, length = state.visit, station.lending.pin_length
    filled = len(visit.pin.reveal())
    waiting = None
    if visit.asking:
        waiting = text("pin.slow") if visit.slow else text("pin.waiting")
    keys = tuple(
        Action(f"key.{digit}", text("action.digit", digit=digit), Weight.KEY)
        for digit in "1234567890"
    )
    return Screen(
        "pin",
        text("pin.title"),
        EntryBody(
            length=length,
            filled=filled,
            hint=text("pin.hint", n=filled, m=length),
            keys=(*keys, Action("key.erase", text("action.erase"), Weight.KEY, "backspace")),
            confirmed=text("pin.card_read"),
            notice=text(visit.notice) if visit.notice else None,
            waiting=waiting,
            footnote=text("pin.forgotten"),
        ),
        TimeClass.HELD if visit.asking else TimeClass.WORK,
        actions=(_secondary("back", "action.back", "arrow_back"),),
        assist=_assist(state),
    )


def _blocked(state: Lending) -> Screen:
    return Screen(
        "blocked",
        text("blocked.title"),
        MessageBody((text("blocked.line"),)),
        TimeClass.WORK,
        corner=_greeting(state),
        actions=(_primary("log_out", "action.log_out", "logout"),),
        assist=_assist(state),
    )


def _borrow(state: Lending, station: Station, words: Words) -> Screen:
    finishing = state.phase is Phase.FINISHING
    counted = state.counted
    if counted:
        done = sum(row.state is RowState.DONE for row in counted)
        title = text("borrow.count", n=done, m=len(counted))
    else:
        title = text("borrow.place")
    return Screen(
        "borrow",
        title,
        RowsBody(
            rows=tuple(
                item_row(row, station, words, changeable=not finishing) for row in state.rows
            ),
            progress=tuple(segment_of(row) for row in counted),
            guide=_guide(state),
            drawing="none" if state.rows else "pad",
        ),
        TimeClass.HELD if state.unsettled or state.busy else TimeClass.WORK,
        corner=_greeting(state),
        banner=_visit_banner(state),
        caption=text("borrow.finish_caption"),
        actions=_finish(state, station, finishing=finishing),
        assist=_assist(state),
    )


def _loans(state: Lending, station: Station, words: Words) -> Screen:
    ending = state.visit.choice is not None
    waiting = state.visit.fetching
    lead: Text | None = None
    if state.visit.owed:
        lead = text("loans.owed", sum=state.visit.owed)
    if waiting:
        title = text("loans.waiting")
    elif state.visit.notice:
        title, lead = text("loans.title"), text(state.visit.notice)
    elif not state.lents:
        title = text("loans.none")
    else:
        renewed = sum(lent.state is LentState.RENEWED for lent in state.lents)
        asked = sum(lent.state is not LentState.LENT for lent in state.lents)
        title = text("loans.renewed", n=renewed, m=asked) if asked else text("loans.title")
    return Screen(
        "loans",
        title,
        RowsBody(rows=tuple(lent_row(lent, words, changeable=not ending) for lent in state.lents)),
        TimeClass.HELD if state.busy else TimeClass.WORK,
        lead=lead,
        corner=_greeting(state),
        banner=_visit_banner(state),
        caption=text("borrow.finish_caption"),
        actions=_loans_actions(state, station, ending=ending),
        assist=_assist(state),
    )


def _loans_actions(state: Lending, station: Station, *, ending: bool) -> tuple[Action, ...]:
    some = any(lent.state is LentState.LENT for lent in state.lents)
    if ending or state.visit.fetching or not some:
        return _finish(state, station, finishing=ending, anything=bool(state.lents))
    rest = _finish(state, station, finishing=False, anything=True)
    everything = _primary("renew.all", "action.renew_all", "autorenew")
    return (everything, *(replace(action, weight=Weight.SECONDARY) for action in rest))


def _return(state: Lending, station: Station, words: Words) -> Screen:
    done = sum(back.state is BackState.RETURNED for back in state.backs)
    ending = state.visit.choice is not None
    if not state.backs:
        title, lead = text("return.place"), None
    else:
        title = text("return.count", n=done)
        lead = text("return.lead") if done else None
    return Screen(
        "return",
        title,
        RowsBody(
            rows=(
                *(item_row(row, station, words, changeable=False) for row in state.rows),
                *(back_row(back, station, words) for back in state.backs),
            ),
            places=_places(state, station) if done else (),
            guide=_return_guide(state),
            drawing="none" if state.rows or state.backs else "pad",
        ),
        TimeClass.HELD if state.busy else TimeClass.WORK,
        lead=lead,
        banner=_visit_banner(state) or _printer_banner(state),
        actions=_return_actions(state, station, ending=ending),
        assist=_assist(state),
    )


def _return_actions(state: Lending, station: Station, *, ending: bool) -> tuple[Action, ...]:
    if not state.backs:
        return (_secondary("finish.none", "action.back", "arrow_back"),)
    return _finish(state, station, finishing=ending, anything=True)


def _return_guide(state: Lending) -> Text | None:
    waiting = next((b for b in state.backs if b.state is BackState.WAIT_TAG), None)
    if waiting is not None and waiting.title:
        return text("borrow.guide.put_back", title=waiting.title)
    if state.busy or state.reading:
        return text("borrow.guide.leave.short" if state.large_text else "borrow.guide.leave")
    return _guide_left_behind(state)


def _places(state: Lending, station: Station) -> tuple[PlaceView, ...]:
    found = []
    for place in station.returns.places:
        count = sum(b.state is BackState.RETURNED and b.place == place.id for b in state.backs)
        here = text("return.here", n=count) if count else None
        number = place.id if place.kind == "box" else ""
        found.append(PlaceView(place.kind, number, verbatim(place.name), count, here))
    return tuple(found)


def _finish(
    state: Lending, station: Station, *, finishing: bool, anything: bool = False
) -> tuple[Action, ...]:
    """Receipt choice is the end, one touch. A choice that is not possible says why, and another is filled."""
    some = bool(state.counted) or anything
    printer = state.devices.printer
    if finishing:
        return (
            Action("finish.running", text("action.finishing"), Weight.PRIMARY, "logout", busy=True),
        )
    reason = None if printer.usable else text(_printer_reason(printer))
    print_first = station.lending.receipt_default == "print" and reason is None and some
    with_print = Action(
        "finish.print",
        text("action.print") if reason is None else text("action.print.short"),
        Weight.PRIMARY if print_first else Weight.SECONDARY,
        "print",
        reason=reason,
    )
    without = Action(
        "finish.none",
        text("action.no_receipt") if some else text("action.log_out"),
        Weight.SECONDARY if print_first else Weight.PRIMARY,
        "receipt_long_off" if some else "logout",
    )
    if not some:
        return (without,)
    return (with_print, without) if print_first else (without, with_print)


def _guide(state: Lending) -> Text | None:
    waiting = next((row for row in state.rows if row.state is RowState.WAIT_TAG), None)
    if waiting is not None:
        return text("borrow.guide.put_back", title=waiting.title or waiting.item)
    if any(row.state is RowState.UNREAD for row in state.rows):
        return text("borrow.guide.unread")
    if state.busy or state.reading:
        return text("borrow.guide.leave.short" if state.large_text else "borrow.guide.leave")
    if state.phase is Phase.BORROW and state.counted:
        return text("borrow.guide.more")
    return _guide_left_behind(state)


def _guide_left_behind(state: Lending) -> Text | None:
    """What somebody else may have left is not taken for anybody's until it is laid down again."""
    lone = state.left_behind and not state.rows and not state.backs
    return text("borrow.guide.left_behind") if lone else None


def _receipt_failed(state: Lending, words: Words) -> Screen:
    borrowed = [row for row in state.failed_receipt if row.state in lending_rows.BORROWED]
    return Screen(
        "receipt_failed",
        text("receipt_failed.title"),
        RowsBody(rows=tuple(lent_in_short(row) for row in borrowed)),
        TimeClass.CLOSING,
        lead=text("receipt_failed.lead"),
        actions=(_primary("finish.seen", "action.finish", "logout"),),
        assist=_assist(state),
    )


def _end(state: Lending) -> Screen:
    farewell = state.farewell
    done = farewell.done if farewell is not None else 0
    returned = farewell.returned if farewell is not None else 0
    facts: list[Fact] = []
    receipt = None
    if done:
        facts.append(Fact(text("end.borrowed"), text("end.items", n=done)))
    if returned:
        facts.append(Fact(text("end.returned"), text("end.items", n=returned)))
    if farewell is not None and farewell.renewed:
        facts.append(Fact(text("end.renewed"), text("end.items", n=farewell.renewed)))
    if farewell is not None and farewell.first_due is not None:
        facts.append(Fact(text("end.first_due"), text("end.day", day=farewell.first_due)))
    if farewell is not None and farewell.receipt is ReceiptState.PRINTED:
        receipt = Part("C", text("end.take_receipt"))
    elif farewell is not None and farewell.receipt is ReceiptState.PRINTING:
        receipt = Part("C", text("end.printing"))
    return Screen(
        "end",
        text("end.title" if done else "end.title.returned" if returned else "end.title.card"),
        EndBody(
            min(done, MOST_SPINES),
            tuple(facts),
            receipt,
            text("end.logged_out") if not returned else None,
        ),
        TimeClass.CLOSING,
        ground=Ground.GREEN,
    )


def _closed(state: Lending, station: Station, now: datetime) -> Screen:
    near = station.nearest
    direction: Literal["left", "right", "none"] = near.direction if near is not None else "none"
    faults = state.devices.faults
    code = faults[0][1].value if faults else Code.LIBRARY_OFFLINE.value
    return Screen(
        "closed",
        text("closed.title"),
        ClosedBody(
            nearest_label=text("closed.nearest") if near is not None else None,
            nearest=verbatim(near.name) if near is not None else None,
            direction=direction,
            distance=text(f"closed.distance.{near.direction}", n=near.metres) if near else None,
            landmark=verbatim(near.landmark) if near is not None and near.landmark else None,
            sentences=tuple(text("closed.sentence") for _ in LANGUAGES[1:]),
            since=text("closed.since", since=state.closed_since or now),
            code=text("closed.code", code=code),
        ),
        TimeClass.REST,
        ground=Ground.INK,
        lead=text("closed.lead"),
    )


def _idle(state: Lending, station: Station) -> Screen:
    of = int(station.lending.warning_s * (3 if state.large_text else 1))
    return Screen(
        "idle",
        text("idle.title"),
        CountdownBody(state.idle_left, of, text("idle.footnote")),
        TimeClass.WARNING,
        lead=text("idle.lead", s=state.idle_left),
        actions=(
            _primary("continue", "action.continue", "check"),
            _secondary("log_out", "action.log_out_now", "logout"),
        ),
        assist=_assist(state),
    )


def _language(state: Lending, words: Words) -> Screen:
    return Screen(
        "language",
        text("language.title"),
        ChoiceBody(_languages(state, words)),
        TimeClass.WORK,
        actions=(_secondary("close", "action.back", "arrow_back"),),
        assist=_assist(state),
    )


def _help(state: Lending) -> Screen:
    keys: tuple[str, ...]
    match state.phase:
        case Phase.BORROW | Phase.FINISHING:
            keys = ("help.borrow.1", "help.borrow.2", "help.borrow.3", "help.staff")
        case Phase.RETURN:
            keys = ("help.return.1", "help.return.2", "help.staff")
        case Phase.LOANS:
            keys = ("help.loans.1", "help.loans.2", "help.borrow.3", "help.staff")
        case Phase.PIN:
            keys = ("help.pin.1", "pin.forgotten", "help.staff")
        case _:
            keys = ("help.start.1", "help.start.2", "help.start.3", "help.staff")
    return Screen(
        "help",
        text("help.title"),
        MessageBody(tuple(text(key) for key in keys)),
        TimeClass.WORK,
        actions=(_primary("close", "action.close", "check"),),
        assist=_assist(state, language=state.phase is not Phase.START),
    )


def _ask_scan(state: Lending) -> Screen:
    return Screen(
        "ask_scan",
        text("ask_scan.title"),
        MessageBody((text("ask_scan.line"),)),
        TimeClass.WORK,
        corner=_greeting(state),
        actions=(
            _secondary("item.yes", "action.is_item", "book"),
            _primary("item.no", "action.is_not_item", "close"),
        ),
        assist=_assist(state),
    )


# --- pieces -----------------------------------------------------------------------------------------


def _notice(state: Lending, station: Station, monotonic: float) -> Text:
    visit, rules = state.visit, station.lending
    if visit.notice != "pin.blocked":
        return text(visit.notice)
    minutes = blocked_minutes(
        monotonic, state.tries, visit.mark, rules.pin_block_s, rules.pin_tries
    )
    return text("pin.blocked", minutes=max(1, minutes))


def _greeting(state: Lending) -> Text | None:
    patron = state.visit.patron
    name = patron.name.reveal().split() if patron is not None else []
    return text("top.greeting", name=name[0][:24]) if name else None


def _printer_reason(printer: PrinterState) -> str:
    match printer:
        case PrinterState.PAPER_END:
            return "printer.paper_end.short"
        case PrinterState.COVER_OPEN:
            return "printer.cover_open.short"
        case _:
            return "printer.down.short"


def _printer_banner(state: Lending) -> Banner | None:
    if state.devices.printer.usable:
        return None
    return Banner(text("banner.printer"), text("banner.printer.words"))


def _visit_banner(state: Lending) -> Banner | None:
    """One at a time, worst first."""
    if state.devices.library is Online.OFFLINE:
        return Banner(text("banner.library"), text("banner.library.words"))
    if not state.devices.pad:
        return Banner(text("banner.pad"), text("banner.pad.words"))
    return None
