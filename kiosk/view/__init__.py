"""The screen for a state of the lending flow. Pure: state, station and moment in, service.view values out.

The script read aloud covers every visible text in reading order; focus order is reading order. Nothing of a
person beyond the first name stands here, and nothing at all on start, idle, end and out-of-order screens.
"""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from config.station import Station
from config.texts import text, verbatim
from drivers.service.reading import Pointed
from drivers.service.spoken import script
from drivers.service.view import Mark, MessageBody, Screen, TimeClass, actions_of
from kiosk.lending.state import Lending, Over, Phase
from kiosk.staff import view as staff
from kiosk.staff.settings import cue_db
from kiosk.view import borrow, end, fees, give_back, holds, loans, over, paying, rest, sign_in
from kiosk.view.actions import assist, with_receipt_aloud
from kiosk.view.rows import Words


def screen(
    state: Lending,
    station: Station,
    words: Words,
    now: datetime,
    monotonic: float,
    pointed: Pointed = Pointed(),
) -> Screen:
    """What to show. Equal arguments give equal screens, so an unchanged screen needs no redraw."""
    base = _screen_of(state, station, words, now, monotonic)
    if state.aloud and state.devices.speaker:
        base = with_receipt_aloud(base, state, now, headset=pointed.headset)
    zone = ZoneInfo(station.station.time_zone)
    shown = replace(
        base,
        place=base.place or verbatim(station.station.place),
        corner=base.corner or verbatim(station.station.name),
        cue=state.cue,
        cue_serial=state.cue_serial,
        cue_db=cue_db(state.service.sound, station.sound, now, zone, headset=pointed.headset),
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


def _screen_of(
    state: Lending, station: Station, words: Words, now: datetime, monotonic: float
) -> Screen:
    if state.dark:
        return rest.dark()
    match state.over:
        case Over.LANGUAGE:
            return over.language(state, words)
        case Over.HELP:
            return over.help_(state, station, now)
        case Over.STAFF:
            return over.staff(state, station, now)
        case Over.IDLE:
            return over.idle(state, station)
        case Over.ASK_SCAN:
            return sign_in.ask_scan(state)
        case Over.APPROVE:
            return staff.screen(state, station, words, now)
        case Over.ASK_CANCEL:
            return holds.ask_cancel(state)
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
            return rest.closed(state, station, now)
        case Phase.STAFF:
            return staff.screen(state, station, words, now)
        case Phase.START:
            return rest.start(state, station, words, now)
        case Phase.LOOKING:
            return Screen(
                "looking",
                text("looking.title"),
                MessageBody((text("looking.line"),)),
                TimeClass.HELD,
                assist=assist(state),
            )
        case Phase.LOANS:
            return loans.loans(state, station, words)
        case Phase.HOLDS:
            return holds.holds(state, station, words)
        case Phase.FEES:
            return fees.fees(state, station)
        case Phase.PAYING:
            return paying.paying(state, station)
        case Phase.RETURN:
            return give_back.give_back(state, station, words)
        case Phase.CARD:
            return sign_in.card(state, station, monotonic)
        case Phase.NUMBER:
            return sign_in.number(state, station)
        case Phase.PIN:
            return sign_in.pin(state, station)
        case Phase.BLOCKED:
            return sign_in.blocked(state, station)
        case Phase.BORROW | Phase.FINISHING:
            return borrow.borrow(state, station, words)
        case Phase.RECEIPT_FAILED:
            return end.receipt_failed(state, station, words)
        case Phase.END:
            return end.end(state)
        case Phase.CLEAR:
            return Screen(
                "clear_pad",
                text("clear.title"),
                MessageBody((text("clear.line"),), Mark.PUT_BACK, drawing="lift"),
                TimeClass.CLOSING,
            )
