"""The screen of items that come back, and where each is put."""

from config.station import Station
from config.texts import Text, text, verbatim
from drivers.service.view import Action, PlaceView, RowsBody, Screen, TimeClass
from kiosk.lending import capable
from kiosk.lending.backs import BackState
from kiosk.lending.state import Lending
from kiosk.view.actions import assist, finish, secondary
from kiosk.view.borrow import guide_left_behind
from kiosk.view.rows import Words, back_row, item_row
from kiosk.view.top import printer_banner, visit_banner


def give_back(state: Lending, station: Station, words: Words) -> Screen:
    done = sum(back.state is BackState.RETURNED for back in state.backs)
    ending, pad = state.visit.choice is not None, state.devices.pad
    scanner = state.devices.scanner
    if not state.backs:
        barcode = capable.by_barcode(state, station.lending)
        place = "return.place" if pad or barcode else "return.no_reader"
        title, lead = text("barcode.place" if barcode else place), None
    else:
        title = text("return.count", n=done)
        lead = text("return.lead") if done else None
    return Screen(
        "return",
        title,
        RowsBody(
            rows=(
                *(
                    item_row(row, station, words, changeable=False, pad=pad, scanner=scanner)
                    for row in state.rows
                ),
                *(
                    back_row(back, station, words, changeable=not ending, pad=pad, scanner=scanner)
                    for back in state.backs
                ),
            ),
            places=_places(state, station) if done else (),
            guide=_return_guide(state),
            drawing="none" if state.rows or state.backs or not pad else "pad",
        ),
        TimeClass.HELD if state.busy else TimeClass.WORK,
        lead=lead,
        banner=visit_banner(state, station) or printer_banner(state),
        actions=_return_actions(state, station, ending=ending),
        assist=assist(state),
    )


def _return_actions(state: Lending, station: Station, *, ending: bool) -> tuple[Action, ...]:
    if not state.backs:
        return (secondary("finish.none", "action.back", "arrow_back"),)
    return finish(state, station, finishing=ending, anything=True)


def _return_guide(state: Lending) -> Text | None:
    waiting = next((b for b in state.backs if b.state is BackState.WAIT_TAG), None)
    if waiting is not None and waiting.title and state.devices.pad:
        return text("borrow.guide.put_back", title=waiting.title)
    if state.late:
        return text("borrow.guide.slow" if state.devices.pad else "account.slow")
    if not state.devices.pad:
        return None
    if state.busy or state.reading:
        return text("borrow.guide.leave.short" if state.large_text else "borrow.guide.leave")
    return guide_left_behind(state)


def _places(state: Lending, station: Station) -> tuple[PlaceView, ...]:
    """The furniture as it stands; the staff's counter, which is no furniture, only while something belongs there."""
    found = []
    for place in station.returns.places:
        count = sum(b.state is BackState.RETURNED and b.place == place.id for b in state.backs)
        if place.kind == "staff" and not count:
            continue
        here = text("return.here", n=count) if count else None
        number = place.id if place.kind == "box" else ""
        found.append(PlaceView(place.kind, number, verbatim(place.name), count, here))
    return tuple(found)
