"""The screens while nobody is here: start, and out of order."""

from datetime import datetime
from zoneinfo import ZoneInfo

from config.station import Station
from config.texts import Text, text
from drivers.errors import Code
from drivers.service.assist import closed_body
from drivers.service.view import (
    Action,
    DarkBody,
    Ground,
    Part,
    Screen,
    StartBody,
    TimeClass,
    Weight,
)
from kiosk.lending import capable, hours
from kiosk.lending.state import Lending
from kiosk.view.actions import assist, languages, why_not
from kiosk.view.rows import Words
from kiosk.view.top import rest_banner


def start(state: Lending, station: Station, words: Words, now: datetime) -> Screen:
    pad = capable.steady(state, "pad")
    barcode = capable.by_barcode(state, station.lending)
    cards = capable.reads_cards(state)
    account_only = capable.account_only(state, station.lending)
    chip = capable.reads_chips_only(state)
    card = "start.card.hold" if chip else "start.card"
    return Screen(
        "start",
        text("start.title.account" if account_only else _title(pad, barcode, cards, chip)),
        StartBody(
            parts=(
                Part("A", text("start.pad" if pad else "banner.pad")),
                Part("B", text(card if cards else "banner.scanner")),
            ),
            choices=(
                _choice(state, station, "borrow", "book"),
                _choice(state, station, "return", "inbox"),
                _choice(state, station, "loans", "autorenew"),
                _choice(state, station, "holds", "bookmark"),
            ),
            languages_label=text("start.languages"),
            languages=languages(state, words),
            drawing="pad" if pad else "barcode" if barcode else "card",
            reads=cards,
        ),
        TimeClass.REST,
        corner=text("top.clock", now=now.replace(second=0, microsecond=0)),
        banner=rest_banner(state, station),
        assist=assist(state, language=False),
    )


def _title(pad: bool, barcode: bool, cards: bool, chip: bool) -> str:
    """What to do first, where items are taken; a card is asked for as it can be read."""
    if barcode:
        return "start.title.barcode"
    if not cards:
        return "start.title.typed" if pad else "card.title.typed"
    if chip:
        return "start.title.hold" if pad else "card.title.hold"
    return "start.title" if pad else "card.title"


def _choice(state: Lending, station: Station, service: str, icon: str) -> Action:
    """What the machine does; what it does not at this hour, or cannot, says so."""
    reason = why_not(state, station, service)
    return Action(service, text(f"action.{service}"), Weight.CHOICE, icon, reason=reason)


def dark() -> Screen:
    """The screen is off. What it says is for who asks the station, not for who stands before it."""
    return Screen("dark", text("dark.title"), DarkBody(), TimeClass.REST)


def closed(state: Lending, station: Station, now: datetime) -> Screen:
    faults = state.devices.faults
    code = faults[0][1].value if faults else Code.LIBRARY_OFFLINE.value
    cause = state.service.cause
    return Screen(
        "closed",
        text("closed.title"),
        closed_body(
            station.nearest,
            sentence="closed.sentence",
            since=text("closed.since", since=state.service.since or state.closed_since or now),
            code=text(f"staff.cause.{cause.value}") if cause else text("closed.code", code=code),
            way_in=Action("staff", text("staff.way_in"), Weight.QUIET, "support_agent"),
        ),
        TimeClass.REST,
        ground=Ground.INK,
        lead=_whom_to_ask(station, now),
    )


def _whom_to_ask(station: Station, now: datetime) -> Text:
    """Staff, or while nobody is known to be here the telephone, if the library has told of one."""
    here = hours.staffed(station.opening, now.astimezone(ZoneInfo(station.station.time_zone)))
    if station.help.phone and here is not True:
        return text("closed.lead.phone", phone=station.help.phone)
    return text("closed.lead")
