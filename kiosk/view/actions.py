"""What can be pressed on more than one screen."""

from dataclasses import replace
from datetime import datetime

from config.station import Station
from config.texts import Text, text
from drivers.notify.address import masked
from drivers.ports import PrinterState
from drivers.service.assist import bar, language_row
from drivers.service.view import Action, RowsBody, Screen, Weight
from kiosk.lending import account, capable
from kiosk.lending.state import Lending, Over, Phase
from kiosk.view.rows import Words

RECEIPT_ALOUD = "receipt.aloud"


def primary(id: str, key: str, icon: str = "") -> Action:
    return Action(id, text(key), Weight.PRIMARY, icon)


def secondary(id: str, key: str, icon: str = "") -> Action:
    return Action(id, text(key), Weight.SECONDARY, icon)


def assist(state: Lending, *, language: bool = True) -> tuple[Action, ...]:
    return bar(
        helping=state.over is Over.HELP,
        choosing=state.over is Over.LANGUAGE,
        large_text=state.large_text,
        high_contrast=state.high_contrast,
        aloud=state.aloud,
        voice=state.devices.speaker,
        language=language,
    )


def tabs(state: Lending, station: Station) -> tuple[Action, ...]:
    """The parts of an account; the one that stands on the screen is selected, and a tick says so too."""
    if state.visit.choice is not None:
        return ()
    shown = {Phase.LOANS: "loans", Phase.HOLDS: "holds", Phase.FEES: "fees"}
    here = shown.get(state.phase, "borrow")

    def one(name: str, icon: str) -> Action:
        label = text(f"tab.{name}")
        chosen = name == here
        shown = Action(
            f"show.{name}", label, Weight.CHOICE, "check" if chosen else icon, selected=chosen
        )
        if chosen:
            return shown
        if name == "borrow":
            return replace(shown, reason=why_not(state, station, name, away="tab.offline"))
        there = account.reachable(state)
        return shown if there else replace(shown, reason=text("tab.offline"))

    return (
        one("borrow", "book"),
        one("loans", "library_books"),
        one("holds", "bookmark"),
        one("fees", "payments"),
    )


def why_not(
    state: Lending, station: Station, service: str, *, away: str = "service.offline"
) -> Text | None:
    """Why a service is not to be had now, and where it is; None when it is. `away`: the words for no contact."""
    named = capable.SERVICE_OF.get(service, service)
    if named not in capable.connected(state, station.offline):
        return text(away)
    if named in capable.with_devices(state, station.lending):
        return None if named in state.offered else text("service.not_now")
    if station.nearest is None:
        return text("service.broken")
    return text("service.elsewhere", where=station.nearest.name)


def languages(state: Lending, words: Words) -> tuple[Action, ...]:
    return language_row(words.languages, state.language)


def finish(
    state: Lending, station: Station, *, finishing: bool, anything: bool = False
) -> tuple[Action, ...]:
    """Receipt choice is the end, one touch. A choice that is not possible says why, and another is filled."""
    some = bool(state.told or state.visit.paid) or state.account_changed or anything
    if finishing:
        return (
            Action("finish.running", text("action.finishing"), Weight.PRIMARY, "logout", busy=True),
        )
    if not some:
        return (primary("finish.none", "action.log_out", "logout"),)
    ways = {"print": print_action(state)}
    if state.devices.mail is not None and state.signed_in:
        ways["email"] = mail_action(state)
    ways["none"] = secondary("finish.none", "action.no_receipt", "receipt_long_off")
    wished = (station.lending.receipt_default, *ways)
    first = next(way for way in wished if way in ways and ways[way].reason is None)
    filled = replace(ways.pop(first), weight=Weight.PRIMARY)
    return (filled, *ways.values())


def finish_caption(state: Lending) -> Text:
    """Over the ways to finish; where mail would go, so far as its owner knows it by."""
    something = state.told or state.lents or state.helds or state.visit.owed
    something = something or state.visit.paid
    if something and state.devices.mail and state.address:
        return text("borrow.finish_caption.email", address=masked(state.address))
    return text("borrow.finish_caption")


def print_action(state: Lending, key: str = "action.print") -> Action:
    """A receipt on paper, or why there is none."""
    if state.prints:
        return secondary("finish.print", key, "print")
    reason = _why_no_receipt(state)
    return replace(secondary("finish.print", "action.print.short", "print"), reason=reason)


def mail_action(state: Lending) -> Action:
    """The receipt by e-mail, or why not."""
    patron = state.visit.patron
    unasked = state.devices.away or (patron is not None and patron.unchecked)
    if not state.address and unasked:
        reason = text("mail.not_known.short")
    elif not state.address:
        reason = text("mail.no_address.short")
    elif not state.devices.mail:
        reason = text("mail.down.short")
    else:
        return secondary("finish.email", "action.email", "mail")
    return replace(secondary("finish.email", "action.email.short", "mail"), reason=reason)


def _why_no_receipt(state: Lending) -> Text:
    if "receipt" not in state.offered:
        return text("service.not_now")
    return text(printer_reason(state.devices.printer))


def printer_reason(printer: PrinterState) -> str:
    match printer:
        case PrinterState.PAPER_END:
            return "printer.paper_end.short"
        case PrinterState.COVER_OPEN:
            return "printer.cover_open.short"
        case _:
            return "printer.down.short"


def with_receipt_aloud(shown: Screen, state: Lending, now: datetime, *, headset: bool) -> Screen:
    """Where a receipt can be had, it can be heard as well: when all of it is known, and in a headset, for its titles."""
    ways = {action.id for action in shown.actions}
    if "finish.print" not in ways or state.unsettled or state.slip(now) is None:
        return shown
    heard = secondary(RECEIPT_ALOUD, "speech.receipt", "volume_up")
    heard = replace(heard, spoken=text("speech.receipt.spoken"))
    if not headset:
        heard = replace(heard, reason=text("speech.receipt.headset"))
    shown = replace(shown, actions=(*shown.actions, heard))
    if state.large_text:
        return shown
    # in small type the buttons of a wide screen need the room of the lines over them
    body = replace(shown.body, guide=None) if isinstance(shown.body, RowsBody) else shown.body
    return replace(shown, caption=None, body=body)
