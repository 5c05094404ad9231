"""A number that is scanned where a card is wanted, and that an item could have as well.

It is an item if one here has it. Where an item's number is likely, the library system is asked whether it has such
an item. Else it is taken for a card, whose PIN tells; and while nobody can check that, the person is asked first.
"""

from drivers.ports import Secret
from drivers.scanner.classify import is_cpr_shaped
from drivers.service.view import Cue
from kiosk.lending import capable, end, items, scans
from kiosk.lending.acts import GiveCard
from kiosk.lending.state import Over, Phase
from kiosk.lending.turn import Turn

AT_THE_END = frozenset({Phase.END, Phase.CLEAR, Phase.RECEIPT_FAILED})
"""Somebody has finished, and the next one may begin."""
TAKEN = "scan.taken"
"""Key of what is told of an item that was scanned first."""


def is_item_here(turn: Turn, number: Secret) -> bool:
    """An item of this number lies on the pad, or has been scanned."""
    return any(row.item == number.reveal() for row in turn.state.rows)


def may_be_item(turn: Turn) -> bool:
    """The screen asks for items by their barcodes, something on the pad cannot be read, or the card is known already."""
    state = turn.state
    unread = bool(state.unread)
    return unread or state.phase is Phase.PIN or capable.by_barcode(state, turn.rules)


def ask(turn: Turn, number: Secret) -> None:
    """The library system is asked, and nobody else."""
    _begin(turn)
    scans.ask(turn, number)


def known(turn: Turn, number: Secret, is_item: bool | None) -> None:
    """The library system has an item of this number, has none, or cannot say."""
    visit = turn.state.visit
    if number not in visit.finding:
        return
    turn.visit(finding=tuple(other for other in visit.finding if other != number))
    if is_item is None:
        scans.ask_her(turn, number)
    elif is_item:
        take(turn, number.reveal())
    else:
        turn.do(GiveCard(number))


def said(turn: Turn, *, is_item: bool) -> None:
    """The person said whether the scanned number is an item; a CPR number never becomes one by her word alone."""
    scan = turn.state.visit.scan
    turn.visit(scan=None)
    turn.uncover()
    if scan is None:
        return
    if not is_item:
        turn.do(GiveCard(scan))
    elif is_cpr_shaped(scan.reveal()):
        turn.visit(notice="scan.unsure.card")
        turn.cue(Cue.REFUSED)
    else:
        take(turn, scan.reveal())


def take(turn: Turn, item: str) -> None:
    """An item before the card: it waits for somebody to sign in. A list without a receipt goes for a card alone."""
    if turn.state.phase is Phase.RECEIPT_FAILED:
        return
    _begin(turn)
    turn.show()
    items.scanned(turn, item)
    turn.visit(notice=TAKEN)
    turn.cue(Cue.ITEM_OK)


def _begin(turn: Turn) -> None:
    phase = turn.state.phase
    if phase in {Phase.END, Phase.CLEAR}:
        end.make_way(turn)
    if turn.state.phase is Phase.START:
        turn.set(over=Over.NOTHING)
        turn.begin(Phase.CARD)
