"""The screens of the public inlet, each as a visit brings it about."""

from datetime import UTC, datetime
from functools import cache

from config.texts import LANGUAGES
from drivers.ports import PrinterState
from drivers.service.view import Screen
from sorter.inlet import acts, view
from sorter.inlet.gate import Kind, Why
from sorter.inlet.state import Stand, Way
from tests.unit.sorter_inlet.play import STATION, Play, book, other

NOW = datetime(2026, 11, 3, 9, 42, tzinfo=UTC)


def inlet_screen(name: str) -> Screen:
    """One of them."""
    return inlet()[name]


@cache
def inlet() -> dict[str, Screen]:
    """By name."""
    return {name: view.screen(play.state, STATION, LANGUAGES, NOW, NOW) for name, play in _plays()}


def _plays() -> list[tuple[str, Play]]:
    found: list[tuple[str, Play]] = [
        ("inlet-start", Play()),
        ("inlet-start-no-printer", Play(printer=None)),
    ]

    def add(name: str, play: Play) -> Play:
        found.append((name, play))
        return play

    first = add("inlet-first", Play())
    first.look(book(1))
    first.put(acts.Opened(True))
    add("inlet-visit", _visit())
    many = add("inlet-many", _visit())
    for n in range(10, 18):
        many.drop(book(n), title=f"Titel nummer {n}")
    add("inlet-no-paper", _visit(PrinterState.PAPER_END))
    add("inlet-no-printer", _visit(None))
    for why, tags in (
        (Why.SEVERAL, (book(1), book(2))),
        (Why.INCOMPLETE, (book(1, 1, 3), book(1, 3, 3))),
        (Why.CARD, (other(Kind.CARD),)),
        (Why.STRANGE, (other(Kind.STRANGE),)),
        (Why.UNREAD, (other(Kind.SILENT),)),
    ):
        refused = add(f"inlet-refused-{why.value}", Play())
        refused.look(*tags, times=8)
    between = add("inlet-refused-between", _visit())
    between.put(acts.GaveBack(asked=False))
    for name, way in (("paused", Way.PAUSED), ("closed", Way.CLOSED)):
        shut = add(f"inlet-{name}", Play())
        shut.way(way, "belt")
        shut.fire("way")
        during = add(f"inlet-{name}-during", _visit())
        during.way(way, "belt")
        during.fire("way")
    waiting = add("inlet-waiting", _visit())
    waiting.look(times=1)
    waiting.way(Way.PAUSED, "belt")
    waiting.fire("way")
    for over in ("help", "language"):
        add(f"inlet-{over}", _visit()).press(f"assist.{over}")
    add("inlet-idle", _visit()).fire("idle")
    finishing = add("inlet-finishing", Play())
    finishing.drop(book(1))
    finishing.press("finish.print")
    add("inlet-end", _visit()).press("finish.none")
    printing = add("inlet-printing", _visit())
    printing.press("finish.print")
    printing.fire("answers")
    printed = add("inlet-printed", _visit())
    printed.press("finish.print")
    printed.fire("answers")
    printed.put(acts.Printed(printed.state.visit, True))
    failed = add("inlet-receipt-failed", _visit())
    failed.press("finish.print")
    failed.fire("answers")
    failed.put(acts.Printed(failed.state.visit, False))
    return found


def _visit(printer: PrinterState | None = PrinterState.READY) -> Play:
    """Three things are in, each in another state, and a fourth is on its way."""
    play = Play(printer=printer)
    play.drop(book(1), title="Lykke-Per")
    play.drop(book(2), title="Det forsømte forår", stand=Stand.STAFF)
    play.drop(book(3), title="Skak", stand=Stand.LATER)
    play.drop(book(4))
    play.look(book(5))
    play.put(acts.Opened(True))
    return play
