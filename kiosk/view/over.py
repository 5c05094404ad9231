"""What is laid over a screen: the warning before the end, languages, help."""

from datetime import datetime
from zoneinfo import ZoneInfo

from config.station import SERVICES, Station
from config.texts import Text, text
from drivers.service.view import (
    Action,
    ChoiceBody,
    CountdownBody,
    Mark,
    MessageBody,
    Screen,
    TimeClass,
    Weight,
)
from kiosk.lending import capable, hours
from kiosk.lending.rows import RowState
from kiosk.lending.state import SIGNING_IN, Lending, Phase
from kiosk.lending.turn import ACCESS_PATIENCE
from kiosk.view.actions import assist, languages, primary, secondary
from kiosk.view.rows import Words


def idle(state: Lending, station: Station) -> Screen:
    footnote = "idle.footnote" if state.pad.empty else "idle.left_on_pad"
    of = int(station.lending.warning_s * (ACCESS_PATIENCE if state.patient else 1))
    return Screen(
        "idle",
        text("idle.title"),
        CountdownBody(state.idle_left, of, text(footnote)),
        TimeClass.WARNING,
        lead=text("idle.lead" if state.signed_in else "idle.lead.nobody", s=state.idle_left),
        actions=(
            primary("continue", "action.continue", "check"),
            secondary("log_out", "action.log_out_now", "logout")
            if state.signed_in
            else secondary("log_out", "action.end_now", "close"),
        ),
        assist=assist(state),
    )


def _steps(state: Lending, station: Station) -> tuple[str, ...]:
    """What to do first, then, last; nothing that cannot be done now."""
    pad, cards = capable.steady(state, "pad"), capable.reads_cards(state)
    works = capable.works(state, station.lending, station.offline) & state.offered
    steps: list[str] = []
    if "return" in works:
        steps.append("help.start.1" if pad else "help.start.scan")
    if works & {"borrow", "loans"}:
        chip = capable.reads_chips_only(state)
        card = "help.start.hold" if chip else "help.start.2"
        steps.append(card if cards else "help.start.type")
    if state.prints:
        steps.append("help.start.3")
    return tuple(steps)


def _what_to_do(state: Lending, station: Station) -> list[Text]:
    keys: tuple[str, ...]
    if state.visit.scan is not None or state.visit.asked:
        asked = "scan" if state.visit.scan is not None else "cancel"
        hers = state.visit.scan is not None and state.phase in SIGNING_IN
        return [text(f"help.ask_{asked}.1"), text(f"help.ask_{asked}.{'card' if hers else '2'}")]
    devices = state.devices
    barcode = capable.by_barcode(state, station.lending)
    match state.phase:
        case Phase.BORROW | Phase.FINISHING:
            incomplete = any(row.state is RowState.INCOMPLETE for row in state.rows)
            first = "help.set.1" if incomplete else "help.borrow.1"
            keys = (first, "help.borrow.2", "help.borrow.3")
            if not devices.pad:
                keys = (*(("barcode.one",) if barcode else ()), "help.borrow.3")
        case Phase.RETURN:
            keys = ("help.return.1", "help.return.2")
            if not devices.pad:
                keys = ("barcode.one", "help.return.2") if barcode else ("help.staff",)
        case Phase.LOANS:
            keys = ("help.loans.1", "help.loans.2", "help.borrow.3")
        case Phase.HOLDS:
            fetch = ("help.holds.2",) if devices.pad else ()
            keys = ("help.holds.1", *fetch, "help.borrow.3")
        case Phase.FEES:
            keys = ("help.fees.1", "help.borrow.3")
        case Phase.PAYING:
            keys = ("help.paying.1", "help.paying.2")
        case Phase.RECEIPT_FAILED:
            keys = ("help.receipt_failed.1", "help.receipt_failed.2")
        case Phase.CARD:
            chip = "card.where.hold" if devices.card else "banner.scanner.words"
            keys = ("help.card.1" if devices.scanner else chip,)
        case Phase.BLOCKED:
            keys = ("help.blocked.1",)
        case Phase.NUMBER:
            keys = ("help.number.1", "help.number.2")
        case Phase.PIN if station.help.new_pin:
            forgotten = text("help.pin.forgotten", where=station.help.new_pin)
            return [text("help.pin.1"), forgotten]
        case Phase.PIN:
            keys = ("help.pin.1", "pin.forgotten")
        case _:
            keys = _steps(state, station)
    return [text(key) for key in keys]


