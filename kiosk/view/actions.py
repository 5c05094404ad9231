"""What can be pressed on more than one screen."""

from config.station import Station
from config.texts import LANGUAGES, text
from drivers.ports import PrinterState
from drivers.service.view import Action, Weight
from kiosk.lending.state import Lending, Over
from kiosk.view.rows import Words


def primary(id: str, key: str, icon: str = "") -> Action:
    return Action(id, text(key), Weight.PRIMARY, icon)


def secondary(id: str, key: str, icon: str = "") -> Action:
    return Action(id, text(key), Weight.SECONDARY, icon)


def assist(state: Lending, *, language: bool = True) -> tuple[Action, ...]:
    def one(id: str, key: str, icon: str, *, on: bool = False) -> Action:
        spoken = text("assist.on", what=text(key)) if on else None
        return Action(id, text(key), Weight.ASSIST, icon, selected=on, spoken=spoken)

    bar = [one("assist.help", "assist.help", "help", on=state.over is Over.HELP)]
    if language:
        bar.append(
            one("assist.language", "assist.language", "language", on=state.over is Over.LANGUAGE)
        )
    bar.append(one("assist.larger", "assist.larger", "text_increase", on=state.large_text))
    bar.append(one("assist.contrast", "assist.contrast", "contrast", on=state.high_contrast))
    return tuple(bar)


def languages(state: Lending, words: Words) -> tuple[Action, ...]:
    return tuple(
        Action(
            f"language.{language}",
            text(f"language.name_{language}"),
            Weight.CHOICE,
            selected=language == state.language,
        )
        for language in LANGUAGES
        if language in words.languages
    )


def finish(
    state: Lending, station: Station, *, finishing: bool, anything: bool = False
) -> tuple[Action, ...]:
    """Receipt choice is the end, one touch. A choice that is not possible says why, and another is filled."""
    some = bool(state.counted) or anything
    printer = state.devices.printer
    if finishing:
        return (
            Action("finish.running", text("action.finishing"), Weight.PRIMARY, "logout", busy=True),
        )
    reason = None if printer.usable else text(printer_reason(printer))
    print_first = station.lending.receipt_default == "print" and reason is None and some
    with_print = Action(
        "finish.print",
        text("action.print") if reason is None else text("action.print.short"),
        Weight.PRIMARY if print_first else Weight.SECONDARY,
        "print",
        reason=reason,
    )
    without = Action(
        "finish.none",
        text("action.no_receipt") if some else text("action.log_out"),
        Weight.SECONDARY if print_first else Weight.PRIMARY,
        "receipt_long_off" if some else "logout",
    )
    if not some:
        return (without,)
    return (with_print, without) if print_first else (without, with_print)


def printer_reason(printer: PrinterState) -> str:
    match printer:
        case PrinterState.PAPER_END:
            return "printer.paper_end.short"
        case PrinterState.COVER_OPEN:
            return "printer.cover_open.short"
        case _:
            return "printer.down.short"
