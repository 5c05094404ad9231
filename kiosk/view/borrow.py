"""The screen of items that are lent."""

from config.station import Station
from config.texts import Text, text
from drivers.service.view import RowsBody, Screen, TimeClass
from kiosk.lending import capable
from kiosk.lending.rows import REASON_TOO_MANY, RowState
from kiosk.lending.state import Lending, Phase
from kiosk.view.actions import assist, finish, finish_caption, tabs
from kiosk.view.rows import Words, item_row, segment_of
from kiosk.view.top import greeting, visit_banner


def borrow(state: Lending, station: Station, words: Words) -> Screen:
    finishing = state.phase is Phase.FINISHING
    counted = state.counted
    barcode = capable.by_barcode(state, station.lending)
    if counted:
        done = sum(row.state is RowState.DONE for row in counted)
        title = text("borrow.count", n=done, m=len(counted))
    else:
        takes = capable.takes_items(state, station.lending)
        pad = "borrow.place" if takes else "borrow.no_reader"
        title = text("barcode.place" if barcode else pad)
    return Screen(
        "borrow",
        title,
        RowsBody(
            rows=tuple(
                item_row(
                    row,
                    station,
                    words,
                    changeable=not finishing,
                    pad=state.devices.pad,
                    scanner=state.devices.scanner,
                    reserves=not state.devices.away,
                )
                for row in state.rows
            ),
            progress=tuple(segment_of(row) for row in counted),
            guide=_guide(state, barcode=barcode, whole_sets=station.security.whole_sets),
            drawing="none" if state.rows or not state.devices.pad else "pad",
        ),
        TimeClass.HELD if state.unsettled or state.busy else TimeClass.WORK,
        corner=greeting(state),
        banner=visit_banner(state, station),
        caption=finish_caption(state),
        tabs=() if finishing else tabs(state, station),
        actions=finish(state, station, finishing=finishing),
        assist=assist(state),
    )


def _guide(state: Lending, *, barcode: bool, whole_sets: bool) -> Text | None:
    waits = (row for row in state.rows if row.state is RowState.WAIT_TAG)
    waiting = next((row for row in waits if row.all_seen(whole_sets)), None)
    if waiting is not None and state.devices.pad:
        return text("borrow.guide.put_back", title=waiting.title or waiting.item)
    if state.late:
        return text("account.slow" if barcode else "borrow.guide.slow")
    if barcode:
        more = state.counted and state.phase is Phase.BORROW
        return text("barcode.more") if more else None
    if not state.devices.pad:
        return None
    if any(row.state is RowState.UNREAD for row in state.rows):
        return text("borrow.guide.unread")
    if state.busy or state.reading:
        return text("borrow.guide.leave.short" if state.large_text else "borrow.guide.leave")
    if state.phase is Phase.BORROW and state.counted and not state.left_behind:
        full = any(row.reason == REASON_TOO_MANY for row in state.counted)
        return text("borrow.guide.full" if full else "borrow.guide.more")
    return guide_left_behind(state)


def guide_left_behind(state: Lending) -> Text | None:
    """What somebody else may have left is not taken for anybody's until it is laid down again."""
    return text("borrow.guide.left_behind") if state.left_behind else None