def language(state: Lending, words: Words) -> Screen:
    return Screen(
        "language",
        text("language.title"),
        ChoiceBody(languages(state, words)),
        TimeClass.WORK,
        actions=(secondary("close", "action.back", "arrow_back"),),
        assist=assist(state),
    )


def help_(state: Lending, station: Station, now: datetime) -> Screen:
    """What to do now, what the machine does not do at this hour, and where people are."""
    return Screen(
        "help",
        text("help.title"),
        MessageBody(
            (
                *_what_to_do(state, station),
                *(_not_now(state) or [text("help.staff")]),
                *_hours(station, now)[:1],
            )
        ),
        TimeClass.WORK,
        actions=(
            primary("close", "action.close", "check"),
            secondary("call", "action.ask_staff", "support_agent"),
            *_way_in(state),
        ),
        assist=assist(state, language=state.phase is not Phase.START),
    )


def staff(state: Lending, station: Station, now: datetime) -> Screen:
    """Where a person is to be found, and when."""
    told = station.help.call == "notice"
    lines = [text("staff.coming.line")] if told and state.signed_in else []
    return Screen(
        "staff",
        text("staff.coming.title" if told else "staff.where.title"),
        MessageBody((*lines, *_people(station, now)), Mark.STAFF),
        TimeClass.WORK,
        actions=(
            primary("close", "action.close", "check"),
            *_let_go(state),
        ),
        assist=assist(state, language=state.phase is not Phase.START),
    )


def _way_in(state: Lending) -> tuple[Action, ...]:
    """For staff, while nobody else is here: a card and a PIN are asked for behind it."""
    return (secondary("staff", "staff.way_in", "login"),) if state.phase is Phase.START else ()


def _let_go(state: Lending) -> tuple[Action, ...]:
    """For staff, over a visit: a set with parts missing may be lent all the same."""
    if state.phase is not Phase.BORROW:
        return ()
    rows = [row for row in state.rows if row.state is RowState.INCOMPLETE]
    return tuple(
        Action(
            f"approve.{row.id}",
            text("staff.approve.way_in", title=row.title or row.item),
            Weight.SECONDARY,
            "login",
        )
        for row in rows[:2]
    )


def _people(station: Station, now: datetime) -> tuple[Text, ...]:
    """Where staff is, when, and what to do while nobody is here."""
    words = station.help
    lines: list[Text] = []
    here = hours.staffed(station.opening, _local(station, now))
    if here is False:
        lines.append(text("staff.none.line"))
    elif words.counter:
        lines.append(text("staff.where.line", where=words.counter))
    if words.phone and here is not True:
        lines.append(text("staff.phone.line", phone=words.phone))
    lines += _hours(station, now)
    return tuple(lines) or (text("help.staff"),)


def _hours(station: Station, now: datetime) -> list[Text]:
    """Today's hours, as far as the library has told them."""
    local = _local(station, now)
    today = hours.hours_of(station.opening, local.date())
    if today is None:
        return []
    if not today.open:
        return [text("hours.closed")]
    zone = ZoneInfo(station.station.time_zone)
    begin, end = hours.span_of(today.open, local.date(), zone)
    lines = [text("hours.open", begin=begin, end=end)]
    if not today.staffed:
        return [*lines, text("hours.unstaffed")]
    begin, end = hours.span_of(today.staffed, local.date(), zone)
    return [*lines, text("hours.staffed", begin=begin, end=end)]


def _local(station: Station, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(station.station.time_zone))


def _not_now(state: Lending) -> list[Text]:
    """What the machine does not do at this hour, where somebody may look for it."""
    services = SERVICES if state.phase in {Phase.START, Phase.CARD} else ("receipt",)
    return [text(f"service.not_now.{each}") for each in services if each not in state.offered]
