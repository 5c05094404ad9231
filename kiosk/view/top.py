"""What stands above a screen: who is greeted, and what does not work."""

from config.station import Station
from config.texts import Text, text
from drivers.service.view import Banner
from kiosk.lending import capable
from kiosk.lending.state import Lending


def greeting(state: Lending) -> Text | None:
    patron = state.visit.patron
    name = patron.name.reveal().split() if patron is not None else []
    return text("top.greeting", name=name[0][:24]) if name else None


def printer_banner(state: Lending) -> Banner | None:
    if state.devices.printer.usable:
        return None
    return Banner(text("banner.printer"), text("banner.printer.words"))


def rest_banner(state: Lending, station: Station) -> Banner | None:
    """While nobody is here: what is missing and what is left, worst first."""
    offline = offline_banner(state, station)
    if offline is not None:
        return offline
    if capable.account_only(state, station.lending):
        return _elsewhere(station)
    if not capable.steady(state, "scanner"):
        return Banner(text("banner.scanner"), text("banner.scanner.words"))
    if capable.by_barcode(state, station.lending):
        return Banner(text("banner.pad"), text("barcode.one"))
    return printer_banner(state)


def _elsewhere(station: Station) -> Banner:
    """Items are not taken here: where the next machine does, if the library has told of one."""
    near = station.nearest
    if near is None:
        return Banner(text("banner.pad"), text("banner.pad.loans"))
    words = text(f"closed.distance.{near.direction}", n=near.metres)
    if near.landmark:
        words = text("banner.elsewhere.words", distance=words, place=near.landmark)
    return Banner(text("banner.elsewhere", where=near.name), words)


def sign_in_banner(state: Lending, station: Station) -> Banner | None:
    """What a person who is about to sign in should know: first what keeps her from it."""
    offline = offline_banner(state, station)
    if offline is not None:
        return offline
    if not capable.steady(state, "scanner"):
        return Banner(text("banner.scanner"), text("banner.scanner.words"))
    return printer_banner(state)


def offline_banner(state: Lending, station: Station) -> Banner | None:
    """The library system is away: what still works."""
    if not state.devices.away:
        return None
    works = capable.works(state, station.lending, station.offline)
    match "borrow" in works, "return" in works:
        case True, True:
            words = text("banner.offline.both")
        case True, False:
            words = text("banner.offline.lend")
        case False, True:
            words = text("banner.offline.take_back")
        case _:
            return Banner(text("banner.library"), text("banner.library.words"))
    return Banner(text("banner.offline"), words)


def visit_banner(state: Lending, station: Station) -> Banner | None:
    """One at a time: what became of a scan just now, then what does not work, worst first."""
    said = state.visit.said
    if said:
        return Banner(text(f"{said}.name"), text(f"{said}.words"))
    offline = offline_banner(state, station)
    if offline is not None:
        return offline
    if not state.devices.pad:
        if not state.unsettled and not capable.takes_items(state, station.lending):
            return _elsewhere(station)
        waits = state.unsettled or station.lending.without_pad == "closed"
        return Banner(text("banner.pad"), text("banner.pad.words" if waits else "barcode.one"))
    return None
