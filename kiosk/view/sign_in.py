"""The screens of signing in."""

from config.station import Station
from config.texts import Text, text
from drivers.service.view import Action, EntryBody, Mark, MessageBody, Screen, TimeClass, Weight
from kiosk.lending.sign_in import blocked_minutes
from kiosk.lending.state import Lending
from kiosk.view.actions import assist, primary, secondary
from kiosk.view.top import greeting, printer_banner


def card(state: Lending, station: Station, monotonic: float) -> Screen:
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
        banner=printer_banner(state),
        actions=(secondary("back", "action.back", "arrow_back"),),
        assist=assist(state),
    )


def pin(state: Lending, station: Station) -> Screen:
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
        actions=(secondary("back", "action.back", "arrow_back"),),
        assist=assist(state),
    )


def blocked(state: Lending) -> Screen:
    return Screen(
        "blocked",
        text("blocked.title"),
        MessageBody((text("blocked.line"),)),
        TimeClass.WORK,
        corner=greeting(state),
        actions=(primary("log_out", "action.log_out", "logout"),),
        assist=assist(state),
    )


def ask_scan(state: Lending) -> Screen:
    return Screen(
        "ask_scan",
        text("ask_scan.title"),
        MessageBody((text("ask_scan.line"),)),
        TimeClass.WORK,
        corner=greeting(state),
        actions=(
            secondary("item.yes", "action.is_item", "book"),
            primary("item.no", "action.is_not_item", "close"),
        ),
        assist=assist(state),
    )


def _notice(state: Lending, station: Station, monotonic: float) -> Text:
    visit, rules = state.visit, station.lending
    if visit.notice != "pin.blocked":
        return text(visit.notice)
    minutes = blocked_minutes(
        monotonic, state.tries, visit.mark, rules.pin_block_s, rules.pin_tries
    )
    return text("pin.blocked", minutes=max(1, minutes))
