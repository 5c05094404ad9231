"""What is laid over a screen: the warning before the end, languages, help."""

from config.station import Station
from config.texts import text
from drivers.service.view import ChoiceBody, CountdownBody, MessageBody, Screen, TimeClass
from kiosk.lending.state import Lending, Phase
from kiosk.view.actions import assist, languages, primary, secondary
from kiosk.view.rows import Words


def idle(state: Lending, station: Station) -> Screen:
    of = int(station.lending.warning_s * (3 if state.large_text else 1))
    return Screen(
        "idle",
        text("idle.title"),
        CountdownBody(state.idle_left, of, text("idle.footnote")),
        TimeClass.WARNING,
        lead=text("idle.lead", s=state.idle_left),
        actions=(
            primary("continue", "action.continue", "check"),
            secondary("log_out", "action.log_out_now", "logout"),
        ),
        assist=assist(state),
    )


def language(state: Lending, words: Words) -> Screen:
    return Screen(
        "language",
        text("language.title"),
        ChoiceBody(languages(state, words)),
        TimeClass.WORK,
        actions=(secondary("close", "action.back", "arrow_back"),),
        assist=assist(state),
    )


def help_(state: Lending) -> Screen:
    keys: tuple[str, ...]
    match state.phase:
        case Phase.BORROW | Phase.FINISHING:
            keys = ("help.borrow.1", "help.borrow.2", "help.borrow.3", "help.staff")
        case Phase.RETURN:
            keys = ("help.return.1", "help.return.2", "help.staff")
        case Phase.LOANS:
            keys = ("help.loans.1", "help.loans.2", "help.borrow.3", "help.staff")
        case Phase.PIN:
            keys = ("help.pin.1", "pin.forgotten", "help.staff")
        case _:
            keys = ("help.start.1", "help.start.2", "help.start.3", "help.staff")
    return Screen(
        "help",
        text("help.title"),
        MessageBody(tuple(text(key) for key in keys)),
        TimeClass.WORK,
        actions=(primary("close", "action.close", "check"),),
        assist=assist(state, language=state.phase is not Phase.START),
    )
