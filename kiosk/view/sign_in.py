"""The screens of signing in."""

from dataclasses import replace

from config.station import Station
from config.texts import Text, text
from drivers.service.view import Action, EntryBody, Mark, MessageBody, Screen, TimeClass, Weight
from kiosk.lending.first_scan import TAKEN
from kiosk.lending.state import SIGNING_IN, Devices, Lending, Visit
from kiosk.lending.tries import MACHINE, minutes, wait_s
from kiosk.view.actions import assist, primary, secondary, tabs, why_not
from kiosk.view.top import greeting, sign_in_banner


def _went_well(visit: Visit) -> bool:
    """What is told is no mistake."""
    return visit.notice == TAKEN


def card(state: Lending, station: Station, monotonic: float) -> Screen:
    devices = state.devices
    lines = [text("account.waiting")] if state.visit.finding else []
    if state.visit.notice:
        lines.append(_notice(state, station, monotonic))
    if state.counted:
        lines.append(_items(state))
    lines.append(text(_where(devices)))
    can_show = devices.scanner or devices.card
    typing = (secondary if can_show else primary)("type", "action.type_number", "dialpad")
    if not _typed_is_believed(state, station):
        typing = replace(typing, reason=text("service.offline"))
    returns = bool(state.counted) and why_not(state, station, "return") is None
    return Screen(
        "card",
        text(_title(devices)),
        MessageBody(
            tuple(lines),
            Mark.PUT_BACK if state.visit.notice and not _went_well(state.visit) else Mark.NONE,
            drawing="card" if can_show else "none",
        ),
        TimeClass.HELD if state.busy else TimeClass.WORK,
        # in large type three ways need its room; the start screen has told of it
        banner=None if returns and state.large_text else sign_in_banner(state, station),
        actions=(
            typing,
            *([secondary("return", "action.return", "inbox")] if returns else ()),
            secondary("back", "action.back", "arrow_back"),
        ),
        assist=assist(state),
    )


def _items(state: Lending) -> Text:
    """How many wait for her card: on the pad, or known by their barcodes alone."""
    here = sum(row.here > 0 for row in state.counted)
    return text("card.items", n=here) if here else text("card.items.scanned", n=len(state.counted))


def _title(devices: Devices) -> str:
    if devices.scanner:
        return "card.title"
    return "card.title.hold" if devices.card else "card.title.type"


def _where(devices: Devices) -> str:
    if devices.scanner:
        return "card.where.both" if devices.card else "card.where"
    return "card.where.hold" if devices.card else "card.where.type"


def _keys() -> tuple[Action, ...]:
    digits = tuple(
        Action(f"key.{digit}", text("action.digit", digit=digit), Weight.KEY)
        for digit in "1234567890"
    )
    return (*digits, Action("key.erase", text("action.erase"), Weight.KEY, "backspace"))


def number(state: Lending, station: Station) -> Screen:
    """The number of a card, typed: masked as a PIN is, for it may be a CPR number."""
    visit, length = state.visit, station.lending.card_digits
    filled = len(visit.typed.reveal())
    return Screen(
        "number",
        text("number.title"),
        EntryBody(
            length=length,
            filled=filled,
            hint=text("pin.hint", n=filled, m=length),
            keys=_keys(),
            confirmed=text(visit.notice) if _went_well(visit) else None,
            notice=None if _went_well(visit) or not visit.notice else text(visit.notice),
            footnote=None if visit.notice else text("number.where"),  # the keys need the room
        ),
        TimeClass.HELD if state.busy else TimeClass.WORK,
        actions=(secondary("back", "action.back", "arrow_back"),),
        assist=assist(state),
    )


def pin(state: Lending, station: Station) -> Screen:
    visit, length = state.visit, station.lending.pin_length
    filled = len(visit.pin.reveal())
    read = "pin.number_typed" if visit.by_hand else "pin.card_read"
    waiting = text("account.waiting") if visit.finding else None
    if visit.asking:
        waiting = text("pin.slow") if visit.slow else text("pin.waiting")
    return Screen(
        "pin",
        text("pin.title"),
        EntryBody(
            length=length,
            filled=filled,
            hint=text("pin.hint", n=filled, m=length),
            keys=_keys(),
            confirmed=text(visit.notice if _went_well(visit) else read),
            notice=None if _went_well(visit) or not visit.notice else text(visit.notice),
            waiting=waiting,
            footnote=_forgotten(station),
        ),
        TimeClass.HELD if state.busy else TimeClass.WORK,
        actions=(secondary("back", "action.back", "arrow_back"),),
        assist=assist(state),
    )


def _forgotten(station: Station) -> Text:
    """Where whoever has forgotten her PIN gets a new one, as far as the library has told."""
    where = station.help.new_pin
    return text("help.pin.forgotten", where=where) if where else text("pin.forgotten")


def blocked(state: Lending, station: Station) -> Screen:
    return Screen(
        "blocked",
        text("blocked.title"),
        MessageBody((text("blocked.line"),)),
        TimeClass.WORK,
        corner=greeting(state),
        tabs=tabs(state, station),
        actions=(
            primary("log_out", "action.log_out", "logout"),
            replace(
                secondary("return", "action.return", "inbox"),
                reason=why_not(state, station, "return"),
            ),
        ),
        assist=assist(state),
    )


def ask_scan(state: Lending) -> Screen:
    return Screen(
        "ask_scan",
        text("ask_scan.title"),
        MessageBody(
            (text("ask_scan.line.card" if state.phase in SIGNING_IN else "ask_scan.line"),)
        ),
        TimeClass.WORK,
        corner=greeting(state),
        actions=(
            primary("item.no", "action.is_not_item", "close"),
            secondary("item.yes", "action.is_item", "book"),
        ),
        assist=assist(state),
    )


def _typed_is_believed(state: Lending, station: Station) -> bool:
    return station.offline.typed_cards or not state.devices.away


def _notice(state: Lending, station: Station, monotonic: float) -> Text:
    notice = state.visit.notice
    if notice == "card.unread" and not _typed_is_believed(state, station):
        return text("card.unread.offline")
    if notice not in {"pin.blocked", "pin.machine_waits"}:
        return text(notice)
    mark = state.visit.mark if notice == "pin.blocked" else MACHINE
    left = minutes(wait_s(state.tries, mark, monotonic))
    return text(notice, minutes=max(1, left))
