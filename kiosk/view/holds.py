"""The screen of a person's holds, their rows, and the question before one is cancelled."""

from dataclasses import replace

from config.station import Station
from config.texts import Text, text, verbatim
from drivers.ports import Hold, HoldState
from drivers.service.view import Action, Mark, MessageBody, Row, RowsBody, Screen, TimeClass, Weight
from kiosk.lending import capable
from kiosk.lending.helds import Held, HeldState, is_here
from kiosk.lending.state import Lending
from kiosk.view.actions import assist, finish, finish_caption, primary, secondary, tabs
from kiosk.view.rows import Words
from kiosk.view.top import greeting, visit_banner


def holds(state: Lending, station: Station, words: Words) -> Screen:
    ending = state.visit.choice is not None
    lead: Text | None = None
    ready = sum(_to_fetch(held, station) for held in state.helds)
    if state.visit.fetching:
        title = text("account.waiting")
    elif state.visit.notice:
        title, lead = text("holds.title"), text(state.visit.notice)
    elif not state.helds:
        title = text("holds.none")
    elif ready:
        title, lead = text("holds.ready", n=ready), _how_to_fetch(state, station)
    else:
        title = text("holds.title")
    if state.late:
        lead = text("account.slow")
    rows = tuple(held_row(held, station, words, changeable=not ending) for held in state.helds)
    return Screen(
        "holds",
        title,
        RowsBody(rows=rows),
        TimeClass.HELD if state.busy else TimeClass.WORK,
        lead=lead,
        corner=greeting(state),
        banner=visit_banner(state, station),
        caption=finish_caption(state),
        tabs=tabs(state, station),
        actions=finish(state, station, finishing=ending, anything=bool(rows)),
        assist=assist(state),
    )


def ask_cancel(state: Lending) -> Screen:
    held = state.held(state.visit.asked)
    title = held.hold.title if held is not None else ""
    ready = held is not None and held.hold.state is HoldState.READY
    lines = (
        *((verbatim(title),) if title else ()),
        text("ask_cancel.ready" if ready else "ask_cancel.line"),
    )
    return Screen(
        "ask_cancel",
        text("ask_cancel.title"),
        MessageBody(lines),
        TimeClass.WORK,
        corner=greeting(state),
        actions=(
            primary("cancel.no", "ask_cancel.no", "bookmark"),
            secondary("cancel.yes", "ask_cancel.yes", "close"),
        ),
        assist=assist(state),
    )


def held_row(held: Held, station: Station, words: Words, *, changeable: bool) -> Row:
    """A hold of the account. It offers nothing unless `changeable`."""
    hold = held.hold
    title = verbatim(hold.title) if hold.title else text("row.unread.title")
    shown = _listed(held.id, hold, title, station)
    match held.state:
        case HeldState.ASKING:
            return Row(held.id, Mark.RUNNING, title, text("hold.cancelling"))
        case HeldState.UNKNOWN:
            return Row(held.id, Mark.RUNNING, title, text("hold.unsure"))
        case HeldState.CANCELLED:
            return Row(held.id, Mark.DONE, title, text("hold.cancelled"))
        case HeldState.STAFF:
            later = text("row.unanswered.detail")
            return Row(held.id, Mark.STAFF, title, text("row.unanswered"), detail=later)
        case HeldState.REFUSED:
            shown = Row(held.id, Mark.REFUSED, title, text("hold.not_cancelled"))
            shown = replace(shown, detail=text(words.reason(held.reason)), advice=_place(hold))
        case HeldState.LISTED:
            pass
    cancel = Action(
        f"cancel.{held.id}",
        text("hold.cancel"),
        Weight.QUIET,
        spoken=text("hold.cancel.spoken", title=hold.title),
    )
    return replace(shown, actions=(cancel,) if changeable and held.cancellable else ())


def _listed(id: str, hold: Hold, title: Text, station: Station) -> Row:
    by = text("hold.collect_by", day=hold.until) if hold.until is not None else None
    match hold.state:
        case HoldState.READY if is_here(hold, station.branch_names):
            return Row(id, Mark.HOLD, title, text("hold.ready"), detail=by, advice=_place(hold))
        case HoldState.READY:
            elsewhere = text("hold.ready_elsewhere", branch=hold.branch)
            advice = text("hold.ready_elsewhere.advice")
            return Row(id, Mark.SEEN, title, elsewhere, detail=by, advice=advice)
        case HoldState.WAITING:
            return Row(id, Mark.NONE, title, text("hold.waiting"), detail=_wait(hold))
        case HoldState.EXPIRED:
            advice = text("hold.expired.advice")
            return Row(id, Mark.STAFF, title, text("hold.expired"), advice=advice)


def _to_fetch(held: Held, station: Station) -> bool:
    ready = held.hold.state is HoldState.READY and is_here(held.hold, station.branch_names)
    return ready and held.state in {HeldState.LISTED, HeldState.REFUSED}


def _how_to_fetch(state: Lending, station: Station) -> Text:
    """A hold that lies ready is lent like any other item; where this machine takes none, elsewhere."""
    if state.devices.pad:
        return text("holds.lead")
    if capable.by_barcode(state, station.lending):
        return text("holds.lead.barcode")
    if station.nearest is None:
        return text("holds.lead.staff")
    return text("holds.lead.elsewhere", where=station.nearest.name)


def _place(hold: Hold) -> Text | None:
    """Where on the shelf: by number, or in the words that name a shelf."""
    if not hold.shelf:
        return None
    if hold.shelf.isdecimal():
        return text("hold.number", number=hold.shelf)
    return text("hold.shelf", shelf=hold.shelf)


def _wait(hold: Hold) -> Text | None:
    if hold.waiting:
        return text("hold.queue", n=hold.waiting)
    return text("hold.wanted_until", day=hold.until) if hold.until is not None else None
