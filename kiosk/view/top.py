"""What stands above a screen: who is greeted, and what does not work."""

from config.texts import Text, text
from drivers.ports import Online
from drivers.service.view import Banner
from kiosk.lending.state import Lending


def greeting(state: Lending) -> Text | None:
    patron = state.visit.patron
    name = patron.name.reveal().split() if patron is not None else []
    return text("top.greeting", name=name[0][:24]) if name else None


def printer_banner(state: Lending) -> Banner | None:
    if state.devices.printer.usable:
        return None
    return Banner(text("banner.printer"), text("banner.printer.words"))


def visit_banner(state: Lending) -> Banner | None:
    """One at a time, worst first."""
    if state.devices.library is Online.OFFLINE:
        return Banner(text("banner.library"), text("banner.library.words"))
    if not state.devices.pad:
        return Banner(text("banner.pad"), text("banner.pad.words"))
    return None
