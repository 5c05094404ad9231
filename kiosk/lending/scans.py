"""A number that is scanned during a visit: an item's, somebody's card, or neither. Two people are never mixed.

Where its looks do not tell, the library system is asked whether it has such an item, and while nobody can be asked
the person is. Only then is it used, so no card's number is ever written down as an item's. What could be a CPR number
is asked about once she has said that it is an item, and while nobody can be asked it is not used at all.
"""

from drivers.ports import Scan, Secret
from drivers.scanner.classify import (
    Ambiguous,
    Card,
    Cpr,
    ItemNumber,
    Rules,
    Step,
    What,
    classify,
    is_cpr_shaped,
)
from drivers.service.view import Cue
from kiosk.lending import items, returning
from kiosk.lending.acts import AskNumber
from kiosk.lending.state import LISTS, Over, Phase
from kiosk.lending.turn import Turn

VISITS = frozenset({Phase.BORROW, Phase.RETURN, *LISTS})
"""Items are taken by their barcodes, and no card is."""


def numbers(turn: Turn) -> Rules:
    """What numbers look like here."""
    return Rules(
        turn.security.item_pattern,
        turn.rules.card_pattern,
        frozenset(turn.security.item_aims),
        frozenset(turn.rules.card_aims),
    )


def scanned(turn: Turn, scan: Scan) -> None:
    """A barcode during a visit."""
    match classify(scan, Step.ITEM, numbers(turn)):
        case ItemNumber(number=number):
            _item(turn, number)
        case Ambiguous(candidates=candidates, number=number):
            _either(turn, number, is_cpr=What.CPR in candidates)
        case Card() | Cpr():
            card(turn)
        case _:
            turn.say("odd", Cue.REFUSED)


def card(turn: Turn) -> None:
    """A card, hers or another's: nobody is signed in by it, and nothing is said of whose it is."""
    turn.say("card.return" if turn.state.phase is Phase.RETURN else "card", Cue.ATTENTION)


def known(turn: Turn, number: Secret, is_item: bool | None) -> None:
    """The library system has an item of this number, has none, or cannot say."""
    visit = turn.state.visit
    if number not in visit.finding:
        return
    turn.visit(finding=tuple(other for other in visit.finding if other != number))
    if turn.state.phase not in VISITS:
        return  # finished meanwhile, before anything of it stood on the screen
    if is_item is None and is_cpr_shaped(number.reveal()):
        turn.say("unsure", Cue.REFUSED)
    elif is_item is None:
        ask_her(turn, number)
    elif is_item:
        _item(turn, number.reveal())
    else:
        turn.say("no_item", Cue.REFUSED)


def said(turn: Turn, *, is_item: bool) -> None:
    """The person said whether the scanned number is an item."""
    scan = turn.state.visit.scan
    turn.visit(scan=None)
    turn.uncover()
    if not is_item or scan is None:
        return
    if not is_cpr_shaped(scan.reveal()):
        _item(turn, scan.reveal())
    elif turn.state.devices.away:
        turn.say("unsure", Cue.REFUSED)
    else:
        ask(turn, scan)


def _item(turn: Turn, number: str) -> None:
    if turn.state.phase is Phase.RETURN:
        returning.scanned(turn, number)
    elif items.bring(turn):
        items.scanned(turn, number)


def _either(turn: Turn, number: Secret, *, is_cpr: bool) -> None:
    """A number that an item and a person could have. What is an item here already needs no asking."""
    state = turn.state
    visit, text = state.visit, number.reveal()
    things = (*state.rows, *state.backs)
    if visit.patron is not None and visit.patron.card == number:
        card(turn)
    elif text in visit.loans or any(thing.item == text for thing in things):
        _item(turn, text)
    elif is_cpr or state.devices.away:
        ask_her(turn, number)
    else:
        ask(turn, number)


def ask(turn: Turn, number: Secret) -> None:
    """The library system is asked whether it has such an item."""
    finding = turn.state.visit.finding
    if number not in finding:
        turn.visit(finding=(*finding, number))
        turn.do(AskNumber(number))


def ask_her(turn: Turn, number: Secret) -> None:
    """The person is asked whether she scanned an item; one question at a time."""
    turn.show()
    if turn.state.over is Over.NOTHING or turn.state.over is Over.IDLE:
        turn.visit(scan=number)
        turn.set(over=Over.ASK_SCAN)
    else:
        turn.cue(Cue.REFUSED)
